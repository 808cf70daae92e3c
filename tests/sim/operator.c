#include "tests/sim/operator.h"

#include "sync/base/mem.h"
#include "sync/hub/devices.h"
#include "sync/store/peer.h"
#include "sync/store/peer_text.h"
#include "tests/sim/forger.h"
#include "tests/sim/node.h"
#include "tests/sim/oracle.h"
#include "tests/sim/people.h"

#include <stdio.h>
#include <string.h>

enum { DAY_MS = 86400000 };

// ---- setting up --------------------------------------------------------------------------

static void add_link(struct sim *s, size_t i, size_t to, const char *name) {
    struct node *n = &s->nodes[i];
    struct link *l = &s->links[i][n->link_count++];
    l->to = to;
    snprintf(l->name, sizeof l->name, "%s", name);
}

// A Pi has no battery clock; some think they know the time and do not.
static void draw_clock(struct sim *s, struct node *n) {
    static const int64_t wrong[] = {0,
                                    3000,
                                    -7200000,
                                    30 * (int64_t)DAY_MS,
                                    9000 * (int64_t)DAY_MS,
                                    -(int64_t)SIM_EPOCH_S * 1000};
    n->mono_base_ms = (int64_t)node_mono(s, n); // goes on from where it is
    n->boot_true_ms = sim_true_ms(s);
    n->drift_ppm = 0;
    if (s->plan.has_bad_clocks) {
        n->drift_ppm = (int)sim_random(s, 2 * DRIFT_PPM_MAX + 1) - DRIFT_PPM_MAX;
    }
    n->own_state = TIME_UNKNOWN;
    n->wall_off_ms = 0;
    if (s->plan.has_bad_clocks) {
        n->wall_off_ms = wrong[sim_random(s, sizeof wrong / sizeof *wrong)];
        n->own_state = sim_chance(s, 300) ? TIME_HELD : TIME_UNKNOWN;
    }
}

static struct node *add_node(struct sim *s, size_t i, enum node_kind kind) {
    struct node *n = &s->nodes[i];
    *n = (struct node){.is_there = true, .kind = kind, .key = i, .links = s->links[i]};
    n->dev = s->stage->devs[i];
    snprintf(n->role, sizeof n->role, "%s", stage_role(i));
    snprintf(n->name, sizeof n->name, "%s%u",
             kind == KIND_HUB     ? "hub"
             : kind == KIND_RELAY ? "relay"
                                  : "desk",
             (unsigned)(i % 100));
    draw_clock(s, n);
    s->node_count = i >= s->node_count ? i + 1 : s->node_count;
    return n;
}

static void link_kiosk(struct sim *s, size_t i) {
    add_link(s, i, NODE_HUB, "hub");
    for (size_t r = 0; r < s->plan.relays; r++) {
        add_link(s, i, STAGE_RELAY_FROM + r, r ? "r2" : "r1");
    }
    s->links[i][sim_random(s, s->nodes[i].link_count)].is_used = true;
}

void operator_set_up(struct sim *s) {
    struct node *hub = add_node(s, NODE_HUB, KIND_HUB);
    hub->own_state = s->plan.is_hub_unsure ? TIME_UNKNOWN : TIME_SET;
    hub->drift_ppm = 0;
    hub->wall_off_ms =
        s->plan.is_hub_unsure ? hub->wall_off_ms : (int64_t)sim_random(s, 80);
    for (size_t r = 0; r < s->plan.relays; r++) {
        add_node(s, STAGE_RELAY_FROM + r, KIND_RELAY);
        add_link(s, STAGE_RELAY_FROM + r, NODE_HUB, "hub");
        s->links[STAGE_RELAY_FROM + r][0].is_used = true;
    }
    size_t shift = sim_random(s, 4);
    for (size_t k = 0; k < s->plan.kiosks; k++) {
        size_t i = STAGE_KIOSK_FROM + (k + shift) % (STAGE_SPARE_FROM - STAGE_KIOSK_FROM);
        add_node(s, i, KIND_KIOSK);
        link_kiosk(s, i);
        s->nodes[i].is_old = s->plan.has_old_kiosk && k == 0;
    }
    for (size_t i = 0; i < s->node_count; i++) {
        disk_wipe(i);
        if (s->nodes[i].is_there) {
            disk_image_put(s->stage->images[i], i);
            node_start(s, i);
        }
    }
}

// ---- accidents ---------------------------------------------------------------------------

// Any machine that runs, the hub as likely as a kiosk.
static size_t pick_any(struct sim *s) {
    enum node_kind kind = (enum node_kind)sim_random(s, 3);
    size_t i = people_pick(s, kind);
    return i < NODES_MAX ? i : people_pick(s, KIND_KIOSK);
}

