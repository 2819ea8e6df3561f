#include "display/output.h"

#include <SDL.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/err.h"
#include "display/fade.h"
#include "display/panel.h"
#include "display/sample.h"
#include "display/x11.h"
#include "render/canvas.h"

#define DEFAULT_WIDTH  1920
#define DEFAULT_HEIGHT 1080
#define DEFAULT_HZ     60
#define PANEL_EVERY_MS 2000

/* How often events are read. */
#define PUMP_WINDOW_MS 250  /* a person at a window expects an answer */
#define PUMP_PANEL_MS  1000 /* a panel has only a plug now and then */
#define PUMP_TOLD_MS   4000 /* a descriptor tells, or there are none: SDL's housekeeping */

static const char drm_class[] = "/sys/class/drm";

struct output {
	struct output_options options;
	char title[128], driver[32];
	char description[128];
	bool fullscreen;
	bool is_kms;  /* SDL does not notice plugs there: panel.h does */
	bool is_real; /* a panel that somebody could look at */
	bool gpu;
	SDL_Window *window;
	int events_fd; /* -1: none */
	int width, height;

	/* software */
	SDL_Surface *scratch; /* when the window's own pixels have another format */
	struct tiles shown;   /* of what is put together there */
	struct fade *fade;    /* under way, or the last one; may be NULL */
	bool whole;    /* the next frame goes out whole: parts of the window are lost */
	bool covering; /* X11: covers the panel, but the window manager is not told yet */

	/* gpu */
	SDL_Renderer *renderer;
	SDL_Texture *textures[2]; /* shown, and what a cross-fade leads to */

	int64_t frames;                 /* presented so far */
	bool holds;                     /* see output_holds() */
	bool scaled;                    /* what it holds */
	const struct canvas *fading_to; /* NULL: no cross-fade */

	bool hidden; /* minimised, or no display left */
	enum play_output panel;
	struct mono_ms panel_at;
};

static bool sdl_failed(struct err *err, const char *what)
{
	return err_set(err, ERR_IO, "output: %s: %s", what, SDL_GetError());
}

/* --- opening and closing ------------------------------------------------------------- */

static void set_hints(const struct output *output)
{
	SDL_SetHint(SDL_HINT_NO_SIGNAL_HANDLERS, "1"); /* the loop has its own */
	SDL_SetHint(SDL_HINT_VIDEO_MINIMIZE_ON_FOCUS_LOSS, "0");
	SDL_SetHint(SDL_HINT_RENDER_SCALE_QUALITY, "linear");
	/* Else SDL presents a software window through GL, which here means llvmpipe. */
	SDL_SetHint(SDL_HINT_FRAMEBUFFER_ACCELERATION, "0");
	if (output->driver[0])
		SDL_SetHint(SDL_HINT_VIDEODRIVER, output->driver);
}

static void close_video(struct output *output)
{
	for (size_t i = 0; i < ARRAY_LEN(output->textures); i++) {
		if (output->textures[i])
			SDL_DestroyTexture(output->textures[i]);
		output->textures[i] = NULL;
	}
	SDL_FreeSurface(output->scratch);
	output->scratch = NULL;
	if (output->renderer)
		SDL_DestroyRenderer(output->renderer);
	output->renderer = NULL;
	if (output->window)
		SDL_DestroyWindow(output->window);
	output->window = NULL;
	output->events_fd = -1;
	output->holds = false;
	SDL_QuitSubSystem(SDL_INIT_VIDEO);
}

