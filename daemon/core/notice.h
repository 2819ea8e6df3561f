#ifndef CORE_NOTICE_H
#define CORE_NOTICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/attr.h"
#include "core/time.h"

struct err;

#define NOTICE_ID_MAX         64   /* characters, [a-z0-9] and inner '-' */
#define NOTICE_TITLE_MAX      100  /* characters */
#define NOTICE_BODY_MAX       2000 /* characters */
#define NOTICE_DEPARTMENT_MAX 40
#define NOTICE_CATEGORY_MAX   12
#define NOTICE_CONTACT_MAX    80
#define NOTICE_URL_MAX        300
#define NOTICE_FACTS_MAX      6 /* label–value rows */
#define NOTICE_LABEL_MAX      8
#define NOTICE_VALUE_MAX      60
#define NOTICE_SCREENS_MAX    200
#define NOTICE_WEIGHT_MAX     10
#define NOTICE_DWELL_MIN_S    5
#define NOTICE_DWELL_MAX_S    120
#define NOTICE_SPAN_MAX_DAYS  1100 /* a notice must end within three years */
#define SCREEN_ID_MAX         64

/* Texts in other languages need more characters for the same. */
#define NOTICE_TRANSLATED_TITLE_MAX      160
#define NOTICE_TRANSLATED_BODY_MAX       3000
#define NOTICE_TRANSLATED_DEPARTMENT_MAX 80
#define NOTICE_TRANSLATED_LABEL_MAX      20
#define NOTICE_TRANSLATED_VALUE_MAX      120

/*
 * Title, body and facts may give readings (core/ruby.h) in Japanese and やさしい日本語; in
 * Chinese 《》 are the brackets of titles. Their maximum holds for the text without readings,
 * this one for what is written.
 */
#define NOTICE_WRITTEN(max) ((max)*3)

#define NOTICE_PICTURE_SIDE_MIN  64   /* pixels */
#define NOTICE_PICTURE_SIDE_MAX  1920 /* pixels, once checked and re-encoded */
#define NOTICE_PICTURE_BYTES_MAX (2 * 1024 * 1024)
#define NOTICE_ALT_MAX           120
#define NOTICE_FILE_MAX          200 /* bytes */
#define NOTICE_HASH_SIZE         32  /* of a SHA-256 */

/* One row of "who, when, where": 「対象 市内にお住まいの方」. */
struct notice_fact {
	const char *label;
	const char *value;
};

/* What a picture's bytes are, and how its file's name ends. */
enum notice_picture_format {
	NOTICE_PICTURE_PNG,
	NOTICE_PICTURE_JPEG,
};

/*
 * A picture. Staff name a @file that nobody has looked at yet; a programme names the bytes
 * that came out of checking and re-encoding it, by their hash, and has no @file.
 */
struct notice_picture {
	const char
		*file; /* beside the notice's file; NULL once it is checked, and then: */
	uint8_t sha256[NOTICE_HASH_SIZE];
	enum notice_picture_format format;
	int width, height; /* pixels */
	int64_t bytes;
	const char *alt; /* what it shows, in words */
};

/* Languages beside Japanese, in the order in which they are shown. */
enum notice_language {
	NOTICE_JA_EASY, /* やさしい日本語, a language of its own */
	NOTICE_EN,
	NOTICE_ZH, /* in simplified characters */
	NOTICE_KO,
};
#define NOTICE_LANGUAGES 4

/* "ja-easy", "en", "zh", "ko": as BCP 47 has them, but for the first. */
const char *notice_language_name(enum notice_language language);

/* Whether its texts may give readings. */
bool notice_language_has_ruby(enum notice_language language);

/* The notice in another language. What it leaves out is shown as in Japanese. */
struct notice_translation {
	const char *title;
	const char *body;       /* optional */
	const char *department; /* optional */
	struct notice_fact facts[NOTICE_FACTS_MAX];
	size_t fact_count;
};

/* When in the week it may be shown, Japan time. */
struct notice_hours {
	unsigned weekdays; /* bit 0 Sunday … bit 6 Saturday; 0x7f every day */
	int from_minute;   /* since midnight, 0–1439 */
	int until_minute; /* exclusive; 1–1440; at most @from_minute means past midnight */
};

/*
 * A notice (お知らせ): one item written by staff. A plain value whose strings are
 * borrowed from the document it was read from. Optional strings are NULL when absent.
 */
struct notice {
	const char *id;
	int64_t revision; /* 1, 2, …; a revision is the same notice to the KPI */
	const char *title;
	const char *body;       /* paragraphs separated by '\n'; optional */
	const char *department; /* 所管課 */
	const char *category;   /* "子育て"; optional */
	const char *contact;    /* "電話 042-…"; optional */
	const char *url;        /* https://… for the QR code; optional */
	struct notice_fact facts[NOTICE_FACTS_MAX];
	size_t fact_count;
	const struct notice_picture *picture; /* optional */
	const struct notice_translation
		*translations[NOTICE_LANGUAGES]; /* by language; NULL: not in it */
	struct wall_ms from;                     /* first instant of its validity */
	struct wall_ms until;                    /* end of it, exclusive: always given */
	struct notice_hours hours;
	int weight;  /* 1–NOTICE_WEIGHT_MAX: its share of the loop; 1 is usual */
	int dwell_s; /* 0: from the text */
	bool urgent; /* shown at once, and before all else while valid */
	bool sample; /* 見本: marked on the screen, never counts */
	bool counts; /* an administrative notice that the KPI counts */
	const char **screens; /* ids of target screens; NULL: all */
	size_t screen_count;
};

/*
 * Checks ranges and relations (from before until, lengths, id, URL, no control
 * characters). Errors start with the field: "until: is before from (…)".
 */
MUST_USE bool notice_check(const struct notice *notice, struct err *err);

/*
 * Where a checked picture lies among the signed targets: "media/<sha256>.png" or ".jpg".
 */
#define NOTICE_MEDIA_PATH_SIZE (6 + 2 * NOTICE_HASH_SIZE + 5)
void notice_media_path(const struct notice_picture *picture,
		       char out[static NOTICE_MEDIA_PATH_SIZE]);

/* Whether an identifier of a notice or screen is well-formed. */
bool notice_id_is_valid(const char *id);

/* Whether it may be on screen @screen_id at @wall: validity, weekday, hours, target. */
bool notice_is_due(const struct notice *notice, const char *screen_id,
		   struct wall_ms wall);

/*
 * The earliest instant after @wall at which notice_is_due() changes for this screen, by
 * validity or hours; false when it never does.
 */
bool notice_next_change(const struct notice *notice, const char *screen_id,
			struct wall_ms wall, struct wall_ms *out);

#endif /* CORE_NOTICE_H */
