#include "app/screens/session_view.h"

#include "app/screens/look.h"
#include "app/screens/words.h"

void session_view_change(const struct session_view *s, char *out, size_t size) {
    out[0] = '\0';
    switch (s->change) {
    case CHANGE_NONE:
        break;
    case CHANGE_MOVED_HERE:
        if (s->was[0]) {
            look_format(out, size, tr("Moved here, was %s"), s->was);
        } else {
            look_format(out, size, "%s", tr("Moved here"));
        }
        break;
    case CHANGE_NEW_TIME:
        if (s->was[0]) {
            look_format(out, size, tr("New time, was %s"), s->was);
        } else {
            look_format(out, size, "%s", tr("New time"));
        }
        break;
    case CHANGE_MOVED_AWAY:
        look_format(out, size, "%s", tr("Moved away"));
        break;
    case CHANGE_CANCELLED:
        look_format(out, size, "%s", tr("Cancelled"));
        break;
    }
}

void session_view_where(const struct session_view *s, char *out, size_t size) {
    out[0] = '\0';
    if (s->change != CHANGE_MOVED_AWAY) {
        return;
    }
    char place[NAME_SIZE + 48] = "";
    look_join(place, sizeof place, s->to_room);
    if (s->to_room[0] && s->to_level[0]) {
        look_format(place, sizeof place, "%s, %s", s->to_room, s->to_level);
    }
    if (s->to_when[0] && place[0]) {
        look_format(out, size, tr("Now %s in %s"), s->to_when, place);
    } else if (place[0]) {
        look_format(out, size, tr("Now in %s"), place);
    } else if (s->to_when[0]) {
        look_format(out, size, tr("Now %s"), s->to_when);
    }
}

const char *session_view_head(const struct session_view *s) {
    return s->acronym[0] ? s->acronym : s->title;
}

void session_view_line(const struct session_view *s, char *out, size_t size) {
    out[0] = '\0';
    if (s->acronym[0]) {
        look_join(out, size, s->title);
    }
    if (s->is_bof) {
        look_join(out, size, tr("BOF"));
    }
}

void session_view_span(int minutes, char *out, size_t size) {
    if (minutes < 1) {
        look_format(out, size, "%s", tr("less than a minute"));
    } else if (minutes < 60) {
        look_format(out, size, tr("%d min"), minutes);
    } else if (minutes % 60 == 0) {
        look_format(out, size, tr("%d h"), minutes / 60);
    } else {
        look_format(out, size, tr("%d h %d min"), minutes / 60, minutes % 60);
    }
}
