// A report descriptor, then reports through the decoder. Input: u16 length of the descriptor
// (little-endian), the descriptor, one byte of settings, then reports, each behind a byte of
// length and a byte of pause in units of 4 ms (255: the device fails).
#include "app/devices/hid_decoder.h"
#include "app/devices/keyboard_match.h"
#include "sync/base/mem.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void hear(void *context, const struct scan *scan) {
    CHECK(scan->len >= 1 && scan->len <= SCAN_BYTES_MAX);
    struct hid_decoder *d = context;
    if (d->keys.strokes_count > 0 && d->keys.strokes_count <= HID_KEYS_KEPT &&
        keyboard_match_is_calibration(d->keys.strokes, d->keys.strokes_count)) {
        struct keyboard_match m;
        char text[KEYBOARD_MATCH_TEXT_SIZE];
        keyboard_match_find(d->keys.strokes, d->keys.strokes_count, &m);
        CHECK(strlen(keyboard_match_text(&m, text)) < sizeof text);
    }
}

static void hear_refusal(void *context, enum scan_refusal why) {
    (void)context;
    CHECK(why > SCAN_REFUSED_NOT && why < SCAN_REFUSED_COUNT);
}

static void check_span(const struct hid_span *s, size_t bytes) {
    CHECK(s->count == 0 || (size_t)s->at + (size_t)s->bits * s->count <= bytes * 8);
}

static void check_layout(const struct hid_layout *l) {
    CHECK((l->kind == HID_POS) == (l->pos_count > 0));
    CHECK(l->pos_count <= HID_REPORTS_MAX && l->key_count <= HID_REPORTS_MAX);
    for (size_t i = 0; i < l->pos_count; i++) {
        const struct hid_pos_report *r = &l->pos[i];
        CHECK(r->bytes <= HID_REPORT_BYTES_MAX && r->data.count > 0 && r->data.bits == 8);
        check_span(&r->length, r->bytes);
        check_span(&r->data, r->bytes);
        check_span(&r->more, r->bytes);
        for (size_t k = 0; k < 3; k++) {
            check_span(&r->aim[k], r->bytes);
        }
    }
    for (size_t i = 0; i < l->key_count; i++) {
        const struct hid_key_report *r = &l->key[i];
        CHECK(r->bytes <= HID_REPORT_BYTES_MAX);
        check_span(&r->array, r->bytes);
        check_span(&r->bitmap, r->bytes);
        for (size_t k = 0; k < 8; k++) {
            check_span(&r->modifiers[k], r->bytes);
        }
    }
}

static void feed(struct hid_decoder *d, const uint8_t *data, size_t len) {
    uint64_t now_ms = 1;
    for (size_t at = 0; len - at >= 2;) {
        size_t bytes = data[at] < len - at - 2 ? data[at] : len - at - 2;
        uint8_t pause = data[at + 1];
        now_ms += pause * 4U;
        // An exact heap copy lets ASan see a read past the end.
        uint8_t *report = mem_copy(data + at + 2, bytes);
        hid_decoder_take(d, report, bytes, now_ms);
        mem_free(report);
        if (pause == 255) {
            hid_decoder_break(d, now_ms);
        }
        at += 2 + bytes;
    }
    hid_decoder_expire(d, now_ms + HID_POS_SILENCE_MS);
    CHECK(hid_decoder_deadline_ms(d) == UINT64_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
    static struct hid_decoder d;
    struct hid_layout layout;
    if (len < 3) {
        return 0;
    }
    size_t bytes = data[0] | (size_t)data[1] << 8;
    bytes = bytes < len - 3 ? bytes : len - 3;
    uint8_t *descriptor = mem_copy(data + 2, bytes);
    enum err e = hid_report_parse(descriptor, bytes, &layout);
    mem_free(descriptor);
    check_layout(&layout);
    if (e != ERR_NONE) {
        CHECK(layout.kind == HID_OTHER);
        return 0;
    }
    uint8_t set = data[2 + bytes];
    struct hid_settings settings = {.has_aim_prefix = (set & 8) != 0,
                                    .suffix = (set & 16)   ? ""
                                              : (set & 32) ? "\t"
                                                           : NULL,
                                    .prefix = (set & 64) ? "B" : NULL,
                                    .layout = keyboard_layout_get(set & 7)};
    struct hid_sink sink = {hear, hear_refusal, &d};
    hid_decoder_init(&d, &layout, &settings, &sink);
    feed(&d, data + 3 + bytes, len - 3 - bytes);
    return 0;
}
