#include "support/test.h"

#include <inttypes.h>

#include "core/plan.h"
#include "support/tmp.h"
#include "wire/plan_json.h"
#include "wire/plan_table.h"

#define PLAN_FILE   EKIMAE_SOURCE_DIR "/assets/plan/plan.json"
#define SOURCE_FILE EKIMAE_SOURCE_DIR "/tests/corpus/plan_source.txt"

static char *text;
static size_t text_len;
static struct plan *plan;

static int setup(void **state)
{
	struct err err = {0};

	(void)state;
	text = tmp_read(PLAN_FILE, &text_len);
	plan = plan_from_json("plan.json", text, text_len, &err);
	assert_ok(plan, err);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	plan = plan_free(plan);
	free(text);
	return 0;
}

/* @haystack with every @from as @to; owned. */
static char *replace_all(const char *haystack, const char *from, const char *to)
{
	size_t room = strlen(haystack) * (strlen(to) / strlen(from) + 1) + 1;
	char *out = calloc(1, room);
	char *end = out;

	assert_non_null(out);
	for (const char *hit; (hit = strstr(haystack, from));
	     haystack = hit + strlen(from)) {
		memcpy(end, haystack, (size_t)(hit - haystack));
		end += hit - haystack;
		memcpy(end, to, strlen(to));
		end += strlen(to);
	}
	memcpy(end, haystack, strlen(haystack));
	return out;
}

/* Without white space and mark-up, and with the slip in item 24 corrected; owned. */
static char *normalise(const char *from)
{
	static const char *const dropped[] = {" ",      "\t",     "\r", "\n",
					      "\u3000", "\u00a0", "*"};
	char *out = replace_all(from, "\u0439\u0434", "イド");

	for (size_t i = 0; i < ARRAY_LEN(dropped); i++) {
		char *next = replace_all(out, dropped[i], "");

		free(out);
		out = next;
	}
	return out;
}

/* --- Against the tables ----------------------------------------------------------------- */

/* Compares @first【@second】 with a cell. */
static void assert_title(const struct initiative *initiative, const char *cell)
{
	char joined[256];

	if (initiative->subtitle)
		snprintf(joined, sizeof(joined), "%s【%s】", initiative->title,
			 initiative->subtitle);
	else
		snprintf(joined, sizeof(joined), "%s", initiative->title);
	assert_string_equal(joined, cell);
	assert_null(strchr(initiative->title, '\n'));
	assert_null(strstr(initiative->title, "【"));
}

static void assert_departments(const struct initiative *initiative, const char *cell)
{
	char joined[256] = "";

	for (size_t i = 0; i < initiative->department_count; i++) {
		assert_null(strstr(initiative->departments[i], "・"));
		strncat(joined, i > 0 ? "・" : "", sizeof(joined) - strlen(joined) - 1);
		strncat(joined, initiative->departments[i],
			sizeof(joined) - strlen(joined) - 1);
	}
	assert_string_equal(joined, cell);
}

/* 163000, "枚" as "163,000枚". */
static void format_figure(int64_t value, const char *unit, char *out, size_t size)
{
	char digits[32];
	size_t used = 0, len;

	snprintf(digits, sizeof(digits), "%" PRId64, value);
	len = strlen(digits);
	for (size_t i = 0; i < len && used + 2 < size; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			out[used++] = ',';
		out[used++] = digits[i];
	}
	snprintf(out + used, size - used, "%s", unit);
}

/* Prints the figures of an indicator as the source has them in its cell. */
static void format_cell(const struct plan_indicator *indicator, bool target, char *out,
			size_t size)
{
	size_t used = 0;

	out[0] = '\0';
	if (target && indicator->series[0].target.fiscal_year != 2028)
		used = (size_t)snprintf(out, size, "(令和%d年度) ",
					indicator->series[0].target.fiscal_year - 2018);
	for (size_t i = 0; i < indicator->series_count; i++) {
		const struct plan_series *series = &indicator->series[i];
		char figure[64];

		format_figure(target ? series->target.value : series->baseline.value,
			      series->unit, figure, sizeof(figure));
		used += (size_t)snprintf(out + used, size - used, "%s%s%s%s",
					 i > 0 ? " " : "",
					 series->label ? series->label : "",
					 series->label ? " " : "", figure);
	}
}

