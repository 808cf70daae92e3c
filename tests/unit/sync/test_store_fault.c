// The store on a disk that fails to sync, fills up or lost something: what was told done is
// there, what was not is not told, and check-ins go on.
#include "sync/base/clock.h"
#include "sync/base/log.h"
#include "sync/base/mem.h"
#include "sync/store/db.h"
#include "sync/store/peer.h"
#include "sync/store/thread.h"
#include "tests/support/disk.h"
#include "tests/support/event_kit.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

enum { ALL = CHANNEL_BIT(1) | CHANNEL_BIT(2) | CHANNEL_BIT(3) | CHANNEL_BIT(4) };

static void start(struct kit *k, const char *vfs) {
    kit_start(k);
    k->vfs = vfs;
    if (vfs) {
        disk_register();
        disk_wipe(0);
    }
    kit_add_node(k, "hub", KIT_HUB_RIGHTS, ALL);
    kit_people(k);
    log_set_level((enum log_level)0); // failures are what these tests make
}

static void finish(struct kit *k) {
    log_set_level(LOG_LEVEL_INFO);
    kit_finish(k);
    disk_finish();
}

static void say_people(struct kit *k, int count) {
    for (int i = 0; i < count; i++) {
        char id[PERSON_ID_SIZE], body[96];
        snprintf(id, sizeof id, "P00000000000%04u", (unsigned)i % 10000);
        snprintf(body, sizeof body, "{'name':'Number %04d','org':'Example Networks'}", i);
        kit_say(k, 0, "person", id, body);
    }
}

static enum err try_say(struct kit *k, size_t node, const char *kind, const char *subject,
                        struct fact_ref *out) {
    struct draft d;
    assert_int_equal(draft_fill(&d, kind, subject, json_pack("{s:s}", "how", "cash")),
                     ERR_NONE);
    k->now.mono_ms += 10;
    k->now.wall_ms += 10;
    enum err e = store_append(k->nodes[node], &d, 1, &k->now, out);
    draft_finish(&d);
    return e;
}

static bool has_fact(struct store *s, struct fact_ref ref) {
    sqlite3_stmt *q = db_get(s, "SELECT count(*) FROM fact WHERE stream=?1 AND n=?2");
    db_bind_u64(q, 1, ref.stream);
    db_bind_u64(q, 2, ref.n);
    return db_int(s, q, 0) == 1;
}

static void check_well(struct store *s) {
    struct verify_report r;
    enum err e = store_verify(s, &r);
    assert_string_equal(r.trouble, "");
    assert_int_equal(e, ERR_NONE);
}

// A sync fails, the store is opened again and goes on; then the power goes. Without writing
// the log again after the failure, what was confirmed later would stand behind a hole.
static void test_confirmed_facts_survive_a_failed_sync(void **state) {
    enum { ROUNDS = 150, FACTS = 12 };
    uint64_t seed = 20150322;
    size_t failed_syncs = 0, kept = 0;
    struct kit k;
    (void)state;
    print_message("seed %llu\n", (unsigned long long)seed);
    start(&k, DISK_VFS);
    store_close(k.nodes[0]);
    k.nodes[0] = NULL;
    struct disk_image *before = disk_image_take(0);
    for (int round = 0; round < ROUNDS; round++) {
        struct fact_ref told[FACTS];
        size_t count = 0;
        disk_image_put(before, 0);
        kit_reopen(&k, 0);
        disk_fail_syncs(0, (unsigned)(kit_random(&seed) % FACTS),
                        1 + (unsigned)(kit_random(&seed) % 2), kit_random(&seed));
        for (int i = 0; i < FACTS; i++) {
            struct fact_ref ref;
            enum err e = try_say(&k, 0, "pay.mark", KIT_UNPAID, &ref);
            assert_true(e == ERR_NONE || e == ERR_IO);
            if (e == ERR_NONE) {
                told[count++] = ref;
                continue;
            }
            failed_syncs++;
            assert_true(store_has_failed(k.nodes[0]));
            assert_int_equal(try_say(&k, 0, "pay.mark", KIT_UNPAID, &ref), ERR_IO);
            while (store_reopen(k.nodes[0]) != ERR_NONE) {
                failed_syncs++;
            }
        }
        disk_cut_after(0, 0);
        store_close(k.nodes[0]);
        k.nodes[0] = NULL;
        disk_power_on(0, kit_random(&seed));
        kit_reopen(&k, 0);
        check_well(k.nodes[0]);
        for (size_t i = 0; i < count; i++) {
            assert_true(has_fact(k.nodes[0], told[i]));
        }
        kept += count;
    }
    print_message("%zu syncs failed, %zu confirmed facts looked for\n", failed_syncs,
                  kept);
    assert_true(failed_syncs > ROUNDS / 2);
    disk_image_free(before);
    finish(&k);
}

