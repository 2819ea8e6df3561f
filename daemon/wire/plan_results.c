#include "wire/plan_results.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/err.h"
#include "core/plan.h"
#include "core/result.h"
#include "wire/json_member.h"
#include "wire/plan_json.h"

#define NAME "plan.json"

/* The results of one series, in the order in which they came; NULL out of memory. */
static json_t *results_of(const struct result *results, size_t count, int initiative,
			  const char *series)
{
	json_t *array = json_array();

	for (size_t i = 0; array && i < count; i++) {
		const struct result *result = &results[i];
		json_t *object;

		if (result->initiative != initiative ||
		    strcmp(result->series, series) != 0)
			continue;
		object = json_object();
		if (!json_put_int(object, "fiscal_year", result->fiscal_year) ||
		    !json_put_int(object, "value", result->value) ||
		    !json_put_text(object, "source", result->source) ||
		    json_array_append(array, object) != 0) {
			json_decref(array);
			array = NULL;
		}
		json_decref(object);
	}
	return array;
}

static bool replace_in_series(json_t *series, int initiative,
			      const struct result *results, size_t count)
{
	const char *label = json_string_value(json_object_get(series, "label"));
	json_t *array = results_of(results, count, initiative, label ? label : "");

	json_object_del(series, "results");
	if (json_array_size(array) > 0)
		return json_put(series, "results", array);
	json_decref(array);
	return array != NULL;
}

/* @root is a plan that was read strictly before: what it lacks, it has no need of. */
static bool replace_all(json_t *root, const struct result *results, size_t count)
{
	json_t *initiatives = json_object_get(root, "initiatives");
	json_t *initiative, *series;
	size_t i, k;

	json_array_foreach(initiatives, i, initiative)
	{
		json_t *indicator = json_object_get(initiative, "indicator");
		int number =
			(int)json_integer_value(json_object_get(initiative, "number"));

		json_array_foreach(json_object_get(indicator, "series"), k, series)
		{
			if (!replace_in_series(series, number, results, count))
				return false;
		}
	}
	return true;
}

static bool have_places(const struct plan *plan, const struct result *results,
			size_t count, struct err *err)
{
	for (size_t i = 0; i < count; i++)
		if (!result_series(plan, &results[i], err))
			return err_prefix(err, "result of %d", results[i].fiscal_year);
	return true;
}

char *plan_results_replace(const void *bytes, size_t len, const struct result *results,
			   size_t count, size_t *out_len, struct err *err)
{
	struct plan *plan = plan_from_json(NAME, bytes, len, err);
	bool fine = plan && have_places(plan, results, count, err);
	char *text = NULL;
	json_t *root;

	plan_free(plan);
	if (!fine)
		return NULL;
	root = json_loadb(bytes, len, 0, NULL);
	if (root && replace_all(root, results, count))
		text = json_dumps(root, JSON_INDENT(2));
	json_decref(root);
	if (!text) {
		err_set(err, ERR_NO_MEMORY, NAME ": out of memory");
		return NULL;
	}
	/* Years in order and after the baseline: the reader of plans knows. */
	plan = plan_from_json(NAME, text, strlen(text), err);
	if (!plan) {
		free(text);
		return NULL;
	}
	plan_free(plan);
	*out_len = strlen(text);
	return text;
}
