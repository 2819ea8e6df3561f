/*
 * `ekimaectl tuf refresh` over real HTTP, against a repository that is made to lie: what it
 * asks for, what it keeps, and how it ends. The cases are those that the independent
 * conformance suite for TUF clients has, and the attacks of docs/trust.md.
 */
#include "tuf_sim.h"

#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>

#include "wire/tuf.h"

static void first_refresh_asks_for_each_role_once(void **state)
{
	struct sim *sim = *state;

	assert_int_equal(sim_refresh(sim), 0);
	sim_check_requests(sim, 0, "/metadata/2.root.json", "/metadata/timestamp.json",
			   "/metadata/1.snapshot.json", "/metadata/1.targets.json", NULL);
	sim_check_kept(sim, 1, 1, 1, 1);
	/* Without news only the root after this one and the timestamp are asked for. */
	assert_int_equal(sim_refresh(sim), 0);
	sim_check_requests(sim, 0, "/metadata/2.root.json", "/metadata/timestamp.json",
			   NULL);
	assert_int_equal(sim_count_files(sim->metadata), 4);
}

static void wrong_first_root_asks_for_nothing(void **state)
{
	struct sim *sim = *state;
	struct sim *stranger = sim_new();
	char *unsigned_root = sim_sign(sim_content(sim, "root"), NULL, 0);
	char *wrong = sim_sign(sim_content(sim, "root"),
			       sim_role(stranger, "root")->signers, 1);
	char *path = tmp_path(sim->metadata, "root.json");

	assert_int_equal(unlink(path), 0);
	assert_int_equal(sim_init_with(sim, unsigned_root), 1);
	assert_int_equal(sim_init_with(sim, wrong), 1);
	assert_int_equal(sim_init_with(sim, "{}"), 1);
	assert_int_equal(sim_refresh(sim), 1);
	/* Nor when somebody lays it there. */
	tmp_write(sim->metadata, "root.json", wrong, strlen(wrong));
	assert_int_equal(sim_refresh(sim), 1);
	assert_int_equal(sim->request_count, 0);
	free(path);
	free(wrong);
	free(unsigned_root);
	sim_free(stranger);
}

static void wrong_commands_fail(void **state)
{
	struct sim *sim = *state;

	assert_int_equal(sim_run(sim, "--metadata-dir", sim->metadata, "refresh", NULL),
			 1);
	assert_int_equal(sim_run(sim, "refresh", NULL), 1);
	assert_int_equal(sim_run(sim, "--metadata-dir", NULL), 1);
	assert_int_equal(sim_run(sim, "--no-such-option", "x", "refresh", NULL), 1);
	assert_int_equal(sim_run(sim, "--metadata-dir", sim->metadata, "--metadata-url",
				 sim->metadata_url, "--timeout", "0", "refresh", NULL),
			 1);
	assert_int_equal(sim->request_count, 0);
}

/* ---- Arbitrary content: signatures ---- */

static void unsigned_role_ends_the_refresh_there(void **state)
{
	static const struct {
		const char *role, *publish;
		int64_t kept[4]; /* root, timestamp, snapshot, targets */
	} cases[] = {
		{"root", "root", {1, 0, 0, 0}},
		{"timestamp", "timestamp", {1, 0, 0, 0}},
		{"snapshot", "snapshot timestamp", {1, 2, 0, 0}},
		{"targets", "targets snapshot timestamp", {1, 2, 2, 0}},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct sim *sim = sim_new();

		sim_init(sim);
		sim_drop_signers(sim_role(sim, cases[i].role));
		sim_publish(sim, cases[i].publish);
		assert_int_equal(sim_refresh(sim), 1);
		sim_check_kept(sim, cases[i].kept[0], cases[i].kept[1], cases[i].kept[2],
			       cases[i].kept[3]);
		sim_free(sim);
	}
}

