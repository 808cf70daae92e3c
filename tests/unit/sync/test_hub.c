// A hub and devices over real HTTP on the loopback: enrolment, both ways, the doorbell, the
// cut, the stopped hub and the hub restored from an old backup.
#include "sync/base/json.h"
#include "sync/base/mem.h"
#include "sync/hub/snap.h"
#include "sync/net/http.h"
#include "tests/support/event_kit.h"
#include "tests/support/hub_kit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct expect {
    size_t device;
    int64_t people, admitted, incidents;
};

static bool has_counts(struct hub_kit *k, void *arg) {
    const struct expect *x = arg;
    struct store_counts c = hub_kit_counts(k->devices[x->device].store);
    return c.people == x->people && c.admitted == x->admitted &&
           c.incidents == x->incidents;
}

static bool has_hub_counts(struct hub_kit *k, void *arg) {
    const struct expect *x = arg;
    struct store_counts c = hub_kit_counts(k->hub->store);
    return c.people == x->people && c.admitted == x->admitted &&
           c.incidents == x->incidents;
}

static bool is_settled(struct hub_kit *k, void *arg) {
    size_t device = *(const size_t *)arg;
    struct agent_status s = hub_kit_status(k, device);
    return s.is_online && s.unsent == 0 && s.seq == s.head_seq && s.seq > 0;
}

static bool is_offline(struct hub_kit *k, void *arg) {
    return !hub_kit_status(k, *(const size_t *)arg).is_online;
}

static void settle(struct hub_kit *k, size_t device) {
    hub_kit_wait(k, "a device is settled", is_settled, &device);
}

static void expect_at(struct hub_kit *k, size_t device, int64_t people, int64_t admitted,
                      int64_t incidents) {
    struct expect x = {device, people, admitted, incidents};
    hub_kit_wait(k, "counts at a device", has_counts, &x);
}

// A hub and two desks that know both people.
static void start_with_desks(struct hub_kit *k, size_t *out_a, size_t *out_b) {
    hub_kit_start(k);
    *out_a = hub_kit_add(k, "Desk A", "desk");
    *out_b = hub_kit_add(k, "Desk B", "desk");
    expect_at(k, *out_a, 2, 0, 0);
    expect_at(k, *out_b, 2, 0, 0);
}

static void test_admission_at_one_desk_is_seen_at_the_other(void **state) {
    (void)state;
    struct hub_kit k;
    size_t a;
    size_t b;
    start_with_desks(&k, &a, &b);
    assert_int_equal(hub_kit_admit(&k, a, KIT_ZOE), VERDICT_ADMITTED);
    expect_at(&k, b, 2, 1, 0);
    settle(&k, a);
    settle(&k, b);
    struct agent_status s = hub_kit_status(&k, b);
    assert_true(s.has_contact);
    assert_int_equal(s.time_state, TIME_SET);
    hub_kit_finish(&k);
}

struct programme_job {
    size_t notices;
    char room[NAME_SIZE];
    char was[NAME_SIZE];
    bool is_canceled;
};

static enum err programme_run(struct store *s, void *arg) {
    struct programme_job *job = arg;
    struct programme *p = store_read_programme(s);
    job->notices = p->notice_count;
    if (p->session_count) {
        memcpy(job->room, p->sessions[0].room, sizeof job->room);
        memcpy(job->was, p->sessions[0].was_room, sizeof job->was);
        job->is_canceled = p->sessions[0].is_canceled;
    }
    programme_destroy(p);
    return ERR_NONE;
}

static bool has_programme(struct hub_kit *k, void *arg) {
    const struct programme_job *x = arg;
    struct programme_job job = {0};
    assert_int_equal(store_thread_call(k->devices[0].store, programme_run, &job, false),
                     ERR_NONE);
    return job.notices == x->notices && strcmp(job.room, x->room) == 0 &&
           job.is_canceled == x->is_canceled;
}

static void test_verbs_reach_a_screen_by_the_doorbell(void **state) {
    (void)state;
    struct hub_kit k;
    char *text = NULL;
    hub_kit_start(&k);
    size_t screen = hub_kit_add(&k, "Room Gold", "room");
    settle(&k, screen);
    // A signage screen never holds a name.
    assert_int_equal(hub_kit_counts(k.devices[screen].store).people, 0);
    assert_true(hub_kit_verb(&k, NULL, "announce", "Doors close at six", "--level",
                             "warn", NULL));
    struct programme_job x = {.notices = 1, .room = "Gold"};
    hub_kit_wait(&k, "the notice", has_programme, &x);
    assert_true(hub_kit_verb(&k, NULL, "move", "acme", "--room", "Oak", NULL));
    snprintf(x.room, sizeof x.room, "Oak");
    hub_kit_wait(&k, "the new room", has_programme, &x);
    assert_true(hub_kit_verb(&k, NULL, "cancel", "s1", "--note", "no quorum", NULL));
    x.is_canceled = true;
    hub_kit_wait(&k, "the cancellation", has_programme, &x);
    assert_false(hub_kit_verb(&k, &text, "move", "acme", "--room", "Nowhere", NULL));
    assert_non_null(strstr(text, "Nowhere"));
    mem_free(text);
    hub_kit_finish(&k);
}

