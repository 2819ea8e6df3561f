#include "core/rotation.h"

#include <stdlib.h>
#include <string.h>

#define WEIGHT_MAX 1000

/* Credit is kept within this many times the sum of all weights; see credit_within(). */
#define CREDIT_LIMIT 2

/* Deadlines are sorted into this many slots; more candidates are not expected. */
#define DEADLINE_SLOTS 4096

#define NOT_FOUND SIZE_MAX

/* What is remembered of a candidate. */
struct entry {
	const char *key; /* in the pool of the table */
	int64_t credit;
	struct mono_ms since; /* shown last, or due since, whichever is later */
	bool waiting;         /* it was due at the last commit, so `since` counts */
	bool fresh;           /* came after the loop had begun, and was not shown yet */
};

/* Entries by key: open addressing, at most half full. Made anew with each commit. */
struct table {
	struct entry *entries;
	size_t count;
	uint32_t *slots;   /* index of an entry plus one; 0 is free */
	size_t slot_count; /* a power of two */
	char *pool;
	size_t pool_used;
};

/*
 * How long turns take. The longest one is forgotten after two rounds (in a round everyone
 * due has been shown): a night without a turn must not count for ever.
 */
struct pace {
	bool started;
	struct mono_ms last;             /* when the present turn began */
	struct mono_ms round;            /* when the present round began */
	int64_t longest, longest_before; /* turn of this round and of the one before */
};

struct rotation {
	struct table table;
	size_t last; /* index of the entry last shown, or NOT_FOUND */
	struct pace pace;
};

/*
 * Who competes in a turn. While anything urgent is due, that is only the urgent: the
 * others neither earn nor pay, and go on afterwards where they stood.
 */
struct contest {
	bool urgent;
	size_t count;
	int64_t total;           /* sum of the weights that count */
	size_t heaviest;         /* index of a candidate */
	int64_t heaviest_weight; /* what of its weight counts */
};

static uint64_t hash_of(const char *key)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	/* FNV-1a. Keys come from signed documents: nobody crafts collisions. */
	for (; *key; key++)
		hash = (hash ^ (unsigned char)*key) * UINT64_C(0x100000001b3);
	return hash ^ hash >> 32;
}

static void table_done(struct table *table)
{
	free(table->entries);
	free(table->slots);
	free(table->pool);
	*table = (struct table){0};
}

/* Where @key is, or the free slot where it belongs. */
static size_t slot_of(const struct table *table, const char *key)
{
	size_t mask = table->slot_count - 1;
	size_t slot = (size_t)hash_of(key) & mask;

	while (table->slots[slot] != 0 &&
	       strcmp(table->entries[table->slots[slot] - 1].key, key) != 0)
		slot = (slot + 1) & mask;
	return slot;
}

static size_t table_find(const struct table *table, const char *key)
{
	uint32_t found;

	if (table->slot_count == 0)
		return NOT_FOUND;
	found = table->slots[slot_of(table, key)];
	return found == 0 ? NOT_FOUND : found - 1;
}

static const struct entry *entry_of(const struct rotation *rotation, const char *key)
{
	size_t index = table_find(&rotation->table, key);

	return index == NOT_FOUND ? NULL : &rotation->table.entries[index];
}

/* Room for all of @candidates. False when memory is short. */
static bool table_init(struct table *table, const struct rotation_candidate *candidates,
		       size_t count)
{
	size_t pool_size = 1;
	size_t slot_count = 4;

	for (size_t i = 0; i < count; i++)
		pool_size += strlen(candidates[i].key) + 1;
	while (slot_count < count * 2)
		slot_count *= 2;

	*table = (struct table){.slot_count = slot_count};
	table->entries = calloc(count + 1, sizeof(*table->entries));
	table->slots = calloc(slot_count, sizeof(*table->slots));
	table->pool = calloc(pool_size, 1);
	if (table->entries && table->slots && table->pool)
		return true;
	table_done(table);
	return false;
}

