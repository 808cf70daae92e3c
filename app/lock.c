#include "app/lock.h"

#include "app/flows/flow_words.h"
#include "app/kiosk.h"
#include "app/screens/words.h"
#include "sync/base/log.h"
#include "sync/base/mem.h"
#include "sync/base/utf8.h"
#include "sync/event/code.h"

#include <stdio.h>
#include <string.h>

static void post_news(void *arg, const struct keeper_news *news) {
    struct keeper_news *copy = mem_copy(news, sizeof *news);
    if (inbox_post(arg, PARCEL_KEEPER, copy) != ERR_NONE) {
        mem_wipe(copy, sizeof *copy);
        mem_free(copy);
    }
}

void lock_start(struct kiosk *k, const char *urls) {
    struct keeper_options o = {.dir = k->options.dir,
                               .urls = urls,
                               .is_locked = k->lock.is_locked,
                               .post = post_news,
                               .post_arg = k->inbox};
    k->lock.since_ms = k->env.mono_ms;
    if (keeper_start(&o, &k->keeper) != ERR_NONE) {
        log_error("kiosk: nobody looks for the store's key");
        k->keeper = NULL;
    }
}

// ---- typing ---------------------------------------------------------------------------------

static void forget_pin(struct lock *l) {
    mem_wipe(l->pin, sizeof l->pin);
}

static void try_pin(struct kiosk *k) {
    struct lock *l = &k->lock;
    bool is_early = k->env.mono_ms < l->wait_ms;
    if (k->keeper && !l->is_trying && !is_early && strlen(l->pin) >= VAULT_PIN_MIN) {
        l->is_trying = true;
        l->said = LOCK_QUIET;
        keeper_try(k->keeper, l->badge, l->pin);
        forget_pin(l);
    }
    k->is_dirty = true;
}

static void add_digits(struct kiosk *k, const char *text) {
    struct lock *l = &k->lock;
    for (; *text; text++) {
        size_t len = strlen(l->pin);
        if (*text >= '0' && *text <= '9' && len < VAULT_PIN_MAX) {
            l->pin[len] = *text;
            l->pin[len + 1] = '\0';
        }
    }
    k->is_dirty = true;
}

static void erase_digit(struct kiosk *k) {
    size_t len = strlen(k->lock.pin);
    if (len) {
        k->lock.pin[len - 1] = '\0';
    }
    k->is_dirty = true;
}

// A badge, or the PIN from a keyboard that acts as scanner.
void lock_scan(struct kiosk *k, const char *bytes, size_t len) {
    struct code code;
    struct code_keys none = {.keys = NULL};
    bool is_pin = len >= VAULT_PIN_MIN && len <= VAULT_PIN_MAX;
    for (size_t i = 0; i < len; i++) {
        is_pin = is_pin && bytes[i] >= '0' && bytes[i] <= '9';
    }
    if (is_pin) {
        snprintf(k->lock.pin, sizeof k->lock.pin, "%.*s", (int)len, bytes);
        try_pin(k);
        return;
    }
    code_parse(bytes, len, &none, &code);
    if (code.class == CODE_BADGE) {
        snprintf(k->lock.badge, sizeof k->lock.badge, "%s", code.person);
        k->lock.said = LOCK_QUIET;
        k->is_dirty = true;
    }
}

void lock_act(struct kiosk *k, enum action action, int index) {
    char digit[2] = {(char)('0' + index), '\0'};
    if (action == ACTION_DIGIT && index >= 0 && index <= 9) {
        add_digits(k, digit);
    } else if (action == ACTION_ERASE) {
        erase_digit(k);
    } else if (action == ACTION_UNLOCK) {
        try_pin(k);
    }
}

void lock_type(struct kiosk *k, const char *text) {
    add_digits(k, text);
}

void lock_press(struct kiosk *k, enum input_key key) {
    if (key == INPUT_KEY_ENTER) {
        try_pin(k);
    } else if (key == INPUT_KEY_BACKSPACE) {
        erase_digit(k);
    } else if (key == INPUT_KEY_ESCAPE) {
        forget_pin(&k->lock);
        k->lock.badge[0] = '\0';
        k->is_dirty = true;
    }
}

// ---- news of the keeper -----------------------------------------------------------------------

struct seal_job {
    uint8_t key[SEAL_KEY_BYTES];
};

static enum err run_seal(struct store *s, void *arg) {
    struct seal_job *job = arg;
    return vault_seal(s, job->key);
}

