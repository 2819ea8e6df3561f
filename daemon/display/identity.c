#include "display/identity.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/err.h"
#include "os/file.h"
#include "wire/json.h"
#include "wire/key.h"

#define SCREEN_JSON_MAX 4096
#define SERVER_MAX      300

static void wipe_blob(struct blob *blob)
{
	if (blob->bytes)
		explicit_bzero(blob->bytes, blob->len);
	blob_free(blob);
}

static bool read_screen(struct identity *identity, struct json_doc *doc, struct err *err)
{
	struct json_node root;
	const char *id, *place, *server;

	if (!json_root(doc, &root, err) || !json_format(&root, "ekimae.screen/1", err) ||
	    !json_get_string(&root, "id", SCREEN_ID_MAX, &id, err) ||
	    !json_get_string(&root, "place", IDENTITY_PLACE_MAX, &place, err) ||
	    !json_get_string(&root, "server", SERVER_MAX, &server, err) ||
	    !json_done(&root, err))
		return false;
	if (!notice_id_is_valid(id))
		return json_fail(&root, "id", err, "expected a-z, 0-9 and inner '-'");
	snprintf(identity->id, sizeof(identity->id), "%s", id);
	snprintf(identity->place, sizeof(identity->place), "%s", place);
	return true;
}

static bool load_screen(struct identity *identity, const char *state, struct err *err)
{
	CLEANUP(blob_free) struct blob blob = {0};
	char path[PATH_MAX];
	struct json_doc *doc;
	bool fine;

	if (!path_join(path, sizeof(path), state, "screen.json", err) ||
	    !file_read(path, SCREEN_JSON_MAX, &blob, err))
		return false;
	doc = json_parse(path, blob.bytes, blob.len, SCREEN_JSON_MAX, err);
	if (!doc)
		return false;
	fine = read_screen(identity, doc, err);
	json_doc_free(doc);
	return fine;
}

static bool load_key(struct identity *identity, const char *state, struct err *err)
{
	CLEANUP(wipe_blob) struct blob blob = {0};
	char path[PATH_MAX];
	struct stat status;

	if (!path_join(path, sizeof(path), state, "screen.key", err) ||
	    !file_read(path, KEY_PEM_MAX, &blob, err))
		return false;
	if (stat(path, &status) < 0)
		return err_set_errno(err, "%s", path);
	if (status.st_mode & (S_IRWXG | S_IRWXO))
		return err_set(err, ERR_DENIED,
			       "%s: others may read the screen's key; chmod 600 it, or "
			       "revoke the screen and enrol again",
			       path);
	identity->signer = signer_from_pem(blob.bytes, blob.len, err);
	return identity->signer || err_prefix(err, "%s", path);
}

struct identity *identity_new(const char *state, struct err *err)
{
	struct identity *identity = calloc(1, sizeof(*identity));

	if (!identity) {
		err_set(err, ERR_NO_MEMORY, "identity: out of memory");
		return NULL;
	}
	if (!load_screen(identity, state, err) || !load_key(identity, state, err))
		return identity_free(identity);
	return identity;
}

struct identity *identity_free(struct identity *identity)
{
	if (identity)
		signer_free(identity->signer);
	free(identity);
	return NULL;
}
