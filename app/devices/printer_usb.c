#include "app/devices/printer_usb.h"

#include <ctype.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libusb.h>

#include "app/devices/printer_jobs.h"
#include "app/devices/printer_spec.h"
#include "app/devices/printer_talk.h"
#include "app/devices/printer_teller.h"
#include "sync/base/clock.h"
#include "sync/base/log.h"
#include "sync/base/mem.h"

enum {
    LOOK_MS = 2000,   // between attempts to open what somebody else holds
    IDLE_MS = 3000,   // between questions with nothing to print
    WAIT_MS = 700,    // with a job that waits
    AFTER_MS = 250,   // between questions after a job
    STUCK_MS = 1500,  // without progress: look why
    CANCEL_MS = 2000, // for the command that clears the printer
    MUTE_MS = 2500,
    STOP_MS = 2000, // to finish the bytes of a label when the program ends
    TRIES_MAX = 3
};

enum job_end { END_PRINTED, END_FAILED, END_UNKNOWN, END_AGAIN, END_STOPPED };

struct usb_printer {
    struct printer base;
    struct printer_spec spec;
    struct printer_jobs jobs;
    libusb_context *usb;
    pthread_t thread;
    atomic_bool is_stopping;

    // Only the thread touches these.
    // Its dpi: what the printer says, else what those of its language most often have.
    struct printer_teller teller;
    struct printer_talk talk;
    bool has_arrived;          // something was plugged, or pulled without a link
    uint64_t look_ms;          // when to look again: for a printer, or how it is
    bool had_job;              // when last asked
    struct label_status media; // what was loaded when last told
    uint64_t misfit;           // a job that does not fit on `media`; 0: none
};

static bool is_stopping(const struct usb_printer *p) {
    return atomic_load(&p->is_stopping);
}

// ---- news

// What printers say of themselves begins with a small letter, for the log.
static void make_sentence(const char *reason, char out[PRINTER_REASON_SIZE]) {
    (void)snprintf(out, PRINTER_REASON_SIZE, "%s", reason);
    out[0] = (char)toupper((unsigned char)out[0]);
}

static void printer_usb_tell(struct usb_printer *p, enum printer_state state,
                             const char *reason) {
    char sentence[PRINTER_REASON_SIZE];
    make_sentence(reason, sentence);
    if (printer_teller_tell(&p->teller, state, sentence)) {
        bool has_reason = p->teller.reason[0] != '\0';
        log_info("printer usb: %s%s%s", printer_state_name(state), has_reason ? ": " : "",
                 has_reason ? reason : "");
    }
}

static void printer_usb_end_job(struct usb_printer *p, enum printer_news_kind kind,
                                uint64_t job, const char *reason) {
    char sentence[PRINTER_REASON_SIZE];
    make_sentence(reason, sentence);
    printer_teller_end_job(&p->teller, kind, job, sentence);
}

// Somebody can see it and mend it: waiting is right, however long.
static bool is_visible(enum printer_state state) {
    return state == PRINTER_PAUSED || state == PRINTER_OUT_OF_LABELS ||
           state == PRINTER_WRONG_LABELS || state == PRINTER_COVER_OPEN ||
           state == PRINTER_JAM || state == PRINTER_OUT_OF_RIBBON || state == PRINTER_HOT;
}

// ---- coming and going

static int on_hotplug(libusb_context *usb, libusb_device *device,
                      libusb_hotplug_event event, void *context) {
    struct usb_printer *p = context;
    (void)usb;
    if (event == LIBUSB_HOTPLUG_EVENT_DEVICE_LEFT && p->talk.link) {
        printer_link_lose(p->talk.link, device);
    } else { // gone may be what could not be used: its trouble is over
        p->has_arrived = true;
    }
    return 0;
}

static void idle(struct usb_printer *p, uint64_t until_ms) {
    uint64_t now_ms = clock_mono_ms();
    int ms = until_ms > now_ms ? (int)(until_ms - now_ms) : 0;
    if (p->talk.link) {
        printer_link_pump(p->talk.link, ms);
    } else {
        struct timeval wait = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};
        (void)libusb_handle_events_timeout_completed(p->usb, &wait, NULL);
    }
}

static void hang_up(struct usb_printer *p) {
    printer_link_close(p->talk.link);
    p->talk.link = NULL;
    p->has_arrived = true; // another one may be there
    p->look_ms = 0;
}

