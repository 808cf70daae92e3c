// foyer-hub: the central system's one program.
#include "sync/base/clock.h"
#include "sync/base/file.h"
#include "sync/base/log.h"
#include "sync/base/mem.h"
#include "sync/event/zone.h"
#include "sync/hub/hub.h"
#include "sync/hub/init.h"
#include "sync/hub/relay.h"
#include "sync/hub/verbs.h"

#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct command {
    const char *verb;
    const char *dir;
    const char *listen;
    const char *event_id;
    const char *log;
    const char *upstream; // serve: of a relay
    int64_t offset_ms;
    bool has_now;
    bool is_published;
    bool is_clock_trusted;
    struct backup_options backup;
    int64_t clock_error_ms;
    json_t *args; // of the verb: everything else
};

static void print_usage(FILE *to) {
    fprintf(
        to,
        "foyer-hub %s: the hub of an event\n\n"
        "usage: foyer-hub VERB [--dir DIR] [--now INSTANT] ...\n\n"
        "  --dir DIR      where the hub lives (default: ./hub)\n"
        "  --now INSTANT  sets the event clock, 2015-03-23T08:30-05:00 (demos)\n\n"
        "  init [--event-id HEX] [--log postgresql://...]\n"
        "      makes an event, its root key and this hub; where the shared log holds an\n"
        "      event already, one more hub for it\n"
        "  join URL CODE\n      makes this directory a relay of the hub at URL\n"
        "  serve [--listen 127.0.0.1:8092] [--log postgresql://...]\n"
        "        [--clock system|trusted[:MS]] [--upstream URL[,URL...]]\n"
        "        [--publish] [--quiet|--verbose]\n"
        "      answers kiosks until it is told to stop; a relay also follows its hub\n"
        "      (--upstream: another than it joined). --publish: kiosks of the LAN find "
        "it\n"
        "      by DNS-SD (needs avahi-daemon). --clock trusted: this machine's\n"
        "      clock was set by hand, right within MS milliseconds (1000)\n"
        "      [--backup DIR [--backup-every 10m] [--backup-keep 12]]: a backup now and\n"
        "      then, the newest are kept\n"
        "  restore FILE --dir NEW\n"
        "      a backup into a new directory, checked\n",
        FOYER_VERSION);
    for (const struct verb *v = verbs; v->name; v++) {
        fprintf(to, "  %s %s\n      %s\n", v->name, v->usage, v->help);
    }
    fprintf(
        to,
        "\nVerbs reach a running hub through DIR/control; without one they open DIR.\n"
        "`foyer qr CODE` shows a code that `ticket` or `enrol` printed.\n");
}

static bool set_now(struct command *c, const char *text) {
    int64_t ms = 0;
    if (instant_parse(text, &ms) != ERR_NONE) {
        fprintf(stderr, "--now %s: an instant like 2015-03-23T08:30-05:00\n", text);
        return false;
    }
    c->offset_ms = ms - clock_wall_ms();
    c->has_now = true;
    return true;
}

static bool set_clock(struct command *c, const char *text) {
    char *end = NULL;
    long error_ms = TIMEKEEPER_TRUSTED_ERROR_MS;
    if (strcmp(text, "system") == 0) {
        return true;
    }
    if (strncmp(text, "trusted:", 8) == 0) {
        error_ms = strtol(text + 8, &end, 10);
    }
    bool is_number = !end || (end != text + 8 && !*end);
    if (strncmp(text, "trusted", 7) != 0 || (text[7] && text[7] != ':') || !is_number ||
        error_ms < 0) {
        fprintf(stderr, "--clock %s: system, trusted or trusted:MILLISECONDS\n", text);
        return false;
    }
    c->is_clock_trusted = true;
    c->clock_error_ms = error_ms;
    return true;
}

static bool set_every(struct command *c, const char *text) {
    static const struct {
        char unit;
        uint64_t ms;
    } units[] = {{'s', 1000}, {'m', 60000}, {'h', 3600000}};
    char *end = NULL;
    unsigned long count = strtoul(text, &end, 10);
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (count && count < 100000 && *end == units[i].unit && !end[1]) {
            c->backup.every_ms = count * units[i].ms;
            return true;
        }
    }
    fprintf(stderr, "--backup-every %s: like 30s, 10m or 2h\n", text);
    return false;
}

