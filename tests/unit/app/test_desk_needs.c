// What the staffed desk says needs somebody: calls, incidents, two histories of a device, the
// link and the disk.
#include "tests/support/desk_stand.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void add_ask(struct desk_stand *s, uint64_t dev) {
    struct ask *a = &s->facts.asks[s->facts.ask_count++];
    *a = (struct ask){.ref = {0x77, s->facts.ask_count}, .dev = dev};
    snprintf(a->device, sizeof a->device, "Kiosk %d", (int)dev);
}

static void test_calls_and_incidents_are_dealt_with_by_line(void **state) {
    struct desk_stand *s = *state;
    add_ask(s, 4);
    add_ask(s, 5);
    desk_stand_add_incident(s, "OLD", true); // not listed, so not counted
    desk_stand_add_incident(s, "X", false);
    desk_stand_add_incident(s, "Y", false);
    desk_stand_tell_facts(s);
    assert_int_equal(desk_stand_view(s)->need_count, 4);
    assert_string_equal(desk_stand_view(s)->needs[1].text, "Kiosk 5 called staff");
    assert_string_equal(desk_stand_view(s)->needs[2].text,
                        "Same badge at Desk A, 09:10 and Desk B, "
                        "09:10. Desk B had been offline for 12 min");
    desk_stand_act(s, ACTION_GOING, 1);
    desk_stand_check_body(s, "answer", "0000000000000005", "of", "0000000000000077/2");
    desk_stand_act(s, ACTION_LOOK, 3);
    assert_string_equal(desk_stand_view(s)->panel.title, "Name of Y");
    desk_stand_act(s, ACTION_GOING, 99);
    desk_stand_act(s, ACTION_LOOK, 99);
    desk_stand_act(s, ACTION_LOOK, -1);
}

static void test_resolve_is_about_the_incident_on_the_screen(void **state) {
    struct desk_stand *s = *state;
    desk_stand_add_incident(s, "X", false);
    desk_stand_tell_facts(s);
    desk_stand_act(s, ACTION_LOOK, 0);
    s->facts.incident_count = 0; // a newer one comes in at the front
    desk_stand_add_incident(s, "NEW", false);
    desk_stand_add_incident(s, "X", false);
    desk_stand_tell_facts(s);
    assert_string_equal(desk_stand_view(s)->panel.title, "Name of X");
    desk_stand_act(s, ACTION_RESOLVE, 0);
    const struct flow_request *r = flow_kit_append(&s->kit, "incident.resolve");
    assert_string_equal(r->subject, "X");
    assert_non_null(strstr(r->body, "0000000000000010/2"));
    assert_non_null(strstr(r->body, "0000000000000011/2"));
}

static void test_panel_closes_when_another_desk_resolves(void **state) {
    struct desk_stand *s = *state;
    desk_stand_add_incident(s, "X", false);
    desk_stand_tell_facts(s);
    desk_stand_act(s, ACTION_LOOK, 0);
    s->facts.incidents[0].is_resolved = true;
    desk_stand_tell_facts(s);
    assert_int_equal(desk_stand_view(s)->panel.kind, DESK_PANEL_NONE);
    desk_stand_act(s, ACTION_RESOLVE, 0);
    assert_int_equal(s->kit.out.count, 0);
}

