#include "tests/support/hub_kit.h"

#include "sync/agent/enrol.h"
#include "sync/agent/jobs.h"
#include "sync/base/clock.h"
#include "sync/base/json.h"
#include "sync/base/mem.h"
#include "sync/hub/init.h"
#include "sync/hub/relay.h"
#include "sync/net/control.h"
#include "sync/net/http.h"
#include "tests/support/event_kit.h"
#include "tests/support/pg_server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

static const struct {
    const char *kind, *subject, *body;
} seeds[] = {
    {"event", "event",
     "{'name':'Test "
     "1','zone':'America/Chicago','start':'2015-03-22','end':'2015-03-27'}"},
    {"room", "Gold", "{'name':'Gold'}"},
    {"room", "Oak", "{'name':'Oak'}"},
    {"session", "s1",
     "{'acronym':'acme','name':'ACME','type':'regular','room':'Gold',"
     "'start':'2015-03-25T18:00:00Z','minutes':90,'status':'sched'}"},
    {"gate", "meeting", "{'name':'Meeting','prints':true,'reentry':'once'}"},
    {"gate", "social", "{'name':'Social','strict':true,'reentry':'once'}"},
    {"person", KIT_ZOE, "{'name':'Zoe Example','kind':'week'}"},
    {"person", KIT_JAN, "{'name':'Jan Example','kind':'week'}"},
};

struct say_job {
    const char *kind, *subject, *body;
    struct moment now;
};

static enum err say_run(struct store *s, void *arg) {
    const struct say_job *job = arg;
    struct draft d = {0};
    json_t *body = NULL;
    char *text = mem_copy_text(job->body);
    for (char *c = text; *c; c++) {
        *c = *c == '\'' ? '"' : *c;
    }
    assert_int_equal(json_parse(text, strlen(text), &body), ERR_NONE);
    assert_int_equal(draft_fill(&d, job->kind, job->subject, body), ERR_NONE);
    enum err e = store_append(s, &d, 1, &job->now, NULL);
    draft_finish(&d);
    mem_free(text);
    return e;
}

void hub_kit_serve(struct hub_kit *k) {
    char listen[32];
    char *dir = mem_format("%s/hub", k->dir);
    snprintf(listen, sizeof listen, "127.0.0.1:%u", k->port);
    struct hub_options o = {.dir = dir, .listen = listen, .time = {.is_trusted = true}};
    assert_int_equal(hub_start(&o, &k->hub), ERR_NONE);
    k->port = hub_port(k->hub);
    assert_int_not_equal(k->port, 0);
    mem_free(dir);
}

void hub_kit_stop_hub(struct hub_kit *k) {
    hub_stop(k->hub);
    k->hub = NULL;
}

void hub_kit_start(struct hub_kit *k) {
    *k = (struct hub_kit){0};
    snprintf(k->dir, sizeof k->dir, "/tmp/foyer-test-XXXXXX");
    assert_non_null(mkdtemp(k->dir));
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&k->woken, &monotonic);
    pthread_condattr_destroy(&monotonic);
    pthread_mutex_init(&k->lock, NULL);
    char url[128];
    char *dir = mem_format("%s/hub", k->dir);
    bool is_shared = pg_server_test_log(url, sizeof url);
    struct init_options init = {
        .dir = dir, .log = is_shared ? url : NULL, .now = hub_moment(0)};
    assert_int_equal(init_event(&init), ERR_NONE);
    mem_free(dir);
    hub_kit_serve(k);
    for (size_t i = 0; i < sizeof seeds / sizeof *seeds; i++) {
        struct say_job job = {seeds[i].kind, seeds[i].subject, seeds[i].body,
                              hub_now(k->hub)};
        assert_int_equal(store_thread_call(k->hub->store, say_run, &job, false),
                         ERR_NONE);
    }
}

void hub_kit_finish(struct hub_kit *k) {
    for (size_t i = 0; i < k->count; i++) {
        agent_stop(k->devices[i].agent);
    }
    for (size_t i = 0; i < k->count; i++) {
        agent_join(k->devices[i].agent);
        store_thread_stop(k->devices[i].store);
        store_thread_join(k->devices[i].store);
    }
    hub_stop(k->relay);
    hub_stop(k->hub);
    pthread_cond_destroy(&k->woken);
    pthread_mutex_destroy(&k->lock);
    char *command = mem_format("rm -rf '%s'", k->dir);
    assert_int_equal(system(command), 0);
    mem_free(command);
}

static void wake(void *arg) {
    struct hub_kit *k = arg;
    pthread_mutex_lock(&k->lock);
    pthread_cond_broadcast(&k->woken);
    pthread_mutex_unlock(&k->lock);
}

static void claimed(void *arg, const struct claim_answer *answer) {
    struct hub_device *d = arg;
    pthread_mutex_lock(&d->kit->lock);
    d->claimed = *answer;
    d->claimed_count++;
    pthread_cond_broadcast(&d->kit->woken);
    pthread_mutex_unlock(&d->kit->lock);
}

