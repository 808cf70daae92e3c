#include "app/options.h"

#include <errno.h>
#include <ini.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct option {
    const char *name;
    size_t at;
    bool is_flag;
    const char *fallback;
    const char *help;
};

#define TEXT(field) offsetof(struct options, field), false
#define FLAG(field) offsetof(struct options, field), true

static const struct option table[] = {
    {"dir", TEXT(dir), "/var/lib/foyer", "folder of the store and keys"},
    {"config", TEXT(config), "", "ini file with these same names [DIR/foyer.ini]"},
    {"hub", TEXT(hub), "", "URL of the hub[, of relays] [what enrolment stored]"},
    {"discover", TEXT(discover), "yes",
     "find others by SRV and DNS-SD when none answers"},
    {"domain", TEXT(domain), "", "domain of the SRV records [the system's]"},
    {"nameserver", TEXT(nameserver), "", "ADDRESS[:PORT] to ask for them [the system's]"},
    {"role", TEXT(role), "", "checkin, desk, door, room or agenda [what the hub says]"},
    {"room", TEXT(room), "", "room of this screen"},
    {"gate", TEXT(gate), "", "check-in list served here [meeting]"},
    {"place", TEXT(place), "", "where this screen hangs, in words"},
    {"name", TEXT(name), "", "name of this kiosk [what the hub says]"},
    {"scanner", TEXT(scanner), "none",
     "none, usb[,keep=VVVV:PPPP][,layout=de], keyboard, fifo:PATH"},
    {"printer", TEXT(printer), "none",
     "none, file:DIR[,delay=MS] or usb[:PORT or SERIAL][,language=NAME]"},
    {"badge", TEXT(badge), FOYER_ASSETS "/badges/badge-3x4.json", "badge template"},
    {"now", TEXT(now), "", "start the event clock at this instant"},
    {"size", TEXT(size), "", "window size, 1920x1080"},
    {"rotate", TEXT(rotate), "0", "how the screen is mounted: 0, 90, 180, 270"},
    {"fullscreen", FLAG(is_fullscreen), "", "use the whole display"},
    {"seal", TEXT(seal), "yes", "no: people's data lies in plain on the disk (tests)"},
    {"volume", TEXT(volume), "60", "sounds, percent; 0 = silent"},
    {"shot", TEXT(shot), "", "write the first full picture as PNG and end"},
    {"script", TEXT(script), "", "carry out the commands of this file"},
    {"allow-script", FLAG(allows_script), "", "take `foyer do` commands (demos, tests)"},
    {"green-log", TEXT(green_log), "", "tests: note each admission once it was shown"},
    {"code", TEXT(code), "", "with `foyer enrol`: the one-time code"},
    {"channels", TEXT(channels), "", "with `foyer stick save`: like programme,fleet"},
    {"kind", TEXT(kind), "", "with `foyer dump`: only facts of this kind"},
};
enum { COUNT = sizeof table / sizeof *table };

static const struct option *find(const char *name) {
    for (size_t i = 0; i < COUNT; i++) {
        if (strcmp(table[i].name, name) == 0) {
            return &table[i];
        }
    }
    return NULL;
}

static bool set_flag(const struct option *option, const char *value, bool *at) {
    static const char *const words[] = {"yes", "no",  "true", "false",
                                        "on",  "off", "1",    "0"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcmp(value, words[i]) == 0) {
            *at = i % 2 == 0;
            return true;
        }
    }
    fprintf(stderr, "foyer: %s: \"%s\" is not yes or no\n", option->name, value);
    return false;
}

static bool set(struct options *o, const struct option *option, const char *value) {
    char *at = (char *)o + option->at;
    if (option->is_flag) {
        return set_flag(option, value, (bool *)(void *)at);
    }
    size_t size =
        option->at == offsetof(struct options, role) ? sizeof o->role : OPTION_SIZE;
    if (strlen(value) >= size) {
        fprintf(stderr, "foyer: --%s: \"%s\" is too long (at most %zu characters)\n",
                option->name, value, size - 1);
        return false;
    }
    memcpy(at, value, strlen(value) + 1);
    return true;
}

