// QR codes as a square of modules. Any thread; no state. Drawing and the quiet zone (4
// modules on each side) are the caller's: draw_qr on screens, the badge room on paper.
#ifndef APP_IMAGE_QR_H
#define APP_IMAGE_QR_H

#include "sync/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { QR_SIDE_MAX = 177, QR_QUIET_MODULES = 4 };

// A value: copy it freely (about 31 KiB; keep it in the view or on the heap, not in arrays).
struct qr {
    int side;                                   // modules, 21..177
    uint8_t modules[QR_SIDE_MAX * QR_SIDE_MAX]; // side * side, row by row, 1 = dark
};

// Smallest version at error level M; alphanumeric where the text allows (0-9 A-Z and
// " $%*+-./:"), else bytes. 20 base32 characters give 21x21, 122 base45 ones 37x37.
// ERR_LIMIT when the text is empty or too long for version 40.
MUST_CHECK enum err qr_encode(const void *text, size_t len_bytes, struct qr *out_qr);

bool qr_is_dark(const struct qr *qr, int x, int y); // false outside

#endif
