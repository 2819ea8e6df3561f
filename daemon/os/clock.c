#include "os/clock.h"

#include <stdatomic.h>
#include <string.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

#include "core/err.h"
#include "os/file.h"

/* timesyncd makes it when it has set the clock, in a folder that a reboot empties. */
static const char timesync_flag[] = "/run/systemd/timesync/synchronized";
static atomic_bool vouched; /* set once at start, read by every thread */
static const char boot_id_file[] = "/proc/sys/kernel/random/boot_id";

static struct timespec read_clock(clockid_t id)
{
	struct timespec time = {0};

	/* It fails only for a clock that the kernel lacks, and these two it always has. */
	clock_gettime(id, &time);
	return time;
}

static int64_t milliseconds(struct timespec time)
{
	return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

struct now clock_now(void)
{
	return (struct now){
		.wall = {milliseconds(read_clock(CLOCK_REALTIME))},
		.mono = clock_mono(),
		.synchronised = clock_is_synchronised(),
	};
}

struct mono_ms clock_mono(void)
{
	return (struct mono_ms){milliseconds(read_clock(CLOCK_MONOTONIC))};
}

struct mono_ms clock_mono_us(int64_t *out_us)
{
	struct timespec time = read_clock(CLOCK_MONOTONIC);

	*out_us = (int64_t)time.tv_sec * 1000000 + time.tv_nsec / 1000;
	return (struct mono_ms){milliseconds(time)};
}

void clock_vouch(void)
{
	atomic_store(&vouched, true);
}

bool clock_is_synchronised(void)
{
	/* No mode bits: nothing is set, so that no privilege is needed. */
	struct timex kernel = {.modes = 0};

	if (atomic_load(&vouched) || access(timesync_flag, F_OK) == 0)
		return true;
	return adjtimex(&kernel) >= 0 && !(kernel.status & STA_UNSYNC);
}

/* The form of RFC 9562, which the kernel writes in lower case. */
static bool is_boot_id(const char *text)
{
	static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";

	for (size_t i = 0; i < sizeof(form) - 1; i++) {
		if (form[i] == '-' ? text[i] != '-'
				   : !text[i] || !strchr("0123456789abcdef", text[i]))
			return false;
	}
	return true;
}

bool clock_boot_id(char out[static PLAY_BOOT_ID_SIZE], struct err *err)
{
	CLEANUP(blob_free) struct blob text = {0};

	if (!file_read(boot_id_file, PLAY_BOOT_ID_SIZE, &text, err))
		return false;
	if (!is_boot_id(text.bytes) ||
	    strspn(text.bytes + PLAY_BOOT_ID_SIZE - 1, "\n") + PLAY_BOOT_ID_SIZE - 1 !=
		    text.len)
		return err_set(err, ERR_INTERNAL, "%s: does not hold a boot id",
			       boot_id_file);
	memcpy(out, text.bytes, PLAY_BOOT_ID_SIZE - 1);
	out[PLAY_BOOT_ID_SIZE - 1] = '\0';
	return true;
}
