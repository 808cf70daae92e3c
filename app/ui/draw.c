#include "app/ui/draw.h"

#include "app/ui/draw_cache.h"
#include "app/ui/raster.h"
#include "sync/base/mem.h"

#include <math.h>
#include <string.h>

// ---- canvas

void canvas_init(struct canvas *canvas, struct fonts *fonts) {
    *canvas = (struct canvas){.fonts = fonts, .cache = draw_cache_create()};
}

void canvas_set_pixels(struct canvas *canvas, uint32_t *pixels, int w, int h,
                       int stride_px) {
    canvas->pixels = pixels;
    canvas->w = pixels != NULL ? w : 0;
    canvas->h = pixels != NULL ? h : 0;
    canvas->stride_px = stride_px;
    canvas->is_portrait = h > w;
    float long_side = canvas->is_portrait ? (float)h : (float)w;
    float short_side = canvas->is_portrait ? (float)w : (float)h;
    canvas->unit = fminf(long_side / 1920, short_side / 1080);
    canvas->clip = canvas_rect(canvas);
}

void canvas_finish(struct canvas *canvas) {
    if (canvas != NULL) {
        draw_cache_destroy(canvas->cache);
        *canvas = (struct canvas){0};
    }
}

struct rect canvas_rect(const struct canvas *canvas) {
    return (struct rect){0, 0, (float)canvas->w, (float)canvas->h};
}

int canvas_px(const struct canvas *canvas, float design_px) {
    int px = (int)lroundf(design_px * canvas->unit);
    return px < 1 && design_px > 0 ? 1 : px;
}

struct rect canvas_clip(struct canvas *canvas, struct rect r) {
    struct rect old = canvas->clip;
    float x0 = fmaxf(r.x, 0), y0 = fmaxf(r.y, 0);
    float x1 = fminf(r.x + r.w, (float)canvas->w),
          y1 = fminf(r.y + r.h, (float)canvas->h);
    x0 = roundf(x0);
    y0 = roundf(y0);
    canvas->clip =
        (struct rect){x0, y0, fmaxf(roundf(x1) - x0, 0), fmaxf(roundf(y1) - y0, 0)};
    return old;
}

// ---- rectangles

// NOLINT below: coordinates come one by one in drawing, more than the house's five parameters.

void draw_clear(struct canvas *canvas, uint32_t color) {
    draw_rect(canvas, canvas_rect(canvas), color | 0xFF000000);
}

void draw_rect(struct canvas *canvas, struct rect r, uint32_t color) {
    draw_round(canvas, r, 0, color);
}

struct round {
    struct rect r;
    float radius;
    uint32_t color;
};

static float fit_radius(struct rect r, float radius) {
    float most = fminf(r.w, r.h) / 2;
    return radius < 0 ? 0 : fminf(radius, most);
}

static float clamp_01(float value) {
    return value < 0 ? 0 : value > 1 ? 1 : value;
}

// Columns of a row that lie wholly inside r when its row does: x0 <= x < x1.
static void solid_columns(struct rect r, float margin, const struct raster_box *box,
                          int *x0, int *x1) {
    int left = (int)ceilf(r.x + margin), right = (int)floorf(r.x + r.w - margin);
    left = left < box->x0 ? box->x0 : left > box->x1 ? box->x1 : left;
    right = right > box->x1 ? box->x1 : right < left ? left : right;
    *x0 = left;
    *x1 = right;
}

// Coverage of pixel row y by the straight edges above and below.
static float row_coverage(struct rect r, int y) {
    float top = fmaxf(r.y, (float)y), bottom = fminf(r.y + r.h, (float)y + 1);
    return clamp_01(bottom - top);
}

// Pixels from..to of a row by their own coverage.
static void round_edge(const struct canvas *canvas, const struct round *round, int y,
                       int from, int to) {
    uint32_t *row = canvas->pixels + (size_t)y * (size_t)canvas->stride_px;
    const struct rect *r = &round->r;
    for (int x = from; x < to; x++) {
        float px = (float)x + 0.5F, py = (float)y + 0.5F;
        float across = fminf(r->x + r->w, (float)x + 1) - fmaxf(r->x, (float)x);
        bool is_corner = py < r->y + round->radius || py > r->y + r->h - round->radius;
        float coverage = is_corner
                             ? 0.5F - raster_round_distance(*r, round->radius, px, py)
                             : clamp_01(across) * row_coverage(*r, y);
        raster_dot(&row[x], round->color, coverage);
    }
}

void draw_round(struct canvas *canvas, struct rect r, float radius, uint32_t color) {
    if (!(r.w > 0 && r.h > 0)) {
        return;
    }
    struct round round = {r, fit_radius(r, radius), color};
    struct raster_box box = raster_box_of(canvas, r);
    for (int y = box.y0; y < box.y1; y++) {
        float py = (float)y + 0.5F;
        bool is_corner = py < r.y + round.radius || py > r.y + r.h - round.radius;
        int x0 = 0, x1 = 0;
        solid_columns(r, is_corner ? round.radius : 0, &box, &x0, &x1);
        round_edge(canvas, &round, y, box.x0, x0);
        raster_span(canvas, y, x0, x1, raster_fade(color, row_coverage(r, y)));
        round_edge(canvas, &round, y, x1, box.x1);
    }
}

