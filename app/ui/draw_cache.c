#include "app/ui/draw_cache.h"

#include "app/ui/draw.h"
#include "sync/base/mem.h"

#include <string.h>

enum { ENTRIES_MAX = 512 };

struct draw_cache {
    struct draw_cache_entry *entries[ENTRIES_MAX];
    int count;
    size_t bytes;
    unsigned clock;
};

struct draw_cache *draw_cache_create(void) {
    return mem_alloc(1, sizeof(struct draw_cache));
}

static void entry_destroy(struct draw_cache_entry *entry) {
    for (size_t s = 0; s < entry->span_count; s++) {
        mem_free(entry->masks[s].pixels);
    }
    mem_free(entry->key);
    mem_free(entry);
}

void draw_cache_destroy(struct draw_cache *cache) {
    if (cache == NULL) {
        return;
    }
    for (int i = 0; i < cache->count; i++) {
        entry_destroy(cache->entries[i]);
    }
    mem_free(cache);
}

// Everything the picture depends on, as bytes. The struct's padding is not part of it.
static void *make_key(const struct text_style *style, const struct text_span *spans,
                      size_t span_count, size_t *out_bytes) {
    const int numbers[] = {style->size_px,    style->min_px,         style->max_w_px,
                           style->max_h_px,   style->max_lines,      style->leading_pct,
                           (int)style->align, (int)style->direction, (int)style->han,
                           style->is_tabular, (int)span_count};
    size_t bytes = sizeof numbers;
    for (size_t s = 0; s < span_count; s++) {
        bytes += sizeof(int) + (spans[s].text != NULL ? strlen(spans[s].text) : 0) + 1;
    }
    char *key = mem_alloc(bytes, 1), *at = key;
    memcpy(at, numbers, sizeof numbers);
    at += sizeof numbers;
    for (size_t s = 0; s < span_count; s++) {
        int weight = (int)spans[s].weight;
        memcpy(at, &weight, sizeof weight);
        at += sizeof weight;
        const char *text = spans[s].text != NULL ? spans[s].text : "";
        memcpy(at, text, strlen(text) + 1);
        at += strlen(text) + 1;
    }
    *out_bytes = bytes;
    return key;
}

static uint64_t hash_of(const void *key, size_t bytes) {
    const uint8_t *at = key;
    uint64_t hash = 0xCBF29CE484222325;
    for (size_t i = 0; i < bytes; i++) {
        hash = (hash ^ at[i]) * 0x100000001B3;
    }
    return hash;
}

// First and last index with ink, in steps through lines of `length` cells.
static bool has_ink(const uint8_t *pixels, int count, int step) {
    for (int i = 0; i < count; i++) {
        if (pixels[(size_t)i * (size_t)step] != 0) {
            return true;
        }
    }
    return false;
}

static void crop(struct draw_cache_mask *mask, uint8_t *pixels, struct text_bounds b) {
    int top = 0, bottom = b.h, left = 0, right = b.w;
    while (top < bottom && !has_ink(pixels + (size_t)top * (size_t)b.w, b.w, 1)) {
        top++;
    }
    while (bottom > top &&
           !has_ink(pixels + (size_t)(bottom - 1) * (size_t)b.w, b.w, 1)) {
        bottom--;
    }
    while (left < right && !has_ink(pixels + left, b.h, b.w)) {
        left++;
    }
    while (right > left && !has_ink(pixels + right - 1, b.h, b.w)) {
        right--;
    }
    if (top >= bottom || left >= right) {
        return;
    }
    *mask =
        (struct draw_cache_mask){b.x + left, b.y + top, right - left, bottom - top, NULL};
    mask->pixels = mem_alloc((size_t)mask->w * (size_t)mask->h, 1);
    for (int y = 0; y < mask->h; y++) {
        memcpy(mask->pixels + (size_t)y * (size_t)mask->w,
               pixels + (size_t)(top + y) * (size_t)b.w + left, (size_t)mask->w);
    }
}

static void render(struct draw_cache_entry *entry, struct fonts *fonts,
                   const struct text_style *style, const struct text_span *spans) {
    struct text_layout *layout =
        text_create_spans(fonts, style, spans, entry->span_count);
    entry->measure = *text_get_measure(layout);
    for (size_t s = 0; s < entry->span_count; s++) {
        struct text_bounds b = text_get_bounds(layout, (int)s);
        if (b.w <= 0 || b.h <= 0) {
            continue;
        }
        uint8_t *pixels = mem_alloc((size_t)b.w * (size_t)b.h, 1);
        struct text_mask mask = {pixels, b.w, b.h, b.w};
        text_draw(layout, (int)s, &mask, -b.x, -b.y);
        crop(&entry->masks[s], pixels, b);
        entry->bytes += (size_t)entry->masks[s].w * (size_t)entry->masks[s].h;
        mem_free(pixels);
    }
    text_destroy(layout);
}

static int find_oldest(const struct draw_cache *cache) {
    int oldest = 0;
    for (int i = 1; i < cache->count; i++) {
        if (cache->entries[i]->used_at < cache->entries[oldest]->used_at) {
            oldest = i;
        }
    }
    return oldest;
}

static void make_room(struct draw_cache *cache, size_t bytes) {
    while (cache->count > 0 && (cache->count == ENTRIES_MAX ||
                                cache->bytes + bytes > DRAW_TEXT_CACHE_BYTES)) {
        int oldest = find_oldest(cache);
        cache->bytes -= cache->entries[oldest]->bytes;
        entry_destroy(cache->entries[oldest]);
        cache->entries[oldest] = cache->entries[--cache->count];
    }
}

const struct draw_cache_entry *draw_cache_get(struct draw_cache *cache,
                                              struct fonts *fonts,
                                              const struct text_style *style,
                                              const struct text_span *spans,
                                              size_t span_count) {
    size_t key_bytes = 0;
    void *key = make_key(style, spans, span_count, &key_bytes);
    uint64_t hash = hash_of(key, key_bytes);
    for (int i = 0; i < cache->count; i++) {
        struct draw_cache_entry *entry = cache->entries[i];
        if (entry->hash == hash && entry->key_bytes == key_bytes &&
            memcmp(entry->key, key, key_bytes) == 0) {
            entry->used_at = ++cache->clock;
            mem_free(key);
            return entry;
        }
    }
    struct draw_cache_entry *entry = mem_alloc(1, sizeof *entry);
    *entry = (struct draw_cache_entry){.hash = hash,
                                       .key = key,
                                       .key_bytes = key_bytes,
                                       .bytes = sizeof *entry + key_bytes,
                                       .span_count = span_count};
    render(entry, fonts, style, spans);
    make_room(cache, entry->bytes);
    entry->used_at = ++cache->clock;
    cache->entries[cache->count++] = entry;
    cache->bytes += entry->bytes;
    return entry;
}
