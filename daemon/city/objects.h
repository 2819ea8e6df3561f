#ifndef CITY_OBJECTS_H
#define CITY_OBJECTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/attr.h"
#include "wire/digest.h"

struct blob;
struct err;

/*
 * Objects: bytes under their own SHA-256 in the folder objects/ of the state. Staff put
 * there what a publication will hold, before it is signed.
 */
#define OBJECT_MAX (10 * 1024 * 1024) /* bytes */

/* ERR_INVALID when the bytes do not have this hash. Durable when this returns true. */
MUST_USE bool object_put(const char *state_dir,
			 const uint8_t sha256_of[static SHA256_SIZE], const void *bytes,
			 size_t len, struct err *err);

/* The whole object, its hash checked again: ERR_NOT_FOUND, or ERR_IO when it is damaged. */
MUST_USE bool object_get(const char *state_dir,
			 const uint8_t sha256_of[static SHA256_SIZE], struct blob *out,
			 struct err *err);

#endif /* CITY_OBJECTS_H */
