#include "display/loop.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "core/err.h"
#include "core/notice.h"
#include "display/director.h"
#include "display/fade.h"
#include "display/observer.h"
#include "display/output.h"
#include "display/playing.h"
#include "display/receiver.h"
#include "display/recorder.h"
#include "display/reporter.h"
#include "display/sample.h"
#include "display/set.h"
#include "display/show.h"
#include "display/snapshot.h"
#include "display/worker.h"
#include "os/clock.h"
#include "os/log.h"
#include "os/notify.h"
#include "render/canvas.h"

/* Between two tries to present when the output fails. */
#define RETRY_MS 2000

/* Notices remembered as announced: more than a programme usually has. */
#define ANNOUNCED_MAX 256

/* What a cross-fade leads to. */
enum fade_goal {
	FADE_TO_NEXT,    /* another slide: a play ends and one begins */
	FADE_TO_REFRESH, /* the same slide in another theme */
};

struct loop {
	const struct loop_options *options;
	struct director *director;
	struct output *output;
	struct playing playing;
	struct span_ms frame;

	bool fading; /* else the picture stands still */
	enum fade_goal goal;
	struct director_cue cue;
	struct mono_ms fade_began, next_frame;
	struct span_ms fade_span;

	int64_t frames_before;  /* presented before the newest one */
	int64_t frames_pumped;  /* presented before events were read last */
	struct mono_ms look_at; /* when to look again at what is on the panel */

	bool lost; /* nobody can see anything: the panel is gone, or presenting fails */
	struct mono_ms retry_at; /* 0: the output tells when it is back */
	bool complained;         /* of that, until a play begins again */
	bool ready_told;
	uint64_t announced[ANNOUNCED_MAX]; /* notices shown before, by hash; a ring */
	size_t announced_count;
	struct mono_ms pump_at, snapshot_at, watchdog_at, exit_at;
	struct span_ms watchdog_every;
	bool stop;
};

/* --- what was presented -------------------------------------------------------------- */

static void take_snapshot(struct loop *loop)
{
	const struct show *show = director_current(loop->director);
	struct err err = {0};
	struct canvas *copy;

	if (!loop->options->snapshot || !show)
		return;
	copy = output_copy(loop->output, &err);
	if (copy)
		snapshot_post(loop->options->snapshot, copy, show->slide_id);
	else
		log_warning("snapshot: %s", err.text);
}

/* Between two frames, while none is due. */
static void give_picture(struct loop *loop)
{
	struct reporter *reporter = loop->options->reporter;
	struct canvas *copy;
	struct err err = {0};

	if (!reporter || loop->fading || !reporter_wants_picture(reporter))
		return;
	copy = output_copy_thinned(loop->output, REPORTER_PICTURE_SIDE, &err);
	if (!copy)
		log_warning("snapshot: %s", err.text);
	reporter_picture(reporter, copy);
}

/* Tells what is on screen now, when that has changed. */
static void report_scene(struct loop *loop)
{
	const struct show *show = director_current(loop->director);
	bool seen = show && !loop->lost;

	if (loop->options->reporter)
		reporter_scene(loop->options->reporter, seen ? show->slide_id : "",
			       show ? set_version(show->set) : 0,
			       loop->lost ? PLAY_OUTPUT_OFF : loop->playing.start.output,
			       output_describe(loop->output));
}

static void report_frame(struct loop *loop, struct now now)
{
	if (loop->options->reporter)
		reporter_presented(loop->options->reporter, now.mono);
}

static bool show_canvas(struct loop *loop, const struct canvas *canvas, struct now now,
			struct err *err)
{
	if (!output_show(loop->output, canvas, err))
		return false;
	report_frame(loop, now);
	return true;
}

/* FNV-1a over the item and its revision. */
static uint64_t hash_revision(const char *item_id, int64_t revision)
{
	uint64_t hash = UINT64_C(14695981039346656037) ^ (uint64_t)revision;

	for (const char *at = item_id; *at; at++)
		hash = (hash ^ (unsigned char)*at) * UINT64_C(1099511628211);
	return hash;
}

