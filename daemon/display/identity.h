#ifndef DISPLAY_IDENTITY_H
#define DISPLAY_IDENTITY_H

#include "core/attr.h"
#include "core/notice.h"

struct err;
struct signer;

#define IDENTITY_PLACE_MAX 100 /* characters */

/* Which screen this box is: what enrolment wrote into the state folder. */
struct identity {
	char id[SCREEN_ID_MAX + 1];
	char place[IDENTITY_PLACE_MAX * 4 + 1];
	struct signer *signer; /* the screen's own key */
};

/*
 * Reads @state/screen.json and @state/screen.key. ERR_NOT_FOUND when the box is not
 * enrolled; a key that others can read is refused. NULL on failure.
 */
MUST_USE struct identity *identity_new(const char *state, struct err *err);
struct identity *identity_free(struct identity *identity); /* NULL is fine */

#endif /* DISPLAY_IDENTITY_H */
