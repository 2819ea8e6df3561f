# code_of(line): the line without comments and without the insides of string and character
# literals, so that a rule about code does not trip over words. In front of a lint's own
# awk program (awk -f code.awk -f rule.awk). POSIX awk.

FNR == 1 { in_comment = 0 }

function code_of(line,    out, c, two, quote) {
	out = ""
	while (line != "") {
		c = substr(line, 1, 1)
		two = substr(line, 1, 2)
		if (in_comment) {
			if (two == "*/") {
				in_comment = 0
				line = substr(line, 3)
				out = out " "
			} else
				line = substr(line, 2)
		} else if (two == "/*") {
			in_comment = 1
			line = substr(line, 3)
		} else if (two == "//") {
			line = ""
		} else if (c == "\"" || c == "'") {
			quote = c
			line = substr(line, 2)
			while (line != "" && substr(line, 1, 1) != quote)
				line = substr(line, substr(line, 1, 1) == "\\" ? 3 : 2)
			line = substr(line, 2)
			out = out quote quote
		} else {
			out = out c
			line = substr(line, 2)
		}
	}
	return out
}

# The path of the file being read, below the root that the lint was given.
function place() {
	return substr(FILENAME, length(root) + 2)
}

function report(what) {
	printf "%s:%d: %s\n", place(), FNR, what
	failed = 1
}

END { exit failed }
