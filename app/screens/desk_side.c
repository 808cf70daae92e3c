#include "app/screens/desk_parts.h"

#include "app/screens/look.h"
#include "app/screens/page.h"

enum {
    COUNTS_H = 140,
    GAP = 22,
    BOX_H = 80,
    ROW_H = 54,
    MORE_H = 48,
    NOTE_H = 76,
    PAD_X = 32
};
enum { NEED_H = 100, NEED_LINES = 6, NEED_SYMBOL = 44 };

static void draw_counts(struct canvas *canvas, struct rect r,
                        const struct desk_view *view) {
    const struct theme *theme = theme_get_paper();
    draw_card(canvas, r, look_u(canvas, 22), theme->surface, look_u(canvas, 3),
              theme->line);
    r = rect_inset(r, look_u(canvas, 32), look_u(canvas, 12));
    const char *labels[3] = {tr("Checked in"), tr("Still to come"), tr("Last hour")};
    const int counts[3] = {view->in_count, view->to_come_count, view->last_hour_count};
    char numbers[3][LOOK_COUNT_SIZE];
    struct draw_label big = look_label(canvas, 64, 32, TEXT_EXTRABOLD, theme->text);
    big.valign = DRAW_MIDDLE;
    float gap = look_u(canvas, 16);
    float w = rect_grid(r, 3, 1, gap, 0, 0).w;
    int size = big.size_px;
    for (int i = 0; i < 3; i++) {
        look_format_count(counts[i], numbers[i], sizeof numbers[i]);
        int fit = draw_measure(canvas, w - gap, 0, &big, numbers[i]).size_px;
        size = fit < size ? fit : size; // all three alike
    }
    big.size_px = size;
    struct draw_label small = look_label(canvas, 28, 22, TEXT_REGULAR, theme->dim);
    small.valign = DRAW_MIDDLE;
    for (int i = 0; i < 3; i++) {
        struct rect cell = rect_grid(r, 3, 1, gap, i, 0);
        look_text(canvas, rect_cut_top(&cell, cell.h * 0.38F), small, labels[i]);
        look_text(canvas, cell, big, numbers[i]);
    }
}

static void draw_muted(struct canvas *canvas, struct rect r, const char *text) {
    struct draw_label label =
        look_label(canvas, 30, 26, TEXT_REGULAR, theme_get_paper()->dim);
    label.valign = DRAW_MIDDLE;
    look_text(canvas, r, label, text);
}

// ---- printer

static const char *printer_words(const struct desk_view *view) {
    if (view->printer_state[0]) {
        return view->printer_state;
    }
    switch (view->printer) {
    case DESK_PRINTER_READY:
        return tr("Ready");
    case DESK_PRINTER_BUSY:
        return tr("Printing");
    case DESK_PRINTER_TROUBLE:
        return tr("Needs a look");
    case DESK_PRINTER_NONE:
        break;
    }
    return tr("None");
}

static uint32_t printer_color(enum desk_printer printer) {
    if (printer == DESK_PRINTER_TROUBLE) {
        return desk_tone_color(DESK_BAD);
    }
    return desk_tone_color(printer == DESK_PRINTER_NONE ? DESK_PLAIN : DESK_GOOD);
}

static bool has_printer_box(const struct desk_view *view) {
    return view->printer != DESK_PRINTER_NONE || view->queue_count > 0 ||
           view->queue_more > 0;
}

static bool has_printer_buttons(const struct desk_view *view) {
    return view->printer == DESK_PRINTER_TROUBLE &&
           (view->can_load || view->printer_elsewhere[0]);
}

static float printer_height(const struct canvas *canvas, const struct desk_view *view,
                            int queue) {
    if (!has_printer_box(view)) {
        return 0;
    }
    float h = BOX_H + ROW_H;
    h += view->printer_note[0] ? NOTE_H : 0;
    h += has_printer_buttons(view) ? LOOK_TOUCH + 20 : 0;
    h += (float)queue * ROW_H;
    h += view->queue_count > queue || view->queue_more > 0 ? MORE_H : 0;
    return look_u(canvas, h);
}

static void draw_pair(struct canvas *canvas, struct rect r, const char *left,
                      const char *right, uint32_t right_color) {
    struct draw_label a =
        look_label(canvas, 32, 26, TEXT_REGULAR, theme_get_paper()->text);
    struct draw_label b = look_label(canvas, 32, 26, TEXT_SEMIBOLD, right_color);
    a.valign = b.valign = DRAW_MIDDLE;
    const struct look_side sides[2] = {{a, left}, {b, right}};
    look_pair(canvas, r, &sides[0], &sides[1]);
}

