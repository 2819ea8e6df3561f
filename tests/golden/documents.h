#ifndef GOLDEN_DOCUMENTS_H
#define GOLDEN_DOCUMENTS_H

#include <stdbool.h>

#include "core/attr.h"

struct err;
struct scene;

/*
 * The pictures in docs/images, of slides without samples: what the README and the documents
 * show is what is drawn now. Both make @scene forget its samples.
 */

/* Draws them anew, into the files that differ; says which. */
MUST_USE bool documents_write(struct scene *scene, struct err *err);

/*
 * ERR_INVALID where one differs from what is drawn now by more than thumbnail_same() allows;
 * those stay in @folder, which is made.
 */
MUST_USE bool documents_check(struct scene *scene, const char *folder, struct err *err);

#endif /* GOLDEN_DOCUMENTS_H */
