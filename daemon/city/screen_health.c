/* How screens are: their reports, what of them is alarming, and pictures on request. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "city/api.h"
#include "city/buffer.h"
#include "city/city.h"
#include "city/screens.h"
#include "core/err.h"
#include "core/health.h"
#include "os/log.h"
#include "store/citydb.h"
#include "store/screen_health.h"
#include "wire/health.h"
#include "wire/screenshot.h"

#define ANSWER_MAX 1024

/* --- from a box ---------------------------------------------------------------------- */

/* What somebody should look at, when it is new. */
static void warn(const struct health *health, unsigned before, unsigned alarms)
{
	for (unsigned i = 0; i < HEALTH_ALARMS; i++)
		if ((alarms & ~before) & (1U << i))
			log_warning("screen %s: alarm: %s: see ekimaectl screen show %s",
				    health->screen_id,
				    health_alarm_name((enum health_alarm)i),
				    health->screen_id);
}

static bool take_alarms(void *context, const struct screen_health *health,
			struct err *err)
{
	unsigned *alarms = context;

	(void)err;
	*alarms = health->alarms;
	return true;
}

bool api_screen_health(struct city *city, struct request *request, struct reply *reply,
		       struct err *err)
{
	CLEANUP(health_upload_done) struct health_upload upload = {0};
	const char *body = request->body ? request->body : "";
	char id[SCREEN_ID_MAX + 1];
	struct screen screen;
	unsigned alarms, before = 0;
	int64_t wanted;
	bool fresh;

	if (!health_upload_screen(body, request->body_len, id, err) ||
	    !screens_enrolled(city, "health", id, &screen, err) ||
	    !health_upload_from_json(body, request->body_len, screen.public_key, &upload,
				     err))
		return false;
	alarms = health_alarms(&upload.health, request->now.wall);
	if (!screen_health_get(city->db, id, take_alarms, &before, err) ||
	    !screen_health_put(city->db, id, &upload, alarms, request->now.wall, &fresh,
			       err) ||
	    !snapshot_wanted(city->db, id, request->now.wall, &wanted, err))
		return false;
	if (fresh)
		warn(&upload.health, before, alarms);
	reply->body = health_request_to_json(wanted, &reply->len, err);
	return reply->body != NULL;
}

bool api_snapshot_put(struct city *city, struct request *request, struct reply *reply,
		      struct err *err)
{
	const char *body = request->body ? request->body : "";
	char id[SCREEN_ID_MAX + 1];
	struct screenshot screenshot;
	struct screen screen;
	const void *png;
	size_t len;

	return screenshot_screen(body, request->body_len, id, err) &&
	       screens_enrolled(city, "snapshot", id, &screen, err) &&
	       screenshot_from_bytes(body, request->body_len, screen.public_key,
				     &screenshot, &png, &len, err) &&
	       snapshot_put(city->db, &screenshot, png, len, request->now.wall, err) &&
	       reply_text(reply, "{}", err);
}

/* --- to staff ------------------------------------------------------------------------ */

struct listing {
	struct buffer *out;
	struct wall_ms now;
	bool found, silent;
	unsigned alarms;
};

static bool add_health(void *context, const struct screen_health *health, struct err *err)
{
	struct listing *listing = context;
	char received[WALL_TEXT_SIZE], heard[WALL_TEXT_SIZE];

	(void)err;
	listing->found = true;
	listing->silent = health_is_silent(health->received, health->every, listing->now);
	listing->alarms = health->alarms;
	wall_format_utc(health->received, received);
	wall_format_utc(health->heard, heard);
	/* Both documents are as they were checked when they came. */
	buffer_printf(listing->out,
		      ",\"health\":{\"received\":\"%s\",\"heard\":\"%s\",\"report\":",
		      received, heard);
	buffer_add(listing->out, health->report);
	buffer_add(listing->out, ",\"courier\":");
	buffer_add(listing->out, health->courier);
	buffer_add(listing->out, "}");
	return true;
}

