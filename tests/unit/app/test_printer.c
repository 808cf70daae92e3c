// The pretend printer: labels become files, whole and in order, and only what it says is
// printed is printed.
#include "app/devices/printer.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/devices/printer_file.h"
#include "tests/support/printer_inbox.h"

enum { WAIT_MS = 20000 };

struct fixture {
    char dir[64];
    struct printer_inbox inbox;
    struct printer_setup setup;
    struct printer *printer;
};

// The next news, in order.
static struct printer_news next(struct fixture *f) {
    struct printer_news news;
    assert_true(printer_inbox_next(&f->inbox, WAIT_MS, &news));
    return news;
}

static void expect_state(struct fixture *f, enum printer_state state) {
    struct printer_news news = next(f);
    assert_int_equal(news.kind, PRINTER_STATE_CHANGED);
    assert_string_equal(printer_state_name(news.state), printer_state_name(state));
}

static void expect_job(struct fixture *f, enum printer_news_kind kind, uint64_t job) {
    struct printer_news news = next(f);
    assert_int_equal(news.kind, kind);
    assert_int_equal(news.job, job);
}

// The first of those that wait.
static void expect_printed(struct fixture *f, uint64_t job) {
    expect_state(f, PRINTER_BUSY);
    expect_job(f, PRINTER_JOB_PRINTED, job);
}

static void start(struct fixture *f, const char *options) {
    char spec[128];
    snprintf(spec, sizeof spec, "file:%s%s", f->dir, options);
    assert_int_equal(printer_start(spec, &f->setup, &f->printer), ERR_NONE);
}

static void start_in(struct fixture *f, const char *options, enum printer_state state) {
    start(f, options);
    expect_state(f, state);
}

static void stop(struct fixture *f) {
    printer_stop(f->printer);
    printer_join(f->printer);
    f->printer = NULL;
}

static int set_up(void **state) {
    struct fixture *f = calloc(1, sizeof *f);
    snprintf(f->dir, sizeof f->dir, "/tmp/foyer-printer-XXXXXX");
    assert_non_null(mkdtemp(f->dir));
    printer_inbox_init(&f->inbox);
    f->setup = (struct printer_setup){.post = printer_inbox_post, .context = &f->inbox};
    *state = f;
    return 0;
}

static int tear_down(void **state) {
    struct fixture *f = *state;
    stop(f);
    printer_inbox_finish(&f->inbox);
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", f->dir);
    assert_int_equal(system(command), 0);
    free(f);
    return 0;
}

static void set_state(const struct fixture *f, const char *word) {
    char path[96];
    snprintf(path, sizeof path, "%s/state", f->dir);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fprintf(file, "%s\n", word);
    fclose(file);
}

static void submit(struct fixture *f, uint64_t job) {
    uint8_t bits[3 * 5] = {0};
    bits[0] = 0x80;
    bits[3 * 4 + 2] = (uint8_t)job;
    struct label label = {.w = 20, .h = 5, .stride_bytes = 3, .dpi = 300, .bits = bits};
    assert_int_equal(printer_submit(f->printer, job, &label), ERR_NONE);
    memset(bits, 0xff, sizeof bits); // the printer has its own copy
}

static size_t read_label(const struct fixture *f, int number, uint8_t *out, size_t size) {
    char path[96];
    snprintf(path, sizeof path, "%s/label-%06d.pbm", f->dir, number);
    FILE *file = fopen(path, "rb");
    if (!file) {
        return 0;
    }
    size_t len = fread(out, 1, size, file);
    fclose(file);
    return len;
}

static void assert_label(const struct fixture *f, int number, uint64_t job) {
    uint8_t bytes[64];
    uint8_t want[8 + 15] = "P4\n20 5\n";
    want[8] = 0x80;
    want[8 + 14] = (uint8_t)job;
    assert_int_equal(read_label(f, number, bytes, sizeof bytes), sizeof want);
    assert_memory_equal(bytes, want, sizeof want);
}

static void test_writes_labels_in_order(void **state) {
    struct fixture *f = *state;
    start_in(f, "", PRINTER_READY);
    for (uint64_t job = 0x11; job <= 0x13; job++) {
        submit(f, job);
        expect_printed(f, job);
        expect_state(f, PRINTER_READY);
    }
    assert_label(f, 1, 0x11);
    assert_label(f, 3, 0x13);
}

