#!/bin/sh
# ./ekimae bench screen: what showing slides costs, beside a browser and a picture viewer that
# show the same pictures. QUICK=1 takes a quarter of the time; PARTS picks some of
# "peers frames prepare memory still".
set -eu
# shellcheck source=../e2e/stage.sh
. "$(dirname "$0")/../e2e/stage.sh"

bin=$(cd "$EKIMAE_BIN" && pwd)
source=$(cd "$EKIMAE_SOURCE" && pwd)
plan=$source/assets/plan/plan.json
parts=${PARTS:-peers frames prepare memory still}
seconds=60
starts=5
uses=3
rounds=5
counts="1 1000 100000"
memory_size=1920x1080
if [ -n "${QUICK:-}" ]; then
	seconds=20
	starts=3
	uses=1
	rounds=1
	counts="1 100 1000"
	memory_size=640x360
fi
dwell=10    # seconds that a slide stands
period=10.4 # with the cross-fade to the next

# An X server of our own, on a number of its choosing: server WxH
server() {
	exec 3>"$stage/server"
	Xvfb -displayfd 3 -screen 0 "${1}x24" -noreset -nolisten tcp >/dev/null 2>&1 &
	server_pid=$!
	exec 3>&-
	stage_wait 10 test -s "$stage/server" || stage_fail "Xvfb did not start"
	DISPLAY=:$(cat "$stage/server")
	export DISPLAY
}

server_end() {
	stage_kill "$server_pid"
	server_pid=''
}

median() {
	sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

# Of the rounds of one program: what CPU all of them took for each of their minutes, as another
# round has other slides; the largest PSS; of the other figures the median.
of_rounds() {
	awk '
		{ for (i = 1; i <= NF; i++) { v[i, NR] = $i; sum[i] += $i }; fields = NF }
		END {
			for (i = 1; i <= fields; i++) {
				for (j = 2; j <= NR; j++)
					for (k = j; k > 1 && v[i, k] < v[i, k - 1]; k--) {
						swap = v[i, k]
						v[i, k] = v[i, k - 1]
						v[i, k - 1] = swap
					}
				if (i == 1 || i == 7)
					printf "%.4f ", sum[i] / NR
				else
					printf "%s ", v[i, i == 3 ? NR : int((NR + 1) / 2)]
			}
			print ""
		}'
}

wants() {
	case " $parts " in
	*" $1 "*) return 0 ;;
	esac
	return 1
}

# --- the three that are compared ------------------------------------------------------------
ekimae() {
	SDL_VIDEODRIVER=x11 "$bin/bench-watch" "$@" "$bin/ekimae-display" \
		--config "$stage/display.conf"
}

# Without the Translate flag a bubble covers the page; a profile of its own each time, as a
# second start would else wait for the lock of the first.
browser() {
	profile=$(mktemp -d "$stage/profile.XXXXXX")
	"$bin/bench-watch" "$@" chromium --kiosk --no-sandbox --disable-gpu --disable-quic \
		--no-first-run --disable-background-networking --disable-component-update \
		--disable-sync --disable-features=Translate --disable-extensions \
		--no-default-browser-check --window-size=1920,1080 --window-position=0,0 \
		"--user-data-dir=$profile" "file://$stage/page.html"
}

viewer() {
	"$bin/bench-watch" "$@" feh -F -Y -D "$period" "$stage/one.png" "$stage/two.png"
}

# The picture above fades in and out over the one below, as our slides do.
pictures() {
	"$bin/ekimae-render" --plan "$plan" --slide initiative/4 --size 1920x1080 \
		--out "$stage/one.png"
	"$bin/ekimae-render" --plan "$plan" --slide plan/stages --size 1920x1080 \
		--out "$stage/two.png"
	cat >"$stage/page.html" <<END
<!doctype html>
<meta charset="utf-8">
<style>
html, body { margin: 0; overflow: hidden; cursor: none }
img { position: fixed; left: 0; top: 0; width: 1920px; height: 1080px }
#two { opacity: 0; transition: opacity 400ms linear }
</style>
<img src="one.png"><img id="two" src="two.png">
<script>
let shown = 0
setInterval(() => { document.getElementById("two").style.opacity = shown = 1 - shown },
	$period * 1000)
</script>
END
}

