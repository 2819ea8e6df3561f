#ifndef DISPLAY_DOCUMENTS_H
#define DISPLAY_DOCUMENTS_H

#include <stdbool.h>

#include "core/attr.h"
#include "core/err.h"
#include "core/time.h"
#include "display/delegated.h"
#include "os/file.h"

struct set;
struct tuf_trust;

/*
 * The files of one set and the verdict on them. The inbox and state/trusted have the same
 * layout, so that what was verified once is verified again by the same code:
 *
 *	current                 the NAME of the set in effect
 *	sets/NAME/…             N.root.json, timestamp.json, snapshot.json, targets.json,
 *	                        and ROLE.json of each delegated role
 *	objects/SHA256          plan.json, programme.json, alarms and pictures by their hash
 *
 * A kept set also has root.json, the root that it was verified with: a root that came later
 * may have other keys, and the last good set must stay usable all the same.
 */
struct documents {
	struct blob root; /* the newest trusted one */
	struct blob timestamp, snapshot, targets;
	struct delegated delegated;
	struct blob plan, programme, alarms; /* empty when nobody names them */
	struct err
		left_out; /* why there are no alarms though there should be; ERR_NONE */
	struct tuf_trust *trust;
	bool rotated;    /* a root on the way changed the keys of timestamp or snapshot */
	struct set *set; /* what they say */
};

void documents_done(struct documents *documents); /* for CLEANUP(); leaves it empty */

#define SET_NAME_MAX 64

/*
 * Reads the name that "@base/current" holds. ERR_NOT_FOUND when there is none, ERR_INVALID
 * when it is not [0-9a-z-]{1,64}.
 */
MUST_USE bool documents_current(const char *base, char out[static SET_NAME_MAX + 1],
				struct err *err);

/* How strictly documents_load() takes ends of validity. */
enum documents_age {
	DOCUMENTS_FRESH, /* nothing may be past its end at @now */
	DOCUMENTS_KEPT,  /* trusted before: ends do not matter */
};

/*
 * Alarms (core/alarm.h) are taken from the role that may sign them and from no other: a set
 * whose targets.json names them itself is refused. What that role has signed wrongly costs the
 * alarms, and never the programme. An alarm's object that is not there costs the set, for
 * otherwise a courier could hold back alarms and nothing else.
 *
 * Reads and verifies set @name below @base, starting from @root, which is trusted.
 * @before, when not NULL, is what was trusted last: no role may go back behind it, but for
 * the recovery of TUF §5.3.11. @packaged is the plan to use when the targets do not name
 * one. Fills @out; on failure only root and rotated, with the newest root that was verified
 * on the way, since that is to be kept all the same (§5.3.8).
 */
MUST_USE bool documents_load(const char *base, const char *name, const struct blob *root,
			     const struct documents *before, const struct blob *packaged,
			     struct wall_ms now, enum documents_age age,
			     struct documents *out, struct err *err);

/*
 * Keeps a verified set below @base: its files first, "current" last, then what is no
 * longer named goes. After a power cut there is the old or the new set.
 */
MUST_USE bool documents_store(const char *base, const struct documents *documents,
			      struct err *err);

#endif /* DISPLAY_DOCUMENTS_H */
