#!/bin/sh
# Whatever the line between city and box does, the screen goes on with a valid programme; and
# once the line is good again, it is current by itself.
set -eu
# shellcheck source=stage.sh
. "$(dirname "$0")/stage.sh"

STAGE_DWELL=2
stage_begin
stage_city_init
stage_city_start
stage_login
stage_enrol tanashi-1 "田無駅前"
stage_proxy_start
stage_sync_start
stage_display_start --windowed 400x225
stage_wait 60 grep -q "showing " "$stage/display.log" || stage_fail "nothing was shown"

sed -e 's/"weight": 5/"urgent": true, "dwell_s": 5/' \
	"$EKIMAE_SOURCE/assets/demo/pushed.json" >"$stage/template.json"
number=0
while read -r fault; do
	number=$((number + 1))
	id=fault-$number
	stage_fault "$fault"
	stage_notice "$stage/template.json" "$stage/$id.json" "$id"
	stage_publish "$stage/$id.json" "$id"
	lines=$(grep -c "showing " "$stage/display.log")
	goes_on() {
		[ "$(grep -c "showing " "$stage/display.log")" -gt "$lines" ]
	}
	stage_wait 30 goes_on || stage_fail "$fault: the screen stood still"
	stage_fault none
	stage_wait 60 stage_shown "notice/$id" || stage_fail "$fault: the screen did not catch up"
	stage_ctl withdraw "$id" >>"$stage/ctl.log" 2>&1 || stage_fail "withdraw $id"
done <<'END'
status 500
cut 200
corrupt 700
length 9
redirect
gzip-bomb 1000000
refuse
END
for pid in "$display_pid" "$sync_pid"; do
	kill -0 "$pid" || stage_fail "a program had to be restarted"
done
! grep "refused" "$stage/display.log" || stage_fail "something invalid reached the display"
