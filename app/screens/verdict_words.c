#include "app/screens/verdict.h"

#include "app/screens/look.h"
#include "sync/base/mem.h"

#include <assert.h>
#include <string.h>

static const struct verdict_look attendee_looks[] = {
    [VERDICT_ADMITTED] = {DRAW_SYMBOL_CHECK, TONE_OK, tr_mark("Welcome"),
                          tr_mark("You are checked in.")},
    [VERDICT_ALREADY_IN] = {DRAW_SYMBOL_INFO, TONE_INFO, tr_mark("You are checked in"),
                            tr_mark(
                                "Lost your badge? Staff print a new one and the old one "
                                "stops working.")},
    [VERDICT_NOT_PRINTED] = {DRAW_SYMBOL_PRINTER, TONE_INFO,
                             tr_mark("You are checked in"),
                             tr_mark("Your badge has not been printed yet.")},
    [VERDICT_NOT_ON_LIST] = {DRAW_SYMBOL_HAND, TONE_HELP,
                             tr_mark("Let's look at this together"),
                             tr_mark("The desk is glad to tell you how to take part.")},
    [VERDICT_UNPAID] =
        {DRAW_SYMBOL_HAND, TONE_HELP, tr_mark("Almost there"),
         tr_mark("One step is left. Let's look at this together at the desk, it "
                 "takes a minute.")},
    [VERDICT_CANCELLED] = {DRAW_SYMBOL_HAND, TONE_HELP,
                           tr_mark("Let's look at this together"),
                           tr_mark(
                               "Please bring your code to the desk. We will sort it out "
                               "with you.")},
    [VERDICT_BLOCKED] =
        {DRAW_SYMBOL_HAND, TONE_HELP, tr_mark("Let's look at this together"),
         tr_mark("Please come to the desk. Somebody there has time for you.")},
    [VERDICT_TOO_EARLY] = {DRAW_SYMBOL_CLOCK, TONE_HELP, tr_mark("You are early"),
                           tr_mark(
                               "Doors are not open yet. The desk can tell you when they "
                               "are.")},
    [VERDICT_TOO_LATE] = {DRAW_SYMBOL_CLOCK, TONE_HELP, tr_mark("The doors have closed"),
                          tr_mark("The desk can tell you what is on now.")},
    [VERDICT_WRONG_DAY] = {DRAW_SYMBOL_CLOCK, TONE_HELP,
                           tr_mark("Your pass is for another day"),
                           tr_mark("If your plans have changed, the desk can help.")},
    [VERDICT_NEEDS_STAFF] = {DRAW_SYMBOL_HAND, TONE_HELP,
                             tr_mark("Please see us at the desk"),
                             tr_mark("Somebody there has something for you. It takes a "
                                     "minute.")},
    [VERDICT_UNKNOWN] =
        {DRAW_SYMBOL_QUESTION, TONE_HELP, tr_mark("We do not know this code yet"),
         tr_mark("Is it the code from your confirmation mail? You can also look "
                 "for your name, or ask us.")},
    [VERDICT_FORGED] = {DRAW_SYMBOL_HAND, TONE_HELP,
                        tr_mark("Let's look at this together"),
                        tr_mark(
                            "We could not read this code. Please bring it to the desk.")},
    [VERDICT_VOID_BADGE] = {DRAW_SYMBOL_INFO, TONE_HELP,
                            tr_mark("There is a newer badge for you"),
                            tr_mark("Please use the newer one, or come to the desk.")},
    [VERDICT_OTHER_EVENT] =
        {DRAW_SYMBOL_QUESTION, TONE_HELP, tr_mark("This code is for another event"),
         tr_mark("Do you have another code with you? If not, let's look at "
                 "this together at the desk.")},
};
static_assert(sizeof attendee_looks / sizeof attendee_looks[0] == VERDICT_COUNT,
              "every verdict has a look");

