#include "app/ui/draw_symbol.h"

#include "app/ui/draw.h"

#include <math.h>

// Every sign is drawn on a field of 100 x 100.
struct pen {
    struct canvas *canvas;
    float x, y, scale;
};

static const float RADIANS = 3.14159265F / 180;

static struct pen pen_in(struct canvas *canvas, struct rect r, float w, float h) {
    float scale = fminf(r.w / w, r.h / h);
    return (struct pen){canvas, r.x + (r.w - w * scale) / 2, r.y + (r.h - h * scale) / 2,
                        scale};
}

static void pen_line(const struct pen *pen, float x0, float y0, float x1, float y1,
                     float stroke, uint32_t color) {
    draw_line(pen->canvas, pen->x + x0 * pen->scale, pen->y + y0 * pen->scale,
              pen->x + x1 * pen->scale, pen->y + y1 * pen->scale, stroke * pen->scale, 0,
              color);
}

static void pen_disc(const struct pen *pen, float cx, float cy, float r, uint32_t color) {
    draw_circle(pen->canvas, pen->x + cx * pen->scale, pen->y + cy * pen->scale,
                r * pen->scale, color);
}

static void pen_ring(const struct pen *pen, float cx, float cy, float r, float stroke,
                     uint32_t color) {
    draw_ring(pen->canvas, pen->x + cx * pen->scale, pen->y + cy * pen->scale,
              r * pen->scale, stroke * pen->scale, color);
}

static struct rect pen_rect(const struct pen *pen, float x, float y, float w, float h) {
    return (struct rect){pen->x + x * pen->scale, pen->y + y * pen->scale, w * pen->scale,
                         h * pen->scale};
}

static void pen_round(const struct pen *pen, float x, float y, float w, float h,
                      float radius, uint32_t color) {
    draw_round(pen->canvas, pen_rect(pen, x, y, w, h), radius * pen->scale, color);
}

static void pen_frame(const struct pen *pen, float x, float y, float w, float h,
                      float radius, float stroke, uint32_t color) {
    draw_border(pen->canvas, pen_rect(pen, x, y, w, h), radius * pen->scale,
                stroke * pen->scale, color);
}

// A regular polygon with rounded corners: the inner polygon, grown by round strokes.
static void pen_polygon(const struct pen *pen, int corners, float cx, float cy,
                        float radius, float first_degrees, float round, uint32_t color) {
    float xy[16];
    for (int i = 0; i < corners; i++) {
        float angle = (first_degrees + 360.0F * (float)i / (float)corners) * RADIANS;
        xy[2 * i] = pen->x + (cx + (radius - round) * cosf(angle)) * pen->scale;
        xy[2 * i + 1] = pen->y + (cy + (radius - round) * sinf(angle)) * pen->scale;
    }
    draw_polygon(pen->canvas, xy, 2 * (size_t)corners, color);
    for (int i = 0; i < corners; i++) {
        int next = (i + 1) % corners;
        draw_line(pen->canvas, xy[2 * i], xy[2 * i + 1], xy[2 * next], xy[2 * next + 1],
                  2 * round * pen->scale, 0, color);
    }
}

static void check_mark(const struct pen *pen, float stroke, uint32_t color) {
    pen_line(pen, 28, 52, 44, 68, stroke, color);
    pen_line(pen, 44, 68, 73, 35, stroke, color);
}

static void draw_tick(const struct pen *pen, uint32_t body, uint32_t fg) {
    (void)body;
    pen_line(pen, 8, 54, 36, 82, 14, fg);
    pen_line(pen, 36, 82, 92, 20, 14, fg);
}

static void draw_cross(const struct pen *pen, uint32_t body, uint32_t fg) {
    (void)body;
    pen_line(pen, 15, 15, 85, 85, 14, fg);
    pen_line(pen, 85, 15, 15, 85, 14, fg);
}

static void draw_check(const struct pen *pen, uint32_t body, uint32_t fg) {
    pen_disc(pen, 50, 50, 50, body);
    check_mark(pen, 11, fg);
}

static void draw_info(const struct pen *pen, uint32_t body, uint32_t fg) {
    pen_disc(pen, 50, 50, 50, body);
    pen_disc(pen, 50, 27, 7, fg);
    pen_line(pen, 50, 46, 50, 74, 11, fg);
}

