// Devices as the hub makes them: what a role may do and see, and the facts that say so.
// Called on the store's thread by verbs and by enrolment.
#ifndef SYNC_HUB_DEVICES_H
#define SYNC_HUB_DEVICES_H

#include "sync/store/store.h"

#include <jansson.h>

// What a new device shall be. Borrowed texts.
struct device_wish {
    const char *name, *role, *room, *gate;
};

bool devices_has_role(const char *role); // one of PROTOCOL.md's

// Authors device, grant and role for a key, as one commit. Roles that never touch people get
// programme and fleet only. Errors: the store's.
MUST_CHECK enum err devices_enrol(struct store *s, const struct device_wish *wish,
                                  const uint8_t key[FACT_KEY_BYTES],
                                  const struct moment *now);
// Authors a new grant (when the role needs other rights) and the role.
MUST_CHECK enum err devices_set_role(struct store *s, const struct device_info *device,
                                     const struct device_wish *wish,
                                     const struct moment *now);
// What the device may see now: what it was granted, no more than its role needs. Grants only
// ever add up (what it wrote under an older one stands), so it is the role that narrows.
uint32_t devices_channels(const struct device_info *device);
// The hub's own grant body, signed by the root at init. The caller owns the reference.
json_t *devices_hub_grant(const uint8_t key[FACT_KEY_BYTES]);

#endif