static void strangers_keys_count_for_nothing(void **state)
{
	static const char *const roles[] = {"timestamp", "snapshot", "targets"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(roles); i++) {
		struct sim *sim = sim_new();
		struct sim_role *role = sim_role(sim, roles[i]);

		sim_init(sim);
		assert_int_equal(sim_refresh(sim), 0);
		sim_drop_signers(role);
		role->signers[role->signer_count++] = sim_new_signer();
		sim_publish(sim, "targets snapshot timestamp");
		assert_int_equal(sim_refresh(sim), 1);
		assert_int_equal(sim_kept_version(sim, roles[i]), 1);
		sim_free(sim);
	}
}

static void threshold_must_be_met(void **state)
{
	struct sim *sim = *state;
	struct sim_role *snapshot = sim_role(sim, "snapshot");

	sim_set_threshold(sim, "snapshot", 3);
	sim_add_key(sim, "root", "snapshot");
	sim_add_key(sim, "root", "snapshot");
	sim_publish(sim, "root targets snapshot timestamp");
	assert_int_equal(sim_refresh(sim), 0);
	sim_check_kept(sim, 2, 2, 2, 2);

	signer_free(snapshot->signers[--snapshot->signer_count]);
	sim_publish(sim, "targets snapshot timestamp");
	assert_int_equal(sim_refresh(sim), 1);
	sim_check_kept(sim, 2, 3, 2, 2);
}

static void more_than_all_keys_is_never_met(void **state)
{
	struct sim *sim = *state;

	assert_int_equal(sim_refresh(sim), 0);
	for (int i = 0; i < 4; i++)
		sim_add_key(sim, "root", "snapshot");
	sim_set_threshold(sim, "snapshot", 6);
	sim_publish(sim, "root snapshot timestamp");
	assert_int_equal(sim_refresh(sim), 1);
	sim_check_kept(sim, 2, 2, 1, 1);
}

static void one_key_under_many_ids_counts_once(void **state)
{
	struct sim *sim = *state;
	struct sim_role *snapshot = sim_role(sim, "snapshot");
	struct signer *signer = snapshot->signers[0];
	json_t *document, *signatures, *signature;

	for (int i = 0; i < 5; i++) {
		char id[16];

		snprintf(id, sizeof(id), "again-%d", i);
		sim_list_key(sim, "root", "snapshot", signer, id);
	}
	sim_set_threshold(sim, "snapshot", 3);
	sim_publish(sim, "root snapshot timestamp");
	document = json_loads(snapshot->text, 0, NULL);
	signatures = json_object_get(document, "signatures");
	for (int i = 0; i < 5; i++) {
		char id[16];

		snprintf(id, sizeof(id), "again-%d", i);
		signature = json_deep_copy(json_array_get(signatures, 0));
		json_object_set_new(signature, "keyid", json_string(id));
		json_array_append_new(signatures, signature);
	}
	free(snapshot->text);
	snapshot->text = json_dumps(document, 0);
	sim_serve(sim, "/metadata/2.snapshot.json", snapshot->text,
		  strlen(snapshot->text));
	json_decref(document);
	assert_int_equal(sim_refresh(sim), 1);
	assert_int_equal(sim_kept_version(sim, "snapshot"), 0);
}

static void key_id_that_signs_twice_spoils_the_file(void **state)
{
	struct sim *sim = *state;
	json_t *document = json_loads(sim_role(sim, "snapshot")->text, 0, NULL);
	json_t *signatures = json_object_get(document, "signatures");
	char *text;

	json_array_append(signatures, json_array_get(signatures, 0));
	text = json_dumps(document, 0);
	sim_serve(sim, "/metadata/1.snapshot.json", text, strlen(text));
	assert_int_equal(sim_refresh(sim), 1);
	assert_int_equal(sim_kept_version(sim, "snapshot"), 0);
	free(text);
	json_decref(document);
}

