#include "app/ui/window.h"

#include "app/ui/sleep.h"
#include "app/ui/window_event.h"
#include "sync/base/log.h"
#include "sync/base/mem.h"

#include <pthread.h>
#include <SDL.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

enum { POSTED_MAX = 64 };

struct window {
    SDL_Window *sdl;
    struct canvas canvas;
    struct window_view view;
    uint32_t *own; // the upright picture, when the window's surface can not be it
    bool is_stale; // the surface must be asked for again
    int failures;  // of showing, in a row
    bool can_wait; // SDL's driver really sleeps in SDL_WaitEventTimeout
    struct sleep sleep;
    Uint32 wake_event;
    atomic_bool is_woken;
    pthread_mutex_t lock; // of posted and posted_count
    struct input posted[POSTED_MAX];
    int posted_count;
};

int64_t window_now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

// ---- opening

static bool is_driver(const char *name) {
    const char *driver = SDL_GetCurrentVideoDriver();
    return driver != NULL && SDL_strcasecmp(driver, name) == 0;
}

// The environment has the last word: SDL_SetHint does not override a variable.
static void set_hints(void) {
    SDL_SetHint(SDL_HINT_TOUCH_MOUSE_EVENTS, "0");
    SDL_SetHint(SDL_HINT_MOUSE_TOUCH_EVENTS, "0");
    SDL_SetHint(SDL_HINT_VIDEO_ALLOW_SCREENSAVER, "0");
    const char *wanted = SDL_getenv("SDL_VIDEODRIVER");
    if (wanted != NULL && SDL_strcasecmp(wanted, "KMSDRM") == 0) {
        // Without these KMSDRM shows black or only the clear colour, without an error.
        SDL_SetHint(SDL_HINT_RENDER_DRIVER, "opengles2");
        SDL_SetHint(SDL_HINT_FRAMEBUFFER_ACCELERATION, "opengles2");
    }
}

static void set_driver_hints(void) {
    bool is_kms = is_driver("KMSDRM");
    SDL_SetHint(SDL_HINT_FRAMEBUFFER_ACCELERATION, is_kms ? "opengles2" : "0");
    if (is_kms) {
        SDL_SetHint(SDL_HINT_RENDER_DRIVER, "opengles2");
    }
}

static bool is_upright(const struct window *window) {
    return window->view.rotate_degrees % 180 == 0;
}

static SDL_Window *create_window(const struct window *window,
                                 const struct window_options *options) {
    Uint32 flags = SDL_WINDOW_RESIZABLE;
    int w = options->w > 0 ? options->w : 1920, h = options->h > 0 ? options->h : 1080;
    if (options->is_fullscreen) {
        flags = options->w > 0 ? SDL_WINDOW_FULLSCREEN : SDL_WINDOW_FULLSCREEN_DESKTOP;
    }
    return SDL_CreateWindow(options->title != NULL ? options->title : "Foyer",
                            SDL_WINDOWPOS_UNDEFINED, SDL_WINDOWPOS_UNDEFINED,
                            is_upright(window) ? w : h, is_upright(window) ? h : w,
                            flags);
}

static bool is_direct(const SDL_Surface *surface) {
    const SDL_PixelFormat *format = surface->format;
    return format->BytesPerPixel == 4 && format->Rmask == 0xFF0000 &&
           format->Gmask == 0xFF00 && format->Bmask == 0xFF;
}

// Points the canvas at the window's surface, or at a picture of our own that
// window_present converts or turns.
static enum err take_surface(struct window *window) {
    SDL_Surface *surface = SDL_GetWindowSurface(window->sdl);
    if (surface == NULL) {
        if (++window->failures == 2) {
            log_error("window: no surface to draw on: %s", SDL_GetError());
        }
        return ERR_IO;
    }
    int w = is_upright(window) ? surface->w : surface->h;
    int h = is_upright(window) ? surface->h : surface->w;
    window->view.w_px = surface->w;
    window->view.h_px = surface->h;
    if (window->view.rotate_degrees == 0 && is_direct(surface)) {
        mem_free(window->own);
        window->own = NULL;
        canvas_set_pixels(&window->canvas, surface->pixels, w, h, surface->pitch / 4);
    } else {
        window->own = mem_resize(window->own, (size_t)w * (size_t)h, sizeof *window->own);
        memset(window->own, 0, (size_t)w * (size_t)h * sizeof *window->own);
        canvas_set_pixels(&window->canvas, window->own, w, h, w);
    }
    window->is_stale = false;
    return ERR_NONE;
}

static enum err check_renderer(struct window *window) {
    SDL_RendererInfo info;
    if (!is_driver("KMSDRM")) {
        return ERR_NONE;
    }
    SDL_Renderer *renderer = SDL_GetRenderer(window->sdl);
    if (renderer == NULL || SDL_GetRendererInfo(renderer, &info) != 0 ||
        strcmp(info.name, "opengles2") != 0) {
        log_error("window: KMSDRM would show nothing without the opengles2 renderer; "
                  "install libgles2 and unset SDL_RENDER_DRIVER");
        return ERR_UNSUPPORTED;
    }
    return ERR_NONE;
}

