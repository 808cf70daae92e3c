#include "app/devices/hid_decoder.h"

#include <string.h>

#include "app/devices/symbology.h"

void hid_decoder_init(struct hid_decoder *d, const struct hid_layout *layout,
                      const struct hid_settings *settings, const struct hid_sink *sink) {
    *d = (struct hid_decoder){.layout = *layout, .settings = *settings, .sink = *sink};
}

static void decoder_refuse(struct hid_decoder *d, enum scan_refusal why) {
    d->refused[why]++;
    if (d->sink.refuse) {
        d->sink.refuse(d->sink.context, why);
    }
}

// How many bytes the suffix takes at the end.
static size_t decoder_suffix_bytes(const struct hid_decoder *d, const uint8_t *b,
                                   size_t len) {
    const char *suffix = d->settings.suffix;
    if (suffix) {
        size_t n = strlen(suffix);
        return n <= len && memcmp(b + len - n, suffix, n) == 0 ? n : 0;
    }
    if (len >= 2 && b[len - 2] == '\r' && b[len - 1] == '\n') {
        return 2;
    }
    return len >= 1 && (b[len - 1] == '\r' || b[len - 1] == '\n' || b[len - 1] == '\t');
}

// aim: what the report said. Posts the code without its frame.
static void decoder_deliver(struct hid_decoder *d, const char *aim, const uint8_t *b,
                            size_t len, uint64_t mono_ms) {
    char prefixed[4] = {0};
    len -= decoder_suffix_bytes(d, b, len);
    if (d->settings.has_aim_prefix && len >= 3 && b[0] == ']') {
        (void)memcpy(prefixed, b, 3);
        aim = prefixed;
        b += 3;
        len -= 3;
    }
    enum scan_refusal why = symbology_undo_escapes(aim, b, len, &d->scan);
    if (why) {
        decoder_refuse(d, why);
    } else if (d->scan.len > 0) {
        d->scan.mono_ms = mono_ms;
        d->scans++;
        d->sink.post(d->sink.context, &d->scan);
    }
}

static void decoder_tell_pos(struct hid_decoder *d, enum hid_pos_event event,
                             uint64_t mono_ms) {
    if (event == HID_POS_CODE) {
        decoder_deliver(d, d->pos.aim, d->pos.bytes, d->pos.len, mono_ms);
    } else if (event == HID_POS_REFUSED) {
        decoder_refuse(d, d->pos.why);
    }
}

void hid_decoder_take(struct hid_decoder *d, const uint8_t *report, size_t len,
                      uint64_t mono_ms) {
    hid_decoder_expire(d, mono_ms);
    if (len == 0) {
        return; // a zero-length packet
    }
    uint8_t id = d->layout.has_ids ? report[0] : 0;
    for (size_t i = 0; i < d->layout.pos_count; i++) {
        if (d->layout.pos[i].id == id) {
            decoder_tell_pos(
                d, hid_pos_take(&d->pos, &d->layout.pos[i], report, len, mono_ms),
                mono_ms);
            return;
        }
    }
}

uint64_t hid_decoder_deadline_ms(const struct hid_decoder *d) {
    return hid_pos_deadline_ms(&d->pos);
}

void hid_decoder_expire(struct hid_decoder *d, uint64_t now_ms) {
    decoder_tell_pos(d, hid_pos_expire(&d->pos, now_ms), now_ms);
}

void hid_decoder_break(struct hid_decoder *d, uint64_t now_ms) {
    decoder_tell_pos(d, hid_pos_break(&d->pos, now_ms), now_ms);
}
