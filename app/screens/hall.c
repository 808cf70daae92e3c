#include "app/screens/hall.h"

#include "app/screens/look.h"

static struct draw_label baseline(struct draw_label label, enum text_align align) {
    label.valign = DRAW_BASELINE;
    label.align = align;
    return label;
}

// Date and clock at the right end of r on the baseline y; returns the width used.
static float draw_clock(struct canvas *canvas, struct rect r, float y,
                        const struct hall_header *h) {
    const struct theme *theme = theme_get_ink();
    const char *clock = h->clock[0] ? h->clock : tr("time not set yet");
    struct draw_label big = look_label(canvas, h->clock[0] ? 56 : 36, 30, TEXT_SEMIBOLD,
                                       h->clock[0] ? theme->text : theme->warn);
    big.is_tabular = true;
    big = baseline(big, TEXT_ALIGN_RIGHT);
    struct rect box = rect_make(r.x, y, r.w, 0);
    float w = look_text(canvas, box, big, clock).w;
    const char *beside = h->note[0] ? h->note : h->date;
    if (!beside[0]) {
        return w;
    }
    struct draw_label small = baseline(
        look_label(canvas, 36, 26, TEXT_REGULAR, h->note[0] ? theme->warn : theme->dim),
        TEXT_ALIGN_RIGHT);
    w += look_u(canvas, 28);
    box.w = r.w - w;
    return w + look_text(canvas, box, small, beside).w;
}

// The room's name and level in one or two lines within r, the first line on baseline y.
static float draw_title(struct canvas *canvas, struct rect r, float y,
                        const struct hall_header *h) {
    const struct theme *theme = theme_get_ink();
    struct draw_label label = look_label(canvas, 56, 38, TEXT_BOLD, theme->text);
    label = look_lines(baseline(label, TEXT_ALIGN_LEFT), 2, 115);
    char dim[96];
    look_format(dim, sizeof dim, h->title[0] ? " \xC2\xB7 %s" : "%s", h->title_dim);
    const struct draw_span spans[2] = {{h->title, TEXT_BOLD, theme->text},
                                       {dim, TEXT_MEDIUM, theme->dim}};
    return draw_spans(canvas, rect_make(r.x, y, r.w, 0), &label, spans,
                      h->title_dim[0] ? 2 : 1)
        .h;
}

void hall_draw_header(struct canvas *canvas, struct rect *body,
                      const struct hall_header *header) {
    draw_clear(canvas, theme_get_ink()->bg);
    *body = rect_inset(canvas_rect(canvas), look_u(canvas, HALL_MARGIN), 0);
    rect_cut_top(body, look_u(canvas, 40));
    float line = look_u(canvas, 56);
    if (canvas->is_portrait) {
        // Upright, the clock has a row of its own: names need the width.
        float h = draw_title(canvas, *body, body->y + line, header);
        rect_cut_top(body, h + look_u(canvas, 14));
        draw_clock(canvas, *body, body->y + line, header);
        rect_cut_top(body, line + look_u(canvas, 34));
        return;
    }
    float used = draw_clock(canvas, *body, body->y + line, header);
    struct rect left = *body;
    left.w -= used + look_u(canvas, 48);
    float h = draw_title(canvas, left, left.y + line, header);
    float least = look_u(canvas, 72);
    rect_cut_top(body, (h > least ? h : least) + look_u(canvas, 30));
}

static float draw_footer_line(struct canvas *canvas, struct rect r, bool is_right,
                              const struct hall_footer *f) {
    const struct theme *theme = theme_get_ink();
    struct draw_label label = look_label(canvas, 26, 26, TEXT_REGULAR, theme->dim);
    label.valign = DRAW_MIDDLE;
    label.align = is_right ? TEXT_ALIGN_RIGHT : TEXT_ALIGN_LEFT;
    const char *parts[3] = {is_right ? f->right : f->left,
                            is_right ? f->right_strong : f->left_strong,
                            is_right ? f->right_rest : f->left_rest};
    uint32_t plain = is_right && f->is_right_warn ? theme->warn : theme->dim;
    struct draw_span spans[3];
    bool is_empty = true;
    for (int i = 0; i < 3; i++) {
        const char *text = parts[i] ? parts[i] : "";
        is_empty = is_empty && !text[0];
        spans[i] = (struct draw_span){text, i == 1 ? TEXT_BOLD : TEXT_REGULAR,
                                      i == 1   ? theme->text
                                      : i == 2 ? plain
                                               : theme->dim};
    }
    if (is_empty) {
        return 0;
    }
    return draw_spans(canvas, r, &label, spans, 3).w;
}

