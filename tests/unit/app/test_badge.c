// Badges of every kind of name on every label: nothing outside, nothing lost, and a scanner
// that is not ours (zbarimg) reads the code back from the bits that are printed.
// FOYER_BADGE_OUT=DIR keeps the pictures.
#include "app/badge/badge.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/image/qr.h"

static const char *const labels[] = {"badge-3x4",   "badge-4x3",     "badge-4x6",
                                     "label-62",    "label-60x86",   "label-62x100",
                                     "label-29x90", "label-102x152", "fold-4x6"};
enum { LABELS = sizeof labels / sizeof labels[0], EVERY = 6 };

struct fixture {
    struct fonts *fonts;
    struct template templates[LABELS];
    char dir[64];
    int written;
};

static const struct event_info event = {.name = "IETF 92", .city = "Dallas"};

struct sample {
    const char *what, *name, *given, *family, *latin, *org, *country, *lang;
    const char *roles;
    bool is_newcomer, no_photo;
};

#define HUNDRED                                                           \
    "Wolfeschlegelsteinhausenbergerdorffwelchevoralternwarengewissenhaft" \
    "schaferswessenschafewarenwohlgepf"

static const struct sample samples[] = {
    {"latin", "Zoë Müller-Ortiz", "Zoë", "Müller-Ortiz", "", "Example Networks", "DE",
     "de", "", true, true},
    {"vietnamese", "Nguyễn Thị Ánh", "Ánh", "Nguyễn", "", "Đại học Ví dụ", "VN", "vi",
     "chair", false, false},
    {"cyrillic", "Анастасия Щербакова", "Анастасия", "Щербакова",
     "Anastasiya Shcherbakova", "Пример", "RU", "ru", "", false, false},
    {"greek", "Ευάγγελος Παπαδόπουλος", "Ευάγγελος", "Παπαδόπουλος",
     "Evangelos Papadopoulos", "Παράδειγμα", "GR", "el", "", true, false},
    {"arabic", "محمد بن عبد الله", "محمد", "", "Mohammed bin Abdullah", "جامعة المثال",
     "SA", "ar", "speaker", false, true},
    {"hebrew", "שירה כהן־לוי", "שירה", "כהן־לוי", "Shira Cohen-Levi", "דוגמה", "IL", "he",
     "", false, false},
    {"urdu", "عائشہ صدیقی", "عائشہ", "صدیقی", "Ayesha Siddiqui", "مثال", "PK", "ur", "",
     false, false},
    {"devanagari", "श्रीकृष्ण द्विवेदी", "श्रीकृष्ण", "द्विवेदी", "Shrikrishna Dwivedi", "उदाहरण",
     "IN", "hi", "", false, false},
    {"bengali", "সৌমিত্র চক্রবর্তী", "সৌমিত্র", "চক্রবর্তী", "Soumitra Chakraborty", "উদাহরণ",
     "BD", "bn", "noc", false, false},
    {"tamil", "கிருஷ்ணமூர்த்தி ராமசாமி", "கிருஷ்ணமூர்த்தி", "ராமசாமி", "Krishnamurthy Ramasamy",
     "எடுத்துக்காட்டு", "IN", "ta", "", false, false},
    {"thai", "ณัฐวุฒิ ศรีสุข", "ณัฐวุฒิ", "ศรีสุข", "Nattawut Srisuk", "ตัวอย่าง", "TH", "th", "",
     false, false},
    {"khmer", "សុខ ចាន់ធី", "ចាន់ធី", "សុខ", "Sok Chanthy", "ឧទាហរណ៍", "KH", "km", "", false,
     false},
    {"chinese", "王小明", "小明", "王", "Wang Xiaoming", "示例大学", "CN", "zh",
     "chair noc", true, false},
    {"taiwan", "陳骨直", "骨直", "陳", "Chen Guzhi", "範例大學", "TW", "", "", false,
     false},
    {"japanese", "渡辺 直子", "直子", "渡辺", "Naoko Watanabe", "例示大学", "JP", "ja",
     "staff", false, false},
    {"korean", "김민준", "민준", "김", "Kim Minjun", "예시 대학교", "KR", "ko", "", false,
     false},
    {"georgian", "ნინო ჩხეიძე", "ნინო", "ჩხეიძე", "Nino Chkheidze", "მაგალითი", "GE",
     "ka", "", false, false},
    {"armenian", "Անահիտ Հարությունյան", "Անահիտ", "Հարությունյան", "Anahit Harutyunyan",
     "Օրինակ", "AM", "hy", "", false, false},
    {"ethiopic", "ሰላማዊት ተስፋዬ", "ሰላማዊት", "ተስፋዬ", "Selamawit Tesfaye", "ምሳሌ", "ET", "am",
     "", false, false},
    {"hundred in one word", HUNDRED, HUNDRED, "", "", "Example", "DE", "de", "", false,
     false},
    {"hundred in words",
     "Maria do Carmo Francisca Xavier de Paula Isidora Micaela Gabriela Rafaela Gonzaga "
     "de Almeida-Sousa",
     "Maria do Carmo Francisca Xavier de Paula Isidora Micaela Gabriela Rafaela Gonzaga",
     "de Almeida-Sousa", "",
     "Institute for the Study of Very Long Names of Institutes and their Departments, "
     "Faculty of Applied Examples",
     "BR", "pt", "chair noc staff speaker volunteer mentor", true, true},
    {"mononym", "Suharto", "Suharto", "", "", "", "ID", "id", "", false, false},
    {"one letter", "O", "O", "", "", "Example", "KR", "", "", true, false},
    {"double surname", "María de los Ángeles Fernández-Echeverría y Goicoechea-Urrutia",
     "María de los Ángeles", "Fernández-Echeverría y Goicoechea-Urrutia", "",
     "Universidad Politécnica", "ES", "es", "chair", false, false},
    {"emoji", "Ada 🚀 Example 😀", "Ada 🚀", "Example 😀", "", "Rockets ☂ & Co", "GB", "en",
     "", false, false},
    {"mixed direction", "David דוד Cohen כהן", "", "", "", "Acme خدمات 3000", "IL", "he",
     "speaker", false, false},
    {"no latin", "ธนพล เกียรติวัฒนานนท์", "", "", "", "มหาวิทยาลัยตัวอย่างแห่งประเทศไทย", "TH",
     "th", "volunteer", true, false},
    {"empty org", "Ada Example", "Ada", "Example", "", "", "GB", "en", "", false, false},
};
enum { SAMPLES = sizeof samples / sizeof samples[0] };