static const struct verdict_look staff_looks[] = {
    [VERDICT_ADMITTED] = {DRAW_SYMBOL_CHECK, TONE_OK, tr_mark("Admitted"), ""},
    [VERDICT_ALREADY_IN] = {DRAW_SYMBOL_INFO, TONE_INFO, tr_mark("Already checked in"),
                            tr_mark("A reprint makes the old badge stop working.")},
    [VERDICT_NOT_PRINTED] = {DRAW_SYMBOL_PRINTER, TONE_INFO,
                             tr_mark("Checked in, badge not printed"), ""},
    [VERDICT_NOT_ON_LIST] = {DRAW_SYMBOL_STOP, TONE_STOP, tr_mark("Not on this list"),
                             tr_mark("Nothing on this registration admits here.")},
    [VERDICT_UNPAID] = {DRAW_SYMBOL_COIN, TONE_WARN, tr_mark("Unpaid"),
                        tr_mark("The registration is not paid.")},
    [VERDICT_CANCELLED] = {DRAW_SYMBOL_STOP, TONE_STOP, tr_mark("Cancelled"),
                           tr_mark("The registration was cancelled.")},
    [VERDICT_BLOCKED] = {DRAW_SYMBOL_STOP, TONE_STOP, tr_mark("Blocked"),
                         tr_mark("The organisers have blocked this registration.")},
    [VERDICT_TOO_EARLY] = {DRAW_SYMBOL_CLOCK, TONE_WARN, tr_mark("Too early"),
                           tr_mark("This gate is not open yet.")},
    [VERDICT_TOO_LATE] = {DRAW_SYMBOL_CLOCK, TONE_WARN, tr_mark("Too late"),
                          tr_mark("This gate has closed.")},
    [VERDICT_WRONG_DAY] = {DRAW_SYMBOL_CLOCK, TONE_WARN, tr_mark("Wrong day"),
                           tr_mark("The pass does not cover today.")},
    [VERDICT_NEEDS_STAFF] = {DRAW_SYMBOL_HAND, TONE_WARN, tr_mark("Needs a person"),
                             tr_mark("There is a note on this registration.")},
    [VERDICT_UNKNOWN] =
        {DRAW_SYMBOL_QUESTION, TONE_WARN, tr_mark("Unknown code"),
         tr_mark("No registration has this code. It may be newer than what this "
                 "desk knows.")},
    [VERDICT_FORGED] =
        {DRAW_SYMBOL_LOCK, TONE_STOP, tr_mark("Forged code"),
         tr_mark("The signature does not match. Do not admit on this code; look "
                 "for the name.")},
    [VERDICT_VOID_BADGE] = {DRAW_SYMBOL_STOP, TONE_STOP, tr_mark("Void badge"),
                            tr_mark("A newer badge replaced this one.")},
    [VERDICT_OTHER_EVENT] =
        {DRAW_SYMBOL_QUESTION, TONE_WARN, tr_mark("Code of another event"),
         tr_mark("It was signed by a key that this event does not know, or "
                 "not yet.")},
};
static_assert(sizeof staff_looks / sizeof staff_looks[0] == VERDICT_COUNT,
              "every verdict has a look for staff");

const struct verdict_look *verdict_get_look(enum verdict verdict, bool is_staff) {
    CHECK((unsigned)verdict < VERDICT_COUNT);
    return is_staff ? &staff_looks[verdict] : &attendee_looks[verdict];
}

static bool is_loading(const struct verdict_view *view) {
    return view->verdict == VERDICT_UNKNOWN && view->loading[0];
}

const struct verdict_look *verdict_find_look(const struct verdict_view *view) {
    static const struct verdict_look attendee = {
        DRAW_SYMBOL_CLOCK, TONE_HELP, tr_mark("One moment, please"),
        tr_mark("We are still getting ready here. Please come to the desk, it takes a "
                "minute.")};
    static const struct verdict_look staff = {
        DRAW_SYMBOL_CLOCK, TONE_WARN, tr_mark("Not known here yet"),
        tr_mark("Scan again in a moment, or look at another desk.")};
    if (is_loading(view)) {
        return view->is_staff ? &staff : &attendee;
    }
    return verdict_get_look(view->verdict, view->is_staff);
}

void verdict_format_title(const struct verdict_view *view, char *out, size_t size) {
    if (view->verdict == VERDICT_ADMITTED && !view->is_staff && view->given[0]) {
        look_format(out, size, tr("Welcome, %s"), view->given);
        return;
    }
    look_format(out, size, "%s", tr(verdict_find_look(view)->title));
}

static const char *gate_name(const struct verdict_view *view) {
    return view->gate[0] ? view->gate : tr("the meeting");
}

