#include "render/font.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "core/err.h"
#include "os/file.h"
#include "render/font_extent.h"
#include "render/font_face.h"
#include "render/font_file.h"
#include "render/run_mask.h"

#define FONT_DIR "/usr/share/fonts"

#define PACKAGE_BIZ  "fonts-morisawa-bizud-gothic"
#define PACKAGE_NOTO "fonts-noto-cjk"
#define BIZ(name)    "truetype/bizud-gothic/BIZ" name ".ttf"
#define NOTO(weight) "opentype/noto/NotoSansCJK-" weight ".ttc"

enum face {
	UDP_REGULAR,
	UDP_BOLD,
	UD_REGULAR,
	UD_BOLD,
	NOTO_JP_REGULAR,
	NOTO_JP_BOLD,
	NOTO_KR_REGULAR,
	NOTO_KR_BOLD,
	NOTO_SC_REGULAR,
	NOTO_SC_BOLD,
	NOTO_TC_REGULAR,
	NOTO_TC_BOLD,
};
#define FACES 12

struct face_file {
	const char *path; /* below the font directory */
	long index;       /* in a collection */
	const char *package;
};

static const struct face_file files[FACES] = {
	[UDP_REGULAR] = {BIZ("UDPGothic-Regular"), 0, PACKAGE_BIZ},
	[UDP_BOLD] = {BIZ("UDPGothic-Bold"), 0, PACKAGE_BIZ},
	[UD_REGULAR] = {BIZ("UDGothic-Regular"), 0, PACKAGE_BIZ},
	[UD_BOLD] = {BIZ("UDGothic-Bold"), 0, PACKAGE_BIZ},
	[NOTO_JP_REGULAR] = {NOTO("Regular"), 0, PACKAGE_NOTO},
	[NOTO_JP_BOLD] = {NOTO("Bold"), 0, PACKAGE_NOTO},
	[NOTO_KR_REGULAR] = {NOTO("Regular"), 1, PACKAGE_NOTO},
	[NOTO_KR_BOLD] = {NOTO("Bold"), 1, PACKAGE_NOTO},
	[NOTO_SC_REGULAR] = {NOTO("Regular"), 2, PACKAGE_NOTO},
	[NOTO_SC_BOLD] = {NOTO("Bold"), 2, PACKAGE_NOTO},
	[NOTO_TC_REGULAR] = {NOTO("Regular"), 3, PACKAGE_NOTO},
	[NOTO_TC_BOLD] = {NOTO("Bold"), 3, PACKAGE_NOTO},
};

/* In which order fonts are asked for a character. BIZ stands for the role's own face. */
#define BIZ_OF_ROLE  (-1)
#define CHAIN_LENGTH 5
static const int chains[FONT_LANGUAGES][CHAIN_LENGTH] = {
	[FONT_JAPANESE] = {BIZ_OF_ROLE, NOTO_JP_REGULAR, NOTO_KR_REGULAR, NOTO_SC_REGULAR,
			   NOTO_TC_REGULAR},
	[FONT_CHINESE_SIMPLIFIED] = {NOTO_SC_REGULAR, NOTO_TC_REGULAR, BIZ_OF_ROLE,
				     NOTO_JP_REGULAR, NOTO_KR_REGULAR},
	[FONT_CHINESE_TRADITIONAL] = {NOTO_TC_REGULAR, NOTO_SC_REGULAR, BIZ_OF_ROLE,
				      NOTO_JP_REGULAR, NOTO_KR_REGULAR},
	[FONT_KOREAN] = {NOTO_KR_REGULAR, BIZ_OF_ROLE, NOTO_JP_REGULAR, NOTO_SC_REGULAR,
			 NOTO_TC_REGULAR},
};

/* Open at once: every face for measuring, and this many at sizes for drawing. */
#define SIZED_MAX (FONT_OPEN_MAX - FACES)

/*
 * SDL_ttf keeps the pictures of up to 256 glyphs per open font. What they may take
 * together, in pixels; over it the fonts that were used longest ago are closed.
 */
#define GLYPH_PIXELS_MAX ((size_t)1 << 22)
#define GLYPHS_PER_FONT  256

struct sized {
	TTF_Font *font; /* NULL: free place */
	int face, size;
	size_t glyphs;     /* at most so many are in its cache */
	uint64_t last_use; /* of font_set.uses */
};

/* Which face a character was given: a slide asks thousands of times for the same few. */
struct choice {
	uint32_t code_point;
	int8_t role, language; /* of enum font_role and font_language */
	int8_t face;
	bool known;
};
#define CHOICES 1024 /* a power of 2 */

