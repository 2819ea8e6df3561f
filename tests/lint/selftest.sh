#!/bin/sh
# A check that cannot fail checks nothing: each rule is given a tree that keeps it and one
# that breaks it, and has to tell them apart.
# shellcheck disable=SC2016 # scripts that are written here are not expanded here
set -eu

here=$(cd "$(dirname "$0")" && pwd)
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
failures=0

fresh() {
	rm -rf "${tree:?}"/*
	mkdir -p "$tree/daemon/core" "$tree/daemon/os" "$tree/daemon/ctl" "$tree/tests/core"
	cp "$here/../../.clang-format" "$tree/"
	printf '%s\n' '#ifndef CORE_GOOD_H' '#define CORE_GOOD_H' '' '#include <stdint.h>' '' \
		'int good(void);' '' '#endif /* CORE_GOOD_H */' >"$tree/daemon/core/good.h"
	# Words in comments and texts are no code.
	printf '%s\n' '#include "core/good.h"' '' '/* Like atoi() of' ' * time() and' \
		' * #include <SDL.h> */' 'int good(void)' '{' \
		'	return sizeof("\"system(1) time(0)") > 3; // sprintf(x)' '}' \
		>"$tree/daemon/core/good.c"
	printf '%s\n' '#!/bin/sh' 'echo "$1"' >"$tree/good.sh"
}

complain() {
	echo "selftest: $*" >&2
	failures=$((failures + 1))
}

# keeps RULE: the tree as it is passes.
keeps() {
	output=$("$here/lint.sh" "$1" "$tree" 2>&1) || complain "$1 refuses: $output"
}

# breaks RULE WORDS FILE LINE...: with FILE holding the lines, it fails and says WORDS.
breaks() {
	rule=$1 words=$2 file=$tree/$3
	shift 3
	fresh
	printf '%s\n' "$@" >"$file"
	status=0
	output=$("$here/lint.sh" "$rule" "$tree" 2>&1) || status=$?
	[ "$status" -eq 1 ] || complain "$rule: status $status for: $*"
	case $output in
	*"$words"*) ;;
	*) complain "$rule: \"$words\" is not in: $output" ;;
	esac
}

fresh
for rule in includes banned clocks guards format complexity shell; do
	keeps "$rule"
done

breaks includes '"os/file.h" may not' daemon/core/bad.c '#include "os/file.h"'
breaks includes 'bad.c:2: <unistd.h> may not' daemon/core/bad.c '' '#include <unistd.h>'
breaks includes '<SDL.h> may not' daemon/os/bad.c '#  include <SDL.h>'
breaks includes '"beside.h" may not' daemon/os/bad.c '#include "beside.h"'
breaks includes '"render/slide.h" may not' daemon/ctl/bad.c '#include "render/slide.h"'
breaks includes 'no room' tests/bad.c 'int x;'
fresh
printf '%s\n' '#include "render/slide.h"' '#include <sys/types.h>' \
	>"$tree/daemon/ctl/render_main.c"
keeps includes

breaks banned 'atoi(): has no errors' daemon/core/bad.c 'int x = atoi(y);'
breaks banned 'strcpy(): ' tests/core/bad.c '/* a */ strcpy (a, "*/"); /* b'
breaks clocks 'bad.c:1: time(): ' daemon/core/bad.c 'now = time(NULL);'
breaks clocks 'SDL_GetTicks64(): ' daemon/core/bad.c 'if (SDL_GetTicks64() > 3)'
breaks clocks 'localtime_r(): ' tests/core/bad.c 'localtime_r(&t, &tm);'
fresh
echo 'int x = time(NULL) + my_atoi(3) + atoi_like(3);' >"$tree/daemon/os/clock.c"
keeps clocks
keeps banned

breaks guards 'expected the guard CORE_BAD_H' daemon/core/bad.h '#pragma once' 'int x;'
breaks guards 'expected the guard CORE_BAD_H' daemon/core/bad.h '#ifndef BAD_H' \
	'#define BAD_H' '#endif /* BAD_H */'
breaks guards 'expected the guard CORE_BAD_H' daemon/core/bad.h '#ifndef CORE_BAD_H' \
	'#define CORE_BAD_H' '#endif /* CORE_BAD_H */' 'int outside;'
breaks guards 'typedef of a struct' daemon/core/bad.c 'typedef struct x { int y; } x;'

breaks format 'bad.c' daemon/core/bad.c 'int  x ;'
# shellcheck disable=SC2046 # one line of code per number
breaks complexity 'bad' daemon/core/bad.c 'int bad(int x)' '{' \
	$(awk 'BEGIN { for (i = 0; i < 25; i++) print "if(x==" i ")return(1);" }') 'return 0;' '}'
breaks shell 'SC2086' bad.sh '#!/bin/sh' 'rm $1'

fresh
status=0
"$here/lint.sh" nonsense "$tree" 2>/dev/null || status=$?
[ "$status" -eq 2 ] || complain "an unknown rule has status $status"

[ "$failures" -eq 0 ]
