#include "sync/event/rights.h"

#include "sync/base/bytes.h"
#include "sync/base/json.h"
#include "sync/base/mem.h"

#include <string.h>

static const char *const right_names[] = {"import", "announce", "enrol", "issue",
                                          "desk",   "count",    "erase"};

unsigned right_find(const char *name) {
    for (size_t i = 0; i < sizeof right_names / sizeof *right_names; i++) {
        if (strcmp(name, right_names[i]) == 0) {
            return 1u << i;
        }
    }
    return 0;
}

static unsigned read_may(const json_t *body) {
    const json_t *list = json_object_get(body, "may");
    unsigned may = 0;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *name = json_string_value(json_array_get(list, i));
        may |= name ? right_find(name) : 0;
    }
    return may;
}

static uint32_t read_channels(const json_t *body) {
    const json_t *list = json_object_get(body, "channels");
    uint32_t channels = 0;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *name = json_string_value(json_array_get(list, i));
        enum channel c = name ? channel_find(name) : CHANNEL_NONE;
        channels |= c == CHANNEL_NONE ? 0 : CHANNEL_BIT(c);
    }
    return channels;
}

static struct rights_device *find_device(const struct rights *r, uint64_t dev) {
    for (size_t i = 0; i < r->count; i++) {
        if (r->devices[i].dev == dev) {
            return &r->devices[i];
        }
    }
    return NULL;
}

const struct rights_device *rights_find(const struct rights *r, uint64_t dev) {
    return find_device(r, dev);
}

// What the author may hand on: the root everything, an enroller what it has itself.
static bool can_grant(const struct rights *r, uint64_t author, unsigned *out_may,
                      uint32_t *out_channels) {
    if (author == r->root) {
        *out_may = RIGHT_ALL;
        *out_channels = UINT32_MAX;
        return true;
    }
    const struct rights_device *d = find_device(r, author);
    if (!d || !(d->may & RIGHT_ENROL)) {
        return false;
    }
    *out_may = d->may;
    *out_channels = d->channels;
    return true;
}

static bool apply_grant(struct rights *r, const struct rights_fact *f) {
    unsigned may;
    uint32_t channels;
    uint64_t dev;
    uint8_t key[FACT_KEY_BYTES];
    if (!can_grant(r, f->author, &may, &channels) ||
        hex_parse_u64(f->header->subject, &dev) != ERR_NONE ||
        hex_parse(json_get_text(f->body, "key", ""), key, sizeof key) != ERR_NONE ||
        device_id(key) != dev) {
        return false;
    }
    may &= read_may(f->body);
    channels &= read_channels(f->body);
    struct rights_device *d = find_device(r, dev);
    if (!d) {
        r->devices = mem_resize(r->devices, r->count + 1, sizeof *r->devices);
        d = &r->devices[r->count++];
        *d = (struct rights_device){.dev = dev};
        memcpy(d->key, key, sizeof key);
    } else if ((d->may | may) == d->may && (d->channels | channels) == d->channels) {
        return false;
    }
    d->may |= may;
    d->channels |= channels;
    return true;
}

static void apply_revoke(struct rights *r, const struct rights_fact *f) {
    uint64_t dev;
    const struct rights_device *by = find_device(r, f->author);
    if (!by || !(by->may & RIGHT_ENROL) ||
        hex_parse_u64(f->header->subject, &dev) != ERR_NONE) {
        return;
    }
    struct rights_device *d = find_device(r, dev);
    if (!d) {
        return;
    }
    d->is_revoked = true;
    const json_t *holds = json_object_get(f->body, "holds");
    for (size_t i = 0; i < json_array_size(holds); i++) {
        const json_t *hold = json_array_get(holds, i);
        struct held h = {.n = (uint64_t)json_get_int(hold, "n", 0)};
        if (hex_parse_u64(json_get_text(hold, "st", ""), &h.stream) == ERR_NONE) {
            d->held = mem_resize(d->held, d->held_count + 1, sizeof *d->held);
            d->held[d->held_count++] = h;
        }
    }
}

void rights_fold(struct rights *out, uint64_t root, const struct rights_fact *facts,
                 size_t count) {
    *out = (struct rights){.root = root};
    // Rights only grow here, so repeating until nothing changes is independent of order.
    bool changed = true;
    while (changed) {
        changed = false;
        for (size_t i = 0; i < count; i++) {
            bool is_grant = strcmp(facts[i].header->kind, "grant") == 0;
            changed = (is_grant && apply_grant(out, &facts[i])) || changed;
        }
    }
    for (size_t i = 0; i < count; i++) {
        if (strcmp(facts[i].header->kind, "device.revoke") == 0) {
            apply_revoke(out, &facts[i]);
        }
    }
}

void rights_finish(struct rights *r) {
    for (size_t i = 0; i < r->count; i++) {
        mem_free(r->devices[i].held);
    }
    mem_free(r->devices);
    *r = (struct rights){0};
}

static unsigned right_needed(const char *kind) {
    static const struct {
        const char *kind;
        unsigned right;
    } needs[] = {
        {"notice", RIGHT_ANNOUNCE},    {"room.count", RIGHT_COUNT},
        {"device", RIGHT_ENROL},       {"grant", RIGHT_ENROL},
        {"role", RIGHT_ENROL},         {"device.revoke", RIGHT_ENROL},
        {"person.erase", RIGHT_ERASE}, {"event.erase", RIGHT_ERASE},
        {"event.close", RIGHT_ERASE},  {"person", RIGHT_IMPORT | RIGHT_DESK},
        {"gate.claim", RIGHT_ENROL},
    };
    for (size_t i = 0; i < sizeof needs / sizeof *needs; i++) {
        if (strcmp(kind, needs[i].kind) == 0) {
            return needs[i].right;
        }
    }
    return channel_of_kind(kind) == CHANNEL_DESK ? RIGHT_DESK : RIGHT_IMPORT;
}

static bool stands_after_revoke(const struct rights_device *d,
                                const struct fact_ref *ref) {
    for (size_t i = 0; i < d->held_count; i++) {
        if (d->held[i].stream == ref->stream && ref->n <= d->held[i].n) {
            return true;
        }
    }
    return false;
}

const char *rights_refuse(const struct rights *r, uint64_t author,
                          const struct fact_header *header) {
    if (author == r->root) {
        return strcmp(header->kind, "grant") == 0 ? NULL : "the root key may only grant";
    }
    const struct rights_device *d = find_device(r, author);
    if (!d) {
        return "author has no grant";
    }
    if (d->is_revoked && !stands_after_revoke(d, &header->ref)) {
        return "author was revoked";
    }
    if (channel_of_kind(header->kind) != header->channel) {
        return "kind does not belong to this channel";
    }
    if (strcmp(header->kind, "anchor") == 0 || strcmp(header->kind, "boot") == 0) {
        char own[17];
        hex_format_u64(author, own);
        return strcmp(own, header->subject) == 0 ? NULL : "not about its author";
    }
    return d->may & right_needed(header->kind) ? NULL : "author lacks the right";
}
