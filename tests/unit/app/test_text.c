// Layout and rendering of text, with the fonts installed on this machine.
#include "app/text/script.h"
#include "app/text/text.h"
#include "app/text/utf8.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct fonts *fonts;

static int setup(void **state) {
    (void)state;
    return fonts_open(NULL, &fonts) == ERR_NONE ? 0 : -1;
}

static int teardown(void **state) {
    (void)state;
    fonts_close(fonts);
    return 0;
}

static struct text_layout *lay(const struct text_style *style, const char *text) {
    return text_create(fonts, style, text);
}

static int width_of(const struct text_style *style, const char *text) {
    struct text_layout *layout = lay(style, text);
    int w = text_get_measure(layout)->w_px;
    text_destroy(layout);
    return w;
}

// Sum of the ink of the whole layout; also proves that all of it lies within the bounds.
static long ink_of(const struct text_layout *layout) {
    struct text_bounds b = text_get_bounds(layout, -1);
    if (b.w == 0) {
        return 0;
    }
    const int margin = 8;
    int w = b.w + 2 * margin, h = b.h + 2 * margin;
    uint8_t *pixels = calloc((size_t)w * (size_t)h, 1);
    struct text_mask mask = {pixels, w, h, w};
    text_draw(layout, -1, &mask, margin - b.x, margin - b.y);
    long ink = 0;
    for (int y = 0; y < h; y++) {
        for (int x = 0; x < w; x++) {
            uint8_t value = pixels[y * w + x];
            bool is_inside =
                x >= margin && y >= margin && x < w - margin && y < h - margin;
            assert_true(is_inside || value == 0);
            ink += value;
        }
    }
    free(pixels);
    return ink;
}

static void assert_visual(const char *text, enum text_direction direction,
                          const char *want) {
    struct text_style style = {.size_px = 24, .direction = direction};
    struct text_layout *layout = lay(&style, text);
    assert_string_equal(text_get_visual_line(layout, 0), want);
    text_destroy(layout);
}

static void test_bidi_orders_runs_left_to_right(void **state) {
    (void)state;
    assert_visual("Zoë Müller", TEXT_DIRECTION_AUTO, "Zoë Müller");
    assert_visual("abc אבג def", TEXT_DIRECTION_AUTO, "abc |אבג| |def");
    assert_visual("אבג abc", TEXT_DIRECTION_AUTO, "abc|אבג ");
    assert_visual("אבג 123", TEXT_DIRECTION_AUTO, "123|אבג ");
    assert_visual("abc אבג", TEXT_DIRECTION_RTL, "אבג| |abc");
}

static void test_bidi_tells_the_paragraph_direction(void **state) {
    (void)state;
    struct text_style style = {.size_px = 24};
    struct text_layout *layout = lay(&style, "محمد Mohammed");
    assert_true(text_get_measure(layout)->is_rtl);
    text_destroy(layout);
    layout = lay(&style, "Mohammed محمد");
    assert_false(text_get_measure(layout)->is_rtl);
    text_destroy(layout);
}

static void test_bidi_overrides_are_dropped(void **state) {
    (void)state;
    assert_visual("abc\xE2\x80\xAE"
                  "def",
                  TEXT_DIRECTION_AUTO, "abcdef");
}

static const char *const samples[] = {
    "Zoë Müller-Ortiz",
    "Παναγιώτης",
    "Дмитрий Щербаков",
    "محمد عبد الرحمن",
    "שרה כהן-לוי",
    "सुनीता कृष्णमूर्ति",
    "สมชาย น้ำ",
    "山田太郎 やまだ",
    "김민수",
    "张伟",
    "臺灣 張偉",
    "መሠረት ተስፋዬ",
    "გიორგი ბერიძე",
    "Հայկ Սարգսյան",
    "முருகன்",
    "রবীন্দ্রনাথ ঠাকুর",
    "කුමාර",
    "សុខ សុវណ្ណ",
    "အောင်ဆန်း",
    "Nguyễn Thị Ánh",
    "ລາວ ບຸນມີ",
    "ਗੁਰਪ੍ਰੀਤ ਸਿੰਘ",
    "ગાંધી",
    "తెలుగు",
    "ಕನ್ನಡ",
    "മലയാളം",
    "← ↑ → ↗ ✓ · … – “”",
};