/* Each revision of a notice is announced when it is first seen, for those who measure. */
static void announce(struct loop *loop, const struct show *show, const struct now *now)
{
	const struct notice *notice = show_notice(show);
	uint64_t hash;

	log_info("showing %s", show->slide_id);
	notify_status(show->slide_id);
	if (!notice)
		return;
	hash = hash_revision(show->item_id, notice->revision);
	for (size_t i = 0; i < ANNOUNCED_MAX; i++)
		if (loop->announced[i] == hash)
			return;
	loop->announced[loop->announced_count++ % ANNOUNCED_MAX] = hash;
	log_info("presented %s first frame at %" PRId64, show->item_id, now->wall.ms);
}

/* What the output says of the newest frame. */
static struct playing_frame newest_frame(struct loop *loop)
{
	struct playing_frame frame = {
		.output = output_state(loop->output),
		.before = loop->frames_before,
		.presented = output_frames(loop->output),
	};
	struct sample sample;
	struct err err = {0};

	if (!output_sample(loop->output, &sample, &err)) {
		log_warning("%s", err.text);
		return frame;
	}
	frame.picture = sample.checksum;
	if (sample.black && play_output_is_visible(frame.output))
		frame.output = PLAY_OUTPUT_BLACK;
	return frame;
}

static void begin_play(struct loop *loop, const struct now *now)
{
	const struct show *show = director_current(loop->director);
	struct playing_frame frame = newest_frame(loop);

	playing_begin(&loop->playing, show, now, &frame);
	loop->look_at.ms = now->mono.ms + RECORDER_HEARTBEAT_MS;
	if (frame.output == PLAY_OUTPUT_BLACK && !loop->complained)
		log_warning("what is presented is black: it is not counted");
	else if (frame.output != PLAY_OUTPUT_BLACK && loop->complained)
		log_notice("the output is back: %s", output_describe(loop->output));
	loop->complained = frame.output == PLAY_OUTPUT_BLACK;
	announce(loop, show, now);
	if (!loop->ready_told)
		notify_ready(show->slide_id);
	loop->ready_told = true;
	report_scene(loop);
	take_snapshot(loop);
	if (loop->options->snapshot_every.ms > 0)
		loop->snapshot_at.ms = now->mono.ms + loop->options->snapshot_every.ms;
}

/* The next slide is on the panel at full opacity: the moment that count.md speaks of. */
static void next_is_shown(struct loop *loop)
{
	struct now now = clock_now();

	playing_end(&loop->playing, now.mono, loop->frames_before, loop->frame,
		    loop->cue.cause);
	director_advance(loop->director, now);
	begin_play(loop, &now);
	observer_handed(loop->options->observer);
}

/* Nobody sees anything from now on. */
static void lose_output(struct loop *loop, struct mono_ms mono, const char *why)
{
	output_fade_end(loop->output);
	loop->fading = false;
	if (!loop->complained)
		log_warning("%s: nothing can be seen", why);
	loop->complained = true;
	loop->lost = true;
	observer_handing(loop->options->observer, NULL);
	playing_end(&loop->playing, mono, output_frames(loop->output), loop->frame,
		    PLAY_OUTPUT);
	observer_handed(loop->options->observer);
	report_scene(loop);
}

static void presenting_failed(struct loop *loop, struct mono_ms mono,
			      const struct err *err)
{
	lose_output(loop, mono, err->text);
	loop->retry_at.ms = mono.ms + RETRY_MS;
}

/* --- presenting ---------------------------------------------------------------------- */

/* Presents @show at full opacity. */
static bool present_show(struct loop *loop, const struct show *show, struct now now,
			 struct err *err)
{
	loop->frames_before = output_frames(loop->output);
	observer_handing(loop->options->observer, show);
	return show_canvas(loop, show->canvas, now, err);
}

/* Presents a frame of the fade; the last one, @*out_over, has the next slide alone. */
static bool present_fade(struct loop *loop, int opacity, bool *out_over, struct err *err)
{
	loop->frames_before = output_frames(loop->output);
	if (loop->goal == FADE_TO_NEXT &&
	    (opacity == FADE_FULL || !output_holds(loop->output)))
		observer_handing(loop->options->observer, loop->cue.next);
	return output_fade(loop->output, opacity, out_over, err);
}

