#!/bin/sh
# A backup is made while the server works; the server is lost and restored from it; the
# screen sends again what the backup lacks, and the ledger ends as if nothing had been.
set -eu
# shellcheck source=stage.sh
. "$(dirname "$0")/stage.sh"

STAGE_DWELL=2
stage_begin
stage_city_init
stage_city_start
stage_login
stage_enrol tanashi-1 "田無駅前"
printf '\n[plays]\nseal_after = 1\n' >>"$stage/display.conf"
stage_sync_start
stage_display_start --windowed 640x360

durable() {
	stage_ctl screen list --json | jq -r '.screens[0].durable_seq'
}
durable_from() {
	[ "$(durable)" -ge "$1" ]
}
rows() {
	sqlite3 "$stage/city/state/city.db" "SELECT COUNT(*) FROM play"
}

stage_wait 60 durable_from 2 || stage_fail "no plays arrived"
"$EKIMAE_BIN/ekimae-city" --config "$stage/city.conf" --backup "$stage/backup.db" \
	>>"$stage/backup.log" 2>&1 || stage_fail "the backup failed"
kept=$(sqlite3 "$stage/backup.db" "SELECT durable_seq FROM screen")
# Published and withdrawn since: the restored database has not heard of it.
stage_notice "$EKIMAE_SOURCE/assets/demo/pushed.json" "$stage/notice.json" since
stage_publish "$stage/notice.json" since
stage_ctl withdraw since >>"$stage/ctl.log" 2>&1 || stage_fail "withdraw"
stage_wait 60 durable_from $((kept + 2)) || stage_fail "no further plays arrived"
before=$(durable)

stage_city_stop
rm -f "$stage/city/state/city.db-wal" "$stage/city/state/city.db-shm"
cp "$stage/backup.db" "$stage/city/state/city.db"
stage_city_start
stage_wait 90 durable_from $((before + 1)) || stage_fail "the lost plays did not come again"

stage_display_stop
stage_city_stop
"$EKIMAE_BIN/ekimae-city" --config "$stage/city.conf" --verify >"$stage/verify.log" 2>&1 ||
	stage_fail "the restored ledger is not intact"
grep -q "^ok   screen tanashi-1: $(rows) rows" "$stage/verify.log" || stage_fail "rows are missing"
seqs=$(sqlite3 "$stage/city/state/city.db" "SELECT MIN(seq), MAX(seq) = COUNT(*) FROM play")
[ "$seqs" = "1|1" ] || stage_fail "the sequence has a gap: $seqs"
known=$(sqlite3 "$stage/city/state/city.db" "SELECT notice_id FROM published_notice")
[ "$known" = since ] || stage_fail "a notice shown since the backup is unknown to the ledger: $known"

# An altered ledger is told, and by name.
sqlite3 "$stage/city/state/city.db" "DROP TRIGGER play_is_not_changed;
	UPDATE play SET shown_ms = shown_ms + 1 WHERE seq = 2"
status=0
"$EKIMAE_BIN/ekimae-city" --config "$stage/city.conf" --verify >"$stage/verify.log" 2>&1 || status=$?
[ "$status" -eq 65 ] || stage_fail "an altered row was not told: $status"
grep -q "^BAD  screen tanashi-1: .*play 2 does not fit" "$stage/verify.log" ||
	stage_fail "the altered row was not named"