static void assert_indicator(const struct initiative *initiative,
			     const struct indicator_row *row)
{
	const struct plan_indicator *indicator = initiative->indicator;
	bool cumulative = strstr(row->indicator, "(累計)") != NULL;
	char cell[256];

	assert_int_equal(initiative->kind, INITIATIVE_INDICATOR);
	snprintf(cell, sizeof(cell), "%s(%s)", indicator->name, indicator->measure_text);
	assert_string_equal(cell, row->indicator);
	assert_int_equal(indicator->measure,
			 cumulative ? MEASURE_CUMULATIVE : MEASURE_ANNUAL);
	format_cell(indicator, false, cell, sizeof(cell));
	assert_string_equal(cell, row->fy5);
	format_cell(indicator, true, cell, sizeof(cell));
	assert_string_equal(cell, row->fy10);
	for (size_t i = 0; i < indicator->series_count; i++) {
		const struct plan_series *series = &indicator->series[i];

		assert_int_equal(series->baseline.fiscal_year, 2023);
		assert_int_equal(series->target.fiscal_year,
				 indicator->series[0].target.fiscal_year);
		assert_true(series->baseline_is_estimate);
		/* The source knows no result after the baseline. */
		assert_int_equal(series->result_count, 0);
	}
}

static void indicators_hold_every_cell_of_the_source(void **state)
{
	(void)state;
	assert_int_equal(plan->initiative_count, 30);
	for (size_t i = 0; i < ARRAY_LEN(indicator_rows); i++) {
		const struct indicator_row *row = &indicator_rows[i];
		const struct initiative *initiative = plan_initiative(plan, row->number);

		assert_non_null(initiative);
		assert_title(initiative, row->title);
		assert_departments(initiative, row->departments);
		assert_int_equal(initiative->group, PLAN_GROUP_IMPLEMENTATION);
		if (row->number == 17) {
			assert_int_equal(initiative->kind, INITIATIVE_ON_DEMAND);
			assert_string_equal(initiative->status, row->fy5);
			assert_null(initiative->indicator);
		} else {
			assert_indicator(initiative, row);
		}
	}
}

static unsigned stages_named_in(const char *cell)
{
	unsigned stages = 0;

	if (strstr(cell, "調査・研究"))
		stages |= 1U << STAGE_RESEARCH;
	if (strstr(cell, "適用検討"))
		stages |= 1U << STAGE_CONSIDERATION;
	if (strstr(cell, "導入実行"))
		stages |= 1U << STAGE_IMPLEMENTATION;
	return stages;
}

/* A word runs from its column until the next word or the end; before, nothing is said. */
static void assert_roadmap(const struct initiative *initiative,
			   const struct roadmap_row *row)
{
	const char *word = "";
	size_t words = 0;

	assert_int_equal(initiative->kind, INITIATIVE_ROADMAP);
	for (int i = 0; i < 5; i++) {
		const struct plan_phase *phase = initiative_phase(initiative, 2024 + i);
		char joined[256] = "";

		if (*row->years[i]) {
			word = row->years[i];
			words++;
		}
		if (!*word) {
			assert_null(phase);
			continue;
		}
		assert_non_null(phase);
		for (size_t j = 0; j < phase->line_count; j++) {
			strncat(joined, j > 0 ? " " : "",
				sizeof(joined) - strlen(joined) - 1);
			strncat(joined, phase->lines[j],
				sizeof(joined) - strlen(joined) - 1);
		}
		assert_string_equal(joined, word);
		assert_int_equal(phase->stages, stages_named_in(word));
		assert_int_equal(phase->first_fiscal_year == 2024 + i,
				 *row->years[i] != 0);
	}
	assert_int_equal(initiative->phase_count, words);
}

