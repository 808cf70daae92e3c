// enrol, role, revoke, grants: verbs about devices and rights.
#include "sync/base/clock.h"
#include "sync/base/mem.h"
#include "sync/hub/devices.h"
#include "sync/hub/hub.h"
#include "sync/hub/verbs.h"
#include "sync/store/deposit.h"
#include "sync/store/peer_log.h"
#include "sync/store/peer_text.h"

#include <stdio.h>
#include <string.h>

bool verb_enrol(struct verb_call *c) {
    const char *name = verb_option(c, "--name", "");
    const char *role = verb_option(c, "--role", "");
    const char *url = verb_option(c, "--url", "http://127.0.0.1:8092");
    char code[ENROLMENT_CODE_SIZE];
    if (!*name || strlen(name) >= NAME_SIZE || !devices_has_role(role)) {
        return verb_fail(c,
                         "enrol needs --name (up to %d bytes) and --role, one of:"
                         " checkin desk door room agenda welcome relay\n",
                         NAME_SIZE - 1);
    }
    json_t *wish =
        json_pack("{s:s,s:s,s:s,s:s}", "name", name, "role", role, "room",
                  verb_option(c, "--room", ""), "gate", verb_option(c, "--gate", ""));
    if (!wish) {
        return verb_fail(c, "the name, room or gate is not UTF-8\n");
    }
    char *text = json_format(wish);
    enum err e = peer_enrolment_add(c->store, text, c->now.wall_ms + ENROLMENT_MS, code);
    mem_free(text);
    json_decref(wish);
    if (e != ERR_NONE) {
        return verb_fail(c, "the store: %s\n", err_text(e));
    }
    verb_say(c, "code %s\n", code);
    verb_say(c, "url  %s/#%s\n", url, code);
    verb_say(c, "good once, for %d minutes, %d tries; ", ENROLMENT_MS / 60000,
             ENROLMENT_TRIES);
    if (strcmp(role, "relay") == 0) {
        verb_say(c, "on the relay: foyer-hub join %s %s\n", url, code);
    } else {
        verb_say(c, "on the kiosk: foyer enrol --hub %s --code %s\n", url, code);
    }
    return true;
}

// By id, or by name when only one has it.
static enum err find_device(struct verb_call *c, const char *word,
                            struct device_info *out) {
    enum { MAX = 1024 };
    uint64_t dev = 0;
    if (strlen(word) == 16 && hex_parse_u64(word, &dev) == ERR_NONE &&
        store_find_device(c->store, dev, out) == ERR_NONE) {
        return ERR_NONE;
    }
    struct device_info *list = mem_alloc(MAX, sizeof *list);
    size_t count = store_read_devices(c->store, list, MAX);
    size_t found = 0;
    for (size_t i = 0; i < count; i++) {
        if (strcmp(list[i].name, word) == 0) {
            *out = list[i];
            found++;
        }
    }
    mem_free(list);
    return found == 1 ? ERR_NONE : found ? ERR_EXISTS : ERR_NOT_FOUND;
}

bool verb_role(struct verb_call *c) {
    const char *word = verb_word(c, 0);
    const char *role = verb_option(c, "--role", "");
    struct device_info device;
    if (!word || !devices_has_role(role)) {
        return verb_fail(c, "role needs a device (id or name) and --role, one of:"
                            " checkin desk door room agenda welcome relay\n");
    }
    enum err e = find_device(c, word, &device);
    if (e != ERR_NONE) {
        return verb_fail(c, "device %s: %s\n", word,
                         e == ERR_EXISTS ? "several have this name, use the id"
                                         : "not found; foyer-hub grants lists them");
    }
    struct device_wish wish = {.role = role,
                               .room = verb_option(c, "--room", ""),
                               .gate = verb_option(c, "--gate", "")};
    e = devices_set_role(c->store, &device, &wish, &c->now);
    if (e != ERR_NONE) {
        return verb_fail(c, "not done: %s\n", err_text(e));
    }
    verb_say(c, "%s is %s now\n", device.name[0] ? device.name : word, role);
    return true;
}

bool verb_revoke(struct verb_call *c) {
    const char *word = verb_word(c, 0);
    struct device_info device;
    struct draft d = {0};
    json_t *held = NULL;
    char dev[17];
    enum err e = word ? find_device(c, word, &device) : ERR_NOT_FOUND;
    if (e != ERR_NONE) {
        return verb_fail(c, "revoke which device? foyer-hub grants lists them\n");
    }
    if (device.dev == store_identity_get(c->store).dev) {
        return verb_fail(c, "this is the hub itself\n");
    }
    hex_format_u64(device.dev, dev);
    if (device.is_revoked) { // again would let stand what it wrote since
        verb_say(c, "%s (%s) was revoked already\n",
                 device.name[0] ? device.name : "device", dev);
        return true;
    }
    e = peer_text_held(c->store, device.dev, &held);
    if (e == ERR_NONE) {
        json_t *body = json_object();
        json_object_set_new(body, "holds", held);
        json_object_set_new(body, "reason",
                            json_string(verb_option(c, "--reason", "lost")));
        e = draft_fill(&d, "device.revoke", dev, body);
    }
    if (e == ERR_NONE) {
        e = store_append(c->store, &d, 1, &c->now, NULL);
    }
    if (e == ERR_NONE) {
        e = deposit_drop(c->store, device.dev); // its store can be opened no more
    }
    draft_finish(&d);
    if (e != ERR_NONE) {
        return verb_fail(c, "not revoked: %s\n", err_text(e));
    }
    if (c->hub) {
        fleet_forget(&c->hub->fleet, device.dev);
    }
    verb_say(c, "%s (%s) is revoked\n", device.name[0] ? device.name : "device", dev);
    return true;
}

static void say_contact(struct verb_call *c, uint64_t dev) {
    struct fleet_entry seen;
    if (!c->hub || !fleet_find(&c->hub->fleet, dev, &seen)) {
        verb_say(c, "  not seen since the hub started");
        return;
    }
    verb_say(c, "  seen %llu s ago, at %llu",
             (unsigned long long)((clock_mono_ms() - seen.contact_mono_ms) / 1000),
             (unsigned long long)seen.seq);
    if (seen.health[0]) {
        verb_say(c, "  %s", seen.health);
    }
}

static void say_device(struct verb_call *c, const struct device_info *d) {
    char dev[17];
    hex_format_u64(d->dev, dev);
    verb_say(c, "%s  %-20s %-8s", dev, d->name[0] ? d->name : "-",
             d->role[0] ? d->role : "-");
    verb_say(c, " %s", d->is_revoked ? "REVOKED" : d->is_granted ? "granted" : "unknown");
    for (int ch = CHANNEL_NONE + 1; ch < CHANNEL_COUNT; ch++) {
        if (devices_channels(d) & CHANNEL_BIT(ch)) {
            verb_say(c, " %s", channel_name((enum channel)ch));
        }
    }
    say_contact(c, d->dev);
    verb_say(c, "%s%s%s%s\n", d->room[0] ? "  room " : "", d->room,
             d->gate[0] ? "  gate " : "", d->gate);
}

bool verb_grants(struct verb_call *c) {
    enum { MAX = 1024 };
    struct device_info *list = mem_alloc(MAX, sizeof *list);
    size_t count = store_read_devices(c->store, list, MAX);
    for (size_t i = 0; i < count; i++) {
        say_device(c, &list[i]);
    }
    mem_free(list);
    return true;
}
