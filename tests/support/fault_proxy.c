#include "support/fault_proxy.h"

#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/err.h"
#include "os/clock.h"

#define CONNECTIONS_MAX 64
#define PIECE_MAX       16384
#define PIECE_ROOM      (PIECE_MAX + 32) /* for a Content-Length that grows */
#define HEAD_MAX        8192
#define PACKET_MAX      1448
#define RESENT_MS       200  /* TCP's patience with a packet, and … */
#define OPENED_AGAIN_MS 1000 /* … with one that opens a connection (RFC 6298) */
#define LOSSES_MAX      6    /* of one packet */
#define NEVER           INT64_MAX

/* What travels one way, a piece at a time. */
struct pipe_way {
	char bytes[PIECE_ROOM];
	size_t len, sent;
	int64_t release_at; /* not sent before */
};

struct connection {
	int client, server; /* server -1: the proxy itself answers */
	struct pipe_way up, down;
	uint64_t fault_number; /* of the fault that @seen is counted for */
	int64_t seen;          /* bytes down under this fault */
	bool answering;        /* the proxy's own answer has begun */
	bool last;             /* closed once the piece down is sent */
	int64_t open_at;       /* not heard before, when what opened it was lost */
	struct bits {
		uint32_t held;
		int count;
		int64_t left; /* bytes still to come; -1: no bomb */
		size_t step;
	} bomb;
};

struct fault_proxy {
	int listener, wake_fd;
	uint16_t port, upstream;
	pthread_t thread;
	struct connection *connections[CONNECTIONS_MAX];
	uint32_t dice;

	pthread_mutex_t lock;
	pthread_cond_t applied;
	/* Under the lock. */
	struct fault fault;
	uint64_t fault_number, applied_number;
	int64_t bytes_up, bytes_down;
	bool stop;
};

static const struct {
	const char *name;
	enum fault_kind kind;
	int values_min, values_max;
} kinds[] = {
	{"none", FAULT_NONE, 0, 0},
	{"refuse", FAULT_REFUSE, 0, 0},
	{"delay", FAULT_DELAY, 1, 1},
	{"loss", FAULT_LOSS, 1, 2},
	{"cut", FAULT_CUT, 1, 1},
	{"reset", FAULT_RESET, 1, 1},
	{"corrupt", FAULT_CORRUPT, 1, 1},
	{"stall", FAULT_STALL, 1, 1},
	{"trickle", FAULT_TRICKLE, 1, 1},
	{"status", FAULT_STATUS, 1, 1},
	{"length", FAULT_LENGTH, 1, 1},
	{"redirect", FAULT_REDIRECT, 0, 0},
	{"gzip-bomb", FAULT_GZIP_BOMB, 1, 1},
};

/* The numbers behind a name, at most two; how many, -1 for what is none. */
static int parse_values(const char *text, int64_t values[2])
{
	int count = 0;

	while (*text != '\0') {
		char *end;

		if (count == 2 || *text != ' ')
			return -1;
		errno = 0;
		values[count++] = strtoll(text + 1, &end, 10);
		if (errno != 0 || end == text + 1)
			return -1;
		text = end;
	}
	return count;
}

bool fault_parse(const char *text, struct fault *out)
{
	size_t len = strcspn(text, " ");
	int64_t values[2] = {0};
	int count = parse_values(text + len, values);

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		if (strncmp(text, kinds[i].name, len) != 0 || kinds[i].name[len] != '\0')
			continue;
		if (count < kinds[i].values_min || count > kinds[i].values_max)
			return false;
		*out = (struct fault){kinds[i].kind, values[0], values[1]};
		return true;
	}
	return false;
}

const char *fault_name(enum fault_kind kind)
{
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (kinds[i].kind == kind)
			return kinds[i].name;
	return "?";
}

static bool hangs_up(enum fault_kind kind)
{
	return kind == FAULT_CUT || kind == FAULT_RESET;
}

static bool answers_itself(enum fault_kind kind)
{
	return kind == FAULT_STATUS || kind == FAULT_REDIRECT || kind == FAULT_GZIP_BOMB;
}

/*
 * --- connections -----------------------------------------------------------------------
 */

static void set_nonblocking(int fd)
{
	const int one = 1;

	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
}

/* @abort: with a reset rather than an orderly end. */
static void close_connection(struct connection **slot, bool abort)
{
	struct connection *connection = *slot;
	const struct linger now = {.l_onoff = 1};

	if (abort)
		(void)setsockopt(connection->client, SOL_SOCKET, SO_LINGER, &now,
				 sizeof(now));
	close(connection->client);
	if (connection->server >= 0)
		close(connection->server);
	free(connection);
	*slot = NULL;
}

