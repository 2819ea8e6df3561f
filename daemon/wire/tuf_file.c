/* What all metadata files have in common: envelope, signatures, header (§4.2). */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "core/err.h"
#include "wire/canonical.h"
#include "wire/public_key.h"
#include "wire/tuf_metadata.h"

const char *tuf_role_text(enum tuf_role_type type)
{
	switch (type) {
	case TUF_ROLE_ROOT:
		return "root";
	case TUF_ROLE_TARGETS:
		return "targets";
	case TUF_ROLE_SNAPSHOT:
		return "snapshot";
	case TUF_ROLE_TIMESTAMP:
		return "timestamp";
	}
	return "unknown";
}

int tuf_shown(const char *text)
{
	size_t len = strnlen(text, 65);

	if (len <= 64)
		return (int)len;
	for (len = 64; len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80; len--)
		;
	return (int)len;
}

/*
 * jansson recurses as deep as a document is nested, and so does canonical_json(): hostile
 * depth is refused on the bytes, before either sees it.
 */
static bool is_too_deep(const char *bytes, size_t len)
{
	bool in_string = false;
	int depth = 0;

	for (size_t i = 0; i < len; i++) {
		if (in_string) {
			if (bytes[i] == '\\')
				i++;
			else if (bytes[i] == '"')
				in_string = false;
		} else if (bytes[i] == '"') {
			in_string = true;
		} else if (bytes[i] == '{' || bytes[i] == '[') {
			if (++depth > TUF_DEPTH_MAX)
				return true;
		} else if (bytes[i] == '}' || bytes[i] == ']') {
			depth--;
		}
	}
	return false;
}

static bool parse(struct tuf_file *file, const void *bytes, size_t len, size_t max_bytes,
		  struct err *err)
{
	json_error_t error;

	if (len > max_bytes)
		return err_set(err, ERR_TOO_LARGE,
			       "%s: %zu bytes are over the maximum of %zu", file->name,
			       len, max_bytes);
	if (is_too_deep(bytes, len))
		return err_set(err, ERR_INVALID, "%s: nested deeper than %d levels",
			       file->name, TUF_DEPTH_MAX);
	file->json = json_loadb(bytes, len, JSON_REJECT_DUPLICATES, &error);
	if (!file->json)
		return err_set(err, ERR_INVALID, "%s:%d:%d: not JSON: %s", file->name,
			       error.line, error.column, error.text);

	file->content = json_object_get(file->json, "signed");
	file->signatures = json_object_get(file->json, "signatures");
	if (!json_is_object(file->content) || !json_is_array(file->signatures))
		return err_set(
			err, ERR_INVALID,
			"%s: needs an object \"signed\" and an array \"signatures\"",
			file->name);
	return true;
}

/* §4.2: "multiple signatures with the same keyid are not allowed". */
static bool check_signatures(const struct tuf_file *file, struct err *err)
{
	size_t count = json_array_size(file->signatures);

	if (count > TUF_SIGNATURES_MAX)
		return err_set(err, ERR_TOO_LARGE,
			       "%s: %zu signatures are over the maximum of %d",
			       file->name, count, TUF_SIGNATURES_MAX);
	for (size_t i = 0; i < count; i++) {
		const json_t *signature = json_array_get(file->signatures, i);
		const char *id = json_string_value(json_object_get(signature, "keyid"));

		if (!id || !json_is_string(json_object_get(signature, "sig")))
			return err_set(
				err, ERR_INVALID,
				"%s: signatures[%zu]: needs the texts keyid and sig",
				file->name, i);
		for (size_t j = 0; j < i; j++) {
			const json_t *before = json_array_get(file->signatures, j);

			if (strcmp(id, json_string_value(
					       json_object_get(before, "keyid"))) == 0)
				return err_set(err, ERR_UNTRUSTED,
					       "%s: signatures[%zu]: the key id %.*s has "
					       "signed already",
					       file->name, i, tuf_shown(id), id);
		}
	}
	return true;
}

static const char *skip_digits(const char *text)
{
	while (isdigit((unsigned char)*text))
		text++;
	return text;
}

/* §4.3: of the same major version, "1.0.34"; early repositories wrote "1.0". */
static bool is_known_spec_version(const char *text)
{
	const char *rest;

	if (strncmp(text, "1.", 2) != 0)
		return false;
	rest = skip_digits(text + 2);
	if (rest == text + 2)
		return false;
	if (*rest == '.') {
		const char *patch = rest + 1;

		rest = skip_digits(patch);
		if (rest == patch)
			return false;
	}
	return *rest == '\0' || *rest == '-' || *rest == '+';
}

static int number_at(const char *text, int digits)
{
	int value = 0;

	for (int i = 0; i < digits; i++)
		value = value * 10 + (text[i] - '0');
	return value;
}

/* §4.2: exactly "YYYY-MM-DDTHH:MM:SSZ", and any year: some repositories end in 9999. */
static bool parse_date_time(const char *text, struct wall_ms *out)
{
	static const char form[] = "0000-00-00T00:00:00Z";
	struct civil civil = {0};

	if (strlen(text) != strlen(form))
		return false;
	for (size_t i = 0; form[i]; i++) {
		if (form[i] == '0' ? !isdigit((unsigned char)text[i])
				   : text[i] != form[i])
			return false;
	}
	civil.year = number_at(text, 4);
	civil.month = number_at(text + 5, 2);
	civil.day = number_at(text + 8, 2);
	civil.hour = number_at(text + 11, 2);
	civil.minute = number_at(text + 14, 2);
	civil.second = number_at(text + 17, 2);
	if (!civil_is_valid(&civil))
		return false;
	*out = wall_from_civil_utc(&civil);
	return true;
}

