#include "app/ui/window_event.h"

#include <string.h>

static const struct {
    SDL_Keycode code;
    enum input_key key;
} keys[] = {
    {SDLK_RETURN, INPUT_KEY_ENTER},
    {SDLK_KP_ENTER, INPUT_KEY_ENTER},
    {SDLK_BACKSPACE, INPUT_KEY_BACKSPACE},
    {SDLK_DELETE, INPUT_KEY_DELETE},
    {SDLK_ESCAPE, INPUT_KEY_ESCAPE},
    {SDLK_TAB, INPUT_KEY_TAB},
    {SDLK_LEFT, INPUT_KEY_LEFT},
    {SDLK_RIGHT, INPUT_KEY_RIGHT},
    {SDLK_UP, INPUT_KEY_UP},
    {SDLK_DOWN, INPUT_KEY_DOWN},
    {SDLK_HOME, INPUT_KEY_HOME},
    {SDLK_END, INPUT_KEY_END},
    {SDLK_PAGEUP, INPUT_KEY_PAGE_UP},
    {SDLK_PAGEDOWN, INPUT_KEY_PAGE_DOWN},
};

static enum input_key key_of(SDL_Keycode code) {
    if (code >= SDLK_F1 && code <= SDLK_F12) {
        return (enum input_key)((int)INPUT_KEY_F1 + (int)(code - SDLK_F1));
    }
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        if (keys[i].code == code) {
            return keys[i].key;
        }
    }
    return INPUT_KEY_NONE;
}

static bool read_key(const SDL_KeyboardEvent *event, struct input *out_input) {
    out_input->kind = INPUT_KEY;
    out_input->key = key_of(event->keysym.sym);
    out_input->is_shift = (event->keysym.mod & KMOD_SHIFT) != 0;
    out_input->is_ctrl = (event->keysym.mod & KMOD_CTRL) != 0;
    return out_input->key != INPUT_KEY_NONE;
}

static void set_point(const struct window_view *view, float x, float y,
                      struct input *out_input) {
    float w = (float)view->w_px, h = (float)view->h_px;
    out_input->x = x;
    out_input->y = y;
    if (view->rotate_degrees == 90) {
        out_input->x = y;
        out_input->y = w - x;
    } else if (view->rotate_degrees == 180) {
        out_input->x = w - x;
        out_input->y = h - y;
    } else if (view->rotate_degrees == 270) {
        out_input->x = h - y;
        out_input->y = x;
    }
}

static bool read_button(const SDL_MouseButtonEvent *event, struct window_view *view,
                        struct input *out_input) {
    if (event->button != SDL_BUTTON_LEFT) {
        return false;
    }
    view->is_down = event->type == SDL_MOUSEBUTTONDOWN;
    out_input->kind = view->is_down ? INPUT_PRESS : INPUT_RELEASE;
    set_point(view, (float)event->x, (float)event->y, out_input);
    return true;
}

// Only the first finger counts: a second hand on the glass is not a tap.
static bool read_finger(const SDL_TouchFingerEvent *event, struct window_view *view,
                        struct input *out_input) {
    if (event->type == SDL_FINGERDOWN && !view->is_down) {
        view->is_down = true;
        view->finger = event->fingerId;
        out_input->kind = INPUT_PRESS;
    } else if (view->is_down && event->fingerId == view->finger) {
        view->is_down = event->type != SDL_FINGERUP;
        out_input->kind = view->is_down ? INPUT_MOVE : INPUT_RELEASE;
    } else {
        return false;
    }
    set_point(view, event->x * (float)view->w_px, event->y * (float)view->h_px,
              out_input);
    return true;
}

