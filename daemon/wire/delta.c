#include "wire/delta.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/err.h"

#define CODE_ADD      1    /* default code table, RFC 3284 section 5.6 */
#define CODE_COPY     19   /* address mode VCD_SELF */
#define WINDOW_SOURCE 0x01 /* VCD_SOURCE */
#define BLOCK         32   /* bytes that must agree before a copy is thought of */
#define CANDIDATES    16   /* places of the old version that are compared with one */
#define NUMBER_MAX    5    /* bytes of a number up to DELTA_FILE_MAX and beyond */

static const uint8_t header[] = {0xd6, 0xc3, 0xc4, 0, 0};

/*
 * --- making ----------------------------------------------------------------------------
 */

/* Bytes up to DELTA_MAX; one that did not fit spoils the whole. */
struct section {
	uint8_t *bytes;
	size_t len, capacity;
	bool failed;
};

static void put(struct section *section, const void *bytes, size_t len)
{
	if (section->failed || len > DELTA_MAX - section->len) {
		section->failed = true;
		return;
	}
	if (len > section->capacity - section->len) {
		size_t capacity = 2 * section->capacity + len + 256;
		uint8_t *grown = realloc(section->bytes, capacity);

		if (!grown) {
			section->failed = true;
			return;
		}
		section->bytes = grown;
		section->capacity = capacity;
	}
	if (len > 0)
		memcpy(section->bytes + section->len, bytes, len);
	section->len += len;
}

/* Base 128, the highest digits first (RFC 3284 section 2). */
static void put_number(struct section *section, size_t number)
{
	uint8_t digits[10];
	size_t at = sizeof(digits);

	digits[--at] = number & 0x7f;
	while (number >>= 7)
		digits[--at] = (uint8_t)(0x80 | (number & 0x7f));
	put(section, digits + at, sizeof(digits) - at);
}

static size_t number_size(size_t number)
{
	size_t size = 1;

	while (number >>= 7)
		size++;
	return size;
}

/* Where the blocks of the old version are, by their hash. */
struct block_index {
	const uint8_t *old;
	size_t old_len;
	uint32_t *first, *next; /* block number + 1; 0: none */
	uint32_t mask;
};

struct encoder {
	struct block_index index;
	const uint8_t *new;
	size_t new_len;
	struct section data, codes, addresses;
	size_t expected; /* where the old version goes on after the last copy */
};

/* Rolls on: hash * FACTOR + byte in - byte out * FACTOR^BLOCK, modulo 2^32. */
#define FACTOR 0x01000193u

static uint32_t hash_block(const uint8_t *bytes)
{
	uint32_t hash = 0;

	for (size_t i = 0; i < BLOCK; i++)
		hash = hash * FACTOR + bytes[i];
	return hash;
}

static uint32_t factor_out(void)
{
	uint32_t factor = 1;

	for (size_t i = 0; i < BLOCK; i++)
		factor *= FACTOR;
	return factor;
}

static uint32_t bucket(const struct block_index *index, uint32_t hash)
{
	return (hash ^ (hash >> 15)) & index->mask;
}

static bool index_old(struct block_index *index)
{
	size_t blocks = index->old_len / BLOCK, size = 256;

	while (size < blocks * 2)
		size *= 2;
	index->mask = (uint32_t)(size - 1);
	index->first = calloc(size, sizeof(*index->first));
	index->next = calloc(blocks + 1, sizeof(*index->next));
	if (!index->first || !index->next)
		return false;
	/* From the end, so that chains begin with the first of many equal blocks. */
	for (size_t i = blocks; i-- > 0;) {
		uint32_t at = bucket(index, hash_block(index->old + i * BLOCK));

		index->next[i] = index->first[at];
		index->first[at] = (uint32_t)i + 1;
	}
	return true;
}

static size_t same_bytes(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len)
{
	size_t max = a_len < b_len ? a_len : b_len, len = 0;

	while (len < max && a[len] == b[len])
		len++;
	return len;
}

