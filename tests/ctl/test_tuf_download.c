/*
 * `ekimaectl tuf download` over real HTTP: targets, delegations, and names that are odd.
 * The cases are those of the independent conformance suite for TUF clients, and the attacks
 * of docs/trust.md that are about targets.
 */
#include "tuf_sim.h"

#include "wire/tuf.h"

#define ALL "\"paths\": [\"*\"]"

/* ---- Targets ---- */

static void target_is_downloaded_and_kept(void **state)
{
	struct sim *sim = *state;

	sim_target(sim, "targets", "plan.json", "first");
	sim_target(sim, "targets", "path/to/a/file.txt", "deep");
	sim_publish(sim, "targets snapshot timestamp");
	assert_int_equal(sim_refresh(sim), 0);
	assert_int_equal(sim_count_files(sim->targets), 0);
	assert_int_equal(sim_download(sim, "plan.json"), 0);
	assert_int_equal(sim_download(sim, "path/to/a/file.txt"), 0);
	sim_check_target(sim, "plan.json", "first");
	sim_check_target(sim, "path%2Fto%2Fa%2Ffile.txt", "deep");
	assert_int_equal(sim_download(sim, "nonexistent"), 1);
	assert_int_equal(sim_count_files(sim->targets), 2);
}

/* An update comes with every download, even of what is not there. */
static void download_refreshes_first(void **state)
{
	struct sim *sim = *state;

	assert_int_equal(sim_download(sim, "nonexistent artifact"), 1);
	sim_check_requests(sim, 0, "/metadata/2.root.json", "/metadata/timestamp.json",
			   "/metadata/1.snapshot.json", "/metadata/1.targets.json", NULL);
	sim_check_kept(sim, 1, 1, 1, 1);
	sim_target(sim, "targets", "plan.json", "first");
	sim_set_end(sim, "timestamp", -1);
	sim_publish(sim, "targets snapshot timestamp");
	assert_int_equal(sim_download(sim, "plan.json"), 1);
	assert_int_equal(sim_count_files(sim->targets), 0);
}

static void target_that_is_there_is_not_downloaded_again(void **state)
{
	struct sim *sim = *state;

	sim_target(sim, "targets", "plan.json", "first");
	sim_publish(sim, "targets snapshot timestamp");
	assert_int_equal(sim_download(sim, "plan.json"), 0);
	assert_int_equal(sim_download(sim, "plan.json"), 0);
	sim_check_requests(sim, 0, "/metadata/2.root.json", "/metadata/timestamp.json",
			   NULL);
	/* Damaged, it is; changed, it is replaced. */
	tmp_write(sim->targets, "plan.json", "worst", 5);
	assert_int_equal(sim_download(sim, "plan.json"), 0);
	assert_int_equal(sim->request_count, 3);
	sim_check_target(sim, "plan.json", "first");
	sim_target(sim, "targets", "plan.json", "second");
	sim_publish(sim, "targets snapshot timestamp");
	assert_int_equal(sim_download(sim, "plan.json"), 0);
	sim_check_target(sim, "plan.json", "second");
	assert_int_equal(sim_count_files(sim->targets), 1);
}

static void substituted_target_is_refused(void **state)
{
	static const char *const lies[] = {"malicious", "fire!", "firstly", ""};
	struct sim *sim = *state;

	sim_target(sim, "targets", "a", "first");
	sim_target(sim, "targets", "b", "other");
	sim_publish(sim, "targets snapshot timestamp");
	assert_int_equal(sim_download(sim, "a"), 0);
	for (size_t i = 0; i < ARRAY_LEN(lies); i++) {
		sim_serve_target(sim, "a", "first", lies[i]);
		sim_serve_target(sim, "b", "other", lies[i]);
		assert_int_equal(sim_download(sim, "a"), 0);
		assert_int_equal(sim_download(sim, "b"), 1);
		sim_check_target(sim, "a", "first");
		sim_check_target(sim, "b", NULL);
	}
	/* One good target, served for another. */
	sim_serve_target(sim, "b", "other", "first");
	assert_int_equal(sim_download(sim, "b"), 1);
	sim_check_target(sim, "b", NULL);
}

