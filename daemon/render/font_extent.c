#include "render/font_extent.h"

#include <SDL_ttf.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/err.h"
#include "core/hash.h"
#include "core/utf8.h"
#include "render/font_face.h"

#define ENTRIES   512 /* more words and lines than a slide has; a power of 2 */
#define BYTES_MAX 200 /* with the NUL: a line of a text is shorter */

struct entry {
	char text[BYTES_MAX]; /* "" when free */
	int face;
	struct font_extent extent;
};

struct font_extents {
	struct entry entries[ENTRIES];
};

struct font_extents *font_extents_new(void)
{
	return calloc(1, sizeof(struct font_extents));
}

struct font_extents *font_extents_free(struct font_extents *extents)
{
	free(extents);
	return NULL;
}

/* Each text has one place, the last to come has it. */
static struct entry *place_of(struct font_extents *extents, int face, const char *text)
{
	uint32_t hash = hash_text(hash_bytes(HASH_START, &face, sizeof(face)), text);

	return &extents->entries[hash % ENTRIES];
}

/* What SDL_ttf moves a picture by when ink sticks out of its box. */
static void note_ink(TTF_Font *probe, const char *text, struct font_extent *extent)
{
	int ascent = TTF_FontAscent(probe);

	for (bool first = true; *text != '\0'; first = false) {
		int left = 0;
		int top = 0;
		uint32_t c = utf8_next(&text);
		if (TTF_GlyphMetrics32(probe, c, &left, NULL, NULL, &top, NULL) != 0)
			continue;
		if (first && left < 0)
			extent->left = -left;
		extent->above = fmax(extent->above, top - ascent);
	}
}

static bool measure(TTF_Font *probe, const char *text, struct font_extent *out,
		    struct err *err)
{
	struct font_extent extent = {0};
	int width = 0;

	if (TTF_SizeUTF8(probe, text, &width, NULL) != 0)
		return err_set(err, ERR_INTERNAL, "text can't be measured: %s",
			       TTF_GetError());
	note_ink(probe, text, &extent);
	extent.width = width - extent.left;
	*out = extent;
	return true;
}

bool font_extent(struct font_set *set, int face, const char *text,
		 struct font_extent *out, struct err *err)
{
	struct entry *entry = place_of(font_face_extents(set), face, text);
	TTF_Font *probe = NULL;
	size_t len = strlen(text);

	if (len > 0 && entry->face == face && strcmp(entry->text, text) == 0) {
		*out = entry->extent;
		return true;
	}
	probe = font_face_probe(set, face, err);
	if (probe == NULL || !measure(probe, text, out, err))
		return false;
	if (len < BYTES_MAX) {
		memcpy(entry->text, text, len + 1);
		entry->face = face;
		entry->extent = *out;
	}
	return true;
}