struct font_set {
	char paths[FACES][512];
	struct font_file
		*opened[FACES];  /* by the first face of a file; NULL until needed */
	TTF_Font *probes[FACES]; /* NULL until first needed */
	struct sized sized[SIZED_MAX];
	uint64_t uses;
	struct font_extents *extents;
	struct run_masks *masks;
	struct choice choices[CHOICES]; /* each character has one place */
};

/*
 * FreeType's library handle, which SDL_ttf keeps for the whole process, must not be used
 * by two threads at once: it is when fonts open and close.
 */
static pthread_mutex_t library_lock = PTHREAD_MUTEX_INITIALIZER;

static bool library_start(struct err *err)
{
	pthread_mutex_lock(&library_lock);
	bool started = TTF_Init() == 0;
	pthread_mutex_unlock(&library_lock);

	return started || err_set(err, ERR_INTERNAL, "fonts: SDL_ttf does not start: %s",
				  TTF_GetError());
}

static void library_stop(void)
{
	pthread_mutex_lock(&library_lock);
	TTF_Quit(); /* counted: the last set's call stops it */
	pthread_mutex_unlock(&library_lock);
}

/* A collection's faces share one file. */
static struct font_file *file_of(struct font_set *set, int face, struct err *err)
{
	int first = 0;

	while (strcmp(files[first].path, files[face].path) != 0)
		first++;
	if (set->opened[first] == NULL)
		set->opened[first] = font_file_open(set->paths[first], err);
	return set->opened[first];
}

static TTF_Font *open_font(struct font_set *set, int face, int size, struct err *err)
{
	struct font_file *file = file_of(set, face, err);
	if (file == NULL)
		return NULL;
	SDL_RWops *stream = font_file_stream(file);
	if (stream == NULL) {
		err_set(err, ERR_NO_MEMORY, "fonts: out of memory");
		return NULL;
	}
	pthread_mutex_lock(&library_lock);
	TTF_Font *font = TTF_OpenFontIndexRW(stream, 1, size, files[face].index);
	pthread_mutex_unlock(&library_lock);

	if (font == NULL) {
		err_set(err, ERR_IO, "fonts: %s does not open: %s; reinstall package %s",
			set->paths[face], TTF_GetError(), files[face].package);
		return NULL;
	}
	/* Advances stay those of the outlines, so that text measured at the probe's size
	 * takes just that room at any other. */
	TTF_SetFontHinting(font, TTF_HINTING_LIGHT_SUBPIXEL);
	return font;
}

static void close_font(TTF_Font *font)
{
	if (font == NULL)
		return;
	pthread_mutex_lock(&library_lock);
	TTF_CloseFont(font);
	pthread_mutex_unlock(&library_lock);
}

struct font_set *font_set_new(const char *font_dir, struct err *err)
{
	struct font_set *set = NULL;

	if (!library_start(err))
		return NULL;

	set = calloc(1, sizeof(*set));
	if (set == NULL) {
		err_set(err, ERR_NO_MEMORY, "fonts: out of memory");
		library_stop();
		return NULL;
	}
	const char *dir = font_dir != NULL ? font_dir : FONT_DIR;
	for (int face = 0; face < FACES; face++) {
		if (!path_join(set->paths[face], sizeof(set->paths[face]), dir,
			       files[face].path, err))
			goto fail;
		if (!file_exists(set->paths[face])) {
			err_set(err, ERR_NOT_FOUND,
				"fonts: %s is missing; install package %s",
				set->paths[face], files[face].package);
			goto fail;
		}
	}
	set->extents = font_extents_new();
	set->masks = run_masks_new();
	if (set->extents == NULL || set->masks == NULL) {
		err_set(err, ERR_NO_MEMORY, "fonts: out of memory");
		goto fail;
	}
	/* A file that is there but is no font shows itself now rather than mid-slide. */
	if (font_face_probe(set, UDP_REGULAR, err) == NULL)
		goto fail;
	return set;

fail:
	return font_set_free(set);
}

struct font_set *font_set_free(struct font_set *set)
{
	if (set == NULL)
		return NULL;
	for (int face = 0; face < FACES; face++)
		close_font(set->probes[face]);
	for (size_t i = 0; i < SIZED_MAX; i++)
		close_font(set->sized[i].font);
	for (int face = 0; face < FACES; face++)
		font_file_close(set->opened[face]);
	font_extents_free(set->extents);
	run_masks_free(set->masks);
	free(set);
	library_stop();
	return NULL;
}

static bool is_bold(enum font_role role)
{
	return role == FONT_BOLD || role == FONT_FIGURE_BOLD;
}

