#include "sync/hub/devices.h"

#include <string.h>

struct role_row {
    const char *name;
    const char *may[4];
    bool has_people;
};

static const struct role_row roles[] = {
    {"checkin", {"desk"}, true},       {"desk", {"desk", "issue", "count"}, true},
    {"door", {"desk", "count"}, true}, {"room", {"count"}, false},
    {"agenda", {NULL}, false},         {"welcome", {NULL}, false},
    {"relay", {NULL}, true}, // passes on what others wrote, authors nothing but its clock
};

static const struct role_row *find_role(const char *name) {
    for (size_t i = 0; i < sizeof roles / sizeof *roles; i++) {
        if (strcmp(roles[i].name, name) == 0) {
            return &roles[i];
        }
    }
    return NULL;
}

bool devices_has_role(const char *role) {
    return find_role(role) != NULL;
}

static json_t *text_list(const char *const *items, size_t max) {
    json_t *list = json_array();
    for (size_t i = 0; i < max && items[i]; i++) {
        json_array_append_new(list, json_string(items[i]));
    }
    return list;
}

static json_t *grant_body(const uint8_t key[FACT_KEY_BYTES], const char *const *may,
                          size_t may_count, uint32_t channels) {
    char hex[2 * FACT_KEY_BYTES + 1];
    json_t *body = json_object();
    json_t *names = json_array();
    hex_format(key, FACT_KEY_BYTES, hex);
    for (int c = CHANNEL_NONE + 1; c < CHANNEL_COUNT; c++) {
        if (channels & CHANNEL_BIT(c)) {
            json_array_append_new(names, json_string(channel_name((enum channel)c)));
        }
    }
    json_object_set_new(body, "key", json_string(hex));
    json_object_set_new(body, "may", text_list(may, may_count));
    json_object_set_new(body, "channels", names);
    return body;
}

json_t *devices_hub_grant(const uint8_t key[FACT_KEY_BYTES]) {
    static const char *const may[] = {"import", "announce", "enrol", "issue",
                                      "desk",   "count",    "erase"};
    uint32_t all = 0;
    for (int c = CHANNEL_NONE + 1; c < CHANNEL_COUNT; c++) {
        all |= CHANNEL_BIT(c);
    }
    return grant_body(key, may, sizeof may / sizeof *may, all);
}

static uint32_t role_channels(const struct role_row *r) {
    uint32_t channels = CHANNEL_BIT(CHANNEL_PROGRAMME) | CHANNEL_BIT(CHANNEL_FLEET);
    if (r->has_people) {
        channels |= CHANNEL_BIT(CHANNEL_PEOPLE) | CHANNEL_BIT(CHANNEL_DESK);
    }
    return channels;
}

uint32_t devices_channels(const struct device_info *device) {
    const struct role_row *r = find_role(device->role);
    if (device->is_revoked) { // it hears of its own revocation, and of nothing else
        return device->channels & CHANNEL_BIT(CHANNEL_FLEET);
    }
    return r ? device->channels & role_channels(r) : device->channels;
}

static json_t *role_grant(const uint8_t key[FACT_KEY_BYTES], const struct role_row *r) {
    return grant_body(key, r->may, sizeof r->may / sizeof *r->may, role_channels(r));
}

static json_t *role_body(const struct device_wish *wish) {
    json_t *body = json_object();
    json_object_set_new(body, "role", json_string(wish->role));
    if (wish->room && *wish->room) {
        json_object_set_new(body, "room", json_string(wish->room));
    }
    if (wish->gate && *wish->gate) {
        json_object_set_new(body, "gate", json_string(wish->gate));
    }
    return body;
}

enum err devices_enrol(struct store *s, const struct device_wish *wish,
                       const uint8_t key[FACT_KEY_BYTES], const struct moment *now) {
    const struct role_row *r = find_role(wish->role);
    struct drafts d = {0};
    struct store_diff diff;
    char dev[17];
    char hex[2 * FACT_KEY_BYTES + 1];
    if (!r) {
        return ERR_INPUT;
    }
    hex_format_u64(device_id(key), dev);
    hex_format(key, FACT_KEY_BYTES, hex);
    json_t *device = json_object();
    json_object_set_new(device, "name", json_string(wish->name));
    json_object_set_new(device, "key", json_string(hex));
    enum err e = drafts_add(&d, "device", dev, device);
    if (e == ERR_NONE) {
        e = drafts_add(&d, "grant", dev, role_grant(key, r));
    }
    if (e == ERR_NONE) {
        e = drafts_add(&d, "role", dev, role_body(wish));
    }
    if (e == ERR_NONE) {
        e = store_author(s, &d, now, &diff); // a device that enrols again replaces itself
    }
    drafts_finish(&d);
    return e;
}

enum err devices_set_role(struct store *s, const struct device_info *device,
                          const struct device_wish *wish, const struct moment *now) {
    const struct role_row *r = find_role(wish->role);
    struct drafts d = {0};
    struct store_diff diff;
    char dev[17];
    if (!r) {
        return ERR_INPUT;
    }
    hex_format_u64(device->dev, dev);
    enum err e = drafts_add(&d, "grant", dev, role_grant(device->key, r));
    if (e == ERR_NONE) {
        e = drafts_add(&d, "role", dev, role_body(wish));
    }
    if (e == ERR_NONE) {
        e = store_author(s, &d, now, &diff); // sets prev: the newest role counts
    }
    drafts_finish(&d);
    return e;
}
