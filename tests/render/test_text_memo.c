#include "render/text_memo.h"

#include "render/open_fonts.h"
#include "render/text.h"
#include "support/test.h"

static struct text_memo *memo;

static int open_memo(void **state)
{
	memo = text_memo_new();
	return open_fonts(state) == 0 && memo != NULL ? 0 : -1;
}

static int close_memo(void **state)
{
	memo = text_memo_free(memo);
	return close_fonts(state);
}

static const struct text_block *remember(const char *text, const struct text_style *style)
{
	struct err err;
	const struct text_block *block = text_memo_layout(memo, fonts, text, style, &err);

	assert_ok(block != NULL, err);
	return block;
}

static bool have_same_lines(const struct text_block *a, const struct text_block *b)
{
	return a->line_count == b->line_count && a->width == b->width &&
	       a->height == b->height && a->consumed == b->consumed &&
	       memcmp(a->lines, b->lines, a->line_count * sizeof(*a->lines)) == 0;
}

/* What is remembered has the lines that a layout made now has. */
static void assert_fresh(const char *text, const struct text_style *style)
{
	const struct text_block *found = remember(text, style);
	struct err err;
	struct text_block *fresh = text_layout(fonts, text, style, &err);

	assert_ok(fresh != NULL, err);
	assert_string_equal(found->written, text);
	assert_true(have_same_lines(found, fresh));
	assert_int_equal(found->style.colour.rgb, style->colour.rgb);
	text_block_free(fresh);
}

static const char text[] = "デジタル技術を活用《かつよう》した、スポーツ活動の推進と、"
			   "市民の健康づくりを支える仕組みをつくります。";

static void same_text_and_style_are_laid_out_once(void **state)
{
	struct text_style style = {.size = 40, .max_width = 400};
	const struct text_block *block = remember(text, &style);

	(void)state;
	assert_ptr_equal(remember(text, &style), block);
}

static void another_colour_takes_the_same_lines(void **state)
{
	struct text_style style = {.size = 40, .max_width = 400, .colour = {0x112233}};
	const struct text_block *block = remember(text, &style);

	(void)state;
	style.colour.rgb = 0x445566;
	assert_ptr_equal(remember(text, &style), block);
	assert_int_equal(block->style.colour.rgb, 0x445566);
}

static bool makes_a_difference(const struct text_style *style,
			       const struct text_style *plain)
{
	struct err err;
	struct text_block *a = text_layout(fonts, text, style, &err);
	struct text_block *b = text_layout(fonts, text, plain, &err);
	bool same;

	assert_ok(a != NULL && b != NULL, err);
	same = have_same_lines(a, b);
	text_block_free(a);
	text_block_free(b);
	return !same;
}

/* Each field of the style, as one that was forgotten would give another text's lines. */
static void whatever_differs_in_style_is_laid_out_for_itself(void **state)
{
	enum {
		SIZE,
		ROLE,
		LANGUAGE,
		HEIGHT,
		LINES,
		ALIGN,
		BALANCE,
		RUBY,
		HANG,
		TURN,
		FIELDS
	};
	int differences[FIELDS] = {0};

	(void)state;
	for (int width = 100; width < 1600; width += 20) {
		const struct text_style plain = {
			.size = 40, .max_width = width, .max_lines = 2};
		struct text_style styles[FIELDS];

		for (size_t i = 0; i < FIELDS; i++)
			styles[i] = plain;
		styles[SIZE].size = 41;
		styles[ROLE].role = FONT_BOLD;
		styles[LANGUAGE].language = FONT_KOREAN;
		styles[HEIGHT].line_height = 2;
		styles[LINES].max_lines = 1;
		styles[ALIGN].align = TEXT_RIGHT;
		styles[BALANCE].balance = true;
		styles[RUBY].ruby = true;
		styles[HANG].hang = true;
		styles[TURN].turn = true;
		for (size_t i = 0; i < FIELDS; i++) {
			assert_fresh(text, &plain);
			assert_fresh(text, &styles[i]);
			differences[i] += makes_a_difference(&styles[i], &plain);
		}
	}
	for (size_t i = 0; i < FIELDS; i++)
		if (differences[i] == 0)
			fail_msg("style %zu makes no difference to this text", i);
}

static void many_and_long_texts_come_out_as_their_own(void **state)
{
	struct text_style style = {.size = 20, .max_width = 500, .max_lines = 3};
	char many[32];
	static char longer[2048];

	(void)state;
	for (int round = 0; round < 2; round++)
		for (int i = 0; i < 600; i++) {
			snprintf(many, sizeof(many), "第%d号のお知らせ", i);
			assert_fresh(many, &style);
		}
	memset(longer, 'x', sizeof(longer) - 1);
	assert_fresh(longer, &style);
	longer[100] = ' ';
	assert_fresh(longer, &style);
}

/* With one place for each layout a quarter of them would drive each other out. */
static void most_of_a_page_is_still_there_when_it_comes_again(void **state)
{
	struct text_style style = {.size = 20, .max_width = 500};
	const struct text_block *before[64];
	size_t kept = 0;
	char words[32];

	(void)state;
	for (int round = 0; round < 2; round++)
		for (size_t i = 0; i < ARRAY_LEN(before); i++) {
			const struct text_block *block;

			snprintf(words, sizeof(words), "指標 %u",
				 (unsigned)i * 2654435761u);
			block = remember(words, &style);
			kept += round > 0 && block == before[i];
			before[i] = block;
		}
	assert_true(kept >= ARRAY_LEN(before) * 15 / 16);
}

static void failure_is_no_memory_of_anything(void **state)
{
	struct text_style style = {.size = 0};
	struct err err;

	(void)state;
	assert_fails(text_memo_layout(memo, fonts, text, &style, &err) != NULL, err,
		     ERR_INVALID, "size");
	style.size = 40;
	assert_fresh(text, &style);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(same_text_and_style_are_laid_out_once),
		cmocka_unit_test(another_colour_takes_the_same_lines),
		cmocka_unit_test(whatever_differs_in_style_is_laid_out_for_itself),
		cmocka_unit_test(many_and_long_texts_come_out_as_their_own),
		cmocka_unit_test(most_of_a_page_is_still_there_when_it_comes_again),
		cmocka_unit_test(failure_is_no_memory_of_anything),
	};

	return cmocka_run_group_tests(tests, open_memo, close_memo);
}
