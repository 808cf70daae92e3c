// Pictures as ink that a black-and-white printer can show: error diffusion (Floyd-Steinberg,
// alternate rows run the other way). Called by badge_proof only; any thread; no state.
#ifndef APP_BADGE_DITHER_H
#define APP_BADGE_DITHER_H

#include "app/badge/shapes.h"
#include "app/text/text.h"

// As large as fits the box, keeping its shape; transparent is paper. Every dot becomes
// SHAPE_INK or SHAPE_PAPER, so that the threshold of the raster leaves it as it is. An image
// without pixels draws nothing.
void dither_draw(struct ink *ink, const struct image *image, struct shape_box box,
                 enum text_align align);

#endif