static int connect_upstream(const struct fault_proxy *proxy)
{
	const struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons(proxy->upstream),
		.sin_addr = {htonl(INADDR_LOOPBACK)},
	};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	/* On loopback this takes no time, whether somebody listens or not. */
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0) {
		close(fd);
		return -1;
	}
	set_nonblocking(fd);
	return fd;
}

/*
 * How late a packet is that TCP sends again after @patience ms, and then after twice that
 * each time. The same losses in every run.
 */
static int64_t lateness(struct fault_proxy *proxy, struct fault fault, int64_t patience)
{
	int64_t late = 0;

	for (int i = 0; i < LOSSES_MAX; i++) {
		proxy->dice = proxy->dice * 1664525 + 1013904223;
		if ((int64_t)(proxy->dice >> 16) % 100 >= fault.value)
			break;
		late += patience << i;
	}
	return late;
}

static void accept_one(struct fault_proxy *proxy, struct fault fault, uint64_t number)
{
	int client = accept4(proxy->listener, NULL, NULL, SOCK_CLOEXEC);
	struct connection *connection;
	size_t slot = 0;

	if (client < 0)
		return;
	while (slot < CONNECTIONS_MAX && proxy->connections[slot])
		slot++;
	connection = slot < CONNECTIONS_MAX ? calloc(1, sizeof(*connection)) : NULL;
	if (!connection || fault.kind == FAULT_REFUSE) {
		free(connection);
		close(client);
		return;
	}
	set_nonblocking(client);
	connection->client = client;
	connection->server = answers_itself(fault.kind) ? -1 : connect_upstream(proxy);
	connection->fault_number = number;
	connection->bomb.left = -1;
	if (fault.kind == FAULT_LOSS) /* a packet each way opens it */
		connection->open_at = clock_mono().ms + 2 * fault.delay +
				      lateness(proxy, fault, OPENED_AGAIN_MS) +
				      lateness(proxy, fault, OPENED_AGAIN_MS);
	if (connection->server < 0 && !answers_itself(fault.kind)) {
		close_connection(&connection, false);
		return;
	}
	proxy->connections[slot] = connection;
}

/*
 * --- what is done to the bytes ---------------------------------------------------------
 */

/* How much may be read from the server now. */
static size_t allowance(const struct connection *connection, struct fault fault)
{
	int64_t left = PIECE_MAX;

	if (hangs_up(fault.kind) || fault.kind == FAULT_STALL)
		left = fault.value - connection->seen;
	else if (fault.kind == FAULT_TRICKLE)
		left = 1;
	else if (fault.kind == FAULT_LOSS)
		left = PACKET_MAX;
	if (left < 0)
		left = 0;
	return left < PIECE_MAX ? (size_t)left : PIECE_MAX;
}

static void corrupt(const struct connection *connection, struct fault fault,
		    struct pipe_way *way)
{
	for (size_t i = 0; i < way->len; i++)
		if ((connection->seen + (int64_t)i) % (fault.value + 1) == fault.value)
			way->bytes[i] ^= 1;
}

static void change_length(struct fault fault, struct pipe_way *way)
{
	static const char name[] = "Content-Length: ";
	char *at = memmem(way->bytes, way->len, name, sizeof(name) - 1);
	char number[24], *end;
	size_t before, old_len, new_len;
	long long length;

	if (!at)
		return;
	at += sizeof(name) - 1;
	before = (size_t)(at - way->bytes);
	way->bytes[way->len] = '\0'; /* there is room */
	length = strtoll(at, &end, 10) + fault.value;
	old_len = (size_t)(end - at);
	new_len =
		(size_t)snprintf(number, sizeof(number), "%lld", length > 0 ? length : 0);
	memmove(at + new_len, end, way->len - before - old_len);
	memcpy(at, number, new_len);
	way->len += new_len - old_len;
}

static void put_bits(struct bits *bits, uint32_t value, int count)
{
	bits->held |= value << bits->count;
	bits->count += count;
}

/*
 * The next bytes of a gzip file of zeros (RFC 1951, fixed codes): one literal, and then
 * nothing but copies of 258 bytes, 13 bits each, for as long as somebody reads.
 */
