// What printers answer, byte for byte as their manuals have it, and what must come of it: media
// out, cover open, silence, garbage, answers that are cut off or of the question before.
#include "app/labels/brother.h"
#include "app/labels/epl.h"
#include "app/labels/escpos.h"
#include "app/labels/tspl.h"
#include "app/labels/zpl.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

static const struct label_setup any = {.dpi = 300};

static enum label_heard hear(const struct label_language *l, enum label_moment moment,
                             int number, const char *data, size_t len,
                             struct label_status *status) {
    struct label_hearing h = {moment, number, &any, (const uint8_t *)data, len, false};
    return l->hear(&h, status);
}

static enum label_heard silence(const struct label_language *l, enum label_moment moment,
                                int number, struct label_status *status) {
    struct label_hearing h = {moment, number, &any, NULL, 0, true};
    return l->hear(&h, status);
}

static void assert_said(const struct label_status *s, enum printer_state state,
                        enum label_outcome outcome) {
    if (s->state != state || s->outcome != outcome) {
        fail_msg("%s, outcome %d (%s); expected %s, %d", printer_state_name(s->state),
                 s->outcome, s->reason, printer_state_name(state), outcome);
    }
    bool is_plain = state == PRINTER_BUSY || state == PRINTER_UNKNOWN;
    assert_true(state == PRINTER_READY ? !s->reason[0] : s->reason[0] || is_plain);
}

// ---- ZPL --------------------------------------------------------------------------------

static void zpl_answer(char out[200], const char *one, const char *two) {
    snprintf(out, 200,
             "\x02%s\x03\r\n\x02%s\x03\r\n\x02"
             "1234,0\x03\r\n",
             one, two);
}

