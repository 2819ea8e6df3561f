#ifndef CITY_REPORT_H
#define CITY_REPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "core/attr.h"
#include "core/time.h"
#include "store/ledger.h"

struct err;
struct request;

/*
 * What the three forms of the report (JSON, CSV, page) have in common. None of them holds the
 * time at which it was made: the same year gives the same bytes.
 */
#define REPORT_MAX ((size_t)32 * 1024 * 1024) /* bytes */

enum report_by {
	REPORT_BY_NOTICE,
	REPORT_BY_SCREEN,
	REPORT_BY_MONTH,
	REPORT_BY_DEPARTMENT
};

struct report_query {
	int fiscal_year;
	enum report_by by;
};

/*
 * "?fiscal_year=2026&by=month"; the running year, and by notice, when they are left out.
 */
MUST_USE bool report_query_read(const struct request *request, struct report_query *out,
				struct err *err);

/* Anything but by notice. */
enum ledger_by report_groups_of(enum report_by by);

#endif /* CITY_REPORT_H */