static void fill_bomb(struct bits *bits, struct pipe_way *way)
{
	static const unsigned char head[] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3};

	way->len = 0;
	while (way->len < PIECE_MAX && bits->left > 0) {
		if (bits->step < sizeof(head)) {
			way->bytes[way->len++] = (char)head[bits->step++];
			bits->left--;
			continue;
		}
		while (bits->count < 8) {
			if (bits->step++ == sizeof(head))
				put_bits(bits, 2 | (0x0cu << 3), 11); /* block, 0 */
			else
				put_bits(bits, 0xa3, 13); /* length 258, distance 1 */
		}
		way->bytes[way->len++] = (char)(bits->held & 0xff);
		bits->held >>= 8;
		bits->count -= 8;
		bits->left--;
	}
}

/* The proxy's own answer, once the head of a request is there. */
static void answer_itself(struct connection *connection, struct fault fault)
{
	struct pipe_way *up = &connection->up, *down = &connection->down;
	char path[1024] = "/";
	int len;

	up->bytes[up->len < PIECE_MAX ? up->len : PIECE_MAX - 1] = '\0';
	if (!strstr(up->bytes, "\r\n\r\n") && up->len < HEAD_MAX)
		return;
	(void)sscanf(up->bytes, "%*15s %1000s", path);
	connection->answering = true;
	connection->last = fault.kind != FAULT_GZIP_BOMB;
	if (fault.kind == FAULT_REDIRECT)
		len = snprintf(down->bytes, PIECE_MAX,
			       "HTTP/1.1 302 Found\r\nLocation: %s\r\n"
			       "Content-Length: 0\r\nConnection: close\r\n\r\n",
			       path);
	else if (fault.kind == FAULT_STATUS)
		len = snprintf(down->bytes, PIECE_MAX,
			       "HTTP/1.1 %" PRId64 " Fault\r\nContent-Length: 0\r\n"
			       "Connection: close\r\n\r\n",
			       fault.value);
	else
		len = snprintf(down->bytes, PIECE_MAX,
			       "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n"
			       "Connection: close\r\n\r\n");
	down->len = (size_t)len;
	if (fault.kind == FAULT_GZIP_BOMB)
		connection->bomb.left = fault.value;
}

/*
 * --- moving bytes ----------------------------------------------------------------------
 */

static void count(struct fault_proxy *proxy, size_t up, size_t down)
{
	pthread_mutex_lock(&proxy->lock);
	proxy->bytes_up += (int64_t)up;
	proxy->bytes_down += (int64_t)down;
	pthread_mutex_unlock(&proxy->lock);
}

/* When what came just now may go on. */
static int64_t release_time(struct fault_proxy *proxy,
			    const struct connection *connection, struct fault fault)
{
	int64_t now = clock_mono().ms;

	if (fault.kind == FAULT_DELAY)
		return now + fault.value;
	if (fault.kind != FAULT_LOSS)
		return now;
	if (now < connection->open_at)
		now = connection->open_at;
	return now + fault.delay + lateness(proxy, fault, RESENT_MS);
}

/* False when the other side is gone. */
static bool read_up(struct fault_proxy *proxy, struct connection *connection,
		    struct fault fault)
{
	struct pipe_way *up = &connection->up;
	size_t room = PIECE_MAX - 1 - up->len;
	ssize_t got = recv(connection->client, up->bytes + up->len, room, MSG_DONTWAIT);

	if (got <= 0)
		return got < 0 && (errno == EAGAIN || errno == EINTR);
	count(proxy, (size_t)got, 0);
	up->len += (size_t)got;
	up->release_at = release_time(proxy, connection, fault);
	return true;
}

static bool read_down(struct fault_proxy *proxy, struct connection *connection,
		      struct fault fault)
{
	struct pipe_way *down = &connection->down;
	ssize_t got = recv(connection->server, down->bytes, allowance(connection, fault),
			   MSG_DONTWAIT);

	if (got <= 0)
		return got < 0 && (errno == EAGAIN || errno == EINTR);
	down->len = (size_t)got;
	down->release_at = release_time(proxy, connection, fault);
	if (fault.kind == FAULT_TRICKLE)
		down->release_at += fault.value;
	if (fault.kind == FAULT_CORRUPT)
		corrupt(connection, fault, down);
	connection->seen += got;
	if (fault.kind == FAULT_LENGTH)
		change_length(fault, down);
	return true;
}

static bool send_way(int fd, struct pipe_way *way, size_t *out_sent)
{
	ssize_t sent = send(fd, way->bytes + way->sent, way->len - way->sent,
			    MSG_DONTWAIT | MSG_NOSIGNAL);

	*out_sent = 0;
	if (sent < 0)
		return errno == EAGAIN || errno == EINTR;
	*out_sent = (size_t)sent;
	way->sent += (size_t)sent;
	if (way->sent == way->len)
		way->sent = way->len = 0;
	return true;
}

