#include "display/output.h"

#include <SDL.h>

#include "display/fade.h"
#include "display/sample.h"
#include "render/canvas.h"
#include "support/test.h"

/* Each test runs for software and, through SDL's software renderer, for the GPU's way. */
#define WIDTH  320
#define HEIGHT 240

static struct output *output;
static const struct mono_ms later = {1000000};

static int set_up_as(enum output_render render)
{
	const struct output_options options = {
		.title = "test",
		.driver = "dummy",
		.render = render,
		.windowed = true,
		.width = WIDTH,
		.height = HEIGHT,
	};
	struct err err = {0};

	setenv("SDL_RENDER_DRIVER", "software", 1);
	output = output_new(&options, &err);
	if (!output)
		fprintf(stderr, "%s\n", err.text);
	return output ? 0 : -1;
}

static int set_up_software(void **state)
{
	(void)state;
	return set_up_as(OUTPUT_SOFTWARE);
}

static int set_up_gpu(void **state)
{
	(void)state;
	return set_up_as(OUTPUT_GPU);
}

static int tear_down(void **state)
{
	(void)state;
	output = output_free(output);
	return 0;
}

static struct canvas *pattern(int width, int height, uint32_t seed)
{
	struct err err = {0};
	struct canvas *canvas = canvas_new(width, height, (struct colour){seed}, &err);

	assert_ok(canvas != NULL, err);
	for (int i = 0; i < width * height; i += 7)
		canvas->pixels[i] = (seed * 31 + (uint32_t)i * 2654435761u) >> 8;
	canvas_touch(canvas, (int[4]){0, 0, width, height});
	return canvas;
}

static void assert_presented(const struct canvas *expected)
{
	struct err err = {0};
	struct canvas *copy = output_copy(output, &err);

	assert_ok(copy != NULL, err);
	assert_int_equal(copy->width, expected->width);
	assert_int_equal(copy->height, expected->height);
	for (int i = 0; i < copy->width * copy->height; i++)
		assert_int_equal(copy->pixels[i] & 0xffffff, expected->pixels[i]);
	canvas_free(copy);
}

static void shown_canvas_is_what_is_presented(void **state)
{
	struct canvas *canvas = pattern(WIDTH, HEIGHT, 1), *other;
	const int rect[4] = {10, 20, 100, 30};
	struct err err = {0};

	(void)state;
	assert_ok(output_show(output, canvas, &err), err);
	assert_presented(canvas);

	/* Of another picture, only the rectangle. */
	other = pattern(WIDTH, HEIGHT, 2);
	assert_ok(output_show_part(output, other, rect, &err), err);
	for (int y = 0; y < 30; y++)
		memcpy(canvas->pixels + (20 + y) * WIDTH + 10,
		       other->pixels + (20 + y) * WIDTH + 10, 100 * sizeof(uint32_t));
	assert_presented(canvas);
	canvas_free(other);
	canvas_free(canvas);
}

static void thinned_copy_has_each_so_many_th_pixel(void **state)
{
	struct canvas *canvas = pattern(WIDTH, HEIGHT, 9), *copy;
	struct err err = {0};
	int step;

	(void)state;
	assert_ok(output_show(output, canvas, &err), err);
	copy = output_copy_thinned(output, 100, &err);
	assert_ok(copy != NULL, err);
	/* The GPU's way has no pixels to skip: it copies all of them. */
	step = WIDTH / copy->width;
	assert_true(step == 3 || step == 1);
	assert_int_equal(copy->height, HEIGHT / step);
	for (int y = 0; y < copy->height; y++)
		for (int x = 0; x < copy->width; x++)
			assert_int_equal(copy->pixels[y * copy->width + x] & 0xffffff,
					 canvas->pixels[y * step * WIDTH + x * step]);
	canvas_free(copy);
	/* Small already. */
	copy = output_copy_thinned(output, WIDTH, &err);
	assert_ok(copy != NULL, err);
	assert_int_equal(copy->width, WIDTH);
	canvas_free(copy);
	canvas_free(canvas);
}

static void fade_to(const struct canvas *to, int step)
{
	struct err err = {0};
	bool over = false;

	assert_ok(output_fade_begin(output, to, &err), err);
	for (int opacity = step; opacity <= FADE_FULL; opacity += step) {
		assert_false(over);
		assert_ok(output_fade(output, opacity, &over, &err), err);
	}
	assert_true(over);
}

static void cross_fade_ends_with_the_new_canvas(void **state)
{
	struct canvas *from = pattern(WIDTH, HEIGHT, 3), *to = pattern(WIDTH, HEIGHT, 4);
	struct err err = {0};

	(void)state;
	assert_ok(output_show(output, from, &err), err);
	fade_to(to, 64);
	assert_presented(to);
	/* And back again, from what is presented now. */
	fade_to(from, FADE_FULL);
	assert_presented(from);
	canvas_free(to);
	canvas_free(from);
}