/* The fixed-width cut is for digits alone: in it a comma is as wide as a digit. */
static int biz_face(enum font_role role, uint32_t code_point)
{
	bool tabular = (role == FONT_FIGURE || role == FONT_FIGURE_BOLD) &&
		       code_point >= '0' && code_point <= '9';

	if (is_bold(role))
		return tabular ? UD_BOLD : UDP_BOLD;
	return tabular ? UD_REGULAR : UDP_REGULAR;
}

static int face_of(enum font_role role, enum font_language language, int position,
		   uint32_t code_point)
{
	int face = chains[language][position];

	if (face == BIZ_OF_ROLE)
		return biz_face(role, code_point);
	return is_bold(role) ? face + 1 : face; /* bold follows regular in the list */
}

TTF_Font *font_face_probe(struct font_set *set, int face, struct err *err)
{
	if (set->probes[face] == NULL) {
		set->probes[face] = open_font(set, face, FONT_PROBE_SIZE, err);
		/* At this size outlines are as exact as they are, and far cheaper. */
		if (set->probes[face] != NULL)
			TTF_SetFontHinting(set->probes[face], TTF_HINTING_NONE);
	}
	return set->probes[face];
}

struct font_extents *font_face_extents(struct font_set *set)
{
	return set->extents;
}

struct run_masks *font_face_masks(struct font_set *set)
{
	return set->masks;
}

static bool choose(struct font_set *set, enum font_role role, enum font_language language,
		   uint32_t code_point, int *out_face, struct err *err)
{
	for (int position = 0; position < CHAIN_LENGTH; position++) {
		int face = face_of(role, language, position, code_point);
		TTF_Font *probe = font_face_probe(set, face, err);
		if (probe == NULL)
			return false;
		if (TTF_GlyphIsProvided32(probe, code_point) != 0) {
			*out_face = face;
			return true;
		}
	}
	*out_face = FONT_FACE_NONE;
	return true;
}

bool font_face_choose(struct font_set *set, enum font_role role,
		      enum font_language language, uint32_t code_point, int *out_face,
		      struct err *err)
{
	/* Regular and bold of a text do not drive each other out. */
	struct choice *choice =
		&set->choices[(code_point + (uint32_t)role * CHOICES / 2) % CHOICES];
	int face;

	if (!choice->known || choice->code_point != code_point ||
	    choice->role != (int8_t)role || choice->language != (int8_t)language) {
		if (!choose(set, role, language, code_point, &face, err))
			return false;
		*choice = (struct choice){code_point, (int8_t)role, (int8_t)language,
					  (int8_t)face, true};
	}
	*out_face = choice->face;
	return true;
}

static size_t glyph_pixels(const struct sized *sized)
{
	if (sized->font == NULL)
		return 0;
	return sized->glyphs * (size_t)sized->size * (size_t)sized->size;
}

/* The entry that was used longest ago other than @spare; NULL when there is none. */
static struct sized *oldest(struct font_set *set, const struct sized *spare)
{
	struct sized *found = NULL;

	for (size_t i = 0; i < SIZED_MAX; i++) {
		struct sized *entry = &set->sized[i];
		if (entry->font == NULL || entry == spare)
			continue;
		if (found == NULL || entry->last_use < found->last_use)
			found = entry;
	}
	return found;
}

static void drop(struct sized *entry)
{
	close_font(entry->font);
	*entry = (struct sized){0};
}

static void keep_within_budget(struct font_set *set, const struct sized *spare)
{
	for (;;) {
		size_t pixels = 0;
		for (size_t i = 0; i < SIZED_MAX; i++)
			pixels += glyph_pixels(&set->sized[i]);
		struct sized *victim =
			pixels > GLYPH_PIXELS_MAX ? oldest(set, spare) : NULL;
		if (victim == NULL)
			return;
		drop(victim);
	}
}

static struct sized *find_sized(struct font_set *set, int face, int size)
{
	for (size_t i = 0; i < SIZED_MAX; i++) {
		struct sized *entry = &set->sized[i];
		if (entry->font != NULL && entry->face == face && entry->size == size)
			return entry;
	}
	return NULL;
}

/*
 * A place for @face at a new size. Another size of the same font is resized, which is far
 * cheaper than opening: FreeType has studied the face already.
 */
static struct sized *place_for(struct font_set *set, int face)
{
	struct sized *same = NULL;

	for (size_t i = 0; i < SIZED_MAX; i++) {
		struct sized *entry = &set->sized[i];
		if (entry->font == NULL)
			return entry;
		if (entry->face == face &&
		    (same == NULL || entry->last_use < same->last_use))
			same = entry;
	}
	if (same != NULL)
		return same;

	struct sized *victim = oldest(set, NULL);
	drop(victim);
	return victim;
}

