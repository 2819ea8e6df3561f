/* Results by fiscal year (PDCA): what staff enter, correct and withdraw. */
#include "city/results.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "city/api.h"
#include "city/buffer.h"
#include "city/city.h"
#include "core/arena.h"
#include "core/err.h"
#include "core/plan.h"
#include "store/citydb.h"
#include "wire/json.h"

#define BODY_MAX (16 * 1024)
#define LIST_MAX ((size_t)16 * 1024 * 1024)
/* Room for every figure of the largest plan in every year that it may have results of. */
#define HELD_MAX        (PLAN_INITIATIVES_MAX * PLAN_SERIES_MAX * PLAN_RESULTS_MAX)
#define HELD_BYTES      ((size_t)HELD_MAX * 2048)
#define INITIATIVES_MAX 1000000

static void free_document(struct json_doc **doc)
{
	json_doc_free(*doc);
}

/* ---- What holds now ---- */

static const char *keep(struct arena *arena, const char *text)
{
	return arena_strdup(arena, text);
}

static bool hold(void *context, const struct result_row *row, struct err *err)
{
	struct results_held *held = context;
	struct result_row *own = &held->rows[held->count];

	if (held->count == held->room)
		return err_set(err, ERR_TOO_LARGE, "there are over %zu results",
			       held->room);
	*own = *row;
	own->result.series = keep(held->arena, row->result.series);
	own->result.source = keep(held->arena, row->result.source);
	own->result.note = keep(held->arena, row->result.note);
	own->who = keep(held->arena, row->who);
	if (!own->result.series || !own->result.source || !own->result.note || !own->who)
		return err_set(err, ERR_NO_MEMORY, "out of memory");
	held->count++;
	return true;
}

bool results_held_read(struct city *city, struct results_held *out, struct err *err)
{
	const struct results_filter all = {0};

	*out = (struct results_held){.arena = arena_new(HELD_BYTES), .room = HELD_MAX};
	out->rows = out->arena ? arena_array(out->arena, out->room, sizeof(*out->rows))
			       : NULL;
	if (!out->rows)
		return err_set(err, ERR_NO_MEMORY, "out of memory");
	return results_newest(city->db, &out->newest, err) &&
	       results_each(city->db, &all, hold, out, err);
}

void results_held_done(struct results_held *held)
{
	arena_free(held->arena);
}

const struct result_row *results_held_find(const struct results_held *held,
					   const struct result *result)
{
	for (size_t i = 0; i < held->count; i++)
		if (result_same_place(&held->rows[i].result, result))
			return &held->rows[i];
	return NULL;
}

/* ---- JSON ---- */

static void add_word(struct buffer *out, const char *key, const char *word)
{
	if (!word[0])
		return;
	buffer_printf(out, ",\"%s\":", key);
	buffer_json(out, word);
}

void results_add_place(struct buffer *out, const struct result *result)
{
	buffer_printf(out, ",\"initiative\":%d", result->initiative);
	add_word(out, "series", result->series);
	buffer_printf(out, ",\"fiscal_year\":%d", result->fiscal_year);
}

void results_add_value(struct buffer *out, const char *key, const struct result *result)
{
	if (result && !result->withdrawn)
		buffer_printf(out, ",\"%s\":%" PRId64, key, result->value);
	else
		buffer_printf(out, ",\"%s\":null", key);
}

void results_add_words(struct buffer *out, const struct result *result)
{
	add_word(out, "source", result->source);
	add_word(out, "note", result->note);
}

/* Whether the plan that the screens show has this very figure. */
static bool is_published(const struct city *city, const struct result *result)
{
	struct err ignored;
	const struct plan_series *series = result_series(city->plan, result, &ignored);

	for (size_t i = 0; series && i < series->result_count; i++) {
		const struct plan_result *shown = &series->results[i];

		if (shown->fiscal_year == result->fiscal_year)
			return shown->value == result->value &&
			       strcmp(shown->source, result->source) == 0;
	}
	return false;
}

struct list {
	struct buffer *out;
	const struct city *city;
	bool history;
	size_t count;
};

static bool add_row(void *context, const struct result_row *row, struct err *err)
{
	struct list *list = context;
	struct buffer *out = list->out;
	char at[WALL_TEXT_SIZE];

	(void)err;
	wall_format_jst(row->at, at);
	buffer_printf(out, "%s{\"number\":%" PRId64, list->count++ > 0 ? "," : "",
		      row->number);
	results_add_place(out, &row->result);
	results_add_value(out, "value", &row->result);
	results_add_words(out, &row->result);
	buffer_add(out, ",\"who\":");
	buffer_json(out, row->who);
	buffer_printf(out, ",\"at\":\"%s\"", at);
	if (!list->history)
		buffer_printf(out, ",\"published\":%s",
			      is_published(list->city, &row->result) ? "true" : "false");
	buffer_add(out, "}");
	return true;
}

bool results_query_read(const struct request *request, struct results_filter *out,
			struct err *err)
{
	struct results_filter filter = {.history = strcmp(request->history, "true") == 0};
	int64_t initiative = 0;

