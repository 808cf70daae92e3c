#include "sync/base/log.h"
#include "sync/store/db.h"
#include "sync/store/jobs.h"
#include "sync/store/peer.h"

#include <stdio.h>

enum { SCHEMA_VERSION = 1, APPLICATION_ID = 0x466f7931 /* "Foy1" */ };

// The log: what is signed, never changed but for erased bodies.
static const char log_sql[] =
    "CREATE TABLE meta(key TEXT PRIMARY KEY, value BLOB) WITHOUT ROWID;"
    "CREATE TABLE stream(stream INTEGER PRIMARY KEY, channel INTEGER NOT NULL,"
    " author BLOB NOT NULL, dev INTEGER NOT NULL, boot INTEGER NOT NULL,"
    " last_n INTEGER NOT NULL, last_h BLOB NOT NULL, own INTEGER NOT NULL);"
    "CREATE TABLE fact(stream INTEGER, n INTEGER, kind TEXT NOT NULL, subject TEXT NOT "
    "NULL,"
    " at_ms INTEGER NOT NULL, mono_ms INTEGER NOT NULL, state INTEGER NOT NULL,"
    " header BLOB NOT NULL, body BLOB NOT NULL, h BLOB NOT NULL,"
    " PRIMARY KEY(stream, n)) WITHOUT ROWID;"
    "CREATE INDEX fact_subject ON fact(subject);"
    "CREATE TABLE batch(stream INTEGER, last_n INTEGER, from_n INTEGER NOT NULL,"
    " sig BLOB NOT NULL, PRIMARY KEY(stream, last_n)) WITHOUT ROWID;"
    "CREATE TABLE log(seq INTEGER PRIMARY KEY, stream INTEGER NOT NULL, n INTEGER NOT "
    "NULL,"
    " ch BLOB NOT NULL);"
    "CREATE TABLE fork(stream INTEGER, n INTEGER, h BLOB, batch BLOB, at_ms INTEGER,"
    " PRIMARY KEY(stream, n, h)) WITHOUT ROWID;"
    "CREATE TABLE imported(kind TEXT, subject TEXT, digest BLOB NOT NULL,"
    " PRIMARY KEY(kind, subject)) WITHOUT ROWID;"
    "CREATE TABLE reject(id INTEGER PRIMARY KEY, at_ms INTEGER, why TEXT, batch BLOB);";

// Derived: folding the log anew gives the same rows.
static const char derived_sql[] =
    "CREATE TABLE entity(kind TEXT, subject TEXT, stream INTEGER NOT NULL,"
    " n INTEGER NOT NULL, at_ms INTEGER NOT NULL, conflict INTEGER NOT NULL,"
    " body TEXT NOT NULL, was TEXT, PRIMARY KEY(kind, subject)) WITHOUT ROWID;"
    "CREATE TABLE person(row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, ticket TEXT,"
    " kind TEXT NOT NULL, status INTEGER NOT NULL, conflict INTEGER NOT NULL,"
    " key TEXT NOT NULL, body TEXT NOT NULL);"
    "CREATE INDEX person_ticket ON person(ticket) WHERE ticket IS NOT NULL;"
    "CREATE INDEX person_kind ON person(kind, status);"
    "CREATE INDEX person_key ON person(row, key);"
    "CREATE TABLE person_gate(gate TEXT, person TEXT, PRIMARY KEY(gate, person))"
    " WITHOUT ROWID;"
    "CREATE TABLE alias(id TEXT PRIMARY KEY, person TEXT NOT NULL) WITHOUT ROWID;"
    "CREATE INDEX alias_person ON alias(person);"
    "CREATE TABLE admission(holder TEXT, stream INTEGER, n INTEGER, gate TEXT NOT NULL,"
    " at_ms INTEGER NOT NULL, dev INTEGER NOT NULL, void INTEGER NOT NULL,"
    " PRIMARY KEY(holder, stream, n)) WITHOUT ROWID;"
    "CREATE INDEX admission_gate ON admission(gate, at_ms, holder, void);"
    "CREATE TABLE print(person TEXT, stream INTEGER, n INTEGER, serial INTEGER NOT NULL,"
    " at_ms INTEGER NOT NULL, dev INTEGER NOT NULL, void INTEGER NOT NULL,"
    " PRIMARY KEY(person, stream, n)) WITHOUT ROWID;"
    "CREATE TABLE incident(id TEXT PRIMARY KEY, holder TEXT NOT NULL, gate TEXT NOT NULL,"
    " members TEXT NOT NULL, last_ms INTEGER NOT NULL, resolved INTEGER NOT NULL)"
    " WITHOUT ROWID;"
    "CREATE INDEX incident_holder ON incident(holder);"
    "CREATE TABLE ask(stream INTEGER, n INTEGER, subject TEXT NOT NULL, at_ms INTEGER "
    "NOT NULL,"
    " answered INTEGER NOT NULL, PRIMARY KEY(stream, n)) WITHOUT ROWID;"
    "CREATE INDEX ask_subject ON ask(subject);"
    "CREATE TABLE anchor(dev INTEGER, boot INTEGER, mono_ms INTEGER, stream INTEGER,"
    " n INTEGER, source_ms INTEGER NOT NULL, rtt_ms INTEGER NOT NULL,"
    " PRIMARY KEY(dev, boot, stream, n)) WITHOUT ROWID;"
    "CREATE TABLE erased(subject TEXT PRIMARY KEY) WITHOUT ROWID;"
    "CREATE TABLE quarantine(stream INTEGER, n INTEGER, subject TEXT NOT NULL,"
    " why TEXT NOT NULL, PRIMARY KEY(stream, n)) WITHOUT ROWID;"
    "CREATE INDEX quarantine_subject ON quarantine(subject);";