struct status_job {
    const char *text;
    bool is_said;
};

static bool status_says(struct hub_kit *k, void *arg) {
    const struct status_job *job = arg;
    char *text = NULL;
    assert_true(hub_kit_verb(k, &text, "status", NULL));
    bool is_said = strstr(text, job->text) != NULL;
    mem_free(text);
    return is_said == job->is_said;
}

static void test_status_names_what_only_the_hub_holds(void **state) {
    (void)state;
    struct hub_kit k;
    hub_kit_start(&k);
    struct status_job job = {"facts saved, not yet replicated: ", true};
    assert_true(status_says(&k, &job));
    size_t a = hub_kit_add(&k, "Desk A", "desk");
    settle(&k, a);
    job.is_said = false;
    hub_kit_wait(&k, "the desk has it all", status_says, &job);
    agent_set_link(k.devices[a].agent, false);
    hub_kit_wait(&k, "the desk is cut off", is_offline, &a);
    assert_true(hub_kit_verb(&k, NULL, "announce", "Doors close at six", NULL));
    assert_true(hub_kit_verb(&k, NULL, "move", "acme", "--room", "Oak", NULL));
    job = (struct status_job){"2 facts saved, not yet replicated: notice 1, session 1\n",
                              true};
    assert_true(status_says(&k, &job));
    agent_set_link(k.devices[a].agent, true);
    job = (struct status_job){"not yet replicated", false};
    hub_kit_wait(&k, "the desk took it", status_says, &job);
    hub_kit_finish(&k);
}

static void test_cut_off_desk_heals_into_one_incident(void **state) {
    (void)state;
    struct hub_kit k;
    size_t a;
    size_t b;
    start_with_desks(&k, &a, &b);
    settle(&k, b);
    agent_set_link(k.devices[b].agent, false);
    hub_kit_wait(&k, "desk B is cut off", is_offline, &b);
    assert_int_equal(hub_kit_admit(&k, a, KIT_ZOE), VERDICT_ADMITTED);
    assert_int_equal(hub_kit_admit(&k, b, KIT_ZOE), VERDICT_ADMITTED);
    assert_int_equal(hub_kit_admit(&k, b, KIT_JAN), VERDICT_ADMITTED);
    expect_at(&k, a, 2, 1, 0);
    settle(&k, a);
    assert_int_equal(hub_kit_counts(k.devices[b].store).admitted, 2);
    assert_true(hub_kit_counts(k.devices[b].store).unsent >= 2);
    agent_set_link(k.devices[b].agent, true);
    expect_at(&k, a, 2, 2, 1);
    expect_at(&k, b, 2, 2, 1);
    settle(&k, b);
    hub_kit_finish(&k);
}

static void copy_hub(struct hub_kit *k, const char *from, const char *to) {
    char *command = mem_format("rm -rf '%s/%s' && cp -r '%s/%s' '%s/%s'", k->dir, to,
                               k->dir, from, k->dir, to);
    assert_int_equal(system(command), 0);
    mem_free(command);
}

// The hub comes back as it was before it knew either desk: they show their grants, notice
// the lost history and bring everything back, what the other desk wrote included.
static void test_hub_restored_from_backup_is_healed_by_its_desks(void **state) {
    (void)state;
    struct hub_kit k;
    hub_kit_start(&k);
    hub_kit_stop_hub(&k);
    copy_hub(&k, "hub", "backup");
    hub_kit_serve(&k);
    size_t a = hub_kit_add(&k, "Desk A", "desk");
    size_t b = hub_kit_add(&k, "Desk B", "desk");
    expect_at(&k, a, 2, 0, 0);
    assert_int_equal(hub_kit_admit(&k, a, KIT_ZOE), VERDICT_ADMITTED);
    expect_at(&k, b, 2, 1, 0);
    settle(&k, a);
    settle(&k, b);
    // Desk A never comes back: only B still has its admission.
    agent_set_link(k.devices[a].agent, false);
    hub_kit_stop_hub(&k);
    copy_hub(&k, "backup", "hub");
    hub_kit_serve(&k);
    struct expect x = {0, 2, 1, 0};
    hub_kit_wait(&k, "the restored hub has the admission again", has_hub_counts, &x);
    settle(&k, b);
    hub_kit_finish(&k);
}

