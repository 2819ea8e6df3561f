#include "city/route.h"

#include <stdio.h>
#include <string.h>

#include "city/api.h"
#include "city/city.h"
#include "city/emergency.h"
#include "city/objects.h"
#include "city/publish.h"
#include "core/err.h"
#include "os/clock.h"
#include "wire/csv_table.h"
#include "wire/health.h"
#include "wire/play_batch.h"
#include "wire/programme_json.h"
#include "wire/screenshot.h"

#define API_PREFIX "/api/v1/"
#define SMALL_BODY (16 * 1024)
/* A body above this is received only once its sender is known. */
#define ADMIT_ABOVE (64 * 1024)

static const struct route routes[] = {
	{REQUEST_POST, "login", ACCESS_ANYONE, SMALL_BODY, api_login, true},
	{REQUEST_POST, "logout", ACCESS_STAFF, SMALL_BODY, api_logout, false},
	{REQUEST_GET, "notices", ACCESS_STAFF, 0, api_notices, false},
	{REQUEST_GET, "notices/*", ACCESS_STAFF, 0, api_notice, false},
	{REQUEST_PUT, "notices/*", ACCESS_STAFF, NOTICE_JSON_MAX, api_notice_put, false},
	{REQUEST_GET, "objects/*", ACCESS_STAFF, 0, api_object, false},
	{REQUEST_PUT, "objects/*", ACCESS_STAFF, OBJECT_MAX, api_object_put, false},
	{REQUEST_POST, "publish", ACCESS_APPROVER, PUBLISH_BODY_MAX, api_publish, false},
	{REQUEST_POST, "emergency", ACCESS_APPROVER, EMERGENCY_BODY_MAX, api_emergency,
	 false},
	{REQUEST_POST, "emergency/keys", ACCESS_ADMINISTRATOR, PUBLISH_BODY_MAX,
	 api_emergency_keys, false},
	{REQUEST_GET, "staff", ACCESS_ADMINISTRATOR, 0, api_staff, false},
	{REQUEST_POST, "staff", ACCESS_ADMINISTRATOR, SMALL_BODY, api_staff_add, false},
	{REQUEST_POST, "staff/password", ACCESS_STAFF, SMALL_BODY, api_staff_password,
	 false},
	{REQUEST_POST, "keys/online", ACCESS_ADMINISTRATOR, SMALL_BODY, api_online_key,
	 false},
	{REQUEST_POST, "root", ACCESS_ADMINISTRATOR, PUBLISH_BODY_MAX, api_root, false},
	{REQUEST_GET, "screens", ACCESS_STAFF, 0, api_screens, false},
	{REQUEST_GET, "screens/*", ACCESS_STAFF, 0, api_screen, false},
	{REQUEST_POST, "screens", ACCESS_ADMINISTRATOR, SMALL_BODY, api_screen_add,
	 false},
	{REQUEST_POST, "screens/*/revoke", ACCESS_ADMINISTRATOR, SMALL_BODY,
	 api_screen_revoke, false},
	{REQUEST_POST, "screens/*/accept-gap", ACCESS_ADMINISTRATOR, SMALL_BODY,
	 api_accept_gap, false},
	{REQUEST_GET, "screens/*/snapshot", ACCESS_STAFF, 0, api_snapshot, false},
	{REQUEST_POST, "screens/*/snapshot", ACCESS_STAFF, SMALL_BODY, api_snapshot_ask,
	 false},
	{REQUEST_GET, "screens/*/snapshot.png", ACCESS_STAFF, 0, api_snapshot_png, false},
	{REQUEST_POST, "enrol", ACCESS_ANYONE, SMALL_BODY, api_enrol, false},
	{REQUEST_POST, "plays", ACCESS_ANYONE, PLAY_BATCH_MAX, api_plays, false},
	{REQUEST_POST, "health", ACCESS_ANYONE, HEALTH_UPLOAD_MAX, api_screen_health,
	 false},
	{REQUEST_POST, "snapshot", ACCESS_ANYONE, SCREENSHOT_MAX, api_snapshot_put,
	 false},
	{REQUEST_GET, "report", ACCESS_ANYONE, 0, api_report, false},
	{REQUEST_GET, "report.csv", ACCESS_ANYONE, 0, api_report_csv, false},
	{REQUEST_GET, "report.html", ACCESS_ANYONE, 0, api_report_html, false},
	{REQUEST_GET, "results", ACCESS_STAFF, 0, api_results, false},
	{REQUEST_GET, "results.csv", ACCESS_STAFF, 0, api_results_csv, false},
	{REQUEST_POST, "results", ACCESS_APPROVER, SMALL_BODY, api_result_set, false},
	{REQUEST_POST, "results/withdraw", ACCESS_APPROVER, SMALL_BODY,
	 api_result_withdraw, false},
	{REQUEST_POST, "results/import", ACCESS_APPROVER, CSV_TABLE_MAX,
	 api_results_import, false},
	{REQUEST_GET, "indicators", ACCESS_ANYONE, 0, api_indicators, false},
	{REQUEST_GET, "indicators.csv", ACCESS_ANYONE, 0, api_indicators_csv, false},
	{REQUEST_GET, "health", ACCESS_ANYONE, 0, api_health, false},
};

