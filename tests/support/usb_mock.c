#include "tests/support/usb_mock.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sync/base/mem.h"
#include "tests/support/usb_node.h"

enum { NODES_MAX = 128, SKIPPED = 77, HUB_NUMBER = 1 };
#define PRELOAD "libumockdev-preload.so.0"

struct usb_mock {
    pthread_mutex_t lock; // everything below, and the models
    UMockdevTestbed *testbed;
    struct usb_node *nodes[NODES_MAX];
    int last_number;
};

// ---- umockdev's thread ---------------------------------------------------------------------

static gboolean on_ioctl(UMockdevIoctlBase *handler, UMockdevIoctlClient *client,
                         gpointer arg) {
    (void)handler;
    struct usb_node *n = arg;
    pthread_mutex_lock(&n->mock->lock);
    errno = 0;
    int result =
        usb_node_answer(n, client, (unsigned)umockdev_ioctl_client_get_request(client));
    int error = result < 0 ? errno : 0;
    pthread_mutex_unlock(&n->mock->lock);
    umockdev_ioctl_client_complete(client, result, error);
    return TRUE;
}

// A file was closed: umockdev lets its client go. Its signals for that ("client-vanished",
// "notify::connected") are never sent.
static void on_vanished(gpointer arg, GObject *was) {
    const UMockdevIoctlClient *client = (UMockdevIoctlClient *)(void *)was;
    struct usb_node *n = arg;
    pthread_mutex_lock(&n->mock->lock);
    usb_node_drop_client(n, client);
    pthread_mutex_unlock(&n->mock->lock);
}

static void on_connected(UMockdevIoctlBase *handler, UMockdevIoctlClient *client,
                         gpointer arg) {
    (void)handler;
    struct usb_node *n = arg;
    pthread_mutex_lock(&n->mock->lock);
    n->look.open_count++;
    g_object_weak_ref(G_OBJECT(client), on_vanished, n);
    pthread_mutex_unlock(&n->mock->lock);
}

// ---- plugging ------------------------------------------------------------------------------

void usb_mock_preload(char **argv) {
    const char *had = getenv("LD_PRELOAD");
    if (had && strstr(had, PRELOAD)) {
        return;
    }
    // A sanitizer's runtime has to come first, or it refuses to start.
    char runtime[256] = "", line[512];
    FILE *maps = fopen("/proc/self/maps", "r");
    while (maps && fgets(line, sizeof line, maps)) {
        char *path = strchr(line, '/');
        if (path && (strstr(path, "/libasan.so") || strstr(path, "/libtsan.so"))) {
            snprintf(runtime, sizeof runtime, "%.*s", (int)strcspn(path, "\n"), path);
        }
    }
    if (maps) {
        (void)fclose(maps);
    }
    char value[512];
    snprintf(value, sizeof value, "%s%s" PRELOAD, runtime, runtime[0] ? ":" : "");
    setenv("LD_PRELOAD", value, 1);
    execv("/proc/self/exe", argv);
    perror("preloading umockdev");
    exit(SKIPPED);
}

static struct usb_node *find(const struct usb_mock *mock, const char *port) {
    for (size_t i = 0; i < NODES_MAX; i++) {
        struct usb_node *n = mock->nodes[i];
        if (n && n->model && strcmp(n->port, port) == 0) {
            return n;
        }
    }
    return NULL;
}

static void forget(struct usb_mock *mock, struct usb_node *n) {
    g_signal_handlers_disconnect_by_data(n->handler, n);
    mock->nodes[n->number] = NULL;
    (void)close(n->pipe_fd);
    g_object_unref(n->handler);
    mem_free(n);
}

// A number that no node has; 1 is the root hub. Nodes that are gone stay until the number is
// wanted again: a program may be about to open what was just unplugged.
static int next_number(struct usb_mock *mock) {
    for (int tries = 0; tries < NODES_MAX; tries++) {
        mock->last_number =
            mock->last_number >= NODES_MAX - 1 ? HUB_NUMBER + 1 : mock->last_number + 1;
        struct usb_node *n = mock->nodes[mock->last_number];
        if (n && !n->model && n->look.open_count == 0) {
            forget(mock, n);
        }
        if (!mock->nodes[mock->last_number]) {
            return mock->last_number;
        }
    }
    return -1;
}

