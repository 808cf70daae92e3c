// The power goes at 200 moments of a scripted morning. Every admission that store_admit
// confirmed is there afterwards, with its badge: on paper once, or uncertain and never again
// by itself; and what is there verifies. With synchronous=NORMAL the
// same test must find losses: that shows the disk under it does lose.
#include "sync/base/log.h"
#include "sync/base/mem.h"
#include "sync/event/code.h"
#include "sync/store/jobs.h"
#include "sync/store/seal.h"
#include "tests/support/disk.h"
#include "tests/support/event_kit.h"

#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum {
    CUTS = 200,
    PEOPLE = 16,
    ALL = CHANNEL_BIT(1) | CHANNEL_BIT(2) | CHANNEL_BIT(3) | CHANNEL_BIT(4)
};

struct morning {
    struct kit kit;
    char dir[80];
    bool is_unsafe;
    struct store *store; // NULL after the power went
    struct disk_image *before;
    bool is_acked[PEOPLE];
    int paper[PEOPLE]; // badges that came out: no power cut takes those back
};

static uint64_t get_seed(void) {
    const char *given = getenv("FOYER_SEED");
    uint64_t seed = given ? strtoull(given, NULL, 0) : 20150322;
    print_message("seed %llu\n", (unsigned long long)seed);
    return seed;
}

// All chance of the store comes from here, so that a seed is the same morning again.
static uint64_t chance;

static const char *chance_name(void) {
    return "seeded";
}

static uint32_t chance_u32(void) {
    return (uint32_t)kit_random(&chance);
}

static void chance_fill(void *const out, const size_t len) {
    for (size_t i = 0; i < len; i++) {
        ((uint8_t *)out)[i] = (uint8_t)kit_random(&chance);
    }
}

static void person_id(size_t i, char out[PERSON_ID_SIZE]) {
    snprintf(out, PERSON_ID_SIZE, "P000000000000%03zu", i);
}

static enum err open_store(struct morning *m) {
    struct store_options o = {.dir = m->dir,
                              .vfs = DISK_VFS,
                              .is_numbering = true,
                              .is_unsafe = m->is_unsafe,
                              .key = m->kit.key};
    m->store = NULL;
    return store_open(&o, &m->store);
}

static void close_store(struct morning *m) {
    store_close(m->store);
    m->store = NULL;
}

// The disk before the doors open: a store with event, gates and people, all of it synced.
static void start_with(struct morning *m, const uint8_t *key) {
    static randombytes_implementation seeded = {
        .implementation_name = chance_name, .random = chance_u32, .buf = chance_fill};
    *m = (struct morning){0};
    chance = 1;
    randombytes_set_implementation(&seeded);
    disk_register();
    disk_wipe(0);
    log_set_level((enum log_level)0); // failures are what this test makes
    kit_start(&m->kit);
    m->kit.vfs = DISK_VFS;
    m->kit.key = key;
    kit_add_node(&m->kit, "hub", KIT_HUB_RIGHTS, ALL);
    kit_people(&m->kit);
    for (size_t i = 0; i < PEOPLE; i++) {
        char id[PERSON_ID_SIZE];
        person_id(i, id);
        kit_say(&m->kit, 0, "person", id, "{'name':'Some One','kind':'week'}");
    }
    store_close(m->kit.nodes[0]);
    m->kit.nodes[0] = NULL;
    snprintf(m->dir, sizeof m->dir, "%s/0", m->kit.dir);
    m->before = disk_image_take(0);
}

static void start(struct morning *m) {
    start_with(m, NULL);
}

static void finish(struct morning *m) {
    kit_finish(&m->kit);
    disk_image_free(m->before);
    disk_finish();
    log_set_level(LOG_LEVEL_INFO);
}

static enum err admit(struct morning *m, size_t i, bool *out_is_in) {
    char id[PERSON_ID_SIZE], code[BADGE_CODE_CHARS + 1];
    struct admit_result result;
    person_id(i, id);
    badge_code_format(id, 0, code);
    m->kit.now.mono_ms += 1000;
    m->kit.now.wall_ms += 1000;
    struct admit_request r = {
        .gate = "meeting", .code = code, .code_len = BADGE_CODE_CHARS, .now = m->kit.now};
    r.is_printing = true;
    enum err e = store_admit(m->store, &r, &result);
    *out_is_in = e == ERR_NONE && result.verdict == VERDICT_ADMITTED;
    return e;
}