# An enrolled screen, so that plays are recorded as on the street. City and courier have done
# their part once the programme is there.
screen() {
	# shellcheck disable=SC2034 # stage.sh reads it
	STAGE_DWELL=$dwell
	# shellcheck disable=SC2119 # it needs no arguments here
	stage_city_init
	stage_city_start
	stage_login
	stage_enrol bench-screen "ベンチマーク"
	stage_sync_start
	stage_wait 30 test -e "$stage/box/inbox/current" || stage_fail "nothing was fetched"
	stage_sync_stop
	stage_city_stop
}

# row NAME FIELD DIGITS: one field of what was measured of each, and ratios.
row() {
	awk -v name="$1" -v field="$2" -v digits="$3" '
		{ v[NR] = $field }
		END {
			form = "%-34s %10." digits "f %10." digits "f %10." digits "f"
			printf form "   1/%-8.1f %8.2f\n", name, v[1], v[2], v[3],
				(v[1] > 0 ? v[2] / v[1] : 0), (v[3] > 0 ? v[1] / v[3] : 0)
		}' "$stage/peers"
}

peers() {
	for program in chromium feh; do
		command -v "$program" >/dev/null ||
			stage_fail "$program is needed: apt-get install $program"
	done
	server 1920x1080
	pictures
	screen
	for peer in ekimae browser viewer; do
		: >"$stage/first-$peer"
	done
	round=0
	# In turns, so that a busy moment of the machine hits all of them.
	while [ "$round" -lt "$starts" ]; do
		for peer in ekimae browser viewer; do
			"$peer" first >>"$stage/first-$peer"
		done
		round=$((round + 1))
	done
	round=0
	while [ "$round" -lt "$uses" ]; do
		for peer in ekimae browser viewer; do
			"$peer" use 10 "$seconds" "$server_pid" >>"$stage/use-$peer"
		done
		round=$((round + 1))
	done
	server_end
	for peer in ekimae browser viewer; do
		echo "$(of_rounds <"$stage/use-$peer") $(median <"$stage/first-$peer")"
	done >"$stage/peers"
	echo
	echo "1920x1080 under Xvfb, a slide every $period s, $uses times $seconds s in turns; load $(cut -d' ' -f1-3 /proc/loadavg)"
	echo "ekimae: the standard loop, drawn and recorded; the others: two of its slides as PNG"
	echo "CPU: of all rounds together; the largest PSS of all; else medians"
	printf '%-34s %10s %10s %10s   %-10s %8s\n' "" ekimae chromium feh "chromium" "of feh"
	row "CPU seconds a minute" 1 3
	row "  and the X server's" 7 3
	row "PSS, median, kB" 2 0
	row "PSS, largest, kB" 3 0
	row "start to first slide, ms" 8 0
	row "wake-ups a second" 4 1
	row "processes" 5 0
	row "threads" 6 0
	paste "$stage/use-ekimae" "$stage/use-browser" "$stage/use-viewer" |
		awk '{ printf "CPU of round %d: %.3f, %.3f, %.3f; 1/%.1f of chromium\n", NR, $1, $8, $15,
			$8 / $1 }'
}

# --- ours alone -----------------------------------------------------------------------------
frames() {
	echo
	echo "Frames of a cross-fade in software, ms; the daemon's own output under Xvfb"
	printf '%-34s %8s %8s %8s %8s %10s\n' "" median p95 max frames differs
	for size in 1920x1080 3840x2160; do
		server "$size"
		"$bin/bench-frames" "$plan" "$size" | awk -v size="$size" '
			BEGIN {
				said["mixed"] = "mixing alone"
				said["cold"] = "mixing alone, caches lost"
				said["presented"] = "mixed and on the X server"
				said["worst"] = "the same, every pixel differs"
			}
			{ printf "%-34s %8.2f %8.2f %8.2f %8d %9.1f%%\n",
				size ", " said[$1], $2, $3, $4, $5, $6 }'
		server_end
	done
}

