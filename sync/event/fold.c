#include "sync/event/fold.h"

#include "sync/base/bytes.h"
#include "sync/base/json.h"
#include "sync/event/zone.h"

#include <errno.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int compare_u64(uint64_t a, uint64_t b) {
    return (a > b) - (a < b);
}

static int compare_facts(const void *a, const void *b) {
    const struct fold_fact *x = a;
    const struct fold_fact *y = b;
    if (x->at_ms != y->at_ms) {
        return x->at_ms < y->at_ms ? -1 : 1;
    }
    int c = compare_u64(x->header.ref.stream, y->header.ref.stream);
    return c ? c : compare_u64(x->header.ref.n, y->header.ref.n);
}

void fold_sort(struct fold_fact *facts, size_t count) {
    if (count > 1) {
        qsort(facts, count, sizeof *facts, compare_facts);
    }
}

static bool is_same(struct fact_ref a, struct fact_ref b) {
    return a.stream == b.stream && a.n == b.n;
}

static bool is_kind(const struct fold_fact *f, const char *kind) {
    return strcmp(f->header.kind, kind) == 0;
}

bool fold_set_paper_time(struct fold_fact *f) {
    bool is_paper = f->body && is_kind(f, "admit") &&
                    strcmp(json_get_text(f->body, "by_code", ""), "paper") == 0;
    int64_t at_ms = 0;
    if (is_paper && instant_parse(json_get_text(f->body, "at", ""), &at_ms) == ERR_NONE) {
        f->at_ms = at_ms;
    }
    return is_paper;
}

static bool is_superseded(const struct fold_fact *facts, size_t count,
                          const struct fold_fact *f) {
    for (size_t i = 0; i < count; i++) {
        if (&facts[i] != f && is_same(facts[i].header.prev, f->header.ref)) {
            return true;
        }
    }
    return false;
}

const struct fold_fact *fold_latest(const struct fold_fact *sorted, size_t count,
                                    const char *kind, bool *out_conflict) {
    const struct fold_fact *latest = NULL;
    *out_conflict = false;
    for (size_t i = 0; i < count; i++) {
        const struct fold_fact *f = &sorted[i];
        if (f->body && is_kind(f, kind) && !is_superseded(sorted, count, f)) {
            *out_conflict = latest != NULL;
            latest = f;
        }
    }
    return latest;
}

static bool is_same_place(const json_t *a, const json_t *b) {
    return strcmp(json_get_text(a, "room", ""), json_get_text(b, "room", "")) == 0 &&
           strcmp(json_get_text(a, "start", ""), json_get_text(b, "start", "")) == 0;
}

static const struct fold_fact *find_ref(const struct fold_fact *facts, size_t count,
                                        struct fact_ref ref) {
    for (size_t i = 0; i < count; i++) {
        if (is_same(facts[i].header.ref, ref)) {
            return &facts[i];
        }
    }
    return NULL;
}

// Where a session was, walking back: its first place, and the last that was another.
struct places {
    const struct fold_fact *first, *was;
};

static void walk_back(struct places *p, const struct fold_fact *f,
                      const struct fold_fact *latest) {
    if (f == latest || !f->body || !is_kind(f, "session")) {
        return;
    }
    p->first = f;
    if (!p->was && !is_same_place(f->body, latest->body)) {
        p->was = f;
    }
}

const struct fold_fact *fold_session_was(const struct fold_fact *sorted, size_t count,
                                         const struct fold_fact *latest) {
    // By what each one replaced, whatever the clocks say; by the order key where nothing
    // was replaced. Bounded: outside facts could name each other in a circle.
    struct places p = {0};
    const struct fold_fact *f = find_ref(sorted, count, latest->header.prev);
    for (size_t i = 0; f && i < count; i++) {
        walk_back(&p, f, latest);
        f = find_ref(sorted, count, f->header.prev);
    }
    bool is_chained = p.first != NULL;
    for (size_t i = count; !is_chained && i-- > 0;) {
        walk_back(&p, &sorted[i], latest);
    }
    return p.first && is_same_place(p.first->body, latest->body) ? NULL : p.was;
}

static const struct fold_fact *pick_person(const struct fold_fact *sorted, size_t count,
                                           bool *out_conflict) {
    const struct fold_fact *best[2] = {NULL, NULL}; // walk-up, import
    *out_conflict = false;
    for (size_t i = 0; i < count; i++) {
        const struct fold_fact *f = &sorted[i];
        if (f->body && is_kind(f, "person") && !is_superseded(sorted, count, f)) {
            *out_conflict = *out_conflict || best[f->is_import] != NULL;
            best[f->is_import] = f;
        }
    }
    return best[1] ? best[1] : best[0];
}

static const json_t *edit_field(const struct fold_fact *f, const char *field) {
    const json_t *set =
        f->body && is_kind(f, "person.edit") ? json_object_get(f->body, "set") : NULL;
    return json_object_get(set, field);
}

