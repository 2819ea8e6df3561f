#ifndef DISPLAY_ATTACK_H
#define DISPLAY_ATTACK_H

/*
 * A box that shows programme 7, and what a hijacked courier can write into its inbox: for the
 * tests of attacks.
 */
#include "display/activation.h"

#include "display/set.h"

#include "box.h"

static const struct wall_ms now = {INT64_C(1795329000000)}; /* 2026-11-22T06:30:00Z */

static const char *const roles[] = {"timestamp.json", "snapshot.json", "targets.json"};

static struct box box;
static struct activation *into;

static inline int64_t version_of(const struct activation *from)
{
	struct set *set = activation_set(from);
	int64_t version = set_version(set);

	set_unref(set);
	return version;
}

/* Publishes programme @version with one notice, into a set of its own. */
static inline void publish(int64_t version)
{
	struct notice notice = box_notice("festival", (struct wall_ms){now.ms - HOUR_MS},
					  (struct wall_ms){now.ms + DAY_MS});
	struct programme programme = box_programme(version, now, &notice, 1);

	box_publish(&box, &programme);
}

static inline void check_takes(int64_t version)
{
	struct err err = {0};
	bool changed = false;

	assert_ok(activation_check(into, now, &changed, &err), err);
	assert_int_equal(version_of(into), version);
}

static inline void check_refuses(enum err_code code, const char *part)
{
	int64_t before = version_of(into);
	struct err err = {0};
	bool changed = false;

	assert_fails(activation_check(into, now, &changed, &err), err, code, part);
	assert_false(changed);
	assert_int_equal(version_of(into), before);
}

/* A box that shows programme 7. */
static inline int set_up(void **state)
{
	struct err err = {0};

	(void)state;
	box = box_new(now);
	into = activation_new(box.inbox, box.state, BOX_PLAN, &err);
	assert_ok(into != NULL, err);
	publish(7);
	check_takes(7);
	return 0;
}

static inline int tear_down(void **state)
{
	(void)state;
	activation_free(into);
	box_free(&box);
	return 0;
}

static inline char *set_path(const char *set, const char *file)
{
	char name[PATH_MAX];

	snprintf(name, sizeof(name), "sets/%s/%s", set, file);
	return tmp_path(box.inbox, name);
}

/* A file of a set; owned. */
static inline char *read_file(const char *set, const char *file)
{
	char *path = set_path(set, file), *text = tmp_read(path, NULL);

	free(path);
	return text;
}

/* Puts @text into the set published last, in place of what the city signed. */
static inline void put(const char *file, const char *text)
{
	char name[PATH_MAX];

	snprintf(name, sizeof(name), "sets/%s/%s", box.set_name, file);
	box_write(box.inbox, name, text, strlen(text));
}

#endif /* DISPLAY_ATTACK_H */
