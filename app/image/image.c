#include "app/image/image.h"

#include "sync/base/log.h"
#include "sync/base/mem.h"

#include <errno.h>
#include <png.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

void image_init(struct image *image, int w, int h) {
    CHECK(w >= 1 && h >= 1 && w <= IMAGE_SIDE_MAX_PX && h <= IMAGE_SIDE_MAX_PX);
    *image = (struct image){w, h, mem_alloc((size_t)w * (size_t)h, sizeof(uint32_t))};
}

void image_finish(struct image *image) {
    if (image != NULL) {
        mem_free(image->pixels);
        *image = (struct image){0};
    }
}

// ---- reading

// libpng's simplified interface converts every colour type; BGRA bytes are 0xAARRGGBB on
// the little-endian machines we run on (amd64, arm64).
static enum err finish_read(png_image *png, const char *name, struct image *out_image) {
    enum err err = ERR_NONE;
    struct image image = {0};
    if (png->width > IMAGE_SIDE_MAX_PX || png->height > IMAGE_SIDE_MAX_PX) {
        log_error("image: %s is %ux%u px, at most %d each way", name,
                  (unsigned)png->width, (unsigned)png->height, IMAGE_SIDE_MAX_PX);
        err = ERR_LIMIT;
        goto end;
    }
    png->format = PNG_FORMAT_BGRA;
    image_init(&image, (int)png->width, (int)png->height);
    if (!png_image_finish_read(png, NULL, image.pixels, 0, NULL)) {
        log_error("image: %s: %s", name, png->message);
        err = ERR_INPUT;
        goto end;
    }
    *out_image = image;
    image.pixels = NULL;
end:
    png_image_free(png);
    image_finish(&image);
    return err;
}

enum err image_read_png(const char *path, struct image *out_image) {
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        log_error("image: %s: %s", path, strerror(errno));
        return errno == ENOENT ? ERR_NOT_FOUND : ERR_IO;
    }
    enum err err = ERR_INPUT;
    png_image png = {.version = PNG_IMAGE_VERSION};
    if (png_image_begin_read_from_stdio(&png, file)) {
        err = finish_read(&png, path, out_image);
    } else {
        log_error("image: %s: %s", path, png.message);
    }
    fclose(file);
    return err;
}

enum err image_read_png_bytes(const void *bytes, size_t len_bytes,
                              struct image *out_image) {
    png_image png = {.version = PNG_IMAGE_VERSION};
    if (len_bytes == 0 || !png_image_begin_read_from_memory(&png, bytes, len_bytes)) {
        log_error("image: not a PNG (%zu bytes): %s", len_bytes, png.message);
        return ERR_INPUT;
    }
    return finish_read(&png, "PNG in memory", out_image);
}

// ---- writing

struct writer {
    png_structp png;
    png_infop info;
    FILE *file;
};

// Rows are given one by one so that no second copy of a screen is made.
struct rows {
    int w, h, dpi;
    bool is_grey;
    const uint8_t *grey;
    const uint32_t *rgb;
    int stride; // in elements
};

// libpng reports errors by longjmp: nothing is allocated between setjmp and its return.
static bool write_rows(struct writer *writer, const struct rows *rows, uint8_t *line) {
    if (setjmp(png_jmpbuf(writer->png)) != 0) {
        return false;
    }
    png_init_io(writer->png, writer->file);
    png_set_compression_level(writer->png, 3);
    png_set_IHDR(writer->png, writer->info, (png_uint_32)rows->w, (png_uint_32)rows->h, 8,
                 rows->is_grey ? PNG_COLOR_TYPE_GRAY : PNG_COLOR_TYPE_RGB,
                 PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
                 PNG_FILTER_TYPE_DEFAULT);
    if (rows->dpi > 0) {
        png_uint_32 per_metre = (png_uint_32)((double)rows->dpi / 0.0254 + 0.5);
        png_set_pHYs(writer->png, writer->info, per_metre, per_metre,
                     PNG_RESOLUTION_METER);
    }
    png_write_info(writer->png, writer->info);
    for (int y = 0; y < rows->h; y++) {
        size_t at = (size_t)y * (size_t)rows->stride;
        if (rows->is_grey) {
            png_write_row(writer->png, rows->grey + at);
            continue;
        }
        for (int x = 0; x < rows->w; x++) {
            uint32_t pixel = rows->rgb[at + (size_t)x];
            line[3 * x] = (uint8_t)(pixel >> 16);
            line[3 * x + 1] = (uint8_t)(pixel >> 8);
            line[3 * x + 2] = (uint8_t)pixel;
        }
        png_write_row(writer->png, line);
    }
    png_write_end(writer->png, NULL);
    return true;
}

static enum err write_png(const char *path, const struct rows *rows) {
    enum err err = ERR_IO;
    bool is_written = false;
    struct writer writer = {0};
    char *temporary = mem_format("%s.new", path);
    uint8_t *line = mem_alloc((size_t)rows->w, 3);
    writer.file = fopen(temporary, "wb");
    if (writer.file == NULL) {
        goto end;
    }
    writer.png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    CHECK(writer.png != NULL);
    writer.info = png_create_info_struct(writer.png);
    CHECK(writer.info != NULL);
    is_written = write_rows(&writer, rows, line);
    is_written = fclose(writer.file) == 0 && is_written;
    if (is_written && rename(temporary, path) == 0) {
        err = ERR_NONE;
    }
end:
    if (err != ERR_NONE) {
        log_error("image: can not write %s: %s", path, strerror(errno));
    }
    if (writer.png != NULL) {
        png_destroy_write_struct(&writer.png, &writer.info);
    }
    mem_free(line);
    mem_free(temporary);
    return err;
}

enum err image_write_png(const char *path, const uint32_t *pixels, int w, int h,
                         int stride_px) {
    struct rows rows = {.w = w, .h = h, .rgb = pixels, .stride = stride_px};
    return write_png(path, &rows);
}

// NOLINTNEXTLINE(readability-function-size): a picture is four numbers and its place
enum err image_write_png_grey(const char *path, const uint8_t *pixels, int w, int h,
                              int stride_bytes, int dpi) {
    struct rows rows = {.w = w,
                        .h = h,
                        .dpi = dpi,
                        .is_grey = true,
                        .grey = pixels,
                        .stride = stride_bytes};
    return write_png(path, &rows);
}
