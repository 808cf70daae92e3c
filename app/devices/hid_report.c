#include "app/devices/hid_report.h"

#include <string.h>

enum {
    COLLECTIONS_MAX = 16,
    PUSHES_MAX = 8,
    RANGES_MAX = 32, // usages named for one main item; further ones are ignored
    VALUE_BITS_MAX = 32,
    FLAG_CONSTANT = 1,
    FLAG_VARIABLE = 2
};

// Items without their size bits.
enum {
    ITEM_INPUT = 0x80,
    ITEM_COLLECTION = 0xA0,
    ITEM_FEATURE = 0xB0,
    ITEM_END_COLLECTION = 0xC0,
    ITEM_OUTPUT = 0x90,
    ITEM_USAGE_PAGE = 0x04,
    ITEM_LOGICAL_MIN = 0x14,
    ITEM_REPORT_SIZE = 0x74,
    ITEM_REPORT_ID = 0x84,
    ITEM_REPORT_COUNT = 0x94,
    ITEM_PUSH = 0xA4,
    ITEM_POP = 0xB4,
    ITEM_USAGE = 0x08,
    ITEM_USAGE_MIN = 0x18,
    ITEM_USAGE_MAX = 0x28,
    ITEM_DELIMITER = 0xA8,
    ITEM_LONG = 0xFE // the whole first byte
};

enum { PAGE_DESKTOP = 0x01, PAGE_KEYS = 0x07, PAGE_BAR_CODE = 0x8C };

// Page and usage in one number, as extended usages have it.
#define USAGE(page, usage) (((uint32_t)(page) << 16) | (usage))

struct usage_range {
    uint32_t first, last; // usages; with the page when is_extended
    bool is_extended;
};

struct globals {
    uint32_t page, size_bits, count;
    int32_t logical_min;
    uint8_t id;
};

struct parse {
    struct globals g, pushed[PUSHES_MAX];
    size_t pushed_count;
    struct usage_range ranges[RANGES_MAX];
    size_t ranges_count;
    struct usage_range open; // a Usage Minimum waits for its Maximum, or the reverse
    bool has_min, has_max;
    bool is_delimited, is_alternative; // in a set of usages; its first was taken
    uint32_t collections[COLLECTIONS_MAX];
    size_t depth;
    uint32_t bits[256]; // input bits so far, by report id, without the id byte
    struct hid_layout *out;
};

struct item {
    uint8_t tag;  // with the type, without the size
    uint8_t size; // bytes of value
    uint32_t value;
};

static int32_t item_signed(const struct item *it) {
    if (it->size == 1) {
        return (int8_t)it->value;
    }
    return it->size == 2 ? (int16_t)it->value : (int32_t)it->value;
}

static void parse_clear_locals(struct parse *p) {
    p->ranges_count = 0;
    p->has_min = p->has_max = false;
    p->is_delimited = p->is_alternative = false;
}

static void parse_add_range(struct parse *p, struct usage_range r) {
    if (p->is_delimited && p->is_alternative) {
        return; // only the first, preferred usage of a set counts
    }
    p->is_alternative = p->is_delimited;
    if (p->ranges_count < RANGES_MAX && r.first <= r.last) {
        p->ranges[p->ranges_count++] = r;
    }
}

static void parse_local(struct parse *p, const struct item *it) {
    bool is_extended = it->size == 4;
    switch (it->tag) {
    case ITEM_USAGE:
        parse_add_range(p, (struct usage_range){it->value, it->value, is_extended});
        return;
    case ITEM_USAGE_MIN:
        p->open.first = it->value;
        p->has_min = true;
        break;
    case ITEM_USAGE_MAX:
        p->open.last = it->value;
        p->has_max = true;
        break;
    case ITEM_DELIMITER:
        p->is_delimited = it->value != 0;
        p->is_alternative = false;
        return;
    default:
        return; // designators and strings
    }
    if (p->has_min && p->has_max) {
        p->open.is_extended = is_extended;
        parse_add_range(p, p->open);
        p->has_min = p->has_max = false;
    }
}

static enum err parse_push_pop(struct parse *p, uint8_t tag) {
    if (tag == ITEM_PUSH) {
        if (p->pushed_count == PUSHES_MAX) {
            return ERR_LIMIT;
        }
        p->pushed[p->pushed_count++] = p->g;
        return ERR_NONE;
    }
    if (p->pushed_count == 0) {
        return ERR_INPUT;
    }
    p->g = p->pushed[--p->pushed_count];
    return ERR_NONE;
}

