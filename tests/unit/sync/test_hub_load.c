// The hub and four devices under load from many threads at once, for the thread sanitizer:
// admissions, doorbells, snapshots, verbs, plain HTTP, an agent that comes and goes, a hub
// that stops and starts. At the end everybody holds the same and every store verifies.
#include "sync/base/clock.h"
#include "sync/base/json.h"
#include "sync/base/mem.h"
#include "sync/net/control.h"
#include "tests/support/crowd.h"
#include "tests/support/hub_kit.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

enum {
    PEOPLE = 5200, // more than a beginner takes by pages: devices begin with a snapshot
    ADMISSIONS = 300,
    SHARED = 20, // people that every desk admits: incidents
    RESTARTS = 3
};

struct load {
    struct hub_kit kit;
    unsigned port; // the kit writes its own anew at every start
    atomic_bool is_ended;
    atomic_int admitted, verbs, answers;
};

// What fails on another thread ends the program: an assertion there has nowhere to go.

static void pause_ms(long ms) {
    nanosleep(&(struct timespec){.tv_nsec = ms * 1000000}, NULL);
}

static enum err people_run(struct store *s, void *arg) {
    struct load *l = arg;
    struct drafts d = {0};
    struct store_diff diff;
    struct moment now = hub_now(l->kit.hub);
    for (uint32_t i = 0; i < PEOPLE; i++) {
        struct crowd_person p;
        crowd_make(i, &p);
        CHECK(drafts_add(&d, "person", p.id, crowd_body(&p)) == ERR_NONE);
    }
    enum err e = store_author(s, &d, &now, &diff);
    drafts_finish(&d);
    return e;
}

struct admit_job {
    char person[PERSON_ID_SIZE];
    struct agent_status status;
    struct admit_result result;
};

static enum err admit_run(struct store *s, void *arg) {
    struct admit_job *job = arg;
    struct moment now = agent_moment(&job->status);
    struct admit_request r = {.gate = "meeting",
                              .person = job->person,
                              .by = "",
                              .basis = agent_basis(&job->status, now.mono_ms),
                              .is_override = true,
                              .now = now};
    return store_admit(s, &r, &job->result);
}

struct desk {
    struct load *load;
    size_t number;
};

static void *desk_run(void *arg) {
    struct desk *d = arg;
    struct hub_device *device = &d->load->kit.devices[d->number];
    for (uint32_t i = 0; i < ADMISSIONS; i++) {
        struct admit_job job;
        struct crowd_person p;
        crowd_make(i < SHARED ? i : i * HUB_KIT_DEVICES + (uint32_t)d->number, &p);
        snprintf(job.person, sizeof job.person, "%s", p.id);
        agent_get_status(device->agent, &job.status);
        CHECK(store_thread_call(device->store, admit_run, &job, false) == ERR_NONE);
        agent_tell_change(device->agent);
        atomic_fetch_add(&d->load->admitted, job.result.verdict == VERDICT_ADMITTED);
    }
    return NULL;
}

// Verbs as from a command line, whether a hub is there or not just then.
static void *verbs_run(void *arg) {
    static const char *const verbs[][2] = {
        {"status", NULL}, {"verify", NULL}, {"announce", "Coffee"}, {"dump", NULL}};
    struct load *l = arg;
    char *path = mem_format("%s/hub/control", l->kit.dir);
    for (size_t i = 0; !atomic_load(&l->is_ended); i++) {
        const char *const *v = verbs[i % 4];
        struct bytes out = {0};
        bool is_ok = false;
        json_t *args = v[1] ? json_pack("[s]", v[1]) : json_array();
        struct control_request request = {.verb = v[0], .args = args};
        enum err e = control_call(path, &request, &is_ok, &out);
        atomic_fetch_add(&l->verbs, e == ERR_NONE && is_ok);
        json_decref(args);
        bytes_finish(&out);
        pause_ms(20);
    }
    mem_free(path);
    return NULL;
}

static void ask(struct load *l, const char *request) {
    char answer[512];
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)l->port)};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    CHECK(fd >= 0);
    if (connect(fd, (struct sockaddr *)&to, sizeof to) == 0 &&
        send(fd, request, strlen(request), MSG_NOSIGNAL) > 0 &&
        recv(fd, answer, sizeof answer, 0) > 0) {
        atomic_fetch_add(&l->answers, 1);
    }
    close(fd);
}

