#ifndef STORE_SAMPLE_CITY_H
#define STORE_SAMPLE_CITY_H

/* A screen with a key and a city that knows it, for tests of what goes between them. */

#include <sqlite3.h>

#include "core/notice.h"
#include "sample_plays.h"
#include "store/citydb.h"
#include "store/db.h"
#include "store/ledger.h"
#include "support/tmp.h"
#include "wire/key.h"
#include "wire/play_stretch.h"
#include "wire/play_upload.h"

#define SAMPLE_SCREEN   "tanashi-1"
#define SAMPLE_RECEIVED ((struct wall_ms){SAMPLE_AT + 60000})
#define SAMPLE_YEAR     2026

struct sample_city {
	char *path;
	struct db *db;
	struct ledger *ledger;
	struct ledger_receipt receipt;
};

struct sample {
	char *dir, *log_path;
	struct signer *signer;
	uint8_t key[ED25519_PUBLIC_SIZE];
	struct db *db;
	struct playlog *log;
	struct sample_city city;
	struct err err;
};

static inline void sample_city_open(struct sample *s, struct sample_city *city)
{
	city->db =
		db_open(city->path, citydb_migrations, citydb_migration_count, &s->err);
	assert_ok(city->db, s->err);
	city->ledger = ledger_new(city->db, &s->err);
	assert_ok(city->ledger, s->err);
}

static inline void sample_city_close(struct sample_city *city)
{
	city->ledger = ledger_free(city->ledger);
	city->db = db_close(city->db);
}

static inline void sample_run(struct sample *s, struct db *db, const char *sql)
{
	assert_ok(db_exec(db, sql, "test", &s->err), s->err);
}

/* A new city in file @name, which has enrolled the screen. */
static inline struct sample_city sample_city_new(struct sample *s, const char *name)
{
	struct sample_city city = {.path = tmp_path(s->dir, name)};
	uint8_t code[SHA256_SIZE] = {1};
	struct screen screen;

	sample_city_open(s, &city);
	sample_run(s, city.db, "PRAGMA synchronous = OFF");
	assert_ok(screen_add(city.db, SAMPLE_SCREEN, "田無駅", true, code,
			     SAMPLE_RECEIVED, (struct wall_ms){SAMPLE_AT}, &s->err) &&
			  screen_enrol(city.db, code, s->key, (struct wall_ms){SAMPLE_AT},
				       &screen, &s->err),
		  s->err);
	return city;
}

static inline void sample_open_log(struct sample *s)
{
	s->db = db_open(s->log_path, playlog_migrations, playlog_migration_count,
			&s->err);
	assert_ok(s->db, s->err);
	sample_run(s, s->db, "PRAGMA synchronous = OFF");
	s->log = playlog_new(s->db, SAMPLE_SCREEN, &s->err);
	assert_ok(s->log, s->err);
}

static inline int sample_set_up(void **state)
{
	struct sample *s = calloc(1, sizeof(*s));

	s->dir = tmp_dir();
	s->log_path = tmp_path(s->dir, "plays.db");
	s->signer = signer_generate(&s->err);
	assert_ok(s->signer, s->err);
	signer_public(s->signer, s->key);
	s->city = sample_city_new(s, "city.db");
	sample_open_log(s);
	*state = s;
	return 0;
}

static inline int sample_tear_down(void **state)
{
	struct sample *s = *state;

	playlog_free(s->log);
	db_close(s->db);
	sample_city_close(&s->city);
	free(s->city.path);
	signer_free(s->signer);
	free(s->log_path);
	tmp_remove(s->dir);
	free(s);
	return 0;
}

#define SAMPLE_TEST(name)                                                                \
	cmocka_unit_test_setup_teardown(name, sample_set_up, sample_tear_down)

/* What the screen would send next after @after, signed, owned; NULL: nothing. */
static inline char *sample_next(struct sample *s, int64_t after, size_t rows,
				int64_t *out_last)
{
	struct playlog_next next;
	char *text;
	size_t len;

	assert_ok(playlog_next(s->log, after, rows, s->signer, &next, &s->err), s->err);
	*out_last = next.last;
	text = next.document;
	next.document = NULL;
	if (next.batch) {
		text = play_batch_to_json(next.batch, s->signer, &len, &s->err);
		assert_ok(text, s->err);
	}
	playlog_next_done(&next);
	return text;
}

