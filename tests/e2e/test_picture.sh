#!/bin/sh
# A picture's way: from a file that staff name, checked and re-encoded by a process with limits,
# over server, courier and display to the screen; and what never gets on that way.
set -eu
# shellcheck source=stage.sh
. "$(dirname "$0")/stage.sh"

STAGE_DWELL=2
stage_begin
pictures=$EKIMAE_SOURCE/tests/corpus/pictures

# A notice in two languages with picture $2 of the corpus, by id $1.
write_notice() {
	cp "$pictures/$2" "$stage/$2"
	sed -e 's/"weight": 5/"weight": 10, "dwell_s": 5, "picture": {"file": "'"$2"'", "alt": "赤と青"}, "translations": {"en": {"title": "Red and blue"}}/' \
		"$EKIMAE_SOURCE/assets/demo/pushed.json" >"$stage/template.json"
	stage_notice "$stage/template.json" "$stage/$1.json" "$1"
}

# Pictures that lie are found out on the spot: no server is asked.
for lie in cmyk.jpg animated.gif animated.webp README.md; do
	write_notice lie "$lie"
	if "$EKIMAE_BIN/ekimaectl" notice check "$stage/lie.json" >"$stage/lie.txt" 2>&1; then
		stage_fail "$lie was taken"
	fi
	grep -q "lie.json: picture: .*$lie: " "$stage/lie.txt" ||
		stage_fail "$lie: $(cat "$stage/lie.txt")"
done
head -c 300 "$pictures/rgb.jpg" >"$stage/half.jpg"
write_notice half rgb.jpg
sed -i 's/rgb.jpg/half.jpg/' "$stage/half.json"
! "$EKIMAE_BIN/ekimaectl" notice check "$stage/half.json" >"$stage/half.txt" 2>&1 ||
	stage_fail "half a picture was taken"
grep -q "half.jpg: is cut off" "$stage/half.txt" || stage_fail "$(cat "$stage/half.txt")"

stage_city_init
stage_city_start
stage_login
stage_enrol tanashi-1 "田無駅前"
stage_sync_start
stage_display_start --windowed 640x360
stage_wait 30 grep -q "showing " "$stage/display.log" || stage_fail "nothing was shown"

write_notice e2e-picture rgb16.png
stage_publish "$stage/e2e-picture.json" e2e-picture
stage_wait 30 stage_shown notice/e2e-picture || stage_fail "the notice was not shown"
stage_wait 30 stage_shown notice/e2e-picture/p2 || stage_fail "its English page was not shown"
# What was published is what came out of the check, under its own hash.
media=$(find "$stage/city/state/repository/targets/media" -type f)
[ "$(printf '%s\n' "$media" | wc -l)" -eq 1 ] || stage_fail "not one picture: $media"
hash=$(sha256sum "$media" | cut -d ' ' -f 1)
[ "$(basename "$media")" = "$hash.$hash.png" ] || stage_fail "$media has hash $hash"
[ -f "$stage/box/state/trusted/objects/$hash" ] || stage_fail "the display did not keep it"

# Published again without it, the picture goes from the box.
sed -i 's/"picture": {[^}]*}, //' "$stage/e2e-picture.json"
stage_publish "$stage/e2e-picture.json" e2e-picture
gone() {
	[ ! -e "$stage/box/state/trusted/objects/$hash" ]
}
stage_wait 30 gone || stage_fail "the picture stayed on the box"

# A server that swaps the picture of a notice for bytes that nobody checked is found out.
write_notice e2e-swapped rgb.jpg
stage_ctl notice add "$stage/e2e-swapped.json" >>"$stage/ctl.log" 2>&1 || stage_fail "notice add"
object=$(stage_ctl notice show e2e-swapped | jq -r .notice.picture.sha256)
cp "$pictures/cmyk.jpg" "$stage/city/state/objects/$object"
! stage_ctl publish e2e-swapped >"$stage/swapped.txt" 2>&1 || stage_fail "a swapped picture was signed"

stage_display_stop
stage_sync_stop
stage_city_stop
# The swapped object is the one error that there was to be.
grep -q "objects/$object.*is damaged" "$stage/city.log" || stage_fail "the server did not notice"
sed -i '/is damaged/d' "$stage/city.log"
! grep -h -i "error:\|runtime error\|AddressSanitizer\|LeakSanitizer" "$stage"/*.log || stage_fail "errors in the logs"
