#include "app/text/fonts.h"

#include "app/text/faces.h"
#include "app/text/script.h"
#include "sync/base/log.h"
#include "sync/base/mem.h"

#include <dirent.h>
#include <linebreak.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { FOLDERS_MAX = 48, FACES_MAX = 160, PATH_BYTES = 256, KNOWN_COUNT = 2048 };

// One family in one weight. The file is looked for once, the font opened when needed.
struct face {
    const char *family; // static storage
    enum text_weight weight;
    long index; // in a collection; named instance in the upper 16 bits
    char *path; // NULL: no such file
    TTF_Font *font;
    int size_px;
    unsigned used_at;
};

// Answers of "does this face have this glyph", so that a closed face need not be opened
// again to ask. Direct-mapped; a collision only costs a new question.
struct known {
    uint32_t cp;
    int16_t face; // id + 1, 0: empty
    bool is_covered;
};

struct fonts {
    char *folders[FOLDERS_MAX];
    int folder_count;
    struct face faces[FACES_MAX];
    int face_count;
    unsigned clock;
    struct known known[KNOWN_COUNT];
};

// SDL_ttf keeps one FT_Library and one count of TTF_Init for the process; FreeType wants
// FT_New_Face and FT_Done_Face on one library serialised. Work on open faces needs no lock.
static pthread_mutex_t library_lock = PTHREAD_MUTEX_INITIALIZER;

// ---- files

static void add_folders(struct fonts *fonts, const char *path, int depth) {
    if (fonts->folder_count == FOLDERS_MAX) {
        return;
    }
    DIR *dir = opendir(path);
    if (dir == NULL) {
        return;
    }
    fonts->folders[fonts->folder_count++] = mem_copy_text(path);
    struct dirent *entry = NULL;
    while (depth > 0 && (entry = readdir(dir)) != NULL) {
        // A font file's name has a dot; folders of fonts do not.
        if (strchr(entry->d_name, '.') == NULL) {
            char *sub = mem_format("%s/%s", path, entry->d_name);
            add_folders(fonts, sub, depth - 1);
            mem_free(sub);
        }
    }
    closedir(dir);
}

static char *find_in_folders(const struct fonts *fonts, const char *name) {
    for (int f = 0; f < fonts->folder_count; f++) {
        char path[PATH_BYTES];
        int length = snprintf(path, sizeof path, "%s/%s", fonts->folders[f], name);
        if (length > 0 && length < PATH_BYTES && access(path, R_OK) == 0) {
            return mem_copy_text(path);
        }
    }
    return NULL;
}

static char *find_file(const struct fonts *fonts, const char *family, const char *rest) {
    static const char *const extensions[] = {"otf", "ttf", "ttc"};
    char *path = NULL;
    for (int e = 0; e < 3 && path == NULL; e++) {
        char *name = mem_format("%s%s.%s", family, rest, extensions[e]);
        path = find_in_folders(fonts, name);
        mem_free(name);
    }
    return path;
}

// Style names to try for a weight, nearest first.
static const char *const styles[][6] = {
    [TEXT_REGULAR] = {"Regular", "Medium", "Light", NULL},
    [TEXT_MEDIUM] = {"Medium", "Regular", NULL},
    [TEXT_SEMIBOLD] = {"SemiBold", "Bold", "Medium", "Regular", NULL},
    [TEXT_BOLD] = {"Bold", "SemiBold", "ExtraBold", "Black", "Regular", NULL},
    [TEXT_EXTRABOLD] = {"ExtraBold", "Black", "Bold", "SemiBold", "Regular", NULL},
};

static TTF_Font *open_locked(const char *path, long index, int size_px) {
    pthread_mutex_lock(&library_lock);
    TTF_Font *font = TTF_OpenFontIndex(path, size_px, index);
    pthread_mutex_unlock(&library_lock);
    return font;
}

static void close_locked(TTF_Font *font) {
    pthread_mutex_lock(&library_lock);
    TTF_CloseFont(font);
    pthread_mutex_unlock(&library_lock);
}

// The index of the member or named instance with this style name; -1 when there is none.
static long find_style(const char *path, const char *style) {
    long found = -1;
    for (long i = 0; i < 40 && found < 0; i++) {
        // A collection counts up; a variable file's instances are 1.. in the upper half.
        long index = strstr(path, ".ttc") != NULL ? i : (i + 1) << 16;
        TTF_Font *font = open_locked(path, index, 16);
        if (font == NULL) {
            break;
        }
        const char *name = TTF_FontFaceStyleName(font);
        if (name != NULL && strcmp(name, style) == 0) {
            found = index;
        }
        close_locked(font);
    }
    return found;
}

// The nearest style the file has for the face's weight; -1 when it has none.
static long find_nearest_style(const char *path, enum text_weight weight) {
    long index = -1;
    for (const char *const *style = styles[weight]; *style != NULL && index < 0;
         style++) {
        index = find_style(path, *style);
    }
    return index;
}

