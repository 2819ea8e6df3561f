#include <unistd.h>

#include "os/file.h"
#include "support/fault_proxy.h"
#include "support/http_server.h"
#include "support/repository.h"
#include "support/test.h"
#include "support/tmp.h"
#include "sync/http.h"
#include "sync/inbox.h"
#include "sync/repository.h"
#include "wire/delta.h"
#include "wire/digest.h"
#include "wire/tuf.h"

/*
 * The courier's inbox behind a line with faults. After each the set in effect is whole, by
 * what a display would say of it; and once the fault ends, one update is enough.
 */
#define TIMEOUT_MS 1000 /* of one request, while the line has its fault */
#define MEDIA_SIZE (600 * 1024)

struct fixture {
	struct test_repository served;
	struct http_server *server;
	struct fault_proxy *proxy;
	struct http *http;
	struct repository repository;
	struct inbox *inbox;
	char *inbox_dir, *root_path;
	char metadata_url[128], targets_url[128], differences_url[128];
	char *media;
};

static struct inbox *open_inbox(struct fixture *fixture)
{
	struct err err = {0};
	struct inbox *inbox = inbox_new(fixture->inbox_dir, fixture->root_path, &err);

	assert_ok(inbox != NULL, err);
	return inbox;
}

static void go_through(struct fixture *fixture, const char *host)
{
	unsigned port = fault_proxy_port(fixture->proxy);

	snprintf(fixture->metadata_url, sizeof(fixture->metadata_url),
		 "http://%s:%u/metadata", host, port);
	snprintf(fixture->targets_url, sizeof(fixture->targets_url),
		 "http://%s:%u/targets", host, port);
	snprintf(fixture->differences_url, sizeof(fixture->differences_url),
		 "http://%s:%u/differences", host, port);
}

static uint16_t port_of(const struct http_server *server)
{
	const char *url = http_server_url(server);

	return (uint16_t)strtoul(strrchr(url, ':') + 1, NULL, 10);
}

static int set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	const struct http_options options = {0};
	struct err err = {0};

	test_repository_init(&fixture->served);
	test_repository_publish(&fixture->served, "{\"plan\": 1}", "{\"programme\": 1}");
	fixture->server = http_server_start(fixture->served.dir, NULL, NULL);
	fixture->proxy = fault_proxy_start(port_of(fixture->server), false, &err);
	assert_ok(fixture->proxy != NULL, err);
	fixture->http = http_new(&options, &err);
	fixture->inbox_dir = tmp_dir();
	fixture->root_path = test_repository_root_path(&fixture->served);
	go_through(fixture, "127.0.0.1");
	fixture->repository = (struct repository){
		.metadata_url = fixture->metadata_url,
		.targets_url = fixture->targets_url,
		.differences_url = fixture->differences_url,
		.http = fixture->http,
	};
	fixture->inbox = open_inbox(fixture);
	fixture->media = malloc(MEDIA_SIZE);
	assert_non_null(fixture->media);
	random_bytes(fixture->media, MEDIA_SIZE);
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	inbox_free(fixture->inbox);
	http_free(fixture->http);
	fault_proxy_stop(fixture->proxy);
	http_server_stop(fixture->server);
	tmp_remove(fixture->inbox_dir);
	free(fixture->root_path);
	free(fixture->media);
	test_repository_done(&fixture->served);
	free(fixture);
	return 0;
}

static bool update(struct fixture *fixture, struct err *err)
{
	bool changed = false;

	return inbox_update(fixture->inbox, &fixture->repository, TEST_REPOSITORY_NOW,
			    &changed, err);
}

static void must_update(struct fixture *fixture, int64_t expected_version)
{
	struct err err = {0};

	assert_ok(update(fixture, &err), err);
	assert_int_equal(inbox_timestamp_version(fixture->inbox), expected_version);
}

/* A file of the inbox as the display would read it. */
static struct blob inbox_file(struct fixture *fixture, const char *name)
{
	char *path = tmp_path(fixture->inbox_dir, name);
	struct blob blob = {0};
	struct err err = {0};

	assert_ok(file_read(path, TUF_TARGETS_MAX, &blob, &err), err);
	free(path);
	return blob;
}

typedef bool update_fn(struct tuf_trust *trust, const void *bytes, size_t len,
		       struct wall_ms now, bool accept_expired, struct err *err);

