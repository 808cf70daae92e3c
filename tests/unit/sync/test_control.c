// The control socket: who may connect, one request and one answer, limits, and the end.
#include "sync/base/mem.h"
#include "sync/net/control.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

static bool echo(void *arg, const struct control_request *request, struct bytes *out) {
    int *calls = arg;
    ++*calls;
    bytes_add_text(out, request->verb);
    for (size_t i = 0; i < json_array_size(request->args); i++) {
        bytes_add_text(out, " ");
        bytes_add_text(out, json_string_value(json_array_get(request->args, i)));
    }
    return strcmp(request->verb, "fail") != 0;
}

static void make_path(char dir[64], char path[96]) {
    snprintf(dir, 64, "/tmp/foyer-test-XXXXXX");
    assert_non_null(mkdtemp(dir));
    snprintf(path, 96, "%s/control", dir);
}

static void test_request_gets_its_answer(void **state) {
    (void)state;
    char dir[64];
    char path[96];
    int calls = 0;
    struct control *c = NULL;
    struct control *second = NULL;
    struct bytes out = {0};
    bool is_ok = false;
    struct stat st;
    make_path(dir, path);
    json_t *args = json_pack("[s,s]", "up", "Zoë \"x\"\n");
    struct control_request request = {.verb = "link", .args = args};
    assert_int_equal(control_call(path, &request, &is_ok, &out), ERR_NOT_FOUND);
    assert_int_equal(control_start(path, echo, &calls, &c), ERR_NONE);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(control_start(path, echo, &calls, &second), ERR_BUSY);
    assert_int_equal(control_call(path, &request, &is_ok, &out), ERR_NONE);
    bytes_add_u8(&out, 0);
    assert_true(is_ok);
    assert_string_equal((char *)out.data, "link up Zoë \"x\"\n");
    request.verb = "fail";
    assert_int_equal(control_call(path, &request, &is_ok, &out), ERR_NONE);
    assert_false(is_ok);
    control_stop(c);
    control_join(c);
    assert_int_equal(control_call(path, &request, &is_ok, &out), ERR_NOT_FOUND);
    json_decref(args);
    bytes_finish(&out);
    rmdir(dir);
}

static void test_socket_of_a_dead_process_is_replaced(void **state) {
    (void)state;
    char dir[64];
    char path[96];
    int calls = 0;
    struct control *c = NULL;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    make_path(dir, path);
    memcpy(address.sun_path, path, strlen(path) + 1);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    close(fd);
    assert_int_equal(control_start(path, echo, &calls, &c), ERR_NONE);
    control_stop(c);
    control_join(c);
    rmdir(dir);
}

static void test_nonsense_and_a_dropped_line_do_no_harm(void **state) {
    (void)state;
    char dir[64];
    char path[96];
    char answer[256] = {0};
    int calls = 0;
    struct control *c = NULL;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    make_path(dir, path);
    memcpy(address.sun_path, path, strlen(path) + 1);
    assert_int_equal(control_start(path, echo, &calls, &c), ERR_NONE);
    int gone = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(connect(gone, (struct sockaddr *)&address, sizeof address), 0);
    close(gone);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(write(fd, "hello\n", 6), 6);
    assert_true(read(fd, answer, sizeof answer - 1) > 0);
    assert_non_null(strstr(answer, "\"ok\":false"));
    close(fd);
    assert_int_equal(calls, 0);
    control_stop(c);
    control_join(c);
    rmdir(dir);
}

static void test_large_request_passes(void **state) {
    (void)state;
    enum { LARGE = 8 * 1024 * 1024 };
    char dir[64];
    char path[96];
    int calls = 0;
    bool is_ok = false;
    struct control *c = NULL;
    struct bytes out = {0};
    make_path(dir, path);
    assert_int_equal(control_start(path, echo, &calls, &c), ERR_NONE);
    char *text = mem_alloc(LARGE + 1, 1);
    memset(text, 'x', LARGE);
    json_t *args = json_pack("[s]", text);
    struct control_request request = {.verb = "import", .args = args, .data = args};
    assert_int_equal(control_call(path, &request, &is_ok, &out), ERR_NONE);
    assert_int_equal(out.len, LARGE + 7);
    json_decref(args);
    mem_free(text);
    bytes_finish(&out);
    control_stop(c);
    control_join(c);
    rmdir(dir);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_request_gets_its_answer),
        cmocka_unit_test(test_socket_of_a_dead_process_is_replaced),
        cmocka_unit_test(test_nonsense_and_a_dropped_line_do_no_harm),
        cmocka_unit_test(test_large_request_passes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