static void several_targets_are_one_update(void **state)
{
	struct sim *sim = *state;
	int status;

	sim_target(sim, "targets", "a", "1");
	sim_target(sim, "targets", "b", "2");
	sim_target(sim, "targets", "c", "3");
	sim_publish(sim, "targets snapshot timestamp");
	status = sim_run(sim, "--metadata-url", sim->metadata_url, "--metadata-dir",
			 sim->metadata, "--target-name", "a", "--target-name", "b",
			 "--target-dir", sim->targets, "--target-base-url",
			 sim->targets_url, "download", NULL);
	assert_int_equal(status, 0);
	assert_int_equal(sim->request_count, 6);
	/* One that fails fails the whole, but not the others. */
	status = sim_run(sim, "--metadata-url", sim->metadata_url, "--metadata-dir",
			 sim->metadata, "--target-name", "x", "--target-name", "c",
			 "--target-dir", sim->targets, "--target-base-url",
			 sim->targets_url, "download", NULL);
	assert_int_equal(status, 1);
	sim_check_target(sim, "a", "1");
	sim_check_target(sim, "b", "2");
	sim_check_target(sim, "c", "3");
}

static void sha512_alone_will_do(void **state)
{
	struct sim *sim = *state;
	uint8_t hash[SHA512_SIZE];
	char hex[2 * SHA512_SIZE + 1], path[200];

	sim_list_target(sim, "targets", "plan.json", "content", false, true);
	sha512("content", 7, hash);
	hex_encode(hash, sizeof(hash), hex);
	snprintf(path, sizeof(path), "/targets/%s.plan.json", hex);
	sim_serve(sim, path, "content", 7);
	sim_publish(sim, "targets snapshot timestamp");
	assert_int_equal(sim_download(sim, "plan.json"), 0);
	sim_check_target(sim, "plan.json", "content");
	/* Where both are given, both must fit. */
	sim_list_target(sim, "targets", "both", "content", true, true);
	json_object_set_new(
		json_object_get(
			json_object_get(
				json_object_get(sim_content(sim, "targets"), "targets"),
				"both"),
			"hashes"),
		"sha512", json_string(hex));
	sim_serve_target(sim, "both", "content", "content");
	sim_publish(sim, "targets snapshot timestamp");
	assert_int_equal(sim_download(sim, "both"), 0);
	hex[0] = hex[0] == '0' ? '1' : '0';
	json_object_set_new(
		json_object_get(
			json_object_get(
				json_object_get(sim_content(sim, "targets"), "targets"),
				"both"),
			"hashes"),
		"sha512", json_string(hex));
	sim_publish(sim, "targets snapshot timestamp");
	tmp_write(sim->targets, "both", "x", 1);
	assert_int_equal(sim_download(sim, "both"), 1);
}

static void targets_without_hash_in_their_names_are_found(void **state)
{
	struct sim *sim = *state;

	json_object_set_new(sim_content(sim, "root"), "consistent_snapshot",
			    json_false());
	sim_delegate(sim, "targets", "emergency", "\"paths\": [\"emergency/*\"]", true);
	sim_list_target(sim, "emergency", "emergency/alarm", "flood", true, false);
	sim_serve(sim, "/targets/emergency/alarm", "flood", 5);
	sim_publish(sim, "root emergency targets snapshot timestamp");
	assert_int_equal(sim_download(sim, "emergency/alarm"), 0);
	sim_check_requests(sim, 2, "/metadata/timestamp.json", "/metadata/snapshot.json",
			   "/metadata/targets.json", "/metadata/emergency.json",
			   "/targets/emergency/alarm", NULL);
	sim_check_target(sim, "emergency%2Falarm", "flood");
}

/* ---- Names ---- */

