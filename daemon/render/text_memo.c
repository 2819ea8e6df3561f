#include "render/text_memo.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/hash.h"
#include "render/text.h"

/* Sets of layouts, of which the one used longest ago gives way; more than two pages have. */
#define SETS       64
#define WAYS       4
#define LONG_BYTES 1024 /* longer ones share one place, so that memory stays small */

struct text_memo {
	struct text_block *sets[SETS][WAYS]; /* the last to be used first; NULL: free */
	struct text_block *last_long;
};

struct text_memo *text_memo_new(void)
{
	return calloc(1, sizeof(struct text_memo));
}

struct text_memo *text_memo_free(struct text_memo *memo)
{
	if (memo == NULL)
		return NULL;
	for (size_t i = 0; i < SETS; i++)
		for (size_t j = 0; j < WAYS; j++)
			text_block_free(memo->sets[i][j]);
	text_block_free(memo->last_long);
	free(memo);
	return NULL;
}

/* The *@out_ways places where the layout may be. */
static struct text_block **set_of(struct text_memo *memo, const char *text,
				  const struct text_style *style, size_t *out_ways)
{
	size_t len = strnlen(text, LONG_BYTES + 1);
	uint32_t hash = hash_bytes(HASH_START, text, len);

	*out_ways = len > LONG_BYTES ? 1 : WAYS;
	if (len > LONG_BYTES)
		return &memo->last_long;
	/* What tells layouts of one text apart in practice. */
	hash = hash_bytes(hash, &style->size, sizeof(style->size));
	hash = hash_bytes(hash, &style->max_width, sizeof(style->max_width));
	return memo->sets[hash % SETS];
}

/* All that lines depend on, which is all but the colour. */
static bool is_same(const struct text_style *a, const struct text_style *b)
{
	return a->size == b->size && a->role == b->role && a->language == b->language &&
	       a->line_height == b->line_height && a->max_width == b->max_width &&
	       a->max_lines == b->max_lines && a->align == b->align &&
	       a->balance == b->balance && a->ruby == b->ruby && a->hang == b->hang &&
	       a->turn == b->turn;
}

static bool is_layout_of(const struct text_block *block, const char *text,
			 const struct text_style *style)
{
	return block != NULL && is_same(&block->style, style) &&
	       strcmp(block->written, text) == 0;
}

const struct text_block *text_memo_layout(struct text_memo *memo, struct font_set *fonts,
					  const char *text,
					  const struct text_style *style, struct err *err)
{
	size_t ways, at = 0;
	struct text_block **set = set_of(memo, text, style, &ways), *block;

	while (at < ways - 1 && !is_layout_of(set[at], text, style))
		at++;
	block = set[at];
	if (!is_layout_of(block, text, style)) {
		text_block_free(block);
		block = text_layout(fonts, text, style, err);
	}
	memmove(set + 1, set, at * sizeof(*set));
	set[0] = block;
	if (block != NULL)
		block->style.colour = style->colour;
	return block;
}
