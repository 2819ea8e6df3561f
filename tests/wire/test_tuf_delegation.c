/*
 * Delegations (TUF specification §4.5, 5.6.7): what they say, which paths they are for, and
 * the search that follows them. What a repository over HTTP shows of it is in
 * tests/ctl/test_tuf_download.c.
 */
#include "wire/tuf_metadata.h"

#include "support/tmp.h"
#include "wire/tuf_repository.h"

/* ---- Patterns ---- */

static void patterns_match_as_a_shell_does(void **state)
{
	static const struct {
		const char *pattern, *path;
		bool matches;
	} cases[] = {
		{"*", "file", true},
		{"*", "", true},
		{"*", "a/b", false},
		{"*/*", "a/b", true},
		{"*/*", "a/b/c", false},
		{"a/*", "a/", true},
		{"a/*", "a", false},
		{"a*", "/a", false},
		{"", "", true},
		{"", "a", false},
		{"a", "", false},
		{"plan.json", "plan.json", true},
		{"plan.json", "plan-json", false},
		{"plan.json", "plan.jsonx", false},
		{"plan.json", "xplan.json", false},
		{"*.tar.gz", "a.tar.gz", true},
		{"*.tar.gz", "a.tar.gz.tar.gz", true},
		{"*.tar.gz", "a.tar.gz.", false},
		{"a*b*c", "aXbXbYc", true},
		{"a*b*c", "aXcXb", false},
		{"**", "abc", true},
		{"a**", "a", true},
		{"a?c", "abc", true},
		{"a?c", "ac", false},
		{"a?c", "a/c", false},
		{"?", "駅", true},
		{"??", "駅", false},
		{"駅*", "駅前", true},
		{"foo-version-?.tgz", "foo-version-a.tgz", true},
		{"foo-version-?.tgz", "foo-version-alpha.tgz", false},
		{"[abc]", "b", true},
		{"[abc]", "d", false},
		{"[a-c]x", "bx", true},
		{"[a-c]x", "dx", false},
		{"[c-a]", "b", false},
		{"[!a-c]", "d", true},
		{"[!a-c]", "b", false},
		{"[!a]", "/", false},
		{"[^a]", "^", true},
		{"[^a]", "b", false},
		{"[]a]", "]", true},
		{"[!]a]", "]", false},
		{"[a-]", "-", true},
		{"[-a]", "-", true},
		{"[あ-ん]", "え", true},
		{"[あ-ん]", "ア", false},
		{"[abc", "[abc", true},
		{"[abc", "a", false},
		{"[a/b]", "a", false},
		{"[a/b]", "[a/b]", true},
		{"[+-9]", "/", false},
		{"\\*", "\\x", true},
		{"\\*", "*", false},
		{"{a,b}", "a", false},
		{"{a,b}", "{a,b}", true},
		{".*", ".hidden", true},
		{"*", ".hidden", true},
		{"*a*/*b*", "xay/xby", true},
		{"*a*/*b*", "xy/xaby", false},
		{"a*/b", "ax/y/b", false},
		{"Plan.json", "plan.json", false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		if (tuf_pattern_matches(cases[i].pattern, cases[i].path) !=
		    cases[i].matches)
			fail_msg("\"%s\" and \"%s\"", cases[i].pattern, cases[i].path);
	}
}

/* One that takes fnmatch(3) of many systems until the end of time. */
static void evil_pattern_is_decided_at_once(void **state)
{
	char pattern[2001], path[1001];

	(void)state;
	for (size_t i = 0; i < 2000; i += 2)
		memcpy(pattern + i, "*a", 2);
	pattern[2000] = '\0';
	memset(path, 'a', 1000);
	path[1000] = '\0';
	assert_true(tuf_pattern_matches(pattern, path));
	pattern[1999] = 'b';
	assert_false(tuf_pattern_matches(pattern, path));
	path[999] = 'b';
	assert_true(tuf_pattern_matches(pattern, path));
}

/* ---- What is read ---- */

/* The delegations of a targets file with this value of "delegations"; NULL when refused. */
static struct tuf_delegations *read_text(const char *text, struct err *err)
{
	json_t *value = json_loads(text, JSON_DECODE_ANY, NULL);
	struct tuf_file file = {.name = "targets.json"};
	struct tuf_delegations *out;

	if (!value)
		fail_msg("not JSON: %s", text);
	out = tuf_delegations_read(&file, value, err);
	json_decref(value);
	return out;
}

#define ROLE(more) "{\"keys\": {}, \"roles\": [" more "]}"
#define BINS(more)                                                                       \
	"{\"keys\": {}, \"succinct_roles\": {\"keyids\": [], \"threshold\": 1" more "}}"
#define GOOD                                                                             \
	"{\"name\": \"a\", \"keyids\": [\"x\"], \"threshold\": 1, \"paths\": [\"*\"], "  \
	"\"terminating\": true}"

static void good_delegations_are_read_in_order(void **state)
{
	struct err err = {0};
	struct tuf_delegations *read = read_text(
		ROLE(GOOD ", {\"name\": \"b\", \"keyids\": [], \"threshold\": 9, "
			  "\"path_hash_prefixes\": [\"00\", \"F\"], \"extra\": 1}"),
		&err);

	(void)state;
	assert_ok(read != NULL, err);
	assert_int_equal(read->count, 2);
	assert_int_equal(read->bin_bits, 0);
	assert_string_equal(read->list[0].name, "a");
	assert_true(read->list[0].terminating);
	assert_int_equal(read->list[0].path_count, 1);
	assert_true(tuf_role_has(&read->list[0].role, "x"));
	assert_string_equal(read->list[1].name, "b");
	assert_false(read->list[1].terminating);
	assert_int_equal(read->list[1].hash_prefix_count, 2);
	assert_int_equal(read->list[1].role.threshold, 9);
	tuf_delegations_free(read);
	read = read_text(ROLE(""), &err);
	assert_ok(read != NULL, err);
	assert_int_equal(read->count, 0);
	tuf_delegations_free(read);
}

static void wrong_delegations_are_refused(void **state)
{
	static const struct {
		const char *text, *part;
	} bad[] = {
		{"[]", "either roles or succinct_roles"},
		{"{}", "either roles or succinct_roles"},
		{"{\"keys\": {}, \"roles\": [], \"succinct_roles\": {}}", "either"},
		{"{\"roles\": []}", "delegations.keys: not an object"},
		{"{\"keys\": [], \"roles\": []}", "delegations.keys: not an object"},
		{"{\"keys\": {}, \"roles\": {}}", "roles: not an array"},
		{ROLE("1"), "roles[0].name: not a text"},
		{ROLE("{\"name\": \"\"}"), "name: not a text of 1 to 127"},
		{ROLE("{\"name\": 5}"), "name: not a text"},
		{ROLE("{\"name\": \"root\"}"), "\"root\" is a top-level role"},
		{ROLE("{\"name\": \"targets\"}"), "\"targets\" is a top-level role"},
		{ROLE(GOOD ", " GOOD), "a is there twice"},
		{ROLE("{\"name\": \"a\"}"), "roles[0].keyids: not an array"},
		{ROLE("{\"name\": \"a\", \"keyids\": []}"), "threshold: not an integer"},
		{ROLE("{\"name\": \"a\", \"keyids\": [\"x\", \"x\"], \"threshold\": 1}"),
		 "keyids[1]: is listed twice"},
		{ROLE("{\"name\": \"a\", \"keyids\": [], \"threshold\": 0}"),
		 "threshold: not an integer above 0"},
		{ROLE("{\"name\": \"a\", \"keyids\": [], \"threshold\": 1}"),
		 "needs either paths or path_hash_prefixes"},
		{ROLE("{\"name\": \"a\", \"keyids\": [], \"threshold\": 1, \"paths\": [], "
		      "\"path_hash_prefixes\": []}"),
		 "needs either paths or path_hash_prefixes"},
		{ROLE("{\"name\": \"a\", \"keyids\": [], \"threshold\": 1, \"paths\": "
		      "\"*\"}"),
		 "paths: not an array"},
		{ROLE("{\"name\": \"a\", \"keyids\": [], \"threshold\": 1, \"paths\": "
		      "[\"*\", 1]}"),
		 "paths[1]: not a text"},
		{ROLE("{\"name\": \"a\", \"keyids\": [], \"threshold\": 1, "
		      "\"path_hash_prefixes\": [null]}"),
		 "path_hash_prefixes[0]: not a text"},
		{ROLE("{\"name\": \"a\", \"keyids\": [], \"threshold\": 1, \"paths\": [], "
		      "\"terminating\": 1}"),
		 "terminating: not true or false"},
		{BINS(""), "bit_length: not an integer of 1 to 32"},
		{BINS(", \"bit_length\": 0"), "bit_length"},
		{BINS(", \"bit_length\": 33"), "bit_length"},
		{BINS(", \"bit_length\": 8"), "name_prefix: not a text"},
		{"{\"keys\": {}, \"succinct_roles\": {\"bit_length\": 8, \"name_prefix\": "
		 "\"b\"}}",
		 "succinct_roles.keyids"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct err err = {0};
		struct tuf_delegations *read = read_text(bad[i].text, &err);

		assert_fails(read != NULL, err, ERR_INVALID, bad[i].part);
	}
}

static void too_many_delegations_are_refused(void **state)
{
	json_t *roles = json_array(), *value;
	struct tuf_file file = {.name = "targets.json"};
	struct err err = {0};

	(void)state;
	for (int i = 0; i <= TUF_DELEGATION_LIST_MAX; i++) {
		char name[32];

		snprintf(name, sizeof(name), "role-%d", i);
		json_array_append_new(roles,
				      json_pack("{s:s, s:[], s:i, s:[]}", "name", name,
						"keyids", "threshold", 1, "paths"));
	}
	value = json_pack("{s:{}, s:o}", "keys", "roles", roles);
	assert_fails(tuf_delegations_read(&file, value, &err) != NULL, err, ERR_INVALID,
		     "at most 16384");
	json_array_remove(roles, 0);
	{
		struct tuf_delegations *read = tuf_delegations_read(&file, value, &err);

		assert_ok(read != NULL, err);
		tuf_delegations_free(read);
	}
	json_decref(value);
}

/* ---- Which role ---- */

static void bins_are_named_by_the_first_bits_of_the_hash(void **state)
{
	/* SHA-256 of "abc" begins with ba7816bf (FIPS 180-4). */
	static const struct {
		int bits;
		const char *name;
	} cases[] = {
		{1, "b-1"},     {2, "b-2"},         {4, "b-b"},         {5, "b-17"},
		{8, "b-ba"},    {9, "b-174"},       {12, "b-ba7"},      {14, "b-2e9e"},
		{16, "b-ba78"}, {31, "b-5d3c0b5f"}, {32, "b-ba7816bf"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct err err = {0};
		char text[200], name[TUF_ROLE_NAME_MAX];
		struct tuf_delegations *read;

		snprintf(text, sizeof(text),
			 BINS(", \"bit_length\": %d, \"name_prefix\": \"b\""),
			 cases[i].bits);
		read = read_text(text, &err);
		assert_ok(read != NULL, err);
		assert_true(tuf_delegation_covers(read, &read->list[0], "abc"));
		assert_true(read->list[0].terminating);
		tuf_delegation_name(read, &read->list[0], "abc", name);
		assert_string_equal(name, cases[i].name);
		tuf_delegations_free(read);
	}
}

static void hash_prefixes_are_those_of_the_path(void **state)
{
	static const struct {
		const char *prefixes;
		bool covers;
	} cases[] = {
		{"\"ba78\"", true},       {"\"BA\"", true},    {"\"b\"", true},
		{"\"\"", true},           {"\"ba79\"", false}, {"\"a\"", false},
		{"\"0\", \"ba7\"", true}, {"", false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct err err = {0};
		char text[300];
		struct tuf_delegations *read;

		snprintf(text, sizeof(text),
			 ROLE("{\"name\": \"a\", \"keyids\": [], \"threshold\": 1, "
			      "\"path_hash_prefixes\": [%s]}"),
			 cases[i].prefixes);
		read = read_text(text, &err);
		assert_ok(read != NULL, err);
		if (tuf_delegation_covers(read, &read->list[0], "abc") != cases[i].covers)
			fail_msg("[%s]", cases[i].prefixes);
		tuf_delegations_free(read);
	}
}

/* ---- The search ---- */

struct fixture {
	struct keys keys;
	struct signer *alarm[2];
	struct published set;
	struct bytes emergency; /* the role's file */
	struct tuf_trust *trust;
};

static char *hex_of(const struct signer *signer, char out[static 65])
{
	uint8_t raw[ED25519_PUBLIC_SIZE];

	signer_public(signer, raw);
	hex_encode(raw, sizeof(raw), out);
	return out;
}

/* targets.json that delegates emergency/ to a role with both alarm keys. */
static struct bytes delegating(struct fixture *fixture, int threshold)
{
	struct bytes plain = good_targets(&fixture->keys, 5), out;
	char hex[2][65];
	json_t *delegations = json_pack(
		"{s:{s:{s:s, s:s, s:{s:s}}, s:{s:s, s:s, s:{s:s}}}, s:[{s:s, s:[s, s], "
		"s:i, s:[s], s:b}]}",
		"keys", signer_key_id(fixture->alarm[0]), "keytype", "ed25519", "scheme",
		"ed25519", "keyval", "public", hex_of(fixture->alarm[0], hex[0]),
		signer_key_id(fixture->alarm[1]), "keytype", "ed25519", "scheme",
		"ed25519", "keyval", "public", hex_of(fixture->alarm[1], hex[1]), "roles",
		"name", "emergency", "keyids", signer_key_id(fixture->alarm[0]),
		signer_key_id(fixture->alarm[1]), "threshold", threshold, "paths",
		"emergency/*", "terminating", 1);

	assert_non_null(delegations);
	out = edited(&plain, "delegations", delegations, fixture->keys.targets,
		     TARGETS_KEYS);
	free(plain.text);
	return out;
}

/* The role's file of this version and end, signed by the first @signers alarm keys. */
static struct bytes alarm_file(struct fixture *fixture, int64_t version,
			       const char *expires, size_t signers)
{
	json_t *content = json_pack(
		"{s:s, s:s, s:I, s:s, s:{s:{s:i, s:{s:s}}}}", "_type", "targets",
		"spec_version", "1.0.34", "version", (json_int_t)version, "expires",
		expires, "targets", "emergency/alarm", "length", 0, "hashes", "sha256",
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b"
		"855");
	struct bytes out = sign_content(content, fixture->alarm, signers);

	json_decref(content);
	return out;
}

static void publish_alarm(struct fixture *fixture, int threshold, const char *meta)
{
	fixture->set = publish(&fixture->keys, 5, 5, 5);
	replace(&fixture->set.targets, delegating(fixture, threshold));
	replace(&fixture->set.snapshot,
		snapshot_of(&fixture->keys, 5, &fixture->set.targets));
	if (meta)
		replace(&fixture->set.snapshot,
			edited(&fixture->set.snapshot, "meta/emergency.json",
			       json_loads(meta, 0, NULL), &fixture->keys.snapshot, 1));
	replace(&fixture->set.timestamp,
		timestamp_of(&fixture->keys, 5, &fixture->set.snapshot));
	fixture->trust = trust_with(&fixture->set);
}

static int set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	assert_non_null(fixture);
	fixture->keys = new_keys();
	fixture->alarm[0] = new_signer();
	fixture->alarm[1] = new_signer();
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	tuf_trust_free(fixture->trust);
	free_published(&fixture->set);
	free(fixture->emergency.text);
	signer_free(fixture->alarm[0]);
	signer_free(fixture->alarm[1]);
	free_keys(&fixture->keys);
	free(fixture);
	return 0;
}

static struct tuf_search *search_for(const struct fixture *fixture, const char *path,
				     enum tuf_search_state expected)
{
	struct err err = {0};
	struct tuf_search *search = tuf_search_new(fixture->trust, path, &err);

	assert_ok(search != NULL, err);
	assert_int_equal(tuf_search_state(search), expected);
	return search;
}

static bool feed_bytes(struct tuf_search *search, const struct bytes *bytes,
		       bool accept_expired, struct err *err)
{
	return tuf_search_feed(search, bytes->text, bytes->len, now, accept_expired, err);
}

static void search_without_trust_is_refused(void **state)
{
	struct fixture *fixture = *state;
	struct err err = {0};

	fixture->set = publish(&fixture->keys, 5, 5, 5);
	fixture->trust = trust_in(&fixture->set.root);
	assert_fails(tuf_search_new(fixture->trust, "plan.json", &err) != NULL, err,
		     ERR_UNTRUSTED, "timestamp.json: none is trusted");
}

static void top_level_target_needs_nobody_else(void **state)
{
	struct fixture *fixture = *state;
	struct tuf_search *search;

	publish_alarm(fixture, 1, "{\"version\": 3}");
	search = search_for(fixture, "plan.json", TUF_SEARCH_FOUND);
	assert_string_equal(tuf_search_target(search)->path, "plan.json");
	tuf_search_free(search);
	tuf_search_free(search_for(fixture, "plan.jso", TUF_SEARCH_ABSENT));
	tuf_search_free(search_for(fixture, "emergency/a/b", TUF_SEARCH_ABSENT));
}

static void delegated_target_is_found_in_its_role(void **state)
{
	struct fixture *fixture = *state;
	struct tuf_search *search;
	struct tuf_meta meta = {0};
	const char *role = NULL;
	struct err err = {0};

	publish_alarm(fixture, 2, "{\"version\": 3}");
	fixture->emergency = alarm_file(fixture, 3, "2026-12-24T00:00:00Z", 2);
	search = search_for(fixture, "emergency/alarm", TUF_SEARCH_NEEDS_ROLE);
	assert_ok(tuf_search_needs(search, &role, &meta, &err), err);
	assert_string_equal(role, "emergency");
	assert_int_equal(meta.version, 3);
	assert_null(tuf_search_listed(search, 0));
	assert_ok(feed_bytes(search, &fixture->emergency, false, &err), err);
	assert_int_equal(tuf_search_state(search), TUF_SEARCH_FOUND);
	assert_string_equal(tuf_search_target(search)->path, "emergency/alarm");
	assert_int_equal(tuf_search_target(search)->length, 0);
	assert_fails(feed_bytes(search, &fixture->emergency, false, &err), err,
		     ERR_INTERNAL, "no role is needed");
	tuf_search_free(search);

	search = search_for(fixture, "emergency/other", TUF_SEARCH_NEEDS_ROLE);
	assert_ok(feed_bytes(search, &fixture->emergency, false, &err), err);
	assert_int_equal(tuf_search_state(search), TUF_SEARCH_ABSENT);
	tuf_search_free(search);
}

/* §5.6.7.1: a role that delegates to itself, by the way, is asked once all the same. */
static void role_is_visited_once_however_many_ways_lead_to_it(void **state)
{
	struct fixture *fixture = *state;
	struct tuf_search *search;
	struct bytes plain;
	json_t *targets;
	struct err err = {0};

	publish_alarm(fixture, 1, "{\"version\": 3}");
	targets = parse_bytes(&fixture->set.targets);
	plain = alarm_file(fixture, 3, "2026-12-24T00:00:00Z", 1);
	fixture->emergency =
		edited(&plain, "delegations",
		       json_deep_copy(json_object_get(json_object_get(targets, "signed"),
						      "delegations")),
		       fixture->alarm, 1);
	search = search_for(fixture, "emergency/other", TUF_SEARCH_NEEDS_ROLE);
	assert_ok(feed_bytes(search, &fixture->emergency, false, &err), err);
	assert_int_equal(tuf_search_state(search), TUF_SEARCH_ABSENT);
	tuf_search_free(search);
	search = search_for(fixture, NULL, TUF_SEARCH_NEEDS_ROLE);
	assert_ok(feed_bytes(search, &fixture->emergency, false, &err), err);
	assert_int_equal(tuf_search_state(search), TUF_SEARCH_ABSENT);
	tuf_search_free(search);
	json_decref(targets);
	free(plain.text);
}

static void wrong_role_file_leaves_the_search_as_it_was(void **state)
{
	static const struct {
		int64_t version;
		const char *expires;
		size_t signers;
		enum err_code code;
		const char *part;
	} bad[] = {
		{2, "2026-12-24T00:00:00Z", 2, ERR_UNTRUSTED,
		 "is version 2 where version 3"},
		{4, "2026-12-24T00:00:00Z", 2, ERR_UNTRUSTED,
		 "is version 4 where version 3"},
		{3, "2026-12-24T00:00:00Z", 1, ERR_UNTRUSTED,
		 "signed by 1 of the 2 keys"},
		{3, "2026-12-24T00:00:00Z", 0, ERR_UNTRUSTED, "that the role emergency"},
		{3, "2026-11-22T06:30:00Z", 2, ERR_EXPIRED, "emergency.json: version 3"},
	};
	struct fixture *fixture = *state;
	struct tuf_search *search;
	struct err err = {0};

	publish_alarm(fixture, 2, "{\"version\": 3}");
	search = search_for(fixture, "emergency/alarm", TUF_SEARCH_NEEDS_ROLE);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		replace(&fixture->emergency, alarm_file(fixture, bad[i].version,
							bad[i].expires, bad[i].signers));
		assert_fails(feed_bytes(search, &fixture->emergency, false, &err), err,
			     bad[i].code, bad[i].part);
		assert_int_equal(tuf_search_state(search), TUF_SEARCH_NEEDS_ROLE);
	}
	/* The top-level targets, well signed as they are, are not this role's. */
	assert_fails(feed_bytes(search, &fixture->set.targets, false, &err), err,
		     ERR_UNTRUSTED, "signed by 0");
	assert_fails(feed_bytes(search, &fixture->set.snapshot, false, &err), err,
		     ERR_UNTRUSTED, "\"snapshot\" where \"targets\" belongs");
	/* The last of the bad ones had only ended. */
	assert_ok(feed_bytes(search, &fixture->emergency, true, &err), err);
	assert_int_equal(tuf_search_state(search), TUF_SEARCH_FOUND);
	tuf_search_free(search);
}

static void length_and_hash_in_the_snapshot_must_fit(void **state)
{
	struct fixture *fixture = *state;
	struct tuf_search *search;
	uint8_t hash[SHA512_SIZE];
	char hex[2 * SHA512_SIZE + 1], meta[300];
	struct bytes other;
	struct err err = {0};

	fixture->emergency = alarm_file(fixture, 3, "2026-12-24T00:00:00Z", 2);
	other = alarm_file(fixture, 3, "2026-12-25T00:00:00Z", 2);
	sha512(fixture->emergency.text, fixture->emergency.len, hash);
	hex_encode(hash, sizeof(hash), hex);
	snprintf(meta, sizeof(meta),
		 "{\"version\": 3, \"length\": %zu, \"hashes\": {\"sha512\": \"%s\"}}",
		 fixture->emergency.len, hex);
	publish_alarm(fixture, 1, meta);
	search = search_for(fixture, "emergency/alarm", TUF_SEARCH_NEEDS_ROLE);
	assert_fails(feed_bytes(search, &other, false, &err), err, ERR_UNTRUSTED,
		     "SHA-512");
	other.text[0] = ' ';
	assert_fails(tuf_search_feed(search, other.text, other.len - 1, now, false, &err),
		     err, ERR_UNTRUSTED, "bytes where");
	assert_ok(feed_bytes(search, &fixture->emergency, false, &err), err);
	tuf_search_free(search);
	free(other.text);
}

static void role_that_the_snapshot_does_not_list_is_untrusted(void **state)
{
	struct fixture *fixture = *state;
	struct tuf_search *search;
	struct tuf_meta meta = {0};
	const char *role = NULL;
	struct err err = {0};

	publish_alarm(fixture, 1, NULL);
	fixture->emergency = alarm_file(fixture, 3, "2026-12-24T00:00:00Z", 2);
	search = search_for(fixture, "emergency/alarm", TUF_SEARCH_NEEDS_ROLE);
	assert_fails(tuf_search_needs(search, &role, &meta, &err), err, ERR_UNTRUSTED,
		     "does not list emergency.json");
	assert_fails(feed_bytes(search, &fixture->emergency, false, &err), err,
		     ERR_UNTRUSTED, "does not list emergency.json");
	tuf_search_free(search);
}

static void visit_asks_every_role_and_lists_what_they_have(void **state)
{
	struct fixture *fixture = *state;
	struct tuf_search *search;
	struct err err = {0};

	publish_alarm(fixture, 1, "{\"version\": 3}");
	fixture->emergency = alarm_file(fixture, 3, "2026-12-24T00:00:00Z", 1);
	search = search_for(fixture, NULL, TUF_SEARCH_NEEDS_ROLE);
	assert_ok(feed_bytes(search, &fixture->emergency, false, &err), err);
	assert_int_equal(tuf_search_state(search), TUF_SEARCH_ABSENT);
	assert_string_equal(tuf_search_listed(search, 0)->path, "emergency/alarm");
	assert_null(tuf_search_listed(search, 1));
	tuf_search_free(search);
}

/* A file of tests/corpus/tuf_delegated/. */
static struct bytes foreign(const char *name)
{
	struct bytes bytes = {0};
	char *path = tmp_path(EKIMAE_SOURCE_DIR "/tests/corpus/tuf_delegated", name);

	bytes.text = tmp_read(path, &bytes.len);
	free(path);
	return bytes;
}

/*
 * Made by another program with another library (in JavaScript): keys of all kinds, patterns,
 * prefixes of hashes, and behind them hash bins.
 */
static void repository_of_another_maker_is_followed(void **state)
{
	static const struct {
		const char *path;
		const char *asked; /* roles in order */
		bool found;
	} cases[] = {
		{"top file 駅.txt", "", true},
		{"a/x.txt", "A ", true},
		{"a/y.txt", "A B ", true},
		{"a/z.txt", "A B bins hb-? ", false},
		{"a/b.tat", "A bins hb-? ", false},
		{"media/p0.png", "bins hb-? ", true},
		{"media/p1.png", "bins hb-? ", true},
		{"media/p2.png", "bins hb-? ", true},
		{"media/p3.png", "bins hb-? ", false},
	};
	struct published set = {foreign("1.root.json"), foreign("1.targets.json"),
				foreign("1.snapshot.json"), foreign("timestamp.json")};
	struct tuf_trust *trust = trust_with(&set);
	struct err err = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct tuf_search *search = tuf_search_new(trust, cases[i].path, &err);
		char asked[200] = "";

		assert_ok(search != NULL, err);
		while (tuf_search_state(search) == TUF_SEARCH_NEEDS_ROLE) {
			const char *role = NULL;
			struct tuf_meta meta = {0};
			struct bytes bytes;
			char name[TUF_URL_MAX];

			assert_ok(tuf_search_needs(search, &role, &meta, &err), err);
			tuf_role_url(trust, role, meta.version, name);
			snprintf(asked + strlen(asked), sizeof(asked) - strlen(asked),
				 "%s ", role);
			bytes = foreign(name);
			assert_ok(feed_bytes(search, &bytes, false, &err), err);
			free(bytes.text);
		}
		if (!tuf_pattern_matches(cases[i].asked, asked))
			fail_msg("%s: asked %s", cases[i].path, asked);
		assert_int_equal(tuf_search_state(search) == TUF_SEARCH_FOUND,
				 cases[i].found);
		tuf_search_free(search);
	}
	tuf_trust_free(trust);
	free_published(&set);
}

/* ---- Names ---- */

static void names_are_safe_whatever_the_role_is_called(void **state)
{
	static const struct {
		const char *role, *url, *file;
	} cases[] = {
		{"emergency", "7.emergency.json", "emergency.json"},
		{"a b", "7.a%20b.json", "a%20b.json"},
		{"../x", "7...%2Fx.json", "%2E%2E%2Fx.json"},
		{"1.root", "7.1.root.json", "1%2Eroot.json"},
		{"\x01%", "7.%01%25.json", "%01%25.json"},
	};
	struct fixture *fixture = *state;
	char out[TUF_URL_MAX], file[TUF_FILE_NAME_MAX], name[TUF_ROLE_NAME_MAX];

	publish_alarm(fixture, 1, NULL);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		tuf_role_url(fixture->trust, cases[i].role, 7, out);
		assert_string_equal(out, cases[i].url);
		tuf_role_file(cases[i].role, file);
		assert_string_equal(file, cases[i].file);
	}
	/* As long as can be, and all of it to be encoded. */
	memset(name, '/', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	tuf_role_file(name, file);
	assert_true(strlen(file) < TUF_FILE_NAME_MAX);
	assert_null(strchr(file, '/'));
	assert_string_equal(file + strlen(file) - 5, ".json");
	tuf_role_url(fixture->trust, name, INT64_MAX, out);
	assert_int_equal(strlen(out), 19 + 1 + 3 * (sizeof(name) - 1) + 5);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(patterns_match_as_a_shell_does),
		cmocka_unit_test(evil_pattern_is_decided_at_once),
		cmocka_unit_test(good_delegations_are_read_in_order),
		cmocka_unit_test(wrong_delegations_are_refused),
		cmocka_unit_test(too_many_delegations_are_refused),
		cmocka_unit_test(bins_are_named_by_the_first_bits_of_the_hash),
		cmocka_unit_test(hash_prefixes_are_those_of_the_path),
		TEST(search_without_trust_is_refused),
		TEST(top_level_target_needs_nobody_else),
		TEST(delegated_target_is_found_in_its_role),
		TEST(role_is_visited_once_however_many_ways_lead_to_it),
		TEST(wrong_role_file_leaves_the_search_as_it_was),
		TEST(length_and_hash_in_the_snapshot_must_fit),
		TEST(role_that_the_snapshot_does_not_list_is_untrusted),
		TEST(visit_asks_every_role_and_lists_what_they_have),
		cmocka_unit_test(repository_of_another_maker_is_followed),
		TEST(names_are_safe_whatever_the_role_is_called),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
