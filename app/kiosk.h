// The kiosk: everything a person sees and touches, wired together. Owned by the main thread;
// kiosk.c starts, loops and stops it, kiosk_events.c brings parcels and inputs to the flows
// and carries out what they ask, kiosk_draw.c fills the views and draws.
#ifndef APP_KIOSK_H
#define APP_KIOSK_H

#include "app/flows/desk.h"
#include "app/flows/signage.h"
#include "app/inbox.h"
#include "app/kiosk_jobs.h"
#include "app/lock.h"
#include "app/options.h"
#include "app/printing.h"
#include "app/requests.h"
#include "app/screens/message.h"
#include "app/script.h"
#include "app/ui/window.h"
#include "sync/net/control.h"

#include <stdatomic.h>

enum role { ROLE_NONE, ROLE_CHECKIN, ROLE_DESK, ROLE_DOOR, ROLE_ROOM, ROLE_AGENDA };
enum role role_find(const char *name); // ROLE_NONE if unknown
const char *role_name(enum role r);

struct kiosk {
    struct options options;
    struct fonts *fonts;
    struct window *window;
    struct inbox *inbox;
    struct store_thread *store;
    struct agent *agent; // NULL: no hub configured
    struct keeper *keeper;
    struct lock lock;
    atomic_bool is_open; // store is there, told to the control thread
    struct scanner *scanner;
    struct printer *printer;
    struct printing *printing;
    struct control *control;
    atomic_bool is_ending;  // told to the control thread
    atomic_bool has_loaded; // and by it: facts came from a stick
    struct sound *sound;
    struct script script;
    int64_t clock_offset_ms; // event clock minus monotonic; with --now only
    struct zone *zone;
    char zone_name[48];
    bool is_utc; // for want of that zone
    struct flow_env env;
    struct agent_status link_seen; // as of the last PARCEL_LINK
    struct programme *programme;
    uint64_t programme_version;
    struct flow_desk desk_facts;
    struct loading loading;
    struct device_info self;
    bool is_enrolled, is_refreshing, needs_refresh;
    bool has_event_clock, is_dirty, is_quitting;
    bool has_failed;      // and why is in the log
    bool has_pages;       // the board turns pages
    size_t request_count; // asked of the store, not answered yet
    enum role role;
    struct checkin checkin;
    struct desk desk;
    struct signage signage;
    struct badge_job *badge; // the one on the screen
    struct kiosk_jobs jobs;
    enum printer_state printer_state; // what the printer itself says
    char typed[SCAN_BYTES_MAX];       // --scanner keyboard: until Enter
    size_t typed_len;
    int64_t typed_ms; // mono, of the last character
    struct targets targets;
    struct bytes said;     // the texts of the last frame, one a line
    struct fact_ref green; // shown next frame, then noted in the green log
    int64_t minute;        // of the event clock, as last drawn
    int64_t frames;
    uint64_t started_ms; // mono
    union {
        struct room_view room;
        struct agenda_view agenda;
        struct attract_view attract;
        struct find_view find;
        struct confirm_view confirm;
        struct verdict_view verdict;
        struct desk_view desk;
        struct message_view message;
        struct unlock_view unlock;
    } view;
};

// Runs until asked to quit. Returns the exit status.
int kiosk_run(const struct options *o);

// ---- between the kiosk's own files
void kiosk_update_env(struct kiosk *k);
// Opens the store that was locked and goes on as after a start. ERR_LOCKED and others: as
// before.
MUST_CHECK enum err kiosk_open(struct kiosk *k, const uint8_t key[SEAL_KEY_BYTES]);
// Posts to the store; the answer comes as a parcel. ERR_FULL, ERR_CLOSED: the flow was told.
MUST_CHECK enum err kiosk_ask_store(struct kiosk *k, const struct flow_request *r);
void kiosk_tell_print(struct kiosk *k, const char *person, enum flow_print_state state);
void kiosk_refresh(struct kiosk *k); // asks the store for what screens show
void kiosk_take_refresh(struct kiosk *k, struct refresh *r);
void kiosk_take_parcels(struct kiosk *k);
void kiosk_take_input(struct kiosk *k, const struct input *in);
void kiosk_act(struct kiosk *k, enum action action, int index);
void kiosk_scan(struct kiosk *k, const struct scan *scan);
void kiosk_tick(struct kiosk *k);
void kiosk_drop_parcel(const struct parcel *p);
void kiosk_draw(struct kiosk *k);
const char *kiosk_screen_name(const struct kiosk *k);
// The check-in flow that is at work, the desk's own included; NULL on signage.
const struct checkin *kiosk_checkin(const struct kiosk *k);
// Mono time of the next thing that happens by itself.
int64_t kiosk_deadline_ms(const struct kiosk *k);

#endif
