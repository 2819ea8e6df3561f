#include "city/maintain.h"

#include <limits.h>
#include <stdio.h>

#include "city/city.h"
#include "city/settings.h"
#include "core/err.h"
#include "os/file.h"
#include "store/citydb.h"
#include "store/ledger.h"

static void close_db(struct db **db)
{
	db_close(*db);
}

static void free_ledger(struct ledger **ledger)
{
	ledger_free(*ledger);
}

static struct db *open_db(const struct city_settings *settings, struct err *err)
{
	char path[PATH_MAX];

	if (!path_join(path, sizeof(path), settings->state, CITY_DATABASE, err))
		return NULL;
	if (!file_exists(path)) {
		err_set(err, ERR_NOT_FOUND, "%s: is not there", path);
		return NULL;
	}
	return db_open(path, citydb_migrations, citydb_migration_count, err);
}

bool maintain_backup(const struct city_settings *settings, const char *path,
		     struct err *err)
{
	CLEANUP(close_db) struct db *db = open_db(settings, err);

	return db && db_backup(db, path, err);
}

struct verify {
	struct ledger *ledger;
	maintain_finding_fn *each;
	void *context;
	int64_t bad;
};

/* Tells what was found; false when it could not be looked at. */
static bool tell(struct verify *verify, const char *what, bool intact, int64_t rows,
		 struct err *err)
{
	struct maintain_finding finding = {.what = what, .rows = rows};

	if (!intact) {
		if (err->code != ERR_UNTRUSTED)
			return false;
		finding.problem = err->text;
		verify->bad++;
	}
	verify->each(verify->context, &finding);
	return true;
}

static bool verify_screen(void *context, const struct screen *screen, struct err *err)
{
	struct verify *verify = context;
	char what[SCREEN_ID_MAX + 16];
	int64_t rows = 0;
	bool intact = ledger_verify(verify->ledger, screen->id, &rows, err);

	snprintf(what, sizeof(what), "screen %s", screen->id);
	return tell(verify, what, intact, rows, err);
}

bool maintain_verify(const struct city_settings *settings, maintain_finding_fn *each,
		     void *context, struct err *err)
{
	CLEANUP(close_db) struct db *db = open_db(settings, err);
	CLEANUP(free_ledger) struct ledger *ledger = db ? ledger_new(db, err) : NULL;
	struct verify verify = {.ledger = ledger, .each = each, .context = context};
	int64_t rows = 0;
	bool intact;

	if (!ledger || !screen_each(db, verify_screen, &verify, err))
		return false;
	intact = ledger_verify_firsts(ledger, &rows, err);
	if (!tell(&verify, "first plays", intact, rows, err))
		return false;
	intact = audit_verify(db, &rows, err);
	if (!tell(&verify, "audit log", intact, rows, err))
		return false;
	return verify.bad == 0 ||
	       err_set(err, ERR_UNTRUSTED, "%s: something in it was altered, see above",
		       settings->state);
}
