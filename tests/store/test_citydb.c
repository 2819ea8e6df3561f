#include <sqlite3.h>

#include "store/citydb.h"
#include "store/db.h"
#include "support/test.h"
#include "support/tmp.h"
#include "wire/digest.h"

#define AT(ms_) ((struct wall_ms){ms_})

struct fixture {
	char *dir, *path;
	struct db *db;
	struct err err;
	uint8_t code[SHA256_SIZE], other_code[SHA256_SIZE];
	uint8_t key[32];
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->dir = tmp_dir();
	f->path = tmp_path(f->dir, "city.db");
	f->db = db_open(f->path, citydb_migrations, citydb_migration_count, &f->err);
	assert_ok(f->db, f->err);
	sha256("code", 4, f->code);
	sha256("other", 5, f->other_code);
	memset(f->key, 7, sizeof(f->key));
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	db_close(f->db);
	free(f->path);
	tmp_remove(f->dir);
	free(f);
	return 0;
}

/* --- Staff and sessions ---------------------------------------------------------------- */

static void add_hanako(struct fixture *f)
{
	assert_ok(staff_add(f->db, "hanako", STAFF_APPROVER, "$y$hash", AT(5), &f->err),
		  f->err);
}

static void staff_are_found_with_role_and_hash(void **state)
{
	struct fixture *f = *state;
	struct staff staff;

	add_hanako(f);
	assert_ok(staff_find(f->db, "hanako", &staff, &f->err), f->err);
	assert_string_equal(staff.name, "hanako");
	assert_string_equal(staff.password_hash, "$y$hash");
	assert_int_equal(staff.role, STAFF_APPROVER);
	assert_int_equal(staff.failures, 0);
	assert_fails(staff_find(f->db, "taro", &staff, &f->err), f->err, ERR_NOT_FOUND,
		     "taro");
}

static void second_member_of_a_name_is_refused(void **state)
{
	struct fixture *f = *state;
	struct staff staff;

	add_hanako(f);
	assert_fails(staff_add(f->db, "hanako", STAFF_ADMINISTRATOR, "x", AT(6), &f->err),
		     f->err, ERR_CONFLICT, "\"hanako\" exists already");
	assert_fails(staff_add(f->db, "", STAFF_AUTHOR, "x", AT(6), &f->err), f->err,
		     ERR_INVALID, "1 to 64 characters");
	assert_ok(staff_find(f->db, "hanako", &staff, &f->err), f->err);
	assert_int_equal(staff.role, STAFF_APPROVER);
}

static void failed_logins_are_kept_until_one_succeeds(void **state)
{
	struct fixture *f = *state;
	struct staff staff;

	add_hanako(f);
	assert_ok(staff_note_login(f->db, "hanako", false, 5, AT(900), &f->err), f->err);
	assert_ok(staff_find(f->db, "hanako", &staff, &f->err), f->err);
	assert_int_equal(staff.failures, 5);
	assert_int_equal(staff.locked_until.ms, 900);
	assert_ok(staff_note_login(f->db, "hanako", true, 5, AT(900), &f->err), f->err);
	assert_ok(staff_find(f->db, "hanako", &staff, &f->err), f->err);
	assert_int_equal(staff.failures, 0);
	assert_int_equal(staff.locked_until.ms, 0);
	assert_fails(staff_note_login(f->db, "taro", true, 0, AT(0), &f->err), f->err,
		     ERR_NOT_FOUND, "taro");
}

static bool count_staff(void *context, const struct staff *staff, struct err *err)
{
	int *count = context;

	(void)err;
	assert_string_equal(staff->name, ++*count == 1 ? "hanako" : "jiro");
	assert_string_equal(staff->password_hash, "");
	return true;
}

