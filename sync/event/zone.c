#include "sync/event/zone.h"

#include "sync/base/mem.h"
#include "sync/base/utf8.h"

#include <glib.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

struct zone {
    GTimeZone *tz;
};

enum err zone_open(const char *name, struct zone **out) {
    // Without a slash GLib would read offsets and POSIX rules, which are no venue's zone.
    // And GLib would open any path as a zone file.
    bool is_path = name[0] == '/' || strstr(name, "..");
    GTimeZone *tz = is_path ? NULL : g_time_zone_new_identifier(name);
    if (!tz) {
        return ERR_NOT_FOUND;
    }
    *out = mem_alloc(1, sizeof **out);
    (*out)->tz = tz;
    return ERR_NONE;
}

void zone_close(struct zone *z) {
    if (z) {
        g_time_zone_unref(z->tz);
        mem_free(z);
    }
}

static int64_t floor_div(int64_t a, int64_t b) {
    return a / b - (a % b < 0);
}

struct local_time zone_local(const struct zone *z, int64_t utc_ms) {
    int64_t utc_s = floor_div(utc_ms, 1000);
    int interval = g_time_zone_find_interval(z->tz, G_TIME_TYPE_UNIVERSAL, utc_s);
    struct local_time t = {.offset_s = g_time_zone_get_offset(z->tz, interval)};
    utf8_copy(g_time_zone_get_abbreviation(z->tz, interval), t.abbreviation,
              sizeof t.abbreviation);
    int64_t local_s = utc_s + t.offset_s;
    t.day_no = floor_div(local_s, 86400);
    int64_t in_day = local_s - t.day_no * 86400;
    t.hour = (int)(in_day / 3600);
    t.minute = (int)(in_day / 60 % 60);
    GDate date;
    g_date_clear(&date, 1);
    g_date_set_julian(&date, (guint32)(t.day_no + 719163)); // 1970-01-01
    t.year = g_date_get_year(&date);
    t.month = (int)g_date_get_month(&date);
    t.day = g_date_get_day(&date);
    t.weekday = (int)g_date_get_weekday(&date);
    return t;
}

// NOLINTNEXTLINE(readability-function-size): a date is six numbers everywhere
int64_t zone_to_utc_ms(const struct zone *z, int year, int month, int day, int hour,
                       int minute) {
    GDate date;
    g_date_clear(&date, 1);
    if (!g_date_valid_dmy((GDateDay)day, (GDateMonth)month, (GDateYear)year)) {
        return 0;
    }
    g_date_set_dmy(&date, (GDateDay)day, (GDateMonth)month, (GDateYear)year);
    int64_t days = (int64_t)g_date_get_julian(&date) - 719163;
    gint64 local_s = days * 86400 + hour * 3600 + minute * 60;
    gint64 adjusted = local_s;
    int interval = g_time_zone_adjust_time(z->tz, G_TIME_TYPE_DAYLIGHT, &adjusted);
    if (interval > 0) {
        // GLib moves a skipped time to the end of the gap, and of a doubled one it takes
        // the one with DST, which is the later one in zones with DST in winter.
        int64_t before = local_s - g_time_zone_get_offset(z->tz, interval - 1);
        if (adjusted != local_s || g_time_zone_find_interval(z->tz, G_TIME_TYPE_UNIVERSAL,
                                                             before) == interval - 1) {
            return before * 1000;
        }
    }
    return (local_s - g_time_zone_get_offset(z->tz, interval)) * 1000;
}

enum err instant_parse(const char *text, int64_t *out_ms) {
    char full[40];
    const char *t = strchr(text, 'T');
    size_t head = t ? (size_t)(t - text) + 6 : 0; // "…Thh:mm"
    size_t len = strlen(text);
    if (!t || head > len || len + 4 > sizeof full) {
        return ERR_INPUT;
    }
    // GLib insists on seconds; people leave them out.
    bool has_seconds = text[head] == ':';
    snprintf(full, sizeof full, "%.*s%s%s", (int)head, text, has_seconds ? "" : ":00",
             text + head);
    GDateTime *when = g_date_time_new_from_iso8601(full, NULL);
    if (!when) {
        return ERR_INPUT;
    }
    *out_ms = g_date_time_to_unix(when) * 1000;
    g_date_time_unref(when);
    return ERR_NONE;
}

void instant_format(int64_t ms, char out[32]) {
    GDateTime *when = g_date_time_new_from_unix_utc(floor_div(ms, 1000));
    char *text = when ? g_date_time_format(when, "%Y-%m-%dT%H:%M:%SZ") : NULL;
    utf8_copy(text ? text : "?", out, 32);
    g_free(text);
    if (when) {
        g_date_time_unref(when);
    }
}
