#!/bin/sh
# Alarms: signed by keys of their own, they take over the screen at once and leave it when they
# are withdrawn; the machine that publishes notices can't raise one, and theirs nothing else.
set -eu
# shellcheck source=stage.sh
. "$(dirname "$0")/stage.sh"

# A slide stays far longer than this test takes: what comes, comes by interrupting.
STAGE_DWELL=120
stage_begin
stage_city_init
stage_city_start
# Two machines: one has the key of notices, the other that of alarms.
sed "/^targets = /d" "$stage/ctl.conf" >"$stage/alarm.conf"
sed -i "/^emergency = /d" "$stage/ctl.conf"
stage_login
alarm() {
	"$EKIMAE_BIN/ekimaectl" --config "$stage/alarm.conf" --yes "$@"
}
stage_enrol tanashi-1 "田無駅前"
stage_sync_start
stage_display_start --windowed 640x360
stage_wait 30 grep -q "showing " "$stage/display.log" || stage_fail "nothing was shown"
sleep 1.2 # what has just come is held for a second

refused() {
	what=$1
	shift
	! "$@" >>"$stage/ctl.log" 2>&1 || stage_fail "$what was accepted"
}

# alarm_file ID: an alarm that ends tomorrow.
alarm_file() {
	sed -e 's/"weight": 5/"dwell_s": 5/' -e 's/お知らせは、公開すると/緊急のお知らせは、公開すると/' \
		"$EKIMAE_SOURCE/assets/demo/pushed.json" >"$stage/template.json"
	stage_notice "$stage/template.json" "$stage/$1.json" "$1"
}

echo "--- an alarm comes, is revised, and goes"
alarm_file emergency-flood
refused "an alarm without its key" stage_ctl emergency publish "$stage/emergency-flood.json"
alarm emergency publish "$stage/emergency-flood.json" >>"$stage/ctl.log" || stage_fail "emergency publish"
stage_wait 20 stage_shown notice/emergency-flood || stage_fail "the alarm was not shown"
alarm emergency show | grep -q "^  emergency-flood revision 2" || stage_fail "emergency show"

# The programme is changed under it, by who has the other key, and stays as it is after.
sed -e 's/"weight": 5/"weight": 10/' "$EKIMAE_SOURCE/assets/demo/pushed.json" >"$stage/template.json"
stage_notice "$stage/template.json" "$stage/notice.json" everyday
stage_publish "$stage/notice.json" everyday
refused "a notice by the machine for alarms" alarm publish everyday
sed -i 's/"id": "everyday"/"id": "emergency-everyday"/' "$stage/notice.json"
refused "an alarm's id for a notice" stage_ctl notice add "$stage/notice.json"
jq '.id = "loud" | .urgent = true' "$stage/notice.json" >"$stage/loud.json"
refused "an urgent notice" stage_ctl notice add "$stage/loud.json"

# One that came past ekimaectl, or from before there were alarms, is not published either.
token=$(head -n 1 "$stage/ctl/token")
curl -sf -X PUT -H "Authorization: Bearer $token" --data-binary "@$stage/loud.json" \
	"$city_url/api/v1/notices/loud" >>"$stage/ctl.log" || stage_fail "the server did not keep a notice"
refused "an urgent notice" stage_ctl publish loud

alarm emergency withdraw emergency-flood >>"$stage/ctl.log" || stage_fail "emergency withdraw"
gone() {
	! grep "showing " "$stage/display.log" | tail -n 1 | grep -q "notice/emergency-flood"
}
stage_wait 20 gone || stage_fail "the withdrawn alarm stayed"
stage_wait 20 stage_shown notice/everyday || stage_fail "the programme was lost under the alarm"

# The play that the alarm cut (1: emergency), then the alarm's own (2: content).
[ "$(sqlite3 "$stage/box/state/plays.db" 'SELECT outcome FROM play ORDER BY seq LIMIT 2' | tr '\n' ' ')" = "1 2 " ] ||
	stage_fail "the plays are not recorded as cut"

echo "--- what an alarm may not be"
alarm_file emergency-long
sed -i "s/\"until\": \"[^\"]*\"/\"until\": \"$(date -u -d '4 days' +%Y-%m-%dT%H:%M:%SZ)\"/" "$stage/emergency-long.json"
refused "an alarm for four days" alarm emergency publish "$stage/emergency-long.json"
alarm_file flood
refused "an alarm with the id of a notice" alarm emergency check "$stage/flood.json"

echo "--- other keys: two of three people"
for number in 2 3; do
	stage_ctl key new "$stage/emergency-$number.pem" >>"$stage/ctl.log"
done
stage_ctl emergency keys "$stage/keys" --add "$stage/emergency-2.pem.pub" \
	--add "$stage/emergency-3.pem.pub" --threshold 2 >>"$stage/ctl.log" || stage_fail "emergency keys"
