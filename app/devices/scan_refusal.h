// Why something that a scanner sent did not become a scan. Said by the decoders, shown by
// the log and the self test. Any thread; no state.
#ifndef APP_DEVICES_SCAN_REFUSAL_H
#define APP_DEVICES_SCAN_REFUSAL_H

enum scan_refusal {
    SCAN_REFUSED_NOT = 0,  // nothing refused
    SCAN_REFUSED_CUT,      // the device fell silent or left in mid-code
    SCAN_REFUSED_SHORT,    // a report shorter than its own description
    SCAN_REFUSED_ESCAPE,   // marked as having ECI escapes, yet not escaped
    SCAN_REFUSED_ECI,      // characters in a set this machine cannot convert
    SCAN_REFUSED_KEY,      // a key or Alt code that means nothing in the keyboard layout
    SCAN_REFUSED_ROLLOVER, // the keyboard said that it lost keys
    SCAN_REFUSED_PREFIX,   // without the prefix that was set
    SCAN_REFUSED_COUNT
};

// English, with what to do; static storage, never NULL. For logs and the self test.
const char *scan_refusal_text(enum scan_refusal why);

#endif
