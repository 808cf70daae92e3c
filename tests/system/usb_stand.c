// A machine with emulated USB devices, driven by lines on standard input, and the unmodified
// program under test as its child. For system tests (tests/system/usb_kit.py).
//
// usage: usb_stand LOG PROGRAM [ARGUMENTS...]      the child's output goes to LOG
// Each line gets one line back: "ok", "ok ANSWER" or "no REASON". Commands:
//   plug PORT KIND [serial=S] [id=VVVV:PPPP] [owner=NAME] [do=WORDS...]
//                         KIND: see usb_scanners.h, usb_printers.h; owner: claiming is refused,
//                         NAME has it; do: a command of that kind before anybody sees it
//   own PORT [NAME]       from now on; without NAME: nobody has it
//   unplug PORT
//   do PORT WORDS...      a command of that kind of device ("do 1-1 scan ABC")
//   fault PORT EP stall|error|overflow|crc     queued among the packets of an IN endpoint
//   halt PORT EP          stalls until cleared     (EP in hexadecimal: 82)
//   hold PORT EP          NAKs whatever is sent or queued, until: free PORT EP
//   raw PORT EP HEX       queues a packet as it is
//   look PORT             open=N claimed=BITS released=BITS pending=N submitted=N cleared=N
//   open                  files open on all devices, gone ones included
//   start                 starts the program (again)
//   kill NUMBER           sends it a signal
//   wait                  until it has ended: "ok STATUS", or "ok -SIGNAL"
//   pid
// The end of standard input ends the child (SIGTERM), then the stand.
#include "tests/support/usb_mock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sync/base/clock.h"
#include "tests/support/usb_printers.h"
#include "tests/support/usb_scanners.h"

enum { LINE_MAX_BYTES = 32768, TICK_MS = 10 };

struct stand {
    struct usb_mock *mock;
    const char *log;
    char **program;
    pid_t child; // 0: none
    char reply[1024];
};

static bool refuse(struct stand *s, const char *why) {
    snprintf(s->reply, sizeof s->reply, "%s", why);
    return false;
}

static void set_owner(struct usb_model *m, const char *name) {
    snprintf(m->owner, sizeof m->owner, "%s", name);
}

static bool on_plug(struct stand *s, char *rest) {
    char *first = strstr(rest, " do=");
    if (first) {
        *first = '\0';
        first += strlen(" do=");
    }
    char *port = strtok(rest, " "), *kind = strtok(NULL, " "), *word;
    const char *serial = "", *owner = "";
    unsigned vendor = 0, product = 0;
    if (!port || !kind) {
        return refuse(s, "plug PORT KIND");
    }
    while ((word = strtok(NULL, " ")) != NULL) {
        if (strncmp(word, "serial=", 7) == 0) {
            serial = word + 7;
        } else if (strncmp(word, "owner=", 6) == 0) {
            owner = word + 6;
        } else if (sscanf(word, "id=%4x:%4x", &vendor, &product) != 2) { // NOLINT
            return refuse(s, "serial=S, id=VVVV:PPPP, owner=NAME or do=WORDS");
        }
    }
    struct usb_model *m =
        usb_scanner_create(kind, serial, (uint16_t)vendor, (uint16_t)product);
    if (!m) {
        m = usb_printer_create(kind, serial, (uint16_t)vendor, (uint16_t)product);
    }
    if (!m) {
        return refuse(s, "no such kind of device");
    }
    set_owner(m, owner);
    if (first && !m->command(m, first, s->reply, sizeof s->reply)) {
        usb_model_destroy(m);
        return false;
    }
    return usb_mock_plug(s->mock, port, m) || refuse(s, "the port is taken or is none");
}

static bool on_own(struct stand *s, char *rest) {
    char *name = strchr(rest, ' ');
    if (name) {
        *name++ = '\0';
    }
    usb_mock_lock(s->mock);
    struct usb_model *m = usb_mock_get(s->mock, rest);
    if (m) {
        set_owner(m, name ? name : "");
    }
    usb_mock_unlock(s->mock);
    return m || refuse(s, "nothing is plugged there");
}

static bool on_unplug(struct stand *s, char *rest) {
    return usb_mock_unplug(s->mock, rest) || refuse(s, "nothing is plugged there");
}

