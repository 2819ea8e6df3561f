#include "sync/upload.h"

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/err.h"
#include "os/file.h"
#include "sync/http.h"
#include "sync/inbox.h"
#include "sync/repository.h"
#include "wire/play_batch.h"

/* The names sort by first sequence number: it is zero-padded. */
#define BATCH_PATTERN "plays-[0-9]*[0-9].json"

static int is_batch(const struct dirent *entry)
{
	return fnmatch(BATCH_PATTERN, entry->d_name, 0) == 0 &&
	       strlen(entry->d_name) < sizeof(((struct upload *)NULL)->last_sent);
}

/* Sets @out_gone, and succeeds, when the display has removed the batch meanwhile. */
static bool send_batch(struct upload *upload, const char *name, bool *out_gone,
		       struct err *err)
{
	CLEANUP(blob_free) struct blob blob = {0};
	CLEANUP(http_response_done) struct http_response response = {0};
	char path[PATH_MAX], url[REPOSITORY_URL_MAX];
	struct http_request request = {
		.method = "POST",
		.url = url,
		.content_type = "application/json",
		.max_bytes = PLAY_ACK_MAX,
	};

	if (!path_join(path, sizeof(path), upload->outbox, name, err))
		return false;
	if (!file_read(path, PLAY_BATCH_MAX, &blob, err)) {
		*out_gone = err->code == ERR_NOT_FOUND;
		return *out_gone;
	}
	if (snprintf(url, sizeof(url), "%s/api/v1/plays", upload->city_url) >=
	    (int)sizeof(url))
		return err_set(err, ERR_CONFIG, "the city's URL is too long");
	request.body = blob.bytes;
	request.body_len = blob.len;
	if (!http_send(upload->http, &request, &response, err))
		return false;
	if (response.status != 200) {
		http_fail(&request, &response, err);
		return err_prefix(err, "%s", name);
	}
	return inbox_put_ack(upload->inbox, response.body, response.body_len, err);
}

bool upload_run(struct upload *upload, bool again, size_t *out_sent, struct err *err)
{
	struct dirent **entries = NULL;
	int count = scandir(upload->outbox, &entries, is_batch, alphasort);
	bool fine = true;

	*out_sent = 0;
	if (count < 0 && errno != ENOENT)
		return err_set_errno(err, "%s", upload->outbox);
	for (int i = 0; i < count; i++) {
		const char *name = entries[i]->d_name;
		bool gone = false;

		if (fine && (again || strcmp(name, upload->last_sent) > 0)) {
			fine = send_batch(upload, name, &gone, err);
			if (fine && !gone) {
				/* is_batch() has seen to it that the name fits. */
				memcpy(upload->last_sent, name, strlen(name) + 1);
				(*out_sent)++;
			}
		}
		free(entries[i]);
	}
	free(entries);
	return fine;
}
