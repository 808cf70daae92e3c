#include "app/devices/scanner_usb.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "app/devices/hid_decoder.h"
#include "app/devices/keyboard_layout.h"
#include "app/devices/usb.h"
#include "sync/base/clock.h"
#include "sync/base/log.h"
#include "sync/base/mem.h"

enum {
    REQUEST_SET_REPORT = 0x09,
    REQUEST_SET_IDLE = 0x0A,
    REQUEST_SET_PROTOCOL = 0x0B,
    FEATURE_WAKE = 0x0300 | HID_WAKE_REPORT_ID,
    BOOT = 1, // subclass
    BOOT_KEYBOARD = 1,
    BOOT_MOUSE = 2,
    KEEP_SIZE = 32
};

struct usb_scanner;
struct unit;

// One interface of a scanner that is read.
struct channel {
    struct unit *unit;
    struct hid_decoder decoder;
};

// A scanner by port and serial; stays when it is unplugged. The mutex of its usb_scanner
// guards health; the rest is the usb thread's.
struct unit {
    struct usb_scanner *owner;
    bool is_used;
    struct scanner_health health;
    bool was_keyboard; // as it first came
    uint64_t errors_before;
    struct usb_device *device; // NULL: not here
    struct channel *channels[USB_INTERFACES_MAX];
    uint8_t last[SCAN_BYTES_MAX]; // the newest code
    size_t last_len;
    uint64_t last_ms;
};

struct usb_scanner {
    struct scanner base;
    scan_post *post;
    void *context;
    char keeps[SCANNER_KEEPS_MAX][KEEP_SIZE];
    size_t keep_count;
    struct hid_settings settings;
    pthread_mutex_t mutex;
    struct unit units[SCANNERS_MAX];
    struct usb *usb;
};

// ---- what a decoder says -------------------------------------------------------------------

static bool is_repeat(struct unit *u, const struct scan *scan) {
    bool is_same = u->last_len == scan->len && scan->mono_ms >= u->last_ms &&
                   scan->mono_ms - u->last_ms < SCANNER_REPEAT_MS &&
                   memcmp(u->last, scan->bytes, scan->len) == 0;
    memcpy(u->last, scan->bytes, scan->len);
    u->last_len = scan->len;
    u->last_ms = scan->mono_ms;
    return is_same;
}

static void on_scan(void *context, const struct scan *scan) {
    struct unit *u = context;
    struct usb_scanner *s = u->owner;
    bool is_again = is_repeat(u, scan);
    pthread_mutex_lock(&s->mutex);
    u->health.repeats += is_again;
    u->health.scans += !is_again;
    pthread_mutex_unlock(&s->mutex);
    if (!is_again) {
        struct scan named = *scan;
        (void)snprintf(named.source, sizeof named.source, "usb %.*s",
                       SCAN_SOURCE_SIZE - 5, u->health.port);
        s->post(s->context, &named);
    }
}

static void on_refuse(void *context, enum scan_refusal why) {
    struct unit *u = context;
    pthread_mutex_lock(&u->owner->mutex);
    u->health.lost++;
    pthread_mutex_unlock(&u->owner->mutex);
    log_warning("scanner on port %s: a code was lost: %s", u->health.port,
                scan_refusal_text(why));
}

// ---- which scanner this is -----------------------------------------------------------------

static bool is_same_place(const struct unit *u, const struct usb_id *id) {
    return u->is_used && strcmp(u->health.port, id->port) == 0;
}

static bool is_same_device(const struct unit *u, const struct usb_id *id) {
    return is_same_place(u, id) && u->health.vendor == id->vendor &&
           strcmp(u->health.serial, id->serial) == 0;
}

// The unit of a device that came: its own from before, or what was on this port, or a free one,
// or the one that is away longest. NULL: SCANNERS_MAX are plugged.
static struct unit *find_unit(struct usb_scanner *s, const struct usb_id *id) {
    struct unit *best = NULL;
    for (size_t i = 0; i < SCANNERS_MAX; i++) {
        struct unit *u = &s->units[i];
        if (is_same_place(u, id)) {
            return u->device ? NULL : u;
        }
        bool is_better = !u->device && (!best || (best->is_used && !u->is_used) ||
                                        (best->is_used && u->is_used &&
                                         u->health.since_mono < best->health.since_mono));
        best = is_better ? u : best;
    }
    return best;
}

static void say_change(const struct unit *u, const char *now) {
    log_warning(
        "scanner on port %s (%s) was a %s and came back as a %s: somebody scanned a "
        "set-up code; scan the one in the manual to undo it",
        u->health.port, u->health.name, u->was_keyboard ? "keyboard" : "HID scanner",
        now);
}

