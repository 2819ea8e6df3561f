#!/bin/sh
# check_units.sh UNITS BIN: the units load, start our programs, and stay shut off.
set -eu
units=$1
bin=$2
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

# Loaded with the programs that were built instead of those that will be installed.
for unit in "$units"/*.service; do
	sed "s#=/usr/bin/#=$bin/#" "$unit" >"$dir/$(basename "$unit")"
done
systemd-analyze verify --man=no "$dir"/*.service >"$dir/verify" 2>&1 || {
	cat "$dir/verify"
	exit 1
}
if grep -q ekimae "$dir/verify"; then
	cat "$dir/verify"
	exit 1
fi

# Exposure levels are printed in tenths; KMS needs devices, the others nothing.
for unit in "$units"/*.service; do
	systemd-analyze security --offline=true --threshold=15 --no-pager "$unit" \
		>"$dir/security" 2>&1 || {
		tail -1 "$dir/security"
		exit 1
	}
	tail -1 "$dir/security"
done

# The display's unit must have no network, whatever else changes.
grep -q '^PrivateNetwork=yes' "$units/ekimae-display.service"

mkdir -p "$dir/root/etc" "$dir/root/var/lib"
systemd-sysusers --root="$dir/root" --dry-run "$units"/*.sysusers >"$dir/users" 2>&1 || {
	cat "$dir/users"
	exit 1
}
for user in ekimae-display ekimae-sync ekimae-city; do
	grep -q "$user" "$dir/users" || {
		echo "no user $user in:"
		cat "$dir/users"
		exit 1
	}
done