static bool open_window(struct output *output, const char *driver, struct err *err)
{
	int width = output->options.width > 0 ? output->options.width : DEFAULT_WIDTH;
	int height = output->options.height > 0 ? output->options.height : DEFAULT_HEIGHT;
	SDL_Rect at = {SDL_WINDOWPOS_CENTERED, SDL_WINDOWPOS_CENTERED, width, height};
	Uint32 flags = SDL_WINDOW_ALLOW_HIGHDPI;

	output->covering = false;
	/* Drivers without a panel report 1024x768, which fullscreen would take. */
	if (!output->fullscreen || !output->is_real) {
		flags |= SDL_WINDOW_RESIZABLE;
	} else if (strcmp(driver, "x11") == 0 && SDL_GetDisplayBounds(0, &at) == 0) {
		/* SDL waits 100 ms for a window manager to answer, there or not. */
		flags |= SDL_WINDOW_BORDERLESS;
		output->covering = true;
	} else {
		flags |= SDL_WINDOW_FULLSCREEN_DESKTOP;
	}
	output->window = SDL_CreateWindow(output->title, at.x, at.y, at.w, at.h, flags);
	if (!output->window)
		return sdl_failed(err, "can't open a window");
	if (output->fullscreen)
		SDL_ShowCursor(SDL_DISABLE);
	SDL_DisableScreenSaver();
	return true;
}

static bool open_gpu(struct output *output, struct err *err)
{
	output->renderer = SDL_CreateRenderer(
		output->window, -1, SDL_RENDERER_ACCELERATED | SDL_RENDERER_PRESENTVSYNC);
	if (!output->renderer)
		return sdl_failed(err, "can't draw with the GPU");
	output->gpu = true;
	return true;
}

static bool open_software(struct output *output, struct err *err)
{
	if (!SDL_GetWindowSurface(output->window))
		return sdl_failed(err, "can't draw in software");
	output->gpu = false;
	return true;
}

/* The way that fits the driver first; the other when that one fails and may be chosen. */
static bool open_drawing(struct output *output, const char *driver, struct err *err)
{
	bool prefers_gpu = output->is_kms || strcmp(driver, "wayland") == 0;
	struct err first = {0};

	switch (output->options.render) {
	case OUTPUT_SOFTWARE:
		return open_software(output, err);
	case OUTPUT_GPU:
		return open_gpu(output, err);
	case OUTPUT_AUTO:
		break;
	}
	if (prefers_gpu)
		return open_gpu(output, &first) || open_software(output, err);
	return open_software(output, &first) || open_gpu(output, err);
}

static void read_size(struct output *output)
{
	if (output->gpu)
		SDL_GetRendererOutputSize(output->renderer, &output->width,
					  &output->height);
	else
		SDL_GetWindowSize(output->window, &output->width, &output->height);
	snprintf(output->description, sizeof(output->description), "%s %dx%d, %s",
		 SDL_GetCurrentVideoDriver(), output->width, output->height,
		 output->gpu ? "gpu" : "software");
}

static bool open_video(struct output *output, struct err *err)
{
	const char *driver;

	set_hints(output);
	if (SDL_InitSubSystem(SDL_INIT_VIDEO) != 0)
		return sdl_failed(err, "can't open the display");
	driver = SDL_GetCurrentVideoDriver();
	output->is_kms = strcmp(driver, "KMSDRM") == 0;
	output->is_real =
		strcmp(driver, "offscreen") != 0 && strcmp(driver, "dummy") != 0;
	if (!open_window(output, driver, err) || !open_drawing(output, driver, err)) {
		close_video(output);
		return false;
	}
	output->events_fd = x11_fd(output->window);
	output->whole = true;
	output->hidden = false;
	read_size(output);
	return true;
}

struct output *output_new(const struct output_options *options, struct err *err)
{
	struct output *output = calloc(1, sizeof(*output));

	if (!output) {
		err_set(err, ERR_NO_MEMORY, "output: out of memory");
		return NULL;
	}
	output->options = *options;
	snprintf(output->title, sizeof(output->title), "%s", options->title);
	snprintf(output->driver, sizeof(output->driver), "%s",
		 options->driver ? options->driver : "");
	output->fullscreen = !options->windowed;
	output->panel = PLAY_OUTPUT_UNKNOWN;
	if (open_video(output, err)) {
		if (output->is_kms)
			output->panel = panel_state(drm_class);
		return output;
	}
	free(output);
	return NULL;
}

