#include "tests/support/event_kit.h"

#include "sync/base/bytes.h"
#include "sync/base/json.h"
#include "sync/base/mem.h"
#include "sync/event/zone.h"

#include <setjmp.h>
#include <sodium.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "sync/store/db.h"

uint64_t kit_random(uint64_t *seed) {
    uint64_t z = (*seed += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

void kit_start(struct kit *k) {
    *k = (struct kit){0};
    snprintf(k->dir, sizeof k->dir, "/tmp/foyer-test-XXXXXX");
    assert_non_null(mkdtemp(k->dir));
    assert_true(sodium_init() >= 0);
    memcpy(k->event, "test event 00001", FACT_EVENT_BYTES);
    crypto_sign_keypair(k->root, k->root_secret);
    crypto_sign_keypair(k->ticket_key, k->ticket_secret);
    int64_t ms = 0;
    assert_int_equal(instant_parse("2015-03-23T09:10:00-05:00", &ms), ERR_NONE);
    k->now =
        (struct moment){.wall_ms = ms, .state = TIME_SET, .boot = 7, .mono_ms = 1000};
}

void kit_finish(struct kit *k) {
    for (size_t i = 0; i < k->count; i++) {
        store_close(k->nodes[i]);
    }
    char *command = mem_format("rm -rf '%s'", k->dir);
    assert_int_equal(system(command), 0);
    mem_free(command);
}

static void open_node(struct kit *k, size_t i) {
    char *dir = mem_format("%s/%zu", k->dir, i);
    struct store_options o = {.dir = dir,
                              .vfs = k->vfs,
                              .is_numbering = i == 0,
                              .is_unsafe = k->is_unsafe,
                              .key = k->key};
    assert_int_equal(store_open(&o, &k->nodes[i]), ERR_NONE);
    mem_free(dir);
}

void kit_reopen(struct kit *k, size_t node) {
    store_close(k->nodes[node]);
    k->nodes[node] = NULL;
    open_node(k, node);
}

static json_t *channel_list(uint32_t channels) {
    json_t *list = json_array();
    for (int c = CHANNEL_PROGRAMME; c < CHANNEL_COUNT; c++) {
        if (channels & CHANNEL_BIT(c)) {
            json_array_append_new(list, json_string(channel_name((enum channel)c)));
        }
    }
    return list;
}

static void fill_grant(struct draft *d, struct store_identity id, const char *rights,
                       uint32_t channels) {
    char dev[17];
    char key[2 * FACT_KEY_BYTES + 1];
    json_t *may = json_array();
    char copy[128];
    snprintf(copy, sizeof copy, "%s", rights);
    for (char *save, *w = strtok_r(copy, " ", &save); w; w = strtok_r(NULL, " ", &save)) {
        json_array_append_new(may, json_string(w));
    }
    hex_format_u64(id.dev, dev);
    hex_format(id.key, sizeof id.key, key);
    json_t *body = json_pack("{s:s,s:o,s:o}", "key", key, "may", may, "channels",
                             channel_list(channels));
    assert_int_equal(draft_fill(d, "grant", dev, body), ERR_NONE);
}

size_t kit_add_node(struct kit *k, const char *name, const char *rights,
                    uint32_t channels) {
    size_t i = k->count++;
    open_node(k, i);
    struct store *s = k->nodes[i];
    assert_int_equal(store_join(s, k->event, k->root), ERR_NONE);
    struct draft d;
    struct store_identity id = store_identity_get(s);
    fill_grant(&d, id, rights, channels);
    if (i == 0) {
        assert_int_equal(store_append_root(s, &d, k->root_secret, &k->now), ERR_NONE);
    } else {
        assert_int_equal(store_append(k->nodes[0], &d, 1, &k->now, NULL), ERR_NONE);
    }
    draft_finish(&d);
    char dev[17];
    char body[256];
    char key[2 * FACT_KEY_BYTES + 1];
    hex_format_u64(id.dev, dev);
    hex_format(id.key, sizeof id.key, key);
    snprintf(body, sizeof body, "{'name':'%s','key':'%s'}", name, key);
    kit_say(k, 0, "device", dev, body);
    return i;
}

enum { ALL = CHANNEL_BIT(1) | CHANNEL_BIT(2) | CHANNEL_BIT(3) | CHANNEL_BIT(4) };

static void start_hub(struct kit *k) {
    kit_start(k);
    kit_add_node(k, "hub", KIT_HUB_RIGHTS, ALL | CHANNEL_BIT(5));
    kit_people(k);
}

void kit_start_pair(struct kit *k) {
    start_hub(k);
    kit_add_node(k, "Desk A", "desk", ALL);
    kit_copy(k, 0, 1, 1);
}

void kit_start_desks(struct kit *k, size_t desks) {
    start_hub(k);
    for (size_t i = 0; i < desks; i++) {
        char name[16];
        snprintf(name, sizeof name, "Desk %c", (char)('A' + i));
        kit_add_node(k, name, "desk issue", ALL);
    }
    for (size_t i = 1; i < k->count; i++) {
        kit_copy(k, 0, i, i);
    }
}

const char *kit_code(const char *person, unsigned serial) {
    static char code[BADGE_CODE_CHARS + 1];
    badge_code_format(person, serial, code);
    return code;
}

struct fact_ref kit_say(struct kit *k, size_t node, const char *kind, const char *subject,
                        const char *body) {
    char *text = mem_copy_text(body);
    for (char *c = text; *c; c++) {
        *c = *c == '\'' ? '"' : *c;
    }
    json_t *json = NULL;
    struct draft d;
    struct fact_ref ref = {0, 0};
    assert_int_equal(json_parse(text, strlen(text), &json), ERR_NONE);
    assert_int_equal(draft_fill(&d, kind, subject, json), ERR_NONE);
    k->now.mono_ms += 1000;
    k->now.wall_ms += 1000;
    assert_int_equal(store_append(k->nodes[node], &d, 1, &k->now, &ref), ERR_NONE);
    draft_finish(&d);
    mem_free(text);
    return ref;
}

struct pile {
    struct bytes all;
    struct bytes lens;
};

static void read_all(struct store *s, struct pile *p) {
    assert_int_equal(store_seal(s), ERR_NONE);
    struct bytes streams = {0};
    sqlite3_stmt *q = db_get(s, "SELECT stream FROM stream ORDER BY stream");
    enum err e;
    while (db_row(s, q, &e)) {
        bytes_add_u64(&streams, db_u64(q, 0));
    }
    struct reader r = reader_make(streams.data, streams.len);
    while (r.at < r.len) {
        uint64_t last = 0;
        uint64_t stream = reader_get_u64(&r);
        assert_int_equal(
            store_read_batches(s, stream, 0, SIZE_MAX, &p->all, &p->lens, &last),
            ERR_NONE);
    }
    bytes_finish(&streams);
}

// Repeats rounds in a random order until everything connected: gaps are expected.
void kit_copy(struct kit *k, size_t from, size_t to, uint64_t seed) {
    struct pile p = {{0}, {0}};
    read_all(k->nodes[from], &p);
    size_t count = p.lens.len / sizeof(uint32_t);
    size_t *offsets = mem_alloc(count, sizeof *offsets);
    uint32_t *lens = mem_copy(p.lens.data, p.lens.len);
    for (size_t i = 0, at = 0; i < count; at += lens[i++]) {
        offsets[i] = at;
    }
    bool *done = mem_alloc(count, sizeof *done);
    for (size_t left = count, tries = 0; left && tries < count * 50 + 100; tries++) {
        size_t i = (size_t)(kit_random(&seed) % count);
        struct take_result result;
        enum err e = store_take_batch(k->nodes[to], p.all.data + offsets[i], lens[i],
                                      &k->now, &result);
        assert_true(e == ERR_NONE || e == ERR_GAP);
        left -= e == ERR_NONE && !done[i];
        done[i] = done[i] || e == ERR_NONE;
    }
    for (size_t i = 0; i < count; i++) {
        struct take_result result;
        if (!done[i]) { // unlucky draws: in order, every gap closes
            assert_int_equal(store_take_batch(k->nodes[to], p.all.data + offsets[i],
                                              lens[i], &k->now, &result),
                             ERR_NONE);
        }
    }
    mem_free(done);
    mem_free(lens);
    mem_free(offsets);
    bytes_finish(&p.all);
    bytes_finish(&p.lens);
}

void kit_check_same(struct kit *k, size_t a, size_t b, uint32_t channels) {
    struct verify_report x;
    struct verify_report y;
    enum err ea = store_verify(k->nodes[a], &x);
    enum err eb = store_verify(k->nodes[b], &y);
    assert_string_equal(x.trouble, "");
    assert_string_equal(y.trouble, "");
    assert_int_equal(ea, ERR_NONE);
    assert_int_equal(eb, ERR_NONE);
    for (int c = CHANNEL_PROGRAMME; c < CHANNEL_COUNT; c++) {
        if (channels & CHANNEL_BIT(c)) {
            assert_memory_equal(x.channels[c].log, y.channels[c].log, FACT_HASH_BYTES);
            assert_memory_equal(x.channels[c].tables, y.channels[c].tables,
                                FACT_HASH_BYTES);
        }
    }
}

enum verdict kit_admit(struct kit *k, size_t node, const char *gate, const char *code) {
    struct admit_result result;
    k->now.mono_ms += 1000;
    k->now.wall_ms += 1000;
    struct admit_request r = {.gate = gate,
                              .code = code,
                              .code_len = strlen(code),
                              .basis = {.age_ms = 100},
                              .now = k->now};
    assert_int_equal(store_admit(k->nodes[node], &r, &result), ERR_NONE);
    if (result.claim && !result.is_claimed) { // a strict gate, and no hub to ask
        r.claim = result.claim;
        assert_int_equal(store_admit(k->nodes[node], &r, &result), ERR_NONE);
    }
    return result.verdict;
}

void kit_people(struct kit *k) {
    char keys[256];
    char hex[65];
    hex_format(k->ticket_key, FACT_KEY_BYTES, hex);
    snprintf(keys, sizeof keys,
             "{'name':'Test 1','zone':'America/Chicago','start':'2015-03-22',"
             "'ticket_keys':[{'key':'%s'}]}",
             hex);
    kit_say(k, 0, "event", "event", keys);
    kit_say(k, 0, "gate", "meeting", "{'name':'Meeting','prints':true}");
    kit_say(k, 0, "gate", "social",
            "{'name':'Social','list':true,'strict':true,'until':'2015-03-25T06:00:00Z'}");
    kit_say(k, 0, "gate", "free", "{'name':'Plenary','reentry':'free'}");
    kit_say(k, 0, "person", KIT_ZOE,
            "{'name':'Zoë Müller-Ortiz','org':'Example Networks','kind':'week',"
            "'gates':['social'],'ticket':'00000000000000aa'}");
    kit_say(k, 0, "person", KIT_JAN, "{'name':'Jan Mullender','kind':'student'}");
    kit_say(k, 0, "person", KIT_UNPAID, "{'name':'Una Paid','kind':'week','paid':false}");
    kit_say(k, 0, "person", KIT_CANCELLED,
            "{'name':'Can Celled','kind':'week','status':'cancelled'}");
    kit_say(k, 0, "person", KIT_NOTE, "{'name':'No Ted','kind':'week','note':'see Ana'}");
    kit_say(k, 0, "person", KIT_TUESDAY,
            "{'name':'Tue Day','kind':'day','days':['2015-03-24']}");
}
