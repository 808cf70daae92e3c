// Draws every screen in every state at several sizes: a picture each, to be looked at.
// usage: gallery <folder> [<part of a name> [<width>x<height>]]
#include "app/badge/badge.h"
#include "app/image/image.h"
#include "app/screens/targets.h"
#include "app/ui/draw.h"
#include "sync/base/mem.h"
#include "tests/support/desk_samples.h"
#include "tests/support/hall_samples.h"
#include "tests/support/kiosk_samples.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const int sizes[][2] = {{1920, 1080}, {1080, 1920}, {1280, 720},
                               {800, 480},   {480, 800},   {3840, 2160}};

static enum err draw_one(struct canvas *canvas, const struct screen_sample *sample,
                         const int size[2], const char *folder) {
    struct targets targets = {.count = 0};
    uint32_t *pixels = mem_alloc((size_t)size[0] * (size_t)size[1], sizeof *pixels);
    canvas_set_pixels(canvas, pixels, size[0], size[1], size[0]);
    sample->draw(canvas, &targets);
    char path[512];
    snprintf(path, sizeof path, "%s/%s-%dx%d.png", folder, sample->name, size[0],
             size[1]);
    enum err err = image_write_png(path, pixels, size[0], size[1], size[0]);
    canvas_set_pixels(canvas, NULL, 0, 0, 0);
    mem_free(pixels);
    return err;
}

static int draw_list(struct canvas *canvas, const struct screen_sample *list,
                     size_t count, char **argv) {
    int failed = 0;
    const char *part = argv[2] ? argv[2] : "";
    for (size_t i = 0; i < count; i++) {
        for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
            char name[32];
            snprintf(name, sizeof name, "%dx%d", sizes[s][0], sizes[s][1]);
            bool is_wanted = strstr(list[i].name, part) &&
                             (!argv[2] || !argv[3] || strcmp(argv[3], name) == 0);
            if (is_wanted && draw_one(canvas, &list[i], sizes[s], argv[1]) != ERR_NONE) {
                failed++;
            }
        }
    }
    return failed;
}

// The badge of somebody fictional, as the printer would get it.
static bool make_badge(struct fonts *fonts, struct image *out) {
    struct template template = {0};
    if (template_read(FOYER_ASSETS "/badges/badge-3x4.json", &template) != ERR_NONE) {
        return false;
    }
    struct badge badge = {.event = "IETF 92 \xC2\xB7 Dallas",
                          .name = "Zo\xC3\xAB",
                          .family = "M\xC3\xBCller-Ortiz",
                          .org = "Example Networks",
                          .marks = {"NEWCOMER"},
                          .mark_count = 1,
                          .code = "ABCDEFGHJKMNPQRS2345"};
    struct raster raster;
    badge_make_raster(&template, &badge, fonts, 300, &raster);
    raster_scale_image(&raster, 1200, 1200, out);
    raster_finish(&raster);
    template_finish(&template);
    return true;
}

int main(int argc, char **argv) {
    if (argc < 2 || argc > 4) {
        fprintf(stderr,
                "usage: gallery <folder> [<part of a name> [<width>x<height>]]\n");
        return 2;
    }
    struct fonts *fonts = NULL;
    if (fonts_open(NULL, &fonts) != ERR_NONE) {
        return 1;
    }
    struct canvas canvas;
    canvas_init(&canvas, fonts);
    struct image badge = {0};
    if (make_badge(fonts, &badge)) {
        screen_samples_set_badge(&badge);
    }
    size_t count = 0;
    const struct screen_sample *list = hall_samples_get(&count);
    int failed = draw_list(&canvas, list, count, argv);
    list = kiosk_samples_get(&count);
    failed += draw_list(&canvas, list, count, argv);
    list = desk_samples_get(&count);
    failed += draw_list(&canvas, list, count, argv);
    canvas_finish(&canvas);
    image_finish(&badge);
    fonts_close(fonts);
    return failed > 0 ? 1 : 0;
}
