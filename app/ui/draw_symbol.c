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

// Values of shapes on the field.
struct stroke {
    float x0, y0, x1, y1, width;
};
struct disc {
    float x, y, radius;
};
struct box {
    float x, y, w, h, radius;
};
struct corners {
    int count;
    float x, y, radius, first_degrees, round;
};

static void pen_line(const struct pen *pen, struct stroke l, uint32_t color) {
    float s = pen->scale;
    draw_line(pen->canvas, pen->x + l.x0 * s, pen->y + l.y0 * s, pen->x + l.x1 * s,
              pen->y + l.y1 * s, l.width * s, 0, color);
}

static void pen_disc(const struct pen *pen, struct disc d, uint32_t color) {
    float s = pen->scale;
    draw_circle(pen->canvas, pen->x + d.x * s, pen->y + d.y * s, d.radius * s, color);
}

static void pen_ring(const struct pen *pen, struct disc d, float width, uint32_t color) {
    float s = pen->scale;
    draw_ring(pen->canvas, pen->x + d.x * s, pen->y + d.y * s, d.radius * s, width * s,
              color);
}

static struct rect pen_rect(const struct pen *pen, struct box b) {
    float s = pen->scale;
    return (struct rect){pen->x + b.x * s, pen->y + b.y * s, b.w * s, b.h * s};
}

static void pen_round(const struct pen *pen, struct box b, uint32_t color) {
    draw_round(pen->canvas, pen_rect(pen, b), b.radius * pen->scale, color);
}

static void pen_frame(const struct pen *pen, struct box b, float width, uint32_t color) {
    draw_border(pen->canvas, pen_rect(pen, b), b.radius * pen->scale, width * pen->scale,
                color);
}

// A regular polygon with rounded corners: the inner polygon, grown by round strokes.
static void pen_polygon(const struct pen *pen, struct corners c, uint32_t color) {
    float xy[16], s = pen->scale;
    for (int i = 0; i < c.count; i++) {
        float angle = (c.first_degrees + 360.0F * (float)i / (float)c.count) * RADIANS;
        xy[2 * i] = pen->x + (c.x + (c.radius - c.round) * cosf(angle)) * s;
        xy[2 * i + 1] = pen->y + (c.y + (c.radius - c.round) * sinf(angle)) * s;
    }
    draw_polygon(pen->canvas, xy, 2 * (size_t)c.count, color);
    for (int i = 0; i < c.count; i++) {
        const float *a = &xy[2 * i], *b = &xy[2 * ((i + 1) % c.count)];
        draw_line(pen->canvas, a[0], a[1], b[0], b[1], 2 * c.round * s, 0, color);
    }
}

static void check_mark(const struct pen *pen, float stroke, uint32_t color) {
    pen_line(pen, (struct stroke){28, 52, 44, 68, stroke}, color);
    pen_line(pen, (struct stroke){44, 68, 73, 35, stroke}, color);
}

static void draw_tick(const struct pen *pen, uint32_t body, uint32_t fg) {
    (void)body;
    pen_line(pen, (struct stroke){8, 54, 36, 82, 14}, fg);
    pen_line(pen, (struct stroke){36, 82, 92, 20, 14}, fg);
}

static void draw_cross(const struct pen *pen, uint32_t body, uint32_t fg) {
    (void)body;
    pen_line(pen, (struct stroke){15, 15, 85, 85, 14}, fg);
    pen_line(pen, (struct stroke){85, 15, 15, 85, 14}, fg);
}

static void draw_check(const struct pen *pen, uint32_t body, uint32_t fg) {
    pen_disc(pen, (struct disc){50, 50, 50}, body);
    check_mark(pen, 11, fg);
}

static void draw_info(const struct pen *pen, uint32_t body, uint32_t fg) {
    pen_disc(pen, (struct disc){50, 50, 50}, body);
    pen_disc(pen, (struct disc){50, 27, 7}, fg);
    pen_line(pen, (struct stroke){50, 46, 50, 74, 11}, fg);
}

static void draw_stop(const struct pen *pen, uint32_t body, uint32_t fg) {
    pen_polygon(pen, (struct corners){8, 50, 50, 53, 22.5F, 5}, body);
    pen_round(pen, (struct box){22, 42, 56, 16, 3}, fg);
}

static void draw_hand(const struct pen *pen, uint32_t body, uint32_t fg) {
    pen_round(pen, (struct box){0, 0, 100, 100, 26}, body);
    // Four fingers, thumb, palm.
    pen_line(pen, (struct stroke){35, 34, 35, 60, 8.5F}, fg);
    pen_line(pen, (struct stroke){46, 24, 46, 60, 8.5F}, fg);
    pen_line(pen, (struct stroke){57, 26, 57, 60, 8.5F}, fg);
    pen_line(pen, (struct stroke){68, 36, 68, 60, 8.5F}, fg);
    pen_line(pen, (struct stroke){24, 56, 36, 72, 8.5F}, fg);
    pen_round(pen, (struct box){30.75F, 52, 41.5F, 30, 14}, fg);
}

static void draw_warning(const struct pen *pen, uint32_t body, uint32_t fg) {
    pen_polygon(pen, (struct corners){3, 50, 61, 56, -90, 8}, body);
    pen_line(pen, (struct stroke){50, 38, 50, 59, 10}, fg);
    pen_disc(pen, (struct disc){50, 75, 6}, fg);
}

