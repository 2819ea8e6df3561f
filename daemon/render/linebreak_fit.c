#include "render/linebreak_fit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/attr.h"
#include "core/err.h"
#include "render/linebreak.h"
#include "render/phrase.h"

/*
 * What a choice of lines costs, in square ems of raggedness. A line more is worth it where
 * it saves a word, unless lines are short: then it outweighs all that breaks can cost.
 */
#define COST_LINE_SOFT 25.0
#define COST_LINE_HARD 1e5
#define COST_TOO_WIDE  1e8
#define COST_MID_WORD  1e4   /* inside a word that is wider than a line */
#define COST_ORPHAN    120.0 /* of a last line next to nothing */
#define WEIGHT_BREAK   220.0 /* of a break of cost LINEBREAK_COST_MAX */
#define ORPHAN_TITLE   2.5   /* em: a last line shorter than this looks forgotten */
#define ORPHAN_BODY    5.0

/* A place where a line may start or end. */
struct place {
	size_t at;      /* byte */
	double cost;    /* of breaking here */
	double reach;   /* width of the paragraph up to here */
	double trimmed; /* the same, without spaces just before */
	double hang;    /* of that, a mark at the end that may stand out */
	double best;    /* least cost of all lines up to here */
	size_t from;    /* place where the last of those lines starts */
};

struct fit {
	const char *text;
	const struct linebreak_options *options;
	linebreak_width_fn *width;
	void *context;
	uint8_t *costs, *characters;
	struct place *places; /* of the paragraph at hand */
	size_t count;
	double line; /* cost of each line at present */
};

static void fit_done(struct fit *fit)
{
	free(fit->costs);
	free(fit->characters);
	free(fit->places);
}

static void keep_groups(struct fit *fit)
{
	const struct linebreak_options *options = fit->options;

	for (size_t i = 0; i < options->group_count; i++) {
		for (size_t at = options->groups[i].start + 1;
		     at < options->groups[i].end; at++) {
			fit->costs[at] = LINEBREAK_NEVER;
			fit->characters[at] = 0;
		}
	}
}

/* For the first paragraph that takes more than one line: most texts have none. */
static bool fit_prepare(struct fit *fit, size_t len, struct err *err)
{
	if (fit->places != NULL)
		return true;
	fit->costs = calloc(len + 1, 1);
	fit->characters = calloc(len + 1, 1);
	fit->places = calloc(len + 2, sizeof(*fit->places));
	if (fit->costs == NULL || fit->characters == NULL || fit->places == NULL)
		return err_set(err, ERR_NO_MEMORY, "line breaking: out of memory");
	if (!linebreak_costs_in(fit->options->language, fit->text, fit->costs, err) ||
	    !linebreak_characters(fit->text, fit->characters, err))
		return false;
	keep_groups(fit);
	return true;
}

/* Where @text ends when spaces before @end, down to @start, are left out. */
static size_t trim(const char *text, size_t start, size_t end)
{
	for (;;) {
		if (end > start && (text[end - 1] == ' ' || text[end - 1] == '\n'))
			end--;
		else if (end >= start + 3 && memcmp(text + end - 3, "\u3000", 3) == 0)
			end -= 3;
		else
			return end;
	}
}

/* The width of a mark right before @end, behind @start, that may stand out of the line. */
static double hang_before(const struct fit *fit, size_t start, size_t end)
{
	static const char *const marks[] = {"、", "。", "，", "．"};
	const size_t len = 3; /* of each */

	if (!fit->options->hang || end < start + len)
		return 0;
	for (size_t i = 0; i < ARRAY_LEN(marks); i++)
		if (memcmp(fit->text + end - len, marks[i], len) == 0)
			return fit->width(fit->context, fit->text, end - len, end);
	return 0;
}

/* Of a line as wide as @width at most, what lies within it. */
static double within(const struct fit *fit, double width, double hang)
{
	return width > fit->options->max_width + 1e-6 ? width - hang : width;
}

static double width_between(const struct fit *fit, size_t from, size_t to)
{
	const struct place *end = &fit->places[to];

	return within(fit, end->trimmed - fit->places[from].reach, end->hang);
}

