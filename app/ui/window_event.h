// SDL's events and pixels as ours. Inside app/ui only, called by window.c on the main
// thread.
#ifndef APP_UI_WINDOW_EVENT_H
#define APP_UI_WINDOW_EVENT_H

#include "app/ui/draw.h"
#include "app/ui/input.h"

#include <SDL.h>

// How the window's pixels lie under the upright picture.
struct window_view {
    int w_px, h_px;      // of the window
    int rotate_degrees;  // clockwise
    SDL_FingerID finger; // the one that is down
    bool is_down;        // a button or finger is
};

// False for events that mean nothing to us. Coordinates become those of the canvas.
bool window_event_read(const SDL_Event *event, struct window_view *view,
                       struct input *out_input);

// Copies the canvas to the window's surface, turned and converted. False: SDL's error.
bool window_view_copy(const struct window_view *view, const struct canvas *canvas,
                      SDL_Surface *surface);

#endif
