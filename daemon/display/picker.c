#include "display/picker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/err.h"
#include "core/notice.h"
#include "core/programme.h"
#include "core/rotation.h"
#include "display/set.h"
#include "render/slide.h"

struct item {
	char id[SLIDE_ID_MAX];
	const struct notice *notice; /* NULL: of the plan, always due */
	int weight;
	struct mono_ms skip_until;
};

struct items {
	struct item *items;
	size_t count, room;
	struct set *set;
};

struct picker {
	char screen_id[SCREEN_ID_MAX + 1];
	struct rotation *rotation;
	struct items current;
	struct rotation_candidate *candidates; /* room for each item */
};

static void items_done(struct items *items)
{
	free(items->items);
	set_unref(items->set);
	*items = (struct items){0};
}

struct picker *picker_new(const char *screen_id, struct err *err)
{
	struct picker *picker = calloc(1, sizeof(*picker));

	if (!picker)
		goto fail;
	snprintf(picker->screen_id, sizeof(picker->screen_id), "%s", screen_id);
	picker->rotation = rotation_new();
	if (!picker->rotation)
		goto fail;
	return picker;
fail:
	err_set(err, ERR_NO_MEMORY, "picker: out of memory");
	return picker_free(picker);
}

struct picker *picker_free(struct picker *picker)
{
	if (!picker)
		return NULL;
	items_done(&picker->current);
	free(picker->candidates);
	rotation_free(picker->rotation);
	free(picker);
	return NULL;
}

static bool add_item(void *context, const char *item_id, struct err *err)
{
	struct items *items = context;
	const struct loop_policy *policy = set_policy(items->set);
	struct item *item;

	if (items->count == items->room) {
		size_t room = items->room ? items->room * 2 : 64;
		struct item *grown = realloc(items->items, room * sizeof(*grown));

		if (!grown)
			return err_set(err, ERR_NO_MEMORY, "picker: out of memory");
		items->items = grown;
		items->room = room;
	}
	item = &items->items[items->count];
	*item = (struct item){.notice = set_notice(items->set, item_id)};
	if (snprintf(item->id, sizeof(item->id), "%s", item_id) >= (int)sizeof(item->id))
		return err_set(err, ERR_TOO_LARGE, "picker: %s: id too long", item_id);
	item->weight = item->notice ? item->notice->weight * policy->notice_weight
				    : policy->plan_weight;
	items->count++;
	return true;
}

bool picker_use(struct picker *picker, struct set *set, struct err *err)
{
	CLEANUP(items_done) struct items items = {.set = set_ref(set)};
	struct slide_source source = {
		.plan = set_plan(set),
		.programme = set_programme(set),
	};
	struct rotation_candidate *candidates;
	struct items old;

	if (!slide_items(&source, add_item, &items, err))
		return false;
	candidates = calloc(items.count + 1, sizeof(*candidates));
	if (!candidates)
		return err_set(err, ERR_NO_MEMORY, "picker: out of memory");
	free(picker->candidates);
	picker->candidates = candidates;
	old = picker->current;
	picker->current = items;
	items = old;
	return true;
}

static struct item *find(const struct picker *picker, const char *item_id)
{
	for (size_t i = 0; i < picker->current.count; i++)
		if (strcmp(picker->current.items[i].id, item_id) == 0)
			return &picker->current.items[i];
	return NULL;
}

static bool is_due(const struct picker *picker, const struct item *item,
		   struct wall_ms wall)
{
	return !item->notice || notice_is_due(item->notice, picker->screen_id, wall);
}

/* Due, and not about to end: a glimpse helps nobody. */
static bool is_candidate(const struct picker *picker, const struct item *item,
			 struct wall_ms wall, struct mono_ms mono)
{
	struct wall_ms soon = {wall.ms + PICKER_LEAST_MS};

	return is_due(picker, item, wall) && is_due(picker, item, soon) &&
	       mono.ms >= item->skip_until.ms;
}

static void list_candidates(const struct picker *picker, struct wall_ms wall,
			    struct mono_ms mono)
{
	for (size_t i = 0; i < picker->current.count; i++) {
		const struct item *item = &picker->current.items[i];

		picker->candidates[i] = (struct rotation_candidate){
			.key = item->id,
			.weight = item->weight,
			.due = is_candidate(picker, item, wall, mono),
			.urgent = item->notice && item->notice->urgent,
		};
	}
}

const char *picker_choose(const struct picker *picker, struct wall_ms wall,
			  struct mono_ms mono)
{
	struct span_ms longest_wait;
	int chosen;

	if (picker->current.count == 0)
		return NULL;
	longest_wait.ms = set_policy(picker->current.set)->longest_wait_s * 1000;
	list_candidates(picker, wall, mono);
	chosen = rotation_choose(picker->rotation, picker->candidates,
				 picker->current.count, mono, longest_wait);
	return chosen < 0 ? NULL : picker->current.items[chosen].id;
}

void picker_shown(struct picker *picker, const char *item_id, struct wall_ms wall,
		  struct mono_ms mono)
{
	const struct item *item = find(picker, item_id);

	if (!item)
		return;
	list_candidates(picker, wall, mono);
	/* Without memory the order is less fair this once; nothing else depends on it. */
	(void)!rotation_commit(picker->rotation, picker->candidates,
			       picker->current.count,
			       (size_t)(item - picker->current.items), mono);
}

void picker_failed(struct picker *picker, const char *item_id, struct mono_ms mono)
{
	struct item *item = find(picker, item_id);

	if (item)
		item->skip_until.ms = mono.ms + PICKER_SKIP_MS;
}

bool picker_is_due(const struct picker *picker, const char *item_id, struct wall_ms wall)
{
	const struct item *item = find(picker, item_id);

	return item && is_due(picker, item, wall);
}

bool picker_is_urgent(const struct picker *picker, const char *item_id)
{
	const struct item *item = find(picker, item_id);

	return item && item->notice && item->notice->urgent;
}

bool picker_has_urgent(const struct picker *picker, struct wall_ms wall,
		       struct mono_ms mono)
{
	for (size_t i = 0; i < picker->current.count; i++) {
		const struct item *item = &picker->current.items[i];

		if (item->notice && item->notice->urgent &&
		    is_candidate(picker, item, wall, mono))
			return true;
	}
	return false;
}

bool picker_next_change(const struct picker *picker, struct wall_ms wall,
			struct wall_ms *out)
{
	bool found = false;

	for (size_t i = 0; i < picker->current.count; i++) {
		const struct item *item = &picker->current.items[i];
		struct wall_ms change;

		if (!item->notice ||
		    !notice_next_change(item->notice, picker->screen_id, wall, &change))
			continue;
		if (!found || change.ms < out->ms)
			*out = change;
		found = true;
	}
	return found;
}