static void note_media(struct usb_printer *p, const struct label_status *status) {
    bool is_other = status->has_media && (status->media_w_mm != p->media.media_w_mm ||
                                          status->media_h_mm != p->media.media_h_mm);
    if (is_other) {
        p->media = *status;
        p->misfit = 0;
    }
    p->teller.dpi = status->dpi ? status->dpi : p->teller.dpi;
}

// Who it is and what it speaks. False: nothing of ours.
static bool introduce(struct usb_printer *p) {
    uint8_t bytes[DEVICE_ID_MAX_BYTES];
    struct device_id id = {.model = ""};
    size_t len = printer_link_get_id(p->talk.link, bytes, sizeof bytes);
    bool has_id = device_id_parse(bytes, len, &id) == ERR_NONE;
    p->talk.language = p->spec.language ? p->spec.language
                       : has_id         ? label_language_find(&id)
                                        : NULL;
    (void)snprintf(p->teller.model, sizeof p->teller.model, "%.20s%s%.50s", id.maker,
                   id.maker[0] && id.model[0] ? " " : "", id.model);
    if (!p->talk.language) {
        log_warning("printer usb: \"%s\", commands \"%s\": no language of ours; "
                    "--printer usb,language=NAME chooses one",
                    p->teller.model, id.commands);
        return false;
    }
    log_info("printer usb: %s speaks %s", p->teller.model[0] ? p->teller.model : "it",
             p->talk.language->title);
    (void)snprintf(p->talk.setup.model, sizeof p->talk.setup.model, "%s", id.model);
    return true;
}

// What an earlier owner or our own last life left in it must not come out now: somebody may
// have decided meanwhile that it did not.
static void meet(struct usb_printer *p, const struct printer_place *place) {
    struct label_status status;
    p->talk.setup = (struct label_setup){.media_w_mm = p->spec.media_w_mm,
                                         .media_h_mm = p->spec.media_h_mm,
                                         .is_mute = p->spec.is_mute || !place->in};
    label_status_init(&p->media);
    p->misfit = 0;
    if (!introduce(p)) {
        printer_usb_tell(p, PRINTER_ERROR,
                         "Foyer does not speak this printer's language");
        hang_up(p);
        p->has_arrived = false;
        p->look_ms = clock_mono_ms() + 10 * LOOK_MS;
        return;
    }
    p->teller.dpi = p->talk.language->dpis[0];
    (void)printer_talk_send(&p->talk, p->talk.language->cancel, CANCEL_MS);
    printer_talk_ask(&p->talk, LABEL_MEET, &status);
    note_media(p, &status);
    p->look_ms = 0;
}

static void look(struct usb_printer *p) {
    struct printer_place place;
    struct label_status trouble;
    p->has_arrived = false;
    p->look_ms = clock_mono_ms() + LOOK_MS;
    if (!printer_find(p->usb, p->spec.wish, &place, &trouble)) {
        p->teller.model[0] = '\0';
        printer_usb_tell(p, trouble.state, trouble.reason);
        return;
    }
    p->talk.link = printer_link_open(p->usb, &place, &trouble);
    if (p->talk.link) {
        meet(p, &place);
    } else {
        printer_usb_tell(p, trouble.state, trouble.reason);
    }
    printer_place_finish(&place);
}

// ---- a job

// After a job that was broken off: the printer begins anew, with nothing half done in it.
static void clear(struct usb_printer *p) {
    printer_link_abort(p->talk.link);
    printer_link_forgive(p->talk.link);
    printer_link_reset(p->talk.link);
    (void)printer_talk_send(&p->talk, p->talk.language->cancel, CANCEL_MS);
    printer_link_forget(p->talk.link);
}

struct sending {
    const uint8_t *data;
    size_t len, at;
    uint64_t mark;     // what had moved when last seen to
    uint64_t moved_ms; // when
    uint64_t look_ms;  // when to look why nothing moves
    uint64_t stop_ms;  // 0: the program goes on
};

static void note_progress(struct usb_printer *p, struct sending *s) {
    uint64_t mark =
        printer_link_get_taken(p->talk.link) + printer_link_get_heard_total(p->talk.link);
    if (mark != s->mark) {
        s->mark = mark;
        s->moved_ms = clock_mono_ms();
        s->look_ms = s->moved_ms + STUCK_MS;
    }
}