// The node as a pipe, made behind umockdev's back: it would make a plain file.
static int make_pipe(struct usb_node *n) {
    char *root = umockdev_testbed_get_root_dir(n->mock->testbed);
    char path[256];
    snprintf(path, sizeof path, "%s%s", root, n->path);
    g_free(root);
    umockdev_testbed_disable(n->mock->testbed);
    char *slash = strrchr(path, '/');
    *slash = '\0';
    (void)g_mkdir_with_parents(path, 0755);
    *slash = '/';
    (void)unlink(path);
    int fd = mkfifo(path, 0666) == 0 ? open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC) : -1;
    umockdev_testbed_enable(n->mock->testbed);
    return fd;
}

static void remove_pipe(struct usb_node *n) {
    char *root = umockdev_testbed_get_root_dir(n->mock->testbed);
    char path[256];
    snprintf(path, sizeof path, "%s%s", root, n->path);
    g_free(root);
    umockdev_testbed_disable(n->mock->testbed);
    (void)unlink(path);
    umockdev_testbed_enable(n->mock->testbed);
}

static bool add_device(struct usb_node *n) {
    GString *s = g_string_new(NULL);
    g_string_printf(s,
                    "P: %s\nE: SUBSYSTEM=usb\nE: DRIVER=usb\nE: BUSNUM=001\n"
                    "E: DEVNUM=%03d\nE: DEVNAME=%s\nE: DEVTYPE=usb_device\n"
                    "A: bConfigurationValue=1\\n\nA: busnum=1\\n\nA: devnum=%d\\n\n"
                    "A: speed=%d\\n\nH: descriptors=",
                    n->syspath + strlen("/sys"), n->number, n->path, n->number,
                    n->model->speed_mbps);
    for (size_t i = 0; i < n->model->descriptors_len; i++) {
        g_string_append_printf(s, "%02X", n->model->descriptors[i]);
    }
    g_string_append_c(s, '\n');
    GError *error = NULL;
    bool is_added = umockdev_testbed_add_from_string(n->mock->testbed, s->str, &error);
    if (!is_added) {
        fprintf(stderr, "umockdev: %s\n", error->message);
        g_error_free(error);
    }
    g_string_free(s, TRUE);
    return is_added;
}

static bool attach(struct usb_node *n) {
    GError *error = NULL;
    n->handler = umockdev_ioctl_base_new();
    g_object_connect(n->handler, "signal-after::handle-ioctl", on_ioctl, n,
                     "signal-after::client-connected", on_connected, n, NULL);
    bool is_attached =
        umockdev_testbed_attach_ioctl(n->mock->testbed, n->path, n->handler, &error);
    if (!is_attached) {
        fprintf(stderr, "umockdev: %s\n", error->message);
        g_error_free(error);
    }
    return is_attached;
}

static bool is_port(const char *port) {
    return strlen(port) < sizeof((struct usb_node *)0)->port && port[0] &&
           strspn(port, "0123456789-.") == strlen(port);
}

// "1-2.4" lies in the folder of the hub "1-2".
static void set_syspath(struct usb_node *n, bool is_root) {
    size_t at = (size_t)snprintf(n->syspath, sizeof n->syspath, "/sys/devices/usb1");
    for (size_t len = 1; !is_root && len <= strlen(n->port); len++) {
        if (n->port[len] == '.' || n->port[len] == '\0') {
            at += (size_t)snprintf(n->syspath + at, sizeof n->syspath - at, "/%.*s",
                                   (int)len, n->port);
            CHECK(at < sizeof n->syspath);
        }
    }
}

static bool add_node(struct usb_mock *mock, const char *port, int number,
                     struct usb_model *model) {
    struct usb_node *n = mem_alloc(1, sizeof *n);
    *n = (struct usb_node){.mock = mock, .model = model, .number = number, .pipe_fd = -1};
    snprintf(n->port, sizeof n->port, "%s", port);
    snprintf(n->path, sizeof n->path, "/dev/bus/usb/001/%03d", number);
    set_syspath(n, number == HUB_NUMBER);
    n->pipe_fd = make_pipe(n);
    pthread_mutex_lock(&mock->lock);
    mock->nodes[number] = n;
    if (n->pipe_fd >= 0) {
        (void)fcntl(n->pipe_fd, F_SETPIPE_SZ, USB_NODE_PIPE_BYTES);
        usb_node_pump(n); // nothing to reap
    }
    pthread_mutex_unlock(&mock->lock);
    // Without the lock: the handler's thread is waited for.
    return n->pipe_fd >= 0 && attach(n) && add_device(n);
}

bool usb_mock_plug(struct usb_mock *mock, const char *port, struct usb_model *model) {
    pthread_mutex_lock(&mock->lock);
    bool is_free = is_port(port) && !find(mock, port);
    int number = is_free ? next_number(mock) : -1;
    pthread_mutex_unlock(&mock->lock);
    if (number < 0) {
        usb_model_destroy(model);
        return false;
    }
    return add_node(mock, port, number, model);
}

