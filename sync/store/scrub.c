#include "sync/store/scrub.h"

#include "sync/base/mem.h"
#include "sync/store/db.h"
#include "sync/store/mend.h"

#include <string.h>

enum { HEADER_AT_1 = 100, PAGE_MAX = 65536 }; // page 1 begins with the file's own header

static const char due_key[] = "scrub";

enum err scrub_want(struct store *s) {
    uint8_t one = 1;
    s->holds_erased = true;
    s->scrub_at = 0;
    return store_meta_set(s, due_key, &one, sizeof one);
}

bool scrub_is_due(const struct store *s) {
    return s->holds_erased;
}

static size_t get_u16(const uint8_t *p) {
    return (size_t)(p[0] << 8 | p[1]);
}

static bool zero(uint8_t *page, size_t from, size_t to) {
    bool has_any = false;
    for (size_t i = from; i < to; i++) {
        has_any = has_any || page[i];
    }
    if (has_any) {
        memset(page + from, 0, to - from);
    }
    return has_any;
}

// Free blocks are a chain; the first four bytes of each are its own.
static bool zero_blocks(uint8_t *page, size_t size, size_t at) {
    bool is_changed = false;
    while (at && at + 4 <= size) {
        size_t end = at + get_u16(page + at + 2);
        size_t next = get_u16(page + at);
        if (end > at + 4 && end <= size) {
            is_changed = zero(page, at + 4, end) || is_changed;
        }
        at = next > at ? next : 0; // the chain only goes up
    }
    return is_changed;
}

// https://www.sqlite.org/fileformat2.html#b_tree_pages: what is neither header, pointer nor
// cell. Other pages begin with a page number, whose first byte is 0 below 16 million pages.
static bool scrub_page(uint8_t *page, size_t size, size_t header) {
    const uint8_t *h = page + header;
    bool is_leaf = h[0] == 10 || h[0] == 13;
    if (!is_leaf && h[0] != 2 && h[0] != 5) {
        return false;
    }
    size_t pointers_end = header + (is_leaf ? 8 : 12) + 2 * get_u16(h + 3);
    size_t cells = get_u16(h + 5) ? get_u16(h + 5) : PAGE_MAX;
    if (pointers_end > cells || cells > size) {
        return false;
    }
    bool is_changed = zero_blocks(page, size, get_u16(h + 1));
    return zero(page, pointers_end, cells) || is_changed;
}

struct scrubbing {
    sqlite3_file *file;
    uint8_t *page;
    size_t size; // of a page
    sqlite3_int64 count;
};

static enum err scrub_pages(struct store *s, struct scrubbing *w, size_t pages) {
    int rc = SQLITE_OK;
    for (; pages && s->scrub_at < w->count && rc == SQLITE_OK; pages--, s->scrub_at++) {
        sqlite3_int64 at = s->scrub_at * (sqlite3_int64)w->size;
        rc = w->file->pMethods->xRead(w->file, w->page, (int)w->size, at);
        if (rc == SQLITE_OK &&
            scrub_page(w->page, w->size, s->scrub_at ? 0 : HEADER_AT_1)) {
            rc = w->file->pMethods->xWrite(w->file, w->page, (int)w->size, at);
        }
    }
    return rc == SQLITE_OK ? ERR_NONE : db_error(s, rc, "scrub");
}

static enum err scrub_end(struct store *s, struct scrubbing *w) {
    int rc = w->file->pMethods->xSync(w->file, SQLITE_SYNC_NORMAL);
    if (rc != SQLITE_OK) {
        return db_error(s, rc, "scrub");
    }
    sqlite3_stmt *q = db_get(s, "DELETE FROM meta WHERE key=?1");
    db_bind_text(q, 1, due_key);
    enum err e = db_run(s, q);
    if (e == ERR_NONE) {
        s->holds_erased = false;
        s->scrub_at = 0;
        store_checkpoint(s);
    }
    return e;
}

enum err scrub_slice(struct store *s, size_t pages) {
    struct scrubbing w = {0};
    sqlite3_int64 bytes = 0;
    CHECK(!s->in_tx);
    if (s->failed) {
        return ERR_IO;
    }
    // The file must be what counts: nothing newer in the WAL, nothing older in memory that
    // would be written back one day.
    if (!store_checkpoint(s)) {
        return ERR_IO;
    }
    if (s->scrub_at == 0) {
        recover_erase_aside(s);
    }
    w.size = (size_t)db_int(s, db_get(s, "PRAGMA page_size"), 0);
    int rc = sqlite3_file_control(s->db, "main", SQLITE_FCNTL_FILE_POINTER, &w.file);
    if (rc != SQLITE_OK || !w.file || !w.file->pMethods || w.size < 512) {
        return ERR_IO;
    }
    rc = w.file->pMethods->xFileSize(w.file, &bytes);
    w.count = rc == SQLITE_OK ? bytes / (sqlite3_int64)w.size : 0;
    w.page = mem_alloc(w.size, 1);
    enum err e = scrub_pages(s, &w, pages);
    sqlite3_db_release_memory(s->db);
    if (e == ERR_NONE && s->scrub_at >= w.count) {
        e = scrub_end(s, &w);
    }
    mem_free(w.page);
    return e;
}

enum err scrub_all(struct store *s) {
    enum err e = ERR_NONE;
    while (e == ERR_NONE && scrub_is_due(s)) {
        e = scrub_slice(s, SCRUB_SLICE_PAGES);
    }
    return e;
}