/*
 * Adds an entry, so that entries have the order of the candidates. Were a key given twice,
 * the first of the two would be found.
 */
static struct entry *table_add(struct table *table, const char *key)
{
	size_t slot = slot_of(table, key);
	size_t size = strlen(key) + 1;
	struct entry *entry = &table->entries[table->count++];

	entry->key = memcpy(table->pool + table->pool_used, key, size);
	table->pool_used += size;
	if (table->slots[slot] == 0)
		table->slots[slot] = (uint32_t)table->count;
	return entry;
}

struct rotation *rotation_new(void)
{
	struct rotation *rotation = calloc(1, sizeof(*rotation));

	if (rotation)
		rotation->last = NOT_FOUND;
	return rotation;
}

struct rotation *rotation_free(struct rotation *rotation)
{
	if (!rotation)
		return NULL;
	table_done(&rotation->table);
	free(rotation);
	return NULL;
}

static bool competes(const struct contest *contest,
		     const struct rotation_candidate *candidate)
{
	return candidate->due && (candidate->urgent || !contest->urgent);
}

static int64_t own_weight(const struct rotation_candidate *candidate)
{
	if (candidate->weight < 1)
		return 1;
	return candidate->weight < WEIGHT_MAX ? candidate->weight : WEIGHT_MAX;
}

/*
 * A candidate that outweighs all others together can't have its share without being
 * repeated, and would pile up credit that it never spends. It counts for as much as the
 * others together, which is every second turn.
 */
static struct contest contest_of(const struct rotation_candidate *candidates,
				 size_t count)
{
	struct contest contest = {.heaviest = NOT_FOUND};
	int64_t others;

	for (size_t i = 0; i < count && !contest.urgent; i++)
		contest.urgent = candidates[i].due && candidates[i].urgent;

	for (size_t i = 0; i < count; i++) {
		int64_t weight = own_weight(&candidates[i]);

		if (!competes(&contest, &candidates[i]))
			continue;
		contest.count++;
		contest.total += weight;
		if (weight > contest.heaviest_weight) {
			contest.heaviest = i;
			contest.heaviest_weight = weight;
		}
	}
	others = contest.total - contest.heaviest_weight;
	if (contest.count > 1 && contest.heaviest_weight > others) {
		contest.heaviest_weight = others;
		contest.total = 2 * others;
	}
	return contest;
}

static int64_t weight_in(const struct contest *contest,
			 const struct rotation_candidate *candidates, size_t index)
{
	return index == contest->heaviest ? contest->heaviest_weight
					  : own_weight(&candidates[index]);
}

/*
 * Within one unchanging set, credit stays within about the sum of the weights by itself.
 * Credit from a much larger set is cut down, or it would rule the loop for hours.
 */
static int64_t credit_within(const struct contest *contest, const struct entry *entry)
{
	int64_t limit = CREDIT_LIMIT * contest->total;

	if (!entry)
		return 0;
	if (entry->credit > limit)
		return limit;
	return entry->credit < -limit ? -limit : entry->credit;
}

static int64_t waited(const struct entry *entry, struct mono_ms at)
{
	return entry && entry->waiting ? at.ms - entry->since.ms : 0;
}

/* Whether it is the one on screen now, and another could follow. */
static bool would_repeat(const struct rotation *rotation, const struct contest *contest,
			 const struct entry *entry)
{
	return entry && contest->count > 1 && rotation->last != NOT_FOUND &&
	       entry == &rotation->table.entries[rotation->last];
}

/* The richest once all have earned their weight; NOT_FOUND when nobody competes. */
static size_t richest(const struct rotation *rotation, const struct contest *contest,
		      const struct rotation_candidate *candidates, size_t count,
		      struct mono_ms at)
{
	size_t best = NOT_FOUND;
	int64_t best_credit = 0, best_waited = 0;