static void feed(struct fixture *fixture, struct tuf_trust *trust, const char *set,
		 const char *name, update_fn *update_role)
{
	char path[256];
	struct blob blob;
	struct err err = {0};

	snprintf(path, sizeof(path), "sets/%s/%s", set, name);
	blob = inbox_file(fixture, path);
	assert_ok(update_role(trust, blob.bytes, blob.len, TEST_REPOSITORY_NOW, false,
			      &err),
		  err);
	blob_free(&blob);
}

/* The set that `current` names verifies, with each of its objects. Its version. */
static int64_t whole_set(struct fixture *fixture)
{
	struct blob current = inbox_file(fixture, "current");
	struct blob root = {0};
	struct err err = {0};
	struct tuf_trust *trust;
	int64_t version;

	assert_ok(file_read(fixture->root_path, TUF_ROOT_MAX, &root, &err), err);
	trust = tuf_trust_new(root.bytes, root.len, &err);
	assert_ok(trust != NULL, err);
	assert_ok(tuf_root_finish(trust, TEST_REPOSITORY_NOW, &err), err);
	feed(fixture, trust, current.bytes, "timestamp.json", tuf_update_timestamp);
	feed(fixture, trust, current.bytes, "snapshot.json", tuf_update_snapshot);
	feed(fixture, trust, current.bytes, "targets.json", tuf_update_targets);
	for (size_t i = 0; i < tuf_target_count(trust); i++) {
		const struct tuf_target *target = tuf_target_at(trust, i);
		char name[SHA256_HEX_SIZE + 16] = "objects/";
		struct blob object;

		hex_encode(target->sha256, SHA256_SIZE, name + strlen(name));
		object = inbox_file(fixture, name);
		assert_ok(tuf_target_check(target, object.bytes, object.len, &err), err);
		blob_free(&object);
	}
	version = tuf_timestamp_version(trust);
	tuf_trust_free(trust);
	blob_free(&root);
	blob_free(&current);
	return version;
}

/* Version 2, with a picture, is there; the line has @fault; then it has none. */
static void update_through(struct fixture *fixture, const char *text)
{
	struct fault fault;
	struct err err = {0};

	must_update(fixture, 1);
	test_repository_publish_media(&fixture->served, "{\"plan\": 1}",
				      "{\"programme\": 2}", fixture->media, MEDIA_SIZE);
	assert_true(fault_parse(text, &fault));
	fault_proxy_set(fixture->proxy, fault);
	fixture->repository.timeout.ms = TIMEOUT_MS;
	for (int i = 0; i < 3; i++) {
		if (update(fixture, &err))
			fail_msg("%s: the update went through", text);
		assert_int_equal(whole_set(fixture), 1);
	}
	fault_proxy_set(fixture->proxy, (struct fault){0});
	fixture->repository.timeout.ms = 0;
	must_update(fixture, 2);
	assert_int_equal(whole_set(fixture), 2);
}

#define FAULT_TEST(name, text)                                                           \
	static void name(void **state)                                                   \
	{                                                                                \
		update_through(*state, text);                                            \
	}

FAULT_TEST(refused_connections_do_no_harm, "refuse")
FAULT_TEST(cut_within_the_first_head_does_no_harm, "cut 100")
FAULT_TEST(reset_while_data_come_does_no_harm, "reset 2000")
FAULT_TEST(cut_at_once_does_no_harm, "cut 0")
FAULT_TEST(one_flipped_bit_does_no_harm, "corrupt 700")
FAULT_TEST(flipped_bits_in_the_head_do_no_harm, "corrupt 15")
FAULT_TEST(stalled_line_does_no_harm, "stall 900")
FAULT_TEST(slow_data_ends_with_the_timeout, "trickle 50")
FAULT_TEST(status_500_does_no_harm, "status 500")
FAULT_TEST(status_503_does_no_harm, "status 503")
FAULT_TEST(status_404_for_everything_does_no_harm, "status 404")
FAULT_TEST(status_204_without_a_body_does_no_harm, "status 204")
FAULT_TEST(status_304_that_nobody_asked_for_does_no_harm, "status 304")
FAULT_TEST(length_that_is_too_short_does_no_harm, "length -7")
FAULT_TEST(length_that_is_too_long_does_no_harm, "length 7")
FAULT_TEST(redirect_loop_does_no_harm, "redirect")
FAULT_TEST(gzip_bomb_does_no_harm, "gzip-bomb 4000000")

