/*
 * The TCP proxy with faults as a program, for shell scripts:
 *
 *	fault-proxy PORT PORT-FILE COUNT-FILE
 *
 * It listens on 127.0.0.1, forwards to PORT there, and writes its own port to PORT-FILE.
 * Lines of standard input are faults ("cut 300", "none": see support/fault_proxy.h), or
 * "count", which writes the bytes up and down so far to COUNT-FILE. It ends with its input.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "core/err.h"
#include "os/file.h"
#include "support/fault_proxy.h"

static bool write_line(const char *path, const char *text, struct err *err)
{
	return file_write_atomic(path, text, strlen(text), 0644, err);
}

static bool obey(struct fault_proxy *proxy, const char *line, const char *count_path,
		 struct err *err)
{
	struct fault fault;
	int64_t up = 0, down = 0;
	char text[64];

	if (strcmp(line, "count") == 0) {
		fault_proxy_count(proxy, &up, &down);
		snprintf(text, sizeof(text), "%lld %lld\n", (long long)up,
			 (long long)down);
		return write_line(count_path, text, err);
	}
	if (!fault_parse(line, &fault))
		return err_set(err, ERR_USAGE, "%s: no such fault", line);
	fault_proxy_set(proxy, fault);
	return true;
}

int main(int argc, char **argv)
{
	struct fault_proxy *proxy = NULL;
	struct err err = {0};
	char line[128];
	bool fine;

	if (argc != 4) {
		fprintf(stderr, "Usage: fault-proxy PORT PORT-FILE COUNT-FILE\n");
		return EX_USAGE;
	}
	proxy = fault_proxy_start((uint16_t)strtoul(argv[1], NULL, 10), false, &err);
	fine = proxy != NULL;
	if (fine) {
		snprintf(line, sizeof(line), "%u\n", (unsigned)fault_proxy_port(proxy));
		fine = write_line(argv[2], line, &err);
	}
	while (fine && fgets(line, sizeof(line), stdin)) {
		line[strcspn(line, "\n")] = '\0';
		fine = obey(proxy, line, argv[3], &err);
	}
	fault_proxy_stop(proxy);
	if (fine)
		return EX_OK;
	fprintf(stderr, "fault-proxy: %s\n", err.text);
	return err_exit_code(err.code);
}