static void test_no_box_in_any_of_the_scripts(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
        for (int weight = TEXT_REGULAR; weight <= TEXT_EXTRABOLD; weight++) {
            struct text_style style = {.size_px = 32, .weight = (enum text_weight)weight};
            struct text_layout *layout = lay(&style, samples[i]);
            if (text_count_missing(layout) != 0) {
                fail_msg("a box in \"%s\"", samples[i]);
            }
            assert_true(ink_of(layout) > 0);
            text_destroy(layout);
        }
    }
}

static void test_missing_glyphs_are_counted(void **state) {
    (void)state;
    struct text_style style = {.size_px = 32};
    struct text_layout *layout =
        lay(&style, "a\xF3\xB0\x80\x80"); // private use, plane 15
    assert_int_equal(text_count_missing(layout), 1);
    text_destroy(layout);
}

static void test_open_fonts_stay_bounded(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
        struct text_style style = {.size_px = 20};
        text_destroy(lay(&style, samples[i]));
        assert_true(fonts_count_open(fonts) <= FONTS_OPEN_MAX);
    }
    fonts_trim(fonts, 2);
    assert_int_equal(fonts_count_open(fonts), 2);
    struct text_style style = {.size_px = 20};
    assert_true(width_of(&style, "still works") > 0);
}

static void test_arabic_letters_join(void **state) {
    (void)state;
    struct text_style style = {.size_px = 48};
    // Joined forms differ from the same letters held apart by non-joiners.
    int joined = width_of(&style, "محمد");
    int apart = width_of(&style, "م\xE2\x80\x8Cح\xE2\x80\x8Cم\xE2\x80\x8Cد");
    int alone = 2 * width_of(&style, "م") + width_of(&style, "ح") + width_of(&style, "د");
    assert_true(abs(apart - alone) <= 4);
    assert_true(abs(joined - apart) > 4);
}

static void test_kerning_is_applied(void **state) {
    (void)state;
    struct text_style style = {.size_px = 100};
    assert_true(width_of(&style, "AVAVAV") <
                3 * (width_of(&style, "A") + width_of(&style, "V")));
}

// The cut text without its ellipsis must be whole clusters of the original.
static void assert_cut(const char *text, const char *const *wholes, size_t count, int w) {
    struct text_style style = {.size_px = 24, .max_w_px = w};
    struct text_layout *layout = lay(&style, text);
    assert_true(text_get_measure(layout)->is_cut);
    assert_true(text_get_measure(layout)->w_px <= w);
    char got[256] = "";
    const char *visual = text_get_visual_line(layout, 0);
    for (size_t i = 0, at = 0; visual[i] != '\0'; i++) {
        if (visual[i] != '|') {
            got[at++] = visual[i];
            got[at] = '\0';
        }
    }
    char *dots = strstr(got, "…");
    assert_non_null(dots);
    *dots = '\0';
    bool is_whole = false;
    for (size_t i = 0; i < count; i++) {
        is_whole = is_whole || strcmp(got, wholes[i]) == 0;
    }
    if (!is_whole) {
        fail_msg("\"%s\" was cut to \"%s\"", text, got);
    }
    text_destroy(layout);
}

static void test_cut_never_divides_a_cluster(void **state) {
    (void)state;
    const char *const accents[] = {"e\u0301\u0323", "e\u0301\u0323e\u0301\u0323",
                                   "e\u0301\u0323e\u0301\u0323e\u0301\u0323"};
    const char *const conjuncts[] = {"क्षि", "क्षिक्षि", "क्षिक्षिक्षि"};
    const char *const hangul[] = {"\u1100\u1161\u11A8",
                                  "\u1100\u1161\u11A8\u1100\u1161\u11A8"};
    for (int w = 42; w < 65; w++) {
        assert_cut("e\u0301\u0323e\u0301\u0323e\u0301\u0323e\u0301\u0323e\u0301\u0323"
                   "e\u0301\u0323e\u0301\u0323",
                   accents, 3, w);
    }
    assert_cut("क्षिक्षिक्षिक्षिक्षिक्षि", conjuncts, 3, 75);
    assert_cut("\u1100\u1161\u11A8\u1100\u1161\u11A8\u1100\u1161\u11A8\u1100\u1161\u11A8",
               hangul, 2, 60);
}

