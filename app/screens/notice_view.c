#include "app/screens/notice_view.h"

#include "app/screens/look.h"
#include "app/screens/stack.h"

enum { BANNER_LINES = 4, BANNER_SIZE = 36, BANNER_LEAST = 32 };

// Where the words stand: right of the symbol.
static struct rect banner_words(const struct canvas *canvas, struct rect r) {
    r = rect_inset(r, look_u(canvas, 30), look_u(canvas, 18));
    rect_cut_left(&r, look_u(canvas, 78));
    return r;
}

static void banner_text(const struct notice_view *notice, char *out, size_t size) {
    look_format(out, size, "%s%s%s", notice->title, notice->title[0] ? "  " : "",
                notice->text);
}

// The largest size that needs one line; when none does, the least.
static struct draw_label banner_label(struct canvas *canvas, float w, const char *whole) {
    struct draw_label label = {.size_px = 0};
    for (int size = BANNER_SIZE; size >= BANNER_LEAST; size -= 2) {
        label = look_label(canvas, (float)size, (float)size, TEXT_BOLD, 0);
        label.valign = DRAW_MIDDLE;
        label = look_lines(label, BANNER_LINES, 125);
        if (draw_measure(canvas, w, 0, &label, whole).line_count == 1) {
            return label;
        }
    }
    return label;
}

float notice_view_measure(struct canvas *canvas, float w,
                          const struct notice_view *notice) {
    char whole[NAME_SIZE + 512 + 8];
    banner_text(notice, whole, sizeof whole);
    struct rect words = banner_words(canvas, rect_make(0, 0, w, look_u(canvas, 400)));
    struct draw_label label = banner_label(canvas, words.w, whole); // bold: the widest
    struct text_measure m = draw_measure(canvas, words.w, 0, &label, whole);
    return (float)m.h_px + look_u(canvas, 48);
}

void notice_view_draw_banner(struct canvas *canvas, struct rect r,
                             const struct theme *theme,
                             const struct notice_view *notice) {
    bool is_warn = notice->level != NOTICE_INFO;
    uint32_t line = is_warn ? theme->warn : theme->line;
    draw_card(canvas, r, look_u(canvas, 18), theme->surface, look_u(canvas, 3), line);
    struct rect symbol =
        rect_make(r.x + look_u(canvas, 30), r.y, look_u(canvas, 52), r.h);
    uint32_t tone = is_warn ? theme->warn : theme->accent;
    draw_symbol(canvas, is_warn ? DRAW_SYMBOL_WARNING : DRAW_SYMBOL_INFO,
                rect_center(symbol, look_u(canvas, 52), look_u(canvas, 52)), tone,
                is_warn ? theme->on_warn : theme->on_accent);
    char whole[NAME_SIZE + 512 + 8];
    banner_text(notice, whole, sizeof whole);
    struct rect words = banner_words(canvas, r);
    struct draw_label label = banner_label(canvas, words.w, whole);
    const struct draw_span spans[3] = {{notice->title, TEXT_BOLD, tone},
                                       {notice->title[0] ? "  " : "", TEXT_MEDIUM, tone},
                                       {notice->text, TEXT_MEDIUM, theme->text}};
    draw_spans(canvas, words, &label, spans, 3);
}

void notice_view_draw_emergency(struct canvas *canvas, const struct notice_view *notice,
                                const char *place, const char *clock) {
    const struct theme *paper = theme_get_paper();
    uint32_t fill = paper->stop, ink = paper->on_stop;
    draw_clear(canvas, fill);
    struct rect body =
        rect_inset(canvas_rect(canvas), look_u(canvas, 96), look_u(canvas, 80));
    struct rect foot = rect_cut_bottom(&body, look_u(canvas, 70));
    struct draw_label strong = look_label(canvas, 44, 30, TEXT_BOLD, ink);
    strong.valign = DRAW_BOTTOM;
    char where[160] = "";
    if (place[0]) {
        look_format(where, sizeof where, tr("You are at %s"), place);
    }
    struct draw_label time = strong;
    time.is_tabular = true;
    const struct look_side left = {strong, where}, right = {time, clock};
    look_pair(canvas, foot, &left, &right);
    float side = look_u(canvas, 200);
    struct rect top = rect_cut_top(&body, side);
    draw_symbol(canvas, DRAW_SYMBOL_WARNING, rect_make(top.x, top.y, side, side), ink,
                fill);
    rect_cut_top(&body, look_u(canvas, 44));
    char made[48] = "";
    if (notice->at[0]) {
        look_format(made, sizeof made, tr("Announced %s"), notice->at);
    }
    const struct stack_piece pieces[] = {
        {.text = notice->title,
         .size = 128,
         .min = 64,
         .max_lines = 3,
         .leading_pct = 105,
         .weight = TEXT_EXTRABOLD,
         .color = ink},
        {.text = notice->text,
         .size = 72,
         .min = 36,
         .gap = 32,
         .max_lines = 12,
         .leading_pct = 125,
         .weight = TEXT_SEMIBOLD,
         .color = ink},
        {.text = made, .size = 36, .min = 28, .gap = 32, .color = ink},
    };
    stack_draw(canvas, body, pieces, sizeof pieces / sizeof pieces[0]);
}
