// A real hub, a real relay and desks behind it over the loopback: the uplink cut and healed,
// the hub restored, the relay's disk lost, a desk between the two.
#include "sync/agent/enrol.h"
#include "sync/base/mem.h"
#include "sync/hub/relay.h"
#include "sync/hub/verbs.h"
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
    struct store_thread *store;
    int64_t people, admitted;
};

static bool has_counts(struct hub_kit *k, void *arg) {
    (void)k;
    const struct expect *x = arg;
    struct store_counts c = hub_kit_counts(x->store);
    return c.people == x->people && c.admitted == x->admitted;
}

static void expect_in(struct hub_kit *k, struct store_thread *store, int64_t people,
                      int64_t admitted) {
    struct expect x = {store, people, admitted};
    hub_kit_wait(k, "counts in a store", has_counts, &x);
}

static void expect_at(struct hub_kit *k, size_t device, int64_t people,
                      int64_t admitted) {
    expect_in(k, k->devices[device].store, people, admitted);
}

struct waiting {
    size_t device;
    bool is_relay, is_on_lan;
};

static bool has_sent(struct hub_kit *k, void *arg) {
    const struct waiting *x = arg;
    struct agent_status s = hub_kit_status(k, x->device);
    return s.is_online && s.is_relay == x->is_relay && s.unsent == 0 &&
           (s.on_lan > 0) == x->is_on_lan && s.seq == s.head_seq && s.seq > 0;
}

// At the relay and not further, at the relay and sent, or at the hub.
static void expect_on_lan(struct hub_kit *k, size_t device) {
    struct waiting x = {device, true, true};
    hub_kit_wait(k, "on the LAN", has_sent, &x);
}

static void expect_sent_by_relay(struct hub_kit *k, size_t device) {
    struct waiting x = {device, true, false};
    hub_kit_wait(k, "sent by the relay", has_sent, &x);
}

static void expect_sent_to_hub(struct hub_kit *k, size_t device) {
    struct waiting x = {device, false, false};
    hub_kit_wait(k, "sent to the hub", has_sent, &x);
}

static void use_relay_only(struct hub_kit *k) {
    snprintf(k->upstreams, sizeof k->upstreams, "http://127.0.0.1:%u", k->relay_port);
}

static void use_hub_and_relay(struct hub_kit *k) {
    snprintf(k->upstreams, sizeof k->upstreams,
             "http://127.0.0.1:%u, http://127.0.0.1:%u", k->port, k->relay_port);
}

// Copies or removes a directory of the kit's.
static void replace_dir(struct hub_kit *k, const char *to, const char *from) {
    char *command =
        mem_format("cd '%s' && rm -rf %s && %s%s %s", k->dir, to,
                   from ? "cp -r " : "true ", from ? from : "", from ? to : "");
    assert_int_equal(system(command), 0);
    mem_free(command);
}

static bool is_uplink(struct hub_kit *k, void *arg) {
    struct agent_status s;
    relay_get_status(k->relay->relay, &s);
    return s.is_online == *(const bool *)arg;
}

static void cut_uplink(struct hub_kit *k, bool is_up) {
    relay_set_link(k->relay->relay, is_up);
    hub_kit_wait(k, "the uplink is cut or back", is_uplink, &is_up);
}

static enum err verify_run(struct store *s, void *arg) {
    return store_verify(s, arg);
}

static void expect_same(struct hub_kit *k) {
    struct store_thread *stores[] = {k->hub->store, k->relay->store};
    struct verify_report r[2];
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(store_thread_call(stores[i], verify_run, &r[i], false),
                         ERR_NONE);
    }
    for (int c = CHANNEL_PROGRAMME; c <= CHANNEL_FLEET; c++) {
        assert_memory_equal(r[0].channels[c].tables, r[1].channels[c].tables,
                            FACT_HASH_BYTES);
    }
}

static void start_with_relay(struct hub_kit *k) {
    hub_kit_start(k);
    hub_kit_join_relay(k);
}

// Two desks that know both people.
static void add_desks(struct hub_kit *k, size_t *out_a, size_t *out_b) {
    *out_a = hub_kit_add(k, "Desk A", "desk");
    *out_b = hub_kit_add(k, "Desk B", "desk");
    expect_at(k, *out_a, 2, 0);
    expect_at(k, *out_b, 2, 0);
}

static void test_cut_uplink_leaves_the_lan_at_work_and_heals(void **state) {
    (void)state;
    struct hub_kit k;
    size_t a;
    size_t b;
    start_with_relay(&k);
    use_relay_only(&k);
    add_desks(&k, &a, &b);
    expect_sent_by_relay(&k, a);
    cut_uplink(&k, false);
    assert_int_equal(hub_kit_admit(&k, a, KIT_ZOE), VERDICT_ADMITTED);
    expect_at(&k, b, 2, 1);
    expect_on_lan(&k, a);
    assert_true(hub_kit_counts(k.devices[a].store).on_lan > 0);
    assert_int_equal(hub_kit_counts(k.hub->store).admitted, 0);
    cut_uplink(&k, true);
    expect_in(&k, k.hub->store, 2, 1);
    // Told by the relay's doorbell: the next round by the clock is a minute away.
    expect_sent_by_relay(&k, a);
    assert_int_equal(hub_kit_counts(k.devices[a].store).on_lan, 0);
    expect_same(&k);
    hub_kit_finish(&k);
}

