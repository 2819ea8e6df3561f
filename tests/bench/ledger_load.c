/*
 * ledger_load CITY_URL CITY_DB SCREENS BATCHES ROWS: how many plays a second a city server
 * takes durably. Enrols SCREENS screens straight into the database, has each of them sign
 * BATCHES batches of ROWS plays beforehand, then sends them all, each batch after the answer
 * to the one before it, over two connections. Prints rows, seconds, rows a second.
 */
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/err.h"
#include "os/clock.h"
#include "store/citydb.h"
#include "sync/http.h"
#include "wire/key.h"
#include "wire/play_batch.h"

#define CLIENTS     2
#define SCREENS_MAX 10000
#define NOTICES     30

struct document {
	char *bytes;
	size_t len;
};

struct load {
	const char *url;
	int64_t screens, batches, rows;
	struct document *documents; /* by screen, then by batch */
};

struct client {
	pthread_t thread;
	const struct load *load;
	int64_t number;
	bool failed;
	struct err err;
};

static void fail(const char *what, const struct err *err)
{
	fprintf(stderr, "ledger_load: %s: %s\n", what, err->text);
	exit(EXIT_FAILURE);
}

static struct play play_of(int64_t seq, struct wall_ms from)
{
	struct play play = {
		.seq = seq,
		.start = {.boot_id = "0b8b3c9e-6a2f-4f0e-9d5a-0123456789ab",
			  .item_revision = 1,
			  .programme_version = 2,
			  .began = {from.ms + seq * 8000},
			  .began_mono = {seq * 8000},
			  .synchronised = true,
			  .planned = {8000},
			  .output = PLAY_OUTPUT_ON},
		.shown = {8000},
		.outcome = PLAY_COMPLETE,
	};
	int notice = (int)(seq % NOTICES);

	snprintf(play.start.slide_id, sizeof(play.start.slide_id), "notice/n-%d/1",
		 notice);
	snprintf(play.start.item_id, sizeof(play.start.item_id), "notice/n-%d", notice);
	memset(play.start.content_hash, notice + 1, sizeof(play.start.content_hash));
	return play;
}

/* All batches of one screen, which continue each other. */
static void sign_batches(const struct load *load, const char *screen,
			 const struct signer *signer, struct wall_ms from,
			 struct document *out)
{
	uint8_t previous[SHA256_SIZE] = {0};
	struct err err = {0};
	int64_t seq = 1;

	for (int64_t i = 0; i < load->batches; i++) {
		struct play_batch *batch =
			play_batch_new(screen, (size_t)load->rows, &err);

		if (!batch)
			fail("batch", &err);
		batch->first = seq;
		memcpy(batch->previous, previous, sizeof(previous));
		for (int64_t k = 0; k < load->rows; k++, seq++) {
			batch->plays[k] = play_of(seq, from);
			if (!play_hash(previous, screen, &batch->plays[k],
				       batch->hashes[k], &err))
				fail("hash", &err);
			memcpy(previous, batch->hashes[k], sizeof(previous));
		}
		batch->play_count = (size_t)load->rows;
		memcpy(batch->head, previous, sizeof(previous));
		out[i].bytes = play_batch_to_json(batch, signer, &out[i].len, &err);
		if (!out[i].bytes)
			fail("batch", &err);
		play_batch_free(batch);
	}
}

