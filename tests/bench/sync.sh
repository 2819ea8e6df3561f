#!/bin/sh
# ./ekimae bench sync: what the line between city and a screen carries, counted by a proxy in
# it: bytes of TCP both ways, with all of HTTP, without TLS (about 30 bytes a message more).
#   SIZES: notices in the programme. CYCLES: long polls without news.
set -eu
# shellcheck source=../e2e/stage.sh
. "$(dirname "$0")/../e2e/stage.sh"

cycles=${CYCLES:-5}
changes=${CHANGES:-5}

# Notices as bytes that differ: a body of about 300 characters.
make_notices() {
	jq -c --argjson count "$1" --arg from "$(date -u -d '1 hour ago' +%Y-%m-%dT%H:%M:%SZ)" \
		--arg until "$(date -u -d '30 days' +%Y-%m-%dT%H:%M:%SZ)" '
		. as $notice | range($count) as $i | $notice
		| .id = "bench-\($i)" | .from = $from | .until = $until
		| .title = "お知らせ第\($i)号 予防接種の日程が決まりました"
		| .body = ([range(6) | "\(($i * 7919 + . * 104729) % 1000003)番の窓口で受け付けます。持ち物は健康保険証と受診券です。"] | join("\n"))
		' "$EKIMAE_SOURCE/assets/demo/pushed.json"
}

# Thousands of commands would take minutes: one connection, as a program would do it.
put_notices() {
	token=$(cat "$stage/ctl/token")
	mkdir -p "$stage/notices"
	: >"$stage/put.curl"
	make_notices "$1" | while read -r notice; do
		id=${notice#*\"id\":\"}
		id=${id%%\"*}
		printf '%s' "$notice" >"$stage/notices/$id.json"
		cat >>"$stage/put.curl" <<END
request = PUT
url = "$city_url/api/v1/notices/$id"
header = "Authorization: Bearer $token"
header = "Content-Type: application/json"
data-binary = "@$stage/notices/$id.json"
output = "/dev/null"
silent
fail
next
END
	done
	sed -i '$d' "$stage/put.curl"
	curl -K "$stage/put.curl" || stage_fail "the notices could not be submitted"
}

publish_all() {
	# shellcheck disable=SC2046 # a list of words
	stage_ctl publish $(seq 0 $(($1 - 1)) | sed 's/^/bench-/') >>"$stage/ctl.log" 2>&1 ||
		stage_fail "publish"
}

handed_over() {
	[ "$(grep -c "handed over" "$stage/sync.log")" -gt "$handed" ]
}

count_handed() {
	handed=$(grep -c "handed over" "$stage/sync.log" || true)
}

# Sets $cost to the bytes both ways since the last call.
measure() {
	stage_traffic
	total=$((${traffic% *} + ${traffic#* }))
	cost=$((total - ${total_before:-0}))
	total_before=$total
}

row() {
	printf '%-58s %10s %10s\n' "$1" "$2" "$3"
}

measure_size() {
	size=$1
	stage_begin
	total_before=0
	stage_city_init
	stage_city_start
	stage_login
	stage_enrol bench-1 "ベンチマーク"
	sed -i "s/^url = .*/&\nwait = 2/" "$stage/sync.conf"
	put_notices "$size"
	publish_all "$size"
	stage_proxy_start "$city_port"
	: >"$stage/sync.log"
	count_handed
	stage_sync_start
	stage_wait 60 handed_over || stage_fail "the first set did not come"
	measure
	row "$size notices: everything, the first time" "$cost" ""

	# Between two waits; the log does not tell them apart, so many are counted.
	sleep 1
	measure
	sleep $((cycles * 2))
	measure
	row "$size notices: a check with no news, per long poll" $((cost / cycles)) "< 1024"

	worst=0 sum=0 change=1
	while [ "$change" -le "$changes" ]; do
		count_handed
		measure
		jq --argjson c "$change" '.revision = $c + 1 | .title = "変更\($c)回目: 会場が変わりました"' \
			"$stage/notices/bench-$((size / 2)).json" >"$stage/changed.json"
		stage_ctl notice add "$stage/changed.json" >>"$stage/ctl.log" 2>&1 || stage_fail "notice add"
		stage_ctl publish "bench-$((size / 2))" >>"$stage/ctl.log" 2>&1 || stage_fail "publish"
		stage_wait 60 handed_over || stage_fail "the change did not come"
		measure
		sum=$((sum + cost))
		[ "$cost" -le "$worst" ] || worst=$cost
		change=$((change + 1))
	done
	row "$size notices: one changed notice, mean of $changes" $((sum / changes)) "< 16384"
	row "$size notices: one changed notice, the most" "$worst" "< 16384"
	! grep -i "whole files" "$stage/city.log" || stage_fail "no differences"
}

# The report that each screen sends every minute, and a picture of it, by a display whose one
# slide stays: no play ends meanwhile.
reports_so_far() {
	stage_ctl screen show bench-1 --format json | jq '.health.report.number // 0'
}

first_report() {
	[ "$(reports_so_far)" -ge 1 ]
}

measure_health() {
	STAGE_DWELL=120
	stage_begin
	total_before=0
	stage_city_init
	stage_city_start
	stage_login
	stage_enrol bench-1 "ベンチマーク"
	sed -i "s/^url = .*/&\nwait = 55/" "$stage/sync.conf"
	printf '\n[health]\nevery = 5\n' >>"$stage/display.conf"
	stage_proxy_start "$city_port"
	stage_sync_start
	SDL_VIDEODRIVER=offscreen stage_display_start --windowed 1920x1080
	stage_wait 60 first_report || stage_fail "no report came"
	sleep 1
	measure
	before=$(reports_so_far)
	sleep $((cycles * 5))
	measure
	sent=$(($(reports_so_far) - before))
	[ "$sent" -ge 1 ] || stage_fail "no further report came"
	row "one report of health (each minute, on a connection that stays)" $((cost / sent)) "< 2048"
	stage_ctl screen snapshot bench-1 -o "$stage/snapshot.png" >>"$stage/ctl.log" || stage_fail "snapshot"
	measure
	row "one snapshot on request, the report before it included" "$cost" "< 69632"
}

row "Bytes between city and one screen, both ways" bytes target
# Each size has a stage of its own.
for size in ${SIZES:-30 3000}; do
	(measure_size "$size")
done
(measure_health)
