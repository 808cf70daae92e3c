#include "app/screens/look.h"

#include "sync/base/mem.h"
#include "sync/base/utf8.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { FORMAT_MAX = 1024, STAFF_SIZE = 34 };

float look_u(const struct canvas *canvas, float design) {
    return design * canvas->unit;
}

static int text_px(const struct canvas *canvas, float design) {
    int px = (int)(look_u(canvas, design) + 0.5F);
    return px < LOOK_TEXT_MIN_PX ? LOOK_TEXT_MIN_PX : px;
}

struct draw_label look_label(const struct canvas *canvas, float size, float min,
                             enum text_weight weight, uint32_t color) {
    return (struct draw_label){.size_px = text_px(canvas, size),
                               .min_px = text_px(canvas, min),
                               .weight = weight,
                               .align = TEXT_ALIGN_LEFT,
                               .color = color};
}

struct rect look_text(struct canvas *canvas, struct rect r, struct draw_label label,
                      const char *text) {
    if (!text[0]) {
        return rect_make(r.x, r.y, 0, 0);
    }
    return draw_text(canvas, r, &label, text);
}

struct rect look_typed(struct canvas *canvas, struct rect r, struct draw_label label,
                       const char *text) {
    char tail[FORMAT_MAX];
    look_format(tail, sizeof tail, "%s", text);
    while (text[0] && draw_measure(canvas, r.w, 0, &label, tail).is_cut) {
        do {
            text++;
        } while (((unsigned char)text[0] & 0xC0) == 0x80); // whole characters only
        look_format(tail, sizeof tail, "\xE2\x80\xA6%s", text);
    }
    return look_text(canvas, r, label, tail);
}

struct draw_label look_lines(struct draw_label label, int max_lines, int leading_pct) {
    label.max_lines = max_lines;
    label.leading_pct = leading_pct;
    return label;
}

float look_pair(struct canvas *canvas, struct rect r, const struct look_side *left,
                const struct look_side *right) {
    float used = 0;
    if (right->text[0]) {
        struct draw_label label = right->label;
        label.align = TEXT_ALIGN_RIGHT;
        float limit = left->text[0] ? r.w * 0.7F : r.w;
        struct rect at = rect_make(r.x + r.w - limit, r.y, limit, r.h);
        used = draw_text(canvas, at, &label, right->text).w;
        r.w -= used + look_u(canvas, 28);
    }
    if (left->text[0]) {
        draw_text(canvas, r, &left->label, left->text);
    }
    return used;
}

static void draw_focus(struct canvas *canvas, struct rect r, float radius,
                       uint32_t color) {
    float gap = look_u(canvas, 9);
    draw_border(canvas, rect_inset(r, -gap, -gap), radius + gap, look_u(canvas, 5),
                color);
}

void look_draw_button(struct canvas *canvas, struct rect r, const struct theme *theme,
                      struct targets *targets, const struct look_button *button) {
    bool is_pressed = targets_is_pressed(targets, button->action, button->index);
    draw_button(canvas, r, theme, button->kind, is_pressed, text_px(canvas, button->size),
                button->text);
    if (targets_is_focused(targets, button->action, button->index)) {
        draw_focus(canvas, r, look_u(canvas, 24), theme->accent);
    }
    if (button->kind != DRAW_BUTTON_OFF) {
        targets_add(targets, r, button->action, button->index);
    }
}

struct buttons_plan {
    float widths[LOOK_BUTTONS_MAX];
    int rows[LOOK_BUTTONS_MAX]; // row of each button
    int row_count;
    float h, gap;
};

// Wanted widths into the plan; returns what they need in one row.
static float plan_widths(struct canvas *canvas, const struct look_buttons *buttons,
                         struct buttons_plan *plan) {
    float total = 0;
    for (size_t i = 0; i < buttons->count; i++) {
        const struct look_button *button = &buttons->list[i];
        struct draw_label label =
            look_label(canvas, button->size, button->size, TEXT_SEMIBOLD, 0);
        float words = (float)draw_measure(canvas, 0, 0, &label, button->text).w_px;
        plan->widths[i] = words + 2 * look_u(canvas, 46);
        total += plan->widths[i] + (i ? plan->gap : 0);
    }
    return total;
}

static void plan_buttons(struct canvas *canvas, float w,
                         const struct look_buttons *buttons, struct buttons_plan *plan) {
    CHECK(buttons->count <= LOOK_BUTTONS_MAX);
    memset(plan, 0, sizeof *plan);
    bool is_staff = buttons->count > 0 && buttons->list[0].size <= STAFF_SIZE;
    plan->gap = look_u(canvas, 24);
    plan->h = look_u(canvas, is_staff ? LOOK_TOUCH : 120);
    float total = plan_widths(canvas, buttons, plan);
    bool is_shrunk = total > w && total <= w * 1.15F;
    float used = 0;
    for (size_t i = 0; i < buttons->count; i++) {
        if (is_shrunk) {
            float gaps = plan->gap * (float)(buttons->count - 1);
            plan->widths[i] *= (w - gaps) / (total - gaps);
        } else if (plan->widths[i] > w) {
            plan->widths[i] = w;
        }
        float next = used + (used > 0 ? plan->gap : 0) + plan->widths[i];
        if (used > 0 && next > w + 1) {
            plan->row_count++;
            next = plan->widths[i];
        }
        used = next;
        plan->rows[i] = plan->row_count;
    }
    plan->row_count += buttons->count > 0;
}

