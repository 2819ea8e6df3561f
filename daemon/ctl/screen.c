#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "core/err.h"
#include "core/notice.h"
#include "ctl/ctl.h"
#include "os/file.h"
#include "sync/http.h"
#include "wire/digest.h"
#include "wire/enrolcode.h"
#include "wire/json.h"
#include "wire/key.h"
#include "wire/tuf.h"

#define SCREENS_MAX   10000
#define PLACE_MAX     200
#define URL_MAX       (SCREEN_ID_MAX + 32)
#define LIST_COLUMNS  6
#define STATE_LEN_MAX 16
#define ROWS_MAX      100 /* gaps, rows in quarantine */
#define REASON_MAX    1000

static const char usage[] =
	"usage: screen add ID --place TEXT [--no-count] | list | show ID | revoke ID | "
	"enrol --code CODE --state FOLDER [--root-copy FILE]";

static bool screen_add_verb(struct ctl *ctl, int argc, char **argv, struct err *err)
{
	const char *id = argc > 2 ? argv[2] : NULL;
	const char *place = NULL, *code = NULL, *until = NULL;
	struct json_doc *answer;
	struct json_node root;
	bool counts = true;
	bool fine;

	for (int i = 3; i < argc; i++) {
		if (strcmp(argv[i], "--no-count") == 0)
			counts = false;
		else if (strcmp(argv[i], "--place") == 0 && i + 1 < argc)
			place = argv[++i];
		else
			return err_set(err, ERR_USAGE, "%s", usage);
	}
	if (!id || !place)
		return err_set(err, ERR_USAGE, "%s", usage);
	answer = ctl_call(ctl, "POST", "screens",
			  json_pack("{s:s, s:s, s:b}", "id", id, "place", place, "counts",
				    (int)counts),
			  err);
	fine = answer && json_root(answer, &root, err) &&
	       json_get_string(&root, "code", ENROLCODE_TEXT_SIZE, &code, err) &&
	       json_get_string(&root, "until", WALL_TEXT_SIZE, &until, err);
	if (fine && ctl->json)
		printf("{\"id\": \"%s\", \"code\": \"%s\", \"until\": \"%s\"}\n", id,
		       code, until);
	else if (fine)
		printf("%s\nType this code on the box until %s:\n"
		       "  ekimaectl --server %s screen enrol --code CODE --state FOLDER\n",
		       code, until, ctl->city_url);
	json_doc_free(answer);
	return fine;
}

static bool fill_row(const struct json_node *items, size_t index, struct arena *arena,
		     const char **row, struct err *err)
{
	struct json_node item;
	bool counts = false;
	int64_t durable = 0;
	char number[24];

	if (!json_item_object(items, index, &item, err) ||
	    !json_get_string(&item, "id", SCREEN_ID_MAX, &row[0], err) ||
	    !json_get_string(&item, "place", PLACE_MAX, &row[1], err) ||
	    !json_get_string(&item, "state", STATE_LEN_MAX, &row[2], err) ||
	    !json_get_bool(&item, "counts", &counts, err) ||
	    !json_get_int(&item, "durable_seq", 0, INT64_MAX, &durable, err))
		return false;
	row[3] = counts ? "yes" : "no";
	snprintf(number, sizeof(number), "%" PRId64, durable);
	row[4] = arena_strdup(arena, number);
	row[5] = "never";
	if (json_is_string(json_object_get(item.value, "last_upload")) &&
	    !json_get_string(&item, "last_upload", WALL_TEXT_SIZE, &row[5], err))
		return false;
	return row[4] || err_set(err, ERR_NO_MEMORY, "out of memory");
}

