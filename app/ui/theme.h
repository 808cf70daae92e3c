// The colours of the product: dark "ink" for hallways, light "paper" for desks. Values
// only; any thread. Colours are 0xAARRGGBB, not premultiplied.
#ifndef APP_UI_THEME_H
#define APP_UI_THEME_H

#include <stdbool.h>
#include <stdint.h>

struct theme {
    uint32_t bg, surface, line, text, dim;
    uint32_t accent, ok, warn,
        stop; // as words and outlines on bg and surface (AA at least)
    uint32_t on_accent, on_ok, on_warn,
        on_stop;            // text on a fill of that colour (AAA, or AA
                            // where the hue allows no more)
    uint32_t chip, on_chip; // a neutral pill
    uint32_t select;        // background of the chosen row
    bool is_dark;
};

const struct theme *theme_get_ink(void);   // static storage
const struct theme *theme_get_paper(void); // static storage

uint32_t theme_mix(uint32_t a, uint32_t b, float part_of_b); // part_of_b 0..1

// WCAG 2 contrast of two opaque colours, 1..21. AA text needs 4.5, AAA 7.
float theme_contrast(uint32_t a, uint32_t b);

// Whichever of near-black and white reads better on this fill.
uint32_t theme_text_on(uint32_t fill);

#endif