static void roadmaps_hold_every_word_in_its_years(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(roadmap_rows); i++) {
		const struct roadmap_row *row = &roadmap_rows[i];
		const struct initiative *initiative = plan_initiative(plan, row->number);

		assert_non_null(initiative);
		assert_title(initiative, row->title);
		assert_departments(initiative, row->departments);
		assert_int_equal(initiative->group,
				 PLAN_GROUP_CONSIDERATION_AND_RESEARCH);
		if (row->number == 19 || row->number == 26) {
			assert_int_equal(initiative->kind, INITIATIVE_ELSEWHERE);
			assert_string_equal(initiative->status, row->years[0]);
			assert_int_equal(initiative->phase_count, 0);
		} else {
			assert_roadmap(initiative, row);
		}
	}
	assert_int_equal(plan_count_group(plan, PLAN_GROUP_IMPLEMENTATION), 17);
	assert_int_equal(plan_count_group(plan, PLAN_GROUP_CONSIDERATION_AND_RESEARCH),
			 13);
}

static void assert_heading(const struct plan_text *heading, const char *id,
			   const struct heading_row *row)
{
	size_t count = 0;

	assert_string_equal(heading->id, id);
	assert_string_equal(heading->title, row->title);
	while (count < ARRAY_LEN(row->sentences) && row->sentences[count])
		count++;
	assert_int_equal(heading->paragraph_count, count);
	for (size_t i = 0; i < count; i++)
		assert_string_equal(heading->paragraphs[i], row->sentences[i]);
}

static void headings_hold_every_sentence_of_the_source(void **state)
{
	(void)state;
	assert_string_equal(plan->city, "西東京市");
	assert_string_equal(plan->municipal_code, "132292");
	assert_string_equal(plan->title, "地域情報化基本方針");
	assert_string_equal(plan->source, "西東京市地域情報化基本方針 概要版");
	assert_string_equal(plan->principle, "人にやさしいデジタル化");
	assert_null(plan->url);
	assert_int_equal(plan->first_fiscal_year, 2024);
	assert_int_equal(plan->last_fiscal_year, 2028);
	assert_heading(&plan->position, "position", &position_row);
	assert_heading(&plan->principle_text, "principle", &principle_row);
	assert_heading(&plan->local, "local", &local_row);
	assert_heading(&plan->approach, "approach", &approach_row);
	assert_heading(&plan->progress, "progress", &progress_row);
	assert_int_equal(plan->field_count, ARRAY_LEN(field_rows));
	assert_heading(&plan->fields[0], "policy", &field_rows[0]);
	assert_heading(&plan->fields[1], "technology", &field_rows[1]);
	assert_heading(&plan->fields[2], "community", &field_rows[2]);
}

static void pictograms_are_in_the_order_of_the_initiatives(void **state)
{
	static const char *const expected[] = {
		"card",      "globe",     "message", "screen",   "wifi",   "counter",
		"form",      "video",     "child",   "cashless", "sports", "shop",
		"procedure", "opendata",  "scan",    "telework", "shield", "servers",
		"stamp",     "runner",    "ai",      "calendar", "people", "bridge",
		"textbook",  "checklist", "chart",   "flow",     "flask",  "bulb",
	};

	(void)state;
	assert_int_equal(plan->initiative_count, ARRAY_LEN(expected));
	for (size_t i = 0; i < ARRAY_LEN(expected); i++)
		assert_string_equal(plan->initiatives[i].pictogram, expected[i]);
}

/* --- Against the source's own text ------------------------------------------------------ */

static void assert_in_source(const char *source, const char *wording)
{
	char *wanted = normalise(wording);

	if (!*wanted || !strstr(source, wanted))
		fail_msg("\"%s\" does not stand in the source", wording);
	free(wanted);
}

static void assert_heading_in_source(const char *source, const struct plan_text *heading)
{
	assert_in_source(source, heading->title);
	for (size_t i = 0; i < heading->paragraph_count; i++)
		assert_in_source(source, heading->paragraphs[i]);
}

