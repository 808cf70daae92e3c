#include "app/screens/verdict.h"

#include "app/screens/look.h"
#include "app/screens/page.h"
#include "app/screens/stack.h"

#include <math.h>
#include <string.h>

static bool asks_staff(enum verdict verdict) {
    return verdict != VERDICT_ADMITTED && verdict != VERDICT_NOT_PRINTED;
}

static void add_attendee_buttons(struct look_buttons *b,
                                 const struct verdict_view *view) {
    bool has_main = false;
    if (view->verdict == VERDICT_NOT_PRINTED && view->can_print &&
        view->print == PRINT_STATE_NONE) {
        page_add_button(b, ACTION_PRINT, true);
        has_main = true;
    }
    if (view->verdict == VERDICT_UNKNOWN && view->can_find) {
        page_add_button(b, ACTION_FIND, true);
        has_main = true;
    }
    if (view->verdict == VERDICT_UNKNOWN && view->can_register) {
        page_add_button(b, ACTION_REGISTER, false);
    }
    bool is_stuck = view->print == PRINT_STATE_TROUBLE || view->call != CALL_NONE;
    if (asks_staff(view->verdict) || view->verdict == VERDICT_NOT_PRINTED || is_stuck) {
        page_add_call(b, view->call, !has_main && asks_staff(view->verdict));
    }
    page_add_button(b, ACTION_DONE, false);
}

static void add_staff_buttons(struct look_buttons *b, const struct verdict_view *view) {
    switch (view->verdict) {
    case VERDICT_ADMITTED:
        page_add_button(b, ACTION_DONE, true);
        page_add_button(b, ACTION_UNDO, false);
        return;
    case VERDICT_ALREADY_IN:
        page_add_button(b, ACTION_REPRINT, false);
        break;
    case VERDICT_NOT_PRINTED:
        if (!view->badge_at[0]) {
            page_add_button(b, ACTION_PRINT, true);
        }
        break;
    case VERDICT_UNPAID:
        page_add_button(b, ACTION_MARK_PAID, true);
        break;
    case VERDICT_UNKNOWN:
    case VERDICT_FORGED:
    case VERDICT_OTHER_EVENT:
        page_add_button(b, ACTION_FIND, true);
        page_add_button(b, ACTION_DONE, false);
        return;
    case VERDICT_NOT_ON_LIST:
    case VERDICT_CANCELLED:
    case VERDICT_BLOCKED:
    case VERDICT_TOO_EARLY:
    case VERDICT_TOO_LATE:
    case VERDICT_WRONG_DAY:
    case VERDICT_NEEDS_STAFF:
    case VERDICT_VOID_BADGE:
    case VERDICT_COUNT:
        break;
    }
    if (view->can_override && view->verdict != VERDICT_ALREADY_IN &&
        view->verdict != VERDICT_NOT_PRINTED) {
        page_add_button(b, ACTION_ADMIT_ANYWAY, false);
    }
    page_add_button(b, ACTION_OPEN, false);
    page_add_button(b, ACTION_DONE, b->count == 1);
}

// The sign and the verdict's word, on one line or two.
static void draw_title(struct canvas *canvas, struct rect row,
                       const struct verdict_view *view, bool has_room) {
    const struct theme *theme = theme_get_paper();
    const struct verdict_look *look = verdict_find_look(view);
    char title[TITLE_SIZE + 32];
    verdict_format_title(view, title, sizeof title);
    draw_symbol(canvas, look->symbol, rect_cut_left(&row, row.h),
                verdict_fill(look->tone), verdict_on_fill(look->tone));
    rect_cut_left(&row, look_u(canvas, 40));
    struct draw_label label =
        look_label(canvas, has_room ? 104 : 80, 44, TEXT_EXTRABOLD, theme->text);
    label.valign = DRAW_MIDDLE;
    look_text(canvas, row, look_lines(label, 2, 104), title);
}

// ---- what to do now

enum { STEP_DISC = 58, STEP_GAP = 30, STEP_X = 84 };
enum { STEP_SIZE = 52, STEP_CALM = 40, STEP_LEAST = 28 }; // CALM: below it more lines

static int count_steps(const struct verdict_view *view) {
    if (view->verdict != VERDICT_ADMITTED && view->verdict != VERDICT_NOT_PRINTED) {
        return 0;
    }
    return view->step_count < VERDICT_STEPS_MAX ? view->step_count : VERDICT_STEPS_MAX;
}

static struct draw_label step_label(const struct canvas *canvas, int size, int min) {
    const struct theme *theme = theme_get_paper();
    struct draw_label label =
        look_label(canvas, (float)size, (float)min, TEXT_REGULAR, theme->text);
    return look_lines(label, size > STEP_CALM ? 2 : 3, 130);
}