static void cross_fade_left_half_way_is_faded_from(void **state)
{
	struct canvas *from = pattern(WIDTH, HEIGHT, 6), *to = pattern(WIDTH, HEIGHT, 7);
	struct err err = {0};
	bool over = true;

	(void)state;
	assert_ok(output_show(output, from, &err), err);
	assert_ok(output_fade_begin(output, to, &err), err);
	assert_ok(output_fade(output, FADE_FULL / 2, &over, &err), err);
	assert_false(over);
	output_fade_end(output);
	fade_to(from, 64);
	assert_presented(from);
	canvas_free(to);
	canvas_free(from);
}

static void nothing_presented_is_nothing_to_fade_from(void **state)
{
	struct canvas *canvas = pattern(WIDTH, HEIGHT, 8);
	const int rect[4] = {0, 0, 10, 10};
	struct err err = {0};

	(void)state;
	assert_false(output_holds(output));
	assert_fails(output_fade_begin(output, canvas, &err), err, ERR_CONFLICT,
		     "nothing to fade from");
	assert_fails(output_show_part(output, canvas, rect, &err), err, ERR_CONFLICT,
		     "no picture");
	assert_fails(output_show_again(output, &err), err, ERR_CONFLICT, "made anew");
	canvas_free(canvas);
}

/* What the panel shows needs no canvas of ours to be shown once more. */
static void picture_is_held_without_its_canvas(void **state)
{
	struct canvas *canvas = pattern(WIDTH, HEIGHT, 9), *same;
	struct err err = {0};

	(void)state;
	assert_ok(output_show(output, canvas, &err), err);
	assert_true(output_holds(output));
	canvas_free(canvas);
	assert_ok(output_show_again(output, &err), err);
	same = pattern(WIDTH, HEIGHT, 9);
	assert_presented(same);
	canvas_free(same);
}

/* The window's pixels go with its size; a fade that had begun ends at once. */
static void new_size_in_a_fade_ends_it_with_the_new_canvas(void **state)
{
	struct err err = {0};
	struct canvas *from = pattern(WIDTH, HEIGHT, 10), *to, *filled;
	bool over = false;

	(void)state;
	to = canvas_new(WIDTH, HEIGHT, (struct colour){0x306090}, &err);
	filled = canvas_new(300, 400, (struct colour){0x306090}, &err);
	(void)output_pump(output, later);
	assert_ok(output_show(output, from, &err), err);
	assert_ok(output_fade_begin(output, to, &err), err);
	assert_ok(output_fade(output, 64, &over, &err), err);
	SDL_SetWindowSize(SDL_GetWindowFromID(1), 300, 400);
	assert_true(output_pump(output, later) & OUTPUT_EVENT_RESIZED);
	assert_false(output_holds(output));
	assert_ok(output_fade(output, 128, &over, &err), err);
	assert_true(over);
	assert_true(output_holds(output));
	assert_presented(filled);
	canvas_free(filled);
	canvas_free(to);
	canvas_free(from);
}

static void last_frame_of_a_fade_is_presented_when_nothing_differs(void **state)
{
	struct canvas *canvas = pattern(WIDTH, HEIGHT, 3);
	struct err err = {0};
	bool over;
	int64_t frames;

	(void)state;
	assert_int_equal(output_frames(output), 0);
	assert_ok(output_show(output, canvas, &err), err);
	assert_int_equal(output_frames(output), 1);
	assert_ok(output_fade_begin(output, canvas, &err), err);
	assert_ok(output_fade(output, 128, &over, &err), err);
	frames = output_frames(output);
	assert_ok(output_fade(output, FADE_FULL, &over, &err), err);
	assert_true(over);
	assert_int_equal(output_frames(output), frames + 1);
	assert_presented(canvas);
	canvas_free(canvas);
}

static void sample_tells_a_black_frame_from_a_dark_one(void **state)
{
	struct err err = {0};
	struct canvas *black = canvas_new(WIDTH, HEIGHT, (struct colour){0x080808}, &err);
	struct canvas *dark = canvas_new(WIDTH, HEIGHT, (struct colour){0x0E1420}, &err);
	struct sample of_black, of_dark, again;
	int64_t frames;

	(void)state;
	assert_ok(output_show(output, black, &err), err);
	assert_ok(output_sample(output, &of_black, &err), err);
	assert_true(of_black.black);
	assert_ok(output_show(output, dark, &err), err);
	frames = output_frames(output);
	assert_ok(output_sample(output, &of_dark, &err), err);
	assert_false(of_dark.black);
	assert_true(of_dark.checksum != of_black.checksum);
	/* To look presents nothing, and changes nothing. */
	assert_ok(output_sample(output, &again, &err), err);
	assert_true(again.checksum == of_dark.checksum);
	assert_int_equal(output_frames(output), frames);
	assert_presented(dark);
	canvas_free(black);
	canvas_free(dark);
}

