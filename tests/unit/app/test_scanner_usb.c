// Real libusb, real decoders, emulated devices in this same process (umockdev): every kind of
// scanner gives what it scanned, faults lose what they must and say so, and thousand replugs
// neither lose a code nor leak a file.
#include "app/devices/scanner.h"

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include <cmocka.h>

#include "tests/support/usb_mock.h"
#include "tests/support/usb_scanners.h"

enum { WAIT_MS = 20000, SCANS_KEPT = 64, CYCLES = 1000 };

struct fixture {
    struct usb_mock *mock;
    struct scanner *scanner;
    pthread_mutex_t lock;
    int count; // scans ever; the newest SCANS_KEPT are kept
    struct scan scans[SCANS_KEPT];
};

static void post(void *context, const struct scan *scan) {
    struct fixture *f = context;
    pthread_mutex_lock(&f->lock);
    f->scans[f->count++ % SCANS_KEPT] = *scan;
    pthread_mutex_unlock(&f->lock);
}

static int count(struct fixture *f) {
    pthread_mutex_lock(&f->lock);
    int n = f->count;
    pthread_mutex_unlock(&f->lock);
    return n;
}

static void pause_ms(int ms) {
    nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L},
              NULL);
}

#define WAIT(condition)                              \
    do {                                             \
        int waited = 0;                              \
        while (!(condition) && waited++ < WAIT_MS) { \
            pause_ms(1);                             \
        }                                            \
        assert_true(condition);                      \
    } while (0)

static int set_up(void **state) {
    struct fixture *f = calloc(1, sizeof *f);
    f->mock = usb_mock_create();
    pthread_mutex_init(&f->lock, NULL);
    *state = f;
    return 0;
}

static int tear_down(void **state) {
    struct fixture *f = *state;
    scanner_stop(f->scanner);
    scanner_join(f->scanner);
    for (int i = 0; i < WAIT_MS && usb_mock_open_count(f->mock) > 0; i++) {
        pause_ms(1);
    }
    int left_open = usb_mock_open_count(f->mock);
    usb_mock_destroy(f->mock);
    pthread_mutex_destroy(&f->lock);
    free(f);
    return left_open == 0 ? 0 : -1;
}

static void start(struct fixture *f, const char *spec) {
    assert_int_equal(scanner_start(spec, post, f, &f->scanner), ERR_NONE);
}

static int pending(struct fixture *f, const char *port) {
    struct usb_mock_look look = {0};
    return usb_mock_look(f->mock, port, &look) ? look.pending_count : -1;
}

static size_t queued(struct fixture *f, const char *port) {
    usb_mock_lock(f->mock);
    const struct usb_model *m = usb_mock_get(f->mock, port);
    size_t n = usb_model_count(m, 0x81) + usb_model_count(m, 0x82);
    usb_mock_unlock(f->mock);
    return n;
}

static void plug(struct fixture *f, const char *port, const char *kind,
                 const char *serial) {
    assert_true(usb_mock_plug(f->mock, port, usb_scanner_create(kind, serial, 0, 0)));
}

// Plugs it and waits until it is listened to.
static void plug_ready(struct fixture *f, const char *port, const char *kind) {
    plug(f, port, kind, "S1");
    int interfaces = strcmp(kind, "composite") == 0 ? 2 : 1;
    WAIT(pending(f, port) == interfaces);
}

static void say(struct fixture *f, const char *port, const char *words) {
    char line[8192], reply[256];
    snprintf(line, sizeof line, "%s", words);
    usb_mock_lock(f->mock);
    struct usb_model *m = usb_mock_get(f->mock, port);
    assert_non_null(m);
    assert_true(m->command(m, line, reply, sizeof reply));
    usb_mock_unlock(f->mock);
}

static void fault(struct fixture *f, const char *port, uint8_t ep, int error) {
    usb_mock_lock(f->mock);
    usb_model_queue_fault(usb_mock_get(f->mock, port), ep, error);
    usb_mock_unlock(f->mock);
}

