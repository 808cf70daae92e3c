#include "app/screens/agenda.h"

#include "app/screens/hall.h"
#include "app/screens/look.h"
#include "app/screens/session_list.h"

// ROW_LEAST: eight parallel rooms, the desk and a notice stand on one page at 1080p.
enum { ROW_LEAST = 60, ROW_MOST = 136, ROW_TALL = 116, ROW_GAP = 9, LABEL_H = 58 };

static bool is_off(const struct session_view *s) {
    return s->change == CHANGE_CANCELLED || s->change == CHANGE_MOVED_AWAY;
}

// ---- one row

// Tall rows speak louder. h: of the inside of a row.
static bool is_tall(const struct canvas *canvas, float h) {
    return h >= look_u(canvas, ROW_TALL - 10);
}

static float draw_room(struct canvas *canvas, struct rect r,
                       const struct agenda_row *row) {
    const struct theme *theme = theme_get_ink();
    uint32_t color = is_off(&row->session) ? theme->dim : theme->text;
    struct draw_label label =
        look_label(canvas, is_tall(canvas, r.h) ? 40 : 36, 26, TEXT_SEMIBOLD, color);
    label.valign = DRAW_MIDDLE;
    label.align = TEXT_ALIGN_RIGHT;
    label.max_lines = 2;
    label.leading_pct = 110;
    float arrow_w = row->arrow_degrees >= 0 && !is_off(&row->session) ? 52 : 0;
    float limit = r.w * 0.36F - look_u(canvas, arrow_w);
    struct text_measure m = draw_measure(canvas, limit, r.h, &label, row->room);
    if (m.is_cut) { // where to go matters more than the title
        label = look_lines(look_label(canvas, 28, 22, TEXT_SEMIBOLD, color), 3, 104);
        label.valign = DRAW_MIDDLE;
        label.align = TEXT_ALIGN_RIGHT;
        limit = r.w * 0.48F - look_u(canvas, arrow_w);
        m = draw_measure(canvas, limit, r.h, &label, row->room);
    }
    float w = (float)m.w_px;
    look_text(canvas, rect_make(r.x + r.w - w - 1, r.y, w + 1, r.h), label, row->room);
    if (arrow_w > 0) {
        float side = look_u(canvas, 34);
        struct rect at = rect_make(r.x + r.w - w - look_u(canvas, 48), r.y, side, r.h);
        draw_arrow(canvas, rect_center(at, side, side), (float)row->arrow_degrees,
                   look_u(canvas, 5), theme->text);
        w += look_u(canvas, arrow_w);
    }
    return w;
}

static void format_change(const struct session_view *s, char *out, size_t size) {
    if (s->change == CHANGE_MOVED_HERE && s->was[0]) {
        look_format(out, size, tr("Moved, was %s"), s->was);
    } else if (s->change == CHANGE_MOVED_AWAY) {
        session_view_where(s, out, size);
    } else if (s->change == CHANGE_CANCELLED) {
        look_format(out, size, "%s", tr("Cancelled"));
    } else {
        session_view_change(s, out, size);
    }
}

static void draw_about(struct canvas *canvas, struct rect r,
                       const struct agenda_row *row) {
    const struct theme *theme = theme_get_ink();
    const struct session_view *s = &row->session;
    char change[192], title[256], rest[320] = "";
    format_change(s, change, sizeof change);
    session_view_line(s, title, sizeof title);
    if (row->until[0] && !is_off(s)) {
        look_format(rest, sizeof rest, tr("to %s"), row->until);
    }
    if (s->change != CHANGE_CANCELLED) {
        look_join(rest, sizeof rest, title);
    }
    struct draw_label label =
        look_label(canvas, is_tall(canvas, r.h) ? 31 : 28, 26, TEXT_REGULAR, theme->dim);
    label.valign = DRAW_MIDDLE;
    label.max_lines = is_tall(canvas, r.h) ? 3 : r.h >= look_u(canvas, 56) ? 2 : 1;
    label.leading_pct = 114;
    const struct draw_span spans[3] = {
        {change, TEXT_SEMIBOLD, session_list_change_color(theme, s->change)},
        {change[0] && rest[0] ? " \xC2\xB7 " : "", TEXT_REGULAR, theme->dim},
        {rest, TEXT_REGULAR, theme->dim}};
    draw_spans(canvas, r, &label, spans, 3);
}

