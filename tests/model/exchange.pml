// The exchange of sync/PROTOCOL.md part 2 as a model for spin. A hub may lose history, kiosks
// restart or burn, messages get lost or come twice: is all that anyone still holds everywhere
// in the end? `./run model` runs it (model.py has the bounds); each PLANT_x plants a fault
// that must be found.
//
// Modelled, after exchange/answer.c, exchange/client.c and store/peer.c: authoring at any
// time, push and offer, taking in stream order without duplicates, `have` adopted even when
// lower, pages of an answer, what was pushed left out, cursor and `seen` judged before the
// push lands, locator, rewind to the newest common point that was received, forgetting what
// was acknowledged of every stream, channels untold at first contact, a gap, one commit for
// each answer, one request under way; with SNAPSHOTS a snapshot whose mark is older than
// what it holds and which is taken long after it was made.
// Faults, any number of them in any order until `calm`: requests and answers lost, kiosks
// restarting between any two commits, batches of old requests replayed by anyone, the hub
// losing the end of its log (a backup, an asynchronous fail-over), the last kiosk destroyed.
//
// Left out, and why that does not hide a fault of the exchange:
// - Hashes and signatures are perfect: a mark is the content of its history. That a fork is
//   told from a repeat is tested on the real code.
// - A request is what the store held when it was gathered, judged when the hub takes it; a
//   late one is a replay of its batches, since its answer reaches nobody (rounds).
// - One batch is one fact; replays may take any fact that ever was in a request. More is
//   replayed so than could be.
// - The locator holds every point: few here, and thinning it only makes a rewind longer.
// - One log id: another log differs in every mark, as a log cut to its beginning does.
// - Doorbell, back-off, roles narrowed, fleet facts first: they change when, not what. The
//   hub's own facts are those of a kiosk that is destroyed.
//
// Not covered: more facts or kiosks than the bounds, several upstreams, two hubs on one log.
#ifndef KIOSKS
#define KIOSKS 2
#endif
#ifndef FACTS
#define FACTS 1 // each kiosk authors this many
#endif
#ifdef FEW_FAULTS // of those below, only lost messages, crashes, lost history, a destroyed kiosk
#define HAS_GAPS 0
#define HAS_REPLAYS 0
#else
#define HAS_GAPS 1
#define HAS_REPLAYS 1
#endif
#define ALL (KIOSKS * FACTS) // facts, and the longest log; 4 at most

// A fact is a number 1..ALL, stream after stream; sets of facts are masks.
#define BIT(f) ((1 << (f)) >> 1)
#define STREAM(s) (((1 << FACTS) - 1) << ((s) * FACTS))
#define OF(f) (((f) - 1) / FACTS)
#define UP_TO(f) (STREAM(OF(f)) & ((1 << (f)) - 1))
#define BEFORE(f) (UP_TO(f) & ~BIT(f))
// The streams that a set of facts touches.
#define WHOLE1(m, s) (((m) & STREAM(s)) -> STREAM(s) : 0)
#if KIOSKS == 2
#define WHOLE(m) (WHOLE1(m, 0) | WHOLE1(m, 1))
#elif KIOSKS == 3
#define WHOLE(m) (WHOLE1(m, 0) | WHOLE1(m, 1) | WHOLE1(m, 2))
#endif

// A log, and a mark in it, is its own content, three bits for each fact: two marks are
// equal when their histories are, which is what a chain hash is for. 0 is the beginning.
#define AT(l, i) (((l) >> (3 * (i))) & 7)
#define LEN(l)                                                                           \
    ((l) == 0 -> 0 :                                                                     \
     ((l) < 8 -> 1 : ((l) < 64 -> 2 : ((l) < 512 -> 3 : ((l) < 4096 -> 4 : 5)))))
#define CUT(l, n) ((l) & ((1 << (3 * (n))) - 1))
#define SET(l)                                                                           \
    (BIT(AT(l, 0)) | BIT(AT(l, 1)) | BIT(AT(l, 2)) | BIT(AT(l, 3)) | BIT(AT(l, 4)))