bool screens_add_health(struct city *city, const struct screen *screen,
			struct wall_ms now, struct buffer *out, struct err *err)
{
	struct listing listing = {.out = out, .now = now};
	bool first = true;

	if (!screen_health_get(city->db, screen->id, add_health, &listing, err))
		return false;
	if (!listing.found) {
		buffer_add(out, ",\"health\":null");
		listing.silent =
			health_is_silent(screen->enrolled, (struct span_ms){0}, now);
	}
	/* What it said before it fell silent need not be so any more. */
	if (listing.silent)
		listing.alarms = 1U << HEALTH_SILENT;
	if (screen->state != SCREEN_ENROLLED)
		listing.alarms = 0;
	buffer_add(out, ",\"alarms\":[");
	for (unsigned i = 0; i < HEALTH_ALARMS; i++) {
		if (!(listing.alarms & (1U << i)))
			continue;
		buffer_printf(out, "%s\"%s\"", first ? "" : ",",
			      health_alarm_name((enum health_alarm)i));
		first = false;
	}
	buffer_add(out, "]");
	return true;
}

bool api_snapshot_ask(struct city *city, struct request *request, struct reply *reply,
		      struct err *err)
{
	CLEANUP(buffer_done) struct buffer out;
	struct screen screen;
	int64_t number;
	bool ok;

	buffer_init(&out, ANSWER_MAX);
	if (!screen_find(city->db, request->argument, &screen, err))
		return false;
	if (screen.state != SCREEN_ENROLLED)
		return err_set(err, ERR_CONFLICT,
			       "snapshot: screen %s is not enrolled: nobody is there to "
			       "take one",
			       screen.id);
	if (!db_begin(city->db, err))
		return false;
	ok = snapshot_ask(city->db, screen.id, request->now.wall, &number, err) &&
	     audit_append(city->db, request->staff.name, "snapshot", screen.id, "",
			  request->now.wall, err);
	if (!db_end(city->db, ok, err))
		return false;
	buffer_printf(&out, "{\"number\":%" PRId64 "}", number);
	return reply_take(reply, &out, err);
}

static bool describe(void *context, const struct snapshot_row *row, struct err *err)
{
	CLEANUP(buffer_done) struct buffer out;
	struct reply *reply = context;
	char asked[WALL_TEXT_SIZE], received[WALL_TEXT_SIZE];

	wall_format_utc(row->asked_at, asked);
	buffer_init(&out, ANSWER_MAX);
	buffer_printf(&out,
		      "{\"asked\":%" PRId64 ",\"asked_at\":\"%s\",\"answered\":%" PRId64,
		      row->asked, asked, row->answered);
	if (row->answered > 0) {
		wall_format_utc(row->received, received);
		buffer_printf(&out,
			      ",\"received\":\"%s\",\"at_ms\":%" PRId64
			      ",\"output\":\"%s\",\"slide\":",
			      received, row->at.ms,
			      play_output_name((enum play_output)row->output));
		buffer_json(&out, row->slide_id);
	}
	buffer_add(&out, "}");
	return reply_take(reply, &out, err);
}

bool api_snapshot(struct city *city, struct request *request, struct reply *reply,
		  struct err *err)
{
	return snapshot_get(city->db, request->argument, describe, reply, err);
}

static bool take_picture(void *context, const struct snapshot_row *row, struct err *err)
{
	struct reply *reply = context;

	if (row->answered == 0)
		return err_set(err, ERR_NOT_FOUND, "snapshot: none has come yet");
	reply->body = malloc(row->len);
	if (!reply->body)
		return err_set(err, ERR_NO_MEMORY, "out of memory");
	memcpy(reply->body, row->png, row->len);
	reply->len = row->len;
	reply->type = "image/png";
	return true;
}

bool api_snapshot_png(struct city *city, struct request *request, struct reply *reply,
		      struct err *err)
{
	return snapshot_get(city->db, request->argument, take_picture, reply, err);
}