static void staff_are_listed_by_name_without_their_hashes(void **state)
{
	struct fixture *f = *state;
	int count = 0;

	assert_ok(staff_add(f->db, "jiro", STAFF_AUTHOR, "x", AT(5), &f->err), f->err);
	add_hanako(f);
	assert_ok(staff_each(f->db, count_staff, &count, &f->err), f->err);
	assert_int_equal(count, 2);
}

static void other_password_ends_sessions_and_lock_of_that_name_only(void **state)
{
	struct fixture *f = *state;
	struct staff staff;

	add_hanako(f);
	assert_ok(staff_add(f->db, "jiro", STAFF_AUTHOR, "x", AT(5), &f->err), f->err);
	assert_ok(session_add(f->db, f->code, "hanako", AT(1000), &f->err), f->err);
	assert_ok(session_add(f->db, f->other_code, "jiro", AT(1000), &f->err), f->err);
	assert_ok(staff_note_login(f->db, "hanako", false, 5, AT(900), &f->err), f->err);
	assert_ok(staff_set_password(f->db, "hanako", "$y$new", &f->err), f->err);
	assert_ok(staff_find(f->db, "hanako", &staff, &f->err), f->err);
	assert_string_equal(staff.password_hash, "$y$new");
	assert_int_equal(staff.locked_until.ms, 0);
	assert_fails(session_find(f->db, f->code, AT(1), &staff, &f->err), f->err,
		     ERR_DENIED, "unknown");
	assert_ok(session_find(f->db, f->other_code, AT(1), &staff, &f->err), f->err);
	assert_fails(staff_set_password(f->db, "taro", "x", &f->err), f->err,
		     ERR_NOT_FOUND, "taro");
}

static void session_lasts_until_its_end_or_its_removal(void **state)
{
	struct fixture *f = *state;
	struct staff staff;

	add_hanako(f);
	assert_fails(session_add(f->db, f->code, "taro", AT(1000), &f->err), f->err,
		     ERR_CONFLICT, "FOREIGN KEY");
	assert_ok(session_add(f->db, f->code, "hanako", AT(1000), &f->err), f->err);
	assert_ok(session_add(f->db, f->other_code, "hanako", AT(2000), &f->err), f->err);
	assert_ok(session_find(f->db, f->code, AT(999), &staff, &f->err), f->err);
	assert_string_equal(staff.name, "hanako");
	assert_fails(session_find(f->db, f->code, AT(1000), &staff, &f->err), f->err,
		     ERR_DENIED, "ended");
	assert_fails(session_find(f->db, f->code, AT(999), &staff, &f->err), f->err,
		     ERR_DENIED, "unknown");
	assert_ok(session_find(f->db, f->other_code, AT(1999), &staff, &f->err), f->err);
	assert_ok(session_remove(f->db, f->other_code, &f->err), f->err);
	assert_ok(session_remove(f->db, f->other_code, &f->err), f->err);
	assert_fails(session_find(f->db, f->other_code, AT(0), &staff, &f->err), f->err,
		     ERR_DENIED, "unknown");
}

/* --- Screens --------------------------------------------------------------------------- */

static bool add_tanashi(struct fixture *f, const uint8_t *code, int64_t until)
{
	return screen_add(f->db, "tanashi-1", "田無駅北口", true, code, AT(until), AT(10),
			  &f->err);
}