static enum err parse_id(struct parse *p, uint32_t id) {
    // Without an id the first byte of a report would be data in some and an id in others.
    if (id == 0 || id > 255 || p->bits[0] > 0) {
        return ERR_INPUT;
    }
    p->g.id = (uint8_t)id;
    p->out->has_ids = true;
    return ERR_NONE;
}

static enum err parse_global(struct parse *p, const struct item *it) {
    switch (it->tag) {
    case ITEM_USAGE_PAGE:
        p->g.page = it->value & 0xFFFF;
        break;
    case ITEM_LOGICAL_MIN:
        p->g.logical_min = item_signed(it);
        break;
    case ITEM_REPORT_SIZE:
        p->g.size_bits = it->value;
        break;
    case ITEM_REPORT_COUNT:
        p->g.count = it->value;
        break;
    case ITEM_REPORT_ID:
        return parse_id(p, it->value);
    case ITEM_PUSH:
    case ITEM_POP:
        return parse_push_pop(p, it->tag);
    default: // maxima and units
        break;
    }
    return ERR_NONE;
}

// The usage of control `index` of the main item; the last one named stands for all
// further controls. 0: none named. The page is the one in force at the main item.
static uint32_t parse_usage(const struct parse *p, uint32_t index) {
    uint32_t usage = 0;
    for (size_t i = 0; i < p->ranges_count; i++) {
        const struct usage_range *r = &p->ranges[i];
        uint32_t span = r->last - r->first;
        uint32_t page = r->is_extended ? 0 : USAGE(p->g.page, 0);
        if (index <= span) {
            return page | (r->first + index);
        }
        usage = page | r->last;
        index -= span + 1;
    }
    return usage;
}

static bool parse_is_inside(const struct parse *p, uint32_t first, uint32_t last) {
    for (size_t i = 0; i < p->depth; i++) {
        if (p->collections[i] >= first && p->collections[i] <= last) {
            return true;
        }
    }
    return false;
}

static struct hid_pos_report *parse_pos_report(struct parse *p) {
    struct hid_layout *out = p->out;
    for (size_t i = 0; i < out->pos_count; i++) {
        if (out->pos[i].id == p->g.id) {
            return &out->pos[i];
        }
    }
    if (out->pos_count == HID_REPORTS_MAX) {
        return NULL;
    }
    out->pos[out->pos_count].id = p->g.id;
    return &out->pos[out->pos_count++];
}

static struct hid_key_report *parse_key_report(struct parse *p) {
    struct hid_layout *out = p->out;
    for (size_t i = 0; i < out->key_count; i++) {
        if (out->key[i].id == p->g.id) {
            return &out->key[i];
        }
    }
    if (out->key_count == HID_REPORTS_MAX) {
        return NULL;
    }
    out->key[out->key_count].id = p->g.id;
    return &out->key[out->key_count++];
}

// Data may be one field, a field a byte, or one wide field of "buffered bytes".
static void pos_add_data(struct hid_pos_report *r, uint32_t at, uint32_t size_bits) {
    if (size_bits % 8 != 0) {
        return;
    }
    if (r->data.count == 0) {
        r->data = (struct hid_span){(uint16_t)at, 8, (uint16_t)(size_bits / 8)};
    } else if (at == r->data.at + 8U * r->data.count) {
        r->data.count = (uint16_t)(r->data.count + size_bits / 8);
    }
}

static void pos_add_control(struct hid_pos_report *r, uint32_t usage, uint32_t at,
                            uint32_t size_bits) {
    if (usage == USAGE(PAGE_BAR_CODE, 0xFE)) {
        pos_add_data(r, at, size_bits);
        return;
    }
    if (size_bits > VALUE_BITS_MAX) {
        return;
    }
    struct hid_span one = {(uint16_t)at, (uint16_t)size_bits, 1};
    if (usage == USAGE(PAGE_DESKTOP, 0x3B) && r->length.count == 0) {
        r->length = one;
    } else if (usage == USAGE(PAGE_BAR_CODE, 0xFF) && r->more.count == 0) {
        r->more = one;
    } else if (usage >= USAGE(PAGE_BAR_CODE, 0xFB) &&
               usage <= USAGE(PAGE_BAR_CODE, 0xFD)) {
        // Three controls may share the usage FB.
        size_t i = usage - USAGE(PAGE_BAR_CODE, 0xFB);
        while (i < 3 && r->aim[i].count > 0) {
            i++;
        }
        if (i < 3) {
            r->aim[i] = one;
        }
    }
}

