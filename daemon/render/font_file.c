#include "render/font_file.h"

#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/err.h"

/*
 * A glyph is loaded to be measured, and again for each place between two pixels that it is
 * drawn at; its width, two bytes, is asked for still more often. So what was read lately is
 * remembered. Mapped, whole pages of outlines would stay with this process, megabytes of
 * them, or would have to be faulted in again. Tables, which are long, are read once, when a
 * font opens.
 */
#define BLOCK         ((size_t)512)
#define BLOCKWISE_MAX (4 * BLOCK)

/*
 * A block may lie in any of the ways of its set, and takes that which was read longest ago:
 * with one way for each block three times as many are read again, and with as many ways as
 * blocks hardly fewer than with four.
 */
#define SETS 128
#define WAYS 4

struct way {
	size_t number; /* of its block, counted from 1; 0: none */
	char *bytes;
};

struct font_file {
	int fd;
	size_t len;
	struct way sets[SETS][WAYS]; /* of each set the one read last first */
	char blocks[SETS][WAYS][BLOCK];
};

struct font_file *font_file_open(const char *path, struct err *err)
{
	struct font_file *file = calloc(1, sizeof(*file));
	struct stat info;

	if (file == NULL) {
		err_set(err, ERR_NO_MEMORY, "fonts: out of memory");
		return NULL;
	}
	file->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (file->fd < 0 || fstat(file->fd, &info) < 0) {
		err_set_errno(err, "fonts: %s", path);
		return font_file_close(file);
	}
	/* SDL counts in int. */
	if (!S_ISREG(info.st_mode) || info.st_size < 1 || info.st_size > INT_MAX) {
		err_set(err, ERR_IO, "fonts: %s is no font file", path);
		return font_file_close(file);
	}
	file->len = (size_t)info.st_size;
	for (size_t i = 0; i < SETS; i++)
		for (size_t j = 0; j < WAYS; j++)
			file->sets[i][j].bytes = file->blocks[i][j];
	return file;
}

struct font_file *font_file_close(struct font_file *file)
{
	if (file == NULL)
		return NULL;
	if (file->fd >= 0)
		close(file->fd);
	free(file);
	return NULL;
}

/* --- the stream ---------------------------------------------------------------------- */

static struct font_file *file_of(const SDL_RWops *stream)
{
	return stream->hidden.unknown.data1;
}

/* Its place, from 0 to the file's length. */
static size_t place_of(const SDL_RWops *stream)
{
	return (size_t)(uintptr_t)stream->hidden.unknown.data2;
}

static void set_place(SDL_RWops *stream, size_t place)
{
	stream->hidden.unknown.data2 = (void *)(uintptr_t)place;
}

static Sint64 stream_size(SDL_RWops *stream)
{
	return (Sint64)file_of(stream)->len;
}

static Sint64 stream_seek(SDL_RWops *stream, Sint64 offset, int whence)
{
	Sint64 len = stream_size(stream);
	Sint64 from = whence == RW_SEEK_CUR   ? (Sint64)place_of(stream)
		      : whence == RW_SEEK_END ? len
					      : 0;

	if (offset < -from || offset > len - from)
		return SDL_SetError("beyond the file");
	set_place(stream, (size_t)(from + offset));
	return from + offset;
}

/* Which way of @set has the block, or else was read longest ago. */
static size_t find(const struct way *set, size_t number)
{
	size_t at = 0;

	while (at < WAYS - 1 && set[at].number != number + 1)
		at++;
	return at;
}

/* The block @number of the file, up to the file's end; NULL when the disk fails. */
static const char *block_at(struct font_file *file, size_t number)
{
	struct way *set = file->sets[number % SETS];
	size_t at = find(set, number), start = number * BLOCK;
	size_t len = file->len - start < BLOCK ? file->len - start : BLOCK;
	struct way way = set[at];

	if (way.number != number + 1) {
		set[at].number = 0;
		if (pread(file->fd, way.bytes, len, (off_t)start) != (ssize_t)len)
			return NULL;
		way.number = number + 1;
	}
	memmove(set + 1, set, at * sizeof(*set));
	set[0] = way;
	return way.bytes;
}

static bool read_blockwise(struct font_file *file, char *to, size_t len, size_t place)
{
	while (len > 0) {
		size_t within = place % BLOCK;
		size_t part = len < BLOCK - within ? len : BLOCK - within;
		const char *block = block_at(file, place / BLOCK);

		if (block == NULL)
			return false;
		memcpy(to, block + within, part);
		to += part;
		place += part;
		len -= part;
	}
	return true;
}

/* @len bytes from @place on, which the file has. */
static bool read_at(struct font_file *file, void *to, size_t len, size_t place)
{
	if (len > BLOCKWISE_MAX)
		return pread(file->fd, to, len, (off_t)place) == (ssize_t)len;
	return read_blockwise(file, to, len, place);
}

/* As many whole items as there are; 0 as well when the disk fails. */
static size_t stream_read(SDL_RWops *stream, void *to, size_t size, size_t count)
{
	struct font_file *file = file_of(stream);
	size_t place = place_of(stream), left = file->len - place;

	if (size == 0)
		return 0;
	if (count > left / size)
		count = left / size;
	if (!read_at(file, to, count * size, place))
		return 0;
	set_place(stream, place + count * size);
	return count;
}

static size_t stream_write(SDL_RWops *stream, const void *from, size_t size, size_t count)
{
	(void)stream;
	(void)from;
	(void)size;
	(void)count;
	return 0;
}

static int stream_close(SDL_RWops *stream)
{
	SDL_FreeRW(stream);
	return 0;
}

SDL_RWops *font_file_stream(struct font_file *file)
{
	SDL_RWops *stream = SDL_AllocRW();

	if (stream == NULL)
		return NULL;
	stream->size = stream_size;
	stream->seek = stream_seek;
	stream->read = stream_read;
	stream->write = stream_write;
	stream->close = stream_close;
	stream->hidden.unknown.data1 = file;
	stream->hidden.unknown.data2 = NULL;
	return stream;
}
