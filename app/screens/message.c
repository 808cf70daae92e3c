#include "app/screens/message.h"

#include "app/screens/look.h"
#include "app/screens/page.h"
#include "app/screens/stack.h"

#include "sync/base/mem.h"

struct kind_look {
    enum draw_symbol symbol;
    const char *title, *text;
};

static const struct kind_look kind_looks[] = {
    [MESSAGE_WAITING] = {DRAW_SYMBOL_CLOCK, tr_mark("Getting ready"),
                         tr_mark(
                             "This screen goes on by itself as soon as the programme is "
                             "here.")},
    [MESSAGE_ENROL] = {DRAW_SYMBOL_QUESTION, tr_mark("This kiosk is not enrolled yet"),
                       tr_mark(
                           "Ask for its enrolment code on the hub's page and hold the "
                           "code under the scanner.")},
    [MESSAGE_LOCKED] = {DRAW_SYMBOL_LOCK, tr_mark("Locked"),
                        tr_mark("Staff unlock it with their badge.")},
    [MESSAGE_REVOKED] = {DRAW_SYMBOL_LOCK, tr_mark("This device was revoked"),
                         tr_mark("It takes part no longer. Please bring it to the "
                                 "secretariat.")},
    [MESSAGE_TROUBLE] = {DRAW_SYMBOL_WARNING, tr_mark("This kiosk takes a break"),
                         tr_mark("Please use the kiosk next to this one. Somebody is "
                                 "looking after it.")},
};

static uint32_t kind_color(const struct theme *theme, enum message_kind kind) {
    return kind == MESSAGE_TROUBLE ? theme->warn : theme->accent;
}

static uint32_t kind_on_color(const struct theme *theme, enum message_kind kind) {
    return kind == MESSAGE_TROUBLE ? theme->on_warn : theme->on_accent;
}

static void draw_progress_row(struct canvas *canvas, struct rect *r,
                              const struct theme *theme,
                              const struct message_view *view) {
    if (view->progress < 0) {
        return;
    }
    struct rect bar = rect_cut_bottom(r, look_u(canvas, 16));
    draw_progress(canvas, bar, view->progress, theme_mix(theme->bg, theme->line, 0.6F),
                  theme->accent);
    rect_cut_bottom(r, look_u(canvas, 14));
    struct draw_label label = look_label(canvas, 34, 28, TEXT_MEDIUM, theme->dim);
    label.is_tabular = true;
    label.valign = DRAW_BOTTOM;
    look_text(canvas, rect_cut_bottom(r, look_u(canvas, 44)), label, view->progress_text);
    rect_cut_bottom(r, look_u(canvas, 28));
}

// The sign and the words below it, a little above the middle of what is there.
static void draw_words(struct canvas *canvas, struct rect r, const struct theme *theme,
                       const struct message_view *view) {
    const struct kind_look *look = &kind_looks[view->kind];
    struct stack_piece pieces[3 + MESSAGE_LINES_MAX] = {
        {.text = view->title[0] ? view->title : tr(look->title),
         .size = 76,
         .min = 48,
         .max_lines = 3,
         .leading_pct = 106,
         .weight = TEXT_EXTRABOLD,
         .color = theme->text},
        {.text = view->text[0] ? view->text : tr(look->text),
         .size = 44,
         .min = 30,
         .gap = 28,
         .max_lines = 6,
         .leading_pct = 132,
         .color = theme->text},
        {.text = view->code,
         .size = 150,
         .min = 72,
         .gap = 36,
         .weight = TEXT_EXTRABOLD,
         .color = theme->accent},
    };
    size_t count = 3;
    int lines =
        view->line_count < MESSAGE_LINES_MAX ? view->line_count : MESSAGE_LINES_MAX;
    for (int i = 0; i < lines; i++) {
        pieces[count++] = (struct stack_piece){.text = view->lines[i],
                                               .size = 38,
                                               .min = 28,
                                               .gap = i ? 12 : 32,
                                               .max_lines = 3,
                                               .leading_pct = 128,
                                               .color = theme->dim};
    }
    float side = look_u(canvas, 140), gap = look_u(canvas, 44);
    float spare = r.h - side - gap - stack_measure(canvas, r.w, pieces, count);
    rect_cut_top(&r, spare > 0 ? spare * 0.38F : 0);
    struct rect top = rect_cut_top(&r, side);
    draw_symbol(canvas, look->symbol, rect_make(top.x, top.y, side, side),
                kind_color(theme, view->kind), kind_on_color(theme, view->kind));
    rect_cut_top(&r, gap);
    stack_draw(canvas, r, pieces, count);
}

static void draw_footer(struct canvas *canvas, struct rect r, const struct theme *theme,
                        const struct message_view *view) {
    struct draw_label label = look_label(canvas, 28, 26, TEXT_REGULAR, theme->dim);
    label.valign = DRAW_MIDDLE;
    label.is_tabular = true;
    const struct look_side left = {label, view->footer}, right = {label, view->clock};
    look_pair(canvas, r, &left, &right);
}

static void draw_code_picture(struct canvas *canvas, struct rect r,
                              const struct message_view *view) {
    float side = r.w < r.h ? r.w : r.h;
    side = side < look_u(canvas, 520) ? side : look_u(canvas, 520);
    struct rect square = rect_center(r, side, side);
    draw_round(canvas, square, look_u(canvas, 28), 0xFFFFFFFF);
    draw_qr(canvas, rect_inset(square, look_u(canvas, 8), look_u(canvas, 8)), view->qr,
            0xFF0D1117, 0xFFFFFFFF);
}

void message_draw(struct canvas *canvas, const struct message_view *view,
                  struct targets *targets) {
    targets_begin(targets);
    CHECK((unsigned)view->kind < sizeof kind_looks / sizeof kind_looks[0]);
    const struct theme *theme = view->is_dark ? theme_get_ink() : theme_get_paper();
    draw_clear(canvas, theme->bg);
    bool is_portrait = canvas->is_portrait;
    struct rect r =
        rect_inset(canvas_rect(canvas), look_u(canvas, is_portrait ? 80 : 110), 0);
    rect_cut_top(&r, look_u(canvas, is_portrait ? 160 : 80));
    draw_footer(canvas, rect_cut_bottom(&r, look_u(canvas, 110)), theme, view);
    struct rect picture = rect_make(0, 0, 0, 0);
    if (view->qr && !is_portrait) {
        picture = rect_cut_right(&r, look_u(canvas, 600));
        rect_cut_right(&r, look_u(canvas, 60));
    }
    struct look_buttons b = {.count = 0};
    for (int i = 0; i < view->action_count && i < MESSAGE_ACTIONS_MAX; i++) {
        page_add_button(&b, view->actions[i], i == 0);
    }
    if (b.count > 0) {
        float h = look_draw_buttons(canvas, r, theme, targets, &b);
        rect_cut_bottom(&r, h + look_u(canvas, 36));
    }
    draw_progress_row(canvas, &r, theme, view);
    if (view->qr && is_portrait) {
        picture = rect_cut_bottom(&r, look_u(canvas, 560));
        rect_cut_bottom(&r, look_u(canvas, 40));
    }
    draw_words(canvas, r, theme, view);
    if (view->qr) {
        draw_code_picture(canvas, picture, view);
    }
}
