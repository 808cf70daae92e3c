// The pretend scanner: what writers put into the pipe comes out as scans, and nothing else.
#include "app/devices/scanner.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/devices/scanner_fifo.h"

enum { SCANS_KEPT = 600, WAIT_S = 20 };

struct inbox {
    pthread_mutex_t lock;
    pthread_cond_t more;
    int count;
    struct scan *scans;
};

struct fixture {
    char dir[64], path[96], spec[128];
    struct inbox inbox;
    struct scanner *scanner;
};

static void post(void *context, const struct scan *scan) {
    struct inbox *inbox = context;
    pthread_mutex_lock(&inbox->lock);
    if (inbox->count < SCANS_KEPT) {
        inbox->scans[inbox->count++] = *scan;
    }
    pthread_cond_signal(&inbox->more);
    pthread_mutex_unlock(&inbox->lock);
}

static void wait_count(struct inbox *inbox, int count) {
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += WAIT_S;
    int e = 0;
    pthread_mutex_lock(&inbox->lock);
    while (inbox->count < count && e == 0) {
        e = pthread_cond_timedwait(&inbox->more, &inbox->lock, &until);
    }
    int got = inbox->count;
    pthread_mutex_unlock(&inbox->lock);
    assert_int_equal(got, count);
}

static int set_up(void **state) {
    struct fixture *f = calloc(1, sizeof *f);
    snprintf(f->dir, sizeof f->dir, "/tmp/foyer-scanner-XXXXXX");
    assert_non_null(mkdtemp(f->dir));
    snprintf(f->path, sizeof f->path, "%s/scan", f->dir);
    snprintf(f->spec, sizeof f->spec, "fifo:%s", f->path);
    pthread_mutex_init(&f->inbox.lock, NULL);
    pthread_cond_init(&f->inbox.more, NULL);
    f->inbox.scans = calloc(SCANS_KEPT, sizeof *f->inbox.scans);
    *state = f;
    return 0;
}

static int tear_down(void **state) {
    struct fixture *f = *state;
    scanner_stop(f->scanner);
    scanner_join(f->scanner);
    unlink(f->path);
    rmdir(f->dir);
    free(f->inbox.scans);
    free(f);
    return 0;
}

static void start(struct fixture *f) {
    assert_int_equal(scanner_start(f->spec, post, &f->inbox, &f->scanner), ERR_NONE);
}

static void put(const struct fixture *f, const void *bytes, size_t len) {
    int fd = open(f->path, O_WRONLY);
    assert_true(fd >= 0);
    const char *at = bytes;
    while (len > 0) {
        ssize_t n = write(fd, at, len);
        assert_true(n > 0);
        at += n;
        len -= (size_t)n;
    }
    close(fd);
}

static void assert_scan(const struct fixture *f, int i, const void *bytes, size_t len) {
    assert_int_equal(f->inbox.scans[i].len, len);
    assert_memory_equal(f->inbox.scans[i].bytes, bytes, len);
    assert_string_equal(f->inbox.scans[i].source, "fifo");
}

static void test_makes_pipe_only_owner_can_use(void **state) {
    struct fixture *f = *state;
    umask(0);
    start(f);
    struct stat st;
    assert_int_equal(stat(f->path, &st), 0);
    assert_true(S_ISFIFO(st.st_mode));
    assert_int_equal(st.st_mode & 07777, 0600);
}

static void test_each_line_is_a_scan(void **state) {
    struct fixture *f = *state;
    start(f);
    put(f, "FIRST\nSECOND\r\n\n\r\nTHIRD\n", 24);
    wait_count(&f->inbox, 3);
    assert_scan(f, 0, "FIRST", 5);
    assert_scan(f, 1, "SECOND\r", 7); // dirt is cleaned where codes are parsed
    assert_scan(f, 2, "THIRD", 5);
    assert_true(f->inbox.scans[2].mono_ms >= f->inbox.scans[0].mono_ms);
}

static void test_writers_come_and_go(void **state) {
    struct fixture *f = *state;
    start(f);
    for (int i = 0; i < 200; i++) {
        char line[32];
        put(f, line, (size_t)snprintf(line, sizeof line, "CODE %d\n", i));
    }
    wait_count(&f->inbox, 200);
    assert_scan(f, 199, "CODE 199", 8);
}

