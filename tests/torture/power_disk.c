#include "power_disk.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "core/attr.h"

#define FILES_MAX   256
#define REGIONS_MAX 64
#define NAME_SIZE   512
#define SECTOR      512

/* What was done to a file since its last sync. */
enum op_kind { OP_WRITE, OP_TRUNCATE, OP_REMOVE };

struct op {
	enum op_kind kind;
	size_t at, len; /* OP_TRUNCATE: @at is the new size */
	uint8_t *bytes;
	struct op *next;
};

struct content {
	uint8_t *bytes;
	size_t size, capacity;
	bool exists;
};

struct disk_file {
	char name[NAME_SIZE];
	struct content seen; /* by programs */
	struct content disk; /* what survives for sure */
	struct op *first, **last;
	void *regions[REGIONS_MAX]; /* shared memory of the write-ahead log's index */
	int opened;
};

struct handle {
	sqlite3_file base;
	struct disk_file *file;
};

static struct {
	struct disk_file files[FILES_MAX];
	size_t count;
	uint64_t state; /* of the pseudo-random numbers */
	uint64_t left;  /* operations until the power goes; 0: it stays */
	bool off, lies;
	struct power_disk_counts counts;
	sqlite3_vfs vfs, *base;
} disk;

/* SplitMix64 (Steele, Lea, Flood 2014). */
uint64_t power_disk_random(uint64_t below)
{
	uint64_t z = disk.state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return (z ^ (z >> 31)) % below;
}

/* --- Contents -------------------------------------------------------------------------- */

static void *checked(void *memory)
{
	if (!memory)
		abort();
	return memory;
}

static void set_size(struct content *content, size_t size)
{
	if (size > content->capacity) {
		content->capacity = size * 2;
		content->bytes = checked(realloc(content->bytes, content->capacity));
	}
	if (size > content->size)
		memset(content->bytes + content->size, 0, size - content->size);
	content->size = size;
}

static void write_content(struct content *content, size_t at, const uint8_t *bytes,
			  size_t len)
{
	content->exists = true;
	if (at + len > content->size)
		set_size(content, at + len);
	memcpy(content->bytes + at, bytes, len);
}

static void apply(struct content *content, const struct op *op)
{
	switch (op->kind) {
	case OP_WRITE:
		write_content(content, op->at, op->bytes, op->len);
		break;
	case OP_TRUNCATE:
		set_size(content, op->at);
		break;
	case OP_REMOVE:
		content->exists = false;
		content->size = 0;
		break;
	}
}

static void add_op(struct disk_file *file, enum op_kind kind, size_t at,
		   const void *bytes, size_t len)
{
	struct op *op = checked(calloc(1, sizeof(*op)));

	op->kind = kind;
	op->at = at;
	op->len = len;
	if (len > 0)
		op->bytes = memcpy(checked(malloc(len)), bytes, len);
	*file->last = op;
	file->last = &op->next;
}

static void drop_ops(struct disk_file *file)
{
	for (struct op *op = file->first, *next; op; op = next) {
		next = op->next;
		free(op->bytes);
		free(op);
	}
	file->first = NULL;
	file->last = &file->first;
}

/* --- The power ------------------------------------------------------------------------- */

/* Counts an operation; false when the power is gone before it is done. */
static bool has_power(void)
{
	if (!disk.off && disk.left > 0 && --disk.left == 0)
		disk.off = true;
	return !disk.off;
}

void power_disk_cut_after(uint64_t operations)
{
	disk.left = operations;
}

void power_disk_lie(void)
{
	disk.lies = true;
}

bool power_disk_is_off(void)
{
	return disk.off;
}

/* Of each sector of a torn write, either the old or the new is there. */
static void tear(struct content *content, const struct op *op)
{
	for (size_t at = op->at; at < op->at + op->len;) {
		size_t end = (at / SECTOR + 1) * SECTOR;

		if (end > op->at + op->len)
			end = op->at + op->len;
		if (power_disk_random(2))
			write_content(content, at, op->bytes + (at - op->at), end - at);
		at = end;
	}
}

static void lose(struct disk_file *file)
{
	for (const struct op *op = file->first; op; op = op->next) {
		uint64_t fate = power_disk_random(3);

		if (fate == 0) {
			disk.counts.lost++;
		} else if (fate == 1 && op->kind == OP_WRITE) {
			disk.counts.torn++;
			tear(&file->disk, op);
		} else {
			disk.counts.kept++;
			apply(&file->disk, op);
		}
	}
	drop_ops(file);
}

static void drop_regions(struct disk_file *file)
{
	for (size_t i = 0; i < REGIONS_MAX; i++) {
		free(file->regions[i]);
		file->regions[i] = NULL;
	}
}

