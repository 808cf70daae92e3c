// The device's Ed25519 key pair: made at the first start, never leaves its directory. Lies
// beside the store and not in it: a device signs before its sealed store is open. Any thread.
#ifndef SYNC_STORE_DEVICE_KEY_H
#define SYNC_STORE_DEVICE_KEY_H

#include "sync/event/fact.h"

// Reads DIR/device.key or makes it. ERR_CORRUPT: not a key. ERR_IO. Logged.
MUST_CHECK enum err device_key_load(const char *dir,
                                    uint8_t out_secret[FACT_SECRET_BYTES]);

#endif
