/* The frame loop in this process, with a second thread for what happens to the panel. */
#include "display/loop.h"

#include <SDL.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/time.h>

#include "core/play.h"
#include "display/activation.h"
#include "display/director.h"
#include "display/identity.h"
#include "display/observer.h"
#include "display/output.h"
#include "display/receiver.h"
#include "display/recorder.h"
#include "display/set.h"
#include "display/snapshot.h"
#include "display/worker.h"
#include "os/clock.h"
#include "render/slide.h"
#include "store/playlog.h"
#include "wire/play_batch.h"

#include "box.h"

struct happening {
	int after_ms;
	SDL_Event event;
};

static struct box box;
static const struct happening *happenings;
static size_t happening_count;
static int wake_fd; /* what no real panel has told wakes nobody */

static int set_up(void **state)
{
	(void)state;
	box = box_new(clock_now().wall);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	box_free(&box);
	return 0;
}

static void *let_happen(void *argument)
{
	char *picture = tmp_path(box.dir, "slide.png");

	/* From when the first slide was presented. */
	while (!file_exists(picture))
		poll(NULL, 0, 20);
	free(picture);
	for (size_t i = 0; i < happening_count; i++) {
		SDL_Event event = happenings[i].event;

		poll(NULL, 0, happenings[i].after_ms);
		SDL_PushEvent(&event);
		assert_int_equal(eventfd_write(wake_fd, 1), 0);
	}
	return argument;
}

/*
 * Runs all of the display, each slide for @dwell_ms, while @list happens to it; its last
 * ends the run.
 */
static void run(int64_t dwell_ms, const struct happening *list, size_t count)
{
	char *picture = tmp_path(box.dir, "slide.png");
	const struct output_options output_options = {.title = "test",
						      .driver = "dummy",
						      .windowed = true,
						      .width = 480,
						      .height = 270};
	const struct director_options director_options = {.screen_id = BOX_SCREEN,
							  .panel_height_mm = 685,
							  .distance_m = 5,
							  .dwell = {dwell_ms},
							  .fade = {200}};
	struct err err = {0};
	struct identity *identity = identity_new(box.state, &err);
	const struct recorder_options recorder_options = {
		.state = box.state, .outbox = box.outbox, .identity = identity};
	struct recorder *recorder = recorder_new(&recorder_options, &err);
	struct activation *activation =
		activation_new(box.inbox, box.state, BOX_PLAN, &err);
	struct output *output = output_new(&output_options, &err);
	struct renderer *renderer = renderer_new(NULL, &err);
	struct worker *worker = worker_new(renderer, NULL, 0, &err);
	struct director *director = director_new(&director_options, worker, &err);
	struct receiver *receiver =
		receiver_new(activation, recorder, NULL, box.inbox, &err);
	char *witness = tmp_path(box.dir, "observer");
	struct observer *observer = observer_new(witness, &err);
	struct snapshot *snapshot = snapshot_new(picture, &err);
	struct set *set = activation_set(activation);
	struct loop_options options = {
		.director = director,
		.output = output,
		.worker = worker,
		.receiver = receiver,
		.recorder = recorder,
		.observer = observer,
		.snapshot = snapshot,
		.exit_after = {60000},
		.signal_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
	};
	pthread_t thread;

	wake_fd = options.signal_fd;
	director_resize(director, 480, 270);
	assert_ok(director_use(director, set, clock_now(), &err), err);
	set_unref(set);
	happenings = list;
	happening_count = count;
	assert_int_equal(pthread_create(&thread, NULL, let_happen, NULL), 0);
	assert_ok(loop_run(&options, &err), err);
	pthread_join(thread, NULL);

	receiver_free(receiver);
	snapshot_free(snapshot);
	observer_free(observer);
	director_free(director);
	worker_free(worker);
	renderer_free(renderer);
	output_free(output);
	activation_free(activation);
	recorder_free(recorder);
	identity_free(identity);
	close(options.signal_fd);
	free(witness);
	free(picture);
}

