#include "app/badge/codes.h"

#include "app/image/qr.h"
#include "sync/base/mem.h"

#include <math.h>
#include <string.h>

struct code_place {
    int x, y; // of the quiet zone's corner
    int dots; // of a module's side
};

static void draw_row(struct ink *ink, const struct qr *qr, struct code_place at,
                     int row) {
    int side = at.dots * (qr->side + 2 * QR_QUIET_MODULES);
    if (at.y + row < 0 || at.y + row >= ink->h) {
        return;
    }
    uint8_t *pixels = ink->pixels + (size_t)(at.y + row) * (size_t)ink->w;
    for (int col = 0; col < side; col++) {
        if (at.x + col >= 0 && at.x + col < ink->w) {
            bool is_dark = qr_is_dark(qr, col / at.dots - QR_QUIET_MODULES,
                                      row / at.dots - QR_QUIET_MODULES);
            pixels[at.x + col] = is_dark ? SHAPE_INK : SHAPE_PAPER;
        }
    }
}

int codes_draw(struct ink *ink, const char *text, struct shape_box box) {
    struct qr *qr = mem_alloc(1, sizeof *qr);
    struct code_place at = {0};
    if (qr_encode(text, strlen(text), qr) == ERR_NONE) {
        int w = (int)lround(box.w), h = (int)lround(box.h);
        int modules = qr->side + 2 * QR_QUIET_MODULES;
        at.dots = (w < h ? w : h) / modules;
        at.dots = at.dots > 1 ? at.dots : 1;
        at.x = (int)lround(box.x) + (w - at.dots * modules) / 2;
        at.y = (int)lround(box.y) + (h - at.dots * modules) / 2;
        for (int row = 0; row < at.dots * modules; row++) {
            draw_row(ink, qr, at, row);
        }
    }
    mem_free(qr);
    return at.dots;
}
