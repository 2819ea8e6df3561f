#!/bin/sh
# ./ekimae bench faults: what a line does wrong, whether the screen goes on with a valid
# programme meanwhile, and how long after the fault's end it is current again without help.
# Then kill -9 at random instants of a publication. HOLD: seconds that each fault lasts.
# KILLS: how many (500 take about ten minutes).
# shellcheck disable=SC2317 # what begins and ends a fault is called by its name
set -eu
# shellcheck source=../e2e/stage.sh
. "$(dirname "$0")/../e2e/stage.sh"

hold=${HOLD:-8}
STAGE_DWELL=2
export SDL_VIDEODRIVER="${SDL_VIDEODRIVER:-offscreen}"

row() {
	printf '%-42s %-22s %12s\n' "$1" "$2" "$3"
}

presented() {
	grep -q "presented notice/$id first frame at " "$stage/display.log"
}

quiet() {
	! grep "showing " "$stage/display.log" | tail -n 1 | grep -q "showing notice/emergency-"
}

# try_fault NAME BEGIN END: publishes while the line has its fault, and prints a row; BEGIN and
# END are commands. A "+" is a time from the publication: the fault did not stop it.
number=0
try_fault() {
	number=$((number + 1))
	id=emergency-$number
	stage_notice "$stage/template.json" "$stage/notice.json" "$id"
	stage_ctl emergency withdraw --all >>"$stage/ctl.log" 2>&1 || stage_fail "withdraw"
	# An alarm stands still: what the screen does meanwhile shows without one.
	stage_wait 60 quiet || stage_fail "the alarm before was not withdrawn"
	$2
	stage_alarm "$stage/notice.json"
	began=$(date +%s%3N)
	lines=$(grep -c "showing " "$stage/display.log")
	sleep "$hold"
	during="stood still"
	[ "$(grep -c "showing " "$stage/display.log")" -le "$lines" ] || during="goes on"
	! grep -q "refused" "$stage/display.log" || during="took something invalid"
	if presented; then
		row "$1" "$during, current" "+$(since_published)"
		$3
		return
	fi
	$3
	began=$(date +%s%3N)
	stage_wait 120 presented || stage_fail "$1: the screen did not catch up"
	row "$1" "$during" "$(since_published)"
}

# Seconds from $began to the first frame, with one decimal.
since_published() {
	frame=$(sed -n "s#.*presented notice/$id first frame at \([0-9]*\).*#\1#p" \
		"$stage/display.log" | head -n 1)
	awk -v ms="$((frame - began))" 'BEGIN { printf "%.1f s", ms < 0 ? 0 : ms / 1000 }'
}

good_line() {
	stage_fault none
}

# begin_all [PREFIX…]: a whole system; the courier runs with PREFIX, or else behind a proxy.
begin_all() {
	stage_begin
	stage_city_init
	stage_city_start
	stage_login
	stage_enrol bench-1 "ベンチマーク"
	if [ $# -eq 0 ]; then
		stage_proxy_start "$city_port"
		stage_sync_start
	else
		"$@" "$EKIMAE_BIN/ekimae-sync" --config "$stage/sync.conf" >>"$stage/sync.log" 2>&1 &
		# shellcheck disable=SC2034 # stage_end stops it
		sync_pid=$!
	fi
	stage_display_start --windowed 640x360
	stage_wait 60 grep -q "showing " "$stage/display.log" || stage_fail "nothing was shown"
	jq '.dwell_s = 5' "$EKIMAE_SOURCE/assets/demo/pushed.json" \
		>"$stage/template.json"
}

proxy_rows() {
	begin_all
	while IFS=: read -r fault name; do
		bad_line() {
			stage_fault "$fault"
		}
		try_fault "$name" bad_line good_line
	done <<'END'
delay 2000:every piece 2 s late, both ways
loss 30:30 % of packets lost (emulated)
loss 30 1000:30 % lost, 1 s late each way (emulated)
cut 200:connections end after 200 bytes
reset 200:connections are reset after 200 bytes
corrupt 700:a bit in 700 bytes is flipped
stall 100:nothing after 100 bytes, never an end
trickle 200:5 bytes a second
refuse:nobody answers
status 500:HTTP status 500
status 404:HTTP status 404
length -7:Content-Length 7 too small
length 7:Content-Length 7 too large
redirect:redirect to itself, for ever
gzip-bomb 8000000:gzip of 8 MB, unpacked 1.3 GB
END
	bad_line() {
		stage_city_stop
		# Published all the same, in a moment when the screen can't hear of it.
		stage_fault refuse
		stage_city_start
	}
	try_fault "the city is restarted, the line is down" bad_line good_line
}

# --- A line of the kernel's own, where there are network namespaces and netem -------------

namespace=ekimae-$$
line=ekm$$

line_end() {
	ip netns del "$namespace" 2>/dev/null || true
	ip link del "$line" 2>/dev/null || true
}

# The box in a namespace, at the end of a line with nobody else on it.
line_begin() {
	[ "$(id -u)" -eq 0 ] && command -v ip >/dev/null && command -v tc >/dev/null &&
		ip netns add "$namespace" 2>/dev/null &&
		ip link add "$line" type veth peer name "${line}b" netns "$namespace" 2>/dev/null &&
		ip address add 198.18.77.1/30 dev "$line" && ip link set "$line" up &&
		ip -n "$namespace" address add 198.18.77.2/30 dev "${line}b" &&
		ip -n "$namespace" link set "${line}b" up &&
		ip -n "$namespace" link set lo up
}

# Both ways, each half of it.
line_is() {
	# shellcheck disable=SC2086 # words
	tc qdisc replace dev "$line" root $1 2>/dev/null &&
		tc -n "$namespace" qdisc replace dev "${line}b" root $1 2>/dev/null
}

kernel_rows() {
	names="30 % of packets lost
2 s of delay
30 % of packets lost and 2 s of delay"
	if ! line_begin || ! line_is "netem loss 1%"; then
		line_end
		echo "$names" | while read -r name; do
			row "$name" "not available here" "-"
		done
		echo "(needs root, network namespaces and the netem qdisc of the kernel)"
		return
	fi
	line_is "pfifo limit 1000"
	STAGE_ADDRESS=198.18.77.1
	begin_all ip netns exec "$namespace"
	plain() {
		line_is "pfifo limit 1000"
	}
	lossy() {
		line_is "netem loss 30%"
	}
	slow() {
		line_is "netem delay 1s limit 10000"
	}
	both() {
		line_is "netem delay 1s loss 30% limit 10000"
	}
	try_fault "30 % of packets lost" lossy plain
	try_fault "2 s of delay" slow plain
	try_fault "30 % of packets lost and 2 s of delay" both plain
}

echo "An alarm is published while the line has a fault for $hold s"
row "" "the screen meanwhile" "current after"
(proxy_rows)
trap line_end EXIT
(kernel_rows)
line_end
echo
KILLS=${KILLS:-500} "$(dirname "$0")/../e2e/test_kills.sh"