static void assert_initiative_in_source(const char *source,
					const struct initiative *initiative)
{
	assert_in_source(source, initiative->title);
	if (initiative->subtitle)
		assert_in_source(source, initiative->subtitle);
	if (initiative->status)
		assert_in_source(source, initiative->status);
	for (size_t i = 0; i < initiative->department_count; i++)
		assert_in_source(source, initiative->departments[i]);
	for (size_t i = 0; i < initiative->phase_count; i++)
		for (size_t j = 0; j < initiative->phases[i].line_count; j++)
			assert_in_source(source, initiative->phases[i].lines[j]);
	if (!initiative->indicator)
		return;
	assert_in_source(source, initiative->indicator->name);
	assert_in_source(source, initiative->indicator->measure_text);
	for (size_t i = 0; i < initiative->indicator->series_count; i++) {
		const struct plan_series *series = &initiative->indicator->series[i];

		assert_in_source(source, series->unit);
		if (series->label)
			assert_in_source(source, series->label);
	}
}

static void wording_of_the_plan_stands_in_the_source(void **state)
{
	char *raw = tmp_read(SOURCE_FILE, NULL);
	char *source = normalise(raw);

	(void)state;
	assert_in_source(source, plan->city);
	assert_in_source(source, plan->title);
	assert_in_source(source, plan->source);
	assert_in_source(source, plan->principle);
	assert_heading_in_source(source, &plan->position);
	assert_heading_in_source(source, &plan->principle_text);
	assert_heading_in_source(source, &plan->local);
	assert_heading_in_source(source, &plan->approach);
	assert_heading_in_source(source, &plan->progress);
	for (size_t i = 0; i < plan->field_count; i++)
		assert_heading_in_source(source, &plan->fields[i]);
	for (size_t i = 0; i < plan->initiative_count; i++)
		assert_initiative_in_source(source, &plan->initiatives[i]);
	free(source);
	free(raw);
}

/* The table above is typed by hand: each of its rows is a line of the source. */
static void rows_of_the_table_are_lines_of_the_source(void **state)
{
	char *raw = tmp_read(SOURCE_FILE, NULL);
	char *source = replace_all(raw, "\u0439\u0434", "イド");
	char line[1024];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(indicator_rows); i++) {
		const struct indicator_row *row = &indicator_rows[i];

		snprintf(line, sizeof(line), "\n%d\t%s\t%s\t%s\t%s\t%s\n", row->number,
			 row->title, row->departments, row->indicator, row->fy5,
			 row->fy10);
		if (!strstr(source, line))
			fail_msg("row %d is not in the source: %s", row->number, line);
	}
	for (size_t i = 0; i < ARRAY_LEN(roadmap_rows); i++) {
		const struct roadmap_row *row = &roadmap_rows[i];

		snprintf(line, sizeof(line), "\n%d\t%s\t%s\t%s\t%s\t%s\t%s\t%s",
			 row->number, row->title, row->departments, row->years[0],
			 row->years[1], row->years[2], row->years[3], row->years[4]);
		if (!strstr(source, line))
			fail_msg("row %d is not in the source: %s", row->number, line);
	}
	free(source);
	free(raw);
}

static void short_titles_are_words_of_their_titles(void **state)
{
	(void)state;
	for (size_t i = 0; i < plan->initiative_count; i++) {
		const struct initiative *initiative = &plan->initiatives[i];
		char *copy = strdup(initiative->short_title);
		char *rest = copy, *word;

		assert_non_null(copy);
		while ((word = strsep(&rest, " ")))
			if (!*word || (!strstr(initiative->title, word) &&
				       !(initiative->subtitle &&
					 strstr(initiative->subtitle, word))))
				fail_msg("%d: \"%s\" is no word of the title",
					 initiative->number, word);
		free(copy);
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(initiative->short_title,
						plan->initiatives[j].short_title);
	}
}

/* --- Translations ----------------------------------------------------------------------- */

static void assert_english(const char *words)
{
	assert_non_null(words);
	assert_true(words[0] >= 'A' && words[0] <= 'Z');
	for (const char *c = words; *c; c++)
		if (*c < ' ' || *c > '~')
			fail_msg("\"%s\" is not in English", words);
}

