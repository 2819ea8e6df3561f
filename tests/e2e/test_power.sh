#!/bin/sh
# kill -9 of display, courier and city, again and again: every play that a screen closed is in
# the ledger once, in one gapless sequence, and the open one ends as "power".
set -eu
# shellcheck source=stage.sh
. "$(dirname "$0")/stage.sh"

STAGE_DWELL=2
stage_begin
stage_city_init
stage_city_start
stage_login
stage_enrol tanashi-1 "田無駅前"
for round in 1 2 3; do
	: >>"$stage/display.log"
	lines=$(grep -c "showing " "$stage/display.log" || true)
	stage_sync_start
	stage_display_start --windowed 400x225
	shown_more() {
		[ "$(grep -c "showing " "$stage/display.log")" -ge "$((lines + 2))" ]
	}
	stage_wait 60 shown_more || stage_fail "round $round: nothing was shown"
	sleep "0.$((round * 3))"
	for pid in "$display_pid" "$sync_pid" "$city_pid"; do
		kill -9 "$pid"
		wait "$pid" 2>/dev/null || true
	done
	stage_city_start
done
lines=$(grep -c "showing " "$stage/display.log")
stage_sync_start
stage_display_start --windowed 400x225
stage_wait 60 shown_more || stage_fail "nothing was shown at the end"
stage_display_stop

db=$stage/box/state/plays.db
query() {
	sqlite3 "$db" "$1"
}
rows=$(query 'SELECT count(*) FROM play')
[ "$rows" -ge 5 ] || stage_fail "only $rows plays"
[ "$(query 'SELECT max(seq) FROM play')" -eq "$rows" ] || stage_fail "a gap in the sequence"
held() {
	[ "$(stage_ctl --json screen list | jq '.screens[0].durable_seq')" -eq "$rows" ]
}
stage_wait 60 held || stage_fail "the city does not hold all $rows plays"

city_db=$(find "$stage/city/state" -name '*.db' | head -n 1)
cp "$city_db" "$stage/ledger.db"
[ ! -e "$city_db-wal" ] || cp "$city_db-wal" "$stage/ledger.db-wal"
[ "$(sqlite3 "$stage/ledger.db" 'SELECT count(*) FROM play')" -eq "$rows" ] ||
	stage_fail "the ledger does not hold exactly the $rows plays of the screen"
[ "$(sqlite3 "$stage/ledger.db" 'SELECT count(*) FROM quarantine')" -eq 0 ] ||
	stage_fail "rows in quarantine"
power=$(sqlite3 "$stage/ledger.db" "SELECT count(*) FROM play WHERE outcome = 'power' OR outcome = 3")
[ "$power" -eq 3 ] || stage_fail "$power plays ended by power, expected 3"
