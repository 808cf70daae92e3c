// Which screen shows, its view, its picture.
#include "app/kiosk.h"

#include "app/flows/flow_words.h"
#include "app/screens/words.h"
#include "sync/base/clock.h"
#include "sync/base/log.h"
#include "sync/base/utf8.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const struct checkin *kiosk_checkin(const struct kiosk *k) {
    if (k->role == ROLE_DESK) {
        return &k->desk.checkin;
    }
    return k->role == ROLE_CHECKIN || k->role == ROLE_DOOR ? &k->checkin : NULL;
}

// Nothing to show yet: say what is missing and what to do.
static bool needs_message(const struct kiosk *k) {
    const struct checkin *f = kiosk_checkin(k);
    bool has_verdict =
        f && f->screen == CHECKIN_VERDICT; // a signed ticket needs no programme
    return k->self.is_revoked || k->role == ROLE_NONE ||
           (!k->programme->event.name[0] && !has_verdict);
}

const char *kiosk_screen_name(const struct kiosk *k) {
    static const char *const checkin_names[] = {"attract", "find", "confirm", "verdict"};
    if (k->lock.is_locked) {
        return "locked";
    }
    if (needs_message(k)) {
        return "message";
    }
    switch (k->role) {
    case ROLE_ROOM:
        return "room";
    case ROLE_AGENDA:
        return "agenda";
    case ROLE_DESK:
        return desk_shows_verdict(&k->desk) ? "verdict" : "desk";
    case ROLE_CHECKIN:
    case ROLE_DOOR:
        return checkin_names[k->checkin.screen];
    case ROLE_NONE:
        break;
    }
    return "message";
}

static void fill_message(const struct kiosk *k, struct message_view *v) {
    memset(v, 0, sizeof *v);
    v->progress = -1;
    v->is_dark = k->role == ROLE_ROOM || k->role == ROLE_AGENDA;
    utf8_copy(k->env.name, v->footer, sizeof v->footer);
    if (flow_is_time_known(&k->env)) {
        flow_clock_alone(&k->env, k->env.now.wall_ms, v->clock, sizeof v->clock);
    }
    v->kind = k->is_enrolled ? MESSAGE_WAITING : MESSAGE_ENROL;
    if (k->self.is_revoked) {
        v->kind = MESSAGE_REVOKED;
    }
    if (!k->is_enrolled) {
        utf8_copy(tr("At the hub: foyer-hub enrol --name NAME --role ROLE"), v->lines[0],
                  sizeof v->lines[0]);
        utf8_copy(tr("Here: foyer enrol --hub URL --code CODE"), v->lines[1],
                  sizeof v->lines[1]);
        v->line_count = 2;
    }
}

// The preview, if it is the badge of whom the screen is about.
static const struct image *preview(const struct kiosk *k, const struct checkin *c) {
    const struct badge_job *b = k->badge;
    bool is_theirs = b && b->preview.pixels &&
                     strcmp(b->who.person.id, c->result.state.person.id) == 0;
    return is_theirs ? &b->preview : NULL;
}

static void draw_checkin(struct kiosk *k, struct canvas *c, const struct checkin *f) {
    switch (f->screen) {
    case CHECKIN_ATTRACT:
        checkin_fill_attract(f, &k->env, &k->view.attract);
        attract_draw(c, &k->view.attract, &k->targets);
        break;
    case CHECKIN_FIND:
        checkin_fill_find(f, &k->env, &k->view.find);
        find_draw(c, &k->view.find, &k->targets);
        break;
    case CHECKIN_CONFIRM:
        checkin_fill_confirm(f, &k->view.confirm);
        k->view.confirm.badge = preview(k, f);
        confirm_draw(c, &k->view.confirm, &k->targets);
        break;
    case CHECKIN_VERDICT:
        k->view.verdict.badge = preview(k, f);
        checkin_fill_verdict(f, &k->env, &k->view.verdict);
        verdict_draw(c, &k->view.verdict, &k->targets);
        break;
    }
}

static void draw_screen(struct kiosk *k, struct canvas *c) {
    memset(&k->view, 0, sizeof k->view); // nobody stays in a view that is not drawn
    if (k->lock.is_locked) {
        lock_fill(k, &k->view.unlock);
        unlock_draw(c, &k->view.unlock, &k->targets);
        return;
    }
    if (needs_message(k)) {
        fill_message(k, &k->view.message);
        message_draw(c, &k->view.message, &k->targets);
        return;
    }
    switch (k->role) {
    case ROLE_ROOM:
        signage_fill_room(&k->signage, &k->env, &k->view.room);
        room_draw(c, &k->view.room, &k->targets);
        break;
    case ROLE_AGENDA:
        signage_fill_agenda(&k->signage, &k->env, &k->view.agenda);
        k->has_pages = agenda_count_pages(c, &k->view.agenda) > 1;
        agenda_draw(c, &k->view.agenda, &k->targets);
        break;
    case ROLE_DESK:
        if (desk_shows_verdict(&k->desk)) {
            draw_checkin(k, c, &k->desk.checkin);
        } else {
            desk_fill(&k->desk, &k->env, &k->view.desk);
            desk_draw(c, &k->view.desk, &k->targets);
        }
        break;
    case ROLE_CHECKIN:
    case ROLE_DOOR:
        draw_checkin(k, c, &k->checkin);
        break;
    case ROLE_NONE:
        break;
    }
}

// For the test that kills the kiosk: this admission was on the screen.
static void note_green(struct kiosk *k) {
    const struct checkin *f = kiosk_checkin(k);
    if (!k->green.n || !f || f->screen != CHECKIN_VERDICT) {
        return;
    }
    char line[REF_TEXT_SIZE + 1];
    ref_format(k->green, line);
    strncat(line, "\n", 2);
    k->green.n = 0;
    if (!k->options.green_log[0]) {
        return;
    }
    int fd = open(k->options.green_log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    bool ok = fd >= 0 && write(fd, line, strlen(line)) == (ssize_t)strlen(line) &&
              fsync(fd) == 0;
    if (fd >= 0) {
        close(fd);
    }
    if (!ok) {
        log_error("kiosk: cannot write %s", k->options.green_log);
    }
}

void kiosk_draw(struct kiosk *k) {
    struct canvas *c = window_get_canvas(k->window);
    bytes_clear(&k->said);
    c->said = k->options.allows_script || k->options.script[0] ? &k->said : NULL;
    k->is_dirty = false;
    draw_screen(k, c);
    c->said = NULL;
    if (window_present(k->window) == ERR_NONE) {
        note_green(k);
    }
    if (k->frames++ == 0 && getenv("FOYER_TIMES")) {
        fprintf(stderr, "first-frame-ms %" PRIu64 "\n", clock_mono_ms() - k->started_ms);
    }
}
