// The store against bare SQLite on the same disk, as ratios in one run: import, scan to
// durable, search per keystroke. Ours and theirs take turns; of the rounds' figures the
// median counts.
//   bench_store <folder> <people>        makes <folder>/kiosk-<people>, which bench.sh opens
//   bench_store <folder> <people> make   only that
#include "sync/base/bytes.h"
#include "sync/base/clock.h"
#include "sync/base/mem.h"
#include "sync/event/code.h"
#include "sync/event/zone.h"
#include "sync/store/seal.h"
#include "sync/store/store.h"
#include "tests/support/crowd.h"

#include <sodium.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

enum { ROUNDS = 5, SCANS = 200, PAUSE = 20, KEYSTROKES = 400, SHOWN = 12 };

struct bench {
    char folder[200];
    uint32_t people;
    struct store *store;
    struct moment now;
    sqlite3 *bare;      // what a plain program would do, in <folder>/bare.db
    uint32_t next;      // person to be scanned next
    const uint8_t *key; // of a sealed store
};

static uint64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

// Of this thread: what a busy machine does not stretch.
static double cpu_us(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static double us_since(uint64_t start_ns) {
    return (double)(now_ns() - start_ns) / 1e3;
}

static int compare(const void *a, const void *b) {
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

// Sorts; p in 0..1.
static double quantile(double *values, size_t count, double p) {
    qsort(values, count, sizeof *values, compare);
    return values[(size_t)(p * (double)(count - 1) + 0.5)];
}

static void sql(sqlite3 *db, const char *text) {
    if (sqlite3_exec(db, text, NULL, NULL, NULL) != SQLITE_OK) {
        fprintf(stderr, "bench: %s in: %s\n", sqlite3_errmsg(db), text);
        exit(1);
    }
}

// The same four columns as bench.sh prints.
static void line(const char *what, const char *got, const char *budget, bool is_met) {
    printf("%-46s %-38s %-16s %s\n", what, got, budget, is_met ? "" : "missed");
}

// ---- making the event -------------------------------------------------------------------

static void say(struct bench *b, const char *kind, const char *subject, json_t *body) {
    struct draft d;
    CHECK(draft_fill(&d, kind, subject, body) == ERR_NONE);
    CHECK(store_append(b->store, &d, 1, &b->now, NULL) == ERR_NONE);
    draft_finish(&d);
}

static void join(struct bench *b) {
    uint8_t event[FACT_EVENT_BYTES], root[FACT_KEY_BYTES], secret[FACT_SECRET_BYTES];
    char dev[17], key[2 * FACT_KEY_BYTES + 1];
    struct draft d;
    random_fill(event, sizeof event);
    crypto_sign_keypair(root, secret);
    CHECK(store_join(b->store, event, root) == ERR_NONE);
    struct store_identity id = store_identity_get(b->store);
    hex_format_u64(id.dev, dev);
    hex_format(id.key, sizeof id.key, key);
    json_t *body = json_pack("{s:s,s:[s,s,s,s],s:[s,s,s,s]}", "key", key, "may", "import",
                             "announce", "enrol", "desk", "channels", "programme",
                             "people", "desk", "fleet");
    CHECK(draft_fill(&d, "grant", dev, body) == ERR_NONE);
    CHECK(store_append_root(b->store, &d, secret, &b->now) == ERR_NONE);
    draft_finish(&d);
    say(b, "device", dev, json_pack("{s:s,s:s}", "name", "Desk A", "key", key));
    say(b, "event", "event",
        json_pack("{s:s,s:s,s:s,s:s}", "name", "Bench 1", "zone", "America/Chicago",
                  "start", "2015-03-22", "end", "2015-03-27"));
    say(b, "gate", "meeting", json_pack("{s:s,s:b}", "name", "Meeting", "prints", 1));
}

static void fill_drafts(struct drafts *d, uint32_t people) {
    for (uint32_t i = 0; i < people; i++) {
        struct crowd_person p;
        crowd_make(i, &p);
        CHECK(drafts_add(d, "person", p.id, crowd_body(&p)) == ERR_NONE);
    }
}

// The people as rows, in one commit: what LIKE searches and import is held against.
static double import_bare(struct bench *b, const struct drafts *d) {
    sqlite3_stmt *q = NULL;
    uint64_t start = now_ns();
    sql(b->bare, "BEGIN");
    sqlite3_prepare_v2(b->bare,
                       "INSERT INTO people(id, name, latin, org, body)"
                       " VALUES(?1,?2,?3,?4,?5)",
                       -1, &q, NULL);
    for (uint32_t i = 0; i < b->people; i++) {
        struct crowd_person p;
        crowd_make(i, &p);
        sqlite3_bind_text(q, 1, p.id, -1, SQLITE_STATIC);
        sqlite3_bind_text(q, 2, p.name, -1, SQLITE_STATIC);
        sqlite3_bind_text(q, 3, p.latin, -1, SQLITE_STATIC);
        sqlite3_bind_text(q, 4, p.org, -1, SQLITE_STATIC);
        sqlite3_bind_text(q, 5, d->items[i].body, -1, SQLITE_STATIC);
        CHECK(sqlite3_step(q) == SQLITE_DONE);
        sqlite3_reset(q);
    }
    sql(b->bare, "COMMIT");
    sqlite3_finalize(q);
    return us_since(start) / 1e6;
}

static void open_bare(struct bench *b) {
    char path[256];
    snprintf(path, sizeof path, "%s/bare.db", b->folder);
    CHECK(sqlite3_open(path, &b->bare) == SQLITE_OK);
    sql(b->bare,
        "PRAGMA locking_mode=EXCLUSIVE;PRAGMA journal_mode=WAL;"
        "PRAGMA synchronous=FULL;PRAGMA wal_autocheckpoint=0;"
        "CREATE TABLE people(row INTEGER PRIMARY KEY, id TEXT UNIQUE, name TEXT,"
        " latin TEXT, org TEXT, body TEXT);"
        "CREATE TABLE scans(n INTEGER PRIMARY KEY, header BLOB, body BLOB, h BLOB);");
}

// A store of its own with event, gate and people; leaves it open.
static double make_store(struct bench *b, const struct drafts *d) {
    char dir[256];
    struct store_diff diff;
    snprintf(dir, sizeof dir, "%s/kiosk-%u", b->folder, b->people);
    struct store_options o = {.dir = dir, .key = b->key};
    CHECK(store_open(&o, &b->store) == ERR_NONE);
    int64_t ms = 0;
    CHECK(instant_parse("2015-03-23T09:10-05:00", &ms) == ERR_NONE);
    b->now =
        (struct moment){.wall_ms = ms, .state = TIME_SET, .boot = 7, .mono_ms = 1000};
    join(b);
    struct drafts copy = *d; // store_author only sets what each one replaces
    uint64_t start = now_ns();
    CHECK(store_author(b->store, &copy, &b->now, &diff) == ERR_NONE);
    double s = us_since(start) / 1e6;
    CHECK(diff.added == d->count);
    store_checkpoint(b->store);
    return s;
}

static void setup(struct bench *b) {
    char text[160];
    struct drafts d = {0};
    fill_drafts(&d, b->people);
    open_bare(b);
    double bare = import_bare(b, &d);
    double ours = make_store(b, &d);
    drafts_finish(&d);
    while (!store_search_load(b->store, 10000)) {
    }
    snprintf(text, sizeof text, "%.1f x (%.2f s, %.0f facts/s)", ours / bare, ours,
             b->people / ours);
    line("import, against INSERTs in one commit", text, "none set", true);
}

// ---- scan to durable --------------------------------------------------------------------

static double scan_ours(struct bench *b) {
    struct crowd_person p;
    char code[BADGE_CODE_CHARS + 1];
    struct admit_result result;
    crowd_make(b->next++, &p);
    badge_code_format(p.id, 0, code);
    b->now.mono_ms += 700;
    b->now.wall_ms += 700;
    struct admit_request r = {
        .gate = "meeting", .code = code, .code_len = BADGE_CODE_CHARS, .now = b->now};
    uint64_t start = now_ns();
    CHECK(store_admit(b->store, &r, &result) == ERR_NONE);
    double us = us_since(start);
    CHECK(result.verdict == VERDICT_ADMITTED);
    return us;
}

// One row of the same size, in a commit of its own.
static double scan_bare(sqlite3_stmt *q) {
    static const uint8_t row[160];
    uint64_t start = now_ns();
    sqlite3_bind_blob(q, 1, row, 104, SQLITE_STATIC);
    sqlite3_bind_blob(q, 2, row, 64, SQLITE_STATIC);
    sqlite3_bind_blob(q, 3, row, 32, SQLITE_STATIC);
    CHECK(sqlite3_step(q) == SQLITE_DONE);
    sqlite3_reset(q);
    return us_since(start);
}

struct figures {
    double p50[ROUNDS], p99[ROUNDS];
};

static void keep(struct figures *f, int round, double *values, size_t count) {
    f->p50[round] = quantile(values, count, 0.5);
    f->p99[round] = quantile(values, count, 0.99);
}

static double median(const double *values) {
    double copy[ROUNDS];
    memcpy(copy, values, sizeof copy);
    return quantile(copy, ROUNDS, 0.5);
}

static double median_ratio(const double *a, const double *b) {
    double ratios[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
        ratios[i] = a[i] / b[i];
    }
    return median(ratios);
}

static void tell_scan(const char *what, const double *ours, const double *bare) {
    char text[160];
    double ratio = median_ratio(ours, bare);
    snprintf(text, sizeof text, "%.2f x (%.0f us / %.0f us)", ratio, median(ours),
             median(bare));
    line(what, text, "<= 1.5 x", ratio <= 1.5);
}

static void bench_scan(struct bench *b) {
    struct figures ours, bare;
    static double a[SCANS], c[SCANS];
    sqlite3_stmt *q = NULL;
    sqlite3_prepare_v2(b->bare, "INSERT INTO scans(header, body, h) VALUES(?1,?2,?3)", -1,
                       &q, NULL);
    for (int round = 0; round < ROUNDS; round++) {
        for (size_t i = 0; i < SCANS; i++) {
            a[i] = scan_ours(b);
            c[i] = scan_bare(q);
            if (i % PAUSE == 0) { // as the store thread does when nobody comes for 2 s
                store_checkpoint_idle(b->store);
                sql(b->bare, "PRAGMA wal_checkpoint(RESTART)");
            }
        }
        keep(&ours, round, a, SCANS);
        keep(&bare, round, c, SCANS);
    }
    sqlite3_finalize(q);
    tell_scan("scan -> durable p50, against a bare commit", ours.p50, bare.p50);
    tell_scan("scan -> durable p99, against a bare commit", ours.p99, bare.p99);
}

// What one scan costs beside the disk: many in one commit.
static void bench_scan_work(struct bench *b) {
    char text[160];
    double us[ROUNDS];
    for (int round = 0; round < ROUNDS; round++) {
        CHECK(store_begin(b->store) == ERR_NONE);
        uint64_t start = now_ns();
        for (int i = 0; i < SCANS; i++) {
            scan_ours(b);
        }
        CHECK(store_commit(b->store) == ERR_NONE);
        us[round] = us_since(start) / SCANS;
    }
    snprintf(text, sizeof text, "%.0f us each", median(us));
    line("scans, 200 in one commit", text, "none set", true);
}

// ---- a sealed store against a plain one -------------------------------------------------

static void open_small(struct bench *b, const char *folder, const uint8_t *key) {
    struct drafts d = {0};
    *b = (struct bench){.people = ROUNDS * SCANS, .key = key};
    snprintf(b->folder, sizeof b->folder, "%s/%s", folder, key ? "sealed" : "plain");
    CHECK(mkdir(b->folder, 0700) == 0);
    fill_drafts(&d, b->people);
    make_store(b, &d);
    drafts_finish(&d);
}

static void bench_sealed(const char *folder) {
    struct figures figures[2];
    static double us[2][SCANS];
    struct bench pair[2];
    uint8_t key[SEAL_KEY_BYTES];
    char text[160];
    random_fill(key, sizeof key);
    open_small(&pair[0], folder, key);
    open_small(&pair[1], folder, NULL);
    for (int round = 0; round < ROUNDS; round++) {
        for (size_t i = 0; i < SCANS; i++) {
            for (int which = 0; which < 2; which++) {
                us[which][i] = scan_ours(&pair[which]);
                if (i % PAUSE == 0) {
                    store_checkpoint_idle(pair[which].store);
                }
            }
        }
        keep(&figures[0], round, us[0], SCANS);
        keep(&figures[1], round, us[1], SCANS);
    }
    double ratio = median_ratio(figures[0].p50, figures[1].p50);
    snprintf(text, sizeof text, "%.2f x (%.0f us / %.0f us)", ratio,
             median(figures[0].p50), median(figures[1].p50));
    line("scan -> durable p50, sealed against plain", text, "none set", true);
    store_close(pair[0].store);
    store_close(pair[1].store);
}

// ---- search -----------------------------------------------------------------------------

// Someone types a name letter by letter, then the next one.
struct typist {
    uint32_t who;
    size_t keys;
};

static void press(struct typist *t, uint32_t people, char *out, size_t size) {
    t->keys++;
    while (t->keys > 9 || !crowd_type(t->who, t->keys, out, size)) {
        t->who = (t->who + 7919) % people;
        t->keys = 1;
    }
}

static double search_ours(struct bench *b, const char *text, double *out_cpu_us) {
    static struct person_state out[SHOWN];
    double cpu = cpu_us();
    uint64_t start = now_ns();
    store_search(b->store, text, "meeting", out, SHOWN);
    double us = us_since(start);
    *out_cpu_us = cpu_us() - cpu;
    return us;
}

static double search_like(sqlite3_stmt *q, const char *text) {
    uint64_t start = now_ns();
    sqlite3_bind_text(q, 1, text, -1, SQLITE_STATIC);
    while (sqlite3_step(q) == SQLITE_ROW) {
    }
    sqlite3_reset(q);
    return us_since(start);
}

// Keystrokes of one kind: LIKE stops at its twelfth hit, so one and two letters, which hit
// everywhere, are cheap for it; from three letters on it reads the whole table.
struct keystrokes {
    double ours[KEYSTROKES], like[KEYSTROKES];
    size_t ours_count, like_count;
    struct figures ours_figures, like_figures;
};

static void tell_search(const char *what, const struct keystrokes *k, double least) {
    char got[160];
    double ratio = median_ratio(k->like_figures.p50, k->ours_figures.p50);
    snprintf(got, sizeof got, "%.0f x faster (%.3f ms / %.3f ms)", ratio,
             median(k->like_figures.p50) / 1e3, median(k->ours_figures.p50) / 1e3);
    line(what, got, least > 0 ? ">= 50 x" : "none set", ratio >= least);
}

static void search_round(struct bench *b, struct typist *t, sqlite3_stmt *q,
                         struct keystrokes kinds[2], double *all, double *cpu) {
    char text[2 * TITLE_SIZE];
    for (size_t i = 0; i < KEYSTROKES; i++) {
        press(t, b->people, text, sizeof text);
        struct keystrokes *k = &kinds[t->keys >= 3];
        all[i] = k->ours[k->ours_count++] = search_ours(b, text, &cpu[i]);
        if (i % 7 == 0) { // LIKE is slow: one keystroke in seven is plenty
            k->like[k->like_count++] = search_like(q, text);
        }
    }
}

static void bench_search(struct bench *b) {
    static struct keystrokes kinds[2];
    static double all[KEYSTROKES], cpu[KEYSTROKES];
    struct figures f, cpu_figures;
    struct typist t = {.who = 17};
    char got[160];
    sqlite3_stmt *q = NULL;
    sqlite3_prepare_v2(b->bare,
                       "SELECT id, name, org FROM people WHERE UPPER(name) LIKE"
                       " '%' || UPPER(?1) || '%' LIMIT 12",
                       -1, &q, NULL);
    for (int round = 0; round < ROUNDS; round++) {
        search_round(b, &t, q, kinds, all, cpu);
        keep(&f, round, all, KEYSTROKES);
        keep(&cpu_figures, round, cpu, KEYSTROKES);
        for (size_t i = 0; i < 2; i++) {
            struct keystrokes *k = &kinds[i];
            keep(&k->ours_figures, round, k->ours, k->ours_count);
            keep(&k->like_figures, round, k->like, k->like_count);
            k->ours_count = k->like_count = 0;
        }
    }
    sqlite3_finalize(q);
    double p99 = median(f.p99) / 1e3;
    snprintf(got, sizeof got, "%.2f ms (its CPU time %.2f; p50 %.3f)", p99,
             median(cpu_figures.p99) / 1e3, median(f.p50) / 1e3);
    line("search per keystroke, p99", got, "<= 4 ms", p99 <= 4);
    tell_search("  3+ letters, LIKE / ours, medians", &kinds[1], 50);
    tell_search("  1, 2 letters, LIKE / ours, medians", &kinds[0], 0);
}

static void make_only(struct bench *b) {
    struct drafts d = {0};
    fill_drafts(&d, b->people);
    make_store(b, &d);
    drafts_finish(&d);
    store_close(b->store);
}

int main(int argc, char **argv) {
    struct bench b = {.people = argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 10) : 0};
    bool makes_only = argc > 3 && strcmp(argv[3], "make") == 0;
    if (argc < 3 || (!makes_only && b.people < 2 * ROUNDS * SCANS)) {
        fprintf(stderr,
                "usage: bench_store <folder> <people> [make]\n"
                "To measure it needs %d people at least.\n",
                2 * ROUNDS * SCANS);
        return 2;
    }
    CHECK(sodium_init() >= 0);
    snprintf(b.folder, sizeof b.folder, "%s", argv[1]);
    if (makes_only) {
        make_only(&b);
        return 0;
    }
    setup(&b);
    bench_scan(&b);
    bench_scan_work(&b);
    bench_sealed(b.folder);
    bench_search(&b);
    sqlite3_close(b.bare);
    store_checkpoint(b.store);
    store_close(b.store);
    return 0;
}
