#ifndef CITY_ROUTE_H
#define CITY_ROUTE_H

#include <stdbool.h>
#include <stddef.h>

#include "city/request.h"
#include "core/attr.h"

struct city;
struct err;

/* Who may use a route. */
enum access { ACCESS_ANYONE, ACCESS_STAFF, ACCESS_APPROVER, ACCESS_ADMINISTRATOR };

/*
 * Answers @request into @reply; on failure @reply->status may say which HTTP status the
 * error becomes.
 */
typedef bool route_fn(struct city *city, struct request *request, struct reply *reply,
		      struct err *err);

/* A call of docs/protocol.md section 3. */
struct route {
	enum request_method method;
	const char *path; /* below "/api/v1/"; '*' stands for one part */
	enum access access;
	size_t max_body; /* bytes; 0: it has none */
	route_fn *handle;
	/* Hashes a password: has a thread of its own, and takes the city's lock itself. */
	bool slow;
};

/*
 * The route for @request->method and path, with @request->argument set. NULL with @err and
 * the status in @reply (404, 405) when there is none.
 */
MUST_USE const struct route *route_find(struct request *request, struct reply *reply,
					struct err *err);

/* Whether a body may be received for it at all: staff routes want a session first. */
MUST_USE bool route_admit(struct city *city, const struct route *route,
			  struct request *request, struct reply *reply, struct err *err);

/* Runs the route and fills @reply, with an error if need be. From any thread. */
void route_run(struct city *city, const struct route *route, struct request *request,
	       struct reply *reply, struct err *err);

#endif /* CITY_ROUTE_H */
