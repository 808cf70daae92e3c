#include "app/screens/stack.h"

#include "app/screens/look.h"

static const float scales[] = {1.0F, 0.9F, 0.8F, 0.7F, 0.6F, 0.5F, 0.42F};
enum { SCALES = sizeof scales / sizeof scales[0] };

static struct draw_label piece_label(const struct canvas *canvas,
                                     const struct stack_piece *p, float scale) {
    float size = p->size * scale;
    float min = p->min > 0 ? p->min : p->size;
    size = size < min ? min : size;
    struct draw_label label = look_label(canvas, size, min, p->weight, p->color);
    label.max_lines = p->max_lines;
    label.leading_pct = p->leading_pct ? p->leading_pct : 115;
    label.align = p->align == TEXT_ALIGN_LEADING ? TEXT_ALIGN_LEFT : p->align;
    label.direction = p->direction;
    label.is_struck = p->is_struck;
    label.is_tabular = p->is_tabular;
    return label;
}

static float piece_gap(const struct canvas *canvas, const struct stack_piece *p,
                       float scale, bool is_first) {
    return is_first ? 0 : look_u(canvas, p->gap) * scale;
}

static float measure_at(struct canvas *canvas, float w, const struct stack_piece *pieces,
                        size_t count, float scale) {
    float h = 0;
    bool is_first = true;
    for (size_t i = 0; i < count; i++) {
        if (!pieces[i].text[0]) {
            continue;
        }
        struct draw_label label = piece_label(canvas, &pieces[i], scale);
        h += piece_gap(canvas, &pieces[i], scale, is_first);
        h += (float)draw_measure(canvas, w, 0, &label, pieces[i].text).h_px;
        is_first = false;
    }
    return h;
}

static float choose_scale(struct canvas *canvas, struct rect r,
                          const struct stack_piece *pieces, size_t count, float *out_h) {
    for (int i = 0; i < SCALES; i++) {
        *out_h = measure_at(canvas, r.w, pieces, count, scales[i]);
        if (*out_h <= r.h + 0.5F) {
            return scales[i];
        }
    }
    return scales[SCALES - 1];
}

static float draw_at(struct canvas *canvas, struct rect r,
                     const struct stack_piece *pieces, size_t count, float scale) {
    float y = r.y;
    bool is_first = true;
    for (size_t i = 0; i < count; i++) {
        if (!pieces[i].text[0]) {
            continue;
        }
        struct draw_label label = piece_label(canvas, &pieces[i], scale);
        float top = y + piece_gap(canvas, &pieces[i], scale, is_first);
        float left = r.y + r.h - top;
        if (left < (float)label.min_px) {
            break;
        }
        struct rect at = rect_make(r.x, top, r.w, left);
        y = top + draw_text(canvas, at, &label, pieces[i].text).h;
        is_first = false;
    }
    return y - r.y;
}

float stack_draw(struct canvas *canvas, struct rect r, const struct stack_piece *pieces,
                 size_t count) {
    float h = 0;
    float scale = choose_scale(canvas, r, pieces, count, &h);
    return draw_at(canvas, r, pieces, count, scale);
}

float stack_draw_placed(struct canvas *canvas, struct rect r,
                        const struct stack_piece *pieces, size_t count, float above) {
    float h = 0;
    float scale = choose_scale(canvas, r, pieces, count, &h);
    float spare = r.h > h ? r.h - h : 0;
    r.y += spare * above;
    r.h -= spare * above;
    return draw_at(canvas, r, pieces, count, scale);
}

float stack_draw_middle(struct canvas *canvas, struct rect r,
                        const struct stack_piece *pieces, size_t count) {
    return stack_draw_placed(canvas, r, pieces, count, 0.5F);
}

float stack_measure(struct canvas *canvas, float w, const struct stack_piece *pieces,
                    size_t count) {
    return measure_at(canvas, w, pieces, count, scales[0]);
}
