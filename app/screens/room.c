#include "app/screens/room.h"

#include "app/screens/hall.h"
#include "app/screens/look.h"
#include "app/screens/session_list.h"
#include "app/screens/stack.h"

enum {
    QR_SIDE = 240,
    QR_LEAST = 150,
    NEXT_H = 226,
    NEXT_LOW_H = 168,
    MAIN_LEAST = 520,
    WORDS_LEAST = 400
};

static bool is_off(const struct session_view *s) {
    return s->change == CHANGE_CANCELLED || s->change == CHANGE_MOVED_AWAY;
}

static float cut_chip(struct canvas *canvas, struct rect r, float x, const char *text,
                      const uint32_t colors[2]) {
    int px = (int)look_u(canvas, 30);
    px = px < LOOK_TEXT_MIN_PX ? LOOK_TEXT_MIN_PX : px;
    return x + draw_chip(canvas, x, r.y, text, px, colors[0], colors[1]).w +
           look_u(canvas, 14);
}

// "Now" and what kind of session it is, then its change in words.
static void draw_chips(struct canvas *canvas, struct rect r,
                       const struct room_view *view) {
    const struct theme *theme = theme_get_ink();
    const struct session_view *s = &view->main;
    const uint32_t chip[2] = {theme->chip, theme->on_chip};
    const uint32_t now[2] = {theme->ok, theme->on_ok};
    const uint32_t soon[2] = {theme->accent, theme->on_accent};
    const uint32_t off[2] = {theme->stop, theme->on_stop};
    const uint32_t moved[2] = {theme->warn, theme->on_warn};
    float x = r.x;
    if (s->change == CHANGE_CANCELLED) {
        x = cut_chip(canvas, r, x, tr("Cancelled"), off);
    } else if (s->change == CHANGE_MOVED_AWAY) {
        x = cut_chip(canvas, r, x, tr("Moved"), moved);
    } else if (view->mode == ROOM_MODE_NOW) {
        x = cut_chip(canvas, r, x, tr("Now"), now);
    } else {
        x = cut_chip(canvas, r, x, tr("Next here"), soon);
    }
    if (s->is_bof) {
        x = cut_chip(canvas, r, x, tr("BOF"), chip);
    }
    if (s->area[0]) {
        x = cut_chip(canvas, r, x, s->area, chip);
    }
    char change[128] = "";
    if (!is_off(s)) {
        session_view_change(s, change, sizeof change);
    }
    struct draw_label label = look_label(canvas, 34, 26, TEXT_SEMIBOLD, theme->warn);
    label.valign = DRAW_MIDDLE;
    x += look_u(canvas, 10);
    look_text(canvas, rect_make(x, r.y, r.x + r.w - x, r.h), label, change);
}

static void draw_words(struct canvas *canvas, struct rect r,
                       const struct room_view *view) {
    const struct theme *theme = theme_get_ink();
    const struct session_view *s = &view->main;
    char where[192], also[TITLE_SIZE + 32] = "";
    session_view_where(s, where, sizeof where);
    if (view->also[0]) {
        look_format(also, sizeof also, tr("Also here now: %s"), view->also);
    }
    if (s->change == CHANGE_CANCELLED) {
        look_format(where, sizeof where, "%s", tr("This session does not take place."));
    }
    bool has_acronym = s->acronym[0] != '\0';
    const struct stack_piece pieces[] = {
        {.text = session_view_head(s),
         .size = has_acronym ? 150 : 104,
         .min = 60,
         .max_lines = has_acronym ? 1 : 3,
         .leading_pct = 102,
         .weight = TEXT_EXTRABOLD,
         .color = is_off(s) ? theme->dim : theme->text,
         .is_struck = s->change == CHANGE_CANCELLED},
        {.text = where,
         .size = 64,
         .min = 40,
         .gap = 14,
         .max_lines = 2,
         .weight = TEXT_BOLD,
         .color = session_list_change_color(theme, s->change)},
        {.text = has_acronym ? s->title : "",
         .size = 52,
         .min = 34,
         .gap = 12,
         .max_lines = 3,
         .weight = TEXT_MEDIUM,
         .color = is_off(s) ? theme->dim : theme->text},
        {.text = is_off(s) ? "" : s->note,
         .size = 36,
         .min = 28,
         .gap = 18,
         .max_lines = 2,
         .color = theme->dim},
        {.text = canvas->is_portrait ? view->seats : "", // landscape: beside the bar
         .size = 36,
         .min = 28,
         .gap = 14,
         .max_lines = 2,
         .color = theme->text},
        {.text = also,
         .size = 36,
         .min = 28,
         .gap = 14,
         .max_lines = 2,
         .weight = TEXT_SEMIBOLD,
         .color = theme->text},
    };
    stack_draw(canvas, r, pieces, sizeof pieces / sizeof pieces[0]);
}