static void titles_stages_and_indicators_are_in_english_and_marked_provisional(
	void **state)
{
	const struct plan *english = plan->translations[NOTICE_EN];

	(void)state;
	assert_non_null(strstr(text, "\"status\": \"仮訳\""));
	assert_non_null(english);
	assert_true(english->provisional);
	assert_false(plan->provisional);
	assert_english(english->city);
	assert_english(english->title);
	assert_english(english->principle);
	for (int i = 0; i < PLAN_STAGES; i++)
		assert_english(english->stages[i]);
	assert_int_equal(english->field_count, plan->field_count);
	for (size_t i = 0; i < english->field_count; i++)
		assert_english(english->fields[i].title);
	assert_int_equal(english->initiative_count, 30);
	for (size_t i = 0; i < 30; i++) {
		const struct initiative *initiative = &english->initiatives[i];

		assert_english(initiative->title);
		assert_english(initiative->short_title);
		assert_true((initiative->subtitle != NULL) ==
			    (plan->initiatives[i].subtitle != NULL));
		if (initiative->subtitle)
			assert_english(initiative->subtitle);
		if (initiative->indicator)
			assert_english(initiative->indicator->name);
		if (initiative->status)
			assert_english(initiative->status);
		for (size_t j = 0; j < initiative->phase_count; j++)
			for (size_t k = 0; k < initiative->phases[j].line_count; k++)
				assert_english(initiative->phases[j].lines[k]);
	}
}

static void a_translation_has_the_figures_and_years_of_the_plan(void **state)
{
	const struct plan *english = plan->translations[NOTICE_EN];

	(void)state;
	assert_int_equal(english->first_fiscal_year, plan->first_fiscal_year);
	assert_int_equal(english->last_fiscal_year, plan->last_fiscal_year);
	for (size_t i = 0; i < plan->initiative_count; i++) {
		const struct initiative *of = &plan->initiatives[i];
		const struct initiative *in = &english->initiatives[i];

		assert_int_equal(in->number, of->number);
		assert_int_equal(in->kind, of->kind);
		assert_int_equal(in->group, of->group);
		assert_int_equal(in->department_count, 0);
		assert_int_equal(in->phase_count, of->phase_count);
		for (size_t j = 0; j < of->phase_count; j++) {
			assert_int_equal(in->phases[j].first_fiscal_year,
					 of->phases[j].first_fiscal_year);
			assert_int_equal(in->phases[j].stages, of->phases[j].stages);
		}
		if (!of->indicator)
			continue;
		for (size_t j = 0; j < of->indicator->series_count; j++) {
			const struct plan_series *series = &in->indicator->series[j];

			assert_int_equal(series->target.value,
					 of->indicator->series[j].target.value);
			assert_ptr_equal(series->results,
					 of->indicator->series[j].results);
			assert_string_equal(series->unit, "");
		}
	}
}

/* --- Documents that are wrong ----------------------------------------------------------- */

/* The plan with the first @from after the @nth initiative's start as @to. */
static void assert_refused(int number, const char *from, const char *to,
			   enum err_code code, const char *sentence)
{
	char key[32], *start, *hit, *changed;
	struct err err = {0};
	size_t len = text_len - strlen(from) + strlen(to);

	snprintf(key, sizeof(key), "\"number\": %d,", number);
	start = number > 0 ? strstr(text, key) : text;
	assert_non_null(start);
	hit = strstr(start, from);
	if (!hit)
		fail_msg("\"%s\" is not in the plan", from);
	changed = calloc(1, len + 1);
	assert_non_null(changed);
	memcpy(changed, text, (size_t)(hit - text));
	memcpy(changed + (hit - text), to, strlen(to));
	memcpy(changed + (hit - text) + strlen(to), hit + strlen(from),
	       strlen(hit + strlen(from)));
	assert_fails(plan_from_json("plan.json", changed, len, &err), err, code,
		     sentence);
	free(changed);
}

