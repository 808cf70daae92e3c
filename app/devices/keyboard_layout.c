#include "app/devices/keyboard_layout.h"

#include <string.h>
#include <uchar.h>

// Keys in the order of the rows on the desk; 0x64 is the key beside the left Shift, 0x89
// and 0x87 are the Yen and Ro keys of Japan.
static const uint8_t positions[] = {
    0x35, 0x1E, 0x1F, 0x20, 0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x27, 0x2D,
    0x2E,                                                                   // digits
    0x14, 0x1A, 0x08, 0x15, 0x17, 0x1C, 0x18, 0x0C, 0x12, 0x13, 0x2F, 0x30, // Q
    0x04, 0x16, 0x07, 0x09, 0x0A, 0x0B, 0x0D, 0x0E, 0x0F, 0x33, 0x34, 0x31, // A
    0x64, 0x1D, 0x1B, 0x06, 0x19, 0x05, 0x11, 0x10, 0x36, 0x37, 0x38,       // Z
    0x89, 0x87};
enum { POSITIONS = sizeof positions };

// One character for each position; a blank is none. Shorter texts end in blanks.
struct keyboard_layout {
    const char *name, *title;
    const char32_t *levels[KEYBOARD_LEVELS];
};

// Dead keys.
#define GRAVE "\u0300"
#define ACUTE "\u0301"
#define CIRCUMFLEX "\u0302"
#define TILDE "\u0303"
#define DIAERESIS "\u0308"

// clang-format off
static const struct keyboard_layout layouts[] = {
    {"us", "US",
     {U"`1234567890-=" "qwertyuiop[]" "asdfghjkl;'\\" "\\zxcvbnm,./",
      U"~!@#$%^&*()_+" "QWERTYUIOP{}" "ASDFGHJKL:\"|" "|ZXCVBNM<>?",
      U"", U""}},
    {"uk", "United Kingdom",
     {U"`1234567890-=" "qwertyuiop[]" "asdfghjkl;'#" "\\zxcvbnm,./",
      U"¬!\"£$%^&*()_+" "QWERTYUIOP{}" "ASDFGHJKL:@~" "|ZXCVBNM<>?",
      U"¦   €        " "  é   úíó   " "á           " "           ",
      U"             " "  É   ÚÍÓ   " "Á           " "           "}},
    {"de", "German",
     {CIRCUMFLEX U"1234567890ß" ACUTE "qwertzuiopü+" "asdfghjklöä#" "<yxcvbnm,.-",
      U"°!\"§$%&/()=?" GRAVE "QWERTZUIOPÜ*" "ASDFGHJKLÖÄ'" ">YXCVBNM;:_",
      U"  ²³   {[]}\\ " "@ €        ~" "            " "|      µ   ",
      U""}},
    {"fr", "French",
     {U"²&é\"'(-è_çà)=" "azertyuiop" CIRCUMFLEX "$" "qsdfghjklmù*" "<wxcvbn,;:!",
      U" 1234567890°+" "AZERTYUIOP" DIAERESIS "£" "QSDFGHJKLM%µ" ">WXCVBN?./§",
      U"  " TILDE "#{[|" GRAVE "\\^@]}" "  €        ¤" "            " "           ",
      U""}},
    {"es", "Spanish",
     {U"º1234567890'¡" "qwertyuiop" GRAVE "+" "asdfghjklñ" ACUTE "ç" "<zxcvbnm,.-",
      U"ª!\"·$%&/()=?¿" "QWERTYUIOP" CIRCUMFLEX "*" "ASDFGHJKLÑ" DIAERESIS "Ç"
       ">ZXCVBNM;:_",
      U"\\|@#" TILDE "€¬{[]}  " "  €       []" "          {}" "           ",
      U""}},
    {"it", "Italian",
     {U"\\1234567890'ì" "qwertyuiopè+" "asdfghjklòàù" "<zxcvbnm,.-",
      U"|!\"£$%&/()=?^" "QWERTYUIOPé*" "ASDFGHJKLç°§" ">ZXCVBNM;:_",
      U"     € {[]}`~" "@ €       []" "         @# " "           ",
      U"             " "          {}" "            " "           "}},
    {"jp", "Japanese",
     {U" 1234567890-^" "qwertyuiop@[" "asdfghjkl;:]" "<zxcvbnm,./" "\\\\",
      U" !\"#$%&'()~=~" "QWERTYUIOP`{" "ASDFGHJKL+*}" ">ZXCVBNM<>?" "|_",
      U"", U""}},
};
// clang-format on
enum { LAYOUTS = sizeof layouts / sizeof layouts[0] };

