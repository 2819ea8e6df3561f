#include "display/play_queue.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/err.h"
#include "os/clock.h"

/* Of another layout is another name. */
static const char magic[16] = "ekimae-plays-1";

/*
 * As it lies in the file. An entry is whole before @next says that it is there, and gone when
 * @first does: whenever the program is killed, what lies between is right.
 */
struct shared {
	char magic[sizeof(magic)];
	char boot_id[PLAY_BOOT_ID_SIZE];
	uint32_t entry_size;
	atomic_uint_fast64_t first, next; /* only ever grow */
	struct play_entry entries[PLAY_QUEUE_MAX];
};

struct play_queue {
	int fd; /* -1: memory alone */
	struct shared *shared;
	pthread_mutex_t lock; /* among those who put */
};

static bool is_ours(const struct shared *shared, const char *boot_id)
{
	uint64_t count = shared->next - shared->first;

	return memcmp(shared->magic, magic, sizeof(magic)) == 0 &&
	       strncmp(shared->boot_id, boot_id, PLAY_BOOT_ID_SIZE) == 0 &&
	       shared->entry_size == sizeof(struct play_entry) && count <= PLAY_QUEUE_MAX;
}

static void start_afresh(struct shared *shared, const char *boot_id)
{
	memset(shared, 0, sizeof(*shared));
	memcpy(shared->boot_id, boot_id, PLAY_BOOT_ID_SIZE);
	shared->entry_size = sizeof(struct play_entry);
	atomic_thread_fence(memory_order_release);
	memcpy(shared->magic, magic, sizeof(magic));
}

/* A file with room for all of it, locked: another program's queue is not ours. */
static int open_file(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return -1;
	if (flock(fd, LOCK_EX | LOCK_NB) == 0 &&
	    posix_fallocate(fd, 0, sizeof(struct shared)) == 0)
		return fd;
	close(fd);
	return -1;
}

static struct shared *map(int fd)
{
	int flags = fd < 0 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED;
	void *memory =
		mmap(NULL, sizeof(struct shared), PROT_READ | PROT_WRITE, flags, fd, 0);

	return memory == MAP_FAILED ? NULL : memory;
}

struct play_queue *play_queue_new(const char *path, bool *out_kept, struct err *err)
{
	struct play_queue *queue = calloc(1, sizeof(*queue));
	char boot_id[PLAY_BOOT_ID_SIZE];

	if (!queue) {
		err_set(err, ERR_NO_MEMORY, "queue of plays: out of memory");
		return NULL;
	}
	pthread_mutex_init(&queue->lock, NULL);
	queue->fd = open_file(path);
	*out_kept = queue->fd >= 0;
	queue->shared = map(queue->fd);
	if (!queue->shared) {
		err_set(err, ERR_NO_MEMORY, "queue of plays: out of memory");
		return play_queue_free(queue);
	}
	if (!clock_boot_id(boot_id, err))
		return play_queue_free(queue);
	if (!is_ours(queue->shared, boot_id))
		start_afresh(queue->shared, boot_id);
	return queue;
}

struct play_queue *play_queue_free(struct play_queue *queue)
{
	if (!queue)
		return NULL;
	if (queue->shared)
		munmap(queue->shared, sizeof(*queue->shared));
	if (queue->fd >= 0)
		close(queue->fd);
	pthread_mutex_destroy(&queue->lock);
	free(queue);
	return NULL;
}

bool play_queue_put(struct play_queue *queue, const struct play_entry *entry)
{
	size_t limit =
		entry->kind == PLAY_ENTRY_END ? PLAY_QUEUE_MAX : PLAY_QUEUE_MAX - 1;
	struct shared *shared = queue->shared;
	uint64_t next;
	bool fits;

	pthread_mutex_lock(&queue->lock);
	next = atomic_load(&shared->next);
	fits = next - atomic_load(&shared->first) < limit;
	if (fits) {
		shared->entries[next % PLAY_QUEUE_MAX] = *entry;
		atomic_store_explicit(&shared->next, next + 1, memory_order_release);
	}
	pthread_mutex_unlock(&queue->lock);
	return fits;
}

bool play_queue_peek(struct play_queue *queue, size_t ahead, struct play_entry *out)
{
	struct shared *shared = queue->shared;
	uint64_t first = atomic_load(&shared->first);

	if (atomic_load_explicit(&shared->next, memory_order_acquire) - first <= ahead)
		return false;
	*out = shared->entries[(first + ahead) % PLAY_QUEUE_MAX];
	return true;
}

void play_queue_drop(struct play_queue *queue, size_t count)
{
	atomic_fetch_add_explicit(&queue->shared->first, count, memory_order_release);
}

size_t play_queue_count(struct play_queue *queue)
{
	return (size_t)(atomic_load(&queue->shared->next) -
			atomic_load(&queue->shared->first));
}
