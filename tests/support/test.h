#ifndef SUPPORT_TEST_H
#define SUPPORT_TEST_H

/* What every test includes: cmocka and the headers that it needs before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/err.h"

/* Fails with the error's sentence when @condition does not hold. */
#define assert_ok(condition, err)                                                        \
	do {                                                                             \
		if (!(condition)) {                                                      \
			fail_msg("%s: %s", #condition, (err).text);                      \
		}                                                                        \
	} while (0)

/* Expects a failure with this code and with @part in its sentence. */
#define assert_fails(condition, err, expected, part)                                     \
	do {                                                                             \
		if (condition)                                                           \
			fail_msg("%s: was expected to fail", #condition);                \
		if ((err).code != (expected) || strstr((err).text, (part)) == NULL)      \
			fail_msg("%s: error %d \"%s\", expected %d with \"%s\"",         \
				 #condition, (int)(err).code, (err).text,                \
				 (int)(expected), (part));                               \
	} while (0)

#endif /* SUPPORT_TEST_H */
