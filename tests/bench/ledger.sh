#!/bin/sh
# ./ekimae bench ledger: how many plays a second one city server takes durably, over HTTP on
# loopback, in signed batches; and how long the report of a year with $PLAYS plays takes.
set -eu
# shellcheck source=../e2e/stage.sh
. "$(dirname "$0")/../e2e/stage.sh"

plays=${PLAYS:-5000000}
build=$(cd -P "$EKIMAE_BIN/.." && pwd)
EKIMAE_BIN=$build/bin
cmake --build "$build" --target bench-ledger >"$build/ledger-build.log" 2>&1 || {
	cat "$build/ledger-build.log" >&2
	exit 1
}

stage_begin
stage_city_init
stage_city_start
database=$stage/city/state/city.db

echo "Plays accepted by one city server, each answered only when it is on the disk"
printf '%-34s %10s %8s %10s %12s\n' "" rows seconds rows/s "CPU µs/row"
# CPU time of the server so far, milliseconds
cpu_ms() {
	awk -v hertz="$(getconf CLK_TCK)" '{ printf "%d", ($14 + $15) * 1000 / hertz }' \
		"/proc/$city_pid/stat"
}
# row SCREENS BATCHES ROWS
row() {
	before=$(cpu_ms)
	"$build/bin/bench-ledger" "$city_url" "$database" "$1" "$2" "$3" >"$stage/row" ||
		stage_fail "the load could not be sent"
	read -r rows seconds rate <"$stage/row"
	printf '%-34s %10s %8s %10s %12s\n' "$1 screens, batches of $3 plays" "$rows" "$seconds" \
		"$rate" $((($(cpu_ms) - before) * 1000 / rows))
}
row 1 80 500
row 100 2 500
row 1000 1 100

# A year of ten screens and 300 notices, 25 of them at a time.
stage_city_stop
sqlite3 "$database" >"$stage/made.log" <<END || stage_fail "the year could not be made"
PRAGMA synchronous = OFF;
PRAGMA foreign_keys = OFF;
BEGIN;
INSERT INTO screen (number, id, place, state, counts, code_until_ms, created_ms)
	SELECT 100000 + value, 'year-' || value, '', 1, 1, 0, 0 FROM generate_series(1, 10);
INSERT INTO slide (number, content_hash, slide_id, item_id, item_revision)
	SELECT 100000 + value, CAST(printf('%032d', value) AS BLOB),
	printf('notice/year-%d/1', value), 'notice/year-' || value, 1
	FROM generate_series(0, 299);
INSERT INTO published_notice SELECT CAST(printf('%032d', value) AS BLOB),
	'year-' || value, 1, 'お知らせ' || value, '課' || value % 12, 1, 0, 0
	FROM generate_series(0, 299);
INSERT INTO boot (number, screen, boot_id)
	SELECT 100000 + value, 100000 + value, 'x' FROM generate_series(1, 10);
INSERT INTO play (screen, seq, slide, boot, programme_version, began_ms, began_mono_ms,
	synchronised, planned_ms, output, shown_ms, outcome, hash, at_ms, received_ms)
	SELECT 100000 + s.value, i.value,
	100000 + (i.value * 300 / ($plays / 10) + i.value % 25) % 300, 100000 + s.value, 1,
	at, 0, 1, 8000, 0, 8000, i.value % 50 = 0, randomblob(32), at, at + 60000
	FROM generate_series(1, 10) s, (SELECT value,
		1743433200000 + value * (365 * 86400000 / ($plays / 10 + 1)) AS at
		FROM generate_series(1, $plays / 10)) i;
INSERT INTO hourly SELECT slide, at_ms / 3600000, screen,
	COUNT(*) FILTER (WHERE outcome = 0), COUNT(*) FILTER (WHERE outcome <> 0),
	SUM(shown_ms), 0, MIN(at_ms) FILTER (WHERE outcome = 0),
	MAX(at_ms) FILTER (WHERE outcome = 0)
	FROM play WHERE screen > 100000 GROUP BY slide, at_ms / 3600000, screen;
INSERT INTO monthly SELECT slide, strftime('%Y', hour * 3600 + 32400, 'unixepoch') * 12 +
	strftime('%m', hour * 3600 + 32400, 'unixepoch') - 1 AS month, screen, SUM(complete),
	SUM(partial), SUM(shown_ms), SUM(late), MIN(first_ms), MAX(last_ms)
	FROM hourly WHERE screen > 100000 GROUP BY slide, month, screen;
INSERT INTO first_play (notice_id, fiscal_year, at_ms, revision, content_hash, screen, title,
	department, noted_ms) SELECT notice_id, year, first_ms, revision, content_hash, screen,
	title, department, 0 FROM (SELECT n.*, h.screen, h.first_ms, (h.month - 3) / 12 AS year,
		ROW_NUMBER() OVER (PARTITION BY n.notice_id, (h.month - 3) / 12
			ORDER BY h.first_ms, h.screen) AS place
		FROM published_notice n JOIN slide s ON s.content_hash = n.content_hash
		JOIN monthly h ON h.slide = s.number AND h.first_ms IS NOT NULL
		WHERE h.screen > 100000) WHERE place = 1;
COMMIT;
SELECT (SELECT COUNT(*) FROM play WHERE screen > 100000),
	(SELECT COUNT(*) FROM hourly WHERE screen > 100000);
END
made=$(sed -n '$s/|.*//p' "$stage/made.log")
hours=$(sed -n '$s/.*|//p' "$stage/made.log")
stage_city_start
echo
echo "Report of a year with $made plays ($hours totals by the hour), through HTTP, seconds"
printf '%-34s %8s %8s %8s\n' "" first second third
for by in notice screen month department; do
	times=''
	for _ in 1 2 3; do
		times="$times $(curl -s -o "$stage/report" -w '%{time_total}' \
			"$city_url/api/v1/report?fiscal_year=2025&by=$by")"
		grep -q '"fiscal_year":2025' "$stage/report" || stage_fail "no report by $by"
	done
	# shellcheck disable=SC2086 # three words
	printf '%-34s %8.2f %8.2f %8.2f\n' "by $by" $times
done