static enum err mark_paid(struct morning *m, size_t i) {
    char id[PERSON_ID_SIZE];
    struct draft d;
    person_id(i, id);
    enum err e = draft_fill(&d, "pay.mark", id, json_pack("{s:s}", "how", "cash"));
    if (e == ERR_NONE) {
        e = store_append(m->store, &d, 1, &m->kit.now, NULL);
        draft_finish(&d);
    }
    return e;
}

// What the kiosk does with the first badge that waits, if there is one.
static enum err print_next(struct morning *m, bool *out_had_one) {
    struct job j;
    *out_had_one = store_read_jobs(m->store, 0, JOB_BIT(JOB_QUEUED), &j, 1) == 1;
    if (!*out_had_one) {
        return ERR_NONE;
    }
    enum err e = store_job_say(m->store, j.ref, JOB_SENT, "", &m->kit.now);
    if (e == ERR_NONE) {
        m->paper[strtoul(j.person + PERSON_ID_CHARS - 3, NULL, 10)]++;
        e = store_job_printed(m->store, j.ref, "paper", &m->kit.now);
    }
    return e;
}

// One person: an admission, and now and then what else a store does in a morning.
static enum err serve(struct morning *m, size_t i) {
    bool had_one;
    enum err e = admit(m, i, &m->is_acked[i]);
    if (e == ERR_NONE && i % 3 != 0) { // else it waits for the one after
        e = print_next(m, &had_one);
    }
    if (e == ERR_NONE && i % 5 == 2) {
        e = store_seal(m->store);
    }
    if (e == ERR_NONE && i % 4 == 1) {
        e = mark_paid(m, i);
    }
    if (i % 6 == 4) {
        store_checkpoint_idle(m->store); // as the store thread does
    }
    if (i == PEOPLE / 2) { // restarted at noon
        close_store(m);
        return open_store(m);
    }
    return e;
}

static void run_morning(struct morning *m) {
    memset(m->is_acked, 0, sizeof m->is_acked);
    memset(m->paper, 0, sizeof m->paper);
    chance = 2;
    enum err e = open_store(m);
    for (size_t i = 0; i < PEOPLE && e == ERR_NONE; i++) {
        e = serve(m, i);
    }
    assert_true(e == ERR_NONE || disk_is_off(0));
    close_store(m); // also what a process does when its disk is gone
}

// Opens what the cut left; returns how many confirmed admissions are missing.
static size_t count_lost(struct morning *m) {
    size_t lost = 0;
    assert_int_equal(open_store(m), ERR_NONE);
    for (size_t i = 0; i < PEOPLE; i++) {
        char id[PERSON_ID_SIZE];
        struct person_state p = {0};
        person_id(i, id);
        assert_int_equal(store_read_person(m->store, id, "meeting", &p), ERR_NONE);
        lost += m->is_acked[i] && !p.is_in;
    }
    return lost;
}

// After a start: what was at the printer is uncertain, what waits is printed. Returns how many
// are uncertain. A cut may also hit the moment after `printed` was noted and before it was told.
static size_t check_badges(struct morning *m) {
    bool had_one = true;
    size_t unsure = 0;
    assert_int_equal(store_jobs_resume(m->store, &m->kit.now), ERR_NONE);
    while (had_one) {
        assert_int_equal(print_next(m, &had_one), ERR_NONE);
    }
    for (size_t i = 0; i < PEOPLE; i++) {
        char id[PERSON_ID_SIZE];
        struct person_state p = {0};
        person_id(i, id);
        assert_int_equal(store_read_person(m->store, id, "meeting", &p), ERR_NONE);
        bool is_unsure = p.job.ref.n && p.job.state == JOB_UNKNOWN;
        assert_true(m->paper[i] <= 1);
        assert_int_equal(p.is_in, p.has_badge || is_unsure);
        assert_true(!p.has_badge || m->paper[i] == 1);
        unsure += is_unsure;
    }
    return unsure;
}

