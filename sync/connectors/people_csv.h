// The registered people as CSV: gives `person` drafts in the file's order. Pure; any thread.
// Column names in any order; lists are separated by blanks, ";" or "|".
//
//   id          the source's id for this person, stays the same from export to export; what
//               is not 16 Crockford base32 characters is turned into them by a keyed hash.
//               Without it `mail` identifies
//   name        as on the badge; when empty, given and family
//   given family latin    parts of the name, and its Latin form when name is not Latin
//   org country lang      organisation; two letters; a language tag, "pt-BR"
//   kind        ticket kind: week early student day hackathon companion …
//   days        days the ticket is good for, "2015-03-24"; empty = all
//   paid        yes no; empty = yes
//   status      ok cancelled blocked; empty = ok
//   roles       chair noc volunteer staff nomcom speaker press …
//   newcomer    yes no; empty = no
//   photo       no: wants no photographs; empty = yes
//   gates       gate lists the person is on
//   ticket      16 hex digits, the id in the signed ticket
//   mail        never kept: becomes a keyed hash. An address in any other column is left out
//   note        staff must see this person before admission
#ifndef SYNC_CONNECTORS_PEOPLE_CSV_H
#define SYNC_CONNECTORS_PEOPLE_CSV_H

#include "sync/connectors/import.h"

enum { PEOPLE_MAIL_SIZE = 33, PEOPLE_ID_SIZE = 17 };

// Errors and limits as in import.h. Column `name` or `given` or `family` must be there.
MUST_CHECK enum err people_csv_read(const void *bytes, size_t len,
                                    const struct import_options *o, struct drafts *out,
                                    struct import_report *report);

// 32 lower-case hex digits of BLAKE2b-128 with the secret as key over the address in lower
// case (ASCII), blanks at the ends cut.
void people_hash_mail(const uint8_t secret[IMPORT_SECRET_BYTES], const char *mail,
                      char out[PEOPLE_MAIL_SIZE]);

// The 16 base32 characters of a source's id: itself when it has that form (letters made
// upper case), else of BLAKE2b-256 with the secret as key over its bytes, the first 10.
void people_format_id(const uint8_t secret[IMPORT_SECRET_BYTES], const char *id,
                      char out[PEOPLE_ID_SIZE]);

#endif
