// The folded keys of all people in RAM, scanned in one pass. Beside each key stands a mask of
// the letter pairs in it: most keys are passed over by their mask, which beats an index at
// this size, costs 40 bytes a person and finds infixes and CJK given names.
#include "sync/base/mem.h"
#include "sync/store/db.h"

#include <string.h>

enum { WORDS_MAX = 8, LETTERS = 4, PLANES = 5 };

// Which letters and pairs of letters a text has. Planes 0 to 3: a bit for each pair, hashed.
// Plane 4: bits 0 to 31 for its letters, 32 to 63 for those at the start of a word.
struct mask {
    uint64_t planes[PLANES];
};

// Keys lie in `text` one after another; each starts and ends in a blank and is followed by
// NUL. Removed ones are overwritten with NUL, their mask is 0.
struct search {
    char *text;
    size_t len, cap;
    uint32_t *at;    // by row: offset + 1, 0 = none
    int64_t rows;    // size of at
    int64_t *row_of; // entries in order of offset
    uint32_t *start_of;
    uint64_t *planes[PLANES]; // by entry
    uint16_t *lead_of;        // by entry: the first two bytes after the blank
    size_t entries, entries_cap;
};

struct search *search_create(void) {
    return mem_alloc(1, sizeof(struct search));
}

void search_clear(struct search *x) {
    mem_free(x->text);
    mem_free(x->at);
    mem_free(x->row_of);
    mem_free(x->start_of);
    mem_free(x->lead_of);
    for (size_t p = 0; p < PLANES; p++) {
        mem_free(x->planes[p]);
    }
    *x = (struct search){0};
}

void search_destroy(struct search *x) {
    if (x) {
        search_clear(x);
        mem_free(x);
    }
}

static unsigned letter_bit(char c) {
    return (uint8_t)c & 31u;
}

// Adds the word-wise parts of text, which begins in a blank.
static void mask_add(struct mask *m, const char *text) {
    for (const char *c = text + 1; *c; c++) {
        if (*c == ' ') {
            continue;
        }
        m->planes[LETTERS] |= (uint64_t)1 << letter_bit(*c);
        if (c[-1] == ' ') {
            m->planes[LETTERS] |= (uint64_t)1 << (32 + letter_bit(*c));
        } else {
            uint32_t pair = (uint32_t)(uint8_t)c[-1] << 8 | (uint8_t)*c;
            uint32_t bit = pair * 0x9e3779b1u >> 24;
            m->planes[bit >> 6] |= (uint64_t)1 << (bit & 63);
        }
    }
}