// All steps with their words at this size, in a box of this width; endless when one needs
// more lines than it may take.
static float steps_height(struct canvas *canvas, float w, const struct verdict_view *view,
                          int size) {
    struct draw_label label = step_label(canvas, size, size);
    label.weight = TEXT_SEMIBOLD; // the pieces are regular and bold
    float disc = look_u(canvas, STEP_DISC), sum = 0;
    int count = count_steps(view);
    for (int i = 0; i < count; i++) {
        char whole[2 * LINE_SIZE + NAME_SIZE];
        const struct verdict_step *step = &view->steps[i];
        look_format(whole, sizeof whole, "%s%s%s", step->text, step->strong, step->rest);
        float words = w - look_u(canvas, STEP_X);
        const struct text_measure m = draw_measure(canvas, words, 0, &label, whole);
        float h = m.is_cut && size > STEP_LEAST ? INFINITY : (float)m.h_px;
        sum += (h > disc ? h : disc) + (i > 0 ? look_u(canvas, STEP_GAP) : 0);
    }
    return sum;
}

// The largest size with which the steps fit into r.
static int choose_step_size(struct canvas *canvas, struct rect r,
                            const struct verdict_view *view) {
    int size = STEP_SIZE;
    while (size > STEP_LEAST && steps_height(canvas, r.w, view, size) > r.h) {
        size -= 4;
    }
    return size;
}

static void draw_steps(struct canvas *canvas, struct rect r,
                       const struct verdict_view *view, float gap) {
    const struct theme *theme = theme_get_paper();
    struct draw_label label =
        step_label(canvas, choose_step_size(canvas, r, view), STEP_LEAST);
    float disc = look_u(canvas, STEP_DISC);
    int count = count_steps(view);
    for (int i = 0; i < count && r.h >= disc; i++) {
        const struct verdict_step *step = &view->steps[i];
        char number[8];
        look_format(number, sizeof number, "%d", i + 1);
        draw_circle(canvas, r.x + disc / 2, r.y + disc / 2, disc / 2,
                    theme_mix(theme->bg, theme->accent, 0.12F));
        struct draw_label digit = look_label(canvas, 34, 24, TEXT_BOLD, theme->accent);
        digit.align = TEXT_ALIGN_CENTER;
        digit.valign = DRAW_MIDDLE;
        look_text(canvas, rect_make(r.x, r.y, disc, disc), digit, number);
        struct rect words = r;
        rect_cut_left(&words, look_u(canvas, STEP_X));
        const struct draw_span spans[3] = {{step->text, TEXT_REGULAR, theme->text},
                                           {step->strong, TEXT_BOLD, theme->text},
                                           {step->rest, TEXT_REGULAR, theme->text}};
        float h = draw_spans(canvas, words, &label, spans, 3).h;
        rect_cut_top(&r, (h > disc ? h : disc) + gap);
    }
}

// ---- the words

static void format_staff_hints(const struct verdict_view *view, char *out, size_t size) {
    out[0] = '\0';
    if (view->is_time_unsure) {
        look_join(out, size, tr("clock not sure: no date rule was judged"));
    }
    if (view->is_unconfirmed) {
        look_join(out, size, tr("hub did not answer: not confirmed"));
    }
}

enum { WORDS_MAX = 6 };

// Texts that the pieces point at.
struct words {
    char first[LINE_SIZE], second[LINE_SIZE], hints[LINE_SIZE];
    struct stack_piece pieces[WORDS_MAX];
};

static void make_words(const struct verdict_view *view, bool has_room,
                       struct words *out) {
    const struct theme *theme = theme_get_paper();
    verdict_format_lines(view, out->first, out->second);
    format_staff_hints(view, out->hints, sizeof out->hints);
    bool is_staff = view->is_staff, has_first = out->first[0] != '\0';
    bool is_stop = verdict_find_look(view)->tone == TONE_STOP;
    float size = has_room ? 56 : 46;
    const struct stack_piece pieces[WORDS_MAX] = {
        {.text = is_staff ? view->name : "",
         .size = 60,
         .min = 40,
         .max_lines = 2,
         .weight = TEXT_BOLD,
         .color = theme->text},
        {.text = is_staff ? view->detail : "",
         .size = 38,
         .min = 28,
         .gap = 6,
         .max_lines = 2,
         .color = theme->dim},
        {.text = out->first,
         .size = size,
         .min = 32,
         .gap = 32,
         .max_lines = 3,
         .leading_pct = 132,
         .weight = TEXT_SEMIBOLD,
         .color = theme->text},
        {.text = out->second,
         .size = size,
         .min = 32,
         .gap = has_first ? 14 : 32,
         .max_lines = 5,
         .leading_pct = 132,
         .color = has_first ? theme->dim : theme->text},
        {.text = is_staff ? view->reason : "",
         .size = size,
         .min = 32,
         .gap = 24,
         .max_lines = 4,
         .leading_pct = 130,
         .weight = TEXT_SEMIBOLD,
         .color = is_stop ? theme->stop : theme->warn},
        {.text = is_staff ? out->hints : "",
         .size = 34,
         .min = 28,
         .gap = 24,
         .max_lines = 2,
         .color = theme->warn},
    };
    memcpy(out->pieces, pieces, sizeof pieces);
}