prepare() {
	echo
	echo "Drawing a slide, ms, over all slides of the plan, $rounds times"
	printf '%-34s %8s %8s %8s %8s\n' "" median p95 max slides
	for size in 1920x1080 3840x2160; do
		"$bin/bench-slides" prepare "$plan" "$size" "$rounds" |
			while read -r middle most largest slides; do
				printf '%-34s %8s %8s %8s %8s\n' "$size" "$middle" "$most" \
					"$largest" "$slides"
			done
	done
}

memory() {
	echo
	echo "Memory after so many slides at $memory_size: drawn, faded to, handed over"
	printf '%-34s %10s %14s\n' slides "PSS, kB" "its own, kB"
	# shellcheck disable=SC2086 # a list of words
	"$bin/bench-slides" memory "$plan" "$memory_size" $counts |
		while read -r count pss own; do
			printf '%-34s %10s %14s\n' "$count" "$pss" "$own"
		done
}

# still DRIVER: over 20 s while a slide stands and no minute turns.
still_on() {
	while [ "$(date +%S)" -gt 30 ]; do
		sleep 1
	done
	rm -f "$stage/presents"
	result=$(BENCH_PRESENTS="$stage/presents" LD_PRELOAD="$bin/libbench-presents.so" \
		SDL_VIDEODRIVER="$1" "$bin/bench-watch" wake 6 20 "$bin/ekimae-display" \
		--config "$stage/still.conf") || result=
	if [ ! -s "$stage/presents" ] || [ -z "$result" ]; then
		printf '%-34s %10s\n' "$1" "does not run here"
		return 0
	fi
	# shellcheck disable=SC2086 # three words
	set -- "$1" $result
	count=$(awk -v from="$2" -v to="$3" '$1 >= from && $1 < to' "$stage/presents" | wc -l)
	printf '%-34s %10d %12.2f\n' "$1" "$count" "$4"
}

still() {
	echo
	echo "Between transitions, 20 s: frames presented, and wake-ups a second of all threads"
	printf '%-34s %10s %12s\n' driver frames wake-ups
	cat >"$stage/still.conf" <<END
[paths]
inbox = $stage/still/inbox
outbox = $stage/still/outbox
state = $stage/still/state
plan = $plan

[clock]
kept_by = host

[loop]
dwell = 120
END
	server 1920x1080
	still_on x11
	still_on offscreen
	still_on dummy
	# Inside the X server, as weston's headless backend has no seat, without which SDL
	# makes no window.
	if command -v weston >/dev/null; then
		mkdir -m 700 "$stage/run"
		XDG_RUNTIME_DIR=$stage/run
		export XDG_RUNTIME_DIR
		weston --backend=x11-backend.so --width=1920 --height=1080 \
			--socket=wayland-bench --idle-time=0 >"$stage/weston.log" 2>&1 &
		weston_pid=$!
		stage_wait 10 test -S "$stage/run/wayland-bench" || stage_fail "weston"
		WAYLAND_DISPLAY=wayland-bench
		export WAYLAND_DISPLAY
		still_on wayland
		unset WAYLAND_DISPLAY
		stage_kill "$weston_pid"
		weston_pid=''
	fi
	server_end
}

bench_end() {
	status=$?
	stage_kill "${weston_pid:-}"
	stage_kill "${server_pid:-}"
	(exit "$status")
	stage_end
}

stage_begin
trap bench_end EXIT
unset WAYLAND_DISPLAY
echo "$(awk -F': ' '/^model name/ { print $2; exit }' /proc/cpuinfo), $(nproc) cores; $(date -u +%Y-%m-%dT%H:%MZ)"
for part in peers frames prepare memory still; do
	if wants "$part"; then
		"$part"
	fi
done
