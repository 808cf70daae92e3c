// What was drawn, held against what came out on the paper. Any thread; no state.
#ifndef TESTS_SUPPORT_PAPER_INK_H
#define TESTS_SUPPORT_PAPER_INK_H

#include "app/badge/raster.h"
#include "tests/support/paper.h"

// Dot for dot the same picture, wherever on the paper the printer's language put it. False:
// fault says what differs.
bool paper_is_drawn(const struct paper *paper, const struct raster *drawn, char *fault,
                    size_t size);

#endif
