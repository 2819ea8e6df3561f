#ifndef WIRE_HEALTH_H
#define WIRE_HEALTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/attr.h"
#include "core/health.h"

struct err;
struct json_node;
struct signer;

#define HEALTH_MAX         4096 /* bytes of a signed report */
#define HEALTH_UPLOAD_MAX  8192
#define HEALTH_REQUEST_MAX 256

/*
 * A report ("ekimae.health/1") in an envelope signed by the screen's key; NUL-terminated,
 * owned (free()). NULL on failure.
 */
MUST_USE char *health_to_json(const struct health *health, const struct signer *signer,
			      size_t *out_len, struct err *err);

/* The signed part of a report, strictly. */
MUST_USE bool health_read(struct json_node *content, struct health *out, struct err *err);

/* What the courier says of itself. Nobody vouches for it: the courier has no key. */
struct health_courier {
	char software[HEALTH_VERSION_SIZE];
	struct span_ms running; /* since it started; so are the next four */
	int64_t requests, received_bytes, sent_bytes;
	int64_t failures;                /* of the city, to answer as it should */
	char failure[HEALTH_ERROR_SIZE]; /* the last of them; "" none */
};

MUST_USE bool health_courier_read(struct json_node *object, struct health_courier *out,
				  struct err *err);

/*
 * What the courier uploads: the display's @report of @len bytes as it is, and its own
 * words beside it. NUL-terminated, owned (free()).
 */
MUST_USE char *health_upload_to_json(const void *report, size_t len,
				     const struct health_courier *courier,
				     size_t *out_len, struct err *err);

/* Which screen an upload claims to be from, before anything is verified. */
MUST_USE bool health_upload_screen(const void *bytes, size_t len,
				   char out[static SCREEN_ID_MAX + 1], struct err *err);

struct health_upload {
	struct health health;
	char *report;  /* its signed part, as canonical JSON */
	char *courier; /* the courier's, as canonical JSON */
};

/* Verifies the report by the screen's key (ERR_UNTRUSTED), and reads both parts. */
MUST_USE bool health_upload_from_json(const void *bytes, size_t len,
				      const uint8_t public_key[static 32],
				      struct health_upload *out, struct err *err);
void health_upload_done(struct health_upload *upload); /* for CLEANUP() */

/*
 * The city's answer ("ekimae.request/1"): the number of the newest snapshot that staff have
 * asked for; 0: none. It is not signed: all that it can bring about is a picture of what
 * hangs in public, no more than once a minute.
 */
MUST_USE char *health_request_to_json(int64_t snapshot, size_t *out_len, struct err *err);
MUST_USE bool health_request_from_json(const void *bytes, size_t len,
				       int64_t *out_snapshot, struct err *err);

#endif /* WIRE_HEALTH_H */
