// Every screen in every state with real and difficult data, for the gallery and the unit
// tests. Main thread.
#ifndef TESTS_SUPPORT_SCREEN_SAMPLES_H
#define TESTS_SUPPORT_SCREEN_SAMPLES_H

#include "app/screens/targets.h"
#include "app/ui/draw.h"

#include <stdbool.h>
#include <stddef.h>

struct screen_sample {
    const char *name; // "room-now": also the file name of its picture
    void (*draw)(struct canvas *canvas, struct targets *targets);
    bool is_attendee; // touched by attendees: reach and touch sizes count
};

// The hallway's (hall_samples.c), the attendees' (kiosk_samples.c) and the desk's
// (desk_samples.c). Static storage; the count goes to *out_count.
const struct screen_sample *hall_samples_get(size_t *out_count);
const struct screen_sample *kiosk_samples_get(size_t *out_count);
const struct screen_sample *desk_samples_get(size_t *out_count);

// A picture of a badge to show on the screens, or NULL; borrowed for the draw call.
struct image;
void screen_samples_set_badge(const struct image *badge);

#endif