static bool is_due(const struct pipe_way *way, int64_t now)
{
	return way->len > 0 && way->release_at <= now;
}

/* What this connection waits for; *wake_at is lowered to when it has something to do. */
static void want(const struct connection *connection, struct fault fault, int64_t now,
		 struct pollfd fds[2], int64_t *wake_at)
{
	const struct pipe_way *up = &connection->up, *down = &connection->down;

	fds[0] = (struct pollfd){.fd = connection->client};
	fds[1] = (struct pollfd){.fd = connection->server};
	if (up->len == 0 || (connection->server < 0 && !connection->answering))
		fds[0].events |= POLLIN;
	if (is_due(down, now))
		fds[0].events |= POLLOUT;
	if (connection->server >= 0 && down->len == 0 &&
	    (allowance(connection, fault) > 0 || hangs_up(fault.kind)))
		fds[1].events |= POLLIN;
	if (connection->server >= 0 && is_due(up, now))
		fds[1].events |= POLLOUT;
	/* A hang-up is always told: nobody who must not notice one may look. */
	if (fds[0].events == 0)
		fds[0].fd = -1;
	if (fds[1].events == 0)
		fds[1].fd = -1;
	if (up->len > 0 && up->release_at > now && up->release_at < *wake_at)
		*wake_at = up->release_at;
	if (down->len > 0 && down->release_at > now && down->release_at < *wake_at)
		*wake_at = down->release_at;
}

/* Whether the connection stays. */
static bool serve_client(struct fault_proxy *proxy, struct connection *connection,
			 struct fault fault, short events)
{
	struct pipe_way *down = &connection->down;
	size_t sent = 0;

	if (events & POLLOUT) {
		if (!send_way(connection->client, down, &sent))
			return false;
		count(proxy, 0, sent);
		if (down->len == 0 && connection->bomb.left > 0)
			fill_bomb(&connection->bomb, down);
		else if (down->len == 0 && connection->answering)
			return false;
	}
	if (events & (POLLIN | POLLHUP | POLLERR)) {
		if (!read_up(proxy, connection, fault))
			return false;
		if (connection->server < 0 && !connection->answering)
			answer_itself(connection, fault);
	}
	return true;
}

static bool serve_server(struct fault_proxy *proxy, struct connection *connection,
			 struct fault fault, short events)
{
	size_t sent;

	if ((events & POLLOUT) && !send_way(connection->server, &connection->up, &sent))
		return false;
	return !(events & (POLLIN | POLLHUP | POLLERR)) || connection->down.len > 0 ||
	       read_down(proxy, connection, fault);
}

/* Whether the fault ends this connection by itself: *out_abort tells how. */
static bool is_ended(struct connection *connection, struct fault fault, uint64_t number,
		     bool *out_abort)
{
	if (connection->fault_number != number) {
		connection->fault_number = number;
		connection->seen = 0;
	}
	*out_abort = fault.kind == FAULT_RESET;
	return fault.kind == FAULT_REFUSE ||
	       (answers_itself(fault.kind) && connection->server >= 0) ||
	       (!answers_itself(fault.kind) && connection->server < 0) ||
	       (hangs_up(fault.kind) && connection->seen >= fault.value &&
		connection->down.len == 0);
}

static void serve(struct fault_proxy *proxy, struct fault fault, uint64_t number)
{
	struct pollfd fds[2 + 2 * CONNECTIONS_MAX];
	int64_t now = clock_mono().ms, wake_at = NEVER;
	uint64_t drained;

	fds[0] = (struct pollfd){.fd = proxy->wake_fd, .events = POLLIN};
	fds[1] = (struct pollfd){.fd = proxy->listener, .events = POLLIN};
	for (size_t i = 0; i < CONNECTIONS_MAX; i++) {
		struct connection **slot = &proxy->connections[i];
		bool abort = false;

		if (*slot && is_ended(*slot, fault, number, &abort))
			close_connection(slot, abort);
		fds[2 + 2 * i].fd = fds[3 + 2 * i].fd = -1;
		if (*slot)
			want(*slot, fault, now, &fds[2 + 2 * i], &wake_at);
	}
	if (poll(fds, ARRAY_LEN(fds), wake_at == NEVER ? -1 : (int)(wake_at - now)) < 0)
		return;
	if (fds[0].revents)
		(void)!read(proxy->wake_fd, &drained, sizeof(drained));
	for (size_t i = 0; i < CONNECTIONS_MAX; i++) {
		struct connection **slot = &proxy->connections[i];

		if (!*slot)
			continue;
		if ((fds[2 + 2 * i].fd >= 0 &&
		     !serve_client(proxy, *slot, fault, fds[2 + 2 * i].revents)) ||
		    (fds[3 + 2 * i].fd >= 0 &&
		     !serve_server(proxy, *slot, fault, fds[3 + 2 * i].revents)))
			close_connection(slot, false);
	}
	if (fds[1].revents)
		accept_one(proxy, fault, number);
}

