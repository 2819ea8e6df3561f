/* What files are called: in URLs (§5.5.1, 5.6.1, 5.7.3) and where they are kept. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "wire/digest.h"
#include "wire/tuf.h"
#include "wire/url.h"

void tuf_target_url(const struct tuf_trust *trust, const struct tuf_target *target,
		    char out[static TUF_URL_MAX])
{
	char file[TUF_TARGET_FILE_MAX];

	tuf_target_file(trust, target, file);
	(void)!url_path_quote(file, out, TUF_URL_MAX); /* it fits: three for each byte */
}

void tuf_role_url(const struct tuf_trust *trust, const char *role, int64_t version,
		  char out[static TUF_URL_MAX])
{
	char quoted[3 * TUF_ROLE_NAME_MAX];

	/* Longer names are refused when metadata is read. */
	(void)!url_quote(role, "", quoted, sizeof(quoted));
	if (tuf_consistent_snapshot(trust))
		snprintf(out, TUF_URL_MAX, "%" PRId64 ".%s.json", version, quoted);
	else
		snprintf(out, TUF_URL_MAX, "%s.json", quoted);
}

/* @quoted with @suffix behind it; what would be too long ends in the hash of @text. */
static void make_name(const char *text, const char *quoted, const char *suffix,
		      char out[static TUF_FILE_NAME_MAX])
{
	uint8_t hash[SHA256_SIZE];
	char hex[SHA256_HEX_SIZE];
	size_t room = TUF_FILE_NAME_MAX - 1 - strlen(suffix);

	if (strlen(quoted) <= room) {
		snprintf(out, TUF_FILE_NAME_MAX, "%s%s", quoted, suffix);
		return;
	}
	sha256(text, strlen(text), hash);
	hex_encode(hash, sizeof(hash), hex);
	snprintf(out, TUF_FILE_NAME_MAX, "%.*s~%s%s", (int)(room - sizeof(hex)), quoted,
		 hex, suffix);
}

void tuf_role_file(const char *role, char out[static TUF_FILE_NAME_MAX])
{
	char quoted[3 * TUF_ROLE_NAME_MAX], name[9 * TUF_ROLE_NAME_MAX];
	size_t len = 0;

	(void)!url_quote(role, "", quoted, sizeof(quoted));
	for (const char *at = quoted; *at; at++) {
		if (*at == '.') {
			memcpy(name + len, "%2E", 3);
			len += 3;
		} else {
			name[len++] = *at;
		}
	}
	name[len] = '\0';
	make_name(role, name, ".json", out);
}

void tuf_target_local(const char *path, char out[static TUF_FILE_NAME_MAX])
{
	char quoted[3 * TUF_TARGET_PATH_MAX];

	/* Two names are not files', though nothing in them has to be encoded. */
	if (strcmp(path, ".") == 0)
		snprintf(quoted, sizeof(quoted), "%%2E");
	else if (strcmp(path, "..") == 0)
		snprintf(quoted, sizeof(quoted), "%%2E%%2E");
	else
		(void)!url_quote(path, "", quoted, sizeof(quoted));
	make_name(path, quoted, "", out);
}
