/* The search for a target through the delegations (§5.6.7). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/err.h"
#include "wire/tuf.h"
#include "wire/tuf_check.h"
#include "wire/tuf_metadata.h"

#define FILE_NAME_SIZE (TUF_ROLE_NAME_MAX + sizeof(".json"))

/* A delegation that is still to be followed; borrowed from who delegates. */
struct step {
	const struct tuf_delegations *delegations;
	const struct tuf_delegation *delegation;
};

struct tuf_search {
	const struct tuf_trust *trust;
	bool is_visit; /* of every role, without a path */
	char path[TUF_TARGET_PATH_MAX];

	enum tuf_search_state state;
	const struct tuf_target *found;
	struct step *steps; /* a stack: the last is next */
	size_t step_count;

	/* The role that is needed. */
	struct step next;
	char name[TUF_ROLE_NAME_MAX];

	struct visited {
		char name[TUF_ROLE_NAME_MAX];
		struct tuf_targets *targets; /* owned */
	} visited[TUF_SEARCH_ROLES_MAX];
	size_t visited_count;
};

static bool was_visited(const struct tuf_search *search, const char *name)
{
	for (size_t i = 0; i < search->visited_count; i++) {
		if (strcmp(search->visited[i].name, name) == 0)
			return true;
	}
	return false;
}

/* §5.6.7.1: a role is visited once, however many ways lead to it. */
static void go_on(struct tuf_search *search)
{
	while (search->step_count > 0 && search->visited_count < TUF_SEARCH_ROLES_MAX) {
		search->next = search->steps[--search->step_count];
		tuf_delegation_name(search->next.delegations, search->next.delegation,
				    search->path, search->name);
		if (!was_visited(search, search->name)) {
			search->state = TUF_SEARCH_NEEDS_ROLE;
			return;
		}
	}
	search->state = TUF_SEARCH_ABSENT;
}

static bool is_wanted(const struct tuf_search *search,
		      const struct tuf_delegations *delegations,
		      const struct tuf_delegation *delegation)
{
	if (search->is_visit)
		return delegations->bin_bits == 0;
	return tuf_delegation_covers(delegations, delegation, search->path);
}

/*
 * §5.6.7.2: those to whom @delegations give the path, before all that is still to be
 * visited; a terminating one ends the list and everything behind it.
 */
static bool push_delegations(struct tuf_search *search,
			     const struct tuf_delegations *delegations, struct err *err)
{
	size_t wanted = 0;
	struct step *steps;

	if (!delegations)
		return true;
	steps = realloc(search->steps,
			(search->step_count + delegations->count + 1) * sizeof(*steps));
	if (!steps)
		return err_set(err, ERR_NO_MEMORY, "%s: out of memory", search->path);
	search->steps = steps;
	for (size_t i = 0; i < delegations->count; i++) {
		const struct tuf_delegation *delegation = &delegations->list[i];

		if (!is_wanted(search, delegations, delegation))
			continue;
		if (delegation->terminating && !search->is_visit) {
			memmove(steps, steps + search->step_count,
				wanted * sizeof(*steps));
			search->step_count = 0;
		}
		steps[search->step_count + wanted++] =
			(struct step){delegations, delegation};
		if (delegation->terminating && !search->is_visit)
			break;
	}
	/* What is visited first goes on top. */
	for (size_t i = 0; i < wanted / 2; i++) {
		struct step *low = &steps[search->step_count + i];
		struct step *high = &steps[search->step_count + wanted - 1 - i];
		struct step step = *low;

		*low = *high;
		*high = step;
	}
	search->step_count += wanted;
	return true;
}

static bool look_into(struct tuf_search *search, const struct tuf_targets *targets,
		      struct err *err)
{
	search->found = search->is_visit ? NULL : tuf_targets_find(targets, search->path);
	if (search->found) {
		search->state = TUF_SEARCH_FOUND;
		return true;
	}
	if (!push_delegations(search, targets->delegations, err))
		return false;
	go_on(search);
	return true;
}

struct tuf_search *tuf_search_new(const struct tuf_trust *trust, const char *path,
				  struct err *err)
{
	struct tuf_search *search;

