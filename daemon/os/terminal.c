#include "os/terminal.h"

#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "core/err.h"
#include "core/utf8.h"

bool terminal_is_interactive(void)
{
	return isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
}

/* Reads a line from standard input; false at its end or when it does not fit. */
static bool read_line(char *out, size_t size, struct err *err)
{
	size_t len = 0;
	char byte;

	while (read(STDIN_FILENO, &byte, 1) == 1 && byte != '\n') {
		if (len + 1 >= size)
			return err_set(err, ERR_TOO_LARGE, "the line is over %zu bytes",
				       size - 1);
		out[len++] = byte;
	}
	out[len] = '\0';
	return true;
}

bool terminal_read_secret(const char *prompt, char *out, size_t size, struct err *err)
{
	struct termios before, silent;
	bool fine;

	if (!terminal_is_interactive() || tcgetattr(STDIN_FILENO, &before) != 0)
		return err_set(err, ERR_USAGE, "%s: there is no terminal to ask on",
			       prompt);
	silent = before;
	silent.c_lflag &= ~(tcflag_t)ECHO;
	fprintf(stderr, "%s: ", prompt);
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
	fine = read_line(out, size, err);
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
	fputc('\n', stderr);
	return fine;
}

bool terminal_confirm(const char *question)
{
	struct err ignored = {0};
	char answer[8] = "";

	fprintf(stderr, "%s [y/N] ", question);
	return read_line(answer, sizeof(answer), &ignored) &&
	       (strcasecmp(answer, "y") == 0 || strcasecmp(answer, "yes") == 0);
}

/* The ranges that UAX #11 calls wide or fullwidth, as far as texts of ours hold them. */
static bool is_wide(uint32_t c)
{
	static const struct {
		uint32_t first, last;
	} wide[] = {
		{0x1100, 0x115f},   {0x2e80, 0x303e},   {0x3041, 0x4dbf},
		{0x4e00, 0xa4cf},   {0xac00, 0xd7a3},   {0xf900, 0xfaff},
		{0xfe30, 0xfe6f},   {0xff00, 0xff60},   {0xffe0, 0xffe6},
		{0x1f300, 0x1faff}, {0x20000, 0x3fffd},
	};

	for (size_t i = 0; i < ARRAY_LEN(wide); i++) {
		if (c >= wide[i].first && c <= wide[i].last)
			return true;
	}
	return false;
}

size_t terminal_columns(const char *text)
{
	size_t columns = 0;
	uint32_t c;

	while ((c = utf8_next(&text)) != 0)
		columns += is_wide(c) ? 2 : 1;
	return columns;
}
