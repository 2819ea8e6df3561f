#ifndef CORE_ROTATION_H
#define CORE_ROTATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/attr.h"
#include "core/time.h"

/*
 * What plays next: smooth weighted round robin (as load balancers use it: each turn every
 * candidate earns its weight, the richest plays and pays the sum), with four rules on top:
 * an urgent candidate goes before all that are not; news go first, the latest before
 * earlier ones: one that was not known when the loop began plays before those that were,
 * and pays as for any turn; a due candidate plays no later than its longest wait allows;
 * the one just shown is not repeated while another is due. Pure: state in, choice and new
 * state out; ties go to the candidate that has waited longest, then to the lower index, so
 * a choice can be replayed.
 *
 * What is guaranteed among the n candidates that compete (the urgent ones while there are
 * any, else all that are due):
 * - While turns are no longer than T, those of the last two rounds tell T, and the longest
 *   wait is at least n * T, none waits longer than the longest wait, from one showing to
 *   the next. To keep that when many deadlines come together, some play a little early.
 *   A turn longer than any of the last two rounds may add its own length to a wait, and
 *   each of the news the length of its first turn.
 * - When the longest wait is less than n * T, the loop becomes a plain round, the one that
 *   has waited longest first.
 * - Where the longest wait does not interfere, each has had its weight's share of the
 *   turns, give or take one (two at most, where not repeating moves turns). One that
 *   outweighs all others together gets every second turn.
 * A wait counts from the last showing, or from the first commit in which the candidate
 * was due when that is later.
 */

#define ROTATION_KEY_MAX 160

struct rotation_candidate {
	const char *key; /* identity across programme changes: the item's id, borrowed */
	int weight;      /* 1–1000 */
	bool due;        /* may be shown now on this screen */
	bool urgent;
};

struct rotation;

/* NULL when memory is short. */
MUST_USE struct rotation *rotation_new(void);
struct rotation *rotation_free(
	struct rotation *rotation); /* NULL is fine; returns NULL */

/*
 * Index of the candidate to show after the one last chosen, or -1 when none is due.
 * Does not change @rotation; rotation_commit() does, once the choice is really shown, so
 * that a choice prepared in advance can be dropped when the programme changes. Keys are
 * unique. @longest_wait: see struct loop_policy.
 */
int rotation_choose(const struct rotation *rotation,
		    const struct rotation_candidate *candidates, size_t count,
		    struct mono_ms at, struct span_ms longest_wait);

/*
 * Records that @candidates[@chosen] began to show at @at; the others earn credit. State of
 * keys that are not among the candidates is forgotten. False when memory is short, with
 * the state unchanged.
 */
MUST_USE bool rotation_commit(struct rotation *rotation,
			      const struct rotation_candidate *candidates, size_t count,
			      size_t chosen, struct mono_ms at);

#endif /* CORE_ROTATION_H */
