#ifndef CORE_UTF8_H
#define CORE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/attr.h"

/*
 * UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, at most U+10FFFF.
 */

/* Decodes one character at @*cursor and moves on. At malformed bytes: U+FFFD, one byte on.
 * At the NUL: 0, and @*cursor stays. */
uint32_t utf8_next(const char **cursor);

/* Whether @text (NUL-terminated) is well-formed throughout. */
bool utf8_is_valid(const char *text);

/* Characters (code points) in @text. */
size_t utf8_count(const char *text);

/* What a reader reads: code points less white space and combining marks, variation
 * selectors and joiners. This is the count that dwell uses. */
size_t utf8_count_readable(const char *text);

/* Writes @code_point and returns its length, 1–4 bytes; no NUL. */
size_t utf8_encode(uint32_t code_point, char out[static 4]);

/* Whether @text holds a control character other than '\n' (C0, DEL, C1, bidi controls). */
bool utf8_has_control(const char *text);

#endif /* CORE_UTF8_H */
