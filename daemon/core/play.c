#include "core/play.h"

#include <inttypes.h>
#include <string.h>

#include "core/err.h"

/* A slide stays for two minutes at most (core/dwell.h); an hour leaves room to spare. */
#define PLANNED_MAX_MS (INT64_C(60) * 60 * 1000)

/* No panel refreshes less often: a complete play is at most this much short. */
#define FRAME_MAX_MS 1000

/* A year at 240 frames a second has fewer. */
#define FRAMES_MAX INT64_C(10000000000)

static const char *const outcome_names[] = {
	[PLAY_COMPLETE] = "complete", [PLAY_EMERGENCY] = "emergency",
	[PLAY_CONTENT] = "content",   [PLAY_POWER] = "power",
	[PLAY_SHUTDOWN] = "shutdown", [PLAY_OPERATOR] = "operator",
	[PLAY_OUTPUT] = "output",
};

static const char *const output_names[] = {
	[PLAY_OUTPUT_ON] = "on",
	[PLAY_OUTPUT_OFF] = "off",
	[PLAY_OUTPUT_UNKNOWN] = "unknown",
	[PLAY_OUTPUT_BLACK] = "black",
};

/* Values come from databases, too: one that is out of range has no name. */
static const char *name_at(const char *const *names, size_t count, int64_t index)
{
	return index >= 0 && (uint64_t)index < count ? names[index] : "";
}

const char *play_outcome_name(enum play_outcome outcome)
{
	return name_at(outcome_names, ARRAY_LEN(outcome_names), outcome);
}

const char *play_output_name(enum play_output output)
{
	return name_at(output_names, ARRAY_LEN(output_names), output);
}

static bool find_name(const char *const *names, size_t count, const char *name,
		      size_t *out)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(names[i], name) == 0) {
			*out = i;
			return true;
		}
	}
	return false;
}

bool play_outcome_parse(const char *name, enum play_outcome *out)
{
	size_t index;

	if (!find_name(outcome_names, ARRAY_LEN(outcome_names), name, &index))
		return false;
	*out = (enum play_outcome)index;
	return true;
}

bool play_output_parse(const char *name, enum play_output *out)
{
	size_t index;

	if (!find_name(output_names, ARRAY_LEN(output_names), name, &index))
		return false;
	*out = (enum play_output)index;
	return true;
}

bool play_output_is_visible(enum play_output output)
{
	return output == PLAY_OUTPUT_ON || output == PLAY_OUTPUT_UNKNOWN;
}

enum play_outcome play_outcome_of(const struct play_start *start, struct span_ms shown,
				  struct span_ms frame, enum play_outcome cause)
{
	/*
	 * A play that ends because the output went away is not counted either: since when
	 * nobody saw it is not known.
	 */
	if (!play_output_is_visible(start->output) || cause == PLAY_OUTPUT ||
	    (start->proof.known && start->proof.frames == 0))
		return PLAY_OUTPUT;
	if (shown.ms >= start->planned.ms - frame.ms)
		return PLAY_COMPLETE;
	return cause == PLAY_COMPLETE ? PLAY_CONTENT : cause;
}

bool play_counts(const struct play *play)
{
	static const char notice[] = "notice/";

	return play->outcome == PLAY_COMPLETE &&
	       play_output_is_visible(play->start.output) &&
	       strncmp(play->start.item_id, notice, sizeof(notice) - 1) == 0;
}

static bool check_boot_id(const char *id, struct err *err)
{
	static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";

	for (size_t i = 0; i < sizeof(form); i++) {
		bool fits = form[i] == 'x' ? id[i] && strchr("0123456789abcdef", id[i])
					   : id[i] == form[i];

		if (!fits)
			return err_set(err, ERR_INVALID,
				       "boot_id: expected a UUID in lower case");
	}
	return true;
}

/* Ids are made of the ids of notices and of the plan's parts: visible ASCII. */
static bool check_id(const char *field, const char *id, size_t size, struct err *err)
{
	size_t len = strnlen(id, size);

	if (len == 0 || len == size)
		return err_set(err, ERR_INVALID, "%s: expected 1 to %zu bytes", field,
			       size - 1);
	for (size_t i = 0; i < len; i++) {
		if (id[i] <= ' ' || id[i] >= 0x7f)
			return err_set(err, ERR_INVALID,
				       "%s: holds a byte that is not visible ASCII",
				       field);
	}
	return true;
}

static bool check_range(const char *field, int64_t value, int64_t min, int64_t max,
			struct err *err)
{
	if (value >= min && value <= max)
		return true;
	return err_set(err, ERR_INVALID,
		       "%s: expected %" PRId64 " to %" PRId64 ", got %" PRId64, field,
		       min, max, value);
}

/* The start may lie before WALL_MS_MIN: a box without a clock battery boots in 1970. */
static bool check_start(const struct play_start *start, struct err *err)
{
	return check_boot_id(start->boot_id, err) &&
	       check_id("slide_id", start->slide_id, sizeof(start->slide_id), err) &&
	       check_id("item_id", start->item_id, sizeof(start->item_id), err) &&
	       check_range("item_revision", start->item_revision, 0, INT64_MAX, err) &&
	       check_range("programme_version", start->programme_version, 0, INT64_MAX,
			   err) &&
	       check_range("began_ms", start->began.ms, 0, WALL_MS_MAX, err) &&
	       check_range("began_mono_ms", start->began_mono.ms, 0, INT64_MAX, err) &&
	       check_range("planned_ms", start->planned.ms, 1, PLANNED_MAX_MS, err) &&
	       check_range("output", (int64_t)start->output, PLAY_OUTPUT_ON,
			   PLAY_OUTPUT_BLACK, err) &&
	       check_range("frames", start->proof.frames, 0, FRAMES_MAX, err);
}

/* What a complete play must have had besides its time. */
static bool check_seen(const struct play_start *start, struct err *err)
{
	if (!play_output_is_visible(start->output))
		return err_set(err, ERR_INVALID,
			       "outcome: complete, but the output was %s",
			       play_output_name(start->output));
	if (start->proof.known && start->proof.frames == 0)
		return err_set(err, ERR_INVALID,
			       "frames: complete, but no frame was presented");
	return true;
}

bool play_check(const struct play *play, struct err *err)
{
	if (!check_range("seq", play->seq, 1, INT64_MAX, err) ||
	    !check_start(&play->start, err) ||
	    !check_range("shown_ms", play->shown.ms, 0, PLAY_SHOWN_MAX_MS, err) ||
	    !check_range("outcome", (int64_t)play->outcome, PLAY_COMPLETE, PLAY_OUTPUT,
			 err))
		return false;
	if (play->outcome != PLAY_COMPLETE)
		return true;
	if (!check_seen(&play->start, err))
		return false;
	if (play->shown.ms < play->start.planned.ms - FRAME_MAX_MS)
		return err_set(err, ERR_INVALID,
			       "shown_ms: %" PRId64
			       " is too short for a complete play of %" PRId64,
			       play->shown.ms, play->start.planned.ms);
	return true;
}