// The acronyms' column; a long one, at its least size, pushes the title aside.
static float head_width(struct canvas *canvas, float w, struct draw_label head,
                        const char *acronym) {
    head.size_px = head.min_px;
    float wanted = (float)draw_measure(canvas, 0, 0, &head, acronym).w_px + 1;
    float usual = look_u(canvas, 206);
    wanted = wanted > usual ? wanted : usual;
    return wanted < w * 0.5F ? wanted : w * 0.5F;
}

static void draw_row(struct canvas *canvas, struct rect r, const struct agenda_row *row,
                     bool shows_start) {
    const struct theme *theme = theme_get_ink();
    const struct session_view *s = &row->session;
    bool is_marked = s->change != CHANGE_NONE && s->change != CHANGE_CANCELLED;
    draw_card(canvas, r, look_u(canvas, 18), theme->surface,
              is_marked ? look_u(canvas, 4) : 0, theme->warn);
    r = rect_inset(r, look_u(canvas, 28), look_u(canvas, 5));
    struct draw_label head = look_label(canvas, is_tall(canvas, r.h) ? 44 : 40, 28,
                                        TEXT_BOLD, is_off(s) ? theme->dim : theme->text);
    head.valign = DRAW_MIDDLE;
    head.is_struck = s->change == CHANGE_CANCELLED;
    if (shows_start) {
        struct draw_label time = look_label(canvas, 34, 28, TEXT_SEMIBOLD, theme->accent);
        time.valign = DRAW_MIDDLE;
        look_text(canvas, rect_cut_left(&r, look_u(canvas, 116)), time, s->start);
    }
    float room_w = draw_room(canvas, r, row);
    rect_cut_right(&r, room_w + look_u(canvas, 20));
    if (s->acronym[0]) {
        float w = head_width(canvas, r.w, head, s->acronym);
        if (draw_measure(canvas, w, 0, &head, s->acronym).is_cut) {
            head = look_lines(look_label(canvas, 30, 22, TEXT_BOLD, head.color), 2, 104);
            head.valign = DRAW_MIDDLE;
            head.is_struck = s->change == CHANGE_CANCELLED;
        }
        look_text(canvas, rect_cut_left(&r, w), head, s->acronym);
        rect_cut_left(&r, look_u(canvas, 16));
        draw_about(canvas, r, row);
        return;
    }
    // No acronym: the title is the head and takes the width it needs.
    head = look_label(canvas, is_tall(canvas, r.h) ? 38 : 34, 24, TEXT_BOLD, head.color);
    head.valign = DRAW_MIDDLE;
    head = look_lines(head, 2, 110);
    bool has_line = s->change != CHANGE_NONE || s->is_bof || row->until[0];
    struct rect words = rect_cut_left(&r, has_line ? r.w * 0.5F : r.w);
    look_text(canvas, words, head, s->title);
    if (has_line) {
        rect_cut_left(&r, look_u(canvas, 16));
        draw_about(canvas, r, row);
    }
}

// ---- columns and pages

struct slice {
    int from, count, pages, per_page;
};

static int rows_fit(const struct canvas *canvas, float h) {
    float gap = look_u(canvas, ROW_GAP);
    int fit = (int)((h + gap) / (look_u(canvas, ROW_LEAST) + gap));
    return fit < 1 ? 1 : fit;
}

