// A strict gate's questions to the hub, on a thread and a connection of their own: they go
// out at once, whatever the exchange is busy with. Start, stop and join from the thread that
// owns the agent; the rest from any thread. Failures are answers without a word of the hub.
#ifndef SYNC_AGENT_CLAIMER_H
#define SYNC_AGENT_CLAIMER_H

#include "sync/exchange/message.h"
#include "sync/store/thread.h"

struct claimer;

enum {
    CLAIM_WAIT_MS = 300,      // a desk waits so long, then goes on alone
    CLAIMER_GIVE_UP_MS = 2000 // the connection is kept so long for a late answer
};

struct claim_answer {
    bool is_answered;                // else the hub said nothing
    struct exchange_claimed claimed; // its nonce is always set
};

struct claimer_options {
    struct store_thread *store; // must outlive the claimer; signs
    const char *url;            // of the hub; copied
    bool is_cut;
    void (*done)(void *arg, const struct claim_answer *answer); // on the claimer's thread
    void *arg;
};

struct claimer *claimer_start(const struct claimer_options *o);
void claimer_stop(struct claimer *c);
void claimer_join(struct claimer *c); // then frees it; NULL is fine

// Answered by done, once; at the end (stop) perhaps not. Asking again with the same nonce is
// the same question. More than EXCHANGE_CLAIMS_MAX at a time go unanswered.
void claimer_ask(struct claimer *c, const struct exchange_claim *claim);
// Another hub from now on, copied. "": none is known, what is asked goes unanswered at once.
void claimer_set_url(struct claimer *c, const char *url);
// false: behave as if cut off from the hub.
void claimer_set_link(struct claimer *c, bool is_up);

#endif