struct output *output_free(struct output *output)
{
	if (!output)
		return NULL;
	fade_free(output->fade);
	tiles_free(&output->shown);
	close_video(output);
	free(output);
	return NULL;
}

void output_size(const struct output *output, int *out_width, int *out_height)
{
	*out_width = output->width;
	*out_height = output->height;
}

struct span_ms output_frame(const struct output *output)
{
	SDL_DisplayMode mode = {0};
	int display = output->window ? SDL_GetWindowDisplayIndex(output->window) : -1;
	int hz = DEFAULT_HZ;

	if (display >= 0 && SDL_GetCurrentDisplayMode(display, &mode) == 0 &&
	    mode.refresh_rate > 0)
		hz = mode.refresh_rate;
	return (struct span_ms){(1000 + hz - 1) / hz};
}

enum play_output output_state(const struct output *output)
{
	if (!output->window || output->hidden)
		return PLAY_OUTPUT_OFF;
	if (output->is_kms)
		return output->panel;
	return output->is_real ? PLAY_OUTPUT_ON : PLAY_OUTPUT_UNKNOWN;
}

const char *output_describe(const struct output *output)
{
	return output->description;
}

/* --- events -------------------------------------------------------------------------- */

static unsigned key_event(struct output *output, SDL_Keycode key)
{
	if (output->fullscreen && !output->options.keys)
		return 0;
	if (key == SDLK_ESCAPE || key == SDLK_q)
		return OUTPUT_EVENT_QUIT;
	if (key == SDLK_SPACE || key == SDLK_RIGHT)
		return OUTPUT_EVENT_NEXT;
	if (key == SDLK_f && output->is_real) {
		output->fullscreen = !output->fullscreen;
		SDL_SetWindowFullscreen(output->window,
					output->fullscreen ? SDL_WINDOW_FULLSCREEN_DESKTOP
							   : 0);
		/* Whoever found the key has to find the way back. */
		output->options.keys = true;
		SDL_ShowCursor(output->fullscreen ? SDL_DISABLE : SDL_ENABLE);
	}
	return 0;
}

static unsigned window_event(struct output *output, int event)
{
	if (event == SDL_WINDOWEVENT_CLOSE)
		return OUTPUT_EVENT_QUIT;
	if (event == SDL_WINDOWEVENT_SIZE_CHANGED) {
		int width = output->width;
		int height = output->height;

		read_size(output);
		output->whole = true;
		/* SDL makes the window's pixels anew; textures are not concerned. */
		output->holds = output->holds && output->gpu;
		return OUTPUT_EVENT_EXPOSED |
		       (output->width != width || output->height != height
				? OUTPUT_EVENT_RESIZED
				: 0u);
	}
	if (event == SDL_WINDOWEVENT_HIDDEN || event == SDL_WINDOWEVENT_MINIMIZED) {
		output->hidden = true;
		return OUTPUT_EVENT_LOST;
	}
	if (event == SDL_WINDOWEVENT_SHOWN || event == SDL_WINDOWEVENT_RESTORED ||
	    event == SDL_WINDOWEVENT_EXPOSED) {
		bool was_hidden = output->hidden;

		output->hidden = false;
		output->whole = true;
		return OUTPUT_EVENT_EXPOSED | (was_hidden ? OUTPUT_EVENT_BACK : 0u);
	}
	return 0;
}