static float plan_height(const struct buttons_plan *plan) {
    if (plan->row_count == 0) {
        return 0;
    }
    float rows = (float)plan->row_count;
    return rows * plan->h + (rows - 1) * plan->gap;
}

float look_measure_buttons(struct canvas *canvas, float w,
                           const struct look_buttons *buttons) {
    struct buttons_plan plan;
    plan_buttons(canvas, w, buttons, &plan);
    return plan_height(&plan);
}

float look_draw_buttons(struct canvas *canvas, struct rect r, const struct theme *theme,
                        struct targets *targets, const struct look_buttons *buttons) {
    struct buttons_plan plan;
    plan_buttons(canvas, r.w, buttons, &plan);
    float h = plan_height(&plan);
    float x = r.x;
    for (size_t i = 0; i < buttons->count; i++) {
        if (i > 0 && plan.rows[i] != plan.rows[i - 1]) {
            x = r.x;
        }
        float y = r.y + r.h - h + (float)plan.rows[i] * (plan.h + plan.gap);
        struct rect at = rect_make(x, y, plan.widths[i], plan.h);
        look_draw_button(canvas, at, theme, targets, &buttons->list[i]);
        x += plan.widths[i] + plan.gap;
    }
    return h;
}

void look_draw_row_target(struct canvas *canvas, struct rect r, struct targets *targets,
                          enum action action, int index) {
    const struct theme *theme = theme_get_paper(); // nothing dark has rows to touch
    float radius = look_u(canvas, 18);
    if (targets_is_pressed(targets, action, index)) {
        draw_round(canvas, r, radius, theme->select);
    }
    if (targets_is_focused(targets, action, index)) {
        draw_border(canvas, r, radius, look_u(canvas, 5), theme->accent);
    }
    targets_add(targets, r, action, index);
}

void look_draw_badge(struct canvas *canvas, struct rect r, const struct theme *theme,
                     const struct image *badge, const char *waiting) {
    float ratio = 0.775F; // an upright sheet, until the picture is there
    if (badge && badge->w > 0 && badge->h > 0) {
        ratio = (float)badge->w / (float)badge->h;
    }
    float w = r.w, h = r.w / ratio;
    if (h > r.h) {
        h = r.h;
        w = h * ratio;
    }
    struct rect sheet = rect_center(r, w, h);
    float radius = look_u(canvas, 28);
    draw_shadow(canvas, sheet, radius, look_u(canvas, 60), look_u(canvas, 24),
                0x22141E28);
    draw_card(canvas, sheet, radius, theme->surface, look_u(canvas, 3), theme->line);
    struct rect inside = rect_inset(sheet, look_u(canvas, 16), look_u(canvas, 16));
    if (badge && badge->w > 0) {
        draw_image(canvas, inside, badge);
        return;
    }
    struct draw_label label = look_label(canvas, 32, 26, TEXT_MEDIUM, theme->dim);
    label.align = TEXT_ALIGN_CENTER;
    label.valign = DRAW_MIDDLE;
    look_text(canvas, inside, look_lines(label, 3, 130), waiting);
}

bool look_format_names(struct canvas *canvas, float w, const struct draw_label *label,
                       const struct look_names *names, char out[LOOK_NAMES_SIZE]) {
    look_format(out, LOOK_NAMES_SIZE, "%s", names->first);
    look_join(out, LOOK_NAMES_SIZE, names->second);
    if (!draw_measure(canvas, w, 0, label, out).is_cut) {
        return false;
    }
    if (names->first[0] && names->second[0]) {
        look_format(out, LOOK_NAMES_SIZE, "%s\n%s", names->first, names->second);
    }
    return true;
}

void look_join(char *out, size_t size, const char *text) {
    if (!text[0]) {
        return;
    }
    size_t len = strlen(out);
    look_format(out + len, size - len, "%s%s", len ? " \xC2\xB7 " : "", text);
}

void look_format(char *out, size_t size, const char *format, ...) {
    char whole[FORMAT_MAX];
    va_list args;
    va_start(args, format);
    vsnprintf(whole, sizeof whole, format, args);
    va_end(args);
    utf8_copy(whole, out, size);
}

void look_format_count(int64_t count, char *out, size_t size) {
    int low = (int)(count % 1000);
    int mid = (int)(count / 1000 % 1000);
    if (count >= 1000000) {
        look_format(out, size, "%" PRId64 "\xE2\x80\xAF%03d\xE2\x80\xAF%03d",
                    count / 1000000, mid, low);
    } else if (count >= 1000) {
        look_format(out, size, "%d\xE2\x80\xAF%03d", mid, low);
    } else {
        look_format(out, size, "%d", low);
    }
}
