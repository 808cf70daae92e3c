// Two hubs on one log in a real PostgreSQL: racing, killed between the two commits, behind,
// beside the shared history, and erasing. The stores are driven directly,
// so that each step is where the test wants it.
#include "sync/base/json.h"
#include "sync/base/mem.h"
#include "sync/hub/hub.h"
#include "sync/hub/init.h"
#include "sync/hub/postgres.h"
#include "sync/store/peer_log.h"
#include "tests/support/pg_pair.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

// ---- both write ---------------------------------------------------------------------------

static void test_each_sees_what_the_other_wrote(void **state) {
    (void)state;
    struct pair p;
    pair_start(&p);
    assert_int_equal(pair_say(&p.a, "Gold"), ERR_NONE);
    assert_int_equal(pair_say(&p.b, "Oak"), ERR_NONE); // catches up first
    assert_int_equal(pair_rooms(&p.b), 2);
    assert_int_equal(pair_rooms(&p.a), 1);
    pair_expect_same(&p);
    assert_int_equal(pair_rooms(&p.a), 2);
    pair_finish(&p);
}

enum { RACE_FACTS = 150 };

struct racer {
    struct pair_hub *one;
    char name;
};

static void *race(void *arg) {
    struct racer *r = arg;
    char subject[16];
    for (int i = 0; i < RACE_FACTS; i++) {
        snprintf(subject, sizeof subject, "%c%d", r->name, i);
        if (pair_say(r->one, subject) != ERR_NONE) {
            return r;
        }
    }
    return NULL;
}

static void test_two_that_race_number_without_gap(void **state) {
    (void)state;
    struct pair p;
    pthread_t threads[2];
    void *failed[2];
    pair_start(&p);
    uint64_t before = pair_shared_seq(&p);
    struct racer racers[2] = {{&p.a, 'a'}, {&p.b, 'b'}};
    for (int i = 0; i < 2; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, race, &racers[i]), 0);
    }
    for (int i = 0; i < 2; i++) {
        pthread_join(threads[i], &failed[i]);
        assert_null(failed[i]);
    }
    assert_int_equal(pair_shared_seq(&p), before + 2 * RACE_FACTS);
    pair_expect_same(&p);
    assert_int_equal(pair_rooms(&p.a), 2 * RACE_FACTS);
    pair_finish(&p);
}

// Several channels in one commit: their facts alternate, their batches do not.
static void test_order_within_a_commit_is_kept(void **state) {
    (void)state;
    struct pair p;
    pair_start(&p);
    assert_int_equal(store_begin(p.a.store), ERR_NONE);
    for (int i = 0; i < 20; i++) {
        char subject[32];
        snprintf(subject, sizeof subject, "Room %d", i);
        assert_int_equal(pair_say(&p.a, subject), ERR_NONE);
        snprintf(subject, sizeof subject, "PERSON%010d", i);
        assert_int_equal(pair_say_kind(&p.a, "person", subject, "Zoe"), ERR_NONE);
    }
    assert_int_equal(store_commit(p.a.store), ERR_NONE);
    pair_expect_same(&p);
    pair_finish(&p);
}

static void test_codes_work_at_the_other_hub_once(void **state) {
    (void)state;
    struct pair p;
    char code[ENROLMENT_CODE_SIZE];
    char *wish = NULL;
    pair_start(&p);
    assert_int_equal(peer_enrolment_add(p.a.store, "{\"role\":\"desk\"}", 1000, code),
                     ERR_NONE);
    assert_int_equal(peer_enrolment_take(p.b.store, code, 2000, &wish), ERR_DENIED);
    assert_int_equal(peer_enrolment_take(p.b.store, code, 500, &wish), ERR_NONE);
    assert_string_equal(wish, "{\"role\":\"desk\"}");
    mem_free(wish);
    assert_int_equal(peer_enrolment_take(p.a.store, code, 500, &wish), ERR_DENIED);
    pair_finish(&p);
}

static void test_another_event_is_refused(void **state) {
    (void)state;
    struct pair p;
    struct pair other;
    struct postgres *shared = NULL;
    pair_start(&p);
    pair_start(&other);
    assert_int_equal(postgres_attach(p.url, other.a.dir, other.a.store, &shared),
                     ERR_EXISTS);
    pair_finish(&p);
    pair_finish(&other);
}

// ---- between the two commits ----------------------------------------------------------------

static enum err (*true_commit)(void *arg, const struct exchange_mark *head);