bool hub_kit_verb(struct hub_kit *k, char **out_text, const char *verb, ...) {
    struct bytes out = {0};
    bool is_ok = false;
    json_t *args = json_array();
    va_list list;
    va_start(list, verb);
    for (const char *arg = va_arg(list, const char *); arg;
         arg = va_arg(list, const char *)) {
        json_array_append_new(args, json_string(arg));
    }
    va_end(list);
    char *path = mem_format("%s/hub/control", k->dir);
    struct control_request request = {.verb = verb, .args = args};
    assert_int_equal(control_call(path, &request, &is_ok, &out), ERR_NONE);
    bytes_add_u8(&out, 0);
    if (out_text) {
        *out_text = mem_copy_text((const char *)out.data);
    }
    mem_free(path);
    json_decref(args);
    bytes_finish(&out);
    return is_ok;
}

static void get_code(struct hub_kit *k, const char *name, const char *role,
                     char out[32]) {
    char *text = NULL;
    assert_true(hub_kit_verb(k, &text, "enrol", "--name", name, "--role", role, NULL));
    assert_int_equal(sscanf(text, "code %31s", out), 1);
    mem_free(text);
}

void hub_kit_serve_relay(struct hub_kit *k) {
    char listen[32];
    char *dir = mem_format("%s/relay", k->dir);
    snprintf(listen, sizeof listen, "127.0.0.1:%u", k->relay_port);
    struct hub_options o = {.dir = dir, .listen = listen, .upstream = k->relay_upstream};
    assert_int_equal(hub_start(&o, &k->relay), ERR_NONE);
    k->relay_port = hub_port(k->relay);
    mem_free(dir);
}

void hub_kit_join_relay(struct hub_kit *k) {
    char code[32];
    char url[64];
    char *dir = mem_format("%s/relay", k->dir);
    get_code(k, "Relay", "relay", code);
    snprintf(url, sizeof url, "http://127.0.0.1:%u", k->port);
    struct moment now = hub_moment(0);
    struct relay_enrolment join = {
        .dir = dir, .url = url, .code = code, .name = "", .now = &now};
    assert_int_equal(relay_enrol(&join), ERR_NONE);
    hub_kit_serve_relay(k);
    mem_free(dir);
}

void hub_kit_stop_relay(struct hub_kit *k) {
    hub_stop(k->relay);
    k->relay = NULL;
}

static void enrol(struct hub_kit *k, struct store *s, const char *name, const char *role,
                  char *url, size_t url_size) {
    char code[32];
    char said[ENROL_TEXT_SIZE];
    get_code(k, name, role, code);
    snprintf(url, url_size, "http://127.0.0.1:%u", k->port);
    struct enrol_wish wish = {.url = url, .code = code, .name = name};
    struct moment now = hub_moment(0);
    assert_int_equal(enrol_run(s, &wish, &now, said), ERR_NONE);
    // Once only.
    assert_int_equal(enrol_run(s, &wish, &now, said), ERR_DENIED);
}

size_t hub_kit_add(struct hub_kit *k, const char *name, const char *role) {
    size_t i = k->count++;
    struct hub_device *d = &k->devices[i];
    struct store *s = NULL;
    char url[64];
    char *dir = mem_format("%s/%zu", k->dir, i);
    struct store_options o = {.dir = dir};
    assert_int_equal(store_open(&o, &s), ERR_NONE);
    mem_free(dir);
    enrol(k, s, name, role, url, sizeof url);
    d->kit = k;
    d->identity = store_identity_get(s);
    d->store = store_thread_start(s, false);
    struct agent_options a = {.store = d->store,
                              .url = k->upstreams[0] ? k->upstreams : url,
                              .wake = wake,
                              .wake_arg = k,
                              .claimed = claimed,
                              .claimed_arg = d};
    d->agent = agent_start(&a);
    return i;
}

void hub_kit_sign(void *device, struct http_signing *s) {
    struct hub_device *d = device;
    struct jobs_sign job = {{0}, {0}};
    auth_text(s->method, s->path, s->body, s->len, job.text);
    assert_int_equal(store_thread_call(d->store, jobs_run_sign, &job, false), ERR_NONE);
    hex_format(d->identity.key, FACT_KEY_BYTES, s->key_hex);
    hex_format(job.sig, sizeof job.sig, s->sig_hex);
}

struct crowd_job {
    int count;
    struct moment now;
};

static enum err crowd_run(struct store *s, void *arg) {
    const struct crowd_job *job = arg;
    struct drafts d = {0};
    for (int i = 0; i < job->count; i++) {
        char id[PERSON_ID_SIZE];
        snprintf(id, sizeof id, "7777777777%06d", i % 1000000);
        json_t *body = json_pack("{s:s,s:s}", "name", id, "kind", "week");
        assert_int_equal(drafts_add(&d, "person", id, body), ERR_NONE);
    }
    enum err e = store_append(s, d.items, d.count, &job->now, NULL);
    drafts_finish(&d);
    return e;
}

void hub_kit_add_crowd(struct hub_kit *k, int count) {
    struct crowd_job job = {count, hub_now(k->hub)};
    assert_int_equal(store_thread_call(k->hub->store, crowd_run, &job, false), ERR_NONE);
}

