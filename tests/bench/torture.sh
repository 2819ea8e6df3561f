#!/bin/sh
# ./ekimae bench torture: the long forms of tests/torture. Power cuts ($CUTS), and everything at
# once against a witness of the frame loop ($PLAYS, $SCREENS). $SEED may be given.
set -eu

build=$(cd -P "$EKIMAE_BIN/.." && pwd)
cmake --build "$build" --target power_cut harm harm_library fault-proxy \
	>"$build/torture-build.log" 2>&1 || {
	cat "$build/torture-build.log" >&2
	exit 1
}
"$build/bin/power_cut" "${CUTS:-2000}" ${SEED:+"$SEED"}
EKIMAE_BIN=$build/bin EKIMAE_SOURCE=$(dirname "$0")/../.. SDL_VIDEODRIVER=offscreen \
	"$(dirname "$0")/../torture/torture.sh"
