#!/bin/sh
# Without the city, the screen goes on; with it again, it catches up by itself; and a box
# that starts without a network shows what it last had.
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

sed -e 's/"weight": 5/"weight": 10, "dwell_s": 5/' \
	"$EKIMAE_SOURCE/assets/demo/pushed.json" >"$stage/template.json"
stage_notice "$stage/template.json" "$stage/first.json" e2e-first
stage_publish "$stage/first.json" e2e-first
stage_wait 30 stage_shown notice/e2e-first || stage_fail "the first notice was not shown"

stage_city_stop
lines=$(grep -c "showing " "$stage/display.log")
goes_on() {
	[ "$(grep -c "showing " "$stage/display.log")" -ge "$((lines + 2))" ]
}
stage_wait 60 goes_on || stage_fail "the screen stood still without the city"

# The whole box starts anew, still without the city.
stage_display_stop
stage_sync_stop
mv "$stage/display.log" "$stage/display-before.log"
stage_sync_start
stage_display_start --windowed 640x360
stage_wait 20 stage_shown notice/e2e-first || stage_fail "the last programme was forgotten"

stage_city_start
stage_notice "$stage/template.json" "$stage/second.json" e2e-second
stage_publish "$stage/second.json" e2e-second
stage_wait 90 stage_shown notice/e2e-second || stage_fail "the screen did not catch up"
for pid in "$display_pid" "$sync_pid"; do
	kill -0 "$pid" || stage_fail "a program had to be restarted"
done
