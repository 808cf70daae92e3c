#include "app/script.h"

#include "app/kiosk.h"
#include "sync/base/json.h"
#include "sync/base/log.h"
#include "sync/base/mem.h"
#include "sync/base/number.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct words {
    char text[8192];
    char *at[SCRIPT_WORDS_MAX];
    size_t count;
};

static bool is_quote(char c) {
    return c == '\'' || c == '"';
}

// Blank-separated; '…' and "…" keep blanks, and each other, together.
static bool split(const char *line, struct words *w) {
    w->count = 0;
    w->at[0] = w->text;
    w->text[0] = '\0';
    if (strlen(line) >= sizeof w->text) {
        return false;
    }
    memcpy(w->text, line, strlen(line) + 1);
    char *p = w->text;
    while (w->count < SCRIPT_WORDS_MAX) {
        p += strspn(p, " \t");
        if (!*p) {
            break;
        }
        char *end = is_quote(*p) ? strchr(p + 1, *p) : p + strcspn(p, " \t");
        if (!end) {
            return false;
        }
        w->at[w->count++] = is_quote(*p) ? p + 1 : p;
        p = *end ? end + 1 : end;
        *end = '\0';
    }
    return w->count > 0;
}

// What a line of this verb says after it, as it is; NULL: another verb, or nothing follows.
static const char *rest_of(const char *line, const char *verb) {
    line += strspn(line, " \t");
    size_t len = strlen(verb);
    bool is_it = strncmp(line, verb, len) == 0 && (line[len] == ' ' || line[len] == '\t');
    return is_it && line[len + 1] ? line + len + 1 : NULL;
}

void command_init(struct command *c, char **lines, size_t count) {
    *c = (struct command){.lines = lines, .count = count, .ok = true};
    pthread_mutex_init(&c->mutex, NULL);
    pthread_cond_init(&c->done, NULL);
}

void command_finish(struct command *c) {
    bytes_finish(&c->out);
    pthread_cond_destroy(&c->done);
    pthread_mutex_destroy(&c->mutex);
}

void command_wait(struct command *c) {
    pthread_mutex_lock(&c->mutex);
    while (!c->is_done) {
        pthread_cond_wait(&c->done, &c->mutex);
    }
    pthread_mutex_unlock(&c->mutex);
}

static void end_command(struct command *c) {
    pthread_mutex_lock(&c->mutex);
    c->is_done = true;
    pthread_cond_signal(&c->done);
    pthread_mutex_unlock(&c->mutex);
}

static void fail(struct command *c, const char *line, const char *why) {
    c->ok = false;
    c->next = c->count;
    bytes_add_text(&c->out, line);
    bytes_add_text(&c->out, ": ");
    bytes_add_text(&c->out, why);
    bytes_add_text(&c->out, "\n");
}

// ---- waiting -----------------------------------------------------------------------------

static bool has_said(const struct kiosk *k, const char *text) {
    struct bytes all = {0};
    bytes_add(&all, k->said.data, k->said.len);
    bytes_add_u8(&all, 0);
    bool has = strstr((const char *)all.data, text) != NULL;
    bytes_finish(&all);
    return has;
}

static bool is_session_in(const struct kiosk *k, const char *acronym, const char *room) {
    for (size_t i = 0; i < k->programme->session_count; i++) {
        const struct session *s = &k->programme->sessions[i];
        if (strcmp(s->acronym, acronym) == 0 && strcmp(s->room, room) == 0) {
            return true;
        }
    }
    return false;
}

static size_t open_incidents(const struct kiosk *k) {
    size_t open = 0;
    for (size_t i = 0; i < k->desk_facts.incident_count; i++) {
        open += !k->desk_facts.incidents[i].is_resolved;
    }
    return open;
}

// What may be waited for. value is "" when the word takes none.
struct condition {
    const char *word;
    bool has_value;
    bool (*holds)(const struct kiosk *k, const char *value);
};

static bool holds_screen(const struct kiosk *k, const char *v) {
    return strcmp(kiosk_screen_name(k), v) == 0;
}

static bool holds_verdict(const struct kiosk *k, const char *v) {
    const struct checkin *c = kiosk_checkin(k);
    return c && c->screen == CHECKIN_VERDICT && !c->is_busy &&
           strcmp(verdict_name(c->result.verdict), v) == 0;
}

