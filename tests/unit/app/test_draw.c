// Shapes, texts, the window with its input and sleep, colours and sounds.
#include "app/ui/draw.h"
#include "app/ui/sleep.h"
#include "app/ui/sound.h"
#include "app/ui/window.h"

#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

enum { W = 200, H = 120 };

static struct fonts *fonts;
static struct canvas canvas;
static uint32_t pixels[W * H];

static const uint32_t WHITE = 0xFFFFFFFF, BLACK = 0xFF000000;

static int setup(void **state) {
    (void)state;
    if (fonts_open(NULL, &fonts) != ERR_NONE) {
        return -1;
    }
    canvas_init(&canvas, fonts);
    canvas_set_pixels(&canvas, pixels, W, H, W);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    canvas_finish(&canvas);
    fonts_close(fonts);
    return 0;
}

static int clear(void **state) {
    (void)state;
    draw_clear(&canvas, WHITE);
    return 0;
}

// Darkness of all pixels in units of one black pixel.
static double ink(void) {
    double sum = 0;
    for (int i = 0; i < W * H; i++) {
        sum += 255 - (pixels[i] & 0xFF);
    }
    return sum / 255;
}

static void assert_ink(double want, double tolerance) {
    double got = ink();
    if (got < want - tolerance || got > want + tolerance) {
        fail_msg("ink %.2f, wanted %.2f", got, want);
    }
}

static void test_rect_covers_its_area_at_any_fraction(void **state) {
    (void)state;
    for (int i = 0; i < 8; i++) {
        float fraction = (float)i * 0.13F;
        draw_clear(&canvas, WHITE);
        draw_rect(&canvas, rect_make(10 + fraction, 20 + fraction, 30.5F, 7.25F), BLACK);
        assert_ink(30.5 * 7.25, 1.0);
    }
}

static void test_circle_round_and_ring_cover_their_areas(void **state) {
    (void)state;
    draw_circle(&canvas, 60.3F, 55.7F, 40, BLACK);
    assert_ink(3.14159 * 40 * 40, 12);
    draw_clear(&canvas, WHITE);
    draw_round(&canvas, rect_make(20, 20, 100, 60), 15, BLACK);
    assert_ink(100 * 60 - (4 - 3.14159) * 15 * 15, 6);
    draw_clear(&canvas, WHITE);
    draw_border(&canvas, rect_make(20.5F, 20, 100, 60), 15, 3, BLACK);
    assert_ink(100 * 60 - 0.8584 * 225 - (94 * 54 - 0.8584 * 144), 6);
    draw_clear(&canvas, WHITE);
    draw_ring(&canvas, 60, 60, 40, 5, BLACK);
    assert_ink(3.14159 * (1600 - 1225), 8);
}

static void test_line_and_polygon_cover_their_areas(void **state) {
    (void)state;
    draw_line(&canvas, 30, 30, 90, 75, 6, 0, BLACK);
    assert_ink(75 * 6 + 3.14159 * 9, 6);
    draw_clear(&canvas, WHITE);
    const float triangle[] = {10, 100, 110, 100, 60, 20};
    draw_polygon(&canvas, triangle, 6, BLACK);
    assert_ink(100 * 80 * 0.5, 6);
    draw_clear(&canvas, WHITE);
    draw_line(&canvas, 10, 50, 110, 50, 4, 10, BLACK);
    assert_ink(5 * 10 * 4, 4);
}

static void test_drawing_outside_is_clipped(void **state) {
    (void)state;
    draw_rect(&canvas, rect_make(-1000, -1000, 500, 500), BLACK);
    draw_circle(&canvas, 1e9F, 1e9F, 10, BLACK);
    draw_round(&canvas, rect_make(W + 1, 5, 50, 50), 9, BLACK);
    draw_line(&canvas, -50, -50, -10, 300, 8, 0, BLACK);
    assert_ink(0, 0);
    struct rect old = canvas_clip(&canvas, rect_make(50, 50, 10, 10));
    draw_rect(&canvas, rect_make(0, 0, W, H), BLACK);
    draw_circle(&canvas, 55, 55, 100, BLACK);
    canvas.clip = old;
    assert_ink(100, 0);
    draw_rect(&canvas, rect_make(-10, -10, W + 20, H + 20), BLACK);
    assert_ink(W * H, 0);
}

