// A fact: the record bytes, their hash chain, and signed batches of them.
// Used by store and exchange. Pure functions on values; any thread.
//
// FROZEN. The bytes below are signed and live on every card in the field; they change only
// by a new version number. tests/unit/sync/test_fact.c pins them byte by byte.
//
// Header, big-endian. The first 20 bytes are the same in every version, so that a fact of
// a later version can be kept, hashed and passed on unread.
//   0   u8   version = 1
//   1   u8   channel
//   2   u8   kind length K (1..24)
//   3   u8   subject length S (0..64)
//   4   u64  stream
//   12  u64  n, from 1
//   20  u64  hlc: milliseconds since 1970 << 16 | counter
//   28  u64  boot, random per boot of the author's machine
//   36  u64  mono_ms, milliseconds since that boot
//   44  u64  prev stream, 0 = none        52  u64  prev n
//   60  u64  basis seq                    68  u32  basis age_ms, 0xffffffff = never met
//   72  u8   basis mode                   73  u8   basis flags (bit 0 confirmed)
//   74  u8   by length B (0..24)
//   75  K bytes kind, S bytes subject, B bytes by; UTF-8, no control characters
//
// Body: JSON text (UTF-8, at most 16 KiB); in the channels people, desk and hub 16 random
// bytes stand before it, so that an erased body's digest gives nothing away.
//
// Chain: h_0 = BLAKE2b-256("foyer stream 1" || event id (16) || stream || channel ||
//              author public key (32))
//        h_n = BLAKE2b-256(h_{n-1} || header || BLAKE2b-256(body with its salt))
//
// Batch, the unit of exchange; its facts are contiguous in one stream:
//   0   4 bytes "FYB1"
//   4   32 author public key      36 u64 stream     44 u8 channel
//   45  u64 from (first n)        53 u32 count      57 32 bytes h_{from-1}
//   89  count times: u8 flag (0 body, 1 erased), u16 header length, u32 body length,
//       header, body with salt (erased: its 32-byte digest, body length 32)
//   end 64 bytes Ed25519 over "foyer batch 1" || stream || last n || h_last
// The author signs once; any suffix of a batch stays verifiable, a prefix does not.
#ifndef SYNC_EVENT_FACT_H
#define SYNC_EVENT_FACT_H

#include "sync/base/bytes.h"
#include "sync/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    FACT_HASH_BYTES = 32,
    FACT_KEY_BYTES = 32,
    FACT_SECRET_BYTES = 64,
    FACT_SIG_BYTES = 64,
    FACT_SALT_BYTES = 16,
    FACT_EVENT_BYTES = 16,
    FACT_KIND_MAX = 24,
    FACT_SUBJECT_MAX = 64,
    FACT_BY_MAX = 24,
    FACT_BODY_MAX = 16384, // JSON bytes, without the salt
    FACT_HEADER_MAX = 75 + 24 + 64 + 24,
    FACT_BATCH_FACTS_MAX = 500,
    FACT_BATCH_BYTES_MAX = 256 * 1024
};

enum channel {
    CHANNEL_NONE = 0,
    CHANNEL_PROGRAMME = 1,
    CHANNEL_PEOPLE = 2,
    CHANNEL_DESK = 3,
    CHANNEL_FLEET = 4,
    CHANNEL_HUB = 5,
    CHANNEL_COUNT = 6
};
#define CHANNEL_BIT(c) (1u << (c)) // channel sets are bit masks

const char *channel_name(enum channel c);    // "programme" …; "none" for anything else
enum channel channel_find(const char *name); // CHANNEL_NONE if unknown
bool channel_is_salted(enum channel c);
// The channel a known kind belongs to, CHANNEL_NONE for unknown kinds. PROTOCOL.md lists them.
enum channel channel_of_kind(const char *kind);

// The address of a fact, for ever. n == 0: none.
struct fact_ref {
    uint64_t stream;
    uint64_t n;
};

enum basis_mode { BASIS_NONE, BASIS_LISTED, BASIS_SIGNED, BASIS_OVERRIDE };
#define BASIS_NEVER 0xffffffffu

// What the author knew when it decided.
struct basis {
    uint64_t seq;    // upstream log position it had seen
    uint32_t age_ms; // since the last contact with the upstream; BASIS_NEVER
    enum basis_mode mode;
    bool is_confirmed; // a strict gate's claim was answered
};

