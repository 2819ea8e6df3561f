#ifndef CITY_PASSWORD_H
#define CITY_PASSWORD_H

#include <stdbool.h>
#include <stddef.h>

#include "core/attr.h"

struct err;

/* Passwords of staff, as yescrypt hashes (crypt(5)) through libxcrypt. */

#define PASSWORD_MIN       12  /* bytes */
#define PASSWORD_MAX       200 /* bytes */
#define PASSWORD_HASH_SIZE 256 /* what struct staff holds, NUL included */
#define PASSWORD_MADE_SIZE 30  /* of password_make(), NUL included */

/* Length, UTF-8 and no control characters. */
MUST_USE bool password_check(const char *password, struct err *err);

/* Takes some 50 ms of processor time on purpose. */
MUST_USE bool password_hash(const char *password, char out[static PASSWORD_HASH_SIZE],
			    struct err *err);

/*
 * Whether @password belongs to @hash; takes as long as password_hash(), and compares in
 * constant time. False as well when the hash can't be used.
 */
bool password_matches(const char *password, const char *hash);

/* A random password of 120 bits that can be read out and typed. */
void password_make(char out[static PASSWORD_MADE_SIZE]);

#endif /* CITY_PASSWORD_H */