static bool print_list(const struct json_node *items, size_t count, struct err *err)
{
	static const char *const head[LIST_COLUMNS] = {"ID",     "PLACE", "STATE",
						       "COUNTS", "PLAYS", "LAST UPLOAD"};
	struct arena *arena = arena_new((count + 1) * 64 * LIST_COLUMNS);
	const char **cells =
		arena ? arena_array(arena, (count + 1) * LIST_COLUMNS, sizeof(*cells))
		      : NULL;
	bool fine = cells || err_set(err, ERR_NO_MEMORY, "out of memory");

	if (fine)
		memcpy(cells, head, sizeof(head));
	for (size_t i = 0; fine && i < count; i++)
		fine = fill_row(items, i, arena, cells + (i + 1) * LIST_COLUMNS, err);
	if (fine)
		ctl_print_table(cells, count + 1, LIST_COLUMNS);
	arena_free(arena);
	return fine;
}

static bool screen_list(struct ctl *ctl, struct err *err)
{
	CLEANUP(http_response_done) struct http_response response = {0};
	struct json_doc *doc;
	struct json_node root, items;
	size_t count = 0;
	bool fine;

	if (!ctl_send(ctl, "GET", "screens", NULL, 0, &response, err))
		return false;
	if (ctl->json) {
		puts(response.body);
		return true;
	}
	doc = json_parse("screens", response.body, response.body_len, CTL_ANSWER_MAX,
			 err);
	fine = doc && json_root(doc, &root, err) &&
	       json_get_array(&root, "screens", SCREENS_MAX, &items, &count, err) &&
	       print_list(&items, count, err);
	json_doc_free(doc);
	return fine;
}

static bool print_gaps(const struct json_node *gaps, size_t count, struct err *err)
{
	for (size_t i = 0; i < count; i++) {
		struct json_node gap;
		int64_t first, last;

		if (!json_item_object(gaps, i, &gap, err) ||
		    !json_get_int(&gap, "first", 1, INT64_MAX, &first, err) ||
		    !json_get_int(&gap, "last", 1, INT64_MAX, &last, err))
			return false;
		printf("  missing: %" PRId64 "–%" PRId64 "\n", first, last);
	}
	return true;
}

static bool print_quarantine(const struct json_node *rows, size_t count, struct err *err)
{
	for (size_t i = 0; i < count; i++) {
		const char *received = NULL, *reason = NULL;
		struct json_node row;
		int64_t seq;

		if (!json_item_object(rows, i, &row, err) ||
		    !json_get_int(&row, "seq", 0, INT64_MAX, &seq, err) ||
		    !json_get_string(&row, "received", WALL_TEXT_SIZE, &received, err) ||
		    !json_get_string(&row, "reason", REASON_MAX, &reason, err))
			return false;
		printf("  quarantined: %" PRId64 ", received %s: %s\n", seq, received,
		       reason);
	}
	return true;
}

static bool print_screen(struct json_node *root, struct err *err)
{
	const char *id = NULL, *place = NULL, *state = NULL, *uploaded = "never";
	int64_t durable, last, missing, undated, quarantined;
	struct json_node gaps, rows;
	size_t gap_count = 0, row_count = 0;

	if (!json_get_string(root, "id", SCREEN_ID_MAX, &id, err) ||
	    !json_get_string(root, "place", PLACE_MAX, &place, err) ||
	    !json_get_string(root, "state", STATE_LEN_MAX, &state, err) ||
	    !json_get_int(root, "durable_seq", 0, INT64_MAX, &durable, err) ||
	    !json_get_int(root, "last_seq", 0, INT64_MAX, &last, err) ||
	    !json_get_int(root, "missing", 0, INT64_MAX, &missing, err) ||
	    !json_get_int(root, "undated", 0, INT64_MAX, &undated, err) ||
	    !json_get_int(root, "quarantined", 0, INT64_MAX, &quarantined, err) ||
	    !json_get_array(root, "gaps", ROWS_MAX, &gaps, &gap_count, err) ||
	    !json_get_array(root, "quarantine", ROWS_MAX, &rows, &row_count, err))
		return false;
	if (json_is_string(json_object_get(root->value, "last_upload")) &&
	    !json_get_string(root, "last_upload", WALL_TEXT_SIZE, &uploaded, err))
		return false;
	printf("%s (%s), %s\n"
	       "last upload %s\n"
	       "plays confirmed up to %" PRId64 ", received up to %" PRId64 "\n"
	       "missing %" PRId64 ", in quarantine %" PRId64
	       ", without a time (時刻未確定) %" PRId64 "\n",
	       id, place, state, uploaded, durable, last, missing, quarantined, undated);
	return print_gaps(&gaps, gap_count, err) &&
	       print_quarantine(&rows, row_count, err);
}

