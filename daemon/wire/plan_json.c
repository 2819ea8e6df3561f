#include "wire/plan_json.h"

#include <stdbool.h>

#include "core/arena.h"
#include "core/err.h"
#include "core/plan.h"
#include "wire/json.h"
#include "wire/plan_translation.h"

#define ARENA_MAX      (16 * (size_t)PLAN_JSON_MAX)
#define ID_MAX         32
#define WORD_MAX       40 /* a unit, a label, a code */
#define TITLE_MAX      80
#define PARAGRAPH_MAX  400
#define SOURCE_URL_MAX 300
#define YEAR_MIN       2000
#define YEAR_MAX       2199

static bool no_memory(const struct json_node *node, struct err *err)
{
	json_fail(node, NULL, err, "out of memory");
	err->code = ERR_NO_MEMORY;
	return false;
}

/* As json_get_text(), but a missing key leaves @out NULL. */
static bool optional_text(struct json_node *object, const char *key, size_t max_chars,
			  struct arena *arena, const char **out, struct err *err)
{
	return !json_has(object, key) ||
	       json_get_text(object, key, max_chars, arena, out, err);
}

static bool get_year(struct json_node *object, const char *key, int *out, struct err *err)
{
	int64_t year;

	if (!json_get_int(object, key, YEAR_MIN, YEAR_MAX, &year, err))
		return false;
	*out = (int)year;
	return true;
}

static bool get_strings(struct json_node *object, const char *key, size_t max_items,
			size_t max_chars, struct arena *arena, const char ***out,
			size_t *out_count, struct err *err)
{
	struct json_node array;
	const char **strings;
	size_t count;

	if (!json_get_array(object, key, max_items, &array, &count, err))
		return false;
	strings = arena_array(arena, count, sizeof(*strings));
	if (!strings)
		return no_memory(&array, err);
	for (size_t i = 0; i < count; i++) {
		const char *text;

		if (!json_item_string(&array, i, max_chars, &text, err))
			return false;
		strings[i] = arena_strdup(arena, text);
		if (!strings[i])
			return no_memory(&array, err);
	}
	*out = strings;
	*out_count = count;
	return true;
}

static bool read_figure(struct json_node *object, const char *key,
			struct plan_figure *figure, struct err *err)
{
	struct json_node node;

	return json_get_object(object, key, &node, err) &&
	       get_year(&node, "fiscal_year", &figure->fiscal_year, err) &&
	       json_get_int(&node, "value", 0, PLAN_VALUE_MAX, &figure->value, err) &&
	       json_done(&node, err);
}

static bool read_results(struct json_node *object, struct arena *arena,
			 struct plan_series *series, struct err *err)
{
	struct json_node array, node;

	if (!json_has(object, "results"))
		return true;
	if (!json_get_array(object, "results", PLAN_RESULTS_MAX, &array,
			    &series->result_count, err))
		return false;
	series->results =
		arena_array(arena, series->result_count, sizeof(*series->results));
	if (!series->results)
		return no_memory(&array, err);
	for (size_t i = 0; i < series->result_count; i++) {
		struct plan_result *result = &series->results[i];

		if (!json_item_object(&array, i, &node, err) ||
		    !get_year(&node, "fiscal_year", &result->fiscal_year, err) ||
		    !json_get_int(&node, "value", 0, PLAN_VALUE_MAX, &result->value,
				  err) ||
		    !json_get_text(&node, "source", PLAN_SOURCE_MAX, arena,
				   &result->source, err) ||
		    !json_done(&node, err))
			return false;
	}
	return true;
}

static bool read_series(struct json_node *object, struct arena *arena,
			struct plan_series *series, struct err *err)
{
	return optional_text(object, "label", WORD_MAX, arena, &series->label, err) &&
	       json_get_text(object, "unit", WORD_MAX, arena, &series->unit, err) &&
	       read_figure(object, "baseline", &series->baseline, err) &&
	       json_get_bool(object, "baseline_is_estimate",
			     &series->baseline_is_estimate, err) &&
	       read_figure(object, "target", &series->target, err) &&
	       read_results(object, arena, series, err) && json_done(object, err);
}

static bool read_indicator(struct json_node *object, struct arena *arena,
			   struct plan_indicator **out, struct err *err)
{
	static const char *const measures[] = {
		[MEASURE_ANNUAL] = "annual",
		[MEASURE_CUMULATIVE] = "cumulative",
	};
	struct plan_indicator *indicator;
	struct json_node node, array, item;
	int measure;

