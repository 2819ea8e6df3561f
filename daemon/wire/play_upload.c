#include "wire/play_upload.h"

#include <stdlib.h>
#include <string.h>

#include "core/err.h"
#include "wire/envelope.h"
#include "wire/json.h"
#include "wire/play_batch.h"
#include "wire/play_stretch.h"

/* Places in the document of which nothing has been consumed: readers take copies. */
struct play_upload {
	struct json_doc *doc;
	struct json_node envelope, content;
	enum play_upload_kind kind;
	char screen_id[SCREEN_ID_MAX + 1];
};

static bool look(struct play_upload *upload, struct err *err)
{
	static const char *const types[] = {
		[PLAY_UPLOAD_ROWS] = "plays",
		[PLAY_UPLOAD_LOST] = "lost",
		[PLAY_UPLOAD_FOLD] = "fold",
	};
	struct json_node envelope, content;
	int kind;

	if (!json_root(upload->doc, &upload->envelope, err))
		return false;
	envelope = upload->envelope;
	if (!envelope_open(&envelope, NULL, NULL, &upload->content, err))
		return false;
	content = upload->content;
	if (!json_get_enum(&content, "_type", types, ARRAY_LEN(types), &kind, err) ||
	    !envelope_screen(&content, upload->screen_id, err))
		return false;
	upload->kind = (enum play_upload_kind)kind;
	return true;
}

struct play_upload *play_upload_open(const void *bytes, size_t len, struct err *err)
{
	struct play_upload *upload = calloc(1, sizeof(*upload));

	if (!upload) {
		err_set(err, ERR_NO_MEMORY, "plays: out of memory");
		return NULL;
	}
	upload->doc = json_parse("plays", bytes, len, PLAY_BATCH_MAX, err);
	if (!upload->doc || !look(upload, err))
		return play_upload_free(upload);
	return upload;
}

struct play_upload *play_upload_free(struct play_upload *upload)
{
	if (!upload)
		return NULL;
	json_doc_free(upload->doc);
	free(upload);
	return NULL;
}

const char *play_upload_screen(const struct play_upload *upload)
{
	return upload->screen_id;
}

enum play_upload_kind play_upload_kind(const struct play_upload *upload)
{
	return upload->kind;
}

bool play_upload_verify(const struct play_upload *upload,
			const uint8_t public_key[static 32], struct err *err)
{
	struct json_node envelope = upload->envelope, content;

	return envelope_open(&envelope, envelope_by_key, public_key, &content, err);
}

struct play_batch *play_upload_batch(const struct play_upload *upload, struct err *err)
{
	struct json_node content = upload->content;

	return play_batch_read(&content, err);
}

bool play_upload_stretch(const struct play_upload *upload, struct play_stretch *out,
			 struct err *err)
{
	struct json_node content = upload->content;

	return play_stretch_read(&content,
				 upload->kind == PLAY_UPLOAD_FOLD ? PLAY_STRETCH_FOLD
								  : PLAY_STRETCH_LOST,
				 out, err);
}
