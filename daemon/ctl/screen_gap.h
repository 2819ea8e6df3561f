#ifndef CTL_SCREEN_GAP_H
#define CTL_SCREEN_GAP_H

#include <stdbool.h>

#include "core/attr.h"

struct ctl;
struct err;

#define SCREEN_GAP_USAGE "accept-gap ID FIRST-LAST --why TEXT"

/* "screen accept-gap": gives up plays that can never come any more; see SCREEN_GAP_USAGE. */
MUST_USE bool screen_accept_gap(struct ctl *ctl, int argc, char **argv, struct err *err);

#endif /* CTL_SCREEN_GAP_H */
