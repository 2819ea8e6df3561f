#ifndef CITY_EXCHANGE_H
#define CITY_EXCHANGE_H

#include <microhttpd.h>
#include <stdbool.h>

struct city;
struct worker;

/*
 * One request and its answer on their way through libmicrohttpd. Its thread receives the
 * request and sends the answer; what takes time happens elsewhere, while the connection is
 * suspended.
 */
struct exchange_host {
	struct city *city;
	struct worker *api, *login;
	bool tls;
	size_t body_bytes; /* of all requests now; the network thread's alone */
};

/* MHD_AccessHandlerCallback and MHD_RequestCompletedCallback; the host is their context. */
enum MHD_Result exchange_handle(void *host, struct MHD_Connection *connection,
				const char *url, const char *method, const char *version,
				const char *upload, size_t *upload_len, void **exchange);
void exchange_completed(void *host, struct MHD_Connection *connection, void **exchange,
			enum MHD_RequestTerminationCode code);

#endif /* CITY_EXCHANGE_H */
