#include "app/screens/targets.h"

#include "sync/base/mem.h"

#include <stddef.h>

static bool is_same(const struct target *a, enum action action, int index) {
    return a->action != ACTION_NONE && a->action == action && a->index == index;
}

static bool takes_focus(const struct target *target) {
    return target->action != ACTION_KEY && target->action != ACTION_ERASE;
}

void targets_begin(struct targets *t) {
    t->count = 0;
}

void targets_add(struct targets *t, struct rect rect, enum action action, int index) {
    CHECK(t->count < TARGETS_MAX);
    CHECK(action > ACTION_NONE && action < ACTION_COUNT);
    t->list[t->count++] = (struct target){rect, action, index};
}

const struct target *targets_hit(const struct targets *t, float x, float y) {
    for (int i = t->count - 1; i >= 0; i--) {
        if (rect_has(t->list[i].rect, x, y)) {
            return &t->list[i];
        }
    }
    return NULL;
}

const struct target *targets_find(const struct targets *t, enum action action,
                                  int index) {
    for (int i = 0; i < t->count; i++) {
        if (is_same(&t->list[i], action, index)) {
            return &t->list[i];
        }
    }
    return NULL;
}

const struct target *targets_step_focus(struct targets *t, int step) {
    int order[TARGETS_MAX];
    int count = 0;
    int at = -1;
    for (int i = 0; i < t->count; i++) {
        if (!takes_focus(&t->list[i])) {
            continue;
        }
        if (is_same(&t->list[i], t->focus.action, t->focus.index)) {
            at = count;
        }
        order[count++] = i;
    }
    if (count == 0) {
        t->focus = (struct target){0};
        return NULL;
    }
    if (at < 0) {
        at = step > 0 ? 0 : count - 1;
    } else {
        at = (at + (step > 0 ? 1 : count - 1)) % count;
    }
    t->focus = t->list[order[at]];
    return &t->list[order[at]];
}

void targets_press(struct targets *t, const struct target *target) {
    t->pressed = target ? *target : (struct target){0};
}

bool targets_is_focused(const struct targets *t, enum action action, int index) {
    return is_same(&t->focus, action, index);
}

bool targets_is_pressed(const struct targets *t, enum action action, int index) {
    return is_same(&t->pressed, action, index);
}
