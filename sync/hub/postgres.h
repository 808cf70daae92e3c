// The log that several hub instances share, in PostgreSQL through libpq: one counter row
// with (seq, ch), one row of bytes for each group commit, one-time codes. The store thread
// reads and writes it on one connection (struct store_shared); a thread of its own keeps
// that connection, follows what other instances append and knows whether a primary answers.
#ifndef SYNC_HUB_POSTGRES_H
#define SYNC_HUB_POSTGRES_H

#include "sync/store/shared.h"

struct hub;
struct postgres;

// Which event and log: of a store that has joined, or of the database.
struct postgres_log {
    uint8_t event[FACT_EVENT_BYTES];
    uint8_t root[FACT_KEY_BYTES];
    uint8_t log[EXCHANGE_LOG_BYTES];
};

// Takes a connection URL or string of libpq, with one host or several. No connection is made
// yet. ERR_INPUT: not of that form; logs why.
MUST_CHECK enum err postgres_open(const char *url, struct postgres **out);
void postgres_close(struct postgres *p); // after the store is closed; NULL is fine
const struct store_shared *postgres_shared(struct postgres *p);

// What the database holds; makes the tables when they are missing. Blocks. ERR_NOT_FOUND: no
// event yet. ERR_OFFLINE: no primary. ERR_VERSION.
MUST_CHECK enum err postgres_read_log(struct postgres *p, struct postgres_log *out);
// From now on only this log will do; an empty database becomes it.
void postgres_expect(struct postgres *p, const struct postgres_log *log);
// For a store that has joined: opens, expects its log, connects, shares the store's log and
// follows it to its end, keeps the URL in dir. Blocks. ERR_OFFLINE: no primary, the store is
// read-only until postgres_start finds one. ERR_EXISTS: another event is there. Logs why.
MUST_CHECK enum err postgres_attach(const char *url, const char *dir, struct store *s,
                                    struct postgres **out);
// Makes the store's connection now; blocks. ERR_OFFLINE: no primary, or it holds another
// event; postgres_word says so. For verbs; a running hub uses the thread.
MUST_CHECK enum err postgres_connect(struct postgres *p);

// The thread that keeps the connection and follows; h->store and h->bell must be there.
void postgres_start(struct postgres *p, struct hub *h);
void postgres_stop(struct postgres *p); // and joins; before the store thread is stopped

struct postgres_state {
    bool is_writable;
    bool is_synchronous; // a commit waits for another node
    char primary[128];   // "host:port"; "" while there is none
    char word[512];      // a sentence for people while it is read-only, else ""
    char trouble[200];   // what the library or the server said last, beside the word
    // Up to where other hubs and the devices that call them have the facts of a channel.
    uint64_t held[CHANNEL_COUNT];
};
void postgres_get_state(struct postgres *p, struct postgres_state *out); // any thread

// The URL kept in dir/log.url (0600), so that verbs and `serve` find it again.
MUST_CHECK enum err postgres_save_url(const char *dir, const char *url);
char *postgres_read_url(const char *dir); // fresh; NULL: the log is in dir alone

#endif