static void test_zpl_host_status(void **state) {
    (void)state;
    static const struct {
        const char *one, *two;
        enum printer_state state;
        enum label_outcome outcome;
        int queued;
    } rows[] = {
        {"030,0,0,1245,000,0,0,0,000,0,0,0", "000,0,0,0,0,2,4,0,00000000,1,000",
         PRINTER_READY, LABEL_PRINTED, 0},
        {"030,0,0,1245,001,0,0,0,000,0,0,0", "000,0,0,0,0,2,4,0,00000000,1,000",
         PRINTER_BUSY, LABEL_WAITING, 1},
        {"030,0,0,1245,000,0,0,0,000,0,0,0", "000,0,0,0,0,2,4,0,00000002,1,000",
         PRINTER_BUSY, LABEL_WAITING, 2},
        {"030,0,0,1245,000,0,0,1,000,0,0,0", "000,0,0,0,0,2,4,0,00000000,1,000",
         PRINTER_BUSY, LABEL_WAITING, 0},
        {"030,0,0,1245,000,0,0,0,000,0,0,0", "000,0,0,0,0,2,4,1,00000000,1,000",
         PRINTER_BUSY, LABEL_WAITING, 0},
        {"030,0,1,1245,001,0,0,0,000,0,0,0", "000,0,0,0,0,2,4,0,00000000,1,000",
         PRINTER_PAUSED, LABEL_WAITING, 1},
        {"030,1,1,1245,001,0,0,0,000,0,0,0", "000,0,0,0,0,2,4,0,00000001,1,000",
         PRINTER_OUT_OF_LABELS, LABEL_WAITING, 2},
        {"030,0,1,1245,001,0,0,0,000,0,0,0", "000,0,1,0,0,2,4,0,00000000,1,000",
         PRINTER_COVER_OPEN, LABEL_WAITING, 1},
        {"030,0,1,1245,001,0,0,0,000,0,0,0", "000,0,0,1,1,2,4,0,00000000,1,000",
         PRINTER_OUT_OF_RIBBON, LABEL_WAITING, 1},
        {"030,0,0,1245,001,0,0,0,000,0,0,1", "000,0,0,0,0,2,4,0,00000000,1,000",
         PRINTER_HOT, LABEL_WAITING, 1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct label_status status;
        char text[200];
        zpl_answer(text, rows[i].one, rows[i].two);
        label_status_init(&status);
        assert_int_equal(hear(&label_zpl, LABEL_AFTER, 0, text, strlen(text), &status),
                         LABEL_HEARD_ENOUGH);
        assert_said(&status, rows[i].state, rows[i].outcome);
        assert_int_equal(status.queued, rows[i].queued);
        // Before a job nothing is said of an outcome; and no part of it is an answer.
        for (size_t n = 0; n + 2 < strlen(text); n++) {
            label_status_init(&status);
            assert_int_equal(hear(&label_zpl, LABEL_BEFORE, 0, text, n, &status),
                             LABEL_HEARD_MORE);
            assert_said(&status, PRINTER_UNKNOWN, LABEL_UNKNOWN);
        }
    }
}

// The head of an older answer, its tail, another kind of answer, bytes of nobody: the last whole
// answer counts.
static void test_zpl_finds_the_answer_in_the_rest(void **state) {
    (void)state;
    char old[200], now[200], text[800];
    struct label_status status;
    zpl_answer(old, "030,1,0,1245,000,0,0,0,000,0,0,0",
               "000,0,0,0,0,2,4,0,00000000,1,000");
    zpl_answer(now, "030,0,0,1245,003,0,0,0,000,0,0,0",
               "000,0,0,0,0,2,4,0,00000000,1,000");
    static const char *const earlier[] = {
        "\x02ZD420-300dpi,V84.20.18Z,12,8176KB,X\x03\r\n",
        "000,0,0,0,0,2,4,0,00000000,1,000\x03\r\n\x02"
        "1234,0\x03\r\n",
        "\x02"
        "030,1,0,1245,0",
        "\xff\xfe\x03\x03,,,,\r\n", ""};
    for (size_t i = 0; i < sizeof earlier / sizeof earlier[0]; i++) {
        snprintf(text, sizeof text, "%s%s", earlier[i], now);
        label_status_init(&status);
        assert_int_equal(hear(&label_zpl, LABEL_AFTER, 0, text, strlen(text), &status),
                         LABEL_HEARD_ENOUGH);
        assert_said(&status, PRINTER_BUSY, LABEL_WAITING);
        assert_int_equal(status.queued, 3);
    }
    snprintf(text, sizeof text, "%s%s", old, now);
    label_status_init(&status);
    hear(&label_zpl, LABEL_BEFORE, 0, text, strlen(text), &status);
    assert_said(&status, PRINTER_BUSY, LABEL_UNKNOWN);
}

static void test_zpl_errors_behind_silence(void **state) {
    (void)state;
    static const struct {
        const char *errors, *warnings;
        enum printer_state state;
        bool is_low;
    } rows[] = {
        {"1 00000000 00000001", "0 00000000 00000000", PRINTER_OUT_OF_LABELS, false},
        {"1 00000000 00000002", "0 00000000 00000000", PRINTER_OUT_OF_RIBBON, false},
        {"1 00000000 00010005", "1 00000000 00000008", PRINTER_COVER_OPEN, true},
        {"1 00000000 00000008", "0 00000000 00000000", PRINTER_JAM, false},
        {"1 00000000 00000010", "0 00000000 00000000", PRINTER_HOT, false},
        {"1 00000000 00010000", "0 00000000 00000000", PRINTER_PAUSED, false},
        {"1 00000000 00080000", "0 00000000 00000000", PRINTER_WRONG_LABELS, false},
        {"1 00000000 00000200", "0 00000000 00000000", PRINTER_ERROR, false},
        {"1 00000001 00000000", "0 00000000 00000000", PRINTER_ERROR, false},
        {"0 00000000 00000000", "1 00000000 00000002", PRINTER_READY, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct label_status status;
        char text[200];
        label_status_init(&status);
        assert_int_equal(silence(&label_zpl, LABEL_AFTER, 0, &status), LABEL_HEARD_NEXT);
        snprintf(
            text, sizeof text,
            "\x02\r\n  PRINTER STATUS\r\n   ERRORS:         %s\r\n   WARNINGS:       "
            "%s\r\n\x03\r\n",
            rows[i].errors, rows[i].warnings);
        assert_int_equal(hear(&label_zpl, LABEL_AFTER, 1, text, strlen(text), &status),
                         LABEL_HEARD_ENOUGH);
        assert_said(&status, rows[i].state, LABEL_UNKNOWN);
        assert_int_equal(status.is_low, rows[i].is_low);
    }
}

static void test_zpl_silence_is_an_answer(void **state) {
    (void)state;
    struct label_status status;
    label_status_init(&status);
    assert_int_equal(silence(&label_zpl, LABEL_BEFORE, 0, &status), LABEL_HEARD_NEXT);
    assert_int_equal(silence(&label_zpl, LABEL_BEFORE, 1, &status), LABEL_HEARD_NEXT);
    assert_said(&status, PRINTER_UNKNOWN, LABEL_UNKNOWN);
    label_status_add_port(&status, 0x18);
    assert_said(&status, PRINTER_UNKNOWN, LABEL_UNKNOWN);
    label_status_add_port(&status, 0x38);
    assert_said(&status, PRINTER_OUT_OF_LABELS, LABEL_UNKNOWN);
    // A mute printer is asked nothing; its port is all there is.
    struct label_setup mute = {.dpi = 203, .is_mute = true};
    struct label_question q;
    assert_false(label_zpl.ask(LABEL_BEFORE, &mute, 0, &q));
    label_status_init(&status);
    label_status_add_port(&status, 0x18);
    assert_said(&status, PRINTER_READY, LABEL_UNKNOWN);
    label_status_init(&status);
    label_status_add_port(&status, 0x10);
    assert_said(&status, PRINTER_ERROR, LABEL_UNKNOWN);
}

static void test_zpl_says_its_dpi(void **state) {
    (void)state;
    struct label_status status;
    const char *text = "\x02ZTC ZD421-300dpi,V93.21.15Z,12,8176KB,X\x03\r\n";
    struct label_question q;
    assert_true(label_zpl.ask(LABEL_MEET, &any, 0, &q));
    assert_memory_equal(q.data, "~HI", 3);
    label_status_init(&status);
    assert_int_equal(hear(&label_zpl, LABEL_MEET, 0, text, strlen(text), &status),
                     LABEL_HEARD_NEXT);
    assert_int_equal(status.dpi, 300);
    assert_true(label_zpl.ask(LABEL_MEET, &any, 1, &q));
    assert_memory_equal(q.data, "~HS", 3);
    assert_false(label_zpl.ask(LABEL_DURING, &any, 0, &q));
}

// ---- Brother ----------------------------------------------------------------------------

struct packet {
    uint8_t error_1, error_2, w, type, h, kind, phase, notice;
};

static size_t add_packet(uint8_t *out, struct packet p) {
    const uint8_t bytes[32] = {0x80,   0x20,    0x42,      0x34,      0x38,    0x30,
                               0x00,   0x00,    p.error_1, p.error_2, p.w,     p.type,
                               0,      0,       0x15,      0,         0,       p.h,
                               p.kind, p.phase, 0,         0,         p.notice};
    memcpy(out, bytes, sizeof bytes);
    return sizeof bytes;
}

static enum label_heard hear_roll(const uint8_t *data, size_t len, int w, int h,
                                  struct label_status *status) {
    struct label_setup setup = {.dpi = 300, .media_w_mm = w, .media_h_mm = h};
    struct label_hearing hearing = {LABEL_BEFORE, 0, &setup, data, len, false};
    label_status_init(status);
    return label_brother.hear(&hearing, status);
}

static void test_brother_before_a_job(void **state) {
    (void)state;
    static const struct {
        struct packet p;
        enum printer_state state;
    } rows[] = {
        {{0, 0, 62, 0x0A, 0, 0, 0, 0}, PRINTER_READY},
        {{0, 0, 62, 0x4A, 0, 0, 0, 0}, PRINTER_READY},
        {{0, 0, 29, 0x0A, 0, 0, 0, 0}, PRINTER_WRONG_LABELS},
        {{0, 0, 62, 0x0B, 100, 0, 0, 0}, PRINTER_WRONG_LABELS},
        {{0, 0, 0, 0x00, 0, 0, 0, 0}, PRINTER_OUT_OF_LABELS},
        {{0, 0, 0, 0xFF, 0, 0, 0, 0}, PRINTER_WRONG_LABELS},
        {{0x01, 0, 62, 0x0A, 0, 0, 0, 0}, PRINTER_OUT_OF_LABELS},
        {{0x02, 0, 62, 0x0A, 0, 2, 0, 0}, PRINTER_OUT_OF_LABELS},
        {{0x04, 0, 62, 0x0A, 0, 0, 0, 0}, PRINTER_JAM},
        {{0x10, 0, 62, 0x0A, 0, 0, 0, 0}, PRINTER_BUSY},
        {{0, 0x01, 62, 0x0A, 0, 0, 0, 0}, PRINTER_WRONG_LABELS},
        {{0, 0x10, 62, 0x0A, 0, 0, 0, 0}, PRINTER_COVER_OPEN},
        {{0x01, 0x10, 0, 0, 0, 2, 0, 0}, PRINTER_COVER_OPEN},
        {{0, 0x20, 62, 0x0A, 0, 0, 0, 0}, PRINTER_HOT},
        {{0, 0x40, 62, 0x0A, 0, 2, 0, 0}, PRINTER_OUT_OF_LABELS},
        {{0, 0x80, 62, 0x0A, 0, 0, 0, 0}, PRINTER_ERROR},
        {{0, 0, 62, 0x0A, 0, 0, 1, 0}, PRINTER_BUSY},
        {{0, 0, 62, 0x0A, 0, 4, 0, 0}, PRINTER_OFFLINE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct label_status status;
        // Behind garbage, a cut packet and one of the job before.
        uint8_t data[120] = "\x80\x20junk\x80\x20\x42\x34\x38";
        size_t len = add_packet(data + 11, (struct packet){.type = 0x0A, .kind = 6}) + 11;
        add_packet(data + len, rows[i].p);
        for (size_t n = 0; n < 32; n++) {
            assert_int_equal(hear_roll(data, len + n, 62, 0, &status), LABEL_HEARD_MORE);
        }
        len += 32;
        assert_int_equal(hear_roll(data, len, 62, 0, &status), LABEL_HEARD_ENOUGH);
        assert_said(&status, rows[i].state, LABEL_UNKNOWN);
    }
}

static void test_brother_names_the_wrong_roll(void **state) {
    (void)state;
    struct label_status status;
    uint8_t data[32];
    add_packet(data, (struct packet){.w = 60, .type = 0x0B, .h = 87});
    hear_roll(data, 32, 60, 86, &status);
    assert_said(&status, PRINTER_READY, LABEL_UNKNOWN);
    assert_int_equal(status.media_h_mm, 86);
    hear_roll(data, 32, 62, 100, &status);
    assert_said(&status, PRINTER_WRONG_LABELS, LABEL_UNKNOWN);
    assert_string_equal(status.reason, "60 x 86 mm is loaded; 62 x 100 mm is needed");
    hear_roll(data, 32, 0, 0, &status);
    assert_said(&status, PRINTER_READY, LABEL_UNKNOWN);
    data[25] = 0x81;
    hear_roll(data, 32, 60, 86, &status);
    assert_true(status.is_two_colour);
}

static void test_brother_silence_is_off(void **state) {
    (void)state;
    struct label_status status;
    label_status_init(&status);
    assert_int_equal(silence(&label_brother, LABEL_BEFORE, 0, &status), LABEL_HEARD_NEXT);
    assert_said(&status, PRINTER_OFFLINE, LABEL_UNKNOWN);
    label_status_init(&status);
    assert_int_equal(silence(&label_brother, LABEL_AFTER, 0, &status), LABEL_HEARD_NEXT);
    assert_said(&status, PRINTER_UNKNOWN, LABEL_UNKNOWN);
}

static void test_brother_after_a_job(void **state) {
    (void)state;
    static const struct packet printing = {.w = 62, .type = 0x0A, .kind = 6, .phase = 1};
    static const struct packet done = {.w = 62, .type = 0x0A, .kind = 1};
    static const struct packet waiting = {.w = 62, .type = 0x0A, .kind = 6};
    static const struct packet cooling = {.w = 62, .type = 0x0A, .kind = 5, .notice = 3};
    uint8_t data[256];
    struct label_status status;
    size_t len = add_packet(data, printing);
    assert_int_equal(hear(&label_brother, LABEL_AFTER, 0, (char *)data, len, &status),
                     LABEL_HEARD_MORE);
    assert_said(&status, PRINTER_BUSY, LABEL_UNKNOWN);
    len += add_packet(data + len, cooling);
    hear(&label_brother, LABEL_DURING, 0, (char *)data, len, &status);
    assert_int_equal(status.state, PRINTER_HOT);
    len += add_packet(data + len, printing);
    len += add_packet(data + len, done);
    assert_int_equal(hear(&label_brother, LABEL_AFTER, 0, (char *)data, len, &status),
                     LABEL_HEARD_MORE);
    assert_int_equal(status.outcome, LABEL_PRINTED);
    len += add_packet(data + len, waiting);
    assert_int_equal(hear(&label_brother, LABEL_AFTER, 0, (char *)data, len, &status),
                     LABEL_HEARD_ENOUGH);
    assert_said(&status, PRINTER_READY, LABEL_PRINTED);
}

static void test_brother_fails_in_a_job(void **state) {
    (void)state;
    static const struct {
        uint8_t error_1, error_2;
        enum printer_state state;
        enum label_outcome outcome;
    } rows[] = {
        {0x02, 0, PRINTER_OUT_OF_LABELS, LABEL_LOST},
        {0x04, 0, PRINTER_JAM, LABEL_UNKNOWN},
        {0, 0x10, PRINTER_COVER_OPEN, LABEL_UNKNOWN},
        {0, 0x04, PRINTER_ERROR, LABEL_LOST},
        {0, 0x01, PRINTER_WRONG_LABELS, LABEL_LOST},
        {0, 0, PRINTER_ERROR, LABEL_UNKNOWN},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t data[96];
        struct label_status status;
        size_t len = add_packet(data, (struct packet){.kind = 6, .phase = 1});
        len += add_packet(data + len, (struct packet){.error_1 = rows[i].error_1,
                                                      .error_2 = rows[i].error_2,
                                                      .kind = 2});
        assert_int_equal(hear(&label_brother, LABEL_AFTER, 0, (char *)data, len, &status),
                         LABEL_HEARD_ENOUGH);
        assert_said(&status, rows[i].state, rows[i].outcome);
        // The cutter gets stuck behind a label that is out.
        len = add_packet(data, (struct packet){.kind = 1});
        len += add_packet(data + len, (struct packet){.error_1 = 4, .kind = 2});
        hear(&label_brother, LABEL_AFTER, 0, (char *)data, len, &status);
        assert_said(&status, PRINTER_JAM, LABEL_PRINTED);
    }
}

// ---- the others -------------------------------------------------------------------------

static enum label_heard hear_bytes(const struct label_language *l,
                                   enum label_moment moment, const char bytes[4],
                                   struct label_status *status) {
    enum label_heard heard = LABEL_HEARD_NEXT;
    label_status_init(status);
    for (int n = 0; n < 4 && heard == LABEL_HEARD_NEXT; n++) {
        const char answer[] = {'\xff', '\x00', bytes[n]}; // nobody's, then the answer
        assert_int_equal(hear(l, moment, n, answer, 2, status), LABEL_HEARD_MORE);
        heard = hear(l, moment, n, answer, 3, status);
    }
    return heard;
}

static void test_escpos_answers(void **state) {
    (void)state;
    static const struct {
        char bytes[4];
        enum printer_state state;
        bool is_low;
    } rows[] = {
        {{0x12, 0x12, 0x12, 0x12}, PRINTER_READY, false},
        {{0x12, 0x12, 0x12, 0x1E}, PRINTER_READY, true},
        {{0x1A, 0x12, 0x12, 0x12}, PRINTER_OFFLINE, false},
        {{0x1A, 0x16, 0x12, 0x12}, PRINTER_COVER_OPEN, false},
        {{0x1A, 0x32, 0x12, 0x72}, PRINTER_OUT_OF_LABELS, false},
        {{0x1A, 0x52, 0x1A, 0x12}, PRINTER_JAM, false},
        {{0x1A, 0x52, 0x32, 0x12}, PRINTER_ERROR, false},
        {{0x1A, 0x52, 0x52, 0x12}, PRINTER_HOT, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct label_status status;
        assert_int_equal(hear_bytes(&label_escpos, LABEL_BEFORE, rows[i].bytes, &status),
                         LABEL_HEARD_ENOUGH);
        assert_said(&status, rows[i].state, LABEL_UNKNOWN);
        assert_int_equal(status.is_low, rows[i].is_low);
        bool is_ready = rows[i].state == PRINTER_READY;
        enum label_heard heard =
            hear_bytes(&label_escpos, LABEL_AFTER, rows[i].bytes, &status);
        assert_int_equal(heard, is_ready ? LABEL_HEARD_NEXT : LABEL_HEARD_ENOUGH);
        assert_int_equal(status.outcome, is_ready ? LABEL_UNKNOWN : LABEL_WAITING);
    }
}

// Only the answer that comes in its turn proves that the label is out.
static void test_escpos_is_printed_in_its_turn(void **state) {
    (void)state;
    struct label_status status;
    struct label_question q;
    hear_bytes(&label_escpos, LABEL_AFTER, "\x12\x12\x12\x12", &status);
    assert_true(label_escpos.ask(LABEL_AFTER, &any, 4, &q));
    assert_memory_equal(q.data, "\x1D\x72\x01", 3);
    assert_int_equal(hear(&label_escpos, LABEL_AFTER, 4, "\x12\x12", 2, &status),
                     LABEL_HEARD_MORE);
    assert_int_equal(hear(&label_escpos, LABEL_AFTER, 4, "\x12\x00", 2, &status),
                     LABEL_HEARD_ENOUGH);
    assert_said(&status, PRINTER_READY, LABEL_PRINTED);
    hear_bytes(&label_escpos, LABEL_AFTER, "\x12\x12\x12\x12", &status);
    assert_int_equal(silence(&label_escpos, LABEL_AFTER, 4, &status), LABEL_HEARD_ENOUGH);
    assert_said(&status, PRINTER_READY, LABEL_UNKNOWN);
    label_status_init(&status);
    assert_int_equal(silence(&label_escpos, LABEL_BEFORE, 0, &status),
                     LABEL_HEARD_ENOUGH);
    assert_said(&status, PRINTER_UNKNOWN, LABEL_UNKNOWN);
}

static void test_epl_reports(void **state) {
    (void)state;
    static const struct {
        const char *text;
        enum printer_state state;
        enum label_outcome outcome;
    } rows[] = {
        {"00\r\n", PRINTER_READY, LABEL_UNKNOWN},
        {"\x15"
         "07P001\r\n",
         PRINTER_OUT_OF_LABELS, LABEL_WAITING},
        {"07R002\r\n", PRINTER_OUT_OF_RIBBON, LABEL_WAITING},
        {"11\r\n", PRINTER_COVER_OPEN, LABEL_UNKNOWN},
        {"62\r\n", PRINTER_HOT, LABEL_UNKNOWN},
        {"81\r\n", PRINTER_JAM, LABEL_UNKNOWN},
        {"92\r\n", PRINTER_PAUSED, LABEL_UNKNOWN},
        {"03\r\n", PRINTER_ERROR, LABEL_UNKNOWN},
        {"99 x\r\n11\r\nxx\r\n00\r\n", PRINTER_READY, LABEL_UNKNOWN},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct label_status status;
        label_status_init(&status);
        assert_int_equal(
            hear(&label_epl, LABEL_AFTER, 0, rows[i].text, strlen(rows[i].text), &status),
            LABEL_HEARD_ENOUGH);
        assert_said(&status, rows[i].state, rows[i].outcome);
    }
    struct label_status status;
    label_status_init(&status);
    assert_int_equal(hear(&label_epl, LABEL_BEFORE, 0, "0", 1, &status),
                     LABEL_HEARD_MORE);
    assert_int_equal(hear(&label_epl, LABEL_BEFORE, 0, "\xff?\r\n", 4, &status),
                     LABEL_HEARD_MORE);
    assert_int_equal(silence(&label_epl, LABEL_BEFORE, 0, &status), LABEL_HEARD_NEXT);
    assert_said(&status, PRINTER_UNKNOWN, LABEL_UNKNOWN);
}

static void test_tspl_bits(void **state) {
    (void)state;
    static const struct {
        char bits;
        enum printer_state state;
        enum label_outcome outcome;
    } rows[] = {
        {0x00, PRINTER_READY, LABEL_UNKNOWN},
        {0x01, PRINTER_COVER_OPEN, LABEL_WAITING},
        {0x02, PRINTER_JAM, LABEL_WAITING},
        {0x04, PRINTER_OUT_OF_LABELS, LABEL_WAITING},
        {0x05, PRINTER_COVER_OPEN, LABEL_WAITING},
        {0x08, PRINTER_OUT_OF_RIBBON, LABEL_WAITING},
        {0x10, PRINTER_PAUSED, LABEL_WAITING},
        {0x20, PRINTER_BUSY, LABEL_WAITING},
        {0x40, PRINTER_COVER_OPEN, LABEL_WAITING},
        {'\x80', PRINTER_ERROR, LABEL_WAITING},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct label_status status;
        const char answer[] = {0x04,
                               rows[i].bits}; // the first answers an earlier question
        label_status_init(&status);
        hear(&label_tspl, LABEL_AFTER, 0, answer, 2, &status);
        assert_said(&status, rows[i].state, rows[i].outcome);
    }
}

// It says nothing of a label but whether it prints: seen at it and then idle, the label is out.
static void test_tspl_watches_the_label(void **state) {
    (void)state;
    struct label_status status;
    label_status_init(&status);
    assert_int_equal(hear(&label_tspl, LABEL_AFTER, 0, "\x00", 1, &status),
                     LABEL_HEARD_NEXT);
    assert_int_equal(hear(&label_tspl, LABEL_AFTER, 1, "\x20", 1, &status),
                     LABEL_HEARD_NEXT);
    assert_int_equal(hear(&label_tspl, LABEL_AFTER, 2, "\x20", 1, &status),
                     LABEL_HEARD_NEXT);
    assert_int_equal(hear(&label_tspl, LABEL_AFTER, 3, "\x00", 1, &status),
                     LABEL_HEARD_ENOUGH);
    assert_said(&status, PRINTER_READY, LABEL_PRINTED);
    label_status_init(&status);
    hear(&label_tspl, LABEL_AFTER, 0, "\x20", 1, &status);
    assert_int_equal(hear(&label_tspl, LABEL_AFTER, 1, "\x04", 1, &status),
                     LABEL_HEARD_ENOUGH);
    assert_said(&status, PRINTER_OUT_OF_LABELS, LABEL_WAITING);
    assert_int_equal(silence(&label_tspl, LABEL_AFTER, 2, &status), LABEL_HEARD_ENOUGH);
    assert_said(&status, PRINTER_UNKNOWN, LABEL_UNKNOWN);
}

// No language may wait for ever, or speak of ready after nothing but noise.
static void test_noise_ends_with_patience(void **state) {
    (void)state;
    char noise[600];
    for (size_t i = 0; i < sizeof noise; i++) {
        noise[i] = (char)(0x80 | (i * 7 % 128));
    }
    for (size_t l = 0; label_languages[l]; l++) {
        if (label_languages[l] == &label_tspl) {
            continue; // every byte is an answer of it
        }
        struct label_status status;
        struct label_question q;
        label_status_init(&status);
        for (int n = 0; label_languages[l]->ask(LABEL_BEFORE, &any, n, &q); n++) {
            struct label_hearing h = {LABEL_BEFORE, n,   &any, (uint8_t *)noise,
                                      sizeof noise, true};
            assert_true(q.len > 0 && q.patience_ms > 0);
            assert_int_not_equal(label_languages[l]->hear(&h, &status), LABEL_HEARD_MORE);
        }
        assert_true(status.state == PRINTER_UNKNOWN || status.state == PRINTER_OFFLINE);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_zpl_host_status),
        cmocka_unit_test(test_zpl_finds_the_answer_in_the_rest),
        cmocka_unit_test(test_zpl_errors_behind_silence),
        cmocka_unit_test(test_zpl_silence_is_an_answer),
        cmocka_unit_test(test_zpl_says_its_dpi),
        cmocka_unit_test(test_brother_before_a_job),
        cmocka_unit_test(test_brother_names_the_wrong_roll),
        cmocka_unit_test(test_brother_silence_is_off),
        cmocka_unit_test(test_brother_after_a_job),
        cmocka_unit_test(test_brother_fails_in_a_job),
        cmocka_unit_test(test_escpos_answers),
        cmocka_unit_test(test_escpos_is_printed_in_its_turn),
        cmocka_unit_test(test_epl_reports),
        cmocka_unit_test(test_tspl_bits),
        cmocka_unit_test(test_tspl_watches_the_label),
        cmocka_unit_test(test_noise_ends_with_patience),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
