/*
 * Staff log in with a password and get a token. The time of an answer tells nothing: a
 * name that nobody has is hashed against city->nobody all the same.
 */
#include <inttypes.h>
#include <string.h>

#include "city/api.h"
#include "city/buffer.h"
#include "city/city.h"
#include "city/settings.h"
#include "core/err.h"
#include "os/file.h"
#include "store/citydb.h"
#include "wire/json.h"

#define TOKEN_BYTES 32
#define BODY_MAX    (16 * 1024)
#define ANSWER_MAX  4096

static const char *const role_names[] = {"author", "approver", "administrator"};

static void free_document(struct json_doc **doc)
{
	json_doc_free(*doc);
}

/* The hash under which a session is stored, of its token in hex digits. */
static bool token_hash(const char *token, uint8_t out[static SHA256_SIZE])
{
	uint8_t bytes[TOKEN_BYTES];

	if (!hex_decode(token, bytes, sizeof(bytes)))
		return false;
	sha256(bytes, sizeof(bytes), out);
	explicit_bzero(bytes, sizeof(bytes));
	return true;
}

bool login_identify(struct city *city, struct request *request, struct reply *reply,
		    struct err *err)
{
	uint8_t hash[SHA256_SIZE];

	if (!token_hash(request->bearer, hash)) {
		reply->status = 401;
		return err_set(err, ERR_DENIED, "log in first: POST /api/v1/login");
	}
	if (session_find(city->db, hash, request->now.wall, &request->staff, err))
		return true;
	if (err->code == ERR_DENIED || err->code == ERR_NOT_FOUND) {
		reply->status = 401;
		return err_set(err, ERR_DENIED, "the session is over: log in again");
	}
	return false;
}

static bool locked(const struct staff *staff, const struct request *request,
		   struct reply *reply, struct err *err)
{
	int64_t left_ms = staff->locked_until.ms - request->now.wall.ms;
	char until[WALL_TEXT_SIZE];

	if (left_ms <= 0)
		return false;
	reply->status = 429;
	reply->retry_after_s = (int)(left_ms / 1000) + 1;
	wall_format_jst(staff->locked_until, until);
	err_set(err, ERR_DENIED, "too many failed logins: try again after %s", until);
	return true;
}

/* Counts a failure; the last one allowed locks the name for a while. */
static bool note_failure(struct city *city, const struct staff *staff,
			 const struct request *request, struct err *err)
{
	const struct city_settings *settings = city->settings;
	int failures = staff->failures + 1;
	struct wall_ms until = {0};
	bool ok;

	if (failures < settings->lock_after)
		return staff_note_login(city->db, staff->name, false, failures, until,
					err);
	until.ms = request->now.wall.ms + settings->lock_minutes * 60 * 1000;
	if (!db_begin(city->db, err))
		return false;
	ok = staff_note_login(city->db, staff->name, false, 0, until, err) &&
	     audit_append(city->db, staff->name, "lock", "staff",
			  "too many failed logins", request->now.wall, err);
	return db_end(city->db, ok, err);
}

static bool open_session(struct city *city, const struct staff *staff,
			 const struct request *request, struct reply *reply,
			 struct err *err)
{
	struct wall_ms until = {request->now.wall.ms +
				city->settings->session_hours * 60 * 60 * 1000};
	uint8_t token[TOKEN_BYTES], hash[SHA256_SIZE];
	char hex[2 * TOKEN_BYTES + 1], text[WALL_TEXT_SIZE];
	struct buffer answer;
	bool ok;

	random_bytes(token, sizeof(token));
	hex_encode(token, sizeof(token), hex);
	sha256(token, sizeof(token), hash);
	if (!db_begin(city->db, err))
		return false;
	ok = staff_note_login(city->db, staff->name, true, 0, (struct wall_ms){0}, err) &&
	     session_add(city->db, hash, staff->name, until, err) &&
	     audit_append(city->db, staff->name, "login", "session", "",
			  request->now.wall, err);
	if (!db_end(city->db, ok, err))
		return false;
	wall_format_utc(until, text);
	buffer_init(&answer, ANSWER_MAX);
	buffer_printf(&answer, "{\"token\":\"%s\",\"until\":\"%s\",\"role\":\"%s\"}", hex,
		      text, role_names[staff->role]);
	ok = reply_take(reply, &answer, err);
	buffer_done(&answer);
	return ok;
}

/* The second half of a login, with the lock held. */
static bool conclude(struct city *city, const char *name, bool matches,
		     const struct request *request, struct reply *reply, struct err *err)
{
	struct staff staff;

	/* Read again: it may have been locked or changed during the hashing. */
	if (!staff_find(city->db, name, &staff, err)) {
		if (err->code != ERR_NOT_FOUND)
			return false;
	} else if (locked(&staff, request, reply, err)) {
		return false;
	} else if (matches) {
		return open_session(city, &staff, request, reply, err);
	} else if (!note_failure(city, &staff, request, err)) {
		return false;
	}
	reply->status = 401;
	return err_set(err, ERR_DENIED, "the name or the password is wrong");
}

bool api_login(struct city *city, struct request *request, struct reply *reply,
	       struct err *err)
{
	CLEANUP(free_document)
	struct json_doc *doc = json_parse("login", request->body ? request->body : "",
					  request->body_len, BODY_MAX, err);
	struct json_node root;
	const char *name, *password;
	char hash[PASSWORD_HASH_SIZE];
	struct staff staff;
	bool known, stop, ok;

	if (!doc || !json_root(doc, &root, err) ||
	    !json_get_string(&root, "name", STAFF_NAME_MAX, &name, err) ||
	    !json_get_string(&root, "password", PASSWORD_MAX, &password, err) ||
	    !json_done(&root, err))
		return false;

	pthread_mutex_lock(&city->lock);
	known = staff_find(city->db, name, &staff, err);
	stop = known ? locked(&staff, request, reply, err) : err->code != ERR_NOT_FOUND;
	pthread_mutex_unlock(&city->lock);
	if (stop)
		return false;

	memcpy(hash, known ? staff.password_hash : city->nobody, sizeof(hash));
	hash[sizeof(hash) - 1] = '\0';
	ok = password_matches(password, hash) && known;

	pthread_mutex_lock(&city->lock);
	ok = conclude(city, name, ok, request, reply, err);
	pthread_mutex_unlock(&city->lock);
	return ok;
}

bool login_end(struct city *city, const struct request *request, struct err *err)
{
	uint8_t hash[SHA256_SIZE];

	if (!token_hash(request->bearer, hash))
		return err_set(err, ERR_DENIED, "there is no session");
	return session_remove(city->db, hash, err);
}

bool api_logout(struct city *city, struct request *request, struct reply *reply,
		struct err *err)
{
	return login_end(city, request, err) && reply_text(reply, "{}", err);
}