// Sign, word, text and steps, a little above the middle of r.
static void draw_message(struct canvas *canvas, struct rect r,
                         const struct verdict_view *view, bool is_wide, bool has_room) {
    struct words words;
    make_words(view, has_room, &words);
    float side = look_u(canvas, is_wide ? 200 : 150), gap = look_u(canvas, 52);
    float text = stack_measure(canvas, r.w, words.pieces, WORDS_MAX);
    float after = text > 0 ? look_u(canvas, 36) : 0;
    struct rect left = rect_make(r.x, r.y, r.w, r.h - side - gap - text - after);
    float steps = 0;
    if (count_steps(view) > 0) {
        steps = steps_height(canvas, r.w, view, choose_step_size(canvas, left, view));
    }
    float spare = left.h + (steps > 0 ? 0 : after) - steps;
    rect_cut_top(&r, spare > 0 ? spare * 0.36F : 0);
    draw_title(canvas, rect_cut_top(&r, side), view, is_wide);
    rect_cut_top(&r, gap);
    float h = stack_draw(canvas, r, words.pieces, WORDS_MAX);
    if (steps > 0) {
        rect_cut_top(&r, h > 0 ? h + after : 0);
        float more = spare > 0 ? spare * 0.1F : 0, most = look_u(canvas, 22);
        draw_steps(canvas, r, view,
                   look_u(canvas, STEP_GAP) + (more < most ? more : most));
    }
}

static void format_print(const struct verdict_view *view, char *out, size_t size) {
    switch (view->print) {
    case PRINT_STATE_WAITING:
        look_format(out, size, "%s", tr("Your badge is next in line"));
        break;
    case PRINT_STATE_PRINTING:
        look_format(out, size, "%s", tr("Printing your badge\xE2\x80\xA6"));
        break;
    case PRINT_STATE_PRINTED:
        look_format(out, size, "%s", tr("Your badge is ready"));
        break;
    case PRINT_STATE_TROUBLE:
        look_format(out, size, tr("Collect your badge at %s"),
                    view->print_place[0] ? view->print_place : tr("the desk"));
        break;
    case PRINT_STATE_NONE:
        out[0] = '\0';
        break;
    }
}

static void draw_badge(struct canvas *canvas, struct rect r,
                       const struct verdict_view *view) {
    const struct theme *theme = theme_get_paper();
    char words[160];
    format_print(view, words, sizeof words);
    if (words[0]) {
        struct rect foot = rect_cut_bottom(&r, look_u(canvas, 96));
        struct rect bar = rect_cut_bottom(&foot, look_u(canvas, 14));
        bool is_done = view->print == PRINT_STATE_PRINTED;
        if (view->print == PRINT_STATE_PRINTING && view->print_part >= 0) {
            draw_progress(canvas, bar, view->print_part,
                          theme_mix(theme->bg, theme->line, 0.5F), theme->ok);
        }
        struct draw_label label =
            look_label(canvas, 36, 28, is_done ? TEXT_BOLD : TEXT_MEDIUM,
                       is_done                              ? theme->ok
                       : view->print == PRINT_STATE_TROUBLE ? theme->text
                                                            : theme->dim);
        label.align = TEXT_ALIGN_CENTER;
        label.valign = DRAW_MIDDLE;
        look_text(canvas, foot, look_lines(label, 2, 115), words);
        rect_cut_bottom(&r, look_u(canvas, 12));
    }
    look_draw_badge(canvas, r, theme, view->badge, tr("Your badge"));
}

void verdict_draw(struct canvas *canvas, const struct verdict_view *view,
                  struct targets *targets) {
    targets_begin(targets);
    struct look_buttons buttons = {.count = 0};
    if (view->is_staff) {
        add_staff_buttons(&buttons, view);
    } else {
        add_attendee_buttons(&buttons, view);
    }
    bool has_badge = view->badge || view->print != PRINT_STATE_NONE;
    struct page page = page_begin(canvas, targets, has_badge, &buttons, "");
    const struct verdict_look *look = verdict_find_look(view);
    struct rect band = canvas_rect(canvas);
    draw_rect(canvas, rect_cut_top(&band, look_u(canvas, 26)), verdict_fill(look->tone));
    struct rect words = page.words;
    if (!has_badge && !canvas->is_portrait) {
        rect_cut_right(&words, words.w - look_u(canvas, 1500));
    }
    draw_message(canvas, words, view, !has_badge && !canvas->is_portrait, !has_badge);
    if (has_badge) {
        draw_badge(canvas, page.picture, view);
    }
}
