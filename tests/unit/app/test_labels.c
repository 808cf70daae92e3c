// Labels of chance and of every roll, through each language and back by strict readers that
// share no code with the writers: every dot must come out where it was.
#include "app/labels/brother.h"
#include "app/labels/epl.h"
#include "app/labels/escpos.h"
#include "app/labels/tspl.h"
#include "app/labels/zpl.h"
#include "sync/base/mem.h"
#include "tests/support/paper.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static uint64_t chance;

static uint32_t roll(uint32_t below) {
    chance = chance * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(chance >> 33) % below;
}

static int start_chance(void **state) {
    const char *seed = getenv("FOYER_SEED");
    (void)state;
    chance = seed ? strtoull(seed, NULL, 10) : (uint64_t)time(NULL);
    print_message("FOYER_SEED=%llu\n", (unsigned long long)chance);
    return 0;
}

// Noise, runs, blank rows and repeats of the row before; bits beyond w are noise as well.
static struct label make_label(int w, int h, int dpi) {
    int stride = (w + 7) / 8 + (int)roll(3);
    uint8_t *bits = mem_alloc((size_t)stride * (size_t)h, 1);
    for (int y = 0; y < h; y++) {
        uint8_t *row = bits + (size_t)y * (size_t)stride;
        uint32_t kind = roll(5);
        int last = kind == 4 ? (int)roll((uint32_t)stride) : stride;
        if (kind == 1 && y > 0) {
            memcpy(row, row - stride, (size_t)stride);
        }
        for (int i = 0; i < last && kind >= 2; i++) {
            bool is_run = kind == 3 && i > 0 && roll(40);
            row[i] = is_run ? row[i - 1] : (uint8_t)roll(256);
        }
        if (w % 8 && kind) {
            row[(w - 1) / 8] |= (uint8_t)roll(256) & (0xff >> w % 8);
        }
    }
    return (struct label){w, h, stride, dpi, bits};
}

static void free_label(struct label *label) {
    mem_free((void *)(uintptr_t)label->bits);
}

static void assert_same(const struct label *label, const struct paper *paper, int dx,
                        int dy) {
    for (int y = 0; y < paper->h; y++) {
        for (int x = 0; x < paper->w; x++) {
            if (label_is_black(label, x - dx, y - dy) != paper_is_black(paper, x, y)) {
                fail_msg("dot %d, %d of %d x %d at %d, %d differs", x, y, label->w,
                         label->h, dx, dy);
            }
        }
    }
}

static void assert_read(bool is_read, const struct paper *paper) {
    if (!is_read) {
        fail_msg("%s", paper->fault);
    }
}

static void check_zpl(const struct label *label, enum label_tracking tracking,
                      char letter) {
    struct label_setup setup = {.dpi = label->dpi, .tracking = tracking};
    struct bytes job = {0};
    struct paper paper;
    assert_int_equal(label_zpl.encode(label, &setup, &job), ERR_NONE);
    assert_read(paper_read_zpl(job.data, job.len, &paper), &paper);
    assert_int_equal(paper.w, label->w);
    assert_int_equal(paper.h, label->h);
    assert_int_equal(paper.tracking, letter);
    assert_same(label, &paper, 0, 0);
    paper_finish(&paper);
    bytes_finish(&job);
}

static void test_zpl_gives_every_dot(void **state) {
    (void)state;
    for (int i = 0; i < 60; i++) {
        struct label label = make_label(1 + (int)roll(300), 1 + (int)roll(80), 203);
        check_zpl(&label, LABEL_TRACK_GAP, 'Y');
        check_zpl(&label, LABEL_TRACK_MARK, 'M');
        check_zpl(&label, LABEL_TRACK_CONTINUOUS, 'N');
        free_label(&label);
    }
    // Runs over 419 digits, and more than 99,999 bytes: two graphics.
    struct label wide = make_label(LABEL_SIDE_MAX_DOTS, 130, 600);
    check_zpl(&wide, LABEL_TRACK_GAP, 'Y');
    memset((void *)(uintptr_t)wide.bits, 0xff, (size_t)wide.stride_bytes * 60);
    check_zpl(&wide, LABEL_TRACK_GAP, 'Y');
    free_label(&wide);
}