static bool on_do(struct stand *s, char *rest) {
    char *words = strchr(rest, ' ');
    if (!words) {
        return refuse(s, "do PORT WORDS...");
    }
    *words++ = '\0';
    usb_mock_lock(s->mock);
    struct usb_model *m = usb_mock_get(s->mock, rest);
    bool is_done = m && m->command ? m->command(m, words, s->reply, sizeof s->reply)
                                   : refuse(s, "nothing there that takes commands");
    usb_mock_unlock(s->mock);
    return is_done;
}

// "1-1 82[ REST]" -> the model (locked: unlock after), endpoint, rest; NULL: not locked.
static struct usb_model *take_endpoint(struct stand *s, char *words, uint8_t *ep,
                                       char **rest) {
    char *at = strchr(words, ' '), *end = at;
    if (!at) {
        return NULL;
    }
    *at = '\0';
    *ep = (uint8_t)strtoul(at + 1, &end, 16);
    *rest = end + (*end == ' ');
    usb_mock_lock(s->mock);
    struct usb_model *m = usb_mock_get(s->mock, words);
    if (!m) {
        usb_mock_unlock(s->mock);
    }
    return m;
}

static bool on_fault(struct stand *s, char *words) {
    static const struct {
        const char *name;
        int error;
    } faults[] = {
        {"stall", EPIPE}, {"error", EPROTO}, {"overflow", EOVERFLOW}, {"crc", EILSEQ}};
    uint8_t ep;
    char *name;
    struct usb_model *m = take_endpoint(s, words, &ep, &name);
    bool is_known = false;
    for (size_t i = 0; m && i < sizeof faults / sizeof *faults; i++) {
        if (strcmp(faults[i].name, name) == 0) {
            usb_model_queue_fault(m, ep, faults[i].error);
            is_known = true;
        }
    }
    if (m) {
        usb_mock_unlock(s->mock);
    }
    return is_known || refuse(s, "fault PORT EP stall|error|overflow|crc");
}

static bool on_halt(struct stand *s, char *words) {
    uint8_t ep;
    char *rest;
    struct usb_model *m = take_endpoint(s, words, &ep, &rest);
    if (m) {
        usb_model_halt(m, ep);
        usb_mock_unlock(s->mock);
    }
    return m || refuse(s, "halt PORT EP");
}

static bool set_held(struct stand *s, char *words, bool is_held) {
    uint8_t ep;
    char *rest;
    struct usb_model *m = take_endpoint(s, words, &ep, &rest);
    if (m) {
        usb_model_hold(m, ep, is_held);
        usb_mock_unlock(s->mock);
    }
    return m || refuse(s, "hold PORT EP");
}

static bool on_hold(struct stand *s, char *words) {
    return set_held(s, words, true);
}

static bool on_free(struct stand *s, char *words) {
    return set_held(s, words, false);
}

static bool on_raw(struct stand *s, char *words) {
    uint8_t ep, bytes[4096];
    char *hex;
    size_t len = 0;
    struct usb_model *m = take_endpoint(s, words, &ep, &hex);
    if (!m) {
        return refuse(s, "raw PORT EP HEX");
    }
    for (char pair[3] = ""; hex[0] && hex[1] && len < sizeof bytes; hex += 2) {
        memcpy(pair, hex, 2);
        bytes[len++] = (uint8_t)strtoul(pair, NULL, 16);
    }
    usb_model_queue(m, ep, bytes, len);
    usb_mock_unlock(s->mock);
    return true;
}

static bool on_look(struct stand *s, char *port) {
    struct usb_mock_look look;
    if (!usb_mock_look(s->mock, port, &look)) {
        return refuse(s, "nothing is plugged there");
    }
    usb_mock_lock(s->mock);
    const struct usb_model *m = usb_mock_get(s->mock, port);
    int cleared = m ? m->stalls_cleared : 0;
    usb_mock_unlock(s->mock);
    snprintf(s->reply, sizeof s->reply,
             "open=%d claimed=%u released=%u pending=%d submitted=%u cleared=%d",
             look.open_count, look.claimed, look.was_released, look.pending_count,
             look.submitted, cleared);
    return true;
}