// Start, what is left, end, and the bar under them.
static void draw_bar(struct canvas *canvas, struct rect r, const struct room_view *view) {
    const struct theme *theme = theme_get_ink();
    char middle[160] = "", span[48];
    if (view->minutes_left >= 0) {
        session_view_span(view->minutes_left, span, sizeof span);
        look_format(middle, sizeof middle, tr("%s left"), span);
    }
    if (!canvas->is_portrait) {
        look_join(middle, sizeof middle, view->seats);
    }
    struct rect bar = rect_cut_bottom(&r, look_u(canvas, 16));
    rect_cut_bottom(&r, look_u(canvas, 18));
    draw_progress(canvas, bar, view->part_done, theme->line, theme->accent);
    struct draw_label label = look_label(canvas, 36, 28, TEXT_SEMIBOLD, theme->text);
    label.is_tabular = true;
    label.valign = DRAW_BOTTOM;
    float side = look_u(canvas, 150);
    look_text(canvas, rect_cut_left(&r, side), label, view->main.start);
    label.align = TEXT_ALIGN_RIGHT;
    look_text(canvas, rect_cut_right(&r, side), label, view->main.end);
    label = look_label(canvas, 34, 26, TEXT_REGULAR, theme->dim);
    label.align = TEXT_ALIGN_CENTER;
    label.valign = DRAW_BOTTOM;
    look_text(canvas, r, label, middle);
}

// When it starts, large, and how long that is.
static void draw_start(struct canvas *canvas, struct rect r,
                       const struct room_view *view) {
    const struct theme *theme = theme_get_ink();
    char time[128], soon[96] = "", span[48];
    if (view->main.end[0] && !view->main.day[0]) {
        look_format(time, sizeof time, "%s\xE2\x80\x93%s", view->main.start,
                    view->main.end);
    } else {
        session_list_format_time(&view->main, time, sizeof time);
    }
    if (view->mode == ROOM_MODE_NEXT && view->minutes_to_start >= 0 &&
        !is_off(&view->main)) {
        session_view_span(view->minutes_to_start, span, sizeof span);
        look_format(soon, sizeof soon, tr("starts in %s"), span);
    }
    struct draw_label big = look_label(canvas, 72, 48, TEXT_BOLD,
                                       is_off(&view->main) ? theme->dim : theme->accent);
    big.is_tabular = true;
    bool is_same_time = view->main.change == CHANGE_MOVED_AWAY && !view->main.to_when[0];
    big.is_struck = is_off(&view->main) && !is_same_time;
    big.valign = DRAW_BOTTOM;
    struct draw_label small = look_label(canvas, 44, 32, TEXT_MEDIUM, theme->text);
    small.valign = DRAW_BOTTOM;
    const struct look_side left = {big, time}, right = {small, soon};
    look_pair(canvas, r, &left, &right);
}

