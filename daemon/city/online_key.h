#ifndef CITY_ONLINE_KEY_H
#define CITY_ONLINE_KEY_H

#include <stdbool.h>
#include <stdint.h>

#include "core/attr.h"
#include "wire/key.h"

struct err;
struct tuf_trust;

/*
 * The keys of an online role ("snapshot", "timestamp") below the state folder:
 *
 *   keys/ROLE.pem       what the role signs with
 *   keys/ROLE-next.pem  what it will sign with, once a root names it
 *
 * Which of the two signs is decided by the trusted root alone, so that a kill between a new
 * root and the change of files does no harm.
 */

/*
 * The private key for @role under @trust: the next one where the root names it, else the
 * present one; ERR_UNTRUSTED when it names neither. NULL on failure.
 */
MUST_USE struct signer *online_key_open(const char *state_dir, const char *role,
					const struct tuf_trust *trust, struct err *err);
/* As online_key_open(), without a root to ask: the present key. */
MUST_USE struct signer *online_key_open_present(const char *state_dir, const char *role,
						struct err *err);

/* The public part of the next key, which is made when there is none yet. */
MUST_USE bool online_key_offer(const char *state_dir, const char *role,
			       uint8_t out[static ED25519_PUBLIC_SIZE], struct err *err);

/*
 * Once @trust is in force: the next key becomes the present one where the root names it, and
 * the old one is deleted.
 */
MUST_USE bool online_key_settle(const char *state_dir, const char *role,
				const struct tuf_trust *trust, struct err *err);

#endif /* CITY_ONLINE_KEY_H */
