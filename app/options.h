// The kiosk's options: one table makes the parser, the ini file's keys and the help. Read
// once at start, on the main thread.
#ifndef APP_OPTIONS_H
#define APP_OPTIONS_H

#include "sync/base/err.h"

#include <stdbool.h>

enum { OPTION_SIZE = 256 };

struct options {
    char dir[OPTION_SIZE];        // store, keys, control socket
    char hub[OPTION_SIZE];        // URL; "" = what enrolment stored
    char domain[OPTION_SIZE];     // of SRV records; "" = the system's search domains
    char nameserver[OPTION_SIZE]; // for them; "" = the system's
    char discover[OPTION_SIZE];   // "yes" or "no"
    char role[16];                // "" = what the hub says
    char room[OPTION_SIZE], gate[OPTION_SIZE], place[OPTION_SIZE], name[OPTION_SIZE];
    char scanner[OPTION_SIZE];   // "none", "usb", "keyboard", "fifo:PATH"
    char printer[OPTION_SIZE];   // "none", "file:DIR", "usb"
    char badge[OPTION_SIZE];     // template file
    char now[OPTION_SIZE];       // instant the event clock starts at; "" = real time
    char size[OPTION_SIZE];      // "1920x1080"
    char rotate[OPTION_SIZE];    // "0", "90", "180", "270"
    char shot[OPTION_SIZE];      // write the first full frame as PNG and end
    char script[OPTION_SIZE];    // file of commands
    char green_log[OPTION_SIZE]; // tests: a line for each admission shown
    char code[OPTION_SIZE];      // enrol: the one-time code
    char channels[OPTION_SIZE];  // stick save: only these
    char kind[OPTION_SIZE];      // dump: only this kind
    char config[OPTION_SIZE];    // ini file; default DIR/foyer.ini when it exists
    char volume[OPTION_SIZE];    // percent
    char seal[OPTION_SIZE];      // "no": people's data stays in plain (tests)
    bool is_fullscreen;
    bool allows_script; // take commands that act as a person
};

// Defaults, then the ini file, then the command line. Words that are no options are left in
// argv, their number in *out_words. ERR_INPUT: unknown option or missing value (said on
// standard error, with the nearest help).
MUST_CHECK enum err options_parse(int argc, char **argv, struct options *out,
                                  int *out_words);
void options_print_help(void);

#endif