static enum err commit_then_fail(void *arg, const struct exchange_mark *head) {
    assert_int_equal(true_commit(arg, head), ERR_NONE);
    return ERR_READ_ONLY; // the answer did not come back
}

static void test_commit_whose_answer_was_lost_is_there_once(void **state) {
    (void)state;
    struct pair p;
    pair_start(&p);
    struct store_shared lossy = *postgres_shared(p.a.shared);
    true_commit = lossy.commit;
    lossy.commit = commit_then_fail;
    store_share(p.a.store, &lossy);
    assert_int_equal(pair_say(&p.a, "Gold"), ERR_READ_ONLY);
    assert_int_equal(pair_rooms(&p.a), 0); // the mirror went back
    store_share(p.a.store, postgres_shared(p.a.shared));
    pair_follow(&p.a);
    assert_int_equal(pair_rooms(&p.a), 1);
    assert_int_equal(pair_say(&p.a, "Oak"), ERR_NONE);
    pair_expect_same(&p);
    pair_finish(&p);
}

// Power cut after PostgreSQL's commit: the mirror on the disk is one group behind.
static void test_mirror_put_back_catches_up(void **state) {
    (void)state;
    struct pair p;
    pair_start(&p);
    assert_int_equal(pair_say(&p.a, "Gold"), ERR_NONE);
    pair_close(&p.a);
    pair_sh("cp -a $D $E/old", p.a.dir, p.dir);
    pair_open(&p, &p.a);
    assert_int_equal(pair_say(&p.a, "Oak"), ERR_NONE);
    assert_int_equal(pair_say(&p.b, "Elm"), ERR_NONE);
    pair_close(&p.a);
    pair_sh("rm -rf $D && mv $E/old $D", p.a.dir, p.dir);
    pair_open(&p, &p.a);
    assert_int_equal(pair_rooms(&p.a), 3);
    assert_int_equal(pair_say(&p.a, "Ash"), ERR_NONE);
    pair_expect_same(&p);
    pair_finish(&p);
}

static void test_empty_mirror_is_filled(void **state) {
    (void)state;
    struct pair p;
    pair_start(&p);
    assert_int_equal(pair_say(&p.a, "Gold"), ERR_NONE);
    assert_int_equal(pair_say(&p.b, "Oak"), ERR_NONE);
    pair_close(&p.b);
    pair_sh("rm $D/store.db*", p.b.dir, "");
    struct init_options init = {.dir = p.b.dir, .log = p.url, .now = hub_moment(0)};
    assert_int_equal(init_event(&init), ERR_NONE);
    pair_open(&p, &p.b);
    assert_int_equal(pair_rooms(&p.b), 2);
    pair_expect_same(&p);
    pair_finish(&p);
}

// ---- beside the shared history ----------------------------------------------------------------

// What an asynchronous fail-over does: the newest rows are gone.
static void lose_rows(struct pair *p, int count) {
    char sql[400];
    snprintf(sql, sizeof sql,
             "DELETE FROM foyer_row WHERE seq IN (SELECT seq FROM foyer_row ORDER BY seq"
             " DESC LIMIT %d); UPDATE foyer_head SET seq = r.seq, ch = r.ch FROM (SELECT"
             " seq, ch FROM foyer_row ORDER BY seq DESC LIMIT 1) r",
             count);
    pg_server_sql(&pair_server, p->base, sql, NULL, 0);
}

static void test_lost_rows_come_back_from_a_mirror(void **state) {
    (void)state;
    struct pair p;
    pair_start(&p);
    for (int i = 0; i < 6; i++) {
        char subject[8];
        snprintf(subject, sizeof subject, "R%d", i);
        assert_int_equal(pair_say(i % 2 ? &p.a : &p.b, subject), ERR_NONE);
    }
    pair_follow(&p.a);
    pair_follow(&p.b);
    uint64_t before = pair_shared_seq(&p);
    lose_rows(&p, 4);
    assert_int_equal(pair_shared_seq(&p), before - 4);
    pair_expect_same(&p);
    assert_int_equal(pair_shared_seq(&p), before);
    assert_int_equal(pair_rooms(&p.a), 6);
    pair_finish(&p);
}