static void cut_to_next(struct loop *loop, struct now now)
{
	struct err err = {0};

	if (!present_show(loop, loop->cue.next, now, &err)) {
		presenting_failed(loop, now.mono, &err);
		return;
	}
	next_is_shown(loop);
}

/* A cross-fade from what is presented to @to, if that is possible, else false. */
static bool begin_fade(struct loop *loop, const struct canvas *to, enum fade_goal goal,
		       struct span_ms span, struct now now)
{
	struct err ignored = {0};

	if (span.ms <= 0 || !output_fade_begin(loop->output, to, &ignored))
		return false;
	loop->fading = true;
	loop->goal = goal;
	loop->fade_span = span;
	loop->fade_began = now.mono;
	loop->next_frame = now.mono;
	return true;
}

static void step_fade(struct loop *loop, struct now now)
{
	int64_t elapsed = now.mono.ms - loop->fade_began.ms + loop->frame.ms;
	int opacity = FADE_FULL;
	bool over = false;
	struct err err = {0};

	if (now.mono.ms < loop->next_frame.ms)
		return;
	if (elapsed < loop->fade_span.ms)
		opacity = (int)(elapsed * FADE_FULL / loop->fade_span.ms);
	if (!present_fade(loop, opacity, &over, &err)) {
		presenting_failed(loop, now.mono, &err);
		return;
	}
	report_frame(loop, now);
	loop->next_frame.ms = now.mono.ms + loop->frame.ms;
	if (!over)
		return;
	loop->fading = false;
	if (loop->goal == FADE_TO_NEXT)
		next_is_shown(loop);
}

/* Whether the slide on screen can be presented once more as it is. */
static bool has_picture(const struct loop *loop)
{
	return output_holds(loop->output) || director_current(loop->director)->canvas;
}

static bool present_current(struct loop *loop, struct err *err)
{
	const struct show *show = director_current(loop->director);

	loop->frames_before = output_frames(loop->output);
	observer_handing(loop->options->observer, show);
	return output_holds(loop->output) ? output_show_again(loop->output, err)
					  : output_show(loop->output, show->canvas, err);
}

static void show_again(struct loop *loop, struct now now)
{
	struct err err = {0};

	/* A fade presents its next frame in a moment, whole. */
	if (loop->lost || loop->fading || !director_current(loop->director))
		return;
	if (!has_picture(loop)) {
		/* The next slide is being drawn into its canvas, and comes at once. */
		lose_output(loop, now.mono, "the window lost its picture");
		loop->retry_at = now.mono;
		return;
	}
	if (!present_current(loop, &err))
		presenting_failed(loop, now.mono, &err);
}

/* The same slide with another clock, theme or size. Its play goes on. */
static void touch_picture(struct loop *loop, struct now now)
{
	static const struct span_ms theme_fade = {400};
	const struct canvas *picture = NULL;
	int rect[4] = {0};
	struct err err = {0};

	switch (director_touch(loop->director, &picture, rect)) {
	case DIRECTOR_TOUCH_NONE:
		return;
	case DIRECTOR_TOUCH_CLOCK:
		/* Without what it is a part of, a whole picture with this clock follows. */
		if (output_show_part(loop->output, picture, rect, &err))
			report_frame(loop, now);
		else
			show_again(loop, now);
		return;
	case DIRECTOR_TOUCH_REFRESH:
		if (begin_fade(loop, picture, FADE_TO_REFRESH, theme_fade, now))
			return;
		if (!show_canvas(loop, picture, now, &err))
			presenting_failed(loop, now.mono, &err);
		return;
	}
}

