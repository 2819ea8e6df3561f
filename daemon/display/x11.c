#include "display/x11.h"

#include <SDL.h>
/* With Xlib's own header, when this SDL knows X11 at all. */
#include <SDL_syswm.h>

#ifdef SDL_VIDEO_DRIVER_X11

int x11_fd(SDL_Window *window)
{
	SDL_SysWMinfo info;

	SDL_VERSION(&info.version);
	if (!SDL_GetWindowWMInfo(window, &info) || info.subsystem != SDL_SYSWM_X11)
		return -1;
	/* A macro: Xlib itself is opened by SDL, if ever, and not linked to here. */
	return ConnectionNumber(info.info.x11.display);
}

#else

int x11_fd(SDL_Window *window)
{
	(void)window;
	return -1;
}

#endif
