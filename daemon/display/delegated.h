#ifndef DISPLAY_DELEGATED_H
#define DISPLAY_DELEGATED_H

#include <stdbool.h>
#include <stddef.h>

#include "core/attr.h"
#include "core/time.h"
#include "os/file.h"
#include "wire/tuf.h"

struct err;

/*
 * The metadata of delegated roles in a set: "emergency.json" beside targets.json (the name
 * is that of tuf_role_file()). All roles that targets.json delegates to, and they in turn,
 * have to be there and verify, or the set is not whole: a courier that left out one of them
 * could hold back alarms and nothing else.
 */
struct delegated {
	struct delegated_file {
		char name[TUF_FILE_NAME_MAX];
		struct blob blob;
	} files[TUF_SEARCH_ROLES_MAX];
	size_t count;
};

void delegated_done(struct delegated *delegated); /* leaves it empty */

/*
 * Reads and verifies all of them from the folder open as @set_fd; @trust is whole. Ends of
 * validity are looked at in delegated_find().
 */
MUST_USE bool delegated_load(int set_fd, const struct tuf_trust *trust,
			     struct wall_ms now, struct delegated *out, struct err *err);

/*
 * Looks for a target, in targets.json first and then through the delegations (TUF §5.6.7).
 * True with @*out_found telling whether @out was set. ERR_EXPIRED when a role that has to be
 * asked is past its end, unless @accept_expired.
 */
MUST_USE bool delegated_find(const struct delegated *delegated,
			     const struct tuf_trust *trust, const char *path,
			     struct wall_ms now, bool accept_expired,
			     struct tuf_target *out, bool *out_found, struct err *err);

#endif /* DISPLAY_DELEGATED_H */