static bool holds_people(const struct kiosk *k, const char *v) {
    return k->desk_facts.counts.people >= number_parse(v, 0);
}

static bool holds_in(const struct kiosk *k, const char *v) {
    return k->desk_facts.counts.admitted >= number_parse(v, 0);
}

static bool holds_incident(const struct kiosk *k, const char *v) {
    return open_incidents(k) >= (size_t)number_parse(v, 0);
}

static bool holds_printer(const struct kiosk *k, const char *v) {
    return strcmp(printer_state_name(k->env.printer), v) == 0;
}

static bool holds_printed(const struct kiosk *k, const char *v) {
    const struct checkin *c = kiosk_checkin(k);
    (void)v;
    return c && c->print == PRINT_STATE_PRINTED;
}

static bool holds_online(const struct kiosk *k, const char *v) {
    (void)v;
    return k->env.link.is_online;
}

static bool holds_offline(const struct kiosk *k, const char *v) {
    (void)v;
    return !k->env.link.is_online;
}

static bool holds_sent(const struct kiosk *k, const char *v) {
    (void)v;
    return k->env.link.is_online && k->env.link.unsent == 0 && k->env.link.on_lan == 0 &&
           !k->is_refreshing && !k->needs_refresh;
}

static bool holds_on_lan(const struct kiosk *k, const char *v) {
    (void)v;
    return k->env.link.is_relay && k->env.link.unsent == 0 && k->env.link.on_lan > 0;
}

static const struct condition conditions[] = {
    {"screen", true, holds_screen},   {"verdict", true, holds_verdict},
    {"text", true, has_said},         {"people", true, holds_people},
    {"in", true, holds_in},           {"incident", true, holds_incident},
    {"printer", true, holds_printer}, {"printed", false, holds_printed},
    {"online", false, holds_online},  {"offline", false, holds_offline},
    {"sent", false, holds_sent},      {"on-lan", false, holds_on_lan},
};

// Does the wait hold now? out_ms: its limit. false with *out_known false: no such wait.
static bool check_wait(const struct kiosk *k, const struct words *w, bool *out_known,
                       int64_t *out_ms) {
    size_t used = 2;
    bool holds = false;
    *out_known = false;
    for (size_t i = 0; w->count > 1 && i < sizeof conditions / sizeof *conditions; i++) {
        const struct condition *c = &conditions[i];
        if (strcmp(c->word, w->at[1]) == 0 && (!c->has_value || w->count > 2)) {
            *out_known = true;
            holds = c->holds(k, c->has_value ? w->at[2] : "");
            used += c->has_value;
        }
    }
    if (w->count > 4 && strcmp(w->at[1], "session") == 0) {
        *out_known = true;
        used = 5;
        holds = is_session_in(k, w->at[2], w->at[4]) && !k->is_dirty;
    }
    *out_ms =
        w->count > used ? number_parse(w->at[used], SCRIPT_WAIT_MS) : SCRIPT_WAIT_MS;
    return holds;
}

// ---- acting ------------------------------------------------------------------------------

// The row of the list on the screen whose name this is; -1 if none.
static int find_row(const struct kiosk *k, const char *name) {
    const struct flow_found *f =
        k->role == ROLE_DESK ? &k->desk.found : &k->checkin.found;
    for (size_t i = 0; i < f->count; i++) {
        if (strcmp(f->rows[i].person.name, name) == 0) {
            return (int)i;
        }
    }
    return -1;
}

static bool tap(struct kiosk *k, const struct words *w) {
    enum action action = action_of(w->at[1]);
    int index = w->count > 2 ? (int)number_parse(w->at[2], -1) : -1;
    if (action == ACTION_NONE) {
        action = ACTION_ROW;
        index = find_row(k, w->at[1]);
        if (index < 0) {
            return false;
        }
    }
    for (int i = 0; i < k->targets.count; i++) {
        const struct target *t = &k->targets.list[i];
        if (t->action == action && (index < 0 || t->index == index)) {
            kiosk_act(k, action, t->index);
            return true;
        }
    }
    return false;
}

