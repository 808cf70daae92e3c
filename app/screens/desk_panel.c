#include "app/screens/desk_parts.h"

#include "app/screens/look.h"
#include "app/screens/page.h"
#include "app/screens/stack.h"

enum { FACT_H = 60, MEMBER_H = 104, TITLE_H = 112, TITLE_LATIN_H = 156 };

static void draw_title(struct canvas *canvas, struct rect *r,
                       const struct desk_panel *panel, struct targets *targets) {
    const struct theme *theme = theme_get_paper();
    float h = panel->latin[0] ? TITLE_LATIN_H : TITLE_H;
    struct rect top = rect_cut_top(r, look_u(canvas, h));
    struct rect close = rect_make(top.x, top.y, top.w, look_u(canvas, LOOK_TOUCH));
    const struct look_button button = desk_make_button(ACTION_CLOSE, 0, false);
    float used = desk_draw_button(canvas, close, targets, &button);
    rect_cut_right(&top, used + look_u(canvas, 24));
    const struct stack_piece pieces[] = {
        {.text = panel->title,
         .size = 48,
         .min = 32,
         .max_lines = 2,
         .leading_pct = 106,
         .weight = TEXT_EXTRABOLD,
         .color = theme->text},
        {.text = panel->latin,
         .size = 36,
         .min = 28,
         .gap = 4,
         .weight = TEXT_SEMIBOLD,
         .color = theme->text},
        {.text = panel->detail, .size = 32, .min = 26, .gap = 6, .color = theme->dim},
    };
    stack_draw(canvas, top, pieces, sizeof pieces / sizeof pieces[0]);
    rect_cut_top(r, look_u(canvas, 12));
    if (panel->status[0]) {
        struct draw_label label =
            look_label(canvas, 36, 28, TEXT_BOLD, desk_tone_color(panel->tone));
        label.valign = DRAW_MIDDLE;
        label.is_tabular = true;
        look_text(canvas, rect_cut_top(r, look_u(canvas, 54)), label, panel->status);
        rect_cut_top(r, look_u(canvas, 10));
    }
}

// The note that must be seen, or why the two desks disagreed.
static void draw_attention(struct canvas *canvas, struct rect *r,
                           const struct desk_panel *panel) {
    if (!panel->attention[0]) {
        return;
    }
    const struct theme *theme = theme_get_paper();
    struct draw_label label = look_label(canvas, 34, 28, TEXT_SEMIBOLD, theme->text);
    label = look_lines(label, 4, 122);
    label.valign = DRAW_MIDDLE;
    float pad = look_u(canvas, 22), side = look_u(canvas, 52);
    float w = r->w - side - 3 * pad;
    float h = (float)draw_measure(canvas, w, 0, &label, panel->attention).h_px + 2 * pad;
    struct rect box = rect_cut_top(r, h);
    draw_card(canvas, box, look_u(canvas, 16),
              theme_mix(theme->surface, theme->warn, 0.1F), look_u(canvas, 3),
              theme->warn);
    rect_cut_left(&box, pad);
    draw_symbol(canvas, DRAW_SYMBOL_WARNING,
                rect_center(rect_cut_left(&box, side), side, side), theme->warn,
                theme->on_warn);
    rect_cut_left(&box, pad);
    rect_cut_right(&box, pad);
    look_text(canvas, rect_inset(box, 0, pad * 0.5F), label, panel->attention);
    rect_cut_top(r, look_u(canvas, 18));
}

static void draw_fact(struct canvas *canvas, struct rect r,
                      const struct desk_fact *fact) {
    const struct theme *theme = theme_get_paper();
    desk_draw_hairline(canvas, r);
    struct draw_label label = look_label(canvas, 30, 26, TEXT_REGULAR, theme->dim);
    label.valign = DRAW_MIDDLE;
    look_text(canvas, rect_cut_left(&r, r.w * 0.3F), label, fact->label);
    label = look_label(canvas, 32, 26, TEXT_MEDIUM, desk_tone_color(fact->tone));
    label.valign = DRAW_MIDDLE;
    label.is_tabular = true;
    look_text(canvas, r, look_lines(label, 2, 108), fact->text);
}

static void draw_member(struct canvas *canvas, struct rect r,
                        const struct desk_member *member, int number) {
    const struct theme *theme = theme_get_paper();
    desk_draw_hairline(canvas, r);
    float disc = look_u(canvas, 56);
    struct rect left = rect_cut_left(&r, disc);
    draw_circle(canvas, left.x + disc / 2, r.y + r.h / 2, disc / 2,
                theme_mix(theme->surface, theme->accent, 0.13F));
    char digit[8];
    look_format(digit, sizeof digit, "%d", number);
    struct draw_label label = look_label(canvas, 32, 24, TEXT_BOLD, theme->accent);
    label.align = TEXT_ALIGN_CENTER;
    label.valign = DRAW_MIDDLE;
    look_text(canvas, left, label, digit);
    rect_cut_left(&r, look_u(canvas, 24));
    r = rect_inset(r, 0, look_u(canvas, 12));
    char head[256] = "";
    look_join(head, sizeof head, member->time);
    look_join(head, sizeof head, member->device);
    look_join(head, sizeof head, member->what);
    label = look_label(canvas, 34, 28, TEXT_BOLD, theme->text);
    label.valign = DRAW_MIDDLE;
    label.is_tabular = true;
    look_text(canvas, rect_cut_top(&r, r.h * 0.5F), label, head);
    label = look_label(canvas, 30, 26, TEXT_REGULAR, theme->dim);
    label.valign = DRAW_MIDDLE;
    look_text(canvas, r, look_lines(label, 2, 108), member->basis);
}

void desk_panel_draw(struct canvas *canvas, struct rect r, const struct desk_panel *panel,
                     struct targets *targets) {
    const struct theme *theme = theme_get_paper();
    draw_card(canvas, r, look_u(canvas, 22), theme->surface, look_u(canvas, 3),
              theme->line);
    struct rect in = rect_inset(r, look_u(canvas, 32), look_u(canvas, 26));
    draw_title(canvas, &in, panel, targets);
    struct look_buttons buttons = {.count = 0};
    for (int i = 0; i < panel->action_count && i < DESK_ACTIONS_MAX; i++) {
        const struct desk_action *a = &panel->actions[i];
        if (a->action == ACTION_CLOSE) {
            continue; // stands at the top
        }
        struct look_button *b = &buttons.list[buttons.count++];
        *b = desk_make_button(a->action, 0, a->is_main);
        b->text = a->text[0] ? a->text : b->text;
    }
    float h = look_draw_buttons(canvas, in, theme, targets, &buttons);
    rect_cut_bottom(&in, h + look_u(canvas, 20));
    draw_attention(canvas, &in, panel);
    float member_h = look_u(canvas, MEMBER_H), fact_h = look_u(canvas, FACT_H);
    for (int i = 0; i < panel->member_count && i < DESK_MEMBERS_MAX && in.h >= member_h;
         i++) {
        draw_member(canvas, rect_cut_top(&in, member_h), &panel->members[i], i + 1);
    }
    for (int i = 0; i < panel->fact_count && i < DESK_FACTS_MAX && in.h >= fact_h; i++) {
        draw_fact(canvas, rect_cut_top(&in, fact_h), &panel->facts[i]);
    }
}
