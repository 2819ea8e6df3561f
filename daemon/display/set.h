#ifndef DISPLAY_SET_H
#define DISPLAY_SET_H

#include <stdbool.h>
#include <stdint.h>

#include "core/attr.h"
#include "core/programme.h"
#include "wire/digest.h"

struct alarms;
struct err;
struct media;
struct notice;
struct plan;
struct programme;
struct set;

/*
 * A verified set of content: the plan, programme and pictures that belong together. It never
 * changes once made, so threads share it by reference count, without a lock.
 */

/*
 * Takes @plan, @programme (NULL: none yet) and @media (NULL: no pictures) even when it
 * fails. The hashes are those of
 * the documents they were read from; @programme_hash may be NULL without a programme.
 */
MUST_USE struct set *set_new(TAKES struct plan *plan,
			     const uint8_t plan_hash[static SHA256_SIZE],
			     TAKES struct programme *programme,
			     const uint8_t *programme_hash, TAKES struct media *media,
			     struct err *err);
MUST_USE struct set *set_ref(struct set *set);
struct set *set_unref(struct set *set); /* NULL is fine; returns NULL */

/*
 * Takes @alarms even when it fails; @hash is that of their document. Before the set is shared.
 */
MUST_USE bool set_add_alarms(struct set *set, TAKES struct alarms *alarms,
			     const uint8_t hash[static SHA256_SIZE], struct err *err);

const struct plan *set_plan(const struct set *set);
/*
 * What may be shown; NULL: nothing beside the plan. The alarms are its first notices, and the
 * only urgent ones: who signs the programme can't interrupt anything. A notice with the id of
 * an alarm is not among them.
 */
const struct programme *set_programme(const struct set *set);
const struct media *set_media(const struct set *set); /* NULL: no pictures */
/* The programme's policy, or the default one. */
const struct loop_policy *set_policy(const struct set *set);
/* Version of the programme; 0: none. */
int64_t set_version(const struct set *set);

/*
 * The wall clock as far as it can be trusted: a box may boot in 1970, but a signed
 * programme says that it is at least its own date. Never earlier than @wall.
 */
struct wall_ms set_trusted_wall(const struct set *set, struct wall_ms wall);
/*
 * The same for what is due: an alarm, too, says how late it is. Not for what is still in
 * force: who signs alarms has no say about that.
 */
struct wall_ms set_showing_wall(const struct set *set, struct wall_ms wall);

/* Whether both hold the same documents. */
bool set_same(const struct set *a, const struct set *b);

/* The notice behind an item ("notice/flu-2026"); NULL for plan items and strangers. */
const struct notice *set_notice(const struct set *set, const char *item_id);

/* Hash of the document the item's content comes from: the notice's own, or the plan's. */
const uint8_t *set_content_hash(const struct set *set, const char *item_id);

/* Whether both sets hold item @item_id with the same content. */
bool set_item_same(const struct set *a, const struct set *b, const char *item_id);

#endif /* DISPLAY_SET_H */
