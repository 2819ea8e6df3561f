#include "core/arena.h"
#include "support/test.h"

#include <stdalign.h>

static void pieces_are_zeroed_aligned_and_apart(void **state)
{
	struct arena *arena = arena_new(1024 * 1024);
	unsigned char *pieces[100];

	(void)state;
	assert_non_null(arena);
	for (size_t i = 0; i < ARRAY_LEN(pieces); i++) {
		size_t size = i * 7 + 1;

		pieces[i] = arena_alloc(arena, size);
		assert_non_null(pieces[i]);
		assert_int_equal((uintptr_t)pieces[i] % alignof(max_align_t), 0);
		for (size_t at = 0; at < size; at++)
			assert_int_equal(pieces[i][at], 0);
		memset(pieces[i], (int)i + 1, size);
	}
	for (size_t i = 0; i < ARRAY_LEN(pieces); i++) {
		assert_int_equal(pieces[i][0], i + 1);
		assert_int_equal(pieces[i][i * 7], i + 1);
	}
	assert_null(arena_free(arena));
}

static void a_piece_larger_than_a_block_is_whole(void **state)
{
	struct arena *arena = arena_new(1024 * 1024);
	char *large, *small;

	(void)state;
	assert_non_null(arena);
	large = arena_alloc(arena, 100000);
	small = arena_alloc(arena, 10);
	assert_non_null(large);
	assert_non_null(small);
	memset(large, 1, 100000);
	assert_int_equal(small[0], 0);
	arena_free(arena);
}

static void the_ceiling_is_reached_but_not_passed(void **state)
{
	struct arena *arena = arena_new(4096);

	(void)state;
	assert_non_null(arena);
	assert_non_null(arena_alloc(arena, 4000));
	assert_null(arena_alloc(arena, 200));
	assert_non_null(arena_alloc(arena, 80));
	assert_true(arena_used(arena) <= 4096);
	assert_null(arena_alloc(arena, 4096));
	arena_free(arena);
}

static void sizes_that_overflow_are_refused(void **state)
{
	struct arena *arena = arena_new(SIZE_MAX);

	(void)state;
	assert_non_null(arena);
	assert_null(arena_array(arena, SIZE_MAX / 2, 3));
	assert_null(arena_alloc(arena, SIZE_MAX));
	assert_null(arena_alloc(arena, SIZE_MAX - 20));
	assert_int_equal(arena_used(arena), 0);
	assert_non_null(arena_array(arena, 3, 5));
	arena_free(arena);
}

static void a_copied_text_is_independent(void **state)
{
	struct arena *arena = arena_new(4096);
	char text[] = "西東京市";
	char *copy;

	(void)state;
	assert_non_null(arena);
	copy = arena_strdup(arena, text);
	text[0] = 'x';
	assert_string_equal(copy, "西東京市");
	arena_free(arena);
}

static void a_text_over_the_ceiling_is_refused(void **state)
{
	struct arena *arena = arena_new(16);

	(void)state;
	assert_non_null(arena);
	assert_null(arena_strdup(arena, "seventeen letters"));
	assert_non_null(arena_strdup(arena, "fifteen letters"));
	arena_free(arena);
}

static void freeing_nothing_is_fine(void **state)
{
	(void)state;
	assert_null(arena_free(NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces_are_zeroed_aligned_and_apart),
		cmocka_unit_test(a_piece_larger_than_a_block_is_whole),
		cmocka_unit_test(the_ceiling_is_reached_but_not_passed),
		cmocka_unit_test(sizes_that_overflow_are_refused),
		cmocka_unit_test(a_copied_text_is_independent),
		cmocka_unit_test(a_text_over_the_ceiling_is_refused),
		cmocka_unit_test(freeing_nothing_is_fine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