static void test_alpha_mixes(void **state) {
    (void)state;
    draw_rect(&canvas, rect_make(0, 0, W, H), 0x80000000);
    assert_in_range(pixels[77] & 0xFF, 126, 128);
    assert_int_equal(pixels[77] >> 24, 0xFF);
}

static void test_progress_grows_with_its_fraction(void **state) {
    (void)state;
    double before = -1;
    for (int i = 0; i <= 20; i++) {
        draw_clear(&canvas, WHITE);
        draw_progress(&canvas, rect_make(10, 10, 180, 14), (float)i / 20, WHITE, BLACK);
        assert_true(ink() > before);
        before = ink();
    }
    draw_clear(&canvas, WHITE);
    draw_progress(&canvas, rect_make(10, 10, 180, 14), 7, WHITE, BLACK);
    assert_ink(before, 0.01);
}

static void test_every_symbol_differs_and_stays_inside(void **state) {
    (void)state;
    uint64_t hashes[DRAW_SYMBOL_SEARCH + 1];
    for (int symbol = 0; symbol <= DRAW_SYMBOL_SEARCH; symbol++) {
        draw_clear(&canvas, WHITE);
        struct rect r = {50, 10, 100, 100};
        draw_symbol(&canvas, (enum draw_symbol)symbol, r, 0xFF404040, BLACK);
        assert_true(ink() > 500);
        uint64_t hash = 14695981039346656037U;
        for (int i = 0; i < W * H; i++) {
            hash = (hash ^ pixels[i]) * 1099511628211U;
            int x = i % W, y = i / W;
            bool is_near = rect_has(rect_inset(r, -1, -1), (float)x, (float)y);
            assert_true(is_near || pixels[i] == WHITE);
        }
        hashes[symbol] = hash;
        for (int other = 0; other < symbol; other++) {
            assert_true(hashes[other] != hash);
        }
    }
}

static void test_text_stands_where_asked(void **state) {
    (void)state;
    struct draw_label label = {.size_px = 30, .weight = TEXT_BOLD, .color = BLACK};
    struct rect box = {10, 10, 180, 100};
    label.align = TEXT_ALIGN_RIGHT;
    label.valign = DRAW_MIDDLE;
    struct rect at = draw_text(&canvas, box, &label, "Hall");
    assert_true(at.x + at.w <= 190 && at.x + at.w >= 189);
    // Middle is the middle of the capitals: the H above and below y = 60 alike.
    int top = H, bottom = 0;
    for (int i = 0; i < W * H; i++) {
        if ((pixels[i] & 0xFF) < 128) {
            top = i / W < top ? i / W : top;
            bottom = i / W > bottom ? i / W : bottom;
        }
    }
    assert_in_range(top + bottom, 117, 123);
    label.align = TEXT_ALIGN_LEADING;
    at = draw_text(&canvas, box, &label, "محمد");
    assert_true(at.x + at.w >= 189); // right, because the text is right-to-left
}

static void test_text_is_cached_and_comes_out_the_same(void **state) {
    (void)state;
    static uint32_t first[W * H];
    struct draw_label label = {.size_px = 20, .color = BLACK};
    struct draw_span spans[] = {{"Wi-Fi ", TEXT_REGULAR, BLACK},
                                {"ietf", TEXT_BOLD, 0xFF0000FF}};
    draw_spans(&canvas, rect_make(5, 5, 190, 0), &label, spans, 2);
    memcpy(first, pixels, sizeof pixels);
    // Enough other texts to push the first one out of the cache.
    for (int i = 0; i < 600; i++) {
        char text[24];
        snprintf(text, sizeof text, "filler %d", i);
        (void)draw_measure(&canvas, 0, 0, &label, text);
    }
    draw_clear(&canvas, WHITE);
    draw_spans(&canvas, rect_make(5, 5, 190, 0), &label, spans, 2);
    assert_memory_equal(first, pixels, sizeof pixels);
}