static void test_grants_lists_and_role_widens(void **state) {
    (void)state;
    struct hub_kit k;
    char *text = NULL;
    hub_kit_start(&k);
    size_t screen = hub_kit_add(&k, "Hall", "agenda");
    settle(&k, screen);
    assert_int_equal(hub_kit_counts(k.devices[screen].store).people, 0);
    assert_true(hub_kit_verb(&k, NULL, "role", "Hall", "--role", "desk", NULL));
    expect_at(&k, screen, 2, 0, 0);
    assert_true(hub_kit_verb(&k, NULL, "role", "Hall", "--role", "agenda", NULL));
    expect_at(&k, screen, 0, 0, 0);
    assert_true(hub_kit_verb(&k, &text, "grants", NULL));
    assert_non_null(strstr(text, "Hall"));
    mem_free(text);
    hub_kit_finish(&k);
}

static enum err revoked_run(struct store *s, void *arg) {
    struct device_info *info = arg;
    return store_find_device(s, info->dev, info);
}

struct revoked {
    size_t device; // whose store is asked
    uint64_t dev;  // about whom
};

static bool is_revoked_in(struct store_thread *store, uint64_t dev) {
    struct device_info info = {.dev = dev};
    return store_thread_call(store, revoked_run, &info, false) == ERR_NONE &&
           info.is_revoked;
}

static bool knows_revoked(struct hub_kit *k, void *arg) {
    const struct revoked *r = arg;
    return is_revoked_in(k->devices[r->device].store, r->dev);
}

static bool hub_knows_revoked(struct hub_kit *k, void *arg) {
    const struct revoked *r = arg;
    return is_revoked_in(k->hub->store, r->dev);
}

static bool is_in_files(const struct hub_kit *k, const char *dir, const char *text) {
    char *command = mem_format("grep -rqa '%s' '%s/%s'", text, k->dir, dir);
    int status = system(command);
    mem_free(command);
    return status == 0;
}

// What the lost desk sent stands; what it did later is taken and kept in quarantine. It
// hears of its revocation by the signed fact and erases what it may no longer hold.
static void test_revoked_desk_erases_people(void **state) {
    (void)state;
    struct hub_kit k;
    size_t a;
    size_t b;
    start_with_desks(&k, &a, &b);
    assert_int_equal(hub_kit_admit(&k, b, KIT_ZOE), VERDICT_ADMITTED);
    expect_at(&k, a, 2, 1, 0);
    settle(&k, b);
    assert_true(is_in_files(&k, "1", "Zoe Example"));
    agent_set_link(k.devices[b].agent, false);
    assert_int_equal(hub_kit_admit(&k, b, KIT_JAN), VERDICT_ADMITTED);
    assert_true(
        hub_kit_verb(&k, NULL, "revoke", "Desk B", "--reason", "left in a taxi", NULL));
    assert_int_equal(hub_kit_admit(&k, a, KIT_JAN), VERDICT_ADMITTED);
    settle(&k, a);
    agent_set_link(k.devices[b].agent, true);
    expect_at(&k, b, 0, 0, 0);
    struct revoked r = {b, k.devices[b].identity.dev};
    hub_kit_wait(&k, "desk B knows", knows_revoked, &r);
    assert_false(is_in_files(&k, "1", "Zoe Example"));
    assert_false(is_in_files(&k, "1", "Jan Example"));
    assert_true(hub_kit_counts(k.hub->store).quarantined >= 1);
    struct expect x = {0, 2, 2, 0}; // one admission of Jan counts: no incident
    hub_kit_wait(&k, "the hub has both", has_hub_counts, &x);
    expect_at(&k, a, 2, 2, 0);
    assert_false(hub_kit_verb(&k, NULL, "revoke", "Hub", NULL));
    hub_kit_finish(&k);
}

// A hub put back to before the revocation learns of it from any desk that knows.
static void test_restored_hub_learns_of_a_revocation(void **state) {
    (void)state;
    struct hub_kit k;
    size_t a;
    size_t b;
    start_with_desks(&k, &a, &b);
    struct revoked r = {a, k.devices[b].identity.dev};
    hub_kit_stop_hub(&k);
    copy_hub(&k, "hub", "backup");
    hub_kit_serve(&k);
    assert_true(hub_kit_verb(&k, NULL, "revoke", "Desk B", NULL));
    hub_kit_wait(&k, "desk A knows", knows_revoked, &r);
    hub_kit_stop_hub(&k);
    copy_hub(&k, "backup", "hub");
    hub_kit_serve(&k);
    hub_kit_wait(&k, "the hub knows again", hub_knows_revoked, &r);
    expect_at(&k, b, 0, 0, 0);
    hub_kit_finish(&k);
}

