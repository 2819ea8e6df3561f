#include "render/font_file.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/err.h"

struct font_file {
	void *bytes;
	size_t len;
};

struct font_file *font_file_open(const char *path, struct err *err)
{
	struct font_file *file = calloc(1, sizeof(*file));
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat info;

	if (file == NULL) {
		err_set(err, ERR_NO_MEMORY, "fonts: out of memory");
		goto fail;
	}
	if (fd < 0 || fstat(fd, &info) < 0) {
		err_set_errno(err, "fonts: %s", path);
		goto fail;
	}
	/* SDL counts in int. */
	if (!S_ISREG(info.st_mode) || info.st_size < 1 || info.st_size > INT_MAX) {
		err_set(err, ERR_IO, "fonts: %s is no font file", path);
		goto fail;
	}
	file->len = (size_t)info.st_size;
	file->bytes = mmap(NULL, file->len, PROT_READ, MAP_SHARED, fd, 0);
	if (file->bytes == MAP_FAILED) {
		err_set_errno(err, "fonts: %s", path);
		goto fail;
	}
	close(fd);
	return file;

fail:
	if (fd >= 0)
		close(fd);
	free(file);
	return NULL;
}

struct font_file *font_file_close(struct font_file *file)
{
	if (file == NULL)
		return NULL;
	munmap(file->bytes, file->len);
	free(file);
	return NULL;
}

SDL_RWops *font_file_stream(const struct font_file *file)
{
	return SDL_RWFromConstMem(file->bytes, (int)file->len);
}

void font_file_rest(const struct font_file *file)
{
	/* Only advice: what it costs to ignore is memory. */
	(void)!madvise(file->bytes, file->len, MADV_DONTNEED);
}