// Counters go on for a scanner that was here before; another one begins anew.
static void note_arrival(struct unit *u, const struct usb_id *id, bool is_keyboard) {
    bool is_known = is_same_device(u, id);
    if (!is_known) {
        memset(&u->health, 0, sizeof u->health);
        u->was_keyboard = is_keyboard;
        u->last_len = 0;
    }
    u->is_used = true;
    (void)snprintf(u->health.port, sizeof u->health.port, "%s", id->port);
    (void)snprintf(u->health.name, sizeof u->health.name, "%s", id->name);
    (void)snprintf(u->health.serial, sizeof u->health.serial, "%s", id->serial);
    u->health.vendor = id->vendor;
    u->health.product = id->product;
    u->health.is_here = true;
    u->health.is_keyboard = is_keyboard;
    u->health.has_changed = is_keyboard != u->was_keyboard;
    u->health.since_mono = clock_mono_ms();
    u->health.comings++;
    u->errors_before = u->health.errors;
}

// ---- taking it -----------------------------------------------------------------------------

static bool is_kept(const struct usb_scanner *s, const struct usb_id *id) {
    char pair[16];
    (void)snprintf(pair, sizeof pair, "%04x:%04x", id->vendor, id->product);
    for (size_t i = 0; i < s->keep_count; i++) {
        if (strcmp(s->keeps[i], pair) == 0 || strcmp(s->keeps[i], id->port) == 0) {
            return true;
        }
    }
    return false;
}

static bool usb_wants(void *context, const struct usb_id *id,
                      const struct usb_hid *interfaces, size_t count) {
    struct usb_scanner *s = context;
    if (is_kept(s, id)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        bool is_mouse =
            interfaces[i].subclass == BOOT && interfaces[i].protocol == BOOT_MOUSE;
        if (!is_mouse) {
            return true;
        }
    }
    for (size_t i = 0; i < SCANNERS_MAX; i++) {
        struct unit *u = &s->units[i];
        if (is_same_place(u, id) && !u->device && u->health.vendor == id->vendor) {
            say_change(u, "device without HID (a serial port?)");
            pthread_mutex_lock(&s->mutex);
            u->health.has_changed = true;
            pthread_mutex_unlock(&s->mutex);
        }
    }
    return false;
}

// What each interface is by its report descriptor; returns how many could be read.
static size_t read_layouts(struct usb_device *d, struct hid_layout *layouts,
                           size_t count) {
    uint8_t bytes[HID_DESCRIPTOR_BYTES_MAX];
    size_t read = 0;
    for (size_t i = 0; i < count; i++) {
        size_t len = 0;
        memset(&layouts[i], 0, sizeof layouts[i]);
        if (usb_device_read_report(d, i, bytes, sizeof bytes, &len) != ERR_NONE) {
            continue;
        }
        read++;
        enum err e = hid_report_parse(bytes, len, &layouts[i]);
        if (e != ERR_NONE) {
            log_warning("usb: port %s: report descriptor %zu makes no sense: %s",
                        usb_device_id(d)->port, i, err_text(e));
        }
    }
    return read;
}

// Boot keyboards are told to speak the boot protocol; a POS scanner that sleeps is woken.
// A STALL of any of it is harmless.
static void set_up_interface(struct usb_device *d, size_t i, struct hid_layout *layout) {
    size_t count;
    const struct usb_hid *hid = &usb_device_hids(d, &count)[i];
    const uint8_t bytes[] = {HID_WAKE_REPORT_ID, 1};
    const struct usb_request protocol = {.request = REQUEST_SET_PROTOCOL},
                             idle = {.request = REQUEST_SET_IDLE},
                             wake = {REQUEST_SET_REPORT, FEATURE_WAKE, bytes,
                                     sizeof bytes};
    uint16_t vendor = usb_device_id(d)->vendor;
    bool is_boot = hid->subclass == BOOT && hid->protocol == BOOT_KEYBOARD &&
                   layout->kind != HID_POS;
    if (is_boot && usb_device_request(d, i, &protocol) == ERR_NONE) {
        hid_report_boot_layout(layout);
    }
    if (is_boot && usb_device_request(d, i, &idle) != ERR_NONE) {
        log_debug("usb: port %s does not know SET_IDLE", usb_device_id(d)->port);
    }
    bool needs_wake = layout->kind == HID_POS &&
                      (layout->has_wake || vendor == 0x0c2e || vendor == 0x23d0);
    if (needs_wake && usb_device_request(d, i, &wake) != ERR_NONE) {
        log_debug("usb: port %s needs no waking", usb_device_id(d)->port);
    }
}

static void unit_drop_channels(struct unit *u) {
    for (size_t i = 0; i < USB_INTERFACES_MAX; i++) {
        mem_free(u->channels[i]);
        u->channels[i] = NULL;
    }
}