/* Whether @path has the form of @pattern; @argument gets the part that stands for '*'. */
static bool path_fits(const char *pattern, const char *path, char *argument, size_t size)
{
	const char *star = strchr(pattern, '*');
	size_t before, len;

	if (!star)
		return strcmp(pattern, path) == 0;
	before = (size_t)(star - pattern);
	if (strncmp(pattern, path, before) != 0)
		return false;
	len = strcspn(path + before, "/");
	if (len == 0 || len >= size || strcmp(star + 1, path + before + len) != 0)
		return false;
	memcpy(argument, path + before, len);
	argument[len] = '\0';
	return true;
}

static const char *method_name(enum request_method method)
{
	switch (method) {
	case REQUEST_GET:
		return "GET";
	case REQUEST_PUT:
		return "PUT";
	case REQUEST_POST:
		return "POST";
	}
	return "";
}

const struct route *route_find(struct request *request, struct reply *reply,
			       struct err *err)
{
	const char *other = NULL;
	const char *path = request->path;

	if (strncmp(path, API_PREFIX, strlen(API_PREFIX)) == 0) {
		path += strlen(API_PREFIX);
		for (size_t i = 0; i < ARRAY_LEN(routes); i++) {
			if (!path_fits(routes[i].path, path, request->argument,
				       sizeof(request->argument)))
				continue;
			if (routes[i].method == request->method)
				return &routes[i];
			other = method_name(routes[i].method);
		}
	}
	if (other) {
		reply->status = 405;
		reply->allow = other;
		err_set(err, ERR_INVALID, "%.200s: wants %s", request->path, other);
	} else {
		err_set(err, ERR_NOT_FOUND, "%.200s: there is no such address",
			request->path);
	}
	return NULL;
}

static bool role_suffices(enum access access, enum staff_role role)
{
	switch (access) {
	case ACCESS_ANYONE:
	case ACCESS_STAFF:
		return true;
	case ACCESS_APPROVER:
		return role == STAFF_APPROVER || role == STAFF_ADMINISTRATOR;
	case ACCESS_ADMINISTRATOR:
		return role == STAFF_ADMINISTRATOR;
	}
	return false;
}

static bool authorise(struct city *city, const struct route *route,
		      struct request *request, struct reply *reply, struct err *err)
{
	if (route->access == ACCESS_ANYONE)
		return true;
	if (!login_identify(city, request, reply, err))
		return false;
	if (!role_suffices(route->access, request->staff.role))
		return err_set(err, ERR_DENIED, "%s may not do this: it wants %s",
			       request->staff.name,
			       route->access == ACCESS_APPROVER ? "an approver"
								: "an administrator");
	return true;
}

bool route_admit(struct city *city, const struct route *route, struct request *request,
		 struct reply *reply, struct err *err)
{
	bool ok;

	if (route->max_body <= ADMIT_ABOVE || route->access == ACCESS_ANYONE)
		return true;
	request->now = clock_now();
	pthread_mutex_lock(&city->lock);
	ok = authorise(city, route, request, reply, err);
	pthread_mutex_unlock(&city->lock);
	return ok;
}

void route_run(struct city *city, const struct route *route, struct request *request,
	       struct reply *reply, struct err *err)
{
	bool ok;

	request->now = clock_now();
	if (route->slow) {
		ok = route->handle(city, request, reply, err);
	} else {
		pthread_mutex_lock(&city->lock);
		ok = authorise(city, route, request, reply, err) &&
		     route->handle(city, request, reply, err);
		pthread_mutex_unlock(&city->lock);
	}
	if (!ok)
		reply_error(reply, err);
	else if (reply->status == 0)
		reply->status = 200;
}
