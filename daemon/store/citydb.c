#include "store/citydb.h"

#include "core/attr.h"

/* WALL_MS_MIN and WALL_MS_MAX (core/time.h): a clock that says otherwise is wrong. */
#define YEAR_2000 "946684800000"
#define YEAR_2199 "7258118399999"

/*
 * Append only: a migration that has left this house is never edited. Enumerations are kept
 * as the numbers of their C constants, times as milliseconds since 1970 in UTC.
 */
const struct db_migration citydb_migrations[] = {
	/* 1: people, screens, notices */
	{"CREATE TABLE staff ("
	 "  name TEXT PRIMARY KEY NOT NULL CHECK (length(name) BETWEEN 1 AND 64),"
	 "  role INTEGER NOT NULL,"
	 "  password_hash TEXT NOT NULL,"
	 "  failures INTEGER NOT NULL DEFAULT 0,"
	 "  locked_until_ms INTEGER NOT NULL DEFAULT 0,"
	 "  created_ms INTEGER NOT NULL"
	 ") STRICT, WITHOUT ROWID;"

	 "CREATE TABLE session ("
	 "  token_hash BLOB PRIMARY KEY NOT NULL CHECK (length(token_hash) = 32),"
	 "  staff TEXT NOT NULL REFERENCES staff (name),"
	 "  until_ms INTEGER NOT NULL"
	 ") STRICT, WITHOUT ROWID;"

	 "CREATE TABLE screen ("
	 "  number INTEGER PRIMARY KEY,"
	 "  id TEXT NOT NULL UNIQUE CHECK (length(id) BETWEEN 1 AND 64),"
	 "  place TEXT NOT NULL,"
	 "  state INTEGER NOT NULL DEFAULT 0,"
	 "  counts INTEGER NOT NULL CHECK (counts IN (0, 1)),"
	 "  code_hash BLOB UNIQUE CHECK (length(code_hash) = 32)," /* NULL: used up */
	 "  code_until_ms INTEGER NOT NULL,"
	 "  public_key BLOB UNIQUE CHECK (length(public_key) = 32),"
	 "  created_ms INTEGER NOT NULL,"
	 "  enrolled_ms INTEGER NOT NULL DEFAULT 0,"
	 "  last_upload_ms INTEGER NOT NULL DEFAULT 0,"
	 "  durable_seq INTEGER NOT NULL DEFAULT 0"
	 ") STRICT;"

	 "CREATE TABLE notice ("
	 "  id TEXT NOT NULL CHECK (length(id) BETWEEN 1 AND 64),"
	 "  revision INTEGER NOT NULL CHECK (revision >= 1),"
	 "  state INTEGER NOT NULL DEFAULT 0,"
	 "  json TEXT NOT NULL,"
	 "  author TEXT NOT NULL CHECK (length(author) BETWEEN 1 AND 64),"
	 "  changed_ms INTEGER NOT NULL,"
	 "  PRIMARY KEY (id, revision)"
	 ") STRICT;"

	 "CREATE TABLE audit ("
	 "  seq INTEGER PRIMARY KEY,"
	 "  at_ms INTEGER NOT NULL,"
	 "  who TEXT NOT NULL,"
	 "  action TEXT NOT NULL,"
	 "  object TEXT NOT NULL,"
	 "  detail TEXT NOT NULL,"
	 "  hash BLOB NOT NULL CHECK (length(hash) = 32)"
	 ") STRICT;"
	 "CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit BEGIN"
	 "  SELECT RAISE(ABORT, 'the audit log is append only'); END;"
	 "CREATE TRIGGER audit_is_not_pruned BEFORE DELETE ON audit BEGIN"
	 "  SELECT RAISE(ABORT, 'the audit log is append only'); END;"},

	/*
	 * 2: the ledger. Millions of plays a year: what repeats in them (slides, boots) is
	 * kept once, and the report reads one index only.
	 */
	{"CREATE TABLE slide ("
	 "  number INTEGER PRIMARY KEY,"
	 "  content_hash BLOB NOT NULL CHECK (length(content_hash) = 32),"
	 "  slide_id TEXT NOT NULL,"
	 "  item_id TEXT NOT NULL,"
	 "  item_revision INTEGER NOT NULL,"
	 "  UNIQUE (content_hash, slide_id, item_id, item_revision)"
	 ") STRICT;"

	 "CREATE TABLE boot ("
	 "  number INTEGER PRIMARY KEY,"
	 "  screen INTEGER NOT NULL REFERENCES screen (number),"
	 "  boot_id TEXT NOT NULL,"
	 "  UNIQUE (screen, boot_id)"
	 ") STRICT;"

	 "CREATE TABLE play ("
	 "  screen INTEGER NOT NULL REFERENCES screen (number),"
	 "  seq INTEGER NOT NULL CHECK (seq >= 1),"
	 "  slide INTEGER NOT NULL REFERENCES slide (number),"
	 "  boot INTEGER NOT NULL REFERENCES boot (number),"
	 "  programme_version INTEGER NOT NULL,"
	 "  began_ms INTEGER NOT NULL," /* as the screen's clock had it */
	 "  began_mono_ms INTEGER NOT NULL,"
	 "  synchronised INTEGER NOT NULL CHECK (synchronised IN (0, 1)),"
	 "  planned_ms INTEGER NOT NULL,"
	 "  output INTEGER NOT NULL,"
	 "  shown_ms INTEGER NOT NULL,"
	 "  outcome INTEGER NOT NULL,"
	 "  hash BLOB NOT NULL CHECK (length(hash) = 32),"
	 "  at_ms INTEGER," /* when it is counted; NULL: 時刻未確定, not placed yet */
	 "  received_ms INTEGER NOT NULL,"
	 "  PRIMARY KEY (screen, seq)"
	 ") STRICT, WITHOUT ROWID;"
	 "CREATE INDEX play_by_slide ON play"
	 "  (slide, at_ms, screen, outcome, output, shown_ms, received_ms);"
	 "CREATE TRIGGER play_is_not_changed BEFORE UPDATE OF screen, seq, slide, boot,"
	 "  programme_version, began_ms, began_mono_ms, synchronised, planned_ms, output,"
	 "  shown_ms, outcome, hash, received_ms ON play BEGIN"
	 "  SELECT RAISE(ABORT, 'the ledger is append only'); END;"
	 "CREATE TRIGGER play_is_not_pruned BEFORE DELETE ON play BEGIN"
	 "  SELECT RAISE(ABORT, 'the ledger is append only'); END;"

	 "CREATE TABLE quarantine ("
	 "  number INTEGER PRIMARY KEY,"
	 "  screen INTEGER NOT NULL REFERENCES screen (number),"
	 "  seq INTEGER NOT NULL,"
	 "  hash BLOB CHECK (length(hash) = 32)," /* as the row has it; NULL: none */
	 "  row_sha256 BLOB NOT NULL CHECK (length(row_sha256) = 32),"
	 "  row TEXT NOT NULL," /* its JSON as it came */
	 "  reason TEXT NOT NULL,"
	 "  received_ms INTEGER NOT NULL,"
	 "  UNIQUE (screen, seq, row_sha256)"
	 ") STRICT;"

	 /* Titles as they were shown: editing a notice changes nothing here. */
	 "CREATE TABLE published_notice ("
	 "  content_hash BLOB PRIMARY KEY NOT NULL CHECK (length(content_hash) = 32),"
	 "  notice_id TEXT NOT NULL,"
	 "  revision INTEGER NOT NULL,"
	 "  title TEXT NOT NULL,"
	 "  department TEXT NOT NULL,"
	 "  counts INTEGER NOT NULL CHECK (counts IN (0, 1)),"
	 "  sample INTEGER NOT NULL CHECK (sample IN (0, 1)),"
	 "  published_ms INTEGER NOT NULL"
	 ") STRICT, WITHOUT ROWID;"},

	/*
	 * 3: plays whose time becomes known later, and totals by the hour, which the report
	 * of a year with millions of plays is made from.
	 *
	 * A boot's offset is wall clock less monotonic clock at its newest confirmed play
	 * that was made with a synchronised clock: see store/ledger_place.c.
	 */
	{"ALTER TABLE boot ADD COLUMN offset_ms INTEGER;"
	 "UPDATE boot SET offset_ms = (SELECT p.began_ms - p.began_mono_ms FROM play p"
	 "  JOIN screen c ON c.number = p.screen WHERE p.screen = boot.screen"
	 "  AND p.boot = boot.number AND p.synchronised = 1 AND p.seq <= c.durable_seq"
	 "  AND p.began_ms BETWEEN " YEAR_2000 " AND " YEAR_2199
	 "  ORDER BY p.seq DESC LIMIT 1);"

	 "UPDATE play SET at_ms = NULL"
	 "  WHERE at_ms NOT BETWEEN " YEAR_2000 " AND " YEAR_2199 ";"
	 "UPDATE play SET at_ms = began_mono_ms + COALESCE("
	 "  (SELECT s.began_ms - s.began_mono_ms FROM play s WHERE s.screen = play.screen"
	 "   AND s.seq < play.seq AND s.boot = play.boot AND s.synchronised = 1"
	 "   AND s.began_ms BETWEEN " YEAR_2000 " AND " YEAR_2199
	 "   ORDER BY s.seq DESC LIMIT 1),"
	 "  (SELECT s.began_ms - s.began_mono_ms FROM play s WHERE s.screen = play.screen"
	 "   AND s.seq > play.seq AND s.boot = play.boot AND s.synchronised = 1"
	 "   AND s.began_ms BETWEEN " YEAR_2000 " AND " YEAR_2199
	 "   AND s.seq <= (SELECT durable_seq FROM screen WHERE number = play.screen)"
	 "   ORDER BY s.seq LIMIT 1))"
	 "  WHERE at_ms IS NULL AND seq <= (SELECT durable_seq FROM screen WHERE number = play.screen);"
	 "UPDATE play SET at_ms = NULL"
	 "  WHERE at_ms NOT BETWEEN " YEAR_2000 " AND " YEAR_2199 ";"

	 "DROP INDEX play_by_slide;"
	 "CREATE INDEX play_undated ON play"
	 "  (boot, seq, slide, outcome, output, received_ms) WHERE at_ms IS NULL;"
	 "CREATE TRIGGER play_is_placed_once BEFORE UPDATE OF at_ms ON play"
	 "  WHEN OLD.at_ms IS NOT NULL BEGIN"
	 "  SELECT RAISE(ABORT, 'the ledger is append only'); END;"

	 /* Plays that somebody could see, by slide, hour and screen. */
	 "CREATE TABLE hourly ("
	 "  slide INTEGER NOT NULL REFERENCES slide (number),"
	 "  hour INTEGER NOT NULL," /* since 1970, UTC */
	 "  screen INTEGER NOT NULL REFERENCES screen (number),"
	 "  complete INTEGER NOT NULL,"
	 "  partial INTEGER NOT NULL,"
	 "  shown_ms INTEGER NOT NULL,"
	 "  late INTEGER NOT NULL," /* received after their fiscal year had ended */
	 "  first_ms INTEGER,"      /* begin of the first and last complete one */
	 "  last_ms INTEGER,"
	 "  PRIMARY KEY (slide, hour, screen)"
	 ") STRICT, WITHOUT ROWID;"
	 "CREATE TRIGGER hourly_is_not_pruned BEFORE DELETE ON hourly BEGIN"
	 "  SELECT RAISE(ABORT, 'the ledger is append only'); END;"
	 "INSERT INTO hourly SELECT slide, at_ms / 3600000, screen,"
	 "  COUNT(*) FILTER (WHERE outcome = 0), COUNT(*) FILTER (WHERE outcome <> 0),"
	 "  SUM(shown_ms), COUNT(*) FILTER (WHERE received_ms >="
	 "   strftime('%s', strftime('%Y', at_ms / 1000 + 32400, 'unixepoch',"
	 "    '-3 months', 'start of month') || '-04-01', '+1 year') * 1000 - 32400000),"
	 "  MIN(at_ms) FILTER (WHERE outcome = 0), MAX(at_ms) FILTER (WHERE outcome = 0)"
	 "  FROM play WHERE at_ms IS NOT NULL AND output <> 1 AND outcome <> 6"
	 "  GROUP BY slide, at_ms / 3600000, screen;"},

	/*
	 * 4: totals by the month (of Japan: year * 12 + 0–11), as a year of many screens has
	 * millions of hours.
	 */
	{"CREATE TABLE monthly ("
	 "  slide INTEGER NOT NULL REFERENCES slide (number),"
	 "  month INTEGER NOT NULL,"
	 "  screen INTEGER NOT NULL REFERENCES screen (number),"
	 "  complete INTEGER NOT NULL,"
	 "  partial INTEGER NOT NULL,"
	 "  shown_ms INTEGER NOT NULL,"
	 "  late INTEGER NOT NULL,"
	 "  first_ms INTEGER,"
	 "  last_ms INTEGER,"
	 "  PRIMARY KEY (slide, month, screen)"
	 ") STRICT, WITHOUT ROWID;"
	 "CREATE TRIGGER monthly_is_not_pruned BEFORE DELETE ON monthly BEGIN"
	 "  SELECT RAISE(ABORT, 'the ledger is append only'); END;"
	 "INSERT INTO monthly SELECT slide,"
	 "  strftime('%Y', hour * 3600 + 32400, 'unixepoch') * 12"
	 "   + strftime('%m', hour * 3600 + 32400, 'unixepoch') - 1 AS month, screen,"
	 "  SUM(complete), SUM(partial), SUM(shown_ms), SUM(late), MIN(first_ms),"
	 "  MAX(last_ms) FROM hourly GROUP BY slide, month, screen;"},

	/* 5: results of the plan's indicators by fiscal year, as staff enter them (PDCA). */
	{"CREATE TABLE result ("
	 "  number INTEGER PRIMARY KEY,"
	 "  initiative INTEGER NOT NULL CHECK (initiative BETWEEN 1 AND 100),"
	 "  series TEXT NOT NULL," /* '' where the indicator has only one */
	 "  fiscal_year INTEGER NOT NULL CHECK (fiscal_year BETWEEN 2000 AND 2198),"
	 "  value INTEGER CHECK (value BETWEEN 0 AND 1000000000000)," /* NULL: withdrawn */
	 "  source TEXT NOT NULL,"
	 "  note TEXT NOT NULL,"
	 "  who TEXT NOT NULL CHECK (length(who) BETWEEN 1 AND 64),"
	 "  at_ms INTEGER NOT NULL"
	 ") STRICT;"
	 "CREATE INDEX result_by_place ON result (initiative, series, fiscal_year);"
	 "CREATE TRIGGER result_is_not_changed BEFORE UPDATE ON result BEGIN"
	 "  SELECT RAISE(ABORT, 'results are append only'); END;"
	 "CREATE TRIGGER result_is_not_pruned BEFORE DELETE ON result BEGIN"
	 "  SELECT RAISE(ABORT, 'results are append only'); END;"},

	/*
	 * 6: how each screen is, as it said last, and the picture of it that staff asked for
	 * last. No history: only what is now.
	 */
	{"CREATE TABLE health ("
	 "  screen INTEGER PRIMARY KEY REFERENCES screen (number),"
	 "  run INTEGER NOT NULL,"
	 "  number INTEGER NOT NULL,"
	 "  every_ms INTEGER NOT NULL,"
	 "  alarms INTEGER NOT NULL," /* bits of enum health_alarm */
	 "  received_ms INTEGER NOT NULL,"
	 "  report TEXT NOT NULL,"
	 "  heard_ms INTEGER NOT NULL,"
	 "  courier TEXT NOT NULL" /* which nobody has signed */
	 ") STRICT;"
	 "CREATE TABLE snapshot ("
	 "  screen INTEGER PRIMARY KEY REFERENCES screen (number),"
	 "  asked INTEGER NOT NULL," /* number of the newest request */
	 "  asked_ms INTEGER NOT NULL,"
	 "  answered INTEGER NOT NULL DEFAULT 0,"
	 "  received_ms INTEGER NOT NULL DEFAULT 0,"
	 "  at_ms INTEGER NOT NULL DEFAULT 0,"
	 "  output INTEGER NOT NULL DEFAULT 0,"
	 "  slide TEXT NOT NULL DEFAULT '',"
	 "  png BLOB NOT NULL DEFAULT x'' CHECK (length(png) <= 65536)"
	 ") STRICT;"},

	/* 7: what speaks for it that there was something to see; NULL: recorded without */
	{"ALTER TABLE play ADD COLUMN frames INTEGER;"
	 "ALTER TABLE play ADD COLUMN picture INTEGER;"
	 "CREATE TRIGGER proof_is_not_changed BEFORE UPDATE OF frames, picture ON play BEGIN"
	 "  SELECT RAISE(ABORT, 'the ledger is append only'); END;"},

	/*
	 * 8: stretches of a screen's plays that are not there as rows (store/ledger_stretch.c),
	 * raw rows that may go once their totals are kept apart (store/ledger_prune.c), and the
	 * first complete play of each notice and fiscal year, under the title it had then.
	 *
	 * An earlier one that is learnt of later is a further row: the newest row of a notice
	 * and year holds. Its order is that of (at_ms, revision, content_hash, screen).
	 */
	{"CREATE TABLE stretch ("
	 "  number INTEGER PRIMARY KEY,"
	 "  screen INTEGER NOT NULL REFERENCES screen (number),"
	 "  first INTEGER NOT NULL CHECK (first >= 1),"
	 "  last INTEGER NOT NULL,"
	 "  kind INTEGER NOT NULL,"
	 "  head BLOB CHECK (length(head) = 32)," /* hash of row last; NULL: not known */
	 "  document TEXT NOT NULL," /* as the screen signed it; else what was done, and why */
	 "  who TEXT NOT NULL,"      /* member of staff; '' for screen and server */
	 "  received_ms INTEGER NOT NULL,"
	 /* Of a fold, as its first and last row had it; see migration 3. */
	 "  boot INTEGER REFERENCES boot (number),"
	 "  first_offset_ms INTEGER,"
	 "  last_offset_ms INTEGER,"
	 "  CHECK (last >= first)"
	 ") STRICT;"
	 "CREATE INDEX stretch_by_last ON stretch (screen, last);"
	 "CREATE TRIGGER stretch_is_not_changed BEFORE UPDATE ON stretch BEGIN"
	 "  SELECT RAISE(ABORT, 'the ledger is append only'); END;"
	 "CREATE TRIGGER stretch_is_not_pruned BEFORE DELETE ON stretch BEGIN"
	 "  SELECT RAISE(ABORT, 'the ledger is append only'); END;"

	 /* Plays that are known by the hour only, whether somebody could see them or not. */
	 "CREATE TABLE folded ("
	 "  stretch INTEGER NOT NULL REFERENCES stretch (number),"
	 "  slide INTEGER NOT NULL REFERENCES slide (number),"
	 "  hour INTEGER NOT NULL,"
	 "  outcome INTEGER NOT NULL,"
	 "  output INTEGER NOT NULL,"
	 "  plays INTEGER NOT NULL,"
	 "  shown_ms INTEGER NOT NULL,"
	 "  first_ms INTEGER NOT NULL,"
	 "  last_ms INTEGER NOT NULL,"
	 "  PRIMARY KEY (stretch, slide, hour, outcome, output)"
	 ") STRICT, WITHOUT ROWID;"
	 "CREATE TRIGGER folded_is_not_changed BEFORE UPDATE ON folded BEGIN"
	 "  SELECT RAISE(ABORT, 'the ledger is append only'); END;"
	 "CREATE TRIGGER folded_is_not_pruned BEFORE DELETE ON folded BEGIN"
	 "  SELECT RAISE(ABORT, 'the ledger is append only'); END;"

	 /* Kind 4: LEDGER_PRUNED. What has no time yet stays. */
	 "DROP TRIGGER play_is_not_pruned;"
	 "CREATE TRIGGER play_is_not_pruned BEFORE DELETE ON play"
	 "  WHEN OLD.at_ms IS NULL OR NOT EXISTS (SELECT 1 FROM stretch"
	 "   WHERE screen = OLD.screen AND last >= OLD.seq AND first <= OLD.seq AND kind = 4)"
	 "  BEGIN SELECT RAISE(ABORT, 'the ledger is append only'); END;"

	 "CREATE TABLE first_play ("
	 "  number INTEGER PRIMARY KEY,"
	 "  notice_id TEXT NOT NULL,"
	 "  fiscal_year INTEGER NOT NULL,"
	 "  at_ms INTEGER NOT NULL,"
	 "  revision INTEGER NOT NULL,"
	 "  content_hash BLOB NOT NULL CHECK (length(content_hash) = 32),"
	 "  screen INTEGER NOT NULL REFERENCES screen (number),"
	 "  title TEXT NOT NULL,"
	 "  department TEXT NOT NULL,"
	 "  noted_ms INTEGER NOT NULL" /* 0: from totals, when this table was made */
	 ") STRICT;"
	 "CREATE INDEX first_play_by_year ON first_play (fiscal_year, notice_id, number);"
	 "CREATE TRIGGER first_play_is_not_changed BEFORE UPDATE ON first_play BEGIN"
	 "  SELECT RAISE(ABORT, 'the ledger is append only'); END;"
	 "CREATE TRIGGER first_play_is_not_pruned BEFORE DELETE ON first_play BEGIN"
	 "  SELECT RAISE(ABORT, 'the ledger is append only'); END;"
	 "INSERT INTO first_play (notice_id, fiscal_year, at_ms, revision, content_hash,"
	 "  screen, title, department, noted_ms) SELECT notice_id, year, first_ms, revision,"
	 "  content_hash, screen, title, department, 0 FROM (SELECT n.*, h.screen, h.first_ms,"
	 "   (h.month - 3) / 12 AS year, ROW_NUMBER() OVER (PARTITION BY n.notice_id,"
	 "    (h.month - 3) / 12 ORDER BY h.first_ms, n.revision, n.content_hash, h.screen)"
	 "    AS place FROM published_notice n"
	 "   JOIN slide s ON s.content_hash = n.content_hash"
	 "    AND s.item_id = 'notice/' || n.notice_id"
	 "   JOIN monthly h ON h.slide = s.number AND h.first_ms IS NOT NULL"
	 "   JOIN screen c ON c.number = h.screen"
	 "   WHERE c.counts = 1 AND n.counts = 1 AND n.sample = 0) WHERE place = 1"
	 "  ORDER BY first_ms;"},
};

const size_t citydb_migration_count = ARRAY_LEN(citydb_migrations);
