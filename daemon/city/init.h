#ifndef CITY_INIT_H
#define CITY_INIT_H

#include <stdbool.h>

#include "core/attr.h"
#include "core/time.h"

struct err;

#define INIT_ROOT_KEYS      3
#define INIT_ROOT_THRESHOLD 2

#define INIT_TARGETS_KEYS_MAX   8
#define INIT_EMERGENCY_KEYS_MAX 8

struct init_options {
	const char *state;       /* folder to make; may be there, empty */
	const char *plan;        /* plan.json to publish first */
	const char *root_keys;   /* folder for the keys of root and of alarms, and a copy
				      of root.json */
	const char *targets_key; /* file for the key that signs what is published; of
				      several keys, "-1" … go before its ".pem" */
	int targets_keys;        /* 1–INIT_TARGETS_KEYS_MAX */
	int targets_threshold;   /* how many of them each publication needs */
	int emergency_keys;      /* 1–INIT_EMERGENCY_KEYS_MAX */
	int emergency_threshold; /* how many of them each alarm needs */
	const char *administrator; /* name of the first member of staff */
	const char *password;
};

/*
 * Makes a city from nothing: database with its administrator, keys, root.json signed by
 * INIT_ROOT_THRESHOLD of INIT_ROOT_KEYS root keys, and a first publication of the plan and
 * a programme without notices, and without alarms. The keys of root, targets and alarms are
 * written only where the options say: they are to be carried away, so that who takes over
 * the server can't publish.
 * Refuses to overwrite anything (ERR_CONFLICT); on failure, removes what it made.
 */
MUST_USE bool init_state(const struct init_options *options, struct wall_ms now,
			 struct err *err);

#endif /* CITY_INIT_H */
