#ifndef DISPLAY_SETTINGS_H
#define DISPLAY_SETTINGS_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/attr.h"

struct err;

#define SETTINGS_TEXT_MAX 200

/* display.conf, checked; config/display.conf says what each key means. */
struct settings {
	char place[SETTINGS_TEXT_MAX];        /* "": as enrolled */
	char organisation[SETTINGS_TEXT_MAX]; /* "": the plan's city */
	unsigned plan_languages; /* beside Japanese: bits (1 << enum notice_language) */
	double panel_height_mm;
	double distance_m;

	char inbox[PATH_MAX], outbox[PATH_MAX], state[PATH_MAX];
	char plan[PATH_MAX];
	char fonts[PATH_MAX]; /* "": where Debian's packages put them */

	int render; /* enum output_render */
	char driver[32];
	bool windowed;
	int width, height; /* of a window, or where the driver has no panel */
	bool keys;

	int theme;       /* enum director_theme */
	double dwell_s;  /* 0: from the text */
	int64_t fade_ms; /* -1: as the programme says */
	int64_t seal_after_s;
	int64_t keep_days;      /* plays, after the city has confirmed them */
	int64_t max_mb;         /* of the play log */
	int64_t report_every_s; /* this screen's health */

	char observer[PATH_MAX]; /* file that display/observer.h writes; "": none */

	bool clock_vouched; /* kept by something that the system can't see */
};

/* Reads and checks @path. Errors read "display.conf:12: [screen].distance: …". */
MUST_USE bool settings_read(const char *path, struct settings *out, struct err *err);

/* "1280x720" into two sides; for --windowed and [output].size. */
MUST_USE bool settings_parse_size(const char *text, int *out_width, int *out_height,
				  struct err *err);

#endif /* DISPLAY_SETTINGS_H */