/* The output may be there again: what may be on screen now is presented, by a cut. */
static void resume(struct loop *loop, struct now now)
{
	const struct show *show = director_current(loop->director);
	struct err err = {0};

	loop->retry_at.ms = 0;
	if (show && !has_picture(loop))
		director_skip(loop->director);
	if (!show || director_cue(loop->director, now, &loop->cue)) {
		loop->lost = false;
		if (show)
			cut_to_next(loop, now);
		return;
	}
	if (!has_picture(loop)) {
		loop->retry_at.ms = now.mono.ms + loop->frame.ms;
		return;
	}
	if (!present_current(loop, &err)) {
		presenting_failed(loop, now.mono, &err);
		return;
	}
	report_frame(loop, now);
	loop->lost = false;
	director_resume(loop->director, now);
	begin_play(loop, &now);
	observer_handed(loop->options->observer);
}

static void present(struct loop *loop, struct now now)
{
	const struct show *show = director_current(loop->director);

	if (loop->lost) {
		if (loop->retry_at.ms > 0 && now.mono.ms >= loop->retry_at.ms)
			resume(loop, now);
		return;
	}
	if (!loop->fading) {
		touch_picture(loop, now);
		if (loop->fading || loop->lost)
			return;
		if (!director_cue(loop->director, now, &loop->cue))
			return;
		if (!show || !begin_fade(loop, loop->cue.next->canvas, FADE_TO_NEXT,
					 loop->cue.fade, now)) {
			cut_to_next(loop, now);
			return;
		}
	}
	step_fade(loop, now);
}

/* --- what happened ------------------------------------------------------------------- */

static void take_signal(struct loop *loop)
{
	struct signalfd_siginfo info;

	if (read(loop->options->signal_fd, &info, sizeof(info)) ==
	    (ssize_t)sizeof(info)) {
		log_notice("asked to stop");
		loop->stop = true;
	}
}

static void take_news(struct loop *loop, struct now now)
{
	struct set *set = receiver_take(loop->options->receiver);
	struct err err = {0};

	if (!set)
		return;
	if (!director_use(loop->director, set, now, &err))
		log_error("%s; the last good programme stays", err.text);
	set_unref(set);
}

static void take_size(struct loop *loop)
{
	int width, height;

	output_size(loop->output, &width, &height);
	director_resize(loop->director, width, height);
	loop->frame = output_frame(loop->output);
}

static void take_events(struct loop *loop, struct now now)
{
	unsigned events;

	/* A fade has frames to present, and is over in a moment. */
	if (loop->fading && now.mono.ms < loop->pump_at.ms)
		return;
	loop->pump_at.ms = now.mono.ms + output_pump_every(loop->output).ms;
	loop->frames_pumped = output_frames(loop->output);
	events = output_pump(loop->output, now.mono);
	if (events & OUTPUT_EVENT_QUIT)
		loop->stop = true;
	if (events & OUTPUT_EVENT_NEXT)
		director_skip(loop->director);
	if (events & OUTPUT_EVENT_RESIZED) {
		take_size(loop);
		log_info("output %s", output_describe(loop->output));
	}
	if (events & OUTPUT_EVENT_LOST) {
		lose_output(loop, now.mono, "the panel went away");
		loop->retry_at.ms = 0;
	}
	if ((events & OUTPUT_EVENT_BACK) && loop->lost)
		resume(loop, now);
	else if (events & OUTPUT_EVENT_EXPOSED)
		show_again(loop, now);
}

/*
 * What stands still is looked at now and then: a driver that was reset shows black until it
 * is given a frame again.
 */
static void look_again(struct loop *loop, struct now now)
{
	struct sample sample;
	struct err err = {0};

	if (!loop->playing.open || loop->fading || now.mono.ms < loop->look_at.ms)
		return;
	loop->look_at.ms = now.mono.ms + RECORDER_HEARTBEAT_MS;
	if (loop->playing.start.output == PLAY_OUTPUT_BLACK ||
	    !output_sample(loop->output, &sample, &err) || !sample.black)
		return;
	err_set(&err, ERR_IO, "the panel has gone black");
	output_forget(loop->output);
	presenting_failed(loop, now.mono, &err);
}

