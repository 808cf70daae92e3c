// A badge all the way to the paper: template, raster, printer language, and back by a strict
// reader. Every dot is where the preview has it, and two foreign decoders read its QR code.
// FOYER_PRINT_OUT=DIR keeps the pictures, and beside each what the printer was sent.
#include "app/badge/badge.h"
#include "app/labels/language.h"
#include "sync/base/mem.h"
#include "tests/support/paper_ink.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct print {
    const char *template, *language, *model;
    int dpi, w_mm, h_mm; // of the roll
} prints[] = {
    {"badge-4x3", "zpl", "", 203, 0, 0},
    {"badge-4x3", "zpl", "", 300, 0, 0},
    {"badge-4x6", "zpl", "", 600, 0, 0},
    {"badge-4x3", "epl", "", 203, 0, 0},
    {"badge-4x3", "tspl", "", 300, 0, 0},
    {"label-62", "brother", "QL-820NWB", 300, 62, 0},
    {"label-62", "brother", "QL-700", 300, 62, 0},
    {"label-62x100", "brother", "QL-800", 300, 62, 100},
    {"label-60x86", "brother", "QL-600", 300, 60, 86},
    {"label-102x152", "brother", "QL-1110NWB", 300, 102, 152},
    {"label-62", "escpos", "", 203, 80, 0},
};

static const char *const names[][2] = {
    {"王小明", "Wang Xiaoming"},
    {"محمد بن عبد الله", "Mohammed bin Abdullah"},
};

static bool read_paper(const struct print *p, const struct bytes *job,
                       struct paper *out) {
    switch (p->language[0]) {
    case 'z':
        return paper_read_zpl(job->data, job->len, out);
    case 'b':
        return paper_read_brother(job->data, job->len,
                                  strstr(p->model, "QL-11") ? 162 : 90, out);
    case 't':
        return paper_read_tspl(job->data, job->len, out);
    default:
        return strcmp(p->language, "epl") == 0
                   ? paper_read_epl(job->data, job->len, out)
                   : paper_read_escpos(job->data, job->len, out);
    }
}

static void write_job(const struct bytes *job, const char *path) {
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(job->data, 1, job->len, f), job->len);
    assert_int_equal(fclose(f), 0);
}

static void print_badge(const struct print *p, const struct badge *badge,
                        struct fonts *fonts, const char *file) {
    char path[700];
    const char *source = getenv("FOYER_SOURCE");
    struct template template;
    struct raster r;
    struct bytes job = {0};
    struct paper paper;
    const struct label_language *language = label_language_named(p->language);
    snprintf(path, sizeof path, "%s/assets/badges/%s.json", source ? source : ".",
             p->template);
    assert_int_equal(template_read(path, &template), ERR_NONE);
    badge_make_raster(&template, badge, fonts, p->dpi, &r);
    struct label label = {r.w, r.h, r.stride_bytes, r.dpi, r.bits};
    struct label_setup setup = {
        .dpi = p->dpi, .media_w_mm = p->w_mm, .media_h_mm = p->h_mm};
    snprintf(setup.model, sizeof setup.model, "%s", p->model);
    assert_non_null(language);
    assert_int_equal(language->encode(&label, &setup, &job), ERR_NONE);
    if (!read_paper(p, &job, &paper)) {
        fail_msg("%s for %s: %s", p->language, p->template, paper.fault);
    }
    char fault[100];
    if (!paper_is_drawn(&paper, &r, fault, sizeof fault)) {
        fail_msg("%s for %s: %s", p->language, p->template, fault);
    }
    assert_true(paper_write_pgm(&paper, file));
    if (getenv("FOYER_PRINT_OUT")) {
        snprintf(path, sizeof path, "%s.%s", file, p->language);
        write_job(&job, path);
    }
    paper_finish(&paper);
    bytes_finish(&job);
    raster_finish(&r);
    template_finish(&template);
}

static void test_printed_badges_equal_their_preview_and_scan(void **state) {
    (void)state;
    static const struct event_info event = {.name = "IETF 92", .city = "Dallas"};
    struct fonts *fonts;
    struct badge badge;
    char dir[200] = "/tmp/foyer-print-XXXXXX";
    const char *keep = getenv("FOYER_PRINT_OUT");
    char text[600];
    const char *source = getenv("FOYER_SOURCE");
    if (keep) {
        snprintf(dir, sizeof dir, "%s", keep);
    } else {
        assert_non_null(mkdtemp(dir));
    }
    assert_int_equal(fonts_open(NULL, &fonts), ERR_NONE);
    for (size_t n = 0; n < sizeof names / sizeof names[0]; n++) {
        struct person person = {.is_newcomer = true};
        snprintf(person.id, sizeof person.id, "0123456789ABCDEF");
        snprintf(person.name, sizeof person.name, "%s", names[n][0]);
        snprintf(person.latin, sizeof person.latin, "%s", names[n][1]);
        badge_fill(&person, &event, 7, &badge);
        for (size_t i = 0; i < sizeof prints / sizeof prints[0]; i++) {
            snprintf(text, sizeof text, "%s/%zu-%zu-%s-%s-%d.pgm", dir, n, i,
                     prints[i].template, prints[i].language, prints[i].dpi);
            print_badge(&prints[i], &badge, fonts, text);
        }
    }
    fonts_close(fonts);
    snprintf(text, sizeof text,
             "/usr/bin/python3 %s/tests/support/read_codes.py all-say %s %s/*.pgm",
             source ? source : ".", badge.code, dir);
    int failed = system(text);
    snprintf(text, sizeof text, "rm -rf %s", keep ? "" : dir);
    assert_int_equal(system(text), 0);
    assert_int_equal(failed, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_printed_badges_equal_their_preview_and_scan),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
