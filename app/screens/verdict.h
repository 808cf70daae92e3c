// The answer to a scan: one screen for all verdicts, each by word, shape and colour
// together. Light. Drawn on the main thread; nothing fails.
//
// Attendees are never accused: what is wrong is said only in the staff variant.
#ifndef APP_SCREENS_VERDICT_H
#define APP_SCREENS_VERDICT_H

#include "app/image/image.h"
#include "app/screens/attract.h"
#include "app/screens/targets.h"
#include "app/ui/draw.h"
#include "sync/event/admission.h"

enum { VERDICT_STEPS_MAX = 3 };

enum print_state {
    PRINT_STATE_NONE,    // nothing to print
    PRINT_STATE_WAITING, // in the queue
    PRINT_STATE_PRINTING,
    PRINT_STATE_PRINTED, // the printer said so
    PRINT_STATE_TROUBLE  // out of labels ...: collect it at print_place
};

// A line to do next; the middle piece is bold: {"Wi-Fi: join ", "ietf", "."}.
struct verdict_step {
    char text[LINE_SIZE], strong[NAME_SIZE], rest[LINE_SIZE];
};

struct verdict_view {
    enum verdict verdict;
    bool is_staff;                            // the plain reason, names and overrides
    char given[TITLE_SIZE];                   // "Zoë": for the welcome; "" = none
    char name[TITLE_SIZE], detail[LINE_SIZE]; // staff: "Zoë Müller-Ortiz", org and kind
    char gate[NAME_SIZE];                     // "Social event"; "" = the meeting
    char
        refusal[LINE_SIZE]; // the gate's kind words for who is not on its list; "" = ours
    char since[CLOCK_SIZE], at[NAME_SIZE]; // already in: "09:12" "Kiosk 2"
    char typed[CLOCK_SIZE]; // staff: that was taken on paper, and typed in then; "" = no
    char when[DAY_SIZE];    // too early: when it opens; too late: when it closed; wrong
                            // day: the days of the ticket; "" = unknown
    char reason[LINE_SIZE]; // staff: attention note, or what makes the code doubtful
    struct verdict_step steps[VERDICT_STEPS_MAX]; // admitted: what to do now
    int step_count;
    enum print_state print;
    float print_part; // 0..1 while printing; < 0: not known
    char print_place[NAME_SIZE];
    bool can_print;           // a printer is here
    char badge_at[NAME_SIZE]; // not printed: it waits at that desk; "" = no
    bool is_badge_unsure;     // it may have come out there
    bool can_find;            // unknown code: offer the search
    bool can_register;
    bool can_override;       // staff: may admit anyway
    bool is_time_unsure;     // staff: the clock could not judge a date rule
    char loading[NAME_SIZE]; // unknown code: the list is still coming: "8 200 of 12 431
                             // people"; "" = it is all here
    bool is_unconfirmed;     // staff: a strict gate without the hub's answer
    enum call_state call;
    const struct image *badge; // borrowed for the call; NULL: no picture
};

enum verdict_tone {
    TONE_OK,   // green: go in
    TONE_INFO, // amber: for your information
    TONE_HELP, // blue: let's look at it together
    TONE_WARN, // brown: staff decide
    TONE_STOP  // red: staff only, not admitted
};

// How a verdict looks, to attendees or staff. Static storage, in English: tr() them.
// The view adds names and times: verdict_format_*.
struct verdict_look {
    enum draw_symbol symbol;
    enum verdict_tone tone;
    const char *title, *text;
};
const struct verdict_look *verdict_get_look(enum verdict verdict, bool is_staff);
// The same of a view: an unknown code while the people are still coming looks otherwise.
const struct verdict_look *verdict_find_look(const struct verdict_view *view);

// The words on the screen, complete. For tests and speech too.
void verdict_format_title(const struct verdict_view *view, char *out, size_t size);
// What is special about this case, then the standing words; each may be "".
void verdict_format_lines(const struct verdict_view *view, char first[LINE_SIZE],
                          char second[LINE_SIZE]);
void verdict_format_text(const struct verdict_view *view, char *out, size_t size);

// Fill of the band and the symbol, and the colour of the mark on it.
uint32_t verdict_fill(enum verdict_tone tone);
uint32_t verdict_on_fill(enum verdict_tone tone);

void verdict_draw(struct canvas *canvas, const struct verdict_view *view,
                  struct targets *targets);

#endif
