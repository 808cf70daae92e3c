// The sealing VFS against the plain one: the same bytes come back whatever is written where,
// nothing readable is on the disk, and a power cut costs no more than without it.
#include "sync/store/seal.h"

#include "sync/base/mem.h"
#include "tests/support/disk.h"
#include "tests/support/event_kit.h"

#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { FILE_MAX = 40000 };

struct pair { // the same file through both
    struct seal *seal;
    sqlite3_file *plain, *sealed;
};

static sqlite3_file *open_file(const char *vfs_name, const char *name, int kind) {
    sqlite3_vfs *vfs = sqlite3_vfs_find(vfs_name);
    sqlite3_file *f = mem_alloc(1, (size_t)vfs->szOsFile);
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | kind;
    assert_int_equal(vfs->xOpen(vfs, name, f, flags, NULL), SQLITE_OK);
    return f;
}

static void close_file(sqlite3_file *f) {
    assert_int_equal(f->pMethods->xClose(f), SQLITE_OK);
    mem_free(f);
}

static void start(struct pair *p, uint8_t key_byte) {
    uint8_t key[SEAL_KEY_BYTES];
    for (size_t i = 0; i < sizeof key; i++) { // XTS wants its halves to differ
        key[i] = (uint8_t)(key_byte + i);
    }
    disk_register();
    disk_wipe(0);
    p->seal = seal_create(DISK_VFS, key);
    p->plain = open_file(DISK_VFS, "plain", SQLITE_OPEN_MAIN_DB);
    p->sealed = open_file(seal_name(p->seal), "sealed", SQLITE_OPEN_MAIN_DB);
}

static void finish(struct pair *p) {
    close_file(p->plain);
    close_file(p->sealed);
    seal_destroy(p->seal);
    disk_finish();
}

static void write_both(struct pair *p, const uint8_t *bytes, int len, int64_t at) {
    assert_int_equal(p->plain->pMethods->xWrite(p->plain, bytes, len, at), SQLITE_OK);
    assert_int_equal(p->sealed->pMethods->xWrite(p->sealed, bytes, len, at), SQLITE_OK);
}

// What was never written is zero in one file and unknown in the other: SQLite reads neither.
static void read_both(struct pair *p, int len, int64_t at, int64_t size) {
    static uint8_t a[FILE_MAX], b[FILE_MAX];
    int ra = p->plain->pMethods->xRead(p->plain, a, len, at);
    int rb = p->sealed->pMethods->xRead(p->sealed, b, len, at);
    if (at + len <= size) {
        assert_int_equal(ra, SQLITE_OK);
        assert_int_equal(rb, SQLITE_OK);
    } else if (at + len > size + 15) {
        assert_int_equal(rb, SQLITE_IOERR_SHORT_READ);
    }
    int64_t there = size > at ? size - at : 0;
    size_t same = (size_t)(there < len ? there : len);
    assert_memory_equal(a, b, same);
}

static void test_random_reads_and_writes_are_the_same(void **state) {
    static uint8_t bytes[FILE_MAX];
    struct pair p;
    uint64_t seed = 20150325;
    int64_t size = 0;
    (void)state;
    print_message("seed %llu\n", (unsigned long long)seed);
    start(&p, 1);
    for (int i = 0; i < 6000; i++) {
        int len = 1 + (int)(kit_random(&seed) % (i % 4 ? 100 : 9000));
        int64_t at = (int64_t)(kit_random(&seed) % (uint64_t)(size + 1));
        at = i % 3 ? at : at / 512 * 512;
        len = at + len > FILE_MAX ? (int)(FILE_MAX - at) : len;
        switch (kit_random(&seed) % 40) {
        case 0: {
            size = (int64_t)(kit_random(&seed) % (uint64_t)(size + 1));
            assert_int_equal(p.plain->pMethods->xTruncate(p.plain, size), SQLITE_OK);
            assert_int_equal(p.sealed->pMethods->xTruncate(p.sealed, size), SQLITE_OK);
            break;
        }
        default:
            if (i % 2 == 0 && len > 0) {
                for (int b = 0; b < len; b++) {
                    bytes[b] = (uint8_t)kit_random(&seed);
                }
                write_both(&p, bytes, len, at);
                size = at + len > size ? at + len : size;
            } else {
                read_both(&p, len > 0 ? len : 1, at, size);
            }
        }
    }
    read_both(&p, (int)size, 0, size);
    finish(&p);
}

static void test_same_bytes_look_different_everywhere(void **state) {
    struct pair p;
    uint8_t zero[64] = {0};
    uint8_t raw[2048], other[2048];
    (void)state;
    start(&p, 1);
    for (int at = 0; at < 2048; at += 64) {
        assert_int_equal(p.sealed->pMethods->xWrite(p.sealed, zero, 64, at), SQLITE_OK);
    }
    sqlite3_file *below = open_file(DISK_VFS, "sealed", SQLITE_OPEN_MAIN_DB);
    assert_int_equal(below->pMethods->xRead(below, raw, 2048, 0), SQLITE_OK);
    for (int a = 0; a < 2048; a += 16) {
        for (int b = a + 16; b < 2048; b += 16) {
            assert_memory_not_equal(raw + a, raw + b, 16);
        }
    }
    sqlite3_file *log = open_file(seal_name(p.seal), "log", SQLITE_OPEN_WAL);
    assert_int_equal(log->pMethods->xWrite(log, zero, 64, 0), SQLITE_OK);
    sqlite3_file *log_below = open_file(DISK_VFS, "log", SQLITE_OPEN_WAL);
    assert_int_equal(log_below->pMethods->xRead(log_below, other, 64, 0), SQLITE_OK);
    assert_memory_not_equal(raw, other, 16);
    close_file(log);
    close_file(log_below);
    close_file(below);
    finish(&p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_reads_and_writes_are_the_same),
        cmocka_unit_test(test_same_bytes_look_different_everywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
