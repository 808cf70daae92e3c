#define _XOPEN_SOURCE 700 // mkdtemp
#include "tests/sim/stage.h"

#include "sync/base/json.h"
#include "sync/base/mem.h"
#include "sync/hub/devices.h"
#include "sync/store/peer.h"
#include "sync/store/peer_grants.h"
#include "tests/sim/chance.h"
#include "tests/sim/sim.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct moment stage_now(void) {
    static uint64_t mono = 1000;
    mono += 10;
    return (struct moment){.wall_ms =
                               (int64_t)SIM_EPOCH_S * 1000 - 3600000 + (int64_t)mono,
                           .state = TIME_SET,
                           .boot = 77,
                           .mono_ms = mono};
}

void stage_path(const struct stage *t, size_t folder, char out[96]) {
    snprintf(out, 96, "%s/%02u", t->dir, (unsigned)(folder % 100));
}

const char *stage_role(size_t folder) {
    static const char *const roles[] = {"desk", "checkin", "desk", "agenda"};
    bool is_kiosk = folder >= STAGE_KIOSK_FROM && folder < STAGE_SPARE_FROM;
    return is_kiosk ? roles[folder - STAGE_KIOSK_FROM] : "";
}

static struct store *open_folder(const struct stage *t, size_t folder) {
    char path[96];
    struct store *s = NULL;
    stage_path(t, folder, path);
    struct store_options o = {
        .dir = path, .vfs = DISK_VFS, .is_numbering = folder < STAGE_KIOSK_FROM};
    CHECK(store_open(&o, &s) == ERR_NONE);
    CHECK(store_join(s, t->event, t->root) == ERR_NONE);
    return s;
}

static void append(struct store *s, struct draft *d) {
    struct moment now = stage_now();
    CHECK(store_append(s, d, 1, &now, NULL) == ERR_NONE);
    draft_finish(d);
}

static void say(struct store *s, const char *kind, const char *subject, json_t *body) {
    struct draft d;
    CHECK(body && draft_fill(&d, kind, subject, body) == ERR_NONE);
    append(s, &d);
}

void stage_person_draft(const struct stage *t, size_t person, struct draft *out) {
    const struct stage_person *p = &t->people[person];
    json_t *body = json_pack("{s:s,s:s,s:s,s:s}", "name", p->name, "kind",
                             person % 5 == 4 ? "student" : "week", "org",
                             STAGE_TAINT " Networks", "ticket", p->ticket);
    CHECK(body);
    if (person % 2 == 0) {
        json_object_set_new(body, "gates", json_pack("[s]", "social"));
    }
    if (person % 7 == 5) {
        json_object_set_new(body, "paid", json_false());
    }
    if (person % 7 == 6) {
        json_object_set_new(body, "note", json_string("see Ana, " STAGE_TAINT));
    }
    CHECK(draft_fill(out, "person", p->id, body) == ERR_NONE);
}

static void make_people(struct stage *t) {
    for (size_t i = 0; i < STAGE_PEOPLE; i++) {
        struct stage_person *p = &t->people[i];
        struct ticket ticket = {.key_id = ticket_key_id(t->ticket_key)};
        ticket.id[0] = 0xaa;
        ticket.id[7] = (uint8_t)i;
        snprintf(p->id, sizeof p->id, "P00000000000%04u", (unsigned)i);
        snprintf(p->name, sizeof p->name, STAGE_TAINT " No%02u", (unsigned)i);
        badge_code_format(p->id, 0, p->badge);
        ticket_format(&ticket, t->event, t->ticket_secret, p->code);
        hex_format(ticket.id, sizeof ticket.id, p->ticket);
    }
}

static void fill_hub(const struct stage *t, struct store *hub) {
    char key[2 * FACT_KEY_BYTES + 1];
    char dev[17];
    struct store_identity id = store_identity_get(hub);
    struct draft grant;
    struct moment now = stage_now();
    hex_format_u64(id.dev, dev);
    CHECK(draft_fill(&grant, "grant", dev, devices_hub_grant(id.key)) == ERR_NONE);
    CHECK(store_append_root(hub, &grant, t->root_secret, &now) == ERR_NONE);
    draft_finish(&grant);
    hex_format(t->ticket_key, FACT_KEY_BYTES, key);
    say(hub, "event", "event",
        json_pack("{s:s,s:s,s:s,s:[{s:s}]}", "name", "Test 1", "zone", "America/Chicago",
                  "start", "2015-03-22", "ticket_keys", "key", key));
    say(hub, "gate", "meeting", json_pack("{s:s}", "name", "Meeting"));
    say(hub, "gate", "shirts", json_pack("{s:s,s:b}", "name", "Shirts", "prints", 1));
    say(hub, "gate", "social",
        json_pack("{s:s,s:b,s:b,s:s}", "name", "Social", "list", 1, "strict", 1, "until",
                  "2015-06-25T06:00:00Z"));
    say(hub, "gate", "free", json_pack("{s:s,s:s}", "name", "Hall", "reentry", "free"));
    say(hub, "session", "s1",
        json_pack("{s:s,s:s}", "name", "Opening", "start", "2015-03-23T14:00:00Z"));
    for (size_t i = 0; i < STAGE_LATE_FROM; i++) {
        struct draft d;
        stage_person_draft(t, i, &d);
        append(hub, &d);
    }
}

