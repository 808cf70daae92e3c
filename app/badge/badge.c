#include "app/badge/badge.h"

#include "app/badge/codes.h"
#include "app/badge/dither.h"
#include "app/badge/lines.h"
#include "app/badge/marks.h"
#include "sync/base/mem.h"
#include "sync/base/utf8.h"

#include <stdio.h>
#include <string.h>

// ASCII capitals; other letters stay as they are.
static void mark_add(struct badge *b, const char *word, size_t len) {
    if (b->mark_count == BADGE_MARKS_MAX || len == 0) {
        return;
    }
    char upper[LIST_SIZE];
    len = len < sizeof upper ? len : sizeof upper - 1;
    for (size_t i = 0; i < len; i++) {
        upper[i] =
            word[i] >= 'a' && word[i] <= 'z' ? (char)(word[i] - 'a' + 'A') : word[i];
    }
    upper[len] = '\0';
    utf8_copy(upper, b->marks[b->mark_count++], BADGE_MARK_SIZE);
}

static void fill_marks(const struct person *person, struct badge *b) {
    for (const char *at = person->roles; *at;) {
        size_t len = strcspn(at, " ");
        mark_add(b, at, len);
        at += len + (at[len] == ' ');
    }
    if (person->is_newcomer) {
        mark_add(b, "newcomer", strlen("newcomer"));
    }
    b->no_photo = person->no_photo;
}

// Length of what stands before the family name, 0 when the name does not end with it.
static size_t given_len(const struct person *person) {
    size_t name = strlen(person->name), family = strlen(person->family);
    if (family == 0 || name < family + 2 || person->name[name - family - 1] != ' ' ||
        strcmp(person->name + name - family, person->family) != 0) {
        return 0;
    }
    size_t given = name - family - 1;
    while (given > 0 && person->name[given - 1] == ' ') {
        given--;
    }
    return given;
}

static void fill_name(const struct person *person, struct badge *b) {
    bool has_latin = *person->latin && strcmp(person->latin, person->name) != 0;
    size_t given = has_latin ? 0 : given_len(person);
    utf8_copy(person->name, b->whole, sizeof b->whole);
    utf8_copy(person->name, b->name, sizeof b->name);
    if (has_latin) {
        utf8_copy(person->latin, b->latin, sizeof b->latin);
    } else if (given > 0) {
        b->name[given] = '\0';
        utf8_copy(person->family, b->family, sizeof b->family);
    }
}

static enum text_han han_of_country(const char *country) {
    static const struct {
        char country[4];
        enum text_han han;
    } rows[] = {{"JP", TEXT_HAN_JA},   {"KR", TEXT_HAN_KO},   {"TW", TEXT_HAN_HANT},
                {"HK", TEXT_HAN_HANT}, {"MO", TEXT_HAN_HANT}, {"CN", TEXT_HAN_HANS}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (strcmp(country, rows[i].country) == 0) {
            return rows[i].han;
        }
    }
    return TEXT_HAN_AUTO;
}

void badge_fill(const struct person *person, const struct event_info *event,
                unsigned serial, struct badge *out) {
    *out = (struct badge){0};
    (void)snprintf(out->event, sizeof out->event, "%s%s%s", event->name,
                   *event->name && *event->city ? " · " : "", event->city);
    fill_name(person, out);
    utf8_copy(person->org, out->org, sizeof out->org);
    fill_marks(person, out);
    badge_code_format(person->id, serial, out->code);
    out->han = text_han_of(person->lang);
    if (out->han == TEXT_HAN_AUTO) {
        out->han = han_of_country(person->country);
    }
}

// What is drawn where, in dots of a side.
static struct shape_box box_of(const struct template_area *area, int dpi) {
    return (struct shape_box){
        template_dots(area->x_mm, dpi), template_dots(area->y_mm, dpi),
        template_dots(area->w_mm, dpi), template_dots(area->h_mm, dpi)};
}

static bool draw_marks(const struct painter *p, const struct template_area *area) {
    int dpi = p->ink->dpi;
    struct marks_place place = {.box = box_of(area, dpi),
                                .size_px = template_dots(area->size_mm, dpi),
                                .align = area->align,
                                .has_bars = area->has_bars};
    struct marks_result m = marks_draw(p->badge, p->fonts, p->ink, &place);
    p->report->missing += m.missing;
    p->report->has_cut_marks = p->report->has_cut_marks || m.is_cut;
    return m.is_spilled;
}