static const struct {
    uint32_t dead, alone;
    const char32_t *letters, *composed;
} deads[] = {
    {0x0300, '`', U"aeiouAEIOU", U"àèìòùÀÈÌÒÙ"},
    {0x0301, 0x00B4, U"aeiouyAEIOUY", U"áéíóúýÁÉÍÓÚÝ"},
    {0x0302, '^', U"aeiouAEIOU", U"âêîôûÂÊÎÔÛ"},
    {0x0303, '~', U"anoANO", U"ãñõÃÑÕ"},
    {0x0308, 0x00A8, U"aeiouyAEIOU", U"äëïöüÿÄËÏÖÜ"},
};
enum { DEADS = sizeof deads / sizeof deads[0] };

const struct keyboard_layout *keyboard_layout_find(const char *name) {
    for (size_t i = 0; i < LAYOUTS; i++) {
        if (strcmp(layouts[i].name, name) == 0) {
            return &layouts[i];
        }
    }
    return NULL;
}

const struct keyboard_layout *keyboard_layout_get(size_t i) {
    return i < LAYOUTS ? &layouts[i] : NULL;
}

const char *keyboard_layout_name(const struct keyboard_layout *l) {
    return l->name;
}

const char *keyboard_layout_title(const struct keyboard_layout *l) {
    return l->title;
}

// What every layout has in common.
static uint32_t common_char(uint8_t key) {
    static const char keypad[] = "/*-+\r1234567890.";
    if (key >= 0x54 && key <= 0x63) {
        return (uint32_t)keypad[key - 0x54];
    }
    switch (key) {
    case 0x28:
        return '\r';
    case 0x29:
        return 0x1B;
    case 0x2A:
        return '\b';
    case 0x2B:
        return '\t';
    case 0x2C:
        return ' ';
    case 0x67:
        return '=';
    default:
        return 0;
    }
}

uint32_t keyboard_layout_char(const struct keyboard_layout *l, uint8_t key,
                              enum keyboard_level level) {
    uint32_t common = common_char(key);
    if (common) {
        return common;
    }
    uint8_t position = key == 0x32 ? 0x31 : key; // the same key on ISO keyboards
    const char32_t *text = l->levels[level];
    for (size_t i = 0; i < POSITIONS && text[i]; i++) {
        if (positions[i] == position) {
            return text[i] == U' ' ? 0 : text[i];
        }
    }
    return 0;
}

bool keyboard_is_dead(uint32_t code) {
    return code >= 0x0300 && code <= 0x036F;
}

uint32_t keyboard_dead_alone(uint32_t dead) {
    for (size_t i = 0; i < DEADS; i++) {
        if (deads[i].dead == dead) {
            return deads[i].alone;
        }
    }
    return 0;
}

// The place of code in text, or SIZE_MAX.
static size_t text_find(const char32_t *text, uint32_t code) {
    for (size_t i = 0; text[i]; i++) {
        if (text[i] == code) {
            return i;
        }
    }
    return SIZE_MAX;
}

uint32_t keyboard_dead_compose(uint32_t dead, uint32_t letter) {
    for (size_t i = 0; i < DEADS; i++) {
        if (deads[i].dead == dead) {
            size_t at = text_find(deads[i].letters, letter);
            return at != SIZE_MAX ? deads[i].composed[at] : 0;
        }
    }
    return 0;
}

static bool has_key(const struct keyboard_layout *l, uint32_t code) {
    for (int level = 0; level < KEYBOARD_LEVELS; level++) {
        if (text_find(l->levels[level], code) != SIZE_MAX) {
            return true;
        }
    }
    return false;
}

bool keyboard_layout_has(const struct keyboard_layout *l, uint32_t code) {
    if (has_key(l, code)) { // a blank in the tables is no key, but every keyboard has one
        return true;
    }
    for (size_t i = 0; i < DEADS; i++) {
        bool is_made =
            deads[i].alone == code || text_find(deads[i].composed, code) != SIZE_MAX;
        if (is_made && has_key(l, deads[i].dead)) {
            return true;
        }
    }
    return code == ' ';
}
