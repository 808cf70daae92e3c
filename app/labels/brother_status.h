// What a Brother QL says: packets of 32 bytes, asked for or sent by itself. Called by brother.c
// through its row of label_languages; any thread; no state.
#ifndef APP_LABELS_BROTHER_STATUS_H
#define APP_LABELS_BROTHER_STATUS_H

#include "app/labels/language.h"

// Ends whatever was left half, then init: 402 bytes.
extern const uint8_t brother_reset[402];

// As struct label_language says.
bool brother_ask(enum label_moment moment, const struct label_setup *setup, int number,
                 struct label_question *out);
enum label_heard brother_hear(const struct label_hearing *hearing,
                              struct label_status *status);

// The printer counts some die-cut labels a millimetre longer than their name says.
int brother_told_height(int w_mm, int h_mm);
int brother_media_height(int w_mm, int told_h_mm); // the way back

#endif