#ifdef PLANT_NO_CH
#define COMMON(m) (LEN(m) <= LEN(log))
#else
#define COMMON(m) (CUT(log, LEN(m)) == (m))
#endif
#ifdef PLANT_NO_SEEN
#define COMMON_SEEN(m) true
#else
#define COMMON_SEEN(m) COMMON(m)
#endif

mtype = { IDLE, SENT, APPLYING, FETCHED, SNAPPING, DEAD };
#define NONE 7 // no rewind

short log;  // the hub's
byte sent;  // facts that ever were in a request: anyone may replay them
bool calm;  // no more faults

// What a kiosk's store holds.
byte held[KIOSKS], acked[KIOSKS]; // facts; those it believes the hub has
byte unknown[KIOSKS];             // streams of which it does not know what the hub has
bool told[KIOSKS];                // its channels
short cur[KIOSKS], seen[KIOSKS];
short loc[KIOSKS * ALL]; // by length; 0: none there
#ifdef PLANT_PRUNE
byte ever[KIOSKS];
#define EVER(k) ever[k]
#else
#define EVER(k) held[k]
#endif

// What it has in memory and on the wire. The request is what the store held when it was
// gathered; the answer names lengths of its head, which is all it can carry.
mtype phase[KIOSKS] = IDLE;
byte push[KIOSKS], asked[KIOSKS]; // facts; streams pushed or offered
bool has_answer[KIOSKS];
byte rewind_to[KIOSKS], reached[KIOSKS];
short head[KIOSKS];

#ifdef PLANT_STALE
bool has_stale[KIOSKS];
byte stale_asked[KIOSKS], stale_rewind[KIOSKS], stale_reached[KIOSKS];
short stale_head[KIOSKS];
#endif

// Used within one step only.
hidden byte i, n, f, got, since;

// ---- what must hold --------------------------------------------------------------------

// Everything anyone has: held by the hub or by a kiosk that lives.
#define ALIVE(k) (phase[k] != DEAD)
#define KEPT1(k) (ALIVE(k) -> EVER(k) : 0)
#define DONE1(k)                                                                         \
    (!ALIVE(k) || (held[k] == SET(log) && acked[k] == SET(log) && unknown[k] == 0 &&     \
                   rewind_to[k] == NONE))
#if KIOSKS == 2
#define KEPT (KEPT1(0) | KEPT1(1))
#define DONE (DONE1(0) && DONE1(1))
#else
#define KEPT (KEPT1(0) | KEPT1(1) | KEPT1(2))
#define DONE (DONE1(0) && DONE1(1) && DONE1(2))
#endif
#define HEALED ((KEPT & ~SET(log)) == 0 && DONE)

#ifdef LIVENESS
// The claim that must have no fair run: again and again not healed, !(<>[] HEALED).
never {
again:
    do
    :: !(HEALED) -> break
    :: true
    od;
accept:
    do
    :: true -> goto again
    od
}
#define HOLDS(p) skip
#else
#define HOLDS(p) assert(p)
#endif

// I1 what a kiosk takes for acknowledged the hub holds, or the kiosk's next round will
// tell it to forget that.
#define I1(k)                                                                            \
    ((acked[k] & ~SET(log)) == 0 || CUT(log, LEN(cur[k])) != cur[k] ||                   \
     CUT(log, LEN(seen[k])) != seen[k] || !ALIVE(k))
// I2 what lies before the cursor the kiosk holds.
#define I2(k) ((SET(cur[k]) & ~held[k]) == 0)
// I3 what a kiosk ever held it holds.
#define I3(k) ((EVER(k) & ~held[k]) == 0)

inline check_kiosk(k) {
    HOLDS(I3(k));
    HOLDS(I2(k));
    HOLDS(I1(k))
}

// ---- the hub ---------------------------------------------------------------------------

