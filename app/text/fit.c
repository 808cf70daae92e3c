#include "app/text/fit.h"

#include "app/text/faces.h"
#include "app/text/script.h"
#include "sync/base/mem.h"

// What stands between two chances to break.
struct segment {
    int from, to;      // without the spaces at the end
    int end;           // with them, and the line feed
    bool is_hard;      // the line must end here
    float w, w_spaced; // px, without and with the spaces at the end
};

struct job {
    const struct analysis *a;
    struct segment *segments;
    int segment_count;
    int measured_px; // the size the widths are for
    float max_w;
    int max_h, max_lines, leading_pct;
};

// Shaped advances are floored by SDL_ttf; half a pixel per piece makes up on average.
static const float FLOOR_LOSS_PX = 0.5F;

// `end` without the spaces and the line feed before it.
static int trim_end(const struct analysis *a, int from, int end) {
    while (end > from && (a->cps[end - 1] == ' ' || a->cps[end - 1] == '\n')) {
        end--;
    }
    return end;
}

static void find_segments(struct job *job) {
    const struct analysis *a = job->a;
    job->segments = mem_alloc((size_t)a->count + 1, sizeof *job->segments);
    for (int from = 0, i = 0; i < a->count; i++) {
        bool is_hard = a->cps[i] == '\n';
        if (is_hard || a->can_break[i] || i + 1 == a->count) {
            job->segments[job->segment_count++] =
                (struct segment){.from = from,
                                 .to = trim_end(a, from, i + 1),
                                 .end = i + 1,
                                 .is_hard = is_hard};
            from = i + 1;
        }
    }
}

static void measure_segments(struct job *job, int size_px) {
    if (job->measured_px == size_px) {
        return;
    }
    for (int s = 0; s < job->segment_count; s++) {
        struct segment *segment = &job->segments[s];
        int end = segment->is_hard ? segment->end - 1 : segment->end;
        segment->w = analyse_measure(job->a, segment->from, segment->to, size_px);
        segment->w_spaced = segment->w;
        if (end > segment->to) {
            segment->w_spaced = analyse_measure(job->a, segment->from, end, size_px);
        }
        segment->w_spaced += FLOOR_LOSS_PX;
    }
    job->measured_px = size_px;
}

static void measure_metrics(const struct job *job, struct fit *fit, int size_px) {
    const struct analysis *a = job->a;
    int base = faces_get_base(a->fonts, TEXT_REGULAR, a->is_display);
    TTF_Font *font = faces_use(a->fonts, base, size_px, false, SCRIPT_COMMON);
    fit->size_px = size_px;
    fit->ascent_px = TTF_FontAscent(font);
    fit->descent_px = -TTF_FontDescent(font);
    fit->cap_px = size_px * 73 / 100;
    (void)TTF_GlyphMetrics32(font, 'H', NULL, NULL, NULL, &fit->cap_px, NULL);
    int tall_pct = 0;
    for (int i = 0; i < a->count; i++) {
        int wish = script_rows[a->scripts[i]].pitch_pct;
        tall_pct = wish > tall_pct ? wish : tall_pct;
    }
    int pitch_pct = job->leading_pct > tall_pct ? job->leading_pct : tall_pct;
    fit->pitch_px = (size_px * pitch_pct + 50) / 100;
    // Scripts with marks on both sides need more than Inter's line box, mostly below.
    int extra = (size_px * tall_pct + 50) / 100 - fit->ascent_px - fit->descent_px;
    if (extra > 0) {
        fit->ascent_px += extra / 3;
        fit->descent_px += extra - extra / 3;
    }
}

static int lines_that_fit(const struct job *job, const struct fit *fit) {
    int lines = job->max_lines;
    if (job->max_h > 0) {
        int high = (job->max_h - fit->ascent_px - fit->descent_px) / fit->pitch_px + 1;
        lines = high < lines ? high : lines;
    }
    return lines < 1 ? 1 : lines;
}

// Greedy lines at `size_px` from widths scaled to it. False when they are too many, too
// wide or too high; fit->lines then holds the first ones. is_exact: widths are re-shaped
// line by line, and what is still too wide moves on.
static bool build_lines(const struct job *job, struct fit *fit, bool is_exact) {
    float scale = (float)fit->size_px / (float)job->measured_px;
    int most = lines_that_fit(job, fit);
    bool is_fine = job->max_h <= 0 || fit->ascent_px + fit->descent_px <= job->max_h;
    fit->line_count = 0;
    for (int s = 0; s < job->segment_count;) {
        if (fit->line_count == most) {
            return false;
        }
        int first = s;
        float w = 0;
        do {
            w += job->segments[s].w_spaced * scale;
        } while (!job->segments[s++].is_hard && s < job->segment_count &&
                 w + job->segments[s].w * scale <= job->max_w);
        int from = job->segments[first].from;
        while (is_exact && s > first + 1 &&
               analyse_measure(job->a, from, job->segments[s - 1].to, fit->size_px) >
                   job->max_w) {
            s--;
        }
        is_fine =
            is_fine && (s > first + 1 || job->segments[first].w * scale <= job->max_w);
        fit->lines[fit->line_count++] =
            (struct fit_line){from, job->segments[s - 1].to, false};
    }
    return is_fine;
}

