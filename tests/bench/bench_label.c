// A name to printer bytes: the badge drawn, made black and white, and written in a printer's
// language, 4 x 3 in at 300 dpi, with a Chinese and an Arabic name. Texts are drawn afresh each
// time. Processor time, which a busy machine does not stretch; of the rounds the median counts.
//   bench_label <root of the tree>
#include "app/badge/badge.h"
#include "app/labels/language.h"
#include "sync/base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ROUNDS = 21, BUDGET_MS = 30 };

static double cpu_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int compare(const void *a, const void *b) {
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

struct bench {
    struct template template;
    struct badge badge;
    struct fonts *fonts;
};

static double round_ms(struct bench *b, const struct label_language *language,
                       const struct label_setup *setup, size_t *out_bytes) {
    struct raster r;
    struct bytes job = {0};
    fonts_trim(b->fonts, 0);
    double start = cpu_ms();
    badge_make_raster(&b->template, &b->badge, b->fonts, 300, &r);
    struct label label = {r.w, r.h, r.stride_bytes, r.dpi, r.bits};
    CHECK(language->encode(&label, setup, &job) == ERR_NONE);
    double ms = cpu_ms() - start;
    *out_bytes = job.len;
    bytes_finish(&job);
    raster_finish(&r);
    return ms;
}

static void measure(struct bench *b, const char *name, const struct label_setup *setup) {
    double ms[ROUNDS];
    size_t bytes = 0;
    char what[64], got[64];
    const struct label_language *language = label_language_named(name);
    CHECK(language);
    double first = round_ms(b, language, setup, &bytes);
    for (int i = 0; i < ROUNDS; i++) {
        ms[i] = round_ms(b, language, setup, &bytes);
    }
    qsort(ms, ROUNDS, sizeof ms[0], compare);
    snprintf(what, sizeof what, "badge 4x3 in 300 dpi, name to %s", language->title);
    snprintf(got, sizeof got, "%.1f ms (first %.1f), %zu bytes", ms[ROUNDS / 2], first,
             bytes);
    printf("%-46s %-38s %-16s %s\n", what, got, "30 ms",
           ms[ROUNDS / 2] <= BUDGET_MS ? "" : "missed");
}

int main(int argc, char **argv) {
    static const struct event_info event = {.name = "IETF 92", .city = "Dallas"};
    static const struct label_setup zpl = {.dpi = 300};
    static const struct label_setup brother = {
        .model = "QL-1110NWB", .dpi = 300, .media_w_mm = 104};
    struct bench b = {.fonts = NULL};
    struct person person = {.is_newcomer = true};
    char path[400];
    snprintf(path, sizeof path, "%s/assets/badges/badge-4x3.json",
             argc > 1 ? argv[1] : ".");
    snprintf(person.id, sizeof person.id, "0123456789ABCDEF");
    snprintf(person.name, sizeof person.name, "王小明 محمد بن عبد الله");
    snprintf(person.latin, sizeof person.latin, "Wang Xiaoming Mohammed");
    snprintf(person.org, sizeof person.org, "示例大学");
    if (template_read(path, &b.template) != ERR_NONE ||
        fonts_open(NULL, &b.fonts) != ERR_NONE) {
        fprintf(stderr, "bench_label: %s or the fonts cannot be read\n", path);
        return 1;
    }
    badge_fill(&person, &event, 1, &b.badge);
    measure(&b, "zpl", &zpl);
    measure(&b, "brother", &brother);
    fonts_close(b.fonts);
    template_finish(&b.template);
    return 0;
}
