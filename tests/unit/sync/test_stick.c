// Facts as files: what is damaged is named and stepped over, what verifies is taken, and only
// what the device may see.
#include "sync/agent/stick.h"

#include "sync/base/file.h"
#include "sync/base/mem.h"
#include "sync/exchange/stick.h"
#include "sync/store/peer_stick.h"
#include "tests/support/event_kit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

enum {
    FLEET = CHANNEL_BIT(CHANNEL_FLEET),
    PROGRAMME = CHANNEL_BIT(CHANNEL_PROGRAMME),
    ALL = FLEET | PROGRAMME | CHANNEL_BIT(CHANNEL_PEOPLE) | CHANNEL_BIT(CHANNEL_DESK)
};

struct place {
    struct kit kit;
    char dir[96], said[2048];
};

static void start(struct place *p) {
    kit_start(&p->kit);
    kit_add_node(&p->kit, "hub", KIT_HUB_RIGHTS, ALL);
    kit_people(&p->kit);
    kit_add_node(&p->kit, "desk", "desk", ALL);
    kit_add_node(&p->kit, "room", "", FLEET | PROGRAMME);
    snprintf(p->dir, sizeof p->dir, "%s/stick", p->kit.dir);
    assert_int_equal(mkdir(p->dir, 0700), 0);
}

static bool run(struct place *p, size_t node, bool is_save, const char *path) {
    struct bytes out = {0};
    struct stick_job job = {
        .store = p->kit.nodes[node], .path = path, .now = p->kit.now, .out = &out};
    bool is_done = is_save ? stick_save(&job) : stick_load(&job);
    snprintf(p->said, sizeof p->said, "%.*s", (int)out.len,
             out.data ? (const char *)out.data : "");
    bytes_finish(&out);
    return is_done;
}

static char *only_file(struct place *p) {
    return mem_copy_text_n(p->said, strcspn(p->said, ":"));
}

static void test_desk_takes_all_and_a_room_what_it_may_see(void **state) {
    (void)state;
    struct place p;
    start(&p);
    assert_true(run(&p, 0, true, p.dir));
    assert_non_null(strstr(p.said, "personal data"));
    assert_true(run(&p, 1, false, p.dir));
    kit_check_same(&p.kit, 0, 1, ALL);
    assert_true(run(&p, 1, false, p.dir));
    assert_memory_equal(p.said, "0 new facts of 0 devices", 24);
    assert_true(run(&p, 2, false, p.dir));
    assert_non_null(strstr(p.said, "may not see"));
    kit_check_same(&p.kit, 0, 2, PROGRAMME);
    struct person zoe;
    assert_int_equal(store_find_person(p.kit.nodes[2], KIT_ZOE, &zoe), ERR_NOT_FOUND);
    kit_finish(&p.kit);
}

static void test_erased_bodies_do_not_travel(void **state) {
    (void)state;
    struct place p;
    struct bytes file = {0};
    struct exchange_request *r = mem_alloc(1, sizeof *r);
    struct stick_head head;
    enum err e = ERR_NONE;
    start(&p);
    kit_say(&p.kit, 0, "person", "7777777777000000", "{'name':'Gone Forever'}");
    kit_say(&p.kit, 0, "person.erase", "7777777777000000", "{'reason':'asked'}");
    assert_true(run(&p, 0, true, p.dir));
    char *path = only_file(&p);
    assert_int_equal(file_read(path, 0, 1 << 24, &file), ERR_NONE);
    struct reader in = reader_make(file.data, file.len);
    assert_int_equal(stick_parse_start(&in, &head), ERR_NONE);
    size_t count = 0;
    while (stick_parse_next(&in, r, &e)) {
        for (size_t i = 0; i + 12 < r->push.data.len; i++) {
            assert_memory_not_equal(r->push.data.data + i, "Gone Forever", 12);
        }
        count += r->push.count;
    }
    assert_int_equal(e, ERR_NONE);
    assert_true(count > 2);
    assert_true(run(&p, 1, false, path));
    kit_check_same(&p.kit, 0, 1, ALL);
    exchange_request_finish(r);
    mem_free(r);
    mem_free(path);
    bytes_finish(&file);
    kit_finish(&p.kit);
}

static void test_damage_is_named_and_the_rest_is_taken(void **state) {
    (void)state;
    struct place p;
    struct bytes file = {0};
    start(&p);
    for (int i = 0; i < 3000; i++) { // more than one frame
        char id[PERSON_ID_SIZE];
        char body[400];
        snprintf(id, sizeof id, "7777777777%06d", i);
        snprintf(body, sizeof body, "{'name':'%0*d'}", 300, i);
        kit_say(&p.kit, 0, "person", id, body);
    }
    assert_true(run(&p, 0, true, p.dir));
    char *path = only_file(&p);
    assert_int_equal(file_read(path, 0, 1 << 24, &file), ERR_NONE);
    // Cut at the end mark, then within the last frame.
    assert_int_equal(file_write(path, file.data, file.len - 4), ERR_NONE);
    assert_false(run(&p, 1, false, path));
    assert_non_null(strstr(p.said, "damaged or cut (1 parts)"));
    kit_check_same(&p.kit, 0, 1, ALL);
    // The first frame is damaged: the others are taken as far as they follow.
    file.data[STICK_HEAD_BYTES + 40] ^= 0x55;
    assert_int_equal(file_write(path, file.data, file.len), ERR_NONE);
    assert_false(run(&p, 2, false, path));
    assert_non_null(strstr(p.said, "damaged or cut (1 parts)"));
    // No file of ours at all; and one of another event.
    assert_int_equal(file_write(path, "hello", 5), ERR_NONE);
    assert_false(run(&p, 1, false, path));
    assert_non_null(strstr(p.said, "not a file of stick save"));
    file.data[STICK_MAGIC_BYTES] ^= 1;
    assert_int_equal(file_write(path, file.data, file.len), ERR_NONE);
    assert_false(run(&p, 1, false, path));
    assert_non_null(strstr(p.said, "another event"));
    assert_false(run(&p, 1, false, "/nowhere/at/all"));
    assert_false(run(&p, 1, true, "/nowhere/at/all"));
    mem_free(path);
    bytes_finish(&file);
    kit_finish(&p.kit);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_desk_takes_all_and_a_room_what_it_may_see),
        cmocka_unit_test(test_erased_bodies_do_not_travel),
        cmocka_unit_test(test_damage_is_named_and_the_rest_is_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
