#include "app/screens/room.h"

#include "app/screens/hall.h"
#include "app/screens/look.h"
#include "app/screens/session_list.h"
#include "app/screens/stack.h"

#include <math.h>
#include <string.h>

enum {
    QR_LEAST = 164,
    QR_GAP = 40,
    QR_RIM = 8, // white beyond the quiet zone, for the round corners
    CAPTION_H = 72,
    CHIPS_H = 82, // with the gap below
    NEXT_H = 226,
    NEXT_LOW_H = 180,
    CARD_TWO_LEAST = 160, // a card's inside that holds a second line
    MAIN_LEAST = 520,
    MAIN_UPRIGHT_LEAST = 980,
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
    struct draw_label label = look_label(canvas, 34, 22, TEXT_SEMIBOLD, theme->warn);
    label.valign = DRAW_MIDDLE;
    x += look_u(canvas, 10);
    struct rect rest = rect_make(x, r.y, r.x + r.w - x, look_u(canvas, 52));
    look_text(canvas, rest, look_lines(label, 2, 104), change);
}

enum { WORDS_MAX = 6 };

// The texts of a room's `main`; needs room for the line of where it moved, and of `also`.
static void make_words(const struct canvas *canvas, const struct room_view *view,
                       char where[192], char also[TITLE_SIZE + 32],
                       struct stack_piece pieces[WORDS_MAX]) {
    const struct theme *theme = theme_get_ink();
    const struct session_view *s = &view->main;
    session_view_where(s, where, 192);
    also[0] = '\0';
    if (view->also[0]) {
        look_format(also, TITLE_SIZE + 32, tr("Also here now: %s"), view->also);
    }
    if (s->change == CHANGE_CANCELLED) {
        look_format(where, 192, "%s", tr("This session does not take place."));
    }
    bool has_acronym = s->acronym[0] != '\0';
    uint32_t plain = is_off(s) ? theme->dim : theme->text;
    const struct stack_piece list[WORDS_MAX] = {
        {.text = session_view_head(s),
         .size = has_acronym ? 150 : 104,
         .min = 60,
         .max_lines = has_acronym ? 1 : 3,
         .leading_pct = 102,
         .weight = TEXT_EXTRABOLD,
         .color = plain,
         .is_struck = has_acronym && s->change == CHANGE_CANCELLED},
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
         .color = plain},
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
    memcpy(pieces, list, sizeof list);
}

static void draw_words(struct canvas *canvas, struct rect r,
                       const struct room_view *view) {
    char where[192], also[TITLE_SIZE + 32];
    struct stack_piece pieces[WORDS_MAX];
    make_words(canvas, view, where, also, pieces);
    stack_draw(canvas, r, pieces, WORDS_MAX);
}

static float measure_words(struct canvas *canvas, float w, const struct room_view *view) {
    char where[192], also[TITLE_SIZE + 32];
    struct stack_piece pieces[WORDS_MAX];
    make_words(canvas, view, where, also, pieces);
    return stack_measure(canvas, w, pieces, WORDS_MAX);
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
    bool is_same_time = view->main.change == CHANGE_MOVED_AWAY && !view->main.to_when[0];
    big.is_struck = is_off(&view->main) && !is_same_time;
    big.valign = DRAW_BOTTOM;
    struct draw_label small = look_label(canvas, 44, 32, TEXT_MEDIUM, theme->text);
    small.valign = DRAW_BOTTOM;
    const struct look_side left = {big, time}, right = {small, soon};
    look_pair(canvas, r, &left, &right);
}

// ---- the code

// The largest side of the white square at or below `limit` with whole pixels for each
// module and the quiet zone, so that nothing of it is wasted.
static float whole_side(const struct canvas *canvas, const struct qr *qr, float limit) {
    float modules = (float)(qr->side + 2 * QR_QUIET_MODULES);
    float rim = 2 * roundf(look_u(canvas, QR_RIM));
    return floorf((limit - rim) / modules) * modules + rim;
}

static float caption_height(const struct canvas *canvas) {
    return canvas->is_portrait ? 0 : look_u(canvas, CAPTION_H);
}

// How large the code is drawn in the card r (0: not at all). It takes what the words leave
// at their full size; below QR_LEAST nobody can scan it.
static float choose_qr_side(struct canvas *canvas, struct rect r,
                            const struct room_view *view) {
    static const float sides[] = {400, 360, 330, 300, 270, 240, 210, QR_LEAST};
    if (!view->qr || view->qr->side == 0) {
        return 0;
    }
    float chips = look_u(canvas, CHIPS_H), gap = look_u(canvas, QR_GAP);
    for (size_t i = 0; i < sizeof sides / sizeof sides[0]; i++) {
        float side = whole_side(canvas, view->qr, look_u(canvas, sides[i]));
        bool is_last = sides[i] <= 240; // from here on the words shrink
        float w = canvas->is_portrait ? r.w : r.w - side - gap;
        float h = chips + (is_last ? 0 : measure_words(canvas, w, view));
        bool fits = canvas->is_portrait
                        ? side + gap + (is_last ? look_u(canvas, WORDS_LEAST) : h) <= r.h
                        : side + caption_height(canvas) <= r.h && h <= r.h;
        if (fits) {
            return side;
        }
    }
    return 0;
}