/* A bad signature beside enough good ones is no reason to refuse. */
static void wrong_signature_among_enough_is_tolerated(void **state)
{
	static const char *const wrong[] = {"", "00", "no hexadecimal"};
	struct sim *sim = *state;

	sim_add_key(sim, "root", "timestamp");
	sim_publish(sim, "root");
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		json_t *document;
		char *text;

		sim_publish(sim, "timestamp");
		document = json_loads(sim_role(sim, "timestamp")->text, 0, NULL);
		json_object_set_new(
			json_array_get(json_object_get(document, "signatures"), 0), "sig",
			json_string(wrong[i]));
		text = json_dumps(document, 0);
		sim_serve(sim, "/metadata/timestamp.json", text, strlen(text));
		assert_int_equal(sim_refresh(sim), 0);
		assert_int_equal(sim_kept_version(sim, "timestamp"),
				 sim_version(sim, "timestamp"));
		free(text);
		json_decref(document);
	}
}

/* A snapshot that is a perfect timestamp but for its type. */
static void file_of_another_type_is_refused(void **state)
{
	struct sim *sim = *state;
	struct signer *online[2] = {sim_role(sim, "timestamp")->signers[0]};
	json_t *content = json_deep_copy(sim_content(sim, "timestamp"));
	char *text;

	json_object_set_new(content, "_type", json_string("snapshot"));
	json_object_set_new(content, "version", json_integer(2));
	text = sim_sign(content, online, 1);
	sim_serve(sim, "/metadata/timestamp.json", text, strlen(text));
	assert_int_equal(sim_refresh(sim), 1);
	sim_check_kept(sim, 1, 0, 0, 0);
	free(text);
	json_decref(content);
}

/* ---- Rollback, mix and match ---- */

static void rollback_is_refused(void **state)
{
	(void)state;
	for (int hashes = 0; hashes < 2; hashes++) {
		struct sim *sim = sim_new();

		sim->hashes = hashes;
		sim_init(sim);
		sim_publish(sim, "targets snapshot timestamp");
		sim_publish(sim, "targets snapshot timestamp");
		assert_int_equal(sim_refresh(sim), 0);
		sim_check_kept(sim, 1, 3, 3, 3);

		/* A timestamp that is older. */
		sim_set_version(sim, "timestamp", 2);
		sim_publish_as_is(sim, "timestamp");
		assert_int_equal(sim_refresh(sim), 1);
		sim_check_requests(sim, 1, "/metadata/timestamp.json", NULL);
		sim_check_kept(sim, 1, 3, 3, 3);

		/* A newer one that names an older snapshot. */
		sim_set_version(sim, "snapshot", 1);
		sim_publish_as_is(sim, "snapshot");
		sim_set_version(sim, "timestamp", 4);
		sim_publish_as_is(sim, "timestamp");
		assert_int_equal(sim_refresh(sim), 1);
		sim_check_requests(sim, 1, "/metadata/timestamp.json", NULL);
		sim_check_kept(sim, 1, 3, 3, 3);

		/* A newer snapshot that names older targets. */
		sim_set_version(sim, "targets", 2);
		sim_publish_as_is(sim, "targets");
		sim_set_version(sim, "snapshot", 4);
		sim_publish_as_is(sim, "snapshot");
		sim_set_version(sim, "timestamp", 5);
		sim_publish_as_is(sim, "timestamp");
		assert_int_equal(sim_refresh(sim), 1);
		sim_check_kept(sim, 1, 5, 3, 3);
		/* The kept snapshot stays the floor, though the timestamp has moved on. */
		assert_int_equal(sim_refresh(sim), 1);
		sim_check_kept(sim, 1, 5, 3, 3);
		sim_free(sim);
	}
}

static void other_content_of_the_same_timestamp_version_is_no_news(void **state)
{
	struct sim *sim = *state;
	char *before, *after;

	assert_int_equal(sim_refresh(sim), 0);
	before = sim_kept(sim, "timestamp.json");
	json_object_set_new(
		json_object_get(json_object_get(sim_content(sim, "timestamp"), "meta"),
				"snapshot.json"),
		"version", json_integer(100));
	sim_publish_as_is(sim, "timestamp");
	assert_int_equal(sim_refresh(sim), 0);
	sim_check_requests(sim, 1, "/metadata/timestamp.json", NULL);
	after = sim_kept(sim, "timestamp.json");
	assert_string_equal(before, after);
	free(before);
	free(after);
}