void hub_kit_wait(struct hub_kit *k, const char *what,
                  bool (*holds)(struct hub_kit *k, void *arg), void *arg) {
    uint64_t until = clock_mono_ms() + HUB_KIT_WAIT_MS;
    while (!holds(k, arg)) {
        if (clock_mono_ms() > until) {
            fail_msg("waited in vain: %s", what);
        }
        // A wake between the question and the wait is not lost for long.
        struct timespec at;
        clock_gettime(CLOCK_MONOTONIC, &at);
        at.tv_nsec += 20000000;
        at.tv_sec += at.tv_nsec / 1000000000;
        at.tv_nsec %= 1000000000;
        pthread_mutex_lock(&k->lock);
        pthread_cond_timedwait(&k->woken, &k->lock, &at);
        pthread_mutex_unlock(&k->lock);
    }
}

struct admit_job {
    const char *gate, *person;
    struct claim_answer claimed; // nonce 0: not asked yet
    struct agent_status status;
    struct admit_result result;
};

static enum err admit_run(struct store *s, void *arg) {
    struct admit_job *job = arg;
    struct moment now = agent_moment(&job->status);
    struct admit_request r = {.gate = job->gate,
                              .person = job->person,
                              .by = "",
                              .claim = job->claimed.claimed.nonce,
                              .is_confirmed = job->claimed.is_answered,
                              .basis = agent_basis(&job->status, now.mono_ms),
                              .now = now};
    return store_admit(s, &r, &job->result);
}

enum verdict hub_kit_admit(struct hub_kit *k, size_t device, const char *person) {
    struct hub_device *d = &k->devices[device];
    struct admit_job job = {
        .gate = "meeting", .person = person, .status = hub_kit_status(k, device)};
    assert_int_equal(store_thread_call(d->store, admit_run, &job, false), ERR_NONE);
    agent_tell_change(d->agent);
    return job.result.verdict;
}

uint64_t hub_kit_ask_strict(struct hub_kit *k, size_t device, const char *person) {
    struct hub_device *d = &k->devices[device];
    struct admit_job job = {
        .gate = "social", .person = person, .status = hub_kit_status(k, device)};
    struct exchange_claim claim = {.gate = "social"};
    assert_int_equal(store_thread_call(d->store, admit_run, &job, false), ERR_NONE);
    if (job.result.verdict != VERDICT_ADMITTED) {
        return 0; // known here without asking
    }
    assert_int_not_equal(job.result.claim, 0);
    assert_int_equal(job.result.ref.n, 0);
    claim.nonce = job.result.claim;
    snprintf(claim.person, sizeof claim.person, "%s", person);
    agent_claim(d->agent, &claim);
    return claim.nonce;
}

bool hub_kit_is_claimed(struct hub_kit *k, size_t device, uint64_t nonce,
                        struct claim_answer *out) {
    pthread_mutex_lock(&k->lock);
    *out = k->devices[device].claimed;
    pthread_mutex_unlock(&k->lock);
    return out->claimed.nonce == nonce;
}

struct admit_result hub_kit_admit_claimed(struct hub_kit *k, size_t device,
                                          const char *person,
                                          const struct claim_answer *answer) {
    struct hub_device *d = &k->devices[device];
    struct admit_job job = {.gate = "social",
                            .person = person,
                            .claimed = *answer,
                            .status = hub_kit_status(k, device)};
    if (answer->is_answered && !answer->claimed.has_won) {
        return (struct admit_result){.verdict = VERDICT_ALREADY_IN};
    }
    assert_int_equal(store_thread_call(d->store, admit_run, &job, false), ERR_NONE);
    agent_tell_change(d->agent);
    return job.result;
}

struct claim_wait {
    size_t device;
    uint64_t nonce;
    struct claim_answer answer;
};

static bool is_claimed(struct hub_kit *k, void *arg) {
    struct claim_wait *w = arg;
    return hub_kit_is_claimed(k, w->device, w->nonce, &w->answer);
}

struct admit_result hub_kit_admit_strict(struct hub_kit *k, size_t device,
                                         const char *person) {
    struct claim_wait w = {.device = device,
                           .nonce = hub_kit_ask_strict(k, device, person)};
    if (!w.nonce) {
        return (struct admit_result){.verdict = VERDICT_ALREADY_IN};
    }
    hub_kit_wait(k, "the answer to a claim", is_claimed, &w);
    return hub_kit_admit_claimed(k, device, person, &w.answer);
}

struct counts_job {
    const char *gate;
    struct store_counts counts;
};

static enum err counts_run(struct store *s, void *arg) {
    struct counts_job *job = arg;
    struct moment now = hub_moment(0);
    job->counts = store_read_counts(s, job->gate, &now);
    return ERR_NONE;
}

struct store_counts hub_kit_counts(struct store_thread *store) {
    struct counts_job job = {.gate = "meeting"};
    assert_int_equal(store_thread_call(store, counts_run, &job, false), ERR_NONE);
    return job.counts;
}

struct agent_status hub_kit_status(struct hub_kit *k, size_t device) {
    struct agent_status s;
    agent_get_status(k->devices[device].agent, &s);
    return s;
}