static void assert_scan(struct fixture *f, int i, const char *code, const char *source) {
    WAIT(count(f) > i);
    pthread_mutex_lock(&f->lock);
    const struct scan *s = &f->scans[i % SCANS_KEPT];
    assert_int_equal(s->len, strlen(code));
    assert_memory_equal(s->bytes, code, s->len);
    assert_string_equal(s->source, source);
    pthread_mutex_unlock(&f->lock);
}

static struct scanner_health look(struct fixture *f, const char *port) {
    struct scanner_health all[SCANNERS_MAX];
    size_t n = scanner_look(f->scanner, all, SCANNERS_MAX);
    for (size_t i = 0; i < n; i++) {
        if (strcmp(all[i].port, port) == 0) {
            return all[i];
        }
    }
    return (struct scanner_health){.port = ""};
}

// ---- kinds ---------------------------------------------------------------------------------

static void test_every_kind_gives_what_it_scanned(void **state) {
    struct fixture *f = *state;
    static const char *const kinds[] = {"pos-a",    "pos-a1", "pos-b",     "pos-noid",
                                        "pos-wake", "decoy",  "composite", "keyboard"};
    // Longer than one report of any layout, and than two.
    const char *text =
        "HC1:6BFOXN*TS0BI$ZD4N9:9S6RCVN5+O30K3/XIV0W23NTDEXWK G2EP4J0BGJLFX3R3VHXK"
        ".PJ:2DPF6R:5SVBHABVCNN95SWMPHQUHQN%A400-GB+8";
    start(f, "usb");
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        char words[256];
        snprintf(words, sizeof words, "scan %s %s", kinds[i], text);
        plug_ready(f, "1-2", kinds[i]);
        say(f, "1-2", words);
        assert_scan(f, (int)i, words + 5, "usb 1-2");
        assert_true(usb_mock_unplug(f->mock, "1-2"));
        WAIT(!look(f, "1-2").is_here);
        assert_int_equal(look(f, "1-2").lost, 0);
    }
}

static void test_keyboard_is_read_by_position(void **state) {
    struct fixture *f = *state;
    start(f, "usb");
    plug_ready(f, "1-1", "keyboard");
    say(f, "1-1", "scan HTTPS://example.org/?a=1&b=[x]~Yz");
    assert_scan(f, 0, "HTTPS://example.org/?a=1&b=[x]~Yz", "usb 1-1");
    assert_true(look(f, "1-1").is_keyboard);
}

static void test_layout_says_what_positions_mean(void **state) {
    struct fixture *f = *state;
    start(f, "usb,layout=de");
    plug_ready(f, "1-1", "keyboard");
    say(f, "1-1", "scan ZY-;"); // as the US keys; a German scanner means these
    assert_scan(f, 0, "YZ\xc3\x9f\xc3\xb6", "usb 1-1");
}

static void test_bad_options_are_refused(void **state) {
    struct fixture *f = *state;
    static const char *const specs[] = {"usb,keep=", "usb,keep=a b", "usb,layout=xx",
                                        "usb,what", "usb,layout="};
    for (size_t i = 0; i < sizeof specs / sizeof *specs; i++) {
        assert_int_equal(scanner_start(specs[i], post, f, &f->scanner), ERR_INPUT);
    }
}

static void test_any_byte_passes(void **state) {
    struct fixture *f = *state;
    char words[2048] = "scan ";
    for (int b = 0; b < 255; b++) {
        snprintf(words + strlen(words), 8, "\\x%02x", b);
    }
    start(f, "usb");
    plug_ready(f, "1-2", "pos-b");
    say(f, "1-2", words);
    WAIT(count(f) == 1);
    assert_int_equal(f->scans[0].len, 255);
    for (int b = 0; b < 255; b++) {
        assert_int_equal(f->scans[0].bytes[b], b);
    }
}

