// A PostgreSQL server of the test's own: in a folder that goes away, on a Unix socket only,
// without fsync. It ends with the process that started it. The test's thread drives it.
#ifndef TESTS_SUPPORT_PG_SERVER_H
#define TESTS_SUPPORT_PG_SERVER_H

#include <stdbool.h>
#include <sys/types.h>

struct pg_server {
    char dir[64];
    char bin[128]; // of the newest PostgreSQL installed
    pid_t pid;     // 0: it is down
};

bool pg_server_is_installed(void);
void pg_server_start(
    struct pg_server *s); // makes the cluster at the first time, and waits
void pg_server_kill(struct pg_server *s); // -9: all that is not committed is gone
void pg_server_signal(struct pg_server *s, int number); // the postmaster and its children
void pg_server_finish(struct pg_server *s);             // and removes everything

// An empty database; out receives its URL.
void pg_server_add(struct pg_server *s, const char *name, char *out, size_t size);
// SQL in a database; fails the test when it fails. The first column of the first row in out
// (may be NULL).
void pg_server_sql(struct pg_server *s, const char *name, const char *sql, char *out,
                   size_t size);
// How many files of a database hold these bytes, once all is written.
int pg_server_grep(struct pg_server *s, const char *name, const char *text);

// With FOYER_TEST_LOG=postgresql: an empty database on a server that lives as long as the
// process. false: the hub's log is its own.
bool pg_server_test_log(char *out_url, size_t size);
struct pg_server *pg_server_get_test_log(void); // that server

#endif
