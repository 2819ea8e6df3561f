#ifndef CTL_ALARM_DESK_H
#define CTL_ALARM_DESK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/attr.h"
#include "ctl/signers.h"
#include "sync/repository.h"
#include "wire/tuf.h"
#include "wire/tuf_draft.h"

struct alarms;
struct ctl;
struct err;
struct notice;

/*
 * What is known of alarms where they are signed: who may sign them and which are on, both
 * from the signed repository, verified.
 */
struct alarm_desk {
	struct ctl *ctl;
	struct repository_files files;
	struct tuf_trust *trust;
	struct tuf_draft_role keys; /* count 0: nobody signs alarms yet */
	int64_t version;            /* of emergency.json; 0: there is none */
	struct tuf_target target;   /* the document of the alarms, when … */
	bool has_target;
	struct alarms *alarms; /* as published; may be changed before signing */
};

/* Release with alarm_desk_done() in any case. */
MUST_USE bool alarm_desk_open(struct alarm_desk *desk, struct ctl *ctl, struct err *err);
void alarm_desk_done(struct alarm_desk *desk); /* for CLEANUP() */

/*
 * The next emergency.json, with @target (NULL: no alarms), under the keys @signers. Owned;
 * NULL on failure.
 */
MUST_USE char *alarm_desk_sign(const struct alarm_desk *desk,
			       const struct tuf_target *target,
			       const struct signers *signers, struct err *err);

/*
 * Prints what @emergency, an emergency.json that somebody prepared, changes: "+", "~" and
 * "-" with the whole text. Its alarms are fetched by the hash in it. ERR_CONFLICT when it is
 * not the next version.
 */
MUST_USE bool alarm_desk_show(const struct alarm_desk *desk, const char *emergency,
			      struct err *err);

#endif /* CTL_ALARM_DESK_H */
