// The folded keys of all people in RAM: one buffer, scanned with memmem. Research showed a
// plain scan beats every index at this size and finds infixes and CJK given names.
#define _GNU_SOURCE // memmem; present in glibc and musl
#include "sync/base/mem.h"
#include "sync/store/db.h"

#include <string.h>

enum { WORDS_MAX = 8 };

// Keys lie in `text` one after another: '\1' row key, each key starts and ends in a blank
// and is followed by NUL. Removed ones are overwritten with NUL.
struct search {
    char *text;
    size_t len, cap;
    uint32_t *at; // by row: offset + 1, 0 = none
    int64_t rows; // size of at
    int64_t *row_of; // entries in order of offset
    uint32_t *start_of;
    size_t entries, entries_cap;
    int64_t last_row;
};

struct search *search_create(void) {
    return mem_alloc(1, sizeof(struct search));
}

void search_clear(struct search *x) {
    mem_free(x->text);
    mem_free(x->at);
    mem_free(x->row_of);
    mem_free(x->start_of);
    *x = (struct search){0};
}

void search_destroy(struct search *x) {
    if (x) {
        search_clear(x);
        mem_free(x);
    }
}

int64_t search_last_row(const struct search *x) {
    return x->last_row;
}

void search_remove(struct search *x, int64_t row) {
    if (row < x->rows && x->at[row]) {
        char *key = x->text + x->at[row] - 1;
        memset(key, 0, strlen(key));
        x->at[row] = 0;
    }
}

static void reserve(struct search *x, int64_t row, size_t len) {
    if (row >= x->rows) {
        int64_t rows = x->rows ? x->rows : 1024;
        while (rows <= row) {
            rows += rows / 2;
        }
        x->at = mem_resize(x->at, (size_t)rows, sizeof *x->at);
        memset(x->at + x->rows, 0, (size_t)(rows - x->rows) * sizeof *x->at);
        x->rows = rows;
    }
    if (x->len + len + 1 > x->cap) {
        x->cap = (x->len + len + 1) + x->cap / 4 + 65536;
        x->text = mem_resize(x->text, x->cap, 1);
    }
    if (x->entries == x->entries_cap) {
        x->entries_cap = x->entries_cap + x->entries_cap / 4 + 1024;
        x->row_of = mem_resize(x->row_of, x->entries_cap, sizeof *x->row_of);
        x->start_of = mem_resize(x->start_of, x->entries_cap, sizeof *x->start_of);
    }
}

void search_put(struct search *x, int64_t row, const char *key) {
    size_t len = strlen(key);
    if (row < x->rows && x->at[row]) {
        char *old = x->text + x->at[row] - 1;
        if (strcmp(old, key) == 0) {
            return;
        }
        search_remove(x, row);
    }
    if (x->len + len + 1 >= UINT32_MAX) {
        return;
    }
    reserve(x, row, len + 1);
    x->row_of[x->entries] = row;
    x->start_of[x->entries++] = (uint32_t)x->len;
    x->at[row] = (uint32_t)x->len + 1;
    memcpy(x->text + x->len, key, len + 1);
    x->len += len + 1;
    x->last_row = row > x->last_row ? row : x->last_row;
}

// Words of a folded text, each with its leading blank: " mul" matches the start of a word.
struct words {
    char text[WORDS_MAX][64];
    size_t count;
    size_t longest;
};

static void split(const char *folded, struct words *w) {
    *w = (struct words){0};
    while (w->count < WORDS_MAX) {
        folded += strspn(folded, " ");
        size_t len = strcspn(folded, " ");
        if (!len) {
            return;
        }
        size_t kept = len < sizeof w->text[0] - 2 ? len : sizeof w->text[0] - 2;
        w->text[w->count][0] = ' ';
        memcpy(w->text[w->count] + 1, folded, kept);
        if (strlen(w->text[w->count]) > strlen(w->text[w->longest])) {
            w->longest = w->count;
        }
        w->count++;
        folded += len;
    }
}

static size_t entry_at(const struct search *x, size_t offset) {
    size_t low = 0;
    size_t high = x->entries;
    while (high - low > 1) {
        size_t mid = (low + high) / 2;
        if (x->start_of[mid] <= offset) {
            low = mid;
        } else {
            high = mid;
        }
    }
    return low;
}

static bool holds_all(const char *key, const struct words *w, size_t skip_blank) {
    for (size_t i = 0; i < w->count; i++) {
        if (i != w->longest && !strstr(key, w->text[i] + skip_blank)) {
            return false;
        }
    }
    return true;
}

static bool is_found(const int64_t *rows, size_t count, int64_t row) {
    for (size_t i = 0; i < count; i++) {
        if (rows[i] == row) {
            return true;
        }
    }
    return false;
}

enum rank { RANK_NAME_START, RANK_WORD_START, RANK_INFIX };

struct hits {
    int64_t *rows;
    size_t found, max;
};

static void scan(const struct search *x, const struct words *w, enum rank rank,
                 struct hits *out) {
    size_t skip = rank == RANK_INFIX ? 1 : 0;
    // At the start of a key: the NUL that ends the key before stands in front of the blank.
    char needle[66] = {0};
    size_t lead = rank == RANK_NAME_START ? 1 : 0;
    size_t len = strlen(w->text[w->longest] + skip);
    memcpy(needle + lead, w->text[w->longest] + skip, len);
    const char *at = x->text;
    const char *end = x->text + x->len;
    while (out->found < out->max && at < end) {
        const char *hit = memmem(at, (size_t)(end - at), needle, len + lead);
        if (!hit) {
            break;
        }
        size_t entry = entry_at(x, (size_t)(hit - x->text) + lead);
        const char *key = x->text + x->start_of[entry];
        int64_t row = x->row_of[entry];
        bool is_live = x->at[row] == x->start_of[entry] + 1;
        if (is_live && holds_all(key, w, skip) && !is_found(out->rows, out->found, row)) {
            out->rows[out->found++] = row;
        }
        at = entry + 1 < x->entries ? x->text + x->start_of[entry + 1] - lead : end;
    }
}

size_t search_find(const struct search *x, const char *folded, int64_t *out_rows, size_t max) {
    struct words w;
    split(folded, &w);
    struct hits out = {out_rows, 0, max};
    if (!w.count || !x->entries) {
        return 0;
    }
    for (int rank = RANK_NAME_START; rank <= RANK_INFIX && out.found < max; rank++) {
        scan(x, &w, (enum rank)rank, &out);
    }
    return out.found;
}
