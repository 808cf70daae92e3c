#include "app/devices/hid_pos.h"

#include <string.h>

// The valid bytes of the data field. False: the report is too short to tell.
static bool pos_data_bytes(const struct hid_pos_report *r, const uint8_t *report,
                           size_t len, size_t *out) {
    uint32_t value = 0;
    if (r->length.count > 0) {
        if (!hid_report_get(report, len, &r->length, 0, &value)) {
            return false;
        }
        *out = value < r->data.count ? value : r->data.count;
        return true;
    }
    // Without a byte count the field is padded with zeros.
    size_t used = r->data.count;
    while (used > 0 && hid_report_get(report, len, &r->data, used - 1, &value) &&
           value == 0) {
        used--;
    }
    *out = used;
    return len >= r->bytes;
}

static bool pos_add_data(struct hid_pos *p, const struct hid_pos_report *r,
                         const uint8_t *report, size_t len) {
    size_t used = 0;
    uint32_t value = 0;
    if (!pos_data_bytes(r, report, len, &used)) {
        return false;
    }
    for (size_t i = 0; i < used; i++) {
        if (!hid_report_get(report, len, &r->data, i, &value)) {
            return false;
        }
        if (p->len < sizeof p->bytes) {
            p->bytes[p->len++] = (uint8_t)value;
        }
    }
    return true;
}

// The symbology id of the first part. What is no AIM id ("]" letter digit) is none.
static bool pos_set_aim(struct hid_pos *p, const struct hid_pos_report *r,
                        const uint8_t *report, size_t len) {
    char aim[4] = {0};
    for (size_t i = 0; i < 3; i++) {
        uint32_t value = 0;
        if (r->aim[i].count > 0 && !hid_report_get(report, len, &r->aim[i], 0, &value)) {
            return false;
        }
        aim[i] = value > 0x20 && value < 0x7F ? (char)value : 0;
    }
    (void)memset(p->aim, 0, sizeof p->aim);
    if (aim[0] == ']' && aim[1] && aim[2]) {
        (void)memcpy(p->aim, aim, sizeof aim);
    }
    return true;
}

static void pos_start(struct hid_pos *p) {
    p->len = 0;
    p->is_open = p->is_damaged = false;
    p->why = SCAN_REFUSED_NOT;
}

static enum hid_pos_event pos_refuse(struct hid_pos *p, enum scan_refusal why,
                                     bool has_rest) {
    pos_start(p);
    p->is_damaged = has_rest;
    p->why = why;
    return HID_POS_REFUSED;
}

enum hid_pos_event hid_pos_take(struct hid_pos *p, const struct hid_pos_report *r,
                                const uint8_t *report, size_t len, uint64_t mono_ms) {
    bool is_first = !p->is_open;
    p->last_ms = mono_ms;
    uint32_t more = 0;
    bool knows_more =
        r->more.count == 0 || hid_report_get(report, len, &r->more, 0, &more);
    bool goes_on = (more & 1) != 0;
    if (p->is_damaged) {
        p->is_damaged = !knows_more || goes_on;
        return HID_POS_NOTHING;
    }
    if (is_first) {
        pos_start(p);
    }
    bool is_whole = (!is_first || pos_set_aim(p, r, report, len)) &&
                    pos_add_data(p, r, report, len) && knows_more;
    if (!is_whole) {
        return pos_refuse(p, SCAN_REFUSED_SHORT, !knows_more || goes_on);
    }
    p->is_open = goes_on;
    return !goes_on && p->len > 0 ? HID_POS_CODE : HID_POS_NOTHING;
}

uint64_t hid_pos_deadline_ms(const struct hid_pos *p) {
    if (p->is_damaged) {
        return p->last_ms + HID_POS_DAMAGED_MS;
    }
    return p->is_open ? p->last_ms + HID_POS_SILENCE_MS : UINT64_MAX;
}

enum hid_pos_event hid_pos_expire(struct hid_pos *p, uint64_t now_ms) {
    if (now_ms < hid_pos_deadline_ms(p)) {
        return HID_POS_NOTHING;
    }
    if (p->is_damaged) {
        p->is_damaged = false;
        return HID_POS_NOTHING;
    }
    return pos_refuse(p, SCAN_REFUSED_CUT, false);
}

enum hid_pos_event hid_pos_break(struct hid_pos *p, uint64_t now_ms) {
    if (!p->is_open) {
        return HID_POS_NOTHING;
    }
    p->last_ms = now_ms;
    return pos_refuse(p, SCAN_REFUSED_CUT, true);
}