static void jump_clock(struct sim *s) {
    struct node *hub = &s->nodes[NODE_HUB];
    if (hub->own_state != TIME_SET && sim_chance(s, 500)) {
        hub->own_state = TIME_SET;
        hub->wall_off_ms = 0;
        sim_say(s, hub, "knows the time now");
        return;
    }
    size_t i = people_pick(s, sim_chance(s, 300) ? KIND_RELAY : KIND_KIOSK);
    if (i < NODES_MAX) {
        draw_clock(s, &s->nodes[i]);
        sim_say(s, &s->nodes[i], "its clock jumps");
    }
}

static void partition(struct sim *s, size_t i) {
    s->nodes[i].cut_until_ms = s->now_ms + 100 + sim_random(s, 300000);
    sim_say(s, &s->nodes[i], "is cut off for %llu ms",
            (unsigned long long)(s->nodes[i].cut_until_ms - s->now_ms));
}

static void fill(struct sim *s, size_t i) {
    if (disk_is_filled(i)) {
        disk_free(i);
        sim_say(s, &s->nodes[i], "has room again");
        return;
    }
    disk_fill(i, sim_random(s, 60000), true);
    s->totals.of[T_DISK_FULL]++;
    sim_say(s, &s->nodes[i], "its disk fills up");
}

static void accident(struct sim *s, enum act a, size_t i) {
    struct node *n = &s->nodes[i];
    switch ((int)a) { // the others are not its
    case ACT_KILL:
        node_kill(s, i);
        break;
    case ACT_CUT:
        node_cut(s, i, 500 + sim_random(s, 60000));
        break;
    case ACT_CUT_LATER:
        disk_cut_after(i, (long)sim_random(s, 60));
        sim_say(s, n, "will lose power");
        break;
    case ACT_FULL:
        fill(s, i);
        break;
    case ACT_EIO:
        disk_fail_syncs(i, 0, 1 + (unsigned)sim_random(s, 2), 0);
        s->totals.of[T_DISK_ERRORS]++;
        sim_say(s, n, "its next fsync fails");
        break;
    case ACT_REST:
        sim_say(s, n, "rests");
        store_checkpoint_idle(n->store);
        n->is_failing = disk_has_failed(i);
        node_settle(s, i);
        break;
    case ACT_PARTITION:
        partition(s, i);
        break;
    case ACT_SWITCH:
        if (n->link_count) {
            sim_say(s, n, "looks for another upstream");
            node_use_link(s, i, sim_random(s, n->link_count));
        }
        break;
    default:
        break;
    }
}

// ---- images ------------------------------------------------------------------------------

static void forget_card(struct card *c) {
    disk_image_free(c->disk);
    oracle_image_free(c->held);
    *c = (struct card){0};
}

static void take_card(struct sim *s, struct card *c, size_t i) {
    forget_card(c);
    c->node = i;
    c->disk = disk_image_take(i);
    c->held = oracle_image_take(s->oracle, i);
}

static void put_card(struct sim *s, const struct card *c, size_t i) {
    disk_image_put(c->disk, i);
    oracle_image_put(s->oracle, c->held, i);
}

static void restore_hub(struct sim *s) {
    struct node *hub = &s->nodes[NODE_HUB];
    struct card *c = &s->backups[sim_random(s, 2)];
    if (!c->disk) {
        return;
    }
    if (hub->store) {
        node_stop(s, NODE_HUB);
    }
    put_card(s, c, NODE_HUB);
    s->was_restored = true;
    s->totals.of[T_RESTORES]++;
    sim_say(s, hub, "restored from a backup");
    node_start(s, NODE_HUB);
}

static void put_old_card(struct sim *s) {
    struct card *c = &s->cards[sim_random(s, 2)];
    if (!c->disk || s->nodes[c->node].is_dead) {
        return;
    }
    if (s->nodes[c->node].store) {
        node_stop(s, c->node);
    }
    put_card(s, c, c->node);
    s->totals.of[T_OLD_CARDS]++;
    sim_say(s, &s->nodes[c->node], "gets the card of another day");
    node_start(s, c->node);
}

static size_t free_slot(const struct sim *s, size_t from, size_t to) {
    while (from < to && s->nodes[from].is_there) {
        from++;
    }
    return from < to ? from : NODES_MAX;
}

static void clone(struct sim *s, size_t i) {
    size_t to = free_slot(s, STAGE_CLONE_FROM, STAGE_FOLDERS);
    struct card card = {0};
    if (to == NODES_MAX) {
        return;
    }
    take_card(s, &card, i);
    struct node *n = add_node(s, to, KIND_KIOSK);
    n->key = s->nodes[i].key;
    n->dev = s->nodes[i].dev;
    n->is_revoked = s->nodes[i].is_revoked;
    n->is_rogue = s->nodes[i].is_rogue;
    n->is_old = s->nodes[i].is_old;
    link_kiosk(s, to);
    disk_wipe(to);
    put_card(s, &card, to);
    forget_card(&card);
    stage_copy_key(s->stage, s->nodes[i].key, to);
    s->totals.of[T_CLONES]++;
    sim_say(s, &s->nodes[i], "its card is cloned");
    node_start(s, to);
}