static void test_desks_go_to_the_relay_and_come_back(void **state) {
    (void)state;
    struct hub_kit k;
    size_t a;
    size_t b;
    start_with_relay(&k);
    use_hub_and_relay(&k);
    add_desks(&k, &a, &b);
    expect_sent_to_hub(&k, a);
    expect_in(&k, k.relay->store, 2, 0);
    hub_kit_stop_hub(&k);
    assert_int_equal(hub_kit_admit(&k, a, KIT_ZOE), VERDICT_ADMITTED);
    expect_on_lan(&k, a);
    expect_at(&k, b, 2, 1);
    hub_kit_serve(&k);
    expect_in(&k, k.hub->store, 2, 1);
    expect_sent_to_hub(&k, a);
    expect_sent_to_hub(&k, b);
    hub_kit_finish(&k);
}

static void test_hub_restored_behind_a_relay_is_healed_by_it(void **state) {
    (void)state;
    struct hub_kit k;
    hub_kit_start(&k);
    hub_kit_stop_hub(&k);
    replace_dir(&k, "backup", "hub");
    hub_kit_serve(&k);
    hub_kit_join_relay(&k);
    use_relay_only(&k);
    size_t a = hub_kit_add(&k, "Desk A", "desk");
    expect_at(&k, a, 2, 0);
    assert_int_equal(hub_kit_admit(&k, a, KIT_ZOE), VERDICT_ADMITTED);
    expect_in(&k, k.hub->store, 2, 1);
    expect_sent_by_relay(&k, a);
    hub_kit_stop_hub(&k);
    replace_dir(&k, "hub", "backup");
    hub_kit_serve(&k);
    expect_in(&k, k.hub->store, 2, 1);
    expect_sent_by_relay(&k, a);
    hub_kit_finish(&k);
}

static void test_relay_that_loses_its_disk_loses_nothing(void **state) {
    (void)state;
    struct hub_kit k;
    start_with_relay(&k);
    use_hub_and_relay(&k);
    size_t a = hub_kit_add(&k, "Desk A", "desk");
    expect_at(&k, a, 2, 0);
    expect_sent_to_hub(&k, a);
    expect_in(&k, k.relay->store, 2, 0);
    hub_kit_stop_hub(&k);
    assert_int_equal(hub_kit_admit(&k, a, KIT_ZOE), VERDICT_ADMITTED);
    expect_on_lan(&k, a);
    hub_kit_stop_relay(&k);
    replace_dir(&k, "relay", NULL);
    hub_kit_serve(&k);
    expect_in(&k, k.hub->store, 2, 1);
    expect_sent_to_hub(&k, a);
    // A new one at the old address, with another log, is filled from scratch.
    hub_kit_join_relay(&k);
    expect_in(&k, k.relay->store, 2, 1);
    hub_kit_stop_hub(&k);
    assert_int_equal(hub_kit_admit(&k, a, KIT_JAN), VERDICT_ADMITTED);
    expect_on_lan(&k, a);
    expect_in(&k, k.relay->store, 2, 2);
    hub_kit_finish(&k);
}

// Back and forth, each time with something to tell: nothing is lost, nothing comes twice.
static void test_flapping_desk_is_safe(void **state) {
    (void)state;
    struct hub_kit k;
    start_with_relay(&k);
    use_relay_only(&k);
    size_t b = hub_kit_add(&k, "Desk B", "desk");
    use_hub_and_relay(&k);
    size_t a = hub_kit_add(&k, "Desk A", "desk");
    expect_at(&k, a, 2, 0);
    expect_at(&k, b, 2, 0);
    expect_sent_to_hub(&k, a);
    cut_uplink(&k, false);
    assert_int_equal(hub_kit_admit(&k, a, KIT_ZOE), VERDICT_ADMITTED); // at the hub only
    expect_in(&k, k.hub->store, 2, 1);
    hub_kit_stop_hub(&k);
    assert_int_equal(hub_kit_admit(&k, b, KIT_JAN),
                     VERDICT_ADMITTED); // at the relay only
    expect_on_lan(&k, b);
    expect_at(&k, b, 2, 2); // Desk A brought over what only the hub had
    expect_at(&k, a, 2, 2);
    hub_kit_serve(&k);
    expect_sent_to_hub(&k, a); // and takes along what only the relay had
    expect_in(&k, k.hub->store, 2, 2);
    cut_uplink(&k, true);
    expect_sent_by_relay(&k, b);
    bool is_up = true;
    hub_kit_wait(&k, "the uplink", is_uplink, &is_up);
    expect_same(&k);
    hub_kit_finish(&k);
}

