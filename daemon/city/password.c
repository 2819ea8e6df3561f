#include "city/password.h"

#include <crypt.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/err.h"
#include "core/utf8.h"
#include "os/file.h"

/* crypt_r(3)'s working memory: 32 KiB, too much for a thread's stack. */
static struct crypt_data *scratch_new(void)
{
	return calloc(1, sizeof(struct crypt_data));
}

static void scratch_free(struct crypt_data **scratch)
{
	if (*scratch) {
		explicit_bzero(*scratch, sizeof(**scratch));
		free(*scratch);
	}
}

bool password_check(const char *password, struct err *err)
{
	size_t len = strlen(password);

	if (len < PASSWORD_MIN || len > PASSWORD_MAX)
		return err_set(err, ERR_INVALID,
			       "a password has %d to %d bytes, this one has %zu",
			       PASSWORD_MIN, PASSWORD_MAX, len);
	if (!utf8_is_valid(password) || utf8_has_control(password) ||
	    strchr(password, '\n'))
		return err_set(err, ERR_INVALID,
			       "a password holds no control characters and is UTF-8");
	return true;
}

bool password_hash(const char *password, char out[static PASSWORD_HASH_SIZE],
		   struct err *err)
{
	CLEANUP(scratch_free) struct crypt_data *scratch = scratch_new();
	char setting[CRYPT_GENSALT_OUTPUT_SIZE], salt[32];
	const char *hash;

	if (!scratch)
		return err_set(err, ERR_NO_MEMORY, "out of memory for a password hash");
	random_bytes(salt, sizeof(salt));
	if (!crypt_gensalt_rn("$y$", 0, salt, sizeof(salt), setting, sizeof(setting)))
		return err_set_errno(err, "crypt_gensalt: yescrypt");
	hash = crypt_r(password, setting, scratch);
	if (!hash || hash[0] == '*')
		return err_set_errno(err, "crypt: yescrypt");
	if (strlen(hash) >= PASSWORD_HASH_SIZE)
		return err_set(err, ERR_INTERNAL, "crypt: a hash of %zu bytes",
			       strlen(hash));
	memcpy(out, hash, strlen(hash) + 1);
	return true;
}

/* Neither the place of the first difference nor any other shows in the time taken. */
static bool equal_in_constant_time(const char *a, const char *b, size_t len)
{
	volatile unsigned char difference = 0;

	for (size_t i = 0; i < len; i++)
		difference |= (unsigned char)(a[i] ^ b[i]);
	return difference == 0;
}

bool password_matches(const char *password, const char *hash)
{
	CLEANUP(scratch_free) struct crypt_data *scratch = scratch_new();
	const char *made = scratch ? crypt_r(password, hash, scratch) : NULL;

	return made && made[0] != '*' && strlen(made) == strlen(hash) &&
	       equal_in_constant_time(made, hash, strlen(hash));
}

void password_make(char out[static PASSWORD_MADE_SIZE])
{
	static const char alphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";
	uint8_t bytes[24];
	size_t len = 0;

	random_bytes(bytes, sizeof(bytes));
	for (size_t i = 0; i < sizeof(bytes); i++) {
		if (i > 0 && i % 4 == 0)
			out[len++] = '-';
		out[len++] = alphabet[bytes[i] & 31];
	}
	out[len] = '\0';
	explicit_bzero(bytes, sizeof(bytes));
}