static void border_edge(const struct canvas *canvas, const struct round *outer,
                        const struct round *hole, int y, struct raster_box box) {
    uint32_t *row = canvas->pixels + (size_t)y * (size_t)canvas->stride_px;
    for (int x = box.x0; x < box.x1; x++) {
        float px = (float)x + 0.5F, py = (float)y + 0.5F;
        float all =
            clamp_01(0.5F - raster_round_distance(outer->r, outer->radius, px, py));
        float inner =
            clamp_01(0.5F - raster_round_distance(hole->r, hole->radius, px, py));
        raster_dot(&row[x], outer->color, all - inner);
    }
}

void draw_border(struct canvas *canvas, struct rect r, float radius, float stroke,
                 uint32_t color) {
    if (!(r.w > 0 && r.h > 0 && stroke > 0)) {
        return;
    }
    struct round outer = {r, fit_radius(r, radius), color};
    struct round hole = {rect_inset(r, stroke, stroke), 0, color};
    hole.radius = fit_radius(hole.r, outer.radius - stroke);
    struct raster_box box = raster_box_of(canvas, r), left = box, right = box;
    for (int y = box.y0; y < box.y1; y++) {
        float py = (float)y + 0.5F;
        // Rows through the straight part of the hole: nothing to draw between its sides.
        float top = hole.r.y + hole.radius + 1,
              end = hole.r.y + hole.r.h - hole.radius - 1;
        left.x1 = right.x0 = box.x1;
        if (py > top && py < end) {
            solid_columns(hole.r, 1, &box, &left.x1, &right.x0);
        }
        border_edge(canvas, &outer, &hole, y, left);
        border_edge(canvas, &outer, &hole, y, right);
    }
}

// NOLINTNEXTLINE(readability-function-size)
void draw_card(struct canvas *canvas, struct rect r, float radius, uint32_t fill,
               float stroke, uint32_t line) {
    if (stroke <= 0) {
        draw_round(canvas, r, radius, fill);
        return;
    }
    // Half a pixel of overlap, so that no background shows between fill and border.
    draw_round(canvas, rect_inset(r, stroke / 2, stroke / 2), radius - stroke / 2, fill);
    draw_border(canvas, r, radius, stroke, line);
}

// NOLINTNEXTLINE(readability-function-size)
void draw_shadow(struct canvas *canvas, struct rect r, float radius, float blur, float dy,
                 uint32_t color) {
    if (blur < 1) {
        return;
    }
    r.y += dy;
    radius = fit_radius(r, radius + blur / 2);
    struct raster_box box = raster_box_of(canvas, rect_inset(r, -blur, -blur));
    for (int y = box.y0; y < box.y1; y++) {
        uint32_t *row = canvas->pixels + (size_t)y * (size_t)canvas->stride_px;
        for (int x = box.x0; x < box.x1; x++) {
            float d = raster_round_distance(r, radius, (float)x + 0.5F, (float)y + 0.5F);
            float part = clamp_01(0.5F - d / (2 * blur));
            raster_dot(&row[x], color, part * part * (3 - 2 * part));
        }
    }
}

// ---- round things and lines

void draw_circle(struct canvas *canvas, float cx, float cy, float radius,
                 uint32_t color) {
    struct rect r = {cx - radius, cy - radius, 2 * radius, 2 * radius};
    draw_round(canvas, r, radius, color);
}

// NOLINTNEXTLINE(readability-function-size)
void draw_ring(struct canvas *canvas, float cx, float cy, float radius, float stroke,
               uint32_t color) {
    struct rect r = {cx - radius, cy - radius, 2 * radius, 2 * radius};
    draw_border(canvas, r, radius, stroke, color);
}

// NOLINTNEXTLINE(readability-function-size)
static void draw_capsule(struct canvas *canvas, float x0, float y0, float x1, float y1,
                         float stroke, uint32_t color) {
    float half = stroke / 2, dx = x1 - x0, dy = y1 - y0, length2 = dx * dx + dy * dy;
    struct rect r = {fminf(x0, x1) - half - 1, fminf(y0, y1) - half - 1,
                     fabsf(dx) + stroke + 2, fabsf(dy) + stroke + 2};
    struct raster_box box = raster_box_of(canvas, r);
    for (int y = box.y0; y < box.y1; y++) {
        uint32_t *row = canvas->pixels + (size_t)y * (size_t)canvas->stride_px;
        for (int x = box.x0; x < box.x1; x++) {
            float px = (float)x + 0.5F - x0, py = (float)y + 0.5F - y0;
            float t = length2 > 0 ? clamp_01((px * dx + py * dy) / length2) : 0;
            float ex = px - t * dx, ey = py - t * dy;
            raster_dot(&row[x], color, 0.5F + half - sqrtf(ex * ex + ey * ey));
        }
    }
}