	if (request->fiscal_year[0] &&
	    !fiscal_year_parse(request->fiscal_year, &filter.fiscal_year, err))
		return err_prefix(err, "fiscal_year");
	if (request->initiative[0] && !request_number("initiative", request->initiative,
						      INITIATIVES_MAX, &initiative, err))
		return false;
	if (request->history[0] && !filter.history)
		return err_set(err, ERR_INVALID, "history: expected true, got \"%s\"",
			       request->history);
	filter.initiative = (int)initiative;
	*out = filter;
	return true;
}

bool api_results(struct city *city, struct request *request, struct reply *reply,
		 struct err *err)
{
	CLEANUP(buffer_done) struct buffer out;
	struct list list = {.out = &out, .city = city};
	struct results_filter filter;
	int64_t newest;

	buffer_init(&out, LIST_MAX);
	if (!results_query_read(request, &filter, err) ||
	    !results_newest(city->db, &newest, err))
		return false;
	list.history = filter.history;
	buffer_printf(&out, "{\"newest\":%" PRId64 ",\"results\":[", newest);
	if (!results_each(city->db, &filter, add_row, &list, err))
		return false;
	buffer_add(&out, "]}");
	return reply_take(reply, &out, err);
}

/* ---- Entering and withdrawing ---- */

bool results_enter(struct city *city, const struct request *request,
		   const struct result *result, const struct result_row *before,
		   struct err *err)
{
	char object[200], held[32] = "-", now[32] = "-", detail[AUDIT_TEXT_MAX];

	snprintf(object, sizeof(object), "%d%s%s %d", result->initiative,
		 result->series[0] ? "/" : "", result->series, result->fiscal_year);
	if (before)
		snprintf(held, sizeof(held), "%" PRId64, before->result.value);
	if (!result->withdrawn)
		snprintf(now, sizeof(now), "%" PRId64, result->value);
	snprintf(detail, sizeof(detail), "%s -> %s; %s; %s", held, now, result->source,
		 result->note);
	return results_append(city->db, result, request->staff.name, request->now.wall,
			      err) &&
	       audit_append(city->db, request->staff.name,
			    result->withdrawn ? "withdraw result" : "enter result",
			    object, detail, request->now.wall, err);
}

static bool read_place(struct json_node *root, struct result *out, struct err *err)
{
	int64_t initiative, year;

	out->series = "";
	if (!json_get_int(root, "initiative", 1, INITIATIVES_MAX, &initiative, err) ||
	    (json_has(root, "series") &&
	     !json_get_string(root, "series", PLAN_SOURCE_MAX, &out->series, err)) ||
	    !json_get_int(root, "fiscal_year", FISCAL_YEAR_MIN, FISCAL_YEAR_MAX, &year,
			  err))
		return false;
	out->initiative = (int)initiative;
	out->fiscal_year = (int)year;
	return true;
}

static bool read_result(struct json_node *root, struct result *out, struct err *err)
{
	out->source = out->note = "";
	return read_place(root, out, err) &&
	       (out->withdrawn ||
		(json_get_int(root, "value", 0, PLAN_VALUE_MAX, &out->value, err) &&
		 json_get_string(root, "source", PLAN_SOURCE_MAX, &out->source, err))) &&
	       (!json_has(root, "note") ||
		json_get_string(root, "note", RESULT_NOTE_MAX, &out->note, err)) &&
	       json_done(root, err);
}

static bool check(const struct city *city, const struct result *result,
		  const struct result_row *before, struct wall_ms now, struct err *err)
{
	enum result_part part;

	if (result->withdrawn && !before)
		return err_set(err, ERR_NOT_FOUND,
			       "initiative %d%s%s has no result for %d to withdraw",
			       result->initiative, result->series[0] ? "/" : "",
			       result->series, result->fiscal_year);
	if (result->withdrawn ? result_check_itself(result, &part, err)
			      : result_check(city->plan, result, now, &part, err))
		return true;
	return err_prefix(err, "%s", result_part_name(part));
}

static bool change(struct city *city, const struct request *request, struct reply *reply,
		   bool withdrawn, struct err *err)
{
	CLEANUP(free_document)
	struct json_doc *doc = json_parse("results", request->body ? request->body : "",
					  request->body_len, BODY_MAX, err);
	CLEANUP(results_held_done) struct results_held held = {0};
	CLEANUP(buffer_done) struct buffer out;
	struct result result = {.withdrawn = withdrawn};
	const struct result_row *before;
	struct json_node root;
	bool ok;

	buffer_init(&out, BODY_MAX);
	if (!doc || !json_root(doc, &root, err) || !read_result(&root, &result, err) ||
	    !results_held_read(city, &held, err))
		return false;
	before = results_held_find(&held, &result);
	if (!check(city, &result, before, request->now.wall, err) ||
	    !db_begin(city->db, err))
		return false;
	ok = results_enter(city, request, &result, before, err);
	if (!db_end(city->db, ok, err))
		return false;
	buffer_printf(&out, "{\"number\":%" PRId64, held.newest + 1);
	results_add_place(&out, &result);
	results_add_value(&out, "before", before ? &before->result : NULL);
	results_add_value(&out, "value", &result);
	buffer_add(&out, "}");
	return reply_take(reply, &out, err);
}

bool api_result_set(struct city *city, struct request *request, struct reply *reply,
		    struct err *err)
{
	return change(city, request, reply, false, err);
}

bool api_result_withdraw(struct city *city, struct request *request, struct reply *reply,
			 struct err *err)
{
	return change(city, request, reply, true, err);
}
