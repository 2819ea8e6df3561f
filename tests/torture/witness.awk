# What the frame loop's witness saw (display/observer.h) of screen SCREEN, one play a line:
#
#	screen boot from until slide planned urgent end end-from end-until next-urgent sure
#
# A play began between "from" and "until" and ended between "end-from" and "end-until", by the
# monotonic clock. Its end: next, stop, killed. Whoever is killed while it hands a frame over may
# have gone on to that or not: then "sure" is 0 for what it concerns.

function close_play(end, from, until, next_urgent) {
	if (open)
		print SCREEN, open_boot, open_from, open_until, slide, planned, urgent, end,
			from, until, next_urgent, sure && open_sure
	open = 0
}

function open_play(until, is_sure) {
	open = 1
	open_boot = boot
	open_from = handing
	open_until = until
	slide = to
	planned = to_planned
	urgent = to_urgent
	open_sure = is_sure
}

# The run of the program is over, by @at.
function end_run(at) {
	if (to == "")
		close_play("killed", open_until, at, 0)
	else {
		# In the act: of the play before it is not known how it ended, of the next not
		# whether it began.
		sure = 0
		close_play("either", handing, at, to_urgent)
		if (to != "-") {
			open_play(at, 0)
			close_play("killed", handing, at, 0)
		}
		sure = 1
	}
	to = ""
}

BEGIN { sure = 1; OFS = "\t" }
$1 == "start" {
	if (open || to != "")
		end_run(killed > 0 ? killed : $3)
	boot = $2
	killed = 0
}
$1 == "killed" { killed = $2 + 1 }
$1 == "handing" {
	handing = $2
	to = $3
	to_planned = $5
	to_urgent = $6
}
$1 == "handed" {
	close_play(to == "-" ? "stop" : "next", handing, $2, to == "-" ? 0 : to_urgent)
	if (to != "-")
		open_play($2, 1)
	to = ""
}
END {
	if (open || to != "")
		end_run(killed > 0 ? killed : 9e15)
}
