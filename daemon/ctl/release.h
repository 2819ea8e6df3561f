#ifndef CTL_RELEASE_H
#define CTL_RELEASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/attr.h"
#include "sync/repository.h"

struct ctl;
struct err;
struct notice_picture;
struct programme;
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

/* Trust from the server's repository and the remembered metadata; see release_open(). */
MUST_USE struct tuf_trust *release_refresh(struct ctl *ctl,
					   struct repository_files *files,
					   struct err *err);

#endif /* CTL_RELEASE_H */