static void file_of_another_version_than_named_is_refused(void **state)
{
	struct sim *sim = *state;
	char *text;

	/* Snapshot 2 is served where snapshot 1 was named. */
	sim_set_version(sim, "snapshot", 2);
	text = sim_sign(sim_content(sim, "snapshot"), sim_role(sim, "snapshot")->signers,
			1);
	sim_serve(sim, "/metadata/1.snapshot.json", text, strlen(text));
	assert_int_equal(sim_refresh(sim), 1);
	sim_check_kept(sim, 1, 1, 0, 0);
	sim_check_requests(sim, 2, "/metadata/1.snapshot.json", NULL);
	free(text);
}

static void wrong_hash_or_length_of_metadata_is_refused(void **state)
{
	struct sim *sim = *state;
	json_t *meta;

	sim->hashes = true;
	sim_publish(sim, "targets snapshot timestamp");
	assert_int_equal(sim_refresh(sim), 0);

	sim_publish(sim, "targets");
	meta = json_object_get(json_object_get(sim_content(sim, "snapshot"), "meta"),
			       "targets.json");
	json_object_set_new(
		json_object_get(meta, "hashes"), "sha256",
		json_string("46419349341cfb2d95f6ae3d4cd5c3d3dd7f4673985dad42a45130be5e"
			    "0531a0"));
	sim_publish(sim, "snapshot timestamp");
	assert_int_equal(sim_refresh(sim), 1);
	sim_check_kept(sim, 1, 3, 3, 2);

	/* One byte behind the document is one byte too many. */
	sim_publish(sim, "targets snapshot timestamp");
	meta = json_object_get(json_object_get(sim_content(sim, "timestamp"), "meta"),
			       "snapshot.json");
	json_object_set_new(
		meta, "length",
		json_integer(json_integer_value(json_object_get(meta, "length")) - 1));
	sim_publish(sim, "timestamp");
	assert_int_equal(sim_refresh(sim), 1);
	sim_check_kept(sim, 1, 5, 3, 2);
	sim_publish(sim, "snapshot timestamp");
	assert_int_equal(sim_refresh(sim), 0);
}

static void missing_files_end_the_refresh_there(void **state)
{
	struct sim *sim = *state;

	assert_int_equal(sim_refresh(sim), 0);
	sim_publish(sim, "targets snapshot timestamp");
	sim_remove(sim, "/metadata/2.targets.json");
	assert_int_equal(sim_refresh(sim), 1);
	sim_check_kept(sim, 1, 2, 2, 1);
	sim_publish(sim, "targets snapshot timestamp");
	sim_remove(sim, "/metadata/3.snapshot.json");
	assert_int_equal(sim_refresh(sim), 1);
	sim_check_kept(sim, 1, 3, 2, 1);
	sim_remove(sim, "/metadata/timestamp.json");
	assert_int_equal(sim_refresh(sim), 1);
	sim_check_requests(sim, 1, "/metadata/timestamp.json", NULL);
	sim_check_kept(sim, 1, 3, 2, 1);
}

/* ---- Freeze ---- */

static void ended_files_are_refused(void **state)
{
	static const struct {
		const char *role, *publish;
		int64_t kept[4];
	} cases[] = {
		{"root", "root targets snapshot timestamp", {2, 1, 1, 1}},
		{"timestamp", "targets snapshot timestamp", {1, 1, 1, 1}},
		{"snapshot", "targets snapshot timestamp", {1, 2, 1, 1}},
		{"targets", "targets snapshot timestamp", {1, 2, 2, 1}},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct sim *sim = sim_new();

		sim_init(sim);
		assert_int_equal(sim_refresh(sim), 0);
		sim_set_end(sim, cases[i].role, -1);
		sim_publish(sim, cases[i].publish);
		assert_int_equal(sim_refresh(sim), 1);
		sim_check_kept(sim, cases[i].kept[0], cases[i].kept[1], cases[i].kept[2],
			       cases[i].kept[3]);
		sim_free(sim);
	}
}

