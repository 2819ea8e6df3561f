#ifndef DISPLAY_OBSERVER_H
#define DISPLAY_OBSERVER_H

#include "core/attr.h"

struct err;
struct observer;
struct show;

/*
 * A second witness of what is on screen, for tests: it is told by the frame loop where frames
 * are presented, and writes a file of its own, so that the count can be held against
 * something that the play log has no part in. Screens have none.
 *
 * A line is one write(2), so that it is whole whenever the program is killed. Times are
 * milliseconds of the monotonic clock:
 *
 *	start BOOT TIME
 *	handing TIME SLIDE REVISION PLANNED URGENT     a frame with another slide goes out now
 *	handed TIME                                    it is out, and the slide before is gone
 *	handing TIME -                                 nothing will be seen from now on
 */

/* Appends to @path. NULL on failure. */
MUST_USE struct observer *observer_new(const char *path, struct err *err);
struct observer *observer_free(struct observer *observer); /* NULL is fine */

/*
 * A frame with @show (NULL: nothing) at full opacity goes to the output now / what was told
 * last is done. The same show again is no news. A NULL @observer is fine.
 */
void observer_handing(struct observer *observer, const struct show *show);
void observer_handed(struct observer *observer);

#endif /* DISPLAY_OBSERVER_H */