static void test_qr_has_whole_modules_and_a_quiet_zone(void **state) {
    (void)state;
    struct qr *qr = malloc(sizeof *qr);
    assert_int_equal(qr_encode("ABCDEFGHIJKLMNOP2345", 20, qr), ERR_NONE);
    draw_clear(&canvas, 0xFF808080);
    struct rect at = draw_qr(&canvas, rect_make(10, 5, 110, 110), qr, BLACK, WHITE);
    assert_int_equal((int)at.w, 29 * 3);
    for (int i = 0; i < W * H; i++) {
        assert_true(pixels[i] == WHITE || pixels[i] == BLACK || pixels[i] == 0xFF808080);
    }
    int x = (int)at.x + 4 * 3, y = (int)at.y + 4 * 3;
    assert_int_equal(pixels[y * W + x], BLACK);
    assert_int_equal(pixels[(y - 1) * W + x], WHITE);
    assert_int_equal((int)draw_qr(&canvas, rect_make(0, 0, 20, 20), qr, BLACK, WHITE).w,
                     0);
    free(qr);
}

static void test_image_is_scaled_by_mean(void **state) {
    (void)state;
    struct image image;
    image_init(&image, 100, 100);
    for (int i = 0; i < 100 * 100; i++) {
        image.pixels[i] = (i / 100 + i % 100) % 2 == 0 ? WHITE : BLACK;
    }
    draw_image(&canvas, rect_make(0, 0, 50, 50), &image);
    assert_in_range(pixels[20 * W + 20] & 0xFF, 126, 128);
    image_finish(&image);
}

static void test_unit_follows_the_mockups(void **state) {
    (void)state;
    struct canvas other;
    canvas_init(&other, fonts);
    canvas_set_pixels(&other, pixels, 1920, 1080, 1920);
    assert_true(other.unit > 0.999F && other.unit < 1.001F && !other.is_portrait);
    canvas_set_pixels(&other, pixels, 2160, 3840, 2160);
    assert_true(other.unit > 1.999F && other.unit < 2.001F && other.is_portrait);
    canvas_set_pixels(&other, pixels, 800, 480, 800);
    assert_true(other.unit > 0.41F && other.unit < 0.42F);
    assert_int_equal(canvas_px(&other, 1), 1);
    canvas_finish(&other);
}

static void test_themes_are_readable(void **state) {
    (void)state;
    const struct theme *themes[] = {theme_get_ink(), theme_get_paper()};
    for (int i = 0; i < 2; i++) {
        const struct theme *t = themes[i];
        const uint32_t words[] = {t->dim, t->accent, t->ok, t->warn, t->stop};
        assert_true(theme_contrast(t->text, t->bg) > 12);
        for (int w = 0; w < 5; w++) {
            assert_true(theme_contrast(words[w], t->bg) >= 4.5F);
            assert_true(theme_contrast(words[w], t->surface) >= 4.5F);
        }
        const uint32_t pairs[][2] = {{t->on_accent, t->accent}, {t->on_ok, t->ok},
                                     {t->on_warn, t->warn},     {t->on_stop, t->stop},
                                     {t->on_chip, t->chip},     {t->text, t->select}};
        for (int p = 0; p < 6; p++) {
            if (theme_contrast(pairs[p][0], pairs[p][1]) < 6) {
                fail_msg("theme %d pair %d: %.2f", i, p,
                         (double)theme_contrast(pairs[p][0], pairs[p][1]));
            }
        }
    }
    assert_true(theme_contrast(BLACK, WHITE) > 20.9F);
    assert_int_equal(theme_text_on(0xFFFFB547), 0xFF0D1117);
    assert_int_equal(theme_text_on(0xFF0B6B45), WHITE);
    assert_int_equal(theme_mix(BLACK, WHITE, 0.5F), 0xFF808080);
}

// ---- window

static struct window *open_window(int rotate) {
    struct window_options options = {
        .title = "test", .w = 320, .h = 200, .rotate_degrees = rotate};
    struct window *window = NULL;
    assert_int_equal(window_open(&options, fonts, &window), ERR_NONE);
    return window;
}

static void drain(struct window *window) {
    while (window_wait(window, 0).kind != INPUT_NONE) {
    }
}