static void test_full_disk_uses_the_reserve_for_check_ins(void **state) {
    struct kit k;
    struct fact_ref ref;
    (void)state;
    start(&k, DISK_VFS);
    k.nodes[0]->reserve_bytes = 256 * 1024;
    assert_true(store_needs_reserve(k.nodes[0]));
    store_reserve_step(k.nodes[0]);
    assert_false(store_needs_reserve(k.nodes[0]));
    assert_int_equal(store_disk_state(k.nodes[0]), STORE_DISK_OK);
    disk_fill(0, 80000, false);
    enum err e = ERR_NONE;
    int before = 0;
    while ((e = try_say(&k, 0, "pay.mark", KIT_UNPAID, &ref)) == ERR_NONE) {
        before++;
    }
    assert_true(before > 0);
    assert_int_equal(e, ERR_FULL);
    assert_int_equal(store_disk_state(k.nodes[0]), STORE_DISK_LOW);
    // The same again has room now, and many more.
    for (int i = 0; i < 10; i++) {
        assert_int_equal(try_say(&k, 0, "pay.mark", KIT_UNPAID, &ref), ERR_NONE);
    }
    store_reserve_step(k.nodes[0]); // no room for it yet
    assert_int_equal(store_disk_state(k.nodes[0]), STORE_DISK_LOW);
    assert_int_equal(try_say(&k, 0, "pay.mark", KIT_UNPAID, &ref), ERR_NONE);
    while ((e = try_say(&k, 0, "pay.mark", KIT_UNPAID, &ref)) == ERR_NONE) {
    }
    assert_int_equal(store_disk_state(k.nodes[0]), STORE_DISK_FULL);
    disk_free(0);
    assert_int_equal(try_say(&k, 0, "pay.mark", KIT_UNPAID, &ref), ERR_NONE);
    assert_int_equal(store_disk_state(k.nodes[0]), STORE_DISK_LOW);
    store_reserve_step(k.nodes[0]);
    assert_int_equal(store_disk_state(k.nodes[0]), STORE_DISK_OK);
    check_well(k.nodes[0]);
    finish(&k);
}

// ---- damaged files ------------------------------------------------------------------------

static void file_path(const struct kit *k, size_t node, const char *name, char out[160]) {
    snprintf(out, 160, "%s/%zu/%s", k->dir, node, name);
}

static void overwrite(const char *path, long at, size_t len) {
    FILE *f = fopen(path, "r+b");
    assert_non_null(f);
    assert_int_equal(fseek(f, at, SEEK_SET), 0);
    for (size_t i = 0; i < len; i++) {
        fputc(0x5a, f);
    }
    fclose(f);
}

static long file_size(const char *path) {
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    assert_int_equal(fseek(f, 0, SEEK_END), 0);
    long size = ftell(f);
    fclose(f);
    return size;
}

static void close_node(struct kit *k, size_t node) {
    store_close(k->nodes[node]);
    k->nodes[node] = NULL;
}

static size_t add_desk(struct kit *k) {
    size_t desk = kit_add_node(k, "desk", "desk", ALL);
    kit_copy(k, 0, desk, 7);
    return desk;
}

// The page that holds these bytes; -1: none.
static long find_page(const char *path, const char *text) {
    long size = file_size(path);
    char *all = mem_alloc((size_t)size, 1);
    FILE *f = fopen(path, "rb");
    assert_int_equal(fread(all, 1, (size_t)size, f), size);
    fclose(f);
    long found = -1;
    for (long at = 0; at + (long)strlen(text) < size && found < 0; at++) {
        found = memcmp(all + at, text, strlen(text)) == 0 ? at / 4096 : -1;
    }
    mem_free(all);
    return found;
}