static int on_ini(void *arg, const char *section, const char *name, const char *value) {
    (void)section;
    const struct option *option = find(name);
    if (!option) {
        fprintf(stderr, "foyer: unknown setting \"%s\" in the ini file\n", name);
        return 0;
    }
    return set(arg, option, value);
}

static enum err read_ini(struct options *o, const char *path, bool is_needed) {
    if (access(path, R_OK) != 0) {
        if (is_needed) {
            fprintf(stderr, "foyer: cannot read %s: %s\n", path, strerror(errno));
        }
        return is_needed ? ERR_IO : ERR_NONE;
    }
    int line = ini_parse(path, on_ini, o);
    if (line > 0) {
        fprintf(stderr, "foyer: %s line %d is not \"name = value\"\n", path, line);
    }
    return line == 0 ? ERR_NONE : ERR_INPUT;
}

// One pass over argv; with words NULL values are only looked at for --dir and --config.
static enum err read_argv(int argc, char **argv, struct options *o, int *words) {
    for (int i = 1; i < argc; i++) {
        const char *word = argv[i];
        if (strncmp(word, "--", 2) != 0) {
            argv[++*words] = argv[i];
            continue;
        }
        const struct option *option = find(word + 2);
        bool has_value = option && !option->is_flag;
        if (!option || (has_value && i + 1 == argc)) {
            fprintf(stderr, "foyer: %s %s; see foyer --help\n", word,
                    option ? "needs a value" : "is no option");
            return ERR_INPUT;
        }
        if (!set(o, option, has_value ? argv[++i] : "yes")) {
            return ERR_INPUT;
        }
    }
    return ERR_NONE;
}

// The ini file's place is itself an option: look for it before anything else.
static void find_places(int argc, char **argv, struct options *o) {
    for (int i = 1; i + 1 < argc; i++) {
        if (strcmp(argv[i], "--dir") == 0) {
            snprintf(o->dir, sizeof o->dir, "%s", argv[i + 1]);
        } else if (strcmp(argv[i], "--config") == 0) {
            snprintf(o->config, sizeof o->config, "%s", argv[i + 1]);
        }
    }
}

enum err options_parse(int argc, char **argv, struct options *out, int *out_words) {
    memset(out, 0, sizeof *out);
    for (size_t i = 0; i < COUNT; i++) {
        if (!table[i].is_flag) {
            set(out, &table[i], table[i].fallback);
        }
    }
    find_places(argc, argv, out);
    char ini[OPTION_SIZE + 16];
    bool is_named = out->config[0] != '\0';
    snprintf(ini, sizeof ini, is_named ? "%s" : "%s/foyer.ini",
             is_named ? out->config : out->dir);
    enum err e = read_ini(out, ini, is_named);
    *out_words = 0;
    return e == ERR_NONE ? read_argv(argc, argv, out, out_words) : e;
}

void options_print_help(void) {
    puts("foyer: a kiosk for registration and signage\n\n"
         "  foyer [options]                     run the kiosk\n"
         "  foyer enrol --hub URL --code CODE   join an event\n"
         "  foyer do COMMAND...                 act in a running kiosk (--allow-script)\n"
         "  foyer status | verify | dump        look at the store, running or not\n"
         "  foyer stick save DIR | load DIR     facts to a USB stick and from one\n"
         "  foyer discover                      which hubs and relays are in reach\n"
         "  foyer unlock-code NAME [BADGE] PIN  let a desk lead unlock it offline\n"
         "  foyer qr TEXT [--shot FILE.png]     show a QR code\n\noptions:");
    for (size_t i = 0; i < COUNT; i++) {
        printf("  --%-13s %s%s%s%s\n", table[i].name, table[i].help,
               table[i].fallback[0] ? " [" : "", table[i].fallback,
               table[i].fallback[0] ? "]" : "");
    }
}