/* Roots on the way may have ended; only the last must not (§5.3.6). */
static void ended_root_on_the_way_is_fine(void **state)
{
	struct sim *sim = *state;

	sim_set_end(sim, "root", -3);
	sim_publish(sim, "root");
	sim_publish(sim, "root");
	sim_set_end(sim, "root", 30);
	sim_publish(sim, "root");
	assert_int_equal(sim_refresh(sim), 0);
	assert_int_equal(sim_kept_version(sim, "root"), 4);
}

/* ---- Fast-forward and its recovery ---- */

static void new_keys_recover_from_a_fast_forward(void **state)
{
	static const struct {
		const char *raised, *rotated;
	} cases[] = {
		{"timestamp", "timestamp"},
		{"snapshot", "snapshot"},
		{"targets", "snapshot"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct sim *sim = sim_new();

		sim_init(sim);
		sim_set_version(sim, cases[i].raised, 99999);
		sim_publish(sim, "targets snapshot timestamp");
		assert_int_equal(sim_refresh(sim), 0);
		assert_int_equal(sim_kept_version(sim, cases[i].raised), 100000);

		/* As long as the keys are the same, lower versions are a rollback. */
		sim_set_version(sim, cases[i].raised, 2);
		sim_publish(sim, "targets snapshot timestamp");
		assert_int_equal(sim_refresh(sim), 1);

		sim_rotate(sim, cases[i].rotated);
		sim_publish(sim, "root targets snapshot timestamp");
		/* Even if nothing but the root gets through at first. */
		sim_remove(sim, "/metadata/timestamp.json");
		assert_int_equal(sim_refresh(sim), 1);
		assert_int_equal(sim_kept_version(sim, "root"), 2);
		assert_int_equal(sim_kept_version(sim, "timestamp"), 0);
		sim_publish(sim, "timestamp");
		assert_int_equal(sim_refresh(sim), 0);
		assert_int_equal(sim_kept_version(sim, cases[i].raised),
				 sim_version(sim, cases[i].raised));
		sim_free(sim);
	}
}

/* ---- Roots ---- */

struct root_case {
	const char *name;
	struct root_version {
		const char *keys; /* digits: which of ten keys the root has */
		int threshold;
		const char *signers; /* "": the end */
	} versions[4];
	bool fine; /* whether the last is accepted */
};

/* The root with these keys, signed by those; its text is served as its version. */
static void publish_root(struct sim *sim, struct signer *const *signers, int64_t version,
			 const struct root_version *as)
{
	json_t *keys, *entry = sim_key_list(sim, "root", "root", &keys);
	struct sim_role *root = sim_role(sim, "root");
	struct signer *signing[10];
	size_t count = 0;
	char path[64];

	json_array_clear(json_object_get(entry, "keyids"));
	for (const char *digit = as->keys; *digit; digit++)
		sim_list_key(sim, "root", "root", signers[*digit - '0'], NULL);
	json_object_set_new(entry, "threshold", json_integer(as->threshold));
	sim_set_version(sim, "root", version);
	for (const char *digit = as->signers; *digit; digit++)
		signing[count++] = signers[*digit - '0'];
	free(root->text);
	root->text = sim_sign(root->content, signing, count);
	snprintf(path, sizeof(path), "/metadata/%lld.root.json", (long long)version);
	sim_serve(sim, path, root->text, strlen(root->text));
}

static void root_changes_need_both_thresholds(void **state)
{
	static const struct root_case cases[] = {
		{"rotation", {{"1", 1, "1"}, {"2", 1, "21"}, {"2", 1, "2"}}, true},
		{"unused signatures",
		 {{"1", 1, "314"}, {"2", 1, "3214"}, {"2", 1, "324"}},
		 true},
		{"others of the five",
		 {{"01234", 3, "024"}, {"01234", 3, "041"}, {"01234", 3, "013"}},
		 true},
		{"one of five rotated", {{"01234", 3, "024"}, {"01345", 3, "041"}}, true},
		{"with a step between",
		 {{"01234", 3, "024"}, {"01345", 3, "0245"}, {"01345", 3, "045"}},
		 true},
		{"all rotated",
		 {{"01234", 3, "024"}, {"56789", 3, "024567"}, {"56789", 3, "567"}},
		 true},
		{"threshold raised", {{"123", 1, "1"}, {"123", 2, "12"}}, true},
		{"threshold lowered",
		 {{"123", 2, "12"}, {"123", 1, "12"}, {"123", 1, "1"}},
		 true},
		{"key added", {{"1", 1, "1"}, {"12", 2, "12"}}, true},
		{"old key missing", {{"1", 1, "1"}, {"2", 1, "234"}}, false},
		{"new key missing", {{"1", 1, "1"}, {"2", 1, "134"}}, false},
		{"too few of the new", {{"01234", 3, "024"}, {"01345", 3, "024"}}, false},
		{"too few of the old", {{"01234", 3, "024"}, {"01345", 3, "045"}}, false},
		{"new threshold missed", {{"123", 1, "1"}, {"123", 2, "2"}}, false},
		{"old threshold missed", {{"123", 2, "12"}, {"123", 1, "1"}}, false},
	};
	struct signer *signers[10];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(signers); i++)
		signers[i] = sim_new_signer();
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct sim *sim = sim_new();
		int64_t last = 0;

		for (size_t j = 0; j < 4 && cases[i].versions[j].keys; j++) {
			publish_root(sim, signers, ++last, &cases[i].versions[j]);
			if (j == 0)
				sim_init(sim);
		}
		if (sim_refresh(sim) != (cases[i].fine ? 0 : 1))
			fail_msg("%s", cases[i].name);
		if (sim_kept_version(sim, "root") != (cases[i].fine ? last : last - 1))
			fail_msg("%s: wrong root kept", cases[i].name);
		sim_free(sim);
	}
	for (size_t i = 0; i < ARRAY_LEN(signers); i++)
		signer_free(signers[i]);
}