static void test_never_writes_over_earlier_labels(void **state) {
    struct fixture *f = *state;
    start_in(f, "", PRINTER_READY);
    submit(f, 1);
    expect_printed(f, 1);
    expect_state(f, PRINTER_READY);
    stop(f);
    start_in(f, "", PRINTER_READY);
    submit(f, 2);
    expect_printed(f, 2);
    assert_label(f, 1, 1);
    assert_label(f, 2, 2);
}

static void test_out_of_labels_waits_for_somebody(void **state) {
    struct fixture *f = *state;
    set_state(f, "out-of-labels");
    start_in(f, "", PRINTER_OUT_OF_LABELS);
    submit(f, 7);
    set_state(f, "cover-open");
    expect_state(f, PRINTER_COVER_OPEN);
    uint8_t bytes[64];
    assert_int_equal(read_label(f, 1, bytes, sizeof bytes), 0);
    set_state(f, "ready");
    expect_printed(f, 7);
    expect_state(f, PRINTER_READY);
    assert_label(f, 1, 7);
}

static void test_trouble_under_way_prints_again_from_start(void **state) {
    struct fixture *f = *state;
    start_in(f, ",delay=400", PRINTER_READY);
    submit(f, 7);
    expect_state(f, PRINTER_BUSY);
    set_state(f, "offline");
    expect_state(f, PRINTER_OFFLINE);
    char path[96];
    snprintf(path, sizeof path, "%s/state", f->dir);
    assert_int_equal(unlink(path), 0); // no file: ready
    expect_printed(f, 7);
    assert_label(f, 1, 7);
}

// Nobody has to be found again because the printer was out of order for a while.
static void test_error_keeps_the_jobs(void **state) {
    struct fixture *f = *state;
    set_state(f, "out-of-labels");
    start_in(f, "", PRINTER_OUT_OF_LABELS);
    submit(f, 1);
    submit(f, 2);
    set_state(f, "error fan");
    expect_state(f, PRINTER_ERROR);
    submit(f, 3);
    printer_cancel(f->printer, 2);
    expect_job(f, PRINTER_JOB_FAILED, 2);
    set_state(f, "ready");
    expect_printed(f, 1);
    expect_job(f, PRINTER_JOB_PRINTED, 3);
    expect_state(f, PRINTER_READY);
    assert_label(f, 1, 1);
    assert_label(f, 2, 3);
}

static void test_plays_every_state_with_its_reason(void **state) {
    struct fixture *f = *state;
    set_state(f, "busy");
    start_in(f, "", PRINTER_BUSY);
    submit(f, 7);
    for (int s = PRINTER_PAUSED; s < PRINTER_STATE_COUNT; s++) {
        char line[64];
        snprintf(line, sizeof line, "%s do %d", printer_state_name((enum printer_state)s),
                 s);
        set_state(f, line);
        struct printer_news news = next(f);
        assert_int_equal(news.kind, PRINTER_STATE_CHANGED);
        assert_int_equal(news.state, s);
        snprintf(line, sizeof line, "do %d", s);
        assert_string_equal(news.reason, line);
    }
    set_state(f, "ready");
    expect_printed(f, 7);
}

static void test_unplugged_under_a_label_is_unknown(void **state) {
    struct fixture *f = *state;
    start_in(f, ",delay=60000", PRINTER_READY);
    submit(f, 1);
    submit(f, 2);
    expect_state(f, PRINTER_BUSY);
    set_state(f, "unplugged");
    struct printer_news news = next(f);
    assert_int_equal(news.kind, PRINTER_JOB_UNKNOWN);
    assert_int_equal(news.job, 1);
    assert_true(strlen(news.reason) > 0);
    expect_state(f, PRINTER_OFFLINE);
    printer_cancel(f->printer, 2); // that one waits, and was not begun
    news = next(f);
    assert_int_equal(news.kind, PRINTER_JOB_FAILED);
    assert_int_equal(news.job, 2);
    assert_string_equal(news.reason, "Taken back");
    set_state(f, "ready");
    expect_state(f, PRINTER_READY);
    uint8_t bytes[64];
    assert_int_equal(read_label(f, 1, bytes, sizeof bytes), 0);
}

