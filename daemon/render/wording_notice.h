#ifndef RENDER_WORDING_NOTICE_H
#define RENDER_WORDING_NOTICE_H

#include "core/notice.h"
#include "core/time.h"
#include "render/wording.h"

/* The words around a notice in the languages that a notice may have. */

enum wording_language wording_language_of(enum notice_language language);

/* As wording_until(): "Until 30 November", "至11月30日 17:00", "11월 30일까지". */
void wording_until_in(enum wording_language language, struct wall_ms until,
		      struct wall_ms now, char out[static WORDING_SIZE]);
/* "西東京市からのお知らせ", "西東京市　Notice" */
void wording_notice_from_in(enum wording_language language, const char *organisation,
			    char out[static WORDING_SIZE]);

#endif /* RENDER_WORDING_NOTICE_H */
