#include "sync/store/claim.h"

#include "sync/base/mem.h"
#include "sync/store/access.h"
#include "sync/store/people.h"
#include "sync/store/refold.h"
#include "sync/store/views.h"

#include <stdio.h>
#include <string.h>

// Everything said about the holder's places: under its id, its aliases and its ticket.
// Facts without the right are left out.
static enum err read_places(struct store *s, const char *holder, struct gathered *g) {
    sqlite3_stmt *q = db_get(
        s,
        "SELECT f.header, f.body, f.state, f.at_ms, t.dev FROM fact f JOIN stream t"
        " ON t.stream=f.stream WHERE f.subject IN (SELECT ?1 UNION SELECT id FROM alias"
        " WHERE person=?1 UNION SELECT 't' || ticket FROM person WHERE id=?1 AND"
        " ticket IS NOT NULL) AND f.kind IN ('admit','admit.void','gate.claim')");
    db_bind_text(q, 1, holder);
    enum err e = ERR_NONE;
    while (db_row(s, q, &e)) {
        struct fold_fact f;
        bool is_read = refold_read_row(s, q, &f);
        if (!is_read || rights_refuse(&s->rights, f.dev, &f.header)) {
            json_decref(f.body);
            continue;
        }
        g->facts = mem_resize(g->facts, g->count + 1, sizeof *g->facts);
        g->facts[g->count++] = f;
    }
    sqlite3_reset(q);
    fold_sort(g->facts, g->count);
    return e;
}

enum err store_find_claim(struct store *s, const char *holder, const char *gate,
                          const struct moment *now, struct claim_holder *out) {
    char id[FACT_SUBJECT_MAX + 1];
    struct gathered g = {0};
    holder_find(s, holder, id);
    enum err e = read_places(s, id, &g);
    if (e == ERR_NONE && !claim_find_holder(g.facts, g.count, gate, now, out)) {
        e = ERR_NOT_FOUND;
    }
    gathered_finish(&g);
    return e;
}

static bool may_answer(struct store *s, uint64_t dev, const char *gate) {
    const struct rights_device *who = rights_find(&s->rights, dev);
    struct gate rule;
    return s->is_numbering && access_may(s, RIGHT_ENROL) && who && !who->is_revoked &&
           (who->may & RIGHT_DESK) && views_read_gate(s, gate, &rule) && rule.is_strict &&
           rule.is_once;
}

static enum err append_answer(struct store *s, const char *holder,
                              const struct claim_asked *asked, const struct moment *now) {
    struct draft d;
    enum err e = draft_fill(&d, "gate.claim", holder, claim_format(asked));
    if (e == ERR_NONE) {
        e = store_append(s, &d, 1, now, NULL);
        draft_finish(&d);
    }
    return e;
}

enum err store_answer_claim(struct store *s, uint64_t dev,
                            const struct exchange_claim *claim, const struct moment *now,
                            struct exchange_claimed *out) {
    char holder[FACT_SUBJECT_MAX + 1];
    struct gathered g = {0};
    struct claim_asked asked = {.gate = claim->gate, .dev = dev, .nonce = claim->nonce};
    if (!may_answer(s, dev, claim->gate)) {
        return ERR_DENIED;
    }
    holder_find(s, claim->person, holder);
    enum err e = read_places(s, holder, &g);
    if (e == ERR_NONE && !claim_find_answer(g.facts, g.count, &asked)) {
        struct claim_holder *lost_to = &asked.lost_to;
        bool is_held = claim_find_holder(g.facts, g.count, claim->gate, now, lost_to);
        // A desk whose answer was lost on the way asks again, with another nonce.
        asked.has_won = !is_held || (lost_to->dev == dev && !lost_to->is_admission);
        e = append_answer(s, holder, &asked, now);
    }
    gathered_finish(&g);
    *out = (struct exchange_claimed){.nonce = claim->nonce, .has_won = asked.has_won};
    if (e == ERR_NONE && !asked.has_won) {
        out->at_ms = asked.lost_to.at_ms;
        people_device_name(s, asked.lost_to.dev, out->by);
    }
    return e;
}