// The code gives way to words when the card is low; below QR_LEAST nobody can scan it.
static float qr_side(const struct canvas *canvas, struct rect r) {
    float caption = canvas->is_portrait ? 0 : look_u(canvas, 76);
    float side = look_u(canvas, QR_SIDE);
    return r.h - caption < side ? r.h - caption : side;
}

static void draw_qr_box(struct canvas *canvas, struct rect r,
                        const struct room_view *view) {
    const struct theme *theme = theme_get_ink();
    struct draw_label label = look_label(canvas, 26, 26, TEXT_REGULAR, theme->dim);
    float side = qr_side(canvas, r);
    float x = canvas->is_portrait ? r.x : r.x + r.w - side;
    struct rect square = rect_make(x, r.y, side, side);
    struct rect words = rect_make(r.x, r.y + side + look_u(canvas, 10), r.w, 0);
    label.align = TEXT_ALIGN_CENTER;
    if (canvas->is_portrait) {
        words = rect_make(r.x + side + look_u(canvas, 28), r.y, r.w, side);
        words.w = r.x + r.w - words.x;
        label = look_label(canvas, 34, 28, TEXT_REGULAR, theme->dim);
        label.valign = DRAW_MIDDLE;
    }
    draw_round(canvas, square, look_u(canvas, 14), 0xFFFFFFFF);
    draw_qr(canvas, rect_inset(square, look_u(canvas, 4), look_u(canvas, 4)), view->qr,
            0xFF0D1117, 0xFFFFFFFF);
    look_text(canvas, words, look_lines(label, 3, 120), view->qr_caption);
}

static void draw_main(struct canvas *canvas, struct rect r,
                      const struct room_view *view) {
    const struct theme *theme = theme_get_ink();
    enum session_change change = view->main.change;
    uint32_t line = session_list_change_color(theme, change);
    draw_card(canvas, r, look_u(canvas, 28), theme->surface,
              change == CHANGE_NONE ? 0 : look_u(canvas, 4), line);
    r = rect_inset(r, look_u(canvas, 54), look_u(canvas, 44));
    bool is_on = view->mode == ROOM_MODE_NOW && !is_off(&view->main);
    struct rect bottom = rect_cut_bottom(&r, look_u(canvas, is_on ? 80 : 76));
    rect_cut_bottom(&r, look_u(canvas, 24));
    if (is_on) {
        draw_bar(canvas, bottom, view);
    } else {
        draw_start(canvas, bottom, view);
    }
    float least = canvas->is_portrait ? QR_SIDE + WORDS_LEAST : QR_LEAST + 76;
    bool has_qr = view->qr && r.h >= look_u(canvas, least);
    if (has_qr && canvas->is_portrait) {
        draw_qr_box(canvas, rect_cut_bottom(&r, look_u(canvas, QR_SIDE)), view);
        rect_cut_bottom(&r, look_u(canvas, 24));
    } else if (has_qr) {
        draw_qr_box(canvas, rect_cut_right(&r, look_u(canvas, QR_SIDE)), view);
        rect_cut_right(&r, look_u(canvas, 36));
    }
    draw_chips(canvas, rect_cut_top(&r, look_u(canvas, 60)), view);
    rect_cut_top(&r, look_u(canvas, 22));
    draw_words(canvas, r, view);
}

