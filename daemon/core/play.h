#ifndef CORE_PLAY_H
#define CORE_PLAY_H

#include <stdbool.h>
#include <stdint.h>

#include "core/attr.h"
#include "core/time.h"

struct err;

#define PLAY_SLIDE_ID_MAX 160 /* bytes, NUL included */
#define PLAY_ITEM_ID_MAX  96
#define PLAY_BOOT_ID_SIZE 37 /* 8-4-4-4-12 hex digits and NUL */
#define PLAY_HASH_SIZE    32 /* SHA-256 */
/* An urgent slide may stay for as long as it is urgent; a year is an error somewhere. */
#define PLAY_SHOWN_MAX_MS (INT64_C(366) * 24 * 60 * 60 * 1000)

/* Why a play ended as it did. The names of play_outcome_name() are in documents. */
enum play_outcome {
	PLAY_COMPLETE,  /* shown for at least the planned dwell less one frame */
	PLAY_EMERGENCY, /* partial: an urgent notice took over */
	PLAY_CONTENT,   /* partial: the programme changed */
	PLAY_POWER,     /* partial: found open at start-up */
	PLAY_SHUTDOWN,  /* partial: the display was asked to stop */
	PLAY_OPERATOR,  /* partial: an operator moved on */
	PLAY_OUTPUT,    /* nobody could see it: no connected, lit output */
};

/* Whether anybody could see it. */
enum play_output {
	PLAY_OUTPUT_ON,      /* a connected output showed the frame */
	PLAY_OUTPUT_OFF,     /* panel off or disconnected */
	PLAY_OUTPUT_UNKNOWN, /* the video driver can't tell */
	PLAY_OUTPUT_BLACK,   /* what was presented was a black frame */
};

/*
 * What speaks for it that there was something to see. Rows written by programs that took no
 * such proof have none, and are what they were.
 */
struct play_proof {
	bool known;
	int64_t frames; /* presented, from the first at full opacity to the last with it */
	uint64_t picture; /* checksum of pixels of that first frame; 0: can't be read */
};

/* What is known when a play begins. Strings are plain arrays: the value can be queued. */
struct play_start {
	char boot_id[PLAY_BOOT_ID_SIZE];
	char slide_id[PLAY_SLIDE_ID_MAX]; /* "notice/flu-2026/1" */
	char item_id[PLAY_ITEM_ID_MAX];   /* "notice/flu-2026", "plan" */
	int64_t item_revision;
	uint8_t content_hash[PLAY_HASH_SIZE]; /* of the document the slide came from */
	int64_t programme_version;            /* 0: no programme yet */
	struct wall_ms began;
	struct mono_ms began_mono;
	bool synchronised; /* the clock was, when it began */
	struct span_ms planned;
	enum play_output output;
	struct play_proof proof; /* so far; of a closed play, in all */
};

/* A closed play: a row of the log. */
struct play {
	int64_t seq; /* 1, 2, … per screen, gapless, never reused */
	struct play_start start;
	struct span_ms shown; /* monotonic */
	enum play_outcome outcome;
};

const char *play_outcome_name(enum play_outcome outcome); /* "complete" */
const char *play_output_name(enum play_output output);    /* "on" */
MUST_USE bool play_outcome_parse(const char *name, enum play_outcome *out);
MUST_USE bool play_output_parse(const char *name, enum play_output *out);

/* Whether somebody may have seen what went there. */
bool play_output_is_visible(enum play_output output);

/*
 * The outcome of a play that ended because of @cause after @shown: complete when it was on
 * screen for the planned dwell less one frame and could be seen, else the cause; a cause of
 * PLAY_COMPLETE with too short a time is PLAY_CONTENT.
 */
enum play_outcome play_outcome_of(const struct play_start *start, struct span_ms shown,
				  struct span_ms frame, enum play_outcome cause);

/* Whether the KPI may count it: complete, seen, of an administrative notice. */
bool play_counts(const struct play *play);

/* Ranges of every field; errors name it ("planned_ms: …"). */
MUST_USE bool play_check(const struct play *play, struct err *err);

#endif /* CORE_PLAY_H */
