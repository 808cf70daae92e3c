// Error codes of every fallible function. Any thread; no state.
// Expected outcomes (a verdict, a person not found) are values, not errors.
#ifndef SYNC_BASE_ERR_H
#define SYNC_BASE_ERR_H

#if defined(__GNUC__)
#define MUST_CHECK __attribute__((warn_unused_result))
#else
#define MUST_CHECK
#endif

enum err {
    ERR_NONE = 0,
    ERR_INPUT,       // bytes from outside that break the documented format
    ERR_LIMIT,       // a documented maximum was exceeded
    ERR_NOT_FOUND,   // the named thing does not exist
    ERR_EXISTS,      // the named thing exists already
    ERR_DENIED,      // the caller has no right to do this
    ERR_SIGNATURE,   // a signature or hash does not match
    ERR_GAP,         // a stream's predecessor is missing
    ERR_FORK,        // same (stream, n) with another hash
    ERR_VERSION,     // written by a newer Foyer than this one
    ERR_IO,          // file, socket or device failed
    ERR_FULL,        // disk or bounded queue is full
    ERR_CORRUPT,     // stored bytes fail their own check
    ERR_BUSY,        // held by another process, or try again later
    ERR_OFFLINE,     // the peer cannot be reached
    ERR_TIMEOUT,     // the peer did not answer in time
    ERR_CLOSED,      // stopped; no more work is taken
    ERR_UNSUPPORTED, // this build or machine lacks the feature
    ERR_READ_ONLY,   // the shared log takes nothing now: nothing was written
    ERR_LOCKED,      // sealed: the key is needed
    ERR_COUNT
};

// English text, static storage, never NULL. For logs and verbs, not for attendees.
const char *err_text(enum err e);

#endif