	if (!json_has(object, "indicator"))
		return true;
	if (!json_get_object(object, "indicator", &node, err))
		return false;
	indicator = arena_alloc(arena, sizeof(*indicator));
	if (!indicator)
		return no_memory(&node, err);
	if (!json_get_text(&node, "name", TITLE_MAX, arena, &indicator->name, err) ||
	    !json_get_enum(&node, "measure", measures, ARRAY_LEN(measures), &measure,
			   err) ||
	    !json_get_text(&node, "measure_text", WORD_MAX, arena,
			   &indicator->measure_text, err) ||
	    !json_get_array(&node, "series", PLAN_SERIES_MAX, &array,
			    &indicator->series_count, err) ||
	    !json_done(&node, err))
		return false;
	indicator->measure = (enum measure)measure;
	indicator->series =
		arena_array(arena, indicator->series_count, sizeof(*indicator->series));
	if (!indicator->series)
		return no_memory(&array, err);
	for (size_t i = 0; i < indicator->series_count; i++)
		if (!json_item_object(&array, i, &item, err) ||
		    !read_series(&item, arena, &indicator->series[i], err))
			return false;
	*out = indicator;
	return true;
}

static bool read_stages(struct json_node *object, unsigned *out, struct err *err)
{
	static const char *const names[] = {
		[STAGE_RESEARCH] = "research",
		[STAGE_CONSIDERATION] = "consideration",
		[STAGE_IMPLEMENTATION] = "implementation",
	};
	struct json_node array;
	unsigned stages = 0;
	size_t count;

	if (!json_get_array(object, "stages", ARRAY_LEN(names), &array, &count, err))
		return false;
	for (size_t i = 0; i < count; i++) {
		int stage;

		if (!json_item_enum(&array, i, names, ARRAY_LEN(names), &stage, err))
			return false;
		if (stages & 1U << stage)
			return json_fail(&array, NULL, err, "names \"%s\" twice",
					 names[stage]);
		stages |= 1U << stage;
	}
	*out = stages;
	return true;
}

static bool read_phases(struct json_node *object, struct arena *arena,
			struct initiative *initiative, struct err *err)
{
	struct json_node array, node;

	if (!json_has(object, "phases"))
		return true;
	if (!json_get_array(object, "phases", PLAN_PHASES_MAX, &array,
			    &initiative->phase_count, err))
		return false;
	initiative->phases =
		arena_array(arena, initiative->phase_count, sizeof(*initiative->phases));
	if (!initiative->phases)
		return no_memory(&array, err);
	for (size_t i = 0; i < initiative->phase_count; i++) {
		struct plan_phase *phase = &initiative->phases[i];

		if (!json_item_object(&array, i, &node, err) ||
		    !get_year(&node, "first_fiscal_year", &phase->first_fiscal_year,
			      err) ||
		    !get_year(&node, "last_fiscal_year", &phase->last_fiscal_year, err) ||
		    !get_strings(&node, "lines", PLAN_LINES_MAX, TITLE_MAX, arena,
				 &phase->lines, &phase->line_count, err) ||
		    !read_stages(&node, &phase->stages, err) || !json_done(&node, err))
			return false;
	}
	return true;
}

static bool read_initiative(struct json_node *object, struct arena *arena,
			    struct initiative *initiative, struct err *err)
{
	static const char *const groups[] = {
		[PLAN_GROUP_IMPLEMENTATION] = "implementation",
		[PLAN_GROUP_CONSIDERATION_AND_RESEARCH] = "consideration_and_research",
	};
	static const char *const kinds[] = {
		[INITIATIVE_INDICATOR] = "indicator",
		[INITIATIVE_ON_DEMAND] = "on_demand",
		[INITIATIVE_ROADMAP] = "roadmap",
		[INITIATIVE_ELSEWHERE] = "elsewhere",
	};
	int64_t number;
	int group, kind;

	if (!json_get_int(object, "number", 1, PLAN_INITIATIVES_MAX, &number, err) ||
	    !json_get_text(object, "title", TITLE_MAX, arena, &initiative->title, err) ||
	    !optional_text(object, "subtitle", TITLE_MAX, arena, &initiative->subtitle,
			   err) ||
	    !json_get_text(object, "short_title", WORD_MAX, arena,
			   &initiative->short_title, err) ||
	    !json_get_text(object, "pictogram", ID_MAX, arena, &initiative->pictogram,
			   err) ||
	    !get_strings(object, "departments", PLAN_DEPARTMENTS_MAX, WORD_MAX, arena,
			 &initiative->departments, &initiative->department_count, err) ||
	    !json_get_enum(object, "group", groups, ARRAY_LEN(groups), &group, err) ||
	    !json_get_enum(object, "kind", kinds, ARRAY_LEN(kinds), &kind, err) ||
	    !read_indicator(object, arena, &initiative->indicator, err) ||
	    !optional_text(object, "status", TITLE_MAX, arena, &initiative->status,
			   err) ||
	    !read_phases(object, arena, initiative, err))
		return false;
	initiative->number = (int)number;
	initiative->group = (enum plan_group)group;
	initiative->kind = (enum initiative_kind)kind;
	return json_done(object, err);
}