static void delay_only_takes_time(void **state)
{
	struct fixture *fixture = *state;

	must_update(fixture, 1);
	test_repository_publish(&fixture->served, "{\"plan\": 1}", "{\"programme\": 2}");
	fault_proxy_set(fixture->proxy,
			(struct fault){.kind = FAULT_DELAY, .value = 200});
	must_update(fixture, 2);
	assert_int_equal(whole_set(fixture), 2);
}

static void lost_packets_only_take_time(void **state)
{
	struct fixture *fixture = *state;

	must_update(fixture, 1);
	test_repository_publish(&fixture->served, "{\"plan\": 1}", "{\"programme\": 2}");
	fault_proxy_set(fixture->proxy,
			(struct fault){.kind = FAULT_LOSS, .value = 30, .delay = 10});
	must_update(fixture, 2);
	assert_int_equal(whole_set(fixture), 2);
}

static void gzip_bomb_is_over_the_ceiling_not_unpacked(void **state)
{
	struct fixture *fixture = *state;
	struct err err = {0};

	fault_proxy_set(fixture->proxy,
			(struct fault){.kind = FAULT_GZIP_BOMB, .value = 4000000});
	assert_fails(update(fixture, &err), err, ERR_TOO_LARGE, "over");
}

/* A first cut somewhere within the picture, and then others: none of it comes twice. */
static void picture_goes_on_where_it_was_cut(void **state)
{
	struct fixture *fixture = *state;
	int64_t up, down, before;
	struct err err = {0};
	int tries = 0;

	must_update(fixture, 1);
	test_repository_publish_media(&fixture->served, "{\"plan\": 1}",
				      "{\"programme\": 2}", fixture->media, MEDIA_SIZE);
	fault_proxy_count(fixture->proxy, &up, &before);
	fault_proxy_set(fixture->proxy,
			(struct fault){.kind = FAULT_CUT, .value = 200000});
	while (!update(fixture, &err) && tries++ < 20)
		assert_int_equal(whole_set(fixture), 1);
	assert_int_equal(whole_set(fixture), 2);
	assert_in_range(tries, 2, 6);
	fault_proxy_count(fixture->proxy, &up, &down);
	assert_in_range(down - before, MEDIA_SIZE, MEDIA_SIZE + 100000);
}

static void picture_goes_on_after_the_courier_was_started_anew(void **state)
{
	struct fixture *fixture = *state;
	struct err err = {0};

	must_update(fixture, 1);
	test_repository_publish_media(&fixture->served, "{\"plan\": 1}",
				      "{\"programme\": 2}", fixture->media, MEDIA_SIZE);
	fault_proxy_set(fixture->proxy,
			(struct fault){.kind = FAULT_CUT, .value = 400000});
	assert_false(update(fixture, &err));
	inbox_free(fixture->inbox);
	fixture->inbox = open_inbox(fixture);
	must_update(fixture, 2);
	assert_int_equal(whole_set(fixture), 2);
}

/* What somebody left there is not the beginning of the picture: hash, then from anew. */
static void foreign_part_is_thrown_away(void **state)
{
	struct fixture *fixture = *state;
	char hex[SHA256_HEX_SIZE], name[SHA256_HEX_SIZE + 32];
	uint8_t hash[SHA256_SIZE];
	struct err err = {0};

	must_update(fixture, 1);
	test_repository_publish_media(&fixture->served, "{\"plan\": 1}",
				      "{\"programme\": 2}", fixture->media, MEDIA_SIZE);
	sha256(fixture->media, MEDIA_SIZE, hash);
	hex_encode(hash, sizeof(hash), hex);
	snprintf(name, sizeof(name), "objects/%s.part", hex);
	tmp_write(fixture->inbox_dir, name, "not the beginning of it", 23);
	assert_fails(update(fixture, &err), err, ERR_UNTRUSTED, "picture");
	assert_int_equal(whole_set(fixture), 1);
	must_update(fixture, 2);
	assert_int_equal(whole_set(fixture), 2);
}

/* Two programmes that are large, and differ little; owned. */
static char *programme(int number, size_t *out_len)
{
	char *bytes = NULL;
	FILE *file = open_memstream(&bytes, out_len);

	assert_non_null(file);
	fprintf(file, "{\"programme\": %d, \"notices\": [", number);
	for (int i = 0; i < 500; i++)
		fprintf(file, "\"notice %d, of which there are many\", ", i * 7919);
	fprintf(file, "%d]}", number);
	assert_int_equal(fclose(file), 0);
	return bytes;
}

