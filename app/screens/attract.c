#include "app/screens/attract.h"

#include "app/screens/look.h"
#include "app/screens/page.h"
#include "app/screens/stack.h"

static void format_footer(const struct attract_view *view, char *out, size_t size) {
    out[0] = '\0';
    look_join(out, size, view->kiosk);
    if (view->printer == ATTRACT_PRINTER_READY) {
        look_join(out, size, tr("prints badges"));
    }
    if (view->is_offline) {
        look_join(out, size, tr("works offline"));
    }
    if (view->is_time_unknown) {
        look_join(out, size, tr("clock not set yet"));
    }
    look_join(out, size, view->time_note);
    look_join(out, size, view->loading);
}

static void format_text(const struct attract_view *view, char *out, size_t size) {
    const char *how =
        view->has_scanner
            ? tr("Hold the code from your confirmation mail, or your badge, "
                 "under the scanner.")
            : tr("Touch \xE2\x80\x9C"
                 "Find my name\xE2\x80\x9D to check in.");
    if (view->printer == ATTRACT_PRINTER_READY) {
        look_format(out, size, "%s\n%s", how, tr("Your badge prints right here."));
    } else if (view->printer == ATTRACT_PRINTER_TROUBLE) {
        char where[160];
        look_format(where, sizeof where, tr("Your badge waits for you at %s."),
                    view->badge_place[0] ? view->badge_place : tr("the desk"));
        look_format(out, size, "%s\n%s", how, where);
    } else {
        look_format(out, size, "%s", how);
    }
}

static void draw_words(struct canvas *canvas, struct rect r,
                       const struct attract_view *view) {
    const struct theme *theme = theme_get_paper();
    char head[NAME_SIZE + 32], text[512];
    if (view->gate[0]) {
        look_format(head, sizeof head, "%s", view->gate);
    } else if (view->event[0]) {
        look_format(head, sizeof head, tr("Welcome to\n%s"), view->event);
    } else {
        look_format(head, sizeof head, "%s", tr("Welcome"));
    }
    format_text(view, text, sizeof text);
    if (view->is_checking) {
        look_format(head, sizeof head, "%s", tr("One moment"));
        look_format(text, sizeof text, "%s", tr("Checking with the other entrances."));
    }
    const struct stack_piece pieces[] = {
        {.text = view->gate[0] ? view->event : "",
         .size = 44,
         .min = 30,
         .weight = TEXT_SEMIBOLD,
         .color = theme->accent},
        {.text = head,
         .size = 108,
         .min = 46,
         .gap = 16,
         .max_lines = 3,
         .leading_pct = 104,
         .weight = TEXT_EXTRABOLD,
         .color = theme->text},
        {.text = text,
         .size = 46,
         .min = 32,
         .gap = 36,
         .max_lines = 5,
         .leading_pct = 132,
         .color = theme->dim},
    };
    stack_draw_placed(canvas, r, pieces, sizeof pieces / sizeof pieces[0], 0.3F);
}

static void draw_picture(struct canvas *canvas, struct rect r,
                         const struct attract_view *view) {
    const struct theme *theme = theme_get_paper();
    draw_card(canvas, r, look_u(canvas, 48), theme->surface, look_u(canvas, 3),
              theme->line);
    r = rect_inset(r, look_u(canvas, 56), look_u(canvas, 48));
    struct draw_label label = look_label(canvas, 48, 36, TEXT_BOLD, theme->text);
    label.align = TEXT_ALIGN_CENTER;
    label.valign = DRAW_MIDDLE;
    struct rect words = rect_cut_bottom(&r, look_u(canvas, 110));
    if (view->has_scanner) {
        draw_scan_picture(canvas, r, theme->text, theme->accent);
        look_text(canvas, words, look_lines(label, 2, 115), tr("Show it to the scanner"));
    } else {
        float side = look_u(canvas, 320);
        draw_symbol(canvas, DRAW_SYMBOL_SEARCH, rect_center(r, side, side), theme->accent,
                    theme->accent);
        look_text(canvas, words, look_lines(label, 2, 115), tr("Find your name"));
    }
}

static int lang_columns(int count) {
    return count > 4 ? (count + 1) / 2 : count;
}

static void draw_langs(struct canvas *canvas, struct rect r, struct targets *targets,
                       const struct attract_view *view) {
    const struct theme *theme = theme_get_paper();
    int count =
        view->lang_count < ATTRACT_LANGS_MAX ? view->lang_count : ATTRACT_LANGS_MAX;
    float gap = look_u(canvas, 16);
    int columns = lang_columns(count);
    int rows = (count + columns - 1) / columns;
    for (int i = 0; i < count; i++) {
        struct rect at = rect_grid(r, columns, rows, gap, i % columns, i / columns);
        bool is_chosen = i == view->lang_chosen;
        draw_card(canvas, at, look_u(canvas, 18), theme->surface,
                  look_u(canvas, is_chosen ? 5 : 3),
                  is_chosen ? theme->accent : theme->line);
        look_draw_row_target(canvas, at, targets, ACTION_LANG, i);
        struct draw_label label = look_label(canvas, 36, 24, TEXT_SEMIBOLD,
                                             is_chosen ? theme->accent : theme->text);
        label.align = TEXT_ALIGN_CENTER;
        label.valign = DRAW_MIDDLE;
        look_text(canvas, rect_inset(at, look_u(canvas, 10), look_u(canvas, 6)),
                  look_lines(label, 2, 104), view->langs[i]);
    }
}

void attract_draw(struct canvas *canvas, const struct attract_view *view,
                  struct targets *targets) {
    targets_begin(targets);
    if (view->notice.level == NOTICE_EMERGENCY && view->notice.text[0]) {
        notice_view_draw_emergency(canvas, &view->notice, view->kiosk, "");
        return;
    }
    struct look_buttons buttons = {.count = 0};
    if (view->can_find) {
        page_add_button(&buttons, ACTION_FIND, true);
    }
    if (view->can_register) {
        page_add_button(&buttons, ACTION_REGISTER, false);
    }
    page_add_call(&buttons, view->call, !view->can_find);
    char footer[256];
    format_footer(view, footer, sizeof footer);
    struct page page = page_begin(canvas, targets, true, &buttons, footer);
    if (view->notice.text[0]) {
        // Above the words and the picture, over the whole width.
        struct rect box = canvas_rect(canvas);
        box = rect_make(page.words.x, look_u(canvas, 40), box.w - 2 * page.words.x, 0);
        box.h = notice_view_measure(canvas, box.w, &view->notice);
        notice_view_draw_banner(canvas, box, theme_get_paper(), &view->notice);
        float shift = box.y + box.h + look_u(canvas, 32) - page.words.y;
        rect_cut_top(&page.words, shift);
        rect_cut_top(&page.picture, canvas->is_portrait ? 0 : shift);
    }
    draw_words(canvas, page.words, view);
    if (view->lang_count > 1) {
        struct rect box = page.picture;
        bool is_double = lang_columns(view->lang_count) < view->lang_count;
        struct rect row = rect_cut_bottom(&box, look_u(canvas, is_double ? 208 : 96));
        rect_cut_bottom(&box, look_u(canvas, 32));
        draw_langs(canvas, row, targets, view);
        page.picture = box;
    }
    draw_picture(canvas, page.picture, view);
}