// All interfaces are claimed before anything is read: no keystroke of it gets elsewhere.
static enum err unit_take(struct unit *u, struct usb_device *d,
                          struct hid_layout *layouts, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (usb_device_claim(d, i) != ERR_NONE) {
            log_warning(
                "usb: port %s: interface %zu is somebody else's, or not authorized",
                usb_device_id(d)->port, i);
            return ERR_IO;
        }
    }
    for (size_t i = 0; i < count; i++) {
        set_up_interface(d, i, &layouts[i]);
    }
    for (size_t i = 0; i < count; i++) {
        if (layouts[i].kind == HID_OTHER) {
            continue;
        }
        struct hid_sink sink = {on_scan, on_refuse, u};
        u->channels[i] = mem_alloc(1, sizeof *u->channels[i]);
        u->channels[i]->unit = u;
        hid_decoder_init(&u->channels[i]->decoder, &layouts[i], &u->owner->settings,
                         &sink);
    }
    usb_device_set_data(d, u);
    for (size_t i = 0; i < count; i++) {
        if (u->channels[i] && usb_device_listen(d, i) != ERR_NONE) {
            return ERR_IO;
        }
    }
    return ERR_NONE;
}

static enum usb_answer usb_arrived(void *context, struct usb_device *d) {
    struct usb_scanner *s = context;
    const struct usb_id *id = usb_device_id(d);
    struct hid_layout layouts[USB_INTERFACES_MAX];
    size_t count, kinds[3] = {0};
    (void)usb_device_hids(d, &count);
    size_t read = read_layouts(d, layouts, count);
    for (size_t i = 0; i < count; i++) {
        kinds[layouts[i].kind]++;
    }
    if (kinds[HID_POS] + kinds[HID_KEYBOARD] == 0) {
        return read == count ? USB_REFUSED : USB_TRY_AGAIN;
    }
    struct unit *u = find_unit(s, id);
    if (!u) {
        log_warning("usb: port %s: %d scanners are enough", id->port, SCANNERS_MAX);
        return USB_REFUSED;
    }
    if (unit_take(u, d, layouts, count) != ERR_NONE) {
        usb_device_set_data(d, NULL);
        unit_drop_channels(u);
        return USB_TRY_AGAIN;
    }
    pthread_mutex_lock(&s->mutex);
    note_arrival(u, id, kinds[HID_POS] == 0);
    u->device = d;
    pthread_mutex_unlock(&s->mutex);
    log_info("scanner on port %s: %s %04x:%04x as %s", id->port, id->name, id->vendor,
             id->product, u->health.is_keyboard ? "keyboard" : "HID scanner");
    if (u->health.has_changed) {
        say_change(u, u->health.is_keyboard ? "keyboard" : "HID scanner");
    }
    return USB_TAKEN;
}

// ---- living with it ------------------------------------------------------------------------

static void usb_take(void *context, struct usb_device *d,
                     const struct usb_report *report) {
    (void)context;
    struct unit *u = usb_device_data(d);
    hid_decoder_take(&u->channels[report->interface]->decoder, report->bytes, report->len,
                     report->mono_ms);
}

static void usb_broke(void *context, struct usb_device *d, size_t interface,
                      uint64_t mono_ms) {
    struct usb_scanner *s = context;
    struct unit *u = usb_device_data(d);
    pthread_mutex_lock(&s->mutex);
    u->health.errors = u->errors_before + usb_device_errors(d);
    pthread_mutex_unlock(&s->mutex);
    hid_decoder_break(&u->channels[interface]->decoder, mono_ms);
}

static void usb_left(void *context, struct usb_device *d, bool was_pulled) {
    struct usb_scanner *s = context;
    struct unit *u = usb_device_data(d);
    for (size_t i = 0; i < USB_INTERFACES_MAX; i++) {
        if (u->channels[i]) {
            hid_decoder_break(&u->channels[i]->decoder, clock_mono_ms());
        }
    }
    pthread_mutex_lock(&s->mutex);
    u->device = NULL;
    u->health.is_here = false;
    u->health.since_mono = clock_mono_ms();
    pthread_mutex_unlock(&s->mutex);
    unit_drop_channels(u);
    if (was_pulled) {
        log_info("scanner on port %s: gone", u->health.port);
    } else {
        log_warning("scanner on port %s does not answer any more; it is tried again",
                    u->health.port);
    }
}

static struct hid_decoder *decoder_of(struct usb_scanner *s, size_t i) {
    struct channel *c = s->units[i / USB_INTERFACES_MAX].channels[i % USB_INTERFACES_MAX];
    return c ? &c->decoder : NULL;
}

