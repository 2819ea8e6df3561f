#include "core/ruby.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/err.h"
#include "core/utf8.h"

#define MARK  0xff5cU /* ｜ */
#define OPEN  0x300aU /* 《 */
#define CLOSE 0x300bU /* 》 */

/* Where a text goes on after what has no reading. */
enum stop {
	STOP_END,
	STOP_READING, /* a base with its reading */
	STOP_BRACKET, /* ｜《 */
};

/* What is wrong with a 《, so that it is no more than that. */
enum fault {
	FAULT_NONE,
	FAULT_OPEN,
	FAULT_EMPTY,
	FAULT_BASE,
	FAULT_BASE_LONG,
	FAULT_READING_LONG,
};

/* What comes before a character: where a base may begin. */
struct before {
	const char *mark;  /* the ｜ that begins a base; NULL: none */
	const char *kanji; /* the first kanji of a row of them; NULL: none */
};

/* Also what is read as part of a word in kanji: 々〆〇, and ヶ as in 市ヶ谷. */
static bool is_kanji(uint32_t c)
{
	return (c >= 0x4e00 && c <= 0x9fff) || (c >= 0x3400 && c <= 0x4dbf) ||
	       (c >= 0xf900 && c <= 0xfaff) || (c >= 0x20000 && c <= 0x3ffff) ||
	       (c >= 0x3005 && c <= 0x3007) || c == 0x30f6;
}

static size_t count_between(const char *start, const char *end)
{
	size_t count = 0;

	while (start < end) {
		utf8_next(&start);
		count++;
	}
	return count;
}

static bool is_blank(const char *start, const char *end)
{
	while (start < end) {
		uint32_t c = utf8_next(&start);

		if (c != ' ' && c != 0x3000)
			return false;
	}
	return true;
}

/* Where the reading behind 《 ends: at its 》, NULL when there is none. */
static const char *closing(const char *reading)
{
	for (const char *at = reading;;) {
		const char *here = at;
		uint32_t c = utf8_next(&at);

		if (c == CLOSE)
			return here;
		if (c == 0 || c == '\n' || c == OPEN || c == MARK)
			return NULL;
	}
}

/* The 《 at @open, with the reading behind it; what is wrong with it, else sets @out. */
static enum fault take_reading(const struct before *before, const char *open,
			       struct ruby_piece *out, const char **out_start,
			       const char **out_end)
{
	const char *base = before->kanji, *reading = open, *end;

	utf8_next(&reading);
	end = closing(reading);
	if (!end)
		return FAULT_OPEN;
	if (is_blank(reading, end))
		return FAULT_EMPTY;
	if (before->mark) {
		base = before->mark;
		utf8_next(&base);
	}
	if (!base)
		return FAULT_BASE;
	if (count_between(base, open) > RUBY_BASE_MAX)
		return FAULT_BASE_LONG;
	if (count_between(reading, end) > RUBY_READING_MAX)
		return FAULT_READING_LONG;
	*out = (struct ruby_piece){base, (size_t)(open - base), reading,
				   (size_t)(end - reading)};
	*out_start = before->mark ? before->mark : base;
	utf8_next(&end);
	*out_end = end;
	return FAULT_NONE;
}

/* The next thing in a text that is not simply text. */
struct next {
	enum stop stop;
	const char *start, *end; /* as written */
	struct ruby_piece piece;
	enum fault fault; /* of the first 《 before it that is no reading */
	const char *fault_at;
};

static struct next find(const char *text)
{
	struct next next = {.stop = STOP_END};
	struct before before = {0};

	for (;;) {
		const char *here = text;
		uint32_t c = utf8_next(&text);
		enum fault fault;

		if (c == 0) {
			next.start = next.end = here;
			return next;
		}
		if (c == OPEN && before.mark && here == before.mark + 3) {
			next.stop = STOP_BRACKET;
			next.start = before.mark;
			next.end = text;
			next.piece = (struct ruby_piece){.text = here, .len = 3};
			return next;
		}
		if (c == OPEN) {
			fault = take_reading(&before, here, &next.piece, &next.start,
					     &next.end);
			if (fault == FAULT_NONE) {
				next.stop = STOP_READING;
				return next;
			}
			if (next.fault == FAULT_NONE) {
				next.fault = fault;
				next.fault_at = here;
			}
		}
		if (c == MARK)
			before.mark = here;
		else if (c == OPEN || c == CLOSE || c == '\n')
			before.mark = NULL;
		if (!is_kanji(c))
			before.kanji = NULL;
		else if (!before.kanji)
			before.kanji = here;
	}
}

bool ruby_next(const char **cursor, struct ruby_piece *out)
{
	struct next next;

	if (**cursor == '\0')
		return false;
	next = find(*cursor);
	if (next.start > *cursor) {
		*out = (struct ruby_piece){.text = *cursor,
					   .len = (size_t)(next.start - *cursor)};
		*cursor = next.start;
		return true;
	}
	*out = next.piece;
	*cursor = next.end;
	return true;
}

static bool refuse(enum fault fault, size_t character, struct err *err)
{
	switch (fault) {
	case FAULT_NONE:
		return true;
	case FAULT_OPEN:
		return err_set(
			err, ERR_INVALID,
			"character %zu: 《 begins a reading that no 》 ends; for the "
			"bracket itself write ｜《",
			character);
	case FAULT_EMPTY:
		return err_set(err, ERR_INVALID,
			       "character %zu: there is no reading between 《 and 》",
			       character);
	case FAULT_BASE:
		return err_set(err, ERR_INVALID,
			       "character %zu: no kanji stands before 《: put ｜ where "
			       "the word begins, or write ｜《 for the bracket itself",
			       character);
	case FAULT_BASE_LONG:
		return err_set(err, ERR_INVALID,
			       "character %zu: the reading is that of more than %d "
			       "characters: put ｜ where the word begins, or give it in "
			       "parts",
			       character, RUBY_BASE_MAX);
	case FAULT_READING_LONG:
		return err_set(err, ERR_INVALID,
			       "character %zu: the reading has more than %d characters: "
			       "give it in parts",
			       character, RUBY_READING_MAX);
	}
	return true;
}

bool ruby_check(const char *text, struct err *err)
{
	for (const char *at = text; *at;) {
		struct next next = find(at);

		if (next.fault != FAULT_NONE)
			return refuse(next.fault, count_between(text, next.fault_at) + 1,
				      err);
		at = next.end;
	}
	return true;
}

bool ruby_is_in(const char *text)
{
	struct ruby_piece piece;

	while (ruby_next(&text, &piece))
		if (piece.reading)
			return true;
	return false;
}

char *ruby_plain(const char *text)
{
	char *plain = malloc(strlen(text) + 1), *end = plain;
	struct ruby_piece piece;

	if (!plain)
		return NULL;
	while (ruby_next(&text, &piece)) {
		memcpy(end, piece.text, piece.len);
		end += piece.len;
	}
	*end = '\0';
	return plain;
}

size_t ruby_written(const char *text, size_t at)
{
	const char *cursor = text, *start = text;
	struct ruby_piece piece;
	size_t plain = 0;

	/* Behind the last character lies also what closes its reading. */
	while (plain < at && ruby_next(&cursor, &piece)) {
		if (plain + piece.len > at)
			return (size_t)(piece.text - start) + at - plain;
		plain += piece.len;
	}
	return (size_t)(cursor - start);
}
