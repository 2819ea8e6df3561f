#ifndef DISPLAY_OUTPUT_H
#define DISPLAY_OUTPUT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/attr.h"
#include "core/play.h"
#include "core/time.h"

struct canvas;
struct err;
struct output;
struct sample;

/*
 * The window on the panel, and the only place that knows SDL. Two ways to present: software
 * writes into the window's own pixels (X11, offscreen), gpu draws textures (KMSDRM, which
 * has no other, and Wayland).
 *
 * One thread at a time: the one that made it.
 */
enum output_render {
	OUTPUT_AUTO, /* gpu on KMSDRM and Wayland, else software */
	OUTPUT_SOFTWARE,
	OUTPUT_GPU,
};

struct output_options {
	const char *title;
	const char *driver; /* SDL's video driver; NULL or "": SDL chooses */
	enum output_render render;
	bool windowed;
	bool keys;         /* whether a keyboard may steer a fullscreen window, too */
	int width, height; /* windowed, or where the driver has no real panel */
};

/* Opens the display and a window without a cursor. NULL on failure. */
MUST_USE struct output *output_new(const struct output_options *options, struct err *err);
struct output *output_free(struct output *output); /* NULL is fine; returns NULL */

/* Pixels of the window now. */
void output_size(const struct output *output, int *out_width, int *out_height);

/* How long one frame lasts on the panel. */
struct span_ms output_frame(const struct output *output);

/* Whether anybody can see it, as far as the driver can tell. */
enum play_output output_state(const struct output *output);

/* One line for people: driver, size, way of presenting. */
const char *output_describe(const struct output *output);

/* What happened since the last call, as bits. */
enum output_event {
	OUTPUT_EVENT_QUIT = 1 << 0, /* the window was closed, or Escape / q in a window */
	OUTPUT_EVENT_NEXT = 1 << 1, /* space / right in a window */
	OUTPUT_EVENT_RESIZED = 1 << 2, /* output_size() changed: slides are drawn anew */
	OUTPUT_EVENT_EXPOSED = 1 << 3, /* what was presented is gone: show it again */
	OUTPUT_EVENT_LOST = 1 << 4,    /* the panel went away */
	OUTPUT_EVENT_BACK = 1 << 5,    /* it is there again, with its mode read anew */
};

/*
 * Reads the driver's events; never waits. @now says when the panel's connection is to be
 * looked at again. Returns bits of enum output_event.
 */
unsigned output_pump(struct output *output, struct mono_ms now);

/*
 * Readable when there are events to be read, for poll(2); -1: only output_pump() can tell. It
 * is silent of events that came along with the answer to a frame, so they are to be read
 * once more after one was presented. May change with each output_pump().
 */
int output_events_fd(const struct output *output);

/* How often events are to be read at least, also with that. */
struct span_ms output_pump_every(const struct output *output);

/* Presents a canvas, scaled when it is not of the window's size (until one that is comes). */
MUST_USE bool output_show(struct output *output, const struct canvas *canvas,
			  struct err *err);

/*
 * Presents rectangle @rect (x, y, width, height) of @canvas over what is there, at the same
 * place. ERR_CONFLICT unless output_holds() a picture that was not scaled.
 */
MUST_USE bool output_show_part(struct output *output, const struct canvas *canvas,
			       const int rect[static 4], struct err *err);

/*
 * Whether the window itself still has what was presented last, so that no canvas of it has
 * to be kept: a new window, or one of another size, has nothing.
 */
bool output_holds(const struct output *output);

/* What the window has is spoiled: it holds nothing until a picture is shown. */
void output_forget(struct output *output);

/* Presents that once more, after OUTPUT_EVENT_EXPOSED. ERR_CONFLICT unless output_holds(). */
MUST_USE bool output_show_again(struct output *output, struct err *err);

/*
 * Begins a cross-fade from what is presented now to @to, borrowed until it is over or
 * output_fade_end(). ERR_CONFLICT when there is nothing to begin with, or @to does not
 * have the window's size: a cut is the way then.
 */
MUST_USE bool output_fade_begin(struct output *output, const struct canvas *to,
				struct err *err);

/*
 * Presents one frame of it. Sets @out_over when @to is presented as it is: at FADE_FULL, or
 * sooner when the window lost what the fade began with.
 */
MUST_USE bool output_fade(struct output *output, int opacity, bool *out_over,
			  struct err *err);

/* Leaves it where it is, for another picture to be presented. None begun is fine. */
void output_fade_end(struct output *output);

/* Frames that the driver has taken to present, since the output was made. */
int64_t output_frames(const struct output *output);

/* A few pixels of what was presented last, read back from there. */
MUST_USE bool output_sample(struct output *output, struct sample *out, struct err *err);

/* Copies what was presented last, owned; NULL on failure. */
MUST_USE struct canvas *output_copy(struct output *output, struct err *err);
/*
 * The same for a picture that is made small anyway, in less than a frame's time: where it
 * can, only each n-th pixel of each n-th row, the longer side being @side or more still.
 */
MUST_USE struct canvas *output_copy_thinned(struct output *output, int side,
					    struct err *err);

#endif /* DISPLAY_OUTPUT_H */
