// Any bytes as an IEEE 1284 device id: bounded, printable, and the same when read twice.
#include "app/labels/device_id.h"
#include "app/labels/language.h"
#include "sync/base/mem.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(const char *text, size_t size) {
    CHECK(memchr(text, '\0', size) != NULL);
    for (; *text; text++) {
        CHECK(*text >= ' ' && *text <= '~');
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct device_id id, again;
    if (device_id_parse(data, size, &id) != ERR_NONE) {
        return 0;
    }
    check_text(id.maker, sizeof id.maker);
    check_text(id.model, sizeof id.model);
    check_text(id.commands, sizeof id.commands);
    check_text(id.serial, sizeof id.serial);
    CHECK(id.maker[0] || id.model[0] || id.commands[0] || id.serial[0]);
    CHECK(device_id_parse(data, size, &again) == ERR_NONE);
    CHECK(memcmp(&id, &again, sizeof id) == 0);
    const struct label_language *l = label_language_find(&id);
    CHECK(!l || l->fits(&id));
    return 0;
}
