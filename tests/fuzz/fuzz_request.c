/*
 * Requests to the city's server, from where libmicrohttpd has taken them apart: a real city in
 * a folder of its own, with a session of its administrator. An input is
 *
 *	METHOD PATH
 *	staff                   comes with the session
 *	sealed                  the body is signed by the key of the screen that is enrolled
 *	fiscal_year 2026        so with what else request.h has of query and head
 *	(an empty line, and then the body)
 */
#include <strings.h>
#include <unistd.h>

#include "city/city.h"
#include "city/files.h"
#include "city/init.h"
#include "city/request.h"
#include "city/route.h"
#include "city/settings.h"
#include "core/err.h"
#include "fuzz/sealed.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/log.h"
#include "store/citydb.h"
#include "wire/enrolcode.h"

#define ADMINISTRATOR "kanri"
#define DAY_MS        (INT64_C(24) * 60 * 60 * 1000)
/* What was taken stays with the city: it begins anew before it grows large. */
#define TAKEN_MAX 500
/* Hashing a password is slow on purpose: of such requests only these are carried out. */
#define SLOW_EVERY 16

static struct city_settings settings;
static struct city *city;
static char bearer[SHA256_HEX_SIZE];
static int taken;

static void end_city(void)
{
	char folder[PATH_MAX];
	struct err err = {0};

	if (!city)
		return;
	city = city_close(city);
	snprintf(folder, sizeof(folder), "%s", settings.state);
	*strrchr(folder, '/') = '\0';
	must_hold(dir_remove(folder, &err));
}

static void open_session(void)
{
	uint8_t token[32] = {1}, hash[SHA256_SIZE];
	struct err err = {0};

	hex_encode(token, sizeof(token), bearer);
	sha256(token, sizeof(token), hash);
	must_hold(session_add(city->db, hash, ADMINISTRATOR,
			      (struct wall_ms){clock_now().wall.ms + DAY_MS}, &err));
}

static bool has_session(void)
{
	uint8_t token[32] = {1}, hash[SHA256_SIZE];
	struct staff staff;
	struct err err = {0};

	sha256(token, sizeof(token), hash);
	return session_find(city->db, hash, clock_now().wall, &staff, &err);
}

static void copy(char *out, size_t size, const char *value)
{
	if (strlen(value) < size)
		memcpy(out, value, strlen(value) + 1);
}

static void read_line(struct request *request, const char *line)
{
	const struct {
		const char *name;
		char *out;
		size_t size;
	} texts[] = {
		{"fiscal_year ", request->fiscal_year, sizeof(request->fiscal_year)},
		{"dry_run ", request->dry_run, sizeof(request->dry_run)},
		{"initiative ", request->initiative, sizeof(request->initiative)},
		{"by ", request->by, sizeof(request->by)},
		{"range ", request->range, sizeof(request->range)},
		{"etag ", request->if_none_match, sizeof(request->if_none_match)},
		{"bearer ", request->bearer, sizeof(request->bearer)},
	};
	struct err err = {0};
	int64_t number = -1;

	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		if (strncmp(line, texts[i].name, strlen(texts[i].name)) == 0)
			copy(texts[i].out, texts[i].size, line + strlen(texts[i].name));
	if (strcmp(line, "staff") == 0)
		copy(request->bearer, sizeof(request->bearer), bearer);
	if (strncmp(line, "wait ", 5) == 0)
		must_hold(request_number("wait", line + 5, 55, &number, &err)
				  ? number >= 0 && number <= 55
				  : err.code == ERR_INVALID && number == -1);
}

/* Takes the line at *@text off; NULL when it is the empty one. */
static char *take_line(char **text)
{
	char *line = *text, *end = strchr(line, '\n');

	*text = end ? end + 1 : line + strlen(line);
	if (end)
		*end = '\0';
	return line[0] ? line : NULL;
}

static bool read_request(char *text, const char *end, struct request *out)
{
	char *line = take_line(&text), *path = line ? strchr(line, ' ') : NULL;
	bool sealed = false;

	if (!path || strlen(path + 1) >= sizeof(out->path))
		return false;
	*path = '\0';
	copy(out->path, sizeof(out->path), path + 1);
	if (strcmp(line, "PUT") == 0)
		out->method = REQUEST_PUT;
	else if (strcmp(line, "POST") == 0)
		out->method = REQUEST_POST;
	while (text < end && (line = take_line(&text)) != NULL) {
		read_line(out, line);
		sealed = sealed || strcmp(line, "sealed") == 0;
	}
	out->body_len = (size_t)(end - text);
	if (sealed) {
		out->body =
			sealed_text((const uint8_t *)text, out->body_len, &out->body_len);
		return out->body != NULL;
	}
	out->body = malloc(out->body_len + 1);
	must_hold(out->body != NULL);
	memcpy(out->body, text, out->body_len);
	out->body[out->body_len] = '\0';
	return true;
}

