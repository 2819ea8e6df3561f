#!/bin/sh
# A row of the play log rots before it was uploaded: it is named in quarantine, and all that is
# behind it arrives. A gap that can never be filled is given up, with a word in the audit log.
set -eu
# shellcheck source=stage.sh
. "$(dirname "$0")/stage.sh"

STAGE_DWELL=1
stage_begin
stage_city_init
stage_city_start
stage_login
stage_enrol tanashi-1 "田無駅前"
printf '\n[plays]\nseal_after = 1\nkeep_days = 2\nmax_mb = 5\n' >>"$stage/display.conf"
city_db=$stage/city/state/city.db
log=$stage/box/state/plays.db

stage_display_start --windowed 400x225
shown() {
	[ "$(grep -c "showing " "$stage/display.log")" -ge 6 ]
}
stage_wait 60 shown || stage_fail "nothing was shown"
stage_display_stop
rows=$(sqlite3 "$log" "SELECT max(seq) FROM play")
[ "$rows" -ge 4 ] || stage_fail "only $rows plays"
sqlite3 "$log" "UPDATE play SET planned_ms = 0 WHERE seq = 2"
# What was signed of it before is lost, too: the log is all that is left of these plays.
rm -f "$stage"/box/outbox/plays-*

stage_sync_start
stage_display_start --windowed 400x225
durable() {
	stage_ctl --json screen list | jq -r '.screens[0].durable_seq'
}
durable_from() {
	[ "$(durable)" -ge "$1" ]
}
stage_wait 60 durable_from $((rows + 1)) || stage_fail "plays stop behind the damaged row"
stage_display_stop
stage_ctl screen show tanashi-1 >"$stage/show.txt"
grep -q "検疫 2（.*lost: plays 2–2: .*planned_ms" "$stage/show.txt" ||
	stage_fail "the damaged row is not named: $(cat "$stage/show.txt")"
stage_ctl screen list | grep -q "（未着 0、検疫 1）" || stage_fail "the list does not tell"

# Of a box whose disk died: something arrived from behind plays that never will.
held=$(durable)
sqlite3 "$city_db" "INSERT INTO quarantine (screen, seq, row_sha256, row, reason, received_ms)
	SELECT number, $((held + 10)), zeroblob(32), '{}', 'test', 1 FROM screen"
stage_ctl screen show tanashi-1 | grep -q "未着 $((held + 1))–$((held + 9))" ||
	stage_fail "the gap is not told"
! stage_ctl --yes screen accept-gap tanashi-1 "$held-$((held + 9))" --why "its disk died" \
	2>"$stage/refused.txt" || stage_fail "a play that is held was given up"
grep -q "not all of the plays" "$stage/refused.txt" || stage_fail "the refusal says nothing"
stage_ctl --yes screen accept-gap tanashi-1 "$((held + 1))-$((held + 9))" --why "its disk died" \
	>"$stage/gave.txt" || stage_fail "the gap was not given up"
[ "$(durable)" -eq $((held + 10)) ] || stage_fail "the gap is still open: $(durable)"
stage_city_stop
sqlite3 "$city_db" "SELECT detail FROM audit WHERE action = 'accept-gap'" |
	grep -qx "$((held + 1))-$((held + 9)): its disk died" || stage_fail "it was not audited"
"$EKIMAE_BIN/ekimae-city" --config "$stage/city.conf" --verify >"$stage/verify.log" 2>&1 ||
	stage_fail "the ledger is not intact: $(cat "$stage/verify.log")"
grep -q "^ok   first plays: " "$stage/verify.log" || stage_fail "first plays are not checked"