/* The longest run of the old version that goes on like the new one at @at; 0 is none. */
static size_t find_copy(const struct encoder *encoder, size_t at, uint32_t hash,
			size_t *out_from)
{
	const struct block_index *index = &encoder->index;
	const uint8_t *new = encoder->new + at;
	size_t left = encoder->new_len - at, best = 0;
	uint32_t block = index->first[bucket(index, hash)];

	if (encoder->expected < index->old_len) {
		*out_from = encoder->expected;
		best = same_bytes(index->old + *out_from, index->old_len - *out_from, new,
				  left);
	}
	for (int i = 0; block && i < CANDIDATES; i++, block = index->next[block - 1]) {
		size_t from = (size_t)(block - 1) * BLOCK;
		size_t len =
			same_bytes(index->old + from, index->old_len - from, new, left);

		if (len > best) {
			best = len;
			*out_from = from;
		}
	}
	return best >= BLOCK ? best : 0;
}

static void add_bytes(struct encoder *encoder, size_t from, size_t to)
{
	const uint8_t code = CODE_ADD;

	if (from == to)
		return;
	put(&encoder->codes, &code, 1);
	put_number(&encoder->codes, to - from);
	put(&encoder->data, encoder->new + from, to - from);
}

static void copy_bytes(struct encoder *encoder, size_t from, size_t len)
{
	const uint8_t code = CODE_COPY;

	put(&encoder->codes, &code, 1);
	put_number(&encoder->codes, len);
	put_number(&encoder->addresses, from);
	encoder->expected = from + len;
}

/* Greedy: the longest copy at the first place where there is one. */
static void encode(struct encoder *encoder)
{
	const uint32_t out = factor_out();
	const uint8_t *new = encoder->new;
	size_t done = 0, at = 0;
	uint32_t hash = 0;
	bool hashed = false;

	while (at + BLOCK <= encoder->new_len && !encoder->data.failed) {
		size_t from = 0, len;

		if (!hashed)
			hash = hash_block(new + at);
		hashed = true;
		len = find_copy(encoder, at, hash, &from);
		if (len == 0) {
			if (at + BLOCK < encoder->new_len)
				hash = hash * FACTOR + new[at + BLOCK] - new[at] * out;
			at++;
			continue;
		}
		while (at > done && from > 0 &&
		       encoder->index.old[from - 1] == new[at - 1]) {
			at--;
			from--;
			len++;
		}
		add_bytes(encoder, done, at);
		copy_bytes(encoder, from, len);
		done = at = at + len;
		hashed = false;
	}
	add_bytes(encoder, done, encoder->new_len);
}

/* The file header, the window's, and the three sections (section 4). */
static void assemble(const struct encoder *encoder, struct section *out)
{
	const uint8_t window = WINDOW_SOURCE, plain = 0;
	const struct section *data = &encoder->data, *codes = &encoder->codes,
			     *addresses = &encoder->addresses;
	size_t len = number_size(encoder->new_len) + 1 + number_size(data->len) +
		     number_size(codes->len) + number_size(addresses->len) + data->len +
		     codes->len + addresses->len;

	out->failed = data->failed || codes->failed || addresses->failed;
	put(out, header, sizeof(header));
	put(out, &window, 1);
	put_number(out, encoder->index.old_len);
	put_number(out, 0);
	put_number(out, len);
	put_number(out, encoder->new_len);
	put(out, &plain, 1);
	put_number(out, data->len);
	put_number(out, codes->len);
	put_number(out, addresses->len);
	put(out, data->bytes, data->len);
	put(out, codes->bytes, codes->len);
	put(out, addresses->bytes, addresses->len);
}

char *delta_make(const void *old, size_t old_len, const void *new, size_t new_len,
		 size_t *out_len, struct err *err)
{
	struct encoder encoder = {
		.index = {.old = old, .old_len = old_len},
		.new = new,
		.new_len = new_len,
	};
	struct section out = {0};

	if (old_len > DELTA_FILE_MAX || new_len > DELTA_FILE_MAX) {
		err_set(err, ERR_TOO_LARGE, "no differences of files over %zu bytes",
			DELTA_FILE_MAX);
		return NULL;
	}
	out.failed = !index_old(&encoder.index);
	if (!out.failed) {
		encode(&encoder);
		assemble(&encoder, &out);
	}
	free(encoder.index.first);
	free(encoder.index.next);
	free(encoder.data.bytes);
	free(encoder.codes.bytes);
	free(encoder.addresses.bytes);
	if (out.failed) {
		free(out.bytes);
		err_set(err, ERR_TOO_LARGE, "the difference is over %zu bytes",
			DELTA_MAX);
		return NULL;
	}
	*out_len = out.len;
	return (char *)out.bytes;
}