// The code on white at the top right with its caption centred under it; upright, at the
// bottom with the caption beside it.
static void draw_qr_box(struct canvas *canvas, struct rect r, float side,
                        const struct room_view *view) {
    const struct theme *theme = theme_get_ink();
    struct draw_label label = look_label(canvas, 30, 26, TEXT_REGULAR, theme->dim);
    if (draw_measure(canvas, side, 0, &label, view->qr_caption).is_cut) {
        label = look_lines(look_label(canvas, 26, 22, TEXT_REGULAR, theme->dim), 2, 112);
    }
    struct rect square = rect_make(roundf(r.x), roundf(r.y), side, side);
    struct rect words = rect_make(r.x, r.y + side + look_u(canvas, 12), side, 0);
    words.h = look_u(canvas, CAPTION_H - 12);
    label.align = TEXT_ALIGN_CENTER;
    if (canvas->is_portrait) {
        words = rect_make(r.x + side + look_u(canvas, 32), r.y, r.w, side);
        words.w = r.x + r.w - words.x;
        label = look_label(canvas, 40, 30, TEXT_REGULAR, theme->dim);
        label = look_lines(label, 3, 116);
        label.valign = DRAW_MIDDLE;
    }
    draw_round(canvas, square, look_u(canvas, 18), 0xFFFFFFFF);
    float rim = roundf(look_u(canvas, QR_RIM));
    draw_qr(canvas, rect_inset(square, rim, rim), view->qr, 0xFF0D1117, 0xFFFFFFFF);
    look_text(canvas, words, label, view->qr_caption);
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
    float side = choose_qr_side(canvas, r, view);
    if (side > 0 && canvas->is_portrait) {
        draw_qr_box(canvas, rect_cut_bottom(&r, side), side, view);
        rect_cut_bottom(&r, look_u(canvas, QR_GAP));
    } else if (side > 0) {
        draw_qr_box(canvas, rect_cut_right(&r, side), side, view);
        rect_cut_right(&r, look_u(canvas, QR_GAP));
    }
    draw_chips(canvas, rect_cut_top(&r, look_u(canvas, CHIPS_H - 22)), view);
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
         .color = theme->accent},
        {.text = line,
         .size = 44,
         .min = 30,
         .gap = 12,
         .max_lines = 3,
         .color = theme->text},
    };
    stack_draw_middle(canvas, r, pieces, sizeof pieces / sizeof pieces[0]);
}

// The time and, when it changed, how; a long change takes a line of its own. Cuts the
// height off r.
static void draw_card_time(struct canvas *canvas, struct rect *r,
                           const struct session_view *s) {
    const struct theme *theme = theme_get_ink();
    char time[128], change[128], both[260];
    session_list_format_time(s, time, sizeof time);
    session_view_change(s, change, sizeof change);
    look_format(both, sizeof both, "%s  %s", time, change);
    struct draw_label label = look_label(canvas, 34, 28, TEXT_SEMIBOLD, theme->accent);
    label.valign = DRAW_MIDDLE;
    uint32_t tone = session_list_change_color(theme, s->change);
    const struct draw_span spans[3] = {
        {time, TEXT_SEMIBOLD, is_off(s) ? theme->dim : theme->accent},
        {"  ", TEXT_SEMIBOLD, theme->dim},
        {change, TEXT_SEMIBOLD, tone}};
    bool is_long = r->h >= look_u(canvas, CARD_TWO_LEAST) &&
                   draw_measure(canvas, r->w, 0, &label, both).is_cut;
    label = is_long ? label : look_label(canvas, 34, 22, TEXT_SEMIBOLD, theme->accent);
    label.valign = DRAW_MIDDLE;
    struct rect line = rect_cut_top(r, look_u(canvas, is_long ? 38 : 44));
    draw_spans(canvas, line, &label, spans, change[0] && !is_long ? 3 : 1);
    if (is_long) {
        label = look_label(canvas, 28, 22, TEXT_SEMIBOLD, tone);
        label.valign = DRAW_MIDDLE;
        look_text(canvas, rect_cut_top(r, look_u(canvas, 62)), look_lines(label, 2, 108),
                  change);
    }
}

static void draw_next(struct canvas *canvas, struct rect r,
                      const struct session_view *s) {
    const struct theme *theme = theme_get_ink();
    draw_card(canvas, r, look_u(canvas, 24), theme->surface,
              s->change == CHANGE_NONE ? 0 : look_u(canvas, 4),
              session_list_change_color(theme, s->change));
    r = rect_inset(r, look_u(canvas, 34), look_u(canvas, 20));
    draw_card_time(canvas, &r, s);
    rect_cut_top(&r, look_u(canvas, 6));
    char where[192], line[256];
    session_view_where(s, where, sizeof where);
    session_view_line(s, line, sizeof line);
    const struct stack_piece pieces[] = {
        {.text = session_view_head(s),
         .size = s->acronym[0] ? 56 : 40,
         .min = s->acronym[0] ? 32 : 28,
         .max_lines = s->acronym[0] ? 1 : 3,
         .leading_pct = 108,
         .weight = TEXT_BOLD,
         .color = is_off(s) ? theme->dim : theme->text,
         .is_struck = s->acronym[0] && s->change == CHANGE_CANCELLED},
        {.text = where[0] ? where : line,
         .size = 31,
         .min = 24,
         .gap = 6,
         .max_lines = 3,
         .leading_pct = 112,
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
    float least = canvas->is_portrait ? MAIN_UPRIGHT_LEAST : MAIN_LEAST;
    bool is_low = body_h - full < look_u(canvas, least);
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
                                       view->mode == ROOM_MODE_DAY ? "" : view->clock,
                                       view->time_note};
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