static void draw_printer_buttons(struct canvas *canvas, struct rect r,
                                 const struct desk_view *view, struct targets *targets) {
    const struct theme *theme = theme_get_paper();
    struct look_button loaded = {ACTION_LOADED, 0, page_get_action_text(ACTION_LOADED),
                                 DRAW_BUTTON_PLAIN, 32};
    char words[96];
    look_format(words, sizeof words, tr("Print at %s"), view->printer_elsewhere);
    struct look_button other = {ACTION_PRINT_ELSEWHERE, -1, words, DRAW_BUTTON_PLAIN, 32};
    if (view->can_load) {
        look_draw_button(canvas, rect_cut_left(&r, r.w * 0.38F), theme, targets, &loaded);
        rect_cut_left(&r, look_u(canvas, 14));
    }
    if (view->printer_elsewhere[0]) {
        look_draw_button(canvas, r, theme, targets, &other);
    }
}

static void draw_printer(struct canvas *canvas, struct rect r,
                         const struct desk_view *view, struct targets *targets,
                         int queue) {
    struct rect inside = desk_draw_box(canvas, r, tr("Badge printer"));
    struct rect row = rect_cut_top(&inside, look_u(canvas, ROW_H));
    desk_draw_hairline(canvas, row);
    draw_pair(canvas, row, view->printer_name, printer_words(view),
              printer_color(view->printer));
    if (view->printer_note[0]) {
        struct draw_label label =
            look_label(canvas, 28, 22, TEXT_REGULAR, theme_get_paper()->dim);
        look_text(canvas, rect_cut_top(&inside, look_u(canvas, NOTE_H)),
                  look_lines(label, 2, 110), view->printer_note);
    }
    if (has_printer_buttons(view)) {
        rect_cut_top(&inside, look_u(canvas, 4));
        draw_printer_buttons(canvas, rect_cut_top(&inside, look_u(canvas, LOOK_TOUCH)),
                             view, targets);
        rect_cut_top(&inside, look_u(canvas, 16));
    }
    for (int i = 0; i < queue; i++) {
        row = rect_cut_top(&inside, look_u(canvas, ROW_H));
        desk_draw_hairline(canvas, row);
        draw_pair(canvas, row, view->queue[i].name, view->queue[i].state,
                  theme_get_paper()->dim);
    }
    int more = view->queue_more + view->queue_count - queue;
    if (more > 0) {
        char words[64];
        look_format(words, sizeof words,
                    queue > 0 ? tr_n(more, "%d more badge waits", "%d more badges wait")
                              : tr_n(more, "%d badge waits", "%d badges wait"),
                    more);
        draw_muted(canvas, rect_cut_top(&inside, look_u(canvas, MORE_H)), words);
    }
}

// ---- what needs a person

// The words of a need: large in one or two lines, else smaller in as many as they take.
static struct draw_label need_label(struct canvas *canvas, float w, const char *text) {
    struct draw_label label =
        look_label(canvas, 32, 32, TEXT_REGULAR, theme_get_paper()->text);
    label.valign = DRAW_MIDDLE;
    label = look_lines(label, 2, 112);
    if (!draw_measure(canvas, w, 0, &label, text).is_cut) {
        return label;
    }
    int px = look_label(canvas, 28, 28, TEXT_REGULAR, 0).size_px;
    label.size_px = label.min_px = px;
    return look_lines(label, NEED_LINES, 112);
}

// Where the words of need `index` stand in a row r; *out_button: the width for its button.
static struct rect need_words(struct canvas *canvas, struct rect r,
                              const struct desk_need *need, int index,
                              float *out_button) {
    const struct look_button button =
        desk_make_button(need->action, index, need->is_urgent);
    *out_button = desk_measure_button(canvas, r, &button);
    rect_cut_right(&r, *out_button + look_u(canvas, 20));
    rect_cut_left(&r, need->is_urgent ? look_u(canvas, NEED_SYMBOL + 16) : 0);
    return r;
}

static float need_height(struct canvas *canvas, float w, const struct desk_need *need,
                         int index) {
    float button = 0, least = look_u(canvas, NEED_H);
    struct rect words =
        need_words(canvas, rect_make(0, 0, w, least), need, index, &button);
    struct draw_label label = need_label(canvas, words.w, need->text);
    float h = (float)draw_measure(canvas, words.w, 0, &label, need->text).h_px;
    h += look_u(canvas, 20);
    return h > least ? h : least;
}