void power_disk_restart(void)
{
	for (size_t i = 0; i < disk.count; i++) {
		struct disk_file *file = &disk.files[i];

		assert(file->opened == 0);
		lose(file);
		drop_regions(file);
		file->seen.exists = file->disk.exists;
		set_size(&file->seen, file->disk.size);
		if (file->disk.size > 0)
			memcpy(file->seen.bytes, file->disk.bytes, file->disk.size);
	}
	disk.counts.cuts++;
	disk.off = false;
	disk.left = 0;
}

struct power_disk_counts power_disk_counts(void)
{
	return disk.counts;
}

/* --- sqlite3_io_methods ---------------------------------------------------------------- */

static struct disk_file *file_of(sqlite3_file *handle)
{
	return ((struct handle *)handle)->file;
}

static int disk_close(sqlite3_file *handle)
{
	file_of(handle)->opened--;
	return SQLITE_OK;
}

static int disk_read(sqlite3_file *handle, void *out, int len, sqlite3_int64 at)
{
	const struct content *seen = &file_of(handle)->seen;
	size_t wanted = (size_t)len, from = (size_t)at, there = 0;

	if (disk.off)
		return SQLITE_IOERR_READ;
	if (from < seen->size)
		there = seen->size - from < wanted ? seen->size - from : wanted;
	if (there > 0)
		memcpy(out, seen->bytes + from, there);
	if (there == wanted)
		return SQLITE_OK;
	memset((uint8_t *)out + there, 0, wanted - there);
	return SQLITE_IOERR_SHORT_READ;
}

static int disk_write(sqlite3_file *handle, const void *bytes, int len, sqlite3_int64 at)
{
	struct disk_file *file = file_of(handle);

	if (disk.off)
		return SQLITE_IOERR_WRITE;
	/* The write during which the power goes may have reached the disk, too. */
	add_op(file, OP_WRITE, (size_t)at, bytes, (size_t)len);
	if (!has_power())
		return SQLITE_IOERR_WRITE;
	write_content(&file->seen, (size_t)at, bytes, (size_t)len);
	return SQLITE_OK;
}

static int disk_truncate(sqlite3_file *handle, sqlite3_int64 size)
{
	struct disk_file *file = file_of(handle);

	if (disk.off)
		return SQLITE_IOERR_TRUNCATE;
	add_op(file, OP_TRUNCATE, (size_t)size, NULL, 0);
	if (!has_power())
		return SQLITE_IOERR_TRUNCATE;
	set_size(&file->seen, (size_t)size);
	return SQLITE_OK;
}

static int disk_sync(sqlite3_file *handle, int flags)
{
	struct disk_file *file = file_of(handle);

	(void)flags;
	if (disk.off || !has_power())
		return SQLITE_IOERR_FSYNC;
	if (disk.lies)
		return SQLITE_OK;
	for (const struct op *op = file->first; op; op = op->next)
		apply(&file->disk, op);
	drop_ops(file);
	file->disk.exists =
		true; /* the unix VFS syncs the folder of a new file as well */
	return SQLITE_OK;
}

static int disk_size(sqlite3_file *handle, sqlite3_int64 *out)
{
	*out = (sqlite3_int64)file_of(handle)->seen.size;
	return disk.off ? SQLITE_IOERR_FSTAT : SQLITE_OK;
}

/* One connection at a time: locks are always free. */
static int disk_lock(sqlite3_file *handle, int level)
{
	(void)handle;
	(void)level;
	return SQLITE_OK;
}

static int disk_reserved(sqlite3_file *handle, int *out)
{
	(void)handle;
	*out = 0;
	return SQLITE_OK;
}

static int disk_control(sqlite3_file *handle, int what, void *argument)
{
	(void)handle;
	(void)what;
	(void)argument;
	return SQLITE_NOTFOUND;
}

static int disk_sector(sqlite3_file *handle)
{
	(void)handle;
	return 4096; /* as the unix VFS has it, and so the characteristics below */
}

