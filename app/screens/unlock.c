#include "app/screens/unlock.h"

#include "app/screens/look.h"
#include "app/screens/stack.h"

#include <stdio.h>

enum { COLUMNS = 3, ROWS = 4, GAP = 18, FIELD_H = 110, DOTS_MAX = 12 };

static void draw_words(struct canvas *canvas, struct rect r,
                       const struct unlock_view *view) {
    const struct theme *theme = theme_get_paper();
    char title[LINE_SIZE];
    look_format(title, sizeof title, view->name[0] ? tr("%s is locked") : "%s",
                view->name[0] ? view->name : tr("This desk is locked"));
    const struct stack_piece pieces[] = {
        {.text = title,
         .size = 72,
         .min = 40,
         .max_lines = 2,
         .leading_pct = 106,
         .weight = TEXT_EXTRABOLD,
         .color = theme->text},
        {.text = tr("It opens by itself when the network is back."),
         .size = 42,
         .min = 26,
         .gap = 26,
         .max_lines = 3,
         .leading_pct = 128,
         .color = theme->text},
        {.text = view->has_badge ? tr("Badge read. Now enter your PIN.")
                                 : tr("Or: scan a desk lead's badge and enter the PIN."),
         .size = 42,
         .min = 26,
         .gap = 18,
         .max_lines = 3,
         .leading_pct = 128,
         .weight = view->has_badge ? TEXT_SEMIBOLD : TEXT_REGULAR,
         .color = theme->text},
        {.text = view->status,
         .size = 36,
         .min = 24,
         .gap = 30,
         .max_lines = 3,
         .leading_pct = 128,
         .weight = view->is_wrong ? TEXT_SEMIBOLD : TEXT_REGULAR,
         .color = view->is_wrong ? theme->warn : theme->dim},
    };
    float side = look_u(canvas, canvas->is_portrait ? 100 : 130);
    struct rect top = rect_cut_top(&r, side);
    draw_symbol(canvas, DRAW_SYMBOL_LOCK, rect_make(top.x, top.y, side, side),
                theme->accent, theme->on_accent);
    rect_cut_top(&r, look_u(canvas, 36));
    stack_draw(canvas, r, pieces, sizeof pieces / sizeof *pieces);
}

static void draw_field(struct canvas *canvas, struct rect r,
                       const struct unlock_view *view) {
    const struct theme *theme = theme_get_paper();
    char dots[4 * DOTS_MAX + 1] = "";
    size_t used = 0;
    for (int i = 0; i < view->digits && i < DOTS_MAX; i++) {
        used += (size_t)snprintf(dots + used, sizeof dots - used, "\xE2\x97\x8F");
    }
    draw_card(canvas, r, look_u(canvas, 16), theme->surface, look_u(canvas, 4),
              view->is_wrong && !view->digits ? theme->warn : theme->line);
    struct draw_label label = look_label(canvas, 44, 20, TEXT_BOLD, theme->text);
    label.valign = DRAW_MIDDLE;
    label.align = TEXT_ALIGN_CENTER;
    if (!view->digits) {
        label = look_label(canvas, 36, 24, TEXT_REGULAR, theme->dim);
        label.valign = DRAW_MIDDLE;
        label.align = TEXT_ALIGN_CENTER;
    }
    look_text(canvas, r, label, view->digits ? dots : tr("PIN"));
}

// 1 to 9, then back, 0 and the main button.
static void draw_pad(struct canvas *canvas, struct rect r, const struct unlock_view *view,
                     struct targets *targets) {
    const struct theme *theme = theme_get_paper();
    for (int i = 0; i < COLUMNS * ROWS; i++) {
        struct rect at =
            rect_grid(r, COLUMNS, ROWS, look_u(canvas, GAP), i % COLUMNS, i / COLUMNS);
        int digit = i < 9 ? i + 1 : 0;
        char words[16];
        snprintf(words, sizeof words, "%d", digit);
        struct look_button key = {ACTION_DIGIT, digit, words, DRAW_BUTTON_PLAIN, 48};
        if (i == 9) {
            key = (struct look_button){ACTION_ERASE, 0, "\xE2\x8C\xAB", DRAW_BUTTON_PLAIN,
                                       44};
        } else if (i == 11) {
            key = (struct look_button){
                ACTION_UNLOCK, 0, tr("Unlock"),
                view->is_ready ? DRAW_BUTTON_MAIN : DRAW_BUTTON_OFF, 36};
        }
        look_draw_button(canvas, at, theme, targets, &key);
    }
}

void unlock_draw(struct canvas *canvas, const struct unlock_view *view,
                 struct targets *targets) {
    const struct theme *theme = theme_get_paper();
    bool is_portrait = canvas->is_portrait;
    targets_begin(targets);
    draw_clear(canvas, theme->bg);
    struct rect r =
        rect_inset(canvas_rect(canvas), look_u(canvas, is_portrait ? 70 : 110), 0);
    struct draw_label label = look_label(canvas, 28, 22, TEXT_REGULAR, theme->dim);
    label.valign = DRAW_MIDDLE;
    label.is_tabular = true;
    const struct look_side left = {label, view->footer}, right = {label, view->clock};
    look_pair(canvas, rect_cut_bottom(&r, look_u(canvas, 100)), &left, &right);
    rect_cut_top(&r, look_u(canvas, is_portrait ? 120 : 90));
    struct rect pad;
    if (is_portrait) {
        pad = rect_cut_bottom(&r, r.h * 0.55F);
    } else {
        pad = rect_cut_right(&r, look_u(canvas, 660));
        rect_cut_right(&r, look_u(canvas, 90));
    }
    draw_words(canvas, r, view);
    draw_field(canvas, rect_cut_top(&pad, look_u(canvas, FIELD_H)), view);
    rect_cut_top(&pad, look_u(canvas, 24));
    draw_pad(canvas, pad, view, targets);
}