enum err window_open(const struct window_options *options, struct fonts *fonts,
                     struct window **out_window) {
    enum err err = ERR_UNSUPPORTED;
    int rotate = options->rotate_degrees;
    CHECK(rotate == 0 || rotate == 90 || rotate == 180 || rotate == 270);
    struct window *window = mem_alloc(1, sizeof *window);
    window->view.rotate_degrees = rotate;
    pthread_mutex_init(&window->lock, NULL);
    canvas_init(&window->canvas, fonts);
    window->sleep = SLEEP_CLOSED;
    set_hints();
    if (SDL_Init(SDL_INIT_VIDEO) != 0) {
        log_error("window: no display: %s (SDL_VIDEODRIVER=dummy runs without one)",
                  SDL_GetError());
        goto end;
    }
    set_driver_hints();
    window->can_wait = is_driver("x11") || is_driver("wayland");
    if (!window->can_wait) {
        bool has_evdev = is_driver("KMSDRM") || is_driver("evdev");
        sleep_init(&window->sleep, has_evdev ? "/dev/input" : NULL);
    }
    window->wake_event = SDL_RegisterEvents(1);
    window->sdl = create_window(window, options);
    if (window->sdl == NULL) {
        log_error("window: %s", SDL_GetError());
        goto end;
    }
    SDL_ShowCursor(options->is_pointer_shown ? SDL_ENABLE : SDL_DISABLE);
    SDL_StartTextInput();
    if (take_surface(window) != ERR_NONE) {
        log_error("window: no surface to draw on: %s", SDL_GetError());
        goto end;
    }
    err = check_renderer(window);
    if (err != ERR_NONE) {
        goto end;
    }
    *out_window = window;
    window = NULL;
end:
    window_close(window);
    return err;
}

void window_close(struct window *window) {
    if (window == NULL) {
        return;
    }
    canvas_finish(&window->canvas);
    if (window->sdl != NULL) {
        SDL_DestroyWindow(window->sdl);
    }
    SDL_QuitSubSystem(SDL_INIT_VIDEO);
    sleep_finish(&window->sleep);
    pthread_mutex_destroy(&window->lock);
    mem_free(window->own);
    mem_free(window);
}

// ---- the picture

struct canvas *window_get_canvas(struct window *window) {
    if (window->is_stale) {
        (void)take_surface(window); // the old one stays in use until there is a new one
    }
    return &window->canvas;
}

enum err window_present(struct window *window) {
    if (window->own != NULL && !window->is_stale) {
        SDL_Surface *surface = SDL_GetWindowSurface(window->sdl);
        bool is_same = surface != NULL && surface->w == window->view.w_px &&
                       surface->h == window->view.h_px;
        if (is_same && !window_view_copy(&window->view, &window->canvas, surface)) {
            log_error("window: can not convert to the display's pixels: %s",
                      SDL_GetError());
            return ERR_UNSUPPORTED;
        }
    }
    if (SDL_UpdateWindowSurface(window->sdl) != 0) {
        // Once is a resize whose event is still in the queue.
        if (++window->failures == 2) {
            log_error("window: the display went away: %s", SDL_GetError());
        }
        window->is_stale = true;
        return ERR_IO;
    }
    window->failures = 0;
    return ERR_NONE;
}

enum err window_shot(struct window *window, const char *path) {
    const struct canvas *canvas = &window->canvas;
    return image_write_png(path, canvas->pixels, canvas->w, canvas->h, canvas->stride_px);
}

// ---- waiting

void window_wake(struct window *window) {
    if (!atomic_exchange(&window->is_woken, true)) {
        sleep_wake(&window->sleep);
        if (window->can_wait) {
            SDL_Event event = {.type = window->wake_event};
            (void)SDL_PushEvent(&event); // a full queue is awake already
        }
    }
}

enum err window_post(struct window *window, const struct input *input) {
    enum err err = ERR_FULL;
    pthread_mutex_lock(&window->lock);
    if (window->posted_count < POSTED_MAX) {
        window->posted[window->posted_count++] = *input;
        err = ERR_NONE;
    }
    pthread_mutex_unlock(&window->lock);
    if (err == ERR_NONE) {
        sleep_wake(&window->sleep);
        if (window->can_wait) {
            SDL_Event event = {.type = window->wake_event};
            (void)SDL_PushEvent(&event);
        }
    }
    return err;
}

static bool take_posted(struct window *window, struct input *out_input) {
    bool is_taken = false;
    pthread_mutex_lock(&window->lock);
    if (window->posted_count > 0) {
        *out_input = window->posted[0];
        window->posted_count--;
        memmove(window->posted, window->posted + 1,
                (size_t)window->posted_count * sizeof window->posted[0]);
        is_taken = true;
    }
    pthread_mutex_unlock(&window->lock);
    return is_taken;
}

// The next SDL event that means something to us.
static bool take_event(struct window *window, struct input *out_input) {
    SDL_Event event;
    while (SDL_PollEvent(&event)) {
        if (window_event_read(&event, &window->view, out_input)) {
            window->is_stale = window->is_stale || out_input->kind == INPUT_REDRAW;
            return true;
        }
    }
    return false;
}

static void sleep_until(struct window *window, int64_t deadline_ms) {
    int64_t left = deadline_ms == INT64_MAX ? -1 : deadline_ms - window_now_ms();
    if (deadline_ms != INT64_MAX && left <= 0) {
        return;
    }
    if (!window->can_wait) {
        sleep_for(&window->sleep, left);
        return;
    }
    // NULL leaves the event in the queue for take_event.
    int timeout = left < 0 || left > 60000 ? 60000 : (int)left;
    (void)SDL_WaitEventTimeout(NULL, timeout);
}

struct input window_wait(struct window *window, int64_t deadline_ms) {
    struct input input;
    for (;;) {
        memset(&input, 0, sizeof input);
        if (take_posted(window, &input) || take_event(window, &input)) {
            return input;
        }
        if (atomic_exchange(&window->is_woken, false)) {
            input.kind = INPUT_WAKE;
            return input;
        }
        if (deadline_ms != INT64_MAX && window_now_ms() >= deadline_ms) {
            input.kind = INPUT_NONE;
            return input;
        }
        sleep_until(window, deadline_ms);
    }
}