static void test_unknown_word_changes_nothing(void **state) {
    struct fixture *f = *state;
    set_state(f, "cover-open");
    start_in(f, "", PRINTER_COVER_OPEN);
    set_state(f, "banana");
    submit(f, 1);
    set_state(f, "offline");
    expect_state(f, PRINTER_OFFLINE);
}

static void test_unwritable_label_fails(void **state) {
    struct fixture *f = *state;
    start_in(f, "", PRINTER_READY);
    char command[160];
    snprintf(command, sizeof command, "rm -r '%s'", f->dir);
    assert_int_equal(system(command), 0);
    submit(f, 1);
    expect_state(f, PRINTER_BUSY);
    expect_job(f, PRINTER_JOB_FAILED, 1);
}

static void test_cancelled_job_fails_alone(void **state) {
    struct fixture *f = *state;
    set_state(f, "out-of-labels");
    start_in(f, "", PRINTER_OUT_OF_LABELS);
    submit(f, 1);
    submit(f, 2);
    printer_cancel(f->printer, 1);
    expect_job(f, PRINTER_JOB_FAILED, 1);
    printer_cancel(f->printer, 99);
    set_state(f, "ready");
    expect_printed(f, 2);
}

static void test_queue_is_bounded(void **state) {
    struct fixture *f = *state;
    set_state(f, "offline");
    start_in(f, "", PRINTER_OFFLINE);
    for (uint64_t job = 0; job < PRINTER_JOBS_MAX; job++) {
        submit(f, job);
    }
    uint8_t bits[1] = {0};
    struct label label = {.w = 1, .h = 1, .stride_bytes = 1, .dpi = 300, .bits = bits};
    assert_int_equal(printer_submit(f->printer, 99, &label), ERR_FULL);
    printer_stop(f->printer);
    assert_int_equal(printer_submit(f->printer, 99, &label), ERR_CLOSED);
}

static void test_refuses_odd_labels(void **state) {
    struct fixture *f = *state;
    start(f, "");
    uint8_t bits[4] = {0};
    struct label labels[] = {
        {.w = 0, .h = 1, .stride_bytes = 1, .bits = bits},
        {.w = 8, .h = -1, .stride_bytes = 1, .bits = bits},
        {.w = 9, .h = 1, .stride_bytes = 1, .bits = bits},
        {.w = 8, .h = PRINTER_SIDE_MAX_DOTS + 1, .stride_bytes = 1, .bits = bits},
    };
    for (size_t i = 0; i < sizeof labels / sizeof labels[0]; i++) {
        assert_int_equal(printer_submit(f->printer, 1, &labels[i]), ERR_LIMIT);
    }
    assert_int_equal(printer_submit(NULL, 1, &labels[0]), ERR_CLOSED);
}

static void test_refuses_bad_specs(void **state) {
    struct fixture *f = *state;
    static const char *const specs[] = {"",
                                        "file",
                                        "file:",
                                        "zebra:/dev",
                                        "file:,delay=1",
                                        "file:/tmp/x,delay=",
                                        "nonex",
                                        "file:/tmp/x,delay=99999999"};
    for (size_t i = 0; i < sizeof specs / sizeof specs[0]; i++) {
        assert_int_equal(printer_start(specs[i], &f->setup, &f->printer), ERR_INPUT);
    }
    assert_int_equal(printer_start("file:/nowhere/there", &f->setup, &f->printer),
                     ERR_IO);
    assert_null(f->printer);
}

static void test_none_is_no_printer(void **state) {
    struct fixture *f = *state;
    assert_int_equal(printer_start("none", &f->setup, &f->printer), ERR_NONE);
    assert_null(f->printer);
    assert_string_equal(printer_name(f->printer), "none");
    printer_cancel(f->printer, 1);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_writes_labels_in_order),
        TEST(test_never_writes_over_earlier_labels),
        TEST(test_out_of_labels_waits_for_somebody),
        TEST(test_trouble_under_way_prints_again_from_start),
        TEST(test_error_keeps_the_jobs),
        TEST(test_plays_every_state_with_its_reason),
        TEST(test_unplugged_under_a_label_is_unknown),
        TEST(test_unknown_word_changes_nothing),
        TEST(test_unwritable_label_fails),
        TEST(test_cancelled_job_fails_alone),
        TEST(test_queue_is_bounded),
        TEST(test_refuses_odd_labels),
        TEST(test_refuses_bad_specs),
        TEST(test_none_is_no_printer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
