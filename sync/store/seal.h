// An SQLite VFS that seals a store's files: every byte of the database, its log file and its
// journal is AES-256-XTS on the disk (libgcrypt), over any other VFS. For a card that was
// stolen: XTS keeps what is in the files secret, it does not show that somebody changed
// them; facts are signed in any case. Used by one thread, as the store is.
//
// Data units are 512 bytes by file offset, so that a read or write in the middle costs at
// most one unit more; the tweak is the unit's number and which of the three files it is. A
// write that does not begin and end at a multiple of 16 bytes reads the two blocks at its
// ends and writes them back with what was there. A block lies within one sector, so a torn
// write leaves each block old or new: bytes beside the write are the same in both, and
// SQLite's assumption (bytes beside a torn write stay whole) holds as on the VFS below.
// Files are longer than SQLite asked for by up to 15 bytes; it reads none of them.
#ifndef SYNC_STORE_SEAL_H
#define SYNC_STORE_SEAL_H

#include "sync/base/err.h"

#include <stdint.h>

enum { SEAL_KEY_BYTES = 64 };

struct seal;

// Registers a VFS of its own for this key over the named one (NULL: the default).
struct seal *seal_create(const char *base, const uint8_t key[SEAL_KEY_BYTES]);
const char *seal_name(const struct seal *s); // for sqlite3_open_v2
void seal_destroy(struct seal *s);           // its files are closed; NULL is fine

#endif