static void canvas_of_another_size_fills_the_window(void **state)
{
	struct canvas *small, *filled;
	struct err err = {0};

	(void)state;
	small = canvas_new(WIDTH / 2, HEIGHT / 4, (struct colour){0x205080}, &err);
	filled = canvas_new(WIDTH, HEIGHT, (struct colour){0x205080}, &err);
	assert_ok(output_show(output, small, &err), err);
	assert_presented(filled);
	canvas_free(small);
	canvas_free(filled);
}

static void resized_window_is_noticed(void **state)
{
	struct canvas *canvas;
	struct err err = {0};
	int width, height;

	(void)state;
	(void)output_pump(output, later);
	SDL_SetWindowSize(SDL_GetWindowFromID(1), 300, 400);
	assert_true(output_pump(output, later) & OUTPUT_EVENT_RESIZED);
	output_size(output, &width, &height);
	assert_int_equal(width, 300);
	assert_int_equal(height, 400);
	canvas = pattern(300, 400, 5);
	assert_ok(output_show(output, canvas, &err), err);
	assert_presented(canvas);
	canvas_free(canvas);
}

static void send_window_event(int type)
{
	SDL_Event event = {.window = {.type = SDL_WINDOWEVENT, .event = (Uint8)type}};

	assert_int_equal(SDL_PushEvent(&event), 1);
}

static void hidden_window_is_an_output_that_is_off(void **state)
{
	(void)state;
	(void)output_pump(output, later);
	assert_int_equal(output_state(output), PLAY_OUTPUT_UNKNOWN);
	send_window_event(SDL_WINDOWEVENT_MINIMIZED);
	assert_int_equal(output_pump(output, later), OUTPUT_EVENT_LOST);
	assert_int_equal(output_state(output), PLAY_OUTPUT_OFF);
	send_window_event(SDL_WINDOWEVENT_RESTORED);
	assert_int_equal(output_pump(output, later),
			 OUTPUT_EVENT_BACK | OUTPUT_EVENT_EXPOSED);
	assert_int_equal(output_state(output), PLAY_OUTPUT_UNKNOWN);
}

static void send_key(SDL_Keycode key)
{
	SDL_Event event = {.key = {.type = SDL_KEYDOWN, .keysym.sym = key}};

	assert_int_equal(SDL_PushEvent(&event), 1);
}

static void keys_steer_a_window(void **state)
{
	(void)state;
	(void)output_pump(output, later);
	send_key(SDLK_SPACE);
	assert_int_equal(output_pump(output, later), OUTPUT_EVENT_NEXT);
	send_key(SDLK_ESCAPE);
	assert_int_equal(output_pump(output, later), OUTPUT_EVENT_QUIT);
	send_key(SDLK_a);
	assert_int_equal(output_pump(output, later), 0);
}

static void keys_do_nothing_on_a_public_screen(void **state)
{
	const struct output_options options = {
		.title = "test", .driver = "dummy", .width = WIDTH, .height = HEIGHT};
	struct err err = {0};

	(void)state;
	output = output_new(&options, &err);
	assert_ok(output != NULL, err);
	(void)output_pump(output, later);
	send_key(SDLK_q);
	send_key(SDLK_SPACE);
	send_key(SDLK_f);
	assert_int_equal(output_pump(output, later), 0);
}

static void driver_that_does_not_exist_is_told(void **state)
{
	const struct output_options options = {.title = "test", .driver = "nonsense"};
	struct err err = {0};

	(void)state;
	assert_fails(output_new(&options, &err) != NULL, err, ERR_IO, "nonsense");
}

#define BOTH(function)                                                                   \
	cmocka_unit_test_setup_teardown(function, set_up_software, tear_down),           \
		cmocka_unit_test_setup_teardown(function, set_up_gpu, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(shown_canvas_is_what_is_presented),
		BOTH(thinned_copy_has_each_so_many_th_pixel),
		BOTH(cross_fade_ends_with_the_new_canvas),
		BOTH(cross_fade_left_half_way_is_faded_from),
		BOTH(nothing_presented_is_nothing_to_fade_from),
		BOTH(picture_is_held_without_its_canvas),
		cmocka_unit_test_setup_teardown(
			new_size_in_a_fade_ends_it_with_the_new_canvas, set_up_software,
			tear_down),
		BOTH(last_frame_of_a_fade_is_presented_when_nothing_differs),
		BOTH(sample_tells_a_black_frame_from_a_dark_one),
		BOTH(canvas_of_another_size_fills_the_window),
		BOTH(resized_window_is_noticed),
		BOTH(hidden_window_is_an_output_that_is_off),
		BOTH(keys_steer_a_window),
		cmocka_unit_test_teardown(keys_do_nothing_on_a_public_screen, tear_down),
		cmocka_unit_test(driver_that_does_not_exist_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
