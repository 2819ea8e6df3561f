#include "city/server.h"

#include <inttypes.h>
#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "city/city.h"
#include "city/exchange.h"
#include "city/listener.h"
#include "city/settings.h"
#include "city/waiting.h"
#include "city/worker.h"
#include "core/err.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/log.h"

#define PEM_MAX         (256 * 1024)
#define API_QUEUE_MAX   1000
#define LOGIN_QUEUE_MAX 32
#define PULSE_MS        2000
#define RENEW_EVERY_MS  60000
#define PRUNE_EVERY_MS  (INT64_C(24) * 60 * 60 * 1000)
/* Headers and the piece of a body that is read at a time. */
#define CONNECTION_MEMORY 8192

struct server {
	struct exchange_host host;
	struct MHD_Daemon *daemon;
	struct blob certificate, key;
	int listener; /* the daemon's once it has started */
	uint16_t port;
	pthread_t tender;
	bool tending;
	_Atomic bool stopping;
	_Atomic uint64_t pulse;
};

/* What is left over is not urgent: a failure is told, and it is tried again a day later. */
static void prune(struct city *city, struct wall_ms now)
{
	size_t removed = 0;
	int64_t plays = 0;
	struct err err;

	if (!city_prune(city, now, &removed, &err))
		log_warning("removing old versions: %s", err.text);
	else if (removed > 0)
		log_info("removed %zu files of old versions", removed);
	if (!city_prune_plays(city, now, &plays, &err))
		log_warning("removing old raw plays: %s", err.text);
	else if (plays > 0)
		log_info("removed %" PRId64 " old raw plays; their totals stay", plays);
}

/* Ends long polls in time, and looks whether metadata must be signed anew. */
static void *tend(void *context)
{
	struct server *server = context;
	struct city *city = server->host.city;
	struct mono_ms renewed = {0}, pruned = {0};
	struct err err;

	while (!server->stopping) {
		struct now now = clock_now();

		waiting_tend(city->waiting, now.mono, (struct span_ms){PULSE_MS});
		pthread_mutex_lock(&city->lock);
		pthread_mutex_unlock(&city->lock);
		server->pulse++;
		if (now.mono.ms - renewed.ms < RENEW_EVERY_MS && renewed.ms != 0)
			continue;
		renewed = now.mono;
		/* It is tried again, and there is half of a life left to succeed in. */
		if (!city_renew(city, now.wall, &err))
			log_error("signing the timestamp anew: %s", err.text);
		if (now.mono.ms - pruned.ms < PRUNE_EVERY_MS && pruned.ms != 0)
			continue;
		pruned = now.mono;
		prune(city, now.wall);
	}
	return NULL;
}

static void log_library(void *context, const char *format, va_list args)
	__attribute__((format(printf, 2, 0)));

static void log_library(void *context, const char *format, va_list args)
{
	char text[300];

	(void)context;
	vsnprintf(text, sizeof(text), format, args);
	text[strcspn(text, "\n")] = '\0';
	log_debug("http: %s", text);
}

static bool read_tls(struct server *server, struct err *err)
{
	const struct city_settings *settings = server->host.city->settings;

	if (settings->tls_certificate[0] == '\0')
		return true;
	server->host.tls = true;
	return file_read(settings->tls_certificate, PEM_MAX, &server->certificate, err) &&
	       file_read(settings->tls_key, PEM_MAX, &server->key, err);
}

static bool start_daemon(struct server *server, struct err *err)
{
	const struct city_settings *settings = server->host.city->settings;
	unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME |
			 MHD_USE_ERROR_LOG;
	/* Without TLS its options end the list at once. */
	const struct MHD_OptionItem tls[] = {
		{server->host.tls ? MHD_OPTION_HTTPS_MEM_CERT : MHD_OPTION_END, 0,
		 server->certificate.bytes},
		{MHD_OPTION_HTTPS_MEM_KEY, 0, server->key.bytes},
		{MHD_OPTION_END, 0, NULL},
	};

	if (server->host.tls)
		flags |= MHD_USE_TLS;
	server->daemon = MHD_start_daemon(
		flags, 0, NULL, NULL, exchange_handle, &server->host,
		MHD_OPTION_EXTERNAL_LOGGER, log_library, NULL, MHD_OPTION_LISTEN_SOCKET,
		server->listener, MHD_OPTION_NOTIFY_COMPLETED, exchange_completed,
		&server->host, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
		(size_t)CONNECTION_MEMORY, MHD_OPTION_CONNECTION_LIMIT,
		(unsigned)settings->connections, MHD_OPTION_PER_IP_CONNECTION_LIMIT,
		(unsigned)settings->connections_per_address,
		MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)settings->idle_s,
		MHD_OPTION_ARRAY, tls, MHD_OPTION_END);
	if (!server->daemon)
		return err_set(
			err, ERR_IO,
			"the HTTP server did not start%s: log level debug says why",
			server->host.tls ? " (are [tls].certificate and key a "
					   "PEM pair?)"
					 : "");
	server->listener = -1;
	return true;
}

struct server *server_start(struct city *city, struct err *err)
{
	struct server *server = calloc(1, sizeof(*server));
	int number;

	if (!server) {
		err_set(err, ERR_NO_MEMORY, "out of memory");
		return NULL;
	}
	server->listener = -1;
	server->host.city = city;
	if (!read_tls(server, err))
		goto fail;
	server->listener = listener_open(city->settings->listen, &server->port, err);
	if (server->listener < 0)
		goto fail;
	server->host.api = worker_new(API_QUEUE_MAX, err);
	if (!server->host.api)
		goto fail;
	server->host.login = worker_new(LOGIN_QUEUE_MAX, err);
	if (!server->host.login || !start_daemon(server, err))
		goto fail;
	number = pthread_create(&server->tender, NULL, tend, server);
	if (number != 0) {
		err_set(err, ERR_IO, "starting a thread: %s", strerror(number));
		goto fail;
	}
	server->tending = true;
	return server;
fail:
	return server_stop(server);
}

/*
 * libmicrohttpd must not be stopped while connections are suspended. New ones are refused
 * first; then whoever waits is woken, and whoever is worked for gets the answer; from then
 * on nothing is suspended any more, as waiting and workers refuse.
 */
struct server *server_stop(struct server *server)
{
	if (!server)
		return NULL;
	server->stopping = true;
	if (server->daemon)
		server->listener = MHD_quiesce_daemon(server->daemon);
	waiting_close(server->host.city->waiting);
	if (server->tending)
		pthread_join(server->tender, NULL);
	worker_stop(server->host.api);
	worker_stop(server->host.login);
	/* Its thread may use listener and workers to its end: they go after it. */
	if (server->daemon)
		MHD_stop_daemon(server->daemon);
	worker_free(server->host.api);
	worker_free(server->host.login);
	if (server->listener >= 0)
		close(server->listener);
	if (server->key.bytes)
		explicit_bzero(server->key.bytes, server->key.len);
	blob_free(&server->key);
	blob_free(&server->certificate);
	free(server);
	return NULL;
}

uint16_t server_port(const struct server *server)
{
	return server->port;
}

uint64_t server_pulse(const struct server *server)
{
	return server->pulse;
}