// The other hub never had the lost rows and wrote on: theirs stand, ours come after.
static void test_lost_rows_come_after_what_was_written_since(void **state) {
    (void)state;
    struct pair p;
    pair_start(&p);
    assert_int_equal(pair_say(&p.b, "Gold"), ERR_NONE);
    pair_follow(&p.a);
    struct exchange_mark common = pair_follow(&p.b);
    assert_int_equal(pair_say(&p.a, "Lost 1"), ERR_NONE);
    assert_int_equal(pair_say(&p.a, "Lost 2"), ERR_NONE);
    lose_rows(&p, 2);
    assert_int_equal(pair_say(&p.b, "New 1"), ERR_NONE);
    assert_int_equal(pair_say(&p.b, "New 2"), ERR_NONE);
    assert_int_equal(pair_say(&p.b, "New 3"), ERR_NONE);
    assert_int_equal(pair_say(&p.a, "After"), ERR_NONE);
    assert_int_equal(pair_shared_seq(&p), common.seq + 6);
    pair_expect_same(&p);
    assert_int_equal(pair_rooms(&p.b), 7);
    pair_finish(&p);
}

static void test_emptied_database_is_filled_from_a_mirror(void **state) {
    (void)state;
    struct pair p;
    pair_start(&p);
    assert_int_equal(pair_say(&p.a, "Gold"), ERR_NONE);
    pair_close(&p.a);
    pair_follow(&p.b);
    pair_close(&p.b);
    pg_server_sql(&pair_server, p.base, "DROP TABLE foyer_head, foyer_row, foyer_code",
                  NULL, 0);
    pair_open(&p, &p.b);
    pair_open(&p, &p.a);
    pair_expect_same(&p);
    assert_int_equal(pair_rooms(&p.a), 1);
    pair_finish(&p);
}

// A hub that was alone so far puts all it has into an empty log.
static void test_hub_that_was_alone_brings_its_log(void **state) {
    (void)state;
    struct pair p;
    pair_make(&p);
    struct init_options init = {.dir = p.a.dir, .now = hub_moment(0)};
    struct store_options options = {.dir = p.a.dir, .is_numbering = true};
    assert_int_equal(init_event(&init), ERR_NONE);
    assert_int_equal(store_open(&options, &p.a.store), ERR_NONE);
    for (int i = 0; i < 1200; i++) {
        char subject[16];
        snprintf(subject, sizeof subject, "R%d", i);
        assert_int_equal(pair_say(&p.a, subject), ERR_NONE);
    }
    pair_attach(&p, &p.a);
    assert_int_equal(pair_shared_seq(&p), 1202);
    pair_sh("mkdir $E && cp $D/*.key $D/import.secret $E/", p.a.dir, p.b.dir);
    init = (struct init_options){.dir = p.b.dir, .log = p.url, .now = hub_moment(0)};
    assert_int_equal(init_event(&init), ERR_NONE);
    pair_open(&p, &p.b);
    pair_expect_same(&p);
    assert_int_equal(pair_rooms(&p.b), 1200);
    pair_finish(&p);
}

// ---- two branches of one stream ---------------------------------------------------------------

struct author {
    uint8_t key[FACT_KEY_BYTES], secret[FACT_SECRET_BYTES];
    uint8_t h[FACT_HASH_BYTES]; // after the first fact
    uint64_t stream;
};

// A batch of one fact, as the device would have signed it.
static void write_batch(const struct author *a, uint64_t n, const char *name,
                        uint8_t io_h[FACT_HASH_BYTES], struct bytes *out) {
    struct fact_header h = {.channel = CHANNEL_PROGRAMME,
                            .ref = {a->stream, n},
                            .hlc = n << 16,
                            .kind = "room",
                            .subject = "Clone"};
    uint8_t header[FACT_HEADER_MAX];
    uint8_t digest[FACT_HASH_BYTES];
    uint8_t sig[FACT_SIG_BYTES];
    char body[64];
    snprintf(body, sizeof body, "{\"name\":\"%s\"}", name);
    size_t len = fact_format_header(&h, header);
    struct fact_view v = {.header = header,
                          .header_len = len,
                          .body = (const uint8_t *)body,
                          .body_len = strlen(body)};
    bytes_clear(out);
    batch_format_start(out, a->key, a->stream, CHANNEL_PROGRAMME, n, io_h);
    batch_format_add(out, 0, &v);
    fact_hash_body(body, strlen(body), digest);
    fact_hash_next(io_h, header, len, digest, io_h);
    batch_sign(a->secret, a->stream, n, io_h, sig);
    batch_format_end(out, sig);
}

static void take(struct pair_hub *o, const struct bytes *batch) {
    struct take_result taken;
    struct moment now = hub_moment(0);
    assert_int_equal(store_take_batch(o->store, batch->data, batch->len, &now, &taken),
                     ERR_NONE);
}