static struct slice slice_rows(int count, int fit, int page) {
    int pages = count > 0 ? (count + fit - 1) / fit : 1;
    int per_page = count > 0 ? (count + pages - 1) / pages : 0;
    int at = (page < 0 ? 0 : page) % pages;
    int from = at * per_page;
    int left = count - from;
    return (struct slice){from, left < per_page ? left : per_page, pages, per_page};
}

// All pages of a column have rows of one height, so that turning a page moves nothing.
static float row_height(const struct canvas *canvas, float h, int rows) {
    float gap = look_u(canvas, ROW_GAP), most = look_u(canvas, ROW_MOST);
    float each = (h + gap) / (float)(rows > 0 ? rows : 1) - gap;
    return each < most ? each : most;
}

static void draw_label_row(struct canvas *canvas, struct rect r, uint32_t color,
                           const char *left, const char *right) {
    struct draw_label strong = look_label(canvas, 36, 28, TEXT_SEMIBOLD, color);
    struct draw_label soft =
        look_label(canvas, 36, 28, TEXT_MEDIUM, theme_get_ink()->dim);
    strong.valign = soft.valign = DRAW_MIDDLE;
    const struct look_side sides[2] = {{strong, left}, {soft, right}};
    look_pair(canvas, r, &sides[0], &sides[1]);
}

static void draw_empty(struct canvas *canvas, struct rect r, const char *text) {
    const struct theme *theme = theme_get_ink();
    draw_card(canvas, r, look_u(canvas, 18), theme->surface, 0, theme->line);
    struct draw_label label = look_label(canvas, 36, 28, TEXT_MEDIUM, theme->dim);
    label.valign = DRAW_MIDDLE;
    label.align = TEXT_ALIGN_CENTER;
    look_text(canvas, rect_inset(r, look_u(canvas, 28), 0), look_lines(label, 2, 120),
              text);
}

static void draw_rows(struct canvas *canvas, struct rect r, const struct agenda_row *rows,
                      struct slice slice, bool shows_start) {
    float gap = look_u(canvas, ROW_GAP);
    float h = row_height(canvas, r.h, slice.per_page);
    for (int i = 0; i < slice.count; i++) {
        struct rect at = rect_cut_top(&r, h);
        rect_cut_top(&r, gap);
        draw_row(canvas, at, &rows[slice.from + i], shows_start);
    }
}

// Side by side the columns have rows of one height: those of the fuller one.
static int rows_beside(const struct agenda_view *view, const int fit[2], int own,
                       bool is_portrait) {
    int now = slice_rows(view->now.count, fit[0], 0).per_page;
    int next = slice_rows(view->next.count, fit[1], 0).per_page;
    return is_portrait ? own : now > next ? now : next;
}

static void draw_now(struct canvas *canvas, struct rect r, const struct agenda_view *view,
                     const int fit[2]) {
    const struct theme *theme = theme_get_ink();
    char until[64] = "";
    if (view->now.time[0] && view->now.count > 0) {
        look_format(until, sizeof until, tr("until %s"), view->now.time);
    }
    draw_label_row(canvas, rect_cut_top(&r, look_u(canvas, LABEL_H)), theme->ok,
                   tr("Now"), until);
    if (view->now.count == 0) {
        draw_empty(canvas, rect_cut_top(&r, look_u(canvas, ROW_MOST)),
                   tr("Nothing is on right now"));
        return;
    }
    struct slice slice = slice_rows(view->now.count, fit[0], view->page);
    slice.per_page = rows_beside(view, fit, slice.per_page, canvas->is_portrait);
    draw_rows(canvas, r, view->now.rows, slice, false);
}

