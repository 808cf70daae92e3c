#include "app/screens/action.h"

#include <assert.h>
#include <string.h>

static const char *const action_names[] = {
    [ACTION_NONE] = "none",
    [ACTION_FIND] = "find",
    [ACTION_REGISTER] = "register",
    [ACTION_CALL_STAFF] = "call-staff",
    [ACTION_PRINT] = "print",
    [ACTION_CHANGE] = "change",
    [ACTION_NOT_ME] = "not-me",
    [ACTION_DONE] = "done",
    [ACTION_BACK] = "back",
    [ACTION_LANG] = "lang",
    [ACTION_KEY] = "key",
    [ACTION_ERASE] = "erase",
    [ACTION_CLEAR] = "clear",
    [ACTION_ROW] = "row",
    [ACTION_MORE] = "more",
    [ACTION_CHECK_IN] = "check-in",
    [ACTION_REPRINT] = "reprint",
    [ACTION_OPEN] = "open",
    [ACTION_ADMIT_ANYWAY] = "admit-anyway",
    [ACTION_UNDO] = "undo",
    [ACTION_MARK_PAID] = "mark-paid",
    [ACTION_FROM_PAPER] = "from-paper",
    [ACTION_GATE] = "gate",
    [ACTION_DAY] = "day",
    [ACTION_DIGIT] = "digit",
    [ACTION_ENTER_PAPER] = "enter-paper",
    [ACTION_LOOK] = "look",
    [ACTION_GOING] = "going",
    [ACTION_RESOLVE] = "resolve",
    [ACTION_LOADED] = "loaded",
    [ACTION_PRINT_ELSEWHERE] = "print-elsewhere",
    [ACTION_CAME_OUT] = "came-out",
    [ACTION_PRINT_AGAIN] = "print-again",
    [ACTION_WITHDRAW] = "withdraw",
    [ACTION_CLOSE] = "close",
    [ACTION_LOCK] = "lock",
    [ACTION_UNLOCK] = "unlock",
    [ACTION_RETRY] = "retry",
};
static_assert(sizeof action_names / sizeof action_names[0] == ACTION_COUNT,
              "every action has a name");

const char *action_name(enum action action) {
    if ((unsigned)action >= ACTION_COUNT) {
        return "?";
    }
    return action_names[action];
}

enum action action_of(const char *name) {
    for (int a = 0; a < ACTION_COUNT; a++) {
        if (strcmp(action_names[a], name) == 0) {
            return (enum action)a;
        }
    }
    return ACTION_NONE;
}