static uint16_t lead_of(const char *text) {
    unsigned first = (uint8_t)text[1];
    return (uint16_t)(first ? first << 8 | (uint8_t)text[2] : 0);
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

void search_remove(struct search *x, int64_t row) {
    if (row < x->rows && x->at[row]) {
        char *key = x->text + x->at[row] - 1;
        size_t entry = entry_at(x, x->at[row] - 1);
        for (size_t p = 0; p < PLANES; p++) {
            x->planes[p][entry] = 0;
        }
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
        x->lead_of = mem_resize(x->lead_of, x->entries_cap, sizeof *x->lead_of);
        for (size_t p = 0; p < PLANES; p++) {
            x->planes[p] = mem_resize(x->planes[p], x->entries_cap, sizeof *x->planes[p]);
        }
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
    if (!len || x->len + len + 1 >= UINT32_MAX) {
        return;
    }
    reserve(x, row, len + 1);
    struct mask m = {{0}};
    mask_add(&m, key);
    for (size_t p = 0; p < PLANES; p++) {
        x->planes[p][x->entries] = m.planes[p];
    }
    x->lead_of[x->entries] = lead_of(key);
    x->row_of[x->entries] = row;
    x->start_of[x->entries++] = (uint32_t)x->len;
    x->at[row] = (uint32_t)x->len + 1;
    memcpy(x->text + x->len, key, len + 1);
    x->len += len + 1;
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

// What was found so far of each rank, in order of rows.
enum rank { RANK_NAME_START, RANK_WORD_START, RANK_INFIX, RANKS };
enum { FOUND_MAX = 64 };

struct found {
    int64_t rows[RANKS][FOUND_MAX];
    size_t count[RANKS];
    size_t max;
};

static bool holds_all(const char *key, const struct words *w, size_t skip_blank) {
    for (size_t i = 0; i < w->count; i++) {
        if (!strstr(key, w->text[i] + skip_blank)) {
            return false;
        }
    }
    return true;
}

// Looks at one key whose mask fits; has_starts: its mask fits the starts of all words too.
static void look(struct found *f, const char *key, const struct words *w, bool has_starts,
                 int64_t row) {
    const char *longest = w->text[w->longest];
    enum rank rank = RANK_INFIX;
    if (has_starts && holds_all(key, w, 0)) {
        bool is_lead = strncmp(key, longest, strlen(longest)) == 0;
        rank = is_lead ? RANK_NAME_START : RANK_WORD_START;
    } else if (f->count[RANK_INFIX] == f->max || !holds_all(key, w, 1)) {
        return;
    }
    if (f->count[rank] < f->max) {
        f->rows[rank][f->count[rank]++] = row;
    }
}

// A plane that the words set bits in.
struct sieve {
    const uint64_t *plane;
    uint64_t bits;
};

static int count_bits(uint64_t bits) {
    int count = 0;
    for (; bits; bits &= bits - 1) {
        count++;
    }
    return count;
}

static size_t make_sieves(const struct search *x, const struct words *w,
                          struct sieve *out, uint64_t *out_starts) {
    struct mask m = {{0}};
    for (size_t i = 0; i < w->count; i++) {
        mask_add(&m, w->text[i]);
    }
    *out_starts = m.planes[LETTERS];
    // An infix starts no word; and pairs say more than the letters in them.
    bool has_pairs = m.planes[0] || m.planes[1] || m.planes[2] || m.planes[3];
    m.planes[LETTERS] = has_pairs ? 0 : m.planes[LETTERS] & UINT32_MAX;
    size_t count = 0;
    for (size_t p = 0; p < PLANES; p++) {
        if (!m.planes[p]) {
            continue;
        }
        struct sieve next = {x->planes[p], m.planes[p]};
        // The one with the most pairs goes first: few keys get past it.
        if (count && count_bits(next.bits) > count_bits(out[0].bits)) {
            struct sieve first = out[0];
            out[0] = next;
            next = first;
        }
        out[count++] = next;
    }
    return count;
}

static bool fits(const struct sieve *sieves, size_t count, size_t entry) {
    for (size_t i = 0; i < count; i++) {
        if ((sieves[i].plane[entry] & sieves[i].bits) != sieves[i].bits) {
            return false;
        }
    }
    return true;
}

// The next entry from `at` on whose mask has all bits.
static size_t next_fit(const struct sieve *sieves, size_t count, size_t at, size_t end) {
    const uint64_t *p = sieves[0].plane;
    uint64_t bits = sieves[0].bits;
    for (; at < end; at++) {
        while (end - at > 4 && (~p[at] & bits) && (~p[at + 1] & bits) &&
               (~p[at + 2] & bits) && (~p[at + 3] & bits)) {
            at += 4;
        }
        if (fits(sieves, count, at)) {
            return at;
        }
    }
    return end;
}

// The next entry whose key starts with the two bytes, or the first of them.
static size_t next_lead(const struct search *x, uint16_t lead, uint16_t mask, size_t at) {
    while (at < x->entries && (x->lead_of[at] & mask) != lead) {
        at++;
    }
    return at;
}

// One pass in order of rows. What cannot come among the first max any more is passed over
// unread: infixes once there are enough, then words that start elsewhere in the key.
static void scan(const struct search *x, const struct words *w, struct found *f) {
    struct sieve sieves[PLANES];
    uint64_t starts;
    size_t count = make_sieves(x, w, sieves, &starts);
    const char *longest = w->text[w->longest];
    uint16_t lead = lead_of(longest);
    uint16_t lead_mask = longest[2] ? 0xffff : 0xff00;
    for (size_t i = 0; f->count[RANK_NAME_START] < f->max; i++) {
        bool wants_leads = f->count[RANK_WORD_START] == f->max;
        i = wants_leads ? next_lead(x, lead, lead_mask, i)
                        : next_fit(sieves, count, i, x->entries);
        if (i == x->entries) {
            return;
        }
        bool has_starts = (x->planes[LETTERS][i] & starts) == starts;
        if ((!has_starts && f->count[RANK_INFIX] == f->max) ||
            (wants_leads && !fits(sieves, count, i))) {
            continue;
        }
        look(f, x->text + x->start_of[i], w, has_starts, x->row_of[i]);
    }
}

size_t search_find(const struct search *x, const char *folded, int64_t *out_rows,
                   size_t max) {
    struct words w;
    struct found f = {.max = max < FOUND_MAX ? max : FOUND_MAX};
    split(folded, &w);
    if (!w.count || !max) {
        return 0;
    }
    scan(x, &w, &f);
    size_t done = 0;
    for (int rank = RANK_NAME_START; rank < RANKS; rank++) {
        for (size_t i = 0; i < f.count[rank] && done < f.max; i++) {
            out_rows[done++] = f.rows[rank][i];
        }
    }
    return done;
}
