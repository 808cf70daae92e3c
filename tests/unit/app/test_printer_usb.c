// Real libusb and an emulated printer in this same process (umockdev): several jobs at once, each
// of which ends in its own name. The plays of every fault are in tests/system.
#include "app/devices/printer.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "sync/base/clock.h"
#include "tests/support/printer_inbox.h"
#include "tests/support/usb_mock.h"
#include "tests/support/usb_printers.h"

enum { WAIT_MS = 20000, TICK_MS = 5, TOO_WIDE = 800, HEAD = 576 };

struct fixture {
    char dir[64];
    struct usb_mock *mock;
    struct printer_inbox inbox;
    struct printer *printer;
};

static int set_up(void **state) {
    struct fixture *f = calloc(1, sizeof *f);
    snprintf(f->dir, sizeof f->dir, "/tmp/foyer-printer-XXXXXX");
    assert_non_null(mkdtemp(f->dir));
    setenv("USB_PRINTED", f->dir, 1);
    f->mock = usb_mock_create();
    printer_inbox_init(&f->inbox);
    struct printer_setup setup = {.post = printer_inbox_post, .context = &f->inbox};
    assert_int_equal(printer_start("usb", &setup, &f->printer), ERR_NONE);
    *state = f;
    return 0;
}

// Not by a shell: it would inherit what is preloaded here.
static void remove_folder(const char *path) {
    DIR *dir = opendir(path);
    assert_non_null(dir);
    for (struct dirent *e = readdir(dir); e; e = readdir(dir)) {
        (void)unlinkat(dirfd(dir), e->d_name, 0); // "." and ".." stay
    }
    closedir(dir);
    assert_int_equal(rmdir(path), 0);
}

static int tear_down(void **state) {
    struct fixture *f = *state;
    printer_stop(f->printer);
    printer_join(f->printer);
    usb_mock_destroy(f->mock);
    printer_inbox_finish(&f->inbox);
    remove_folder(f->dir);
    free(f);
    return 0;
}

// The next news; the emulated printer lives meanwhile.
static struct printer_news next(struct fixture *f) {
    struct printer_news news;
    for (int waited = 0; waited < WAIT_MS; waited += TICK_MS) {
        usb_mock_tick(f->mock, (int64_t)clock_mono_ms());
        if (printer_inbox_next(&f->inbox, TICK_MS, &news)) {
            return news;
        }
    }
    fail_msg("no news in %d ms", WAIT_MS);
    return news;
}

static struct printer_news expect_state(struct fixture *f, enum printer_state state) {
    for (;;) {
        struct printer_news news = next(f);
        assert_int_equal(news.kind, PRINTER_STATE_CHANGED);
        if (news.state == state) {
            return news;
        }
    }
}

// States may come before.
static void expect_job(struct fixture *f, enum printer_news_kind kind, uint64_t job) {
    struct printer_news news = next(f);
    while (news.kind == PRINTER_STATE_CHANGED) {
        news = next(f);
    }
    assert_int_equal(news.kind, kind);
    assert_int_equal(news.job, job);
    assert_int_equal(news.reason[0] != '\0', kind != PRINTER_JOB_PRINTED);
}

static void submit(struct fixture *f, uint64_t job, int w) {
    static uint8_t bits[TOO_WIDE / 8 * 20];
    memset(bits, 0xff, sizeof bits);
    struct label label = {w, 20, TOO_WIDE / 8, 203, bits};
    assert_int_equal(printer_submit(f->printer, job, &label), ERR_NONE);
}

static void plug(struct fixture *f) {
    assert_true(usb_mock_plug(f->mock, "1-1", usb_printer_create("escpos", "", 0, 0)));
}

static void test_what_does_not_fit_fails_in_its_own_name(void **state) {
    struct fixture *f = *state;
    expect_state(f, PRINTER_OFFLINE);
    submit(f, 11, TOO_WIDE);
    submit(f, 12, TOO_WIDE);
    submit(f, 13, HEAD);
    plug(f);
    expect_job(f, PRINTER_JOB_FAILED, 11);
    expect_job(f, PRINTER_JOB_FAILED, 12);
    expect_job(f, PRINTER_JOB_PRINTED, 13);
}

static void test_taken_back_while_it_waits(void **state) {
    struct fixture *f = *state;
    expect_state(f, PRINTER_OFFLINE);
    submit(f, 1, HEAD);
    submit(f, 2, HEAD);
    submit(f, 3, HEAD);
    printer_cancel(f->printer, 2);
    expect_job(f, PRINTER_JOB_FAILED, 2);
    plug(f);
    expect_job(f, PRINTER_JOB_PRINTED, 1);
    expect_job(f, PRINTER_JOB_PRINTED, 3);
}

// Badges are drawn before it comes back.
static void test_resolution_stays_while_it_is_away(void **state) {
    struct fixture *f = *state;
    assert_int_equal(expect_state(f, PRINTER_OFFLINE).dpi, 0);
    plug(f);
    struct printer_news news = expect_state(f, PRINTER_READY);
    assert_int_equal(news.dpi, 203);
    assert_string_equal(news.model, "EPSON TM-L90");
    assert_true(usb_mock_unplug(f->mock, "1-1"));
    assert_int_equal(expect_state(f, PRINTER_OFFLINE).dpi, 203);
}

int main(int argc, char **argv) {
    (void)argc;
    usb_mock_preload(argv);
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_what_does_not_fit_fails_in_its_own_name),
        TEST(test_taken_back_while_it_waits),
        TEST(test_resolution_stays_while_it_is_away),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