static void done_seal(void *arg, enum err e) {
    struct seal_job *job = arg;
    if (e != ERR_NONE) {
        log_error("kiosk: people's data stays in plain on this disk: %s", err_text(e));
    }
    mem_wipe(job, sizeof *job);
    mem_free(job);
}

static void seal_store(struct kiosk *k, const uint8_t key[SEAL_KEY_BYTES]) {
    struct seal_job *job = mem_alloc(1, sizeof *job);
    memcpy(job->key, key, SEAL_KEY_BYTES);
    enum err e = store_thread_post(
        k->store, &(struct store_job){.run = run_seal, .done = done_seal, .arg = job});
    if (e != ERR_NONE) {
        done_seal(job, e);
    }
}

void lock_take(struct kiosk *k, struct keeper_news *news) {
    struct lock *l = &k->lock;
    switch (news->kind) {
    case KEEPER_OPEN:
        if (l->is_locked && kiosk_open(k, news->key) == ERR_NONE) {
            *l = (struct lock){.has_asked = true};
        } else if (l->is_locked) { // as at the start: whoever started us starts us afresh
            k->has_failed = k->is_quitting = true;
        }
        break;
    case KEEPER_MADE:
        if (k->store) {
            seal_store(k, news->key);
        }
        break;
    case KEEPER_WRONG:
        l->said = LOCK_WRONG;
        l->wait_ms = k->env.mono_ms + (int64_t)news->wait_ms;
        break;
    case KEEPER_NO_CODE:
        l->said = LOCK_NO_CODE;
        break;
    case KEEPER_TROUBLE:
        l->said = LOCK_TROUBLE;
        break;
    }
    l->is_trying = false;
    k->is_dirty = true;
    mem_wipe(news, sizeof *news);
}

void lock_seal_if_due(struct kiosk *k) {
    bool has_people = k->self.channels & CHANNEL_BIT(CHANNEL_PEOPLE);
    bool is_wanted = strcmp(k->options.seal, "no") != 0;
    if (k->store && k->keeper && has_people && is_wanted && !k->lock.has_asked &&
        !k->self.is_revoked && !vault_is_locked(k->options.dir)) {
        k->lock.has_asked = true;
        keeper_make(k->keeper);
    }
}

// ---- the screen -------------------------------------------------------------------------------

static void fill_status(const struct kiosk *k, struct unlock_view *v) {
    const struct lock *l = &k->lock;
    int64_t left_ms = l->wait_ms - k->env.mono_ms;
    v->is_wrong = l->said == LOCK_WRONG;
    if (l->is_trying) {
        utf8_copy(tr("One moment…"), v->status, sizeof v->status);
    } else if (l->said == LOCK_NO_CODE) {
        utf8_copy(tr("No PIN is set for this desk. Please wait for the network."),
                  v->status, sizeof v->status);
    } else if (l->said == LOCK_TROUBLE) {
        utf8_copy(tr("This desk cannot write to its disk: no PIN was tried."), v->status,
                  sizeof v->status);
    } else if (v->is_wrong && left_ms > 0) {
        flow_format(v->status, sizeof v->status,
                    tr("That was not right. Next try in %lld s."),
                    (long long)(left_ms + 999) / 1000);
    } else if (v->is_wrong) {
        utf8_copy(tr("That was not right."), v->status, sizeof v->status);
    } else {
        int64_t minutes = (k->env.mono_ms - l->since_ms) / 60000;
        if (minutes) {
            flow_format(v->status, sizeof v->status,
                        tr("Looking for the network for %lld min"), (long long)minutes);
        } else {
            utf8_copy(tr("Looking for the network"), v->status, sizeof v->status);
        }
    }
}

void lock_fill(const struct kiosk *k, struct unlock_view *out) {
    memset(out, 0, sizeof *out);
    utf8_copy(k->options.name, out->name, sizeof out->name);
    utf8_copy(k->env.name, out->footer, sizeof out->footer);
    if (flow_is_time_known(&k->env) && k->zone) {
        flow_clock(&k->env, k->env.now.wall_ms, out->clock, sizeof out->clock);
    }
    out->digits = (int)strlen(k->lock.pin);
    out->has_badge = k->lock.badge[0] != '\0';
    out->is_ready = out->digits >= VAULT_PIN_MIN && k->env.mono_ms >= k->lock.wait_ms;
    fill_status(k, out);
}

int64_t lock_deadline_ms(const struct kiosk *k) {
    if (!k->lock.is_locked || k->lock.wait_ms <= k->env.mono_ms) {
        return INT64_MAX;
    }
    return k->env.mono_ms + 1000 - (k->lock.wait_ms - k->env.mono_ms) % 1000;
}
