#include "tests/support/paper_ink.h"

#include <stdio.h>
#include <stdlib.h>

// False: the paper is blank.
static bool find_ink(const struct paper *paper, int *out_x, int *out_y, int *out_count) {
    int left = paper->w, top = -1, count = 0;
    for (int y = 0; y < paper->h; y++) {
        for (int x = 0; x < paper->w; x++) {
            if (paper_is_black(paper, x, y)) {
                left = x < left ? x : left;
                top = top < 0 ? y : top;
                count++;
            }
        }
    }
    *out_x = left;
    *out_y = top;
    *out_count = count;
    return count > 0;
}

static bool is_same_ink(const struct paper *drawn, const struct paper *paper, char *fault,
                        size_t size) {
    int x, y, count = 0, px, py, printed = 0;
    if (!find_ink(drawn, &x, &y, &count) || !find_ink(paper, &px, &py, &printed) ||
        printed != count) {
        (void)snprintf(fault, size, "%d dots are printed, %d were drawn", printed, count);
        return false;
    }
    for (int i = 0; i < drawn->w * drawn->h; i++) {
        int at_x = i % drawn->w, at_y = i / drawn->w;
        if (drawn->black[i] && !paper_is_black(paper, at_x - x + px, at_y - y + py)) {
            (void)snprintf(fault, size, "dot %d, %d is not printed", at_x, at_y);
            return false;
        }
    }
    return true;
}

bool paper_is_drawn(const struct paper *paper, const struct raster *drawn, char *fault,
                    size_t size) {
    struct paper preview = {.w = drawn->w, .h = drawn->h};
    preview.black = calloc((size_t)drawn->w * (size_t)drawn->h, 1);
    for (int i = 0; i < drawn->w * drawn->h; i++) {
        preview.black[i] = raster_is_black(drawn, i % drawn->w, i / drawn->w);
    }
    bool is_same = is_same_ink(&preview, paper, fault, size);
    paper_finish(&preview);
    return is_same;
}
