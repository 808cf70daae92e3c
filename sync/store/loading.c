#include "sync/store/loading.h"

#include "sync/base/bytes.h"
#include "sync/store/db.h"

static const char total_key[] = "people_total";

int64_t loading_count_people(struct store *s) {
    return db_int(s, db_get(s, "SELECT count(*) FROM person"), 0);
}

enum err loading_expect(struct store *s, int64_t total) {
    struct bytes value = {0};
    bytes_add_u64(&value, (uint64_t)total);
    enum err e = store_meta_set(s, total_key, value.data, value.len);
    bytes_finish(&value);
    return e;
}

static int64_t read_total(struct store *s) {
    uint8_t value[sizeof(uint64_t)];
    size_t len = 0;
    if (store_meta_get(s, total_key, value, sizeof value, &len) != ERR_NONE ||
        len != sizeof value) {
        return 0;
    }
    struct reader r = reader_make(value, len);
    return (int64_t)reader_get_u64(&r);
}

// A mark begins with its seq.
static uint64_t column_seq(sqlite3_stmt *q, int column) {
    struct reader r = reader_make(sqlite3_column_blob(q, column),
                                  (size_t)sqlite3_column_bytes(q, column));
    return reader_get_u64(&r);
}

static bool has_caught_up(struct store *s) {
    sqlite3_stmt *q = db_get(s, "SELECT cur, seen FROM upstream");
    enum err e = ERR_NONE;
    bool has_any = false;
    while (db_row(s, q, &e)) {
        uint64_t seq = column_seq(q, 0);
        uint64_t head = column_seq(q, 1);
        has_any = has_any || (seq && seq + LOADING_LAG >= head);
    }
    return has_any;
}

struct loading loading_read(struct store *s) {
    struct loading l = {.is_loading = !has_caught_up(s)};
    if (l.is_loading) {
        l.people = loading_count_people(s);
        l.total = read_total(s);
    }
    return l;
}