void hall_draw_footer(struct canvas *canvas, struct rect *body,
                      const struct hall_footer *footer) {
    rect_cut_bottom(body, look_u(canvas, 18));
    if (canvas->is_portrait) {
        draw_footer_line(canvas, rect_cut_bottom(body, look_u(canvas, 42)), true, footer);
        draw_footer_line(canvas, rect_cut_bottom(body, look_u(canvas, 42)), false,
                         footer);
        rect_cut_bottom(body, look_u(canvas, 14));
        return;
    }
    struct rect line = rect_cut_bottom(body, look_u(canvas, 46));
    float used = draw_footer_line(canvas, line, true, footer);
    line.w -= used + look_u(canvas, 40);
    draw_footer_line(canvas, line, false, footer);
    rect_cut_bottom(body, look_u(canvas, 14));
}

static bool is_banner(const struct notice_view *notice) {
    return notice->level != NOTICE_EMERGENCY && notice->text[0];
}

static struct rect cut_end(struct rect *body, bool is_bottom, float h) {
    return is_bottom ? rect_cut_bottom(body, h) : rect_cut_top(body, h);
}

// Two banners stand side by side in landscape: the sessions need the height.
static void draw_two(struct canvas *canvas, struct rect *body, bool is_bottom,
                     const struct notice_view *const pair[2]) {
    float gap = look_u(canvas, 24);
    float w = (body->w - gap) / 2;
    float a = notice_view_measure(canvas, w, pair[0]);
    float b = notice_view_measure(canvas, w, pair[1]);
    struct rect row = cut_end(body, is_bottom, a > b ? a : b);
    for (int i = 0; i < 2; i++) {
        notice_view_draw_banner(canvas, rect_grid(row, 2, 1, gap, i, 0), theme_get_ink(),
                                pair[i]);
    }
    cut_end(body, is_bottom, gap);
}

void hall_draw_notices(struct canvas *canvas, struct rect *body, bool is_bottom,
                       const struct notice_view *notices, int count) {
    const struct notice_view *shown[2];
    int found = 0;
    for (int i = 0; i < count && found < 2; i++) {
        if (is_banner(&notices[i])) {
            shown[found++] = &notices[i];
        }
    }
    if (found == 2 && !canvas->is_portrait) {
        draw_two(canvas, body, is_bottom, shown);
        return;
    }
    for (int i = 0; i < found; i++) {
        float h = notice_view_measure(canvas, body->w, shown[i]);
        notice_view_draw_banner(canvas, cut_end(body, is_bottom, h), theme_get_ink(),
                                shown[i]);
        cut_end(body, is_bottom, look_u(canvas, 24));
    }
}

const struct notice_view *hall_find_emergency(const struct notice_view *notices,
                                              int count) {
    for (int i = 0; i < count; i++) {
        if (notices[i].level == NOTICE_EMERGENCY) {
            return &notices[i];
        }
    }
    return NULL;
}

void hall_format_checked(const char *checked, const char *changed, bool is_stale,
                         char *out, size_t size) {
    if (!checked[0]) {
        look_format(out, size, "%s", tr("not checked yet"));
    } else if (is_stale) {
        look_format(out, size, tr("as of %s"), checked);
    } else if (changed[0]) {
        look_format(out, size, tr("checked %s, last change %s"), checked, changed);
    } else {
        look_format(out, size, tr("checked %s"), checked);
    }
}
