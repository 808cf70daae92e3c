#include "app/screens/notice_view.h"

#include "app/screens/look.h"
#include "app/screens/stack.h"

enum { BANNER_LINES = 3 };

static struct draw_label banner_label(const struct canvas *canvas) {
    struct draw_label label = look_label(canvas, 36, 30, TEXT_MEDIUM, 0);
    label.valign = DRAW_MIDDLE;
    return look_lines(label, BANNER_LINES, 125);
}

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

float notice_view_measure(struct canvas *canvas, float w,
                          const struct notice_view *notice) {
    char whole[NAME_SIZE + 512 + 8];
    banner_text(notice, whole, sizeof whole);
    struct rect words = banner_words(canvas, rect_make(0, 0, w, look_u(canvas, 400)));
    struct draw_label label = banner_label(canvas);
    label.weight = TEXT_BOLD; // the widest it may get
    struct text_measure m = draw_measure(canvas, words.w, 0, &label, whole);
    return (float)m.h_px + look_u(canvas, 48);
}

float notice_view_draw_banner(struct canvas *canvas, struct rect r,
                              const struct theme *theme,
                              const struct notice_view *notice) {
    bool is_warn = notice->level != NOTICE_INFO;
    float h = notice_view_measure(canvas, r.w, notice);
    r.h = h < r.h ? h : r.h;
    uint32_t line = is_warn ? theme->warn : theme->line;
    draw_card(canvas, r, look_u(canvas, 18), theme->surface, look_u(canvas, 3), line);
    struct rect symbol =
        rect_make(r.x + look_u(canvas, 30), r.y, look_u(canvas, 52), r.h);
    uint32_t tone = is_warn ? theme->warn : theme->accent;
    draw_symbol(canvas, is_warn ? DRAW_SYMBOL_WARNING : DRAW_SYMBOL_INFO,
                rect_center(symbol, look_u(canvas, 52), look_u(canvas, 52)), tone,
                is_warn ? theme->on_warn : theme->on_accent);
    struct draw_label label = banner_label(canvas);
    const struct draw_span spans[3] = {{notice->title, TEXT_BOLD, tone},
                                       {notice->title[0] ? "  " : "", TEXT_MEDIUM, tone},
                                       {notice->text, TEXT_MEDIUM, theme->text}};
    draw_spans(canvas, banner_words(canvas, r), &label, spans, 3);
    return r.h;
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
    strong.is_tabular = true;
    char where[160] = "";
    if (place[0]) {
        look_format(where, sizeof where, tr("You are at %s"), place);
    }
    look_pair(canvas, foot, &strong, where, &strong, clock);
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
