#ifndef RENDER_UNIT_H
#define RENDER_UNIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Whether a break before @text[@at], 0 < @at < @count, would part a number from its unit,
 * counter or prefix (170｜件, 令和｜8年度, 29拠｜点, 5 ｜m, 第｜3次) or a Latin word from
 * itself (AI-｜OCR).
 */
bool unit_is_parted(const uint32_t *text, size_t count, size_t at);

#endif /* RENDER_UNIT_H */
