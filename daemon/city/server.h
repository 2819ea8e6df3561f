#ifndef CITY_SERVER_H
#define CITY_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#include "core/attr.h"

struct city;
struct err;
struct server;

/*
 * The HTTP server (libmicrohttpd) around a city. Four threads: one talks to the network,
 * serves files and holds the long polls; one does the calls of the API, in turn; one hashes
 * passwords; one ends long polls and signs anew what grows old.
 */

/* @city is borrowed and must outlive the server. Serves when it returns. NULL on failure. */
MUST_USE struct server *server_start(struct city *city, struct err *err);

/* Ends the long polls, finishes what is under way, closes. NULL is fine; returns NULL. */
struct server *server_stop(struct server *server);

uint16_t server_port(const struct server *server);

/*
 * Grows while the server can do its work (the city's lock can be had): for a watchdog. From
 * any thread.
 */
uint64_t server_pulse(const struct server *server);

#endif /* CITY_SERVER_H */