// Debian 13's fonts-inter-variable and other packagings: all weights in one file.
static bool find_variable(struct fonts *fonts, struct face *face) {
    static const char *const names[] = {"InterVariable",    "Inter-Variable", "Inter.var",
                                        "Inter[opsz,wght]", "Inter[wght]",    "Inter"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char *path = find_file(fonts, names[i], "");
        long index = path != NULL ? find_nearest_style(path, face->weight) : -1;
        if (index >= 0) {
            face->path = path;
            face->index = index;
            return true;
        }
        mem_free(path);
    }
    return false;
}

static bool find_static(struct fonts *fonts, struct face *face, const char *family) {
    for (const char *const *style = styles[face->weight]; *style != NULL; style++) {
        char rest[24];
        snprintf(rest, sizeof rest, "-%s", *style);
        face->path = find_file(fonts, family, rest);
        if (face->path != NULL) {
            return true;
        }
    }
    face->path = find_file(fonts, family, "");
    return face->path != NULL;
}

// Order of faces in Debian's NotoSansCJK collections.
static const char *const han_families[] = {"CJK JP", "CJK KR", "CJK SC", "CJK TC"};

static void find_face(struct fonts *fonts, struct face *face) {
    for (long i = 0; i < 4; i++) {
        if (strcmp(face->family, han_families[i]) == 0) {
            face->index = i;
            (void)(find_static(fonts, face, "NotoSansCJK") ||
                   find_static(fonts, face, "NotoSerifCJK"));
            return;
        }
    }
    if (strcmp(face->family, "DejaVuSans") == 0) {
        bool is_bold = face->weight >= TEXT_SEMIBOLD;
        face->path = find_file(fonts, "DejaVuSans", is_bold ? "-Bold" : "");
        return;
    }
    if (strcmp(face->family, "InterDisplay") == 0 &&
        find_static(fonts, face, "InterDisplay")) {
        return;
    }
    if (strncmp(face->family, "Inter", 5) == 0) {
        (void)(find_static(fonts, face, "Inter") || find_variable(fonts, face) ||
               find_static(fonts, face, "NotoSans") ||
               find_static(fonts, face, "DejaVuSans"));
        return;
    }
    (void)find_static(fonts, face, face->family);
}

// ---- faces

// Id of the family in the weight; -1 when it is not installed (or the table is full).
static int face_id(struct fonts *fonts, const char *family, enum text_weight weight) {
    for (int i = 0; i < fonts->face_count; i++) {
        if (fonts->faces[i].weight == weight &&
            strcmp(fonts->faces[i].family, family) == 0) {
            return fonts->faces[i].path != NULL ? i : -1;
        }
    }
    if (fonts->face_count == FACES_MAX) {
        return -1;
    }
    struct face *face = &fonts->faces[fonts->face_count++];
    *face = (struct face){.family = family, .weight = weight};
    find_face(fonts, face);
    return face->path != NULL ? fonts->face_count - 1 : -1;
}

static void face_close(struct face *face) {
    if (face->font != NULL) {
        close_locked(face->font);
        face->font = NULL;
    }
}

int fonts_count_open(const struct fonts *fonts) {
    int count = 0;
    for (int i = 0; i < fonts->face_count; i++) {
        count += fonts->faces[i].font != NULL;
    }
    return count;
}

static struct face *oldest_open(struct fonts *fonts) {
    struct face *oldest = NULL;
    for (int i = 0; i < fonts->face_count; i++) {
        struct face *face = &fonts->faces[i];
        if (face->font != NULL && (oldest == NULL || face->used_at < oldest->used_at)) {
            oldest = face;
        }
    }
    return oldest;
}

void fonts_trim(struct fonts *fonts, int keep) {
    while (fonts_count_open(fonts) > keep) {
        struct face *oldest = oldest_open(fonts);
        CHECK(oldest != NULL);
        face_close(oldest);
    }
}

static TTF_Font *face_open(struct fonts *fonts, int id) {
    struct face *face = &fonts->faces[id];
    face->used_at = ++fonts->clock;
    if (face->font == NULL) {
        // A text of many scripts would close and open the same faces at each step.
        fonts_trim(fonts, 3 * FONTS_OPEN_MAX - 1);
        face->size_px = 16;
        face->font = open_locked(face->path, face->index, face->size_px);
        if (face->font == NULL) {
            return NULL;
        }
        // Vertical hinting only, at fractional positions: crisp stems, even spacing.
        TTF_SetFontHinting(face->font, TTF_HINTING_LIGHT_SUBPIXEL);
    }
    return face->font;
}

static bool face_covers(struct fonts *fonts, int id, uint32_t cp) {
    struct known *known =
        &fonts->known[(cp * 31u + (uint32_t)id * 2654435761u) % KNOWN_COUNT];
    if (known->face != id + 1 || known->cp != cp) {
        TTF_Font *font = face_open(fonts, id);
        *known = (struct known){cp, (int16_t)(id + 1), false};
        known->is_covered = font != NULL && TTF_GlyphIsProvided32(font, cp) != 0;
    }
    return known->is_covered;
}

