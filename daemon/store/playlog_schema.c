#include "store/playlog.h"

#include "core/attr.h"

/* Append only: a migration that has left this house is never edited. */
const struct db_migration playlog_migrations[] = {
	/* 1 */
	{"CREATE TABLE log ("
	 "  one INTEGER PRIMARY KEY CHECK (one = 1),"
	 "  screen_id TEXT NOT NULL,"
	 /* The last row that was pruned: numbers and chain go on from it. */
	 "  pruned_seq INTEGER NOT NULL DEFAULT 0,"
	 "  pruned_hash BLOB NOT NULL CHECK (length(pruned_hash) = 32),"
	 "  acknowledged_seq INTEGER NOT NULL DEFAULT 0"
	 ") STRICT;"

	 "CREATE TABLE play ("
	 "  seq INTEGER PRIMARY KEY,"
	 "  boot_id TEXT NOT NULL,"
	 "  slide_id TEXT NOT NULL,"
	 "  item_id TEXT NOT NULL,"
	 "  item_revision INTEGER NOT NULL,"
	 "  content_hash BLOB NOT NULL CHECK (length(content_hash) = 32),"
	 "  programme_version INTEGER NOT NULL,"
	 "  began_ms INTEGER NOT NULL,"
	 "  began_mono_ms INTEGER NOT NULL,"
	 "  synchronised INTEGER NOT NULL CHECK (synchronised IN (0, 1)),"
	 "  planned_ms INTEGER NOT NULL,"
	 "  output INTEGER NOT NULL,"
	 "  shown_ms INTEGER NOT NULL DEFAULT 0," /* of an open row: its last heartbeat */
	 "  outcome INTEGER,"                     /* NULL: open */
	 "  hash BLOB CHECK (length(hash) = 32),"
	 "  acknowledged_ms INTEGER," /* set up to log.acknowledged_seq, NULL after it */
	 "  CHECK ((outcome IS NULL) = (hash IS NULL))"
	 ") STRICT;"
	 "CREATE UNIQUE INDEX one_open_play ON play ((outcome IS NULL))"
	 "  WHERE outcome IS NULL;"},

	/*
	 * 2: a year at the densest loop in less than 1 GB. What repeats is kept once, and when
	 * the city confirmed rows is kept by the hour. Plays have no CHECKs: a value that has
	 * rotted costs its row, which is looked at when it is read, and not the log, which
	 * would not open.
	 */
	{"CREATE TABLE slide ("
	 "  number INTEGER PRIMARY KEY,"
	 "  content_hash BLOB NOT NULL,"
	 "  slide_id TEXT NOT NULL,"
	 "  item_id TEXT NOT NULL,"
	 "  item_revision INTEGER NOT NULL,"
	 "  UNIQUE (content_hash, slide_id, item_id, item_revision)"
	 ") STRICT;"
	 "INSERT INTO slide (content_hash, slide_id, item_id, item_revision)"
	 "  SELECT DISTINCT content_hash, slide_id, item_id, item_revision FROM play;"

	 "CREATE TABLE boot ("
	 "  number INTEGER PRIMARY KEY,"
	 "  boot_id TEXT NOT NULL UNIQUE"
	 ") STRICT;"
	 "INSERT INTO boot (boot_id) SELECT DISTINCT boot_id FROM play;"

	 /* In the hour from hour * 3600000, last at at_ms, the city confirmed up to seq. */
	 "CREATE TABLE acknowledged ("
	 "  hour INTEGER PRIMARY KEY,"
	 "  at_ms INTEGER NOT NULL,"
	 "  seq INTEGER NOT NULL"
	 ") STRICT;"
	 "INSERT INTO acknowledged SELECT acknowledged_ms / 3600000, MAX(acknowledged_ms),"
	 "  MAX(seq) FROM play WHERE acknowledged_ms IS NOT NULL GROUP BY 1;"

	 "DROP INDEX one_open_play;"
	 "ALTER TABLE play RENAME TO play_1;"
	 "CREATE TABLE play ("
	 "  seq INTEGER PRIMARY KEY,"
	 "  slide INTEGER NOT NULL,"
	 "  boot INTEGER NOT NULL,"
	 "  programme_version INTEGER NOT NULL,"
	 "  began_ms INTEGER NOT NULL,"
	 "  began_mono_ms INTEGER NOT NULL,"
	 "  synchronised INTEGER NOT NULL,"
	 "  planned_ms INTEGER NOT NULL,"
	 "  output INTEGER NOT NULL,"
	 "  shown_ms INTEGER NOT NULL DEFAULT 0," /* of an open row: its last heartbeat */
	 "  outcome INTEGER,"                     /* NULL, as is the hash: open */
	 "  hash BLOB"
	 ") STRICT;"
	 "INSERT INTO play SELECT p.seq, s.number, b.number, p.programme_version, p.began_ms,"
	 "  p.began_mono_ms, p.synchronised, p.planned_ms, p.output, p.shown_ms, p.outcome,"
	 "  p.hash FROM play_1 p JOIN boot b ON b.boot_id = p.boot_id"
	 "  JOIN slide s ON s.content_hash = p.content_hash AND s.slide_id = p.slide_id"
	 "  AND s.item_id = p.item_id AND s.item_revision = p.item_revision ORDER BY p.seq;"
	 "DROP TABLE play_1;"
	 "CREATE UNIQUE INDEX one_open_play ON play ((outcome IS NULL))"
	 "  WHERE outcome IS NULL;"

	 /*
	  * What stands in the place of rows: signed totals of those that were folded, signed
	  * statements about those that can't be read.
	  */
	 "CREATE TABLE stretch ("
	 "  first INTEGER PRIMARY KEY,"
	 "  last INTEGER NOT NULL,"
	 "  hash BLOB NOT NULL," /* of row last; zeros: not known */
	 "  document TEXT NOT NULL"
	 ") STRICT;"},

	/* 3: what speaks for it that there was something to see; NULL: not recorded then */
	{"ALTER TABLE play ADD COLUMN frames INTEGER;"
	 "ALTER TABLE play ADD COLUMN picture INTEGER;"},
};

const size_t playlog_migration_count = ARRAY_LEN(playlog_migrations);
