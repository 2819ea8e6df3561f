# shellcheck shell=sh
# A whole Ekimae on loopback, for the demo, the end-to-end tests and the benchmarks: a city
# server with fresh state, one enrolled screen, courier and display. To be sourced.
#
#   stage_begin                      makes $stage, a folder that stage_end removes
#   stage_city_init, stage_city_start, stage_city_stop
#   stage_enrol ID PLACE             writes display.conf and sync.conf for that screen
#   stage_sync_start, stage_sync_stop, stage_display_start ARG…, stage_display_stop
#   stage_ctl ARG…                   ekimaectl with the stage's settings, never asking
#   stage_notice FILE ID FROM UNTIL [JQ-like sed…]
#   stage_proxy_start PORT           a line that can have faults, between city and courier
#   stage_fault FAULT…               what it does from now on (tests/support/fault_proxy.h)
#   stage_traffic                    sets $traffic: bytes up and down so far
#   stage_wait SECONDS COMMAND…      until the command succeeds
#
# $EKIMAE_BIN: where the programs are. $EKIMAE_SOURCE: the checkout. $STAGE_DWELL: seconds that
# every slide stays, instead of as long as its text takes to read. $STAGE_INIT: further options
# of ekimae-city --init.

: "${EKIMAE_BIN:?}"
EKIMAE_SOURCE=${EKIMAE_SOURCE:-.}

stage_fail() {
	echo "FAILED: $*" >&2
	for log in "$stage"/*.log; do
		[ -s "$log" ] || continue
		echo "--- $(basename "$log"), last lines" >&2
		tail -n 15 "$log" >&2
	done
	exit 1
}

stage_begin() {
	stage=$(mktemp -d "${TMPDIR:-/tmp}/ekimae.XXXXXX")
	city_pid='' sync_pid='' display_pid='' proxy_pid='' nginx_pid='' tinyproxy_pid=''
	trap stage_end EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM
}

stage_kill() {
	[ -n "$1" ] || return 0
	kill "$1" 2>/dev/null || true
	wait "$1" 2>/dev/null || true
}

stage_end() {
	status=$?
	trap - EXIT INT TERM
	stage_kill "$display_pid"
	stage_kill "$sync_pid"
	stage_kill "$city_pid"
	stage_kill "$proxy_pid"
	stage_kill "$nginx_pid"
	stage_kill "$tinyproxy_pid"
	if [ -n "${STAGE_KEEP:-}" ]; then
		echo "kept: $stage" >&2
	else
		rm -rf "$stage"
	fi
	exit "$status"
}

# Polls, since what is waited for are other processes.
stage_wait() {
	tries=$(($1 * 20))
	shift
	while [ "$tries" -gt 0 ]; do
		if "$@" >/dev/null 2>&1; then
			return 0
		fi
		sleep 0.05
		tries=$((tries - 1))
	done
	return 1
}

stage_city_init() {
	mkdir -p "$stage/city"
	printf 'demo-%s\n' "$(od -An -N8 -tx1 /dev/urandom | tr -d ' \n')" >"$stage/password"
	cat >"$stage/city.conf" <<END
[server]
listen = ${STAGE_ADDRESS:-127.0.0.1}:${STAGE_PORT:-0}
state = $stage/city/state
END
	# shellcheck disable=SC2086 # options are words
	"$EKIMAE_BIN/ekimae-city" --config "$stage/city.conf" --init ${STAGE_INIT:-} \
		--administrator demo --password-file "$stage/password" \
		--root-keys "$stage/carry-away" --targets-key "$stage/targets.key" \
		--plan "$EKIMAE_SOURCE/assets/plan/plan.json" \
		>"$stage/city-init.log" 2>&1 || stage_fail "the city server could not be set up"
}

stage_city_start() {
	rm -f "$stage/port"
	"$EKIMAE_BIN/ekimae-city" --config "$stage/city.conf" --port-file "$stage/port" \
		>>"$stage/city.log" 2>&1 &
	city_pid=$!
	stage_wait 30 test -s "$stage/port" || stage_fail "the city server did not start"
	city_port=$(cat "$stage/port")
	city_url=http://${STAGE_ADDRESS:-127.0.0.1}:$city_port
	# Started again, it must be found where the screens know it.
	sed -i "s/^listen = .*/listen = ${STAGE_ADDRESS:-127.0.0.1}:$city_port/" "$stage/city.conf"
	cat >"$stage/ctl.conf" <<END
[city]
url = $city_url
root = $stage/carry-away/root.json

[keys]
targets = $stage/targets.key
emergency = $stage/carry-away/emergency.pem

[state]
folder = $stage/ctl
END
}

