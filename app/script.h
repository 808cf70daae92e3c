// Commands that act as a person would, for demos, tours and tests: from a file (--script) or
// from `foyer do` through the control socket. One a word on the socket, one a line in a file:
//   scan CODE · type TEXT · key NAME · tap ACTION [INDEX] · tap 'TEXT OF A ROW'
//   wait WHAT [VALUE] [MS] · link up|down · shot FILE · state · quit
// '…' or "…" keep the blanks of a word: tap "Siobhán O'Brien"; what follows scan and type is
// taken as it is.
// wait: screen S, verdict V, text T, people N, in N, incident N, session ACRONYM room ROOM,
// printer S, printed, online, offline, sent, on-lan. A wait that ends without it fails, and what is
// left is not carried out. Main thread; a command waits for its turn, never blocks.
#ifndef APP_SCRIPT_H
#define APP_SCRIPT_H

#include "sync/base/bytes.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct kiosk;

enum {
    SCRIPT_LINES_MAX = 256,
    SCRIPT_WORDS_MAX = 8,
    SCRIPT_QUEUE_MAX = 8,
    SCRIPT_WAIT_MS = 10000
};

// One batch of commands; its sender waits until is_done.
struct command {
    char **lines; // owned by the sender
    size_t count, next;
    int64_t until_ms; // of the wait under way; 0 = none
    struct bytes out;
    bool ok;
    pthread_mutex_t mutex; // protects is_done
    pthread_cond_t done;
    bool is_done;
};

void command_init(struct command *c, char **lines, size_t count);
void command_finish(struct command *c);
void command_wait(struct command *c); // any thread but main

struct script {
    struct command *queue[SCRIPT_QUEUE_MAX]; // the first is at work
    size_t count;
    struct command file; // --script
    char *file_text;
    char *file_lines[SCRIPT_LINES_MAX];
};

// Queues a batch; it fails at once when eight wait already.
void script_take(struct script *s, struct command *c);
// Reads the file and queues it. ERR_IO, ERR_LIMIT.
MUST_CHECK enum err script_load(struct script *s, const char *path);
// Carries out what can be done now. Called after every frame.
void script_step(struct kiosk *k);
int64_t script_deadline_ms(const struct script *s);
// Everything still waiting fails: the kiosk ends.
void script_finish(struct script *s);

#endif
