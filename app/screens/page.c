#include "app/screens/page.h"

#include "sync/base/mem.h"

enum { BUTTON_SIZE = 38 };

static const char *const action_texts[ACTION_COUNT] = {
    [ACTION_FIND] = tr_mark("Find my name"),
    [ACTION_REGISTER] = tr_mark("Register now"),
    [ACTION_CALL_STAFF] = tr_mark("Call staff"),
    [ACTION_PRINT] = tr_mark("Print my badge"),
    [ACTION_CHANGE] = tr_mark("Change"),
    [ACTION_NOT_ME] = tr_mark("Not me"),
    [ACTION_DONE] = tr_mark("Done"),
    [ACTION_BACK] = tr_mark("Back"),
    [ACTION_CLEAR] = tr_mark("Clear"),
    [ACTION_MORE] = tr_mark("Show more"),
    [ACTION_CHECK_IN] = tr_mark("Check in"),
    [ACTION_REPRINT] = tr_mark("Reprint"),
    [ACTION_OPEN] = tr_mark("Open"),
    [ACTION_ADMIT_ANYWAY] = tr_mark("Admit anyway"),
    [ACTION_UNDO] = tr_mark("Undo"),
    [ACTION_MARK_PAID] = tr_mark("Mark as paid"),
    [ACTION_FROM_PAPER] = tr_mark("From paper"),
    [ACTION_ENTER_PAPER] = tr_mark("Save"),
    [ACTION_LOOK] = tr_mark("Look"),
    [ACTION_GOING] = tr_mark("Going"),
    [ACTION_RESOLVE] = tr_mark("Dealt with"),
    [ACTION_LOADED] = tr_mark("Loaded"),
    [ACTION_CAME_OUT] = tr_mark("Yes, it came out"),
    [ACTION_PRINT_AGAIN] = tr_mark("Print again"),
    [ACTION_WITHDRAW] = tr_mark("Withdraw"),
    [ACTION_CLOSE] = tr_mark("Close"),
    [ACTION_LOCK] = tr_mark("Lock"),
    [ACTION_UNLOCK] = tr_mark("Unlock"),
    [ACTION_RETRY] = tr_mark("Try again"),
};

const char *page_get_action_text(enum action action) {
    CHECK((unsigned)action < ACTION_COUNT);
    return action_texts[action] ? tr(action_texts[action]) : "";
}

void page_add_button(struct look_buttons *buttons, enum action action, bool is_main) {
    CHECK(buttons->count < LOOK_BUTTONS_MAX);
    buttons->list[buttons->count++] =
        (struct look_button){action, 0, page_get_action_text(action),
                             is_main ? DRAW_BUTTON_MAIN : DRAW_BUTTON_PLAIN, BUTTON_SIZE};
}

void page_add_call(struct look_buttons *buttons, enum call_state call, bool is_main) {
    page_add_button(buttons, ACTION_CALL_STAFF, is_main && call == CALL_NONE);
    struct look_button *button = &buttons->list[buttons->count - 1];
    if (call != CALL_NONE) {
        button->kind = DRAW_BUTTON_OFF;
        button->text =
            call == CALL_SENT ? tr("Staff are called") : tr("Staff are coming");
    }
}

static void draw_footer(struct canvas *canvas, struct rect r, const char *footer) {
    struct draw_label label =
        look_label(canvas, 28, 24, TEXT_REGULAR, theme_get_paper()->dim);
    label.valign = DRAW_MIDDLE;
    look_text(canvas, r, label, footer);
}

struct page page_begin(struct canvas *canvas, struct targets *targets, bool has_picture,
                       const struct look_buttons *buttons, const char *footer) {
    const struct theme *theme = theme_get_paper();
    draw_clear(canvas, theme->bg);
    float side = look_u(canvas, canvas->is_portrait ? 80 : 110);
    struct rect all = rect_inset(canvas_rect(canvas), side, 0);
    rect_cut_top(&all, look_u(canvas, canvas->is_portrait ? 140 : 110));
    struct rect foot = rect_cut_bottom(&all, look_u(canvas, footer[0] ? 112 : 84));
    draw_footer(canvas, foot, footer);
    struct page page = {all, rect_make(0, 0, 0, 0)};
    if (has_picture && !canvas->is_portrait) {
        page.picture = rect_cut_right(&page.words, look_u(canvas, 700));
        rect_cut_right(&page.words, look_u(canvas, 70));
    }
    float h = look_draw_buttons(canvas, page.words, theme, targets, buttons);
    rect_cut_bottom(&page.words, h + look_u(canvas, 40));
    if (has_picture && canvas->is_portrait) {
        page.picture = rect_cut_bottom(&page.words, page.words.h * 0.56F);
        rect_cut_bottom(&page.words, look_u(canvas, 32));
    }
    return page;
}