static bool read_initiatives(struct json_node *root, struct plan *plan, struct err *err)
{
	struct json_node array, node;

	if (!json_get_array(root, "initiatives", PLAN_INITIATIVES_MAX, &array,
			    &plan->initiative_count, err))
		return false;
	plan->initiatives = arena_array(plan->arena, plan->initiative_count,
					sizeof(*plan->initiatives));
	if (!plan->initiatives)
		return no_memory(&array, err);
	for (size_t i = 0; i < plan->initiative_count; i++)
		if (!json_item_object(&array, i, &node, err) ||
		    !read_initiative(&node, plan->arena, &plan->initiatives[i], err))
			return false;
	return true;
}

/* The members of a heading with its sentences. */
static bool read_text(struct json_node *node, struct arena *arena, struct plan_text *text,
		      struct err *err)
{
	return json_get_text(node, "id", ID_MAX, arena, &text->id, err) &&
	       json_get_text(node, "title", TITLE_MAX, arena, &text->title, err) &&
	       get_strings(node, "paragraphs", PLAN_LINES_MAX, PARAGRAPH_MAX, arena,
			   &text->paragraphs, &text->paragraph_count, err) &&
	       json_done(node, err);
}

static bool get_text(struct json_node *root, const char *key, struct arena *arena,
		     struct plan_text *text, struct err *err)
{
	struct json_node node;

	return json_get_object(root, key, &node, err) &&
	       read_text(&node, arena, text, err);
}

static bool read_fields(struct json_node *root, struct plan *plan, struct err *err)
{
	struct json_node array, node;

	if (!json_get_array(root, "fields", PLAN_FIELDS_MAX, &array, &plan->field_count,
			    err))
		return false;
	plan->fields = arena_array(plan->arena, plan->field_count, sizeof(*plan->fields));
	if (!plan->fields)
		return no_memory(&array, err);
	for (size_t i = 0; i < plan->field_count; i++)
		if (!json_item_object(&array, i, &node, err) ||
		    !read_text(&node, plan->arena, &plan->fields[i], err))
			return false;
	return true;
}

static bool read_plan(struct json_node *root, struct plan *plan, struct err *err)
{
	struct arena *arena = plan->arena;

	return json_format(root, "ekimae.plan/1", err) &&
	       json_get_text(root, "city", WORD_MAX, arena, &plan->city, err) &&
	       json_get_text(root, "municipal_code", WORD_MAX, arena,
			     &plan->municipal_code, err) &&
	       json_get_text(root, "title", TITLE_MAX, arena, &plan->title, err) &&
	       json_get_text(root, "source", TITLE_MAX, arena, &plan->source, err) &&
	       optional_text(root, "url", SOURCE_URL_MAX, arena, &plan->url, err) &&
	       json_get_text(root, "principle", TITLE_MAX, arena, &plan->principle,
			     err) &&
	       get_year(root, "first_fiscal_year", &plan->first_fiscal_year, err) &&
	       get_year(root, "last_fiscal_year", &plan->last_fiscal_year, err) &&
	       get_text(root, "position", arena, &plan->position, err) &&
	       get_text(root, "principle_text", arena, &plan->principle_text, err) &&
	       get_text(root, "local", arena, &plan->local, err) &&
	       get_text(root, "approach", arena, &plan->approach, err) &&
	       read_fields(root, plan, err) &&
	       get_text(root, "progress", arena, &plan->progress, err) &&
	       read_initiatives(root, plan, err);
}

static struct plan *plan_new(struct err *err)
{
	struct arena *arena = arena_new(ARENA_MAX);
	struct plan *plan = arena ? arena_alloc(arena, sizeof(*plan)) : NULL;

	if (!plan) {
		arena_free(arena);
		err_set(err, ERR_NO_MEMORY, "plan: out of memory");
		return NULL;
	}
	plan->arena = arena;
	return plan;
}

struct plan *plan_from_json(const char *name, const void *bytes, size_t len,
			    struct err *err)
{
	struct json_doc *doc = json_parse(name, bytes, len, PLAN_JSON_MAX, err);
	struct plan *plan = doc ? plan_new(err) : NULL;
	struct json_node root;

	if (plan && (!json_root(doc, &root, err) || !read_plan(&root, plan, err)))
		plan = plan_free(plan);
	if (plan && !plan_check(plan, err)) {
		err_prefix(err, "%s", name);
		plan = plan_free(plan);
	}
	if (plan && (!plan_translations_read(&root, plan, err) || !json_done(&root, err)))
		plan = plan_free(plan);
	json_doc_free(doc);
	return plan;
}
