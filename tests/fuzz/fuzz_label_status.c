// Any bytes as what a printer answers, in every language: the first two bytes choose the
// language, the moment and the roll; the same answer is given to every question, cut short first.
#include "app/labels/language.h"
#include "sync/base/mem.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_status(const struct label_status *s, enum label_moment moment) {
    CHECK((unsigned)s->state < PRINTER_STATE_COUNT && (unsigned)s->outcome <= LABEL_LOST);
    CHECK(memchr(s->reason, '\0', sizeof s->reason) != NULL);
    CHECK(s->queued >= -1 && s->media_w_mm >= 0 && s->media_h_mm >= 0 && s->dpi >= 0);
    // Nothing but the time after a job can say that it was printed, and only with an answer.
    CHECK(s->outcome == LABEL_UNKNOWN || moment == LABEL_DURING || moment == LABEL_AFTER);
}

static void hear_all(const struct label_language *l, struct label_hearing h) {
    struct label_status status;
    struct label_question q;
    size_t len = h.len;
    label_status_init(&status);
    for (h.number = 0; l->ask(h.moment, h.setup, h.number, &q); h.number++) {
        CHECK(q.patience_ms > 0 && (q.len == 0 || q.data));
        h.len = len / 2;
        h.is_over = false;
        enum label_heard heard = l->hear(&h, &status);
        check_status(&status, h.moment);
        h.len = len;
        h.is_over = true;
        heard = heard == LABEL_HEARD_MORE ? l->hear(&h, &status) : heard;
        check_status(&status, h.moment);
        CHECK(heard != LABEL_HEARD_MORE);
        if (len == 0) {
            CHECK(status.state != PRINTER_READY && status.outcome == LABEL_UNKNOWN);
        }
        if (heard == LABEL_HEARD_ENOUGH) {
            break;
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    size_t count = 0;
    while (label_languages[count]) {
        count++;
    }
    if (size < 2) {
        return 0;
    }
    struct label_setup setup = {.dpi = 300, .media_w_mm = data[1] & 127};
    setup.media_h_mm = data[1] & 128 ? 100 : 0;
    struct label_hearing h = {.moment = (enum label_moment)(data[0] >> 4 & 3),
                              .setup = &setup,
                              .data = data + 2,
                              .len = size - 2};
    hear_all(label_languages[(data[0] & 15) % count], h);
    return 0;
}
