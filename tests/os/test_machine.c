#include "os/machine.h"

#include <sys/stat.h>

#include "os/file.h"
#include "support/test.h"
#include "support/tmp.h"

static void put(const char *dir, const char *folder, const char *name, const char *text)
{
	char *path = tmp_path(dir, folder);
	struct err err = {0};

	assert_ok(dir_make(path, 0700, &err), err);
	tmp_write(path, name, text, strlen(text));
	free(path);
}

static void disk_has_room_of_some_size(void **state)
{
	int64_t free_bytes = -1, total = -1;
	struct err err = {0};

	(void)state;
	assert_ok(machine_disk("/", &free_bytes, &total, &err), err);
	assert_true(total > 0);
	assert_in_range(free_bytes, 0, total);
	assert_fails(machine_disk("/nonexistent", &free_bytes, &total, &err), err, ERR_IO,
		     "/nonexistent");
}

static void hottest_thermal_zone_counts(void **state)
{
	char *dir = tmp_dir();
	int64_t heat = 0;

	(void)state;
	put(dir, "thermal/thermal_zone0", "temp", "45500\n");
	put(dir, "thermal/thermal_zone1", "temp", "61000\n");
	put(dir, "thermal/thermal_zone2", "temp", "-274000\n"); /* not there */
	put(dir, "thermal/thermal_zone3", "temp", "hot\n");
	put(dir, "thermal/cooling_device0", "temp", "99000\n");
	put(dir, "hwmon/hwmon0", "temp1_input", "90000\n");
	assert_true(machine_temperature(dir, &heat));
	assert_int_equal(heat, 61000);
	tmp_remove(dir);
}

static void hwmon_stands_in_where_there_is_no_zone(void **state)
{
	char *dir = tmp_dir();
	int64_t heat = 0;

	(void)state;
	put(dir, "hwmon/hwmon0", "temp1_input", "38000\n");
	put(dir, "hwmon/hwmon0", "temp1_max", "90000\n");
	put(dir, "hwmon/hwmon1", "temp2_input", "41000\n");
	put(dir, "hwmon/hwmon1", "fan1_input", "2000\n");
	assert_true(machine_temperature(dir, &heat));
	assert_int_equal(heat, 41000);
	tmp_remove(dir);
}

static void machine_without_sensors_says_so(void **state)
{
	char *dir = tmp_dir();
	int64_t heat = 7;

	(void)state;
	assert_false(machine_temperature(dir, &heat));
	assert_int_equal(heat, 7);
	tmp_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(disk_has_room_of_some_size),
		cmocka_unit_test(hottest_thermal_zone_counts),
		cmocka_unit_test(hwmon_stands_in_where_there_is_no_zone),
		cmocka_unit_test(machine_without_sensors_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
