#include "app/ui/draw_text.h"

#include "app/ui/draw.h"
#include "app/ui/draw_cache.h"
#include "app/ui/raster.h"
#include "sync/base/mem.h"

#include <math.h>

static struct text_style style_of(const struct draw_label *label, float max_w,
                                  float max_h) {
    return (struct text_style){
        .size_px = label->size_px,
        .min_px = label->min_px,
        .max_w_px = max_w >= 1 ? (int)floorf(max_w) : 0,
        .max_h_px = max_h >= 1 ? (int)floorf(max_h) : 0,
        .max_lines = label->max_lines,
        .leading_pct = label->leading_pct,
        .weight = label->weight,
        .align = label->align,
        .direction = label->direction,
        .han = label->han,
        .is_tabular = label->is_tabular,
    };
}

static int place_x(struct rect r, enum text_align align,
                   const struct text_measure *measure) {
    if (align == TEXT_ALIGN_LEADING) {
        align = measure->is_rtl ? TEXT_ALIGN_RIGHT : TEXT_ALIGN_LEFT;
    }
    float w = r.w > 0 ? r.w : 0, rest = w - (float)measure->w_px;
    float x = align == TEXT_ALIGN_RIGHT    ? r.x + rest
              : align == TEXT_ALIGN_CENTER ? r.x + rest / 2
                                           : r.x;
    return (int)lroundf(x);
}

static int place_y(struct rect r, enum draw_valign valign,
                   const struct text_measure *measure) {
    float h = r.h > 0 ? r.h : 0, first = (float)measure->baseline_px;
    float last = (float)measure->last_baseline_px, cap = (float)measure->cap_px;
    switch (valign) {
    case DRAW_MIDDLE:
        return (int)lroundf(r.y + h / 2 - (first - cap + last) / 2);
    case DRAW_BOTTOM:
        return (int)lroundf(r.y + h - (float)measure->h_px);
    case DRAW_BASELINE:
        return (int)lroundf(r.y - first);
    case DRAW_TOP:
        break;
    }
    return (int)lroundf(r.y);
}

static void strike(struct canvas *canvas, const struct text_measure *measure, int x,
                   int y, uint32_t color) {
    int lines = measure->line_count > 1 ? measure->line_count - 1 : 1;
    int pitch = (measure->last_baseline_px - measure->baseline_px) / lines;
    float stroke = fmaxf(1, roundf((float)measure->size_px / 14));
    for (int i = 0; i < measure->line_count; i++) {
        int baseline = y + measure->baseline_px + i * pitch;
        int top = baseline - measure->cap_px * 45 / 100;
        struct rect bar = {(float)x, (float)top, (float)measure->w_px, stroke};
        draw_rect(canvas, bar, color);
    }
}

// What the screen says, for scripts and speech.
static void say(struct canvas *canvas, const struct draw_span *spans, size_t span_count) {
    if (canvas->said == NULL) {
        return;
    }
    for (size_t s = 0; s < span_count; s++) {
        bytes_add_text(canvas->said, spans[s].text != NULL ? spans[s].text : "");
    }
    bytes_add_u8(canvas->said, '\n');
}

struct rect draw_spans(struct canvas *canvas, struct rect r,
                       const struct draw_label *label, const struct draw_span *spans,
                       size_t span_count) {
    CHECK(span_count >= 1 && span_count <= TEXT_SPANS_MAX);
    struct text_span texts[TEXT_SPANS_MAX];
    for (size_t s = 0; s < span_count; s++) {
        texts[s] = (struct text_span){spans[s].text, spans[s].weight};
    }
    say(canvas, spans, span_count);
    struct text_style style = style_of(label, r.w, r.h);
    const struct draw_cache_entry *entry =
        draw_cache_get(canvas->cache, canvas->fonts, &style, texts, span_count);
    int x = place_x(r, label->align, &entry->measure);
    int y = place_y(r, label->valign, &entry->measure);
    for (size_t s = 0; s < span_count; s++) {
        const struct draw_cache_mask *mask = &entry->masks[s];
        if (mask->w > 0) {
            struct raster_picture picture = {mask->pixels, mask->w, mask->h, x + mask->x,
                                             y + mask->y};
            raster_mask(canvas, &picture, spans[s].color);
        }
    }
    if (label->is_struck) {
        strike(canvas, &entry->measure, x, y, spans[0].color);
    }
    return (struct rect){(float)x, (float)y, (float)entry->measure.w_px,
                         (float)entry->measure.h_px};
}

struct rect draw_text(struct canvas *canvas, struct rect r,
                      const struct draw_label *label, const char *text) {
    struct draw_span span = {text, label->weight, label->color};
    return draw_spans(canvas, r, label, &span, 1);
}

struct text_measure draw_measure(struct canvas *canvas, float max_w, float max_h,
                                 const struct draw_label *label, const char *text) {
    struct text_span span = {text, label->weight};
    struct text_style style = style_of(label, max_w, max_h);
    return draw_cache_get(canvas->cache, canvas->fonts, &style, &span, 1)->measure;
}
