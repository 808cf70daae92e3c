#include "tests/support/feeds.h"

#include "sync/base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka needs the four above.
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct import_options no_options;

struct feed_result *feed_read(feed_fn *read, const void *bytes, size_t len,
                              const struct import_options *o) {
    struct feed_result *r = mem_alloc(1, sizeof *r);
    struct feed_result *again = mem_alloc(1, sizeof *again);
    void *exact = malloc(len ? len : 1);
    assert_non_null(exact);
    if (len) {
        memcpy(exact, bytes, len);
    }
    o = o ? o : &no_options;
    r->e = read(exact, len, o, &r->drafts, &r->report);
    again->e = read(exact, len, o, &again->drafts, &again->report);
    free(exact);
    assert_int_equal(r->e, again->e);
    assert_int_equal(r->drafts.count, again->drafts.count);
    assert_memory_equal(&r->report, &again->report, sizeof r->report);
    for (size_t i = 0; i < r->drafts.count; i++) {
        assert_string_equal(r->drafts.items[i].subject, again->drafts.items[i].subject);
        assert_string_equal(r->drafts.items[i].body, again->drafts.items[i].body);
    }
    assert_int_equal(r->report.drafts, r->drafts.count);
    assert_true((r->e == ERR_NONE) == (r->report.refusal[0] == '\0'));
    assert_true(r->e == ERR_NONE || r->drafts.count == 0);
    feed_free(again);
    return r;
}

struct feed_result *feed_read_text(feed_fn *read, const char *text,
                                   const struct import_options *o) {
    return feed_read(read, text, strlen(text), o);
}

struct feed_result *feed_read_file(feed_fn *read, const char *path,
                                   const struct import_options *o) {
    const char *root = getenv("FOYER_SOURCE");
    char *whole = mem_format("%s/%s", root ? root : ".", path);
    FILE *f = fopen(whole, "rb");
    if (!f) {
        fail_msg("%s can not be opened", whole);
    }
    assert_int_equal(fseek(f, 0, SEEK_END), 0);
    long size = ftell(f);
    assert_true(size >= 0);
    rewind(f);
    char *bytes = mem_alloc((size_t)size + 1, 1);
    assert_int_equal(fread(bytes, 1, (size_t)size, f), size);
    fclose(f);
    struct feed_result *r = feed_read(read, bytes, (size_t)size, o);
    mem_free(bytes);
    mem_free(whole);
    return r;
}

void feed_free(struct feed_result *r) {
    drafts_finish(&r->drafts);
    mem_free(r);
}

const char *feed_body(const struct feed_result *r, const char *kind,
                      const char *subject) {
    for (size_t i = 0; i < r->drafts.count; i++) {
        const struct draft *d = &r->drafts.items[i];
        if (strcmp(d->kind, kind) == 0 && strcmp(d->subject, subject) == 0) {
            return d->body;
        }
    }
    return NULL;
}

size_t feed_count(const struct feed_result *r, const char *kind) {
    size_t count = 0;
    for (size_t i = 0; i < r->drafts.count; i++) {
        count += strcmp(r->drafts.items[i].kind, kind) == 0;
    }
    return count;
}

bool feed_says(const struct feed_result *r, const char *words) {
    for (size_t i = 0; i < r->report.message_count && i < IMPORT_MESSAGES_MAX; i++) {
        if (strstr(r->report.messages[i], words)) {
            return true;
        }
    }
    return strstr(r->report.refusal, words) != NULL;
}
