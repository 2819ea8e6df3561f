#include "display/panel.h"

#include "box.h"

static char *drm;

static int set_up(void **state)
{
	(void)state;
	drm = tmp_dir();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	tmp_remove(drm);
	return 0;
}

static void put(const char *name, const char *value)
{
	box_write(drm, name, value, strlen(value));
}

static void no_graphics_card_tells_nothing(void **state)
{
	(void)state;
	assert_int_equal(panel_state("/nonexistent/drm"), PLAY_OUTPUT_UNKNOWN);
	assert_int_equal(panel_state(drm), PLAY_OUTPUT_UNKNOWN);
	put("card0/status", "connected\n");
	put("renderD128/status", "connected\n");
	put("card0-Writeback-1/status", "connected\n");
	assert_int_equal(panel_state(drm), PLAY_OUTPUT_UNKNOWN);
}

static void one_lit_panel_is_enough(void **state)
{
	(void)state;
	put("card0-HDMI-A-1/status", "disconnected\n");
	put("card0-HDMI-A-1/dpms", "Off\n");
	put("card0-HDMI-A-2/status", "connected\n");
	put("card0-HDMI-A-2/dpms", "On\n");
	assert_int_equal(panel_state(drm), PLAY_OUTPUT_ON);
}

static void unplugged_or_dark_panel_is_off(void **state)
{
	(void)state;
	put("card0-HDMI-A-1/status", "disconnected\n");
	put("card0-HDMI-A-1/dpms", "On\n");
	assert_int_equal(panel_state(drm), PLAY_OUTPUT_OFF);
	put("card0-HDMI-A-1/status", "connected\n");
	assert_int_equal(panel_state(drm), PLAY_OUTPUT_ON);
	put("card0-HDMI-A-1/dpms", "Off\n");
	assert_int_equal(panel_state(drm), PLAY_OUTPUT_OFF);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(no_graphics_card_tells_nothing),
		TEST(one_lit_panel_is_enough),
		TEST(unplugged_or_dark_panel_is_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
