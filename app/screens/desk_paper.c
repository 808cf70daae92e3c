#include "app/screens/desk_paper.h"

#include "app/screens/desk_parts.h"
#include "app/screens/look.h"
#include "app/screens/page.h"
#include "app/screens/stack.h"

#include <stdio.h>

enum {
    PAD_X = 32,
    PAD_Y = 18,
    GAP = 12,
    TITLE_H = 100,
    LABEL_W = 150,
    TIME_W = 300,
    PAD_COLUMNS = 6,
    PAD_ROWS = 2
};

float desk_paper_measure(const struct canvas *canvas) {
    float rows = 3 + PAD_ROWS; // gate, day, time with the button, the digits
    return look_u(canvas, 2 * PAD_Y + TITLE_H + rows * (LOOK_TOUCH + GAP));
}

static void draw_title(struct canvas *canvas, struct rect r,
                       const struct desk_panel *panel, struct targets *targets) {
    const struct theme *theme = theme_get_paper();
    struct rect close = rect_make(r.x, r.y, r.w, look_u(canvas, LOOK_TOUCH));
    const struct look_button button = desk_make_button(ACTION_CLOSE, 0, false);
    float used = desk_draw_button(canvas, close, targets, &button);
    rect_cut_right(&r, used + look_u(canvas, 24));
    const struct stack_piece pieces[] = {
        {.text = panel->title,
         .size = 40,
         .min = 26,
         .max_lines = 2,
         .leading_pct = 104,
         .weight = TEXT_EXTRABOLD,
         .color = theme->text},
        {.text = panel->detail, .size = 30, .min = 22, .gap = 4, .color = theme->dim},
    };
    stack_draw(canvas, r, pieces, sizeof pieces / sizeof pieces[0]);
}

static void draw_words(struct canvas *canvas, struct rect r, const char *text,
                       uint32_t color) {
    struct draw_label label = look_label(canvas, 34, 22, TEXT_SEMIBOLD, color);
    label.valign = DRAW_MIDDLE;
    look_text(canvas, r, look_lines(label, 2, 104), text);
}

// "Gate   <  Social event  >": the arrows only where there is a choice.
struct choice {
    const char *label, *text;
    enum action action;
    bool is_open;
};

static void draw_choice(struct canvas *canvas, struct rect r, struct targets *targets,
                        const struct choice *c) {
    const struct theme *theme = theme_get_paper();
    desk_draw_hairline(canvas, r);
    draw_words(canvas, rect_cut_left(&r, look_u(canvas, LABEL_W)), c->label, theme->dim);
    r = rect_inset(r, 0, look_u(canvas, GAP) / 2);
    if (c->is_open) {
        float side = look_u(canvas, LOOK_TOUCH);
        struct rect next = rect_cut_right(&r, side);
        rect_cut_right(&r, look_u(canvas, GAP));
        struct rect before = rect_cut_right(&r, side);
        rect_cut_right(&r, look_u(canvas, GAP));
        look_draw_button(
            canvas, before, theme, targets,
            &(struct look_button){c->action, 0, "\xE2\x80\xB9", DRAW_BUTTON_PLAIN, 40});
        look_draw_button(
            canvas, next, theme, targets,
            &(struct look_button){c->action, 1, "\xE2\x80\xBA", DRAW_BUTTON_PLAIN, 40});
    }
    draw_words(canvas, r, c->text, theme->text);
}

static void draw_time(struct canvas *canvas, struct rect r,
                      const struct desk_paper_view *paper, struct targets *targets) {
    const struct theme *theme = theme_get_paper();
    struct look_button enter = desk_make_button(ACTION_ENTER_PAPER, 0, true);
    enter.kind = paper->is_ready ? DRAW_BUTTON_MAIN : DRAW_BUTTON_OFF;
    float used = desk_draw_button(canvas, r, targets, &enter);
    rect_cut_right(&r, used + look_u(canvas, 2 * GAP));
    draw_words(canvas, rect_cut_left(&r, look_u(canvas, LABEL_W)), tr("Time"),
               theme->dim);
    struct rect field = rect_cut_left(&r, look_u(canvas, TIME_W));
    draw_card(canvas, field, look_u(canvas, 16), theme->surface, look_u(canvas, 4),
              theme->accent);
    struct draw_label label = look_label(canvas, 52, 30, TEXT_BOLD, theme->text);
    label.valign = DRAW_MIDDLE;
    label.align = TEXT_ALIGN_CENTER;
    label.is_tabular = true;
    look_text(canvas, field, label, paper->time);
}

static void draw_digits(struct canvas *canvas, struct rect r, struct targets *targets) {
    const struct theme *theme = theme_get_paper();
    for (int i = 0; i < PAD_COLUMNS * PAD_ROWS; i++) {
        struct rect at = rect_grid(r, PAD_COLUMNS, PAD_ROWS, look_u(canvas, GAP),
                                   i % PAD_COLUMNS, i / PAD_COLUMNS);
        // 1 2 3 4 5 and back; 6 7 8 9 0 and nothing.
        int digit = (i % PAD_COLUMNS + 1 + i / PAD_COLUMNS * 5) % 10;
        char words[8];
        snprintf(words, sizeof words, "%d", digit);
        struct look_button key = {ACTION_DIGIT, digit, words, DRAW_BUTTON_PLAIN, 40};
        if (i == PAD_COLUMNS - 1) {
            key = (struct look_button){ACTION_ERASE, 0, "\xE2\x8C\xAB", DRAW_BUTTON_PLAIN,
                                       40};
        } else if (i == PAD_COLUMNS * PAD_ROWS - 1) {
            continue;
        }
        look_draw_button(canvas, at, theme, targets, &key);
    }
}

void desk_paper_draw(struct canvas *canvas, struct rect r, const struct desk_panel *panel,
                     struct targets *targets) {
    const struct theme *theme = theme_get_paper();
    const struct desk_paper_view *paper = &panel->paper;
    const struct choice gate = {tr("Gate"), paper->gate, ACTION_GATE,
                                paper->can_choose_gate};
    const struct choice day = {tr("Day"), paper->day, ACTION_DAY, paper->can_choose_day};
    draw_card(canvas, r, look_u(canvas, 22), theme->surface, look_u(canvas, 3),
              theme->line);
    struct rect in = rect_inset(r, look_u(canvas, PAD_X), look_u(canvas, PAD_Y));
    draw_title(canvas, rect_cut_top(&in, look_u(canvas, TITLE_H)), panel, targets);
    // What is missing in height is taken from the rows, evenly.
    float most = look_u(canvas, LOOK_TOUCH + GAP);
    float row = in.h / (3 + PAD_ROWS);
    row = row < most ? row : most;
    draw_choice(canvas, rect_cut_top(&in, row), targets, &gate);
    draw_choice(canvas, rect_cut_top(&in, row), targets, &day);
    struct rect time = rect_cut_top(&in, row);
    desk_draw_hairline(canvas, time);
    draw_time(canvas, rect_inset(time, 0, look_u(canvas, GAP) / 2), paper, targets);
    draw_digits(canvas, rect_cut_top(&in, row * PAD_ROWS), targets);
}
