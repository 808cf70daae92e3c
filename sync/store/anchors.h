// Inside the store only: the anchors in RAM, by device and boot, so that a fact's time costs
// a search and the few anchors of its own boot, however many a week has brought. Store thread.
#ifndef SYNC_STORE_ANCHORS_H
#define SYNC_STORE_ANCHORS_H

#include "sync/store/db.h"

// The second time changes nothing.
void anchors_keep(struct store *s, const struct anchor *a);
// false: it was not kept. ref: the anchor fact's address.
bool anchors_drop(struct store *s, uint64_t dev, uint64_t boot, struct fact_ref ref);
// moment_anchored_ms by the anchors of that boot.
int64_t anchors_time_ms(const struct store *s, uint64_t dev, uint64_t boot,
                        uint64_t mono_ms, int64_t fallback_ms);

#endif
