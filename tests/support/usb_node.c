#include "tests/support/usb_node.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <sys/ioctl.h> // before usbdevice_fs.h

#include <linux/usbdevice_fs.h>

#include "sync/base/mem.h"

// One transfer of one open file.
struct urb {
    struct urb *next;
    UMockdevIoctlClient *client; // compared only
    UMockdevIoctlData *data;     // referenced
};

static void urbs_add(struct usb_urbs *u, UMockdevIoctlClient *client,
                     UMockdevIoctlData *data) {
    struct urb *x = mem_alloc(1, sizeof *x);
    *x = (struct urb){.client = client, .data = data};
    if (u->last) {
        u->last->next = x;
    } else {
        u->first = x;
    }
    u->last = x;
}

// Takes out the first of this client (and, unless 0, at this address); NULL: none.
static UMockdevIoctlData *urbs_take(struct usb_urbs *u, const UMockdevIoctlClient *client,
                                    gulong address) {
    struct urb *before = NULL;
    for (struct urb *x = u->first; x; before = x, x = x->next) {
        if (x->client != client || (address && x->data->client_addr != address)) {
            continue;
        }
        UMockdevIoctlData *data = x->data;
        *(before ? &before->next : &u->first) = x->next;
        u->last = x->next ? u->last : before;
        mem_free(x);
        return data;
    }
    return NULL;
}

static void pipe_fill(const struct usb_node *n) {
    static const char zeros[USB_NODE_PIPE_BYTES];
    while (write(n->pipe_fd, zeros, sizeof zeros) > 0) {
    }
}

static void pipe_drain(const struct usb_node *n) {
    char bytes[USB_NODE_PIPE_BYTES];
    while (read(n->pipe_fd, bytes, sizeof bytes) > 0) {
    }
}

static void show_ready(const struct usb_node *n) {
    if (n->done.first) {
        pipe_drain(n);
    } else {
        pipe_fill(n);
    }
}

static int run_urb(struct usb_node *n, struct usbdevfs_urb *u) {
    uint8_t *buffer = u->buffer;
    size_t len = (size_t)u->buffer_length;
    if (!n->model) {
        return -ESHUTDOWN;
    }
    if (u->type == USBDEVFS_URB_TYPE_CONTROL) {
        return usb_model_control(n->model, buffer, buffer + 8, len - 8);
    }
    return u->endpoint & 0x80 ? usb_model_in(n->model, u->endpoint, buffer, len)
                              : usb_model_out(n->model, u->endpoint, buffer, len);
}

// Runs what waits on the model; an endpoint that NAKs keeps its later transfers waiting too.
void usb_node_pump(struct usb_node *n) {
    struct usb_urbs waiting = n->pending;
    n->pending = (struct usb_urbs){0};
    uint8_t naks[256] = {0};
    while (waiting.first) {
        struct urb *x = waiting.first;
        waiting.first = x->next;
        struct usbdevfs_urb *u = (struct usbdevfs_urb *)(void *)x->data->data;
        int r = naks[u->endpoint] ? -EAGAIN : run_urb(n, u);
        if (r == -EAGAIN) {
            naks[u->endpoint] = 1;
            urbs_add(&n->pending, x->client, x->data);
        } else {
            u->status = r < 0 ? r : 0;
            u->actual_length = r < 0 ? 0 : r;
            urbs_add(&n->done, x->client, x->data);
        }
        mem_free(x);
    }
    show_ready(n);
}

static int submit(struct usb_node *n, UMockdevIoctlClient *client,
                  UMockdevIoctlData *arg) {
    if (!n->model) {
        errno = ENODEV;
        return -1;
    }
    UMockdevIoctlData *data =
        umockdev_ioctl_data_resolve(arg, 0, sizeof(struct usbdevfs_urb), NULL);
    const struct usbdevfs_urb *u = (const struct usbdevfs_urb *)(void *)data->data;
    if (u->buffer_length > 0) {
        UMockdevIoctlData *buffer = umockdev_ioctl_data_resolve(
            data, G_STRUCT_OFFSET(struct usbdevfs_urb, buffer), (gsize)u->buffer_length,
            NULL);
        g_object_unref(buffer); // data holds it
    }
    n->look.submitted++;
    urbs_add(&n->pending, client, data);
    usb_node_pump(n);
    return 0;
}

static int reap(struct usb_node *n, UMockdevIoctlClient *client, UMockdevIoctlData *arg) {
    usb_node_pump(n);
    UMockdevIoctlData *data = urbs_take(&n->done, client, 0);
    show_ready(n);
    if (!data) {
        errno = n->model ? EAGAIN : ENODEV;
        return -1;
    }
    UMockdevIoctlData *at = umockdev_ioctl_data_resolve(arg, 0, sizeof(gpointer), NULL);
    umockdev_ioctl_data_set_ptr(at, 0, data);
    g_object_unref(at);
    g_object_unref(data);
    return 0;
}

static int discard(struct usb_node *n, UMockdevIoctlClient *client,
                   const UMockdevIoctlData *arg) {
    gulong address = *(const gulong *)(const void *)arg->data;
    UMockdevIoctlData *data = urbs_take(&n->pending, client, address);
    if (!data) {
        errno = EINVAL; // done already
        return -1;
    }
    struct usbdevfs_urb *u = (struct usbdevfs_urb *)(void *)data->data;
    u->status = -ENOENT;
    u->actual_length = 0;
    urbs_add(&n->done, client, data);
    show_ready(n);
    return 0;
}

