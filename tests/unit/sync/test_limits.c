// What peers may hold, without a server: bytes by address and in all, and deadlines.
#include "sync/hub/limits.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

enum { ONE = 0x0100007f, TWO = 0x0200007f, THREE = 0x0300007f };

static void test_one_address_leaves_room_for_others(void **state) {
    struct limits *l = limits_create();
    struct limits_peer *a = limits_open(l, -1, ONE, 0);
    struct limits_peer *b = limits_open(l, -1, ONE, 0);
    struct limits_peer *c = limits_open(l, -1, TWO, 0);
    (void)state;
    assert_true(limits_hold(l, a, LIMITS_ADDRESS_MAX - 10));
    assert_true(limits_hold(l, b, 10));
    assert_false(limits_hold(l, b, 1));
    assert_true(limits_hold(l, c, 1000));
    limits_release(l, b);
    assert_true(limits_hold(l, a, 10));
    assert_int_equal(limits_get_totals(l).held, LIMITS_ADDRESS_MAX + 1000);
    limits_close(l, a);
    assert_true(limits_hold(l, b, LIMITS_ADDRESS_MAX));
    limits_close(l, b);
    limits_close(l, c);
    assert_int_equal(limits_get_totals(l).held, 0);
    limits_destroy(l);
}

static void test_all_addresses_together_have_a_limit(void **state) {
    struct limits *l = limits_create();
    struct limits_peer *a = limits_open(l, -1, ONE, 0);
    struct limits_peer *b = limits_open(l, -1, TWO, 0);
    struct limits_peer *c = limits_open(l, -1, THREE, 0);
    (void)state;
    assert_true(limits_hold(l, a, LIMITS_ADDRESS_MAX));
    assert_true(limits_hold(l, b, LIMITS_HELD_MAX - LIMITS_ADDRESS_MAX - 1));
    assert_true(limits_hold(l, c, 1));
    assert_false(limits_hold(l, c, 1));
    assert_false(limits_hold(l, c, SIZE_MAX));
    assert_int_equal(limits_get_totals(l).held, LIMITS_HELD_MAX);
    limits_close(l, c);
    limits_close(l, b);
    limits_close(l, a);
    limits_destroy(l);
}

// Is the other end of this socket told that it is over?
static bool is_ended(int fd) {
    char byte;
    ssize_t got = recv(fd, &byte, 1, MSG_DONTWAIT);
    assert_true(got == 0 || (got < 0 && errno == EAGAIN));
    return got == 0;
}

static void test_sweep_ends_only_who_is_overdue(void **state) {
    struct limits *l = limits_create();
    struct limits_peer *peers[3];
    int fds[3][2];
    (void)state;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds[i]), 0);
        peers[i] = limits_open(l, fds[i][0], ONE, 1000);
    }
    limits_set_due(l, peers[1], UINT64_MAX); // waits for us
    limits_set_due(l, peers[2], 1000 + LIMITS_REQUEST_MS + 1);
    limits_sweep(l, 1000 + LIMITS_REQUEST_MS - 1);
    assert_false(is_ended(fds[0][1]) || is_ended(fds[1][1]) || is_ended(fds[2][1]));
    limits_sweep(l, 1000 + LIMITS_REQUEST_MS + LIMITS_SWEEP_MS - 1);
    assert_true(is_ended(fds[0][1]) && is_ended(fds[2][1]));
    assert_false(is_ended(fds[1][1]));
    assert_int_equal(limits_get_totals(l).ended, 2);
    limits_sweep(l, UINT64_MAX - 1);
    assert_int_equal(limits_get_totals(l).ended, 2); // once is enough
    for (int i = 0; i < 3; i++) {
        limits_close(l, peers[i]);
        close(fds[i][0]);
        close(fds[i][1]);
    }
    limits_destroy(l);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_address_leaves_room_for_others),
        cmocka_unit_test(test_all_addresses_together_have_a_limit),
        cmocka_unit_test(test_sweep_ends_only_who_is_overdue),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