static void test_clusters_join_what_belongs_together(void **state) {
    (void)state;
    assert_true(script_is_joined('e', 0x301, 0));
    assert_true(script_is_joined(0x1F468, 0x200D, 0));
    assert_true(script_is_joined(0x200D, 0x1F469, 0));
    assert_true(script_is_joined(0x1F1E9, 0x1F1EA, 1)); // two halves of one flag
    assert_false(script_is_joined(0x1F1EA, 0x1F1EB, 2));
    assert_true(script_is_joined(0x1F44B, 0x1F3FD, 0)); // skin tone
    assert_true(script_is_joined(0x915, 0x94D, 0));
    assert_true(script_is_joined(0x94D, 0x937, 0));
    assert_false(script_is_joined('a', 'b', 0));
    assert_false(script_is_joined('\n', 0x301, 0));
}

static void test_long_names_shrink_before_they_are_cut(void **state) {
    (void)state;
    const char *name = "Wolfeschlegelsteinhausenbergerdorff";
    struct text_style style = {.size_px = 96, .min_px = 20, .max_w_px = 700};
    struct text_layout *layout = lay(&style, name);
    const struct text_measure *measure = text_get_measure(layout);
    assert_false(measure->is_cut);
    assert_true(measure->size_px < 96 && measure->size_px > 20);
    assert_true(measure->w_px <= 700);
    // No smaller than needed: two sizes up do not fit.
    struct text_style bigger = {.size_px = measure->size_px + 2};
    assert_true(width_of(&bigger, name) > 700);
    text_destroy(layout);
}

static void test_fitting_meets_width_height_and_lines(void **state) {
    (void)state;
    const char *title = "Automated Certificate Management Environment for the Internet";
    for (int w = 120; w < 900; w += 60) {
        for (int lines = 1; lines <= 3; lines++) {
            struct text_style style = {.size_px = 60,
                                       .min_px = 10,
                                       .max_w_px = w,
                                       .max_h_px = 140,
                                       .max_lines = lines};
            struct text_layout *layout = lay(&style, title);
            const struct text_measure *measure = text_get_measure(layout);
            assert_true(measure->w_px <= w);
            assert_true(measure->h_px <= 140);
            assert_true(measure->line_count <= lines);
            text_destroy(layout);
        }
    }
}

static void test_lines_break_at_words_and_feeds(void **state) {
    (void)state;
    struct text_style style = {.size_px = 20, .max_w_px = 130, .max_lines = 9};
    struct text_layout *layout = lay(&style, "Internet Engineering\nTask Force");
    assert_int_equal(text_get_measure(layout)->line_count, 3);
    assert_string_equal(text_get_visual_line(layout, 0), "Internet");
    assert_string_equal(text_get_visual_line(layout, 1), "Engineering");
    assert_string_equal(text_get_visual_line(layout, 2), "Task Force");
    text_destroy(layout);
}

static void test_words_wider_than_the_box_are_divided(void **state) {
    (void)state;
    struct text_style style = {.size_px = 20, .max_w_px = 100, .max_lines = 9};
    struct text_layout *layout = lay(&style, "Donaudampfschifffahrtsgesellschaft");
    assert_true(text_get_measure(layout)->line_count >= 3);
    assert_false(text_get_measure(layout)->is_cut);
    assert_true(text_get_measure(layout)->w_px <= 100);
    text_destroy(layout);
}

static void test_tabular_digits_are_equally_wide(void **state) {
    (void)state;
    for (int size = 12; size <= 150; size += 23) {
        struct text_style style = {.size_px = size, .is_tabular = true};
        int ones = width_of(&style, "11:11");
        assert_int_equal(ones, width_of(&style, "08:48"));
        assert_int_equal(ones, width_of(&style, "00:00"));
    }
    struct text_style loose = {.size_px = 100};
    assert_true(width_of(&loose, "1111") < width_of(&loose, "0000"));
}

