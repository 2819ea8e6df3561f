#ifndef DISPLAY_ACTIVATION_H
#define DISPLAY_ACTIVATION_H

#include <stdbool.h>
#include <stdint.h>

#include "core/attr.h"
#include "core/time.h"

struct activation;
struct err;
struct play_ack;
struct set;

/*
 * What may reach the screen: takes what the courier laid into the inbox, verifies it again
 * from the box's own root of trust (docs/protocol.md §4, TUF §5), keeps the verified set
 * in state/trusted and hands it over whole. The inbox is hostile: nothing in it is
 * followed, nothing is read past its maximum, and a failure leaves the last good set.
 *
 * One thread at a time.
 */

/*
 * @packaged_plan is the plan that came with the program, shown until a set was trusted. It
 * must be readable. A box without state/root.json is not enrolled: it shows that plan and
 * takes nothing from the inbox. NULL on failure.
 */
MUST_USE struct activation *activation_new(const char *inbox, const char *state,
					   const char *packaged_plan, struct err *err);
struct activation *activation_free(
	struct activation *activation); /* NULL is fine; returns NULL */

bool activation_is_enrolled(const struct activation *activation);

/*
 * Verifies the last good set again and makes it the active one. Metadata past its end is
 * accepted here: it was in force when it was taken over. False when there is one and it
 * can't be used; the packaged plan stays active then.
 */
MUST_USE bool activation_restore(struct activation *activation, struct err *err);

/*
 * Takes the set that inbox/current names. True with @*out_changed telling whether content
 * changed; metadata that was only signed anew is kept, too. @now is the trusted wall clock.
 * False when the inbox holds something that may not be shown: ERR_EXPIRED for a set past
 * its end, else as the place says.
 */
MUST_USE bool activation_check(struct activation *activation, struct wall_ms now,
			       bool *out_changed, struct err *err);

/*
 * False with the reason when the active set should have alarms, but what the role for them has
 * signed can't be shown: it is past its end, or not what screens can read.
 */
MUST_USE bool activation_has_all_alarms(const struct activation *activation,
					struct err *err);

/* False with the reason when the active set could not be kept in state/trusted. */
MUST_USE bool activation_is_saved(const struct activation *activation, struct err *err);

/* The active set, as a reference of the caller's own. */
MUST_USE struct set *activation_set(const struct activation *activation);

/* The soonest end of the metadata of the active set; 0 when none was trusted. */
struct wall_ms activation_expires(const struct activation *activation);
/* Version of its timestamp; 0 when none was trusted. */
int64_t activation_timestamp_version(const struct activation *activation);
/* When it was taken over, by the trusted wall clock of then; 0 when none was. */
struct wall_ms activation_taken(const struct activation *activation);

/*
 * Reads inbox/ack.json, verified with the timestamp key of the trusted root. True with
 * @*out_there telling whether there is one.
 */
MUST_USE bool activation_ack(struct activation *activation, struct play_ack *out,
			     bool *out_there, struct err *err);

#endif /* DISPLAY_ACTIVATION_H */