static void add_place(struct fit *fit, size_t at, double cost)
{
	struct place *place = &fit->places[fit->count++];
	const struct place *previous = place - 1;

	*place = (struct place){.at = at, .cost = cost};
	if (fit->count == 1)
		return;

	size_t end = trim(fit->text, previous->at, at);
	double word = end > previous->at
			      ? fit->width(fit->context, fit->text, previous->at, end)
			      : 0;
	double spaces = at > end ? fit->width(fit->context, fit->text, end, at) : 0;
	place->trimmed = end > previous->at ? previous->reach + word : previous->trimmed;
	place->reach = previous->reach + word + spaces;
	place->hang = hang_before(fit, previous->at, end);
}

/* The word from @start to @end, a place each where it must be cut to fit. */
static void add_word(struct fit *fit, size_t start, size_t end, double cost)
{
	double limit = fit->options->max_width;
	size_t stop = trim(fit->text, start, end);

	if (stop > start && within(fit, fit->width(fit->context, fit->text, start, stop),
				   hang_before(fit, start, stop)) > limit)
		for (size_t at = start + 1; at < stop; at++)
			if (fit->characters[at] != 0)
				add_place(fit, at, COST_MID_WORD);
	add_place(fit, end, cost);
}

static void find_places(struct fit *fit, size_t start, size_t end)
{
	size_t word = start;

	fit->count = 0;
	add_place(fit, start, 0);
	for (size_t at = start + 1; at < end; at++) {
		if (fit->costs[at] > LINEBREAK_COST_MAX)
			continue;
		double cost = (double)fit->costs[at] / LINEBREAK_COST_MAX;
		add_word(fit, word, at, cost * cost * cost * cost * WEIGHT_BREAK);
		word = at;
	}
	add_word(fit, word, end, 0);
}

/* Least number of lines, filled one by one. */
static size_t fewest_lines(const struct fit *fit)
{
	double limit = fit->options->max_width;
	size_t lines = 1;
	size_t start = 0;

	for (size_t i = 1; i < fit->count; i++) {
		if (width_between(fit, start, i) > limit && i - 1 > start) {
			lines++;
			start = i - 1;
		}
	}
	return lines;
}

static double line_cost(const struct fit *fit, size_t from, size_t to, double target)
{
	const struct linebreak_options *options = fit->options;
	double em = options->em > 0 ? options->em : 1;
	double width = width_between(fit, from, to);
	double cost = fit->line + fit->places[to].cost;
	bool last = to + 1 == fit->count;
	double orphan = em * (options->balance ? ORPHAN_TITLE : ORPHAN_BODY);

	if (width > options->max_width + 1e-6)
		cost += COST_TOO_WIDE;
	if (options->balance || !last) {
		double ragged = (target - width) / em;
		cost += ragged * ragged;
	}
	if (last && from > 0 && width < orphan)
		cost += COST_ORPHAN * (1 - width / orphan);
	return cost;
}

/* Fills in the best lines for even lines of @target; returns what they cost. */
static double find_best(struct fit *fit, double target)
{
	struct place *places = fit->places;

	for (size_t to = 1; to < fit->count; to++) {
		places[to].best = INFINITY;
		for (size_t from = to; from-- > 0;) {
			double cost =
				places[from].best + line_cost(fit, from, to, target);
			if (cost < places[to].best) {
				places[to].best = cost;
				places[to].from = from;
			}
			/* Lines from further back are only wider. */
			if (width_between(fit, from, to) > fit->options->max_width)
				break;
		}
	}
	return places[fit->count - 1].best;
}

static size_t lines_of_best(const struct fit *fit)
{
	size_t lines = 0;

	for (size_t to = fit->count - 1; to > 0; to = fit->places[to].from)
		lines++;
	return lines;
}

static bool best_parts_word(const struct fit *fit)
{
	for (size_t to = fit->places[fit->count - 1].from; to > 0;
	     to = fit->places[to].from)
		if (fit->costs[fit->places[to].at] >= PHRASE_COST_PARTED)
			return true;
	return false;
}

