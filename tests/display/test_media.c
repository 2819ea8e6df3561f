/* Pictures of a set: all of them, verified, or the set is not taken. */
#include "display/media.h"

#include <dirent.h>

#include "display/activation.h"
#include "display/set.h"
#include "render/picture.h"

#include "box.h"

static const struct wall_ms now = {INT64_C(1795329000000)}; /* 2026-11-22T06:30:00Z */

static struct box box;
static struct notice_picture picture;
static struct blob bytes;

static int set_up(void **state)
{
	CLEANUP(blob_free) struct blob file = {0};
	struct err err = {0};

	(void)state;
	box = box_new(now);
	assert_ok(file_read(EKIMAE_SOURCE_DIR "/tests/corpus/pictures/rgb.jpg", 100000,
			    &file, &err),
		  err);
	picture = (struct notice_picture){.alt = "赤と青"};
	assert_ok(
		picture_prepare("rgb.jpg", file.bytes, file.len, &picture, &bytes, &err),
		err);
	sha256(bytes.bytes, bytes.len, picture.sha256);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	blob_free(&bytes);
	box_free(&box);
	return 0;
}

static void object_path(char out[static 100])
{
	char hex[SHA256_HEX_SIZE];

	hex_encode(picture.sha256, SHA256_SIZE, hex);
	snprintf(out, 100, "objects/%s", hex);
}

/* Publishes programme @version of one notice; with the picture, and naming it, or not. */
static void publish(int64_t version, bool with_picture, bool named)
{
	struct notice notice = box_notice("festival", (struct wall_ms){now.ms - HOUR_MS},
					  (struct wall_ms){now.ms + DAY_MS});
	struct programme programme = box_programme(version, now, &notice, 1);
	struct tuf_target targets[3];
	char path[NOTICE_MEDIA_PATH_SIZE], *text, *plan;
	struct err err = {0};
	size_t len, plan_len;

	if (with_picture)
		notice.picture = &picture;
	text = programme_to_json(&programme, &len, &err);
	assert_ok(text, err);
	plan = tmp_read(BOX_PLAN, &plan_len);
	box_object(&box, plan, plan_len, &targets[0], "plan.json");
	box_object(&box, text, len, &targets[1], "programme.json");
	notice_media_path(&picture, path);
	if (named)
		box_object(&box, bytes.bytes, bytes.len, &targets[2], path);
	box_sign_set(&box, targets, named ? 3 : 2);
	box_point(&box, box.set_name);
	free(plan);
	free(text);
}

static struct activation *activation(void)
{
	struct err err = {0};
	struct activation *made = activation_new(box.inbox, box.state, BOX_PLAN, &err);

	assert_ok(made, err);
	return made;
}

static void check_takes(struct activation *into)
{
	struct err err = {0};
	bool changed = false;

	assert_ok(activation_check(into, now, &changed, &err), err);
	assert_true(changed);
	assert_ok(activation_is_saved(into, &err), err);
}

static void check_refuses(struct activation *into, enum err_code code, const char *part)
{
	struct err err = {0};
	bool changed = false;

	assert_fails(activation_check(into, now, &changed, &err), err, code, part);
	assert_false(changed);
}

/* How many pictures are active, each with its bytes. */
static size_t pictures_of(const struct activation *from)
{
	struct set *set = activation_set(from);
	size_t count = media_count(set_media(set)), len;
	const void *found;

	if (count > 0) {
		assert_true(media_find(set_media(set), picture.sha256, &found, &len));
		assert_int_equal(len, bytes.len);
		assert_memory_equal(found, bytes.bytes, len);
	}
	set_unref(set);
	return count;
}

static bool is_kept(void)
{
	char path[100], whole[PATH_MAX * 2];

	object_path(path);
	snprintf(whole, sizeof(whole), "%s/trusted/%s", box.state, path);
	return file_exists(whole);
}

static void picture_comes_with_its_set_and_survives_a_restart(void **state)
{
	struct activation *a = activation();
	struct err err = {0};
	char path[100];

	(void)state;
	publish(1, true, true);
	check_takes(a);
	assert_int_equal(pictures_of(a), 1);
	activation_free(a);

	/* Without the inbox: from what the display has kept itself. */
	object_path(path);
	box_remove(box.inbox, path);
	a = activation();
	assert_ok(activation_restore(a, &err), err);
	assert_int_equal(pictures_of(a), 1);
	activation_free(a);
}

static void set_without_its_picture_waits_for_it(void **state)
{
	struct activation *a = activation();
	char path[100];

	(void)state;
	publish(1, false, false);
	check_takes(a);
	publish(2, true, true);
	object_path(path);
	box_remove(box.inbox, path);
	check_refuses(a, ERR_NOT_FOUND, "media/");
	assert_int_equal(pictures_of(a), 0);
	box_write(box.inbox, path, bytes.bytes, bytes.len);
	check_takes(a);
	assert_int_equal(pictures_of(a), 1);
	activation_free(a);
}

static void changed_or_half_picture_is_refused(void **state)
{
	struct activation *a = activation();
	char path[100], *changed = malloc(bytes.len);

	(void)state;
	publish(1, true, true);
	object_path(path);
	memcpy(changed, bytes.bytes, bytes.len);
	changed[bytes.len / 2] ^= 1;
	box_write(box.inbox, path, changed, bytes.len);
	check_refuses(a, ERR_UNTRUSTED, "media/");
	box_write(box.inbox, path, bytes.bytes, bytes.len / 2);
	check_refuses(a, ERR_UNTRUSTED, "media/");
	free(changed);
	activation_free(a);
}

static void picture_that_nobody_signed_is_refused(void **state)
{
	struct activation *a = activation();
	char path[100];

	(void)state;
	publish(1, true, false);
	object_path(path);
	box_write(box.inbox, path, bytes.bytes, bytes.len);
	check_refuses(a, ERR_INVALID, "the targets do not");
	activation_free(a);
}

static void picture_goes_with_its_notice(void **state)
{
	struct activation *a = activation();

	(void)state;
	publish(1, true, true);
	check_takes(a);
	assert_true(is_kept());
	publish(2, false, false);
	check_takes(a);
	assert_int_equal(pictures_of(a), 0);
	assert_false(is_kept());
	activation_free(a);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(picture_comes_with_its_set_and_survives_a_restart),
		TEST(set_without_its_picture_waits_for_it),
		TEST(changed_or_half_picture_is_refused),
		TEST(picture_that_nobody_signed_is_refused),
		TEST(picture_goes_with_its_notice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
