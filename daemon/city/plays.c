/* Plays: what boxes send of them, and what staff say of those that never came. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "city/api.h"
#include "city/city.h"
#include "city/publisher.h"
#include "city/screens.h"
#include "core/err.h"
#include "core/utf8.h"
#include "os/log.h"
#include "store/citydb.h"
#include "store/ledger.h"
#include "wire/json.h"
#include "wire/play_batch.h"
#include "wire/play_stretch.h"
#include "wire/play_upload.h"

#define BODY_MAX     (16 * 1024)
#define WHY_MAX      500 /* characters */
#define SEQUENCE_MAX INT64_C(9007199254740991)

static void free_upload(struct play_upload **upload)
{
	play_upload_free(*upload);
}

static void free_document(struct json_doc **doc)
{
	json_doc_free(*doc);
}

static bool acknowledge(const struct city *city, const char *screen_id,
			int64_t durable_seq, struct wall_ms at, struct reply *reply,
			struct err *err)
{
	struct play_ack ack = {.durable_seq = durable_seq, .at = at};

	snprintf(ack.screen_id, sizeof(ack.screen_id), "%s", screen_id);
	reply->body = play_ack_to_json(&ack, publisher_timestamp_signer(city->publisher),
				       &reply->len, err);
	return reply->body != NULL;
}

/* What somebody should look at; "ekimaectl screen show" tells more. */
static void warn(const char *id, const struct ledger_receipt *receipt)
{
	if (receipt->quarantined > 0)
		log_warning("plays: screen %s: %" PRId64
			    " rows went to quarantine, they are not counted: see "
			    "ekimaectl screen show %s",
			    id, receipt->quarantined, id);
	if (receipt->gap && receipt->accepted > 0)
		log_warning("plays: screen %s: row %" PRId64
			    " is missing while later ones arrived: see ekimaectl screen "
			    "show %s",
			    id, receipt->durable_seq + 1, id);
	if (receipt->placed > 0)
		log_info("plays: screen %s: %" PRId64
			 " plays of an unset clock have their time now",
			 id, receipt->placed);
}

static bool accept_rows(struct city *city, const struct play_upload *upload,
			struct wall_ms received, struct ledger_receipt *out,
			struct err *err)
{
	struct play_batch *batch = play_upload_batch(upload, err);
	bool ok;

	if (!batch)
		return false;
	ok = ledger_accept(city->ledger, batch, received, out, err);
	play_batch_free(batch);
	return ok;
}

static bool accept_stretch(struct city *city, const struct play_upload *upload,
			   const char *document, struct wall_ms received,
			   struct ledger_receipt *out, struct err *err)
{
	struct play_stretch stretch;
	bool ok;

	if (!play_upload_stretch(upload, &stretch, err))
		return false;
	ok = ledger_accept_stretch(city->ledger, &stretch, document, received, out, err);
	play_stretch_done(&stretch);
	return ok;
}

bool api_plays(struct city *city, struct request *request, struct reply *reply,
	       struct err *err)
{
	const char *body = request->body ? request->body : "";
	CLEANUP(free_upload)
	struct play_upload *upload = play_upload_open(body, request->body_len, err);
	struct wall_ms now = request->now.wall;
	struct ledger_receipt receipt;
	struct screen screen;
	bool ok;

	if (!upload ||
	    !screens_enrolled(city, "plays", play_upload_screen(upload), &screen, err) ||
	    !play_upload_verify(upload, screen.public_key, err))
		return false;
	ok = play_upload_kind(upload) == PLAY_UPLOAD_ROWS
		     ? accept_rows(city, upload, now, &receipt, err)
		     : accept_stretch(city, upload, body, now, &receipt, err);
	if (!ok)
		return false;
	warn(screen.id, &receipt);
	return acknowledge(city, screen.id, receipt.durable_seq, now, reply, err);
}

bool api_accept_gap(struct city *city, struct request *request, struct reply *reply,
		    struct err *err)
{
	const char *id = request->argument, *who = request->staff.name, *why = NULL;
	CLEANUP(free_document)
	struct json_doc *doc = json_parse("gap", request->body ? request->body : "",
					  request->body_len, BODY_MAX, err);
	char detail[AUDIT_TEXT_MAX + 1], answer[64];
	int64_t first, last, durable;
	struct json_node root;
	bool ok;

	if (!doc || !json_root(doc, &root, err) ||
	    !json_get_int(&root, "first", 1, SEQUENCE_MAX, &first, err) ||
	    !json_get_int(&root, "last", first, SEQUENCE_MAX, &last, err) ||
	    !json_get_string(&root, "why", WHY_MAX, &why, err) || !json_done(&root, err))
		return false;
	/* WHY_MAX characters may be more than the audit log takes. */
	if (snprintf(detail, sizeof(detail), "%" PRId64 "-%" PRId64 ": %s", first, last,
		     why) >= (int)sizeof(detail))
		return json_fail(&root, "why", err, "more than %zu bytes",
				 sizeof(detail) - 1);
	if (!db_begin(city->db, err))
		return false;
	ok = ledger_accept_gap(city->ledger, id, first, last, who, why, request->now.wall,
			       &durable, err) &&
	     audit_append(city->db, who, "accept-gap", id, detail, request->now.wall,
			  err);
	if (!db_end(city->db, ok, err))
		return false;
	snprintf(answer, sizeof(answer), "{\"durable_seq\":%" PRId64 "}", durable);
	return reply_text(reply, answer, err);
}
