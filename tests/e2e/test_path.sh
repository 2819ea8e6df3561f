#!/bin/sh
# The path: a notice that staff publish is shown, counted once, reported, and withdrawn.
set -eu
# shellcheck source=stage.sh
. "$(dirname "$0")/stage.sh"

STAGE_DWELL=2
stage_begin
stage_city_init
stage_city_start
stage_login
stage_enrol tanashi-1 "田無駅前"
stage_sync_start
stage_display_start --windowed 640x360
stage_wait 30 grep -q "showing " "$stage/display.log" || stage_fail "nothing was shown"

notice=$stage/notice.json
sed -e 's/"weight": 5/"weight": 10, "dwell_s": 5/' \
	"$EKIMAE_SOURCE/assets/demo/pushed.json" >"$stage/template.json"
stage_notice "$stage/template.json" "$notice" e2e-path
stage_publish "$notice" e2e-path
stage_wait 30 stage_shown notice/e2e-path || stage_fail "the notice was not shown"

counted() {
	stage_ctl --json report >"$stage/report.json" &&
		[ "$(jq '.notices[] | select(.id == "e2e-path") | .complete' "$stage/report.json")" -ge 1 ]
}
stage_wait 60 counted || stage_fail "no complete play in the ledger"
[ "$(jq .count "$stage/report.json")" -eq 1 ] || stage_fail "the count is not 1"

# The report is the same in every format.
stage_ctl report --format csv >"$stage/report.csv"
head -c 3 "$stage/report.csv" | od -An -tx1 | grep -q 'ef bb bf' || stage_fail "CSV without BOM"
grep -q e2e-path "$stage/report.csv" || stage_fail "CSV without the notice"
stage_ctl report | grep -q '行政情報の発信数: 1件' || stage_fail "table without the count"

programmes() {
	grep -c "programme .* is in effect" "$stage/display.log"
}
before=$(programmes)
stage_ctl withdraw e2e-path >>"$stage/ctl.log" 2>&1 || stage_fail "withdraw"
# Another slide could be on screen for any reason: first it has to know.
knows() {
	[ "$(programmes)" -gt "$before" ]
}
stage_wait 30 knows || stage_fail "the withdrawal did not reach the screen"
# A fade that is under way then leads to what was due, which goes a second later.
sleep 1
gone() {
	! grep "showing " "$stage/display.log" | tail -n 1 | grep -q "notice/e2e-path"
}
stage_wait 30 gone || stage_fail "the withdrawn notice stayed"
lines=$(grep -c "showing " "$stage/display.log")
sleep 6
! grep "showing " "$stage/display.log" | tail -n +"$((lines + 1))" | grep -q "notice/e2e-path" ||
	stage_fail "the withdrawn notice came back"

# Stopped in order, every row that the screen closed reaches the city: no gap, no rest.
stage_display_stop
rows=$(sqlite3 "$stage/box/state/plays.db" 'SELECT count(*) FROM play')
held() {
	[ "$(stage_ctl --json screen list | jq '.screens[0].durable_seq')" -eq "$rows" ]
}
stage_wait 30 held || stage_fail "the city does not hold all $rows plays"
stage_ctl doctor >"$stage/doctor.txt" || stage_fail "doctor: $(cat "$stage/doctor.txt")"
stage_sync_stop
stage_city_stop
! grep -h -i "error:\|runtime error\|AddressSanitizer\|LeakSanitizer" "$stage"/*.log || stage_fail "errors in the logs"