// Hub A took one branch, the fail-over lost it, hub B took the other: B's stands, A's is kept
// as evidence.
static void test_branch_that_was_lost_gives_way(void **state) {
    (void)state;
    struct pair p;
    struct author card = {.stream = 77};
    struct bytes batch = {0};
    uint8_t h[FACT_HASH_BYTES];
    pair_start(&p);
    struct store_identity id = store_identity_get(p.a.store);
    crypto_sign_keypair(card.key, card.secret);
    fact_hash_start(id.event, card.stream, CHANNEL_PROGRAMME, card.key, card.h);
    write_batch(&card, 1, "first", card.h, &batch);
    take(&p.a, &batch);
    pair_follow(&p.b);
    memcpy(h, card.h, sizeof h);
    write_batch(&card, 2, "A's", h, &batch);
    take(&p.a, &batch);
    lose_rows(&p, 1);
    memcpy(h, card.h, sizeof h);
    write_batch(&card, 2, "B's", h, &batch);
    take(&p.b, &batch);
    assert_int_equal(pair_say(&p.a, "After"), ERR_NONE);
    pair_expect_same(&p);
    struct verify_report *r = mem_alloc(1, sizeof *r);
    assert_int_equal(store_verify(p.a.store, r), ERR_NONE);
    assert_int_equal(r->forks, 2); // its own, and what refused the other at first
    mem_free(r);
    bytes_finish(&batch);
    pair_finish(&p);
}

// ---- erasing ------------------------------------------------------------------------------------

static void test_erased_bodies_leave_the_rows(void **state) {
    (void)state;
    struct pair p;
    pair_start(&p);
    assert_int_equal(
        pair_say_kind(&p.a, "person", "0123456789ABCDEF", "Zoe Unforgettable"), ERR_NONE);
    assert_int_equal(pair_say_kind(&p.b, "person", "0123456789ABCDEG", "Jan Remembered"),
                     ERR_NONE);
    assert_true(pg_server_grep(&pair_server, p.base, "Zoe Unforgettable") > 0);
    assert_int_equal(pair_say_kind(&p.b, "person.erase", "0123456789ABCDEF", "asked"),
                     ERR_NONE);
    char count[16];
    pg_server_sql(
        &pair_server, p.base,
        "SELECT count(*) FROM foyer_row WHERE position('Zoe Unforgettable'::bytea"
        " in bytes) > 0",
        count, sizeof count);
    assert_string_equal(count, "0");
    // What a running hub's thread does then.
    pg_server_sql(&pair_server, p.base, "VACUUM FULL foyer_row", NULL, 0);
    assert_int_equal(pg_server_grep(&pair_server, p.base, "Zoe Unforgettable"), 0);
    assert_true(pg_server_grep(&pair_server, p.base, "Jan Remembered") > 0);
    pair_expect_same(&p);
    // A hub that comes new takes the rows as they are now.
    pair_close(&p.b);
    pair_sh("rm $D/store.db*", p.b.dir, "");
    struct init_options init = {.dir = p.b.dir, .log = p.url, .now = hub_moment(0)};
    assert_int_equal(init_event(&init), ERR_NONE);
    pair_open(&p, &p.b);
    pair_expect_same(&p);
    pair_finish(&p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_sees_what_the_other_wrote),
        cmocka_unit_test(test_two_that_race_number_without_gap),
        cmocka_unit_test(test_order_within_a_commit_is_kept),
        cmocka_unit_test(test_codes_work_at_the_other_hub_once),
        cmocka_unit_test(test_another_event_is_refused),
        cmocka_unit_test(test_commit_whose_answer_was_lost_is_there_once),
        cmocka_unit_test(test_mirror_put_back_catches_up),
        cmocka_unit_test(test_empty_mirror_is_filled),
        cmocka_unit_test(test_lost_rows_come_back_from_a_mirror),
        cmocka_unit_test(test_lost_rows_come_after_what_was_written_since),
        cmocka_unit_test(test_emptied_database_is_filled_from_a_mirror),
        cmocka_unit_test(test_hub_that_was_alone_brings_its_log),
        cmocka_unit_test(test_branch_that_was_lost_gives_way),
        cmocka_unit_test(test_erased_bodies_leave_the_rows),
    };
    if (!pg_server_is_installed()) {
        puts("PostgreSQL is not installed (package postgresql): nothing was tested");
        return 77;
    }
    return cmocka_run_group_tests(tests, pair_start_server, pair_finish_server);
}
