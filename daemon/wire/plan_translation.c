#include "wire/plan_translation.h"

#include "core/arena.h"
#include "core/err.h"
#include "core/plan.h"
#include "wire/json.h"

/* A sentence of one language may take twice as many characters in another. */
#define WORD_MAX  80
#define TITLE_MAX 160

static bool no_memory(const struct json_node *node, struct err *err)
{
	json_fail(node, NULL, err, "out of memory");
	err->code = ERR_NO_MEMORY;
	return false;
}

/* A list that goes with one of the plan must be as long. */
static bool get_list(struct json_node *object, const char *key, size_t count,
		     struct json_node *out, struct err *err)
{
	size_t found;

	return json_get_array(object, key, count, out, &found, err) &&
	       (found == count ||
		json_fail(out, NULL, err, "expected %zu, as in the plan, got %zu", count,
			  found));
}

static bool get_texts(struct json_node *array, size_t count, struct arena *arena,
		      const char ***out, struct err *err)
{
	const char **texts = arena_array(arena, count, sizeof(*texts));

	if (!texts)
		return no_memory(array, err);
	for (size_t i = 0; i < count; i++) {
		const char *text;

		if (!json_item_string(array, i, TITLE_MAX, &text, err))
			return false;
		texts[i] = arena_strdup(arena, text);
		if (!texts[i])
			return no_memory(array, err);
	}
	*out = texts;
	return true;
}

/* What an indicator counts in which way, in words. */
struct measures {
	const char *texts[2]; /* by enum measure */
};

static bool read_measures(struct json_node *object, struct arena *arena,
			  struct measures *out, struct err *err)
{
	struct json_node node;

	return json_get_object(object, "measures", &node, err) &&
	       json_get_text(&node, "annual", WORD_MAX, arena,
			     &out->texts[MEASURE_ANNUAL], err) &&
	       json_get_text(&node, "cumulative", WORD_MAX, arena,
			     &out->texts[MEASURE_CUMULATIVE], err) &&
	       json_done(&node, err);
}

static bool read_stages(struct json_node *object, struct plan *plan, struct err *err)
{
	struct json_node node;

	return json_get_object(object, "stages", &node, err) &&
	       json_get_text(&node, "research", WORD_MAX, plan->arena,
			     &plan->stages[STAGE_RESEARCH], err) &&
	       json_get_text(&node, "consideration", WORD_MAX, plan->arena,
			     &plan->stages[STAGE_CONSIDERATION], err) &&
	       json_get_text(&node, "implementation", WORD_MAX, plan->arena,
			     &plan->stages[STAGE_IMPLEMENTATION], err) &&
	       json_done(&node, err);
}

/* --- Initiatives --- */

static bool read_indicator(struct json_node *object, const struct measures *measures,
			   struct arena *arena, struct initiative *initiative,
			   struct err *err)
{
	struct plan_indicator *copy = arena_alloc(arena, sizeof(*copy));
	struct plan_series *series;

	if (!copy)
		return no_memory(object, err);
	*copy = *initiative->indicator;
	series = arena_array(arena, copy->series_count, sizeof(*series));
	if (!series)
		return no_memory(object, err);
	for (size_t i = 0; i < copy->series_count; i++) {
		series[i] = copy->series[i];
		series[i].unit = ""; /* the name says what is counted */
	}
	copy->series = series;
	copy->measure_text = measures->texts[copy->measure];
	initiative->indicator = copy;
	return json_get_text(object, "indicator", TITLE_MAX, arena, &copy->name, err);
}

static bool read_phases(struct json_node *object, struct arena *arena,
			struct initiative *initiative, struct err *err)
{
	struct plan_phase *phases =
		arena_array(arena, initiative->phase_count, sizeof(*phases));
	struct json_node array, phase, lines;

	if (!phases)
		return no_memory(object, err);
	if (!get_list(object, "phases", initiative->phase_count, &array, err))
		return false;
	for (size_t i = 0; i < initiative->phase_count; i++) {
		phases[i] = initiative->phases[i];
		if (!json_item_object(&array, i, &phase, err) ||
		    !json_get_array(&phase, "lines", PLAN_LINES_MAX, &lines,
				    &phases[i].line_count, err) ||
		    !get_texts(&lines, phases[i].line_count, arena, &phases[i].lines,
			       err) ||
		    !json_done(&phase, err))
			return false;
		if (phases[i].line_count == 0)
			return json_fail(&lines, NULL, err, "is empty");
	}
	initiative->phases = phases;
	return true;
}

/* What the initiative has, and nothing else: json_done() finds the rest. */
static bool read_words(struct json_node *object, const struct measures *measures,
		       struct arena *arena, struct initiative *initiative,
		       struct err *err)
{
	switch (initiative->kind) {
	case INITIATIVE_INDICATOR:
		return read_indicator(object, measures, arena, initiative, err);
	case INITIATIVE_ROADMAP:
		return read_phases(object, arena, initiative, err);
	case INITIATIVE_ON_DEMAND:
	case INITIATIVE_ELSEWHERE:
		return json_get_text(object, "status", TITLE_MAX, arena,
				     &initiative->status, err);
	}
	return true;
}

