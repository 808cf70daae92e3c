// The one window: SDL video, input and sleep. Main thread only, but for window_wake and
// window_post. All SDL video calls of the product are behind this header.
//
//     canvas = window_get_canvas(w); ... draw ...; window_present(w);
//     struct input in = window_wait(w, deadline_ms);
#ifndef APP_UI_WINDOW_H
#define APP_UI_WINDOW_H

#include "app/text/fonts.h"
#include "app/ui/draw.h"
#include "app/ui/input.h"
#include "sync/base/err.h"

#include <stdbool.h>
#include <stdint.h>

struct window;

struct window_options {
    const char *title;
    int w, h; // of the upright picture; 0: the display's own when fullscreen, else
              // 1920x1080
    bool is_fullscreen;
    int rotate_degrees;    // 0, 90, 180, 270 clockwise: how the screen is mounted
    bool is_pointer_shown; // a mouse pointer; off for touch and kiosks
};

// Starts SDL (video) and opens the window; fonts are borrowed until window_close.
// SDL_VIDEODRIVER chooses the driver as always (dummy: no display needed).
// ERR_UNSUPPORTED: no display, or the driver can not show pictures (cause logged).
MUST_CHECK enum err window_open(const struct window_options *options, struct fonts *fonts,
                                struct window **out_window);
void window_close(struct window *window); // NULL is fine

// The canvas to draw on: the upright picture. Borrowed; ask again after each window_wait
// (a resize changes it). What was drawn before is still there.
struct canvas *window_get_canvas(struct window *window);

// Shows the canvas. Returns after the picture was handed to the display. ERR_IO when the
// display went away (logged once); try again at the next frame.
enum err window_present(struct window *window);

// Milliseconds of CLOCK_MONOTONIC: the clock of all deadlines. Any thread.
int64_t window_now_ms(void);

// Sleeps until an input or the deadline; INT64_MAX: no deadline, <= now: only look.
// Really sleeps: no polling while nothing happens.
struct input window_wait(struct window *window, int64_t deadline_ms);

// From any thread: the sleeping (or the next) window_wait returns INPUT_WAKE. Many wakes
// before one wait give one INPUT_WAKE. Must not be called after window_close.
void window_wake(struct window *window);

// From any thread: puts an input into the queue as if a person had done it (scripts, tests,
// pretend scanners). ERR_FULL when 64 are waiting.
MUST_CHECK enum err window_post(struct window *window, const struct input *input);

// Writes what was last presented as PNG. ERR_IO.
MUST_CHECK enum err window_shot(struct window *window, const char *path);

#endif