// True when ink lies outside the area's box.
static bool draw_area(const struct painter *p, const struct template_area *area) {
    struct shape_box box = box_of(area, p->ink->dpi);
    switch (area->kind) {
    case TEMPLATE_AREA_LINES:
        return lines_draw(p, area);
    case TEMPLATE_AREA_MARKS:
        return draw_marks(p, area);
    case TEMPLATE_AREA_BAR:
        shape_fill_box(p->ink, box, 0, SHAPE_INK);
        return false;
    case TEMPLATE_AREA_IMAGE:
        dither_draw(p->ink, &area->image, box, area->align);
        return false;
    case TEMPLATE_AREA_CODE:
    case TEMPLATE_AREA_QR:
        break;
    }
    return false;
}

static void draw_code(const struct painter *p, const struct template_area *area) {
    const char *text = area->kind == TEMPLATE_AREA_QR ? area->text : p->badge->code;
    int dots = codes_draw(p->ink, text, box_of(area, p->ink->dpi));
    struct badge_report *r = p->report;
    if (dots && (!r->module_dots || dots < r->module_dots)) {
        r->module_dots = dots;
    }
}

static bool is_code(const struct template_area *area) {
    return area->kind == TEMPLATE_AREA_CODE || area->kind == TEMPLATE_AREA_QR;
}

static void note_spilled(struct badge_report *report, const struct template_side *side,
                         size_t area) {
    if (report->spilled++ == 0) {
        (void)snprintf(report->first_spilled, sizeof report->first_spilled,
                       "%s, area %zu", side->name, area + 1);
    }
}

// Codes come last, on cleared paper: no neighbour may reach into the quiet zone.
static void draw_side(struct painter *p, const struct template *t,
                      const struct template_side *side) {
    p->margin = template_dots(t->margin_mm, p->ink->dpi);
    p->mask = (struct text_mask){
        .pixels = p->ink->pixels + (size_t)p->margin * (size_t)(p->ink->w + 1),
        .w = p->ink->w - 2 * p->margin,
        .h = p->ink->h - 2 * p->margin,
        .stride_bytes = p->ink->w,
    };
    for (size_t i = 0; i < side->area_count; i++) {
        if (!is_code(&side->areas[i]) && draw_area(p, &side->areas[i])) {
            note_spilled(p->report, side, i);
        }
    }
    for (size_t i = 0; i < side->area_count; i++) {
        if (is_code(&side->areas[i])) {
            draw_code(p, &side->areas[i]);
        }
    }
}

// What is drawn: a badge on a template.
struct order {
    const struct template *template;
    const struct badge *badge;
    struct fonts *fonts;
};

static void render(const struct order *order, int dpi, struct badge_report *report,
                   struct ink *out_ink) {
    const struct template *t = order->template;
    CHECK(dpi >= BADGE_DPI_MIN && dpi <= BADGE_DPI_MAX);
    ink_init(out_ink, template_dots(t->width_mm, dpi), template_dots(t->height_mm, dpi),
             dpi);
    for (size_t i = 0; i < t->side_count; i++) {
        const struct template_side *side = &t->sides[i];
        int x = template_dots(side->x_mm, dpi), y = template_dots(side->y_mm, dpi);
        int w = template_dots(side->x_mm + side->w_mm, dpi) - x;
        int h = template_dots(side->y_mm + side->h_mm, dpi) - y;
        struct ink ink;
        struct painter p = {
            .badge = order->badge, .fonts = order->fonts, .ink = &ink, .report = report};
        ink_init(&ink, side->turn % 180 ? h : w, side->turn % 180 ? w : h, dpi);
        draw_side(&p, t, side);
        ink_place(out_ink, &ink, x, y, side->turn);
        ink_finish(&ink);
    }
}

void badge_proof(const struct template *template, const struct badge *badge,
                 struct fonts *fonts, int dpi, struct badge_proof *out) {
    struct order order = {template, badge, fonts};
    struct ink ink;
    *out = (struct badge_proof){0};
    render(&order, dpi, &out->report, &ink);
    raster_threshold(&ink, &out->raster);
    ink_finish(&ink);
}

void badge_make_raster(const struct template *template, const struct badge *badge,
                       struct fonts *fonts, int dpi, struct raster *out_raster) {
    struct badge_proof proof;
    badge_proof(template, badge, fonts, dpi, &proof);
    *out_raster = proof.raster;
}
