// What a scanner's AIM symbology id says about the bytes: whether they carry ECI escapes,
// and undoing them. Pure but for iconv; any thread; no state.
// Sources: ISO/IEC 15424 (AIM ids); AIM ECI (escapes \nnnnnn, doubled backslashes);
// ISO/IEC 18004 (QR ]Q2 ]Q4 ]Q6), 15438 (PDF417 ]L1), 16022 (]d4..6), 24778 (]z3..5).
#ifndef APP_DEVICES_SYMBOLOGY_H
#define APP_DEVICES_SYMBOLOGY_H

#include "app/devices/scan_refusal.h"
#include "app/devices/scanner.h"

#include <stddef.h>
#include <stdint.h>

// aim: "]Q2"; empty is fine.
// Fills out->bytes and len; what is beyond SCAN_BYTES_MAX is dropped, so that the scan
// shows as too long. Without escapes: a copy. With: `\\` is one backslash; `\000026` (UTF-8)
// and `\000899` (binary) vanish, bytes after another ECI become UTF-8.
// SCAN_REFUSED_ESCAPE, SCAN_REFUSED_ECI: out->len is then 0.
enum scan_refusal symbology_undo_escapes(const char *aim, const uint8_t *bytes,
                                         size_t len, struct scan *out);

#endif
