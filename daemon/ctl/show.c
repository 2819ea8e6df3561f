/* What a person goes by who is about to sign. */
#include "ctl/show.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/err.h"
#include "core/notice.h"
#include "ctl/ctl.h"
#include "sync/http.h"
#include "wire/digest.h"
#include "wire/programme_json.h"
#include "wire/tuf.h"

bool show_fetch(struct ctl *ctl, const struct tuf_target *target,
		struct http_response *out, struct err *err)
{
	char hex[SHA256_HEX_SIZE], url[SHA256_HEX_SIZE + 16];

	if (!target->has_sha256)
		return err_set(err, ERR_INVALID, "%s: has no SHA-256", target->path);
	hex_encode(target->sha256, SHA256_SIZE, hex);
	snprintf(url, sizeof(url), "objects/%s", hex);
	return ctl_send(ctl, "GET", url, NULL, 0, out, err) &&
	       tuf_target_check(target, out->body, out->body_len, err);
}

/* Texts as they are written: who signs answers for the readings in them, too. */
void show_notice(char mark, const struct notice *notice)
{
	char from[WALL_TEXT_SIZE], until[WALL_TEXT_SIZE];

	wall_format_jst(notice->from, from);
	wall_format_jst(notice->until, until);
	printf("%c %s revision %" PRId64 "%s\n    「%s」 %s\n    %s – %s\n", mark,
	       notice->id, notice->revision, notice->urgent ? " URGENT" : "",
	       notice->title, notice->department, from, until);
	if (notice->body)
		printf("    %s\n", notice->body);
	if (notice->picture)
		printf("    picture %d×%d: %s\n", notice->picture->width,
		       notice->picture->height, notice->picture->alt);
	for (int i = 0; i < NOTICE_LANGUAGES; i++) {
		const struct notice_translation *other = notice->translations[i];

		if (other)
			printf("    %s: %s\n    %s\n",
			       notice_language_name((enum notice_language)i),
			       other->title, other->body ? other->body : "");
	}
}

bool show_same(const struct notice *left, const struct notice *right, bool *out,
	       struct err *err)
{
	uint8_t hashes[2][SHA256_SIZE];

	if (!notice_content_hash(left, hashes[0], err) ||
	    !notice_content_hash(right, hashes[1], err))
		return false;
	*out = memcmp(hashes[0], hashes[1], SHA256_SIZE) == 0;
	return true;
}
