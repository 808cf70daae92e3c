#include "app/labels/language.h"

#include <string.h>

#include "app/labels/brother.h"
#include "app/labels/epl.h"
#include "app/labels/escpos.h"
#include "app/labels/tspl.h"
#include "app/labels/zpl.h"
#include "sync/base/log.h"

// A new language is a row here and a file beside this one. Of two that fit, the first is taken.
const struct label_language *const label_languages[] = {
    &label_zpl, &label_brother, &label_escpos, &label_epl, &label_tspl, NULL};

const struct label_language *label_language_find(const struct device_id *id) {
    for (size_t i = 0; label_languages[i]; i++) {
        if (label_languages[i]->fits(id)) {
            return label_languages[i];
        }
    }
    return NULL;
}

const struct label_language *label_language_named(const char *name) {
    for (size_t i = 0; label_languages[i]; i++) {
        if (strcmp(label_languages[i]->name, name) == 0) {
            return label_languages[i];
        }
    }
    return NULL;
}

const struct label_media *label_media_find(const struct label_language *language,
                                           int w_mm, int h_mm) {
    for (const struct label_media *m = language->media; m && m->name; m++) {
        if (m->w_mm == w_mm && m->h_mm == h_mm) {
            return m;
        }
    }
    return NULL;
}

const struct label_media *label_media_drawn(const struct label_language *language,
                                            int w_dots, int h_dots) {
    const struct label_media *best = NULL;
    for (const struct label_media *m = language->media; m && m->name; m++) {
        bool fits = m->w_dots == w_dots && (m->h_dots == h_dots || m->h_dots == 0);
        if (fits && (!best || best->h_dots == 0)) {
            best = m;
        }
    }
    return best;
}

static bool has_dpi(const struct label_language *language, int dpi) {
    const int *at = language->dpis;
    while (*at && *at != dpi) {
        at++;
    }
    return *at != 0;
}

enum err label_language_check(const struct label_language *language,
                              const struct label *label,
                              const struct label_setup *setup) {
    if (label_is_sound(label) && label->dpi == setup->dpi &&
        has_dpi(language, setup->dpi) && label->w <= language->max_w_dots) {
        return ERR_NONE;
    }
    log_error("%s: a label of %d x %d dots at %d dpi does not fit %d dots at %d dpi",
              language->name, label->w, label->h, label->dpi, language->max_w_dots,
              setup->dpi);
    return ERR_LIMIT;
}

// USB ids: matmair/brother_ql-inventree, lprint issues 86 and 172.
static const struct {
    uint16_t vendor, product;
    const char *reason;
} troubles[] = {
    {0x04f9, 0x209e,
     "the Editor Lite lamp is lit, so it plays a disk: hold that key until "
     "the lamp is off"},
    {0x04f9, 0x2049,
     "the Editor Lite lamp is lit, so it plays a disk: hold that key until "
     "the lamp is off"},
    {0x0922, 0x0028,
     "a DYMO 550 takes only its maker's labels and program: use another "
     "printer"},
    {0x0922, 0x0029,
     "a DYMO 550 takes only its maker's labels and program: use another "
     "printer"},
    {0x0922, 0x002a,
     "a DYMO 5XL takes only its maker's labels and program: use another "
     "printer"},
};

bool label_usb_trouble(uint16_t vendor, uint16_t product, struct label_status *out) {
    for (size_t i = 0; i < sizeof troubles / sizeof troubles[0]; i++) {
        if (troubles[i].vendor == vendor && troubles[i].product == product) {
            label_status_init(out);
            label_status_set(out, PRINTER_ERROR, troubles[i].reason);
            return true;
        }
    }
    return false;
}
