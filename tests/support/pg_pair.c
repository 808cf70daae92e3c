#include "tests/support/pg_pair.h"

#include "sync/base/json.h"
#include "sync/base/mem.h"
#include "sync/hub/hub.h"
#include "sync/hub/init.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct pg_server pair_server;
static int databases;

// $D and $E in the command.
void pair_sh(const char *command, const char *d, const char *e) {
    char *text = mem_format("D='%s'; E='%s'; %s", d, e, command);
    assert_int_equal(system(text), 0);
    mem_free(text);
}

void pair_attach(struct pair *p, struct pair_hub *o) {
    assert_int_equal(postgres_attach(p->url, o->dir, o->store, &o->shared), ERR_NONE);
}

void pair_open(struct pair *p, struct pair_hub *o) {
    struct store_options options = {.dir = o->dir, .is_numbering = true};
    assert_int_equal(store_open(&options, &o->store), ERR_NONE);
    pair_attach(p, o);
}

void pair_close(struct pair_hub *o) {
    store_close(o->store);
    postgres_close(o->shared);
    o->store = NULL;
    o->shared = NULL;
}

void pair_make(struct pair *p) {
    *p = (struct pair){0};
    snprintf(p->dir, sizeof p->dir, "/tmp/foyer-test-XXXXXX");
    assert_non_null(mkdtemp(p->dir));
    snprintf(p->base, sizeof p->base, "p%d", ++databases);
    pg_server_add(&pair_server, p->base, p->url, sizeof p->url);
    snprintf(p->a.dir, sizeof p->a.dir, "%s/a", p->dir);
    snprintf(p->b.dir, sizeof p->b.dir, "%s/b", p->dir);
}

void pair_start(struct pair *p) {
    pair_make(p);
    struct init_options init = {.dir = p->a.dir, .log = p->url, .now = hub_moment(0)};
    assert_int_equal(init_event(&init), ERR_NONE);
    init.dir = p->b.dir;
    // Without the first one's keys there is no joining, and nothing is changed.
    assert_int_equal(init_event(&init), ERR_NOT_FOUND);
    pair_sh("cp $D/*.key $D/import.secret $E/", p->a.dir, p->b.dir);
    assert_int_equal(init_event(&init), ERR_NONE);
    pair_open(p, &p->a);
    pair_open(p, &p->b);
}

void pair_finish(struct pair *p) {
    pair_close(&p->a);
    pair_close(&p->b);
    pair_sh("rm -rf $D", p->dir, "");
}

enum err pair_say_kind(struct pair_hub *o, const char *kind, const char *subject,
                       const char *name) {
    struct draft d = {0};
    json_t *body = json_pack("{s:s}", "name", name);
    struct moment now = hub_moment(0);
    assert_int_equal(draft_fill(&d, kind, subject, body), ERR_NONE);
    enum err e = store_append(o->store, &d, 1, &now, NULL);
    draft_finish(&d);
    return e;
}

enum err pair_say(struct pair_hub *o, const char *subject) {
    return pair_say_kind(o, "room", subject, subject);
}

struct exchange_mark pair_follow(struct pair_hub *o) {
    struct exchange_mark head;
    assert_int_equal(store_follow(o->store, &head), ERR_NONE);
    return head;
}

size_t pair_rooms(struct pair_hub *o) {
    struct programme *p = store_read_programme(o->store);
    size_t count = p->room_count;
    programme_destroy(p);
    return count;
}

uint64_t pair_shared_seq(struct pair *p) {
    char text[32];
    pg_server_sql(&pair_server, p->base, "SELECT seq FROM foyer_head", text, sizeof text);
    return strtoull(text, NULL, 10);
}

// Both mirrors are whole, right and the same, and are what the database says.
void pair_expect_same(struct pair *p) {
    struct verify_report *ra = mem_alloc(1, sizeof *ra);
    struct verify_report *rb = mem_alloc(1, sizeof *rb);
    pair_follow(&p->a); // what only one has is published by then
    pair_follow(&p->b);
    struct exchange_mark a = pair_follow(&p->a);
    struct exchange_mark b = pair_follow(&p->b);
    assert_int_equal(a.seq, b.seq);
    assert_memory_equal(a.ch, b.ch, sizeof a.ch);
    assert_int_equal(a.seq, pair_shared_seq(p));
    assert_int_equal(store_verify(p->a.store, ra), ERR_NONE);
    assert_int_equal(store_verify(p->b.store, rb), ERR_NONE);
    assert_memory_equal(ra->channels, rb->channels, sizeof ra->channels);
    assert_int_equal(ra->facts, a.seq);
    assert_int_equal(ra->unsealed, 0);
    mem_free(ra);
    mem_free(rb);
}

int pair_start_server(void **state) {
    (void)state;
    pg_server_start(&pair_server);
    return 0;
}

int pair_finish_server(void **state) {
    (void)state;
    pg_server_finish(&pair_server);
    return 0;
}