static void test_weights_differ_in_ink(void **state) {
    (void)state;
    struct text_style regular = {.size_px = 40},
                      bold = {.size_px = 40, .weight = TEXT_BOLD};
    const char *const texts[] = {"Names", "名前", "محمد"};
    for (int i = 0; i < 3; i++) {
        struct text_layout *thin = lay(&regular, texts[i]), *thick = lay(&bold, texts[i]);
        assert_true(ink_of(thick) > ink_of(thin) * 11 / 10);
        text_destroy(thin);
        text_destroy(thick);
    }
}

static void test_spans_are_one_text(void **state) {
    (void)state;
    struct text_span spans[] = {{"Wi-Fi: join ", TEXT_REGULAR},
                                {"ietf", TEXT_BOLD},
                                {". The slip has the rest.", TEXT_REGULAR}};
    struct text_style style = {.size_px = 20, .max_w_px = 210, .max_lines = 4};
    struct text_layout *layout = text_create_spans(fonts, &style, spans, 3);
    assert_int_equal(text_get_measure(layout)->line_count, 2);
    assert_string_equal(text_get_visual_line(layout, 0), "Wi-Fi: join |ietf|. The");
    assert_true(text_get_bounds(layout, 1).x > text_get_bounds(layout, 0).x);
    text_destroy(layout);
}

static void test_han_follows_the_hint(void **state) {
    (void)state;
    assert_int_equal(text_han_of("ja"), TEXT_HAN_JA);
    assert_int_equal(text_han_of("ko-KR"), TEXT_HAN_KO);
    assert_int_equal(text_han_of("zh-Hant"), TEXT_HAN_HANT);
    assert_int_equal(text_han_of("zh-TW"), TEXT_HAN_HANT);
    assert_int_equal(text_han_of("zh"), TEXT_HAN_HANS);
    assert_int_equal(text_han_of("de"), TEXT_HAN_AUTO);
    assert_int_equal(text_han_of(NULL), TEXT_HAN_AUTO);
    struct text_style ja = {.size_px = 64, .han = TEXT_HAN_JA};
    struct text_style hans = {.size_px = 64, .han = TEXT_HAN_HANS};
    struct text_layout *first = lay(&ja, "直骨"), *second = lay(&hans, "直骨");
    assert_true(ink_of(first) != ink_of(second));
    text_destroy(first);
    text_destroy(second);
}

static void test_bad_bytes_become_replacement_characters(void **state) {
    (void)state;
    struct text_style style = {.size_px = 20};
    struct text_layout *layout = lay(&style, "a\xFF"
                                             "b\xC0\x80"
                                             "c\xED\xA0\x80"
                                             "d\x01\x7F"
                                             "e\xE2\x82");
    char plain[64] = "";
    const char *visual = text_get_visual_line(layout, 0);
    for (size_t i = 0, at = 0; visual[i] != '\0'; i++) {
        if (visual[i] != '|') {
            plain[at++] = visual[i];
        }
    }
    assert_string_equal(plain, "a\uFFFDb\uFFFD\uFFFDc\uFFFDde\uFFFD");
    text_destroy(layout);
}

static void test_empty_and_huge_texts_are_fine(void **state) {
    (void)state;
    struct text_style style = {.size_px = 20, .max_w_px = 300, .max_lines = 64};
    const char *const empties[] = {"", NULL, " ", "\n\n", "\x01"};
    for (int i = 0; i < 5; i++) {
        struct text_layout *layout = lay(&style, empties[i]);
        assert_int_equal(text_get_measure(layout)->w_px, 0);
        assert_int_equal(ink_of(layout), 0);
        text_destroy(layout);
    }
    char *huge = malloc(100001);
    memset(huge, 'x', 100000);
    huge[100000] = '\0';
    struct text_layout *layout = lay(&style, huge);
    assert_true(text_get_measure(layout)->is_cut);
    assert_true(text_get_measure(layout)->w_px <= 300);
    text_destroy(layout);
    struct text_style endless = {.size_px = TEXT_SIZE_MAX_PX};
    layout = lay(&endless, huge);
    assert_true(text_get_measure(layout)->w_px <= 16384);
    text_destroy(layout);
    free(huge);
}

static uint32_t next_random(uint32_t *seed) {
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    *seed ^= *seed << 5;
    return *seed;
}

