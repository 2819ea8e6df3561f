#include "sync/reports.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/err.h"
#include "os/file.h"
#include "sync/http.h"
#include "sync/inbox.h"
#include "sync/repository.h"
#include "wire/health.h"
#include "wire/screenshot.h"

#define HEALTH_FILE   "health.json"
#define SNAPSHOT_FILE "snapshot"
#define ANSWER_MAX    4096

/* What lies in the outbox under @name; empty when there is nothing. */
static bool read_file(const struct reports *reports, const char *name, size_t max,
		      struct blob *out, uint8_t hash[static SHA256_SIZE], struct err *err)
{
	char path[PATH_MAX];

	if (!path_join(path, sizeof(path), reports->outbox, name, err))
		return false;
	if (!file_read(path, max, out, err))
		return err->code == ERR_NOT_FOUND;
	sha256(out->bytes, out->len, hash);
	return true;
}

/* Whether the city has taken it. @out_answered: it has said something that stays so. */
static bool post(const struct reports *reports, const char *path, const void *body,
		 size_t len, struct http_response *out, bool *out_answered,
		 struct err *err)
{
	char url[REPOSITORY_URL_MAX];
	const struct http_request request = {
		.method = "POST",
		.url = url,
		.body = body,
		.body_len = len,
		.content_type = "application/octet-stream",
		.max_bytes = ANSWER_MAX,
	};

	*out_answered = false;
	if (snprintf(url, sizeof(url), "%s/api/v1/%s", reports->city_url, path) >=
	    (int)sizeof(url))
		return err_set(err, ERR_CONFIG, "the city's URL is too long");
	if (!http_send(reports->http, &request, out, err))
		return false;
	*out_answered = out->status >= 200 && out->status < 500 && out->status != 429;
	return out->status == 200 || http_fail(&request, out, err);
}

static bool send_health(struct reports *reports, const struct health_courier *courier,
			struct mono_ms now, struct err *err)
{
	CLEANUP(http_response_done) struct http_response response = {0};
	CLEANUP(blob_free) struct blob report = {0};
	uint8_t hash[SHA256_SIZE];
	bool sent, answered;
	size_t len = 0;
	char *upload;

	if (!read_file(reports, HEALTH_FILE, HEALTH_MAX, &report, hash, err))
		return false;
	if (report.len == 0 || (memcmp(hash, reports->health, sizeof(hash)) == 0 &&
				now.ms - reports->health_at.ms < REPORTS_AGAIN_MS))
		return true;
	upload = health_upload_to_json(report.bytes, report.len, courier, &len, err);
	if (!upload)
		return false;
	sent = post(reports, "health", upload, len, &response, &answered, err);
	free(upload);
	if (answered) {
		memcpy(reports->health, hash, sizeof(hash));
		reports->health_at = now;
	}
	return sent &&
	       inbox_put_request(reports->inbox, response.body, response.body_len, err);
}

static bool send_snapshot(struct reports *reports, struct err *err)
{
	CLEANUP(http_response_done) struct http_response response = {0};
	CLEANUP(blob_free) struct blob snapshot = {0};
	uint8_t hash[SHA256_SIZE];
	bool sent, answered;

	if (!read_file(reports, SNAPSHOT_FILE, SCREENSHOT_MAX, &snapshot, hash, err))
		return false;
	if (snapshot.len == 0 || memcmp(hash, reports->snapshot, sizeof(hash)) == 0)
		return true;
	sent = post(reports, "snapshot", snapshot.bytes, snapshot.len, &response,
		    &answered, err);
	if (answered)
		memcpy(reports->snapshot, hash, sizeof(hash));
	/* One that an earlier run of this program had sent is refused the second time. */
	return sent || (answered && err->code == ERR_CONFLICT);
}

bool reports_run(struct reports *reports, const struct health_courier *courier,
		 struct mono_ms now, struct err *err)
{
	return send_health(reports, courier, now, err) && send_snapshot(reports, err);
}