static bool set_keep(struct command *c, const char *text) {
    char *end = NULL;
    unsigned long count = strtoul(text, &end, 10);
    if (*end || !count || count > 500) {
        fprintf(stderr, "--backup-keep %s: 1 to 500\n", text);
        return false;
    }
    c->backup.keep = (unsigned)count;
    return true;
}

// One of our own options that have a value? false: the verb's.
static bool set_option(struct command *c, const char *name, const char *value,
                       bool *is_ok) {
    if (strcmp(name, "--dir") == 0) {
        c->dir = value;
    } else if (strcmp(name, "--listen") == 0) {
        c->listen = value;
    } else if (strcmp(name, "--log") == 0) {
        c->log = value;
    } else if (strcmp(name, "--event-id") == 0) {
        c->event_id = value;
    } else if (strcmp(name, "--upstream") == 0) {
        c->upstream = value;
    } else if (strcmp(name, "--now") == 0) {
        *is_ok = set_now(c, value);
    } else if (strcmp(name, "--clock") == 0) {
        *is_ok = set_clock(c, value);
    } else if (strcmp(name, "--backup") == 0) {
        c->backup.dir = value;
    } else if (strcmp(name, "--backup-every") == 0) {
        *is_ok = set_every(c, value);
    } else if (strcmp(name, "--backup-keep") == 0) {
        *is_ok = set_keep(c, value);
    } else {
        return false;
    }
    return true;
}

// Takes our own options out; the verb gets the rest in order.
static bool parse_command(int argc, char **argv, struct command *c) {
    bool is_ok = true;
    c->verb = argv[1];
    c->args = json_array();
    for (int i = 2; i < argc && is_ok; i++) {
        bool has_value = i + 1 < argc && strncmp(argv[i + 1], "--", 2) != 0;
        if (has_value && set_option(c, argv[i], argv[i + 1], &is_ok)) {
            i++;
        } else if (strcmp(argv[i], "--verbose") == 0) {
            log_set_level(LOG_LEVEL_DEBUG);
        } else if (strcmp(argv[i], "--quiet") == 0) {
            log_set_level(LOG_LEVEL_WARNING);
        } else if (strcmp(argv[i], "--publish") == 0) {
            c->is_published = true;
        } else if (json_array_append_new(c->args, json_string(argv[i])) != 0) {
            fprintf(stderr, "argument %d is not UTF-8\n", i);
            is_ok = false;
        }
    }
    return is_ok;
}

// What is left beside `words` of the verb's own is a slip of the pen: said, not dropped.
static bool has_rest(const struct command *c, size_t words) {
    const char *first = json_string_value(json_array_get(c->args, words));
    if (first) {
        fprintf(stderr, "foyer-hub %s: %s: unknown, or its value is missing\n", c->verb,
                first);
    }
    return first != NULL;
}

static int serve(const struct command *c) {
    struct hub *h = NULL;
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGTERM);
    // Before any thread starts, so that only sigwait below gets them.
    pthread_sigmask(SIG_BLOCK, &ends, NULL);
    signal(SIGPIPE, SIG_IGN);
    struct hub_options o = {.dir = c->dir,
                            .listen = c->listen,
                            .log = c->log,
                            .upstream = c->upstream,
                            .is_published = c->is_published,
                            .backup = c->backup,
                            .time = {.offset_ms = c->offset_ms,
                                     .is_trusted = c->has_now || c->is_clock_trusted,
                                     .error_ms = c->clock_error_ms}};
    if (hub_start(&o, &h) != ERR_NONE) {
        return 1;
    }
    const char *colon = strrchr(c->listen, ':');
    printf("foyer-hub listens on http://%.*s:%u\n", (int)(colon - c->listen), c->listen,
           hub_port(h));
    fflush(stdout);
    int got = 0;
    sigwait(&ends, &got);
    log_info("hub: stopping");
    hub_stop(h);
    return 0;
}

static int init(const struct command *c) {
    struct init_options o = {.dir = c->dir,
                             .event_id = c->event_id,
                             .log = c->log,
                             .now = hub_moment(c->offset_ms)};
    return init_event(&o) == ERR_NONE ? 0 : 1;
}

static int join(const struct command *c) {
    const char *url = json_string_value(json_array_get(c->args, 0));
    const char *code = json_string_value(json_array_get(c->args, 1));
    struct moment now = hub_moment(c->offset_ms);
    if (!url || !code) {
        fprintf(stderr, "foyer-hub join: give the hub's URL and the code that"
                        " `foyer-hub enrol --role relay` printed there\n");
        return 2;
    }
    struct relay_enrolment e = {
        .dir = c->dir, .url = url, .code = code, .name = "", .now = &now};
    return relay_enrol(&e) == ERR_NONE ? 0 : 1;
}