static void draw_next(struct canvas *canvas, struct rect r,
                      const struct agenda_view *view, const int fit[2]) {
    const struct theme *theme = theme_get_ink();
    const struct agenda_column *next = &view->next;
    char label[160], in[96] = "", span[48];
    look_format(label, sizeof label, "%s", tr("Next"));
    if (next->count > 0) {
        look_join(label, sizeof label, next->day);
        look_join(label, sizeof label, next->time);
    }
    if (next->count > 0 && !next->day[0]) {
        session_view_span(next->minutes, span, sizeof span);
        look_format(in, sizeof in, tr("in %s"), span);
    }
    draw_label_row(canvas, rect_cut_top(&r, look_u(canvas, LABEL_H)), theme->accent,
                   label, in);
    if (next->count == 0) {
        draw_empty(canvas, rect_cut_top(&r, look_u(canvas, ROW_MOST)),
                   tr("Nothing more today"));
        return;
    }
    struct slice slice = slice_rows(next->count, fit[1], view->page);
    slice.per_page = rows_beside(view, fit, slice.per_page, canvas->is_portrait);
    draw_rows(canvas, r, next->rows, slice, false);
}

// Rows of each column that the body holds: [0] now, [1] next.
static void fit_columns(const struct canvas *canvas, struct rect body,
                        const struct agenda_view *view, int fit[2]) {
    float label = look_u(canvas, LABEL_H);
    if (view->is_time_unknown) {
        fit[0] = rows_fit(canvas, body.h) * (canvas->is_portrait ? 1 : 2);
        fit[1] = 1;
        return;
    }
    if (!canvas->is_portrait) {
        fit[0] = fit[1] = rows_fit(canvas, body.h - label);
        return;
    }
    int all = rows_fit(canvas, body.h - 2 * label - look_u(canvas, 24));
    int now = view->now.count > 0 ? view->now.count : 1;
    int next = view->next.count > 0 ? view->next.count : 1;
    if (now + next > all) {
        int half = all / 2 > 0 ? all / 2 : 1;
        int spare = all - half > 0 ? all - half : 1;
        now = now < half ? now : (next < half ? all - next : spare);
        next = all - now > 0 ? all - now : 1;
    }
    fit[0] = now;
    fit[1] = next;
}

static int count_pages(const struct agenda_view *view, const int fit[2]) {
    int now = slice_rows(view->now.count, fit[0], 0).pages;
    int next = slice_rows(view->is_time_unknown ? 0 : view->next.count, fit[1], 0).pages;
    return now > next ? now : next;
}

static void draw_day(struct canvas *canvas, struct rect body,
                     const struct agenda_view *view, int fit) {
    struct slice slice = slice_rows(view->now.count, fit, view->page);
    if (slice.count == 0) {
        draw_empty(canvas, rect_cut_top(&body, look_u(canvas, ROW_MOST)),
                   tr("No sessions are known yet."));
        return;
    }
    if (canvas->is_portrait) {
        draw_rows(canvas, body, view->now.rows, slice, true);
        return;
    }
    struct rect left = rect_cut_left(&body, (body.w - look_u(canvas, 36)) / 2);
    rect_cut_left(&body, look_u(canvas, 36));
    int rows = (slice.per_page + 1) / 2;
    struct slice half = {slice.from, rows < slice.count ? rows : slice.count, 1, rows};
    draw_rows(canvas, left, view->now.rows, half, true);
    half = (struct slice){slice.from + half.count, slice.count - half.count, 1, rows};
    draw_rows(canvas, body, view->now.rows, half, true);
}

// ---- the frame

static void draw_footer(struct canvas *canvas, struct rect *body,
                        const struct agenda_view *view) {
    char checked[160], arrows[128] = "", rest[192];
    hall_format_checked(view->checked, "", view->is_stale, checked, sizeof checked);
    look_format(rest, sizeof rest, "%s%s", view->wifi[0] ? " \xC2\xB7 " : "", checked);
    if (view->has_arrows) {
        look_format(arrows, sizeof arrows, " \xC2\xB7 %s",
                    tr("\xE2\x86\x91 straight ahead, \xE2\x86\x93 behind you"));
    }
    const struct hall_footer footer = {.left = view->place[0] ? tr("You are at ") : "",
                                       .left_strong = view->place,
                                       .left_rest = arrows,
                                       .right = view->wifi[0] ? tr("Wi-Fi ") : "",
                                       .right_strong = view->wifi,
                                       .right_rest = rest,
                                       .is_right_warn = view->is_stale};
    hall_draw_footer(canvas, body, &footer);
}