// Row y begins with a run of y + 1 equal digits: all counts, also over 419.
static void test_zpl_counts_runs_of_any_length(void **state) {
    (void)state;
    enum { RUNS = 850, ROW_BYTES = 430 };
    static uint8_t bits[RUNS * ROW_BYTES];
    for (int y = 0; y < RUNS; y++) {
        for (int i = 0; i <= y + 1; i++) {
            int digit = i <= y ? 0xA : 0x5;
            bits[y * ROW_BYTES + i / 2] |= (uint8_t)(i % 2 ? digit : digit << 4);
        }
    }
    struct label label = {8 * ROW_BYTES, RUNS, ROW_BYTES, 300, bits};
    check_zpl(&label, LABEL_TRACK_GAP, 'Y');
}

static void test_zpl_refuses_another_dpi(void **state) {
    (void)state;
    struct label label = make_label(80, 10, 300);
    struct label_setup setup = {.dpi = 203};
    struct bytes job = {0};
    assert_int_equal(label_zpl.encode(&label, &setup, &job), ERR_LIMIT);
    assert_int_equal(job.len, 0);
    free_label(&label);
}

static void test_a_reader_finds_faults(void **state) {
    (void)state;
    static const char *const bad[] = {
        "^XA^PW8^LL2^MNY^FO0,0^GFA,2,2,1,FFF^FS^PQ1,0,0,N^XZ",  // a row too short
        "^XA^PW8^LL2^MNY^FO0,0^GFA,2,2,1,:FF^FS^PQ1,0,0,N^XZ",  // ':' first
        "^XA^PW8^LL2^MNY^FO0,0^GFA,3,2,1,FFFF^FS^PQ1,0,0,N^XZ", // totals
        "^XA^PW8^LL2^MNY^FO0,0^GFA,2,2,1,FFJF^FS^PQ1,0,0,N^XZ", // runs over the row
        "^XA^PW8^LL2^MNY^FO0,0^GFA,2,2,1,FFFF^FS^PQ1,0,0,N",    // no end
        "^XA^PW8^LL2^FO0,0^GFA,2,2,1,FFFF^FS^PQ1,0,0,N^XZ",     // no ^MN
        "^XA^PW8^LL1^MNY^FO0,0^GFA,2,2,1,FFFF^FS^PQ1,0,0,N^XZ", // off the label
    };
    struct paper paper;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(paper_read_zpl((const uint8_t *)bad[i], strlen(bad[i]), &paper));
        paper_finish(&paper);
    }
    const char *good = "^XA^PW8^LL2^MNY^FO0,0^GFA,2,2,1,HF:^FS^PQ1,0,0,N^XZ";
    assert_read(paper_read_zpl((const uint8_t *)good, strlen(good), &paper), &paper);
    assert_true(paper_is_black(&paper, 7, 1));
    paper_finish(&paper);
}

// Right offsets of the manual's table and what the printer calls the length.
static const struct {
    int w_mm, h_mm, told_h_mm, w, h, offset;
} rolls[] = {
    {62, 0, 0, 696, 0, 12},          {62, 100, 100, 696, 1109, 12},
    {62, 29, 29, 696, 271, 12},      {60, 86, 87, 672, 954, 18},
    {29, 90, 90, 306, 991, 6},       {29, 0, 0, 306, 0, 6},
    {102, 152, 153, 1164, 1660, 12}, {102, 0, 0, 1164, 0, 12},
    {54, 29, 29, 598, 271, 60},
};

static const struct {
    const char *name;
    int head_bytes, extra_offset, min_rows;
    bool is_packed, is_two_colour;
} models[] = {
    {"QL-500", 90, 0, 295, false, false},
    {"QL-570", 90, 0, 150, false, false},
    {"QL-600", 90, 0, 150, true, false},
    {"QL-700", 90, 0, 150, false, false},
    {"QL-800", 90, 0, 150, false, true},
    {"Brother QL-810W", 90, 0, 150, true, true},
    {"QL-820NWB", 90, 0, 150, true, true},
    {"QL-1060N", 162, 44, 295, true, false},
    {"QL-1110NWB", 162, 44, 301, true, false},
};