// Nothing moved for a while. False: give up; out_lost: the printer says it threw the job away.
static bool may_wait(struct usb_printer *p, struct sending *s, bool *out_lost) {
    struct label_status status;
    uint64_t now_ms = clock_mono_ms();
    if (now_ms < s->look_ms) {
        return true;
    }
    s->look_ms = now_ms + STUCK_MS / 2;
    printer_talk_listen(&p->talk, &status);
    *out_lost = status.outcome == LABEL_LOST;
    bool is_seen = is_visible(status.state);
    printer_usb_tell(p, is_seen ? status.state : PRINTER_BUSY, status.reason);
    s->moved_ms =
        is_seen ? now_ms : s->moved_ms; // patience begins when the cause is gone
    return !*out_lost && now_ms - s->moved_ms < (uint64_t)p->spec.patience_s * 1000;
}

static bool may_go_on(const struct usb_printer *p, struct sending *s) {
    uint64_t now_ms = clock_mono_ms();
    if (is_stopping(p) && s->stop_ms == 0) {
        s->stop_ms = now_ms + STOP_MS;
    }
    return s->stop_ms == 0 || now_ms < s->stop_ms;
}

static enum job_end send_job(struct usb_printer *p, const struct bytes *job,
                             char reason[PRINTER_REASON_SIZE]) {
    struct printer_link *link = p->talk.link;
    struct sending s = {.data = job->data, .len = job->len, .moved_ms = clock_mono_ms()};
    s.look_ms = s.moved_ms + STUCK_MS;
    bool is_lost = false;
    for (;;) {
        enum printer_link_state state = printer_link_get_state(link);
        if (state == PRINTER_LINK_GONE) {
            (void)snprintf(reason, PRINTER_REASON_SIZE,
                           "The printer was unplugged or switched off while it printed");
            return s.at == 0 ? END_AGAIN : END_UNKNOWN;
        }
        if (state == PRINTER_LINK_STALLED) {
            (void)snprintf(reason, PRINTER_REASON_SIZE,
                           "The printer broke off while it printed");
            return END_UNKNOWN;
        }
        if (state == PRINTER_LINK_IDLE && s.at == s.len) {
            return END_PRINTED;
        }
        if (!may_go_on(p, &s)) {
            return END_STOPPED;
        }
        if (!may_wait(p, &s, &is_lost)) {
            (void)snprintf(reason, PRINTER_REASON_SIZE, "The printer stands still");
            return is_lost ? END_AGAIN : END_UNKNOWN;
        }
        if (state == PRINTER_LINK_IDLE) {
            size_t left = s.len - s.at;
            size_t len =
                left < PRINTER_LINK_PIECE_BYTES ? left : PRINTER_LINK_PIECE_BYTES;
            s.at += printer_link_send(link, s.data + s.at, len) ? len : 0;
        }
        printer_link_pump(link, 200);
        note_progress(p, &s);
    }
}

// All bytes are with the printer: is it out? calm_ms: since when nothing explains why it is
// not. END_AGAIN here: ask once more.
static enum job_end judge(struct usb_printer *p, const struct label_status *status,
                          uint64_t *calm_ms, char reason[PRINTER_REASON_SIZE]) {
    uint64_t now_ms = clock_mono_ms();
    bool is_explained = is_visible(status->state) || status->outcome == LABEL_WAITING;
    bool is_well = status->state == PRINTER_READY || status->state == PRINTER_UNKNOWN;
    printer_usb_tell(p, is_well ? PRINTER_BUSY : status->state, status->reason);
    if (is_explained) {
        *calm_ms = now_ms;
    }
    if (status->outcome == LABEL_PRINTED) {
        return END_PRINTED;
    }
    bool is_mute = p->talk.setup.is_mute;
    if (is_mute && now_ms - *calm_ms >= MUTE_MS) {
        return status->state == PRINTER_READY ? END_PRINTED : END_AGAIN;
    }
    if (!is_explained && now_ms - *calm_ms >= (uint64_t)p->spec.patience_s * 1000) {
        (void)snprintf(reason, PRINTER_REASON_SIZE,
                       "The printer does not say whether it came out");
        return END_UNKNOWN;
    }
    return END_AGAIN;
}

