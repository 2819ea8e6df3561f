#!/bin/sh
# ./ekimae bench torture: the long form of tests/torture. $CUTS and $SEED may be given.
set -eu

cuts=${CUTS:-2000}
build=$(cd -P "$EKIMAE_BIN/.." && pwd)
cmake --build "$build" --target power_cut >"$build/torture-build.log" 2>&1 || {
	cat "$build/torture-build.log" >&2
	exit 1
}
"$build/bin/power_cut" "$cuts" ${SEED:+"$SEED"}