static void code_enrols_one_screen_once(void **state)
{
	struct fixture *f = *state;
	struct screen screen, found;
	uint8_t zeros[32] = {0};

	assert_ok(add_tanashi(f, f->code, 1000), f->err);
	assert_ok(screen_find(f->db, "tanashi-1", &found, &f->err), f->err);
	assert_int_equal(found.state, SCREEN_EXPECTED);
	assert_memory_equal(found.public_key, zeros, sizeof(zeros));
	assert_fails(screen_enrol(f->db, f->other_code, f->key, AT(20), &screen, &f->err),
		     f->err, ERR_DENIED, "ask for a new one");
	assert_ok(screen_enrol(f->db, f->code, f->key, AT(20), &screen, &f->err), f->err);
	assert_string_equal(screen.id, "tanashi-1");
	assert_string_equal(screen.place, "田無駅北口");
	assert_int_equal(screen.state, SCREEN_ENROLLED);
	assert_true(screen.counts);
	assert_int_equal(screen.created.ms, 10);
	assert_int_equal(screen.enrolled.ms, 20);
	assert_int_equal(screen.durable_seq, 0);
	assert_fails(screen_enrol(f->db, f->code, f->key, AT(21), &screen, &f->err),
		     f->err, ERR_DENIED, "used");
	assert_ok(screen_find(f->db, "tanashi-1", &found, &f->err), f->err);
	assert_memory_equal(found.public_key, f->key, sizeof(f->key));
}

static void code_that_is_too_old_is_refused_and_can_be_renewed(void **state)
{
	struct fixture *f = *state;
	struct screen screen;

	assert_ok(add_tanashi(f, f->code, 1000), f->err);
	assert_fails(screen_enrol(f->db, f->code, f->key, AT(1000), &screen, &f->err),
		     f->err, ERR_DENIED, "too old");
	assert_ok(add_tanashi(f, f->other_code, 5000), f->err);
	assert_fails(screen_enrol(f->db, f->code, f->key, AT(20), &screen, &f->err),
		     f->err, ERR_DENIED, "unknown");
	assert_ok(screen_enrol(f->db, f->other_code, f->key, AT(1500), &screen, &f->err),
		  f->err);
	assert_fails(add_tanashi(f, f->code, 9000), f->err, ERR_CONFLICT,
		     "tanashi-1: was enrolled already");
}

static void key_of_one_screen_enrols_no_other(void **state)
{
	struct fixture *f = *state;
	struct screen screen;

	assert_ok(add_tanashi(f, f->code, 1000), f->err);
	assert_ok(screen_add(f->db, "hoya-1", "保谷駅", false, f->other_code, AT(1000),
			     AT(10), &f->err),
		  f->err);
	assert_ok(screen_enrol(f->db, f->code, f->key, AT(20), &screen, &f->err), f->err);
	assert_fails(screen_enrol(f->db, f->other_code, f->key, AT(20), &screen, &f->err),
		     f->err, ERR_CONFLICT, "public_key");
}

static void revoked_screen_stays_revoked(void **state)
{
	struct fixture *f = *state;
	struct screen screen;

	assert_ok(add_tanashi(f, f->code, 1000), f->err);
	assert_ok(screen_revoke(f->db, "tanashi-1", &f->err), f->err);
	assert_fails(screen_enrol(f->db, f->code, f->key, AT(20), &screen, &f->err),
		     f->err, ERR_DENIED, "unknown");
	assert_fails(add_tanashi(f, f->code, 9000), f->err, ERR_CONFLICT, "another id");
	assert_ok(screen_find(f->db, "tanashi-1", &screen, &f->err), f->err);
	assert_int_equal(screen.state, SCREEN_REVOKED);
	assert_fails(screen_revoke(f->db, "nowhere", &f->err), f->err, ERR_NOT_FOUND,
		     "nowhere");
}

static void malformed_screens_are_refused(void **state)
{
	struct fixture *f = *state;
	char place[SCREEN_PLACE_MAX + 2];

	memset(place, 'x', sizeof(place) - 1);
	place[sizeof(place) - 1] = '\0';
	assert_fails(
		screen_add(f->db, "Tanashi 1", "x", true, f->code, AT(1), AT(0), &f->err),
		f->err, ERR_INVALID, "Tanashi 1");
	assert_fails(screen_add(f->db, "a", place, true, f->code, AT(1), AT(0), &f->err),
		     f->err, ERR_TOO_LARGE, "place");
}

static bool join_screen(void *context, const struct screen *screen, struct err *err)
{
	char *text = context;

	(void)err;
	snprintf(text + strlen(text), 200 - strlen(text), "%s ", screen->id);
	return true;
}