// Nothing more today: calm words, and the next day's first.
static void draw_done(struct canvas *canvas, struct rect r,
                      const struct room_view *view) {
    const struct theme *theme = theme_get_ink();
    draw_card(canvas, r, look_u(canvas, 28), theme->surface, 0, theme->line);
    r = rect_inset(r, look_u(canvas, 54), look_u(canvas, 44));
    const struct session_view *s = &view->main;
    const char *head = session_view_head(s);
    char time[128], next[192] = "", line[256] = "";
    session_list_format_time(s, time, sizeof time);
    if (head[0]) {
        look_format(next, sizeof next, "%s  %s", time, head);
        session_view_line(s, line, sizeof line);
    } else {
        look_format(line, sizeof line, "%s",
                    tr("The board in the lobby shows what is on in the other rooms."));
    }
    const struct stack_piece pieces[] = {
        {.text = tr("Nothing more here today"),
         .size = 104,
         .min = 56,
         .max_lines = 2,
         .leading_pct = 105,
         .weight = TEXT_EXTRABOLD,
         .color = theme->text},
        {.text = head[0] ? tr("Next in this room") : "",
         .size = 36,
         .min = 28,
         .gap = 44,
         .color = theme->dim},
        {.text = next,
         .size = 72,
         .min = 40,
         .gap = 8,
         .max_lines = 2,
         .weight = TEXT_BOLD,
         .color = theme->accent,
         .is_tabular = true},
        {.text = line,
         .size = 44,
         .min = 30,
         .gap = 12,
         .max_lines = 3,
         .color = theme->text},
    };
    stack_draw_middle(canvas, r, pieces, sizeof pieces / sizeof pieces[0]);
}

static void draw_card_time(struct canvas *canvas, struct rect r,
                           const struct session_view *s) {
    const struct theme *theme = theme_get_ink();
    char time[128], change[128];
    session_list_format_time(s, time, sizeof time);
    session_view_change(s, change, sizeof change);
    struct draw_label label = look_label(canvas, 34, 26, TEXT_SEMIBOLD, theme->accent);
    label.is_tabular = true;
    label.valign = DRAW_MIDDLE;
    const struct draw_span spans[3] = {
        {time, TEXT_SEMIBOLD, is_off(s) ? theme->dim : theme->accent},
        {"  ", TEXT_SEMIBOLD, theme->dim},
        {change, TEXT_SEMIBOLD, session_list_change_color(theme, s->change)}};
    draw_spans(canvas, r, &label, spans, change[0] ? 3 : 1);
}

static void draw_next(struct canvas *canvas, struct rect r,
                      const struct session_view *s) {
    const struct theme *theme = theme_get_ink();
    draw_card(canvas, r, look_u(canvas, 24), theme->surface,
              s->change == CHANGE_NONE ? 0 : look_u(canvas, 4),
              session_list_change_color(theme, s->change));
    r = rect_inset(r, look_u(canvas, 34), look_u(canvas, 20));
    draw_card_time(canvas, rect_cut_top(&r, look_u(canvas, 44)), s);
    rect_cut_top(&r, look_u(canvas, 6));
    char where[192], line[256];
    session_view_where(s, where, sizeof where);
    session_view_line(s, line, sizeof line);
    const struct stack_piece pieces[] = {
        {.text = session_view_head(s),
         .size = s->acronym[0] ? 56 : 40,
         .min = 32,
         .max_lines = s->acronym[0] ? 1 : 2,
         .weight = TEXT_BOLD,
         .color = is_off(s) ? theme->dim : theme->text,
         .is_struck = s->change == CHANGE_CANCELLED},
        {.text = where[0] ? where : line,
         .size = 28,
         .min = 26,
         .gap = 6,
         .max_lines = 2,
         .leading_pct = 120,
         .color = where[0] ? theme->text : theme->dim},
    };
    stack_draw(canvas, r, pieces, sizeof pieces / sizeof pieces[0]);
}

static void draw_nexts(struct canvas *canvas, struct rect r,
                       const struct room_view *view) {
    const struct theme *theme = theme_get_ink();
    int count = view->next_count < ROOM_NEXT_MAX ? view->next_count : ROOM_NEXT_MAX;
    if (count <= 0) {
        draw_card(canvas, r, look_u(canvas, 24), theme->surface, 0, theme->line);
        struct draw_label label = look_label(canvas, 40, 30, TEXT_MEDIUM, theme->dim);
        label.valign = DRAW_MIDDLE;
        look_text(canvas, rect_inset(r, look_u(canvas, 54), 0), look_lines(label, 2, 120),
                  view->next_more[0] ? view->next_more : tr("Nothing after this today"));
        return;
    }
    float gap = look_u(canvas, 28);
    for (int i = 0; i < count; i++) {
        struct rect cell = canvas->is_portrait ? rect_grid(r, 1, count, gap, 0, i)
                                               : rect_grid(r, count, 1, gap, i, 0);
        draw_next(canvas, cell, &view->next[i]);
    }
}