// NOLINTNEXTLINE(readability-function-size)
void draw_line(struct canvas *canvas, float x0, float y0, float x1, float y1,
               float stroke, float dash, uint32_t color) {
    if (dash <= 0) {
        draw_capsule(canvas, x0, y0, x1, y1, stroke, color);
        return;
    }
    float dx = x1 - x0, dy = y1 - y0, length = sqrtf(dx * dx + dy * dy);
    if (length <= 0 || length / dash > 4096) {
        return;
    }
    float ux = dx / length, uy = dy / length, nx = -uy * stroke / 2, ny = ux * stroke / 2;
    for (int i = 0; (float)(2 * i) * dash < length; i++) {
        float from = (float)(2 * i) * dash, to = fminf(from + dash, length);
        float ax = x0 + ux * from, ay = y0 + uy * from, bx = x0 + ux * to,
              by = y0 + uy * to;
        const float xy[] = {ax + nx, ay + ny, bx + nx, by + ny,
                            bx - nx, by - ny, ax - nx, ay - ny};
        draw_polygon(canvas, xy, 8, color);
    }
}

// ---- polygons

enum { POLYGON_POINTS_MAX = 64, POLYGON_ROWS = 4 };

// Where a sub-row crosses the outline, left to right.
static int find_crossings(const float *xy, size_t points, float y, float *out) {
    int count = 0;
    for (size_t i = 0; i < points; i++) {
        const float *a = &xy[2 * i], *b = &xy[2 * ((i + 1) % points)];
        if ((a[1] <= y) == (b[1] <= y)) {
            continue;
        }
        float x = a[0] + (y - a[1]) * (b[0] - a[0]) / (b[1] - a[1]);
        int at = count++;
        for (; at > 0 && out[at - 1] > x; at--) {
            out[at] = out[at - 1];
        }
        out[at] = x;
    }
    return count;
}

// Adds the exact horizontal coverage of [from, to) to the row's cells.
static void add_coverage(float *cells, const struct raster_box *box, float from,
                         float to) {
    from = fmaxf(from, (float)box->x0);
    to = fminf(to, (float)box->x1);
    for (int x = (int)floorf(from); x < box->x1 && (float)x < to; x++) {
        float part = fminf(to, (float)x + 1) - fmaxf(from, (float)x);
        cells[x - box->x0] += part > 0 ? part / POLYGON_ROWS : 0;
    }
}

static struct rect polygon_bounds(const float *xy, size_t points) {
    float x0 = xy[0], y0 = xy[1], x1 = xy[0], y1 = xy[1];
    for (size_t i = 1; i < points; i++) {
        x0 = fminf(x0, xy[2 * i]);
        x1 = fmaxf(x1, xy[2 * i]);
        y0 = fminf(y0, xy[2 * i + 1]);
        y1 = fmaxf(y1, xy[2 * i + 1]);
    }
    return (struct rect){x0, y0, x1 - x0, y1 - y0};
}

static void add_sub_row(float *cells, const struct raster_box *box, const float *xy,
                        size_t points, float y) {
    float at[POLYGON_POINTS_MAX];
    int count = find_crossings(xy, points, y, at);
    for (int i = 0; i + 1 < count; i += 2) {
        add_coverage(cells, box, at[i], at[i + 1]);
    }
}

void draw_polygon(struct canvas *canvas, const float *xy, size_t xy_count,
                  uint32_t color) {
    size_t points = xy_count / 2;
    CHECK(points >= 3 && points <= POLYGON_POINTS_MAX);
    struct raster_box box = raster_box_of(canvas, polygon_bounds(xy, points));
    if (box.x1 <= box.x0) {
        return;
    }
    int w = box.x1 - box.x0;
    float *cells = mem_alloc((size_t)w, sizeof *cells);
    for (int y = box.y0; y < box.y1; y++) {
        memset(cells, 0, (size_t)w * sizeof *cells);
        for (int sub = 0; sub < POLYGON_ROWS; sub++) {
            add_sub_row(cells, &box, xy, points,
                        (float)y + ((float)sub + 0.5F) / POLYGON_ROWS);
        }
        uint32_t *row = canvas->pixels + (size_t)y * (size_t)canvas->stride_px + box.x0;
        for (int x = 0; x < w; x++) {
            raster_dot(&row[x], color, cells[x]);
        }
    }
    mem_free(cells);
}

void draw_progress(struct canvas *canvas, struct rect r, float fraction, uint32_t track,
                   uint32_t fill) {
    float radius = r.h / 2;
    draw_round(canvas, r, radius, track);
    struct rect done = r;
    done.w *= clamp_01(fraction);
    if (done.w > 0) {
        // A short bar keeps its round ends by clipping a full one.
        struct rect old = canvas->clip;
        if (done.w < r.h) {
            canvas_clip(canvas, done);
            done.w = r.h;
        }
        draw_round(canvas, done, radius, fill);
        canvas->clip = old;
    }
}