static void fill(const struct sample *s, struct badge *out) {
    struct person p = {.is_newcomer = s->is_newcomer, .no_photo = s->no_photo};
    snprintf(p.id, sizeof p.id, "0123456789ABCDEF");
    snprintf(p.name, sizeof p.name, "%s", s->name);
    snprintf(p.given, sizeof p.given, "%s", s->given);
    snprintf(p.family, sizeof p.family, "%s", s->family);
    snprintf(p.latin, sizeof p.latin, "%s", s->latin);
    snprintf(p.org, sizeof p.org, "%s", s->org);
    snprintf(p.country, sizeof p.country, "%s", s->country);
    snprintf(p.lang, sizeof p.lang, "%s", s->lang);
    snprintf(p.roles, sizeof p.roles, "%s", s->roles);
    badge_fill(&p, &event, 7, out);
}

static int set_up(void **state) {
    struct fixture *f = calloc(1, sizeof *f);
    assert_int_equal(fonts_open(NULL, &f->fonts), ERR_NONE);
    for (int i = 0; i < LABELS; i++) {
        char path[512];
        const char *source = getenv("FOYER_SOURCE");
        snprintf(path, sizeof path, "%s/assets/badges/%s.json", source ? source : ".",
                 labels[i]);
        assert_int_equal(template_read(path, &f->templates[i]), ERR_NONE);
    }
    const char *keep = getenv("FOYER_BADGE_OUT");
    snprintf(f->dir, sizeof f->dir, "%s", keep ? keep : "/tmp/foyer-badge-XXXXXX");
    assert_true(keep || mkdtemp(f->dir));
    *state = f;
    return 0;
}

static int tear_down(void **state) {
    struct fixture *f = *state;
    fonts_close(f->fonts);
    for (int i = 0; i < LABELS; i++) {
        template_finish(&f->templates[i]);
    }
    if (!getenv("FOYER_BADGE_OUT")) {
        char command[128];
        snprintf(command, sizeof command, "rm -rf '%s'", f->dir);
        assert_int_equal(system(command), 0);
    }
    free(f);
    return 0;
}

