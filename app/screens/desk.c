#include "app/screens/desk.h"

#include "app/screens/desk_parts.h"
#include "app/screens/look.h"
#include "app/screens/page.h"

uint32_t desk_tone_color(enum desk_tone tone) {
    const struct theme *theme = theme_get_paper();
    switch (tone) {
    case DESK_GOOD:
        return theme->ok;
    case DESK_CARE:
        return theme->warn;
    case DESK_BAD:
        return theme->stop;
    case DESK_PLAIN:
        break;
    }
    return theme->text;
}

struct rect desk_draw_box(struct canvas *canvas, struct rect r, const char *heading) {
    const struct theme *theme = theme_get_paper();
    draw_card(canvas, r, look_u(canvas, 22), theme->surface, look_u(canvas, 3),
              theme->line);
    r = rect_inset(r, look_u(canvas, 32), look_u(canvas, 10));
    if (heading[0]) {
        struct draw_label label = look_label(canvas, 36, 28, TEXT_BOLD, theme->text);
        label.valign = DRAW_MIDDLE;
        look_text(canvas, rect_cut_top(&r, look_u(canvas, 60)), label, heading);
    }
    return r;
}

void desk_draw_hairline(struct canvas *canvas, struct rect r) {
    const struct theme *theme = theme_get_paper();
    draw_rect(canvas, rect_make(r.x, r.y, r.w, look_u(canvas, 2)),
              theme_mix(theme->surface, theme->line, 0.25F));
}

struct look_button desk_make_button(enum action action, int index, bool is_main) {
    return (struct look_button){action, index, page_get_action_text(action),
                                is_main ? DRAW_BUTTON_MAIN : DRAW_BUTTON_PLAIN, 32};
}

float desk_measure_button(struct canvas *canvas, struct rect r,
                          const struct look_button *button) {
    struct draw_label label =
        look_label(canvas, button->size, button->size, TEXT_SEMIBOLD, 0);
    float words = (float)draw_measure(canvas, 0, 0, &label, button->text).w_px;
    float w = words + 2 * look_u(canvas, 30);
    float least = look_u(canvas, 130), most = r.w * 0.5F;
    w = w < least ? least : w;
    return w > most && most > least ? most : w;
}

float desk_draw_button(struct canvas *canvas, struct rect r, struct targets *targets,
                       const struct look_button *button) {
    const struct theme *theme = theme_get_paper();
    float w = desk_measure_button(canvas, r, button);
    float h = look_u(canvas, LOOK_TOUCH);
    struct rect at = rect_make(r.x + r.w - w, r.y + (r.h - h) / 2, w, h);
    look_draw_button(canvas, at, theme, targets, button);
    return w;
}

// What is on its way: still here, or with a relay.
static void join_waiting(const struct desk_view *view, char *out, size_t size) {
    char words[96] = "";
    if (view->waiting > 0) {
        look_format(words, sizeof words,
                    tr_n(view->waiting, "%d change waits to be sent",
                         "%d changes wait to be sent"),
                    view->waiting);
        look_join(out, size, words);
    }
    if (view->on_lan > 0 && view->link == DESK_LINK_LAN) { // where, was said just before
        look_format(words, sizeof words,
                    tr_n(view->on_lan, "%d change not at the hub yet",
                         "%d changes not at the hub yet"),
                    view->on_lan);
        look_join(out, size, words);
    } else if (view->on_lan > 0) {
        look_format(
            words, sizeof words,
            tr_n(view->on_lan, "%d change only on the LAN", "%d changes only on the LAN"),
            view->on_lan);
        look_join(out, size, words);
    }
}

static void format_link(const struct desk_view *view, char *out, size_t size) {
    char span[48];
    switch (view->link) {
    case DESK_LINK_FRESH:
        look_format(out, size,
                    view->checked[0] ? tr("Up to date \xC2\xB7 checked %s")
                                     : tr("Up to date%s"),
                    view->checked);
        break;
    case DESK_LINK_LAN:
        look_format(out, size, "%s", tr("Up to date on the LAN"));
        break;
    case DESK_LINK_BEHIND:
        look_format(out, size, "%s", tr("Catching up with the hub"));
        break;
    case DESK_LINK_OFFLINE:
        if (view->offline_minutes < 0) {
            look_format(out, size, "%s", tr("Has not reached the hub yet"));
        } else {
            session_view_span(view->offline_minutes, span, sizeof span);
            look_format(out, size, tr("Offline for %s"), span);
        }
        break;
    }
    look_join(out, size, view->loading);
    join_waiting(view, out, size);
    look_join(out, size, view->time_note);
}

