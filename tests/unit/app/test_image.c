// PNG files and QR codes.
#include "app/image/image.h"
#include "app/image/qr.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "/tmp/foyer-image-XXXXXX";
static char path[64];

static int setup(void **state) {
    (void)state;
    if (mkdtemp(folder) == NULL) {
        return -1;
    }
    snprintf(path, sizeof path, "%s/a.png", folder);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    unlink(path);
    return rmdir(folder);
}

static void test_png_comes_back_as_written(void **state) {
    (void)state;
    uint32_t pixels[5 * 3];
    for (uint32_t i = 0; i < 15; i++) {
        pixels[i] = 0xFF000000 | i * 0x0A1B2C;
    }
    assert_int_equal(image_write_png(path, pixels, 4, 3, 5), ERR_NONE);
    struct image image = {0};
    assert_int_equal(image_read_png(path, &image), ERR_NONE);
    assert_int_equal(image.w, 4);
    assert_int_equal(image.h, 3);
    for (int y = 0; y < 3; y++) {
        assert_memory_equal(image.pixels + 4 * y, pixels + 5 * y, 4 * sizeof pixels[0]);
    }
    image_finish(&image);
    assert_null(image.pixels);
}

static void test_grey_png_keeps_levels_and_resolution(void **state) {
    (void)state;
    const uint8_t grey[] = {0, 100, 200, 255};
    assert_int_equal(image_write_png_grey(path, grey, 2, 2, 2, 300), ERR_NONE);
    struct image image = {0};
    assert_int_equal(image_read_png(path, &image), ERR_NONE);
    assert_int_equal(image.pixels[1], 0xFF646464);
    assert_int_equal(image.pixels[3], 0xFFFFFFFF);
    image_finish(&image);
    uint8_t bytes[200];
    FILE *file = fopen(path, "rb");
    size_t got = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    bool has_dpi = false;
    for (size_t i = 0; i + 8 < got; i++) {
        const uint8_t phys[] = {'p', 'H', 'Y', 's', 0, 0, 0x2E, 0x23}; // 11811 per metre
        has_dpi = has_dpi || memcmp(bytes + i, phys, sizeof phys) == 0;
    }
    assert_true(has_dpi);
}

static void test_broken_png_is_refused(void **state) {
    (void)state;
    struct image image = {0};
    assert_int_equal(image_read_png("/nonexistent/a.png", &image), ERR_NOT_FOUND);
    assert_int_equal(image_read_png_bytes("no png", 6, &image), ERR_INPUT);
    assert_int_equal(image_read_png_bytes("", 0, &image), ERR_INPUT);
    const uint32_t pixel = 0xFF112233;
    assert_int_equal(image_write_png(path, &pixel, 1, 1, 1), ERR_NONE);
    uint8_t bytes[256];
    FILE *file = fopen(path, "rb");
    size_t size = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    for (size_t cut = 1; cut + 13 < size; cut += 5) {
        assert_int_not_equal(image_read_png_bytes(bytes, cut, &image), ERR_NONE);
        assert_null(image.pixels);
    }
}

static void test_writing_nowhere_is_an_io_error(void **state) {
    (void)state;
    const uint32_t pixel = 0;
    assert_int_equal(image_write_png("/nonexistent/a.png", &pixel, 1, 1, 1), ERR_IO);
}

static void test_badge_code_is_the_smallest_qr(void **state) {
    (void)state;
    struct qr *qr = malloc(sizeof *qr);
    assert_int_equal(qr_encode("ABCDEFGHIJKLMNOP2345", 20, qr), ERR_NONE);
    assert_int_equal(qr->side, 21);
    // One small letter needs byte mode, which does not fit.
    assert_int_equal(qr_encode("aBCDEFGHIJKLMNOP2345", 20, qr), ERR_NONE);
    assert_int_equal(qr->side, 25);
    free(qr);
}

static void test_ticket_is_37_modules(void **state) {
    (void)state;
    struct qr *qr = malloc(sizeof *qr);
    char base45[122];
    memset(base45, ':', sizeof base45);
    assert_int_equal(qr_encode(base45, sizeof base45, qr), ERR_NONE);
    assert_int_equal(qr->side, 37);
    free(qr);
}

static void test_qr_has_finders_and_limits(void **state) {
    (void)state;
    struct qr *qr = malloc(sizeof *qr);
    assert_int_equal(qr_encode("A", 1, qr), ERR_NONE);
    assert_true(qr_is_dark(qr, 0, 0));
    assert_false(qr_is_dark(qr, 1, 1));
    assert_true(qr_is_dark(qr, 3, 3));
    assert_true(qr_is_dark(qr, qr->side - 1, 0));
    assert_false(qr_is_dark(qr, -1, 0));
    assert_false(qr_is_dark(qr, qr->side, 0));
    char *big = malloc(4000);
    memset(big, 'A', 4000);
    assert_int_equal(qr_encode(big, 4000, qr), ERR_LIMIT);
    assert_int_equal(qr_encode(big, 0, qr), ERR_LIMIT);
    assert_int_equal(qr_encode(big, 3391, qr), ERR_NONE);
    assert_int_equal(qr->side, 177);
    free(big);
    free(qr);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_png_comes_back_as_written),
        cmocka_unit_test(test_grey_png_keeps_levels_and_resolution),
        cmocka_unit_test(test_broken_png_is_refused),
        cmocka_unit_test(test_writing_nowhere_is_an_io_error),
        cmocka_unit_test(test_badge_code_is_the_smallest_qr),
        cmocka_unit_test(test_ticket_is_37_modules),
        cmocka_unit_test(test_qr_has_finders_and_limits),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