static void write_raster(struct fixture *f, const struct raster *r, const char *label,
                         const char *what) {
    char path[256];
    snprintf(path, sizeof path, "%s/%s %s.png", f->dir, label, what);
    assert_int_equal(raster_write_png(r, path), ERR_NONE);
    f->written++;
}

// Every picture in the folder, by a decoder that is not ours.
static void assert_all_decode(const struct fixture *f, const char *code, int count) {
    char command[512];
    snprintf(command, sizeof command,
             "cd '%s' && zbarimg -q --raw *.png 2>/dev/null | grep -cx '%s'", f->dir,
             code);
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    char line[32] = "";
    assert_non_null(fgets(line, sizeof line, pipe));
    pclose(pipe);
    assert_int_equal(strtol(line, NULL, 10), count);
}

static void assert_margin_white(const struct raster *r, double margin_mm) {
    int margin = template_dots(margin_mm, r->dpi);
    for (int y = 0; y < r->h; y++) {
        for (int x = 0; x < r->w; x++) {
            bool is_inside =
                x >= margin && y >= margin && x < r->w - margin && y < r->h - margin;
            if (!is_inside && raster_is_black(r, x, y)) {
                fail_msg("black dot at %d, %d in the margin of %d", x, y, margin);
            }
        }
    }
    for (int y = 0; y < r->h; y++) {
        uint8_t last =
            r->bits[(size_t)y * (size_t)r->stride_bytes + (size_t)(r->w - 1) / 8];
        assert_int_equal(r->w % 8 ? last & ((1 << (8 - r->w % 8)) - 1) : 0, 0);
    }
}

static int count_black(const struct raster *r, double x_mm, double y_mm, double w_mm,
                       double h_mm) {
    int count = 0;
    for (int y = template_dots(y_mm, r->dpi); y < template_dots(y_mm + h_mm, r->dpi);
         y++) {
        for (int x = template_dots(x_mm, r->dpi); x < template_dots(x_mm + w_mm, r->dpi);
             x++) {
            count += raster_is_black(r, x, y);
        }
    }
    return count;
}

static void test_every_name_on_every_label(void **state) {
    struct fixture *f = *state;
    struct badge badge;
    double worst_ms = 0, sum_ms = 0;
    for (int i = 0; i < LABELS; i++) {
        for (int j = 0; j < SAMPLES; j++) {
            struct raster r;
            struct timespec from, to;
            fill(&samples[j], &badge);
            clock_gettime(CLOCK_MONOTONIC, &from);
            badge_make_raster(&f->templates[i], &badge, f->fonts, 300, &r);
            clock_gettime(CLOCK_MONOTONIC, &to);
            double ms = (double)(to.tv_sec - from.tv_sec) * 1e3 +
                        (double)(to.tv_nsec - from.tv_nsec) / 1e6;
            worst_ms = ms > worst_ms ? ms : worst_ms;
            sum_ms += ms;
            assert_margin_white(&r, f->templates[i].margin_mm);
            if ((i + j) % EVERY == 0) { // the reader takes longer than the drawing
                write_raster(f, &r, labels[i], samples[j].what);
            }
            raster_finish(&r);
        }
    }
    print_message("name to raster at 300 dpi: mean %.1f ms, worst %.1f ms of %d\n",
                  sum_ms / (LABELS * SAMPLES), worst_ms, LABELS * SAMPLES);
    assert_all_decode(f, badge.code, f->written);
}

static void test_coarse_and_fine_printers(void **state) {
    struct fixture *f = *state;
    struct badge badge;
    fill(&samples[0], &badge);
    static const int dpis[] = {203, 600};
    for (int i = 0; i < LABELS; i++) {
        for (int j = 0; j < 2; j++) {
            struct raster r;
            char what[32];
            snprintf(what, sizeof what, "%d dpi", dpis[j]);
            badge_make_raster(&f->templates[i], &badge, f->fonts, dpis[j], &r);
            assert_int_equal(r.w, template_dots(f->templates[i].width_mm, dpis[j]));
            assert_margin_white(&r, f->templates[i].margin_mm);
            write_raster(f, &r, labels[i], what);
            raster_finish(&r);
        }
    }
    assert_all_decode(f, badge.code, 2 * LABELS);
}

