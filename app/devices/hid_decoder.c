#include "app/devices/hid_decoder.h"

#include <string.h>

#include "app/devices/symbology.h"

void hid_decoder_init(struct hid_decoder *d, const struct hid_layout *layout,
                      const struct hid_settings *settings, const struct hid_sink *sink) {
    *d = (struct hid_decoder){.layout = *layout, .settings = *settings, .sink = *sink};
    d->keys.layout = settings->layout ? settings->layout : keyboard_layout_get(0);
    d->keys.suffix = settings->suffix;
    d->keys.gap_ms = settings->gap_ms;
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

static size_t decoder_prefix_bytes(const struct hid_decoder *d) {
    return d->settings.prefix ? strlen(d->settings.prefix) : 0;
}

// aim: what the report said. Posts the code without its frame.
static void decoder_deliver(struct hid_decoder *d, const char *aim, const uint8_t *b,
                            size_t len, uint64_t mono_ms) {
    char prefixed[4] = {0};
    len -= decoder_suffix_bytes(d, b, len);
    size_t prefix = decoder_prefix_bytes(d);
    if (prefix > 0 && len > 0) {
        if (prefix > len || memcmp(b, d->settings.prefix, prefix) != 0) {
            decoder_refuse(d, SCAN_REFUSED_PREFIX);
            return;
        }
        b += prefix;
        len -= prefix;
    }
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

static void decoder_tell_keys(struct hid_decoder *d, enum hid_keys_event event) {
    if (event == HID_KEYS_CODE) {
        decoder_deliver(d, "", d->keys.bytes, d->keys.len, d->keys.last_ms);
    } else if (event == HID_KEYS_REFUSED) {
        decoder_refuse(d, d->keys.why);
    }
}

static void decoder_take_keys(struct hid_decoder *d, const struct hid_key_report *r,
                              const uint8_t *report, size_t len, uint64_t mono_ms) {
    struct hid_stroke strokes[HID_KEYS_STROKES];
    size_t count = hid_keys_read(&d->keys, r, report, len, strokes);
    for (size_t i = 0; i < count; i++) {
        decoder_tell_keys(d, hid_keys_press(&d->keys, strokes[i], mono_ms));
    }
}

void hid_decoder_take(struct hid_decoder *d, const uint8_t *report, size_t len,
                      uint64_t mono_ms) {
    // A report that is read late is no silence of a keyboard: only expire says there was one.
    decoder_tell_pos(d, hid_pos_expire(&d->pos, mono_ms), mono_ms);
    if (len == 0) {
        return; // a zero-length packet
    }
    const struct hid_layout *l = &d->layout;
    uint8_t id = l->has_ids ? report[0] : 0;
    for (size_t i = 0; i < l->pos_count; i++) {
        if (l->pos[i].id == id) {
            decoder_tell_pos(d, hid_pos_take(&d->pos, &l->pos[i], report, len, mono_ms),
                             mono_ms);
            return;
        }
    }
    for (size_t i = 0; i < l->key_count; i++) {
        if (l->key[i].id == id) {
            decoder_take_keys(d, &l->key[i], report, len, mono_ms);
            return;
        }
    }
}

uint64_t hid_decoder_deadline_ms(const struct hid_decoder *d) {
    uint64_t pos = hid_pos_deadline_ms(&d->pos);
    uint64_t keys = hid_keys_deadline_ms(&d->keys);
    return pos < keys ? pos : keys;
}

void hid_decoder_expire(struct hid_decoder *d, uint64_t now_ms) {
    decoder_tell_pos(d, hid_pos_expire(&d->pos, now_ms), now_ms);
    decoder_tell_keys(d, hid_keys_expire(&d->keys, now_ms));
}

void hid_decoder_break(struct hid_decoder *d, uint64_t now_ms) {
    decoder_tell_pos(d, hid_pos_break(&d->pos, now_ms), now_ms);
    decoder_tell_keys(d, hid_keys_break(&d->keys, now_ms));
}