static void screens_are_listed_by_id(void **state)
{
	struct fixture *f = *state;
	char text[200] = "";

	assert_ok(add_tanashi(f, f->code, 1000), f->err);
	assert_ok(screen_add(f->db, "hoya-1", "保谷駅", false, f->other_code, AT(1000),
			     AT(10), &f->err),
		  f->err);
	assert_ok(screen_each(f->db, join_screen, text, &f->err), f->err);
	assert_string_equal(text, "hoya-1 tanashi-1 ");
}

/* --- Notices --------------------------------------------------------------------------- */

static bool join_notice(void *context, const struct notice_row *row, struct err *err)
{
	char *text = context;

	(void)err;
	assert_int_equal(strlen(row->json), row->json_len);
	snprintf(text + strlen(text), 200 - strlen(text), "%s/%d/%d/%s/%s/%d ", row->id,
		 (int)row->revision, (int)row->state, row->json, row->author,
		 (int)row->changed.ms);
	return true;
}

static bool put(struct fixture *f, const char *id, int64_t revision, const char *json)
{
	return notice_put(f->db, id, revision, json, strlen(json), "hanako", AT(revision),
			  &f->err);
}

static void revisions_follow_each_other(void **state)
{
	struct fixture *f = *state;
	char text[200] = "";

	assert_fails(put(f, "flu", 2, "{}"), f->err, ERR_CONFLICT, "flu: revision 2");
	assert_ok(put(f, "flu", 1, "{\"a\":1}"), f->err);
	assert_ok(put(f, "bus", 1, "{}"), f->err);
	assert_fails(put(f, "flu", 1, "{}"), f->err, ERR_CONFLICT, "read it again");
	assert_fails(put(f, "flu", 3, "{}"), f->err, ERR_CONFLICT, "revision 3");
	assert_ok(put(f, "flu", 2, "{\"a\":2}"), f->err);
	assert_ok(notice_get(f->db, "flu", join_notice, text, &f->err), f->err);
	assert_string_equal(text, "flu/2/0/{\"a\":2}/hanako/2 ");
	text[0] = '\0';
	assert_ok(notice_each(f->db, join_notice, text, &f->err), f->err);
	assert_string_equal(text, "bus/1/0/{}/hanako/1 flu/2/0/{\"a\":2}/hanako/2 ");
	assert_fails(notice_get(f->db, "tax", join_notice, text, &f->err), f->err,
		     ERR_NOT_FOUND, "tax");
}

static void state_belongs_to_one_revision(void **state)
{
	struct fixture *f = *state;
	char text[200] = "";

	assert_ok(put(f, "flu", 1, "{}"), f->err);
	assert_ok(notice_set_state(f->db, "flu", 1, NOTICE_PUBLISHED, AT(8), &f->err),
		  f->err);
	assert_ok(notice_get(f->db, "flu", join_notice, text, &f->err), f->err);
	assert_string_equal(text, "flu/1/1/{}/hanako/8 ");
	assert_ok(put(f, "flu", 2, "{}"), f->err);
	text[0] = '\0';
	assert_ok(notice_get(f->db, "flu", join_notice, text, &f->err), f->err);
	assert_string_equal(text, "flu/2/0/{}/hanako/2 ");
	assert_fails(notice_set_state(f->db, "flu", 3, NOTICE_WITHDRAWN, AT(9), &f->err),
		     f->err, ERR_NOT_FOUND, "revision 3");
}

/* --- Audit ----------------------------------------------------------------------------- */

static void append_three(struct fixture *f)
{
	int64_t rows = -1;

	assert_ok(audit_append(f->db, "hanako", "publish", "targets 1", "flu", AT(1),
			       &f->err),
		  f->err);
	assert_ok(audit_append(f->db, "taro", "withdraw", "flu", "", AT(2), &f->err),
		  f->err);
	assert_ok(audit_append(f->db, "taro", "login", "", "", AT(3), &f->err), f->err);
	assert_ok(audit_verify(f->db, &rows, &f->err), f->err);
	assert_int_equal(rows, 3);
}