static const struct template_area *area_of(const struct template *t,
                                           enum template_area_kind kind) {
    for (size_t i = 0; i < t->sides[0].area_count; i++) {
        if (t->sides[0].areas[i].kind == kind) {
            return &t->sides[0].areas[i];
        }
    }
    fail_msg("no such area");
    return NULL;
}

static void test_code_has_whole_modules_and_quiet_zone(void **state) {
    struct fixture *f = *state;
    struct badge badge;
    struct raster r;
    static struct qr qr;
    fill(&samples[20], &badge);
    assert_int_equal(qr_encode(badge.code, strlen(badge.code), &qr), ERR_NONE);
    assert_int_equal(qr.side, 21);
    badge_make_raster(&f->templates[0], &badge, f->fonts, 300, &r);
    const struct template_area *a = area_of(&f->templates[0], TEMPLATE_AREA_CODE);
    int w = template_dots(a->w_mm, 300), dots = w / (21 + 8);
    int x0 = template_dots(a->x_mm, 300) + (w - dots * 29) / 2;
    int y0 = template_dots(a->y_mm, 300) + (w - dots * 29) / 2;
    assert_true(dots * 25.4 / 300 > 0.7); // module size in mm that any scanner reads
    for (int y = 0; y < dots * 29; y++) {
        for (int x = 0; x < dots * 29; x++) {
            bool is_dark = qr_is_dark(&qr, x / dots - 4, y / dots - 4);
            assert_int_equal(raster_is_black(&r, x0 + x, y0 + y), is_dark);
        }
    }
    raster_finish(&r);
}