static void feed_watchdog(struct loop *loop, struct now now)
{
	if (loop->watchdog_every.ms == 0 || now.mono.ms < loop->watchdog_at.ms)
		return;
	loop->watchdog_at.ms = now.mono.ms + loop->watchdog_every.ms;
	/* Without a panel there is nothing to present, which a restart would not change. */
	if (loop->lost || !director_is_stuck(loop->director, now))
		notify_watchdog();
}

static void earlier(int64_t *at, struct mono_ms candidate)
{
	if (candidate.ms > 0 && candidate.ms < *at)
		*at = candidate.ms;
}

static int wait_ms(const struct loop *loop, struct now now)
{
	int64_t at = now.mono.ms + director_wait(loop->director, now).ms;

	/* While it is lost, or fades, what the director waits for has to wait, too. */
	if (loop->lost || loop->fading)
		at = loop->pump_at.ms;
	earlier(&at, loop->pump_at);
	/* For the recorder, too, which is to be told as often that all is well. */
	if (loop->playing.open && !loop->fading)
		earlier(&at, loop->look_at);
	earlier(&at, loop->snapshot_at);
	earlier(&at, loop->exit_at);
	if (loop->watchdog_every.ms > 0)
		earlier(&at, loop->watchdog_at);
	if (loop->fading)
		earlier(&at, loop->next_frame);
	if (loop->lost)
		earlier(&at, loop->retry_at);
	return at > now.mono.ms ? (int)(at - now.mono.ms) : 0;
}

static void sleep_until_due(struct loop *loop, struct now now)
{
	const struct loop_options *options = loop->options;
	struct pollfd fds[] = {
		{.fd = options->signal_fd, .events = POLLIN},
		/* Looked at when the fade is over. */
		{.fd = worker_fd(options->worker), .events = POLLIN},
		{.fd = receiver_fd(options->receiver), .events = POLLIN},
		{.fd = options->reporter ? reporter_fd(options->reporter) : -1,
		 .events = POLLIN},
		{.fd = output_events_fd(loop->output), .events = POLLIN},
	};
	nfds_t count = loop->fading ? 1 : ARRAY_LEN(fds);

	/* Events that came with the answer to a frame are read in another turn. */
	if (!loop->fading && output_frames(loop->output) != loop->frames_pumped)
		return;
	if (poll(fds, count, wait_ms(loop, now)) > 0 && fds[0].revents)
		take_signal(loop);
}

static void turn(struct loop *loop)
{
	struct now now = clock_now();

	take_events(loop, now);
	/* A fade holds on to the pictures of both slides; it is over in a moment. */
	if (!loop->fading) {
		take_news(loop, now);
		director_lend(loop->director, output_holds(loop->output) && !loop->lost);
		director_update(loop->director, now);
	}
	present(loop, now);
	if (loop->snapshot_at.ms > 0 && now.mono.ms >= loop->snapshot_at.ms &&
	    !loop->fading && !loop->lost) {
		loop->snapshot_at.ms = now.mono.ms + loop->options->snapshot_every.ms;
		take_snapshot(loop);
	}
	give_picture(loop);
	look_again(loop, now);
	if (loop->options->recorder)
		recorder_alive(loop->options->recorder, now.mono);
	feed_watchdog(loop, now);
	if (loop->exit_at.ms > 0 && now.mono.ms >= loop->exit_at.ms)
		loop->stop = true;
	if (!loop->stop)
		sleep_until_due(loop, clock_now());
}

bool loop_run(const struct loop_options *options, struct err *err)
{
	struct loop loop = {
		.options = options,
		.director = options->director,
		.output = options->output,
		.playing.recorder = options->recorder,
		.watchdog_every = notify_watchdog_interval(),
	};

	if (!clock_boot_id(loop.playing.boot_id, err))
		return false;
	take_size(&loop);
	if (options->exit_after.ms > 0)
		loop.exit_at.ms = clock_mono().ms + options->exit_after.ms;
	while (!loop.stop)
		turn(&loop);
	notify_stopping();
	output_fade_end(loop.output);
	observer_handing(options->observer, NULL);
	playing_end(&loop.playing, clock_mono(), output_frames(loop.output), loop.frame,
		    PLAY_SHUTDOWN);
	observer_handed(options->observer);
	return true;
}