static void destroy(struct sim *s) {
    size_t i = people_pick(s, sim_chance(s, 400) ? KIND_RELAY : KIND_KIOSK);
    size_t kiosks = 0;
    for (size_t k = 0; k < s->node_count; k++) {
        kiosks += s->nodes[k].is_there && !s->nodes[k].is_dead &&
                  s->nodes[k].kind == KIND_KIOSK;
    }
    if (i == NODES_MAX || (s->nodes[i].kind == KIND_KIOSK && kiosks < 2)) {
        return;
    }
    node_destroy(s, i);
    s->totals.of[T_WIPES]++;
}

// ---- the fleet ---------------------------------------------------------------------------

static void enrol(struct sim *s) {
    size_t i = free_slot(s, STAGE_SPARE_FROM, STAGE_CLONE_FROM);
    static const char *const roles[] = {"desk", "agenda", "checkin"};
    struct store *hub = s->nodes[NODE_HUB].store;
    if (i == NODES_MAX) {
        return;
    }
    struct moment now = node_now(s, NODE_HUB);
    struct device_wish wish = {
        .name = "New", .role = roles[sim_random(s, 3)], .gate = "meeting"};
    oracle_clock(s->oracle, NODE_HUB, now.wall_ms);
    enum err e = devices_enrol(hub, &wish, s->stage->keys[i], &now);
    e = e == ERR_NONE ? store_seal(hub) : e;
    if (!node_judge(s, NODE_HUB, e, "enrolling")) {
        oracle_unsure(s->oracle, i, wish.role);
        node_settle(s, NODE_HUB);
        return;
    }
    struct node *n = add_node(s, i, KIND_KIOSK);
    link_kiosk(s, i);
    disk_wipe(i);
    disk_image_put(s->stage->images[i], i);
    oracle_role(s->oracle, i, wish.role);
    s->totals.of[T_NEWCOMERS]++;
    sim_say(s, n, "enrolled as %s", wish.role);
    stage_give_grants(s->stage, hub, i);
    node_start(s, i);
    node_changed(s, NODE_HUB);
}

static void revoke(struct sim *s, size_t i) {
    char dev[17];
    json_t *held = NULL;
    struct draft d;
    struct fact_ref ref = {0};
    struct store *hub = s->nodes[NODE_HUB].store;
    struct moment now = node_now(s, NODE_HUB);
    struct device_info info;
    hex_format_u64(s->nodes[i].dev, dev);
    if (store_find_device(hub, s->nodes[i].dev, &info) == ERR_NONE && info.is_revoked) {
        return; // as the hub's verb
    }
    if (!node_judge(s, NODE_HUB, peer_text_held(hub, s->nodes[i].dev, &held),
                    "reading")) {
        node_settle(s, NODE_HUB);
        return;
    }
    json_t *body = json_pack("{s:O,s:s}", "holds", held, "reason", "lost");
    CHECK(body && draft_fill(&d, "device.revoke", dev, body) == ERR_NONE);
    oracle_clock(s->oracle, NODE_HUB, now.wall_ms);
    enum err e = store_append(hub, &d, 1, &now, &ref);
    draft_finish(&d);
    sim_say(s, &s->nodes[i], "revoked");
    if (node_judge(s, NODE_HUB, e, "revoking")) {
        struct known k = {.ref = ref,
                          .what = SAID_OTHER,
                          .channel = CHANNEL_FLEET,
                          .node = NODE_HUB,
                          .now = now};
        oracle_say(s->oracle, &k);
        oracle_revoke(s->oracle, s->nodes[i].key, ref, held);
        s->totals.of[T_REVOCATIONS]++;
        node_changed(s, NODE_HUB);
    } else {
        oracle_unsure(s->oracle, s->nodes[i].key, NULL);
    }
    json_decref(held);
    node_settle(s, NODE_HUB);
}

