#!/bin/sh
# ./ekimae bench push: from the publish command to the first presented frame of an alarm, over
# loopback, through signing, city server, courier, verification and drawing.
set -eu
# shellcheck source=../e2e/stage.sh
. "$(dirname "$0")/../e2e/stage.sh"

rounds=${ROUNDS:-10}
size=${SIZE:-1920x1080}
export SDL_VIDEODRIVER="${SDL_VIDEODRIVER:-offscreen}"

stage_begin
stage_city_init
stage_city_start
stage_login
stage_enrol bench-1 "ベンチマーク"
stage_sync_start
stage_display_start --windowed "$size"
stage_wait 30 grep -q "showing " "$stage/display.log" || stage_fail "nothing was shown"

jq '.dwell_s = 5' "$EKIMAE_SOURCE/assets/demo/pushed.json" >"$stage/template.json"
: >"$stage/times"
round=1
while [ "$round" -le "$rounds" ]; do
	id=emergency-$round
	stage_notice "$stage/template.json" "$stage/$id.json" "$id"
	began=$(date +%s%3N)
	stage_alarm "$stage/$id.json"
	published=$(date +%s%3N)
	presented() {
		grep -q "presented notice/$id first frame at " "$stage/display.log"
	}
	stage_wait 30 presented || stage_fail "round $round: the alarm was not presented"
	frame=$(sed -n "s#.*presented notice/$id first frame at \([0-9]*\).*#\1#p" "$stage/display.log" | head -n 1)
	echo "$((frame - began)) $((published - began))" >>"$stage/times"
	stage_ctl emergency withdraw "$id" >>"$stage/ctl.log" 2>&1 || stage_fail "withdraw"
	# Longer than a slide is held at least, so that this is not measured.
	sleep 3
	round=$((round + 1))
done

row() {
	cut -d' ' -f"$2" "$stage/times" | sort -n | awk -v name="$1" '
		{ v[NR] = $1 }
		END {
			printf "%-44s %8d %8d %8d\n", name, v[1], v[int((NR + 1) / 2)], v[NR]
		}'
}
echo "Push of an alarm, $size, $rounds rounds, milliseconds"
printf '%-44s %8s %8s %8s\n' "" min median max
row "publish command → first presented frame" 1
row "of which the command itself" 2