static void test_line_in_pieces_is_one_scan(void **state) {
    struct fixture *f = *state;
    start(f);
    put(f, "ONE", 3);
    put(f, " CODE\n", 6);
    wait_count(&f->inbox, 1);
    assert_scan(f, 0, "ONE CODE", 8);
}

static void test_line_without_end_ends_by_silence(void **state) {
    struct fixture *f = *state;
    start(f);
    put(f, "NO END", 6);
    wait_count(&f->inbox, 1);
    assert_scan(f, 0, "NO END", 6);
}

static void test_long_line_shows_as_too_long(void **state) {
    struct fixture *f = *state;
    char *line = malloc(70001);
    memset(line, 'A', 70000);
    line[70000] = '\n';
    start(f);
    put(f, line, 70001);
    put(f, "NEXT\n", 5);
    wait_count(&f->inbox, 2);
    assert_scan(f, 0, line, SCAN_BYTES_MAX);
    assert_scan(f, 1, "NEXT", 4);
    free(line);
}

static void test_any_byte_passes(void **state) {
    struct fixture *f = *state;
    uint8_t line[256];
    size_t len = 0;
    for (int b = 0; b < 256; b++) {
        if (b != '\n') {
            line[len++] = (uint8_t)b;
        }
    }
    line[len++] = '\n';
    start(f);
    put(f, line, len);
    wait_count(&f->inbox, 1);
    assert_scan(f, 0, line, len - 1);
}

static void test_uses_pipe_that_is_there(void **state) {
    struct fixture *f = *state;
    assert_int_equal(mkfifo(f->path, 0600), 0);
    start(f);
    put(f, "A\n", 2);
    wait_count(&f->inbox, 1);
}

static void test_refuses_plain_file(void **state) {
    struct fixture *f = *state;
    int fd = open(f->path, O_WRONLY | O_CREAT, 0600);
    assert_true(fd >= 0);
    close(fd);
    assert_int_equal(scanner_start(f->spec, post, &f->inbox, &f->scanner), ERR_INPUT);
}

static void test_refuses_bad_specs(void **state) {
    struct fixture *f = *state;
    static const char *const specs[] = {"",      "fif:/tmp/x", "fifo",
                                        "fifo:", "usbx",       "nonex:"};
    for (size_t i = 0; i < sizeof specs / sizeof specs[0]; i++) {
        assert_int_equal(scanner_start(specs[i], post, &f->inbox, &f->scanner),
                         ERR_INPUT);
    }
    assert_int_equal(scanner_start("fifo:/nowhere/there", post, &f->inbox, &f->scanner),
                     ERR_IO);
}

static void test_none_starts_and_ends(void **state) {
    struct fixture *f = *state;
    assert_int_equal(scanner_start("none", post, &f->inbox, &f->scanner), ERR_NONE);
    scanner_stop(f->scanner);
    scanner_join(f->scanner);
    f->scanner = NULL;
    scanner_stop(NULL);
    scanner_join(NULL);
}

static void test_sleeps_when_nobody_scans(void **state) {
    struct fixture *f = *state;
    start(f);
    put(f, "A\n", 2);
    wait_count(&f->inbox, 1);
    struct rusage before, after;
    getrusage(RUSAGE_SELF, &before);
    nanosleep(&(struct timespec){.tv_nsec = 700000000}, NULL);
    getrusage(RUSAGE_SELF, &after);
    // A spinning thread would be switched or run thousands of times.
    long woken = after.ru_nvcsw - before.ru_nvcsw;
    long us = (after.ru_utime.tv_sec - before.ru_utime.tv_sec) * 1000000L +
              (after.ru_utime.tv_usec - before.ru_utime.tv_usec);
    assert_true(woken < 20);
    assert_true(us < 100000);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_makes_pipe_only_owner_can_use),
        TEST(test_each_line_is_a_scan),
        TEST(test_writers_come_and_go),
        TEST(test_line_in_pieces_is_one_scan),
        TEST(test_line_without_end_ends_by_silence),
        TEST(test_long_line_shows_as_too_long),
        TEST(test_any_byte_passes),
        TEST(test_uses_pipe_that_is_there),
        TEST(test_refuses_plain_file),
        TEST(test_refuses_bad_specs),
        TEST(test_none_starts_and_ends),
        TEST(test_sleeps_when_nobody_scans),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
