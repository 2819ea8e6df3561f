#ifndef CTL_SCREEN_H
#define CTL_SCREEN_H

#include <stdbool.h>

#include "core/attr.h"
#include "core/health.h"
#include "core/time.h"
#include "wire/health.h"

struct ctl;
struct err;
struct json_node;

#define SCREENS_MAX    10000 /* in a list */
#define SCREEN_URL_MAX (SCREEN_ID_MAX + 32)

/* "screens/ID" and @rest ("/revoke"); ERR_INVALID when @id is none. */
MUST_USE bool screen_url(const char *id, const char *rest,
			 char out[static SCREEN_URL_MAX], struct err *err);

/* screen list | show ID */
MUST_USE bool screen_list(struct ctl *ctl, struct err *err);
MUST_USE bool screen_show(struct ctl *ctl, const char *id, struct err *err);
/* screen snapshot ID [-o FILE.png] [--timeout SECONDS]; @argv as verb_screen() has it. */
MUST_USE bool screen_snapshot(struct ctl *ctl, int argc, char **argv, struct err *err);

/* A screen as the city tells of it; texts are borrowed from the answer. */
struct screen_view {
	const char *id, *place, *state;
	bool counts;
	struct wall_ms enrolled, last_upload; /* 0: never */
	int64_t missing, quarantined;         /* plays: rows that staff should look at */
	int64_t timestamp;                    /* version of what the city has published */
	unsigned alarms;                      /* bits of enum health_alarm */
	bool reported;                        /* the rest is there */
	struct wall_ms received, heard;
	struct health health;
	struct health_courier courier;
};

/* @timestamp: the "timestamp" of the answer that @object is in. */
MUST_USE bool screen_view_read(struct json_node *object, int64_t timestamp,
			       struct screen_view *out, struct err *err);

/* --- in words; each writes at most SCREEN_WORDS bytes --- */
#define SCREEN_WORDS 200

const char *screen_state_words(const char *state); /* 「登録済み」 */
const char *screen_output_words(enum play_output output);
/* Day and minute in Japan time; 「–」 for never. */
void screen_moment_words(struct wall_ms at, char out[static SCREEN_WORDS]);
/* 「3時間5分」 */
void screen_span_words(struct span_ms span, char out[static SCREEN_WORDS]);
/* 「最新」, or how far it is behind. */
void screen_set_words(const struct screen_view *view, char out[static SCREEN_WORDS]);
void screen_clock_words(const struct screen_view *view, char out[static SCREEN_WORDS]);
void screen_disk_words(const struct health *health, char out[static SCREEN_WORDS]);
void screen_heat_words(const struct health *health, char out[static SCREEN_WORDS]);
void screen_frame_words(const struct screen_view *view, char out[static SCREEN_WORDS]);
/* When it was heard last, or since when it was not. */
void screen_contact_words(const struct screen_view *view, char out[static SCREEN_WORDS]);
/* When plays came last, and what is wrong with them. */
void screen_upload_words(const struct screen_view *view, char out[static SCREEN_WORDS]);
void screen_alarm_words(unsigned alarms, char out[static SCREEN_WORDS]);

#endif /* CTL_SCREEN_H */