/* A display was plugged or unplugged: the fullscreen window takes its mode anew. */
static unsigned display_event(struct output *output, int event)
{
	if (event == SDL_DISPLAYEVENT_DISCONNECTED && SDL_GetNumVideoDisplays() < 1) {
		output->hidden = true;
		return OUTPUT_EVENT_LOST;
	}
	if (event != SDL_DISPLAYEVENT_CONNECTED && event != SDL_DISPLAYEVENT_DISCONNECTED)
		return 0;
	if (output->fullscreen && output->is_real) {
		SDL_SetWindowFullscreen(output->window, 0);
		SDL_SetWindowFullscreen(output->window, SDL_WINDOW_FULLSCREEN_DESKTOP);
	}
	return window_event(output, SDL_WINDOWEVENT_SIZE_CHANGED) |
	       window_event(output, SDL_WINDOWEVENT_SHOWN);
}

static unsigned take_event(struct output *output, const SDL_Event *event)
{
	switch (event->type) {
	case SDL_QUIT:
		return OUTPUT_EVENT_QUIT;
	case SDL_WINDOWEVENT:
		return window_event(output, event->window.event);
	case SDL_DISPLAYEVENT:
		return display_event(output, event->display.event);
	case SDL_KEYDOWN:
		return event->key.repeat ? 0 : key_event(output, event->key.keysym.sym);
	case SDL_RENDER_TARGETS_RESET:
	case SDL_RENDER_DEVICE_RESET:
		return OUTPUT_EVENT_EXPOSED;
	default:
		return 0;
	}
}

/* KMSDRM: a panel that is plugged in again may have another mode, so all is opened anew. */
static unsigned look_at_panel(struct output *output)
{
	enum play_output before = output->panel;
	struct err ignored = {0};

	output->panel = panel_state(drm_class);
	if (output->panel == PLAY_OUTPUT_OFF)
		return before == PLAY_OUTPUT_OFF ? 0 : OUTPUT_EVENT_LOST;
	if (before != PLAY_OUTPUT_OFF && output->window)
		return 0;
	if (output->window)
		close_video(output);
	if (!open_video(output, &ignored)) {
		output->panel = PLAY_OUTPUT_OFF; /* tried again at the next look */
		return 0;
	}
	return OUTPUT_EVENT_BACK | OUTPUT_EVENT_RESIZED | OUTPUT_EVENT_EXPOSED;
}

/*
 * Once something is on the panel, the window manager, if there is one, may take its time
 * to put the window above all others.
 */
static unsigned tell_window_manager(struct output *output)
{
	output->covering = false;
	SDL_SetWindowFullscreen(output->window, SDL_WINDOW_FULLSCREEN_DESKTOP);
	output->whole = true;
	return OUTPUT_EVENT_EXPOSED;
}

unsigned output_pump(struct output *output, struct mono_ms now)
{
	unsigned events = 0;
	SDL_Event event;
	bool taken = true;

	if (output->is_kms && now.ms >= output->panel_at.ms) {
		output->panel_at.ms = now.ms + PANEL_EVERY_MS;
		events |= look_at_panel(output);
	}
	if (!output->window)
		return events;
	if (output->covering && output->frames > 0)
		events |= tell_window_manager(output);
	/* Taking one may bring others along, of which no descriptor tells. */
	while (taken) {
		taken = false;
		while (SDL_PollEvent(&event)) {
			events |= take_event(output, &event);
			taken = true;
		}
	}
	/* Gone and back between two looks, as when SDL makes a window anew for GL. */
	if ((events & OUTPUT_EVENT_LOST) && output_state(output) != PLAY_OUTPUT_OFF)
		events &= ~(unsigned)(OUTPUT_EVENT_LOST | OUTPUT_EVENT_BACK);
	return events;
}

int output_events_fd(const struct output *output)
{
	return output->events_fd;
}

struct span_ms output_pump_every(const struct output *output)
{
	if (output->events_fd >= 0 || !output->is_real)
		return (struct span_ms){PUMP_TOLD_MS};
	return (struct span_ms){output->options.windowed ? PUMP_WINDOW_MS
							 : PUMP_PANEL_MS};
}

/* --- presenting: software ------------------------------------------------------------ */

static bool is_ours(const SDL_Surface *surface)
{
	return surface->format->format == SDL_PIXELFORMAT_XRGB8888;
}

