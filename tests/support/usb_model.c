#include "tests/support/usb_model.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sync/base/mem.h"

enum {
    REQUEST_CLEAR_FEATURE = 1,
    REQUEST_GET_DESCRIPTOR = 6,
    DESCRIPTOR_STRING = 3,
    DESCRIPTOR_REPORT = 0x22
};

struct usb_packet {
    struct usb_packet *next;
    int error; // 0: bytes
    size_t len;
    uint8_t bytes[];
};

static size_t slot(uint8_t ep) {
    return (ep & 15u) + (ep & 0x80 ? 16u : 0u);
}

static void put_endpoint(struct usb_model *m, const struct usb_endpoint *e) {
    const uint8_t bytes[7] = {
        7, 5, e->address, e->type, e->max_packet & 0xff, e->max_packet >> 8, e->interval,
    };
    memcpy(m->descriptors + m->descriptors_len, bytes, sizeof bytes);
    m->descriptors_len += sizeof bytes;
}

static void put_interface(struct usb_model *m, const struct usb_interface *i) {
    CHECK(m->descriptors_len + 64 < sizeof m->descriptors);
    const uint8_t head[9] = {
        9,        4,           i->number,  i->alternate, (uint8_t)i->endpoint_count,
        i->class, i->subclass, i->protocol};
    memcpy(m->descriptors + m->descriptors_len, head, sizeof head);
    m->descriptors_len += sizeof head;
    if (i->report_len > 0) {
        const uint8_t hid[9] = {9,
                                0x21,
                                0x11,
                                1,
                                0,
                                1,
                                DESCRIPTOR_REPORT,
                                i->report_len & 0xff,
                                i->report_len >> 8};
        memcpy(m->descriptors + m->descriptors_len, hid, sizeof hid);
        m->descriptors_len += sizeof hid;
    }
    for (int e = 0; e < i->endpoint_count; e++) {
        put_endpoint(m, &i->endpoints[e]);
    }
}

void usb_model_describe(struct usb_model *m, uint16_t vendor, uint16_t product,
                        const struct usb_interface *interfaces, int count) {
    const uint8_t device[18] = {18,
                                1,
                                0,
                                2,
                                0,
                                0,
                                0,
                                64,
                                vendor & 0xff,
                                vendor >> 8,
                                product & 0xff,
                                product >> 8,
                                0,
                                1,
                                m->strings[0][0] ? 1 : 0,
                                m->strings[1][0] ? 2 : 0,
                                m->strings[2][0] ? 3 : 0,
                                1};
    uint8_t configuration[9] = {9, 2, 0, 0, 0, 1, 0, 0x80, 50};
    memcpy(m->descriptors, device, sizeof device);
    m->descriptors_len = sizeof device + sizeof configuration;
    int numbers = 0;
    for (int i = 0; i < count; i++) {
        put_interface(m, &interfaces[i]);
        numbers += interfaces[i].alternate == 0;
    }
    size_t len = m->descriptors_len - sizeof device;
    configuration[2] = len & 0xff;
    configuration[3] = (uint8_t)(len >> 8);
    configuration[4] = (uint8_t)numbers;
    memcpy(m->descriptors + sizeof device, configuration, sizeof configuration);
    m->speed_mbps = m->speed_mbps ? m->speed_mbps : 12;
}

static void append(struct usb_model *m, uint8_t ep, int error, const void *bytes,
                   size_t len) {
    struct usb_packet *p = malloc(sizeof *p + len);
    CHECK(p);
    *p = (struct usb_packet){.error = error, .len = len};
    if (len > 0) {
        memcpy(p->bytes, bytes, len);
    }
    size_t at = slot(ep);
    if (m->queue_end[at]) {
        m->queue_end[at]->next = p;
    } else {
        m->queue[at] = p;
    }
    m->queue_end[at] = p;
}

void usb_model_queue(struct usb_model *m, uint8_t ep, const void *bytes, size_t len) {
    append(m, ep, 0, bytes, len);
}

void usb_model_queue_fault(struct usb_model *m, uint8_t ep, int error) {
    append(m, ep, error, NULL, 0);
}

size_t usb_model_count(const struct usb_model *m, uint8_t ep) {
    size_t count = 0;
    for (const struct usb_packet *p = m->queue[slot(ep)]; p; p = p->next) {
        count++;
    }
    return count;
}

void usb_model_hold(struct usb_model *m, uint8_t ep, bool is_held) {
    m->is_held[slot(ep)] = is_held;
}

