// Copies of a store at work: what is committed meanwhile is in them, and a backup brings
// everything back or nothing.
#include "sync/store/copy.h"

#include "sync/base/file.h"
#include "sync/base/mem.h"
#include "tests/support/event_kit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum { CROWD = 1200, PATH = 160 };

struct place {
    struct kit kit;
    char part[PATH], file[PATH], back[PATH];
};

static void start(struct place *p) {
    kit_start(&p->kit);
    kit_add_node(&p->kit, "hub", KIT_HUB_RIGHTS, UINT32_MAX);
    kit_people(&p->kit);
    snprintf(p->part, sizeof p->part, "%s/part", p->kit.dir);
    snprintf(p->file, sizeof p->file, "%s/a.backup", p->kit.dir);
    snprintf(p->back, sizeof p->back, "%s/back", p->kit.dir);
    for (int i = 0; i < CROWD; i++) {
        char id[PERSON_ID_SIZE];
        snprintf(id, sizeof id, "7777777777%06d", i);
        kit_say(&p->kit, 0, "person", id, "{'name':'Somebody Else','kind':'week'}");
    }
}

static const char *const names[] = {"ticket.key", "absent", NULL};

static void make_backup(struct place *p) {
    struct copy *c = NULL;
    bool is_done = false;
    char *extra = mem_format("%s/ticket.key", p->kit.dir);
    assert_int_equal(file_write(extra, "0011", 4), ERR_NONE);
    mem_free(extra);
    assert_int_equal(copy_begin(p->kit.nodes[0], p->part, &c), ERR_NONE);
    while (!is_done) {
        assert_int_equal(copy_step(c, 1000, &is_done), ERR_NONE);
    }
    assert_int_equal(copy_end(c), ERR_NONE);
    assert_int_equal(copy_pack(p->part, p->kit.dir, names, p->file), ERR_NONE);
}

static void test_copy_has_what_came_meanwhile(void **state) {
    (void)state;
    struct place p;
    start(&p);
    struct copy *c = NULL;
    bool is_done = false;
    int steps = 0;
    assert_int_equal(copy_begin(p.kit.nodes[0], p.part, &c), ERR_NONE);
    while (!is_done) {
        assert_int_equal(copy_step(c, 8, &is_done), ERR_NONE);
        if (!is_done) {
            char title[32];
            snprintf(title, sizeof title, "{'title':'n%d'}", steps++);
            kit_say(&p.kit, 0, "notice", title + 10, title);
        }
    }
    assert_int_equal(copy_end(c), ERR_NONE);
    assert_true(steps > 5);
    struct verify_report there;
    struct verify_report here;
    assert_int_equal(copy_verify(p.part, true, &there), ERR_NONE);
    assert_int_equal(store_verify(p.kit.nodes[0], &here), ERR_NONE);
    assert_int_equal(there.facts, here.facts);
    assert_memory_equal(there.channels, here.channels, sizeof here.channels);
    copy_remove(p.part);
    assert_int_not_equal(access(p.part, F_OK), 0);
    kit_finish(&p.kit);
}

static void test_backup_brings_everything_back(void **state) {
    (void)state;
    struct place p;
    struct stat st;
    struct store *s = NULL;
    struct verify_report before;
    struct verify_report after;
    struct bytes key = {0};
    start(&p);
    assert_int_equal(store_verify(p.kit.nodes[0], &before), ERR_NONE);
    make_backup(&p);
    assert_int_equal(stat(p.file, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_not_equal(access(p.part, F_OK), 0); // nothing half done stays
    assert_int_equal(mkdir(p.back, 0755), 0);      // an empty one may be there
    assert_int_equal(copy_unpack(p.file, p.back), ERR_NONE);
    struct store_options o = {.dir = p.back, .is_numbering = true};
    assert_int_equal(store_open(&o, &s), ERR_NONE);
    assert_int_equal(store_verify(s, &after), ERR_NONE);
    assert_memory_equal(before.channels, after.channels, sizeof after.channels);
    assert_int_equal(store_identity_get(s).dev, store_identity_get(p.kit.nodes[0]).dev);
    struct copy_info info;
    assert_int_equal(copy_read_info(s, &info), ERR_NONE);
    assert_int_equal(info.facts, before.facts);
    assert_int_equal(info.head_seq, (uint64_t)before.facts);
    store_close(s);
    char *path = mem_format("%s/ticket.key", p.back);
    assert_int_equal(file_read(path, 0, 100, &key), ERR_NONE);
    assert_int_equal(key.len, 4);
    mem_free(path);
    bytes_finish(&key);
    // Never over something.
    assert_int_equal(copy_unpack(p.file, p.back), ERR_EXISTS);
    assert_int_equal(copy_pack(p.part, p.kit.dir, names, p.file), ERR_EXISTS);
    kit_finish(&p.kit);
}

static void check_refused(struct place *p, const char *file) {
    enum err e = copy_unpack(file, p->back);
    if (e == ERR_NONE) { // damage that only shows when everything is read
        struct verify_report r;
        e = copy_verify(p->back, true, &r);
        copy_remove(p->back);
    }
    assert_int_not_equal(e, ERR_NONE);
    assert_int_not_equal(access(p->back, F_OK), 0);
}

static void test_damaged_backup_is_refused(void **state) {
    (void)state;
    struct place p;
    struct bytes data = {0};
    start(&p);
    make_backup(&p);
    char *other = mem_format("%s/other", p.kit.dir);
    assert_int_equal(file_read(p.file, 0, 1 << 28, &data), ERR_NONE);
    assert_int_equal(file_write(other, data.data, data.len / 2), ERR_NONE);
    check_refused(&p, other);
    assert_int_equal(file_write(other, "hello", 5), ERR_NONE);
    check_refused(&p, other);
    // One bit of a body, in the middle of the log.
    const char *name = "Somebody Else";
    uint8_t *at = NULL;
    for (size_t i = data.len / 3; !at && i + 13 < data.len; i++) {
        at = memcmp(data.data + i, name, 13) == 0 ? data.data + i : NULL;
    }
    assert_non_null(at);
    at[1] ^= 1;
    assert_int_equal(file_write(other, data.data, data.len), ERR_NONE);
    check_refused(&p, other);
    assert_int_equal(copy_unpack("/nowhere/x", p.back), ERR_NOT_FOUND);
    mem_free(other);
    bytes_finish(&data);
    kit_finish(&p.kit);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_copy_has_what_came_meanwhile),
        cmocka_unit_test(test_backup_brings_everything_back),
        cmocka_unit_test(test_damaged_backup_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
