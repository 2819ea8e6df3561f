#ifndef CITY_MAINTAIN_H
#define CITY_MAINTAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "core/attr.h"

struct city_settings;
struct err;

/* What a person does with the state of a city server, whether it is running or not. */

/*
 * Copies the database (store/db.h: db_backup()) to the new file @path. Keys, objects and
 * repository are files that are never written to but replaced: copy those after it.
 */
MUST_USE bool maintain_backup(const struct city_settings *settings, const char *path,
			      struct err *err);

/* What was found of one screen, or of the audit log. */
struct maintain_finding {
	const char *what;    /* "screen tanashi-1", "audit log" */
	int64_t rows;        /* intact ones, when @problem is NULL */
	const char *problem; /* a sentence; NULL: none */
};

typedef void maintain_finding_fn(void *context, const struct maintain_finding *finding);

/*
 * Checks the chain and totals of every screen, and the chain of the audit log, and tells
 * @each. False with ERR_UNTRUSTED when something was altered.
 */
MUST_USE bool maintain_verify(const struct city_settings *settings,
			      maintain_finding_fn *each, void *context, struct err *err);

#endif /* CITY_MAINTAIN_H */
