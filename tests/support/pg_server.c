#include "tests/support/pg_server.h"

#include "sync/base/clock.h"
#include "sync/base/mem.h"

#include <glob.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

enum { START_MS = 30000, COMMAND_SIZE = 2048, PATH_SIZE = 300 };

// PostgreSQL refuses to run as root.
static const char *as_server(void) {
    return geteuid() == 0 ? "setpriv --reuid postgres --regid postgres --clear-groups "
                            "--pdeathsig KILL -- "
                          : "setpriv --pdeathsig KILL -- ";
}

static bool find_bin(char *out, size_t size) {
    glob_t found;
    bool is_there = glob("/usr/lib/postgresql/*/bin/postgres", 0, NULL, &found) == 0;
    if (is_there && out) {
        const char *path = found.gl_pathv[found.gl_pathc - 1];
        snprintf(out, size, "%.*s", (int)(strrchr(path, '/') - path), path);
    }
    globfree(&found);
    return is_there;
}

bool pg_server_is_installed(void) {
    return find_bin(NULL, 0);
}

static int sh(const char *format, ...) __attribute__((format(printf, 1, 2)));
static int sh(const char *format, ...) {
    char command[COMMAND_SIZE];
    va_list list;
    va_start(list, format);
    int len = vsnprintf(command, sizeof command, format, list);
    va_end(list);
    assert_in_range(len, 0, sizeof command - 1);
    return system(command);
}

static bool is_up(struct pg_server *s) {
    return sh("'%s/psql' -h '%s' -U foyer -d postgres -qc 'SELECT 1' >/dev/null 2>&1",
              s->bin, s->dir) == 0;
}

static void make_cluster(struct pg_server *s) {
    assert_true(find_bin(s->bin, sizeof s->bin));
    snprintf(s->dir, sizeof s->dir, "/tmp/foyer-pg-XXXXXX");
    assert_non_null(mkdtemp(s->dir));
    if (geteuid() == 0) {
        assert_int_equal(sh("chown postgres '%s'", s->dir), 0);
    }
    assert_int_equal(sh("cd / && %s '%s/initdb' -D '%s/data' -U foyer -A trust -N"
                        " --locale=C.UTF-8 >/dev/null",
                        as_server(), s->bin, s->dir),
                     0);
}

static void spawn(struct pg_server *s) {
    char command[COMMAND_SIZE];
    snprintf(command, sizeof command,
             "cd / && exec %s '%s/postgres' -D '%s/data' -c listen_addresses='' -c"
             " unix_socket_directories='%s' -c fsync=off -c max_connections=40"
             " >>'%s/server.log' 2>&1",
             as_server(), s->bin, s->dir, s->dir, s->dir);
    s->pid = fork();
    assert_true(s->pid >= 0);
    if (s->pid == 0) {
        setpgid(0, 0);
        execl("/bin/sh", "sh", "-c", command, (char *)NULL);
        _exit(127);
    }
}

// After a kill it does not start while a child of the one before, which is dying, still holds
// the shared memory: then once more.
void pg_server_start(struct pg_server *s) {
    if (!s->dir[0]) {
        make_cluster(s);
    }
    uint64_t until_ms = clock_mono_ms() + START_MS;
    spawn(s);
    while (!is_up(s)) {
        assert_true(clock_mono_ms() < until_ms);
        nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
        if (waitpid(s->pid, NULL, WNOHANG) != 0) {
            spawn(s);
        }
    }
}

// Its children first: after a killed postmaster they would shut down in their own time.
void pg_server_signal(struct pg_server *s, int number) {
    assert_true(s->pid > 0);
    sh("pkill -%d -P %d", number, (int)s->pid);
    kill(s->pid, number);
}

void pg_server_kill(struct pg_server *s) {
    if (s->pid > 0) {
        pg_server_signal(s, SIGKILL);
        waitpid(s->pid, NULL, 0);
        s->pid = 0;
    }
}

void pg_server_finish(struct pg_server *s) {
    pg_server_kill(s);
    if (s->dir[0]) {
        sh("rm -rf '%s'", s->dir);
    }
    *s = (struct pg_server){0};
}

void pg_server_sql(struct pg_server *s, const char *name, const char *sql, char *out,
                   size_t size) {
    char path[PATH_SIZE];
    snprintf(path, sizeof path, "%s/answer-%d", s->dir, (int)getpid());
    assert_int_equal(sh("'%s/psql' -h '%s' -U foyer -d %s -v ON_ERROR_STOP=1 -qAtc \"%s\""
                        " >'%s'",
                        s->bin, s->dir, name, sql, path),
                     0);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    if (out && !fgets(out, (int)size, f)) {
        out[0] = '\0';
    }
    if (out) {
        out[strcspn(out, "\n")] = '\0';
    }
    fclose(f);
    unlink(path);
}

void pg_server_add(struct pg_server *s, const char *name, char *out, size_t size) {
    char sql[PATH_SIZE];
    snprintf(sql, sizeof sql, "CREATE DATABASE %s", name);
    pg_server_sql(s, "postgres", sql, NULL, 0);
    snprintf(out, size, "postgresql:///%s?host=%s&user=foyer", name, s->dir);
}

int pg_server_grep(struct pg_server *s, const char *name, const char *text) {
    char oid[16];
    char sql[PATH_SIZE];
    snprintf(sql, sizeof sql, "SELECT oid FROM pg_database WHERE datname = '%s'", name);
    pg_server_sql(s, "postgres", "CHECKPOINT", NULL, 0);
    pg_server_sql(s, "postgres", sql, oid, sizeof oid);
    char *command = mem_format("grep -rlaF '%s' '%s/data/base/%s'", text, s->dir, oid);
    char line[PATH_SIZE];
    int count = 0;
    FILE *f = popen(command, "r");
    assert_non_null(f);
    while (fgets(line, sizeof line, f)) {
        count++;
    }
    pclose(f);
    mem_free(command);
    return count;
}

static struct pg_server process_server;

static void finish_process_server(void) {
    pg_server_finish(&process_server);
}

struct pg_server *pg_server_get_test_log(void) {
    return &process_server;
}

bool pg_server_test_log(char *out_url, size_t size) {
    static int count;
    char name[16];
    const char *log = getenv("FOYER_TEST_LOG");
    if (!log || strcmp(log, "postgresql") != 0) {
        return false;
    }
    if (!process_server.pid) {
        pg_server_start(&process_server);
        atexit(finish_process_server);
    }
    snprintf(name, sizeof name, "t%d", ++count);
    pg_server_add(&process_server, name, out_url, size);
    return true;
}