// The cards below `main` get lower when it needs the height.
static float next_height(const struct canvas *canvas, const struct room_view *view,
                         float body_h) {
    if (view->next_count <= 0) {
        return look_u(canvas, 110);
    }
    float count = canvas->is_portrait ? (float)view->next_count : 1;
    float gaps = (count - 1) * look_u(canvas, 28);
    float full = count * look_u(canvas, NEXT_H) + gaps;
    bool is_low = body_h - full < look_u(canvas, MAIN_LEAST);
    return is_low ? count * look_u(canvas, NEXT_LOW_H) + gaps : full;
}

static void draw_day(struct canvas *canvas, struct rect r, const struct room_view *view) {
    struct notice_view hint = {.level = NOTICE_WARN};
    if (view->day_name[0]) {
        look_format(hint.text, sizeof hint.text,
                    tr("The clock is not set yet: all sessions here on %s."),
                    view->day_name);
    } else {
        look_format(hint.text, sizeof hint.text, "%s",
                    tr("The clock is not set yet: all sessions here."));
    }
    hall_draw_notices(canvas, &r, false, &hint, 1);
    int count = view->day_count < ROOM_DAY_MAX ? view->day_count : ROOM_DAY_MAX;
    session_list_draw(canvas, r, view->day, count);
}

static void draw_frame(struct canvas *canvas, struct rect *body,
                       const struct room_view *view) {
    const struct hall_header header = {view->room, view->level, view->date,
                                       view->mode == ROOM_MODE_DAY ? "" : view->clock};
    hall_draw_header(canvas, body, &header);
    char checked[160], rest[192];
    hall_format_checked(view->checked, view->changed, view->is_stale, checked,
                        sizeof checked);
    look_format(rest, sizeof rest, "%s%s", view->wifi[0] ? " \xC2\xB7 " : "", checked);
    const struct hall_footer footer = {.left = view->note_well,
                                       .right = view->wifi[0] ? tr("Wi-Fi ") : "",
                                       .right_strong = view->wifi,
                                       .right_rest = rest,
                                       .is_right_warn = view->is_stale};
    hall_draw_footer(canvas, body, &footer);
    hall_draw_notices(canvas, body, false, view->notices, view->notice_count);
}

void room_draw(struct canvas *canvas, const struct room_view *view,
               struct targets *targets) {
    targets_begin(targets);
    const struct notice_view *emergency =
        hall_find_emergency(view->notices, view->notice_count);
    if (emergency) {
        char place[NAME_SIZE + 48];
        look_format(place, sizeof place, view->level[0] ? "%s, %s" : "%s%s", view->room,
                    view->level);
        notice_view_draw_emergency(canvas, emergency, place, view->clock);
        return;
    }
    struct rect body;
    draw_frame(canvas, &body, view);
    if (view->mode == ROOM_MODE_DAY) {
        draw_day(canvas, body, view);
        return;
    }
    if (view->mode == ROOM_MODE_DONE) {
        if (view->next_count > 0) {
            draw_nexts(canvas, rect_cut_bottom(&body, next_height(canvas, view, body.h)),
                       view);
            rect_cut_bottom(&body, look_u(canvas, 28));
        }
        draw_done(canvas, body, view);
        return;
    }
    draw_nexts(canvas, rect_cut_bottom(&body, next_height(canvas, view, body.h)), view);
    rect_cut_bottom(&body, look_u(canvas, 28));
    draw_main(canvas, body, view);
}
