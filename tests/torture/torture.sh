#!/bin/sh
# Real screens and couriers and a real city, and everything that can go wrong, at random: kill -9
# of any process, answers cut after the city had committed, batches sent again and out of order,
# disks that are full, clocks that jump, a city restored from an older backup. Then all is let go
# to rest, and what the frame loops' witnesses saw (display/observer.h) is held against the ledger,
# row by row. The difference must be zero.
#
# $PLAYS: at least so many are observed. $SCREENS: how many. $DWELL: seconds that a slide stays, on
# all screens but the last, where it stays for long enough to have heartbeats. $SEED: of what
# happens when, printed at the beginning. $PAUSE: most milliseconds between two events.
set -eu
here=$(dirname "$0")
# shellcheck source=../e2e/stage.sh
. "$here/../e2e/stage.sh"

plays=${PLAYS:-10000}
screens=${SCREENS:-8}
seed=${SEED:-$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}
pause=${PAUSE:-700}
random=$((seed % 2147483648))
STAGE_DWELL=${DWELL:-0.3}
harm=$EKIMAE_BIN/harm
hour=3600000

# Sets $chance to the next of a sequence of numbers, 0 to $1 - 1.
roll() {
	random=$(((random * 1103515245 + 12345) % 2147483648))
	chance=$((random / 256 % $1))
}

# with_harm FILE DISK COMMAND…: what the command starts obeys FILE.
with_harm() {
	export EKIMAE_HARM="$1" EKIMAE_HARM_DISK="$2" LD_PRELOAD="$EKIMAE_BIN/libharm.so"
	export ASAN_OPTIONS="verify_asan_link_order=0"
	shift 2
	"$@"
	unset LD_PRELOAD EKIMAE_HARM EKIMAE_HARM_DISK ASAN_OPTIONS
}

happened() {
	echo "$1" >>"$stage/events"
}

# --- the processes --------------------------------------------------------------------------

run_city() {
	rm -f "$stage/port"
	"$EKIMAE_BIN/ekimae-city" --config "$stage/city.conf" --port-file "$stage/port" \
		>>"$stage/city.log" 2>&1 &
	city_pid=$!
}

city_has_begun_or_ended() {
	[ -s "$stage/port" ] || ! kill -0 "$city_pid"
}

# As systemd does it: where it can't start (its disk is full), again.
start_city() {
	for _ in $(seq 1 40); do
		with_harm "$stage/city.harm" "$stage/city/" run_city
		stage_wait 30 city_has_begun_or_ended || stage_fail "the city server hangs"
		[ ! -s "$stage/port" ] || return 0
		wait "$city_pid" || true
		sleep 0.3
	done
	stage_fail "seed $seed: the city server does not start again"
}

kill_city() {
	kill -9 "$city_pid" 2>/dev/null || true
	wait "$city_pid" 2>/dev/null || true
}

run_display() {
	"$EKIMAE_BIN/ekimae-display" --config "$box/display.conf" --windowed 320x200 \
		>>"$stage/display-$1.log" 2>&1 &
	echo $! >"$box/display.pid"
}

start_display() {
	box=$stage/box-$1
	with_harm "$box/harm" "$box/" run_display "$1"
}

# The witness's file has to say when it was, before the next run begins.
kill_display() {
	pid=$(cat "$stage/box-$1/display.pid")
	"$harm" kill "$pid" "$stage/box-$1.seen" || stage_fail "display $1 ended by itself"
	wait "$pid" 2>/dev/null || true
}

stop_display() {
	stage_kill "$(cat "$stage/box-$1/display.pid")"
}

start_sync() {
	"$EKIMAE_BIN/ekimae-sync" --config "$stage/box-$1/sync.conf" >>"$stage/sync-$1.log" 2>&1 &
	echo $! >"$stage/box-$1/sync.pid"
}

kill_sync() {
	pid=$(cat "$stage/box-$1/sync.pid")
	kill -9 "$pid" 2>/dev/null || true
	wait "$pid" 2>/dev/null || true
}

# add_screen NUMBER: a box of its own, behind the proxy.
add_screen() {
	stage_enrol "screen-$1" "停留所$1"
	[ -n "$proxy_pid" ] || stage_proxy_start "$city_port"
	mv "$stage/box" "$stage/box-$1"
	for name in sync display; do
		sed -e "s#$stage/box/#$stage/box-$1/#" -e "s/^kept_by = .*/kept_by = system/" \
			-e "s#^url = .*#url = http://127.0.0.1:$(cat "$stage/proxy-port")#" \
			"$stage/$name.conf" >"$stage/box-$1/$name.conf"
	done
	cat >>"$stage/box-$1/display.conf" <<END
fade = 0

[plays]
seal_after = 1

[debug]
observer = $stage/box-$1.seen
END
	"$harm" set "$stage/box-$1/harm" 0 1 0
}