static void scan(struct kiosk *k, const char *code) {
    struct scan s = {.mono_ms = (uint64_t)k->env.mono_ms, .source = "script"};
    s.len = strlen(code) < sizeof s.bytes ? strlen(code) : sizeof s.bytes;
    memcpy(s.bytes, code, s.len);
    kiosk_scan(k, &s);
}

static void send_text(struct kiosk *k, const char *text) {
    while (*text) { // as typed: one character each
        struct input in = {.kind = INPUT_TEXT};
        size_t len = 1;
        while (((unsigned char)text[len] & 0xc0) == 0x80) {
            len++;
        }
        memcpy(in.text, text, len);
        text += len;
        kiosk_take_input(k, &in);
    }
}

static json_t *scanners(const struct kiosk *k) {
    struct scanner_health all[SCANNERS_MAX];
    size_t count = scanner_look(k->scanner, all, SCANNERS_MAX);
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++) {
        json_t *o = json_object();
        json_object_set_new(o, "port", json_string(all[i].port));
        json_object_set_new(o, "here", json_boolean(all[i].is_here));
        json_object_set_new(o, "keyboard", json_boolean(all[i].is_keyboard));
        json_object_set_new(o, "changed", json_boolean(all[i].has_changed));
        json_object_set_new(o, "scans", json_integer((json_int_t)all[i].scans));
        json_object_set_new(o, "lost", json_integer((json_int_t)all[i].lost));
        json_object_set_new(o, "repeats", json_integer((json_int_t)all[i].repeats));
        json_object_set_new(o, "errors", json_integer((json_int_t)all[i].errors));
        json_object_set_new(o, "comings", json_integer((json_int_t)all[i].comings));
        json_array_append_new(list, o);
    }
    return list;
}

static void say_state(struct kiosk *k, struct command *c) {
    const struct checkin *f = kiosk_checkin(k);
    json_t *o = json_object();
    json_object_set_new(o, "screen", json_string(kiosk_screen_name(k)));
    json_object_set_new(o, "role", json_string(role_name(k->role)));
    json_object_set_new(o, "verdict",
                        json_string(f && f->screen == CHECKIN_VERDICT
                                        ? verdict_name(f->result.verdict)
                                        : ""));
    json_object_set_new(o, "person", json_string(f ? f->result.state.person.id : ""));
    static const char *const prints[] = {"none", "waiting", "printing", "printed",
                                         "trouble"};
    json_object_set_new(o, "print", json_string(prints[f ? f->print : PRINT_STATE_NONE]));
    json_object_set_new(o, "printer", json_string(printer_state_name(k->env.printer)));
    json_object_set_new(o, "in", json_integer(k->desk_facts.counts.admitted));
    json_object_set_new(o, "people", json_integer(k->desk_facts.counts.people));
    json_object_set_new(o, "unsent", json_integer(k->env.link.unsent));
    json_object_set_new(o, "on_lan", json_integer(k->env.link.on_lan));
    json_object_set_new(o, "relay", json_boolean(k->env.link.is_relay));
    json_object_set_new(o, "incidents", json_integer((json_int_t)open_incidents(k)));
    json_object_set_new(o, "online", json_boolean(k->env.link.is_online));
    json_object_set_new(o, "scanners", scanners(k));
    json_object_set_new(o, "frames", json_integer(k->frames));
    char *text = json_format(o);
    json_decref(o);
    bytes_add_text(&c->out, text);
    bytes_add_text(&c->out, "\n");
    mem_free(text);
}

static bool set_link(struct kiosk *k, const char *how) {
    if (k->agent) {
        agent_set_link(k->agent, strcmp(how, "up") == 0);
    }
    return k->agent != NULL;
}

