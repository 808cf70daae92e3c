#include "app/screens/find.h"

#include "app/screens/look.h"
#include "app/screens/page.h"
#include "app/screens/stack.h"

#include <string.h>

// What is typed, with a caret, or the prompt.
static void draw_field(struct canvas *canvas, struct rect r,
                       const struct find_view *view) {
    const struct theme *theme = theme_get_paper();
    draw_card(canvas, r, look_u(canvas, 22), theme->surface, look_u(canvas, 5),
              theme->accent);
    struct rect words = rect_inset(r, look_u(canvas, 36), 0);
    struct draw_label label = look_label(canvas, 54, 32, TEXT_SEMIBOLD, theme->text);
    label.valign = DRAW_MIDDLE;
    float x = words.x;
    if (view->query[0]) {
        words.w -= look_u(canvas, 16); // for the caret
        x += look_typed(canvas, words, label, view->query).w + look_u(canvas, 8);
    } else {
        struct draw_label prompt = look_label(canvas, 46, 30, TEXT_REGULAR, theme->dim);
        prompt.valign = DRAW_MIDDLE;
        struct rect after = words;
        rect_cut_left(&after, look_u(canvas, 20));
        look_text(canvas, after, prompt, tr("Your name, or a part of it"));
    }
    if (view->is_caret) {
        float h = r.h * 0.56F;
        draw_rect(canvas, rect_make(x, r.y + (r.h - h) / 2, look_u(canvas, 5), h),
                  theme->accent);
    }
}

static void draw_person(struct canvas *canvas, struct rect r, const struct find_row *row,
                        struct targets *targets, int index) {
    const struct theme *theme = theme_get_paper();
    bool is_pressed = targets_is_pressed(targets, ACTION_ROW, index);
    draw_card(canvas, r, look_u(canvas, 20), is_pressed ? theme->select : theme->surface,
              look_u(canvas, 3), is_pressed ? theme->accent : theme->line);
    look_draw_row_target(canvas, r, targets, ACTION_ROW, index);
    r = rect_inset(r, look_u(canvas, 28), look_u(canvas, 6));
    struct draw_label me =
        look_label(canvas, 32, 26, TEXT_SEMIBOLD, row->is_in ? theme->ok : theme->accent);
    me.valign = DRAW_MIDDLE;
    me.align = TEXT_ALIGN_RIGHT;
    float w =
        look_text(canvas, rect_cut_right(&r, look_u(canvas, 210)), look_lines(me, 2, 112),
                  row->is_in ? tr("Already checked in") : tr("That's me"))
            .w;
    r.w += look_u(canvas, 210) - w - look_u(canvas, 24);
    char name[LOOK_NAMES_SIZE];
    const struct look_names names = {row->name, row->native};
    struct draw_label one = look_label(canvas, 40, 32, TEXT_BOLD, theme->text);
    bool is_long = look_format_names(canvas, r.w, &one, &names, name);
    const struct stack_piece pieces[] = {
        {.text = name,
         .size = is_long ? 32 : 40,
         .min = is_long ? 24 : 32,
         .max_lines = !is_long                    ? 1
                      : r.h > look_u(canvas, 124) ? 3
                                                  : 2,
         .leading_pct = 106,
         .weight = TEXT_BOLD,
         .direction = TEXT_DIRECTION_LTR,
         .color = theme->text},
        {.text = row->org,
         .size = is_long ? 26 : 30,
         .min = is_long ? 22 : 26,
         .gap = is_long ? 2 : 5,
         .color = theme->dim},
    };
    stack_draw_middle(canvas, r, pieces, sizeof pieces / sizeof pieces[0]);
}

// Nothing to list: says what to do.
static void draw_nobody(struct canvas *canvas, struct rect r,
                        const struct find_view *view) {
    const struct theme *theme = theme_get_paper();
    bool is_empty = view->query[0] == '\0';
    bool is_loading = view->loading[0] != '\0';
    char loading[NAME_SIZE + 32] = "";
    if (is_loading) {
        look_format(loading, sizeof loading, tr("Still loading: %s."), view->loading);
    }
    const struct stack_piece pieces[] = {
        {.text = is_empty     ? tr("Type a few letters of your name")
                 : is_loading ? tr("Nobody found here yet")
                              : tr("Nobody found with these letters"),
         .size = 48,
         .min = 34,
         .max_lines = 2,
         .weight = TEXT_BOLD,
         .align = TEXT_ALIGN_CENTER,
         .color = theme->text},
        {.text = is_empty
                     ? tr("Given name, family name or organisation, in any order. "
                          "Accents do not matter.")
                     : tr("Try fewer letters, or the family name alone. We are glad to "
                          "help: touch \xE2\x80\x9C"
                          "Call staff\xE2\x80\x9D."),
         .size = 36,
         .min = 28,
         .gap = 16,
         .max_lines = 3,
         .leading_pct = 130,
         .align = TEXT_ALIGN_CENTER,
         .color = theme->dim},
        {.text = loading,
         .size = 36,
         .min = 28,
         .gap = 16,
         .max_lines = 2,
         .align = TEXT_ALIGN_CENTER,
         .color = theme->dim},
    };
    stack_draw_middle(canvas, r, pieces, sizeof pieces / sizeof pieces[0]);
}

