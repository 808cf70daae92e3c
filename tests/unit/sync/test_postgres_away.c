// Two hubs on one log whose PostgreSQL primary is gone, stands still or is held by another:
// reading goes on, nothing is written, and a plain word says so.
#include "sync/base/mem.h"
#include "tests/support/pg_pair.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

static void expect_read_only(struct pair *p) {
    struct postgres_state s;
    assert_int_equal(pair_say(&p->a, "Lost"), ERR_READ_ONLY);
    postgres_get_state(p->a.shared, &s);
    assert_false(s.is_writable);
    assert_non_null(strstr(s.word, "read-only: no PostgreSQL primary answers ("));
    assert_non_null(strstr(s.word, "nothing was written"));
    assert_int_equal(pair_say(&p->a, "Lost"), ERR_READ_ONLY); // at once now
    assert_int_equal(pair_rooms(&p->a), 1);                   // reading goes on
}

static void test_primary_gone_and_back(void **state) {
    (void)state;
    struct pair p;
    pair_start(&p);
    assert_int_equal(pair_say(&p.a, "Gold"), ERR_NONE);
    pg_server_kill(&pair_server);
    expect_read_only(&p);
    assert_int_equal(postgres_connect(p.a.shared), ERR_OFFLINE);
    pg_server_start(&pair_server);
    assert_int_equal(postgres_connect(p.a.shared), ERR_NONE);
    assert_int_equal(pair_say(&p.a, "Oak"), ERR_NONE);
    assert_int_equal(pair_say(&p.b, "Elm"), ERR_READ_ONLY); // its connection is gone too
    assert_int_equal(postgres_connect(p.b.shared), ERR_NONE);
    assert_int_equal(pair_say(&p.b, "Elm"), ERR_NONE);
    pair_expect_same(&p);
    pair_finish(&p);
}

// It takes connections and bytes and answers nothing: the worst kind of gone.
static void test_primary_that_stands_still(void **state) {
    (void)state;
    struct pair p;
    pair_start(&p);
    assert_int_equal(pair_say(&p.a, "Gold"), ERR_NONE);
    pg_server_signal(&pair_server, SIGSTOP);
    expect_read_only(&p);
    pg_server_signal(&pair_server, SIGCONT);
    assert_int_equal(postgres_connect(p.a.shared), ERR_NONE);
    assert_int_equal(pair_say(&p.a, "Oak"), ERR_NONE);
    pair_expect_same(&p);
    pair_finish(&p);
}

static void test_hub_opens_without_a_primary(void **state) {
    (void)state;
    struct pair p;
    struct postgres *shared = NULL;
    struct store_options options;
    pair_start(&p);
    assert_int_equal(pair_say(&p.a, "Gold"), ERR_NONE);
    pair_close(&p.a);
    pg_server_kill(&pair_server);
    options = (struct store_options){.dir = p.a.dir, .is_numbering = true};
    assert_int_equal(store_open(&options, &p.a.store), ERR_NONE);
    assert_int_equal(postgres_attach(p.url, p.a.dir, p.a.store, &shared), ERR_OFFLINE);
    p.a.shared = shared;
    assert_int_equal(pair_rooms(&p.a), 1);
    assert_int_equal(pair_say(&p.a, "Oak"), ERR_READ_ONLY);
    pg_server_start(&pair_server);
    assert_int_equal(postgres_connect(p.a.shared), ERR_NONE);
    assert_int_equal(pair_say(&p.a, "Oak"), ERR_NONE);
    assert_int_equal(postgres_connect(p.b.shared), ERR_NONE);
    pair_expect_same(&p);
    pair_finish(&p);
}

static bool is_held(void) {
    char count[16];
    pg_server_sql(&pair_server, "postgres",
                  "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'",
                  count, sizeof count);
    return strcmp(count, "1") == 0;
}

// A hub that stands still in the middle of a commit, or a commit that waits for a replica.
static void test_counter_that_somebody_holds(void **state) {
    (void)state;
    struct pair p;
    struct postgres_state s;
    pair_start(&p);
    char *hold =
        mem_format("'%s/psql' -h '%s' -U foyer -d %s -qc 'BEGIN; SELECT 1 FROM"
                   " foyer_head FOR UPDATE; SELECT pg_sleep(600)' >/dev/null 2>&1",
                   pair_server.bin, pair_server.dir, p.base);
    FILE *holder = popen(hold, "r");
    assert_non_null(holder);
    while (!is_held()) {
        nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
    }
    assert_int_equal(pair_say(&p.a, "Gold"), ERR_READ_ONLY);
    postgres_get_state(p.a.shared, &s);
    assert_non_null(strstr(s.word, "read-only: another commit takes long"));
    assert_int_equal(pair_rooms(&p.a), 0);
    assert_int_equal(postgres_connect(p.a.shared),
                     ERR_OFFLINE); // it asks for the counter
    pg_server_sql(&pair_server, "postgres",
                  "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE"
                  " wait_event = 'PgSleep'",
                  NULL, 0);
    pclose(holder);
    mem_free(hold);
    assert_int_equal(postgres_connect(p.a.shared), ERR_NONE);
    assert_int_equal(pair_say(&p.a, "Gold"), ERR_NONE);
    pair_expect_same(&p);
    pair_finish(&p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_primary_gone_and_back),
        cmocka_unit_test(test_primary_that_stands_still),
        cmocka_unit_test(test_hub_opens_without_a_primary),
        cmocka_unit_test(test_counter_that_somebody_holds),
    };
    if (!pg_server_is_installed()) {
        puts("PostgreSQL is not installed (package postgresql): nothing was tested");
        return 77;
    }
    return cmocka_run_group_tests(tests, pair_start_server, pair_finish_server);
}