static void test_fill_splits_only_at_family_name(void **state) {
    (void)state;
    static const struct {
        const char *name, *given, *family, *latin, *big, *second;
    } rows[] = {
        {"Zoë Müller-Ortiz", "Zoë", "Müller-Ortiz", "", "Zoë", "Müller-Ortiz"},
        {"Bob Smith", "Robert", "Smith", "", "Bob", "Smith"},
        {"Nguyễn Thị Ánh", "Ánh", "Nguyễn", "", "Nguyễn Thị Ánh", ""},
        {"Suharto", "Suharto", "Suharto", "", "Suharto", ""},
        {"Suharto", "", "", "", "Suharto", ""},
        {"Johnsmith", "John", "smith", "", "Johnsmith", ""},
        {"王小明", "小明", "王", "Wang Xiaoming", "王小明", "Wang Xiaoming"},
        {"Ada Example", "Ada", "Example", "Ada Example", "Ada", "Example"},
        {"Ada  de la  Cruz", "Ada", "de la  Cruz", "", "Ada", "de la  Cruz"},
        {" Cruz", "", "Cruz", "", " Cruz", ""},
        {"", "", "", "", "", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct sample s = {.name = rows[i].name,
                           .given = rows[i].given,
                           .family = rows[i].family,
                           .latin = rows[i].latin,
                           .org = "",
                           .country = "",
                           .lang = "",
                           .roles = ""};
        struct badge b;
        fill(&s, &b);
        assert_string_equal(b.name, rows[i].big);
        assert_string_equal(*b.family ? b.family : b.latin, rows[i].second);
        assert_string_equal(b.whole, rows[i].name);
        assert_true(!*b.family || !*b.latin);
    }
}

static void test_fill_makes_marks_code_and_event(void **state) {
    (void)state;
    struct badge b;
    fill(&samples[20], &b);
    assert_int_equal(b.mark_count, BADGE_MARKS_MAX); // the seventh has no place
    assert_string_equal(b.marks[0], "CHAIR");
    assert_string_equal(b.marks[5], "MENTOR");
    assert_true(b.no_photo);
    assert_string_equal(b.event, "IETF 92 · Dallas");
    char code[BADGE_CODE_CHARS + 1];
    badge_code_format("0123456789ABCDEF", 7, code);
    assert_string_equal(b.code, code);
    fill(&samples[0], &b);
    assert_int_equal(b.mark_count, 1);
    assert_string_equal(b.marks[0], "NEWCOMER");
    fill(&samples[13], &b);
    assert_int_equal(b.han, TEXT_HAN_HANT);
}

static void test_marks_show_only_when_there_are_any(void **state) {
    struct fixture *f = *state;
    struct badge badge;
    struct raster r;
    const struct template_area *a = area_of(&f->templates[0], TEMPLATE_AREA_MARKS);
    fill(&samples[SAMPLES - 1], &badge);
    badge_make_raster(&f->templates[0], &badge, f->fonts, 300, &r);
    assert_int_equal(count_black(&r, a->x_mm, a->y_mm, a->w_mm, a->h_mm), 0);
    raster_finish(&r);
    fill(&samples[0], &badge);
    badge_make_raster(&f->templates[0], &badge, f->fonts, 300, &r);
    int with_both = count_black(&r, a->x_mm, a->y_mm, a->w_mm, a->h_mm);
    raster_finish(&r);
    badge.no_photo = false;
    badge_make_raster(&f->templates[0], &badge, f->fonts, 300, &r);
    int with_one = count_black(&r, a->x_mm, a->y_mm, a->w_mm, a->h_mm);
    assert_true(with_one > 5000 && with_both > with_one + 2000);
    raster_finish(&r);
}

static void test_badge_without_code_or_texts_is_blank(void **state) {
    struct fixture *f = *state;
    struct badge badge = {0};
    struct raster r;
    badge_make_raster(&f->templates[0], &badge, f->fonts, 300, &r);
    assert_int_equal(count_black(&r, 0, 0, 76.2, 101.6), 0);
    raster_finish(&r);
}

static void test_same_badge_same_bits(void **state) {
    struct fixture *f = *state;
    struct badge badge;
    struct raster a, b;
    fill(&samples[4], &badge);
    badge_make_raster(&f->templates[1], &badge, f->fonts, 300, &a);
    fonts_trim(f->fonts, 0);
    badge_make_raster(&f->templates[1], &badge, f->fonts, 300, &b);
    assert_int_equal(a.stride_bytes * a.h, b.stride_bytes * b.h);
    assert_memory_equal(a.bits, b.bits, (size_t)a.stride_bytes * (size_t)a.h);
    raster_finish(&a);
    raster_finish(&b);
}

static void test_threshold_and_scale_keep_dots(void **state) {
    (void)state;
    struct ink ink;
    struct raster r;
    struct image image;
    ink_init(&ink, 10, 4, 300);
    ink.pixels[0] = 127;
    ink.pixels[1] = 128;
    for (int i = 0; i < 20; i++) {
        ink.pixels[20 + i] = 255; // the lower half
    }
    raster_threshold(&ink, &r);
    assert_int_equal(r.stride_bytes, 2);
    assert_int_equal(r.bits[0], 0x40);
    assert_int_equal(r.bits[4], 0xff);
    assert_int_equal(r.bits[5], 0xc0);
    assert_true(raster_is_black(&r, 9, 3));
    assert_false(raster_is_black(&r, 10, 3));
    assert_false(raster_is_black(&r, 0, -1));
    raster_scale_image(&r, 5, 100, &image);
    assert_int_equal(image.w, 5);
    assert_int_equal(image.h, 2);
    assert_int_equal(image.pixels[0], 0xffc0c0c0); // one dot of four
    assert_int_equal(image.pixels[1], 0xffffffff);
    assert_int_equal(image.pixels[9], 0xff000000);
    image_finish(&image);
    raster_scale_image(&r, 7, 3, &image); // dots are cut by pixel borders
    assert_int_equal(image.w, 7);
    assert_int_equal(image.h, 2);
    assert_int_equal(image.pixels[13], 0xff000000);
    image_finish(&image);
    raster_scale_image(&r, 1000, 1000, &image); // never enlarged
    assert_int_equal(image.w, 10);
    image_finish(&image);
    raster_finish(&r);
    ink_finish(&ink);
}

// Ink between x0, y0 and x1, y1, in dots.
static double ink_between(const struct raster *r, double x0, double y0, double x1,
                          double y1) {
    double black = 0;
    for (int row = (int)y0; row < y1; row++) {
        for (int col = (int)x0; col < x1; col++) {
            double w = fmin(col + 1, x1) - fmax(col, x0);
            double h = fmin(row + 1, y1) - fmax(row, y0);
            black += raster_is_black(r, col, row) ? w * h : 0;
        }
    }
    return black;
}

static void check_preview(const struct raster *r, const struct image *image) {
    double w = (double)r->w / image->w, h = (double)r->h / image->h;
    for (int i = 0; i < image->w * image->h; i++) {
        int x = i % image->w, y = i / image->w;
        double black = ink_between(r, x * w, y * h, (x + 1) * w, (y + 1) * h);
        double want = 255 * (1 - black / (w * h));
        double got = image->pixels[i] & 255;
        assert_true(fabs(want - got) < 4); // edges are kept to 1/256 dot
    }
}

// What the confirm screen shows is the raster of the job, scaled by area: the same share of
// ink over every pixel, whatever the sizes.
static void test_preview_is_the_raster_of_the_job(void **state) {
    struct fixture *f = *state;
    struct badge badge;
    for (int i = 0; i < LABELS; i++) {
        struct raster r;
        struct image image;
        fill(&samples[i * 3], &badge);
        badge_make_raster(&f->templates[i], &badge, f->fonts, 300, &r);
        raster_scale_image(&r, 300, 400, &image);
        assert_true(image.w == 300 || image.h == 400);
        check_preview(&r, &image);
        image_finish(&image);
        raster_finish(&r);
    }
}

static void test_template_refuses_what_it_cannot_print(void **state) {
    (void)state;
#define SIZE "{\"width_mm\": 60, \"height_mm\": 80, \"areas\": ["
#define BOX "\"x\": 5, \"y\": 5, \"w\": 40, \"h\": 20"
    static const struct {
        const char *text;
        enum err expected;
    } rows[] = {
        {SIZE "{\"show\": \"code\", " BOX "}]}", ERR_NONE},
        {SIZE "{\"lines\": [{\"show\": \"name\"}], " BOX "}]}", ERR_NONE},
        {SIZE "{\"lines\": [{\"show\": \"nickname\"}], " BOX "}]}", ERR_INPUT},
        {SIZE "{\"lines\": [{\"show\": \"name\", \"size\": \"9\"}], " BOX "}]}",
         ERR_INPUT},
        {SIZE "{\"lines\": [{\"show\": \"name\", \"size\": 4, \"min\": 5}], " BOX "}]}",
         ERR_INPUT},
        {SIZE "{\"lines\": [], " BOX "}]}", ERR_INPUT},
        {SIZE "{\"show\": \"code\", \"align\": \"up\", " BOX "}]}", ERR_INPUT},
        {SIZE "{\"show\": \"photo\", " BOX "}]}", ERR_INPUT},
        {SIZE "{\"show\": \"code\", \"x\": 5, \"y\": 5, \"w\": 53, \"h\": 9}]}",
         ERR_INPUT},
        {SIZE "{\"show\": \"code\", \"x\": 1, \"y\": 5, \"w\": 40, \"h\": 9}]}",
         ERR_INPUT},
        {SIZE "{\"show\": \"code\", \"x\": 5, \"y\": 5, \"w\": 40}]}", ERR_INPUT},
        {SIZE "]}", ERR_INPUT},
        {SIZE "7]}", ERR_INPUT},
        {"{\"width_mm\": 5, \"height_mm\": 80, \"areas\": []}", ERR_INPUT},
        {"{\"width_mm\": 1e9, \"height_mm\": 80, \"areas\": []}", ERR_INPUT},
        {"[]", ERR_INPUT},
        {"", ERR_INPUT},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct template t = {.side_count = 99};
        enum err e = template_parse(rows[i].text, strlen(rows[i].text), &t);
        if (e != rows[i].expected) {
            fail_msg("%s: got %s", rows[i].text, err_text(e));
        }
        assert_int_equal(t.side_count, e == ERR_NONE ? 1 : 99);
    }
    struct template t;
    assert_int_equal(template_read("/nowhere/badge.json", &t), ERR_NOT_FOUND);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_every_name_on_every_label),
        TEST(test_coarse_and_fine_printers),
        TEST(test_code_has_whole_modules_and_quiet_zone),
        cmocka_unit_test(test_fill_splits_only_at_family_name),
        cmocka_unit_test(test_fill_makes_marks_code_and_event),
        TEST(test_marks_show_only_when_there_are_any),
        TEST(test_badge_without_code_or_texts_is_blank),
        TEST(test_same_badge_same_bits),
        cmocka_unit_test(test_threshold_and_scale_keep_dots),
        TEST(test_preview_is_the_raster_of_the_job),
        cmocka_unit_test(test_template_refuses_what_it_cannot_print),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