/* The best lines of the paragraph at hand, at most @room where that is possible. */
static void choose_lines(struct fit *fit, size_t room)
{
	double width = fit->places[fit->count - 1].trimmed;
	double target = fit->options->max_width;
	size_t fewest = fewest_lines(fit);

	fit->line = COST_LINE_SOFT;
	if (fit->options->balance) {
		target = width / (double)fewest;
		double more = width / (double)(fewest + 1);
		double cost = find_best(fit, target);
		if (fewest > 1 && find_best(fit, more) < cost)
			target = more;
	}
	find_best(fit, target);
	if (lines_of_best(fit) <= room)
		return;

	fit->line = COST_LINE_HARD;
	find_best(fit, fit->options->balance ? width / (double)fewest : target);
	if (!fit->options->turn || !best_parts_word(fit))
		return;
	fit->line = COST_LINE_SOFT;
	find_best(fit, target);
}

static struct linebreak_line line_between(const struct fit *fit, size_t from, size_t to)
{
	const struct place *start = &fit->places[from];
	const struct place *end = &fit->places[to];
	double limit = fit->options->max_width;
	double whole = fmax(end->trimmed - start->reach, 0);
	double width = within(fit, whole, end->hang);

	return (struct linebreak_line){
		.start = start->at,
		.end = trim(fit->text, start->at, end->at),
		.next = end->at,
		.width = width,
		.cost = fit->costs[end->at] <= LINEBREAK_COST_MAX ? fit->costs[end->at]
								  : 0,
		.too_wide = width > limit + 1e-6 || end->cost >= COST_MID_WORD,
		.hung = width < whole,
	};
}

/* Appends the lines of the paragraph at hand, first to last, up to @max. */
static void emit_lines(struct fit *fit, struct linebreak_line *lines, size_t max,
		       size_t *count)
{
	struct place *places = fit->places;
	size_t to = fit->count - 1;

	/* The chain of best lines runs backwards: `from` is turned to point ahead. */
	size_t ahead = 0;
	while (to > 0) {
		size_t from = places[to].from;
		places[to].from = ahead;
		ahead = to;
		to = from;
	}
	for (size_t from = 0; ahead != 0 && *count < max; ahead = places[ahead].from) {
		lines[(*count)++] = line_between(fit, from, ahead);
		from = ahead;
	}
}

/* Where the paragraph from @start ends, behind its '\n'. */
static size_t paragraph_end(const struct fit *fit, size_t start, size_t len)
{
	const char *mark = memchr(fit->text + start, '\n', len - start);

	return mark != NULL ? (size_t)(mark - fit->text) + 1 : len;
}

/* Whether the paragraph fits on one line, which is *@out then. */
static bool is_one_line(const struct fit *fit, size_t start, size_t end,
			struct linebreak_line *out)
{
	double limit = fit->options->max_width;
	size_t stop = trim(fit->text, start, end);

	*out = (struct linebreak_line){.start = start, .end = stop, .next = end};
	if (stop > start)
		out->width = fit->width(fit->context, fit->text, start, stop);
	return !(limit > 0) || out->width <= limit;
}

bool linebreak_choose(const char *text, const struct linebreak_options *options,
		      linebreak_width_fn *width, void *context,
		      struct linebreak_line *lines, size_t max, size_t *out_count,
		      struct err *err)
{
	size_t len = strnlen(text, LINEBREAK_BYTES_MAX + 1);
	if (len > LINEBREAK_BYTES_MAX)
		return err_set(err, ERR_TOO_LARGE,
			       "line breaking: text is longer than %d bytes",
			       LINEBREAK_BYTES_MAX);

	CLEANUP(fit_done)
	struct fit fit = {
		.text = text, .options = options, .width = width, .context = context};
	size_t count = 0;
	for (size_t start = 0, end; start < len && count < max; start = end) {
		end = paragraph_end(&fit, start, len);
		if (is_one_line(&fit, start, end, &lines[count])) {
			count++;
			continue;
		}
		if (!fit_prepare(&fit, len, err))
			return false;
		find_places(&fit, start, end);
		choose_lines(&fit, max - count);
		emit_lines(&fit, lines, max, &count);
	}
	*out_count = count;
	return true;
}
