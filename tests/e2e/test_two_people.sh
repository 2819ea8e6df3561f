#!/bin/sh
# Each publication needs two people's keys: nothing is shown that one of them alone has signed,
# and the second sees what the signature will cover, whatever the first one's file says.
set -eu
# shellcheck source=stage.sh
. "$(dirname "$0")/stage.sh"

STAGE_DWELL=2
stage_begin
STAGE_INIT='--targets-keys 2 --targets-threshold 2'
stage_city_init
stage_city_start
sed -i "s,^targets = .*,targets = $stage/targets-1.key," "$stage/ctl.conf"
sed "s,^targets = .*,targets = $stage/targets-2.key," "$stage/ctl.conf" >"$stage/second.conf"
stage_login
stage_enrol tanashi-1 "田無駅前"
stage_sync_start
stage_display_start --windowed 640x360
stage_wait 30 grep -q "showing " "$stage/display.log" || stage_fail "nothing was shown"

second() {
	"$EKIMAE_BIN/ekimaectl" --config "$stage/second.conf" --yes "$@"
}

sed -e 's/"weight": 5/"weight": 10, "dwell_s": 5/' \
	"$EKIMAE_SOURCE/assets/demo/pushed.json" >"$stage/template.json"
stage_notice "$stage/template.json" "$stage/notice.json" together
stage_ctl notice add "$stage/notice.json" >>"$stage/ctl.log"
! stage_ctl publish together >>"$stage/ctl.log" 2>&1 || stage_fail "one key was enough"
stage_ctl publish together --prepare "$stage/prepared" >>"$stage/ctl.log" || stage_fail "prepare"
! stage_ctl send "$stage/prepared" >>"$stage/ctl.log" 2>&1 || stage_fail "one signature was enough"
# The same person again is still one.
stage_ctl sign "$stage/prepared" >"$stage/first.txt" || stage_fail "sign"
grep -q "signed by 1 of the 2" "$stage/first.txt" || stage_fail "$(cat "$stage/first.txt")"
second sign "$stage/prepared" >"$stage/second.txt" || stage_fail "sign by the second person"
grep -q "^+ together revision 1" "$stage/second.txt" || stage_fail "$(cat "$stage/second.txt")"
grep -q "signed by 2 of the 2" "$stage/second.txt" || stage_fail "$(cat "$stage/second.txt")"
stage_ctl send "$stage/prepared" >>"$stage/ctl.log" || stage_fail "send"
stage_wait 30 stage_shown notice/together || stage_fail "the notice was not shown"

# Sent twice, or signed after something else was published, it is told to be old.
! stage_ctl send "$stage/prepared" >>"$stage/ctl.log" 2>&1 || stage_fail "sent twice"
! second sign "$stage/prepared" >>"$stage/ctl.log" 2>&1 || stage_fail "an old publication was signed"

# A file that says one thing and withdraws another: what counts is the signed content.
stage_ctl withdraw together --prepare "$stage/away" >>"$stage/ctl.log" || stage_fail "prepare"
sed -i 's/"withdrawn":\["together"\]/"withdrawn":[]/' "$stage/away"
second sign "$stage/away" >"$stage/second.txt" || stage_fail "sign"
grep -q "^- together" "$stage/second.txt" || stage_fail "$(cat "$stage/second.txt")"

# The second sees figures, too: results by year, and the count of this year.
stage_ctl plan result set 1 --fiscal-year R6 --value 171500 --source 事務報告書 >>"$stage/ctl.log" ||
	stage_fail "result"
stage_ctl plan result publish --prepare "$stage/figures" >>"$stage/ctl.log" || stage_fail "prepare"
second sign "$stage/figures" >"$stage/second.txt" || stage_fail "sign figures"
grep -q "^+ result 1 .* (2024): 171500枚" "$stage/second.txt" || stage_fail "$(cat "$stage/second.txt")"
grep -q "count of notices shown: .* → 令和" "$stage/second.txt" || stage_fail "$(cat "$stage/second.txt")"
stage_ctl send "$stage/figures" >>"$stage/ctl.log" || stage_fail "send figures"

stage_display_stop
stage_sync_stop
stage_city_stop
! grep -h -i "runtime error\|AddressSanitizer\|LeakSanitizer" "$stage"/*.log || stage_fail "errors in the logs"