static void test_device_of_before_the_start_is_found(void **state) {
    struct fixture *f = *state;
    plug(f, "1-1", "pos-a", "");
    plug(f, "1-4", "disk", "");
    start(f, "usb");
    WAIT(pending(f, "1-1") == 1);
    say(f, "1-1", "scan A");
    assert_scan(f, 0, "A", "usb 1-1");
    struct usb_mock_look disk;
    assert_true(usb_mock_look(f->mock, "1-4", &disk));
    assert_int_equal(disk.submitted, 0);
}

static void test_two_scanners_at_once(void **state) {
    struct fixture *f = *state;
    start(f, "usb");
    plug_ready(f, "1-1", "pos-a");
    plug(f, "1-2", "hub", "");
    plug_ready(f, "1-2.4", "pos-a"); // same kind, same serial: the port tells
    say(f, "1-1", "scan LEFT");
    assert_scan(f, 0, "LEFT", "usb 1-1");
    say(f, "1-2.4", "scan LEFT"); // by another scanner it is no repeat
    assert_scan(f, 1, "LEFT", "usb 1-2.4");
    assert_int_equal(look(f, "1-1").scans, 1);
    assert_int_equal(look(f, "1-2.4").scans, 1);
}

static void test_same_code_at_once_is_one_scan(void **state) {
    struct fixture *f = *state;
    start(f, "usb");
    plug_ready(f, "1-1", "pos-a");
    say(f, "1-1", "scan A");
    say(f, "1-1", "scan A");
    say(f, "1-1", "scan B");
    assert_scan(f, 0, "A", "usb 1-1");
    assert_scan(f, 1, "B", "usb 1-1");
    assert_int_equal(look(f, "1-1").repeats, 1);
}

// ---- what is claimed -----------------------------------------------------------------------

static void test_composite_is_claimed_whole_and_kept(void **state) {
    struct fixture *f = *state;
    struct usb_mock_look seen;
    start(f, "usb");
    plug_ready(f, "1-1", "composite");
    assert_true(usb_mock_look(f->mock, "1-1", &seen));
    assert_int_equal(seen.claimed, 3);
    scanner_stop(f->scanner);
    scanner_join(f->scanner);
    f->scanner = NULL;
    assert_true(usb_mock_look(f->mock, "1-1", &seen));
    assert_int_equal(seen.was_released, 0); // the next start finds them without a driver
}

static void test_decoy_interface_is_claimed_too(void **state) {
    struct fixture *f = *state;
    struct usb_mock_look seen;
    start(f, "usb");
    plug_ready(f, "1-1", "decoy");
    assert_true(usb_mock_look(f->mock, "1-1", &seen));
    assert_int_equal(seen.claimed, 3);
}

static void test_keyboard_speaks_boot_protocol(void **state) {
    struct fixture *f = *state;
    char words[] = "state", reply[128];
    start(f, "usb");
    plug_ready(f, "1-1", "keyboard");
    usb_mock_lock(f->mock);
    struct usb_model *m = usb_mock_get(f->mock, "1-1");
    assert_true(m->command(m, words, reply, sizeof reply));
    usb_mock_unlock(f->mock);
    assert_string_equal(reply, "protocol=0 idle=0 awake=0 lost=0");
}

static void test_kept_devices_and_mice_are_left_alone(void **state) {
    struct fixture *f = *state;
    struct usb_mock_look seen;
    static const char *const ports[] = {"1-1", "1-2", "1-3"};
    start(f, "usb,keep=05E0:1200,keep=1-2");
    plug(f, "1-1", "keyboard", "");
    plug(f, "1-2", "composite", "");
    plug(f, "1-3", "mouse", "");
    plug_ready(f, "1-4", "pos-a"); // after it the others have been judged
    for (size_t i = 0; i < 3; i++) {
        assert_true(usb_mock_look(f->mock, ports[i], &seen));
        assert_int_equal(seen.submitted, 0);
        assert_int_equal(seen.open_count, 0);
    }
}

// ---- faults --------------------------------------------------------------------------------