static bool on_open(struct stand *s, char *rest) {
    (void)rest;
    snprintf(s->reply, sizeof s->reply, "%d", usb_mock_open_count(s->mock));
    return true;
}

static void become_program(const struct stand *s) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    int log = open(s->log, O_WRONLY | O_CREAT | O_APPEND, 0644);
    int null = open("/dev/null", O_RDONLY);
    dup2(null, 0);
    dup2(log, 1);
    dup2(log, 2);
    execv(s->program[0], s->program);
    perror(s->program[0]);
    _exit(127);
}

static bool on_start(struct stand *s, char *rest) {
    (void)rest;
    if (s->child) {
        return refuse(s, "it runs already");
    }
    s->child = fork();
    if (s->child == 0) {
        become_program(s);
    }
    return s->child > 0 || refuse(s, "no process could be made");
}

static bool on_kill(struct stand *s, char *rest) {
    return (s->child && kill(s->child, (int)strtol(rest, NULL, 10)) == 0) ||
           refuse(s, "it does not run");
}

static bool on_wait(struct stand *s, char *rest) {
    (void)rest;
    int status = 0;
    if (!s->child || waitpid(s->child, &status, 0) != s->child) {
        return refuse(s, "it does not run");
    }
    s->child = 0;
    snprintf(s->reply, sizeof s->reply, "%d",
             WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status));
    return true;
}

static bool on_pid(struct stand *s, char *rest) {
    (void)rest;
    snprintf(s->reply, sizeof s->reply, "%d", (int)s->child);
    return true;
}

static const struct {
    const char *verb;
    bool (*run)(struct stand *s, char *rest);
} verbs[] = {{"plug", on_plug}, {"own", on_own},     {"unplug", on_unplug},
             {"do", on_do},     {"fault", on_fault}, {"halt", on_halt},
             {"hold", on_hold}, {"free", on_free},   {"raw", on_raw},
             {"look", on_look}, {"open", on_open},   {"start", on_start},
             {"kill", on_kill}, {"wait", on_wait},   {"pid", on_pid}};

static void take_line(struct stand *s, char *line) {
    char *rest = line + strcspn(line, " ");
    if (*rest) {
        *rest++ = '\0';
    }
    s->reply[0] = '\0';
    bool is_known = false, is_done = false;
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs && !is_known; i++) {
        is_known = strcmp(verbs[i].verb, line) == 0;
        is_done = is_known && verbs[i].run(s, rest);
    }
    if (!is_known) {
        refuse(s, "no such command");
    }
    printf("%s%s%s\n", is_done ? "ok" : "no", s->reply[0] ? " " : "", s->reply);
    (void)fflush(stdout);
}

// False at the end of standard input.
static bool read_lines(struct stand *s, char *buffer, size_t *len) {
    ssize_t got = read(0, buffer + *len, LINE_MAX_BYTES - *len);
    if (got <= 0) {
        return got < 0 && errno == EINTR;
    }
    *len += (size_t)got;
    char *end;
    while ((end = memchr(buffer, '\n', *len)) != NULL) {
        size_t taken = (size_t)(end - buffer) + 1;
        *end = '\0';
        take_line(s, buffer);
        *len -= taken;
        memmove(buffer, buffer + taken, *len);
    }
    return *len < LINE_MAX_BYTES;
}

int main(int argc, char **argv) {
    if (argc < 3) {
        fprintf(stderr, "usage: usb_stand LOG PROGRAM [ARGUMENTS...]\n");
        return 2;
    }
    usb_mock_preload(argv);
    struct stand s = {.mock = usb_mock_create(), .log = argv[1], .program = argv + 2};
    static char buffer[LINE_MAX_BYTES];
    size_t len = 0;
    struct pollfd in = {.fd = 0, .events = POLLIN};
    bool goes_on = true;
    while (goes_on) {
        int ready = poll(&in, 1, TICK_MS);
        goes_on = ready <= 0 || read_lines(&s, buffer, &len);
        usb_mock_tick(s.mock, (int64_t)clock_mono_ms());
    }
    if (s.child) {
        kill(s.child, SIGTERM);
        (void)on_wait(&s, NULL);
    }
    usb_mock_destroy(s.mock);
    return 0;
}