enum { CROWD = 6000 };

static void test_newcomer_takes_the_snapshot_from_the_relay(void **state) {
    (void)state;
    struct hub_kit k;
    hub_kit_start(&k);
    hub_kit_add_crowd(&k, CROWD);
    hub_kit_join_relay(&k);
    expect_in(&k, k.relay->store, CROWD + 2, 0);
    use_relay_only(&k);
    size_t a = hub_kit_add(&k, "Desk A", "desk");
    cut_uplink(&k, false);
    expect_at(&k, a, CROWD + 2, 0);
    char *dir = mem_format("ls '%s/relay/snap' | grep -q .", k.dir);
    assert_int_equal(system(dir), 0); // it made chunks, and they were fetched
    mem_free(dir);
    hub_kit_finish(&k);
}

static bool is_at_relay(struct hub_kit *k, void *arg) {
    struct agent_status s = hub_kit_status(k, *(const size_t *)arg);
    return s.is_online && s.is_relay;
}

// A relay that never met its hub: the desk shows its grant, the rest must wait.
static void test_relay_that_has_nothing_yet_gives_no_snapshot(void **state) {
    (void)state;
    struct hub_kit k;
    struct http_answer answer = {0};
    hub_kit_start(&k);
    k.relay_upstream = "http://127.0.0.1:1";
    hub_kit_join_relay(&k);
    use_relay_only(&k);
    size_t a = hub_kit_add(&k, "Desk A", "desk");
    hub_kit_wait(&k, "the desk is known at the relay", is_at_relay, &a);
    struct http_signer signer = {.sign = hub_kit_sign, .arg = &k.devices[a]};
    struct http *http = http_create(k.upstreams, &signer);
    struct http_request request = {
        .method = "GET", .path = "/v1/snap", .timeout_ms = 5000};
    assert_true(http_call(http, &request, &answer));
    assert_int_equal(answer.status, 503);
    assert_int_equal(answer.retry_after_ms, 5000);
    http_destroy(http);
    hub_kit_finish(&k);
}

static void test_relay_enrols_nobody_and_announces_nothing(void **state) {
    (void)state;
    struct hub_kit k;
    char *text = NULL;
    char code[32];
    char said[ENROL_TEXT_SIZE];
    char url[64];
    start_with_relay(&k);
    assert_true(hub_kit_verb(&k, &text, "enrol", "--name", "X", "--role", "desk", NULL));
    assert_int_equal(sscanf(text, "code %31s", code), 1);
    mem_free(text);
    char *dir = mem_format("%s/new", k.dir);
    struct store_options o = {.dir = dir};
    struct store *s = NULL;
    assert_int_equal(store_open(&o, &s), ERR_NONE);
    snprintf(url, sizeof url, "http://127.0.0.1:%u", k.relay_port);
    struct enrol_wish wish = {.url = url, .code = code, .name = ""};
    struct moment now = hub_moment(0);
    assert_int_not_equal(enrol_run(s, &wish, &now, said), ERR_NONE);
    assert_non_null(strstr(said, "relay"));
    store_close(s);
    mem_free(dir);

    struct bytes out = {0};
    json_t *args = json_pack("[s]", "Doors close at six");
    struct control_request request = {.verb = "announce", .args = args};
    assert_false(verbs_run_in(k.relay, &request, &out));
    bytes_add_u8(&out, 0);
    assert_non_null(strstr((const char *)out.data, "at the hub"));
    bytes_clear(&out);
    request.verb = "status";
    assert_true(verbs_run_in(k.relay, &request, &out));
    bytes_finish(&out);
    json_decref(args);
    hub_kit_finish(&k);
}

static bool has_time(struct hub_kit *k, void *arg) {
    (void)arg;
    return hub_now(k->relay).state == TIME_SET;
}

static void test_relay_has_the_time_of_its_hub(void **state) {
    (void)state;
    struct hub_kit k;
    start_with_relay(&k);
    hub_kit_wait(&k, "the relay's time", has_time, NULL);
    use_relay_only(&k);
    size_t a = hub_kit_add(&k, "Desk A", "desk");
    expect_sent_by_relay(&k, a);
    assert_int_equal(hub_kit_status(&k, a).time_state, TIME_SET);
    hub_kit_finish(&k);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cut_uplink_leaves_the_lan_at_work_and_heals),
        cmocka_unit_test(test_desks_go_to_the_relay_and_come_back),
        cmocka_unit_test(test_hub_restored_behind_a_relay_is_healed_by_it),
        cmocka_unit_test(test_relay_that_loses_its_disk_loses_nothing),
        cmocka_unit_test(test_flapping_desk_is_safe),
        cmocka_unit_test(test_newcomer_takes_the_snapshot_from_the_relay),
        cmocka_unit_test(test_relay_that_has_nothing_yet_gives_no_snapshot),
        cmocka_unit_test(test_relay_enrols_nobody_and_announces_nothing),
        cmocka_unit_test(test_relay_has_the_time_of_its_hub),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
