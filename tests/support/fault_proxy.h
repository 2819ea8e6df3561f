#ifndef SUPPORT_FAULT_PROXY_H
#define SUPPORT_FAULT_PROXY_H

#include <stdbool.h>
#include <stdint.h>

#include "core/attr.h"

struct err;

/*
 * A TCP proxy on loopback in front of an HTTP server, with a thread of its own, that does to
 * the line what real lines do. A fault holds for every connection, old and new, from the
 * moment it is set until the next one is; "down" is what the server sends.
 */
struct fault_proxy;

enum fault_kind {
	FAULT_NONE,
	FAULT_REFUSE, /* every connection is closed at once, those that stand as well */
	FAULT_DELAY,  /* both ways, by VALUE ms */
	FAULT_LOSS,  /* both ways, VALUE percent of packets, and by DELAY ms: see below */
	FAULT_CUT,   /* an end after VALUE bytes down */
	FAULT_RESET, /* a reset after VALUE bytes down, which may undo some of them */
	FAULT_CORRUPT, /* one bit of byte VALUE down is flipped, in every VALUE + 1 */
	FAULT_STALL, /* after VALUE bytes down nothing more comes, and nobody hangs up */
	FAULT_TRICKLE,  /* a byte down every VALUE ms */
	FAULT_STATUS,   /* the proxy itself answers with this HTTP status */
	FAULT_LENGTH,   /* VALUE is added to every Content-Length */
	FAULT_REDIRECT, /* the proxy itself answers 302, with the very same address */
	FAULT_GZIP_BOMB, /* the proxy itself answers VALUE bytes that unpack to 159 times that */
};

/*
 * A proxy can't lose packets. It makes what a loss comes to for those who talk TCP: pieces of
 * the size of a packet that are late by 200 ms, 400 ms, 800 ms … for each time that they were
 * lost, and hold up all behind them; and a connection that opens late by 1 s, 2 s, 4 s …
 */
struct fault {
	enum fault_kind kind;
	int64_t value;
	int64_t delay; /* of FAULT_LOSS */
};

/*
 * "none", "refuse", "delay 2000", "cut 300", "gzip-bomb 1000000", "loss 30", "loss 30 2000" …:
 * false for what is none.
 */
MUST_USE bool fault_parse(const char *text, struct fault *out);
const char *fault_name(enum fault_kind kind);

/*
 * Forwards to 127.0.0.1:@port. Listens at a port that the system chooses on 127.0.0.1, or
 * on ::1 with @ipv6. NULL on failure.
 */
MUST_USE struct fault_proxy *fault_proxy_start(uint16_t port, bool ipv6, struct err *err);
struct fault_proxy *fault_proxy_stop(struct fault_proxy *proxy); /* NULL is fine */

uint16_t fault_proxy_port(const struct fault_proxy *proxy);
void fault_proxy_set(struct fault_proxy *proxy, struct fault fault);
/* Bytes that clients sent and got since the start, headers and all. */
void fault_proxy_count(struct fault_proxy *proxy, int64_t *out_up, int64_t *out_down);

#endif /* SUPPORT_FAULT_PROXY_H */