static void draw_stop(const struct pen *pen, uint32_t body, uint32_t fg) {
    pen_polygon(pen, 8, 50, 50, 53, 22.5F, 5, body);
    pen_round(pen, 22, 42, 56, 16, 3, fg);
}

static void draw_hand(const struct pen *pen, uint32_t body, uint32_t fg) {
    pen_round(pen, 0, 0, 100, 100, 26, body);
    // Four fingers, thumb, palm.
    pen_line(pen, 35, 34, 35, 60, 8.5F, fg);
    pen_line(pen, 46, 24, 46, 60, 8.5F, fg);
    pen_line(pen, 57, 26, 57, 60, 8.5F, fg);
    pen_line(pen, 68, 36, 68, 60, 8.5F, fg);
    pen_line(pen, 24, 56, 36, 72, 8.5F, fg);
    pen_round(pen, 30.75F, 52, 41.5F, 30, 14, fg);
}

static void draw_warning(const struct pen *pen, uint32_t body, uint32_t fg) {
    pen_polygon(pen, 3, 50, 62, 60, -90, 8, body);
    pen_line(pen, 50, 38, 50, 59, 10, fg);
    pen_disc(pen, 50, 75, 6, fg);
}

static void draw_question(const struct pen *pen, uint32_t body, uint32_t fg) {
    pen_polygon(pen, 4, 50, 50, 56, 0, 12, body);
    // The hook as short strokes along an arc, then down to the dot.
    float x = 50 - 13, y = 39;
    for (int degrees = 180; degrees <= 405; degrees += 15) {
        float nx = 50 + 13 * cosf((float)degrees * RADIANS);
        float ny = 39 + 13 * sinf((float)degrees * RADIANS);
        pen_line(pen, x, y, nx, ny, 9, fg);
        x = nx;
        y = ny;
    }
    pen_line(pen, x, y, 50, 57, 9, fg);
    pen_line(pen, 50, 57, 50, 61, 9, fg);
    pen_disc(pen, 50, 75, 5.5F, fg);
}

static void draw_lock(const struct pen *pen, uint32_t body, uint32_t fg) {
    pen_frame(pen, 26, 4, 48, 76, 24, 11, body);
    pen_round(pen, 12, 42, 76, 56, 12, body);
    pen_disc(pen, 50, 66, 8, fg);
    pen_line(pen, 50, 66, 50, 80, 7, fg);
}

static void draw_clock(const struct pen *pen, uint32_t body, uint32_t fg) {
    pen_disc(pen, 50, 50, 50, body);
    pen_ring(pen, 50, 50, 37, 7, fg);
    pen_line(pen, 50, 50, 50, 28, 7, fg);
    pen_line(pen, 50, 50, 65, 58, 7, fg);
}

static void draw_coin(const struct pen *pen, uint32_t body, uint32_t fg) {
    pen_disc(pen, 50, 50, 50, body);
    pen_ring(pen, 50, 50, 41, 5, fg);
    // A receipt's lines, one struck short: no currency sign, currencies differ.
    pen_line(pen, 32, 38, 68, 38, 8, fg);
    pen_line(pen, 32, 52, 68, 52, 8, fg);
    pen_line(pen, 32, 66, 48, 66, 8, fg);
}

static void draw_arrow_right(const struct pen *pen, uint32_t body, uint32_t fg) {
    (void)body;
    pen_line(pen, 8, 50, 90, 50, 12, fg);
    pen_line(pen, 58, 18, 90, 50, 12, fg);
    pen_line(pen, 58, 82, 90, 50, 12, fg);
}

static void draw_printer(const struct pen *pen, uint32_t body, uint32_t fg) {
    pen_round(pen, 26, 6, 48, 30, 5, body);
    pen_round(pen, 6, 30, 88, 46, 10, body);
    pen_round(pen, 22, 54, 56, 42, 5, body);
    pen_round(pen, 28, 60, 44, 30, 3, fg);
    pen_line(pen, 36, 69, 64, 69, 4, body);
    pen_line(pen, 36, 79, 54, 79, 4, body);
    pen_disc(pen, 80, 44, 4, fg);
}

static void draw_offline(const struct pen *pen, uint32_t body, uint32_t fg) {
    pen_disc(pen, 32, 58, 21, body);
    pen_disc(pen, 53, 44, 26, body);
    pen_disc(pen, 75, 60, 19, body);
    pen_round(pen, 30, 56, 46, 23, 8, body);
    pen_line(pen, 18, 92, 84, 12, 18, fg);
    pen_line(pen, 18, 92, 84, 12, 8, body);
}

