#include "city/online_key.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "core/err.h"
#include "os/file.h"
#include "wire/tuf.h"

static bool key_path(const char *state_dir, const char *role, bool next,
		     char out[static PATH_MAX], struct err *err)
{
	char name[64];

	snprintf(name, sizeof(name), "keys/%s%s.pem", role, next ? "-next" : "");
	return path_join(out, PATH_MAX, state_dir, name, err);
}

static struct signer *read_key(const char *state_dir, const char *role, bool next,
			       struct err *err)
{
	CLEANUP(blob_free) struct blob pem = {0};
	struct signer *signer;
	char path[PATH_MAX];

	if (!key_path(state_dir, role, next, path, err) ||
	    !file_read(path, KEY_PEM_MAX, &pem, err))
		return NULL;
	signer = signer_from_pem(pem.bytes, pem.len, err);
	if (!signer)
		err_prefix(err, "%s", path);
	explicit_bzero(pem.bytes, pem.len);
	return signer;
}

/* The next key; NULL without a failure when there is none. */
static bool read_next(const char *state_dir, const char *role, struct signer **out,
		      struct err *err)
{
	*out = read_key(state_dir, role, true, err);
	return *out || err->code == ERR_NOT_FOUND;
}

/* Whether the root of @trust names the key of @signer for @role: asked with a signature. */
static bool is_named(const struct tuf_trust *trust, const char *role,
		     const struct signer *signer)
{
	static const char probe[] = "ekimae: is this key of the role?";
	uint8_t signature[ED25519_SIGNATURE_SIZE];
	struct err err;

	return signer_sign(signer, probe, sizeof(probe), signature, &err) &&
	       tuf_role_signed(trust, role, probe, sizeof(probe), signer_key_id(signer),
			       signature, sizeof(signature));
}

struct signer *online_key_open_present(const char *state_dir, const char *role,
				       struct err *err)
{
	return read_key(state_dir, role, false, err);
}

struct signer *online_key_open(const char *state_dir, const char *role,
			       const struct tuf_trust *trust, struct err *err)
{
	struct signer *signer;

	if (!read_next(state_dir, role, &signer, err))
		return NULL;
	if (signer && is_named(trust, role, signer))
		return signer;
	signer_free(signer);
	signer = read_key(state_dir, role, false, err);
	if (!signer || is_named(trust, role, signer))
		return signer;
	err_set(err, ERR_UNTRUSTED,
		"keys/%s.pem: root version %lld does not name this key for %s; get the "
		"server's key with \"ekimaectl key rotate\", and sign a root that does",
		role, (long long)tuf_root_version(trust), role);
	return signer_free(signer);
}

static bool write_key(const char *path, const struct signer *signer, struct err *err)
{
	char *pem = signer_to_pem(signer, err);
	bool ok = pem && file_write_atomic(path, pem, strlen(pem), 0600, err);

	signer_pem_free(pem);
	return ok;
}

bool online_key_offer(const char *state_dir, const char *role,
		      uint8_t out[static ED25519_PUBLIC_SIZE], struct err *err)
{
	char path[PATH_MAX];
	struct signer *signer;
	bool ok = true;

	if (!key_path(state_dir, role, true, path, err) ||
	    !read_next(state_dir, role, &signer, err))
		return false;
	if (!signer) {
		signer = signer_generate(err);
		ok = signer && write_key(path, signer, err);
	}
	if (ok)
		signer_public(signer, out);
	signer_free(signer);
	return ok;
}

bool online_key_settle(const char *state_dir, const char *role,
		       const struct tuf_trust *trust, struct err *err)
{
	char next[PATH_MAX], present[PATH_MAX];
	struct signer *signer;
	bool named;

	if (!key_path(state_dir, role, true, next, err) ||
	    !key_path(state_dir, role, false, present, err) ||
	    !read_next(state_dir, role, &signer, err))
		return false;
	named = signer && is_named(trust, role, signer);
	signer_free(signer);
	if (named && rename(next, present) < 0)
		return err_set_errno(err, "%s", present);
	return true;
}