end_screens() {
	for number in $numbers; do
		for name in display sync; do
			[ ! -e "$stage/box-$number/$name.pid" ] ||
				stage_kill "$(cat "$stage/box-$number/$name.pid")"
		done
	done
	stage_end
}

# --- what happens ---------------------------------------------------------------------------

# In the background, so that other things happen meanwhile.
for_a_while() {
	(
		sleep "$1"
		"$harm" set "$2" 0 1 0
	) &
	waits="$waits $!"
}

keep_batches() {
	for batch in "$stage"/box-*/outbox/plays-*.json; do
		[ -e "$batch" ] || continue
		number=${batch#"$stage"/box-}
		cp "$batch" "$stage/kept/${number%%/*}-$(basename "$batch")" 2>/dev/null || true
	done
}

# What was sent once, in any order, straight to the city.
send_again() {
	keep_batches
	find "$stage/kept" -name '*.json' | sort | awk -v seed="$random" -v most="$1" '
		BEGIN { srand(seed) }
		{ at[NR] = $0 }
		END {
			for (i = 0; i < most && NR > 0; i++)
				print at[int(rand() * NR) + 1]
		}' | while read -r batch; do
		curl -s -o /dev/null -m 5 -H "Content-Type: application/json" \
			--data-binary "@$batch" "$city_url/api/v1/plays" || true
	done
}

backup() {
	rm -f "$stage/backup.new"
	if "$EKIMAE_BIN/ekimae-city" --config "$stage/city.conf" --backup "$stage/backup.new" \
		>>"$stage/backup.log" 2>&1; then
		mv "$stage/backup.new" "$stage/backup.db"
	fi
}

restore() {
	[ -e "$stage/backup.db" ] || return 0
	kill_city
	rm -f "$stage/city/state/city.db-wal" "$stage/city/state/city.db-shm"
	cp "$stage/backup.db" "$stage/city/state/city.db"
	start_city
}

# A notice comes, and the one before it goes at once.
push() {
	pushed=$((pushed + 1))
	id=pushed-$pushed
	stage_notice "$stage/pushed.json" "$stage/notice.json" "$id"
	{
		stage_ctl login demo --password-file "$stage/password"
		stage_ctl notice add "$stage/notice.json"
		stage_ctl publish "$id"
		[ "$pushed" -lt 2 ] || stage_ctl withdraw "pushed-$((pushed - 1))"
	} >>"$stage/ctl.log" 2>&1 || true
}

jump() {
	roll 3
	case $chance in
	0) set -- "$1" $hour 1 ;;
	1) set -- "$1" -$hour 1 ;;
	# Back to 1970, which a box without a clock battery knows to be no time.
	2) set -- "$1" "-$(date +%s)000" 0 ;;
	esac
	"$harm" set "$1" "$2" "$3" 0
}

# One thing, of screen $1 if it is of one.
happen() {
	roll 100
	box=$stage/box-$1
	if [ "$chance" -lt 34 ]; then
		happened "kill -9 display"
		kill_display "$1"
		start_display "$1"
	elif [ "$chance" -lt 42 ]; then
		happened "kill -9 courier"
		kill_sync "$1"
		start_sync "$1"
	elif [ "$chance" -lt 48 ]; then
		happened "kill -9 city"
		kill_city
		start_city
	elif [ "$chance" -lt 52 ]; then
		happened "SIGTERM display"
		stop_display "$1"
		start_display "$1"
	elif [ "$chance" -lt 64 ]; then
		happened "answers cut"
		roll 500
		stage_fault "cut $chance"
	elif [ "$chance" -lt 70 ]; then
		happened "line good"
		stage_fault none
	elif [ "$chance" -lt 78 ]; then
		happened "batches again"
		send_again 12
	elif [ "$chance" -lt 82 ]; then
		happened "disk of a screen full"
		"$harm" set "$box/harm" 0 1 1
		for_a_while 2 "$box/harm"
	elif [ "$chance" -lt 85 ]; then
		happened "disk of the city full"
		"$harm" set "$stage/city.harm" 0 1 1
		for_a_while 2 "$stage/city.harm"
	elif [ "$chance" -lt 90 ]; then
		happened "clock of a screen"
		jump "$box/harm"
		for_a_while 3 "$box/harm"
	elif [ "$chance" -lt 92 ]; then
		happened "clock of the city"
		jump "$stage/city.harm"
		for_a_while 3 "$stage/city.harm"
	elif [ "$chance" -lt 94 ]; then
		happened "backup"
		backup
	elif [ "$chance" -lt 96 ]; then
		happened "restored from a backup"
		restore
	else
		happened "notice published, another withdrawn"
		push
	fi
}

observed() {
	cat "$stage"/box-*.seen | grep -c '^handed' || true
}

