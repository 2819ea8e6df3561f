#!/bin/sh
# How a screen is reaches the city, signed by itself; a snapshot on request is the very frame that
# is on screen; a revoked screen is heard no more.
set -eu
# shellcheck source=stage.sh
. "$(dirname "$0")/stage.sh"

# One slide, so that what is asked for is what was presented.
STAGE_DWELL=60
stage_begin
stage_city_init
stage_city_start
stage_login
stage_enrol tanashi-1 "田無駅前"
printf '\n[health]\nevery = 5\n' >>"$stage/display.conf"
stage_sync_start
stage_display_start --windowed 480x270 --snapshot "$stage/frame-%d.png" --snapshot-every 1

reported() {
	stage_ctl screen show tanashi-1 --format json >"$stage/screen.json" &&
		[ "$(jq -r .health.report.timestamp "$stage/screen.json")" -ge 1 ]
}
stage_wait 30 reported || stage_fail "no report arrived"
report() {
	jq -r ".health.report.$1" "$stage/screen.json"
}
[ "$(report screen)" = tanashi-1 ] || stage_fail "the report is of $(report screen)"
[ "$(report disk_total)" -gt 0 ] || stage_fail "the report knows of no disk"
[ "$(report expired)" = false ] || stage_fail "the report says expired"
[ "$(jq .health.courier.requests "$stage/screen.json")" -ge 1 ] || stage_fail "no word of the courier"
# Of the machine that runs the test nothing is known.
[ "$(jq -c '.alarms - ["disk", "temperature"]' "$stage/screen.json")" = '[]' ] ||
	stage_fail "alarms: $(jq -c .alarms "$stage/screen.json")"
stage_ctl screen list >"$stage/list.txt"
grep -q 'tanashi-1 .*登録済み.*最新.*正常' "$stage/list.txt" || stage_fail "$(cat "$stage/list.txt")"

stage_ctl screen snapshot tanashi-1 --timeout 30 -o "$stage/got.png" >"$stage/snapshot.txt" ||
	stage_fail "no snapshot arrived"
grep -q "$(report slide)" "$stage/snapshot.txt" || stage_fail "$(cat "$stage/snapshot.txt")"
same=
for frame in "$stage"/frame-*.png; do
	! cmp -s "$frame" "$stage/got.png" || same=$frame
done
[ -n "$same" ] || stage_fail "the snapshot is none of the frames that were presented"
# Asked again at once, the screen takes its time.
! stage_ctl screen snapshot tanashi-1 --timeout 2 -o "$stage/again.png" 2>"$stage/again.txt" ||
	stage_fail "a second snapshot within a minute"
grep -q "one a minute" "$stage/again.txt" || stage_fail "$(cat "$stage/again.txt")"

# An hour later, with the display stopped, it is missed; when it starts again, it is back.
stage_display_stop
sqlite3 -cmd '.timeout 5000' "$stage/city/state/city.db" \
	'UPDATE health SET received_ms = received_ms - 3600000, heard_ms = heard_ms - 3600000'
stage_ctl screen list | grep -q 'tanashi-1 .*連絡なし（.*から）' || stage_fail "$(stage_ctl screen list)"
stage_ctl doctor | grep -q 'screen tanashi-1.*連絡なし' || stage_fail "doctor misses no screen"
! stage_ctl screen snapshot tanashi-1 2>"$stage/silent.txt" || stage_fail "a silent screen was asked"
grep -q "連絡なし" "$stage/silent.txt" || stage_fail "$(cat "$stage/silent.txt")"
stage_display_start --windowed 480x270
back() {
	stage_ctl screen list | grep -q 'tanashi-1 .*なし$' && ! stage_ctl screen list | grep -q 連絡なし
}
stage_wait 30 back || stage_fail "the screen that was started again was not heard"

stage_ctl screen revoke tanashi-1 >>"$stage/ctl.log" || stage_fail "revoke"
refused() {
	grep -q "health: .*403.*revoked" "$stage/sync.log"
}
stage_wait 30 refused || stage_fail "a revoked screen was heard"
stage_ctl screen list | grep 'tanashi-1 .*失効' | grep -q 'なし$' || stage_fail "a revoked screen alarms"
! stage_ctl screen snapshot tanashi-1 2>"$stage/revoked.txt" || stage_fail "a revoked screen was asked"
grep -q "not enrolled" "$stage/revoked.txt" || stage_fail "$(cat "$stage/revoked.txt")"

stage_display_stop
stage_sync_stop
stage_city_stop
! grep -h -i "error:\|runtime error\|AddressSanitizer\|LeakSanitizer" "$stage"/*.log || stage_fail "errors in the logs"