// "Since 09:12, at Kiosk 2." with what is known.
static void format_since(const struct verdict_view *view, char *out, size_t size) {
    out[0] = '\0';
    if (view->since[0] && view->at[0]) {
        look_format(out, size, tr("Since %s, at %s."), view->since, view->at);
    } else if (view->since[0]) {
        look_format(out, size, tr("Since %s."), view->since);
    } else if (view->at[0]) {
        look_format(out, size, tr("At %s."), view->at);
    }
    if (view->is_staff && view->typed[0]) {
        size_t len = strlen(out);
        look_format(out + len, size - len, tr(" From paper, typed in at %s."),
                    view->typed);
    }
}

// The first line: what this one case adds to the standing words. May stay empty.
static void format_first(const struct verdict_view *view, char *out, size_t size) {
    out[0] = '\0';
    switch (view->verdict) {
    case VERDICT_ALREADY_IN:
    case VERDICT_NOT_PRINTED:
        format_since(view, out, size);
        break;
    case VERDICT_TOO_EARLY:
        if (view->when[0]) {
            look_format(out, size, tr("Doors for %s open %s."), gate_name(view),
                        view->when);
        }
        break;
    case VERDICT_TOO_LATE:
        if (view->when[0]) {
            look_format(out, size, tr("Doors for %s closed %s."), gate_name(view),
                        view->when);
        }
        break;
    case VERDICT_WRONG_DAY:
        if (view->when[0]) {
            look_format(out, size, tr("It is good for %s."), view->when);
        }
        break;
    case VERDICT_ADMITTED:
        if (view->gate[0]) {
            look_format(out, size, "%s", view->gate);
        }
        break;
    case VERDICT_UNKNOWN:
        if (view->loading[0]) {
            look_format(out, size, tr("Still loading: %s."), view->loading);
        }
        break;
    case VERDICT_NOT_ON_LIST:
    case VERDICT_UNPAID:
    case VERDICT_CANCELLED:
    case VERDICT_BLOCKED:
    case VERDICT_NEEDS_STAFF:
    case VERDICT_FORGED:
    case VERDICT_VOID_BADGE:
    case VERDICT_OTHER_EVENT:
    case VERDICT_COUNT:
        break;
    }
}

void verdict_format_lines(const struct verdict_view *view, char first[LINE_SIZE],
                          char second[LINE_SIZE]) {
    const struct verdict_look *look = verdict_find_look(view);
    format_first(view, first, LINE_SIZE);
    look_format(second, LINE_SIZE, "%s", tr(look->text));
    if (view->verdict == VERDICT_NOT_ON_LIST && view->is_staff) {
        look_format(second, LINE_SIZE, tr("Nothing on this registration admits to %s."),
                    gate_name(view));
    } else if (view->verdict == VERDICT_NOT_ON_LIST && view->refusal[0]) {
        look_format(second, LINE_SIZE, "%s", view->refusal);
    } else if (view->verdict == VERDICT_NOT_ON_LIST) {
        look_format(first, LINE_SIZE, tr("This is the entrance for %s."),
                    gate_name(view));
    }
    if (view->verdict == VERDICT_NOT_PRINTED && view->badge_at[0]) {
        look_format(second, LINE_SIZE,
                    view->is_badge_unsure
                        ? tr("Your badge may be out already: it was printed at %s. "
                             "Staff look for it with you.")
                        : tr("Your badge is on its way, at %s."),
                    view->badge_at);
    }
    bool is_said_in_steps = view->verdict == VERDICT_ADMITTED && view->step_count > 0;
    bool is_said_first =
        first[0] && (view->verdict == VERDICT_ADMITTED ||
                     (view->verdict == VERDICT_TOO_EARLY && !view->is_staff));
    if (is_said_in_steps || is_said_first) {
        second[0] = '\0';
    }
}

void verdict_format_text(const struct verdict_view *view, char *out, size_t size) {
    char first[LINE_SIZE], second[LINE_SIZE];
    verdict_format_lines(view, first, second);
    look_format(out, size, "%s%s%s", first, first[0] && second[0] ? "\n" : "", second);
}

uint32_t verdict_fill(enum verdict_tone tone) {
    switch (tone) {
    case TONE_OK:
        return theme_get_paper()->ok;
    case TONE_INFO:
        return theme_get_ink()->warn; // the bright amber: a mark, never words
    case TONE_HELP:
        return theme_get_paper()->accent;
    case TONE_WARN:
        return theme_get_paper()->warn;
    case TONE_STOP:
        break;
    }
    return theme_get_paper()->stop;
}

uint32_t verdict_on_fill(enum verdict_tone tone) {
    return tone == TONE_INFO ? theme_get_ink()->on_warn : theme_get_paper()->on_stop;
}