/* In one transaction, beside the running server. */
static void enrol_all(struct load *load, const char *path, struct wall_ms now)
{
	struct err err = {0};
	struct db *db = db_open(path, citydb_migrations, citydb_migration_count, &err);

	if (!db || !db_begin(db, &err))
		fail("database", &err);
	for (int64_t i = 0; i < load->screens; i++) {
		struct signer *signer = signer_generate(&err);
		uint8_t code[SHA256_SIZE], key[ED25519_PUBLIC_SIZE];
		char id[SCREEN_ID_MAX + 1];
		struct screen screen;

		snprintf(id, sizeof(id), "bench-%" PRId64 "-%" PRId64, load->screens, i);
		sha256(id, strlen(id), code);
		if (!signer)
			fail("key", &err);
		signer_public(signer, key);
		if (!screen_add(db, id, "bench", true, code,
				(struct wall_ms){now.ms + 60000}, now, &err) ||
		    !screen_enrol(db, code, key, now, &screen, &err))
			fail("screen", &err);
		sign_batches(load, id, signer, (struct wall_ms){now.ms - 86400000},
			     load->documents + i * load->batches);
		signer_free(signer);
	}
	if (!db_commit(db, &err))
		fail("database", &err);
	db_close(db);
}

static bool send_batch(struct http *http, const char *url,
		       const struct document *document, struct err *err)
{
	const struct http_request request = {
		.method = "POST",
		.url = url,
		.body = document->bytes,
		.body_len = document->len,
		.content_type = "application/json",
		.max_bytes = PLAY_ACK_MAX,
	};
	struct http_response response = {0};
	bool done;

	if (!http_send(http, &request, &response, err))
		return false;
	done = response.status == 200 || http_fail(&request, &response, err);
	http_response_done(&response);
	return done;
}

/* Every CLIENTS-th screen; first the first batches of all of them, and so on. */
static void *send_all(void *context)
{
	const struct http_options options = {0};
	struct client *client = context;
	const struct load *load = client->load;
	struct http *http = http_new(&options, &client->err);
	char url[300];

	client->failed = http == NULL;
	snprintf(url, sizeof(url), "%s/api/v1/plays", load->url);
	for (int64_t i = 0; i < load->batches && !client->failed; i++)
		for (int64_t k = client->number; k < load->screens && !client->failed;
		     k += CLIENTS)
			client->failed = !send_batch(
				http, url, &load->documents[k * load->batches + i],
				&client->err);
	http_free(http);
	return NULL;
}

static int64_t argument(const char *text, int64_t max)
{
	long long value = strtoll(text, NULL, 10);

	if (value < 1 || value > max) {
		fprintf(stderr, "ledger_load: expected 1 to %" PRId64 ", got \"%s\"\n",
			max, text);
		exit(EXIT_FAILURE);
	}
	return value;
}

int main(int argc, char **argv)
{
	struct load load;
	struct client clients[CLIENTS];
	struct mono_ms begun;
	int64_t took, rows;

	if (argc != 6) {
		fputs("Usage: ledger_load CITY_URL CITY_DB SCREENS BATCHES ROWS\n",
		      stderr);
		return EXIT_FAILURE;
	}
	load = (struct load){.url = argv[1],
			     .screens = argument(argv[3], SCREENS_MAX),
			     .batches = argument(argv[4], 1000),
			     .rows = argument(argv[5], PLAY_BATCH_ROWS_MAX)};
	load.documents =
		calloc((size_t)(load.screens * load.batches), sizeof(*load.documents));
	if (!load.documents)
		return EXIT_FAILURE;
	enrol_all(&load, argv[2], clock_now().wall);

	begun = clock_mono();
	for (int64_t i = 0; i < CLIENTS; i++) {
		clients[i] = (struct client){.load = &load, .number = i};
		if (pthread_create(&clients[i].thread, NULL, send_all, &clients[i]) != 0)
			return EXIT_FAILURE;
	}
	for (int64_t i = 0; i < CLIENTS; i++) {
		pthread_join(clients[i].thread, NULL);
		if (clients[i].failed)
			fail("upload", &clients[i].err);
	}
	took = clock_mono().ms - begun.ms;
	rows = load.screens * load.batches * load.rows;
	printf("%" PRId64 " %.2f %.0f\n", rows, (double)took / 1000,
	       (double)rows * 1000 / (double)(took > 0 ? took : 1));
	for (int64_t i = 0; i < load.screens * load.batches; i++)
		free(load.documents[i].bytes);
	free(load.documents);
	return EXIT_SUCCESS;
}