// Two histories of one device are listed, opened and dealt with like other incidents.
static void test_fork_is_listed_and_resolved(void **state) {
    struct desk_stand *s = *state;
    struct incident in = {
        .is_fork = true, .member_count = 1, .holder = "00000000000000aa"};
    in.members[0].ref = (struct fact_ref){0xaa, 3};
    snprintf(in.reason, sizeof in.reason, "Desk B has two histories");
    s->facts.incidents[0] = in;
    s->facts.incident_count = 1;
    desk_stand_step(s, &(struct flow_event){.kind = FLOW_DESK, .desk = &s->facts});
    assert_int_equal(desk_stand_view(s)->need_count, 1);
    assert_string_equal(desk_stand_view(s)->needs[0].text, in.reason);
    desk_stand_act(s, ACTION_LOOK, 0);
    assert_int_equal(desk_stand_view(s)->panel.kind, DESK_PANEL_INCIDENT);
    assert_string_equal(desk_stand_view(s)->panel.attention, in.reason);
    desk_stand_act(s, ACTION_RESOLVE, 0);
    assert_int_equal(s->kit.out.count, 1);
    assert_string_equal(s->kit.out.requests[0].fact_kind, "incident.resolve");
    assert_string_equal(s->kit.out.requests[0].subject, in.holder);
    assert_non_null(strstr(s->kit.out.requests[0].body, "00000000000000aa/3"));
}

static void test_link_is_said_honestly(void **state) {
    struct desk_stand *s = *state;
    assert_int_equal(desk_stand_view(s)->link, DESK_LINK_FRESH);
    s->kit.env.link.unsent = 3;
    assert_int_equal(desk_stand_view(s)->link, DESK_LINK_BEHIND);
    assert_int_equal(desk_stand_view(s)->waiting, 3);
    s->kit.env.link.unsent = 0;
    s->kit.env.link.on_lan = 3;
    s->kit.env.link.is_relay = true;
    assert_int_equal(desk_stand_view(s)->link, DESK_LINK_LAN);
    assert_int_equal(desk_stand_view(s)->on_lan, 3);
    s->kit.env.link.is_online = false;
    flow_kit_pass(&s->kit, 12 * 60000);
    assert_int_equal(desk_stand_view(s)->link, DESK_LINK_OFFLINE);
    assert_int_equal(desk_stand_view(s)->offline_minutes, 12);
    s->kit.env.link.has_contact = false;
    assert_int_equal(desk_stand_view(s)->offline_minutes, -1);
    s->kit.env.now.state = TIME_UNKNOWN;
    assert_true(desk_stand_view(s)->is_time_unknown);
    assert_string_equal(desk_stand_view(s)->clock, "");
}

// What the disk is like goes before what went well; a reserve in use leaves room for that.
static void test_disk_trouble_is_said(void **state) {
    struct desk_stand *s = *state;
    assert_string_equal(desk_stand_view(s)->toast, "");
    s->kit.env.disk = STORE_DISK_LOW;
    assert_non_null(strstr(desk_stand_view(s)->toast, "prints no badges"));
    s->kit.env.disk = STORE_DISK_FULL;
    assert_non_null(strstr(desk_stand_view(s)->toast, "use another desk"));
    s->kit.env.disk = STORE_DISK_FAILED;
    assert_non_null(strstr(desk_stand_view(s)->toast, "cannot write"));
    assert_int_equal(desk_stand_view(s)->toast_tone, DESK_BAD);
}

#define TEST(name) \
    cmocka_unit_test_setup_teardown(name, desk_stand_set_up, desk_stand_tear_down)

static void add_job(struct desk_stand *s, uint64_t n, enum job_state state) {
    struct flow_jobs *jobs = &s->facts.jobs;
    struct job *j = &jobs->rows[jobs->count++];
    *j = (struct job){.ref = {7, n}, .state = state, .at_ms = s->kit.env.now.wall_ms};
    snprintf(j->person, sizeof j->person, "%s", FLOW_ZOE);
    snprintf(j->name, sizeof j->name, "Zoë");
}