static void *http_run(void *arg) {
    struct load *l = arg;
    while (!atomic_load(&l->is_ended)) {
        ask(l, "GET /metrics HTTP/1.0\r\n\r\n");
        ask(l, "GET /readyz HTTP/1.0\r\n\r\n");
        ask(l, "POST /v1/sync HTTP/1.0\r\nContent-Length: 2\r\n\r\n{}");
        pause_ms(5);
    }
    return NULL;
}

// The last device's agent comes and goes, the hub stops and starts.
static void disturb(struct load *l) {
    for (int i = 0; i < RESTARTS; i++) {
        pause_ms(300);
        hub_kit_stop_hub(&l->kit);
        pause_ms(100);
        hub_kit_serve(&l->kit);
        for (size_t k = 0; k < l->kit.count; k++) {
            agent_set_link(l->kit.devices[k].agent, false);
            agent_set_health(l->kit.devices[k].agent, "{\"fine\":true}");
            agent_set_link(l->kit.devices[k].agent, true);
        }
    }
}

static bool is_all_there(struct hub_kit *k, void *arg) {
    (void)arg;
    for (size_t i = 0; i < k->count; i++) {
        if (hub_kit_counts(k->devices[i].store).people < PEOPLE) {
            return false;
        }
    }
    return true;
}

static bool is_same(struct hub_kit *k, void *arg) {
    int64_t *wanted = arg;
    struct store_counts hub = hub_kit_counts(k->hub->store);
    bool is_so = hub.admitted == *wanted;
    for (size_t i = 0; i < k->count; i++) {
        struct store_counts c = hub_kit_counts(k->devices[i].store);
        is_so = is_so && c.unsent == 0 && c.admitted == hub.admitted &&
                c.incidents == hub.incidents && c.facts == hub.facts;
    }
    return is_so;
}

static enum err verify_run(struct store *s, void *arg) {
    return store_verify(s, arg);
}

static void check_stores(struct load *l) {
    struct verify_report hub, own;
    assert_int_equal(store_thread_call(l->kit.hub->store, verify_run, &hub, false),
                     ERR_NONE);
    for (size_t i = 0; i < l->kit.count; i++) {
        struct store_thread *t = l->kit.devices[i].store;
        assert_int_equal(store_thread_call(t, verify_run, &own, false), ERR_NONE);
        for (int c = CHANNEL_PROGRAMME; c <= CHANNEL_FLEET; c++) {
            assert_memory_equal(own.channels[c].tables, hub.channels[c].tables,
                                FACT_HASH_BYTES);
        }
    }
}

static void test_many_threads_agree_afterwards(void **state) {
    static struct load l;
    struct desk desks[HUB_KIT_DEVICES];
    pthread_t threads[HUB_KIT_DEVICES + 2];
    (void)state;
    hub_kit_start(&l.kit);
    l.port = l.kit.port;
    assert_int_equal(store_thread_call(l.kit.hub->store, people_run, &l, false),
                     ERR_NONE);
    for (size_t i = 0; i < HUB_KIT_DEVICES; i++) {
        hub_kit_add(&l.kit, "Desk", "desk");
    }
    hub_kit_wait(&l.kit, "everybody is everywhere", is_all_there, NULL);
    for (size_t i = 0; i < HUB_KIT_DEVICES; i++) {
        desks[i] = (struct desk){&l, i};
        assert_int_equal(pthread_create(&threads[i], NULL, desk_run, &desks[i]), 0);
    }
    assert_int_equal(pthread_create(&threads[HUB_KIT_DEVICES], NULL, verbs_run, &l), 0);
    assert_int_equal(pthread_create(&threads[HUB_KIT_DEVICES + 1], NULL, http_run, &l),
                     0);
    disturb(&l);
    for (size_t i = 0; i < HUB_KIT_DEVICES; i++) {
        pthread_join(threads[i], NULL);
    }
    atomic_store(&l.is_ended, true);
    pthread_join(threads[HUB_KIT_DEVICES], NULL);
    pthread_join(threads[HUB_KIT_DEVICES + 1], NULL);
    int64_t wanted = SHARED + HUB_KIT_DEVICES * (ADMISSIONS - SHARED);
    hub_kit_wait(&l.kit, "all hold the same", is_same, &wanted);
    check_stores(&l);
    print_message("%d admissions, %d verbs, %d answers\n", atomic_load(&l.admitted),
                  atomic_load(&l.verbs), atomic_load(&l.answers));
    assert_true(atomic_load(&l.verbs) > 0 && atomic_load(&l.answers) > 0);
    hub_kit_finish(&l.kit);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_many_threads_agree_afterwards)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
