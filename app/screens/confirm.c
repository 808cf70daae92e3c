#include "app/screens/confirm.h"

#include "app/screens/look.h"
#include "app/screens/page.h"
#include "app/screens/stack.h"

static void draw_words(struct canvas *canvas, struct rect r,
                       const struct confirm_view *view) {
    const struct theme *theme = theme_get_paper();
    char place[160] = "";
    if (view->print_place[0]) {
        look_format(place, sizeof place, tr("It prints at %s."), view->print_place);
    }
    if (view->is_checking) {
        look_format(place, sizeof place, "%s", tr("One moment, checking\xE2\x80\xA6"));
    }
    const struct stack_piece pieces[] = {
        {.text = tr("Your badge will read"),
         .size = 76,
         .min = 52,
         .max_lines = 2,
         .leading_pct = 105,
         .weight = TEXT_EXTRABOLD,
         .color = theme->text},
        {.text = view->name,
         .size = 72,
         .min = 40,
         .gap = 56,
         .max_lines = 3,
         .weight = TEXT_BOLD,
         .color = theme->text},
        {.text = view->latin,
         .size = 48,
         .min = 32,
         .gap = 8,
         .max_lines = 2,
         .weight = TEXT_MEDIUM,
         .color = theme->text},
        {.text = view->org,
         .size = 46,
         .min = 32,
         .gap = 16,
         .max_lines = 2,
         .color = theme->text},
        {.text = view->detail,
         .size = 36,
         .min = 28,
         .gap = 20,
         .max_lines = 3,
         .leading_pct = 125,
         .color = theme->dim},
        {.text = place,
         .size = 40,
         .min = 32,
         .gap = 28,
         .max_lines = 2,
         .weight = TEXT_SEMIBOLD,
         .color = theme->accent},
    };
    stack_draw_placed(canvas, r, pieces, sizeof pieces / sizeof pieces[0], 0.3F);
}

void confirm_draw(struct canvas *canvas, const struct confirm_view *view,
                  struct targets *targets) {
    targets_begin(targets);
    struct look_buttons buttons = {.count = 0};
    page_add_button(&buttons, ACTION_PRINT, true);
    if (view->can_change) {
        page_add_button(&buttons, ACTION_CHANGE, false);
    }
    page_add_button(&buttons, ACTION_NOT_ME, false);
    if (view->call != CALL_NONE) {
        page_add_call(&buttons, view->call, false);
    }
    struct page page = page_begin(canvas, targets, true, &buttons, "");
    draw_words(canvas, page.words, view);
    look_draw_badge(canvas, page.picture, theme_get_paper(), view->badge,
                    tr("Drawing your badge\xE2\x80\xA6"));
}