static void test_window_shot_shows_what_was_drawn(void **state) {
    (void)state;
    for (int rotate = 0; rotate < 360; rotate += 90) {
        struct window *window = open_window(rotate);
        struct canvas *c = window_get_canvas(window);
        assert_int_equal(c->w, 320);
        assert_int_equal(c->h, 200);
        draw_clear(c, 0xFF102030);
        draw_rect(c, rect_make(0, 0, 10, 10), 0xFFFFB547);
        assert_int_equal(window_present(window), ERR_NONE);
        assert_int_equal(window_shot(window, "/tmp/foyer-test-shot.png"), ERR_NONE);
        struct image image = {0};
        assert_int_equal(image_read_png("/tmp/foyer-test-shot.png", &image), ERR_NONE);
        assert_int_equal(image.pixels[5 * 320 + 5], 0xFFFFB547);
        assert_int_equal(image.pixels[15 * 320 + 5], 0xFF102030);
        image_finish(&image);
        unlink("/tmp/foyer-test-shot.png");
        window_close(window);
    }
}

static void *wake_soon(void *argument) {
    struct timespec pause = {0, 50000000};
    nanosleep(&pause, NULL);
    window_wake(argument);
    window_wake(argument);
    return NULL;
}

static void test_window_sleeps_until_deadline_wake_or_input(void **state) {
    (void)state;
    struct window *window = open_window(0);
    drain(window);
    int64_t start = window_now_ms();
    assert_int_equal(window_wait(window, start + 80).kind, INPUT_NONE);
    assert_in_range(window_now_ms() - start, 80, 2000);
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, wake_soon, window), 0);
    start = window_now_ms();
    assert_int_equal(window_wait(window, INT64_MAX).kind, INPUT_WAKE);
    assert_in_range(window_now_ms() - start, 30, 2000);
    pthread_join(thread, NULL);
    drain(window);
    struct input text = {.kind = INPUT_TEXT, .text = "ł"};
    assert_int_equal(window_post(window, &text), ERR_NONE);
    struct input got = window_wait(window, INT64_MAX);
    assert_int_equal(got.kind, INPUT_TEXT);
    assert_string_equal(got.text, "ł");
    for (int i = 0; i < 64; i++) {
        assert_int_equal(window_post(window, &text), ERR_NONE);
    }
    assert_int_equal(window_post(window, &text), ERR_FULL);
    window_close(window);
}

static void test_window_costs_nothing_while_asleep(void **state) {
    (void)state;
    struct window *window = open_window(0);
    drain(window);
    struct timespec before, after;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
    int64_t start = window_now_ms();
    assert_int_equal(window_wait(window, start + 1000).kind, INPUT_NONE);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
    double ms = (double)(after.tv_sec - before.tv_sec) * 1e3 +
                (double)(after.tv_nsec - before.tv_nsec) / 1e6;
    printf("one second asleep: %.3f ms of CPU\n", ms);
    assert_true(ms < 3); // SDL's own polling takes 10 to 30; alone it is below 0.1
    window_close(window);
}

static void test_a_signal_to_end_becomes_quit(void **state) {
    (void)state;
    struct window *window = open_window(0);
    drain(window);
    kill(getpid(), SIGTERM); // blocked until asleep
    assert_int_equal(window_wait(window, window_now_ms() + 5000).kind, INPUT_QUIT);
    window_close(window);
}

static void test_sleep_ends_when_a_device_speaks_or_appears(void **state) {
    (void)state;
    char folder[] = "/tmp/foyer-input-XXXXXX", path[64];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/event7", folder);
    struct sleep sleep;
    sleep_init(&sleep, folder);
    int64_t start = window_now_ms();
    sleep_for(&sleep, 60);
    assert_in_range(window_now_ms() - start, 59, 2000);
    assert_int_equal(mkfifo(path, 0600), 0); // a device is plugged in
    start = window_now_ms();
    sleep_for(&sleep, 5000);
    assert_in_range(window_now_ms() - start, 0, 2000);
    assert_int_equal(sleep.device_count, 1);
    int fd = open(path, O_RDWR | O_NONBLOCK);
    assert_int_equal(write(fd, "x", 1), 1);
    start = window_now_ms();
    sleep_for(&sleep, 5000);
    assert_in_range(window_now_ms() - start, 0, 2000);
    close(fd);
    sleep_finish(&sleep);
    unlink(path);
    rmdir(folder);
}

