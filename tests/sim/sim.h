// The simulator's world: one hub, relays and kiosks with their real stores, step machines
// and wire form, on disks (tests/support/disk.h), a network (net.h), clocks and people that all follow
// from one seed. One thread; true time is sim->now_ms and moves only in sim.c.
//
// A seed is a mix of its own ("swarm"): which faults can happen and how often is drawn first
// (plan.c), then some hundred steps happen (people.c at the desks, operator.c behind them,
// forger.c against them), then all faults stop, everything reconnects, must settle within a
// bound, and the oracle (oracle.h) looks.
#ifndef TESTS_SIM_SIM_H
#define TESTS_SIM_SIM_H

#include "sync/exchange/client.h"
#include "sync/store/store.h"
#include "tests/sim/net.h"
#include "tests/sim/plan.h"
#include "tests/sim/snap.h"
#include "tests/sim/stage.h"
#include "tests/sim/totals.h"
#include "tests/support/disk.h"

enum {
    NODES_MAX = 16, // machines that are or were; a machine's disk has its number
    NODE_HUB = 0,
    LINKS_MAX = 3, // to the hub and to each relay
    DRIFT_PPM_MAX = 50,
    SIM_EPOCH_S = 1427119800, // 2015-03-23T09:10:00-05:00, when now_ms is 0
    TROUBLE_SIZE = 400
};

// One upstream of a machine: its own name in the store, its own machine.
struct link {
    size_t to;
    char name[8];
    bool is_used;     // else cut
    unsigned session; // counts connections: answers to an earlier one never arrive
    bool is_unread;   // what the store knows of it could not be read yet
    struct exchange_client client;
    struct exchange_request request;
    struct exchange_response response;
    struct client_saved stored; // after a failed commit: what landed all the same
    uint32_t round;
    uint64_t sent_ms; // true time of the request that is out
    bool is_ringing;
    uint64_t rung_seq;
    bool has_contact;
    uint64_t contact_mono_ms;
    int64_t contact_true_ms;
    bool has_time; // the upstream's time was set when it answered last
    int64_t source_ms, error_ms;
    uint64_t source_mono_ms;
    uint64_t rounds; // answered
    struct snap snap;
};

enum node_kind { KIND_HUB, KIND_RELAY, KIND_KIOSK };

struct node {
    bool is_there; // in the world, or was
    bool is_dead;  // destroyed for good
    bool is_on;
    enum node_kind kind;
    char name[12];
    char role[12];
    size_t key; // whose device key its folder holds: a clone has another's
    uint64_t dev;
    struct store *store; // NULL while off
    uint64_t on_ms;      // when off: comes back then
    unsigned process;    // counts starts
    bool is_failing;     // the store refused: the program starts again
    bool is_revoked;
    bool is_old;   // speaks a protocol below the minimum
    bool is_rogue; // authored what its channels do not hold

    uint64_t boot;
    int64_t boot_true_ms;
    int64_t mono_base_ms;
    int drift_ppm;
    int64_t wall_off_ms; // its own clock less the truth
    enum time_state own_state;

    struct link *links;
    size_t link_count;
    uint64_t cut_until_ms; // partitioned from everybody
};

struct oracle;
struct oracle_image;

// A card or backup that is kept: what is on it, and what its machine must know then.
struct card {
    size_t node;
    struct disk_image *disk; // NULL: none
    struct oracle_image *held;
};

struct sim {
    uint64_t seed;
    uint64_t random; // of the world; the product draws from chance.h
    struct plan plan;
    struct stage *stage;
    uint64_t now_ms;
    struct node nodes[NODES_MAX];
    size_t node_count;
    struct link links[NODES_MAX][LINKS_MAX];
    struct net net;
    struct card backups[2], cards[2];
    struct oracle *oracle;
    struct totals totals;
    bool is_healing, is_verbose;
    uint64_t hash; // over the trace
    bool was_restored, is_event_erased;
    size_t late_at;             // next of the people that are imported late
    char trouble[TROUBLE_SIZE]; // the first thing that is wrong; "" while all is well
};

uint64_t sim_random(struct sim *s, uint64_t bound); // 0..bound-1
bool sim_chance(struct sim *s, unsigned permille);
void sim_say(struct sim *s, const struct node *n, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
// Keeps the first; the run ends at the next step.
void sim_fail(struct sim *s, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
int64_t sim_true_ms(const struct sim *s); // since 1970

// Runs one seed to its end. out->totals, hash and trouble tell how it went.
void sim_run(struct sim *s, struct stage *stage, uint64_t seed);
// A scripted seed instead: two kiosks that start so many times, by kills and power cuts, with
// a check-in now and then and the hub in reach for moments only.
void sim_run_restarts(struct sim *s, struct stage *stage, uint64_t starts);
// Lets time pass, with everything that is due on the way.
void sim_pass(struct sim *s, uint64_t ms);
void sim_finish(struct sim *s);
// Faults stop, everything comes back; fails when it does not settle in time.
void sim_heal(struct sim *s);

#endif