// pages: 0 = not known yet, leaves the count out.
static void draw_frame(struct canvas *canvas, struct rect *body,
                       const struct agenda_view *view, int pages) {
    char title[160], page[48] = "";
    if (view->title[0]) {
        look_format(title, sizeof title, "%s", view->title);
    } else if (view->is_time_unknown && view->day_name[0]) {
        look_format(title, sizeof title, tr("All of %s"), view->day_name);
    } else {
        look_format(title, sizeof title, "%s",
                    view->is_time_unknown ? tr("All sessions") : tr("Now and next"));
    }
    if (pages > 1) {
        look_format(page, sizeof page, "%d / %d", view->page % pages + 1, pages);
    }
    const struct hall_header header = {title, page, view->date,
                                       view->is_time_unknown ? "" : view->clock,
                                       view->time_note};
    hall_draw_header(canvas, body, &header);
    draw_footer(canvas, body, view);
    hall_draw_notices(canvas, body, true, view->notices, view->notice_count);
}

static void draw_over(struct canvas *canvas, struct rect body) {
    struct draw_label label =
        look_label(canvas, 96, 56, TEXT_EXTRABOLD, theme_get_ink()->dim);
    label.align = TEXT_ALIGN_CENTER;
    label.valign = DRAW_MIDDLE;
    look_text(canvas, body, look_lines(label, 2, 110), tr("Nothing more today"));
}

// Measures by drawing where nothing shows: the header's height depends on its words.
static int measure(struct canvas *canvas, const struct agenda_view *view, int fit[2]) {
    struct rect clip = canvas_clip(canvas, rect_make(0, 0, 0, 0));
    struct rect body;
    draw_frame(canvas, &body, view, 0);
    canvas_clip(canvas, clip);
    fit_columns(canvas, body, view, fit);
    return count_pages(view, fit);
}

int agenda_count_pages(struct canvas *canvas, const struct agenda_view *view) {
    int fit[2];
    return measure(canvas, view, fit);
}

void agenda_draw(struct canvas *canvas, const struct agenda_view *view,
                 struct targets *targets) {
    targets_begin(targets);
    const struct notice_view *emergency =
        hall_find_emergency(view->notices, view->notice_count);
    if (emergency) {
        notice_view_draw_emergency(canvas, emergency, view->place, view->clock);
        return;
    }
    int fit[2];
    int pages = measure(canvas, view, fit);
    struct rect body;
    draw_frame(canvas, &body, view, pages);
    if (view->is_time_unknown) {
        draw_day(canvas, body, view, fit[0]);
        return;
    }
    if (view->now.count == 0 && view->next.count == 0) {
        draw_over(canvas, body);
        return;
    }
    struct rect first;
    if (canvas->is_portrait) {
        // Upright: now above next, each with its share of rows of one height.
        int now = slice_rows(view->now.count, fit[0], 0).per_page;
        int next = slice_rows(view->next.count, fit[1], 0).per_page;
        now = now > 0 ? now : 1;
        next = next > 0 ? next : 1;
        float label = look_u(canvas, LABEL_H), space = look_u(canvas, 24);
        float each = row_height(canvas, body.h - 2 * label - space, now + next);
        float h = (float)now * (each + look_u(canvas, ROW_GAP));
        first = rect_cut_top(&body, h + label);
        rect_cut_top(&body, look_u(canvas, 24));
    } else {
        first = rect_cut_left(&body, (body.w - look_u(canvas, 36)) / 2);
        rect_cut_left(&body, look_u(canvas, 36));
    }
    draw_now(canvas, first, view, fit);
    draw_next(canvas, body, view, fit);
}
