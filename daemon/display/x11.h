#ifndef DISPLAY_X11_H
#define DISPLAY_X11_H

struct SDL_Window;

/*
 * The descriptor of SDL's connection to the X server, for poll(2); -1 when @window is none
 * of X11's. Borrowed while the window is open. What Xlib has read already it is silent of.
 */
int x11_fd(struct SDL_Window *window);

#endif /* DISPLAY_X11_H */
