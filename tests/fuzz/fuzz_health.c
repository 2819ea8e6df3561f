/*
 * Reports of a screen's health and pictures of it, on their way to the city, and its answer to
 * the box: the bytes as they are, signed, and as what the courier says beside a good report.
 */
#include "fuzz/sealed.h"
#include "wire/health.h"
#include "wire/screenshot.h"

static void try_upload(const uint8_t *key, const void *bytes, size_t len)
{
	struct health_upload upload = {0};
	char screen[SCREEN_ID_MAX + 1];
	struct err err = {0};
	char *again;

	if (!health_upload_from_json(bytes, len, key, &upload, &err)) {
		must_hold(err.code != ERR_NONE);
		return;
	}
	must_hold(health_upload_screen(bytes, len, screen, &err));
	must_hold(strcmp(screen, upload.health.screen_id) == 0);
	must_hold(health_check(&upload.health, &err));
	again = health_to_json(&upload.health, sealed_signer(), &len, &err);
	must_hold(again != NULL);
	free(again);
	health_upload_done(&upload);
}

/* @report and @courier are JSON texts; one may be NULL. */
static void try_parts(const uint8_t *key, const char *report, const char *courier)
{
	char *text = NULL;

	if (!report || !courier)
		return;
	must_hold(asprintf(&text, "{\"courier\": %s, \"report\": %s}", courier, report) >
		  0);
	try_upload(key, text, strlen(text));
	free(text);
}

static void try_picture(const uint8_t *key, const void *bytes, size_t len)
{
	struct screenshot screenshot = {
		.screen_id = "tanashi-1", .request = 1, .slide_id = "plan/1"};
	const void *png = NULL;
	size_t png_len = 0;
	struct err err = {0};
	int width = 0, height = 0;
	char *made;

	must_hold(screenshot_from_bytes(bytes, len, key, &screenshot, &png, &png_len,
					&err) ||
		  err.code != ERR_NONE);
	if (!screenshot_png_check(bytes, len, &width, &height, &err))
		return;
	must_hold(width > 0 && width <= SCREENSHOT_SIDE_MAX);
	must_hold(height > 0 && height <= SCREENSHOT_SIDE_MAX);
	made = screenshot_to_bytes(&screenshot, bytes, len, sealed_signer(), &len, &err);
	must_hold(made != NULL);
	must_hold(
		screenshot_from_bytes(made, len, key, &screenshot, &png, &png_len, &err));
	must_hold(screenshot.width == width && screenshot.height == height);
	free(made);
}

static char *good_report(void)
{
	const struct health health = {
		.screen_id = "tanashi-1",
		.run = 1,
		.number = 1,
		.every = {60000},
		.at = {INT64_C(1795328940000)},
		.software = "1.0",
	};
	struct err err = {0};
	size_t len = 0;
	char *report = health_to_json(&health, sealed_signer(), &len, &err);

	must_hold(report != NULL);
	return report;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char courier[] =
		"{\"software\": \"1.0\", \"running_ms\": 2, \"requests\": 10, "
		"\"received_bytes\": 11, \"sent_bytes\": 12, \"failures\": 0}";
	uint8_t key[ED25519_PUBLIC_SIZE];
	struct err err = {0};
	size_t len = 0;
	char *report = good_report(), *sealed = sealed_text(data, size, &len);
	char *text = strndup((const char *)data, size);
	int64_t snapshot = -1;

	signer_public(sealed_signer(), key);
	try_upload(key, data, size);
	try_parts(key, sealed, courier);
	try_parts(key, report, text);
	try_picture(key, data, size);
	must_hold(health_request_from_json(data, size, &snapshot, &err)
			  ? snapshot >= 0
			  : err.code != ERR_NONE);
	free(report);
	free(sealed);
	free(text);
	return 0;
}