static float needs_height(struct canvas *canvas, float w, const struct desk_view *view,
                          int shown) {
    float inside = w - look_u(canvas, 2 * PAD_X);
    float h = look_u(canvas, BOX_H);
    for (int i = 0; i < shown; i++) {
        h += need_height(canvas, inside, &view->needs[i], i);
    }
    h += view->need_count == 0 ? look_u(canvas, ROW_H) : 0;
    return h +
           (view->need_count > shown || view->need_more > 0 ? look_u(canvas, MORE_H) : 0);
}

static void draw_need(struct canvas *canvas, struct rect r, const struct desk_need *need,
                      struct targets *targets, int index) {
    const struct theme *theme = theme_get_paper();
    desk_draw_hairline(canvas, r);
    const struct look_button button =
        desk_make_button(need->action, index, need->is_urgent);
    desk_draw_button(canvas, r, targets, &button);
    if (need->is_urgent) {
        float side = look_u(canvas, NEED_SYMBOL);
        draw_symbol(canvas, DRAW_SYMBOL_WARNING,
                    rect_center(rect_make(r.x, r.y, side, r.h), side, side), theme->warn,
                    theme->on_warn);
    }
    float used = 0;
    struct rect words = need_words(canvas, r, need, index, &used);
    look_text(canvas, words, need_label(canvas, words.w, need->text), need->text);
}

static void draw_needs(struct canvas *canvas, struct rect r, const struct desk_view *view,
                       struct targets *targets, int shown) {
    struct rect inside = desk_draw_box(canvas, r, tr("Needs you"));
    if (shown == 0 && view->need_count == 0) {
        draw_muted(canvas, rect_cut_top(&inside, look_u(canvas, ROW_H)),
                   tr("Nothing. All is well."));
        return;
    }
    for (int i = 0; i < shown; i++) {
        float h = need_height(canvas, inside.w, &view->needs[i], i);
        draw_need(canvas, rect_cut_top(&inside, h), &view->needs[i], targets, i);
    }
    int more = view->need_more + view->need_count - shown;
    if (more > 0) {
        char words[64];
        look_format(words, sizeof words,
                    shown > 0 ? tr("and %d more")
                              : tr_n(more, "%d thing waits", "%d things wait"),
                    more);
        draw_muted(canvas, rect_cut_top(&inside, look_u(canvas, MORE_H)), words);
    }
}

void desk_side_draw(struct canvas *canvas, struct rect r, const struct desk_view *view,
                    struct targets *targets) {
    float gap = look_u(canvas, GAP);
    int queue = view->queue_count < DESK_QUEUE_MAX ? view->queue_count : DESK_QUEUE_MAX;
    int needs = view->need_count < DESK_NEEDS_MAX ? view->need_count : DESK_NEEDS_MAX;
    bool has_printer = has_printer_box(view);
    float counts = look_u(canvas, COUNTS_H) + gap;
    float printer = has_printer ? printer_height(canvas, view, 0) + gap : 0;
    float first = needs_height(canvas, r.w, view, needs > 0 ? 1 : 0);
    // People before paper: the counts give way first, then the printer when it is well,
    // then the queue and the list of needs.
    bool has_counts = counts + printer + first <= r.h;
    if (has_counts) {
        draw_counts(canvas, rect_cut_top(&r, look_u(canvas, COUNTS_H)), view);
        rect_cut_top(&r, gap);
    }
    if (view->printer != DESK_PRINTER_TROUBLE && printer + first > r.h) {
        has_printer = false;
    }
    float taken = has_printer ? gap : 0;
    while (queue > 0 && has_printer &&
           printer_height(canvas, view, queue) + taken +
                   needs_height(canvas, r.w, view, needs) >
               r.h) {
        queue--;
    }
    printer = has_printer ? printer_height(canvas, view, queue) : 0;
    while (needs > 0 && printer + taken + needs_height(canvas, r.w, view, needs) > r.h) {
        needs--;
    }
    if (has_printer) {
        draw_printer(canvas, rect_cut_top(&r, printer), view, targets, queue);
        rect_cut_top(&r, gap);
    }
    draw_needs(canvas, rect_cut_top(&r, needs_height(canvas, r.w, view, needs)), view,
               targets, needs);
}
