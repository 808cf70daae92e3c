// The one door for every word a screen shows. The words stand in the code in English; a
// translation is looked up by them. Any thread; no state.
#ifndef APP_SCREENS_WORDS_H
#define APP_SCREENS_WORDS_H

// A text on the screen. Format texts keep their conversions in any language.
#define tr(text) (text)

// The same inside a static table; the reader of the table calls tr() on it.
#define tr_mark(text) (text)

// One and many: tr_n(n, "%d badge waits", "%d badges wait").
#define tr_n(n, one, many) ((n) == 1 ? (one) : (many))

#endif