// The greatest cluster border b in (from, to] for which [from, b) with `extra` px is within
// max_w; at least the first cluster.
static int find_border(const struct job *job, int from, int to, float extra,
                       int size_px) {
    const struct analysis *a = job->a;
    int low = from + 1;
    while (low < to && !a->is_start[low]) {
        low++;
    }
    // Long texts: look near the start first, shaping all of one is slow.
    int step = 32;
    while (from + step < to &&
           analyse_measure(a, from, from + step, size_px) <= job->max_w) {
        step *= 2;
    }
    int best = low, high = from + step < to ? from + step : to;
    while (low <= high) {
        int middle = low + (high - low) / 2, border = middle;
        while (border < to && !a->is_start[border]) {
            border++;
        }
        if (analyse_measure(a, from, border, size_px) + extra <= job->max_w) {
            best = border;
            low = border + 1;
        } else {
            high = middle - 1;
        }
    }
    return best;
}

// One word in pieces that are narrow enough; returns how many were written to out.
static int split_segment(const struct job *job, struct segment rest, struct segment *out,
                         int size_px) {
    int count = 0;
    while (rest.w > job->max_w && rest.to > rest.from && count < TEXT_LINES_MAX) {
        int border = find_border(job, rest.from, rest.to, 0, size_px);
        if (border >= rest.to) {
            break;
        }
        out[count++] = (struct segment){.from = rest.from, .to = border, .end = border};
        rest.from = border;
        rest.w = analyse_measure(job->a, border, rest.to, size_px);
    }
    out[count++] = rest;
    return count;
}

// At the smallest size: words wider than the box are divided at cluster borders.
static void split_wide_segments(struct job *job, int size_px) {
    struct segment *out = mem_alloc((size_t)job->a->count + 1, sizeof *out);
    int count = 0;
    for (int s = 0; s < job->segment_count; s++) {
        count += split_segment(job, job->segments[s], out + count, size_px);
    }
    mem_free(job->segments);
    job->segments = out;
    job->segment_count = count;
    job->measured_px = 0;
    measure_segments(job, size_px);
}

static float ellipsis_width(const struct job *job, int size_px) {
    int base = faces_get_base(job->a->fonts, TEXT_REGULAR, job->a->is_display);
    TTF_Font *font = faces_use(job->a->fonts, base, size_px, false, SCRIPT_COMMON);
    int w = size_px;
    (void)TTF_SizeUTF8(font, "\xE2\x80\xA6", &w, NULL);
    return (float)w + (float)size_px / 20;
}

// The last line takes what still fits of the rest, then an ellipsis.
static void cut_last_line(const struct job *job, struct fit *fit) {
    const struct analysis *a = job->a;
    struct fit_line *line = &fit->lines[fit->line_count - 1];
    int to = line->from;
    while (to < a->count && a->cps[to] != '\n') {
        to++;
    }
    if (to > line->from) {
        float extra = ellipsis_width(job, fit->size_px);
        line->to = find_border(job, line->from, to, extra, fit->size_px);
    }
    while (line->to > line->from && a->cps[line->to - 1] == ' ') {
        line->to--;
    }
    line->is_cut = true;
}

// The largest size in [min, max] whose scaled lines fit; min when none does.
static int search_size(struct job *job, struct fit *fit, int min, int max) {
    measure_segments(job, max);
    measure_metrics(job, fit, max);
    if (build_lines(job, fit, false)) {
        return max;
    }
    int low = min, high = max - 1, best = min;
    while (low <= high) {
        int middle = low + (high - low) / 2;
        measure_metrics(job, fit, middle);
        if (build_lines(job, fit, false)) {
            best = middle;
            low = middle + 1;
        } else {
            high = middle - 1;
        }
    }
    return best;
}

// Nothing fits at the smallest size: divide words, then cut what is too much.
static void rescue_lines(struct job *job, struct fit *fit) {
    split_wide_segments(job, fit->size_px);
    bool is_fitted = build_lines(job, fit, true);
    int last = fit->line_count - 1;
    if (!is_fitted && last >= 0 &&
        fit->lines[last].to < job->segments[job->segment_count - 1].to) {
        cut_last_line(job, fit);
    }
}

static int clamp(int value, int low, int high) {
    return value < low ? low : value > high ? high : value;
}

void fit_lines(const struct analysis *a, const struct text_style *style,
               struct fit *out_fit) {
    struct job job = {
        .a = a,
        .max_w = style->max_w_px > 0 && style->max_w_px < FIT_WIDTH_MAX_PX
                     ? (float)style->max_w_px
                     : (float)FIT_WIDTH_MAX_PX,
        .max_h = style->max_h_px,
        .max_lines = clamp(style->max_lines, 1, TEXT_LINES_MAX),
        .leading_pct = style->leading_pct > 0 ? clamp(style->leading_pct, 50, 400) : 120,
    };
    int max = clamp(style->size_px, TEXT_SIZE_MIN_PX, TEXT_SIZE_MAX_PX);
    int min = style->min_px > 0 ? clamp(style->min_px, TEXT_SIZE_MIN_PX, max) : max;
    *out_fit = (struct fit){0};
    find_segments(&job);
    int size = search_size(&job, out_fit, min, max);
    measure_segments(&job, size);
    measure_metrics(&job, out_fit, size);
    while (!build_lines(&job, out_fit, true) && size > min) {
        size--;
        measure_segments(&job, size);
        measure_metrics(&job, out_fit, size);
    }
    if (!build_lines(&job, out_fit, true)) {
        rescue_lines(&job, out_fit);
    }
    mem_free(job.segments);
}
