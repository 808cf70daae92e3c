// The hub's and a relay's side of an exchange: what the hub program does with a request that
// came in, in one commit of the real store, and the doorbell.
#ifndef TESTS_SIM_SERVER_H
#define TESTS_SIM_SERVER_H

#include "tests/sim/net.h"
#include "tests/sim/sim.h"

// Takes, answers, sends the answer.
void server_answer(struct sim *s, size_t server, const struct net_message *m);
// A strict gate's question, asked and answered at once on the real wire form. false: no
// answer in time.
bool server_claim(struct sim *s, size_t client, const struct exchange_claim *claim,
                  struct exchange_claimed *out);
// Rings whoever waits for another head than this server's.
void server_ring(struct sim *s, size_t server);

#endif