// Carries out one line; NULL when done, else why not.
static const char *act(struct kiosk *k, struct command *c, const struct words *w,
                       const char *line) {
    const char *verb = w->at[0];
    bool has_word = w->count > 1;
    if (strcmp(verb, "state") == 0) {
        say_state(k, c);
    } else if (strcmp(verb, "quit") == 0) {
        k->is_quitting = true;
    } else if (rest_of(line, "scan")) { // codes may hold blanks and quotes
        scan(k, rest_of(line, "scan"));
    } else if (rest_of(line, "type")) {
        send_text(k, rest_of(line, "type"));
    } else if (!has_word) {
        return "what?";
    } else if (strcmp(verb, "key") == 0) {
        struct input in = {.kind = INPUT_KEY, .key = input_key_of(w->at[1])};
        kiosk_take_input(k, &in);
    } else if (strcmp(verb, "tap") == 0) {
        return tap(k, w) ? NULL : "not on the screen";
    } else if (strcmp(verb, "link") == 0) {
        return set_link(k, w->at[1]) ? NULL : "this kiosk has no hub";
    } else if (strcmp(verb, "shot") == 0) {
        return window_shot(k->window, w->at[1]) == ERR_NONE ? NULL : "cannot be written";
    } else {
        return "no such command";
    }
    return NULL;
}

// false: it waits for something.
static bool step_line(struct kiosk *k, struct command *c) {
    struct words w;
    const char *line = c->lines[c->next];
    if (line[0] == '#' || line[strspn(line, " \t")] == '\0') {
        c->next++;
        return true;
    }
    if (!split(line, &w) && !rest_of(line, "scan") && !rest_of(line, "type")) {
        fail(c, line, "not understood");
        return true;
    }
    if (strcmp(w.at[0], "wait") != 0) {
        c->next++;
        const char *why = act(k, c, &w, line);
        if (why) {
            fail(c, line, why);
        }
        return why == NULL && !k->is_dirty; // look at what it did before the next one
    }
    bool is_known;
    int64_t limit_ms;
    if (check_wait(k, &w, &is_known, &limit_ms)) {
        c->next++;
        c->until_ms = 0;
    } else if (!is_known) {
        fail(c, line, "no such wait");
    } else if (!c->until_ms) {
        c->until_ms = k->env.mono_ms + limit_ms;
        return false;
    } else if (k->env.mono_ms >= c->until_ms) {
        char now[128];
        snprintf(now, sizeof now, "did not happen in time; the screen is %s",
                 kiosk_screen_name(k));
        fail(c, line, now);
    } else {
        return false;
    }
    return true;
}

void script_take(struct script *s, struct command *c) {
    if (s->count == SCRIPT_QUEUE_MAX) {
        fail(c, "do", "too many scripts wait already");
        end_command(c);
        return;
    }
    s->queue[s->count++] = c;
}

enum err script_load(struct script *s, const char *path) {
    FILE *f = fopen(path, "re");
    if (!f) {
        return ERR_IO;
    }
    s->file_text = mem_alloc(65536, 1);
    size_t len = fread(s->file_text, 1, 65535, f);
    bool is_whole = feof(f) || fgetc(f) == EOF;
    fclose(f);
    s->file_text[len] = '\0';
    size_t count = 0;
    for (char *save, *line = strtok_r(s->file_text, "\n", &save); line;
         line = strtok_r(NULL, "\n", &save)) {
        if (count == SCRIPT_LINES_MAX) {
            return ERR_LIMIT;
        }
        s->file_lines[count++] = line;
    }
    command_init(&s->file, s->file_lines, count);
    script_take(s, &s->file);
    return is_whole ? ERR_NONE : ERR_LIMIT;
}

void script_step(struct kiosk *k) {
    struct script *s = &k->script;
    while (s->count && !k->is_dirty) {
        struct command *c = s->queue[0];
        if (c->next < c->count && !step_line(k, c)) {
            return;
        }
        if (c->next < c->count) {
            continue;
        }
        if (c == &s->file && !c->ok) {
            log_error("script: %.*s", (int)c->out.len, (const char *)c->out.data);
        }
        s->count--;
        for (size_t i = 0; i < s->count; i++) {
            s->queue[i] = s->queue[i + 1];
        }
        end_command(c);
    }
}

int64_t script_deadline_ms(const struct script *s) {
    if (!s->count) {
        return INT64_MAX;
    }
    // Nothing awaited: go on with the next line after this frame.
    return s->queue[0]->until_ms ? s->queue[0]->until_ms : 0;
}

void script_finish(struct script *s) {
    while (s->count) {
        struct command *c = s->queue[--s->count];
        if (c->next < c->count) {
            fail(c, "do", "the kiosk ended");
        }
        end_command(c);
    }
    if (s->file_text) {
        command_finish(&s->file);
        mem_free(s->file_text);
        s->file_text = NULL;
    }
}