# --- the run --------------------------------------------------------------------------------

echo "seed $seed: $screens screens, at least $plays plays"
stage_begin
mkdir "$stage/kept"
: >"$stage/events"
waits='' pushed=0
numbers=$(seq 1 "$screens")
trap end_screens EXIT
"$harm" set "$stage/city.harm" 0 1 0
stage_city_init
stage_city_start
stage_city_stop
start_city
stage_login
jq '.weight = 10' "$EKIMAE_SOURCE/assets/demo/pushed.json" >"$stage/pushed.json"
for name in childcare sports pushed; do
	jq 'del(.sample) | .counts = true' "$EKIMAE_SOURCE/assets/demo/$name.json" \
		>"$stage/template.json"
	stage_notice "$stage/template.json" "$stage/notice.json" "torture-$name"
	stage_publish "$stage/notice.json" "torture-$name"
done
for number in $numbers; do
	add_screen "$number"
	[ "$number" -lt "$screens" ] ||
		sed -i 's/^dwell = .*/dwell = 9/' "$stage/box-$number/display.conf"
	start_sync "$number"
	start_display "$number"
done
backup

began=$(date +%s)
while [ "$(observed)" -lt "$plays" ]; do
	keep_batches
	roll "$screens"
	happen $((chance + 1))
	roll "$pause"
	sleep "$(printf '%d.%03d' $((chance / 1000)) $((chance % 1000)))"
done
# At least once each, whatever the dice said.
if ! grep -q "restored" "$stage/events"; then
	happened "restored from a backup"
	restore
fi

# Everything is let go to rest.
for pid in $waits; do
	wait "$pid" 2>/dev/null || true
done
stage_fault none
"$harm" set "$stage/city.harm" 0 1 0
send_again 50
for number in $numbers; do
	"$harm" set "$stage/box-$number/harm" 0 1 0
done
last_of() {
	sqlite3 -readonly "$stage/box-$1/state/plays.db" "SELECT MAX(seq) FROM play"
}
note_last() {
	for number in $numbers; do
		last_of "$number" >"$stage/box-$number.last"
	done
}
all_held() {
	for number in $numbers; do
		held=$(sqlite3 -readonly "$stage/city/state/city.db" \
			"SELECT durable_seq FROM screen WHERE id = 'screen-$number'")
		[ "$held" -ge "$(cat "$stage/box-$number.last")" ] || return 1
	done
}
# Screens that still run send again what a restored city lacks. A courier sends batches before
# those it has sent only after a while, or when it starts.
get_held() {
	note_last
	for _ in $(seq 1 30); do
		for number in $numbers; do
			kill_sync "$number"
			start_sync "$number"
		done
		! stage_wait 6 all_held || return 0
	done
	stage_fail "seed $seed: the city does not get all plays"
}
get_held
for number in $numbers; do
	stop_display "$number"
done
get_held
took=$(($(date +%s) - began))

stage_login
stage_ctl report --format json --fiscal-year "$(($(TZ=Asia/Tokyo date -d '3 months ago' +%Y)))" \
	>"$stage/report.json" 2>>"$stage/ctl.log" || stage_fail "seed $seed: report"
stage_city_stop

# --- the reckoning --------------------------------------------------------------------------

sort "$stage/events" | uniq -c
for number in $numbers; do
	awk -v SCREEN="screen-$number" -f "$here/witness.awk" "$stage/box-$number.seen"
done >"$stage/seen.tsv"
cp "$stage/city/state/city.db" "$stage/ledger.db"
(cd "$stage" && sqlite3 ledger.db) <"$here/reconcile.sql" ||
	stage_fail "seed $seed: the ledger can't be read"
"$EKIMAE_BIN/ekimae-city" --config "$stage/city.conf" --verify >"$stage/verify.log" 2>&1 ||
	stage_fail "seed $seed: $(cat "$stage/verify.log")"
[ "$(cat "$stage/verdict")" -eq 0 ] || stage_fail "seed $seed: the ledger differs from what was seen"
[ "$(sqlite3 "$stage/ledger.db" "SELECT COUNT(*) FROM quarantine")" -eq 0 ] ||
	stage_fail "seed $seed: rows in quarantine: $(sqlite3 "$stage/ledger.db" \
		"SELECT seq, reason FROM quarantine LIMIT 3")"
jq -e --argjson count "$(cat "$stage/notices")" --argjson complete "$(cat "$stage/complete")" \
	'.count == $count and .complete == $complete' "$stage/report.json" >"$stage/report.log" ||
	stage_fail "seed $seed: the report has $(jq -c '[.count, .complete]' "$stage/report.json"), seen were \
$(cat "$stage/notices") notices in $(cat "$stage/complete") complete plays"
echo "difference zero: seed $seed, $took s, $(cat "$stage/notices") notices counted"
