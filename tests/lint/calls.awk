# Reports calls of the functions in the file `list`: lines of "NAME REASON", where a line
# "except PATH" exempts all sources below PATH.

BEGIN {
	while ((getline line < list) > 0) {
		if (line ~ /^#/ || line == "")
			continue
		name = line
		sub(/[ \t].*/, "", name)
		sub(/^[^ \t]*[ \t]+/, "", line)
		if (name == "except")
			exempt[line] = 1
		else
			reason[name] = line
	}
}

FNR == 1 {
	skip = 0
	for (path in exempt)
		if (index(place(), path) == 1)
			skip = 1
}

skip { next }

{
	code = code_of($0)
	while (match(code, /[A-Za-z_][A-Za-z0-9_]*[ \t]*\(/)) {
		name = substr(code, RSTART, RLENGTH)
		code = substr(code, RSTART + RLENGTH)
		sub(/[ \t]*\($/, "", name)
		if (name in reason)
			report(name "(): " reason[name])
	}
}