static void put_difference(struct fixture *fixture, const char *old, size_t old_len,
			   const char *new, size_t new_len, bool damaged)
{
	char name[2 * SHA256_HEX_SIZE + 32], from[SHA256_HEX_SIZE], to[SHA256_HEX_SIZE];
	uint8_t hash[SHA256_SIZE];
	struct err err = {0};
	size_t len = 0;
	char *delta = delta_make(old, old_len, new, new_len, &len, &err);
	char *folder = tmp_path(fixture->served.dir, "differences");

	assert_ok(delta != NULL, err);
	assert_ok(dir_make(folder, 0700, &err), err);
	free(folder);
	if (damaged)
		delta[len / 2] ^= 1;
	sha256(old, old_len, hash);
	hex_encode(hash, sizeof(hash), from);
	sha256(new, new_len, hash);
	hex_encode(hash, sizeof(hash), to);
	snprintf(name, sizeof(name), "differences/%s-%s.vcdiff", from, to);
	tmp_write(fixture->served.dir, name, delta, len);
	free(delta);
}

/* Publishes the second programme with a difference; what the update cost, bytes down. */
static int64_t update_by_difference(struct fixture *fixture, bool damaged)
{
	size_t old_len = 0, new_len = 0;
	char *old = programme(1, &old_len), *new = programme(2, &new_len);
	int64_t up, before, down;

	assert_true(new_len > 10000);
	test_repository_publish(&fixture->served, "{\"plan\": 1}", old);
	must_update(fixture, 2);
	test_repository_publish(&fixture->served, "{\"plan\": 1}", new);
	put_difference(fixture, old, old_len, new, new_len, damaged);
	fault_proxy_count(fixture->proxy, &up, &before);
	must_update(fixture, 3);
	fault_proxy_count(fixture->proxy, &up, &down);
	assert_int_equal(whole_set(fixture), 3);
	free(old);
	free(new);
	return down - before;
}

static void change_in_a_large_programme_costs_the_change(void **state)
{
	assert_true(update_by_difference(*state, false) < 5000);
}

static void damaged_difference_costs_the_whole_programme(void **state)
{
	assert_true(update_by_difference(*state, true) > 10000);
}

static void ipv6_is_as_good(void **state)
{
	struct fixture *fixture = *state;
	struct fault_proxy *proxy;
	struct err err = {0};

	proxy = fault_proxy_start(port_of(fixture->server), true, &err);
	if (!proxy)
		skip(); /* a machine without IPv6 */
	fault_proxy_stop(fixture->proxy);
	fixture->proxy = proxy;
	go_through(fixture, "[::1]");
	must_update(fixture, 1);
	assert_int_equal(whole_set(fixture), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		TEST(refused_connections_do_no_harm),
		TEST(cut_within_the_first_head_does_no_harm),
		TEST(reset_while_data_come_does_no_harm),
		TEST(cut_at_once_does_no_harm),
		TEST(one_flipped_bit_does_no_harm),
		TEST(flipped_bits_in_the_head_do_no_harm),
		TEST(stalled_line_does_no_harm),
		TEST(slow_data_ends_with_the_timeout),
		TEST(status_500_does_no_harm),
		TEST(status_503_does_no_harm),
		TEST(status_404_for_everything_does_no_harm),
		TEST(status_204_without_a_body_does_no_harm),
		TEST(status_304_that_nobody_asked_for_does_no_harm),
		TEST(length_that_is_too_short_does_no_harm),
		TEST(length_that_is_too_long_does_no_harm),
		TEST(redirect_loop_does_no_harm),
		TEST(gzip_bomb_does_no_harm),
		TEST(delay_only_takes_time),
		TEST(lost_packets_only_take_time),
		TEST(gzip_bomb_is_over_the_ceiling_not_unpacked),
		TEST(picture_goes_on_where_it_was_cut),
		TEST(picture_goes_on_after_the_courier_was_started_anew),
		TEST(foreign_part_is_thrown_away),
		TEST(change_in_a_large_programme_costs_the_change),
		TEST(damaged_difference_costs_the_whole_programme),
		TEST(ipv6_is_as_good),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
