// ticket: a signed code that a kiosk can judge without having met the hub since.
#include "sync/base/clock.h"
#include "sync/event/code.h"
#include "sync/event/zone.h"
#include "sync/hub/keys.h"
#include "sync/hub/verbs.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

static bool is_known_kind(const char *kind) {
    for (size_t i = 0; i < ticket_kind_count; i++) {
        if (strcmp(ticket_kinds[i], kind) == 0) {
            return true;
        }
    }
    return false;
}

// Days since 1970 of "2015-03-24", or -1.
static int64_t day_number(const char *day) {
    char text[40];
    int64_t ms = 0;
    snprintf(text, sizeof text, "%.10sT00:00:00Z", day);
    return strlen(day) == 10 && instant_parse(text, &ms) == ERR_NONE ? ms / 86400000 : -1;
}

// Adds a day to the mask; bit 0 is the event's first day.
static bool add_day(struct verb_call *c, const char *day, int64_t first, uint8_t *mask) {
    int64_t number = day_number(day);
    if (first < 0 || number < first || number > first + 7) {
        return verb_fail(c, "day %s: not within eight days from the event's start\n",
                         day);
    }
    *mask = (uint8_t)(*mask | 1u << (number - first));
    return true;
}

static bool add_days(struct verb_call *c, const char *list, int64_t first,
                     uint8_t *mask) {
    char day[16];
    size_t len;
    for (; *list; list += len + (list[len] == ' ')) {
        len = strcspn(list, " ");
        snprintf(day, sizeof day, "%.*s", (int)(len < 15 ? len : 15), list);
        if (!add_day(c, day, first, mask)) {
            return false;
        }
    }
    return true;
}

static bool fill_who(struct verb_call *c, int64_t first, struct ticket *t) {
    const char *id = verb_option(c, "--person", NULL);
    const char *hex = verb_option(c, "--id", NULL);
    const char *kind = verb_option(c, "--kind", "week");
    struct person p = {0};
    if (id && store_find_person(c->store, id, &p) != ERR_NONE) {
        return verb_fail(c, "%s: nobody here has this id\n", id);
    }
    if (id) {
        kind = p.kind[0] ? p.kind : kind;
        hex = p.ticket[0] ? p.ticket : hex;
    }
    if (id && !hex) {
        return verb_fail(c, "%s has no ticket id; give --id\n", id);
    }
    random_fill(t->id, sizeof t->id);
    if (hex && (strlen(hex) != 16 || hex_parse(hex, t->id, sizeof t->id) != ERR_NONE)) {
        return verb_fail(c, "--id %s: 16 hex digits\n", hex);
    }
    if (!is_known_kind(kind)) {
        return verb_fail(c, "--kind %s: not a kind of ticket\n", kind);
    }
    t->kind = ticket_kind_find(kind);
    if (!add_days(c, p.days, first, &t->day_mask)) {
        return false;
    }
    const char *day;
    for (size_t i = 0; (day = verb_option_at(c, "--day", i)) != NULL; i++) {
        if (!add_day(c, day, first, &t->day_mask)) {
            return false;
        }
    }
    return true;
}

static bool fill_expiry(struct verb_call *c, const struct programme *p,
                        struct ticket *t) {
    const char *text = verb_option(c, "--expires", NULL);
    int64_t ms = 0;
    if (text && instant_parse(text, &ms) != ERR_NONE) {
        return verb_fail(c, "--expires %s: an instant like 2015-03-27T18:00-05:00\n",
                         text);
    }
    if (!text) {
        int64_t end = day_number(p->event.end);
        if (end < 0) {
            return verb_fail(c, "the event has no end day yet: give --expires\n");
        }
        ms = (end + 2) * 86400000; // over everywhere on earth
    }
    t->expiry_s = (uint32_t)(ms / 1000);
    return true;
}

bool verb_ticket(struct verb_call *c) {
    struct ticket t = {0};
    uint8_t secret[FACT_SECRET_BYTES];
    uint8_t key[FACT_KEY_BYTES];
    char code[TICKET_CHARS + 1];
    enum err e = keys_read(c->dir, "ticket.key", secret, sizeof secret);
    if (e != ERR_NONE) {
        return verb_fail(c, "ticket.key: %s\n", err_text(e));
    }
    keys_public(secret, key);
    t.key_id = ticket_key_id(key);
    struct programme *p = store_read_programme(c->store);
    bool is_ok = fill_who(c, day_number(p->event.start), &t) && fill_expiry(c, p, &t);
    programme_destroy(p);
    if (is_ok) {
        ticket_format(&t, store_identity_get(c->store).event, secret, code);
        verb_say(c, "%s\n", code);
    }
    sodium_memzero(secret, sizeof secret);
    return is_ok;
}
