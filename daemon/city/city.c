#include "city/city.h"

#include <limits.h>
#include <stdlib.h>

#include "city/emergency.h"
#include "city/learn.h"
#include "city/prune.h"
#include "city/publish.h"
#include "city/publisher.h"
#include "city/settings.h"
#include "city/waiting.h"
#include "core/err.h"
#include "core/plan.h"
#include "os/file.h"
#include "store/citydb.h"
#include "store/ledger.h"

static bool open_database(struct city *city, struct err *err)
{
	char path[PATH_MAX];

	if (!path_join(path, sizeof(path), city->settings->state, CITY_DATABASE, err))
		return false;
	/* Opening would make an empty one, and hide that the state is not there. */
	if (!file_exists(path))
		return err_set(err, ERR_NOT_FOUND,
			       "%s: is not there: make the state with ekimae-city --init",
			       path);
	city->db = db_open(path, citydb_migrations, citydb_migration_count, err);
	if (!city->db)
		return false;
	city->ledger = ledger_new(city->db, err);
	return city->ledger != NULL;
}

struct city *city_open(const struct city_settings *settings, struct wall_ms now,
		       struct err *err)
{
	struct city *city = calloc(1, sizeof(*city));
	char made[PASSWORD_MADE_SIZE];
	bool renewed;

	if (!city) {
		err_set(err, ERR_NO_MEMORY, "out of memory");
		return NULL;
	}
	city->settings = settings;
	pthread_mutex_init(&city->lock, NULL);
	password_make(made);
	if (!open_database(city, err) || !password_hash(made, city->nobody, err))
		goto fail;
	city->publisher = publisher_open(settings->state, now, err);
	if (!city->publisher || !publisher_renew(city->publisher, now, &renewed, err) ||
	    !learn_published(city, now, err) || !publish_reconcile(city, now, err) ||
	    !emergency_reconcile(city, now, err))
		goto fail;
	city->waiting = waiting_new(publisher_timestamp_version(city->publisher), err);
	if (!city->waiting)
		goto fail;
	return city;
fail:
	return city_close(city);
}

struct city *city_close(struct city *city)
{
	if (!city)
		return NULL;
	waiting_free(city->waiting);
	publisher_free(city->publisher);
	ledger_free(city->ledger);
	plan_free(city->plan);
	db_close(city->db);
	pthread_mutex_destroy(&city->lock);
	free(city);
	return NULL;
}

bool city_renew(struct city *city, struct wall_ms now, struct err *err)
{
	bool renewed = false, ok;

	pthread_mutex_lock(&city->lock);
	ok = publisher_renew(city->publisher, now, &renewed, err);
	if (renewed)
		waiting_announce(city->waiting,
				 publisher_timestamp_version(city->publisher));
	pthread_mutex_unlock(&city->lock);
	return ok;
}

bool city_prune(struct city *city, struct wall_ms now, size_t *out_removed,
		struct err *err)
{
	bool ok;

	pthread_mutex_lock(&city->lock);
	ok = prune_repository(city->publisher, city->settings->state, now,
			      (int)city->settings->keep_days, out_removed, err);
	pthread_mutex_unlock(&city->lock);
	return ok;
}

bool city_prune_plays(struct city *city, struct wall_ms now, int64_t *out_removed,
		      struct err *err)
{
	int years = (int)city->settings->keep_raw_years;
	struct wall_ms before = fiscal_year_start(fiscal_year_of(now) - years);
	int64_t removed = 0, rows = years > 0;
	bool ok = true;

	/* In pieces, so that calls come in between. */
	while (ok && rows > 0) {
		pthread_mutex_lock(&city->lock);
		ok = ledger_prune(city->ledger, before, now, &rows, err);
		pthread_mutex_unlock(&city->lock);
		removed += ok ? rows : 0;
	}
	*out_removed = removed;
	return ok;
}