// The 32-bit number a request's argument points at.
static unsigned number_at(UMockdevIoctlData *arg, unsigned *write_back) {
    UMockdevIoctlData *at = umockdev_ioctl_data_resolve(arg, 0, sizeof(unsigned), NULL);
    unsigned value;
    memcpy(&value, at->data, sizeof value);
    if (write_back) {
        memcpy(at->data, write_back, sizeof value);
    }
    g_object_unref(at);
    return value;
}

static int get_driver(struct usb_node *n, UMockdevIoctlData *arg) {
    UMockdevIoctlData *at =
        umockdev_ioctl_data_resolve(arg, 0, sizeof(struct usbdevfs_getdriver), NULL);
    struct usbdevfs_getdriver *d = (struct usbdevfs_getdriver *)(void *)at->data;
    bool is_ours = n->look.claimed & 1u << d->interface;
    snprintf(d->driver, sizeof d->driver, "%s",
             is_ours              ? "usbfs"
             : n->model->owner[0] ? n->model->owner
                                  : "usbhid");
    g_object_unref(at);
    return 0;
}

static int claim(struct usb_node *n, unsigned interface) {
    if (n->model->owner[0]) {
        errno = EBUSY;
        return -1;
    }
    n->look.claimed |= 1u << interface;
    return 0;
}

static int release(struct usb_node *n, unsigned interface) {
    n->look.claimed &= ~(1u << interface);
    n->look.was_released |= 1u << interface;
    return 0;
}

static int detach_and_claim(struct usb_node *n, UMockdevIoctlData *arg) {
    UMockdevIoctlData *at = umockdev_ioctl_data_resolve(
        arg, 0, sizeof(struct usbdevfs_disconnect_claim), NULL);
    unsigned interface =
        ((const struct usbdevfs_disconnect_claim *)(void *)at->data)->interface;
    g_object_unref(at);
    return claim(n, interface);
}

// USBDEVFS_IOCTL: DISCONNECT or CONNECT of a kernel driver.
static int driver_ioctl(struct usb_node *n, UMockdevIoctlData *arg) {
    UMockdevIoctlData *at =
        umockdev_ioctl_data_resolve(arg, 0, sizeof(struct usbdevfs_ioctl), NULL);
    const struct usbdevfs_ioctl *c = (const struct usbdevfs_ioctl *)(void *)at->data;
    if ((unsigned)c->ioctl_code == USBDEVFS_CONNECT) {
        n->look.was_released |= 1u << c->ifno;
    }
    g_object_unref(at);
    return 0;
}

int usb_node_answer(struct usb_node *n, UMockdevIoctlClient *client, unsigned request) {
    UMockdevIoctlData *arg = umockdev_ioctl_client_get_arg(client);
    unsigned capabilities = USBDEVFS_CAP_ZERO_PACKET | USBDEVFS_CAP_BULK_CONTINUATION |
                            USBDEVFS_CAP_NO_PACKET_SIZE_LIM |
                            USBDEVFS_CAP_BULK_SCATTER_GATHER |
                            USBDEVFS_CAP_REAP_AFTER_DISCONNECT;
    if (request == USBDEVFS_SUBMITURB) {
        return submit(n, client, arg);
    }
    if (request == USBDEVFS_REAPURB || request == USBDEVFS_REAPURBNDELAY) {
        return reap(n, client, arg);
    }
    if (request == USBDEVFS_DISCARDURB) {
        return discard(n, client, arg);
    }
    if (request == USBDEVFS_GET_CAPABILITIES) {
        number_at(arg, &capabilities);
        return 0;
    }
    if (!n->model) {
        errno = ENODEV;
        return -1;
    }
    switch (request) {
    case USBDEVFS_GETDRIVER:
        return get_driver(n, arg);
    case USBDEVFS_CLAIMINTERFACE:
        return claim(n, number_at(arg, NULL));
    case USBDEVFS_RELEASEINTERFACE:
        return release(n, number_at(arg, NULL));
    case USBDEVFS_DISCONNECT_CLAIM:
        return detach_and_claim(n, arg);
    case USBDEVFS_IOCTL:
        return driver_ioctl(n, arg);
    case USBDEVFS_CLEAR_HALT:
        usb_model_clear_halt(n->model, (uint8_t)number_at(arg, NULL));
        return 0;
    case USBDEVFS_SETINTERFACE:
    case USBDEVFS_SETCONFIGURATION:
    case USBDEVFS_RESET:
        return 0;
    default:
        errno = ENOTTY;
        return -1;
    }
}

static void drop_urbs(struct usb_urbs *u, const UMockdevIoctlClient *client) {
    UMockdevIoctlData *data;
    while ((data = urbs_take(u, client, 0)) != NULL) {
        g_object_unref(data);
    }
}

void usb_node_drop_client(struct usb_node *n, const UMockdevIoctlClient *client) {
    drop_urbs(&n->pending, client);
    drop_urbs(&n->done, client);
    n->look.open_count--;
    if (n->look.open_count == 0) {
        n->look.claimed = 0;
    }
}

int usb_node_pending_count(const struct usb_node *n) {
    int count = 0;
    for (const struct urb *x = n->pending.first; x; x = x->next) {
        count++;
    }
    return count;
}
