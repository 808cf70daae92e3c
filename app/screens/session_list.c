#include "app/screens/session_list.h"

#include "app/screens/look.h"

void session_list_format_time(const struct session_view *s, char *out, size_t size) {
    if (s->day[0]) {
        look_format(out, size, "%s, %s", s->day, s->start);
    } else {
        look_format(out, size, "%s", s->start);
    }
}

uint32_t session_list_change_color(const struct theme *theme,
                                   enum session_change change) {
    switch (change) {
    case CHANGE_MOVED_HERE:
    case CHANGE_NEW_TIME:
    case CHANGE_MOVED_AWAY:
        return theme->warn;
    case CHANGE_CANCELLED:
        return theme->stop;
    case CHANGE_NONE:
        break;
    }
    return theme->dim;
}

static void draw_row(struct canvas *canvas, struct rect r, const struct session_view *s) {
    const struct theme *theme = theme_get_ink();
    bool is_tall = r.h >= look_u(canvas, 100);
    bool is_off = s->change == CHANGE_CANCELLED || s->change == CHANGE_MOVED_AWAY;
    uint32_t line = s->change == CHANGE_CANCELLED ? theme->stop : theme->warn;
    float stroke = s->change == CHANGE_NONE ? 0 : look_u(canvas, 3);
    draw_card(canvas, r, look_u(canvas, 16), theme->surface, stroke, line);
    r = rect_inset(r, look_u(canvas, 28), 0);
    struct draw_label time =
        look_label(canvas, is_tall ? 40 : 34, 28, TEXT_SEMIBOLD, theme->accent);
    time.valign = DRAW_MIDDLE;
    char span[64];
    look_format(span, sizeof span, "%s\xE2\x80\x93%s", s->start, s->end);
    float time_w = look_u(canvas, is_tall ? 262 : 228);
    look_text(canvas, rect_cut_left(&r, time_w), time, span);
    rect_cut_left(&r, look_u(canvas, 28));
    struct draw_label head = look_label(canvas, is_tall ? 46 : 38, 28, TEXT_BOLD,
                                        is_off ? theme->dim : theme->text);
    head.valign = DRAW_MIDDLE;
    head.is_struck = s->change == CHANGE_CANCELLED;
    if (s->acronym[0]) {
        float head_w = look_u(canvas, is_tall ? 254 : 210);
        look_text(canvas, rect_cut_left(&r, head_w), head, s->acronym);
        rect_cut_left(&r, look_u(canvas, 18));
    }
    bool is_head = !s->acronym[0]; // the title stands in the acronym's place
    char change[128], where[192], line_text[256];
    session_view_change(s, change, sizeof change);
    session_view_where(s, where, sizeof where);
    look_format(line_text, sizeof line_text, "%s%s", change[0] ? " \xC2\xB7 " : "",
                where[0] ? where : s->title);
    struct draw_label small = look_label(canvas,
                                         is_tall   ? 38
                                         : is_head ? 34
                                                   : 28,
                                         26, TEXT_REGULAR, theme->dim);
    small.valign = DRAW_MIDDLE;
    small.max_lines = r.h >= look_u(canvas, 130) ? 3 : r.h >= look_u(canvas, 84) ? 2 : 1;
    uint32_t tone = session_list_change_color(theme, s->change);
    const struct draw_span spans[2] = {{change, TEXT_SEMIBOLD, tone},
                                       {line_text, is_head ? TEXT_BOLD : TEXT_REGULAR,
                                        is_head && !is_off ? theme->text : theme->dim}};
    draw_spans(canvas, r, &small, spans, 2);
}

void session_list_draw(struct canvas *canvas, struct rect r,
                       const struct session_view *sessions, int count) {
    const struct theme *theme = theme_get_ink();
    if (count == 0) {
        struct draw_label label = look_label(canvas, 48, 36, TEXT_MEDIUM, theme->dim);
        label.align = TEXT_ALIGN_CENTER;
        label.valign = DRAW_MIDDLE;
        look_text(canvas, r, look_lines(label, 3, 125),
                  tr("Nothing is planned in this room."));
        return;
    }
    float gap = look_u(canvas, 12);
    int fit = (int)((r.h + gap) / (look_u(canvas, 84) + gap));
    int columns = count > fit && !canvas->is_portrait ? 2 : 1;
    int rows = (count + columns - 1) / columns;
    float most = look_u(canvas, canvas->is_portrait ? 164 : 124);
    float h = (r.h - gap * (float)(rows - 1)) / (float)rows;
    if (h > most) {
        r.h = most * (float)rows + gap * (float)(rows - 1);
    }
    for (int i = 0; i < count; i++) {
        struct rect cell = rect_grid(r, columns, rows, gap, i / rows, i % rows);
        draw_row(canvas, cell, &sessions[i]);
    }
}