	for (size_t i = 0; i < count; i++) {
		const struct entry *entry;
		int64_t credit, wait;

		if (!competes(contest, &candidates[i]))
			continue;
		entry = entry_of(rotation, candidates[i].key);
		if (would_repeat(rotation, contest, entry))
			continue;
		credit =
			credit_within(contest, entry) + weight_in(contest, candidates, i);
		wait = waited(entry, at);
		if (best == NOT_FOUND || credit > best_credit ||
		    (credit == best_credit && wait > best_waited)) {
			best = i;
			best_credit = credit;
			best_waited = wait;
		}
	}
	return best;
}

static int64_t longest_turn(const struct pace *pace, struct mono_ms at)
{
	int64_t longest = pace->longest > pace->longest_before ? pace->longest
							       : pace->longest_before;

	if (pace->started && at.ms - pace->last.ms > longest)
		longest = at.ms - pace->last.ms;
	return longest;
}

/*
 * The one that has waited longest, when it has to play now for all to keep within the
 * longest wait; else NOT_FOUND.
 *
 * Time ahead is divided into slots of one turn each. If k + 1 candidates have to begin
 * before slot k ends, there is no turn left for anybody else. When no turn is longer than
 * a slot, going by this rule keeps every deadline: earliest deadline first, with the load
 * looked at in advance. Slots are as long as turns have been, but never longer than lets
 * all candidates have one: then it is too late for anything but a plain round.
 */
static size_t pressing(const struct rotation *rotation, const struct contest *contest,
		       const struct rotation_candidate *candidates, size_t count,
		       struct mono_ms at, struct span_ms longest_wait)
{
	uint32_t due_by_slot[DEADLINE_SLOTS] = {0};
	int64_t slot_ms, longest = 0;
	size_t first = NOT_FOUND;
	uint64_t due = 0;

	if (contest->count == 0)
		return NOT_FOUND;
	slot_ms = longest_wait.ms / (int64_t)contest->count;
	if (slot_ms > longest_turn(&rotation->pace, at))
		slot_ms = longest_turn(&rotation->pace, at);
	if (slot_ms < 1)
		slot_ms = 1;

	for (size_t i = 0; i < count; i++) {
		const struct entry *entry;
		int64_t wait, slot;

		if (!competes(contest, &candidates[i]))
			continue;
		entry = entry_of(rotation, candidates[i].key);
		wait = waited(entry, at);
		slot = wait >= longest_wait.ms ? 0 : (longest_wait.ms - wait) / slot_ms;
		if (slot < DEADLINE_SLOTS)
			due_by_slot[slot]++;
		if (would_repeat(rotation, contest, entry))
			continue;
		if (first == NOT_FOUND || wait > longest) {
			first = i;
			longest = wait;
		}
	}
	for (size_t slot = 0; slot < DEADLINE_SLOTS && slot < contest->count; slot++) {
		due += due_by_slot[slot];
		if (due > slot)
			return first;
	}
	return NOT_FOUND;
}

/* Whether @candidate came after the loop had begun, and was not shown yet. */
static bool is_fresh(const struct rotation *rotation,
		     const struct rotation_candidate *candidate)
{
	const struct entry *entry = entry_of(rotation, candidate->key);

	return entry ? entry->fresh : rotation->table.count > 0;
}

/* The one that is fresh and came last; NOT_FOUND when there is no news. */
static size_t newest(const struct rotation *rotation, const struct contest *contest,
		     const struct rotation_candidate *candidates, size_t count)
{
	size_t newest = NOT_FOUND;
	int64_t newest_since = 0;

	for (size_t i = 0; i < count; i++) {
		const struct entry *entry = entry_of(rotation, candidates[i].key);
		int64_t since = entry ? entry->since.ms : INT64_MAX;

		if (!competes(contest, &candidates[i]) ||
		    !is_fresh(rotation, &candidates[i]))
			continue;
		if (newest == NOT_FOUND || since > newest_since) {
			newest = i;
			newest_since = since;
		}
	}
	return newest;
}