stage_city_stop() {
	stage_kill "$city_pid"
	city_pid=''
}

stage_ctl() {
	"$EKIMAE_BIN/ekimaectl" --config "$stage/ctl.conf" --yes "$@"
}

stage_login() {
	stage_ctl login demo --password-file "$stage/password" >>"$stage/ctl.log" 2>&1 ||
		stage_fail "login"
}

stage_enrol() {
	code=$(stage_ctl screen add "$1" --place "$2" | head -n 1) || stage_fail "screen add"
	mkdir -p "$stage/box"
	stage_ctl screen enrol --code "$code" --state "$stage/box/state" \
		>>"$stage/ctl.log" 2>&1 || stage_fail "screen enrol"
	stage_box_conf "$2"
}

stage_box_conf() {
	cat >"$stage/sync.conf" <<END
[city]
url = $city_url

[paths]
root = $stage/box/state/root.json
inbox = $stage/box/inbox
outbox = $stage/box/outbox
END
	cat >"$stage/display.conf" <<END
[screen]
place = $1

[paths]
inbox = $stage/box/inbox
outbox = $stage/box/outbox
state = $stage/box/state
plan = $(cd "$EKIMAE_SOURCE" && pwd)/assets/plan/plan.json

[clock]
kept_by = host

[loop]
dwell = ${STAGE_DWELL:-0}
END
}

stage_sync_start() {
	"$EKIMAE_BIN/ekimae-sync" --config "$stage/sync.conf" >>"$stage/sync.log" 2>&1 &
	sync_pid=$!
}

stage_sync_stop() {
	stage_kill "$sync_pid"
	sync_pid=''
}

stage_display_start() {
	"$EKIMAE_BIN/ekimae-display" --config "$stage/display.conf" "$@" \
		>>"$stage/display.log" 2>&1 &
	display_pid=$!
}

stage_display_stop() {
	stage_kill "$display_pid"
	display_pid=''
}

# stage_notice TEMPLATE OUT ID: a notice that is valid from an hour ago until tomorrow.
stage_notice() {
	sed -e "s/\"id\": \"[^\"]*\"/\"id\": \"$3\"/" \
		-e "s/\"from\": \"[^\"]*\(+09:00\|Z\)\"/\"from\": \"$(date -u -d '1 hour ago' +%Y-%m-%dT%H:%M:%SZ)\"/" \
		-e "s/\"until\": \"[^\"]*\(+09:00\|Z\)\"/\"until\": \"$(date -u -d '1 day' +%Y-%m-%dT%H:%M:%SZ)\"/" \
		"$1" >"$2"
}

stage_publish() {
	stage_ctl notice add "$1" >>"$stage/ctl.log" 2>&1 || stage_fail "notice add $1"
	stage_ctl publish "$2" >>"$stage/ctl.log" 2>&1 || stage_fail "publish $2"
}

# stage_alarm FILE…: takes over the screens.
stage_alarm() {
	stage_ctl emergency publish "$@" >>"$stage/ctl.log" 2>&1 || stage_fail "emergency publish $*"
}

# Whether the display's log says that this slide was shown.
stage_shown() {
	grep -q "showing $1\$" "$stage/display.log"
}

# After stage_enrol and before stage_sync_start: the courier then talks to the proxy, and that
# to the city, or whoever listens at port $1.
stage_proxy_start() {
	mkfifo "$stage/proxy"
	"$EKIMAE_BIN/fault-proxy" "$1" "$stage/proxy-port" "$stage/proxy-count" \
		<"$stage/proxy" 2>>"$stage/proxy.log" &
	proxy_pid=$!
	exec 9>"$stage/proxy"
	stage_wait 10 test -s "$stage/proxy-port" || stage_fail "the proxy did not start"
	sed -i "s#^url = .*#url = http://127.0.0.1:$(cat "$stage/proxy-port")#" "$stage/sync.conf"
}

stage_fault() {
	echo "$*" >&9
}

stage_traffic() {
	rm -f "$stage/proxy-count"
	echo count >&9
	stage_wait 10 test -s "$stage/proxy-count" || stage_fail "the proxy does not count"
	# shellcheck disable=SC2034 # for who sources this
	traffic=$(cat "$stage/proxy-count")
}
