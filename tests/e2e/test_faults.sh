#!/bin/sh
# Whatever the line between city and box does, the screen goes on with a valid programme; and
# once the line is good again, it is current by itself.
set -eu
# shellcheck source=stage.sh
. "$(dirname "$0")/stage.sh"

STAGE_DWELL=1
stage_begin
stage_city_init
stage_city_start
stage_login
stage_enrol tanashi-1 "田無駅前"
stage_proxy_start "$city_port"
stage_sync_start
stage_display_start --windowed 400x225
stage_wait 60 grep -q "showing " "$stage/display.log" || stage_fail "nothing was shown"

sed -e 's/"weight": 5/"weight": 10, "dwell_s": 5/' \
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
length -7
redirect
gzip-bomb 1000000
refuse
END
# What the courier relies on: the rest of a file, and what has changed in one.
repository=$stage/city/state/repository
plan=$(basename "$repository"/targets/*.plan.json)
tail -c +1001 "$repository/targets/$plan" >"$stage/rest"
curl -s -D "$stage/head" -r 1000- "$city_url/repository/targets/$plan" | cmp - "$stage/rest" ||
	stage_fail "a range is not what it says"
grep -q "^HTTP/1.1 206" "$stage/head" || stage_fail "no range: $(cat "$stage/head")"
# A small programme has no difference that pays: a large one gets some.
jq '.body = ([range(40) | "\(. * 7919)番の窓口で受け付けます。"] | join("\n"))' \
	"$stage/template.json" >"$stage/long.json"
for id in long-1 long-2 long-3 long-4; do
	stage_notice "$stage/long.json" "$stage/$id.json" "$id"
	stage_publish "$stage/$id.json" "$id"
done
difference=$(find "$repository/differences" -name '*.vcdiff' | head -n 1)
[ -n "$difference" ] || stage_fail "there are no differences"
curl -s "$city_url/repository/differences/$(basename "$difference")" | cmp - "$difference" ||
	stage_fail "a difference can't be fetched"
[ "$(curl -s -o "$stage/answer" -w '%{http_code}' \
	"$city_url/repository/differences/../../keys/timestamp.pem" --path-as-is)" = 404 ] ||
	stage_fail "the server gives away what it must not"
stage_wait 60 stage_shown notice/long-4 || stage_fail "long-4 was not shown"

for pid in "$display_pid" "$sync_pid"; do
	kill -0 "$pid" || stage_fail "a program had to be restarted"
done
! grep "refused" "$stage/display.log" || stage_fail "something invalid reached the display"
