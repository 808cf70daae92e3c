// Printers on paper: strict readers of what the languages of app/labels write, made from the
// printers' manuals and sharing nothing with the writers. Each says the first thing a real
// printer would stumble over. For tests; any thread; no state.
#ifndef TESTS_SUPPORT_PAPER_H
#define TESTS_SUPPORT_PAPER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// What came out. paper_finish frees it.
struct paper {
    int w, h;       // dots; the whole head's width for Brother
    uint8_t *black; // w * h, 1: black
    char fault[200];
    // Brother
    int media_w_mm, media_h_mm, margin;
    bool is_die_cut, is_two_colour, is_packed;
    // ZPL: 'Y', 'M' or 'N'; EPL and TSPL: 'G', 'B' or 'C'
    char tracking;
};

// One job, complete: false with paper->fault said, else the dots.
bool paper_read_zpl(const uint8_t *data, size_t len, struct paper *out);
// head_bytes: 90, or 162 of the wide models.
bool paper_read_brother(const uint8_t *data, size_t len, size_t head_bytes,
                        struct paper *out);
bool paper_read_escpos(const uint8_t *data, size_t len, struct paper *out);
bool paper_read_epl(const uint8_t *data, size_t len, struct paper *out);
bool paper_read_tspl(const uint8_t *data, size_t len, struct paper *out);

void paper_finish(struct paper *paper);
bool paper_is_black(const struct paper *paper, int x, int y); // false outside
// A grey netpbm file (P5). False: not written.
bool paper_write_pgm(const struct paper *paper, const char *path);
// What that wrote. False: not such a file.
bool paper_read_pgm(const char *path, struct paper *out);

#endif
