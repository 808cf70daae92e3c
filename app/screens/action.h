// What a person asks for by touching or typing: one list for all screens. A screen records
// each action with its rectangle (targets.h); flows react to it. Any thread; no state.
#ifndef APP_SCREENS_ACTION_H
#define APP_SCREENS_ACTION_H

// `index` below is that of the target: which row, key or language.
enum action {
    ACTION_NONE,
    // attendees
    ACTION_FIND,       // find my name
    ACTION_REGISTER,   // sign up here
    ACTION_CALL_STAFF, // ask for a person
    ACTION_PRINT,      // print my badge
    ACTION_CHANGE,     // something on the badge is wrong
    ACTION_NOT_ME,     // this is somebody else
    ACTION_DONE,       // back to the start, forget what was shown
    ACTION_BACK,       // one step back
    ACTION_LANG,       // index: language
    ACTION_KEY,        // index: key of the on-screen keyboard (keyboard.h)
    ACTION_ERASE,      // last character away
    ACTION_CLEAR,      // the whole input away
    ACTION_ROW,        // index: row of a list
    ACTION_MORE,       // next page of a list
    // staff
    ACTION_CHECK_IN,     // index: row; admit (and print, where the gate does)
    ACTION_REPRINT,      // index: row
    ACTION_OPEN,         // index: row; show everything about the person
    ACTION_ADMIT_ANYWAY, // override the verdict, with the reason noted
    ACTION_UNDO,         // take the last thing back
    ACTION_MARK_PAID,
    ACTION_FROM_PAPER,  // type in an admission that was taken on paper
    ACTION_GATE,        // index: 0 the gate before, 1 the next
    ACTION_DAY,         // index: 0 the day before, 1 the next
    ACTION_DIGIT,       // index: 0..9
    ACTION_ENTER_PAPER, // that is it
    ACTION_LOOK,        // index: line of "needs you"; show the incident
    ACTION_GOING,       // index: line of "needs you"; I am on my way
    ACTION_RESOLVE,     // the incident shown is dealt with
    ACTION_LOADED,      // the printer has labels again
    ACTION_PRINT_ELSEWHERE, // index: place; the waiting badge goes to its printer. -1: all of them
    ACTION_CAME_OUT,    // the uncertain badge did come out
    ACTION_PRINT_AGAIN, // it did not
    ACTION_WITHDRAW,    // the badge is not wanted any more
    ACTION_CLOSE,       // close the panel
    ACTION_LOCK,
    ACTION_UNLOCK,
    ACTION_RETRY,
    ACTION_COUNT
};

// "find", "call-staff" ...: as in scripts and logs. Static storage; "?" when out of range.
const char *action_name(enum action action);

// ACTION_NONE when no action has this name.
enum action action_of(const char *name);

#endif