/* What a city does with an upload, as api_plays() does. */
static inline void sample_give(struct sample *s, struct sample_city *city,
			       const char *text, struct wall_ms received)
{
	struct play_upload *upload = play_upload_open(text, strlen(text), &s->err);
	struct play_stretch stretch;
	struct play_batch *batch;

	assert_ok(upload, s->err);
	assert_ok(play_upload_verify(upload, s->key, &s->err), s->err);
	if (play_upload_kind(upload) == PLAY_UPLOAD_ROWS) {
		batch = play_upload_batch(upload, &s->err);
		assert_ok(batch, s->err);
		assert_ok(ledger_accept(city->ledger, batch, received, &city->receipt,
					&s->err),
			  s->err);
		play_batch_free(batch);
	} else {
		assert_ok(play_upload_stretch(upload, &stretch, &s->err), s->err);
		assert_ok(ledger_accept_stretch(city->ledger, &stretch, text, received,
						&city->receipt, &s->err),
			  s->err);
		play_stretch_done(&stretch);
	}
	play_upload_free(upload);
}

/* Sends all that there is behind @after. */
static inline void sample_send(struct sample *s, struct sample_city *city, int64_t after)
{
	char *text;

	while ((text = sample_next(s, after, 100, &after)) != NULL) {
		sample_give(s, city, text, SAMPLE_RECEIVED);
		free(text);
	}
}

static inline void sample_know(struct sample *s, struct sample_city *city, const char *id,
			       int64_t revision, const char *title)
{
	struct notice notice = {.id = id,
				.revision = revision,
				.title = title,
				.department = "健康課",
				.counts = true};
	uint8_t hash[PLAY_HASH_SIZE];

	sample_content(id, revision, hash);
	assert_ok(
		ledger_know_notice(city->ledger, &notice, hash, SAMPLE_RECEIVED, &s->err),
		s->err);
}

static inline int64_t sample_fold(struct sample *s)
{
	int64_t folded;

	assert_ok(playlog_fold(s->log, s->signer, &folded, &s->err), s->err);
	return folded;
}

static inline void sample_verify(struct sample *s, struct sample_city *city)
{
	int64_t rows;

	assert_ok(ledger_verify(city->ledger, SAMPLE_SCREEN, &rows, &s->err), s->err);
	assert_ok(ledger_verify_firsts(city->ledger, &rows, &s->err), s->err);
	assert_ok(audit_verify(city->db, &rows, &s->err), s->err);
}

struct sample_report {
	struct ledger_summary summary;
	char text[8000]; /* every line, by all that a report can be told by */
	size_t len;
};

static inline bool sample_add_line(void *context, const struct ledger_line *line,
				   struct err *err)
{
	struct sample_report *r = context;

	(void)err;
	r->len += (size_t)snprintf(r->text + r->len, sizeof(r->text) - r->len,
				   "%s|%s|%s|%lld|%lld|%d|%d|%lld|%d\n", line->notice_id,
				   line->title, line->department,
				   (long long)line->first.ms, (long long)line->last.ms,
				   (int)line->complete, (int)line->partial,
				   (long long)line->shown_ms, (int)line->late);
	return true;
}

static inline bool sample_add_group(void *context, const struct ledger_group *group,
				    struct err *err)
{
	struct sample_report *r = context;

	(void)err;
	r->len += (size_t)snprintf(r->text + r->len, sizeof(r->text) - r->len,
				   "%s|%s|%d|%d|%d|%d|%lld|%d\n", group->key, group->name,
				   (int)group->notices, (int)group->fresh,
				   (int)group->complete, (int)group->partial,
				   (long long)group->shown_ms, (int)group->late);
	return true;
}

static inline struct sample_report sample_report(struct sample *s,
						 struct sample_city *city, int year)
{
	static const enum ledger_by by[] = {LEDGER_BY_SCREEN, LEDGER_BY_MONTH,
					    LEDGER_BY_DEPARTMENT};
	struct sample_report r = {.text = ""};

	assert_ok(ledger_report(city->ledger, year, &r.summary, sample_add_line, &r,
				&s->err),
		  s->err);
	for (size_t i = 0; i < sizeof(by) / sizeof(by[0]); i++)
		assert_ok(ledger_report_groups(city->ledger, year, by[i],
					       sample_add_group, &r, &s->err),
			  s->err);
	assert_true(r.len < sizeof(r.text));
	return r;
}

#endif /* STORE_SAMPLE_CITY_H */
