// What flows ask of the store, carried to its thread and back as parcels. The main thread
// posts; the work is done on the store thread.
#ifndef APP_REQUESTS_H
#define APP_REQUESTS_H

#include "app/flows/flow.h"
#include "app/inbox.h"
#include "sync/store/thread.h"

// Under way at most; the inbox has room for as many answers.
enum { REQUESTS_MAX = 128 };

// One request and its answer. Comes back as PARCEL_ANSWER.
struct request {
    struct flow_request ask;
    enum err err;
    char gate[ID_SIZE];
    struct moment now;
    struct basis basis;
    struct fact_ref prev; // append
    bool is_printing;     // who is admitted gets a badge here
    struct admit_result admit;
    struct flow_found found;
    struct fact_ref ref;
    struct inbox *inbox;
};

// Hands a FLOW_ADMIT, FLOW_SEARCH or FLOW_APPEND over. The env gives gate, time and basis.
// ERR_FULL: the store is far behind; the flow is answered with it by the caller.
MUST_CHECK enum err requests_post(struct store_thread *t, struct inbox *inbox,
                                  const struct flow_request *ask,
                                  const struct flow_env *env);

// What screens show that nobody asked for: read again after any change. Comes back as
// PARCEL_REFRESH; programme is NULL when unchanged since known_programme.
struct refresh {
    uint64_t known_programme;
    char gate[ID_SIZE];
    struct moment now;
    bool wants_desk;
    enum err err;
    struct programme *programme;
    uint64_t programme_version;
    struct flow_desk desk;
    struct loading loading; // with wants_desk
    struct device_info self;
    bool is_enrolled, has_self;
    struct inbox *inbox;
};
MUST_CHECK enum err requests_refresh(struct store_thread *t, struct inbox *inbox,
                                     uint64_t known_programme, bool wants_desk,
                                     const struct flow_env *env);
// The same, straight from a store that no thread owns yet: the first frame.
void requests_read(struct store *s, struct refresh *io);

#endif
