#ifndef DISPLAY_LOOP_H
#define DISPLAY_LOOP_H

#include <stdbool.h>

#include "core/attr.h"
#include "core/time.h"

struct director;
struct err;
struct observer;
struct output;
struct receiver;
struct recorder;
struct reporter;
struct set;
struct snapshot;
struct worker;

/*
 * The frame loop: one thread, one reading of the clocks a turn, asleep in poll(2) between.
 * It presents what the director decides and notes what was really presented. A still slide
 * draws no frames: the loop then wakes for what happens, and every few seconds to note that
 * the slide is still there.
 */
struct loop_options {
	struct director *director;
	struct output *output;
	struct worker *worker;
	struct receiver *receiver;
	struct recorder *recorder;     /* NULL: plays are not recorded */
	struct reporter *reporter;     /* NULL: nobody is told */
	struct observer *observer;     /* NULL: none */
	struct snapshot *snapshot;     /* NULL: none */
	struct span_ms snapshot_every; /* 0: only once per slide */
	struct span_ms exit_after;     /* 0: never */
	int signal_fd;                 /* signalfd(2): any signal on it ends the loop */
};

/*
 * Runs until a signal, the end of @exit_after or a person at the window says so; the play
 * that is open then is closed as PLAY_SHUTDOWN. All of @options is borrowed. False only
 * when it can't run at all.
 */
MUST_USE bool loop_run(const struct loop_options *options, struct err *err);

#endif /* DISPLAY_LOOP_H */
