#ifndef RENDER_SCRIPT_H
#define RENDER_SCRIPT_H

#include <stdint.h>

/* The kinds of characters that line breaking and legibility tell apart. */
enum script {
	SCRIPT_SPACE, /* also the full-width one; never '\n' */
	SCRIPT_DIGIT, /* also full-width */
	SCRIPT_LATIN, /* letters that are neither Chinese nor Japanese nor Korean */
	SCRIPT_HIRAGANA,
	SCRIPT_KATAKANA, /* with ー */
	SCRIPT_KANJI,    /* with 々 */
	SCRIPT_HANGUL,
	SCRIPT_MARK, /* punctuation, symbols and all else */
};

enum script script_of(uint32_t code_point);

#endif /* RENDER_SCRIPT_H */