// The newest unsuperseded edit of one field.
static json_t *pick_edit(const struct fold_fact *sorted, size_t count, const char *field,
                         bool *out_conflict) {
    json_t *value = NULL;
    for (size_t i = 0; i < count; i++) {
        const json_t *mine = edit_field(&sorted[i], field);
        bool is_replaced = false;
        for (size_t j = 0; mine && j < count; j++) {
            is_replaced =
                is_replaced || (edit_field(&sorted[j], field) &&
                                is_same(sorted[j].header.prev, sorted[i].header.ref));
        }
        if (mine && !is_replaced) {
            *out_conflict = *out_conflict || (value && !json_equal(value, mine));
            value = json_object_get(json_object_get(sorted[i].body, "set"), field);
        }
    }
    return value;
}

json_t *fold_person(const struct fold_fact *sorted, size_t count, bool *out_conflict,
                    const struct fold_fact **out_latest) {
    static const char *const editable[] = {"name", "given", "family", "latin",
                                           "org",  "lang",  "photo"};
    const struct fold_fact *base = pick_person(sorted, count, out_conflict);
    *out_latest = base;
    if (!base) {
        return NULL;
    }
    json_t *body = json_copy(base->body);
    for (size_t i = 0; i < sizeof editable / sizeof *editable; i++) {
        json_t *value = pick_edit(sorted, count, editable[i], out_conflict);
        if (value) {
            json_object_set(body, editable[i], value);
        }
    }
    for (size_t i = 0; i < count; i++) {
        if (sorted[i].body && is_kind(&sorted[i], "pay.mark")) {
            json_object_set_new(body, "paid", json_true());
        }
    }
    return body;
}

void ref_format(struct fact_ref ref, char out[REF_TEXT_SIZE]) {
    char stream[17];
    hex_format_u64(ref.stream, stream);
    snprintf(out, REF_TEXT_SIZE, "%s/%" PRIu64, stream, ref.n);
}

enum err ref_parse(const char *text, struct fact_ref *out) {
    char stream[17] = {0};
    struct fact_ref ref;
    if (strnlen(text, REF_TEXT_SIZE) < 18 || text[16] != '/') {
        return ERR_INPUT;
    }
    memcpy(stream, text, 16);
    char *end = NULL;
    errno = 0;
    ref.n = strtoull(text + 17, &end, 10);
    if (text[17] < '0' || text[17] > '9' || *end || !ref.n || errno == ERANGE ||
        hex_parse_u64(stream, &ref.stream) != ERR_NONE) {
        return ERR_INPUT;
    }
    *out = ref;
    return ERR_NONE;
}

bool fold_is_void(const struct fold_fact *sorted, size_t count, struct fact_ref ref) {
    for (size_t i = 0; i < count; i++) {
        const struct fold_fact *f = &sorted[i];
        struct fact_ref of;
        if (f->body && is_kind(f, "admit.void") &&
            ref_parse(json_get_text(f->body, "of", ""), &of) == ERR_NONE &&
            is_same(of, ref)) {
            return true;
        }
    }
    return false;
}

static int compare_refs(const void *a, const void *b) {
    const struct fact_ref *x = a;
    const struct fact_ref *y = b;
    int c = compare_u64(x->stream, y->stream);
    return c ? c : compare_u64(x->n, y->n);
}

static void incident_id(const struct fold_incident *in, char out[33]) {
    struct fact_ref refs[FOLD_MEMBERS_MAX];
    memcpy(refs, in->members, in->member_count * sizeof *refs);
    qsort(refs, in->member_count, sizeof *refs, compare_refs);
    struct bytes b = {0};
    for (size_t i = 0; i < in->member_count; i++) {
        bytes_add_u64(&b, refs[i].stream);
        bytes_add_u64(&b, refs[i].n);
    }
    uint8_t digest[16];
    crypto_generichash(digest, sizeof digest, b.data, b.len, NULL, 0);
    hex_format(digest, sizeof digest, out);
    bytes_finish(&b);
}

static bool names_ref(const json_t *list, struct fact_ref ref) {
    char text[REF_TEXT_SIZE];
    ref_format(ref, text);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *item = json_string_value(json_array_get(list, i));
        if (item && strcmp(item, text) == 0) {
            return true;
        }
    }
    return false;
}

// Resolved when one resolution names every member: a new member reopens it.
static bool is_resolved_by(const struct fold_fact *f, const struct fold_incident *in) {
    if (!f->body || !is_kind(f, "incident.resolve")) {
        return false;
    }
    const json_t *of = json_object_get(f->body, "of");
    for (size_t i = 0; i < in->member_count; i++) {
        if (!names_ref(of, in->members[i])) {
            return false;
        }
    }
    return true;
}

bool fold_incident(const struct fold_fact *sorted, size_t count, const char *gate,
                   struct fold_incident *out) {
    *out = (struct fold_incident){0};
    for (size_t i = 0; i < count && out->member_count < FOLD_MEMBERS_MAX; i++) {
        const struct fold_fact *f = &sorted[i];
        if (f->body && is_kind(f, "admit") &&
            strcmp(json_get_text(f->body, "gate", ""), gate) == 0 &&
            !fold_is_void(sorted, count, f->header.ref)) {
            out->members[out->member_count++] = f->header.ref;
            out->last_ms = f->at_ms;
        }
    }
    if (out->member_count < 2) {
        return false;
    }
    snprintf(out->gate, sizeof out->gate, "%s", gate);
    incident_id(out, out->id);
    for (size_t i = 0; i < count; i++) {
        out->is_resolved = out->is_resolved || is_resolved_by(&sorted[i], out);
    }
    return true;
}
