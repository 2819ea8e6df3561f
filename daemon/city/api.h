#ifndef CITY_API_H
#define CITY_API_H

#include "city/route.h"

/*
 * The calls of docs/protocol.md section 3, by the file that they are in. But for
 * api_login() the caller holds the city's lock.
 */

/* emergency.c */
route_fn api_emergency, api_emergency_keys;

/* login.c */
route_fn api_login, api_logout;
/* Sets request->staff from the session's token; 401 in @reply when there is none. */
MUST_USE bool login_identify(struct city *city, struct request *request,
			     struct reply *reply, struct err *err);
/* Ends the session that @request came with. */
MUST_USE bool login_end(struct city *city, const struct request *request,
			struct err *err);

/* notices.c */
route_fn api_notices, api_notice, api_notice_put;
route_fn api_object, api_object_put;

/* people.c */
route_fn api_staff, api_staff_add, api_staff_password;

/* plays.c */
route_fn api_plays, api_accept_gap;

/* publish.c */
route_fn api_publish;
route_fn api_health;

/* root.c */
route_fn api_online_key, api_root;

/* screens.c */
route_fn api_screens, api_screen_add, api_screen_revoke;
route_fn api_enrol;

/* screen_state.c */
route_fn api_screen;

/* screen_health.c */
route_fn api_screen_health;
route_fn api_snapshot_put, api_snapshot_ask, api_snapshot, api_snapshot_png;

/* report.c, report_csv.c, report_html.c */
route_fn api_report, api_report_csv, api_report_html;

/* results.c, results_csv.c, results_import.c */
route_fn api_results, api_result_set, api_result_withdraw;
route_fn api_results_csv, api_results_import;

/* indicators.c */
route_fn api_indicators, api_indicators_csv;

#endif /* CITY_API_H */