static void draw_results(struct canvas *canvas, struct rect r,
                         const struct find_view *view, struct targets *targets) {
    int count = view->row_count < FIND_ROWS_MAX ? view->row_count : FIND_ROWS_MAX;
    if (count <= 0) {
        draw_nobody(canvas, r, view);
        return;
    }
    int columns = canvas->is_portrait ? 1 : 2;
    int rows = FIND_ROWS_MAX / columns;
    float gap = look_u(canvas, 14);
    for (int i = 0; i < count; i++) {
        struct rect cell = rect_grid(r, columns, rows, gap, i % columns, i / columns);
        draw_person(canvas, cell, &view->rows[i], targets, i);
    }
}

// Back and help on the left, the blank in the middle, clearing on the right.
static void draw_bottom_row(struct canvas *canvas, struct rect r,
                            const struct find_view *view, struct targets *targets) {
    const struct theme *theme = theme_get_paper();
    struct look_buttons b = {.count = 0};
    page_add_button(&b, ACTION_BACK, false);
    if (view->can_register) {
        page_add_button(&b, ACTION_REGISTER, false);
    }
    page_add_call(&b, view->call, false);
    float gap = look_u(canvas, 12);
    float part = r.w / 10;
    for (size_t i = 0; i < b.count; i++) {
        float w = part * (b.list[i].action == ACTION_BACK ? 1.5F : 2.2F) - gap;
        b.list[i].size = 32;
        look_draw_button(canvas, rect_cut_left(&r, w), theme, targets, &b.list[i]);
        rect_cut_left(&r, gap);
    }
    struct look_button clear = {ACTION_CLEAR, 0, page_get_action_text(ACTION_CLEAR),
                                DRAW_BUTTON_PLAIN, 32};
    struct rect right = rect_cut_right(&r, part * 1.5F);
    rect_cut_right(&r, gap);
    keyboard_draw_key(canvas, r, theme, targets, KEYBOARD_BLANK);
    look_draw_button(canvas, right, theme, targets, &clear);
}

static void draw_heading(struct canvas *canvas, struct rect r,
                         const struct find_view *view) {
    const struct theme *theme = theme_get_paper();
    const char *more =
        view->more_count > 0 ? tr("More people match: type another letter") : "";
    struct draw_label title = look_label(canvas, 56, 36, TEXT_EXTRABOLD, theme->text);
    struct draw_label hint = look_label(canvas, 34, 28, TEXT_SEMIBOLD, theme->accent);
    title.valign = hint.valign = DRAW_MIDDLE;
    const struct look_side left = {title, tr("Find my name")}, right = {hint, more};
    look_pair(canvas, r, &left, &right);
}

void find_draw(struct canvas *canvas, const struct find_view *view,
               struct targets *targets) {
    targets_begin(targets);
    const struct theme *theme = theme_get_paper();
    draw_clear(canvas, theme->bg);
    bool is_portrait = canvas->is_portrait;
    struct rect body =
        rect_inset(canvas_rect(canvas), look_u(canvas, is_portrait ? 56 : 80),
                   look_u(canvas, is_portrait ? 72 : 28));
    draw_heading(canvas, rect_cut_top(&body, look_u(canvas, 84)), view);
    draw_field(canvas, rect_cut_top(&body, look_u(canvas, 112)), view);
    rect_cut_top(&body, look_u(canvas, 28));
    float key = look_u(canvas, is_portrait ? 124 : 92);
    float gap = look_u(canvas, 12);
    struct rect keys = rect_cut_bottom(&body, 4 * key + 3 * gap);
    rect_cut_bottom(&body, look_u(canvas, 28));
    draw_results(canvas, body, view, targets);
    struct rect bottom = rect_cut_bottom(&keys, key);
    rect_cut_bottom(&keys, gap);
    keyboard_draw(canvas, keys, theme, targets);
    draw_bottom_row(canvas, bottom, view, targets);
}