/* Where frames are put together: the window's own pixels when they have our format. */
static SDL_Surface *drawing_surface(struct output *output, SDL_Surface *window)
{
	if (is_ours(window))
		return window;
	if (output->scratch &&
	    (output->scratch->w != window->w || output->scratch->h != window->h)) {
		SDL_FreeSurface(output->scratch);
		output->scratch = NULL;
	}
	if (!output->scratch)
		output->scratch = SDL_CreateRGBSurfaceWithFormat(
			0, window->w, window->h, 32, SDL_PIXELFORMAT_XRGB8888);
	return output->scratch;
}

static bool update_window(struct output *output, SDL_Surface *window, SDL_Surface *drawn,
			  const SDL_Rect *rects, int count, struct err *err)
{
	if (drawn != window) {
		for (int i = 0; i < count; i++) {
			SDL_Rect to = rects[i];

			SDL_BlitSurface(drawn, &rects[i], window, &to);
		}
	}
	if (output->whole || count == 0) {
		if (drawn != window)
			SDL_BlitSurface(drawn, NULL, window, NULL);
		if (SDL_UpdateWindowSurface(output->window) != 0)
			return sdl_failed(err, "can't present");
		output->whole = false;
		output->frames++;
		return true;
	}
	if (SDL_UpdateWindowSurfaceRects(output->window, rects, count) != 0)
		return sdl_failed(err, "can't present");
	output->frames++;
	return true;
}

/* Where frames are put together now; NULL, with @err set, when there is no such place. */
static SDL_Surface *software_surface(struct output *output, SDL_Surface **out_window,
				     struct err *err)
{
	SDL_Surface *drawn;

	*out_window = SDL_GetWindowSurface(output->window);
	drawn = *out_window ? drawing_surface(output, *out_window) : NULL;
	if (!drawn)
		sdl_failed(err, "no window to draw in");
	return drawn;
}

/* After @canvas, or only @rect of it, was put into @drawn. */
static bool know_shown(struct output *output, const SDL_Surface *drawn,
		       const struct canvas *canvas, const SDL_Rect *rect, struct err *err)
{
	if (!tiles_resize(&output->shown, drawn->w, drawn->h))
		return err_set(err, ERR_NO_MEMORY, "output: out of memory");
	if (output->scaled)
		tiles_forget(&output->shown);
	else if (rect)
		tiles_touch(&output->shown, (int[4]){rect->x, rect->y, rect->w, rect->h});
	else
		tiles_copy(&output->shown, &canvas->tiles);
	return true;
}

/* Of @canvas the rectangle @rect, NULL: all of it. */
static bool software_show(struct output *output, const struct canvas *canvas,
			  const SDL_Rect *rect, struct err *err)
{
	SDL_Surface *window;
	SDL_Surface *drawn = software_surface(output, &window, err);
	SDL_Surface *source;
	SDL_Rect part = {0};

	if (!drawn)
		return false;
	source = SDL_CreateRGBSurfaceWithFormatFrom(canvas->pixels, canvas->width,
						    canvas->height, 32, canvas->width * 4,
						    SDL_PIXELFORMAT_XRGB8888);
	if (!source)
		return sdl_failed(err, "out of memory");
	part = rect ? *rect : (SDL_Rect){0, 0, drawn->w, drawn->h};
	SDL_SetSurfaceBlendMode(source, SDL_BLENDMODE_NONE);
	if (output->scaled)
		SDL_BlitScaled(source, NULL, drawn, NULL);
	else
		SDL_BlitSurface(source, &part, drawn, &(SDL_Rect){part.x, part.y, 0, 0});
	SDL_FreeSurface(source);
	return know_shown(output, drawn, canvas, rect, err) &&
	       update_window(output, window, drawn, &part, 1, err);
}