static bool face_covers_all(struct fonts *fonts, int id, const uint32_t *cps,
                            size_t count) {
    if (id < 0) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (!script_is_ignorable(cps[i]) && !face_covers(fonts, id, cps[i])) {
            return false;
        }
    }
    return true;
}

static const char *han_family(enum text_han han) {
    switch (han) {
    case TEXT_HAN_JA:
        return han_families[0];
    case TEXT_HAN_KO:
        return han_families[1];
    case TEXT_HAN_HANT:
        return han_families[3];
    case TEXT_HAN_AUTO:
    case TEXT_HAN_HANS:
        break;
    }
    return han_families[2];
}

int faces_get_base(struct fonts *fonts, enum text_weight weight, bool is_display) {
    int id = face_id(fonts, is_display ? "InterDisplay" : "Inter", weight);
    return id >= 0 ? id : 0; // face 0 is the one fonts_open proved
}

int faces_pick(struct fonts *fonts, const struct face_wish *wish, const uint32_t *cps,
               size_t count, bool *out_is_missing) {
    static const char *const last_resorts[] = {
        "NotoSans",     "NotoSansSymbols", "NotoSansSymbols2",
        "NotoSansMath", "NotoSansMusic",   "NotoEmoji",
        "DejaVuSans",   "Symbola",         "Symbola_hint"};
    *out_is_missing = false;
    if (wish->prefer >= 0 && face_covers_all(fonts, wish->prefer, cps, count)) {
        return wish->prefer;
    }
    const char *family = script_rows[wish->script].family;
    int base = faces_get_base(fonts, wish->weight, wish->is_display);
    if (family[0] == '\0' && face_covers_all(fonts, base, cps, count)) {
        return base;
    }
    bool is_han = strcmp(family, "CJK") == 0;
    int own = -1;
    if (family[0] != '\0') {
        own = face_id(fonts, is_han ? han_family(wish->han) : family, wish->weight);
    }
    if (face_covers_all(fonts, own, cps, count)) {
        return own;
    }
    if (face_covers_all(fonts, base, cps, count)) {
        return base;
    }
    for (size_t i = 0; i < sizeof last_resorts / sizeof last_resorts[0]; i++) {
        int id = face_id(fonts, last_resorts[i], wish->weight);
        if (face_covers_all(fonts, id, cps, count)) {
            return id;
        }
    }
    int han = face_id(fonts, han_family(wish->han), wish->weight);
    if (face_covers_all(fonts, han, cps, count)) {
        return han;
    }
    *out_is_missing = true;
    return own >= 0 ? own : base;
}

TTF_Font *faces_use(struct fonts *fonts, int id, int size_px, bool is_rtl, int script) {
    TTF_Font *font = face_open(fonts, id);
    if (font == NULL) {
        id = 0;
        font = face_open(fonts, id);
        CHECK(font != NULL);
    }
    struct face *face = &fonts->faces[id];
    if (face->size_px != size_px) {
        CHECK(TTF_SetFontSize(font, size_px) == 0);
        face->size_px = size_px;
    }
    TTF_SetFontDirection(font, is_rtl ? TTF_DIRECTION_RTL : TTF_DIRECTION_LTR);
    TTF_SetFontScriptName(font, script_rows[script].tag);
    return font;
}

// ---- life

enum err fonts_open(const char *root, struct fonts **out_fonts) {
    enum err err = ERR_NONE;
    struct fonts *fonts = mem_alloc(1, sizeof *fonts);
    pthread_mutex_lock(&library_lock);
    int init = TTF_Init();
    init_linebreak(); // fills one table of the library; twice does no harm, at once would
    pthread_mutex_unlock(&library_lock);
    if (init != 0) {
        log_error("fonts: SDL_ttf does not start: %s", TTF_GetError());
        mem_free(fonts);
        return ERR_UNSUPPORTED;
    }
    root = root != NULL ? root : "/usr/share/fonts";
    add_folders(fonts, root, 3);
    if (face_id(fonts, "Inter", TEXT_REGULAR) != 0 || face_open(fonts, 0) == NULL) {
        log_error("fonts: none of Inter, Noto Sans, DejaVu Sans under %s; install the "
                  "packages fonts-inter and fonts-noto-core",
                  root);
        err = ERR_NOT_FOUND;
        goto end;
    }
    *out_fonts = fonts;
    fonts = NULL;
end:
    fonts_close(fonts);
    return err;
}

void fonts_close(struct fonts *fonts) {
    if (fonts == NULL) {
        return;
    }
    for (int i = 0; i < fonts->face_count; i++) {
        face_close(&fonts->faces[i]);
        mem_free(fonts->faces[i].path);
    }
    for (int i = 0; i < fonts->folder_count; i++) {
        mem_free(fonts->folders[i]);
    }
    pthread_mutex_lock(&library_lock);
    TTF_Quit();
    pthread_mutex_unlock(&library_lock);
    mem_free(fonts);
}
