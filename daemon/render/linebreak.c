#include "render/linebreak.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unicode/ubrk.h>
#include <unicode/utext.h>

#include "core/err.h"
#include "core/utf8.h"
#include "render/linebreak_fit.h"
#include "render/phrase.h"
#include "render/script.h"
#include "render/unit.h"

/* A text as code points, each with the byte where it starts. */
struct characters {
	uint32_t *code_points;
	size_t *starts;
	uint8_t *words; /* 1 where a word of the dictionary begins */
	size_t count;
};

static void characters_done(struct characters *characters)
{
	free(characters->code_points);
	free(characters->starts);
	free(characters->words);
}

static bool characters_init(struct characters *characters, const char *text, size_t len,
			    struct err *err)
{
	characters->count = 0;
	characters->code_points = calloc(len + 1, sizeof(*characters->code_points));
	characters->starts = calloc(len + 1, sizeof(*characters->starts));
	characters->words = calloc(len + 1, sizeof(*characters->words));
	if (characters->code_points == NULL || characters->starts == NULL ||
	    characters->words == NULL)
		return err_set(err, ERR_NO_MEMORY, "line breaking: out of memory");

	for (const char *cursor = text; *cursor != '\0'; characters->count++) {
		characters->starts[characters->count] = (size_t)(cursor - text);
		characters->code_points[characters->count] = utf8_next(&cursor);
	}
	return true;
}

static void close_iterator(UBreakIterator **iterator)
{
	if (*iterator != NULL)
		ubrk_close(*iterator);
}

static void close_text(UText **text)
{
	if (*text != NULL)
		utext_close(*text);
}

/* Calls @mark for each boundary that ICU finds inside @text. */
typedef void mark_fn(uint8_t *places, size_t at);

static const char *locale_of(enum linebreak_language language)
{
	switch (language) {
	case LINEBREAK_JAPANESE:
		return "ja@lb=strict";
	case LINEBREAK_CHINESE:
		return "zh@lb=strict";
	case LINEBREAK_KOREAN:
		return "ko@lb=strict";
	}
	return "";
}

#define LANGUAGES (LINEBREAK_KOREAN + 1)
#define TYPES     (UBRK_LINE + 1)

/*
 * Opening an iterator reads its rules anew each time; cloning one shares them. So one of
 * each kind is opened when it is first needed, never moved, and kept for good.
 */
static UBreakIterator *iterator_of(enum linebreak_language language,
				   UBreakIteratorType type, UErrorCode *status)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	static UBreakIterator *models[LANGUAGES][TYPES];
	UBreakIterator **model = &models[language][type];

	pthread_mutex_lock(&lock);
	if (*model == NULL) {
		*model = ubrk_open(type, locale_of(language), NULL, 0, status);
		if (U_FAILURE(*status))
			*model = NULL;
	}
	pthread_mutex_unlock(&lock);
	return *model != NULL ? ubrk_clone(*model, status) : NULL;
}

static bool mark_boundaries(enum linebreak_language language, UBreakIteratorType type,
			    const char *text, size_t len, uint8_t *places, mark_fn *mark,
			    struct err *err)
{
	UErrorCode status = U_ZERO_ERROR;
	CLEANUP(close_text)
	UText *utext = utext_openUTF8(NULL, text, (int64_t)len, &status);
	CLEANUP(close_iterator)
	UBreakIterator *iterator = iterator_of(language, type, &status);

	if (U_SUCCESS(status))
		ubrk_setUText(iterator, utext, &status);
	if (U_FAILURE(status))
		return err_set(err, ERR_INTERNAL, "line breaking: ICU says %s",
			       u_errorName(status));

	for (int32_t at = ubrk_next(iterator); at != UBRK_DONE; at = ubrk_next(iterator))
		if (at > 0 && (size_t)at < len)
			mark(places, (size_t)at);
	return true;
}

static void mark_one(uint8_t *places, size_t at)
{
	places[at] = 1;
}

static void mark_legal(uint8_t *places, size_t at)
{
	places[at] = 0;
}

/* Finds words, with @places (len + 1 bytes) to work in. */
static bool find_words(enum linebreak_language language, struct characters *characters,
		       const char *text, size_t len, uint8_t *places, struct err *err)
{
	memset(places, 0, len + 1);
	if (!mark_boundaries(language, UBRK_WORD, text, len, places, mark_one, err))
		return false;
	for (size_t i = 0; i < characters->count; i++)
		characters->words[i] = places[characters->starts[i]];
	return true;
}

#define COST_IN_CHINESE_WORD 60

/* How welcome a legal break before character @i is. */
static uint8_t cost_before(enum linebreak_language language,
			   const struct characters *characters, size_t i)
{
	if (unit_is_parted(characters->code_points, characters->count, i))
		return LINEBREAK_NEVER;
	switch (language) {
	case LINEBREAK_JAPANESE:
		return phrase_cost(characters->code_points, characters->words,
				   characters->count, i);
	case LINEBREAK_CHINESE:
		return characters->words[i] ? 0 : COST_IN_CHINESE_WORD;
	case LINEBREAK_KOREAN:
		/* ICU knows lw=keepall from version 74 on only. */
		return script_of(characters->code_points[i - 1]) == SCRIPT_HANGUL &&
				       script_of(characters->code_points[i]) ==
					       SCRIPT_HANGUL
			       ? LINEBREAK_NEVER
			       : 0;
	}
	return 0;
}

bool linebreak_costs_in(enum linebreak_language language, const char *text,
			uint8_t *costs, struct err *err)
{
	size_t len = strnlen(text, LINEBREAK_BYTES_MAX + 1);
	if (len > LINEBREAK_BYTES_MAX)
		return err_set(err, ERR_TOO_LARGE,
			       "line breaking: text is longer than %d bytes",
			       LINEBREAK_BYTES_MAX);

	CLEANUP(characters_done) struct characters characters = {0};
	if (!characters_init(&characters, text, len, err) ||
	    !find_words(language, &characters, text, len, costs, err))
		return false;

	memset(costs, LINEBREAK_NEVER, len + 1);
	if (!mark_boundaries(language, UBRK_LINE, text, len, costs, mark_legal, err))
		return false;

	for (size_t i = 1; i < characters.count; i++) {
		uint8_t *cost = &costs[characters.starts[i]];
		if (characters.code_points[i - 1] == '\n')
			*cost = LINEBREAK_MUST;
		else if (*cost == 0)
			*cost = cost_before(language, &characters, i);
	}
	costs[len] = LINEBREAK_MUST;
	return true;
}

bool linebreak_costs(const char *text, uint8_t *costs, struct err *err)
{
	return linebreak_costs_in(LINEBREAK_JAPANESE, text, costs, err);
}

bool linebreak_characters(const char *text, uint8_t *places, struct err *err)
{
	size_t len = strnlen(text, LINEBREAK_BYTES_MAX);

	memset(places, 0, len + 1);
	places[len] = 1;
	return mark_boundaries(LINEBREAK_JAPANESE, UBRK_CHARACTER, text, len, places,
			       mark_one, err);
}
