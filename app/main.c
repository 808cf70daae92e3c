// foyer: options in, then a verb or the kiosk.
#include "app/kiosk.h"
#include "app/verbs.h"

#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv) {
    struct options o;
    int words = 0;
    if (argc == 2 && strcmp(argv[1], "--help") == 0) {
        options_print_help();
        return EXIT_SUCCESS;
    }
    if (options_parse(argc, argv, &o, &words) != ERR_NONE) {
        return EXIT_FAILURE;
    }
    return words ? verbs_run(&o, words, argv + 1) : kiosk_run(&o);
}
