#include "tests/sim/version.h"

#include "sync/base/json.h"
#include "sync/base/mem.h"
#include "tests/sim/sim.h"

#include <string.h>

// What a program of the first version does not say. "time" and "caps" were always there.
static const char *const later[] = {"health", "clock", "claims", "upstream", NULL};

static void add_odd(json_t *object) {
    json_object_set_new(object, "zz_later", json_pack("{s:[i,i],s:n}", "a", 1, 2, "b"));
    json_t *cur = json_object_get(object, "cur");
    if (cur) {
        json_object_set_new(cur, "zz_more", json_string("7"));
    }
}

void version_bend(struct sim *s, struct bytes *text) {
    json_t *object = NULL;
    if (!s->plan.has_odd_fields || !sim_chance(s, 250) ||
        json_parse(text->data, text->len, &object) != ERR_NONE) {
        return;
    }
    if (sim_chance(s, 500)) {
        add_odd(object);
    } else {
        for (size_t i = 0; later[i]; i++) {
            json_object_del(object, later[i]);
        }
    }
    char *bent = json_format(object);
    bytes_clear(text);
    bytes_add(text, bent, strlen(bent));
    mem_free(bent);
    json_decref(object);
}
