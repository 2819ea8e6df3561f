#ifndef CTL_RELEASE_H
#define CTL_RELEASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/attr.h"
#include "sync/repository.h"

struct ctl;
struct err;
struct json_t;
struct notice_picture;
struct programme;
struct signers;
struct tuf_target;
struct tuf_trust;

/*
 * The signing side. What is published now is taken from the signed repository, verified,
 * never from the server's word; a person's change is made to that; the result is signed
 * here, with a key that the server does not have.
 */
struct release {
	struct ctl *ctl;
	struct repository_files files; /* metadata as verified */
	struct tuf_trust *trust;
	char *plan; /* plan.json as published */
	size_t plan_len;
	struct programme *programme; /* as published; may be changed before signing */
	const char **published;      /* ids for the server's records, borrowed */
	int64_t *published_revisions;
	size_t published_count;
	const char **withdrawn;
	size_t withdrawn_count;
};

/* Fetches and verifies what is published now. Release with release_done() in any case. */
MUST_USE bool release_open(struct release *release, struct ctl *ctl, struct err *err);
void release_done(struct release *release); /* for CLEANUP() */

/* Whether @picture is published already, and so was checked; true for NULL, too. */
bool release_has_picture(const struct release *release,
			 const struct notice_picture *picture);

/*
 * Asks @question, once everything else that will be signed was shown: takes this fiscal year's
 * count from the city into the programme, and shows that, too, as it is the server's word.
 */
MUST_USE bool release_confirm(struct release *release, const char *question,
			      struct err *err);

/*
 * Signs plan, programme and pictures as the next version of the targets role and hands them to the
 * server. Ended notices are dropped from the programme. Prints what is current then.
 */
MUST_USE bool release_publish(struct release *release, struct err *err);

/*
 * The next targets.json after the one in force: @targets under the keys @signers. Owned.
 * @delegations: as text, who signs alarms; NULL: the same as now. NULL on failure.
 */
MUST_USE char *release_sign(const struct ctl *ctl, const struct tuf_trust *trust,
			    const struct repository_files *files,
			    const struct tuf_target *targets, size_t count,
			    const char *delegations, const struct signers *signers,
			    size_t *out_len, struct err *err);

/* Fetches and checks a target of what is published now; owned, NUL-terminated. */
MUST_USE bool release_download(struct ctl *ctl, const struct tuf_trust *trust,
			       const struct tuf_target *target, char **out,
			       struct err *err);
/*
 * Fetches the metadata of delegated roles into @files. @*out_found tells whether @out is the
 * document of the alarms (core/alarm.h), as the role for them lists it.
 */
MUST_USE bool release_find_alarms(struct ctl *ctl, const struct tuf_trust *trust,
				  struct repository_files *files, struct tuf_target *out,
				  bool *out_found, struct err *err);
/* Uploads @bytes as an object, and describes them as the target @path. */
MUST_USE bool release_put(struct ctl *ctl, const char *path, const char *bytes,
			  size_t len, struct tuf_target *out, struct err *err);
/* For those who sign next (countersign.c): the body of a call, in a file. */
MUST_USE bool release_write_prepared(const char *path, TAKES struct json_t *body,
				     struct err *err);

/* Trust from the server's repository and the remembered metadata; see release_open(). */
MUST_USE struct tuf_trust *release_refresh(struct ctl *ctl,
					   struct repository_files *files,
					   struct err *err);

#endif /* CTL_RELEASE_H */
