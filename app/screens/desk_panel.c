#include "app/screens/desk_paper.h"
#include "app/screens/desk_parts.h"

#include "app/screens/look.h"
#include "app/screens/page.h"
#include "app/screens/stack.h"

// How dense the panel is, design pixels: the first that fits is taken.
struct density {
    float pad, close, title, latin, status, note, note_pad, gap, member, fact;
    int fact_columns;
};
static const struct density densities[] = {
    {26, 12, 112, 156, 64, 34, 22, 18, 104, 60, 1},
    {20, 6, 100, 136, 56, 30, 16, 12, 88, 54, 1},
    {20, 4, 96, 126, 52, 28, 12, 10, 76, 60, 2},
    {14, 2, 88, 112, 46, 28, 8, 8, 68, 56, 2},
};
enum { DENSITIES = sizeof densities / sizeof densities[0], PAD_X = 32 };

static int count_members(const struct desk_panel *panel) {
    return panel->member_count < DESK_MEMBERS_MAX ? panel->member_count
                                                  : DESK_MEMBERS_MAX;
}

static int count_facts(const struct desk_panel *panel) {
    return panel->fact_count < DESK_FACTS_MAX ? panel->fact_count : DESK_FACTS_MAX;
}

static int count_fact_rows(const struct desk_panel *panel, const struct density *d) {
    return (count_facts(panel) + d->fact_columns - 1) / d->fact_columns;
}

static void draw_title(struct canvas *canvas, struct rect *r,
                       const struct desk_panel *panel, struct targets *targets,
                       const struct density *d) {
    const struct theme *theme = theme_get_paper();
    struct rect top =
        rect_cut_top(r, look_u(canvas, panel->latin[0] ? d->latin : d->title));
    struct rect close = rect_make(top.x, top.y, top.w, look_u(canvas, LOOK_TOUCH));
    const struct look_button button = desk_make_button(ACTION_CLOSE, 0, false);
    float used = desk_draw_button(canvas, close, targets, &button);
    rect_cut_right(&top, used + look_u(canvas, 24));
    const struct stack_piece pieces[] = {
        {.text = panel->title,
         .size = 48,
         .min = 30,
         .max_lines = 2,
         .leading_pct = 104,
         .weight = TEXT_EXTRABOLD,
         .color = theme->text},
        {.text = panel->latin,
         .size = 36,
         .min = 26,
         .gap = 4,
         .weight = TEXT_SEMIBOLD,
         .color = theme->text},
        {.text = panel->detail, .size = 32, .min = 24, .gap = 6, .color = theme->dim},
    };
    stack_draw(canvas, top, pieces, sizeof pieces / sizeof pieces[0]);
    rect_cut_top(r, look_u(canvas, d->close));
    if (panel->status[0]) {
        struct draw_label label =
            look_label(canvas, 36, 28, TEXT_BOLD, desk_tone_color(panel->tone));
        label.valign = DRAW_MIDDLE;
        look_text(canvas, rect_cut_top(r, look_u(canvas, d->status)), label,
                  panel->status);
    }
}

static struct draw_label note_label(const struct canvas *canvas,
                                    const struct density *d) {
    struct draw_label label =
        look_label(canvas, d->note, 28, TEXT_SEMIBOLD, theme_get_paper()->text);
    label = look_lines(label, 4, d->note > 30 ? 122 : 112);
    label.valign = DRAW_MIDDLE;
    return label;
}

enum { NOTE_SIDE = 52, NOTE_PAD_X = 22 };

// Of the note's box in a panel of this inner width.
static float note_height(struct canvas *canvas, float w, const struct desk_panel *panel,
                         const struct density *d) {
    if (!panel->attention[0]) {
        return 0;
    }
    struct draw_label label = note_label(canvas, d);
    float words = w - look_u(canvas, NOTE_SIDE + 3 * NOTE_PAD_X);
    float h = (float)draw_measure(canvas, words, 0, &label, panel->attention).h_px;
    h += look_u(canvas, 2 * d->note_pad);
    return h > look_u(canvas, NOTE_SIDE + 8) ? h : look_u(canvas, NOTE_SIDE + 8);
}

// The note that must be seen, or why the two desks disagreed.
static void draw_attention(struct canvas *canvas, struct rect *r,
                           const struct desk_panel *panel, const struct density *d) {
    float h = note_height(canvas, r->w, panel, d);
    if (h <= 0) {
        return;
    }
    const struct theme *theme = theme_get_paper();
    float pad = look_u(canvas, NOTE_PAD_X), side = look_u(canvas, NOTE_SIDE);
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
    look_text(canvas, box, note_label(canvas, d), panel->attention);
    rect_cut_top(r, look_u(canvas, d->gap));
}

