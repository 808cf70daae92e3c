#include "app/ui/sound.h"

#include "sync/base/log.h"
#include "sync/base/mem.h"

#include <math.h>
#include <SDL.h>
#include <stdbool.h>

enum { NOTES_MAX = 3, CLOSE_AFTER_MS = 400 };

// hz 0 is a rest.
struct note {
    float hz;
    int ms;
};

static const struct note tunes[][NOTES_MAX] = {
    [SOUND_OK] = {{659.3F, 90}, {880.0F, 170}, {0, 0}},
    [SOUND_AGAIN] = {{587.3F, 90}, {0, 60}, {587.3F, 120}},
    [SOUND_ATTENTION] = {{523.3F, 140}, {415.3F, 220}, {0, 0}},
    [SOUND_STOP] = {{220.0F, 180}, {0, 70}, {196.0F, 260}},
    [SOUND_UNKNOWN] = {{392.0F, 160}, {0, 0}, {0, 0}},
};

struct sound {
    int volume_pct;
    SDL_AudioDeviceID device; // 0: closed
    bool has_failed;          // said so once
    int64_t close_at_ms;      // INT64_MAX: nothing open
};

// A note swells in 6 ms and fades over its length: no clicks. A soft octave above gives it
// body on the small speakers of a kiosk.
static int add_note(const struct note *note, float volume, int16_t *out, int room) {
    int count = note->ms * SOUND_RATE_HZ / 1000;
    count = count < room ? count : room;
    for (int i = 0; i < count; i++) {
        float t = (float)i / SOUND_RATE_HZ, left = (float)(count - i) / (float)count;
        float swell = t < 0.006F ? t / 0.006F : 1;
        float phase = 6.2831853F * note->hz * t;
        float wave = 0.8F * sinf(phase) + 0.2F * sinf(2 * phase);
        out[i] = (int16_t)(wave * swell * left * sqrtf(left) * volume * 26000);
    }
    return count;
}

int sound_synthesise(enum sound_kind kind, int volume_pct, int16_t *out, int out_max) {
    int count = 0;
    for (int i = 0; i < NOTES_MAX; i++) {
        count += add_note(&tunes[kind][i], (float)volume_pct / 100, out + count,
                          out_max - count);
    }
    return count;
}

struct sound *sound_create(int volume_pct) {
    struct sound *sound = mem_alloc(1, sizeof *sound);
    sound->volume_pct = volume_pct < 0 ? 0 : volume_pct > 100 ? 100 : volume_pct;
    sound->close_at_ms = INT64_MAX;
    return sound;
}

static void close_device(struct sound *sound) {
    if (sound->device != 0) {
        SDL_CloseAudioDevice(sound->device);
        SDL_QuitSubSystem(SDL_INIT_AUDIO);
    }
    sound->device = 0;
    sound->close_at_ms = INT64_MAX;
}

void sound_destroy(struct sound *sound) {
    if (sound != NULL) {
        close_device(sound);
        mem_free(sound);
    }
}

static bool open_device(struct sound *sound) {
    if (sound->device != 0) {
        return true;
    }
    SDL_AudioSpec want = {
        .freq = SOUND_RATE_HZ, .format = AUDIO_S16SYS, .channels = 1, .samples = 1024};
    if (SDL_InitSubSystem(SDL_INIT_AUDIO) != 0) {
        return false;
    }
    sound->device = SDL_OpenAudioDevice(NULL, 0, &want, NULL, 0);
    if (sound->device == 0) {
        SDL_QuitSubSystem(SDL_INIT_AUDIO);
        return false;
    }
    return true;
}

void sound_play(struct sound *sound, enum sound_kind kind, int64_t now_ms) {
    if (sound->volume_pct == 0 || sound->has_failed) {
        return;
    }
    if (!open_device(sound)) {
        log_info("sound: none: %s", SDL_GetError());
        sound->has_failed = true;
        return;
    }
    int16_t *samples = mem_alloc(SOUND_SAMPLES_MAX, sizeof *samples);
    int count = sound_synthesise(kind, sound->volume_pct, samples, SOUND_SAMPLES_MAX);
    SDL_ClearQueuedAudio(sound->device);
    if (SDL_QueueAudio(sound->device, samples, (Uint32)count * sizeof *samples) == 0) {
        SDL_PauseAudioDevice(sound->device, 0);
    }
    mem_free(samples);
    sound->close_at_ms = now_ms + (int64_t)count * 1000 / SOUND_RATE_HZ + CLOSE_AFTER_MS;
}

int64_t sound_deadline_ms(const struct sound *sound) {
    return sound->close_at_ms;
}

void sound_step(struct sound *sound, int64_t now_ms) {
    if (now_ms >= sound->close_at_ms) {
        close_device(sound);
    }
}