static enum job_end follow_job(struct usb_printer *p, bool *out_lost,
                               char reason[PRINTER_REASON_SIZE]) {
    uint64_t calm_ms = clock_mono_ms();
    for (;;) {
        struct label_status status;
        printer_talk_ask(&p->talk, LABEL_AFTER, &status);
        if (is_stopping(p)) {
            return status.outcome == LABEL_PRINTED ? END_PRINTED : END_STOPPED;
        }
        note_media(p, &status);
        bool is_gone = printer_link_get_state(p->talk.link) == PRINTER_LINK_GONE;
        if (is_gone && status.outcome != LABEL_PRINTED) {
            (void)snprintf(reason, PRINTER_REASON_SIZE,
                           "The printer was unplugged or switched off while it printed");
            return END_UNKNOWN;
        }
        if (status.outcome == LABEL_LOST) {
            (void)snprintf(reason, PRINTER_REASON_SIZE, "%s", status.reason);
            *out_lost = true;
            return END_AGAIN;
        }
        if (p->talk.has_spoken && status.outcome == LABEL_UNKNOWN) {
            (void)snprintf(reason, PRINTER_REASON_SIZE, "While it printed: %.90s",
                           status.reason);
            return END_UNKNOWN; // it has broken off and says no more about this label
        }
        enum job_end end = judge(p, &status, &calm_ms, reason);
        if (end != END_AGAIN) {
            return end;
        }
        idle(p, clock_mono_ms() + AFTER_MS);
    }
}

// The job is over; the printer goes on with the next one or is cleared before.
static void end_job(struct usb_printer *p, enum job_end end, const char *reason) {
    static const enum printer_news_kind kinds[] = {
        [END_PRINTED] = PRINTER_JOB_PRINTED,
        [END_FAILED] = PRINTER_JOB_FAILED,
        [END_UNKNOWN] = PRINTER_JOB_UNKNOWN,
    };
    if (end == END_AGAIN) {
        printer_jobs_put_off(&p->jobs);
        return;
    }
    uint64_t id = printer_jobs_take(&p->jobs);
    if (end != END_STOPPED) {
        printer_usb_end_job(p, kinds[end], id, end == END_PRINTED ? "" : reason);
    }
}

// Sends it and waits until it is known what became of it, or cannot be.
static void print_job(struct usb_printer *p, const struct bytes *data) {
    char reason[PRINTER_REASON_SIZE] = "";
    struct printer_job *job = printer_jobs_first(&p->jobs, true);
    bool is_lost = false;
    printer_usb_tell(p, PRINTER_BUSY, "");
    printer_link_forget(p->talk.link);
    enum job_end end = send_job(p, data, reason);
    bool is_broken = end != END_PRINTED;
    if (end == END_PRINTED) {
        end = follow_job(p, &is_lost, reason);
        is_broken = end == END_UNKNOWN || is_lost;
    }
    bool is_gone = printer_link_get_state(p->talk.link) == PRINTER_LINK_GONE;
    if (is_broken && !is_gone) {
        clear(p);
    }
    if (end == END_AGAIN && !is_gone && ++job->tries >= TRIES_MAX) {
        end = END_FAILED;
    }
    end_job(p, end, reason);
    p->look_ms = 0;
}

// ---- attending to an open printer

// The roll a label was drawn for, else what is loaded.
static void choose_media(struct usb_printer *p, const struct label *label) {
    struct label_setup *setup = &p->talk.setup;
    setup->dpi = p->teller.dpi;
    if (p->spec.media_w_mm) {
        return;
    }
    const struct label_media *best =
        label_media_drawn(p->talk.language, label->w, label->h);
    setup->media_w_mm = best ? best->w_mm : p->media.has_media ? p->media.media_w_mm : 0;
    setup->media_h_mm = best ? best->h_mm : p->media.has_media ? p->media.media_h_mm : 0;
}

static void refuse_job(struct usb_printer *p, const struct printer_job *job) {
    char reason[PRINTER_REASON_SIZE];
    (void)snprintf(reason, sizeof reason,
                   "This badge of %.0f \xC3\x97 %.0f mm does not fit on these labels",
                   job->label.w * 25.4 / job->label.dpi,
                   job->label.h * 25.4 / job->label.dpi);
    if (p->media.has_media) { // the right ones can be loaded
        p->misfit = job->id + 1;
        printer_usb_tell(p, PRINTER_WRONG_LABELS, reason);
    } else {
        printer_usb_end_job(p, PRINTER_JOB_FAILED, printer_jobs_take(&p->jobs), reason);
    }
}

static void try_job(struct usb_printer *p, struct printer_job *job) {
    struct bytes data = {.data = NULL};
    enum err e = p->talk.language->encode(&job->label, &p->talk.setup, &data);
    if (e == ERR_NONE) {
        print_job(p, &data);
    } else {
        refuse_job(p, job);
    }
    bytes_finish(&data);
}