static void test_stall_between_scans_is_cleared(void **state) {
    struct fixture *f = *state;
    start(f, "usb");
    plug_ready(f, "1-1", "pos-a");
    for (int i = 0; i < 20; i++) {
        char words[32];
        fault(f, "1-1", 0x82, EPIPE);
        snprintf(words, sizeof words, "scan CODE %d", i);
        say(f, "1-1", words);
        assert_scan(f, i, words + 5, "usb 1-1");
    }
    assert_int_equal(look(f, "1-1").errors, 20);
    assert_int_equal(look(f, "1-1").lost, 0);
    assert_int_equal(look(f, "1-1").comings, 1);
}

static void test_errors_in_a_row_are_retried(void **state) {
    struct fixture *f = *state;
    start(f, "usb");
    plug_ready(f, "1-1", "pos-a");
    fault(f, "1-1", 0x82, EPROTO);
    fault(f, "1-1", 0x82, EOVERFLOW);
    fault(f, "1-1", 0x82, EILSEQ);
    say(f, "1-1", "scan AFTER");
    assert_scan(f, 0, "AFTER", "usb 1-1");
    assert_int_equal(look(f, "1-1").errors, 3);
    assert_int_equal(look(f, "1-1").comings, 1);
}

static void test_too_many_errors_close_and_open_again(void **state) {
    struct fixture *f = *state;
    start(f, "usb");
    plug_ready(f, "1-1", "pos-a");
    for (int i = 0; i < 4; i++) {
        fault(f, "1-1", 0x82, EPROTO);
    }
    WAIT(!look(f, "1-1").is_here);
    WAIT(look(f, "1-1").is_here && pending(f, "1-1") == 1);
    say(f, "1-1", "scan AGAIN");
    assert_scan(f, 0, "AGAIN", "usb 1-1");
    assert_int_equal(look(f, "1-1").comings, 2);
}

static void test_fault_in_mid_code_loses_that_code_only(void **state) {
    struct fixture *f = *state;
    char words[512] = "part 0 1 ";
    memset(words + 9, 'A', 150);
    start(f, "usb");
    plug_ready(f, "1-1", "pos-a");
    say(f, "1-1", words);
    fault(f, "1-1", 0x82, EPIPE);
    memcpy(words, "part 2 3 ", 9);
    say(f, "1-1", words);
    WAIT(look(f, "1-1").lost == 1);
    pause_ms(300); // the rest of the damaged code is over after a pause
    say(f, "1-1", "scan NEXT");
    assert_scan(f, 0, "NEXT", "usb 1-1");
    assert_int_equal(look(f, "1-1").lost, 1);
}

static void test_short_report_is_refused(void **state) {
    struct fixture *f = *state;
    start(f, "usb");
    plug_ready(f, "1-1", "pos-a");
    usb_mock_lock(f->mock);
    usb_model_queue(usb_mock_get(f->mock, "1-1"), 0x82, "\x02\x09]Q1AB", 7);
    usb_mock_unlock(f->mock);
    WAIT(look(f, "1-1").lost == 1);
    pause_ms(300);
    say(f, "1-1", "scan NEXT");
    assert_scan(f, 0, "NEXT", "usb 1-1");
}

static void test_unplug_in_mid_code_loses_it_and_says_so(void **state) {
    struct fixture *f = *state;
    char words[512] = "part 0 2 ";
    memset(words + 9, 'A', 150);
    start(f, "usb");
    plug_ready(f, "1-1", "pos-a");
    say(f, "1-1", words);
    assert_true(usb_mock_unplug(f->mock, "1-1"));
    WAIT(!look(f, "1-1").is_here);
    assert_int_equal(look(f, "1-1").lost, 1);
    plug_ready(f, "1-1", "pos-a");
    say(f, "1-1", "scan NEXT");
    assert_scan(f, 0, "NEXT", "usb 1-1");
    assert_int_equal(look(f, "1-1").comings, 2);
}