static void odd_target_paths_are_quoted(void **state)
{
	static const struct {
		const char *path, *url, *file;
	} cases[] = {
		{"with space", "with%20space", "with%20space"},
		{"お知らせ/洪水.png",
		 "%E3%81%8A%E7%9F%A5%E3%82%89%E3%81%9B/%E6%B4%AA%E6%B0%B4.png",
		 "%E3%81%8A%E7%9F%A5%E3%82%89%E3%81%9B%2F%E6%B4%AA%E6%B0%B4.png"},
		{"a?b#c", "a%3Fb%23c", "a%3Fb%23c"},
		{"100%", "100%25", "100%25"},
		{"already%20quoted", "already%20quoted", "already%2520quoted"},
		{"[\"<>\\^`{|}", "%5B%22%3C%3E%5C%5E%60%7B%7C%7D",
		 "%5B%22%3C%3E%5C%5E%60%7B%7C%7D"},
		{"!$&'()*+,;=:@-._~", "!$&'()*+,;=:@-._~",
		 "%21%24%26%27%28%29%2A%2B%2C%3B%3D%3A%40-._~"},
		{"a//b/", "a//b/", "a%2F%2Fb%2F"},
		{"..", "..", "%2E%2E"},
		{".", ".", "%2E"},
		{"--json", "--json", "--json"},
	};
	struct sim *sim = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		sim_list_target(sim, "targets", cases[i].path, cases[i].path, true,
				false);
		sim_serve_target(sim, cases[i].url, cases[i].path, cases[i].path);
	}
	sim_publish(sim, "targets snapshot timestamp");
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		if (sim_download(sim, cases[i].path) != 0)
			fail_msg("%s was not found", cases[i].path);
		sim_check_target(sim, cases[i].file, cases[i].path);
	}
	assert_int_equal(sim_count_files(sim->targets), ARRAY_LEN(cases));
	assert_int_equal(sim_count_files(sim->dir), 3);
}

/* Deeper than any file name may be long. */
static void very_long_target_paths_have_names_of_their_own(void **state)
{
	struct sim *sim = *state;
	char first[401], second[401];

	memset(first, 'a', 400);
	for (size_t i = 3; i < 400; i += 4)
		first[i] = '/';
	first[399] = 'x';
	first[400] = '\0';
	memcpy(second, first, sizeof(second));
	second[399] = 'y';
	sim_target(sim, "targets", first, "first");
	sim_target(sim, "targets", second, "second");
	sim_publish(sim, "targets snapshot timestamp");
	assert_int_equal(sim_download(sim, first), 0);
	assert_int_equal(sim_count_files(sim->targets), 1);
	assert_int_equal(sim_download(sim, second), 0);
	assert_int_equal(sim_count_files(sim->targets), 2);
	assert_int_equal(sim_download(sim, first), 0);
	assert_int_equal(sim->request_count, 2);
}

