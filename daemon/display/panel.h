#ifndef DISPLAY_PANEL_H
#define DISPLAY_PANEL_H

#include "core/play.h"

/*
 * Whether a panel hangs on the box, from the kernel's own list of connectors below @drm
 * ("/sys/class/drm"): on when one is connected and lit (dpms), off when there are
 * connectors but none is, unknown when the kernel lists none. SDL 2.26 does not notice any
 * of this on KMSDRM.
 */
enum play_output panel_state(const char *drm);

#endif /* DISPLAY_PANEL_H */
