/* Tables that spreadsheets save, in either encoding: whole, or an error that says why not. */
#include <string.h>

#include "core/err.h"
#include "core/utf8.h"
#include "fuzz/fuzz.h"
#include "wire/csv_table.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err err = {0};
	struct csv_table *table = csv_table_read("table.csv", data, size, &err);
	int line = 0;

	must_hold(table || (err.code != ERR_NONE && err.text[0] != '\0'));
	if (!table)
		return 0;
	must_hold(table->count <= CSV_ROWS_MAX);
	for (size_t i = 0; i < table->count; i++) {
		const struct csv_row *row = &table->rows[i];

		must_hold(row->line > line && row->count <= CSV_COLUMNS_MAX);
		line = row->line;
		for (size_t j = 0; j < row->count; j++)
			must_hold(utf8_is_valid(row->cells[j]));
	}
	csv_table_free(table);
	return 0;
}
