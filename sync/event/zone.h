// A venue's time zone: instants to local calendar and back, by the system's tzdata through
// GLib's GTimeZone. A zone may be shared by threads once opened.
#ifndef SYNC_EVENT_ZONE_H
#define SYNC_EVENT_ZONE_H

#include "sync/base/err.h"

#include <stdint.h>

struct zone;

// name: "America/Chicago". ERR_NOT_FOUND when tzdata has no such zone.
MUST_CHECK enum err zone_open(const char *name, struct zone **out);
void zone_close(struct zone *z); // NULL is fine

struct local_time {
    int year, month, day; // month 1..12, day 1..31
    int hour, minute;
    int weekday;    // 1 Monday .. 7 Sunday
    int offset_s;   // east of UTC
    int64_t day_no; // days since 1970-01-01 of the local date; +1 is tomorrow, DST or not
    char abbreviation[8];
};

struct local_time zone_local(const struct zone *z, int64_t utc_ms);
// Local wall time to UTC milliseconds. A time that a DST change skips moves forward by the
// gap; one that happens twice is the first. hour may be 24.
int64_t zone_to_utc_ms(const struct zone *z, int year, int month, int day, int hour,
                       int minute);

// ISO 8601 with an offset, seconds optional: "2015-03-23T14:00:00Z", "2015-03-23T09:00-05:00";
// to and from milliseconds since 1970 UTC. ERR_INPUT without an offset or out of range.
MUST_CHECK enum err instant_parse(const char *text, int64_t *out_ms);
void instant_format(int64_t ms, char out[32]);

#endif
