#include "ctl/signers.h"

#include "core/err.h"
#include "ctl/key.h"
#include "wire/key.h"

void signers_done(struct signers *signers)
{
	for (size_t i = 0; i < signers->count; i++)
		signer_free(signers->list[i]);
	signers->count = 0;
}

bool signers_load(struct signers *out, const char (*paths)[PATH_MAX], size_t count,
		  struct err *err)
{
	for (size_t i = 0; i < count; i++) {
		out->list[i] = key_read_signer(paths[i], err);
		if (!out->list[i])
			return false;
		out->count++;
	}
	return true;
}

bool signers_needed(const char *role, size_t count, struct err *err)
{
	return count > 0 ||
	       err_set(err, ERR_CONFIG,
		       "no key to sign with: set [keys].%s in ctl.conf, or use --%s-key",
		       role, role);
}