static void test_silent_device_does_not_hold_up_another(void **state) {
    struct fixture *f = *state;
    start(f, "usb");
    plug_ready(f, "1-1", "pos-a");
    struct usb_model *deaf = usb_scanner_create("pos-b", "", 0, 0);
    usb_model_hold(deaf, 0, true); // answers no request at all
    assert_true(usb_mock_plug(f->mock, "1-2", deaf));
    WAIT(pending(f, "1-2") == 1);
    say(f, "1-1", "scan MEANWHILE");
    assert_scan(f, 0, "MEANWHILE", "usb 1-1");
    usb_mock_lock(f->mock);
    usb_model_hold(deaf, 0, false);
    usb_mock_unlock(f->mock);
    WAIT(look(f, "1-2").is_here);
    say(f, "1-2", "scan LATER");
    assert_scan(f, 1, "LATER", "usb 1-2");
}

static void test_change_of_identity_is_told(void **state) {
    struct fixture *f = *state;
    start(f, "usb");
    assert_true(
        usb_mock_plug(f->mock, "1-1", usb_scanner_create("pos-a", "77", 0x5e0, 1)));
    WAIT(look(f, "1-1").is_here);
    assert_false(look(f, "1-1").has_changed);
    usb_mock_unplug(f->mock, "1-1");
    assert_true(
        usb_mock_plug(f->mock, "1-1", usb_scanner_create("keyboard", "77", 0x5e0, 2)));
    WAIT(look(f, "1-1").comings == 2);
    assert_true(look(f, "1-1").has_changed);
    usb_mock_unplug(f->mock, "1-1");
    plug(f, "1-1", "keyboard", "other"); // another one is no change
    WAIT(look(f, "1-1").comings == 1);
    assert_false(look(f, "1-1").has_changed);
}

// ---- endurance -----------------------------------------------------------------------------

static void test_thousand_replugs_lose_nothing(void **state) {
    struct fixture *f = *state;
    static const char *const kinds[] = {"pos-a", "composite", "pos-b", "pos-wake"};
    start(f, "usb");
    for (int i = 0; i < CYCLES; i++) {
        char words[96];
        snprintf(words, sizeof words, "scan %040d %040d", i, i); // two reports
        plug_ready(f, "1-1", kinds[i % 4]);
        say(f, "1-1", words);
        WAIT(queued(f, "1-1") == 0); // what was given is in transfers now, not yet read
        usb_mock_unplug(f->mock, "1-1");
        assert_scan(f, i, words + 5, "usb 1-1");
    }
    WAIT(usb_mock_open_count(f->mock) == 0);
}

static void test_sleeps_when_nobody_scans(void **state) {
    struct fixture *f = *state;
    start(f, "usb");
    plug_ready(f, "1-1", "composite");
    plug_ready(f, "1-2", "pos-a");
    struct rusage before, after;
    getrusage(RUSAGE_SELF, &before);
    pause_ms(700);
    getrusage(RUSAGE_SELF, &after);
    assert_true(after.ru_nvcsw - before.ru_nvcsw < 20);
}

int main(int argc, char **argv) {
    (void)argc;
    usb_mock_preload(argv);
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_every_kind_gives_what_it_scanned),
        TEST(test_keyboard_is_read_by_position),
        TEST(test_layout_says_what_positions_mean),
        TEST(test_bad_options_are_refused),
        TEST(test_any_byte_passes),
        TEST(test_device_of_before_the_start_is_found),
        TEST(test_two_scanners_at_once),
        TEST(test_same_code_at_once_is_one_scan),
        TEST(test_composite_is_claimed_whole_and_kept),
        TEST(test_decoy_interface_is_claimed_too),
        TEST(test_keyboard_speaks_boot_protocol),
        TEST(test_kept_devices_and_mice_are_left_alone),
        TEST(test_stall_between_scans_is_cleared),
        TEST(test_errors_in_a_row_are_retried),
        TEST(test_too_many_errors_close_and_open_again),
        TEST(test_fault_in_mid_code_loses_that_code_only),
        TEST(test_short_report_is_refused),
        TEST(test_unplug_in_mid_code_loses_it_and_says_so),
        TEST(test_silent_device_does_not_hold_up_another),
        TEST(test_change_of_identity_is_told),
        TEST(test_thousand_replugs_lose_nothing),
        TEST(test_sleeps_when_nobody_scans),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
