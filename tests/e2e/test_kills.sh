#!/bin/sh
# kill -9 at random instants of a publication, of city, courier, display and command in turn:
# nothing invalid reaches the screen, nothing goes back, and nothing is stuck afterwards.
# $KILLS: how many; $SEED: of the instants, printed at the end.
set -eu
# shellcheck source=stage.sh
. "$(dirname "$0")/stage.sh"

kills=${KILLS:-16}
seed=${SEED:-$(od -An -N2 -tu2 /dev/urandom | tr -d ' ')}
random=$seed
STAGE_DWELL=1

# Sets $random to the next of a sequence of numbers, 0-65535.
next_random() {
	random=$(((random * 25173 + 13849) % 65536))
}

stage_begin
stage_city_init
stage_city_start
stage_login
stage_enrol tanashi-1 "田無駅前"
stage_sync_start
stage_display_start --windowed 400x225
stage_wait 60 grep -q "showing " "$stage/display.log" || stage_fail "nothing was shown"
sed -e 's/"weight": 5/"weight": 10, "dwell_s": 5/' \
	"$EKIMAE_SOURCE/assets/demo/pushed.json" >"$stage/template.json"

kill_hard() {
	kill -9 "$1" 2>/dev/null || true
	wait "$1" 2>/dev/null || true
}

# As staff do it who got no answer: the same once more, until the server says yes.
publish_again() {
	stage_ctl --json notice list | jq -e --arg id "$1" \
		'.notices[] | select(.id == $id) | .state == "published"' ||
		stage_ctl publish "$1"
}

round=0
: >"$stage/delays"
while [ "$round" -lt "$kills" ]; do
	round=$((round + 1))
	id=kill-$round
	stage_notice "$stage/template.json" "$stage/notice.json" "$id"
	stage_ctl notice add "$stage/notice.json" >>"$stage/ctl.log" 2>&1 || stage_fail "notice add"
	"$EKIMAE_BIN/ekimaectl" --config "$stage/ctl.conf" --yes publish "$id" \
		>>"$stage/ctl.log" 2>&1 &
	command_pid=$!
	next_random
	sleep "$(printf '0.%03d' $((random % ${SPREAD:-400})))"
	case $((round % 4)) in
	0) kill_hard "$command_pid" ;;
	1)
		kill_hard "$city_pid"
		stage_city_start
		;;
	2)
		kill_hard "$sync_pid"
		stage_sync_start
		;;
	3)
		kill_hard "$display_pid"
		stage_display_start --windowed 400x225
		;;
	esac
	began=$(date +%s%3N)
	wait "$command_pid" 2>/dev/null || true
	stage_wait 30 publish_again "$id" || stage_fail "seed $seed, round $round: publishing is stuck"
	stage_wait 60 stage_shown "notice/$id" ||
		stage_fail "seed $seed, round $round: the screen is stuck"
	echo $(($(date +%s%3N) - began)) >>"$stage/delays"
	stage_ctl withdraw "$id" >>"$stage/ctl.log" 2>&1 || stage_fail "withdraw $id"
done

! grep "refused\|last good set" "$stage/display.log" ||
	stage_fail "seed $seed: something invalid reached the display"
# Programmes in effect only ever went forward, and so did the notices on screen.
grep -o "programme [0-9]* is in effect" "$stage/display.log" | cut -d' ' -f2 |
	sort -n -c || stage_fail "seed $seed: an older programme came back"
grep -o "showing notice/kill-[0-9]*" "$stage/display.log" | sed 's/.*-//' |
	sort -n -c || stage_fail "seed $seed: a withdrawn notice came back"
# What was on screen is what was published, in the version in which it was: by the signed plays.
stage_display_stop
last=$(sqlite3 "$stage/box/state/plays.db" 'SELECT max(seq) FROM play')
held() {
	[ "$(stage_ctl --json screen list | jq '.screens[0].durable_seq')" -eq "$last" ]
}
stage_wait 60 held || stage_fail "seed $seed: the city does not hold all $last plays"
stage_city_stop
query() {
	sqlite3 "$stage/city/state/city.db" "$1"
}
[ "$(query 'SELECT count(*) FROM play')" -eq "$last" ] || stage_fail "seed $seed: plays are missing"
[ "$(query 'SELECT count(*) FROM quarantine')" -eq 0 ] || stage_fail "seed $seed: rows in quarantine"
[ "$(query "SELECT count(DISTINCT item_id) FROM play JOIN slide ON slide = number
	WHERE item_id LIKE 'notice/kill-%'")" -eq "$kills" ] || stage_fail "seed $seed: a notice was not shown"
[ "$(query "SELECT count(*) FROM slide LEFT JOIN published_notice AS p USING (content_hash)
	WHERE item_id LIKE 'notice/%' AND 'notice/' || p.notice_id IS NOT item_id")" -eq 0 ] ||
	stage_fail "seed $seed: something was shown that was not published"
[ "$(query "SELECT count(*) FROM (SELECT item_id FROM play JOIN slide ON slide = number
	WHERE item_id LIKE 'notice/kill-%' GROUP BY item_id
	HAVING count(DISTINCT programme_version) > 1 OR count(DISTINCT content_hash) > 1)")" -eq 0 ] ||
	stage_fail "seed $seed: a notice was shown in another version, too"
[ "$(query 'SELECT count(*) FROM play AS a JOIN play AS b ON b.seq = a.seq + 1
	WHERE b.programme_version < a.programme_version')" -eq 0 ] ||
	stage_fail "seed $seed: an older programme was shown after a newer one"
stage_city_start
stage_ctl doctor >"$stage/doctor.txt" || stage_fail "doctor: $(cat "$stage/doctor.txt")"
sort -n "$stage/delays" | awk -v seed="$seed" '
	{ v[NR] = $1 }
	END {
		printf "%d kills (seed %d): current again after %d ms (median), %d ms (longest)\n",
			NR, seed, v[int((NR + 1) / 2)], v[NR]
	}'