static bool read_window(const SDL_WindowEvent *event, struct input *out_input) {
    switch (event->event) {
    case SDL_WINDOWEVENT_SIZE_CHANGED:
    case SDL_WINDOWEVENT_EXPOSED:
    case SDL_WINDOWEVENT_RESTORED:
        out_input->kind = INPUT_REDRAW;
        return true;
    case SDL_WINDOWEVENT_CLOSE:
        out_input->kind = INPUT_QUIT;
        return true;
    default:
        return false;
    }
}

bool window_event_read(const SDL_Event *event, struct window_view *view,
                       struct input *out_input) {
    switch (event->type) {
    case SDL_QUIT:
        out_input->kind = INPUT_QUIT;
        return true;
    case SDL_WINDOWEVENT:
        return read_window(&event->window, out_input);
    case SDL_RENDER_TARGETS_RESET:
    case SDL_RENDER_DEVICE_RESET:
        out_input->kind = INPUT_REDRAW;
        return true;
    case SDL_TEXTINPUT:
        out_input->kind = INPUT_TEXT;
        memcpy(out_input->text, event->text.text, sizeof out_input->text);
        out_input->text[sizeof out_input->text - 1] = '\0';
        return true;
    case SDL_KEYDOWN:
        return read_key(&event->key, out_input);
    case SDL_MOUSEBUTTONDOWN:
    case SDL_MOUSEBUTTONUP:
        return read_button(&event->button, view, out_input);
    case SDL_MOUSEMOTION:
        out_input->kind = INPUT_MOVE;
        set_point(view, (float)event->motion.x, (float)event->motion.y, out_input);
        return view->is_down;
    case SDL_MOUSEWHEEL:
        out_input->kind = INPUT_SCROLL;
        out_input->dy = -event->wheel.y;
        return event->wheel.y != 0;
    case SDL_FINGERDOWN:
    case SDL_FINGERMOTION:
    case SDL_FINGERUP:
        return read_finger(&event->tfinger, view, out_input);
    default:
        return false;
    }
}

_Static_assert(sizeof(((struct input *)0)->text) <= SDL_TEXTINPUTEVENT_TEXT_SIZE,
               "an SDL text event fits");

// Turned by tiles, so that neither picture is walked against its rows for long.
enum { TILE = 32 };

// Where pixel (x, y) of the upright picture goes on a surface turned clockwise.
static size_t turned_at(int degrees, const SDL_Surface *surface, int x, int y) {
    int pitch = surface->pitch / 4, w = surface->w, h = surface->h;
    int at = degrees == 90    ? x * pitch + w - 1 - y
             : degrees == 180 ? (h - 1 - y) * pitch + w - 1 - x
                              : (h - 1 - x) * pitch + y;
    return (size_t)at;
}

static void copy_tile(const struct window_view *view, const struct canvas *canvas,
                      SDL_Surface *surface, int x0, int y0) {
    uint32_t *to = surface->pixels;
    for (int y = y0; y < y0 + TILE && y < canvas->h; y++) {
        const uint32_t *from = canvas->pixels + (size_t)y * (size_t)canvas->stride_px;
        for (int x = x0; x < x0 + TILE && x < canvas->w; x++) {
            to[turned_at(view->rotate_degrees, surface, x, y)] = from[x];
        }
    }
}

bool window_view_copy(const struct window_view *view, const struct canvas *canvas,
                      SDL_Surface *surface) {
    if (view->rotate_degrees == 0) {
        return SDL_ConvertPixels(canvas->w, canvas->h, SDL_PIXELFORMAT_ARGB8888,
                                 canvas->pixels, canvas->stride_px * 4,
                                 surface->format->format, surface->pixels,
                                 surface->pitch) == 0;
    }
    if (surface->format->BytesPerPixel != 4 || surface->format->Rmask != 0xFF0000) {
        return SDL_SetError("a turned picture needs 0xRRGGBB pixels") == 0;
    }
    for (int y = 0; y < canvas->h; y += TILE) {
        for (int x = 0; x < canvas->w; x += TILE) {
            copy_tile(view, canvas, surface, x, y);
        }
    }
    return true;
}