static bool software_again(struct output *output, struct err *err)
{
	SDL_Surface *window;
	SDL_Surface *drawn = software_surface(output, &window, err);

	return drawn && update_window(output, window, drawn, NULL, 0, err);
}

static bool software_fade_begin(struct output *output, const struct canvas *to,
				struct err *err)
{
	SDL_Surface *window;
	SDL_Surface *drawn = software_surface(output, &window, err);

	if (!drawn)
		return false;
	output->fade = fade_renew(output->fade,
				  &(struct fade_from){.pixels = drawn->pixels,
						      .pitch = (size_t)drawn->pitch,
						      .tiles = &output->shown},
				  to, err);
	tiles_forget(&output->shown);
	return output->fade != NULL;
}

static bool software_fade(struct output *output, int opacity, struct err *err)
{
	SDL_Surface *window;
	SDL_Surface *drawn = software_surface(output, &window, err);
	size_t count = 0;
	const struct fade_rect *rects = fade_rects(output->fade, &count);

	if (!drawn)
		return false;
	fade_blend(output->fade, opacity, drawn->pixels, (size_t)drawn->pitch);
	if (opacity >= FADE_FULL)
		tiles_copy(&output->shown, &output->fading_to->tiles);
	/*
	 * Nothing differs: the frame is on the panel already. The last one is presented all
	 * the same, as every play has a frame that shows it.
	 */
	if (count == 0 && !output->whole && opacity < FADE_FULL)
		return true;
	/* The same four ints in the same order. */
	_Static_assert(sizeof(SDL_Rect) == sizeof(struct fade_rect), "rectangles differ");
	return update_window(output, window, drawn, (const SDL_Rect *)rects, (int)count,
			     err);
}

/* --- presenting: gpu ----------------------------------------------------------------- */

static bool upload(struct output *output, SDL_Texture **texture,
		   const struct canvas *canvas, struct err *err)
{
	int width = 0, height = 0;

	if (*texture)
		SDL_QueryTexture(*texture, NULL, NULL, &width, &height);
	if (!*texture || width != canvas->width || height != canvas->height) {
		if (*texture)
			SDL_DestroyTexture(*texture);
		*texture = SDL_CreateTexture(output->renderer, SDL_PIXELFORMAT_XRGB8888,
					     SDL_TEXTUREACCESS_STATIC, canvas->width,
					     canvas->height);
		if (!*texture)
			return sdl_failed(err, "the GPU takes no picture of this size");
	}
	if (SDL_UpdateTexture(*texture, NULL, canvas->pixels, canvas->width * 4) != 0)
		return sdl_failed(err, "can't give a picture to the GPU");
	return true;
}

static void draw_texture(struct output *output, SDL_Texture *texture, int opacity)
{
	SDL_SetTextureBlendMode(texture, opacity < FADE_FULL ? SDL_BLENDMODE_BLEND
							     : SDL_BLENDMODE_NONE);
	SDL_SetTextureAlphaMod(texture, (Uint8)(opacity * 255 / FADE_FULL));
	SDL_RenderCopy(output->renderer, texture, NULL, NULL);
}

static void present_gpu(struct output *output)
{
	SDL_RenderPresent(output->renderer);
	output->frames++;
}

static void gpu_again(struct output *output)
{
	draw_texture(output, output->textures[0], FADE_FULL);
	present_gpu(output);
}

static bool gpu_show(struct output *output, const struct canvas *canvas, struct err *err)
{
	if (!upload(output, &output->textures[0], canvas, err))
		return false;
	gpu_again(output);
	return true;
}

static bool gpu_show_part(struct output *output, const struct canvas *canvas,
			  const SDL_Rect *part, struct err *err)
{
	const uint32_t *pixels = canvas->pixels +
				 (size_t)part->y * (size_t)canvas->width +
				 (size_t)part->x;

	if (SDL_UpdateTexture(output->textures[0], part, pixels, canvas->width * 4) != 0)
		return sdl_failed(err, "can't give a picture to the GPU");
	gpu_again(output);
	return true;
}

