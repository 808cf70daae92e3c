#include "app/screens/desk_parts.h"

#include "app/screens/look.h"
#include "app/screens/page.h"
#include "app/screens/stack.h"

enum { ROW_H = 104, ROW_TALL = 124 };

static void draw_person(struct canvas *canvas, struct rect r,
                        const struct desk_row *row) {
    const struct theme *theme = theme_get_paper();
    char name[LOOK_NAMES_SIZE];
    const struct look_names names = {row->name, row->latin};
    struct draw_label one = look_label(canvas, 38, 30, TEXT_BOLD, theme->text);
    bool is_long = look_format_names(canvas, r.w, &one, &names, name);
    const struct stack_piece pieces[] = {
        {.text = name,
         .size = is_long ? 32 : 38,
         .min = is_long ? 23 : 30,
         .max_lines = is_long ? 2 : 1,
         .leading_pct = 106,
         .weight = TEXT_BOLD,
         .direction = TEXT_DIRECTION_LTR,
         .color = theme->text},
        {.text = row->detail,
         .size = is_long ? 24 : 28,
         .min = is_long ? 22 : 24,
         .gap = is_long ? 0 : 2,
         .color = theme->dim},
    };
    stack_draw_middle(canvas, r, pieces, sizeof pieces / sizeof pieces[0]);
}

static void draw_row(struct canvas *canvas, struct rect r, const struct desk_view *view,
                     struct targets *targets, int index) {
    const struct theme *theme = theme_get_paper();
    const struct desk_row *row = &view->rows[index];
    bool is_chosen = index == view->chosen;
    if (is_chosen) {
        draw_card(canvas, r, look_u(canvas, 14), theme->select, look_u(canvas, 3),
                  theme->accent);
    } else if (index > 0 && index - 1 != view->chosen) {
        desk_draw_hairline(canvas, rect_inset(r, look_u(canvas, 18), 0));
    }
    r = rect_inset(r, look_u(canvas, 18), 0);
    float button = 0;
    if (row->action != ACTION_NONE) {
        bool is_main = is_chosen && row->action == ACTION_CHECK_IN;
        struct look_button b = desk_make_button(row->action, index, is_main);
        b.text = row->action == ACTION_PRINT ? tr("Print") : b.text;
        button = desk_draw_button(canvas, r, targets, &b);
        float column = look_u(canvas, canvas->is_portrait ? 206 : 240);
        rect_cut_right(&r, column > button ? column : button);
        rect_cut_right(&r, look_u(canvas, 20));
    }
    look_draw_row_target(canvas, r, targets, ACTION_ROW, index);
    struct draw_label status =
        look_label(canvas, 30, 24, TEXT_SEMIBOLD, desk_tone_color(row->tone));
    status.valign = DRAW_MIDDLE;
    struct rect right = rect_cut_right(&r, r.w * 0.31F);
    rect_cut_right(&r, look_u(canvas, 16));
    look_text(canvas, right, look_lines(status, 3, 108), row->status);
    draw_person(canvas, rect_inset(r, 0, look_u(canvas, 5)), row);
}

static void draw_nobody(struct canvas *canvas, struct rect r,
                        const struct desk_view *view) {
    const struct theme *theme = theme_get_paper();
    bool is_empty = view->query[0] == '\0';
    char known[96] = "";
    char count[24];
    if (is_empty && view->people_count > 0) {
        look_format_count(view->people_count, count, sizeof count);
        look_format(known, sizeof known,
                    tr_n(view->people_count, "%s person known to this desk",
                         "%s people known to this desk"),
                    count);
    }
    if (view->loading[0]) {
        look_format(known, sizeof known, tr("Still loading: %s."), view->loading);
    }
    const struct stack_piece pieces[] = {
        {.text = is_empty           ? tr("Scan a code, or type a name")
                 : view->loading[0] ? tr("Nobody found here yet")
                                    : tr("Nobody found with these letters"),
         .size = 44,
         .min = 32,
         .max_lines = 2,
         .weight = TEXT_BOLD,
         .align = TEXT_ALIGN_CENTER,
         .color = theme->text},
        {.text = is_empty ? tr("Any part of the name or organisation, in any order.")
                          : tr("Try fewer letters, or the family name alone."),
         .size = 34,
         .min = 28,
         .gap = 14,
         .max_lines = 3,
         .leading_pct = 128,
         .align = TEXT_ALIGN_CENTER,
         .color = theme->dim},
        {.text = known,
         .size = 34,
         .min = 28,
         .gap = 14,
         .align = TEXT_ALIGN_CENTER,
         .color = theme->dim},
    };
    r.h = r.h < look_u(canvas, 460) ? r.h : look_u(canvas, 460);
    stack_draw_middle(canvas, r, pieces, sizeof pieces / sizeof pieces[0]);
}

void desk_list_draw(struct canvas *canvas, struct rect r, const struct desk_view *view,
                    struct targets *targets) {
    const struct theme *theme = theme_get_paper();
    int count = view->row_count < DESK_ROWS_MAX ? view->row_count : DESK_ROWS_MAX;
    if (count <= 0) {
        draw_nobody(canvas, desk_draw_box(canvas, r, ""), view);
        return;
    }
    float row_h = look_u(canvas, ROW_H), pad = look_u(canvas, 14),
          foot = look_u(canvas, 60);
    int fit = (int)((r.h - 2 * pad) / row_h);
    int more = view->more_count;
    if (count > fit || more > 0) {
        fit = (int)((r.h - 2 * pad - foot) / row_h);
        fit = fit < 1 ? 1 : fit;
        more += count > fit ? count - fit : 0;
        count = count < fit ? count : fit;
    }
    // Few rows are taller: names of two lines, tall scripts.
    float spare = r.h - 2 * pad - (more > 0 ? foot : 0);
    float most = look_u(canvas, ROW_TALL), each = spare / (float)count;
    row_h = each > most ? most : each > row_h ? each : row_h;
    r.h = (float)count * row_h + 2 * pad + (more > 0 ? foot : 0);
    draw_card(canvas, r, look_u(canvas, 22), theme->surface, look_u(canvas, 3),
              theme->line);
    struct rect inside = rect_inset(r, look_u(canvas, 12), pad);
    for (int i = 0; i < count; i++) {
        draw_row(canvas, rect_cut_top(&inside, row_h), view, targets, i);
    }
    if (more > 0) {
        struct draw_label label = look_label(canvas, 30, 26, TEXT_MEDIUM, theme->dim);
        label.valign = DRAW_MIDDLE;
        look_text(canvas, rect_inset(inside, look_u(canvas, 18), 0), label,
                  tr("More people match: type another letter"));
    }
}
