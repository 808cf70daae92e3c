// Any bytes as a badge template: no crash, and what is accepted keeps to its paper.
#include "app/badge/template.h"
#include "sync/base/log.h"
#include "sync/base/mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_area(const struct template *t, const struct template_side *side,
                       const struct template_area *a) {
    const double slack = 1e-3;
    CHECK(a->x_mm >= t->margin_mm - slack && a->y_mm >= t->margin_mm - slack);
    CHECK(a->x_mm + a->w_mm <= template_side_width(side) - t->margin_mm + slack);
    CHECK(a->y_mm + a->h_mm <= template_side_height(side) - t->margin_mm + slack);
    CHECK(a->w_mm > 0 && a->h_mm > 0 && !a->image.pixels);
    CHECK(a->line_count <= TEMPLATE_LINES_MAX);
    CHECK((a->kind == TEMPLATE_AREA_LINES) == (a->line_count > 0));
    for (size_t i = 0; i < a->line_count; i++) {
        const struct template_line *line = &a->lines[i];
        CHECK(line->show < TEMPLATE_SHOW_COUNT && line->min_mm <= line->size_mm);
        CHECK(line->max_lines >= 1 && line->max_lines <= TEXT_LINES_MAX);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct template t;
    log_set_level((enum log_level)0); // a refusal is no news here
    t = (struct template){0};
    if (template_parse(data, size, &t) != ERR_NONE) {
        CHECK(t.side_count == 0);
        return 0;
    }
    CHECK(t.side_count >= 1 && t.side_count <= TEMPLATE_SIDES_MAX);
    for (size_t i = 0; i < t.side_count; i++) {
        const struct template_side *side = &t.sides[i];
        CHECK(side->turn % 90 == 0 && side->turn >= 0 && side->turn < 360);
        CHECK(side->area_count >= 1 && side->area_count <= TEMPLATE_AREAS_MAX);
        for (size_t j = 0; j < side->area_count; j++) {
            check_area(&t, side, &side->areas[j]);
        }
    }
    template_finish(&t);
    return 0;
}
