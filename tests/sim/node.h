// One machine: its power, its program, its clock, its exchanges. Everything the product's
// agent does with the real store and step machine is done here, in one thread.
#ifndef TESTS_SIM_NODE_H
#define TESTS_SIM_NODE_H

#include "sync/event/moment.h"
#include "tests/sim/sim.h"

// Power on and program started, from what is on the disk.
void node_start(struct sim *s, size_t i);
// The power goes; it is back after so long. Unsynced writes are settled by the seed.
void node_cut(struct sim *s, size_t i, uint64_t off_ms);
// The program is killed and starts again: what it wrote is there, synced or not.
void node_kill(struct sim *s, size_t i);
// The store thread opens the store again after a failed write.
void node_mend(struct sim *s, size_t i);
// The program is gone and writes nothing more; nothing starts again by itself.
void node_stop(struct sim *s, size_t i);
// Never again: the card is gone.
void node_destroy(struct sim *s, size_t i);
// After anything that may have failed: powers off, or starts the program again.
void node_settle(struct sim *s, size_t i);
// Whether a failed call of the store is a fault of the disk; else the run fails. Returns
// true for ERR_NONE.
bool node_judge(struct sim *s, size_t i, enum err e, const char *what);

uint64_t node_mono(const struct sim *s, const struct node *n); // ms since its boot
struct moment node_now(const struct sim *s, size_t i);
struct basis node_basis(const struct sim *s, size_t i);
// The link that is in use; NULL: none.
struct link *node_link(struct sim *s, size_t i);
void node_use_link(struct sim *s, size_t i, size_t link);

void node_receive(struct sim *s, size_t i, struct net_message *m);
// Local facts wait: tells the machine, and whoever waits for this server's bell.
void node_changed(struct sim *s, size_t i);
void node_step(struct sim *s, size_t i, size_t link, struct client_event e);
uint64_t node_next_ms(const struct sim *s); // of all machines
void node_run_due(struct sim *s);

#endif
