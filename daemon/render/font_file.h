#ifndef RENDER_FONT_FILE_H
#define RENDER_FONT_FILE_H

#include <SDL.h>

#include "core/attr.h"

struct err;
struct font_file;

/*
 * A font's bytes, mapped once however many sizes of it are open: FreeType seeks and reads
 * for every glyph, which through stdio is two system calls each time. Debian replaces
 * packaged files by renaming, so what is mapped here does not change under us.
 */
MUST_USE struct font_file *font_file_open(const char *path, struct err *err);
/* After every stream of it was closed. NULL is fine; returns NULL. */
struct font_file *font_file_close(struct font_file *file);

/* A stream over the bytes, owned by the caller; NULL when memory is short. */
MUST_USE SDL_RWops *font_file_stream(const struct font_file *file);

/*
 * Gives the mapped pages back to the page cache until they are needed again: between
 * slides the fonts need not count as this process's memory.
 */
void font_file_rest(const struct font_file *file);

#endif /* RENDER_FONT_FILE_H */