static void gpu_fade(struct output *output, int opacity)
{
	if (opacity < FADE_FULL)
		draw_texture(output, output->textures[0], FADE_FULL);
	draw_texture(output, output->textures[1], opacity);
	present_gpu(output);
	if (opacity >= FADE_FULL) {
		SDL_Texture *shown = output->textures[1];

		output->textures[1] = output->textures[0];
		output->textures[0] = shown;
	}
}

/* --- presenting ---------------------------------------------------------------------- */

static bool has_window_size(const struct output *output, const struct canvas *canvas)
{
	return canvas->width == output->width && canvas->height == output->height;
}

bool output_show(struct output *output, const struct canvas *canvas, struct err *err)
{
	if (!output->window)
		return err_set(err, ERR_RETRY, "output: no panel");
	output->scaled = !has_window_size(output, canvas);
	output->holds = output->gpu ? gpu_show(output, canvas, err)
				    : software_show(output, canvas, NULL, err);
	return output->holds;
}

bool output_show_part(struct output *output, const struct canvas *canvas,
		      const int rect[static 4], struct err *err)
{
	SDL_Rect part = {rect[0], rect[1], rect[2], rect[3]};

	if (!output->holds || output->scaled || canvas->width != output->width)
		return err_set(err, ERR_CONFLICT,
			       "output: no picture to put a part over");
	return output->gpu ? gpu_show_part(output, canvas, &part, err)
			   : software_show(output, canvas, &part, err);
}

bool output_holds(const struct output *output)
{
	return output->holds;
}

void output_forget(struct output *output)
{
	output->holds = false;
}

bool output_show_again(struct output *output, struct err *err)
{
	if (!output->holds)
		return err_set(err, ERR_CONFLICT, "output: the window was made anew");
	if (!output->gpu)
		return software_again(output, err);
	gpu_again(output);
	return true;
}

bool output_fade_begin(struct output *output, const struct canvas *to, struct err *err)
{
	output_fade_end(output);
	if (!output->holds || !has_window_size(output, to))
		return err_set(err, ERR_CONFLICT, "output: nothing to fade from");
	if (!(output->gpu ? upload(output, &output->textures[1], to, err)
			  : software_fade_begin(output, to, err)))
		return false;
	output->fading_to = to;
	return true;
}

bool output_fade(struct output *output, int opacity, bool *out_over, struct err *err)
{
	*out_over = false;
	if (!output->fading_to)
		return err_set(err, ERR_INTERNAL, "output: no cross-fade was begun");
	if (!output->holds) {
		opacity = FADE_FULL;
		if (!output_show(output, output->fading_to, err))
			return false;
	} else if (output->gpu) {
		gpu_fade(output, opacity);
	} else if (!software_fade(output, opacity, err)) {
		return false;
	}
	if (opacity < FADE_FULL)
		return true;
	output->scaled = !has_window_size(output, output->fading_to);
	output_fade_end(output);
	*out_over = true;
	return true;
}

void output_fade_end(struct output *output)
{
	output->fade = fade_rest(output->fade);
	output->fading_to = NULL;
}

int64_t output_frames(const struct output *output)
{
	return output->frames;
}

/*
 * Row @y of what was presented, into @line of output->width pixels. What was presented is
 * gone from a GPU's back buffer: there it must have been drawn once more.
 */
static bool read_line(struct output *output, int y, uint32_t *line)
{
	const SDL_Rect at = {0, y, output->width, 1};
	SDL_Surface *surface;

	if (output->gpu)
		return SDL_RenderReadPixels(output->renderer, &at,
					    SDL_PIXELFORMAT_XRGB8888, line,
					    output->width * 4) == 0;
	surface = SDL_GetWindowSurface(output->window);
	return surface && surface->w == output->width && surface->h == output->height &&
	       SDL_ConvertPixels(output->width, 1, surface->format->format,
				 (const uint8_t *)surface->pixels +
					 (ptrdiff_t)y * surface->pitch,
				 surface->pitch, SDL_PIXELFORMAT_XRGB8888, line,
				 output->width * 4) == 0;
}

