/*
 * The one role that targets.json may delegate to here: "emergency", whose keys sign alarms
 * and nothing else. Its file lies beside the others, and each snapshot names it.
 */
#include <stdlib.h>
#include <string.h>

#include "city/metadata.h"
#include "city/publisher_parts.h"
#include "core/alarm.h"
#include "core/err.h"
#include "wire/alarms_json.h"
#include "wire/tuf.h"
#include "wire/tuf_draft.h"

static void free_search(struct tuf_search **search)
{
	tuf_search_free(*search);
}

bool publisher_read_emergency(const struct publisher *publisher, struct blob *out,
			      struct err *err)
{
	return publisher->emergency_version == 0 ||
	       metadata_read(publisher->metadata, publisher->emergency_version,
			     ALARM_ROLE, EMERGENCY_MAX, out, err);
}

/* The role that @search needs, from @fresh or from disk. Sets its version. */
static bool feed_role(const struct publisher *publisher, struct tuf_search *search,
		      const struct document *fresh, struct wall_ms now,
		      bool accept_expired, int64_t *out_version, struct err *err)
{
	CLEANUP(blob_free) struct blob kept = {0};
	struct tuf_meta meta = {0};
	const char *role = NULL;

	if (!tuf_search_needs(search, &role, &meta, err))
		return false;
	if (strcmp(role, ALARM_ROLE) != 0)
		return err_set(err, ERR_INVALID,
			       "targets.json: delegates to \"%.64s\"; this server knows "
			       "no role but " ALARM_ROLE,
			       role);
	*out_version = meta.version;
	if (fresh && fresh->bytes)
		return tuf_search_feed(search, fresh->bytes, fresh->len, now,
				       accept_expired, err);
	return metadata_read(publisher->metadata, meta.version, ALARM_ROLE, EMERGENCY_MAX,
			     &kept, err) &&
	       tuf_search_feed(search, kept.bytes, kept.len, now, accept_expired, err);
}

bool publisher_follow(const struct publisher *publisher, const struct tuf_trust *trust,
		      const struct document *fresh, struct wall_ms now,
		      bool accept_expired, int64_t *out_version, struct err *err)
{
	CLEANUP(free_search)
	struct tuf_search *search = tuf_search_new(trust, NULL, err);

	*out_version = 0;
	if (!search)
		return false;
	while (tuf_search_state(search) == TUF_SEARCH_NEEDS_ROLE)
		if (!feed_role(publisher, search, fresh, now, accept_expired, out_version,
			       err))
			return false;
	return true;
}

bool publisher_keeps_delegations(const struct publisher *publisher,
				 const struct document *targets, struct err *err)
{
	CLEANUP(blob_free) struct blob current = {0};
	char *before = NULL, *after = NULL;
	bool fine;

	if (!publisher->trust)
		return true;
	fine = metadata_read(publisher->metadata, publisher->targets_version, "targets",
			     TUF_TARGETS_MAX, &current, err) &&
	       tuf_delegations_text(current.bytes, current.len, &before, err) &&
	       tuf_delegations_text(targets->bytes, targets->len, &after, err);
	if (fine && strcmp(before ? before : "", after ? after : "") != 0)
		fine = err_set(err, ERR_DENIED,
			       "targets.json: names other keys for alarms than those in "
			       "force: that is \"ekimaectl emergency keys\", and nothing "
			       "else changes with it");
	free(before);
	free(after);
	return fine;
}

bool publisher_read_alarms(const struct publisher *publisher, struct wall_ms now,
			   struct blob *out, struct err *err)
{
	CLEANUP(free_search)
	struct tuf_search *search = tuf_search_new(publisher->trust, ALARM_PATH, err);
	int64_t version;

	if (!search)
		return false;
	while (tuf_search_state(search) == TUF_SEARCH_NEEDS_ROLE)
		if (!feed_role(publisher, search, NULL, now, true, &version, err))
			return false;
	if (tuf_search_state(search) != TUF_SEARCH_FOUND)
		return true;
	return publisher_read_file(publisher, tuf_search_target(search), ALARMS_JSON_MAX,
				   out, err);
}
