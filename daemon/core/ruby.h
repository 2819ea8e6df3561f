#ifndef CORE_RUBY_H
#define CORE_RUBY_H

#include <stdbool.h>
#include <stddef.h>

#include "core/attr.h"

struct err;

/*
 * Readings (ふりがな, ruby) in a text, as Aozora Bunko writes them: 《よみ》 behind its kanji,
 * 「漢字《かんじ》」, or behind whatever ｜ begins, 「｜お知らせ《おしらせ》」. ｜《 is the bracket 《
 * itself; ｜ elsewhere and 》 without a 《 stand for themselves.
 */

#define RUBY_BASE_MAX    12 /* characters that one reading stands above */
#define RUBY_READING_MAX 24 /* characters */

/* A piece of a text; both strings are borrowed from it and not NUL-terminated. */
struct ruby_piece {
	const char *text; /* as readers see it */
	size_t len;
	const char *reading; /* above it; NULL: none */
	size_t reading_len;
};

/*
 * Takes the next piece from *@cursor, false at the end. What ruby_check() refuses is taken
 * as it is written: nothing gets lost.
 */
bool ruby_next(const char **cursor, struct ruby_piece *out);

/*
 * Refuses a 《 that is never closed, has no reading in it or nothing before it that it
 * could be the reading of, and readings and bases over their maximum. The error names the
 * place by its character, and the remedy.
 */
MUST_USE bool ruby_check(const char *text, struct err *err);

/* Whether there is a reading in @text. */
bool ruby_is_in(const char *text);

/*
 * @text without its readings and their marks, for all that is not a picture: lists,
 * reports, open data. Owned by the caller, NULL when out of memory.
 */
char *ruby_plain(const char *text);

/* How many bytes of @text, as written, come before byte @at of ruby_plain(@text). */
size_t ruby_written(const char *text, size_t at);

#endif /* CORE_RUBY_H */