bool output_sample(struct output *output, struct sample *out, struct err *err)
{
	uint32_t pixels[SAMPLE_ROWS * SAMPLE_COLUMNS];
	uint32_t *line;

	if (!output->window)
		return err_set(err, ERR_RETRY, "output: no panel");
	line = calloc((size_t)output->width, sizeof(*line));
	if (!line)
		return err_set(err, ERR_NO_MEMORY, "output: out of memory");
	if (output->gpu && output->textures[0])
		draw_texture(output, output->textures[0], FADE_FULL);
	for (int row = 0; row < SAMPLE_ROWS; row++) {
		if (!read_line(output, sample_at(row, SAMPLE_ROWS, output->height),
			       line)) {
			free(line);
			return sdl_failed(err, "can't read what was presented");
		}
		for (int column = 0; column < SAMPLE_COLUMNS; column++)
			pixels[row * SAMPLE_COLUMNS + column] =
				line[sample_at(column, SAMPLE_COLUMNS, output->width)];
	}
	free(line);
	*out = sample_of(pixels);
	return true;
}

struct canvas *output_copy(struct output *output, struct err *err)
{
	SDL_Surface *surface = NULL;
	struct canvas *canvas;
	int failed;

	if (!output->window) {
		err_set(err, ERR_RETRY, "output: no panel");
		return NULL;
	}
	canvas = canvas_new(output->width, output->height, (struct colour){0}, err);
	if (!canvas)
		return NULL;
	canvas_touch(canvas, (int[4]){0, 0, canvas->width, canvas->height});
	if (output->gpu) {
		/* What was presented is gone from the back buffer: it is drawn once more. */
		if (output->textures[0])
			draw_texture(output, output->textures[0], FADE_FULL);
		failed = SDL_RenderReadPixels(output->renderer, NULL,
					      SDL_PIXELFORMAT_XRGB8888, canvas->pixels,
					      canvas->width * 4);
	} else {
		surface = SDL_GetWindowSurface(output->window);
		failed = !surface || surface->w != canvas->width ||
			 surface->h != canvas->height ||
			 SDL_ConvertPixels(canvas->width, canvas->height,
					   surface->format->format, surface->pixels,
					   surface->pitch, SDL_PIXELFORMAT_XRGB8888,
					   canvas->pixels, canvas->width * 4) != 0;
	}
	if (!failed)
		return canvas;
	sdl_failed(err, "can't read what was presented");
	return canvas_free(canvas);
}

static struct canvas *thinned(const SDL_Surface *surface, int step, struct err *err)
{
	struct canvas *canvas =
		canvas_new(surface->w / step, surface->h / step, (struct colour){0}, err);

	for (int y = 0; canvas && y < canvas->height; y++) {
		const char *row = (const char *)surface->pixels +
				  (ptrdiff_t)y * step * surface->pitch;
		uint32_t *out = canvas->pixels + (ptrdiff_t)y * canvas->width;

		canvas_touch(canvas, (int[4]){0, y, canvas->width, 1});
		for (int x = 0; x < canvas->width; x++)
			memcpy(&out[x], row + (ptrdiff_t)x * step * 4, sizeof(out[x]));
	}
	return canvas;
}

struct canvas *output_copy_thinned(struct output *output, int side, struct err *err)
{
	bool software = output->window && !output->gpu;
	SDL_Surface *surface = software ? SDL_GetWindowSurface(output->window) : NULL;
	int step =
		(output->width > output->height ? output->width : output->height) / side;

	if (!surface || !is_ours(surface) || step < 2 || step > surface->w ||
	    step > surface->h)
		return output_copy(output, err);
	return thinned(surface, step, err);
}