enum { CROWD = 6000 };

static struct http_answer fetch(struct http *http, const char *path, uint64_t from) {
    struct http_answer answer = {0};
    struct http_request r = {
        .method = "GET", .path = path, .timeout_ms = 10000, .range_from = from};
    assert_true(http_call(http, &r, &answer));
    assert_int_equal(answer.err, ERR_NONE);
    return answer;
}

// A download that broke off goes on where it stopped.
static void check_ranges(struct hub_kit *k, size_t device) {
    char url[64];
    char path[96];
    struct http_signer signer = {.sign = hub_kit_sign, .arg = &k->devices[device]};
    struct bytes whole = {0};
    json_t *manifest = NULL;
    snprintf(url, sizeof url, "http://127.0.0.1:%u", k->port);
    struct http *http = http_create(url, &signer);
    struct http_answer a = fetch(http, "/v1/snap", 0);
    assert_int_equal(json_parse(a.body, a.len, &manifest), ERR_NONE);
    const json_t *first = json_array_get(json_object_get(manifest, "chunks"), 0);
    snprintf(path, sizeof path, "/v1/blob/%s", json_get_text(first, "hash", ""));
    a = fetch(http, path, 0);
    assert_int_equal(a.status, 200);
    assert_int_equal(a.len, json_get_int(first, "bytes", 0));
    bytes_add(&whole, a.body, a.len);
    a = fetch(http, path, 1000);
    assert_int_equal(a.status, 206);
    assert_int_equal(a.len, whole.len - 1000);
    assert_memory_equal(a.body, whole.data + 1000, a.len);
    char *last = &path[strlen(path) - 1];
    *last = *last == '0' ? '1' : '0'; // still a hash, but of nothing
    a = fetch(http, path, 0);
    assert_int_equal(a.status, 404);
    a = fetch(http, "/v1/blob/..%2f..%2fstore.db", 0);
    assert_int_equal(a.status / 100, 4);
    json_decref(manifest);
    bytes_finish(&whole);
    http_destroy(http);
}

static void test_new_desk_takes_the_snapshot(void **state) {
    (void)state;
    struct hub_kit k;
    hub_kit_start(&k);
    hub_kit_add_crowd(&k, CROWD);
    size_t a = hub_kit_add(&k, "Desk A", "desk");
    expect_at(&k, a, 2 + CROWD, 0, 0);
    settle(&k, a);
    char *command = mem_format("test -n \"$(ls '%s/hub/snap')\"", k.dir);
    assert_int_equal(system(command), 0);
    mem_free(command);
    // Fewer pages than a crowd would need: the rest came as chunks.
    assert_true(atomic_load(&k.hub->metrics[HUB_BATCHES_OUT]) < 10);
    check_ranges(&k, a);
    hub_kit_finish(&k);
}

static bool was_told_to_wait(struct hub_kit *k, void *arg) {
    (void)arg;
    return atomic_load(&k->hub->metrics[HUB_BUSY]) > 0;
}

static void test_new_desk_waits_while_many_are_served(void **state) {
    (void)state;
    struct hub_kit k;
    hub_kit_start(&k);
    hub_kit_add_crowd(&k, CROWD);
    atomic_fetch_add(&k.hub->downloads, 2 * SNAP_DOWNLOADS_MAX); // as many as may be
    size_t a = hub_kit_add(&k, "Desk A", "desk");
    while (!was_told_to_wait(&k, NULL)) {
        struct timespec ms = {0, 1000000};
        nanosleep(&ms, NULL);
    }
    // Meanwhile it knows nobody, but it is a desk: it stays usable.
    assert_int_equal(hub_kit_counts(k.devices[a].store).people, 0);
    atomic_fetch_sub(&k.hub->downloads, 2 * SNAP_DOWNLOADS_MAX); // they are through
    expect_at(&k, a, 2 + CROWD, 0, 0);
    hub_kit_finish(&k);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_admission_at_one_desk_is_seen_at_the_other),
        cmocka_unit_test(test_verbs_reach_a_screen_by_the_doorbell),
        cmocka_unit_test(test_status_names_what_only_the_hub_holds),
        cmocka_unit_test(test_cut_off_desk_heals_into_one_incident),
        cmocka_unit_test(test_hub_restored_from_backup_is_healed_by_its_desks),
        cmocka_unit_test(test_grants_lists_and_role_widens),
        cmocka_unit_test(test_revoked_desk_erases_people),
        cmocka_unit_test(test_restored_hub_learns_of_a_revocation),
        cmocka_unit_test(test_new_desk_takes_the_snapshot),
        cmocka_unit_test(test_new_desk_waits_while_many_are_served),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
