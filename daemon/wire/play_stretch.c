#include "wire/play_stretch.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "core/err.h"
#include "wire/envelope.h"
#include "wire/json.h"
#include "wire/json_member.h"
#include "wire/key.h"

#define HOUR_MS        INT64_C(3600000)
#define TOTAL_INTEGERS 7 /* hour, outcome, output, plays, shown_ms, first, last */
/* Integers that every reader of JSON keeps exactly (RFC 8259 §6). */
#define INTEGER_MAX INT64_C(9007199254740991)

static const struct {
	const char *type, *format;
} names[] = {
	[PLAY_STRETCH_LOST] = {"lost", "ekimae.lost/1"},
	[PLAY_STRETCH_FOLD] = {"fold", "ekimae.fold/1"},
};

void play_stretch_done(struct play_stretch *stretch)
{
	free(stretch->slides);
	free(stretch->totals);
	stretch->slides = NULL;
	stretch->totals = NULL;
	stretch->slide_count = stretch->total_count = 0;
}

/* --- Writing --------------------------------------------------------------------------- */

/* Totals of one slide, one after another in a flat array: there may be thousands. */
static json_t *totals_to_json(const struct play_stretch *stretch, size_t slide,
			      size_t *next)
{
	json_t *array = json_array();
	bool fine = array != NULL;

	for (; fine && *next < stretch->total_count; (*next)++) {
		const struct play_total *total = &stretch->totals[*next];
		const int64_t numbers[TOTAL_INTEGERS] = {
			total->hour,
			(int64_t)total->outcome,
			(int64_t)total->output,
			total->plays,
			total->shown.ms,
			total->first.ms - total->hour * HOUR_MS,
			total->last.ms - total->hour * HOUR_MS,
		};

		if (total->slide != slide)
			break;
		for (size_t i = 0; fine && i < TOTAL_INTEGERS; i++)
			fine = json_array_append_new(array, json_integer(numbers[i])) ==
			       0;
	}
	if (fine)
		return array;
	json_decref(array);
	return NULL;
}

static json_t *slides_to_json(const struct play_stretch *stretch)
{
	json_t *array = json_array();
	size_t next = 0;

	for (size_t i = 0; array && i < stretch->slide_count; i++) {
		const struct play_slide *slide = &stretch->slides[i];
		char content[SHA256_HEX_SIZE];

		hex_encode(slide->content_hash, SHA256_SIZE, content);
		if (json_array_append_new(
			    array, json_pack("{s:s, s:s, s:I, s:s, s:o}", "slide",
					     slide->slide_id, "item", slide->item_id,
					     "revision", (json_int_t)slide->item_revision,
					     "content", content, "totals",
					     totals_to_json(stretch, i, &next))) != 0) {
			json_decref(array);
			return NULL;
		}
	}
	return array;
}

static json_t *content_of(const struct play_stretch *stretch)
{
	char previous[SHA256_HEX_SIZE], head[SHA256_HEX_SIZE];
	json_t *content;
	bool fine;

	hex_encode(stretch->previous, SHA256_SIZE, previous);
	hex_encode(stretch->head, SHA256_SIZE, head);
	content = json_pack(
		"{s:s, s:s, s:s, s:I, s:I, s:s, s:s}", "_type", names[stretch->kind].type,
		"format", names[stretch->kind].format, "screen", stretch->screen_id,
		"first", (json_int_t)stretch->first, "last", (json_int_t)stretch->last,
		"previous", previous, "head", head);
	if (!content)
		return NULL;
	if (stretch->kind == PLAY_STRETCH_LOST)
		fine = json_put_text(content, "reason", stretch->reason);
	else
		fine = json_put_text(content, "boot", stretch->boot_id) &&
		       json_put_int(content, "first_offset_ms",
				    stretch->first_offset_ms) &&
		       json_put_int(content, "last_offset_ms", stretch->last_offset_ms) &&
		       json_put(content, "slides", slides_to_json(stretch));
	if (fine)
		return content;
	json_decref(content);
	return NULL;
}

