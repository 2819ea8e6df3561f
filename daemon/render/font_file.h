#ifndef RENDER_FONT_FILE_H
#define RENDER_FONT_FILE_H

#include <SDL.h>

#include "core/attr.h"

struct err;
struct font_file;

/*
 * A font's bytes, opened once however many sizes of it are in use. Debian replaces packaged
 * files by renaming, so what is open here does not change under us.
 */
MUST_USE struct font_file *font_file_open(const char *path, struct err *err);
/* After every stream of it was closed. NULL is fine; returns NULL. */
struct font_file *font_file_close(struct font_file *file);

/*
 * To read the bytes, owned by the caller; NULL when memory is short. Borrows @file, of which
 * one thread may use all streams, as they share what was read last.
 */
MUST_USE SDL_RWops *font_file_stream(struct font_file *file);

#endif /* RENDER_FONT_FILE_H */
