/*
 * What servers answer to a courier, and whoever stands between: an input is a head, line by
 * line, and a body; also as what an address is made of, and as the signed part of an
 * acknowledgement by a city whose key was stolen.
 */
#include "fuzz/sealed.h"
#include "sync/answer.h"
#include "wire/play_batch.h"
#include "wire/tuf.h"
#include "wire/tuf_build.h"
#include "wire/url.h"

static void try_head(const char *line, size_t len)
{
	char etag[ANSWER_ETAG_SIZE] = "";
	size_t value_len = 0;
	const char *value = answer_header(line, len, "etag:", &value_len);

	if (value) {
		must_hold(value >= line && value + value_len <= line + len);
		answer_etag(value, value_len, etag);
		must_hold(strlen(etag) < sizeof(etag) && !strpbrk(etag, "\r\n\t "));
	}
	value = answer_header(line, len, "content-range:", &value_len);
	if (value)
		must_hold(answer_range_start(value, value_len) >= -1);
}

static void try_heads(const char *text, size_t len)
{
	const char *end = text + len;

	while (text < end) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		size_t line =
			newline ? (size_t)(newline - text) + 1 : (size_t)(end - text);

		try_head(text, line);
		text += line;
	}
}

static void try_body(const char *text, size_t len)
{
	char sentence[ANSWER_SENTENCE_SIZE];
	struct err err = {0};
	int64_t version = -1;

	answer_sentence(text, len, sentence);
	must_hold(strlen(sentence) < sizeof(sentence));
	must_hold(answer_news(text, len, &version, &err) ? version >= 0
							 : err.code != ERR_NONE);
}

/* Nothing but what a URL may hold, and quoting twice changes nothing. */
static void try_url(const char *text)
{
	char *quoted = malloc(3 * strlen(text) + 1),
	     *again = malloc(3 * strlen(text) + 1);

	must_hold(quoted && again);
	must_hold(url_path_quote(text, quoted, 3 * strlen(text) + 1) == true);
	for (const char *at = quoted; *at; at++)
		must_hold(*at > 0x20 && *at < 0x7f && !strchr("\"<>\\^`{|}?#[]", *at));
	must_hold(url_path_quote(quoted, again, 3 * strlen(text) + 1));
	must_hold(strcmp(quoted, again) == 0);
	must_hold(url_quote(text, "", again, 3 * strlen(text) + 1));
	must_hold(!strchr(again, '/'));
	free(quoted);
	free(again);
}

static struct tuf_trust *trust_of(const struct signer *signer)
{
	uint8_t key[1][ED25519_PUBLIC_SIZE];
	const struct tuf_role_keys role = {
		.public_keys = (const uint8_t(*)[32])key, .count = 1, .threshold = 1};
	const struct tuf_root_content content = {
		.version = 1,
		.expires = {INT64_C(4102444800000)},
		.root = role,
		.targets = role,
		.snapshot = role,
		.timestamp = role,
	};
	struct err err = {0};
	struct tuf_trust *trust;
	size_t len = 0;
	char *root;

	signer_public(signer, key[0]);
	root = tuf_build_root(&content, &signer, 1, &len, &err);
	must_hold(root != NULL);
	trust = tuf_trust_new(root, len, &err);
	must_hold(trust != NULL);
	must_hold(tuf_root_finish(trust, (struct wall_ms){0}, &err));
	free(root);
	return trust;
}

static void try_ack(const struct tuf_trust *trust, const void *bytes, size_t len)
{
	struct play_ack ack = {.durable_seq = -1};
	struct err err = {0};

	if (play_ack_from_json(bytes, len, trust, &ack, &err))
		must_hold(ack.durable_seq >= 0 && ack.screen_id[0] != '\0');
	else
		must_hold(err.code != ERR_NONE && ack.durable_seq == -1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct tuf_trust *trust;
	size_t len = 0;
	char *sealed = sealed_text(data, size, &len), *text = malloc(size + 1);

	must_hold(text != NULL);
	if (size > 0)
		memcpy(text, data, size);
	text[size] = '\0';
	if (!trust)
		trust = trust_of(sealed_signer());
	try_heads((const char *)data, size);
	try_body((const char *)data, size);
	try_url(text);
	try_ack(trust, data, size);
	if (sealed)
		try_ack(trust, sealed, len);
	free(sealed);
	free(text);
	return 0;
}