static void skipped_or_replayed_root_is_refused(void **state)
{
	struct sim *sim = *state;
	struct sim_role *root = sim_role(sim, "root");

	/* Root 1 again, and root 3, where 2 is asked for. */
	sim_serve(sim, "/metadata/2.root.json", root->text, strlen(root->text));
	assert_int_equal(sim_refresh(sim), 1);
	sim_set_version(sim, "root", 3);
	sim_publish_as_is(sim, "root");
	sim_serve(sim, "/metadata/2.root.json", root->text, strlen(root->text));
	assert_int_equal(sim_refresh(sim), 1);
	sim_check_kept(sim, 1, 0, 0, 0);
}

/* §5.3.3: so many in one go, the rest in the next. */
static void endless_roots_are_followed_in_portions(void **state)
{
	struct sim *sim = *state;

	for (int i = 0; i < TUF_ROOT_ROTATIONS_MAX + 10; i++)
		sim_publish(sim, "root");
	assert_int_equal(sim_refresh(sim), 0);
	assert_int_equal(sim_kept_version(sim, "root"), TUF_ROOT_ROTATIONS_MAX + 1);
	assert_int_equal(sim_refresh(sim), 0);
	assert_int_equal(sim_kept_version(sim, "root"), TUF_ROOT_ROTATIONS_MAX + 11);
}

/* ---- Endless and slow data ---- */

