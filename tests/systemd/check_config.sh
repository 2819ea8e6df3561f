#!/bin/sh
# check_config.sh CONFIG BIN: every example is read as it stands, said to be so, and an unknown
# key is not.
set -eu
config=$1
bin=$2
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

for program in display sync city; do
	[ "$("$bin/ekimae-$program" --config "$config/$program.conf" --check-config)" = \
		"$config/$program.conf: ok" ] || {
		echo "$program: does not say that its example is in order"
		exit 1
	}
	cp "$config/$program.conf" "$dir/bad.conf"
	printf '\n[nonsense]\nkey = 1\n' >>"$dir/bad.conf"
	status=0
	"$bin/ekimae-$program" --config "$dir/bad.conf" --check-config 2>"$dir/error" || status=$?
	[ "$status" -eq 78 ] || {
		echo "$program: exit $status for an unknown key, expected 78"
		exit 1
	}
	grep -q 'bad.conf:[0-9]*: \[nonsense\]' "$dir/error" || {
		cat "$dir/error"
		exit 1
	}
done