static void *run(void *context)
{
	struct fault_proxy *proxy = context;

	for (;;) {
		struct fault fault;
		uint64_t number;
		bool stop;

		pthread_mutex_lock(&proxy->lock);
		fault = proxy->fault;
		number = proxy->fault_number;
		stop = proxy->stop;
		proxy->applied_number = number;
		pthread_cond_broadcast(&proxy->applied);
		pthread_mutex_unlock(&proxy->lock);
		if (stop)
			return NULL;
		serve(proxy, fault, number);
	}
}

/*
 * --- its owner's side ------------------------------------------------------------------
 */

static int listen_on_loopback(bool ipv6, uint16_t *out_port)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET,
				 .sin_addr = {htonl(INADDR_LOOPBACK)}};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6,
				  .sin6_addr = IN6ADDR_LOOPBACK_INIT};
	struct sockaddr *address = ipv6 ? (struct sockaddr *)&v6 : (struct sockaddr *)&v4;
	socklen_t len = ipv6 ? sizeof(v6) : sizeof(v4);
	int fd = socket(ipv6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	if (bind(fd, address, len) < 0 || listen(fd, CONNECTIONS_MAX) < 0 ||
	    getsockname(fd, address, &len) < 0) {
		close(fd);
		return -1;
	}
	*out_port = ntohs(ipv6 ? v6.sin6_port : v4.sin_port);
	return fd;
}

struct fault_proxy *fault_proxy_start(uint16_t port, bool ipv6, struct err *err)
{
	struct fault_proxy *proxy = calloc(1, sizeof(*proxy));

	if (!proxy) {
		err_set(err, ERR_NO_MEMORY, "out of memory");
		return NULL;
	}
	proxy->upstream = port;
	pthread_mutex_init(&proxy->lock, NULL);
	pthread_cond_init(&proxy->applied, NULL);
	proxy->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	proxy->listener = listen_on_loopback(ipv6, &proxy->port);
	if (proxy->wake_fd < 0 || proxy->listener < 0 ||
	    pthread_create(&proxy->thread, NULL, run, proxy) != 0) {
		err_set_errno(err, "fault proxy");
		if (proxy->wake_fd >= 0)
			close(proxy->wake_fd);
		if (proxy->listener >= 0)
			close(proxy->listener);
		free(proxy);
		return NULL;
	}
	return proxy;
}

static void wake(struct fault_proxy *proxy)
{
	const uint64_t one = 1;

	(void)!write(proxy->wake_fd, &one, sizeof(one));
}

struct fault_proxy *fault_proxy_stop(struct fault_proxy *proxy)
{
	if (!proxy)
		return NULL;
	pthread_mutex_lock(&proxy->lock);
	proxy->stop = true;
	pthread_mutex_unlock(&proxy->lock);
	wake(proxy);
	pthread_join(proxy->thread, NULL);
	for (size_t i = 0; i < CONNECTIONS_MAX; i++)
		if (proxy->connections[i])
			close_connection(&proxy->connections[i], false);
	close(proxy->listener);
	close(proxy->wake_fd);
	pthread_cond_destroy(&proxy->applied);
	pthread_mutex_destroy(&proxy->lock);
	free(proxy);
	return NULL;
}

uint16_t fault_proxy_port(const struct fault_proxy *proxy)
{
	return proxy->port;
}

void fault_proxy_set(struct fault_proxy *proxy, struct fault fault)
{
	uint64_t number;

	pthread_mutex_lock(&proxy->lock);
	proxy->fault = fault;
	number = ++proxy->fault_number;
	wake(proxy);
	/* Whoever connects after this meets the new fault, not the one before it. */
	while (proxy->applied_number < number)
		pthread_cond_wait(&proxy->applied, &proxy->lock);
	pthread_mutex_unlock(&proxy->lock);
}

void fault_proxy_count(struct fault_proxy *proxy, int64_t *out_up, int64_t *out_down)
{
	pthread_mutex_lock(&proxy->lock);
	*out_up = proxy->bytes_up;
	*out_down = proxy->bytes_down;
	pthread_mutex_unlock(&proxy->lock);
}