// sync/store/batch.c: the next of its stream is numbered, what is held is skipped, what
// lacks its predecessor is ignored.
inline take(fact) {
    if
#ifdef PLANT_NO_DEDUP
    :: (BEFORE(fact) & ~SET(log)) == 0 && LEN(log) <= ALL ->
#else
    :: (BEFORE(fact) & ~SET(log)) == 0 && (SET(log) & BIT(fact)) == 0 ->
#endif
        HOLDS((SET(log) & BIT(fact)) == 0); // I4
        log = log | ((fact) << (3 * LEN(log)))
    :: else
    fi
}

inline take_stream(who, s) {
    f = (s) * FACTS + 1;
    do
    :: f <= (s) * FACTS + FACTS ->
        if
        :: push[who] & BIT(f) -> take(f)
        :: else
        fi;
        f++
    :: else -> break
    od
}

// answer_rewind: before the push, which extends the history.
inline judge(k) {
    rewind_to[k] = NONE;
    if
    :: COMMON(cur[k]) && COMMON_SEEN(seen[k])
    :: COMMON(cur[k]) && !COMMON_SEEN(seen[k]) -> rewind_to[k] = LEN(cur[k])
    :: !COMMON(cur[k]) ->
        rewind_to[k] = 0;
        i = LEN(cur[k]);
        do
        :: i > 0 && loc[k * ALL + i - 1] != 0 && COMMON(loc[k * ALL + i - 1]) ->
            rewind_to[k] = i;
            break
        :: i > 0 && !(loc[k * ALL + i - 1] != 0 && COMMON(loc[k * ALL + i - 1])) -> i--
        :: i == 0 -> break
        od
    fi
}

// answer_facts: from the cursor on; when is_page, up to the first fact that is new.
inline walk(k, is_page) {
    since = (rewind_to[k] != NONE -> rewind_to[k] : LEN(cur[k]));
    reached[k] = (told[k] -> LEN(log) : since);
    if
    :: told[k] && is_page && since < LEN(log) ->
        reached[k] = since;
        got = 0;
        do
        :: reached[k] < LEN(log) && !(got && (push[k] & BIT(AT(log, reached[k]))) == 0) ->
            got = got || (push[k] & BIT(AT(log, reached[k]))) == 0;
            reached[k]++
        :: else -> break
        od
    :: else
    fi
}

inline answer(k, is_page) {
    judge(k);
    take_stream(k, k); // own ones first
    n = 0;
    do
    :: n < KIOSKS && n != k -> take_stream(k, n); n++
    :: n < KIOSKS && n == k -> n++
    :: else -> break
    od;
    walk(k, is_page);
    head[k] = log;
    has_answer[k] = true
}

proctype Serve(byte k) {
end:
    do
    :: d_step { phase[k] == SENT && !has_answer[k] -> answer(k, 0) }
    :: d_step { phase[k] == SENT && !has_answer[k] && told[k] -> answer(k, 1) }
    od
}

// ---- a kiosk ---------------------------------------------------------------------------

inline rest(k) {
    phase[k] = IDLE;
    push[k] = 0;
    asked[k] = 0;
    has_answer[k] = false;
    rewind_to[k] = NONE;
    reached[k] = 0;
    head[k] = 0
}

// peer_gather
inline gather(k) {
    push[k] = held[k] & ~acked[k] & ~unknown[k];
    asked[k] = unknown[k] | WHOLE(push[k]);
    sent = sent | push[k];
    phase[k] = SENT
}

inline loc_add(k, m) {
    if
    :: (m) != 0 -> loc[k * ALL + LEN(m) - 1] = (m)
    :: else
    fi
}

inline loc_cut(k, from) {
    i = from;
    do
    :: i < ALL -> loc[k * ALL + i] = 0; i++
    :: else -> break
    od
}

