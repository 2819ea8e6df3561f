-- Holds what the witness saw (seen.tsv) against the city's ledger, row by row. To be run on a
-- copy of city.db in the folder of seen.tsv. Numbers of outcomes are those of enum play_outcome.
CREATE TABLE seen (screen TEXT, boot TEXT, from_ms INTEGER, until_ms INTEGER, slide TEXT,
	planned INTEGER, urgent INTEGER, end TEXT, end_from INTEGER, end_until INTEGER,
	next_urgent INTEGER, sure INTEGER);
.mode tabs
.import seen.tsv seen
CREATE INDEX seen_by_time ON seen (screen, from_ms);

CREATE TABLE held AS
	SELECT c.id AS screen, b.boot_id AS boot, p.seq, s.slide_id AS slide, p.began_mono_ms AS began,
		p.planned_ms AS planned, p.shown_ms AS shown, p.outcome, p.frames, p.picture
	FROM play p JOIN screen c ON c.number = p.screen JOIN slide s ON s.number = p.slide
		JOIN boot b ON b.number = p.boot;
CREATE INDEX held_by_time ON held (screen, boot, began);

-- Least and most that it can have been on screen; a frame less than planned is complete.
CREATE TABLE expected AS
	SELECT rowid AS number, *, MAX(0, end_from - until_ms) AS least, end_until - from_ms AS most
	FROM seen;

CREATE TABLE matched AS
	SELECT e.number, h.screen, h.seq, h.outcome, CASE
		WHEN h.planned <> e.planned THEN 'planned'
		WHEN h.shown > e.most THEN 'too long'
		WHEN h.outcome = 0 AND (h.frames < 1 OR h.picture = 0 OR h.frames IS NULL)
			THEN 'no proof'
		WHEN h.outcome = 0 AND e.most < e.planned - 17 THEN 'not complete'
		WHEN h.outcome <> 0 AND e.end IN ('next', 'stop') AND e.least >= e.planned - 17
			THEN 'complete'
		WHEN h.outcome <> 3 AND h.shown < e.least THEN 'too short'
		-- What was killed is known as far as its last heartbeat, at most 5 s before.
		WHEN h.outcome = 3 AND h.shown < e.least - 5000 THEN 'too short'
		WHEN e.end = 'next' AND h.outcome NOT IN (0, CASE
			WHEN e.next_urgent AND NOT e.urgent THEN 1 ELSE 2 END) THEN 'reason'
		WHEN e.end = 'stop' AND h.outcome NOT IN (0, 4) THEN 'reason'
		WHEN e.end = 'killed' AND h.outcome <> 3 THEN 'reason'
	END AS difference
	FROM expected e JOIN held h ON h.screen = e.screen AND h.boot = e.boot
		AND h.began BETWEEN e.from_ms AND e.until_ms AND h.slide = e.slide;

CREATE TABLE missing AS SELECT * FROM expected
	WHERE sure AND number NOT IN (SELECT number FROM matched);
CREATE TABLE extra AS SELECT * FROM held
	WHERE (screen, seq) NOT IN (SELECT screen, seq FROM matched);
CREATE TABLE twice AS SELECT number FROM matched GROUP BY number HAVING COUNT(*) > 1
	UNION ALL SELECT seq FROM matched GROUP BY screen, seq HAVING COUNT(*) > 1;
CREATE TABLE different AS SELECT e.*, m.seq, m.outcome, m.difference, h.shown, h.planned AS held_planned
	FROM matched m JOIN expected e USING (number)
	JOIN held h ON h.screen = m.screen AND h.seq = m.seq WHERE m.difference IS NOT NULL;

.mode table
.headers on
SELECT CASE outcome WHEN 0 THEN 'complete' WHEN 1 THEN 'emergency' WHEN 2 THEN 'content'
	WHEN 3 THEN 'power' WHEN 4 THEN 'shutdown' ELSE outcome END AS "in ledger",
	COUNT(*) AS plays, SUM(shown) / 1000 AS seconds FROM held GROUP BY outcome;
SELECT (SELECT COUNT(*) FROM seen) AS "plays observed",
	(SELECT COUNT(*) FROM seen WHERE NOT sure) AS "killed in the act",
	(SELECT COUNT(*) FROM held) AS "in ledger",
	(SELECT COUNT(*) FROM missing) AS missing, (SELECT COUNT(*) FROM extra) AS extra,
	(SELECT COUNT(*) FROM twice) AS twice, (SELECT COUNT(*) FROM different) AS different;
SELECT * FROM missing LIMIT 10;
SELECT * FROM extra LIMIT 10;
SELECT * FROM different LIMIT 10;
.headers off
.mode list
.once verdict
SELECT (SELECT COUNT(*) FROM missing) + (SELECT COUNT(*) FROM extra) + (SELECT COUNT(*) FROM twice)
	+ (SELECT COUNT(*) FROM different);
.once complete
SELECT COUNT(*) FROM matched m JOIN held h ON h.screen = m.screen AND h.seq = m.seq
	WHERE h.outcome = 0 AND h.slide GLOB 'notice/*';
.once notices
SELECT COUNT(DISTINCT CASE WHEN slide GLOB 'notice/*/*' THEN
	SUBSTR(slide, 8, INSTR(SUBSTR(slide, 8), '/') - 1) ELSE SUBSTR(slide, 8) END)
	FROM held WHERE outcome = 0 AND slide GLOB 'notice/*';
