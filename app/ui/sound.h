// Five short sounds, one for each kind of verdict, made of sine waves (no files). Main
// thread. The audio device is opened for a sound and closed afterwards, so that silence
// costs nothing; without a device every call is a no-op.
#ifndef APP_UI_SOUND_H
#define APP_UI_SOUND_H

#include <stdint.h>

enum sound_kind {
    SOUND_OK,        // admitted: two notes up
    SOUND_AGAIN,     // already in: the same note twice
    SOUND_ATTENTION, // needs staff, unpaid: down a third
    SOUND_STOP,      // refused, forged: two low notes
    SOUND_UNKNOWN    // unknown code: one short neutral note
};

struct sound;

// volume_pct 0..100; 0: never opens a device. Never NULL.
struct sound *sound_create(int volume_pct);
void sound_destroy(struct sound *sound); // NULL is fine

// Starts it; a sound still playing is cut.
void sound_play(struct sound *sound, enum sound_kind kind, int64_t now_ms);

// When sound_step wants to be called next (to close the device); INT64_MAX: not at all.
int64_t sound_deadline_ms(const struct sound *sound);
void sound_step(struct sound *sound, int64_t now_ms);

// The sound as 16-bit mono samples at SOUND_RATE_HZ into `out`; returns how many. For tests.
enum { SOUND_RATE_HZ = 44100, SOUND_SAMPLES_MAX = 44100 };
int sound_synthesise(enum sound_kind kind, int volume_pct, int16_t *out, int out_max);

#endif