int rotation_choose(const struct rotation *rotation,
		    const struct rotation_candidate *candidates, size_t count,
		    struct mono_ms at, struct span_ms longest_wait)
{
	struct contest contest = contest_of(candidates, count);
	size_t chosen = newest(rotation, &contest, candidates, count);

	if (chosen == NOT_FOUND)
		chosen =
			pressing(rotation, &contest, candidates, count, at, longest_wait);
	if (chosen == NOT_FOUND)
		chosen = richest(rotation, &contest, candidates, count, at);
	return chosen == NOT_FOUND ? -1 : (int)chosen;
}

/*
 * What the turn costs. In order it is the sum of the weights. Were a turn out of order to
 * cost that, too, a candidate that plays because of its longest wait again and again would
 * fall into a debt without end, and starve when the rule lets go. So then it pays what it
 * can without owing more than one turn.
 */
static int64_t price_of(const struct contest *contest, int64_t credit, bool in_order)
{
	if (in_order || credit >= 0)
		return contest->total;
	return credit > -contest->total ? contest->total + credit : 0;
}

/* The chosen candidate pays, and what it pays all that compete earn, by their weights. */
static void pay_for_turn(struct table *table, const struct contest *contest,
			 const struct rotation_candidate *candidates, size_t count,
			 size_t chosen, int64_t price)
{
	int64_t given = 0, weights = 0;

	table->entries[chosen].credit -= price;
	for (size_t i = 0; i < count; i++) {
		int64_t share;

		if (!competes(contest, &candidates[i]))
			continue;
		/* Shares of the running sum, so that rounding loses nothing. */
		weights += weight_in(contest, candidates, i);
		share = price * weights / contest->total - given;
		table->entries[i].credit += share;
		given += share;
	}
}

/* Carries over what was known of @candidate into its entry of the new table. */
static void carry_over(const struct rotation *rotation, const struct contest *contest,
		       const struct rotation_candidate *candidate, bool chosen,
		       struct mono_ms at, struct entry *entry)
{
	const struct entry *old = entry_of(rotation, candidate->key);

	if (old) {
		entry->credit = competes(contest, candidate) ? credit_within(contest, old)
							     : old->credit;
		entry->since = old->since;
	}
	if (chosen || (candidate->due && !(old && old->waiting)))
		entry->since = at;
	entry->waiting = candidate->due;
	entry->fresh = !chosen && is_fresh(rotation, candidate);
}

static void keep_pace(struct pace *pace, const struct table *table, struct mono_ms at)
{
	if (pace->started && at.ms - pace->last.ms > pace->longest)
		pace->longest = at.ms - pace->last.ms;
	pace->last = at;
	if (!pace->started) {
		pace->started = true;
		pace->round = at;
		return;
	}
	for (size_t i = 0; i < table->count; i++) {
		const struct entry *entry = &table->entries[i];

		if (entry->waiting && entry->since.ms < pace->round.ms)
			return;
	}
	pace->longest_before = pace->longest;
	pace->longest = 0;
	pace->round = at;
}

bool rotation_commit(struct rotation *rotation,
		     const struct rotation_candidate *candidates, size_t count,
		     size_t chosen, struct mono_ms at)
{
	struct contest contest = contest_of(candidates, count);
	size_t expected = richest(rotation, &contest, candidates, count, at);
	struct table table;

	if (!table_init(&table, candidates, count))
		return false;
	for (size_t i = 0; i < count; i++) {
		struct entry *entry = table_add(&table, candidates[i].key);

		carry_over(rotation, &contest, &candidates[i], i == chosen, at, entry);
	}
	if (chosen < count && competes(&contest, &candidates[chosen]))
		pay_for_turn(&table, &contest, candidates, count, chosen,
			     price_of(&contest, table.entries[chosen].credit,
				      chosen == expected));

	rotation->last = chosen < count ? chosen : NOT_FOUND;
	keep_pace(&rotation->pace, &table, at);
	table_done(&rotation->table);
	rotation->table = table;
	return true;
}
