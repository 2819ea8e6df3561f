/* The staff: who they are, their passwords, and who may approve what. */
#include "city/people.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "city/api.h"
#include "city/buffer.h"
#include "city/city.h"
#include "city/password.h"
#include "city/settings.h"
#include "core/err.h"
#include "core/programme.h"
#include "core/utf8.h"
#include "store/citydb.h"
#include "wire/json.h"

#define BODY_MAX (16 * 1024)
#define LIST_MAX (4 * 1024 * 1024)

static const char *const role_names[] = {"author", "approver", "administrator"};

static void free_document(struct json_doc **doc)
{
	json_doc_free(*doc);
}

static struct json_doc *parse_body(const struct request *request, struct json_node *root,
				   struct err *err)
{
	struct json_doc *doc = json_parse("staff", request->body ? request->body : "",
					  request->body_len, BODY_MAX, err);

	if (doc && !json_root(doc, root, err))
		return json_doc_free(doc);
	return doc;
}

/* ---- Who may approve what ---- */

struct own {
	const char *name;
	bool found;
};

static bool is_own(void *context, const struct notice_row *row, struct err *err)
{
	struct own *own = context;

	(void)err;
	own->found =
		row->state != NOTICE_PUBLISHED && strcmp(row->author, own->name) == 0;
	return true;
}

bool people_may_publish(const struct city *city, const char *name,
			const struct programme *programme, struct err *err)
{
	if (city->settings->own_notices == OWN_NOTICES_ALLOWED)
		return true;
	for (size_t i = 0; i < programme->notice_count; i++) {
		const struct notice *notice = &programme->notices[i];
		struct own own = {.name = name};

		if (!notice_get_revision(city->db, notice->id, notice->revision, is_own,
					 &own, err) &&
		    err->code != ERR_NOT_FOUND)
			return false;
		if (own.found)
			return err_set(
				err, ERR_DENIED,
				"%s revision %" PRId64
				" is by %s, and [staff].own_notices wants somebody "
				"else to publish it",
				notice->id, notice->revision, name);
	}
	return true;
}

/* ---- The list ---- */

struct list {
	struct buffer *out;
	struct wall_ms now;
	size_t count;
};

static bool add_person(void *context, const struct staff *staff, struct err *err)
{
	struct list *list = context;

	(void)err;
	if (list->count++ > 0)
		buffer_add(list->out, ",");
	buffer_add(list->out, "{\"name\":");
	buffer_json(list->out, staff->name);
	buffer_printf(list->out, ",\"role\":\"%s\",\"locked\":%s}",
		      role_names[staff->role],
		      staff->locked_until.ms > list->now.ms ? "true" : "false");
	return true;
}

bool api_staff(struct city *city, struct request *request, struct reply *reply,
	       struct err *err)
{
	CLEANUP(buffer_done) struct buffer out;
	struct list list = {.out = &out, .now = request->now.wall};

	buffer_init(&out, LIST_MAX);
	buffer_add(&out, "{\"staff\":[");
	if (!staff_each(city->db, add_person, &list, err))
		return false;
	buffer_add(&out, "]}");
	return reply_take(reply, &out, err);
}

/* ---- Passwords ---- */

/* The "password" of the body, or one that is made up; *@out_made tells which. */
static bool take_password(struct json_node *root, char out[static PASSWORD_MAX + 1],
			  bool *out_made, struct err *err)
{
	const char *given;

	*out_made = !json_has(root, "password");
	if (*out_made) {
		password_make(out);
		return true;
	}
	if (!json_get_string(root, "password", PASSWORD_MAX, &given, err) ||
	    !password_check(given, err))
		return false;
	snprintf(out, PASSWORD_MAX + 1, "%s", given);
	return true;
}

static bool answer(struct reply *reply, const char *password, bool made, struct err *err)
{
	char text[PASSWORD_MADE_SIZE + 32] = "{}";

	if (made)
		snprintf(text, sizeof(text), "{\"password\":\"%s\"}", password);
	return reply_text(reply, text, err);
}

static bool check_name(const struct json_node *root, const char *name, struct err *err)
{
	if (!utf8_has_control(name) && !strchr(name, '\n'))
		return true;
	return json_fail(root, "name", err, "holds a control character");
}

static bool add_to_database(struct city *city, const struct request *request,
			    const char *name, int role, const char *hash, struct err *err)
{
	bool ok;

	if (!db_begin(city->db, err))
		return false;
	ok = staff_add(city->db, name, (enum staff_role)role, hash, request->now.wall,
		       err) &&
	     audit_append(city->db, request->staff.name, "add staff", name,
			  role_names[role], request->now.wall, err);
	return db_end(city->db, ok, err);
}

bool api_staff_add(struct city *city, struct request *request, struct reply *reply,
		   struct err *err)
{
	char password[PASSWORD_MAX + 1], hash[PASSWORD_HASH_SIZE];
	struct json_node root;
	CLEANUP(free_document) struct json_doc *doc = parse_body(request, &root, err);
	const char *name;
	bool made, ok;
	int role;

	if (!doc || !json_get_string(&root, "name", STAFF_NAME_MAX, &name, err) ||
	    !check_name(&root, name, err) ||
	    !json_get_enum(&root, "role", role_names, ARRAY_LEN(role_names), &role,
			   err) ||
	    !take_password(&root, password, &made, err))
		return false;
	ok = json_done(&root, err) && password_hash(password, hash, err) &&
	     add_to_database(city, request, name, role, hash, err) &&
	     answer(reply, password, made, err);
	explicit_bzero(password, sizeof(password));
	return ok;
}

/*
 * One's own password wants the old one, so that a session left open gives nobody the
 * account. A wrong one ends that session: guessing costs a login each, and those are counted.
 */
static bool check_old(struct city *city, const struct request *request,
		      struct json_node *root, struct err *err)
{
	const char *old;

	if (!json_get_string(root, "old", PASSWORD_MAX, &old, err))
		return false;
	if (password_matches(old, request->staff.password_hash))
		return true;
	return login_end(city, request, err) &&
	       err_set(err, ERR_DENIED, "the old password is wrong: log in again");
}

static bool set_in_database(struct city *city, const struct request *request,
			    const char *name, const char *hash, struct err *err)
{
	bool ok;

	if (!db_begin(city->db, err))
		return false;
	ok = staff_set_password(city->db, name, hash, err) &&
	     audit_append(city->db, request->staff.name, "set password", name, "",
			  request->now.wall, err);
	return db_end(city->db, ok, err);
}

bool api_staff_password(struct city *city, struct request *request, struct reply *reply,
			struct err *err)
{
	char password[PASSWORD_MAX + 1], hash[PASSWORD_HASH_SIZE];
	struct json_node root;
	CLEANUP(free_document) struct json_doc *doc = parse_body(request, &root, err);
	const char *name = request->staff.name;
	bool made, own, ok;

	if (!doc || (json_has(&root, "name") &&
		     !json_get_string(&root, "name", STAFF_NAME_MAX, &name, err)))
		return false;
	own = strcmp(name, request->staff.name) == 0;
	if (!own && request->staff.role != STAFF_ADMINISTRATOR)
		return err_set(err, ERR_DENIED,
			       "%s may not do this: it wants an administrator",
			       request->staff.name);
	if ((own && !check_old(city, request, &root, err)) ||
	    !take_password(&root, password, &made, err))
		return false;
	ok = json_done(&root, err) && password_hash(password, hash, err) &&
	     set_in_database(city, request, name, hash, err) &&
	     answer(reply, password, made, err);
	explicit_bzero(password, sizeof(password));
	return ok;
}