// ---- verbs ----------------------------------------------------------------------------

static json_t *read_file(const char *path) {
    struct bytes data = {0};
    enum err e = file_read(path, 0, CONTROL_BYTES_MAX / 2, &data);
    if (e != ERR_NONE) {
        fprintf(stderr, "%s: %s\n", path, err_text(e));
        bytes_finish(&data);
        return NULL;
    }
    size_t room = sodium_base64_ENCODED_LEN(data.len, sodium_base64_VARIANT_ORIGINAL);
    char *text = mem_alloc(room, 1);
    sodium_bin2base64(text, room, data.data ? data.data : (const uint8_t *)"", data.len,
                      sodium_base64_VARIANT_ORIGINAL);
    const char *slash = strrchr(path, '/');
    json_t *item = json_object();
    json_object_set_new(item, "name", json_string(slash ? slash + 1 : path));
    json_object_set_new(item, "data", json_string(text));
    mem_free(text);
    bytes_finish(&data);
    return item;
}

// The files that import names, read here: the hub may live in another directory.
static json_t *read_files(const json_t *args) {
    json_t *list = json_array();
    for (size_t i = 0; i < json_array_size(args); i++) {
        const char *path = json_string_value(json_array_get(args, i));
        if (strncmp(path, "--", 2) == 0) {
            continue;
        }
        json_t *item = read_file(path);
        if (!item) {
            json_decref(list);
            return NULL;
        }
        json_array_append_new(list, item);
    }
    return list;
}

static int run_verb(const struct command *c) {
    struct control_request request = {.verb = c->verb, .args = c->args};
    struct bytes out = {0};
    bool is_ok = false;
    json_t *data = NULL;
    if (strcmp(c->verb, "import") == 0 && !(data = read_files(c->args))) {
        return 1;
    }
    request.data = data;
    verbs_make_absolute(verbs_find(c->verb), c->args);
    char *path = mem_format("%s/control", c->dir);
    enum err e = control_call(path, &request, &is_ok, &out);
    if (e == ERR_NOT_FOUND) {
        is_ok = verbs_run_alone(c->dir, c->offset_ms, &request, &out);
    } else if (e != ERR_NONE) {
        fprintf(stderr, "%s: %s\n", path, err_text(e));
    }
    fwrite(out.data, 1, out.len, is_ok ? stdout : stderr);
    mem_free(path);
    json_decref(data);
    bytes_finish(&out);
    return is_ok ? 0 : 1;
}

static int restore(const struct command *c) {
    const char *file = json_string_value(json_array_get(c->args, 0));
    struct bytes out = {0};
    if (json_array_size(c->args) != 1) {
        fprintf(stderr, "restore which file? foyer-hub restore FILE --dir NEW\n");
        return 2;
    }
    bool is_ok = backup_restore(file, c->dir, &out);
    fwrite(out.data, 1, out.len, is_ok ? stdout : stderr);
    bytes_finish(&out);
    return is_ok ? 0 : 1;
}

int main(int argc, char **argv) {
    struct command c = {.dir = "hub",
                        .listen = "127.0.0.1:8092",
                        .backup = {.every_ms = 600000, .keep = 12}};
    int result = 2;
    if (argc < 2 || strcmp(argv[1], "help") == 0 || strcmp(argv[1], "--help") == 0) {
        print_usage(argc < 2 ? stderr : stdout);
        return argc < 2 ? 2 : 0;
    }
    CHECK(sodium_init() >= 0);
    if (!parse_command(argc, argv, &c)) {
        result = 2;
    } else if (strcmp(c.verb, "init") == 0) {
        result = has_rest(&c, 0) ? 2 : init(&c);
    } else if (strcmp(c.verb, "serve") == 0) {
        result = has_rest(&c, 0) ? 2 : serve(&c);
    } else if (strcmp(c.verb, "join") == 0) {
        result = has_rest(&c, 2) ? 2 : join(&c);
    } else if (strcmp(c.verb, "restore") == 0) {
        result = restore(&c);
    } else if (verbs_find(c.verb)) {
        result = run_verb(&c);
    } else {
        fprintf(stderr, "foyer-hub: no verb %s; foyer-hub help lists them\n", c.verb);
    }
    json_decref(c.args);
    return result;
}