static void endless_files_are_cut_off(void **state)
{
	struct sim *sim = *state;
	size_t len = TUF_TARGETS_MAX + 1;
	char *endless = malloc(len);

	assert_non_null(endless);
	memset(endless, ' ', len);
	memcpy(endless, "{\"signed\":", 10);
	sim_serve(sim, "/metadata/1.targets.json", endless, len);
	assert_int_equal(sim_refresh(sim), 1);
	sim_check_kept(sim, 1, 1, 1, 0);
	sim_serve(sim, "/metadata/timestamp.json", endless, TUF_TIMESTAMP_MAX + 1);
	assert_int_equal(sim_refresh(sim), 1);
	sim_serve(sim, "/metadata/2.root.json", endless, TUF_ROOT_MAX + 1);
	assert_int_equal(sim_refresh(sim), 1);
	sim_check_kept(sim, 1, 1, 1, 0);
	free(endless);
}

enum manner {
	SILENT,   /* takes the connection and says nothing */
	DRIPPING, /* one byte now and then, of a file without end */
	GUSHING,  /* a file without end, as fast as the line takes it */
};

static void serve_badly(int listening, enum manner manner)
{
	static const char head[] = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n";
	char noise[4096];
	int fd = accept(listening, NULL, NULL);

	memset(noise, ' ', sizeof(noise));
	if (manner != SILENT && write(fd, head, sizeof(head) - 1) < 0)
		_exit(1);
	/* Ends when the client has had enough. */
	for (;;) {
		if (manner != GUSHING)
			usleep(50000);
		if (manner != SILENT &&
		    write(fd, noise, manner == GUSHING ? sizeof(noise) : 1) < 0)
			_exit(0);
	}
}

/* Refreshes from a server of this @manner; the time it took, in milliseconds. */
static int64_t refresh_from(struct sim *sim, enum manner manner)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t len = sizeof(address);
	char url[64];
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int64_t began;
	pid_t child;

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, len), 0);
	assert_int_equal(listen(fd, 4), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
	snprintf(url, sizeof(url), "http://127.0.0.1:%u/", ntohs(address.sin_port));
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		signal(SIGPIPE, SIG_IGN);
		serve_badly(fd, manner);
	}
	close(fd);
	began = clock_mono().ms;
	assert_int_equal(sim_run(sim, "--metadata-dir", sim->metadata, "--metadata-url",
				 url, "--timeout", manner == GUSHING ? "60" : "1",
				 "refresh", NULL),
			 1);
	kill(child, SIGKILL);
	assert_int_equal(waitpid(child, NULL, 0), child);
	sim_check_kept(sim, 1, 0, 0, 0);
	return clock_mono().ms - began;
}

static void slow_servers_are_given_up(void **state)
{
	assert_true(refresh_from(*state, SILENT) < 30000);
	assert_true(refresh_from(*state, DRIPPING) < 30000);
}

/* Cut off at the ceiling of the file, long before the time is up. */
static void server_without_end_is_cut_off(void **state)
{
	assert_true(refresh_from(*state, GUSHING) < 30000);
}

/* ---- What a repository may do otherwise ---- */

static void unknown_fields_and_minor_versions_are_fine(void **state)
{
	struct sim *sim = *state;
	json_t *keys, *entry = sim_key_list(sim, "root", "root", &keys);

	json_object_set_new(sim_content(sim, "root"), "custom-field",
			    json_pack("{s:i, s:[n]}", "a", 1, "b"));
	json_object_set_new(sim_content(sim, "root"), "spec_version",
			    json_string("1.99.3"));
	json_object_set_new(entry, "another-field", json_string("駅前"));
	json_object_set_new(json_object_iter_value(json_object_iter(keys)), "extra",
			    json_true());
	json_object_set_new(
		json_object_get(json_object_get(sim_content(sim, "timestamp"), "meta"),
				"snapshot.json"),
		"custom", json_integer(-5));
	json_object_set_new(sim_content(sim, "snapshot"), "x", json_null());
	sim_publish(sim, "root");
	assert_int_equal(sim_refresh(sim), 0);
	sim_check_kept(sim, 2, 1, 1, 1);
	/* Another major version is another language. */
	json_object_set_new(sim_content(sim, "root"), "spec_version",
			    json_string("2.0.0"));
	sim_publish(sim, "root");
	assert_int_equal(sim_refresh(sim), 1);
	sim_check_kept(sim, 2, 1, 1, 1);
}

