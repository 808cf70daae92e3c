// Rendered strings; the least recently used goes first. Inside app/ui only, on the main
// thread.
#ifndef APP_UI_DRAW_CACHE_H
#define APP_UI_DRAW_CACHE_H

#include "app/text/text.h"

// The ink of one span, cropped, relative to the layout's top left corner.
struct draw_cache_mask {
    int x, y, w, h;
    uint8_t *pixels; // w * h, NULL when w is 0
};

struct draw_cache_entry {
    uint64_t hash;
    void *key;
    size_t key_bytes;
    size_t bytes; // all of it, for the limit
    unsigned used_at;
    struct text_measure measure;
    size_t span_count;
    struct draw_cache_mask masks[TEXT_SPANS_MAX];
};

struct draw_cache;

struct draw_cache *draw_cache_create(void);
void draw_cache_destroy(struct draw_cache *cache); // NULL is fine

// The rendered text, from the cache or fresh. Borrowed until the next call.
const struct draw_cache_entry *draw_cache_get(struct draw_cache *cache,
                                              struct fonts *fonts,
                                              const struct text_style *style,
                                              const struct text_span *spans,
                                              size_t span_count);

#endif
