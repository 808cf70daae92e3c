#include "sync/event/drafts.h"

#include "sync/base/json.h"
#include "sync/base/mem.h"
#include "sync/base/utf8.h"

#include <string.h>

void drafts_finish(struct drafts *d) {
    for (size_t i = 0; i < d->count; i++) {
        draft_finish(&d->items[i]);
    }
    mem_free(d->items);
    *d = (struct drafts){0};
}

enum err draft_fill(struct draft *d, const char *kind, const char *subject,
                    json_t *body) {
    size_t kind_len = strlen(kind);
    size_t subject_len = strlen(subject);
    enum err e = ERR_NONE;
    if (!json_is_object(body) || !kind_len || !utf8_is_plain(kind, kind_len) ||
        !utf8_is_plain(subject, subject_len)) {
        e = ERR_INPUT;
    } else if (kind_len > FACT_KIND_MAX || subject_len > FACT_SUBJECT_MAX) {
        e = ERR_LIMIT;
    }
    char *text = e == ERR_NONE ? json_format(body) : NULL;
    json_decref(body);
    if (text && strlen(text) > FACT_BODY_MAX) {
        mem_free(text);
        return ERR_LIMIT;
    }
    if (e == ERR_NONE) {
        *d = (struct draft){.body = text};
        memcpy(d->kind, kind, kind_len + 1);
        memcpy(d->subject, subject, subject_len + 1);
    }
    return e;
}

enum err drafts_add(struct drafts *d, const char *kind, const char *subject,
                    json_t *body) {
    struct draft made;
    enum err e = draft_fill(&made, kind, subject, body);
    if (e != ERR_NONE) {
        return e;
    }
    if (d->count == d->cap) {
        d->cap = d->cap ? d->cap * 2 : 64;
        d->items = mem_resize(d->items, d->cap, sizeof *d->items);
    }
    d->items[d->count++] = made;
    return ERR_NONE;
}
