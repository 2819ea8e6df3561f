#include "os/clock.h"
#include "os/file.h"
#include "support/test.h"

#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

static void the_wall_clock_is_that_of_the_system(void **state)
{
	time_t before = time(NULL);
	struct now now = clock_now();
	time_t after = time(NULL);

	(void)state;
	/* time(2) may lag behind by a tick of the kernel. */
	assert_true(now.wall.ms / 1000 >= before);
	assert_true(now.wall.ms / 1000 <= after + 1);
}

static void monotonic_time_never_goes_back_and_passes(void **state)
{
	struct mono_ms begin = clock_mono();
	struct mono_ms last = begin;

	(void)state;
	while (last.ms < begin.ms + 3) {
		struct mono_ms next = clock_now().mono;

		assert_true(next.ms >= last.ms);
		last = next;
		usleep(200);
	}
}

static void microseconds_are_of_the_same_reading(void **state)
{
	int64_t us;
	struct mono_ms mono = clock_mono_us(&us);

	(void)state;
	assert_int_equal(us / 1000, mono.ms);
	assert_true(clock_mono().ms - mono.ms < 60000);
}

static void synchronised_is_what_the_system_says(void **state)
{
	struct timex kernel = {.modes = 0};
	int result = adjtimex(&kernel);
	bool by_kernel = result >= 0 && !(kernel.status & STA_UNSYNC);
	bool by_timesyncd = file_exists("/run/systemd/timesync/synchronized");

	(void)state;
	assert_int_equal(clock_is_synchronised(), by_kernel || by_timesyncd);
	assert_int_equal(clock_now().synchronised, by_kernel || by_timesyncd);
}

/* Runs last: what was vouched for once holds for the process. */
static void a_vouched_clock_is_synchronised(void **state)
{
	(void)state;
	clock_vouch();
	assert_true(clock_is_synchronised());
	assert_true(clock_now().synchronised);
}

static void the_boot_id_is_the_kernels_and_stays(void **state)
{
	char one[PLAY_BOOT_ID_SIZE], two[PLAY_BOOT_ID_SIZE];
	CLEANUP(blob_free) struct blob kernel = {0};
	struct err err = {0};

	(void)state;
	assert_ok(clock_boot_id(one, &err), err);
	assert_ok(clock_boot_id(two, &err), err);
	assert_string_equal(one, two);
	assert_int_equal(strlen(one), PLAY_BOOT_ID_SIZE - 1);
	assert_ok(file_read("/proc/sys/kernel/random/boot_id", 100, &kernel, &err), err);
	assert_memory_equal(one, kernel.bytes, PLAY_BOOT_ID_SIZE - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_wall_clock_is_that_of_the_system),
		cmocka_unit_test(monotonic_time_never_goes_back_and_passes),
		cmocka_unit_test(microseconds_are_of_the_same_reading),
		cmocka_unit_test(synchronised_is_what_the_system_says),
		cmocka_unit_test(the_boot_id_is_the_kernels_and_stays),
		cmocka_unit_test(a_vouched_clock_is_synchronised),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
