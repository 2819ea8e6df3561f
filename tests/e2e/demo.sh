#!/bin/sh
# ./ekimae demo: the whole of Ekimae on this machine, with the city's plan and sample notices.
set -eu
# shellcheck source=stage.sh
. "$(dirname "$0")/stage.sh"

usage="Usage: ./ekimae demo [--headless] [--seconds N] [--size WxH]"
headless=
seconds=
size=1280x720
while [ $# -gt 0 ]; do
	case $1 in
	--headless) headless=yes ;;
	--seconds | --size)
		[ $# -gt 1 ] || { echo "$usage" >&2 && exit 64; }
		if [ "$1" = --seconds ]; then seconds=$2; else size=$2; fi
		shift
		;;
	-h | --help) echo "$usage" && exit 0 ;;
	*) echo "$usage" >&2 && exit 64 ;;
	esac
	shift
done
case $seconds in
*[!0-9]*)
	echo "ekimae demo: --seconds takes whole seconds" >&2
	exit 64
	;;
esac
if [ -n "$headless" ]; then
	seconds=${seconds:-90}
	[ "$seconds" -ge 60 ] || {
		echo "ekimae demo: --headless needs at least 60 seconds to show what it says" >&2
		exit 64
	}
	export SDL_VIDEODRIVER=offscreen
elif [ -z "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
	echo "ekimae demo: there is no display here; try: ./ekimae demo --headless" >&2
	exit 69
fi
until=$(($(date +%s) + ${seconds:-2000000000}))

pushed="sample-pushed"
# A tour: a real screen gives each slide the time that its text takes to read.
STAGE_DWELL=8
stage_begin
snapshots=${EKIMAE_SNAPSHOTS:-build/demo}
mkdir -p "$snapshots"
rm -f "$snapshots"/*.png

echo "Setting up a city server with fresh keys …"
stage_city_init
stage_city_start
stage_login
stage_enrol tanashi-1 "田無駅前（デモ）"
echo "City server:  $city_url"
echo "Staff login:  demo / $(cat "$stage/password")"
echo "Settings:     ekimaectl --config $stage/ctl.conf …"

ids=
for sample in "$EKIMAE_SOURCE"/assets/demo/*.json; do
	id=sample-$(basename "$sample" .json)
	[ "$id" != "$pushed" ] || continue
	stage_notice "$sample" "$stage/$id.json" "$id"
	stage_ctl notice add "$stage/$id.json" >>"$stage/ctl.log" 2>&1 || stage_fail "$sample"
	ids="$ids $id"
done
# shellcheck disable=SC2086 # a list of words
stage_ctl publish $ids >>"$stage/ctl.log" 2>&1 || stage_fail "publishing the samples"
echo "Published sample notices."

stage_sync_start
stage_display_start --windowed "$size" --snapshot "$snapshots/slide-%d.png"
stage_wait 20 grep -q "showing " "$stage/display.log" || stage_fail "nothing was shown"
echo "The screen shows the plan and the samples, each for $STAGE_DWELL seconds."

stage_notice "$EKIMAE_SOURCE/assets/demo/pushed.json" "$stage/$pushed.json" "$pushed"
if [ -n "$headless" ]; then
	sleep 5
else
	echo "In 15 seconds, a notice is pushed …"
	sleep 15
fi
stage_publish "$stage/$pushed.json" "$pushed"
echo "Pushed \"$pushed\"."
stage_wait 60 stage_shown "notice/$pushed" || stage_fail "the pushed notice was not shown"
echo "The screen shows it."
if [ -z "$headless" ] && [ -z "$seconds" ]; then
	echo "Press Ctrl-C to stop."
fi

while [ "$(date +%s)" -lt "$until" ]; do
	kill -0 "$display_pid" 2>/dev/null || break
	kill -0 "$city_pid" 2>/dev/null || stage_fail "the city server stopped"
	kill -0 "$sync_pid" 2>/dev/null || stage_fail "the courier stopped"
	sleep 1
done

# On a slow machine its turn may come late: a play that is cut short does not count.
over() {
	[ "$(sed -n 's/.*showing //p' "$stage/display.log" | tail -n 1)" != "notice/$pushed" ]
}
[ -z "$headless" ] || stage_wait 60 over || stage_fail "the pushed notice stays"

# The last play closes, its batch goes up, and the ledger knows all of them.
stage_display_stop
settled() {
	stage_ctl --json report | grep -q "\"id\":\"$pushed\".*\"complete\":[1-9]"
}
stage_wait 20 settled || [ -z "$headless" ] ||
	stage_fail "the ledger has no complete play of the pushed notice"
echo
stage_ctl report
[ -n "$headless" ] || exit 0

shown=$(sed -n 's/.*showing //p' "$stage/display.log" | sort -u | wc -l)
pictures=$(find "$snapshots" -name 'slide-*.png' | wc -l)
echo "$shown different slides were shown; $pictures snapshots are in $snapshots"
if [ "$shown" -lt 5 ] || [ "$pictures" -lt 5 ]; then
	stage_fail "fewer than 5 different slides"
fi
stage_ctl --json report | grep -q '"count":1,' ||
	stage_fail "the report does not count exactly the pushed notice"
