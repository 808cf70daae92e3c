// The way from workers to the main thread: nothing is lost, answers always find room.
#include "app/inbox.h"

#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static size_t dropped;

static void drop(const struct parcel *p) {
    (void)p;
    dropped++;
}

static void *item(uintptr_t n) {
    return (void *)n;
}

static enum err post(struct inbox *in, enum parcel_kind kind, uintptr_t n) {
    return inbox_post(in, kind, item(n));
}

static void test_parcels_come_out_in_order(void **state) {
    (void)state;
    struct inbox *in = inbox_create();
    struct parcel p;
    assert_false(inbox_take(in, &p));
    for (uintptr_t round = 0; round < 1000; round++) { // around the ring
        assert_int_equal(post(in, PARCEL_SCAN, round), ERR_NONE);
        assert_int_equal(post(in, PARCEL_ANSWER, round), ERR_NONE);
        assert_true(inbox_take(in, &p));
        assert_int_equal(p.kind, PARCEL_SCAN);
        assert_ptr_equal(p.item, item(round));
        assert_true(inbox_take(in, &p));
        assert_int_equal(p.kind, PARCEL_ANSWER);
    }
    inbox_destroy(in, drop);
}

static void test_scans_and_commands_leave_room_for_answers(void **state) {
    (void)state;
    struct inbox *in = inbox_create();
    size_t taken = 0;
    for (int i = 0; i < INBOX_MAX; i++) {
        enum err e = post(in, i % 2 ? PARCEL_SCAN : PARCEL_COMMAND, 1);
        assert_true(e == ERR_NONE || e == ERR_FULL);
        taken += e == ERR_NONE;
    }
    assert_int_equal(taken, INBOX_GUESTS_MAX);
    for (int i = 0; i < INBOX_MAX - INBOX_GUESTS_MAX; i++) {
        assert_int_equal(post(in, PARCEL_ANSWER, 1), ERR_NONE);
    }
    assert_int_equal(post(in, PARCEL_ANSWER, 1), ERR_FULL);
    struct parcel p;
    assert_true(inbox_take(in, &p)); // a guest
    assert_int_equal(post(in, PARCEL_SCAN, 1), ERR_NONE);
    dropped = 0;
    inbox_destroy(in, drop);
    assert_int_equal(dropped, INBOX_MAX);
    inbox_destroy(NULL, drop);
}

static void test_news_of_the_link_waits_once(void **state) {
    (void)state;
    struct inbox *in = inbox_create();
    struct parcel p;
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(post(in, PARCEL_LINK, 0), ERR_NONE);
    }
    assert_true(inbox_take(in, &p));
    assert_false(inbox_take(in, &p));
    assert_int_equal(post(in, PARCEL_LINK, 0), ERR_NONE);
    assert_true(inbox_take(in, &p));
    inbox_destroy(in, drop);
}

static void test_closed_inbox_takes_nothing_and_gives_what_it_has(void **state) {
    (void)state;
    struct inbox *in = inbox_create();
    struct parcel p;
    assert_int_equal(post(in, PARCEL_ANSWER, 1), ERR_NONE);
    inbox_close(in);
    assert_int_equal(post(in, PARCEL_COMMAND, 2), ERR_CLOSED);
    assert_int_equal(post(in, PARCEL_LINK, 0), ERR_CLOSED);
    assert_true(inbox_take(in, &p));
    assert_ptr_equal(p.item, item(1));
    assert_false(inbox_take(in, &p));
    inbox_destroy(in, drop);
}

// ---- several threads

enum { WRITERS = 4, EACH = 20000 };

struct writer {
    struct inbox *in;
    uintptr_t id;
    size_t full_count;
};

static void *write_many(void *arg) {
    struct writer *w = arg;
    for (uintptr_t i = 0; i < EACH; i++) {
        enum parcel_kind kind = w->id % 2 ? PARCEL_SCAN : PARCEL_ANSWER;
        while (post(w->in, kind, w->id << 32 | i) != ERR_NONE) {
            w->full_count++;
            sched_yield();
        }
    }
    return NULL;
}

static void test_threads_lose_nothing_and_keep_their_order(void **state) {
    (void)state;
    struct inbox *in = inbox_create();
    pthread_t threads[WRITERS];
    struct writer writers[WRITERS];
    uintptr_t next[WRITERS] = {0};
    for (size_t i = 0; i < WRITERS; i++) {
        writers[i] = (struct writer){in, i, 0};
        assert_int_equal(pthread_create(&threads[i], NULL, write_many, &writers[i]), 0);
    }
    for (size_t got = 0; got < (size_t)WRITERS * EACH;) {
        struct parcel p;
        if (!inbox_take(in, &p)) {
            sched_yield();
            continue;
        }
        uintptr_t who = (uintptr_t)p.item >> 32;
        assert_true(who < WRITERS);
        assert_int_equal((uintptr_t)p.item & 0xffffffffu, next[who]);
        next[who]++;
        got++;
    }
    for (size_t i = 0; i < WRITERS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_int_equal(next[i], EACH);
    }
    struct parcel p;
    assert_false(inbox_take(in, &p));
    inbox_destroy(in, drop);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parcels_come_out_in_order),
        cmocka_unit_test(test_scans_and_commands_leave_room_for_answers),
        cmocka_unit_test(test_news_of_the_link_waits_once),
        cmocka_unit_test(test_closed_inbox_takes_nothing_and_gives_what_it_has),
        cmocka_unit_test(test_threads_lose_nothing_and_keep_their_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
