#ifndef CITY_FILES_H
#define CITY_FILES_H

#include <stdbool.h>

#include "core/attr.h"

struct err;
struct publisher;
struct reply;
struct request;

#define FILES_PREFIX "/repository/"

/*
 * Serves a file of the repository (docs/protocol.md section 1), from any thread and without
 * the city's lock. Files with a version or hash in their name never change: they may be
 * kept for good; timestamp.json must be asked for again. ETags are SHA-256; 304 when
 * If-None-Match names it.
 */
MUST_USE bool files_serve(const struct publisher *publisher,
			  const struct request *request, struct reply *reply,
			  struct err *err);

#endif /* CITY_FILES_H */