static int disk_characteristics(sqlite3_file *handle)
{
	(void)handle;
	return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

static int disk_shm_map(sqlite3_file *handle, int region, int size, int extend,
			void volatile **out)
{
	struct disk_file *file = file_of(handle);

	if (region >= REGIONS_MAX)
		return SQLITE_IOERR_SHMMAP;
	if (!file->regions[region] && extend)
		file->regions[region] = checked(calloc(1, (size_t)size));
	*out = file->regions[region];
	return SQLITE_OK;
}

static int disk_shm_lock(sqlite3_file *handle, int offset, int count, int flags)
{
	(void)handle;
	(void)offset;
	(void)count;
	(void)flags;
	return SQLITE_OK;
}

static void disk_shm_barrier(sqlite3_file *handle)
{
	(void)handle;
}

static int disk_shm_unmap(sqlite3_file *handle, int remove)
{
	if (remove)
		drop_regions(file_of(handle));
	return SQLITE_OK;
}

static const sqlite3_io_methods methods = {
	.iVersion = 2,
	.xClose = disk_close,
	.xRead = disk_read,
	.xWrite = disk_write,
	.xTruncate = disk_truncate,
	.xSync = disk_sync,
	.xFileSize = disk_size,
	.xLock = disk_lock,
	.xUnlock = disk_lock,
	.xCheckReservedLock = disk_reserved,
	.xFileControl = disk_control,
	.xSectorSize = disk_sector,
	.xDeviceCharacteristics = disk_characteristics,
	.xShmMap = disk_shm_map,
	.xShmLock = disk_shm_lock,
	.xShmBarrier = disk_shm_barrier,
	.xShmUnmap = disk_shm_unmap,
};

/* --- sqlite3_vfs ----------------------------------------------------------------------- */

static struct disk_file *find_file(const char *name, bool make)
{
	struct disk_file *file;

	for (size_t i = 0; i < disk.count; i++)
		if (strcmp(disk.files[i].name, name) == 0)
			return &disk.files[i];
	if (!make || disk.count == FILES_MAX || strlen(name) >= NAME_SIZE)
		return NULL;
	file = &disk.files[disk.count++];
	memcpy(file->name, name, strlen(name) + 1);
	file->last = &file->first;
	return file;
}

static int disk_open(sqlite3_vfs *vfs, sqlite3_filename name, sqlite3_file *out,
		     int flags, int *out_flags)
{
	struct handle *handle = (struct handle *)out;

	(void)vfs;
	handle->base.pMethods = NULL;
	/* Temporary files of sorting are SQLite's own business, and nothing here needs them. */
	handle->file = disk.off || !name ? NULL : find_file(name, true);
	if (!handle->file)
		return SQLITE_CANTOPEN;
	handle->file->opened++;
	handle->file->seen.exists = true;
	handle->base.pMethods = &methods;
	if (out_flags)
		*out_flags = flags;
	return SQLITE_OK;
}

static int disk_delete(sqlite3_vfs *vfs, const char *name, int sync_folder)
{
	struct disk_file *file = find_file(name, false);

	(void)vfs;
	if (disk.off)
		return SQLITE_IOERR_DELETE;
	if (!file || !file->seen.exists)
		return SQLITE_IOERR_DELETE_NOENT;
	add_op(file, OP_REMOVE, 0, NULL, 0);
	if (!has_power())
		return SQLITE_IOERR_DELETE;
	file->seen.exists = false;
	file->seen.size = 0;
	if (sync_folder) {
		file->disk.exists = false;
		file->disk.size = 0;
		drop_ops(file);
	}
	return SQLITE_OK;
}

static int disk_access(sqlite3_vfs *vfs, const char *name, int flags, int *out)
{
	const struct disk_file *file = find_file(name, false);

	(void)vfs;
	(void)flags;
	*out = file && file->seen.exists;
	return disk.off ? SQLITE_IOERR_ACCESS : SQLITE_OK;
}

static int disk_full_path(sqlite3_vfs *vfs, const char *name, int size, char *out)
{
	(void)vfs;
	sqlite3_snprintf(size, out, "%s", name);
	return SQLITE_OK;
}

static int disk_randomness(sqlite3_vfs *vfs, int size, char *out)
{
	(void)vfs;
	for (int i = 0; i < size; i++)
		out[i] = (char)power_disk_random(256);
	return size;
}

static int disk_sleep(sqlite3_vfs *vfs, int microseconds)
{
	(void)vfs;
	return microseconds;
}

static int disk_time(sqlite3_vfs *vfs, double *out)
{
	(void)vfs;
	return disk.base->xCurrentTime(disk.base, out);
}

static int disk_last_error(sqlite3_vfs *vfs, int size, char *out)
{
	(void)vfs;
	(void)size;
	(void)out;
	return 0;
}

void power_disk_install(uint64_t seed)
{
	disk.base = sqlite3_vfs_find(NULL);
	disk.state = seed;
	disk.vfs = (sqlite3_vfs){
		.iVersion = 1,
		.szOsFile = sizeof(struct handle),
		.mxPathname = NAME_SIZE - 1,
		.zName = "power",
		.xOpen = disk_open,
		.xDelete = disk_delete,
		.xAccess = disk_access,
		.xFullPathname = disk_full_path,
		.xRandomness = disk_randomness,
		.xSleep = disk_sleep,
		.xCurrentTime = disk_time,
		.xGetLastError = disk_last_error,
	};
	sqlite3_vfs_register(&disk.vfs, 1);
}

void power_disk_clear(void)
{
	for (size_t i = 0; i < disk.count; i++) {
		drop_ops(&disk.files[i]);
		drop_regions(&disk.files[i]);
		free(disk.files[i].seen.bytes);
		free(disk.files[i].disk.bytes);
		disk.files[i] = (struct disk_file){0};
	}
	disk.count = 0;
}

void power_disk_uninstall(void)
{
	power_disk_clear();
	sqlite3_vfs_unregister(&disk.vfs);
}