/* Hashes are over the bytes, so it is the bytes that have to be kept. */
static void files_are_kept_byte_for_byte(void **state)
{
	struct sim *sim = *state;
	char text[20000], *kept;

	snprintf(text, sizeof(text), "%s \n\n", sim_role(sim, "timestamp")->text);
	sim_serve(sim, "/metadata/timestamp.json", text, strlen(text));
	assert_int_equal(sim_refresh(sim), 0);
	kept = sim_kept(sim, "timestamp.json");
	assert_string_equal(kept, text);
	free(kept);
}

static void files_without_versions_in_their_names_are_found(void **state)
{
	struct sim *sim = *state;

	json_object_set_new(sim_content(sim, "root"), "consistent_snapshot",
			    json_false());
	sim_publish(sim, "root targets snapshot timestamp");
	assert_int_equal(sim_refresh(sim), 0);
	sim_check_requests(sim, 0, "/metadata/2.root.json", "/metadata/3.root.json",
			   "/metadata/timestamp.json", "/metadata/snapshot.json",
			   "/metadata/targets.json", NULL);
	sim_check_kept(sim, 2, 2, 2, 2);
}

/* What was kept and does not verify any more is fetched again. */
static void spoilt_kept_files_do_not_matter(void **state)
{
	static const char *const files[] = {"timestamp.json", "snapshot.json",
					    "targets.json"};
	struct sim *sim = *state;

	assert_int_equal(sim_refresh(sim), 0);
	for (size_t i = 0; i < ARRAY_LEN(files); i++)
		tmp_write(sim->metadata, files[i], "{\"signed\": {}}", 14);
	assert_int_equal(sim_refresh(sim), 0);
	sim_check_kept(sim, 1, 1, 1, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SIM_TEST(first_refresh_asks_for_each_role_once),
		SIM_TEST(wrong_first_root_asks_for_nothing),
		SIM_TEST(wrong_commands_fail),
		cmocka_unit_test(unsigned_role_ends_the_refresh_there),
		cmocka_unit_test(strangers_keys_count_for_nothing),
		SIM_TEST(threshold_must_be_met),
		SIM_TEST(more_than_all_keys_is_never_met),
		SIM_TEST(one_key_under_many_ids_counts_once),
		SIM_TEST(key_id_that_signs_twice_spoils_the_file),
		SIM_TEST(wrong_signature_among_enough_is_tolerated),
		SIM_TEST(file_of_another_type_is_refused),
		cmocka_unit_test(rollback_is_refused),
		SIM_TEST(other_content_of_the_same_timestamp_version_is_no_news),
		SIM_TEST(file_of_another_version_than_named_is_refused),
		SIM_TEST(wrong_hash_or_length_of_metadata_is_refused),
		SIM_TEST(missing_files_end_the_refresh_there),
		cmocka_unit_test(ended_files_are_refused),
		SIM_TEST(ended_root_on_the_way_is_fine),
		cmocka_unit_test(new_keys_recover_from_a_fast_forward),
		cmocka_unit_test(root_changes_need_both_thresholds),
		SIM_TEST(skipped_or_replayed_root_is_refused),
		SIM_TEST(endless_roots_are_followed_in_portions),
		SIM_TEST(endless_files_are_cut_off),
		SIM_TEST(slow_servers_are_given_up),
		SIM_TEST(server_without_end_is_cut_off),
		SIM_TEST(unknown_fields_and_minor_versions_are_fine),
		SIM_TEST(files_are_kept_byte_for_byte),
		SIM_TEST(files_without_versions_in_their_names_are_found),
		SIM_TEST(spoilt_kept_files_do_not_matter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