// The queue of badges came later than the tables above: a store made before gets it here and
// fills it from its log (jobs_fold_once).
static const char job_sql[] =
    "CREATE TABLE IF NOT EXISTS job(person TEXT, stream INTEGER, n INTEGER,"
    " hlc INTEGER NOT NULL, serial INTEGER NOT NULL, dev INTEGER NOT NULL,"
    " state INTEGER NOT NULL, reason TEXT NOT NULL, at_ms INTEGER NOT NULL,"
    " last_stream INTEGER NOT NULL, last_n INTEGER NOT NULL,"
    " PRIMARY KEY(person, stream, n)) WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS job_state ON job(state, dev);"
    "CREATE INDEX IF NOT EXISTS job_address ON job(stream, n);";

// Without the first the rights, needed at every start, are found by reading the whole log;
// without the second each person folded reads the lists of all people; without the third
// an offer to an upstream reads its stream whole.
static const char index_sql[] =
    "CREATE INDEX IF NOT EXISTS fact_rights ON fact(stream, n)"
    " WHERE kind IN ('grant','device.revoke');"
    "CREATE INDEX IF NOT EXISTS person_gate_person ON person_gate(person);"
    "CREATE INDEX IF NOT EXISTS fact_emptied ON fact(stream, n) WHERE state=1;";

const char *const schema_derived[] = {
    "entity",   "person", "person_gate", "alias",  "admission",  "print", "job",
    "incident", "ask",    "anchor",      "erased", "quarantine", NULL,
};

static enum err create(struct store *s) {
    enum err e = store_begin(s);
    if (e != ERR_NONE) {
        return e;
    }
    char pragma[96];
    snprintf(pragma, sizeof pragma, "PRAGMA application_id=%d;PRAGMA user_version=%d;",
             APPLICATION_ID, SCHEMA_VERSION);
    e = db_exec(s, log_sql);
    e = e == ERR_NONE ? db_exec(s, derived_sql) : e;
    e = e == ERR_NONE ? db_exec(s, job_sql) : e;
    e = e == ERR_NONE ? db_exec(s, index_sql) : e;
    e = e == ERR_NONE ? db_exec(s, pragma) : e;
    e = e == ERR_NONE ? peer_migrate(s) : e;
    e = e == ERR_NONE ? store_meta_set(s, JOBS_FOLDED, "1", 1) : e;
    if (e != ERR_NONE) {
        store_rollback(s);
        return e;
    }
    return store_commit(s);
}

enum err schema_open(struct store *s) {
    int64_t version = db_int(s, db_get(s, "PRAGMA user_version"), 0);
    int64_t app = db_int(s, db_get(s, "PRAGMA application_id"), 0);
    if (version == 0 && app == 0) {
        return create(s);
    }
    if (app != APPLICATION_ID || version > SCHEMA_VERSION) {
        log_error("store: schema %lld of application %llx is not ours or newer than %d",
                  (long long)version, (long long)app, SCHEMA_VERSION);
        return ERR_VERSION;
    }
    // Version 1 is the first. Later ones migrate here, forward only, after VACUUM INTO a copy.
    enum err e = db_exec(s, job_sql);
    e = e == ERR_NONE ? db_exec(s, index_sql) : e;
    return e == ERR_NONE ? peer_migrate(s) : e;
}