// acked_forget
inline forget(k) {
#ifdef PLANT_OWN_ONLY
    unknown[k] = unknown[k] | (held[k] & STREAM(k) -> STREAM(k) : 0);
    acked[k] = acked[k] & ~STREAM(k);
#else
    unknown[k] = unknown[k] | WHOLE(held[k]);
#ifndef PLANT_ACK_NEVER_FALLS
    acked[k] = 0;
#endif
#endif
}

// apply_haves
inline adopt_haves(k) {
#if defined(PLANT_HAVE_HIGHER) || defined(PLANT_ACK_NEVER_FALLS)
    acked[k] = acked[k] | (SET(head[k]) & asked[k]);
#else
    acked[k] = (acked[k] & ~asked[k]) | (SET(head[k]) & asked[k]);
#endif
    unknown[k] = unknown[k] & ~asked[k]
}

// apply_facts: what the answer brought the hub holds, with all before it.
inline take_facts(k) {
    i = since;
    do
    :: i < reached[k] ->
        f = AT(head[k], i);
        HOLDS((BEFORE(f) & ~EVER(k)) == 0); // no gap of the exchange's own making
        held[k] = held[k] | BIT(f);
#ifdef PLANT_PRUNE
        ever[k] = ever[k] | BIT(f);
#endif
        acked[k] = acked[k] | UP_TO(f);
        unknown[k] = unknown[k] & ~STREAM(OF(f));
        i++
    :: else -> break
    od
}

// make_plan and peer_save
inline save_marks(k) {
    if
    :: rewind_to[k] != NONE -> loc_cut(k, rewind_to[k])
    :: else
    fi;
    cur[k] = CUT(head[k], reached[k]);
    seen[k] = head[k];
    loc_add(k, cur[k]);
    loc_add(k, seen[k]);
    if
    :: told[k]
    :: !told[k] -> told[k] = true; cur[k] = 0 // plan_channels
    fi
}

inline apply_store(k) {
    since = (rewind_to[k] != NONE -> rewind_to[k] : LEN(cur[k]));
    if
    :: rewind_to[k] != NONE -> forget(k)
    :: else
    fi;
    adopt_haves(k)
}

inline prune(k) {
#ifdef PLANT_PRUNE
    held[k] = held[k] & ~acked[k]
#else
    skip
#endif
}

// A batch of the answer lacked its predecessor: nothing connects, start at the beginning.
inline apply_gap(k) {
    apply_store(k);
#ifdef PLANT_GAP_KEEPS_MARKS
    cur[k] = 0;
#else
    save_marks(k);
    cur[k] = 0;
#endif
    check_kiosk(k);
    rest(k)
}

inline apply(k) {
    apply_store(k);
    take_facts(k);
#ifdef PLANT_TWO_COMMITS
    phase[k] = APPLYING
#else
    save_marks(k);
    prune(k);
    check_kiosk(k);
    rest(k)
#endif
}

#ifdef SNAPSHOTS
// peer_snap_take: what a snapshot brought was the hub's when it was made, no more.
inline snap_take(k) {
    held[k] = held[k] | SET(head[k]);
#ifdef PLANT_SNAP_ACKS
    acked[k] = acked[k] | SET(head[k]);
    unknown[k] = unknown[k] & ~WHOLE(SET(head[k]));
#else
    unknown[k] = unknown[k] | WHOLE(SET(head[k]));
    acked[k] = acked[k] & ~WHOLE(SET(head[k]));
#endif
    phase[k] = SNAPPING;
    check_kiosk(k)
}

inline snap_finish(k) {
#ifndef PLANT_SNAP_KEEPS_LOC
    loc_cut(k, 0);
#endif
    cur[k] = CUT(head[k], reached[k]);
    loc_add(k, cur[k]);
    check_kiosk(k);
    rest(k)
}
#endif

// A request or its answer is lost, the wait is over, or the kiosk restarts: all the same.
inline drop(k) {
#ifdef PLANT_STALE
    keep_stale(k);
#endif
    rest(k)
}