static void check_verifies(struct morning *m) {
    struct verify_report r;
    enum err e = store_verify(m->store, &r);
    assert_string_equal(r.trouble, "");
    assert_int_equal(e, ERR_NONE);
}

// All cuts; returns how many lost something that was confirmed.
static size_t cut_many(struct morning *m, uint64_t seed, bool is_verifying) {
    size_t losing = 0, sectors = 0, confirmed = 0, unsure = 0;
    disk_image_put(m->before, 0);
    disk_cut_after(0, -1);
    run_morning(m);
    long ops = disk_ops(0);
    assert_true(ops > PEOPLE);
    for (int cut = 0; cut < CUTS; cut++) {
        disk_image_put(m->before, 0);
        disk_cut_after(0, (long)(kit_random(&seed) % (uint64_t)ops));
        run_morning(m);
        assert_true(disk_is_off(0));
        sectors += disk_power_on(0, kit_random(&seed));
        losing += count_lost(m) != 0;
        for (size_t i = 0; i < PEOPLE; i++) {
            confirmed += m->is_acked[i];
        }
        if (is_verifying) {
            unsure += check_badges(m);
            bool is_in; // life goes on: in a stream of its own, beside what the cut left
            check_verifies(m);
            assert_int_equal(admit(m, PEOPLE - 1, &is_in), ERR_NONE);
            check_verifies(m);
        }
        close_store(m);
    }
    print_message(
        "%d cuts among %ld operations: %zu written sectors lost, %zu admissions had"
        " been confirmed, %zu cuts lost some, %zu badges uncertain\n",
        CUTS, ops, sectors, confirmed, losing, unsure);
    assert_true(sectors > 0 && confirmed > CUTS && (unsure > 0 || !is_verifying));
    return losing;
}

static void test_confirmed_admissions_survive(void **state) {
    (void)state;
    struct morning m;
    uint64_t seed = get_seed();
    start(&m);
    assert_int_equal(cut_many(&m, seed, true), 0);
    finish(&m);
}

// The same with every byte sealed; and no name is on that disk.
static void test_sealed_store_survives_as_well(void **state) {
    (void)state;
    struct morning m;
    uint8_t key[SEAL_KEY_BYTES];
    uint64_t seed = get_seed();
    for (size_t i = 0; i < sizeof key; i++) {
        key[i] = (uint8_t)(3 * i + 1);
    }
    start_with(&m, key);
    assert_int_equal(cut_many(&m, seed, true), 0);
    assert_false(disk_has_text(0, "Some One"));
    assert_false(disk_has_text(0, "meeting"));
    assert_false(disk_has_text(0, "SQLite"));
    finish(&m);
}

static void test_unsafe_commits_are_caught(void **state) {
    (void)state;
    struct morning m;
    uint64_t seed = get_seed();
    start(&m);
    m.is_unsafe = true;
    size_t losing = cut_many(&m, seed, false);
    assert_true(losing > CUTS / 10);
    finish(&m);
}

// The power goes while the store is made: the next start makes it again or has it whole.
static void test_cut_while_the_store_is_made(void **state) {
    (void)state;
    struct morning m;
    uint64_t seed = get_seed();
    start(&m);
    bool is_whole = false;
    for (long at = 0; !is_whole; at++) {
        disk_wipe(0);
        disk_cut_after(0, at);
        enum err e = open_store(&m);
        e = e == ERR_NONE ? store_join(m.store, m.kit.event, m.kit.root) : e;
        is_whole = e == ERR_NONE;
        close_store(&m);
        disk_power_on(0, kit_random(&seed));
        assert_int_equal(open_store(&m), ERR_NONE);
        assert_int_equal(store_join(m.store, m.kit.event, m.kit.root), ERR_NONE);
        check_verifies(&m);
        close_store(&m);
    }
    finish(&m);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_confirmed_admissions_survive),
        cmocka_unit_test(test_sealed_store_survives_as_well),
        cmocka_unit_test(test_unsafe_commits_are_caught),
        cmocka_unit_test(test_cut_while_the_store_is_made),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
