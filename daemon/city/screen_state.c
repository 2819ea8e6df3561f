/* One screen in detail: for staff who look why its plays do not arrive. */
#include <inttypes.h>
#include <string.h>

#include "city/api.h"
#include "city/buffer.h"
#include "city/city.h"
#include "city/publisher.h"
#include "city/screens.h"
#include "core/err.h"
#include "store/citydb.h"
#include "store/ledger.h"

#define ANSWER_MAX       (1024 * 1024)
#define QUARANTINE_SHOWN 20

struct list {
	struct buffer *out;
	size_t count;
};

static bool add_quarantined(void *context, const struct ledger_quarantined *row,
			    struct err *err)
{
	struct list *list = context;
	char received[WALL_TEXT_SIZE];

	(void)err;
	wall_format_utc(row->received, received);
	buffer_printf(list->out, "%s{\"seq\":%" PRId64 ",\"received\":\"%s\",\"reason\":",
		      list->count++ > 0 ? "," : "", row->seq, received);
	buffer_json(list->out, row->reason);
	buffer_add(list->out, "}");
	return true;
}

static void add_state(struct buffer *out, const struct screen *screen,
		      const struct ledger_screen_state *state)
{
	static const char *const state_names[] = {"expected", "enrolled", "revoked"};
	char uploaded[WALL_TEXT_SIZE];

	buffer_add(out, "{\"id\":");
	buffer_json(out, screen->id);
	buffer_add(out, ",\"place\":");
	buffer_json(out, screen->place);
	buffer_printf(out, ",\"state\":\"%s\",\"counts\":%s,\"last_upload\":",
		      state_names[screen->state], screen->counts ? "true" : "false");
	wall_format_utc(screen->last_upload, uploaded);
	if (screen->last_upload.ms)
		buffer_json(out, uploaded);
	else
		buffer_add(out, "null");
	buffer_printf(out,
		      ",\"durable_seq\":%" PRId64 ",\"last_seq\":%" PRId64
		      ",\"missing\":%" PRId64 ",\"undated\":%" PRId64
		      ",\"quarantined\":%" PRId64 ",\"lost\":%" PRId64
		      ",\"given_up\":%" PRId64 ",\"folded\":%" PRId64 ",\"gaps\":[",
		      state->durable_seq, state->last_seq, state->missing, state->undated,
		      state->quarantined, state->lost, state->given_up, state->folded);
	for (size_t i = 0; i < state->gap_count; i++)
		buffer_printf(out, "%s{\"first\":%" PRId64 ",\"last\":%" PRId64 "}",
			      i > 0 ? "," : "", state->gaps[i].first,
			      state->gaps[i].last);
	buffer_add(out, "],\"quarantine\":[");
}

bool api_screen(struct city *city, struct request *request, struct reply *reply,
		struct err *err)
{
	CLEANUP(buffer_done) struct buffer out;
	struct list list = {.out = &out};
	struct ledger_screen_state state;
	struct screen screen;

	buffer_init(&out, ANSWER_MAX);
	if (!screen_find(city->db, request->argument, &screen, err) ||
	    !ledger_screen_state(city->ledger, screen.id, &state, err))
		return false;
	add_state(&out, &screen, &state);
	if (!ledger_quarantine_newest(city->ledger, screen.id, QUARANTINE_SHOWN,
				      add_quarantined, &list, err))
		return false;
	buffer_printf(&out, "],\"timestamp\":%" PRId64,
		      publisher_timestamp_version(city->publisher));
	if (!screens_add_health(city, &screen, request->now.wall, &out, err))
		return false;
	buffer_add(&out, "}");
	return reply_take(reply, &out, err);
}
