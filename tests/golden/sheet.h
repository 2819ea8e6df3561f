#ifndef GOLDEN_SHEET_H
#define GOLDEN_SHEET_H

#include <stdbool.h>

#include "core/attr.h"

struct canvas;
struct err;

/* A contact sheet: many small pictures of one size, each with its name below. */
struct sheet;

MUST_USE struct sheet *sheet_new(struct err *err);
struct sheet *sheet_free(struct sheet *sheet); /* NULL is fine; returns NULL */

/* Takes @picture even when it fails; a picture that is @marked gets a red frame. */
MUST_USE bool sheet_add(struct sheet *sheet, TAKES struct canvas *picture,
			const char *name, bool marked, struct err *err);

/* All of them in the order in which they came, in one PNG. */
MUST_USE bool sheet_save(const struct sheet *sheet, bool dark, const char *path,
			 struct err *err);

#endif /* GOLDEN_SHEET_H */
