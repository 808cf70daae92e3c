// QR codes as ink: whole dots to a module, quiet zone kept. Called by badge_proof only;
// any thread; no state.
#ifndef APP_BADGE_CODES_H
#define APP_BADGE_CODES_H

#include "app/badge/shapes.h"

// Centred in the box, as large as fits, on cleared paper. Returns the dots of a module's
// side; 0: the text is empty or too long, nothing is drawn.
int codes_draw(struct ink *ink, const char *text, struct shape_box box);

#endif
