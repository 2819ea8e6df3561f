#!/bin/sh
# The house rules as checks: lint.sh RULE [ROOT]. Prints each place that breaks the rule;
# the status is 0 when there is none, 1 when there are some, 2 when it could not look.
set -eu

rule=${1:?usage: lint.sh RULE [ROOT]}
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "${2:-$here/../..}" && pwd)

# Modified McCabe: a switch counts once. Nobody is exempt.
complexity_max=25

need() {
	command -v "$1" >/dev/null && return
	echo "lint.sh: $1 is missing: install the Debian package $1" >&2
	exit 2
}

# Our sources, NUL-separated.
sources() {
	for folder in daemon tests; do
		[ ! -d "$root/$folder" ] || find "$root/$folder" -name '*.[ch]' -print0
	done
}

# xargs makes 123 of a failed check, which is the 1 of this script; all else is trouble.
each() {
	status=0
	xargs -0 -r "$@" || status=$?
	case $status in
	0) ;;
	1 | 123) exit 1 ;;
	*) exit 2 ;;
	esac
}

# An awk program over all of our sources.
look() {
	program=$1
	shift
	sources | sort -z | each awk -v "root=$root" "$@" -f "$here/code.awk" -f "$here/$program"
}

complex() {
	sources | xargs -0 -r pmccabe | awk -v "max=$complexity_max" -v "root=$root/" '
		$1 > max {
			sub(/.*\t/, "")
			sub(root, "")
			print $0 ": its complexity is over " max
			failed = 1
		}
		END { exit failed }'
}

scripts() {
	for script in "$root/ekimae" "$root/.ci/run"; do
		[ ! -f "$script" ] || printf '%s\0' "$script"
	done
	find "$root" -path "$root/build*" -prune -o -name '*.sh' -print0
}

case $rule in
includes) look includes.awk -v "table=$here/includes.txt" ;;
banned) look calls.awk -v "list=$here/banned.txt" ;;
clocks) look calls.awk -v "list=$here/clocks.txt" ;;
guards) look guards.awk ;;
format)
	need clang-format
	sources | (cd "$root" && each clang-format --dry-run -Werror)
	;;
complexity)
	need pmccabe
	complex
	;;
shell)
	need shellcheck
	scripts | (cd "$root" && each shellcheck)
	;;
*)
	echo "lint.sh: there is no rule $rule" >&2
	exit 2
	;;
esac
