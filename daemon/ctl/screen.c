#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/err.h"
#include "core/notice.h"
#include "ctl/ctl.h"
#include "ctl/screen.h"
#include "ctl/screen_gap.h"
#include "os/file.h"
#include "wire/digest.h"
#include "wire/enrolcode.h"
#include "wire/json.h"
#include "wire/key.h"
#include "wire/tuf.h"

#define PLACE_MAX 200

static const char usage[] =
	"usage: screen add ID --place TEXT [--no-count] | list [--format table|json] | "
	"show ID [--format table|json] | snapshot ID [-o FILE.png] [--timeout SECONDS] | "
	"revoke ID | " SCREEN_GAP_USAGE
	" | enrol --code CODE --state FOLDER [--root-copy FILE]";

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

bool screen_url(const char *id, const char *rest, char out[static SCREEN_URL_MAX],
		struct err *err)
{
	if (!notice_id_is_valid(id))
		return err_set(err, ERR_INVALID, "\"%s\" is not the id of a screen", id);
	snprintf(out, SCREEN_URL_MAX, "screens/%s%s", id, rest);
	return true;
}

static bool screen_revoke_verb(struct ctl *ctl, const char *id, struct err *err)
{
	char url[SCREEN_URL_MAX], question[SCREEN_ID_MAX + 64];
	struct json_doc *answer;

	if (!screen_url(id, "/revoke", url, err))
		return false;
	snprintf(question, sizeof(question),
		 "Revoke %s? Its plays are refused from now on.", id);
	if (!ctl_confirm(ctl, question, err))
		return false;
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

/* Takes "--format table|json" from the end of the words. */
static bool take_format(struct ctl *ctl, int *argc, char **argv, struct err *err)
{
	const char *format;

	if (*argc < 4 || strcmp(argv[*argc - 2], "--format") != 0)
		return true;
	format = argv[*argc - 1];
	if (strcmp(format, "json") != 0 && strcmp(format, "table") != 0)
		return err_set(err, ERR_USAGE, "--format: expected table or json");
	ctl->json = format[0] == 'j';
	*argc -= 2;
	return true;
}

bool verb_screen(struct ctl *ctl, int argc, char **argv, struct err *err)
{
	if (argc > 2 && strcmp(argv[1], "add") == 0)
		return screen_add_verb(ctl, argc, argv, err);
	if (argc > 2 && strcmp(argv[1], "snapshot") == 0)
		return screen_snapshot(ctl, argc, argv, err);
	if (!take_format(ctl, &argc, argv, err))
		return false;
	if (argc == 2 && strcmp(argv[1], "list") == 0)
		return screen_list(ctl, err);
	if (argc == 3 && strcmp(argv[1], "show") == 0)
		return screen_show(ctl, argv[2], err);
	if (argc == 3 && strcmp(argv[1], "revoke") == 0)
		return screen_revoke_verb(ctl, argv[2], err);
	if (argc > 2 && strcmp(argv[1], "accept-gap") == 0)
		return screen_accept_gap(ctl, argc, argv, err);
	if (argc > 2 && strcmp(argv[1], "enrol") == 0)
		return screen_enrol_verb(ctl, argc, argv, err);
	return err_set(err, ERR_USAGE, "%s", usage);
}