static struct play_batch *read_plays(void)
{
	struct play_batch *batch = NULL;
	struct err err = {0};
	struct playlog *log;
	struct db *db;
	char *path = tmp_path(box.state, "plays.db");

	db = db_open(path, playlog_migrations, playlog_migration_count, &err);
	assert_ok(db != NULL, err);
	log = playlog_new(db, BOX_SCREEN, &err);
	assert_ok(log != NULL, err);
	assert_ok(playlog_batch(log, 0, PLAY_BATCH_ROWS_MAX, &batch, &err), err);
	assert_non_null(batch);
	playlog_free(log);
	db_close(db);
	free(path);
	return batch;
}

#define WINDOW(what)                                                                     \
	{                                                                                \
		.window = {.type = SDL_WINDOWEVENT, .event = (what) }                    \
	}
#define KEY(code)                                                                        \
	{                                                                                \
		.key = {.type = SDL_KEYDOWN, .keysym.sym = (code) }                      \
	}

static void lost_panel_ends_the_play_and_its_return_begins_one(void **state)
{
	static const struct happening list[] = {
		{1000, WINDOW(SDL_WINDOWEVENT_MINIMIZED)},
		{1000, WINDOW(SDL_WINDOWEVENT_RESTORED)},
		{1000, KEY(SDLK_q)},
	};
	struct play_batch *batch;

	(void)state;
	run(60000, list, ARRAY_LEN(list));
	batch = read_plays();
	assert_int_equal(batch->play_count, 2);
	assert_int_equal(batch->plays[0].outcome, PLAY_OUTPUT);
	assert_int_equal(batch->plays[1].outcome, PLAY_SHUTDOWN);
	assert_string_equal(batch->plays[0].start.slide_id,
			    batch->plays[1].start.slide_id);
	/* What nobody could see is in neither of them. */
	assert_true(batch->plays[1].start.began_mono.ms -
			    batch->plays[0].start.began_mono.ms -
			    batch->plays[0].shown.ms >=
		    900);
	play_batch_free(batch);
}

static void operator_key_ends_the_play_as_such(void **state)
{
	static const struct happening list[] = {
		{1000, KEY(SDLK_SPACE)},
		{3000, KEY(SDLK_q)},
	};
	struct play_batch *batch;

	(void)state;
	run(60000, list, ARRAY_LEN(list));
	batch = read_plays();
	assert_int_equal(batch->play_count, 2);
	assert_int_equal(batch->plays[0].outcome, PLAY_OPERATOR);
	assert_int_equal(batch->plays[1].outcome, PLAY_SHUTDOWN);
	/* Both had frames, the first those of the fade as well; and they were not the same. */
	for (int i = 0; i < 2; i++) {
		assert_true(batch->plays[i].start.proof.known);
		assert_int_equal(batch->plays[i].start.output, PLAY_OUTPUT_UNKNOWN);
	}
	assert_true(batch->plays[0].start.proof.frames > 1);
	assert_true(batch->plays[1].start.proof.frames >= 1);
	assert_true(batch->plays[0].start.proof.picture !=
		    batch->plays[1].start.proof.picture);
	play_batch_free(batch);
}

static void observer_tells_what_was_presented_and_for_how_long(void **state)
{
	static const struct happening list[] = {
		{1000, KEY(SDLK_SPACE)},
		{3000, KEY(SDLK_q)},
	};
	long long boot_at, handing, handed, later, gone, planned;
	struct play_batch *batch;
	char boot[64], first[256], second[256], *path, *text;
	int revision, urgent;
	size_t len;

	(void)state;
	run(60000, list, ARRAY_LEN(list));
	batch = read_plays();
	path = tmp_path(box.dir, "observer");
	text = tmp_read(path, &len);
	assert_int_equal(
		sscanf(text,
		       "start %63s %lld\nhanding %lld %255s %d %lld %d\n"
		       "handed %lld\nhanding %lld %255s %*d %*d %*d\nhanded %*d\n"
		       "handing %lld -\nhanded %*d\n",
		       boot, &boot_at, &handing, first, &revision, &planned, &urgent,
		       &handed, &later, second, &gone),
		11);
	assert_int_equal(batch->play_count, 2);
	assert_string_equal(boot, batch->plays[0].start.boot_id);
	assert_string_equal(first, batch->plays[0].start.slide_id);
	assert_string_equal(second, batch->plays[1].start.slide_id);
	assert_int_equal(planned, batch->plays[0].start.planned.ms);
	assert_in_range(batch->plays[0].start.began_mono.ms, handing, handed);
	assert_in_range(batch->plays[1].start.began_mono.ms, later, gone);
	assert_true(batch->plays[0].shown.ms >= later - handed);
	free(text);
	free(path);
	play_batch_free(batch);
}