static bool screen_show(struct ctl *ctl, const char *id, struct err *err)
{
	CLEANUP(http_response_done) struct http_response response = {0};
	struct json_doc *doc;
	struct json_node root;
	char url[URL_MAX];
	bool fine;

	if (!notice_id_is_valid(id))
		return err_set(err, ERR_INVALID, "\"%s\" is not the id of a screen", id);
	snprintf(url, sizeof(url), "screens/%s", id);
	if (!ctl_send(ctl, "GET", url, NULL, 0, &response, err))
		return false;
	if (ctl->json) {
		puts(response.body);
		return true;
	}
	doc = json_parse("screen", response.body, response.body_len, CTL_ANSWER_MAX, err);
	fine = doc && json_root(doc, &root, err) && print_screen(&root, err);
	json_doc_free(doc);
	return fine;
}

static bool screen_revoke_verb(struct ctl *ctl, const char *id, struct err *err)
{
	char url[URL_MAX], question[SCREEN_ID_MAX + 64];
	struct json_doc *answer;

	if (!notice_id_is_valid(id))
		return err_set(err, ERR_INVALID, "\"%s\" is not the id of a screen", id);
	snprintf(question, sizeof(question),
		 "Revoke %s? Its plays are refused from now on.", id);
	if (!ctl_confirm(ctl, question, err))
		return false;
	snprintf(url, sizeof(url), "screens/%s/revoke", id);
	answer = ctl_call(ctl, "POST", url, json_object(), err);
	if (!answer)
		return false;
	json_doc_free(answer);
	printf("revoked %s\n", id);
	return true;
}

struct enrolment {
	const char *code, *folder, *root_copy;
	uint8_t code_bytes[ENROLCODE_SIZE];
};

static bool write_in(const char *folder, const char *name, const char *bytes, mode_t mode,
		     struct err *err)
{
	char path[PATH_MAX];

	return path_join(path, sizeof(path), folder, name, err) &&
	       file_write_atomic(path, bytes, strlen(bytes), mode, err);
}

/*
 * The root must be the one that the code was made for: the code came by another way than
 * the answer, so whoever sits on the line can't plant a root of their own.
 */
static bool check_root(const struct enrolment *enrolment, const char *root,
		       struct err *err)
{
	uint8_t hash[SHA256_SIZE];
	struct tuf_trust *trust;

	sha256(root, strlen(root), hash);
	if (!enrolcode_fits_root(enrolment->code_bytes, hash))
		return err_set(err, ERR_UNTRUSTED,
			       "the server's root of trust is not the one that this code "
			       "was made for: this box was not enrolled");
	trust = tuf_trust_new(root, strlen(root), err);
	if (!trust)
		return false;
	tuf_trust_free(trust);
	return true;
}

static bool store_enrolment(struct ctl *ctl, const struct enrolment *enrolment,
			    const struct signer *signer, struct json_node *answer,
			    struct err *err)
{
	const char *screen = NULL, *place = NULL, *root = NULL;
	char *pem = NULL, *identity = NULL;
	json_t *document;
	bool fine;

