# A header's guard is its path without daemon/ or tests/: os/file.h has OS_FILE_H. Also:
# no typedef of a struct, which would hide what is a value and what is a handle.

FNR == 1 {
	finish()
	guard = place()
	header = place()
	sub(/^[^\/]*\//, "", guard)
	guard = toupper(guard)
	gsub(/[^A-Z0-9]/, "_", guard)
	is_header = header ~ /\.h$/
	step = 0
}

function finish() {
	if (is_header && step != 3) {
		printf "%s: expected the guard %s around all of it\n", header, guard
		failed = 1
	}
}

{
	code = code_of($0)
	# With a parenthesis it is the type of a function that returns one.
	if (code ~ /typedef[ \t]+(struct|union)/ && code !~ /\(/)
		report("a typedef of a struct: write struct where it is used")
	if (!is_header || code ~ /^[ \t]*$/)
		next
	if (step == 0)
		step = code == "#ifndef " guard ? 1 : -1
	else if (step == 1)
		step = code == "#define " guard ? 2 : -1
	else if (step >= 2)
		step = code ~ /^#endif/ && index($0, "/* " guard " */") ? 3 : 2
}

END {
	finish()
	exit failed
}