static bool read_initiative(struct json_node *object, const struct measures *measures,
			    struct arena *arena, struct initiative *initiative,
			    struct err *err)
{
	const bool parted = initiative->subtitle != NULL;
	int64_t number;

	initiative->departments = NULL;
	initiative->department_count = 0;
	if (!json_get_int(object, "number", 1, PLAN_INITIATIVES_MAX, &number, err) ||
	    !json_get_text(object, "title", TITLE_MAX, arena, &initiative->title, err) ||
	    (parted && !json_get_text(object, "subtitle", TITLE_MAX, arena,
				      &initiative->subtitle, err)) ||
	    !json_get_text(object, "short_title", WORD_MAX, arena,
			   &initiative->short_title, err) ||
	    !read_words(object, measures, arena, initiative, err) ||
	    !json_done(object, err))
		return false;
	if (number != initiative->number)
		return json_fail(object, "number", err, "expected %d, got %d",
				 initiative->number, (int)number);
	return true;
}

static bool read_initiatives(struct json_node *object, const struct measures *measures,
			     struct plan *plan, struct err *err)
{
	struct initiative *initiatives =
		arena_array(plan->arena, plan->initiative_count, sizeof(*initiatives));
	struct json_node array, node;

	if (!initiatives)
		return no_memory(object, err);
	if (!get_list(object, "initiatives", plan->initiative_count, &array, err))
		return false;
	for (size_t i = 0; i < plan->initiative_count; i++) {
		initiatives[i] = plan->initiatives[i];
		if (!json_item_object(&array, i, &node, err) ||
		    !read_initiative(&node, measures, plan->arena, &initiatives[i], err))
			return false;
	}
	plan->initiatives = initiatives;
	return true;
}

/* --- Headings --- */

static bool read_fields(struct json_node *object, struct plan *plan, struct err *err)
{
	struct plan_text *fields =
		arena_array(plan->arena, plan->field_count, sizeof(*fields));
	struct json_node array;
	const char **titles;

	if (!fields)
		return no_memory(object, err);
	if (!get_list(object, "fields", plan->field_count, &array, err) ||
	    !get_texts(&array, plan->field_count, plan->arena, &titles, err))
		return false;
	for (size_t i = 0; i < plan->field_count; i++)
		fields[i] =
			(struct plan_text){.id = plan->fields[i].id, .title = titles[i]};
	plan->fields = fields;
	return true;
}

/* A heading without its sentences. */
static bool get_heading(struct json_node *object, const char *key, struct arena *arena,
			struct plan_text *text, struct err *err)
{
	*text = (struct plan_text){.id = text->id};
	return json_get_text(object, key, TITLE_MAX, arena, &text->title, err);
}

static bool read_translation(struct json_node *object, struct plan *plan, struct err *err)
{
	static const char *const states[] = {"仮訳", "確定"};
	struct arena *arena = plan->arena;
	struct measures measures;
	int state;

	plan->position = plan->local = plan->progress = (struct plan_text){0};
	if (!json_get_enum(object, "status", states, ARRAY_LEN(states), &state, err) ||
	    !json_get_text(object, "city", WORD_MAX, arena, &plan->city, err) ||
	    !json_get_text(object, "title", TITLE_MAX, arena, &plan->title, err) ||
	    !json_get_text(object, "source", TITLE_MAX, arena, &plan->source, err) ||
	    !json_get_text(object, "principle", TITLE_MAX, arena, &plan->principle,
			   err) ||
	    !get_heading(object, "principle_title", arena, &plan->principle_text, err) ||
	    !get_heading(object, "approach_title", arena, &plan->approach, err) ||
	    !read_fields(object, plan, err) || !read_stages(object, plan, err) ||
	    !read_measures(object, arena, &measures, err) ||
	    !read_initiatives(object, &measures, plan, err))
		return false;
	plan->provisional = state == 0;
	return json_done(object, err);
}

bool plan_translations_read(struct json_node *root, struct plan *plan, struct err *err)
{
	const struct plan original = *plan;
	struct json_node languages, node;

	if (!json_has(root, "translations"))
		return true;
	if (!json_get_object(root, "translations", &languages, err))
		return false;
	for (int i = 0; i < NOTICE_LANGUAGES; i++) {
		const char *name = notice_language_name((enum notice_language)i);
		struct plan *translation;

		if (!json_has(&languages, name))
			continue;
		translation = arena_alloc(plan->arena, sizeof(*translation));
		if (!translation)
			return no_memory(&languages, err);
		*translation = original;
		if (!json_get_object(&languages, name, &node, err) ||
		    !read_translation(&node, translation, err))
			return false;
		plan->translations[i] = translation;
	}
	return json_done(&languages, err);
}
