#ifndef DISPLAY_PICKER_H
#define DISPLAY_PICKER_H

#include <stdbool.h>

#include "core/attr.h"
#include "core/time.h"

struct err;
struct picker;
struct set;

/*
 * The items of the set in effect as candidates of the rotation (core/rotation.h): which are
 * due on this screen, which comes next. The rotation's memory survives a change of set.
 */

/* An item whose slide could not be drawn is left out for this long. */
#define PICKER_SKIP_MS (10 * 60 * 1000)

/* Nothing is begun that has less than this left before its end. */
#define PICKER_LEAST_MS 3000

/* @screen_id as in a notice's target list; "" on a box that is not enrolled. */
MUST_USE struct picker *picker_new(const char *screen_id, struct err *err);
struct picker *picker_free(struct picker *picker); /* NULL is fine; returns NULL */

/* Takes over the items of @set, of which it keeps a reference. On failure the old ones
 * stay. */
MUST_USE bool picker_use(struct picker *picker, struct set *set, struct err *err);

/*
 * The item to show at @wall (@mono on the other clock), or NULL when none is due; borrowed
 * until picker_use(). Changes nothing: picker_shown() does.
 */
const char *picker_choose(const struct picker *picker, struct wall_ms wall,
			  struct mono_ms mono);

/* Item @item_id began to show. An item that is no longer there is no harm. */
void picker_shown(struct picker *picker, const char *item_id, struct wall_ms wall,
		  struct mono_ms mono);

/* Its slide could not be drawn at @mono. */
void picker_failed(struct picker *picker, const char *item_id, struct mono_ms mono);

/* Whether the item may be on this screen at @wall. */
bool picker_is_due(const struct picker *picker, const char *item_id, struct wall_ms wall);
bool picker_is_urgent(const struct picker *picker, const char *item_id);

/* Whether picker_choose() would choose an urgent item. */
bool picker_has_urgent(const struct picker *picker, struct wall_ms wall,
		       struct mono_ms mono);

/* The earliest instant after @wall at which an item becomes due or ceases to be. */
bool picker_next_change(const struct picker *picker, struct wall_ms wall,
			struct wall_ms *out);

#endif /* DISPLAY_PICKER_H */
