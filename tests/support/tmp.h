#ifndef SUPPORT_TMP_H
#define SUPPORT_TMP_H

#include <stddef.h>

#include "core/attr.h"

/*
 * A fresh temporary directory for one test, removed with all it holds by tmp_remove().
 * Fails the test (cmocka) when it can't be made.
 */
char *tmp_dir(void);
void tmp_remove(char *dir); /* TAKES */

/* "@dir/@name", owned by the caller. */
char *tmp_path(const char *dir, const char *name);
/* Writes a file, or fails the test. */
void tmp_write(const char *dir, const char *name, const void *bytes, size_t len);
/* Reads a whole file, NUL-terminated, owned; fails the test when it is not there. */
char *tmp_read(const char *path, size_t *out_len);

#endif /* SUPPORT_TMP_H */