static void key_add_control(struct hid_key_report *r, uint32_t usage, uint32_t at,
                            uint32_t size_bits) {
    uint32_t key = usage & 0xFFFF;
    if (usage >> 16 != PAGE_KEYS || size_bits > VALUE_BITS_MAX) {
        return;
    }
    if (key >= 0xE0 && key <= 0xE7) {
        if (r->modifiers[key - 0xE0].count == 0) {
            r->modifiers[key - 0xE0] =
                (struct hid_span){(uint16_t)at, (uint16_t)size_bits, 1};
        }
    } else if (size_bits == 1 && r->bitmap.count == 0) {
        r->bitmap = (struct hid_span){(uint16_t)at, 1, 1};
        r->bitmap_key = (uint16_t)key;
    } else if (size_bits == 1 && at == r->bitmap.at + (uint32_t)r->bitmap.count &&
               key == r->bitmap_key + (uint32_t)r->bitmap.count) {
        r->bitmap.count++;
    }
}

static void parse_key_array(struct parse *p, struct hid_key_report *r, uint32_t at) {
    uint32_t first = parse_usage(p, 0);
    if (first >> 16 != PAGE_KEYS || p->g.size_bits > VALUE_BITS_MAX ||
        r->array.count > 0) {
        return;
    }
    r->array =
        (struct hid_span){(uint16_t)at, (uint16_t)p->g.size_bits, (uint16_t)p->g.count};
    r->array_key = (uint16_t)(first & 0xFFFF);
    r->array_min = p->g.logical_min;
}

// One Input item of a POS scanner or a keyboard, whose size was found to be in bounds.
static void parse_input_controls(struct parse *p, uint32_t flags, uint32_t at) {
    bool is_pos =
        parse_is_inside(p, USAGE(PAGE_BAR_CODE, 2), USAGE(PAGE_BAR_CODE, 5)) &&
        !parse_is_inside(p, USAGE(PAGE_BAR_CODE, 0x13), USAGE(PAGE_BAR_CODE, 0x13));
    bool is_keys = parse_is_inside(p, USAGE(PAGE_DESKTOP, 6), USAGE(PAGE_DESKTOP, 6));
    struct hid_pos_report *pos = is_pos ? parse_pos_report(p) : NULL;
    struct hid_key_report *keys = is_keys && !is_pos ? parse_key_report(p) : NULL;
    if (keys && !(flags & FLAG_VARIABLE)) {
        parse_key_array(p, keys, at);
        return;
    }
    for (uint32_t i = 0; i < p->g.count && (pos || keys); i++) {
        uint32_t usage = parse_usage(p, i);
        if (pos) {
            pos_add_control(pos, usage, at + i * p->g.size_bits, p->g.size_bits);
        } else {
            key_add_control(keys, usage, at + i * p->g.size_bits, p->g.size_bits);
        }
    }
}

static enum err parse_input(struct parse *p, uint32_t flags) {
    uint64_t bits = (uint64_t)p->g.size_bits * p->g.count;
    uint32_t at = p->bits[p->g.id] + (p->g.id ? 8 : 0);
    if (bits == 0) {
        return ERR_NONE;
    }
    if (bits > HID_REPORT_BYTES_MAX * 8 || at + bits > HID_REPORT_BYTES_MAX * 8) {
        return ERR_LIMIT;
    }
    if (!(flags & FLAG_CONSTANT)) {
        parse_input_controls(p, flags, at);
    }
    p->bits[p->g.id] += (uint32_t)bits;
    return ERR_NONE;
}

static enum err parse_main(struct parse *p, const struct item *it) {
    enum err e = ERR_NONE;
    switch (it->tag) {
    case ITEM_COLLECTION:
        if (p->depth == COLLECTIONS_MAX) {
            return ERR_LIMIT;
        }
        p->collections[p->depth++] = parse_usage(p, 0);
        break;
    case ITEM_END_COLLECTION:
        if (p->depth == 0) {
            return ERR_INPUT;
        }
        p->depth--;
        break;
    case ITEM_INPUT:
        e = parse_input(p, it->value);
        break;
    case ITEM_FEATURE:
        p->out->has_wake = p->out->has_wake || p->g.id == HID_WAKE_REPORT_ID;
        break;
    default: // output reports
        break;
    }
    parse_clear_locals(p);
    return e;
}