	if (!tuf_check(trust, (struct wall_ms){WALL_MS_MIN}, true, err))
		return NULL;
	search = calloc(1, sizeof(*search));
	if (!search) {
		err_set(err, ERR_NO_MEMORY, "search: out of memory");
		return NULL;
	}
	search->trust = trust;
	search->is_visit = path == NULL;
	search->state = TUF_SEARCH_ABSENT;
	/* A path longer than any that metadata may hold is nowhere. */
	if (path && strlen(path) >= sizeof(search->path))
		return search;
	snprintf(search->path, sizeof(search->path), "%s", path ? path : "");
	if (!look_into(search, tuf_trusted_targets(trust), err))
		return tuf_search_free(search);
	return search;
}

struct tuf_search *tuf_search_free(struct tuf_search *search)
{
	if (!search)
		return NULL;
	for (size_t i = 0; i < search->visited_count; i++)
		tuf_targets_free(search->visited[i].targets);
	free(search->steps);
	free(search);
	return NULL;
}

enum tuf_search_state tuf_search_state(const struct tuf_search *search)
{
	return search->state;
}

static void file_name(const struct tuf_search *search, char out[static FILE_NAME_SIZE])
{
	snprintf(out, FILE_NAME_SIZE, "%s.json", search->name);
}

bool tuf_search_needs(const struct tuf_search *search, const char **out_role,
		      struct tuf_meta *out_meta, struct err *err)
{
	const struct tuf_meta *meta;
	char name[FILE_NAME_SIZE];

	file_name(search, name);
	meta = tuf_snapshot_find(tuf_trusted_snapshot(search->trust), name);
	if (!meta)
		return err_set(err, ERR_UNTRUSTED, "snapshot.json: does not list %.*s",
			       tuf_shown(name), name);
	*out_role = search->name;
	*out_meta = *meta;
	return true;
}

/* §5.6.2–5.6.5 for a delegated role; owned. */
static struct tuf_targets *read_role(const struct tuf_search *search, const void *bytes,
				     size_t len, struct wall_ms now, bool accept_expired,
				     struct err *err)
{
	CLEANUP(tuf_file_done) struct tuf_file file = {0};
	char name[FILE_NAME_SIZE], shown[FILE_NAME_SIZE];
	struct tuf_meta meta = {0};
	const char *role = NULL;

	file_name(search, name);
	snprintf(shown, sizeof(shown), "%.*s", tuf_shown(name), name);
	if (!tuf_search_needs(search, &role, &meta, err) ||
	    !tuf_check_bytes(shown, &meta, bytes, len, err) ||
	    !tuf_file_read(&file, shown, TUF_ROLE_TARGETS, bytes, len, TUF_TARGETS_MAX,
			   err) ||
	    !tuf_file_verify(&file, &search->next.delegations->keyring,
			     &search->next.delegation->role, role, err) ||
	    !tuf_check_version(shown, file.header.version, meta.version, err) ||
	    !tuf_check_end(shown, &file.header, now, accept_expired, err))
		return NULL;
	return tuf_targets_read(&file, err);
}

bool tuf_search_feed(struct tuf_search *search, const void *bytes, size_t len,
		     struct wall_ms now, bool accept_expired, struct err *err)
{
	struct visited *visited = &search->visited[search->visited_count];
	struct tuf_targets *targets;

	if (search->state != TUF_SEARCH_NEEDS_ROLE)
		return err_set(err, ERR_INTERNAL, "search: no role is needed");
	targets = read_role(search, bytes, len, now, accept_expired, err);
	if (!targets)
		return false;
	visited->targets = targets;
	memcpy(visited->name, search->name, sizeof(visited->name));
	search->visited_count++;
	return look_into(search, targets, err);
}

const struct tuf_target *tuf_search_target(const struct tuf_search *search)
{
	return search->found;
}

const struct tuf_target *tuf_search_listed(const struct tuf_search *search, size_t index)
{
	for (size_t i = 0; i < search->visited_count; i++) {
		const struct tuf_targets *targets = search->visited[i].targets;

		if (index < targets->count)
			return &targets->targets[index];
		index -= targets->count;
	}
	return NULL;
}