/* Its glyphs go with the size that they were drawn for. */
static bool set_size(struct sized *entry, int size, struct err *err)
{
	if (TTF_SetFontSize(entry->font, size) != 0)
		return err_set(err, ERR_INTERNAL, "fonts: size %d: %s", size,
			       TTF_GetError());
	entry->size = size;
	entry->glyphs = 0;
	return true;
}

TTF_Font *font_face_open(struct font_set *set, int face, int size, size_t characters,
			 struct err *err)
{
	struct sized *entry = find_sized(set, face, size);
	size_t pixels = (size_t)size * (size_t)size;

	/* One font of huge letters may outgrow the budget alone: it starts afresh then. */
	if (entry != NULL && entry->glyphs * pixels > GLYPH_PIXELS_MAX) {
		if (!set_size(entry, size, err))
			return NULL;
	}
	if (entry == NULL) {
		entry = place_for(set, face);
		if (entry->font == NULL)
			*entry = (struct sized){
				.font = open_font(set, face, size, err),
				.face = face,
			};
		if (entry->font == NULL || !set_size(entry, size, err))
			return NULL;
	}
	entry->last_use = ++set->uses;
	entry->glyphs += characters;
	if (entry->glyphs > GLYPHS_PER_FONT)
		entry->glyphs = GLYPHS_PER_FONT;
	keep_within_budget(set, entry);
	return entry->font;
}

void font_set_rest(struct font_set *set)
{
	struct err ignored = {0};

	for (size_t i = 0; i < SIZED_MAX; i++)
		if (set->sized[i].font != NULL)
			(void)!set_size(&set->sized[i], FONT_SIZE_MIN, &ignored);
}

bool font_covers(struct font_set *set, uint32_t code_point, bool *out_covers,
		 struct err *err)
{
	int face = FONT_FACE_NONE;

	if (!font_face_choose(set, FONT_TEXT, FONT_JAPANESE, code_point, &face, err))
		return false;
	*out_covers = face != FONT_FACE_NONE;
	return true;
}

/* Ink above and below the baseline per em, in the first font of a language. */
struct ink {
	double above, below;
};

static bool ink_of(struct font_set *set, enum font_role role, enum font_language language,
		   uint32_t code_point, struct ink *out, struct err *err)
{
	TTF_Font *probe =
		font_face_probe(set, face_of(role, language, 0, code_point), err);
	int low = 0;
	int high = 0;

	if (probe == NULL)
		return false;
	if (TTF_GlyphMetrics32(probe, code_point, NULL, NULL, &low, &high, NULL) != 0)
		return err_set(err, ERR_INTERNAL, "fonts: U+%04X can't be measured: %s",
			       (unsigned)code_point, TTF_GetError());
	out->above = (double)high / FONT_PROBE_SIZE;
	out->below = (double)-low / FONT_PROBE_SIZE;
	return true;
}

bool font_measure(struct font_set *set, enum font_role role, enum font_language language,
		  int size, struct font_metrics *out, struct err *err)
{
	TTF_Font *probe = font_face_probe(set, face_of(role, language, 0, 'E'), err);
	struct ink kanji, capital, digit;

	if (probe == NULL || !ink_of(set, role, language, 0x6728 /* 木 */, &kanji, err) ||
	    !ink_of(set, role, language, 'E', &capital, err) ||
	    !ink_of(set, role, language, '8', &digit, err))
		return false;

	*out = (struct font_metrics){
		.ascent = (double)TTF_FontAscent(probe) / FONT_PROBE_SIZE * size,
		.descent = (double)-TTF_FontDescent(probe) / FONT_PROBE_SIZE * size,
		.kanji_height = (kanji.above + kanji.below) * size,
		.kanji_descent = kanji.below * size,
		.capital_height = (capital.above + capital.below) * size,
		.digit_height = (digit.above + digit.below) * size,
		.digit_ascent = digit.above * size,
	};
	return true;
}

bool font_size_for_height(struct font_set *set, enum font_role role,
			  enum font_language language, bool japanese, double height,
			  int *out_size, struct err *err)
{
	struct font_metrics metrics;

	if (!font_measure(set, role, language, FONT_PROBE_SIZE, &metrics, err))
		return false;

	double letter = japanese ? metrics.kanji_height : metrics.capital_height;
	double size = ceil(height * FONT_PROBE_SIZE / letter - 1e-9);
	*out_size = (int)fmin(fmax(size, FONT_SIZE_MIN), FONT_SIZE_MAX);
	return true;
}

size_t font_open_count(const struct font_set *set)
{
	size_t count = 0;

	for (int face = 0; face < FACES; face++)
		count += set->probes[face] != NULL;
	for (size_t i = 0; i < SIZED_MAX; i++)
		count += set->sized[i].font != NULL;
	return count;
}