static uint64_t usb_deadline_ms(void *context) {
    uint64_t at_ms = UINT64_MAX;
    for (size_t i = 0; i < (size_t)SCANNERS_MAX * USB_INTERFACES_MAX; i++) {
        const struct hid_decoder *d = decoder_of(context, i);
        uint64_t one_ms = d ? hid_decoder_deadline_ms(d) : UINT64_MAX;
        at_ms = one_ms < at_ms ? one_ms : at_ms;
    }
    return at_ms;
}

static void usb_expire(void *context, uint64_t now_ms) {
    for (size_t i = 0; i < (size_t)SCANNERS_MAX * USB_INTERFACES_MAX; i++) {
        struct hid_decoder *d = decoder_of(context, i);
        if (d) {
            hid_decoder_expire(d, now_ms);
        }
    }
}

static const struct usb_driver driver = {.wants = usb_wants,
                                         .arrived = usb_arrived,
                                         .take = usb_take,
                                         .broke = usb_broke,
                                         .left = usb_left,
                                         .deadline_ms = usb_deadline_ms,
                                         .expire = usb_expire};

// ---- starting and stopping -----------------------------------------------------------------

// "0C2E:0B87" or a port; lower case, as is_kept compares.
static bool read_keep(struct usb_scanner *s, const char *value, size_t len) {
    bool is_fit = len > 0 && len < KEEP_SIZE && s->keep_count < SCANNER_KEEPS_MAX &&
                  strspn(value, "0123456789abcdefABCDEF:-.") >= len;
    if (!is_fit) {
        return false;
    }
    char *keep = s->keeps[s->keep_count++];
    for (size_t i = 0; i < len; i++) {
        bool is_upper = value[i] >= 'A' && value[i] <= 'F';
        keep[i] = (char)(is_upper ? value[i] + ('a' - 'A') : value[i]);
    }
    return true;
}

static bool read_layout(struct usb_scanner *s, const char *value, size_t len) {
    char name[16] = "";
    (void)snprintf(name, sizeof name, "%.*s", len < sizeof name ? (int)len : 0, value);
    s->settings.layout = keyboard_layout_find(name);
    return s->settings.layout != NULL;
}

static enum err read_options(struct usb_scanner *s, const char *options) {
    for (const char *at = options; *at;) {
        size_t len = strcspn(at, ",");
        bool is_right =
            (strncmp(at, "keep=", 5) == 0 && read_keep(s, at + 5, len - 5)) ||
            (strncmp(at, "layout=", 7) == 0 && read_layout(s, at + 7, len - 7));
        if (!is_right) {
            log_error("--scanner usb: \"%.*s\": say keep=VVVV:PPPP or keep=PORT (at most "
                      "%d), or layout=us, uk, de, fr, es, it or jp",
                      (int)len, at, SCANNER_KEEPS_MAX);
            return ERR_INPUT;
        }
        at += len + (at[len] == ',');
    }
    return ERR_NONE;
}

static void scanner_free(struct usb_scanner *s) {
    pthread_mutex_destroy(&s->mutex);
    mem_free(s);
}

static enum err usb_scanner_start(const char *place, scan_post *post, void *context,
                                  struct scanner **out_scanner) {
    struct usb_scanner *s = mem_alloc(1, sizeof *s);
    s->base.kind = &scanner_usb;
    s->post = post;
    s->context = context;
    pthread_mutex_init(&s->mutex, NULL);
    for (size_t i = 0; i < SCANNERS_MAX; i++) {
        s->units[i].owner = s;
    }
    enum err e = read_options(s, place);
    e = e == ERR_NONE ? usb_start(&driver, s, &s->usb) : e;
    if (e != ERR_NONE) {
        scanner_free(s);
        return e;
    }
    *out_scanner = &s->base;
    return ERR_NONE;
}

static void usb_scanner_stop(struct scanner *scanner) {
    usb_stop(((struct usb_scanner *)scanner)->usb);
}

static void usb_scanner_join(struct scanner *scanner) {
    struct usb_scanner *s = (struct usb_scanner *)scanner;
    usb_join(s->usb);
    scanner_free(s);
}

static size_t usb_scanner_look(struct scanner *scanner, struct scanner_health *out,
                               size_t room) {
    struct usb_scanner *s = (struct usb_scanner *)scanner;
    size_t count = 0;
    pthread_mutex_lock(&s->mutex);
    for (size_t i = 0; i < SCANNERS_MAX && count < room; i++) {
        if (s->units[i].is_used) {
            out[count++] = s->units[i].health;
        }
    }
    pthread_mutex_unlock(&s->mutex);
    return count;
}

const struct scanner_kind scanner_usb = {
    .scheme = "usb",
    .usage = "usb[,keep=VVVV:PPPP][,layout=de]",
    .start = usb_scanner_start,
    .stop = usb_scanner_stop,
    .join = usb_scanner_join,
    .look = usb_scanner_look,
    .has_options = true,
};