static void test_random_bytes_and_boxes_are_laid_out(void **state) {
    (void)state;
    uint32_t seed = 20150325;
    printf("seed %u\n", seed);
    for (int round = 0; round < 150; round++) {
        char text[80];
        size_t at = 0;
        int count = (int)(next_random(&seed) % 16);
        for (int i = 0; i < count; i++) {
            const uint32_t blocks[] = {0x20,   0x300,   0x600,  0x900,  0xE00,    0x200B,
                                       0x4E00, 0x1F1E6, 0xAC00, 0xD800, 0x10FFF0, 0x5D0};
            uint32_t cp = blocks[next_random(&seed) % 12] + next_random(&seed) % 64;
            at += utf8_put(cp, text + at);
        }
        text[at] = '\0';
        struct text_style style = {.size_px = (int)(next_random(&seed) % 90),
                                   .min_px = (int)(next_random(&seed) % 40),
                                   .max_w_px = (int)(next_random(&seed) % 200),
                                   .max_h_px = (int)(next_random(&seed) % 200),
                                   .max_lines = (int)(next_random(&seed) % 6),
                                   .align = (enum text_align)(next_random(&seed) % 4),
                                   .is_tabular = next_random(&seed) % 2 == 0};
        struct text_layout *layout = lay(&style, text);
        (void)ink_of(layout);
        text_destroy(layout);
    }
}

static void *work(void *argument) {
    long *out_ink = argument;
    struct fonts *own = NULL;
    if (fonts_open(NULL, &own) != ERR_NONE) {
        return NULL;
    }
    for (int round = 0; round < 3; round++) {
        for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
            struct text_style style = {
                .size_px = 30 + (int)i, .min_px = 12, .max_w_px = 200};
            struct text_layout *layout = text_create(own, &style, samples[i]);
            uint8_t pixels[220 * 120] = {0};
            struct text_mask mask = {pixels, 220, 120, 220};
            text_draw(layout, -1, &mask, 5, 5);
            for (size_t p = 0; p < sizeof pixels; p++) {
                *out_ink += pixels[p];
            }
            text_destroy(layout);
        }
    }
    fonts_close(own);
    return NULL;
}

static void test_two_threads_with_own_fonts_agree(void **state) {
    (void)state;
    long inks[3] = {0, 0, 0};
    pthread_t threads[3];
    for (int i = 0; i < 3; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, work, &inks[i]), 0);
    }
    for (int i = 0; i < 3; i++) {
        pthread_join(threads[i], NULL);
    }
    assert_true(inks[0] > 0);
    assert_true(inks[0] == inks[1] && inks[1] == inks[2]);
}

static void test_open_without_fonts_is_not_found(void **state) {
    (void)state;
    struct fonts *none = NULL;
    assert_int_equal(fonts_open("/nonexistent", &none), ERR_NOT_FOUND);
    assert_null(none);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bidi_orders_runs_left_to_right),
        cmocka_unit_test(test_bidi_tells_the_paragraph_direction),
        cmocka_unit_test(test_bidi_overrides_are_dropped),
        cmocka_unit_test(test_no_box_in_any_of_the_scripts),
        cmocka_unit_test(test_missing_glyphs_are_counted),
        cmocka_unit_test(test_open_fonts_stay_bounded),
        cmocka_unit_test(test_arabic_letters_join),
        cmocka_unit_test(test_kerning_is_applied),
        cmocka_unit_test(test_cut_never_divides_a_cluster),
        cmocka_unit_test(test_clusters_join_what_belongs_together),
        cmocka_unit_test(test_long_names_shrink_before_they_are_cut),
        cmocka_unit_test(test_fitting_meets_width_height_and_lines),
        cmocka_unit_test(test_lines_break_at_words_and_feeds),
        cmocka_unit_test(test_words_wider_than_the_box_are_divided),
        cmocka_unit_test(test_tabular_digits_are_equally_wide),
        cmocka_unit_test(test_weights_differ_in_ink),
        cmocka_unit_test(test_spans_are_one_text),
        cmocka_unit_test(test_han_follows_the_hint),
        cmocka_unit_test(test_bad_bytes_become_replacement_characters),
        cmocka_unit_test(test_empty_and_huge_texts_are_fine),
        cmocka_unit_test(test_random_bytes_and_boxes_are_laid_out),
        cmocka_unit_test(test_two_threads_with_own_fonts_agree),
        cmocka_unit_test(test_open_without_fonts_is_not_found),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