#ifdef PLANT_STALE
inline keep_stale(k) {
    if
    :: has_answer[k] ->
        has_stale[k] = true;
        stale_asked[k] = asked[k];
        stale_rewind[k] = rewind_to[k];
        stale_reached[k] = reached[k];
        stale_head[k] = head[k]
    :: else
    fi
}

// The answer of an earlier round is taken for this one's, whose own comes too late.
inline swap_stale(k) {
    if
    :: has_answer[k] ->
        n = asked[k];
        asked[k] = stale_asked[k];
        stale_asked[k] = n;
        n = rewind_to[k];
        rewind_to[k] = stale_rewind[k];
        stale_rewind[k] = n;
        n = reached[k];
        reached[k] = stale_reached[k];
        stale_reached[k] = n;
        log2 = head[k];
        head[k] = stale_head[k];
        stale_head[k] = log2
    :: else ->
        asked[k] = stale_asked[k];
        rewind_to[k] = stale_rewind[k];
        reached[k] = stale_reached[k];
        head[k] = stale_head[k];
        has_stale[k] = false
    fi
}
hidden short log2;
#endif

proctype Kiosk(byte k) {
    rest(k);
    do
    :: d_step { phase[k] == IDLE -> gather(k) }
    :: d_step { // a fact becomes known here
        (EVER(k) & STREAM(k)) != STREAM(k) ->
        f = k * FACTS + 1;
        do
        :: EVER(k) & BIT(f) -> f++
        :: else -> break
        od;
        held[k] = held[k] | BIT(f);
#ifdef PLANT_PRUNE
        ever[k] = ever[k] | BIT(f)
#endif
    }
    :: d_step { phase[k] == SENT && has_answer[k] -> apply(k) }
    :: d_step { HAS_GAPS && phase[k] == SENT && has_answer[k] && !calm -> apply_gap(k) }
#ifdef PLANT_TWO_COMMITS
    :: d_step {
        phase[k] == APPLYING -> save_marks(k);
        check_kiosk(k);
        rest(k)
    }
#endif
#ifdef PLANT_STALE
    :: d_step { phase[k] == SENT && has_stale[k] && !calm -> swap_stale(k); apply(k) }
#endif
#ifdef SNAPSHOTS
    :: d_step {
        // its mark is older than what its last chunk holds
        phase[k] == IDLE && told[k] && cur[k] == 0 && seen[k] != 0 && !calm ->
        head[k] = log;
        reached[k] = LEN(log);
        phase[k] = FETCHED
    }
    :: d_step { phase[k] == FETCHED && reached[k] > 0 && !calm -> reached[k]-- }
    :: d_step { phase[k] == FETCHED -> snap_take(k) }
    :: d_step { phase[k] == SNAPPING -> snap_finish(k) }
#endif
    :: d_step { phase[k] != IDLE && !calm -> drop(k) }
    :: d_step { k == KIOSKS - 1 && !calm -> drop(k); phase[k] = DEAD } -> break
    od
}

// ---- what goes wrong -------------------------------------------------------------------

proctype Chaos() {
    do
    :: calm -> break
    :: d_step { // the hub loses the end of its log, as much of it as this is done
        !calm && log != 0 -> log = CUT(log, LEN(log) - 1);
        n = 0;
        do
        :: n < KIOSKS -> HOLDS(I1(n)); n++
        :: else -> break
        od
    }
    // a batch of an old request comes once more
    :: d_step { HAS_REPLAYS && !calm && sent & BIT(1) -> take(1) }
    :: d_step { HAS_REPLAYS && !calm && sent & BIT(2) -> take(2) }
#if ALL > 2
    :: d_step { HAS_REPLAYS && !calm && sent & BIT(3) -> take(3) }
#endif
#if ALL > 3
    :: d_step { HAS_REPLAYS && !calm && sent & BIT(4) -> take(4) }
#endif
    od
}

active proctype Peace() {
    calm = true
}

init {
    atomic {
        n = 0;
        do
        :: n < KIOSKS -> run Kiosk(n); run Serve(n); n++
        :: else -> break
        od;
        run Chaos()
    }
}