char *play_stretch_to_json(const struct play_stretch *stretch,
			   const struct signer *signer, size_t *out_len, struct err *err)
{
	size_t len;
	char *text;

	if (stretch->slide_count > PLAY_STRETCH_SLIDES_MAX ||
	    stretch->total_count > PLAY_STRETCH_TOTALS_MAX) {
		err_set(err, ERR_TOO_LARGE,
			"plays: %zu totals of %zu slides are too many: fold fewer rows",
			stretch->total_count, stretch->slide_count);
		return NULL;
	}
	text = envelope_seal(content_of(stretch), signer, &len, err);
	if (text && len > PLAY_BATCH_MAX) {
		err_set(err, ERR_TOO_LARGE,
			"plays: the totals have %zu bytes, at most %d are accepted: fold "
			"fewer rows",
			len, PLAY_BATCH_MAX);
		free(text);
		return NULL;
	}
	if (text)
		*out_len = len;
	return text;
}

/* --- Reading --------------------------------------------------------------------------- */

/* Integer @index of a flat array. */
static bool item_int(const struct json_node *array, size_t index, int64_t min,
		     int64_t max, int64_t *out, struct err *err)
{
	const json_t *item = json_array_get(array->value, index);

	if (!json_is_integer(item) || json_integer_value(item) < min ||
	    json_integer_value(item) > max)
		return json_fail(array, NULL, err,
				 "number %zu: expected an integer %" PRId64 "–%" PRId64,
				 index + 1, min, max);
	*out = json_integer_value(item);
	return true;
}

/*
 * Judged as a play of the same outcome would be: so nothing counts in totals that would not
 * have counted as a row.
 */
static bool check_total(const struct json_node *array, const struct play_total *total,
			struct err *err)
{
	if (total->first.ms > total->last.ms ||
	    (total->plays == 1 && total->first.ms != total->last.ms))
		return json_fail(array, NULL, err, "first and last are out of order");
	if (total->outcome == PLAY_COMPLETE && !play_output_is_visible(total->output))
		return json_fail(array, NULL, err,
				 "complete plays, but the output was %s",
				 play_output_name(total->output));
	return true;
}

static bool read_total(const struct json_node *array, size_t at, struct play_total *out,
		       struct err *err)
{
	int64_t outcome, output, first, last;

	if (!item_int(array, at, WALL_MS_MIN / HOUR_MS, WALL_MS_MAX / HOUR_MS, &out->hour,
		      err) ||
	    !item_int(array, at + 1, PLAY_COMPLETE, PLAY_OUTPUT, &outcome, err) ||
	    !item_int(array, at + 2, PLAY_OUTPUT_ON, PLAY_OUTPUT_BLACK, &output, err) ||
	    !item_int(array, at + 3, 1, PLAY_STRETCH_ROWS_MAX, &out->plays, err) ||
	    !item_int(array, at + 4, 0, out->plays * PLAY_SHOWN_MAX_MS, &out->shown.ms,
		      err) ||
	    !item_int(array, at + 5, 0, HOUR_MS - 1, &first, err) ||
	    !item_int(array, at + 6, 0, HOUR_MS - 1, &last, err))
		return false;
	out->outcome = (enum play_outcome)outcome;
	out->output = (enum play_output)output;
	out->first.ms = out->hour * HOUR_MS + first;
	out->last.ms = out->hour * HOUR_MS + last;
	return check_total(array, out, err);
}

static bool read_totals(struct json_node *slide, struct play_stretch *out,
			struct err *err)
{
	struct json_node array;
	size_t count;

	if (!json_get_array(slide, "totals",
			    (PLAY_STRETCH_TOTALS_MAX - out->total_count) * TOTAL_INTEGERS,
			    &array, &count, err))
		return false;
	if (count == 0 || count % TOTAL_INTEGERS != 0)
		return json_fail(&array, NULL, err, "expected groups of %d numbers",
				 TOTAL_INTEGERS);
	for (size_t i = 0; i < count; i += TOTAL_INTEGERS) {
		struct play_total *total = &out->totals[out->total_count];

		total->slide = out->slide_count;
		if (!read_total(&array, i, total, err))
			return false;
		out->total_count++;
	}
	return true;
}