// Our own admissions, not signed and not sent yet, are read out of the damaged file.
static void test_damaged_page_keeps_what_can_be_read(void **state) {
    struct kit k;
    char path[160], bad[160];
    (void)state;
    start(&k, NULL);
    size_t desk = add_desk(&k);
    char code[BADGE_CODE_CHARS + 1];
    badge_code_format(KIT_ZOE, 0, code);
    assert_int_equal(kit_admit(&k, desk, "meeting", code), VERDICT_ADMITTED);
    struct store_counts before = store_read_counts(k.nodes[desk], "meeting", &k.now);
    close_node(&k, desk);
    file_path(&k, desk, "store.db", path);
    file_path(&k, desk, "store.db.bad-1", bad);
    sqlite3 *db = NULL; // the root page of a derived table: the log is whole
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    sqlite3_stmt *q = NULL;
    assert_int_equal(sqlite3_prepare_v2(db,
                                        "SELECT rootpage FROM sqlite_schema WHERE"
                                        " name='entity'",
                                        -1, &q, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_step(q), SQLITE_ROW);
    long page = sqlite3_column_int(q, 0);
    sqlite3_finalize(q);
    sqlite3_close(db);
    overwrite(path, (page - 1) * 4096, 4096);
    kit_reopen(&k, desk);
    assert_int_equal(access(bad, F_OK), 0);
    assert_true(store_identity_get(k.nodes[desk]).has_event);
    struct store_counts after = store_read_counts(k.nodes[desk], "meeting", &k.now);
    assert_int_equal(after.facts, before.facts);
    assert_int_equal(after.admitted, 1);
    check_well(k.nodes[desk]);
    kit_copy(&k, desk, 0, 3); // and it is offered on
    assert_int_equal(store_read_counts(k.nodes[0], "meeting", &k.now).admitted, 1);
    finish(&k);
}

static void test_destroyed_file_keeps_the_event(void **state) {
    struct kit k;
    char path[160], bad[160];
    (void)state;
    start(&k, NULL);
    size_t desk = add_desk(&k);
    struct store_identity before = store_identity_get(k.nodes[desk]);
    close_node(&k, desk);
    file_path(&k, desk, "store.db", path);
    file_path(&k, desk, "store.db.bad-1", bad);
    overwrite(path, 0, (size_t)file_size(path));
    kit_reopen(&k, desk);
    assert_int_equal(access(bad, F_OK), 0);
    struct store_identity after = store_identity_get(k.nodes[desk]);
    assert_true(after.has_event);
    assert_memory_equal(after.event, before.event, sizeof after.event);
    assert_int_equal(after.dev, before.dev);
    kit_copy(&k, 0, desk, 9);
    check_well(k.nodes[desk]);
    finish(&k);
}

// A hub that was damaged numbers anew under another name, and says what it has.
static void test_damaged_hub_takes_a_new_log(void **state) {
    struct kit k;
    char path[160];
    uint8_t was[16], is[16];
    size_t len;
    (void)state;
    start(&k, NULL);
    say_people(&k, 400);
    assert_int_equal(store_meta_get(k.nodes[0], "log_id", was, 16, &len), ERR_NONE);
    int64_t facts = store_read_counts(k.nodes[0], "", &k.now).facts;
    close_node(&k, 0);
    file_path(&k, 0, "store.db", path);
    long page = find_page(path, "Number 0300");
    assert_true(page > 0);
    overwrite(path, page * 4096, 8); // of the log or of a table, as SQLite put it
    char *running = mem_format("%s-wal", path);
    FILE *wal = fopen(running, "wb");
    fputs("no log, but not closed either", wal);
    fclose(wal);
    mem_free(running);
    kit_reopen(&k, 0);
    enum err e = ERR_NONE;
    while (!store_check_step(k.nodes[0], 3, &e)) {
    }
    if (e != ERR_NONE) {
        assert_int_equal(e, ERR_CORRUPT);
        assert_true(store_has_failed(k.nodes[0]));
        assert_int_equal(store_reopen(k.nodes[0]), ERR_NONE);
    }
    assert_int_equal(store_meta_get(k.nodes[0], "log_id", is, 16, &len), ERR_NONE);
    assert_memory_not_equal(was, is, sizeof is);
    int64_t left = store_read_counts(k.nodes[0], "", &k.now).facts;
    print_message("%lld of %lld facts were read\n", (long long)left, (long long)facts);
    assert_true(left > 0 && left <= facts);
    check_well(k.nodes[0]);
    finish(&k);
}

// A byte of the newest fact changed while nobody looked: found before anything is appended.
static void test_tail_is_checked_after_an_unclean_stop(void **state) {
    struct kit k;
    char path[160], bad[160];
    (void)state;
    start(&k, NULL);
    struct fact_ref last = kit_say(&k, 0, "pay.mark", KIT_JAN, "{'how':'cash'}");
    sqlite3_stmt *q = db_get(k.nodes[0], "UPDATE fact SET h=zeroblob(32) WHERE stream=?1"
                                         " AND n=?2");
    db_bind_u64(q, 1, last.stream);
    db_bind_u64(q, 2, last.n);
    assert_int_equal(db_run(k.nodes[0], q), ERR_NONE);
    file_path(&k, 0, "store.db", path);
    file_path(&k, 0, "store.db.bad-1", bad);
    kit_reopen(&k, 0); // closed well: nobody looks
    assert_int_not_equal(access(bad, F_OK), 0);
    close_node(&k, 0);
    char *running = mem_format("%s-wal", path);
    FILE *wal = fopen(running, "wb");
    fputs("no log, but not closed either", wal);
    fclose(wal);
    mem_free(running);
    kit_reopen(&k, 0);
    assert_int_equal(access(bad, F_OK), 0);
    assert_false(has_fact(k.nodes[0], last));
    check_well(k.nodes[0]);
    finish(&k);
}

static void test_rest_is_checked_in_slices(void **state) {
    struct kit k;
    enum err e = ERR_NONE;
    int steps = 0;
    (void)state;
    start(&k, DISK_VFS);
    say_people(&k, 100);
    assert_true(store_check_step(k.nodes[0], 10, &e)); // nothing to check: it is new
    disk_cut_after(0, 0);
    close_node(&k, 0);
    disk_power_on(0, 1);
    kit_reopen(&k, 0);
    while (!store_check_step(k.nodes[0], 10, &e)) {
        steps++;
    }
    assert_int_equal(e, ERR_NONE);
    assert_true(steps > 20); // 100 facts and 100 numbers at least
    // Now one far from any tail.
    sqlite3_stmt *q = db_get(k.nodes[0], "UPDATE fact SET body=x'00' WHERE kind='person'"
                                         " AND subject='" KIT_NOTE "'");
    assert_int_equal(db_run(k.nodes[0], q), ERR_NONE);
    disk_cut_after(0, 0);
    close_node(&k, 0);
    disk_power_on(0, 1);
    kit_reopen(&k, 0);
    while (!store_check_step(k.nodes[0], 10, &e)) {
    }
    assert_int_equal(e, ERR_CORRUPT);
    finish(&k);
}

// ---- the thread -----------------------------------------------------------------------------

struct say_job {
    struct kit *k;
    const char *subject;
    enum err fails_with; // after it wrote
    int runs;
    struct fact_ref ref;
    enum err told;
    bool is_done;
};

static enum err say_run(struct store *s, void *arg) {
    struct say_job *job = arg;
    struct draft d;
    job->runs++;
    assert_int_equal(
        draft_fill(&d, "pay.mark", job->subject, json_pack("{s:s}", "how", "cash")),
        ERR_NONE);
    enum err e = store_append(s, &d, 1, &job->k->now, &job->ref);
    draft_finish(&d);
    return e == ERR_NONE ? job->fails_with : e;
}

static void say_done(void *arg, enum err e) {
    struct say_job *job = arg;
    job->told = e;
    job->is_done = true;
}

static enum err nothing_run(struct store *s, void *arg) {
    (void)s;
    (void)arg;
    return ERR_NONE;
}

static enum err facts_run(struct store *s, void *arg) {
    struct say_job *jobs = arg;
    for (int i = 0; i < 3; i++) {
        jobs[i].is_done = has_fact(s, jobs[i].ref);
    }
    return ERR_NONE;
}

struct gate_job { // holds the thread until all are queued
    pthread_mutex_t lock;
};

static enum err hold_run(struct store *s, void *arg) {
    struct gate_job *g = arg;
    (void)s;
    pthread_mutex_lock(&g->lock);
    pthread_mutex_unlock(&g->lock);
    return ERR_NONE;
}

static void post_group(struct store_thread *t, struct say_job *jobs, size_t n) {
    struct gate_job gate;
    pthread_mutex_init(&gate.lock, NULL);
    pthread_mutex_lock(&gate.lock);
    struct store_job hold = {.run = hold_run, .arg = &gate};
    assert_int_equal(store_thread_post(t, &hold), ERR_NONE);
    for (size_t i = 0; i < n; i++) {
        struct store_job job = {
            .run = say_run, .done = say_done, .arg = &jobs[i], .is_grouped = true};
        assert_int_equal(store_thread_post(t, &job), ERR_NONE);
    }
    pthread_mutex_unlock(&gate.lock);
    enum err e = store_thread_call(t, nothing_run, NULL, false); // all before it are done
    assert_true(e == ERR_NONE || e == ERR_IO);
    pthread_mutex_destroy(&gate.lock);
}

static struct store_thread *start_thread(struct kit *k) {
    struct store_thread *t = store_thread_start(k->nodes[0], false);
    k->nodes[0] = NULL;
    return t;
}

static void end_thread(struct store_thread *t) {
    store_thread_stop(t);
    store_thread_join(t);
}

static void test_failed_job_leaves_nothing_in_the_group(void **state) {
    struct kit k;
    (void)state;
    start(&k, DISK_VFS);
    struct store_thread *t = start_thread(&k);
    struct say_job jobs[3] = {{.k = &k, .subject = KIT_JAN},
                              {.k = &k, .subject = KIT_ZOE, .fails_with = ERR_INPUT},
                              {.k = &k, .subject = KIT_NOTE}};
    post_group(t, jobs, 3);
    assert_int_equal(jobs[0].told, ERR_NONE);
    assert_int_equal(jobs[1].told, ERR_INPUT);
    assert_int_equal(jobs[2].told, ERR_NONE);
    assert_int_equal(jobs[1].runs, 1);
    assert_int_equal(store_thread_call(t, facts_run, jobs, false), ERR_NONE);
    assert_true(jobs[0].is_done && !jobs[1].is_done && jobs[2].is_done);
    end_thread(t);
    kit_reopen(&k, 0);
    check_well(k.nodes[0]);
    finish(&k);
}

static void test_thread_opens_the_store_again(void **state) {
    struct kit k;
    (void)state;
    start(&k, DISK_VFS);
    struct store_thread *t = start_thread(&k);
    struct say_job jobs[3] = {{.k = &k, .subject = KIT_JAN},
                              {.k = &k, .subject = KIT_ZOE},
                              {.k = &k, .subject = KIT_NOTE}};
    disk_fail_syncs(0, 0, 3, 5);
    post_group(t, jobs, 2);
    assert_int_equal(jobs[0].told, ERR_IO);
    assert_int_equal(jobs[1].told, ERR_IO);
    assert_int_equal(store_thread_disk(t), STORE_DISK_FAILED);
    uint64_t until = clock_mono_ms() + 20000; // by itself, and jobs say no until then
    do {
        nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
        jobs[2].is_done = false;
        post_group(t, &jobs[2], 1);
        assert_true(jobs[2].is_done);
    } while (jobs[2].told != ERR_NONE && clock_mono_ms() < until);
    assert_int_equal(jobs[2].told, ERR_NONE);
    assert_int_equal(store_thread_call(t, facts_run, jobs, false), ERR_NONE);
    assert_true(jobs[2].is_done);
    end_thread(t);
    disk_cut_after(0, 0);
    disk_power_on(0, 4);
    kit_reopen(&k, 0);
    assert_true(has_fact(k.nodes[0], jobs[2].ref));
    check_well(k.nodes[0]);
    finish(&k);
}

static void test_thread_repeats_what_found_the_disk_full(void **state) {
    struct kit k;
    (void)state;
    start(&k, DISK_VFS);
    k.nodes[0]->reserve_bytes = 256 * 1024;
    store_reserve_step(k.nodes[0]);
    struct store_thread *t = start_thread(&k);
    struct say_job job = {.k = &k, .subject = KIT_JAN};
    disk_fill(0, 0, false);
    post_group(t, &job, 1);
    assert_int_equal(job.told, ERR_NONE);
    assert_int_equal(job.runs, 2);
    assert_int_equal(store_thread_disk(t), STORE_DISK_LOW);
    end_thread(t);
    finish(&k);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_confirmed_facts_survive_a_failed_sync),
        cmocka_unit_test(test_full_disk_uses_the_reserve_for_check_ins),
        cmocka_unit_test(test_damaged_page_keeps_what_can_be_read),
        cmocka_unit_test(test_destroyed_file_keeps_the_event),
        cmocka_unit_test(test_damaged_hub_takes_a_new_log),
        cmocka_unit_test(test_tail_is_checked_after_an_unclean_stop),
        cmocka_unit_test(test_rest_is_checked_in_slices),
        cmocka_unit_test(test_failed_job_leaves_nothing_in_the_group),
        cmocka_unit_test(test_thread_opens_the_store_again),
        cmocka_unit_test(test_thread_repeats_what_found_the_disk_full),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