static void odd_role_names_stay_in_their_folder(void **state)
{
	static const struct {
		const char *name, *url, *file;
	} cases[] = {
		{"?", "/metadata/1.%3F.json", "%3F.json"},
		{"#", "/metadata/1.%23.json", "%23.json"},
		{"/delegated", "/metadata/1.%2Fdelegated.json", "%2Fdelegated.json"},
		{"../delegated", "/metadata/1...%2Fdelegated.json",
		 "%2E%2E%2Fdelegated.json"},
		{"2.root", "/metadata/1.2.root.json", "2%2Eroot.json"},
		{"お知らせ", "/metadata/1.%E3%81%8A%E7%9F%A5%E3%82%89%E3%81%9B.json",
		 "%E3%81%8A%E7%9F%A5%E3%82%89%E3%81%9B.json"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct sim *sim = sim_new();
		char *kept;

		sim_init(sim);
		sim_delegate(sim, "targets", cases[i].name, ALL, false);
		sim_publish_as_is(sim, cases[i].name);
		sim_publish(sim, "targets snapshot timestamp");
		assert_int_equal(sim_download(sim, "nonexistent"), 1);
		sim_check_requests(sim, 4, cases[i].url, NULL);
		kept = sim_kept(sim, cases[i].file);
		assert_non_null(kept);
		free(kept);
		assert_int_equal(sim_count_files(sim->metadata), 5);
		sim_free(sim);
	}
}

/* A delegated role by the name of a top-level one would overwrite that one's file. */
static void role_by_the_name_of_a_top_level_one_is_refused(void **state)
{
	struct sim *sim = *state;

	sim_delegate(sim, "targets", "emergency", ALL, false);
	json_object_set_new(
		json_array_get(
			json_object_get(json_object_get(sim_content(sim, "targets"),
							"delegations"),
					"roles"),
			0),
		"name", json_string("snapshot"));
	sim_publish(sim, "emergency targets snapshot timestamp");
	assert_int_equal(sim_refresh(sim), 1);
	sim_check_kept(sim, 1, 2, 2, 0);
}

/* ---- Delegations ---- */

struct graph {
	const char *name;
	struct edge {
		const char *from, *to, *paths;
		bool terminating;
	} edges[6];
	const char *visited; /* one letter a role */
};

static void roles_are_visited_in_pre_order(void **state)
{
	static const char py[] = "\"paths\": [\"*.py\"]";
	static const struct graph graphs[] = {
		{"one", {{"targets", "A", ALL, 0}}, "A"},
		{"two", {{"targets", "A", ALL, 0}, {"targets", "B", ALL, 0}}, "AB"},
		{"two levels",
		 {{"targets", "A", ALL, 0}, {"targets", "B", ALL, 0}, {"B", "C", ALL, 0}},
		 "ABC"},
		{"depth first",
		 {{"targets", "A", ALL, 0},
		  {"targets", "B", ALL, 0},
		  {"A", "C", ALL, 0},
		  {"A", "D", ALL, 0}},
		 "ACDB"},
		{"three levels",
		 {{"targets", "A", ALL, 0},
		  {"targets", "B", ALL, 0},
		  {"A", "C", ALL, 0},
		  {"C", "D", ALL, 0}},
		 "ACDB"},
		{"terminating",
		 {{"targets", "A", ALL, 0},
		  {"targets", "B", ALL, 0},
		  {"A", "C", ALL, 1},
		  {"A", "D", ALL, 0}},
		 "AC"},
		{"terminating, but with descendants",
		 {{"targets", "A", ALL, 0},
		  {"targets", "B", ALL, 0},
		  {"A", "C", ALL, 1},
		  {"C", "D", ALL, 0}},
		 "ACD"},
		{"terminating for other paths",
		 {{"targets", "A", py, 1}, {"targets", "B", ALL, 0}},
		 "B"},
		{"other paths",
		 {{"targets", "A", py, 0}, {"targets", "B", ALL, 0}, {"A", "C", ALL, 0}},
		 "B"},
		{"other paths below",
		 {{"targets", "A", ALL, 0},
		  {"targets", "B", ALL, 0},
		  {"A", "C", py, 0},
		  {"C", "D", ALL, 0}},
		 "AB"},
		{"circle",
		 {{"targets", "A", ALL, 0},
		  {"targets", "B", ALL, 0},
		  {"B", "C", ALL, 0},
		  {"C", "D", ALL, 0},
		  {"D", "B", ALL, 0}},
		 "ABCD"},
		{"itself", {{"targets", "A", ALL, 0}, {"A", "A", ALL, 0}}, "A"},
		{"two ways to one",
		 {{"targets", "A", ALL, 0},
		  {"targets", "B", ALL, 0},
		  {"B", "C", ALL, 0},
		  {"A", "C", ALL, 0}},
		 "ACB"},
		{"two ways, one closed",
		 {{"targets", "A", ALL, 0},
		  {"targets", "B", ALL, 0},
		  {"B", "C", ALL, 0},
		  {"A", "C", py, 0}},
		 "ABC"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(graphs); i++) {
		struct sim *sim = sim_new();

		sim_init(sim);
		for (size_t j = 0; j < 6 && graphs[i].edges[j].from; j++)
			sim_delegate(sim, graphs[i].edges[j].from, graphs[i].edges[j].to,
				     graphs[i].edges[j].paths,
				     graphs[i].edges[j].terminating);
		for (size_t j = 4; j < sim->role_count; j++)
			sim_publish_as_is(sim, sim->roles[j].name);
		sim_publish(sim, "targets snapshot timestamp");
		assert_int_equal(sim_download(sim, "missingpath"), 1);
		if (sim->request_count != 4 + strlen(graphs[i].visited))
			fail_msg("%s: %zu requests", graphs[i].name, sim->request_count);
		for (size_t j = 0; graphs[i].visited[j]; j++) {
			char expected[64];

			snprintf(expected, sizeof(expected), "/metadata/1.%c.json",
				 graphs[i].visited[j]);
			if (strcmp(sim->requests[4 + j], expected) != 0)
				fail_msg("%s: %s before %s", graphs[i].name,
					 sim->requests[4 + j], expected);
		}
		sim_free(sim);
	}
}

static void target_is_found_where_all_in_the_chain_trust_it(void **state)
{
	static const struct {
		const char *path, *visited;
		bool found;
	} cases[] = {
		{"targetfile", "", true},
		{"README.md", "A", true},
		{"releases/x/x_v1", "BC", true},
		{"releases/y/y_v1.zip", "BD", true},
		{"releases/z/z_v1.zip", "B", false},
		{"releases/x/deep/x_v1", "", false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct sim *sim = sim_new();

		sim_init(sim);
		sim_delegate(sim, "targets", "A", "\"paths\": [\"*.doc\", \"*.md\"]",
			     false);
		sim_delegate(sim, "targets", "B", "\"paths\": [\"releases/*/*\"]", false);
		sim_delegate(sim, "B", "C", "\"paths\": [\"releases/x/*\"]", false);
		sim_delegate(sim, "B", "D", "\"paths\": [\"releases/y/*.zip\"]", false);
		sim_target(sim, "targets", "targetfile", "by targets");
		sim_target(sim, "A", "README.md", "by A");
		sim_target(sim, "C", "releases/x/x_v1", "by C");
		sim_target(sim, "C", "releases/x/deep/x_v1", "by C");
		sim_target(sim, "D", "releases/y/y_v1.zip", "by D");
		sim_target(sim, "D", "releases/z/z_v1.zip", "by D");
		for (size_t j = 4; j < sim->role_count; j++)
			sim_publish_as_is(sim, sim->roles[j].name);
		sim_publish(sim, "targets snapshot timestamp");
		if (sim_download(sim, cases[i].path) != (cases[i].found ? 0 : 1))
			fail_msg("%s", cases[i].path);
		assert_int_equal(sim_count_files(sim->targets), cases[i].found);
		assert_int_equal(sim->request_count,
				 4 + strlen(cases[i].visited) + cases[i].found);
		sim_free(sim);
	}
}

static void delegated_file_is_checked_like_any_other(void **state)
{
	struct sim *sim = *state;
	struct sim_role *role;

	sim->hashes = true;
	sim_delegate(sim, "targets", "emergency", "\"paths\": [\"emergency/*\"]", true);
	sim_target(sim, "emergency", "emergency/alarm", "flood");
	sim_publish(sim, "emergency targets snapshot timestamp");
	assert_int_equal(sim_download(sim, "emergency/alarm"), 0);
	assert_int_equal(sim_kept_version(sim, "emergency"), 1);
	/* With nothing new, its file is not asked for again. */
	assert_int_equal(sim_download(sim, "emergency/alarm"), 0);
	assert_int_equal(sim->request_count, 2);

	/* Signed by a stranger. */
	role = sim_role(sim, "emergency");
	role->signers[1] = role->signers[0];
	role->signers[0] = sim_new_signer();
	role->signer_count = 1;
	sim_target(sim, "emergency", "emergency/second", "fire");
	sim_publish(sim, "emergency snapshot timestamp");
	assert_int_equal(sim_download(sim, "emergency/second"), 1);
	assert_int_equal(sim_kept_version(sim, "emergency"), 1);

	/* Signed rightly, but other bytes than the snapshot names. */
	signer_free(role->signers[0]);
	role->signers[0] = role->signers[1];
	sim_publish(sim, "emergency snapshot timestamp");
	sim_set_end(sim, "emergency", 20);
	sim_publish_as_is(sim, "emergency");
	assert_int_equal(sim_download(sim, "emergency/second"), 1);
	assert_int_equal(sim_kept_version(sim, "emergency"), 1);
	/* An older version in its place. */
	sim_publish(sim, "emergency");
	sim_serve(sim, "/metadata/5.emergency.json", role->text, strlen(role->text));
	sim->hashes = false;
	sim_set_version(sim, "emergency", 5);
	sim_name_file(sim, "snapshot", "emergency", "");
	sim_publish(sim, "snapshot timestamp");
	assert_int_equal(sim_download(sim, "emergency/second"), 1);
	/* A snapshot that goes back behind it. */
	sim_set_version(sim, "emergency", 1);
	sim_name_file(sim, "snapshot", "emergency", "");
	sim_publish(sim, "snapshot timestamp");
	assert_int_equal(sim_refresh(sim), 1);
	sim_check_target(sim, "emergency%2Fsecond", NULL);

	sim_set_version(sim, "emergency", 6);
	sim_publish_as_is(sim, "emergency");
	sim_publish(sim, "snapshot timestamp");
	assert_int_equal(sim_download(sim, "emergency/second"), 0);
	sim_check_target(sim, "emergency%2Fsecond", "fire");
}

static void ended_delegated_file_is_refused(void **state)
{
	struct sim *sim = *state;

	sim_delegate(sim, "targets", "emergency", "\"paths\": [\"emergency/*\"]", true);
	sim_target(sim, "emergency", "emergency/alarm", "flood");
	sim_target(sim, "targets", "plan.json", "plan");
	sim_set_end(sim, "emergency", -1);
	sim_publish(sim, "emergency targets snapshot timestamp");
	assert_int_equal(sim_refresh(sim), 0);
	assert_int_equal(sim_download(sim, "emergency/alarm"), 1);
	assert_int_equal(sim_count_files(sim->targets), 0);
	assert_int_equal(sim_kept_version(sim, "emergency"), 0);
	/* Laid among the kept files, it is no better. */
	tmp_write(sim->metadata, "emergency.json", sim_role(sim, "emergency")->text,
		  strlen(sim_role(sim, "emergency")->text));
	assert_int_equal(sim_download(sim, "emergency/alarm"), 1);
	/* What others sign is not affected. */
	assert_int_equal(sim_download(sim, "plan.json"), 0);
	sim_set_end(sim, "emergency", 20);
	sim_publish(sim, "emergency snapshot timestamp");
	assert_int_equal(sim_download(sim, "emergency/alarm"), 0);
}

/* A role may only speak for the paths it was given, whatever it lists. */
static void delegated_role_has_no_say_in_other_paths(void **state)
{
	struct sim *sim = *state;

	sim_delegate(sim, "targets", "emergency", "\"paths\": [\"emergency/*\"]", false);
	sim_target(sim, "emergency", "plan.json", "forged");
	sim_target(sim, "emergency", "emergency/deep/alarm", "too deep");
	sim_publish(sim, "emergency targets snapshot timestamp");
	assert_int_equal(sim_download(sim, "plan.json"), 1);
	assert_int_equal(sim_download(sim, "emergency/deep/alarm"), 1);
	/* And where the top-level role has the path itself, nobody else is asked. */
	sim_target(sim, "targets", "emergency/alarm", "by targets");
	sim_target(sim, "emergency", "emergency/alarm", "by emergency");
	sim_publish(sim, "emergency targets snapshot timestamp");
	assert_int_equal(sim_download(sim, "emergency/alarm"), 0);
	sim_check_target(sim, "emergency%2Falarm", "by targets");
}

static void hash_prefixes_choose_the_role(void **state)
{
	static const char path[] = "media/photo.png";
	struct sim *sim = *state;
	uint8_t hash[SHA256_SIZE];
	char hex[SHA256_HEX_SIZE], prefixes[200], other;

	sha256(path, strlen(path), hash);
	hex_encode(hash, sizeof(hash), hex);
	other = hex[1] == '0' ? '1' : '0';
	snprintf(prefixes, sizeof(prefixes), "\"path_hash_prefixes\": [\"%c%c\"]", hex[0],
		 other);
	sim_delegate(sim, "targets", "A", prefixes, true);
	snprintf(prefixes, sizeof(prefixes),
		 "\"path_hash_prefixes\": [\"%c%c\", \"%.8s\"]", hex[0], other, hex);
	sim_delegate(sim, "targets", "B", prefixes, true);
	sim_target(sim, "B", path, "photo");
	sim_publish(sim, "A B targets snapshot timestamp");
	assert_int_equal(sim_download(sim, path), 0);
	sim_check_requests(sim, 4, "/metadata/1.B.json", sim->requests[5], NULL);
	sim_check_target(sim, "media%2Fphoto.png", "photo");
}

static void hash_bins_choose_the_role(void **state)
{
	static const char *const paths[] = {"file1.txt", "file2.txt", "a/b/c",
					    "お知らせ"};
	struct sim *sim = *state;
	struct sim_role *first;

	json_object_set_new(sim_content(sim, "targets"), "delegations",
			    json_pack("{s:{}, s:{s:[], s:i, s:i, s:s}}", "keys",
				      "succinct_roles", "keyids", "threshold", 1,
				      "bit_length", 5, "name_prefix", "bin"));
	for (int bin = 0; bin < 32; bin++) {
		char name[16];

		snprintf(name, sizeof(name), "bin-%02x", (unsigned)bin);
		sim_new_role(sim, name, "targets");
		json_object_set_new(sim_content(sim, name), "targets", json_object());
	}
	/* All bins have the same key. */
	first = sim_role(sim, "bin-00");
	sim_add_key(sim, "targets", "bin-00");
	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		uint8_t hash[SHA256_SIZE];
		char name[16], file[200], quoted[200];

		sha256(paths[i], strlen(paths[i]), hash);
		snprintf(name, sizeof(name), "bin-%02x", (unsigned)hash[0] >> 3);
		sim_list_target(sim, name, paths[i], paths[i], true, false);
		assert_true(url_path_quote(paths[i], quoted, sizeof(quoted)));
		sim_serve_target(sim, quoted, paths[i], paths[i]);
		assert_true(url_quote(paths[i], "", file, sizeof(file)));
		for (int bin = 0; bin < 32; bin++) {
			char each[16], path[64];
			char *text;

			snprintf(each, sizeof(each), "bin-%02x", (unsigned)bin);
			snprintf(path, sizeof(path), "/metadata/1.%s.json", each);
			text = sim_sign(sim_content(sim, each), first->signers, 1);
			sim_serve(sim, path, text, strlen(text));
			sim_name_file(sim, "snapshot", each, text);
			free(text);
		}
		sim_publish(sim, "targets snapshot timestamp");
		assert_int_equal(sim_download(sim, paths[i]), 0);
		sim_check_target(sim, file, paths[i]);
		/* Each path asks one bin, and that of nobody else. */
		assert_true(sim->request_count <= 6);
		snprintf(file, sizeof(file), "missing-%zu", i);
		assert_int_equal(sim_download(sim, file), 1);
		assert_true(sim->request_count <= 3);
	}
}

/* A chain without end, and a crowd, are both left at a limit. */
static void searches_end_at_a_limit(void **state)
{
	struct sim *sim = *state;
	char name[16], before[16] = "targets";

	for (int i = 1; i <= TUF_SEARCH_ROLES_MAX + 5; i++) {
		snprintf(name, sizeof(name), "r%d", i);
		sim_delegate(sim, before, name, ALL, false);
		snprintf(before, sizeof(before), "%s", name);
	}
	snprintf(name, sizeof(name), "r%d", TUF_SEARCH_ROLES_MAX);
	sim_target(sim, name, "reached", "reached");
	snprintf(name, sizeof(name), "r%d", TUF_SEARCH_ROLES_MAX + 1);
	sim_target(sim, name, "too-far", "too far");
	for (size_t j = 4; j < sim->role_count; j++)
		sim_publish_as_is(sim, sim->roles[j].name);
	sim_publish(sim, "targets snapshot timestamp");
	assert_int_equal(sim_download(sim, "too-far"), 1);
	assert_int_equal(sim->request_count, 4 + TUF_SEARCH_ROLES_MAX);
	assert_int_equal(sim_download(sim, "reached"), 0);
}

/* Targets that the snapshot does not list a role for have nobody who speaks for them. */
static void role_that_the_snapshot_does_not_list_ends_the_search(void **state)
{
	struct sim *sim = *state;

	sim_delegate(sim, "targets", "A", ALL, false);
	sim_delegate(sim, "targets", "B", ALL, false);
	sim_target(sim, "B", "file", "by B");
	sim_publish(sim, "B targets snapshot timestamp");
	assert_int_equal(sim_refresh(sim), 0);
	assert_int_equal(sim_download(sim, "file"), 1);
	sim_check_requests(sim, 0, "/metadata/2.root.json", "/metadata/timestamp.json",
			   NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SIM_TEST(target_is_downloaded_and_kept),
		SIM_TEST(download_refreshes_first),
		SIM_TEST(target_that_is_there_is_not_downloaded_again),
		SIM_TEST(substituted_target_is_refused),
		SIM_TEST(several_targets_are_one_update),
		SIM_TEST(sha512_alone_will_do),
		SIM_TEST(targets_without_hash_in_their_names_are_found),
		SIM_TEST(odd_target_paths_are_quoted),
		SIM_TEST(very_long_target_paths_have_names_of_their_own),
		cmocka_unit_test(odd_role_names_stay_in_their_folder),
		SIM_TEST(role_by_the_name_of_a_top_level_one_is_refused),
		cmocka_unit_test(roles_are_visited_in_pre_order),
		cmocka_unit_test(target_is_found_where_all_in_the_chain_trust_it),
		SIM_TEST(delegated_file_is_checked_like_any_other),
		SIM_TEST(ended_delegated_file_is_refused),
		SIM_TEST(delegated_role_has_no_say_in_other_paths),
		SIM_TEST(hash_prefixes_choose_the_role),
		SIM_TEST(hash_bins_choose_the_role),
		SIM_TEST(searches_end_at_a_limit),
		SIM_TEST(role_that_the_snapshot_does_not_list_ends_the_search),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
