#include "app/ui/theme.h"

#include <math.h>

// on_*: the dark or light that reads best on the fill; the values are the design's tokens.
static const struct theme ink = {
    .bg = 0xFF0D1117,
    .surface = 0xFF161C25,
    .line = 0xFF2B3442,
    .text = 0xFFF3F6F9,
    .dim = 0xFFA3B0BF,
    .accent = 0xFF4DA3FF,
    .ok = 0xFF2FBF84,
    .warn = 0xFFFFB547,
    .stop = 0xFFFF6B62,
    .on_accent = 0xFF06182E,
    .on_ok = 0xFF04241A,
    .on_warn = 0xFF2A1A00,
    .on_stop = 0xFF200302,
    .chip = 0xFF26303D,
    .on_chip = 0xFFF3F6F9,
    .select = 0xFF1B2A40,
    .is_dark = true,
};

static const struct theme paper = {
    .bg = 0xFFF5F3EE,
    .surface = 0xFFFFFFFF,
    .line = 0xFF8B8F96,
    .text = 0xFF16202B,
    .dim = 0xFF55616E,
    .accent = 0xFF0A4FB4,
    .ok = 0xFF0B6B45,
    .warn = 0xFF8A5200,
    .stop = 0xFFA61B14,
    .on_accent = 0xFFFFFFFF,
    .on_ok = 0xFFFFFFFF,
    .on_warn = 0xFFFFFFFF,
    .on_stop = 0xFFFFFFFF,
    .chip = 0xFF16202B,
    .on_chip = 0xFFFFFFFF,
    .select = 0xFFE9F0FB,
    .is_dark = false,
};

const struct theme *theme_get_ink(void) {
    return &ink;
}

const struct theme *theme_get_paper(void) {
    return &paper;
}

static uint32_t channel(uint32_t color, int shift) {
    return color >> shift & 0xFF;
}

uint32_t theme_mix(uint32_t a, uint32_t b, float part_of_b) {
    float part = part_of_b < 0 ? 0 : part_of_b > 1 ? 1 : part_of_b;
    uint32_t out = 0;
    for (int shift = 0; shift < 32; shift += 8) {
        float from = (float)channel(a, shift), to = (float)channel(b, shift);
        out |= (uint32_t)(from + (to - from) * part + 0.5F) << shift;
    }
    return out;
}

static float linear(uint32_t value) {
    float c = (float)value / 255.0F;
    return c <= 0.04045F ? c / 12.92F : powf((c + 0.055F) / 1.055F, 2.4F);
}

static float luminance(uint32_t color) {
    return 0.2126F * linear(channel(color, 16)) + 0.7152F * linear(channel(color, 8)) +
           0.0722F * linear(channel(color, 0));
}

float theme_contrast(uint32_t a, uint32_t b) {
    float first = luminance(a), second = luminance(b);
    float light = first > second ? first : second, dark = first > second ? second : first;
    return (light + 0.05F) / (dark + 0.05F);
}

uint32_t theme_text_on(uint32_t fill) {
    const uint32_t near_black = 0xFF0D1117, white = 0xFFFFFFFF;
    bool is_dark = theme_contrast(fill, white) >= theme_contrast(fill, near_black);
    return is_dark ? white : near_black;
}
