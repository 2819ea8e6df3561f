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

/* Sets of texts, of which the one used longest ago gives way; more than a slide has. */
#define SETS      128
#define WAYS      4
#define BYTES_MAX 200 /* with the NUL: a line of a text is shorter */

struct entry {
	char text[BYTES_MAX]; /* "" when free */
	int face;
	struct font_extent extent;
};

struct font_extents {
	struct entry sets[SETS][WAYS]; /* the last to be used first */
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

static struct entry *set_of(struct font_extents *extents, int face, const char *text)
{
	uint32_t hash = hash_text(hash_bytes(HASH_START, &face, sizeof(face)), text);

	return extents->sets[hash % SETS];
}

static bool is_of(const struct entry *entry, int face, const char *text)
{
	return entry->face == face && strcmp(entry->text, text) == 0;
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

static bool measure(struct font_set *fonts, int face, const char *text,
		    struct font_extent *out, struct err *err)
{
	TTF_Font *probe = font_face_probe(fonts, face, err);
	struct font_extent extent = {0};
	int width = 0;

	if (probe == NULL)
		return false;
	if (TTF_SizeUTF8(probe, text, &width, NULL) != 0)
		return err_set(err, ERR_INTERNAL, "text can't be measured: %s",
			       TTF_GetError());
	note_ink(probe, text, &extent);
	extent.width = width - extent.left;
	*out = extent;
	return true;
}

bool font_extent(struct font_set *fonts, int face, const char *text,
		 struct font_extent *out, struct err *err)
{
	struct entry *set = set_of(font_face_extents(fonts), face, text), entry;
	size_t len = strlen(text) + 1, at = 0;

	if (len == 1 || len > BYTES_MAX)
		return measure(fonts, face, text, out, err);
	while (at < WAYS - 1 && !is_of(&set[at], face, text))
		at++;
	entry = set[at];
	if (!is_of(&entry, face, text)) {
		if (!measure(fonts, face, text, &entry.extent, err))
			return false;
		entry.face = face;
		memcpy(entry.text, text, len);
	}
	memmove(set + 1, set, at * sizeof(*set));
	set[0] = entry;
	*out = entry.extent;
	return true;
}