static bool read_header(struct tuf_file *file, struct err *err)
{
	const char *spec =
		json_string_value(json_object_get(file->content, "spec_version"));
	const json_t *version = json_object_get(file->content, "version");
	const char *expires =
		json_string_value(json_object_get(file->content, "expires"));

	if (!spec || !is_known_spec_version(spec))
		return err_set(err, ERR_INVALID,
			       "%s: signed.spec_version: not a version 1 of the TUF "
			       "specification",
			       file->name);
	if (!json_is_integer(version) || json_integer_value(version) < 1)
		return err_set(err, ERR_INVALID,
			       "%s: signed.version: not an integer above 0", file->name);
	if (!expires || !parse_date_time(expires, &file->header.expires))
		return err_set(err, ERR_INVALID,
			       "%s: signed.expires: not a date-time like "
			       "2026-11-22T06:29:00Z",
			       file->name);
	file->header.version = json_integer_value(version);
	return true;
}

bool tuf_file_read_any(struct tuf_file *file, const char *name, const void *bytes,
		       size_t len, size_t max_bytes, struct err *err)
{
	*file = (struct tuf_file){.name = name};
	if (!parse(file, bytes, len, max_bytes, err) || !check_signatures(file, err) ||
	    !read_header(file, err))
		goto fail;
	file->canonical = canonical_json(file->content, &file->canonical_len, err);
	if (!file->canonical) {
		err_prefix(err, "%s: signed", name);
		goto fail;
	}
	file->header.length = (int64_t)len;
	sha256(bytes, len, file->header.sha256);
	sha512(bytes, len, file->header.sha512);
	return true;
fail:
	tuf_file_done(file);
	return false;
}

bool tuf_file_read(struct tuf_file *file, const char *name, enum tuf_role_type type,
		   const void *bytes, size_t len, size_t max_bytes, struct err *err)
{
	const char *says;

	if (!tuf_file_read_any(file, name, bytes, len, max_bytes, err))
		return false;
	says = json_string_value(json_object_get(file->content, "_type"));
	if (!says)
		says = "";
	if (strcmp(says, tuf_role_text(type)) == 0)
		return true;

	/* @says belongs to the document that is freed last. */
	err_set(err, ERR_UNTRUSTED, "%s: signed._type: \"%.*s\" where \"%s\" belongs",
		name, tuf_shown(says), says, tuf_role_text(type));
	tuf_file_done(file);
	return false;
}

void tuf_file_done(struct tuf_file *file)
{
	json_decref(file->json);
	free(file->canonical);
	*file = (struct tuf_file){0};
}

bool tuf_role_has(const struct tuf_role *role, const char *key_id)
{
	for (size_t i = 0; i < role->count; i++) {
		if (strcmp(role->key_ids[i], key_id) == 0)
			return true;
	}
	return false;
}

const struct public_key *tuf_keyring_find(const struct tuf_keyring *keyring,
					  const char *key_id)
{
	for (size_t i = 0; i < keyring->count; i++) {
		if (strcmp(keyring->keys[i].id, key_id) == 0)
			return keyring->keys[i].key;
	}
	return NULL;
}

/* A text that is no hexadecimal (empty where a signature is still to come) is by nobody. */
static bool is_signed_by(const struct tuf_file *file, const char *hex,
			 const struct public_key *key)
{
	uint8_t signature[PUBLIC_KEY_SIGNATURE_MAX];
	size_t len = strlen(hex) / 2;

	return len > 0 && len <= sizeof(signature) && hex_decode(hex, signature, len) &&
	       public_key_verify(key, file->canonical, file->canonical_len, signature,
				 len);
}

bool tuf_file_verify(const struct tuf_file *file, const struct tuf_keyring *keyring,
		     const struct tuf_role *role, const char *role_text, struct err *err)
{
	const struct public_key *counted[TUF_SIGNATURES_MAX];
	size_t count = 0;

	for (size_t i = 0; i < json_array_size(file->signatures); i++) {
		const json_t *entry = json_array_get(file->signatures, i);
		const char *id = json_string_value(json_object_get(entry, "keyid"));
		const char *hex = json_string_value(json_object_get(entry, "sig"));
		const struct public_key *key = tuf_keyring_find(keyring, id);
		bool again = false;

		if (!key || !tuf_role_has(role, id))
			continue;
		/* One key listed under two ids is still one person's consent. */
		for (size_t j = 0; j < count && !again; j++)
			again = public_key_equal(counted[j], key);
		if (!again && is_signed_by(file, hex, key))
			counted[count++] = key;
	}
	if ((int64_t)count >= role->threshold)
		return true;
	return err_set(err, ERR_UNTRUSTED,
		       "%s: signed by %zu of the %lld keys that the role %s needs",
		       file->name, count, (long long)role->threshold, role_text);
}