	if (!json_get_string(answer, "screen", SCREEN_ID_MAX, &screen, err) ||
	    !json_get_string(answer, "place", PLACE_MAX, &place, err) ||
	    !json_get_string(answer, "root", TUF_ROOT_MAX, &root, err) ||
	    !check_root(enrolment, root, err))
		return false;
	document = json_pack("{s:s, s:s, s:s, s:s}", "format", "ekimae.screen/1", "id",
			     screen, "place", place, "server", ctl->city_url);
	identity = document ? json_dumps(document, JSON_INDENT(2)) : NULL;
	json_decref(document);
	pem = signer_to_pem(signer, err);
	/* screen.json last: without it the box is not enrolled, and this can be repeated. */
	fine = identity && pem && dir_make(enrolment->folder, 0750, err) &&
	       write_in(enrolment->folder, "screen.key", pem, 0600, err) &&
	       write_in(enrolment->folder, "root.json", root, 0644, err) &&
	       (!enrolment->root_copy ||
		file_write_atomic(enrolment->root_copy, root, strlen(root), 0644, err)) &&
	       write_in(enrolment->folder, "screen.json", identity, 0644, err);
	if (fine)
		printf("enrolled as %s (%s); start ekimae-display and ekimae-sync\n",
		       screen, place);
	signer_pem_free(pem);
	free(identity);
	return fine;
}

static bool enrol(struct ctl *ctl, struct enrolment *enrolment, struct err *err)
{
	uint8_t public_key[ED25519_PUBLIC_SIZE];
	char hex[ED25519_PUBLIC_SIZE * 2 + 1], path[PATH_MAX];
	struct signer *signer;
	struct json_doc *answer;
	struct json_node root;
	bool fine;

	if (!enrolcode_parse(enrolment->code, enrolment->code_bytes, err) ||
	    !path_join(path, sizeof(path), enrolment->folder, "screen.json", err))
		return false;
	if (file_exists(path))
		return err_set(
			err, ERR_CONFLICT,
			"%s: this box is enrolled already; to enrol it anew, revoke "
			"the screen, then move this folder away",
			path);
	signer = signer_generate(err);
	if (!signer)
		return false;
	signer_public(signer, public_key);
	hex_encode(public_key, sizeof(public_key), hex);
	answer = ctl_call(
		ctl, "POST", "enrol",
		json_pack("{s:s, s:s}", "code", enrolment->code, "public_key", hex), err);
	fine = answer && json_root(answer, &root, err) &&
	       store_enrolment(ctl, enrolment, signer, &root, err);
	json_doc_free(answer);
	signer_free(signer);
	return fine;
}

static bool screen_enrol_verb(struct ctl *ctl, int argc, char **argv, struct err *err)
{
	struct enrolment enrolment = {0};

	for (int i = 2; i + 1 < argc; i += 2) {
		if (strcmp(argv[i], "--code") == 0)
			enrolment.code = argv[i + 1];
		else if (strcmp(argv[i], "--state") == 0)
			enrolment.folder = argv[i + 1];
		else if (strcmp(argv[i], "--root-copy") == 0)
			enrolment.root_copy = argv[i + 1];
		else
			return err_set(err, ERR_USAGE, "%s", usage);
	}
	if (argc % 2 != 0 || !enrolment.code || !enrolment.folder)
		return err_set(err, ERR_USAGE, "%s", usage);
	return enrol(ctl, &enrolment, err);
}

bool verb_screen(struct ctl *ctl, int argc, char **argv, struct err *err)
{
	if (argc > 2 && strcmp(argv[1], "add") == 0)
		return screen_add_verb(ctl, argc, argv, err);
	if (argc == 2 && strcmp(argv[1], "list") == 0)
		return screen_list(ctl, err);
	if (argc == 3 && strcmp(argv[1], "show") == 0)
		return screen_show(ctl, argv[2], err);
	if (argc == 3 && strcmp(argv[1], "revoke") == 0)
		return screen_revoke_verb(ctl, argv[2], err);
	if (argc > 2 && strcmp(argv[1], "enrol") == 0)
		return screen_enrol_verb(ctl, argc, argv, err);
	return err_set(err, ERR_USAGE, "%s", usage);
}
