// What flows have in common: events in, requests out, and what the kiosk knows around them.
// A flow is a step machine: no clock, no thread, no drawing. The kiosk carries out its
// requests and brings the answers back as events. Main thread; values only.
#ifndef APP_FLOWS_FLOW_H
#define APP_FLOWS_FLOW_H

#include "app/devices/printer.h"
#include "app/devices/scanner.h"
#include "app/flows/flow_job.h"
#include "app/screens/action.h"
#include "app/ui/input.h"
#include "app/ui/sound.h"
#include "sync/agent/agent.h"
#include "sync/event/fold.h"
#include "sync/event/zone.h"
#include "sync/store/loading.h"
#include "sync/store/recover.h"
#include "sync/store/store.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    FLOW_REQUESTS_MAX = 8,
    FLOW_SEARCH_MAX = 12,
    FLOW_INCIDENTS_MAX = 8,
    FLOW_ASKS_MAX = 8,
    FLOW_QUERY_SIZE = 96
};

// What the kiosk knows around a flow; borrowed for the call.
struct flow_env {
    const struct programme *programme; // never NULL
    const struct zone *zone;           // NULL: unknown
    bool is_utc;                       // not the venue's: that one is not to be had here
    struct moment now;                 // event time
    int64_t mono_ms;                   // for durations and deadlines
    struct agent_status link;
    bool has_upstream;                                     // a hub is configured
    char name[NAME_SIZE];                                  // of this kiosk
    char gate[ID_SIZE], room[NAME_SIZE], place[NAME_SIZE]; // place: where it hangs
    uint64_t dev;
    bool has_scanner, has_printer;
    enum printer_state printer;
    char printer_name[NAME_SIZE], printer_reason[PRINTER_REASON_SIZE];
    int queued; // badges waiting or printing
    enum store_disk disk;
    struct loading loading; // of the people, with an upstream only
};

enum flow_event_kind {
    FLOW_TICK,     // time passed: look at deadlines
    FLOW_SCAN,     // scan
    FLOW_ACTION,   // action, index
    FLOW_TEXT,     // text
    FLOW_KEY,      // key
    FLOW_ADMITTED, // admit: the store's answer to FLOW_ADMIT (or err)
    FLOW_CLAIMED,  // claim: answer to FLOW_CLAIM, if there is one in time
    FLOW_FOUND,    // found: answer to FLOW_SEARCH
    FLOW_APPENDED, // err, ref: answer to FLOW_APPEND
    FLOW_RENDERED, // a badge preview is ready (the kiosk keeps it)
    FLOW_PRINT,    // print: news of the job
    FLOW_DESK      // desk: fresh counts, incidents, asks
};

struct flow_found {
    char query[FLOW_QUERY_SIZE];
    struct person_state rows[FLOW_SEARCH_MAX];
    size_t count;
};

struct flow_desk {
    struct store_counts counts;
    struct incident incidents[FLOW_INCIDENTS_MAX];
    size_t incident_count;
    struct ask asks[FLOW_ASKS_MAX];
    size_t ask_count;
    struct flow_jobs jobs;
};

struct flow_event {
    enum flow_event_kind kind;
    enum err err;   // of the answers
    uint32_t token; // of the request this answers; 0 = none
    const struct scan *scan;
    enum action action;
    int index;
    const char *text;
    enum input_key key;
    const struct admit_result *admit;
    bool is_dry;
    const struct claim_answer *claim;
    const struct flow_found *found;
    struct fact_ref ref;
    enum flow_print_state print;
    char person[PERSON_ID_SIZE]; // whose badge was rendered or printed
    const struct flow_desk *desk;
};

enum flow_request_kind {
    FLOW_ADMIT,  // store_admit; answered by FLOW_ADMITTED
    FLOW_CLAIM,  // a strict gate: ask the hub about subject; answered by FLOW_CLAIMED
    FLOW_SEARCH, // store_search; answered by FLOW_FOUND
    FLOW_APPEND, // one fact; answered by FLOW_APPENDED
    FLOW_RENDER, // draw the badge; answered by FLOW_RENDERED
    FLOW_SUBMIT, // queue the badge, or job; FLOW_PRINT events follow
    FLOW_SOUND
};

struct flow_request {
    enum flow_request_kind kind;
    uint32_t token;
    // admit
    char code[SCAN_BYTES_MAX];
    size_t code_len; // 0: by person
    char person[PERSON_ID_SIZE];
    bool is_dry, is_override, is_confirmed;
    uint64_t claim; // admit, claim: the nonce
    // search
    char query[FLOW_QUERY_SIZE];
    // append
    char fact_kind[FACT_KIND_MAX + 1], subject[FACT_SUBJECT_MAX + 1];
    char body[1024]; // JSON text
    // render, submit
    struct person_state badge;
    unsigned serial;
    char reason[NAME_SIZE];
    struct flow_job job; // submit
    enum sound_kind sound;
};

struct flow_out {
    struct flow_request *requests; // FLOW_REQUESTS_MAX, given by the kiosk
    size_t count;
    bool is_dirty; // draw again
};

// The next free request, zeroed. CHECKs the maximum.
struct flow_request *flow_add(struct flow_out *out, enum flow_request_kind kind);
// A FLOW_APPEND with its body taken from json (the reference is stolen); token 0.
struct flow_request *flow_append(struct flow_out *out, const char *kind,
                                 const char *subject, json_t *body);

#endif