bool usb_mock_unplug(struct usb_mock *mock, const char *port) {
    pthread_mutex_lock(&mock->lock);
    struct usb_node *n = find(mock, port);
    struct usb_model *model = n ? n->model : NULL;
    if (n) {
        n->model = NULL;
        usb_node_pump(n); // ends what waits
    }
    pthread_mutex_unlock(&mock->lock);
    if (!n) {
        return false;
    }
    remove_pipe(n);
    umockdev_testbed_uevent(mock->testbed, n->syspath, "remove");
    umockdev_testbed_remove_device(mock->testbed, n->syspath);
    (void)umockdev_testbed_detach_ioctl(mock->testbed, n->path, NULL);
    usb_model_destroy(model);
    return true;
}

struct usb_mock *usb_mock_create(void) {
    struct usb_mock *mock = mem_alloc(1, sizeof *mock);
    pthread_mutex_init(&mock->lock, NULL);
    mock->testbed = umockdev_testbed_new();
    if (!umockdev_in_mock_environment()) { // after the testbed: it keeps its answer
        fprintf(stderr, "umockdev is not preloaded: is it installed?\n");
        exit(SKIPPED);
    }
    mock->last_number = HUB_NUMBER;
    struct usb_model *hub = mem_alloc(1, sizeof *hub);
    const struct usb_interface i = {
        .class = 9, .endpoints = {{0x81, 3, 4, 12}}, .endpoint_count = 1};
    usb_model_describe(hub, 0x1d6b, 2, &i, 1);
    hub->descriptors[4] = 9; // the device itself is a hub
    hub->speed_mbps = 480;
    CHECK(add_node(mock, "usb1", HUB_NUMBER, hub));
    return mock;
}

void usb_mock_destroy(struct usb_mock *mock) {
    if (!mock) {
        return;
    }
    for (size_t i = NODES_MAX; i-- > 0;) { // the hub last: what hangs on it goes with it
        struct usb_node *n = mock->nodes[i];
        char port[sizeof n->port];
        if (n && n->model) {
            memcpy(port, n->port, sizeof port);
            (void)usb_mock_unplug(mock, port);
        }
    }
    // umockdev's thread hears of closed files a moment later.
    for (int tries = 0; tries < 2000 && usb_mock_open_count(mock) > 0; tries++) {
        g_usleep(1000);
    }
    pthread_mutex_lock(&mock->lock);
    for (size_t i = 0; i < NODES_MAX; i++) {
        if (mock->nodes[i] && mock->nodes[i]->look.open_count == 0) {
            forget(mock, mock->nodes[i]);
        }
    }
    pthread_mutex_unlock(&mock->lock);
    g_object_unref(mock->testbed);
    pthread_mutex_destroy(&mock->lock);
    mem_free(mock);
}

void usb_mock_lock(struct usb_mock *mock) {
    pthread_mutex_lock(&mock->lock);
}

void usb_mock_unlock(struct usb_mock *mock) {
    for (size_t i = 0; i < NODES_MAX; i++) {
        if (mock->nodes[i]) {
            usb_node_pump(mock->nodes[i]);
        }
    }
    pthread_mutex_unlock(&mock->lock);
}

struct usb_model *usb_mock_get(struct usb_mock *mock, const char *port) {
    struct usb_node *n = find(mock, port);
    return n ? n->model : NULL;
}

void usb_mock_tick(struct usb_mock *mock, int64_t mono_ms) {
    usb_mock_lock(mock);
    for (size_t i = 0; i < NODES_MAX; i++) {
        struct usb_node *n = mock->nodes[i];
        if (n && n->model && n->model->tick) {
            n->model->tick(n->model, mono_ms);
        }
    }
    usb_mock_unlock(mock);
}

bool usb_mock_look(struct usb_mock *mock, const char *port, struct usb_mock_look *out) {
    pthread_mutex_lock(&mock->lock);
    const struct usb_node *n = find(mock, port);
    if (n) {
        *out = n->look;
        out->pending_count = usb_node_pending_count(n);
    }
    pthread_mutex_unlock(&mock->lock);
    return n != NULL;
}

int usb_mock_open_count(struct usb_mock *mock) {
    int count = 0;
    pthread_mutex_lock(&mock->lock);
    for (size_t i = 0; i < NODES_MAX; i++) {
        count += mock->nodes[i] ? mock->nodes[i]->look.open_count : 0;
    }
    pthread_mutex_unlock(&mock->lock);
    return count;
}
