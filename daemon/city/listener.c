#include "city/listener.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/err.h"

#define HOST_MAX 64
#define BACKLOG  511

/* "host:port" and "[host]:port" into their parts; numeric only, so that nothing is asked. */
static bool split(const char *address, char *host, const char **out_port)
{
	const char *colon = strrchr(address, ':');
	const char *from = address, *until = colon;

	if (!colon || colon[1] == '\0' ||
	    strspn(colon + 1, "0123456789") != strlen(colon + 1) || strlen(colon + 1) > 5)
		return false;
	if (*from == '[') {
		from++;
		until--;
		if (until < from || *until != ']')
			return false;
	}
	if (until <= from || (size_t)(until - from) >= HOST_MAX)
		return false;
	memcpy(host, from, (size_t)(until - from));
	host[until - from] = '\0';
	*out_port = colon + 1;
	return true;
}

static bool resolve(const char *address, struct addrinfo **out, struct err *err)
{
	const struct addrinfo hints = {
		.ai_socktype = SOCK_STREAM,
		.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
	};
	char host[HOST_MAX];
	const char *port;

	if (!split(address, host, &port) || getaddrinfo(host, port, &hints, out) != 0)
		return err_set(err, ERR_CONFIG,
			       "[server].listen: expected an address and port like "
			       "127.0.0.1:8470 or [::]:8470, got \"%s\"",
			       address);
	return true;
}

bool listener_check(const char *address, struct err *err)
{
	struct addrinfo *info;

	if (!resolve(address, &info, err))
		return false;
	freeaddrinfo(info);
	return true;
}

static uint16_t port_of(int fd)
{
	struct sockaddr_storage name = {0};
	socklen_t size = sizeof(name);

	if (getsockname(fd, (struct sockaddr *)&name, &size) < 0)
		return 0;
	if (name.ss_family == AF_INET6)
		return ntohs(((struct sockaddr_in6 *)&name)->sin6_port);
	return ntohs(((struct sockaddr_in *)&name)->sin_port);
}

int listener_open(const char *address, uint16_t *out_port, struct err *err)
{
	struct addrinfo *info;
	const int on = 1;
	int fd;

	if (!resolve(address, &info, err))
		return -1;
	fd = socket(info->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	/* A restart must not wait for the connections of the run before. */
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0 ||
	    bind(fd, info->ai_addr, info->ai_addrlen) < 0 || listen(fd, BACKLOG) < 0) {
		err_set_errno(err, "listening at %s", address);
		if (fd >= 0)
			close(fd);
		fd = -1;
	} else {
		*out_port = port_of(fd);
	}
	freeaddrinfo(info);
	return fd;
}