static bool is_slow(const struct request *request)
{
	return request->method != REQUEST_GET &&
	       (strstr(request->path, "login") || strstr(request->path, "staff"));
}

static void answer(struct request *request, struct reply *reply)
{
	struct err err = {0};
	const struct route *route;

	if (strncmp(request->path, FILES_PREFIX, strlen(FILES_PREFIX)) == 0) {
		if (!files_serve(city->publisher, request, reply, &err))
			reply_error(reply, &err);
		return;
	}
	route = route_find(request, reply, &err);
	if (!route || request->body_len > route->max_body) {
		must_hold(route || reply->status == 405 || err.code == ERR_NOT_FOUND);
		return;
	}
	if (is_slow(request) && request->body_len % SLOW_EVERY != 0)
		return;
	route_run(city, route, request, reply, &err);
	must_hold(reply->status >= 200 && reply->status < 600);
	/* What the server itself did wrong is no answer to anything that is asked. */
	must_hold(reply->status != 500);
	if (reply->status < 300 && request->method != REQUEST_GET)
		taken++;
}

/* Asks for what must be granted; the answer is owned. */
static json_t *ask(const char *head, const char *body)
{
	struct request request = {.method = REQUEST_GET};
	struct reply reply;
	json_t *answered;
	char *text = NULL;

	must_hold(asprintf(&text, "%s\n\n%s", head, body) > 0);
	reply_init(&reply);
	must_hold(read_request(text, text + strlen(text), &request));
	answer(&request, &reply);
	must_hold(reply.status == 200);
	answered = json_loadb(reply.body, reply.len, 0, NULL);
	reply_done(&reply);
	request_done(&request);
	free(text);
	return answered;
}

static void enrol_screen(void)
{
	uint8_t key[ED25519_PUBLIC_SIZE];
	char hex[2 * ED25519_PUBLIC_SIZE + 1], *body = NULL;
	json_t *added = ask("POST /api/v1/screens\nstaff",
			    "{\"id\": \"musashi-01\", \"place\": \"p\", "
			    "\"counts\": true}");

	signer_public(sealed_signer(), key);
	hex_encode(key, sizeof(key), hex);
	must_hold(asprintf(&body, "{\"public_key\": \"%s\", \"code\": \"%s\"}", hex,
			   json_string_value(json_object_get(added, "code"))) > 0);
	json_decref(added);
	json_decref(ask("POST /api/v1/enrol", body));
	free(body);
}

static void begin_city(void)
{
	const char *base = getenv("TMPDIR");
	char folder[256], roots[300], key[300];
	struct init_options options = {
		.plan = EKIMAE_SOURCE_DIR "/assets/plan/plan.json",
		.root_keys = roots,
		.targets_key = key,
		.targets_keys = 1,
		.targets_threshold = 1,
		.administrator = ADMINISTRATOR,
		.password = "himitsu-no-kotoba",
	};
	struct err err = {0};

	must_hold(snprintf(folder, sizeof(folder), "%s/ekimae-fuzz-XXXXXX",
			   base ? base : "/tmp") < (int)sizeof(folder));
	must_hold(mkdtemp(folder) != NULL);
	snprintf(roots, sizeof(roots), "%s/roots", folder);
	snprintf(key, sizeof(key), "%s/targets.pem", folder);
	settings = city_settings_default;
	snprintf(settings.state, sizeof(settings.state), "%s/state", folder);
	options.state = settings.state;
	must_hold(init_state(&options, clock_now().wall, &err));
	city = city_open(&settings, clock_now().wall, &err);
	must_hold(city != NULL);
	open_session();
	enrol_screen();
	taken = 0;
}

static void try_code(const char *text)
{
	uint8_t code[ENROLCODE_SIZE], again[ENROLCODE_SIZE];
	char formatted[ENROLCODE_TEXT_SIZE];
	struct err err = {0};

	if (!enrolcode_parse(text, code, &err))
		return;
	enrolcode_format(code, formatted);
	must_hold(enrolcode_parse(formatted, again, &err));
	must_hold(memcmp(code, again, sizeof(code)) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct request request = {.method = REQUEST_GET};
	struct reply reply;
	char *text = malloc(size + 1);

	must_hold(text != NULL);
	if (size > 0)
		memcpy(text, data, size);
	text[size] = '\0';
	try_code(text);
	if (!city) {
		log_open("fuzz", LOG_LEVEL_ERROR);
		atexit(end_city);
		begin_city();
	}
	reply_init(&reply);
	if (read_request(text, text + size, &request))
		answer(&request, &reply);
	reply_done(&reply);
	request_done(&request);
	if (taken >= TAKEN_MAX || !has_session()) {
		end_city();
		begin_city();
	}
	free(text);
	return 0;
}