static void wrong_type_names_the_place(void **state)
{
	(void)state;
	assert_refused(4, "\"value\": 170", "\"value\": \"170\"", ERR_INVALID,
		       "plan.json: initiatives[3].indicator.series[0].baseline.value: "
		       "expected an integer 0–1000000000000, got a string");
	assert_refused(0, "\"initiatives\": [", "\"initiatives\": 3, \"x\": [",
		       ERR_INVALID,
		       "plan.json: initiatives: expected an array, got an integer");
	assert_refused(18, "\"stages\": [", "\"stages\": [1, ", ERR_INVALID,
		       "initiatives[17].phases[0].stages[0]: expected a string");
	assert_refused(1, "\"baseline_is_estimate\": true", "\"baseline_is_estimate\": 1",
		       ERR_INVALID, "baseline_is_estimate: expected true or false");
}

static void unknown_key_is_named(void **state)
{
	(void)state;
	assert_refused(2, "\"subtitle\":", "\"subtitel\":", ERR_INVALID,
		       "plan.json: initiatives[1]: unknown key \"subtitel\"");
	assert_refused(0, "\"city\":", "\"colour\": 1, \"city\":", ERR_INVALID,
		       "plan.json: unknown key \"colour\"");
}

static void missing_key_is_named(void **state)
{
	(void)state;
	assert_refused(5, "\"unit\": \"拠点\",", "", ERR_INVALID,
		       "plan.json: initiatives[4].indicator.series[0].unit: is missing");
	assert_refused(0, "\"format\": \"ekimae.plan/1\",", "", ERR_INVALID,
		       "plan.json: format: is missing");
}

static void other_format_is_refused(void **state)
{
	(void)state;
	assert_refused(
		0, "ekimae.plan/1", "ekimae.plan/2", ERR_INVALID,
		"plan.json: format: expected \"ekimae.plan/1\", got \"ekimae.plan/2\"");
}

static void values_out_of_range_are_refused(void **state)
{
	(void)state;
	assert_refused(1, "163000", "-1", ERR_INVALID, "got -1");
	assert_refused(1, "163000", "9999999999999", ERR_INVALID, "got 9999999999999");
	assert_refused(1, "163000", "99999999999999999999", ERR_INVALID, "line ");
	assert_refused(1, "163000", "163000.5", ERR_INVALID, "with a fraction");
	assert_refused(1, "2023", "1999", ERR_INVALID, "baseline.fiscal_year: expected");
	assert_refused(1, "\"measure\": \"cumulative\"", "\"measure\": \"weekly\"",
		       ERR_INVALID,
		       "expected one of \"annual\", \"cumulative\", got \"weekly\"");
}

static void relations_that_do_not_hold_are_refused(void **state)
{
	(void)state;
	assert_refused(3, "\"number\": 3", "\"number\": 4", ERR_INVALID,
		       "plan.json: initiatives[2].number: expected 3");
	assert_refused(
		20, "\"first_fiscal_year\": 2025", "\"first_fiscal_year\": 2024",
		ERR_INVALID,
		"plan.json: initiatives[19].phases[1].first_fiscal_year: 2024 is not "
		"after 2024");
	assert_refused(30, "\"last_fiscal_year\": 2028", "\"last_fiscal_year\": 2029",
		       ERR_INVALID,
		       "initiatives[29].phases[0].first_fiscal_year: 2026–2029");
	assert_refused(17, "\"kind\": \"on_demand\"", "\"kind\": \"indicator\"",
		       ERR_INVALID, "plan.json: initiatives[16].indicator: is missing");
	assert_refused(15, "\"label\": \"RPA\"", "\"label\": \"AI-OCR\"", ERR_INVALID,
		       "initiatives[14].indicator.series[1].label: is that of series[0]");
	assert_refused(15, "\"label\": \"RPA\",", "", ERR_INVALID,
		       "initiatives[14].indicator.series[1].label: is missing");
}

static void results_are_read_and_must_follow_the_baseline(void **state)
{
	static const char before[] = "\"baseline_is_estimate\": true,";
	static const char format[] =
		"\"baseline_is_estimate\": true, \"results\": [{\"fiscal_year\": %d, "
		"\"value\": 171, \"source\": \"見本\"}],";
	struct plan *read;
	struct err err = {0};
	char with[256];
	char *changed;

	(void)state;
	snprintf(with, sizeof(with), format, 2023);
	assert_refused(
		4, before, with, ERR_INVALID,
		"plan.json: initiatives[3].indicator.series[0].results[0].fiscal_year: "
		"2023 is not after 2023");
	snprintf(with, sizeof(with), format, 2024);
	changed = replace_all(text, before, with);
	read = plan_from_json("plan.json", changed, strlen(changed), &err);
	assert_ok(read, err);
	assert_int_equal(read->initiatives[3].indicator->series[0].results[0].value, 171);
	assert_string_equal(read->initiatives[3].indicator->series[0].results[0].source,
			    "見本");
	plan_free(read);
	free(changed);
}