static void test_uncertain_badge_is_decided_by_staff(void **state) {
    struct desk_stand *s = *state;
    add_job(s, 1, JOB_UNKNOWN);
    desk_stand_tell_facts(s);
    assert_string_equal(desk_stand_view(s)->needs[0].text,
                        "Did the badge of Zoë come out?");
    desk_stand_act(s, ACTION_LOOK, 0);
    assert_int_equal(desk_stand_view(s)->panel.kind, DESK_PANEL_JOB);
    assert_int_equal(desk_stand_view(s)->panel.action_count, 3);
    desk_stand_act(s, ACTION_CAME_OUT, 0);
    assert_int_equal(flow_kit_get(&s->kit, FLOW_SUBMIT)->job.act, FLOW_JOB_PRINTED);
    assert_int_equal(flow_kit_get(&s->kit, FLOW_SUBMIT)->job.ref.n, 1);
    desk_stand_act(s, ACTION_LOOK, 0);
    desk_stand_act(s, ACTION_PRINT_AGAIN, 0);
    assert_int_equal(flow_kit_get(&s->kit, FLOW_SUBMIT)->job.act, FLOW_JOB_AGAIN);
    assert_string_equal(flow_kit_get(&s->kit, FLOW_SUBMIT)->badge.person.id, FLOW_ZOE);
}

static void test_waiting_badge_goes_to_another_desk(void **state) {
    struct desk_stand *s = *state;
    add_job(s, 2, JOB_QUEUED);
    s->facts.jobs.place_count = 1;
    s->facts.jobs.places[0].dev = 99;
    snprintf(s->facts.jobs.places[0].name, NAME_SIZE, "Desk B");
    desk_stand_tell_facts(s);
    assert_int_equal(desk_stand_view(s)->need_count, 0); // it prints in a moment
    assert_int_equal(desk_stand_view(s)->queue_count, 1);
    s->kit.env.printer = PRINTER_OUT_OF_LABELS;
    assert_int_equal(desk_stand_view(s)->need_count, 1);
    desk_stand_act(s, ACTION_LOOK, 0);
    assert_string_equal(desk_stand_view(s)->panel.actions[0].text, "Print at Desk B");
    desk_stand_act(s, ACTION_PRINT_ELSEWHERE, 0);
    assert_int_equal(flow_kit_get(&s->kit, FLOW_SUBMIT)->job.to, 99);
    s->facts.jobs.count = 0; // it is gone: nothing to look at
    desk_stand_tell_facts(s);
    assert_int_equal(desk_stand_view(s)->need_count, 0);
}

static void test_all_that_waits_goes_to_another_desk(void **state) {
    struct desk_stand *s = *state;
    add_job(s, 1, JOB_SENT);
    add_job(s, 2, JOB_QUEUED);
    add_job(s, 3, JOB_QUEUED);
    s->kit.env.printer = PRINTER_OUT_OF_LABELS;
    desk_stand_tell_facts(s);
    assert_string_equal(desk_stand_view(s)->printer_elsewhere, "");
    s->facts.jobs.place_count = 1;
    s->facts.jobs.places[0].dev = 99;
    snprintf(s->facts.jobs.places[0].name, NAME_SIZE, "Desk B");
    desk_stand_tell_facts(s);
    assert_string_equal(desk_stand_view(s)->printer_elsewhere, "Desk B");
    desk_stand_act(s, ACTION_PRINT_ELSEWHERE, -1);
    assert_string_equal(desk_stand_view(s)->toast, "Waiting badges go to Desk B");
    assert_int_equal(s->kit.out.count, 2);
    for (size_t i = 0; i < 2; i++) {
        const struct flow_job *job = &s->kit.out.requests[i].job;
        assert_int_equal(job->act, FLOW_JOB_MOVE);
        assert_int_equal(job->ref.n, i + 2);
        assert_int_equal(job->to, 99);
    }
    s->kit.env.printer = PRINTER_READY;
    assert_string_equal(desk_stand_view(s)->printer_elsewhere, "");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(test_calls_and_incidents_are_dealt_with_by_line),
        TEST(test_resolve_is_about_the_incident_on_the_screen),
        TEST(test_panel_closes_when_another_desk_resolves),
        TEST(test_fork_is_listed_and_resolved),
        TEST(test_link_is_said_honestly),
        TEST(test_disk_trouble_is_said),
        TEST(test_uncertain_badge_is_decided_by_staff),
        TEST(test_waiting_badge_goes_to_another_desk),
        TEST(test_all_that_waits_goes_to_another_desk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