static void draw_fact(struct canvas *canvas, struct rect r,
                      const struct desk_fact *fact) {
    const struct theme *theme = theme_get_paper();
    desk_draw_hairline(canvas, r);
    struct draw_label label = look_label(canvas, 30, 24, TEXT_REGULAR, theme->dim);
    label.valign = DRAW_MIDDLE;
    struct rect left = rect_cut_left(&r, r.w * 0.3F);
    left.w -= look_u(canvas, 12);
    look_text(canvas, left, look_lines(label, 2, 100), fact->label);
    label = look_label(canvas, 32, 24, TEXT_MEDIUM, desk_tone_color(fact->tone));
    label.valign = DRAW_MIDDLE;
    look_text(canvas, r, look_lines(label, 2, 100), fact->text);
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
    r = rect_inset(r, 0, r.h * 0.11F);
    char head[256] = "";
    look_join(head, sizeof head, member->time);
    look_join(head, sizeof head, member->device);
    look_join(head, sizeof head, member->what);
    label = look_label(canvas, 34, 23, TEXT_BOLD, theme->text);
    label.valign = DRAW_MIDDLE;
    look_text(canvas, rect_cut_top(&r, r.h * 0.5F), label, head);
    label = look_label(canvas, 30, 24, TEXT_REGULAR, theme->dim);
    label.valign = DRAW_MIDDLE;
    look_text(canvas, r, label, member->basis);
}

static struct look_buttons make_buttons(const struct desk_panel *panel) {
    struct look_buttons buttons = {.count = 0};
    for (int i = 0; i < panel->action_count && i < DESK_ACTIONS_MAX; i++) {
        const struct desk_action *a = &panel->actions[i];
        if (a->action == ACTION_CLOSE) {
            continue; // stands at the top
        }
        struct look_button *b = &buttons.list[buttons.count++];
        *b = desk_make_button(a->action, a->index, a->is_main);
        b->text = a->text[0] ? a->text : b->text;
    }
    return buttons;
}

static float measure_at(struct canvas *canvas, float w, const struct desk_panel *panel,
                        const struct density *d) {
    float inside = w - look_u(canvas, 2 * PAD_X);
    const struct look_buttons buttons = make_buttons(panel);
    float h = 2 * d->pad + (panel->latin[0] ? d->latin : d->title) + d->close;
    h += panel->status[0] ? d->status : 0;
    h += panel->attention[0] ? d->gap : 0;
    h += (float)count_members(panel) * d->member;
    h += (float)count_fact_rows(panel, d) * d->fact;
    h += buttons.count > 0 ? d->gap : 0;
    return look_u(canvas, h) + note_height(canvas, inside, panel, d) +
           look_measure_buttons(canvas, inside, &buttons);
}

float desk_panel_measure(struct canvas *canvas, float w, const struct desk_panel *panel) {
    if (panel->kind == DESK_PANEL_PAPER) {
        return desk_paper_measure(canvas);
    }
    return measure_at(canvas, w, panel, &densities[0]);
}

float desk_panel_measure_least(struct canvas *canvas, float w,
                               const struct desk_panel *panel) {
    return measure_at(canvas, w, panel, &densities[DENSITIES - 1]);
}

static void draw_facts(struct canvas *canvas, struct rect r,
                       const struct desk_panel *panel, const struct density *d) {
    int rows = count_fact_rows(panel, d);
    float h = look_u(canvas, d->fact);
    r.h = h * (float)rows;
    for (int i = 0; i < count_facts(panel); i++) {
        struct rect cell =
            rect_grid(r, d->fact_columns, 1, look_u(canvas, 28), i / rows, 0);
        cell = rect_make(cell.x, r.y + h * (float)(i % rows), cell.w, h);
        draw_fact(canvas, cell, &panel->facts[i]);
    }
}

void desk_panel_draw(struct canvas *canvas, struct rect r, const struct desk_panel *panel,
                     struct targets *targets) {
    if (panel->kind == DESK_PANEL_PAPER) {
        desk_paper_draw(canvas, r, panel, targets);
        return;
    }
    const struct theme *theme = theme_get_paper();
    const struct density *d = &densities[DENSITIES - 1];
    for (int i = DENSITIES - 1; i >= 0; i--) {
        d = measure_at(canvas, r.w, panel, &densities[i]) <= r.h + 1 ? &densities[i] : d;
    }
    draw_card(canvas, r, look_u(canvas, 22), theme->surface, look_u(canvas, 3),
              theme->line);
    struct rect in = rect_inset(r, look_u(canvas, PAD_X), look_u(canvas, d->pad));
    draw_title(canvas, &in, panel, targets, d);
    const struct look_buttons buttons = make_buttons(panel);
    float h = look_draw_buttons(canvas, in, theme, targets, &buttons);
    rect_cut_bottom(&in, h + look_u(canvas, d->gap));
    draw_attention(canvas, &in, panel, d);
    for (int i = 0; i < count_members(panel); i++) {
        draw_member(canvas, rect_cut_top(&in, look_u(canvas, d->member)),
                    &panel->members[i], i + 1);
    }
    draw_facts(canvas, in, panel, d);
}
