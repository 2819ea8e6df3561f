/*
 * Preloaded into ekimae-display (LD_PRELOAD), from outside: writes the instant of every
 * frame that it presents, by whatever of SDL's ways, into the file $BENCH_PRESENTS.
 */
#include <SDL.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/attr.h"
#include "os/clock.h"

static void note(void)
{
	static int fd = -1;
	const char *path = getenv("BENCH_PRESENTS");
	int64_t us;

	if (fd < 0 && path)
		fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	clock_mono_us(&us);
	if (fd >= 0)
		dprintf(fd, "%" PRId64 ".%06" PRId64 "\n", us / 1000000, us % 1000000);
}

/* ISO C has no way from an object pointer to a function's; POSIX's is through a union. */
union function {
	void *object;
	int (*update)(SDL_Window *window);
	int (*update_rects)(SDL_Window *window, const SDL_Rect *rects, int count);
	void (*present)(SDL_Renderer *renderer);
};

static union function real(const char *name)
{
	return (union function){.object = dlsym(RTLD_NEXT, name)};
}

int SDL_UpdateWindowSurface(SDL_Window *window)
{
	note();
	return real("SDL_UpdateWindowSurface").update(window);
}

int SDL_UpdateWindowSurfaceRects(SDL_Window *window, const SDL_Rect *rects, int numrects)
{
	note();
	return real("SDL_UpdateWindowSurfaceRects").update_rects(window, rects, numrects);
}

void SDL_RenderPresent(SDL_Renderer *renderer)
{
	note();
	real("SDL_RenderPresent").present(renderer);
}
