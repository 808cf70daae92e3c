#include "sync/hub/postgres_link.h"

#include "sync/base/clock.h"
#include "sync/base/log.h"
#include "sync/base/mem.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#define LOCK_NOT_AVAILABLE "55P03"

enum { VALUES_MAX = 8, FORMAT_BINARY = 1 };

static void note_trouble(struct link *l, const char *text) {
    snprintf(l->trouble, sizeof l->trouble, "%s", text);
    char *end = strpbrk(l->trouble, "\r\n");
    if (end) {
        *end = '\0';
    }
}

static void note_notice(void *arg, const PGresult *r) {
    struct link *l = arg;
    const char *severity = PQresultErrorField(r, PG_DIAG_SEVERITY_NONLOCALIZED);
    if (severity && strcmp(severity, "WARNING") == 0) {
        l->has_warning = true;
        note_trouble(l, PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY));
        log_warning("postgresql: %s", l->trouble);
    }
}

enum err link_open(struct link *l, const char *url) {
    char seconds[8];
    snprintf(seconds, sizeof seconds, "%d", LINK_CONNECT_S);
    // What stands before dbname may be said otherwise in the URL.
    const char *const names[] = {
        "connect_timeout", "tcp_user_timeout",     "gssencmode",      "application_name",
        "dbname",          "target_session_attrs", "client_encoding", NULL};
    const char *const values[] = {seconds, "3000",       "disable", "foyer-hub",
                                  url,     "read-write", "UTF8",    NULL};
    *l = (struct link){.conn = PQconnectdbParams(names, values, 1)};
    if (PQstatus(l->conn) != CONNECTION_OK || PQsetnonblocking(l->conn, 1) != 0) {
        note_trouble(l, PQerrorMessage(l->conn));
        link_close(l);
        return ERR_OFFLINE;
    }
    PQsetNoticeReceiver(l->conn, note_notice, l);
    return ERR_NONE;
}

void link_close(struct link *l) {
    PQfinish(l->conn);
    l->conn = NULL;
}

struct link_value link_u64(uint64_t v, uint8_t store[8]) {
    for (int i = 0; i < 8; i++) {
        store[i] = (uint8_t)(v >> (56 - 8 * i));
    }
    return (struct link_value){store, 8};
}

uint64_t link_get_u64(const PGresult *r, int row, int column) {
    uint8_t b[8] = {0};
    uint64_t v = 0;
    if (link_get_bytes(r, row, column, b, sizeof b)) {
        for (int i = 0; i < 8; i++) {
            v = v << 8 | b[i];
        }
    }
    return v;
}

bool link_get_bytes(const PGresult *r, int row, int column, void *out, int len) {
    if (row >= PQntuples(r) || PQgetlength(r, row, column) != len) {
        return false;
    }
    memcpy(out, PQgetvalue(r, row, column), (size_t)len);
    return true;
}

static bool fail(struct link *l, const char *text) {
    l->is_broken = true;
    note_trouble(l, text);
    return false;
}

// Sends the rest and reads until a result is there.
static bool wait_result(struct link *l, uint64_t until_ms) {
    for (;;) {
        int unsent = PQflush(l->conn);
        if (unsent < 0) {
            return fail(l, PQerrorMessage(l->conn));
        }
        if (!unsent && !PQisBusy(l->conn)) {
            return true;
        }
        uint64_t now_ms = clock_mono_ms();
        struct pollfd p = {.fd = PQsocket(l->conn),
                           .events = (short)(POLLIN | (unsent ? POLLOUT : 0))};
        int got = now_ms < until_ms ? poll(&p, 1, (int)(until_ms - now_ms)) : 0;
        if (got == 0) {
            return fail(l, "no answer in time");
        }
        if (got > 0 && !PQconsumeInput(l->conn)) {
            return fail(l, PQerrorMessage(l->conn));
        }
    }
}

// The first that failed, else the last.
static PGresult *take_results(struct link *l, int wait_ms) {
    uint64_t until_ms = clock_mono_ms() + (uint64_t)wait_ms;
    PGresult *kept = NULL;
    bool has_failed = false;
    while (wait_result(l, until_ms)) {
        PGresult *r = PQgetResult(l->conn);
        if (!r) {
            return kept;
        }
        if (has_failed) {
            PQclear(r);
            continue;
        }
        PQclear(kept);
        kept = r;
        has_failed = !link_is_ok(l, r);
    }
    PQclear(kept);
    return NULL;
}

bool link_is_ok(struct link *l, const PGresult *r) {
    ExecStatusType status = PQresultStatus(r);
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) {
        return true;
    }
    if (r) {
        const char *state = PQresultErrorField(r, PG_DIAG_SQLSTATE);
        l->is_locked = state && strcmp(state, LOCK_NOT_AVAILABLE) == 0;
        note_trouble(l, PQresultErrorMessage(r));
    }
    if (l->conn && PQstatus(l->conn) != CONNECTION_OK) {
        l->is_broken = true;
    }
    return false;
}

PGresult *link_run(struct link *l, const char *sql, int wait_ms) {
    if (!PQsendQuery(l->conn, sql)) {
        fail(l, PQerrorMessage(l->conn));
        return NULL;
    }
    return take_results(l, wait_ms);
}

PGresult *link_call(struct link *l, const char *sql, const struct link_value *values,
                    int count) {
    const char *bytes[VALUES_MAX];
    int lens[VALUES_MAX];
    int formats[VALUES_MAX];
    CHECK(count <= VALUES_MAX);
    for (int i = 0; i < count; i++) {
        bytes[i] = values[i].bytes;
        lens[i] = values[i].len;
        formats[i] = FORMAT_BINARY;
    }
    if (!PQsendQueryParams(l->conn, sql, count, NULL, bytes, lens, formats,
                           FORMAT_BINARY)) {
        fail(l, PQerrorMessage(l->conn));
        return NULL;
    }
    return take_results(l, LINK_WAIT_MS);
}