static void attend(struct usb_printer *p) {
    struct label_status status;
    struct printer_job *job = printer_jobs_first(&p->jobs, false);
    uint64_t now_ms = clock_mono_ms();
    if (now_ms < p->look_ms && (p->had_job || !job)) {
        return;
    }
    if (job) {
        choose_media(p, &job->label);
    }
    p->had_job = job != NULL;
    printer_talk_ask(&p->talk, LABEL_BEFORE, &status);
    note_media(p, &status);
    p->look_ms = clock_mono_ms() + (job ? WAIT_MS : IDLE_MS);
    if (is_stopping(p)) {
        return;
    }
    bool is_misfit = job && p->misfit == job->id + 1;
    if (status.state == PRINTER_READY && job && !is_misfit) {
        try_job(p, job);
    } else if (!is_misfit || status.state != PRINTER_READY) {
        printer_usb_tell(p, status.state, status.reason);
    }
}

static void *printer_usb_run(void *arg) {
    struct usb_printer *p = arg;
    p->has_arrived = true;
    while (!is_stopping(p)) {
        printer_teller_end_cancelled(&p->teller, &p->jobs);
        if (p->talk.link && printer_link_get_state(p->talk.link) == PRINTER_LINK_GONE) {
            hang_up(p);
        }
        if (p->talk.link) {
            attend(p);
        } else if (p->has_arrived || clock_mono_ms() >= p->look_ms) {
            look(p);
        }
        idle(p, p->look_ms);
    }
    printer_link_close(p->talk.link);
    return NULL;
}

// ---- the kind

static void printer_usb_wake(struct usb_printer *p) {
    libusb_interrupt_event_handler(p->usb);
}

static enum err printer_usb_submit(struct printer *printer, uint64_t job,
                                   const struct label *label) {
    struct usb_printer *p = (struct usb_printer *)printer;
    enum err e = printer_jobs_put(&p->jobs, job, label);
    printer_usb_wake(p);
    return e;
}

static void printer_usb_cancel(struct printer *printer, uint64_t job) {
    struct usb_printer *p = (struct usb_printer *)printer;
    printer_jobs_cancel(&p->jobs, job);
    printer_usb_wake(p);
}

static void printer_usb_stop(struct printer *printer) {
    struct usb_printer *p = (struct usb_printer *)printer;
    printer_jobs_close(&p->jobs);
    atomic_store(&p->is_stopping, true);
    printer_usb_wake(p);
}

static void printer_usb_free(struct usb_printer *p) {
    if (p->usb) {
        libusb_exit(p->usb);
    }
    printer_jobs_finish(&p->jobs);
    mem_free(p);
}

static void printer_usb_join(struct printer *printer) {
    struct usb_printer *p = (struct usb_printer *)printer;
    printer_usb_stop(printer);
    CHECK(pthread_join(p->thread, NULL) == 0);
    printer_usb_free(p);
}

static enum err printer_usb_open(struct usb_printer *p) {
    int e = libusb_init(&p->usb);
    if (e == 0) {
        e = libusb_hotplug_register_callback(
            p->usb,
            LIBUSB_HOTPLUG_EVENT_DEVICE_ARRIVED | LIBUSB_HOTPLUG_EVENT_DEVICE_LEFT, 0,
            LIBUSB_HOTPLUG_MATCH_ANY, LIBUSB_HOTPLUG_MATCH_ANY, LIBUSB_HOTPLUG_MATCH_ANY,
            on_hotplug, p, NULL);
    }
    if (e != 0) {
        log_error("--printer usb: no USB on this machine: %s", libusb_error_name(e));
        return ERR_IO;
    }
    if (pthread_create(&p->thread, NULL, printer_usb_run, p) != 0) {
        log_error("--printer usb: no thread could be started");
        return ERR_IO;
    }
    return ERR_NONE;
}

static enum err printer_usb_start(const char *place, const struct printer_setup *setup,
                                  struct printer **out_printer) {
    struct usb_printer *p = mem_alloc(1, sizeof *p);
    p->base.kind = &printer_usb;
    printer_teller_init(&p->teller, setup);
    p->talk.is_stopping = &p->is_stopping;
    printer_jobs_init(&p->jobs);
    enum err e = printer_spec_parse(place, &p->spec);
    if (e == ERR_NONE) {
        e = printer_usb_open(p);
    }
    if (e != ERR_NONE) {
        printer_usb_free(p);
        return e;
    }
    *out_printer = &p->base;
    return ERR_NONE;
}

const struct printer_kind printer_usb = {
    .scheme = "usb",
    .usage = PRINTER_SPEC_USAGE,
    .start = printer_usb_start,
    .submit = printer_usb_submit,
    .cancel = printer_usb_cancel,
    .stop = printer_usb_stop,
    .join = printer_usb_join,
};
