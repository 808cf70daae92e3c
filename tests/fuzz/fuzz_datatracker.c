// Any bytes as an agenda: no crash, bounded report, and no draft from a refused feed.
#include "sync/base/mem.h"
#include "sync/connectors/datatracker.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct import_report report;
    static const struct import_options options;
    struct drafts drafts = {0};
    report = (struct import_report){0};
    enum err e = datatracker_read(data, size, &options, &drafts, &report);
    CHECK(e == ERR_NONE ? drafts.count == report.drafts && drafts.count > 0
                        : drafts.count == 0 && report.refusal[0]);
    drafts_finish(&drafts);
    return 0;
}