// A relay's grant: it sees what its devices may see, and authors nothing of theirs.
static void enrol_relay(const struct stage *t, struct store *hub, size_t folder) {
    char key[2 * FACT_KEY_BYTES + 1];
    char dev[17];
    hex_format_u64(t->devs[folder], dev);
    hex_format(t->keys[folder], FACT_KEY_BYTES, key);
    say(hub, "grant", dev,
        json_pack("{s:s,s:[s],s:[s,s,s,s]}", "key", key, "may", "count", "channels",
                  "programme", "people", "desk", "fleet"));
    say(hub, "device", dev, json_pack("{s:s,s:s}", "name", "Relay", "key", key));
}

static void enrol(const struct stage *t, struct store *hub) {
    for (size_t i = STAGE_RELAY_FROM; i < STAGE_SPARE_FROM; i++) {
        struct moment now = stage_now();
        char name[16];
        snprintf(name, sizeof name, "Desk %u", (unsigned)i);
        struct device_wish wish = {
            .name = name, .role = stage_role(i), .gate = "meeting"};
        if (i < STAGE_KIOSK_FROM) {
            enrol_relay(t, hub, i);
        } else {
            CHECK(devices_enrol(hub, &wish, t->keys[i], &now) == ERR_NONE);
        }
    }
    CHECK(store_seal(hub) == ERR_NONE);
}

static void give_grants(const struct stage *t, struct store *hub, struct store *s) {
    struct ticket_key key;
    memcpy(key.key, t->ticket_key, sizeof key.key);
    struct exchange_batches *grants = mem_alloc(1, sizeof *grants);
    CHECK(peer_read_grants(hub, t->keys[0], grants) == ERR_NONE);
    for (size_t i = 0; i < grants->count; i++) {
        struct moment now = stage_now();
        struct take_result taken;
        size_t len = 0;
        const uint8_t *batch = exchange_batches_get(grants, i, &len);
        CHECK(store_take_batch(s, batch, len, &now, &taken) == ERR_NONE);
    }
    CHECK(store_ticket_keys_set(s, &key, 1) == ERR_NONE);
    bytes_finish(&grants->data);
    mem_free(grants);
}

void stage_give_grants(const struct stage *t, struct store *hub, size_t folder) {
    struct store *s = open_folder(t, folder);
    give_grants(t, hub, s);
    store_close(s);
}

static void keep_image(struct stage *t, size_t folder, struct store *s) {
    store_checkpoint(s);
    store_close(s);
    t->images[folder] = disk_image_take(folder);
}

void stage_build(struct stage *t) {
    bool has_shm = access("/dev/shm", W_OK) == 0;
    *t = (struct stage){0};
    snprintf(t->dir, sizeof t->dir, "%s/foyer-sim-XXXXXX", has_shm ? "/dev/shm" : "/tmp");
    CHECK(mkdtemp(t->dir));
    chance_install(20150322);
    disk_be_default(20150322);
    memcpy(t->event, "simulated event ", FACT_EVENT_BYTES);
    crypto_sign_keypair(t->root, t->root_secret);
    crypto_sign_keypair(t->ticket_key, t->ticket_secret);
    make_people(t);
    struct store *stores[STAGE_FOLDERS] = {NULL};
    for (size_t i = 0; i < STAGE_CLONE_FROM; i++) {
        disk_wipe(i);
        stores[i] = open_folder(t, i);
        struct store_identity id = store_identity_get(stores[i]);
        t->devs[i] = id.dev;
        memcpy(t->keys[i], id.key, sizeof id.key);
    }
    fill_hub(t, stores[0]);
    enrol(t, stores[0]);
    for (size_t i = STAGE_RELAY_FROM; i < STAGE_SPARE_FROM; i++) {
        give_grants(t, stores[0], stores[i]);
    }
    for (size_t i = 0; i < STAGE_CLONE_FROM; i++) {
        keep_image(t, i, stores[i]);
    }
}

void stage_finish(struct stage *t) {
    for (size_t i = 0; i < STAGE_FOLDERS; i++) {
        disk_image_free(t->images[i]);
    }
    char *command = mem_format("rm -rf '%s'", t->dir);
    if (system(command) != 0) {
        fprintf(stderr, "foyer-sim: %s is still there\n", t->dir);
    }
    mem_free(command);
}

void stage_copy_key(const struct stage *t, size_t from, size_t to) {
    char a[96];
    char b[96];
    stage_path(t, from, a);
    stage_path(t, to, b);
    char *command = mem_format("mkdir -p '%s' && cp '%s/device.key' '%s/'", b, a, b);
    CHECK(system(command) == 0);
    mem_free(command);
}