static void draw_person(const struct pen *pen, uint32_t body, uint32_t fg) {
    pen_disc(pen, 50, 50, 50, body);
    struct rect old = canvas_clip(pen->canvas, pen_rect(pen, 15, 15, 70, 68));
    pen_disc(pen, 50, 38, 15, fg);
    pen_round(pen, 22, 60, 56, 60, 28, fg);
    pen->canvas->clip = old;
}

static void draw_search(const struct pen *pen, uint32_t body, uint32_t fg) {
    (void)body;
    pen_ring(pen, 42, 42, 34, 10, fg);
    pen_line(pen, 68, 68, 92, 92, 11, fg);
}

void draw_symbol(struct canvas *canvas, enum draw_symbol symbol, struct rect r,
                 uint32_t body, uint32_t fg) {
    static void (*const signs[])(const struct pen *, uint32_t, uint32_t) = {
        [DRAW_SYMBOL_CHECK] = draw_check,     [DRAW_SYMBOL_INFO] = draw_info,
        [DRAW_SYMBOL_STOP] = draw_stop,       [DRAW_SYMBOL_HAND] = draw_hand,
        [DRAW_SYMBOL_WARNING] = draw_warning, [DRAW_SYMBOL_QUESTION] = draw_question,
        [DRAW_SYMBOL_LOCK] = draw_lock,       [DRAW_SYMBOL_CLOCK] = draw_clock,
        [DRAW_SYMBOL_COIN] = draw_coin,       [DRAW_SYMBOL_TICK] = draw_tick,
        [DRAW_SYMBOL_CROSS] = draw_cross,     [DRAW_SYMBOL_ARROW] = draw_arrow_right,
        [DRAW_SYMBOL_PRINTER] = draw_printer, [DRAW_SYMBOL_OFFLINE] = draw_offline,
        [DRAW_SYMBOL_PERSON] = draw_person,   [DRAW_SYMBOL_SEARCH] = draw_search,
    };
    struct pen pen = pen_in(canvas, r, 100, 100);
    signs[symbol](&pen, body, fg);
}

void draw_arrow(struct canvas *canvas, struct rect r, float degrees, float stroke,
                uint32_t color) {
    float half = fminf(r.w, r.h) / 2 - stroke / 2, cx = r.x + r.w / 2, cy = r.y + r.h / 2;
    float ux = cosf(degrees * RADIANS), uy = sinf(degrees * RADIANS);
    float tip_x = cx + ux * half, tip_y = cy + uy * half, wing = half * 0.8F;
    draw_line(canvas, cx - ux * half, cy - uy * half, tip_x, tip_y, stroke, 0, color);
    for (int side = -1; side <= 1; side += 2) {
        float angle = (degrees + 180 + 45 * (float)side) * RADIANS;
        draw_line(canvas, tip_x, tip_y, tip_x + cosf(angle) * wing,
                  tip_y + sinf(angle) * wing, stroke, 0, color);
    }
}

void draw_scan_picture(struct canvas *canvas, struct rect r, uint32_t ink,
                       uint32_t accent) {
    struct pen pen = pen_in(canvas, r, 520, 416);
    pen_frame(&pen, 10, 10, 208, 350, 34, 15, ink);
    // The code on the phone, as a picture and not readable.
    pen_round(&pen, 58, 90, 45, 45, 0, ink);
    pen_round(&pen, 126, 90, 45, 45, 0, ink);
    pen_round(&pen, 58, 157, 45, 45, 0, ink);
    pen_round(&pen, 120, 157, 18, 18, 0, ink);
    pen_round(&pen, 148, 178, 23, 23, 0, ink);
    pen_line(&pen, 246, 186, 360, 186, 16, accent);
    pen_line(&pen, 314, 140, 360, 186, 16, accent);
    pen_line(&pen, 314, 232, 360, 186, 16, accent);
    float x = pen.x, y = pen.y, s = pen.scale;
    draw_line(canvas, x + 403 * s, y + 304 * s, x + 368 * s, y + 116 * s, 6 * s, 12 * s,
              accent);
    draw_line(canvas, x + 493 * s, y + 304 * s, x + 522 * s, y + 116 * s, 6 * s, 12 * s,
              accent);
    pen_round(&pen, 402, 304, 92, 92, 6, accent);
}
