/* Checks that several roles have in common. */
#include <inttypes.h>
#include <string.h>

#include "core/err.h"
#include "wire/digest.h"
#include "wire/tuf_check.h"
#include "wire/tuf_metadata.h"

bool tuf_check_end(const char *name, const struct tuf_header *header, struct wall_ms now,
		   bool accept_expired, struct err *err)
{
	char end[WALL_TEXT_SIZE];

	if (accept_expired || header->expires.ms > now.ms)
		return true;
	wall_format_utc(header->expires, end);
	return err_set(err, ERR_EXPIRED,
		       "%s: version %" PRId64 " ended at %s; the repository is out of "
		       "date, or someone holds back its news",
		       name, header->version, end);
}

bool tuf_check_bytes(const char *name, const struct tuf_meta *meta, const void *bytes,
		     size_t len, struct err *err)
{
	uint8_t hash[SHA512_SIZE];

	if (meta->length > 0 && (uint64_t)meta->length != len)
		return err_set(err, ERR_UNTRUSTED,
			       "%s: has %zu bytes where %" PRId64 " were signed for",
			       name, len, meta->length);
	if (meta->has_sha256) {
		sha256(bytes, len, hash);
		if (memcmp(hash, meta->sha256, SHA256_SIZE) != 0)
			return err_set(err, ERR_UNTRUSTED,
				       "%s: its SHA-256 is not the one signed for", name);
	}
	if (meta->has_sha512) {
		sha512(bytes, len, hash);
		if (memcmp(hash, meta->sha512, SHA512_SIZE) != 0)
			return err_set(err, ERR_UNTRUSTED,
				       "%s: its SHA-512 is not the one signed for", name);
	}
	return true;
}

bool tuf_check_version(const char *name, int64_t version, int64_t named, struct err *err)
{
	if (version == named)
		return true;
	return err_set(err, ERR_UNTRUSTED,
		       "%s: is version %" PRId64 " where version %" PRId64
		       " was signed for",
		       name, version, named);
}
