#include "app/ui/draw_parts.h"

#include "app/ui/draw.h"
#include "app/ui/raster.h"

#include <math.h>

static struct draw_label chip_label(int size_px, uint32_t color) {
    return (struct draw_label){.size_px = size_px,
                               .weight = TEXT_SEMIBOLD,
                               .align = TEXT_ALIGN_LEFT,
                               .valign = DRAW_MIDDLE,
                               .color = color};
}

float draw_chip_width(struct canvas *canvas, const char *text, int size_px) {
    struct draw_label label = chip_label(size_px, 0);
    return (float)draw_measure(canvas, 0, 0, &label, text).w_px + (float)size_px * 1.34F;
}

// NOLINTNEXTLINE(readability-function-size): drawing takes its values one by one
struct rect draw_chip(struct canvas *canvas, float x, float y, const char *text,
                      int size_px, uint32_t fill, uint32_t color) {
    struct rect r = {x, y, draw_chip_width(canvas, text, size_px),
                     roundf((float)size_px * 1.72F)};
    draw_round(canvas, r, r.h / 2, fill);
    struct draw_label label = chip_label(size_px, color);
    // No width limit: the measure above had none, so it is the same cached picture.
    struct rect at = {r.x + (float)size_px * 0.67F, r.y + r.h / 2, 0, 0};
    draw_text(canvas, at, &label, text);
    return r;
}

// NOLINTNEXTLINE(readability-function-size): drawing takes its values one by one
void draw_button(struct canvas *canvas, struct rect r, const struct theme *theme,
                 enum draw_button kind, bool is_pressed, int size_px, const char *text) {
    uint32_t fill = theme->surface, line = theme->line, color = theme->text;
    if (kind == DRAW_BUTTON_MAIN) {
        fill = line = theme->accent;
        color = theme->on_accent;
    } else if (kind == DRAW_BUTTON_STOP) {
        line = color = theme->stop;
    } else if (kind == DRAW_BUTTON_OFF) {
        fill = theme->bg;
        color = theme->dim;
    }
    if (is_pressed) {
        fill = theme_mix(fill, color, 0.18F);
    }
    float radius = fminf(r.h / 4, 24 * canvas->unit + 2);
    draw_card(canvas, r, radius, fill, fmaxf(1, roundf(3 * canvas->unit)), line);
    struct draw_label label = {.size_px = size_px,
                               .min_px = size_px * 6 / 10,
                               .max_lines = 2,
                               .leading_pct = 110,
                               .weight = TEXT_SEMIBOLD,
                               .align = TEXT_ALIGN_CENTER,
                               .valign = DRAW_MIDDLE,
                               .color = color};
    draw_text(canvas, rect_inset(r, r.h / 6, 2), &label, text);
}

static void qr_row(struct canvas *canvas, const struct qr *qr, int row, struct rect at,
                   uint32_t dark) {
    float left = at.x;
    for (int x = 0; x < qr->side; x++) {
        at.x = left + (float)x * at.w;
        if (qr_is_dark(qr, x, row)) {
            draw_rect(canvas, at, dark);
        }
    }
}

struct rect draw_qr(struct canvas *canvas, struct rect r, const struct qr *qr,
                    uint32_t dark, uint32_t light) {
    int modules = qr->side + 2 * QR_QUIET_MODULES;
    float module = floorf(fminf(r.w, r.h) / (float)modules);
    if (module < 1) {
        return (struct rect){r.x, r.y, 0, 0};
    }
    struct rect square = rect_center(r, module * (float)modules, module * (float)modules);
    square.x = roundf(square.x);
    square.y = roundf(square.y);
    draw_rect(canvas, square, light);
    struct rect at = {square.x + QR_QUIET_MODULES * module,
                      square.y + QR_QUIET_MODULES * module, module, module};
    for (int y = 0; y < qr->side; y++) {
        qr_row(canvas, qr, y, at, dark);
        at.y += module;
    }
    return square;
}

// Mean colour of the source pixels under one target pixel, weighted by their alpha.
static uint32_t sample(const struct image *image, float x0, float y0, float step) {
    float x1 = x0 + step, y1 = y0 + step;
    int left = (int)x0, top = (int)y0;
    int right = (int)ceilf(x1), bottom = (int)ceilf(y1);
    right = right > image->w ? image->w : right <= left ? left + 1 : right;
    bottom = bottom > image->h ? image->h : bottom <= top ? top + 1 : bottom;
    uint64_t a = 0, red = 0, green = 0, blue = 0, count = 0;
    for (int y = top; y < bottom; y++) {
        for (int x = left; x < right; x++) {
            uint32_t pixel = image->pixels[(size_t)y * (size_t)image->w + (size_t)x];
            uint64_t alpha = pixel >> 24;
            a += alpha;
            red += alpha * (pixel >> 16 & 0xFF);
            green += alpha * (pixel >> 8 & 0xFF);
            blue += alpha * (pixel & 0xFF);
            count++;
        }
    }
    if (a == 0 || count == 0) {
        return 0;
    }
    return (uint32_t)(a / count) << 24 | (uint32_t)(red / a) << 16 |
           (uint32_t)(green / a) << 8 | (uint32_t)(blue / a);
}

static void image_row(struct canvas *canvas, const struct image *image, struct rect at,
                      int y, struct raster_box box) {
    uint32_t *row = canvas->pixels + (size_t)y * (size_t)canvas->stride_px;
    float step = (float)image->w / at.w, y0 = ((float)y - at.y) * step;
    for (int x = box.x0; x < box.x1; x++) {
        float x0 = ((float)x - at.x) * step;
        if (x0 < (float)image->w && y0 < (float)image->h) {
            raster_dot(&row[x], sample(image, x0, y0, step), 1);
        }
    }
}

void draw_image(struct canvas *canvas, struct rect r, const struct image *image) {
    if (image->pixels == NULL || !(r.w > 0 && r.h > 0)) {
        return;
    }
    float scale = fminf(r.w / (float)image->w, r.h / (float)image->h);
    struct rect at = rect_center(r, (float)image->w * scale, (float)image->h * scale);
    at.x = roundf(at.x);
    at.y = roundf(at.y);
    struct raster_box box = raster_box_of(canvas, at);
    for (int y = box.y0; y < box.y1; y++) {
        image_row(canvas, image, at, y, box);
    }
}
