#include "app/devices/printer_spec.h"

#include <stdio.h>
#include <string.h>

#include "app/devices/printer_usb.h"
#include "sync/base/log.h"
#include "sync/base/number.h"

enum { MEDIA_MAX_MM = 1000, WORD_SIZE = 64 };

static bool parse_media(const char *text, struct printer_spec *out) {
    char w[WORD_SIZE];
    const char *x = strchr(text, 'x');
    if (!x || x == text) {
        return false;
    }
    (void)snprintf(w, sizeof w, "%.*s", (int)(x - text), text);
    int64_t w_mm = number_parse(w, -1);
    int64_t h_mm = number_parse(x + 1, -1);
    if (w_mm < 1 || w_mm > MEDIA_MAX_MM || h_mm < 0 || h_mm > MEDIA_MAX_MM) {
        return false;
    }
    out->media_w_mm = (int)w_mm;
    out->media_h_mm = (int)h_mm;
    return true;
}

static bool parse_word(const char *word, struct printer_spec *out) {
    if (strncmp(word, "language=", strlen("language=")) == 0) {
        out->language = label_language_named(word + strlen("language="));
        return out->language != NULL;
    }
    if (strncmp(word, "media=", strlen("media=")) == 0) {
        return parse_media(word + strlen("media="), out);
    }
    if (strncmp(word, "patience=", strlen("patience=")) == 0) {
        int64_t s = number_parse(word + strlen("patience="), 0);
        out->patience_s = (int)s;
        return s >= 1 && s <= PRINTER_USB_PATIENCE_MAX_S;
    }
    out->is_mute = strcmp(word, "answers=no") == 0;
    return out->is_mute || strcmp(word, "answers=yes") == 0;
}

static void say_languages(const char *place, const char *word) {
    char names[128] = "";
    for (size_t i = 0, len = 0; label_languages[i] && len < sizeof names; i++) {
        len += (size_t)snprintf(names + len, sizeof names - len, "%s%s", i ? ", " : "",
                                label_languages[i]->name);
    }
    log_error("--printer usb:%s: \"%s\" is not understood; use %s; languages: %s", place,
              word, PRINTER_SPEC_USAGE, names);
}

enum err printer_spec_parse(const char *place, struct printer_spec *out) {
    struct printer_spec spec = {.patience_s = PRINTER_USB_PATIENCE_S};
    const char *at = place;
    for (bool is_first = true; is_first || *at; is_first = false) {
        char word[WORD_SIZE];
        size_t len = strcspn(at, ",");
        (void)snprintf(word, sizeof word, "%.*s", (int)len, at);
        if (len >= sizeof word || (!is_first && !parse_word(word, &spec))) {
            say_languages(place, word);
            return ERR_INPUT;
        }
        if (is_first) {
            (void)snprintf(spec.wish, sizeof spec.wish, "%s", word);
        }
        at += len + (at[len] == ',');
    }
    *out = spec;
    return ERR_NONE;
}
