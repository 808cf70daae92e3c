// What the store's files hold: the log's file is written over when idle, what was erased
// leaves it, and stamps go on after a restart with a clock that went back.
#include "sync/store/db.h"
#include "sync/store/thread.h"
#include "tests/support/event_kit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

enum { ALL = CHANNEL_BIT(1) | CHANNEL_BIT(2) | CHANNEL_BIT(3) | CHANNEL_BIT(4) };

static void start(struct kit *k) {
    kit_start(k);
    kit_add_node(k, "hub", KIT_HUB_RIGHTS, ALL);
    kit_people(k);
}

static long wal_bytes(const struct kit *k) {
    char path[96];
    struct stat st;
    snprintf(path, sizeof path, "%s/0/store.db-wal", k->dir);
    return stat(path, &st) == 0 ? (long)st.st_size : 0;
}

static bool is_in_files(const struct kit *k, const char *text) {
    char command[160];
    snprintf(command, sizeof command, "grep -q -a '%s' %s/0/store.db*", text, k->dir);
    return system(command) == 0;
}

static void test_idle_keeps_a_small_log_file(void **state) {
    (void)state;
    struct kit k;
    start(&k);
    store_checkpoint(k.nodes[0]);
    assert_int_equal(wal_bytes(&k), 0);
    kit_say(&k, 0, "person", "0000000000000001", "{'name':'Erst Einmal'}");
    long once = wal_bytes(&k);
    for (int i = 0; i < 20; i++) { // written over, not made longer
        store_checkpoint_idle(k.nodes[0]);
        kit_say(&k, 0, "pay.mark", "0000000000000001", "{'how':'cash'}");
        assert_true(wal_bytes(&k) > 0 && wal_bytes(&k) < 4 * once);
    }
    kit_finish(&k);
}

static void test_idle_gives_a_large_log_file_back(void **state) {
    (void)state;
    struct kit k;
    start(&k);
    assert_int_equal(store_begin(k.nodes[0]), ERR_NONE);
    for (int i = 0; i < 3000; i++) {
        char id[PERSON_ID_SIZE];
        snprintf(id, sizeof id, "P00000000000%04d", i);
        kit_say(&k, 0, "person", id, "{'name':'One of Many','org':'Example Networks'}");
    }
    assert_int_equal(store_commit(k.nodes[0]), ERR_NONE);
    assert_true(wal_bytes(&k) > 1 << 20);
    store_checkpoint_idle(k.nodes[0]);
    assert_int_equal(wal_bytes(&k), 0);
    kit_finish(&k);
}

static void test_idle_empties_what_was_erased(void **state) {
    (void)state;
    struct kit k;
    start(&k);
    store_checkpoint_idle(k.nodes[0]);
    assert_true(is_in_files(&k, "ller-Ortiz"));
    kit_say(&k, 0, "person.erase", KIT_ZOE, "{'reason':'asked'}");
    store_checkpoint_idle(k.nodes[0]);
    assert_false(is_in_files(&k, "ller-Ortiz"));
    assert_true(is_in_files(&k, "Mullender"));
    kit_finish(&k);
}

static uint64_t last_hlc(struct kit *k) {
    return k->nodes[0]->last_hlc;
}

static void test_stamps_go_on_after_a_restart(void **state) {
    (void)state;
    struct kit k;
    start(&k);
    kit_say(&k, 0, "pay.mark", KIT_UNPAID, "{'how':'cash'}");
    uint64_t before = last_hlc(&k);
    assert_true(hlc_ms(before) == k.now.wall_ms);
    k.now.wall_ms = 5000; // no battery clock
    kit_reopen(&k, 0);
    assert_true(last_hlc(&k) == before);
    kit_say(&k, 0, "pay.mark", KIT_UNPAID, "{'how':'again'}");
    assert_true(last_hlc(&k) > before);
    // The channel of the newest stamp goes; the stamp stays.
    before = last_hlc(&k);
    assert_int_equal(store_drop_channels(k.nodes[0], CHANNEL_BIT(CHANNEL_DESK)),
                     ERR_NONE);
    kit_reopen(&k, 0);
    assert_true(last_hlc(&k) >= before);
    kit_finish(&k);
}

// A group that failed leaves neither a stamp nor an address behind.
static void test_rolled_back_facts_leave_no_trace(void **state) {
    (void)state;
    struct kit k;
    struct verify_report r;
    start(&k);
    uint64_t before = last_hlc(&k);
    int64_t facts = store_read_counts(k.nodes[0], "meeting", &k.now).facts;
    assert_int_equal(store_begin(k.nodes[0]), ERR_NONE);
    struct fact_ref lost = kit_say(&k, 0, "pay.mark", KIT_UNPAID, "{'how':'cash'}");
    store_rollback(k.nodes[0]);
    assert_true(last_hlc(&k) == before);
    struct fact_ref kept = kit_say(&k, 0, "pay.mark", KIT_UNPAID, "{'how':'card'}");
    assert_true(kept.stream != lost.stream || kept.n != lost.n);
    assert_int_equal(store_read_counts(k.nodes[0], "meeting", &k.now).facts, facts + 1);
    assert_int_equal(store_verify(k.nodes[0], &r), ERR_NONE);
    kit_finish(&k);
}

struct rush {
    struct kit *k;
    int done;
    long longest;
};

static enum err rush_run(struct store *s, void *arg) {
    struct rush *r = arg;
    char subject[17];
    struct draft d;
    snprintf(subject, sizeof subject, "%016d", r->done++);
    assert_int_equal(draft_fill(&d, "person", subject, json_pack("{s:s}", "name", "R")),
                     ERR_NONE);
    enum err e = store_append(s, &d, 1, &r->k->now, NULL);
    draft_finish(&d);
    return e;
}

// One commit after the other for a while: the thread is never idle for long.
static void test_rush_does_not_make_the_log_file_endless(void **state) {
    (void)state;
    struct kit k;
    start(&k);
    struct rush r = {.k = &k};
    struct store_thread *t = store_thread_start(k.nodes[0], false);
    k.nodes[0] = NULL;
    while (r.done < 2500) {
        assert_int_equal(store_thread_call(t, rush_run, &r, true), ERR_NONE);
        r.longest = wal_bytes(&k) > r.longest ? wal_bytes(&k) : r.longest;
    }
    store_thread_stop(t);
    store_thread_join(t);
    assert_in_range(r.longest, 1 << 20, 20 << 20);
    kit_reopen(&k, 0);
    kit_finish(&k);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_idle_keeps_a_small_log_file),
        cmocka_unit_test(test_idle_gives_a_large_log_file_back),
        cmocka_unit_test(test_idle_empties_what_was_erased),
        cmocka_unit_test(test_stamps_go_on_after_a_restart),
        cmocka_unit_test(test_rolled_back_facts_leave_no_trace),
        cmocka_unit_test(test_rush_does_not_make_the_log_file_endless),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
