#include "render/text_memo.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/hash.h"
#include "render/text.h"

#define BLOCKS     256  /* more than two pages have; a power of 2 */
#define LONG_BYTES 1024 /* longer ones share one place, so that memory stays small */

struct text_memo {
	struct text_block *blocks[BLOCKS]; /* each layout has one place; may be NULL */
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
	for (size_t i = 0; i < BLOCKS; i++)
		text_block_free(memo->blocks[i]);
	text_block_free(memo->last_long);
	free(memo);
	return NULL;
}

static struct text_block **place_of(struct text_memo *memo, const char *text,
				    const struct text_style *style)
{
	size_t len = strnlen(text, LONG_BYTES + 1);
	uint32_t hash = hash_bytes(HASH_START, text, len);

	if (len > LONG_BYTES)
		return &memo->last_long;
	/* What tells layouts of one text apart in practice. */
	hash = hash_bytes(hash, &style->size, sizeof(style->size));
	hash = hash_bytes(hash, &style->max_width, sizeof(style->max_width));
	return &memo->blocks[hash % BLOCKS];
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

const struct text_block *text_memo_layout(struct text_memo *memo, struct font_set *fonts,
					  const char *text,
					  const struct text_style *style, struct err *err)
{
	struct text_block **place = place_of(memo, text, style);

	if (*place == NULL || !is_same(&(*place)->style, style) ||
	    strcmp((*place)->written, text) != 0) {
		text_block_free(*place);
		*place = text_layout(fonts, text, style, err);
	}
	if (*place != NULL)
		(*place)->style.colour = style->colour;
	return *place;
}
