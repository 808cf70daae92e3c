#include "sync/store/authored.h"

#include "sync/store/db.h"

#include <stdio.h>
#include <string.h>

static void count_kind(struct authored *a, const char *kind) {
    struct authored_kind *k = a->kind_count ? &a->kinds[a->kind_count - 1] : NULL;
    a->count++;
    if (!k || (strcmp(k->kind, kind) != 0 && a->kind_count < AUTHORED_KINDS_MAX)) {
        k = &a->kinds[a->kind_count++];
        *k = (struct authored_kind){0};
        snprintf(k->kind, sizeof k->kind, "%s", kind);
    }
    k->count += strcmp(k->kind, kind) == 0;
}

static bool is_hub(const struct store *s, uint64_t dev) {
    const struct rights_device *d = rights_find(&s->rights, dev);
    return dev == s->rights.root || (d && (d->may & RIGHT_ENROL));
}

enum err store_count_authored(struct store *s, const uint64_t held[CHANNEL_COUNT],
                              struct authored *out) {
    uint64_t head = s->next_seq - 1;
    uint64_t from = head > AUTHORED_LOOK_BACK ? head - AUTHORED_LOOK_BACK : 0;
    uint64_t least = head;
    for (int c = CHANNEL_NONE + 1; c < CHANNEL_COUNT; c++) {
        least = held[c] < least ? held[c] : least;
    }
    sqlite3_stmt *q =
        db_get(s, "SELECT f.kind, t.dev, t.channel, l.seq FROM log l CROSS JOIN stream t"
                  " ON t.stream=l.stream JOIN fact f ON f.stream=l.stream AND f.n=l.n"
                  " WHERE l.seq>?1 ORDER BY f.kind");
    db_bind_u64(q, 1, from > least ? from : least);
    enum err e = ERR_NONE;
    *out = (struct authored){0};
    while (db_row(s, q, &e)) {
        int channel = sqlite3_column_int(q, 2);
        bool is_known = channel > CHANNEL_NONE && channel < CHANNEL_COUNT;
        if (is_known && db_u64(q, 3) > held[channel] && is_hub(s, db_u64(q, 1))) {
            count_kind(out, db_text(q, 0));
        }
    }
    return e;
}
