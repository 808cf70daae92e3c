#include "sync/store/access.h"

#include "sync/store/db.h"

bool access_may(const struct store *s, unsigned rights) {
    const struct rights_device *own = rights_find(&s->rights, s->identity.dev);
    return !rights || (own && !own->is_revoked && (own->may & rights) == rights);
}
