// Any bytes as a people list: no crash, and no address in what comes out.
#include "sync/base/mem.h"
#include "sync/connectors/people_csv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct import_report report;
    static const struct import_options options = {.secret = {1}};
    struct drafts drafts = {0};
    report = (struct import_report){0};
    enum err e = people_csv_read(data, size, &options, &drafts, &report);
    CHECK(e == ERR_NONE ? drafts.count == report.drafts && drafts.count > 0
                        : drafts.count == 0 && report.refusal[0]);
    for (size_t i = 0; i < drafts.count; i++) {
        CHECK(!import_has_mail(drafts.items[i].body));
    }
    drafts_finish(&drafts);
    return 0;
}
