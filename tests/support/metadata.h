#ifndef SUPPORT_METADATA_H
#define SUPPORT_METADATA_H

#include <stddef.h>
#include <stdint.h>

struct signer;

/*
 * TUF metadata as text, for tests that bend it: JSON of the signed part in, a signed file
 * out. All results are owned; what goes wrong fails the test.
 */

/* The file with @content as its "signed", signed by these; NUL-terminated. */
char *metadata_sign(const char *content, const struct signer *const *signers,
		    size_t count);

/* The signed part of a file, as canonical JSON. */
char *metadata_content(const char *file);

/* The JSON object @object with the member @name set to @value, JSON text both. */
char *metadata_set(const char *object, const char *name, const char *value);

/*
 * A "delegations" object of one role, with @signer's key: `paths` is the JSON text of its
 * patterns, "[\"emergency/?\"]".
 */
char *metadata_delegations(const char *role, const struct signer *signer,
			   const char *paths, int terminating);

#endif /* SUPPORT_METADATA_H */