/* In the frame loop's own thread, as nobody else may touch the window. */
static void blacken(int signal)
{
	SDL_Surface *surface = SDL_GetWindowSurface(SDL_GetWindowFromID(1));

	(void)signal;
	memset(surface->pixels, 0, (size_t)surface->h * (size_t)surface->pitch);
}

static void panel_that_goes_black_ends_the_play_and_is_given_a_frame_again(void **state)
{
	static const struct happening list[] = {{9000, KEY(SDLK_q)}};
	const struct itimerval soon = {.it_value.tv_sec = 3};
	struct sigaction action = {.sa_handler = blacken};
	struct play_batch *batch;

	(void)state;
	assert_int_equal(sigaction(SIGALRM, &action, NULL), 0);
	assert_int_equal(setitimer(ITIMER_REAL, &soon, NULL), 0);
	run(60000, list, ARRAY_LEN(list));
	batch = read_plays();
	assert_int_equal(batch->play_count, 2);
	assert_int_equal(batch->plays[0].outcome, PLAY_OUTPUT);
	assert_int_equal(batch->plays[1].outcome, PLAY_SHUTDOWN);
	assert_int_equal(batch->plays[1].start.output, PLAY_OUTPUT_UNKNOWN);
	play_batch_free(batch);
}

/*
 * The next slide is being drawn into the canvas of the one on screen: when the window loses
 * its pixels then, the next one comes at once, and the play ends for what it was.
 */
static void window_that_lost_its_pixels_gets_the_next_slide(void **state)
{
	static const struct happening list[] = {
		{1000, WINDOW(SDL_WINDOWEVENT_SIZE_CHANGED)},
		{1000, KEY(SDLK_q)},
	};
	struct play_batch *batch;

	(void)state;
	run(3000, list, ARRAY_LEN(list));
	batch = read_plays();
	assert_int_equal(batch->play_count, 2);
	assert_int_equal(batch->plays[0].outcome, PLAY_OUTPUT);
	assert_int_equal(batch->plays[1].outcome, PLAY_SHUTDOWN);
	assert_string_not_equal(batch->plays[0].start.slide_id,
				batch->plays[1].start.slide_id);
	play_batch_free(batch);
}

/* Long before the next slide is drawn, it is only shown again. */
static void window_that_lost_its_pixels_gets_them_back(void **state)
{
	static const struct happening list[] = {
		{1000, WINDOW(SDL_WINDOWEVENT_SIZE_CHANGED)},
		{1000, KEY(SDLK_q)},
	};
	struct play_batch *batch;

	(void)state;
	run(60000, list, ARRAY_LEN(list));
	batch = read_plays();
	assert_int_equal(batch->play_count, 1);
	assert_int_equal(batch->plays[0].outcome, PLAY_SHUTDOWN);
	play_batch_free(batch);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(lost_panel_ends_the_play_and_its_return_begins_one),
		TEST(window_that_lost_its_pixels_gets_the_next_slide),
		TEST(window_that_lost_its_pixels_gets_them_back),
		TEST(operator_key_ends_the_play_as_such),
		TEST(observer_tells_what_was_presented_and_for_how_long),
		TEST(panel_that_goes_black_ends_the_play_and_is_given_a_frame_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
