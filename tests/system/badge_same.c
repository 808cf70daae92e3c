// Is it this person's badge that is on the paper, dot for dot? Draws it anew by app/badge, which
// is what the screen previews. For system tests whose printer is emulated.
//
// usage: badge_same TEMPLATE.json DPI PEOPLE.csv PERSON SERIAL PAPER.pgm
// The badges are those of the demo event. Exit status 0: it is; 1: what differs is said.
#include "app/badge/badge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sync/base/json.h"
#include "sync/connectors/people_csv.h"
#include "tests/support/paper_ink.h"

enum { PEOPLE_MAX_BYTES = 1 << 20 };

static bool read_people(const char *path, struct drafts *out) {
    static char text[PEOPLE_MAX_BYTES];
    FILE *f = fopen(path, "rb");
    if (!f) {
        return false;
    }
    size_t len = fread(text, 1, sizeof text, f);
    (void)fclose(f);
    struct import_options options = {.file = path};
    struct import_report report = {0};
    return people_csv_read(text, len, &options, out, &report) == ERR_NONE;
}

static bool fill_badge(const struct drafts *people, const char *id, unsigned serial,
                       struct badge *out) {
    static const struct event_info event = {.name = "IETF 92", .city = "Dallas"};
    for (size_t i = 0; i < people->count; i++) {
        const struct draft *d = &people->items[i];
        json_t *body = NULL;
        struct person person;
        if (strcmp(d->subject, id) == 0 &&
            json_parse(d->body, strlen(d->body), &body) == ERR_NONE) {
            person_parse(id, body, &person);
            json_decref(body);
            badge_fill(&person, &event, serial, out);
            return true;
        }
    }
    return false;
}

static bool compare(const struct template *template, int dpi, const struct badge *badge,
                    const struct paper *paper) {
    struct fonts *fonts;
    struct raster drawn;
    char fault[100] = "";
    if (fonts_open(NULL, &fonts) != ERR_NONE) {
        return false;
    }
    badge_make_raster(template, badge, fonts, dpi, &drawn);
    bool is_same = paper_is_drawn(paper, &drawn, fault, sizeof fault);
    puts(is_same ? "the same" : fault);
    raster_finish(&drawn);
    fonts_close(fonts);
    return is_same;
}

int main(int argc, char **argv) {
    struct template template;
    struct drafts people = {0};
    struct badge badge;
    struct paper paper = {.w = 0};
    bool is_same = false;
    if (argc != 7) {
        fprintf(stderr, "usage: badge_same TEMPLATE DPI PEOPLE PERSON SERIAL PAPER\n");
        return 2;
    }
    if (template_read(argv[1], &template) != ERR_NONE) {
        return 2;
    }
    bool is_known =
        read_people(argv[3], &people) &&
        fill_badge(&people, argv[4], (unsigned)strtoul(argv[5], NULL, 10), &badge);
    if (!is_known || !paper_read_pgm(argv[6], &paper)) {
        fprintf(stderr, "badge_same: no person %s, or no picture %s\n", argv[4], argv[6]);
        goto end;
    }
    is_same = compare(&template, (int)strtol(argv[2], NULL, 10), &badge, &paper);
end:
    paper_finish(&paper);
    drafts_finish(&people);
    template_finish(&template);
    return is_same ? 0 : 1;
}