void usb_model_halt(struct usb_model *m, uint8_t ep) {
    m->is_halted[slot(ep)] = true;
}

void usb_model_clear_halt(struct usb_model *m, uint8_t ep) {
    m->stalls_cleared += m->is_halted[slot(ep)];
    m->is_halted[slot(ep)] = false;
}

static void take(struct usb_model *m, size_t at) {
    struct usb_packet *p = m->queue[at];
    m->queue[at] = p->next;
    if (!p->next) {
        m->queue_end[at] = NULL;
    }
    free(p);
}

int usb_model_in(struct usb_model *m, uint8_t ep, uint8_t *data, size_t len) {
    size_t at = slot(ep);
    if (m->is_held[at]) {
        return -EAGAIN;
    }
    if (m->is_halted[at]) {
        return -EPIPE;
    }
    const struct usb_packet *p = m->queue[at];
    if (!p) {
        return -EAGAIN;
    }
    int result = p->error ? -p->error : (int)p->len;
    m->is_halted[at] = p->error == EPIPE;
    if (p->len > len) { // babble: the host's buffer was too small
        result = -EOVERFLOW;
    } else if (result > 0) {
        memcpy(data, p->bytes, p->len);
    }
    take(m, at);
    return result;
}

int usb_model_out(struct usb_model *m, uint8_t ep, const uint8_t *data, size_t len) {
    size_t at = slot(ep);
    if (m->is_held[at]) {
        return -EAGAIN;
    }
    if (m->is_halted[at] || !m->out) {
        return -EPIPE;
    }
    return m->out(m, ep, data, len);
}

static int give(uint8_t *data, size_t len, const void *bytes, size_t have) {
    size_t n = have < len ? have : len;
    memcpy(data, bytes, n);
    return (int)n;
}

static int give_string(const struct usb_model *m, uint8_t index, uint8_t *data,
                       size_t len) {
    if (index == 0) {
        return give(data, len, "\x04\x03\x09\x04", 4); // US English
    }
    if (index > USB_MODEL_STRINGS_MAX || !m->strings[index - 1][0]) {
        return -EPIPE;
    }
    const char *s = m->strings[index - 1];
    size_t n = strlen(s);
    uint8_t utf16[2 + 2 * sizeof m->strings[0]] = {(uint8_t)(2 + 2 * n),
                                                   DESCRIPTOR_STRING};
    for (size_t i = 0; i < n; i++) {
        utf16[2 + 2 * i] = (uint8_t)s[i];
    }
    return give(data, len, utf16, 2 + 2 * n);
}

static int get_descriptor(const struct usb_model *m, const uint8_t setup[8],
                          uint8_t *data, size_t len) {
    switch (setup[3]) {
    case 1:
        return give(data, len, m->descriptors, 18);
    case 2:
        return give(data, len, m->descriptors + 18, m->descriptors_len - 18);
    case DESCRIPTOR_STRING:
        return give_string(m, setup[2], data, len);
    case DESCRIPTOR_REPORT:
        if (setup[0] == 0x81 && setup[4] < USB_MODEL_INTERFACES_MAX &&
            m->reports[setup[4]]) {
            return give(data, len, m->reports[setup[4]], m->report_lens[setup[4]]);
        }
        return -EPIPE;
    default:
        return -EPIPE;
    }
}

int usb_model_control(struct usb_model *m, const uint8_t setup[8], uint8_t *data,
                      size_t len) {
    bool is_standard = (setup[0] & 0x60) == 0;
    if (m->is_held[0]) {
        return -EAGAIN;
    }
    if (is_standard && setup[1] == REQUEST_GET_DESCRIPTOR) {
        return get_descriptor(m, setup, data, len);
    }
    if (is_standard && setup[1] == REQUEST_CLEAR_FEATURE) {
        usb_model_clear_halt(m, setup[4]);
        return 0;
    }
    if (is_standard) {
        return 0; // SET_CONFIGURATION, SET_INTERFACE
    }
    int result = m->control ? m->control(m, setup, data, len) : -ENOSYS;
    return result == -ENOSYS ? -EPIPE : result;
}

void usb_model_drop_queues(struct usb_model *m) {
    for (size_t at = 0; at < USB_MODEL_ENDPOINTS; at++) {
        while (m->queue[at]) {
            take(m, at);
        }
    }
}

void usb_model_destroy(struct usb_model *m) {
    if (!m) {
        return;
    }
    usb_model_drop_queues(m);
    if (m->destroy) {
        m->destroy(m);
    } else {
        free(m);
    }
}