/*
 * --- applying --------------------------------------------------------------------------
 */

struct reader {
	const uint8_t *at, *end;
};

static bool take_byte(struct reader *reader, uint8_t *out)
{
	if (reader->at == reader->end)
		return false;
	*out = *reader->at++;
	return true;
}

static bool take_number(struct reader *reader, size_t *out)
{
	size_t number = 0;

	for (int i = 0; i < NUMBER_MAX; i++) {
		uint8_t digit;

		if (!take_byte(reader, &digit))
			return false;
		number = number << 7 | (digit & 0x7f);
		if (!(digit & 0x80)) {
			*out = number;
			return true;
		}
	}
	return false;
}

static bool take_part(struct reader *reader, size_t len, struct reader *out)
{
	if (len > (size_t)(reader->end - reader->at))
		return false;
	*out = (struct reader){reader->at, reader->at + len};
	reader->at += len;
	return true;
}

struct window {
	struct reader data, codes, addresses;
	size_t old_len, new_len;
};

static bool read_window(struct reader *reader, struct window *out)
{
	size_t position, len, data, codes, addresses;
	uint8_t indicator, packed;
	struct reader start;

	return take_part(reader, sizeof(header), &start) &&
	       memcmp(start.at, header, sizeof(header)) == 0 &&
	       take_byte(reader, &indicator) && indicator == WINDOW_SOURCE &&
	       take_number(reader, &out->old_len) && take_number(reader, &position) &&
	       position == 0 && take_number(reader, &len) &&
	       len == (size_t)(reader->end - reader->at) &&
	       take_number(reader, &out->new_len) && take_byte(reader, &packed) &&
	       packed == 0 && take_number(reader, &data) && take_number(reader, &codes) &&
	       take_number(reader, &addresses) && take_part(reader, data, &out->data) &&
	       take_part(reader, codes, &out->codes) &&
	       take_part(reader, addresses, &out->addresses) && reader->at == reader->end;
}

/* One instruction: @*len bytes at @*from. */
static bool take_bytes(struct window *window, const uint8_t *old, const uint8_t **from,
		       size_t *len)
{
	struct reader added;
	size_t address;
	uint8_t code;

	if (!take_byte(&window->codes, &code) || !take_number(&window->codes, len))
		return false;
	if (code == CODE_ADD) {
		if (!take_part(&window->data, *len, &added))
			return false;
		*from = added.at;
		return true;
	}
	if (code != CODE_COPY || !take_number(&window->addresses, &address) ||
	    address > window->old_len || *len > window->old_len - address)
		return false;
	*from = old + address;
	return true;
}

static bool decode(struct window *window, const uint8_t *old, char *out)
{
	size_t done = 0;

	while (window->codes.at < window->codes.end) {
		const uint8_t *from = NULL;
		size_t len = 0;

		if (!take_bytes(window, old, &from, &len) || len > window->new_len - done)
			return false;
		memcpy(out + done, from, len);
		done += len;
	}
	out[done] = '\0';
	return done == window->new_len;
}

char *delta_apply(const void *old, size_t old_len, const void *delta, size_t delta_len,
		  size_t new_len, struct err *err)
{
	struct reader reader = {delta, (const uint8_t *)delta + delta_len};
	struct window window;
	char *out;

	if (delta_len > DELTA_MAX || new_len > DELTA_FILE_MAX) {
		err_set(err, ERR_TOO_LARGE, "the difference is over its maximum");
		return NULL;
	}
	if (!read_window(&reader, &window) || window.old_len != old_len ||
	    window.new_len != new_len) {
		err_set(err, ERR_INVALID,
			"is not a difference (VCDIFF) between these versions");
		return NULL;
	}
	out = malloc(new_len + 1);
	if (!out) {
		err_set(err, ERR_NO_MEMORY, "out of memory");
		return NULL;
	}
	if (!decode(&window, old, out)) {
		free(out);
		err_set(err, ERR_INVALID, "the difference is damaged");
		return NULL;
	}
	return out;
}
