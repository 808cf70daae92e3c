// A badge: what it says about a person, and drawing it on a label of any size.
// Called by the flows (badge_fill) and by whoever owns a font context (badge_proof); any
// thread, one thread at a time for each font context.
#ifndef APP_BADGE_BADGE_H
#define APP_BADGE_BADGE_H

#include "app/badge/raster.h"
#include "app/badge/template.h"
#include "app/text/fonts.h"
#include "sync/event/code.h"
#include "sync/event/person.h"
#include "sync/event/programme.h"

#include <stdbool.h>

enum { BADGE_MARKS_MAX = 6, BADGE_MARK_SIZE = 24, BADGE_EVENT_SIZE = 160 };
enum { BADGE_DPI_MIN = 100, BADGE_DPI_MAX = 600 };

struct badge {
    char event[BADGE_EVENT_SIZE]; // "IETF 92 · Dallas"
    char whole[TITLE_SIZE];       // the name as it was written
    char name[TITLE_SIZE];        // the big line: given name, or the whole name
    char family[TITLE_SIZE];      // what the big line left out; may be empty
    char latin[TITLE_SIZE];       // the Latin form of a name in another script; or empty
    char org[TITLE_SIZE];         // may be empty
    char marks[BADGE_MARKS_MAX][BADGE_MARK_SIZE]; // "CHAIR", "NEWCOMER"
    int mark_count;
    bool no_photo;                   // drawn as a struck-out camera with its words
    char code[BADGE_CODE_CHARS + 1]; // in the QR code; empty: none is drawn
    enum text_han han;               // which shapes Han characters take
};

// The name is shown as the person wrote it: split in two lines only when it ends with the
// family name. serial: 1 for the first badge, then one more for each reprint.
void badge_fill(const struct person *person, const struct event_info *event,
                unsigned serial, struct badge *out);

// Draws it at BADGE_DPI_MIN..BADGE_DPI_MAX (CHECKed): what the printer gets and the screen
// previews. Texts shrink to fit their boxes and are cut only then; the modules of the QR code
// are whole dots. *out_raster is the caller's (raster_finish).
void badge_make_raster(const struct template *template, const struct badge *badge,
                       struct fonts *fonts, int dpi, struct raster *out_raster);

// What came out: the kiosk logs what a printed badge lacks.
struct badge_report {
    int missing;  // code points for which no installed font has a glyph
    unsigned cut; // 1u << enum template_show: of this text an ellipsis stands for some
    bool has_cut_marks; // the same of a role
    int smallest_px;    // em height of the smallest text of a line; 0: there is none
    enum template_show smallest;                // which one that is
    int spilled;                                // areas with ink outside their box
    char first_spilled[2 * TEMPLATE_NAME_SIZE]; // "front, area 3"
    int module_dots; // the smallest module of a QR code; 0: there is none
};

struct badge_proof {
    struct raster raster; // the caller's (raster_finish)
    struct badge_report report;
};

// badge_make_raster with a report.
void badge_proof(const struct template *template, const struct badge *badge,
                 struct fonts *fonts, int dpi, struct badge_proof *out);

#endif
