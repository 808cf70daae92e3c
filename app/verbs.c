#include "app/verbs.h"

#include "app/image/qr.h"
#include "app/kiosk.h"
#include "sync/agent/discover.h"
#include "sync/agent/enrol.h"
#include "sync/agent/stick.h"
#include "sync/base/mem.h"
#include "sync/event/code.h"
#include "sync/net/http.h"
#include "sync/store/copy.h"
#include "sync/store/peer_text.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// ---- on the store ------------------------------------------------------------------------

struct look { // one look at the store, on its thread
    const char *verb, *kind;
    struct bytes *out;
    bool ok;
};

static void say(struct bytes *out, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void say(struct bytes *out, const char *format, ...) {
    char line[512];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    bytes_add_text(out, line);
}

static void verify_place(const char *dir, char *out, size_t size) {
    snprintf(out, size, "%s/verify.part", dir);
}

static void look_verify(struct store *s, struct look *l) {
    struct verify_report r;
    enum err e = store_verify(s, &r);
    peer_text_verify(&r, e, l->out);
    l->ok = e == ERR_NONE;
}

static void look_status(struct store *s, struct look *l) {
    struct store_identity id = store_identity_get(s);
    struct device_info self;
    char dev[17];
    struct moment now = {0};
    struct store_counts c = store_read_counts(s, "", &now);
    hex_format_u64(id.dev, dev);
    say(l->out, "device     %s%s\n", dev, id.has_event ? "" : ", not enrolled");
    if (store_find_device(s, id.dev, &self) == ERR_NONE) {
        say(l->out, "name       %s, role %s%s%s\n", self.name, self.role,
            self.room[0] ? ", room " : "", self.room);
    }
    say(l->out,
        "facts      %" PRId64 ", %" PRId64 " to send, %" PRId64
        " on the LAN only, %" PRId64 " in quarantine\n",
        c.facts, c.unsent, c.on_lan, c.quarantined);
    say(l->out, "people     %" PRId64 "\nincidents  %" PRId64 " open\n", c.people,
        c.incidents);
    l->ok = true;
}

static enum err look(struct store *s, void *arg) {
    struct look *l = arg;
    uint64_t last = 0;
    if (strcmp(l->verb, "verify") == 0) {
        look_verify(s, l);
    } else if (strcmp(l->verb, "status") == 0) {
        look_status(s, l);
    } else {
        struct peer_text_dump d = {.kind = l->kind, .max = SIZE_MAX};
        enum err e = peer_text_dump(s, &d, l->out, &last);
        l->ok = e == ERR_NONE;
    }
    return ERR_NONE;
}

// ---- the running kiosk's side --------------------------------------------------------------

static void do_commands(struct kiosk *k, const json_t *args, struct bytes *out,
                        bool *ok) {
    char *lines[SCRIPT_LINES_MAX];
    struct command c;
    size_t count = json_array_size(args);
    for (size_t i = 0; i < count; i++) {
        const char *line = json_string_value(json_array_get(args, i));
        lines[i] = mem_copy_text(line ? line : "");
    }
    command_init(&c, lines, count);
    if (inbox_post(k->inbox, PARCEL_COMMAND, &c) == ERR_NONE) {
        command_wait(&c);
        bytes_add(out, c.out.data, c.out.len);
        *ok = c.ok;
    } else {
        say(out, "the kiosk is busy\n");
        *ok = false;
    }
    command_finish(&c);
    for (size_t i = 0; i < count; i++) {
        mem_free(lines[i]);
    }
}

static bool is_ending(void *arg) {
    struct kiosk *k = arg;
    return atomic_load(&k->is_ending);
}

// On a copy: a check of the whole store takes long, and nobody shall wait for it.
static bool verify_beside(struct kiosk *k, struct bytes *out) {
    char part[OPTION_SIZE + 16];
    struct verify_report r = {0};
    verify_place(k->options.dir, part, sizeof part);
    copy_remove(part);
    enum err e = copy_make(k->store, part, is_ending, k);
    e = e == ERR_NONE ? copy_verify(part, false, &r) : e;
    copy_remove(part);
    peer_text_verify(&r, e, out);
    return e == ERR_NONE;
}

static bool run_stick(struct stick_job *job, const char *what) {
    if (strcmp(what, "save") == 0) {
        return stick_save(job);
    }
    if (strcmp(what, "load") == 0) {
        return stick_load(job);
    }
    say(job->out, "stick save DIR [--channels LIST], or stick load DIR|FILE\n");
    return false;
}

// args: save or load, the place, the channels wanted.
static bool stick_beside(struct kiosk *k, const json_t *args, struct bytes *out) {
    struct agent_status link = {0};
    if (k->agent) {
        agent_get_status(k->agent, &link);
    }
    struct stick_job job = {.thread = k->store,
                            .path = json_string_value(json_array_get(args, 1)),
                            .channels = json_string_value(json_array_get(args, 2)),
                            .now = agent_moment(&link),
                            .out = out};
    const char *what = json_string_value(json_array_get(args, 0));
    bool is_done = run_stick(&job, what && job.path ? what : "");
    if (job.added) { // screens look again
        atomic_store(&k->has_loaded, true);
        enum err e = inbox_post(k->inbox, PARCEL_LINK, NULL);
        (void)e; // full: what fills it makes them look, too
        if (k->agent) {
            agent_tell_change(k->agent);
        }
    }
    return is_done;
}

// unlock-code NAME [BADGE] PIN; BADGE as it is scanned, or the person's id.
static bool add_code(struct kiosk *k, const json_t *args, struct bytes *out) {
    size_t count = json_array_size(args);
    const char *name = json_string_value(json_array_get(args, 0));
    const char *pin = json_string_value(json_array_get(args, count ? count - 1 : 0));
    const char *badge = count == 3 ? json_string_value(json_array_get(args, 1)) : "";
    struct code code = {.class = CODE_NONE};
    struct code_keys none = {.keys = NULL};
    if (count < 2 || count > 3 || !name || !pin || !badge) {
        say(out, "give: unlock-code NAME [BADGE] PIN\n");
        return false;
    }
    if (badge[0]) {
        code_parse(badge, strlen(badge), &none, &code);
    }
    bool is_id = strlen(badge) == PERSON_ID_SIZE - 1;
    if (badge[0] && code.class != CODE_BADGE && !is_id) {
        say(out, "that is no badge's code\n");
        return false;
    }
    struct vault_code c = {.name = name,
                           .badge = code.class == CODE_BADGE ? code.person : badge,
                           .pin = pin};
    enum err e = k->keeper ? keeper_add_code(k->keeper, &c) : ERR_DENIED;
    say(out,
        e == ERR_NONE     ? "%s may unlock this desk\n"
        : e == ERR_DENIED ? "%s: this desk's store is not sealed, or locked\n"
        : e == ERR_INPUT  ? "%s: a PIN has 6 to 12 digits\n"
                          : "%s: the code could not be kept\n",
        name);
    return e == ERR_NONE;
}

// On the control thread.
static bool handle(void *arg, const struct control_request *r, struct bytes *out) {
    struct kiosk *k = arg;
    if (strcmp(r->verb, "do") == 0) {
        bool ok = false;
        if (!k->options.allows_script) {
            say(out, "this kiosk takes no commands: start it with --allow-script\n");
            return false;
        }
        if (json_array_size(r->args) > SCRIPT_LINES_MAX) {
            say(out, "at most %d commands at once\n", SCRIPT_LINES_MAX);
            return false;
        }
        do_commands(k, r->args, out, &ok);
        return ok;
    }
    if (strcmp(r->verb, "unlock-code") == 0) {
        return add_code(k, r->args, out);
    }
    if (!atomic_load(&k->is_open)) {
        say(out, "the store is locked: its key is not here yet\n");
        return false;
    }
    // A copy would be in plain: a sealed store is checked where it is.
    if (strcmp(r->verb, "verify") == 0 && !vault_is_locked(k->options.dir)) {
        return verify_beside(k, out);
    }
    if (strcmp(r->verb, "stick") == 0) {
        return stick_beside(k, r->args, out);
    }
    struct look l = {.verb = r->verb, .out = out};
    const char *kind = json_string_value(json_array_get(r->args, 0));
    l.kind = kind && kind[0] ? kind : NULL;
    enum err e = store_thread_call(k->store, look, &l, false);
    if (e != ERR_NONE) {
        say(out, "the store: %s\n", err_text(e));
    }
    return e == ERR_NONE && l.ok;
}

static void socket_path(const char *dir, char *out, size_t size) {
    snprintf(out, size, "%s/foyer.sock", dir);
}

enum err verbs_start_control(struct kiosk *k) {
    char path[OPTION_SIZE + 16];
    verify_place(k->options.dir, path, sizeof path);
    copy_remove(path); // of a kiosk that was killed
    socket_path(k->options.dir, path, sizeof path);
    return control_start(path, handle, k, &k->control);
}

// ---- the command line ----------------------------------------------------------------------

static enum err open_store(const struct options *o, struct store **out) {
    struct store_options so = {.dir = o->dir};
    enum err e = store_open(&so, out);
    uint8_t key[SEAL_KEY_BYTES];
    char urls[VAULT_URL_SIZE];
    if (e == ERR_LOCKED) {
        vault_get_url(o->dir, urls);
        so.key = key;
        e = keeper_fetch(o->dir, o->hub[0] ? o->hub : urls, key);
        e = e == ERR_NONE ? store_open(&so, out) : ERR_LOCKED;
        mem_wipe(key, sizeof key);
    }
    if (e != ERR_NONE) {
        fprintf(stderr, "foyer: the store in %s: %s\n", o->dir, err_text(e));
    }
    return e;
}

static int run_look(const struct options *o, const char *verb) {
    struct bytes out = {0};
    struct look l = {.verb = verb, .kind = o->kind[0] ? o->kind : NULL, .out = &out};
    struct store *s = NULL;
    if (open_store(o, &s) != ERR_NONE) {
        return EXIT_FAILURE;
    }
    enum err e = look(s, &l);
    store_close(s);
    fprintf(stdout, "%.*s", (int)out.len, out.data ? (char *)out.data : "");
    bytes_finish(&out);
    return e == ERR_NONE && l.ok ? EXIT_SUCCESS : EXIT_FAILURE;
}

// In the running kiosk; false when none runs in this directory.
static bool run_there(const struct options *o, const char *verb, int count, char **words,
                      int *out_status) {
    char path[OPTION_SIZE + 16];
    struct bytes out = {0};
    json_t *args = json_array();
    bool ok = false;
    for (int i = 0; i < count; i++) {
        json_array_append_new(args, json_string(words[i]));
    }
    if (strcmp(verb, "dump") == 0) {
        json_array_append_new(args, json_string(o->kind));
    }
    if (strcmp(verb, "stick") == 0) {
        json_array_append_new(args, json_string(o->channels));
    }
    struct control_request r = {.verb = verb, .args = args};
    socket_path(o->dir, path, sizeof path);
    enum err e = control_call(path, &r, &ok, &out);
    json_decref(args);
    if (e == ERR_NONE) {
        fprintf(ok ? stdout : stderr, "%.*s", (int)out.len,
                out.data ? (char *)out.data : "");
        *out_status = ok ? EXIT_SUCCESS : EXIT_FAILURE;
    } else if (e != ERR_NOT_FOUND) {
        fprintf(stderr, "foyer: %s: %s\n", path, err_text(e));
        *out_status = EXIT_FAILURE;
    }
    bytes_finish(&out);
    return e != ERR_NOT_FOUND;
}

static int run_stick_alone(const struct options *o, const char *what, const char *path) {
    struct bytes out = {0};
    struct agent_status none = {0};
    struct stick_job job = {
        .path = path, .channels = o->channels, .now = agent_moment(&none), .out = &out};
    if (open_store(o, &job.store) != ERR_NONE) {
        return EXIT_FAILURE;
    }
    bool is_done = run_stick(&job, what);
    store_close(job.store);
    fprintf(is_done ? stdout : stderr, "%.*s", (int)out.len,
            out.data ? (char *)out.data : "");
    bytes_finish(&out);
    return is_done ? EXIT_SUCCESS : EXIT_FAILURE;
}

// words: save or load, and the place: absolute, since the kiosk lives elsewhere.
static int run_stick_verb(const struct options *o, int count, char **words) {
    int status = EXIT_FAILURE;
    char here[OPTION_SIZE] = "";
    if (count != 2 || (words[1][0] != '/' && !getcwd(here, sizeof here))) {
        fprintf(stderr, "foyer stick: save DIR [--channels LIST], or load DIR|FILE\n");
        return status;
    }
    char *path = words[1][0] == '/' ? mem_copy_text(words[1])
                                    : mem_format("%s/%s", here, words[1]);
    char *args[] = {words[0], path};
    if (!run_there(o, "stick", 2, args, &status)) {
        status = run_stick_alone(o, words[0], path);
    }
    mem_free(path);
    return status;
}

static int run_enrol(const struct options *o) {
    char text[ENROL_TEXT_SIZE] = "";
    struct store *s = NULL;
    if (!o->hub[0] || !o->code[0]) {
        fprintf(stderr, "foyer enrol: give --hub URL and --code CODE\n");
        return EXIT_FAILURE;
    }
    if (open_store(o, &s) != ERR_NONE) {
        return EXIT_FAILURE;
    }
    struct agent_status none = {0};
    struct moment now = agent_moment(&none);
    struct enrol_wish wish = {.url = o->hub, .code = o->code, .name = o->name};
    enum err e = enrol_run(s, &wish, &now, text);
    store_close(s);
    fprintf(e == ERR_NONE ? stdout : stderr, "%s\n", text[0] ? text : err_text(e));
    return e == ERR_NONE ? EXIT_SUCCESS : EXIT_FAILURE;
}

// ---- discovery -----------------------------------------------------------------------------

// Who answers at this address, in words.
static void say_answer(const char *url) {
    struct http *http = http_create(url, NULL);
    struct http_request request = {
        .method = "GET", .path = "/v1/time", .timeout_ms = UPSTREAMS_PROBE_MS};
    struct http_answer answer = {.err = ERR_TIMEOUT};
    json_t *body = NULL;
    http_call(http, &request, &answer);
    if (answer.err != ERR_NONE || answer.status != 200 ||
        json_parse(answer.body, answer.len, &body) != ERR_NONE) {
        printf("  no answer: %s\n", answer.detail);
    } else {
        printf("  %s of event %s\n",
               json_get_bool(body, "relay", false) ? "relay" : "hub",
               json_get_text(body, "event", "(it does not say)"));
    }
    json_decref(body);
    http_destroy(http);
}

static void say_way(const char *way, enum err e, const char *why) {
    if (e != ERR_NONE) {
        printf("%-8s nothing: %s\n", way, e == ERR_OFFLINE ? why : err_text(e));
    }
}

static int run_discover(const struct options *o) {
    struct discover_options d = {.domain = o->domain, .nameserver = o->nameserver};
    struct discover_found found[UPSTREAMS_MAX];
    struct discover_report report;
    struct upstreams listed;
    upstreams_init(&listed, 1);
    if (upstreams_add_list(&listed, o->hub) != ERR_NONE) {
        fprintf(stderr, "foyer discover: --hub %s: not a list of http URLs\n", o->hub);
        return EXIT_FAILURE;
    }
    for (size_t i = 0; i < listed.count; i++) {
        printf("%-8s %s", "listed", listed.items[i].url);
        say_answer(listed.items[i].url);
    }
    size_t count = discover_look(&d, found, UPSTREAMS_MAX, &report);
    for (size_t i = 0; i < count; i++) {
        printf("%-8s %s", found[i].way == UPSTREAMS_SRV ? "srv" : "dns-sd", found[i].url);
        say_answer(found[i].url);
    }
    say_way("srv", report.srv, "no name server answers");
    say_way("dns-sd", report.dnssd, "no avahi-daemon runs here");
    return listed.count + count ? EXIT_SUCCESS : EXIT_FAILURE;
}

// ---- QR codes ------------------------------------------------------------------------------

// Two modules a character, dark on light whatever the terminal's colours.
static void print_qr(const struct qr *qr) {
    static const char *const blocks[] = {"█", "▄", "▀", " "};
    for (int y = -QR_QUIET_MODULES; y < qr->side + QR_QUIET_MODULES; y += 2) {
        for (int x = -QR_QUIET_MODULES; x < qr->side + QR_QUIET_MODULES; x++) {
            int top = qr_is_dark(qr, x, y);
            int bottom = qr_is_dark(qr, x, y + 1);
            fputs(blocks[top * 1 + bottom * 2], stdout);
        }
        fputc('\n', stdout);
    }
}

static enum err write_qr(const struct qr *qr, const char *path) {
    enum { SCALE = 8 };
    int side = (qr->side + 2 * QR_QUIET_MODULES) * SCALE;
    uint8_t *pixels = mem_alloc((size_t)side * (size_t)side, 1);
    for (int y = 0; y < side; y++) {
        for (int x = 0; x < side; x++) {
            bool is_dark = qr_is_dark(qr, x / SCALE - QR_QUIET_MODULES,
                                      y / SCALE - QR_QUIET_MODULES);
            pixels[y * side + x] = is_dark ? 0 : 255;
        }
    }
    enum err e = image_write_png_grey(path, pixels, side, side, side, 0);
    mem_free(pixels);
    return e;
}

static int run_qr(const struct options *o, int count, char **words) {
    struct qr *qr = mem_alloc(1, sizeof *qr);
    enum err e = count == 1 ? qr_encode(words[0], strlen(words[0]), qr) : ERR_INPUT;
    if (e != ERR_NONE) {
        fprintf(stderr, "foyer qr: give one text that fits a QR code\n");
    } else if (o->shot[0]) {
        e = write_qr(qr, o->shot);
    } else {
        print_qr(qr);
    }
    mem_free(qr);
    return e == ERR_NONE ? EXIT_SUCCESS : EXIT_FAILURE;
}

int verbs_run(const struct options *o, int count, char **words) {
    const char *verb = words[0];
    int status = EXIT_FAILURE;
    bool is_look = strcmp(verb, "verify") == 0 || strcmp(verb, "status") == 0 ||
                   strcmp(verb, "dump") == 0;
    if (strcmp(verb, "enrol") == 0) {
        return run_enrol(o);
    }
    if (strcmp(verb, "discover") == 0) {
        return run_discover(o);
    }
    if (strcmp(verb, "qr") == 0) {
        return run_qr(o, count - 1, words + 1);
    }
    if (strcmp(verb, "stick") == 0) {
        return run_stick_verb(o, count - 1, words + 1);
    }
    if (!is_look && strcmp(verb, "do") != 0 && strcmp(verb, "unlock-code") != 0) {
        fprintf(stderr, "foyer: no verb \"%s\"; see foyer --help\n", verb);
        return status;
    }
    if (run_there(o, verb, count - 1, words + 1, &status)) {
        return status;
    }
    if (is_look) {
        return run_look(o, verb);
    }
    fprintf(stderr, "foyer: no kiosk runs in %s\n", o->dir);
    return status;
}