static void test_keys_have_names(void **state) {
    (void)state;
    for (int key = INPUT_KEY_ENTER; key <= (int)INPUT_KEY_F12; key++) {
        assert_int_equal(input_key_of(input_key_name((enum input_key)key)), key);
    }
    assert_int_equal(input_key_of("f12"), INPUT_KEY_F12);
    assert_int_equal(input_key_of("banana"), INPUT_KEY_NONE);
}

// ---- sound

static void test_sounds_differ_and_do_not_click(void **state) {
    (void)state;
    int lengths[5];
    for (int kind = SOUND_OK; kind <= SOUND_UNKNOWN; kind++) {
        int16_t *samples = malloc(SOUND_SAMPLES_MAX * sizeof *samples);
        int count =
            sound_synthesise((enum sound_kind)kind, 100, samples, SOUND_SAMPLES_MAX);
        assert_in_range(count, SOUND_RATE_HZ / 10, SOUND_SAMPLES_MAX);
        assert_in_range(abs(samples[0]), 0, 300);
        assert_in_range(abs(samples[count - 1]), 0, 300);
        int highest = 0;
        for (int i = 0; i < count; i++) {
            highest = abs(samples[i]) > highest ? abs(samples[i]) : highest;
        }
        assert_true(highest > 10000);
        lengths[kind] = count;
        for (int other = 0; other < kind; other++) {
            assert_int_not_equal(lengths[other], count);
        }
        free(samples);
    }
}

static void test_sound_closes_its_device(void **state) {
    (void)state;
    struct sound *sound = sound_create(50);
    assert_true(sound_deadline_ms(sound) == INT64_MAX);
    sound_play(sound, SOUND_OK, 1000);
    if (sound_deadline_ms(sound) != INT64_MAX) { // no device is fine
        sound_step(sound, 1001);
        assert_true(sound_deadline_ms(sound) != INT64_MAX);
        sound_step(sound, sound_deadline_ms(sound));
    }
    assert_true(sound_deadline_ms(sound) == INT64_MAX);
    sound_destroy(sound);
    sound = sound_create(0);
    sound_play(sound, SOUND_STOP, 1000);
    assert_true(sound_deadline_ms(sound) == INT64_MAX);
    sound_destroy(sound);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_rect_covers_its_area_at_any_fraction, clear),
        cmocka_unit_test_setup(test_circle_round_and_ring_cover_their_areas, clear),
        cmocka_unit_test_setup(test_line_and_polygon_cover_their_areas, clear),
        cmocka_unit_test_setup(test_drawing_outside_is_clipped, clear),
        cmocka_unit_test_setup(test_alpha_mixes, clear),
        cmocka_unit_test_setup(test_progress_grows_with_its_fraction, clear),
        cmocka_unit_test_setup(test_every_symbol_differs_and_stays_inside, clear),
        cmocka_unit_test_setup(test_text_stands_where_asked, clear),
        cmocka_unit_test_setup(test_text_is_cached_and_comes_out_the_same, clear),
        cmocka_unit_test_setup(test_qr_has_whole_modules_and_a_quiet_zone, clear),
        cmocka_unit_test_setup(test_image_is_scaled_by_mean, clear),
        cmocka_unit_test(test_unit_follows_the_mockups),
        cmocka_unit_test(test_themes_are_readable),
        cmocka_unit_test(test_window_shot_shows_what_was_drawn),
        cmocka_unit_test(test_window_sleeps_until_deadline_wake_or_input),
        cmocka_unit_test(test_window_costs_nothing_while_asleep),
        cmocka_unit_test(test_a_signal_to_end_becomes_quit),
        cmocka_unit_test(test_sleep_ends_when_a_device_speaks_or_appears),
        cmocka_unit_test(test_keys_have_names),
        cmocka_unit_test(test_sounds_differ_and_do_not_click),
        cmocka_unit_test(test_sound_closes_its_device),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