static void audit_log_can_only_be_appended_to(void **state)
{
	struct fixture *f = *state;

	append_three(f);
	assert_false(db_exec(f->db, "UPDATE audit SET who = 'x'", "t", &f->err));
	assert_non_null(strstr(f->err.text, "append only"));
	assert_false(db_exec(f->db, "DELETE FROM audit WHERE seq = 1", "t", &f->err));
	assert_non_null(strstr(f->err.text, "append only"));
}

static void tamper(struct fixture *f, const char *sql)
{
	assert_ok(db_exec(f->db,
			  "DROP TRIGGER audit_is_not_changed;"
			  "DROP TRIGGER audit_is_not_pruned",
			  "t", &f->err),
		  f->err);
	assert_ok(db_exec(f->db, sql, "t", &f->err), f->err);
}

static void altered_audit_row_is_named(void **state)
{
	struct fixture *f = *state;
	int64_t rows = -1;

	append_three(f);
	/* A text moved across the border of two fields is another row, too. */
	tamper(f, "UPDATE audit SET who = 'tar', action = 'owithdraw' WHERE seq = 2");
	assert_fails(audit_verify(f->db, &rows, &f->err), f->err, ERR_UNTRUSTED, "row 2");
	assert_int_equal(rows, -1);
}

static void removed_audit_row_is_named(void **state)
{
	struct fixture *f = *state;
	int64_t rows;

	append_three(f);
	tamper(f, "DELETE FROM audit WHERE seq = 2");
	assert_fails(audit_verify(f->db, &rows, &f->err), f->err, ERR_UNTRUSTED,
		     "row 2 is missing");
}

static void removed_and_renumbered_audit_row_is_named(void **state)
{
	struct fixture *f = *state;
	int64_t rows;

	append_three(f);
	tamper(f,
	       "DELETE FROM audit WHERE seq = 2; UPDATE audit SET seq = 2 WHERE seq = 3");
	assert_fails(audit_verify(f->db, &rows, &f->err), f->err, ERR_UNTRUSTED, "row 2");
}

static void audit_text_over_its_maximum_is_refused(void **state)
{
	struct fixture *f = *state;
	char text[AUDIT_TEXT_MAX + 2];
	int64_t rows;

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	assert_fails(audit_append(f->db, "a", "b", "c", text, AT(1), &f->err), f->err,
		     ERR_TOO_LARGE, "2000 bytes");
	assert_ok(audit_append(f->db, "a", "b", "c", text + 1, AT(1), &f->err), f->err);
	assert_ok(audit_verify(f->db, &rows, &f->err), f->err);
	assert_int_equal(rows, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		TEST(staff_are_found_with_role_and_hash),
		TEST(second_member_of_a_name_is_refused),
		TEST(failed_logins_are_kept_until_one_succeeds),
		TEST(staff_are_listed_by_name_without_their_hashes),
		TEST(other_password_ends_sessions_and_lock_of_that_name_only),
		TEST(session_lasts_until_its_end_or_its_removal),
		TEST(code_enrols_one_screen_once),
		TEST(code_that_is_too_old_is_refused_and_can_be_renewed),
		TEST(key_of_one_screen_enrols_no_other),
		TEST(revoked_screen_stays_revoked),
		TEST(malformed_screens_are_refused),
		TEST(screens_are_listed_by_id),
		TEST(revisions_follow_each_other),
		TEST(state_belongs_to_one_revision),
		TEST(audit_log_can_only_be_appended_to),
		TEST(altered_audit_row_is_named),
		TEST(removed_audit_row_is_named),
		TEST(removed_and_renumbered_audit_row_is_named),
		TEST(audit_text_over_its_maximum_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
