# Holds every #include against the table in the file `table`: see there.

BEGIN {
	while ((getline line < table) > 0) {
		sub(/^#.*/, "", line)
		count = split(line, word, /[ \t]+/)
		if (word[1] == "set")
			for (i = 3; i <= count; i++)
				set[word[2]] = set[word[2]] " " word[i]
		else if (word[1] == "room") {
			split(line, part, / : /)
			ours[word[2]] = " " part[2] " "
			split(part[3], header, /[ \t]+/)
			for (i in header)
				others[word[2]] = others[word[2]] " " \
					(header[i] ~ /^@/ ? set[substr(header[i], 2)] : header[i])
		}
	}
}

FNR == 1 {
	room = ""
	for (path in ours)
		if (index(place() "/", path "/") == 1 && length(path) > length(room))
			room = path
	if (room == "")
		report("the file is in no room of includes.txt")
}

function is_other(name,    list, i, count) {
	count = split(others[room], list, / +/)
	for (i = 1; i <= count; i++) {
		if (list[i] == name)
			return 1
		if (list[i] ~ /\*$/ && index(name, substr(list[i], 1, length(list[i]) - 1)) == 1)
			return 1
	}
	return 0
}

# The name of a header is in quotes, so the line is taken as it is, outside of comments.
room != "" {
	code = code_of($0)
	if (code !~ /^[ \t]*#[ \t]*include/)
		next
	name = $0
	sub(/^[^<"]*/, "", name)
	quoted = name ~ /^"/
	name = substr(name, 2)
	sub(/[>"].*/, "", name)
	if (!quoted) {
		if (!is_other(name))
			report("<" name "> may not be included in " room)
		next
	}
	whose = name
	sub(/\/.*/, "", whose)
	own = room
	sub(/^[^\/]*\//, "", own)
	sub(/\/.*/, "", own)
	# Without a folder it is a header beside the file, which only tests have.
	if (whose == name ? room !~ /^tests/ : whose != own && !index(ours[room], " " whose " "))
		report("\"" name "\" may not be included in " room)
}