/* One play of the slide, to be checked as rows are. */
static bool check_slide(const struct json_node *node, const struct play_slide *slide,
			const char *boot_id, struct err *err)
{
	struct play play = {
		.seq = 1,
		.start = {.item_revision = slide->item_revision, .planned = {1}},
		.outcome = PLAY_POWER,
	};

	memcpy(play.start.boot_id, boot_id, sizeof(play.start.boot_id));
	memcpy(play.start.slide_id, slide->slide_id, sizeof(play.start.slide_id));
	memcpy(play.start.item_id, slide->item_id, sizeof(play.start.item_id));
	return play_check(&play, err) || err_prefix(err, "%s", node->path);
}

static bool read_slides(struct json_node *content, struct play_stretch *out,
			struct err *err)
{
	struct json_node array, item;
	size_t count;

	if (!json_get_array(content, "slides", PLAY_STRETCH_SLIDES_MAX, &array, &count,
			    err))
		return false;
	if (count == 0)
		return json_fail(&array, NULL, err, "expected at least one slide");
	out->slides = calloc(count, sizeof(*out->slides));
	out->totals = calloc(PLAY_STRETCH_TOTALS_MAX, sizeof(*out->totals));
	if (!out->slides || !out->totals)
		return json_no_memory(&array, err);
	for (; out->slide_count < count; out->slide_count++) {
		struct play_slide *slide = &out->slides[out->slide_count];

		if (!json_item_object(&array, out->slide_count, &item, err) ||
		    !json_get_chars(&item, "slide", slide->slide_id,
				    sizeof(slide->slide_id), err) ||
		    !json_get_chars(&item, "item", slide->item_id, sizeof(slide->item_id),
				    err) ||
		    !json_get_int(&item, "revision", 0, INTEGER_MAX,
				  &slide->item_revision, err) ||
		    !json_get_hex(&item, "content", slide->content_hash, SHA256_SIZE,
				  err) ||
		    !read_totals(&item, out, err) || !json_done(&item, err) ||
		    !check_slide(&item, slide, out->boot_id, err))
			return false;
	}
	return true;
}

static bool read_fold(struct json_node *content, struct play_stretch *out,
		      struct err *err)
{
	int64_t plays = 0;

	if (!json_get_chars(content, "boot", out->boot_id, sizeof(out->boot_id), err) ||
	    !json_get_int(content, "first_offset_ms", -INTEGER_MAX, INTEGER_MAX,
			  &out->first_offset_ms, err) ||
	    !json_get_int(content, "last_offset_ms", -INTEGER_MAX, INTEGER_MAX,
			  &out->last_offset_ms, err) ||
	    !read_slides(content, out, err))
		return false;
	for (size_t i = 0; i < out->total_count; i++)
		plays += out->totals[i].plays;
	if (plays != out->last - out->first + 1)
		return json_fail(content, "slides", err,
				 "the totals are of %" PRId64 " plays, not of %" PRId64,
				 plays, out->last - out->first + 1);
	return true;
}

bool play_stretch_read(struct json_node *content, enum play_stretch_kind kind,
		       struct play_stretch *out, struct err *err)
{
	struct play_stretch stretch = {.kind = kind};
	bool fine;

	fine = envelope_type(content, names[kind].type, names[kind].format, err) &&
	       envelope_screen(content, stretch.screen_id, err) &&
	       json_get_int(content, "first", 1, INTEGER_MAX - 1, &stretch.first, err) &&
	       json_get_int(content, "last", stretch.first, INTEGER_MAX - 1,
			    &stretch.last, err) &&
	       json_get_hex(content, "previous", stretch.previous, SHA256_SIZE, err) &&
	       json_get_hex(content, "head", stretch.head, SHA256_SIZE, err) &&
	       (kind == PLAY_STRETCH_LOST
			? json_get_chars(content, "reason", stretch.reason,
					 sizeof(stretch.reason), err)
			: read_fold(content, &stretch, err)) &&
	       json_done(content, err);
	if (!fine) {
		play_stretch_done(&stretch);
		return false;
	}
	*out = stretch;
	return true;
}