static void draw_link(struct canvas *canvas, struct rect r,
                      const struct desk_view *view) {
    const struct theme *theme = theme_get_paper();
    char words[256] = "";
    format_link(view, words, sizeof words);
    bool is_offline = view->link == DESK_LINK_OFFLINE;
    bool is_fresh = view->link == DESK_LINK_FRESH;
    float side = look_u(canvas, 46);
    struct rect at = rect_cut_left(&r, side);
    draw_symbol(canvas,
                is_offline ? DRAW_SYMBOL_OFFLINE
                : is_fresh ? DRAW_SYMBOL_TICK
                           : DRAW_SYMBOL_CLOCK,
                rect_center(at, side, side), is_fresh ? theme->ok : theme->dim,
                is_fresh ? theme->ok : theme->surface);
    rect_cut_left(&r, look_u(canvas, 14));
    struct draw_label label =
        look_label(canvas, 32, 26, TEXT_MEDIUM, is_offline ? theme->text : theme->dim);
    label.valign = DRAW_MIDDLE;
    look_text(canvas, r, look_lines(label, 2, 112), words);
}

// Desk, staff and the clock, which is never cut. Returns the width used.
static float draw_who(struct canvas *canvas, struct rect r,
                      const struct desk_view *view) {
    const struct theme *theme = theme_get_paper();
    char who[2 * NAME_SIZE + 8] = "";
    look_join(who, sizeof who, view->desk);
    look_join(who, sizeof who, view->staff);
    const char *clock = view->is_time_unknown ? tr("clock not set yet") : view->clock;
    struct draw_label time = look_label(canvas, 40, 30, TEXT_MEDIUM, theme->dim);
    time.valign = DRAW_MIDDLE;
    time.is_tabular = true;
    float gap = look_u(canvas, 24);
    float time_w = (float)draw_measure(canvas, 0, 0, &time, clock).w_px + 1;
    struct draw_label label = look_label(canvas, 40, 28, TEXT_BOLD, theme->text);
    label.valign = DRAW_MIDDLE;
    label = look_lines(label, 2, 108);
    float w =
        look_text(canvas, rect_make(r.x, r.y, r.w - time_w - gap, r.h), label, who).w;
    look_text(canvas, rect_make(r.x + w + gap, r.y, time_w, r.h), time, clock);
    return w + gap + time_w;
}

static void draw_header(struct canvas *canvas, struct rect *body,
                        const struct desk_view *view, struct targets *targets) {
    const struct theme *theme = theme_get_paper();
    struct rect r = rect_cut_top(body, look_u(canvas, 124));
    draw_rect(canvas, r, theme->surface);
    draw_rect(canvas, rect_cut_bottom(&r, look_u(canvas, 3)), theme->line);
    r = rect_inset(r, look_u(canvas, 48), 0);
    if (view->staff[0]) {
        const struct look_button lock = desk_make_button(ACTION_LOCK, 0, false);
        float used = desk_draw_button(canvas, r, targets, &lock);
        rect_cut_right(&r, used + look_u(canvas, 32));
    }
    if (canvas->is_portrait) {
        draw_who(canvas, r, view);
        struct rect line = rect_cut_top(body, look_u(canvas, 64));
        draw_link(canvas, rect_inset(line, look_u(canvas, 48), 0), view);
        rect_cut_top(body, look_u(canvas, 8));
        return;
    }
    struct rect left = rect_make(r.x, r.y, r.w * 0.5F, r.h);
    rect_cut_left(&r, draw_who(canvas, left, view) + look_u(canvas, 56));
    draw_link(canvas, r, view);
}

static void draw_search(struct canvas *canvas, struct rect r,
                        const struct desk_view *view) {
    const struct theme *theme = theme_get_paper();
    draw_card(canvas, r, look_u(canvas, 18), theme->surface, look_u(canvas, 4),
              theme->accent);
    r = rect_inset(r, look_u(canvas, 28), 0);
    float side = look_u(canvas, 40);
    struct rect icon = rect_cut_left(&r, side);
    draw_symbol(canvas, DRAW_SYMBOL_SEARCH, rect_center(icon, side, side), theme->dim,
                theme->dim);
    rect_cut_left(&r, look_u(canvas, 20));
    struct draw_label label = look_label(canvas, 42, 30, TEXT_MEDIUM, theme->text);
    label.valign = DRAW_MIDDLE;
    float x = r.x;
    if (view->query[0]) {
        r.w -= look_u(canvas, 14); // for the caret
        x += look_typed(canvas, r, label, view->query).w + look_u(canvas, 6);
    } else {
        struct draw_label prompt = look_label(canvas, 36, 28, TEXT_REGULAR, theme->dim);
        prompt.valign = DRAW_MIDDLE;
        struct rect after = r;
        rect_cut_left(&after, look_u(canvas, 16));
        look_text(canvas, after, prompt, tr("Name, organisation or code"));
    }
    if (view->is_caret) {
        float h = r.h * 0.54F;
        draw_rect(canvas, rect_make(x, r.y + (r.h - h) / 2, look_u(canvas, 4), h),
                  theme->accent);
    }
}