refused "keys without their consent" stage_ctl send "$stage/keys"
# Hidden in a publication, or with more behind it, nobody signs them.
jq 'del(.emergency) + {published: [], withdrawn: []}' "$stage/keys" >"$stage/hidden"
refused "other keys in a publication" stage_ctl sign "$stage/hidden"
refused "other keys in a publication" stage_ctl send "$stage/hidden"
sed 's,emergency/\*,*,' "$stage/keys" >"$stage/wide"
refused "keys for more than alarms" stage_ctl sign "$stage/wide"
refused "a root for the keys of alarms" stage_ctl key rotate "$stage/no-root" emergency
alarm sign "$stage/keys" >"$stage/signed.txt" || stage_fail "sign"
grep -q "THE KEYS OF ALARMS" "$stage/signed.txt" || stage_fail "$(cat "$stage/signed.txt")"
grep -q "emergency: signed by 1 of the 2" "$stage/signed.txt" || stage_fail "$(cat "$stage/signed.txt")"
alarm --emergency-key "$stage/emergency-3.pem" sign "$stage/keys" >"$stage/signed.txt" || stage_fail "sign"
grep -q "all have signed" "$stage/signed.txt" || stage_fail "$(cat "$stage/signed.txt")"
alarm send "$stage/keys" >>"$stage/ctl.log" || stage_fail "send"
stage_ctl key show | grep -q "^emergency: 2 of 3" || stage_fail "key show"

alarm_file emergency-fire
refused "an alarm by one of two" alarm emergency publish "$stage/emergency-fire.json"
alarm emergency publish "$stage/emergency-fire.json" --prepare "$stage/fire" >>"$stage/ctl.log" ||
	stage_fail "prepare"
alarm --emergency-key "$stage/emergency-2.pem" sign "$stage/fire" >"$stage/signed.txt" || stage_fail "sign"
grep -q "^+ emergency-fire revision" "$stage/signed.txt" || stage_fail "$(cat "$stage/signed.txt")"
alarm send "$stage/fire" >>"$stage/ctl.log" || stage_fail "send"
stage_wait 20 stage_shown notice/emergency-fire || stage_fail "the alarm of two was not shown"

echo "--- the screen restarts without a line, and the alarm is still on"
stage_sync_stop
stage_display_stop
: >"$stage/display.log"
stage_display_start --windowed 640x360
stage_wait 30 stage_shown notice/emergency-fire || stage_fail "the alarm was lost by a restart"

echo "--- the roots and the targets key change, and alarms stay what they are"
stage_sync_start
stage_ctl key new "$stage/targets-2.pem" >>"$stage/ctl.log"
old=$(stage_ctl key show | sed -n '/^targets:/{n;s/^ *\([0-9a-f]*\).*/\1/p}')
stage_ctl key rotate "$stage/root2.json" targets --add "$stage/targets-2.pem.pub" \
	--remove "$old" >>"$stage/ctl.log"
for number in 1 2; do
	stage_ctl key sign "$stage/root2.json" --key "$stage/carry-away/root-$number.pem" >>"$stage/ctl.log"
done
stage_ctl --targets-key "$stage/targets-2.pem" key send "$stage/root2.json" >>"$stage/ctl.log" ||
	stage_fail "key send"
stage_ctl emergency show | grep -q "emergency-fire" || stage_fail "the alarm went with the targets key"
alarm emergency withdraw --all --prepare "$stage/away" >>"$stage/ctl.log"
alarm --emergency-key "$stage/emergency-3.pem" sign "$stage/away" >"$stage/signed.txt"
grep -q "^- emergency-fire" "$stage/signed.txt" || stage_fail "$(cat "$stage/signed.txt")"
alarm send "$stage/away" >>"$stage/ctl.log" || stage_fail "send"
last_is_calm() {
	! grep "showing " "$stage/display.log" | tail -n 1 | grep -q "notice/emergency"
}
stage_wait 30 last_is_calm || stage_fail "the alarm stayed under the new root"
alarm doctor >"$stage/doctor.txt" || stage_fail "doctor: $(cat "$stage/doctor.txt")"
grep -q "emergency.json version" "$stage/doctor.txt" || stage_fail "doctor: $(cat "$stage/doctor.txt")"

echo "--- the city knows the plays of alarms for what they are"
stage_display_stop
in_the_ledger() {
	[ "$(sqlite3 "$stage/city/state/city.db" "SELECT count(*) FROM slide s JOIN published_notice n
		ON n.content_hash = s.content_hash AND s.item_id = 'notice/' || n.notice_id
		WHERE n.notice_id IN ('emergency-flood', 'emergency-fire')")" -eq 2 ]
}
stage_wait 30 in_the_ledger || stage_fail "plays of alarms are not those of what was published"
stage_sync_stop
stage_city_stop
! grep -h -i "runtime error\|AddressSanitizer\|LeakSanitizer" "$stage"/*.log || stage_fail "errors in the logs"
