#ifndef STORE_CITYDB_H
#define STORE_CITYDB_H

#include <stddef.h>

#include "store/audit.h"
#include "store/db.h"
#include "store/notices.h"
#include "store/results.h"
#include "store/screen.h"
#include "store/session.h"
#include "store/staff.h"

/*
 * The city server's database: staff and their sessions, screens, notices, results, the audit
 * log, and the ledger of plays (store/ledger.h). One file, so that one backup holds them all.
 */
extern const struct db_migration citydb_migrations[];
extern const size_t citydb_migration_count;

#endif /* STORE_CITYDB_H */