enum { SEARCH_H = 100, TOAST_H = 108, GAP = 20, BANNER_LOW = 94 };

// The height of the left column that belongs to neither the notice nor the panel or list.
static float measure_rest(const struct canvas *canvas, const struct desk_view *view) {
    return look_u(canvas, SEARCH_H + GAP + (view->toast[0] ? TOAST_H + GAP : 0));
}

// The notice gets what the panel leaves: all its lines, one, or nothing.
static void draw_notice(struct canvas *canvas, struct rect *body,
                        const struct desk_view *view) {
    if (!view->notice.text[0]) {
        return;
    }
    float h = notice_view_measure(canvas, body->w, &view->notice);
    float gap = look_u(canvas, GAP), low = look_u(canvas, BANNER_LOW);
    if (view->panel.kind != DESK_PANEL_NONE) {
        float panel = desk_panel_measure(canvas, body->w, &view->panel);
        float left = body->h - measure_rest(canvas, view) - panel - gap;
        h = left >= h ? h : low < h ? low : h;
        if (left < h) {
            return;
        }
    }
    notice_view_draw_banner(canvas, rect_cut_top(body, h), theme_get_paper(),
                            &view->notice);
    rect_cut_top(body, gap);
}

static void draw_toast(struct canvas *canvas, struct rect *body,
                       const struct desk_view *view, struct targets *targets) {
    if (!view->toast[0]) {
        return;
    }
    const struct theme *theme = theme_get_paper();
    uint32_t tone = desk_tone_color(view->toast_tone);
    struct rect r = rect_cut_bottom(body, look_u(canvas, TOAST_H));
    rect_cut_bottom(body, look_u(canvas, GAP));
    draw_card(canvas, r, look_u(canvas, 18), theme_mix(theme->surface, tone, 0.08F),
              look_u(canvas, 3), tone);
    r = rect_inset(r, look_u(canvas, 24), 0);
    if (view->can_undo) {
        struct rect right = r;
        right.w += look_u(canvas, 12);
        const struct look_button undo = desk_make_button(ACTION_UNDO, 0, false);
        float used = desk_draw_button(canvas, right, targets, &undo);
        rect_cut_right(&r, used + look_u(canvas, 20));
    }
    float side = look_u(canvas, 52);
    struct rect at = rect_cut_left(&r, side);
    bool is_good = view->toast_tone == DESK_GOOD || view->toast_tone == DESK_PLAIN;
    draw_symbol(canvas, is_good ? DRAW_SYMBOL_CHECK : DRAW_SYMBOL_WARNING,
                rect_center(at, side, side), tone, theme->surface);
    rect_cut_left(&r, look_u(canvas, 20));
    struct draw_label label = look_label(canvas, 34, 28, TEXT_SEMIBOLD, theme->text);
    label.valign = DRAW_MIDDLE;
    look_text(canvas, r, look_lines(label, 2, 112), view->toast);
}

// The column at the side; upright it stands below and gives an open panel what it can.
static struct rect cut_side(struct canvas *canvas, struct rect *body,
                            const struct desk_view *view) {
    if (!canvas->is_portrait) {
        struct rect side = rect_cut_right(body, body->w * 0.368F);
        rect_cut_right(body, look_u(canvas, 32));
        return side;
    }
    float gap = look_u(canvas, 28);
    float h = body->h * 0.46F;
    if (view->panel.kind != DESK_PANEL_NONE) {
        float panel = desk_panel_measure(canvas, body->w, &view->panel);
        float left = body->h - gap - measure_rest(canvas, view) - panel;
        float least = body->h * 0.345F; // the printer and one need
        h = left < least ? least : left < h ? left : h;
    }
    struct rect side = rect_cut_bottom(body, h);
    rect_cut_bottom(body, gap);
    return side;
}

void desk_draw(struct canvas *canvas, const struct desk_view *view,
               struct targets *targets) {
    targets_begin(targets);
    if (view->notice.level == NOTICE_EMERGENCY && view->notice.text[0]) {
        notice_view_draw_emergency(canvas, &view->notice, view->desk, view->clock);
        return;
    }
    draw_clear(canvas, theme_get_paper()->bg);
    struct rect body = canvas_rect(canvas);
    draw_header(canvas, &body, view, targets);
    body = rect_inset(body, look_u(canvas, 48), look_u(canvas, 28));
    struct rect side = cut_side(canvas, &body, view);
    draw_notice(canvas, &body, view);
    draw_search(canvas, rect_cut_top(&body, look_u(canvas, SEARCH_H)), view);
    rect_cut_top(&body, look_u(canvas, GAP));
    draw_toast(canvas, &body, view, targets);
    if (view->panel.kind != DESK_PANEL_NONE) {
        desk_panel_draw(canvas, body, &view->panel, targets);
    } else {
        desk_list_draw(canvas, body, view, targets);
    }
    desk_side_draw(canvas, side, view, targets);
}
