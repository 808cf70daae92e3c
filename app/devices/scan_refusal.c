#include "app/devices/scan_refusal.h"

const char *scan_refusal_text(enum scan_refusal why) {
    static const char *const texts[SCAN_REFUSED_COUNT] = {
        [SCAN_REFUSED_NOT] = "nothing refused",
        [SCAN_REFUSED_CUT] = "the code was cut off; scan again, and look at the cable",
        [SCAN_REFUSED_SHORT] =
            "a report was cut short; scan again, and look at the cable",
        [SCAN_REFUSED_ESCAPE] =
            "the code is marked as ECI but is not escaped; switch ECI "
            "output of the scanner on or off as a whole",
        [SCAN_REFUSED_ECI] =
            "the code is in a character set that is not known here; make "
            "codes in UTF-8",
        [SCAN_REFUSED_KEY] =
            "the scanner pressed a key that its keyboard layout has not; "
            "scan the calibration code, or switch it to HID POS",
        [SCAN_REFUSED_ROLLOVER] = "the scanner lost keys; scan again, and set a longer "
                                  "inter-character delay or switch it to HID POS",
        [SCAN_REFUSED_PREFIX] = "the code came without the prefix that was set",
    };
    if ((unsigned)why >= SCAN_REFUSED_COUNT) {
        return "unknown reason";
    }
    return texts[why];
}