static enum err parse_item(struct parse *p, const struct item *it) {
    switch (it->tag & 0x0C) {
    case 0x00:
        return parse_main(p, it);
    case 0x04:
        return parse_global(p, it);
    case 0x08:
        parse_local(p, it);
        return ERR_NONE;
    default:
        return ERR_NONE; // reserved
    }
}

// Bytes that the item at d takes, its value in *out; 0 when it is cut short. A long item
// has tag 0xFC, which is reserved.
static size_t item_read(const uint8_t *d, size_t len, struct item *out) {
    static const uint8_t sizes[] = {0, 1, 2, 4};
    *out = (struct item){.tag = d[0] & 0xFC, .size = sizes[d[0] & 3]};
    if (d[0] == ITEM_LONG) {
        return len >= 3 && len - 3 >= d[1] ? 3U + d[1] : 0;
    }
    if (len - 1 < out->size) {
        return 0;
    }
    for (unsigned i = 0; i < out->size; i++) {
        out->value |= (uint32_t)d[1 + i] << (8 * i);
    }
    return 1U + out->size;
}

static enum err parse_items(struct parse *p, const uint8_t *d, size_t len) {
    for (size_t at = 0; at < len;) {
        struct item it;
        size_t used = item_read(d + at, len - at, &it);
        if (used == 0) {
            return ERR_INPUT;
        }
        at += used;
        enum err e = parse_item(p, &it);
        if (e != ERR_NONE) {
            return e;
        }
    }
    return p->depth == 0 && p->pushed_count == 0 ? ERR_NONE : ERR_INPUT;
}

static uint16_t parse_report_bytes(const struct parse *p, uint8_t id) {
    return (uint16_t)((p->bits[id] + 7) / 8 + (id ? 1 : 0));
}

// Keeps the reports that can deliver something.
static void parse_finish_layout(struct parse *p) {
    struct hid_layout *out = p->out;
    size_t kept = 0;
    for (size_t i = 0; i < out->pos_count; i++) {
        if (out->pos[i].data.count > 0) {
            out->pos[kept] = out->pos[i];
            out->pos[kept].bytes = parse_report_bytes(p, out->pos[i].id);
            kept++;
        }
    }
    out->pos_count = kept;
    kept = 0;
    for (size_t i = 0; i < out->key_count; i++) {
        if (out->key[i].array.count > 0 || out->key[i].bitmap.count > 0) {
            out->key[kept] = out->key[i];
            out->key[kept].bytes = parse_report_bytes(p, out->key[i].id);
            kept++;
        }
    }
    out->key_count = kept;
    out->kind = out->pos_count > 0   ? HID_POS
                : out->key_count > 0 ? HID_KEYBOARD
                                     : HID_OTHER;
}

enum err hid_report_parse(const uint8_t *descriptor, size_t len, struct hid_layout *out) {
    *out = (struct hid_layout){0};
    if (len > HID_DESCRIPTOR_BYTES_MAX) {
        return ERR_LIMIT;
    }
    struct parse p = {.out = out};
    enum err e = parse_items(&p, descriptor, len);
    if (e != ERR_NONE) {
        *out = (struct hid_layout){0};
        return e;
    }
    parse_finish_layout(&p);
    return ERR_NONE;
}

void hid_report_boot_layout(struct hid_layout *out) {
    *out = (struct hid_layout){.kind = HID_KEYBOARD, .key_count = 1};
    struct hid_key_report *r = &out->key[0];
    r->bytes = 8;
    for (uint16_t i = 0; i < 8; i++) {
        r->modifiers[i] = (struct hid_span){i, 1, 1};
    }
    r->array = (struct hid_span){16, 8, 6};
}

bool hid_report_get(const uint8_t *report, size_t len, const struct hid_span *span,
                    size_t index, uint32_t *out) {
    size_t at = span->at + index * span->bits;
    if (index >= span->count || span->bits > VALUE_BITS_MAX ||
        at + span->bits > len * 8) {
        return false;
    }
    if (span->bits == 8 && at % 8 == 0) {
        *out = report[at / 8];
        return true;
    }
    uint32_t value = 0;
    for (size_t i = 0; i < span->bits; i++) {
        uint32_t bit = ((uint32_t)report[(at + i) / 8] >> ((at + i) % 8)) & 1U;
        value |= bit << i;
    }
    *out = value;
    return true;
}