static void check_brother(size_t r, size_t m, const struct label *label,
                          bool is_two_colour) {
    struct label_setup setup = {.dpi = 300,
                                .media_w_mm = rolls[r].w_mm,
                                .media_h_mm = rolls[r].h_mm,
                                .is_two_colour = is_two_colour};
    snprintf(setup.model, sizeof setup.model, "%s", models[m].name);
    struct bytes job = {0};
    struct paper paper;
    int head = models[m].head_bytes * 8;
    int offset = rolls[r].offset + models[m].extra_offset;
    enum err e = label_brother.encode(label, &setup, &job);
    if (offset + rolls[r].w > head || (is_two_colour && !models[m].is_two_colour)) {
        assert_int_equal(e, ERR_LIMIT);
        return;
    }
    assert_int_equal(e, ERR_NONE);
    assert_read(
        paper_read_brother(job.data, job.len, (size_t)models[m].head_bytes, &paper),
        &paper);
    int rows = rolls[r].h
                   ? rolls[r].h
                   : (label->h < models[m].min_rows ? models[m].min_rows : label->h);
    assert_int_equal(paper.w, head);
    assert_int_equal(paper.h, rows);
    assert_int_equal(paper.media_w_mm, rolls[r].w_mm);
    assert_int_equal(paper.media_h_mm, rolls[r].told_h_mm);
    assert_int_equal(paper.margin, rolls[r].h ? 0 : 35);
    assert_int_equal(paper.is_packed, models[m].is_packed && !is_two_colour);
    assert_int_equal(paper.is_two_colour, is_two_colour);
    int left = head - offset - rolls[r].w + (rolls[r].w - label->w) / 2;
    assert_same(label, &paper, left, rolls[r].h ? (rolls[r].h - label->h) / 2 : 0);
    paper_finish(&paper);
    bytes_finish(&job);
}

static void test_brother_prints_on_every_roll(void **state) {
    (void)state;
    for (size_t r = 0; r < sizeof rolls / sizeof rolls[0]; r++) {
        int h = rolls[r].h ? rolls[r].h : 100 + (int)roll(400);
        struct label full = make_label(rolls[r].w, h, 300);
        struct label small = make_label(1 + (int)roll((uint32_t)rolls[r].w),
                                        1 + (int)roll((uint32_t)h), 300);
        for (size_t m = 0; m < sizeof models / sizeof models[0]; m++) {
            check_brother(r, m, &full, false);
            check_brother(r, m, &small, false);
            check_brother(r, m, &small, true);
        }
        free_label(&full);
        free_label(&small);
    }
}

// A template of the roll's whole size has its white margin cut off, never its ink.
static void test_brother_never_cuts_ink(void **state) {
    (void)state;
    struct label label = make_label(732, 1179, 300);
    struct label_setup setup = {
        .model = "QL-820NWB", .dpi = 300, .media_w_mm = 62, .media_h_mm = 100};
    uint8_t *bits = (uint8_t *)(uintptr_t)label.bits;
    struct bytes job = {0};
    struct paper paper;
    memset(bits, 0, (size_t)label.stride_bytes * (size_t)label.h);
    bits[(size_t)40 * (size_t)label.stride_bytes + 3] = 0x10;
    assert_int_equal(label_brother.encode(&label, &setup, &job), ERR_NONE);
    assert_read(paper_read_brother(job.data, job.len, 90, &paper), &paper);
    assert_true(paper_is_black(&paper, 720 - 12 - 696 + 27 - 18, 40 - 35));
    paper_finish(&paper);
    bytes_finish(&job);
    bits[(size_t)34 * (size_t)label.stride_bytes + 50] = 1;
    assert_int_equal(label_brother.encode(&label, &setup, &job), ERR_LIMIT);
    assert_int_equal(job.len, 0);
    setup.media_h_mm = 99;
    assert_int_equal(label_brother.encode(&label, &setup, &job), ERR_NOT_FOUND);
    free_label(&label);
}

static void check_others(int w, int h, int dpi) {
    struct label label = make_label(w, h, dpi);
    struct label_setup setup = {.dpi = dpi, .tracking = LABEL_TRACK_MARK};
    struct bytes job = {0};
    struct paper paper;
    assert_int_equal(label_epl.encode(&label, &setup, &job), ERR_NONE);
    assert_read(paper_read_epl(job.data, job.len, &paper), &paper);
    assert_int_equal(paper.tracking, 'B');
    assert_same(&label, &paper, 0, 0);
    paper_finish(&paper);
    bytes_clear(&job);
    setup.tracking = LABEL_TRACK_GAP;
    assert_int_equal(label_tspl.encode(&label, &setup, &job), ERR_NONE);
    assert_read(paper_read_tspl(job.data, job.len, &paper), &paper);
    assert_int_equal(paper.tracking, 'G');
    assert_in_range(10 * paper.media_w_mm + 6, 254 * w / dpi, 254 * w / dpi + 12);
    assert_same(&label, &paper, 0, 0);
    paper_finish(&paper);
    bytes_clear(&job);
    if (w <= 576 && dpi == 203) {
        assert_int_equal(label_escpos.encode(&label, &setup, &job), ERR_NONE);
        assert_read(paper_read_escpos(job.data, job.len, &paper), &paper);
        assert_int_equal(paper.w, 576);
        assert_int_equal(paper.h, h);
        assert_same(&label, &paper, (576 - w) / 2, 0);
        paper_finish(&paper);
    }
    bytes_finish(&job);
    free_label(&label);
}

