#include "app/ui/rect.h"

struct rect rect_make(float x, float y, float w, float h) {
    return (struct rect){x, y, w, h};
}

struct rect rect_inset(struct rect r, float dx, float dy) {
    struct rect inner = {r.x + dx, r.y + dy, r.w - 2 * dx, r.h - 2 * dy};
    inner.w = inner.w > 0 ? inner.w : 0;
    inner.h = inner.h > 0 ? inner.h : 0;
    return inner;
}

static float at_most(float value, float most) {
    return value < 0 ? 0 : value > most ? most : value;
}

struct rect rect_cut_top(struct rect *from, float h) {
    h = at_most(h, from->h);
    struct rect cut = {from->x, from->y, from->w, h};
    from->y += h;
    from->h -= h;
    return cut;
}

struct rect rect_cut_bottom(struct rect *from, float h) {
    h = at_most(h, from->h);
    from->h -= h;
    return (struct rect){from->x, from->y + from->h, from->w, h};
}

struct rect rect_cut_left(struct rect *from, float w) {
    w = at_most(w, from->w);
    struct rect cut = {from->x, from->y, w, from->h};
    from->x += w;
    from->w -= w;
    return cut;
}

struct rect rect_cut_right(struct rect *from, float w) {
    w = at_most(w, from->w);
    from->w -= w;
    return (struct rect){from->x + from->w, from->y, w, from->h};
}

// NOLINTNEXTLINE(readability-function-size): a grid is six numbers
struct rect rect_grid(struct rect r, int columns, int rows, float gap, int column,
                      int row) {
    float w = (r.w - gap * (float)(columns - 1)) / (float)columns;
    float h = (r.h - gap * (float)(rows - 1)) / (float)rows;
    return (struct rect){r.x + (w + gap) * (float)column, r.y + (h + gap) * (float)row, w,
                         h};
}

bool rect_has(struct rect r, float x, float y) {
    return x >= r.x && y >= r.y && x < r.x + r.w && y < r.y + r.h;
}

struct rect rect_center(struct rect r, float w, float h) {
    return (struct rect){r.x + (r.w - w) / 2, r.y + (r.h - h) / 2, w, h};
}