static void draw_question(const struct pen *pen, uint32_t body, uint32_t fg) {
    pen_polygon(pen, (struct corners){4, 50, 50, 50, 0, 9}, body);
    // The hook as short strokes along an arc, then down to the dot.
    float x = 50 - 13, y = 39;
    for (int degrees = 180; degrees <= 405; degrees += 15) {
        float nx = 50 + 13 * cosf((float)degrees * RADIANS);
        float ny = 39 + 13 * sinf((float)degrees * RADIANS);
        pen_line(pen, (struct stroke){x, y, nx, ny, 9}, fg);
        x = nx;
        y = ny;
    }
    pen_line(pen, (struct stroke){x, y, 50, 57, 9}, fg);
    pen_line(pen, (struct stroke){50, 57, 50, 61, 9}, fg);
    pen_disc(pen, (struct disc){50, 75, 5.5F}, fg);
}

static void draw_lock(const struct pen *pen, uint32_t body, uint32_t fg) {
    pen_frame(pen, (struct box){26, 4, 48, 76, 24}, 11, body);
    pen_round(pen, (struct box){12, 42, 76, 56, 12}, body);
    pen_disc(pen, (struct disc){50, 66, 8}, fg);
    pen_line(pen, (struct stroke){50, 66, 50, 80, 7}, fg);
}

static void draw_clock(const struct pen *pen, uint32_t body, uint32_t fg) {
    pen_disc(pen, (struct disc){50, 50, 50}, body);
    pen_ring(pen, (struct disc){50, 50, 37}, 7, fg);
    pen_line(pen, (struct stroke){50, 50, 50, 28, 7}, fg);
    pen_line(pen, (struct stroke){50, 50, 65, 58, 7}, fg);
}

static void draw_coin(const struct pen *pen, uint32_t body, uint32_t fg) {
    pen_disc(pen, (struct disc){50, 50, 50}, body);
    pen_ring(pen, (struct disc){50, 50, 41}, 5, fg);
    // A receipt's lines, one struck short: no currency sign, currencies differ.
    pen_line(pen, (struct stroke){32, 38, 68, 38, 8}, fg);
    pen_line(pen, (struct stroke){32, 52, 68, 52, 8}, fg);
    pen_line(pen, (struct stroke){32, 66, 48, 66, 8}, fg);
}

static void draw_arrow_right(const struct pen *pen, uint32_t body, uint32_t fg) {
    (void)body;
    pen_line(pen, (struct stroke){8, 50, 90, 50, 12}, fg);
    pen_line(pen, (struct stroke){58, 18, 90, 50, 12}, fg);
    pen_line(pen, (struct stroke){58, 82, 90, 50, 12}, fg);
}

static void draw_printer(const struct pen *pen, uint32_t body, uint32_t fg) {
    pen_round(pen, (struct box){26, 6, 48, 30, 5}, body);
    pen_round(pen, (struct box){6, 30, 88, 46, 10}, body);
    pen_round(pen, (struct box){22, 54, 56, 42, 5}, body);
    pen_round(pen, (struct box){28, 60, 44, 30, 3}, fg);
    pen_line(pen, (struct stroke){36, 69, 64, 69, 4}, body);
    pen_line(pen, (struct stroke){36, 79, 54, 79, 4}, body);
    pen_disc(pen, (struct disc){80, 44, 4}, fg);
}

static void draw_offline(const struct pen *pen, uint32_t body, uint32_t fg) {
    pen_disc(pen, (struct disc){32, 58, 21}, body);
    pen_disc(pen, (struct disc){53, 44, 26}, body);
    pen_disc(pen, (struct disc){75, 60, 19}, body);
    pen_round(pen, (struct box){30, 56, 46, 23, 8}, body);
    pen_line(pen, (struct stroke){18, 92, 84, 12, 18}, fg);
    pen_line(pen, (struct stroke){18, 92, 84, 12, 8}, body);
}

static void draw_person(const struct pen *pen, uint32_t body, uint32_t fg) {
    pen_disc(pen, (struct disc){50, 50, 50}, body);
    struct rect old =
        canvas_clip(pen->canvas, pen_rect(pen, (struct box){15, 15, 70, 68, 0}));
    pen_disc(pen, (struct disc){50, 38, 15}, fg);
    pen_round(pen, (struct box){22, 60, 56, 60, 28}, fg);
    pen->canvas->clip = old;
}

static void draw_search(const struct pen *pen, uint32_t body, uint32_t fg) {
    (void)body;
    pen_ring(pen, (struct disc){42, 42, 34}, 10, fg);
    pen_line(pen, (struct stroke){68, 68, 92, 92, 11}, fg);
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
    pen_frame(&pen, (struct box){10, 10, 208, 350, 34}, 15, ink);
    // The code on the phone, as a picture and not readable.
    pen_round(&pen, (struct box){58, 90, 45, 45, 0}, ink);
    pen_round(&pen, (struct box){126, 90, 45, 45, 0}, ink);
    pen_round(&pen, (struct box){58, 157, 45, 45, 0}, ink);
    pen_round(&pen, (struct box){120, 157, 18, 18, 0}, ink);
    pen_round(&pen, (struct box){148, 178, 23, 23, 0}, ink);
    pen_line(&pen, (struct stroke){246, 186, 360, 186, 16}, accent);
    pen_line(&pen, (struct stroke){314, 140, 360, 186, 16}, accent);
    pen_line(&pen, (struct stroke){314, 232, 360, 186, 16}, accent);
    float x = pen.x, y = pen.y, s = pen.scale;
    draw_line(canvas, x + 403 * s, y + 304 * s, x + 368 * s, y + 116 * s, 6 * s, 12 * s,
              accent);
    draw_line(canvas, x + 493 * s, y + 304 * s, x + 522 * s, y + 116 * s, 6 * s, 12 * s,
              accent);
    pen_round(&pen, (struct box){402, 304, 92, 92, 6}, accent);
}