static void test_the_others_give_every_dot(void **state) {
    (void)state;
    for (int i = 0; i < 30; i++) {
        check_others(1 + (int)roll(576), 1 + (int)roll(600), 203);
        check_others(1 + (int)roll(1200), 1 + (int)roll(300), 300);
    }
    check_others(576, 255, 203);
    check_others(576, 256, 203);
}

static void test_languages_refuse_what_does_not_fit(void **state) {
    (void)state;
    struct label label = make_label(1300, 3, 203);
    struct label_setup setup = {.dpi = 203};
    struct bytes job = {0};
    memset((void *)(uintptr_t)label.bits, 0xff, (size_t)label.stride_bytes * 3);
    assert_int_equal(label_epl.encode(&label, &setup, &job), ERR_LIMIT);
    assert_int_equal(label_tspl.encode(&label, &setup, &job), ERR_LIMIT);
    assert_int_equal(label_escpos.encode(&label, &setup, &job), ERR_LIMIT);
    setup.media_w_mm = 70;
    assert_int_equal(label_escpos.encode(&label, &setup, &job), ERR_NOT_FOUND);
    assert_int_equal(job.len, 0);
    free_label(&label);
}

static void test_a_language_takes_its_own_dpis_only(void **state) {
    (void)state;
    static const struct label_language *const all[] = {&label_zpl, &label_epl,
                                                       &label_tspl};
    static const int dpis[] = {152, 203, 300, 600, 150, 0};
    struct bytes job = {0};
    for (size_t l = 0; l < sizeof all / sizeof all[0]; l++) {
        for (size_t i = 0; i < sizeof dpis / sizeof dpis[0]; i++) {
            struct label label = make_label(20, 3, dpis[i]);
            struct label_setup setup = {.dpi = dpis[i]};
            bool is_its_own = dpis[i] == 203 || dpis[i] == 300;
            is_its_own |= l == 0 && (dpis[i] == 152 || dpis[i] == 600);
            assert_int_equal(all[l]->encode(&label, &setup, &job),
                             is_its_own ? ERR_NONE : ERR_LIMIT);
            assert_int_equal(job.len > 0, is_its_own);
            bytes_clear(&job);
            setup.dpi++;
            assert_int_equal(all[l]->encode(&label, &setup, &job), ERR_LIMIT);
            free_label(&label);
        }
    }
    bytes_finish(&job);
}

static void test_media_are_found_by_their_dots(void **state) {
    (void)state;
    static const struct {
        int w, h;
        const char *name; // NULL: none
    } rows[] = {
        {696, 271, "62x29"}, {696, 1109, "62x100"}, {696, 272, "62"}, {306, 991, "29x90"},
        {306, 1, "29"},      {202, 202, "23x23"},   {202, 203, NULL}, {697, 271, NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct label_media *m =
            label_media_drawn(&label_brother, rows[i].w, rows[i].h);
        assert_string_equal(m ? m->name : "none", rows[i].name ? rows[i].name : "none");
    }
    assert_null(label_media_drawn(&label_zpl, 696, 271)); // takes any size
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_zpl_gives_every_dot),
        cmocka_unit_test(test_zpl_counts_runs_of_any_length),
        cmocka_unit_test(test_zpl_refuses_another_dpi),
        cmocka_unit_test(test_a_reader_finds_faults),
        cmocka_unit_test(test_brother_prints_on_every_roll),
        cmocka_unit_test(test_brother_never_cuts_ink),
        cmocka_unit_test(test_the_others_give_every_dot),
        cmocka_unit_test(test_languages_refuse_what_does_not_fit),
        cmocka_unit_test(test_a_language_takes_its_own_dpis_only),
        cmocka_unit_test(test_media_are_found_by_their_dots),
    };
    return cmocka_run_group_tests(tests, start_chance, NULL);
}
