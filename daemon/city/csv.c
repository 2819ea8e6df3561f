#include "city/csv.h"

#include <inttypes.h>
#include <string.h>

#include "city/buffer.h"

void csv_begin(struct csv *csv, struct buffer *out)
{
	*csv = (struct csv){.out = out};
	buffer_add(out, "\xef\xbb\xbf");
}

static void begin_cell(struct csv *csv)
{
	if (csv->in_row)
		buffer_add(csv->out, ",");
	csv->in_row = true;
}

void csv_text(struct csv *csv, const char *text)
{
	const char *apostrophe = *text && strchr("=+-@\t\r", *text) ? "'" : "";

	begin_cell(csv);
	if (!strpbrk(text, ",\"\r\n")) {
		buffer_add(csv->out, apostrophe);
		buffer_add(csv->out, text);
		return;
	}
	buffer_add(csv->out, "\"");
	buffer_add(csv->out, apostrophe);
	for (const char *at = text; *at; at++) {
		if (*at == '"')
			buffer_add(csv->out, "\"");
		buffer_add_bytes(csv->out, at, 1);
	}
	buffer_add(csv->out, "\"");
}

void csv_number(struct csv *csv, int64_t number)
{
	begin_cell(csv);
	buffer_printf(csv->out, "%" PRId64, number);
}

void csv_end_row(struct csv *csv)
{
	buffer_add(csv->out, "\r\n");
	csv->in_row = false;
}