static void change_role(struct sim *s, size_t i) {
    static const char *const roles[] = {"desk", "agenda", "checkin", "room"};
    struct device_info info;
    struct store *hub = s->nodes[NODE_HUB].store;
    struct moment now = node_now(s, NODE_HUB);
    struct device_wish wish = {.role = roles[sim_random(s, 4)], .gate = "meeting"};
    if (store_find_device(hub, s->nodes[i].dev, &info) != ERR_NONE) {
        return; // the hub lost it
    }
    oracle_clock(s->oracle, NODE_HUB, now.wall_ms);
    enum err e = devices_set_role(hub, &info, &wish, &now);
    sim_say(s, &s->nodes[i], "shall be %s", wish.role);
    if (node_judge(s, NODE_HUB, e, "changing a role")) {
        oracle_role(s->oracle, s->nodes[i].key, wish.role);
        s->totals.of[T_ROLES]++;
        node_changed(s, NODE_HUB);
    } else {
        oracle_unsure(s->oracle, s->nodes[i].key, wish.role);
    }
    node_settle(s, NODE_HUB);
}

static void erase(struct sim *s) {
    struct saying w = {.node = NODE_HUB,
                       .kind = "person.erase",
                       .subject = s->stage->people[sim_random(s, STAGE_LATE_FROM)].id,
                       .body = json_pack("{s:s}", "reason", "asked for"),
                       .what = SAID_ERASE};
    s->totals.of[T_ERASURES] += people_say(s, &w);
}

static void at_hub(struct sim *s, enum act a) {
    size_t kiosk = people_pick(s, KIND_KIOSK);
    if (a == ACT_BACKUP) {
        take_card(s, &s->backups[sim_random(s, 2)], NODE_HUB);
        sim_say(s, &s->nodes[NODE_HUB], "backed up");
    } else if (a == ACT_ENROL) {
        enrol(s);
    } else if (a == ACT_ERASE) {
        erase(s);
    } else if (kiosk < NODES_MAX && a == ACT_REVOKE) {
        revoke(s, kiosk);
    } else if (kiosk < NODES_MAX && a == ACT_ROLE) {
        change_role(s, kiosk);
    }
}

void operator_act(struct sim *s, enum act a) {
    bool is_hub_on = s->nodes[NODE_HUB].is_on && !s->nodes[NODE_HUB].is_failing;
    bool is_of_hub = a == ACT_BACKUP || a == ACT_ENROL || a == ACT_ERASE ||
                     a == ACT_REVOKE || a == ACT_ROLE;
    size_t any = pick_any(s);
    size_t kiosk = people_pick(s, KIND_KIOSK);
    if (is_of_hub) {
        if (is_hub_on) {
            at_hub(s, a);
        }
    } else if (a == ACT_RESTORE) {
        restore_hub(s);
    } else if (a == ACT_OLD_CARD) {
        put_old_card(s);
    } else if (a == ACT_DESTROY) {
        destroy(s);
    } else if (a == ACT_CLOCK) {
        jump_clock(s);
    } else if (a == ACT_REPLAY) {
        net_replay(s);
    } else if (a == ACT_FORGE) {
        forger_act(s);
    } else if (a == ACT_CLONE || a == ACT_SWITCH) {
        if (kiosk < NODES_MAX && a == ACT_CLONE) {
            clone(s, kiosk);
        } else if (kiosk < NODES_MAX) {
            accident(s, a, kiosk);
        }
    } else if (any < NODES_MAX && a == ACT_KEEP_CARD) {
        if (any != NODE_HUB) {
            take_card(s, &s->cards[sim_random(s, 2)], any);
        }
    } else if (any < NODES_MAX) {
        accident(s, a, any);
    }
}

// ---- the end -----------------------------------------------------------------------------

void operator_mend(struct sim *s) {
    struct node *hub = &s->nodes[NODE_HUB];
    hub->own_state = TIME_SET;
    hub->wall_off_ms =
        hub->wall_off_ms < 100 && hub->wall_off_ms > 0 ? hub->wall_off_ms : 0;
    for (size_t i = 0; i < s->node_count; i++) {
        struct node *n = &s->nodes[i];
        if (!n->is_there || n->is_dead) {
            continue;
        }
        disk_free(i);
        disk_fail_syncs(i, 0, 0, 0);
        disk_cut_after(i, -1);
        n->cut_until_ms = 0;
        struct link *l = node_link(s, i);
        if (l && s->nodes[l->to].is_dead) {
            node_use_link(s, i, 0);
        }
        if (!n->is_on) {
            node_start(s, i);
        }
    }
}

void operator_erase_event(struct sim *s) {
    struct saying close = {.node = NODE_HUB,
                           .kind = "event.close",
                           .subject = "event",
                           .body = json_pack("{s:s}", "reason", "over"),
                           .what = SAID_OTHER};
    struct saying all = close;
    people_say(s, &close);
    all.kind = "event.erase";
    all.body = json_pack("{s:s}", "reason", "over");
    s->is_event_erased = people_say(s, &all);
    s->totals.of[T_EVENTS_ERASED] += s->is_event_erased;
}

void operator_finish(struct sim *s) {
    for (size_t i = 0; i < 2; i++) {
        forget_card(&s->backups[i]);
        forget_card(&s->cards[i]);
    }
}