struct fact_header {
    enum channel channel;
    struct fact_ref ref;
    uint64_t hlc;
    uint64_t boot;
    uint64_t mono_ms;
    struct fact_ref prev;
    struct basis basis;
    char kind[FACT_KIND_MAX + 1];
    char subject[FACT_SUBJECT_MAX + 1];
    char by[FACT_BY_MAX + 1];
    bool
        is_future_version; // only channel and ref are known; keep and pass on, do not fold
};

// What someone wants to say, before it has an address, a time or a hash.
struct draft {
    char kind[FACT_KIND_MAX + 1];
    char subject[FACT_SUBJECT_MAX + 1];
    char by[FACT_BY_MAX + 1];
    struct fact_ref prev;
    struct basis basis;
    char *body; // JSON text, owned by the draft
};
void draft_finish(struct draft *d);

// Writes FACT_HEADER_MAX bytes at most and returns their number. The header must be valid
// (lengths, channel); that is CHECKed.
size_t fact_format_header(const struct fact_header *h, uint8_t out[FACT_HEADER_MAX]);
// ERR_INPUT: lengths, text or ranges break the layout. A later version parses as
// is_future_version.
MUST_CHECK enum err fact_parse_header(const uint8_t *bytes, size_t len,
                                      struct fact_header *out);

void fact_hash_start(const uint8_t event[FACT_EVENT_BYTES], uint64_t stream,
                     enum channel channel, const uint8_t author[FACT_KEY_BYTES],
                     uint8_t out[FACT_HASH_BYTES]);
void fact_hash_body(const void *body, size_t len, uint8_t out[FACT_HASH_BYTES]);
void fact_hash_next(const uint8_t before[FACT_HASH_BYTES], const void *header,
                    size_t header_len, const uint8_t body_digest[FACT_HASH_BYTES],
                    uint8_t out[FACT_HASH_BYTES]);

// A device is named by the first 8 bytes of BLAKE2b-256(public key).
uint64_t device_id(const uint8_t key[FACT_KEY_BYTES]);

// Borrowed view of one record inside a batch or a row.
struct fact_view {
    const uint8_t *header;
    size_t header_len;
    const uint8_t *body; // with salt; the digest when is_erased
    size_t body_len;
    bool is_erased;
};

// Borrowed view of a whole batch; valid as long as the bytes it was parsed from.
struct batch_view {
    const uint8_t *author; // 32 bytes
    uint64_t stream;
    enum channel channel;
    uint64_t from;
    uint32_t count;
    const uint8_t *before; // h_{from-1}
    const uint8_t *sig;
    const uint8_t *records;
    size_t records_len;
};

// Builds a batch: start, add each record in order, sign. `out` is appended to.
void batch_format_start(struct bytes *out, const uint8_t author[FACT_KEY_BYTES],
                        uint64_t stream, enum channel channel, uint64_t from,
                        const uint8_t before[FACT_HASH_BYTES]);
void batch_format_add(struct bytes *out, size_t batch_start, const struct fact_view *f);
void batch_format_end(struct bytes *out, const uint8_t sig[FACT_SIG_BYTES]);
void batch_sign(const uint8_t secret[FACT_SECRET_BYTES], uint64_t stream, uint64_t last_n,
                const uint8_t h_last[FACT_HASH_BYTES], uint8_t out_sig[FACT_SIG_BYTES]);

// Is sig the author's over (stream, last n, its hash)?
bool batch_is_signed(const uint8_t sig[FACT_SIG_BYTES],
                     const uint8_t author[FACT_KEY_BYTES], uint64_t stream,
                     uint64_t last_n, const uint8_t h_last[FACT_HASH_BYTES]);

// Shape only; nothing is verified. ERR_INPUT, ERR_LIMIT.
MUST_CHECK enum err batch_parse(const void *bytes, size_t len, struct batch_view *out);
// Walks the records; *at starts at 0. false at the end. Shapes were checked by batch_parse.
bool batch_next(const struct batch_view *b, size_t *at, struct fact_view *out);
// Chain and signature; every header must name the batch's stream, channel and the right n.
// h_out (may be NULL) receives count hashes of 32 bytes. ERR_SIGNATURE, ERR_INPUT.
MUST_CHECK enum err batch_verify(const struct batch_view *b, uint8_t *h_out);

#endif