static void plan_cut_anywhere_is_refused_with_line_and_column(void **state)
{
	(void)state;
	for (size_t len = 0; len + 2 < text_len; len += 97) {
		struct err err = {0};

		assert_fails(plan_from_json("plan.json", text, len, &err), err,
			     ERR_INVALID, "plan.json: line ");
	}
}

static void plan_over_its_maximum_is_too_large(void **state)
{
	struct err err = {0};
	char *big = calloc(1, PLAN_JSON_MAX + 1);

	(void)state;
	assert_non_null(big);
	assert_fails(plan_from_json("plan.json", big, PLAN_JSON_MAX + 1, &err), err,
		     ERR_TOO_LARGE, "plan.json: has 1048577 bytes");
	free(big);
}

static void translations_that_do_not_go_with_the_plan_are_refused(void **state)
{
	(void)state;
	assert_refused(0, "\"en\": {", "\"fr\": {", ERR_INVALID,
		       "translations: unknown key \"fr\"");
	assert_refused(0, "\"status\": \"仮訳\"", "\"status\": \"draft\"", ERR_INVALID,
		       "plan.json: translations.en.status: ");
	assert_refused(0, "\"principle_title\": \"Basic principle\",", "", ERR_INVALID,
		       "translations.en.principle_title");
	assert_refused(0, "\"Technology trends\",", "", ERR_INVALID,
		       "translations.en.fields: expected 3, as in the plan, got 2");
	assert_refused(0, "\"subtitle\": \"City website\",", "", ERR_INVALID,
		       "translations.en.initiatives[1].subtitle");
	assert_refused(0, "\"title\": \"Promoting telework\"",
		       "\"subtitle\": \"x\", \"title\": \"Promoting telework\"",
		       ERR_INVALID,
		       "translations.en.initiatives[15]: unknown key \"subtitle\"");
	assert_refused(0, "\"indicator\": \"Messages sent\"", "\"status\": \"x\"",
		       ERR_INVALID, "translations.en.initiatives[2].indicator");
	assert_refused(0, "\"Partly introduced\"", "7", ERR_INVALID,
		       "translations.en.initiatives[24].phases[0].lines[0]");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			titles_stages_and_indicators_are_in_english_and_marked_provisional),
		cmocka_unit_test(a_translation_has_the_figures_and_years_of_the_plan),
		cmocka_unit_test(translations_that_do_not_go_with_the_plan_are_refused),
		cmocka_unit_test(indicators_hold_every_cell_of_the_source),
		cmocka_unit_test(roadmaps_hold_every_word_in_its_years),
		cmocka_unit_test(headings_hold_every_sentence_of_the_source),
		cmocka_unit_test(pictograms_are_in_the_order_of_the_initiatives),
		cmocka_unit_test(wording_of_the_plan_stands_in_the_source),
		cmocka_unit_test(rows_of_the_table_are_lines_of_the_source),
		cmocka_unit_test(short_titles_are_words_of_their_titles),
		cmocka_unit_test(wrong_type_names_the_place),
		cmocka_unit_test(unknown_key_is_named),
		cmocka_unit_test(missing_key_is_named),
		cmocka_unit_test(other_format_is_refused),
		cmocka_unit_test(values_out_of_range_are_refused),
		cmocka_unit_test(relations_that_do_not_hold_are_refused),
		cmocka_unit_test(results_are_read_and_must_follow_the_baseline),
		cmocka_unit_test(plan_cut_anywhere_is_refused_with_line_and_column),
		cmocka_unit_test(plan_over_its_maximum_is_too_large),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
