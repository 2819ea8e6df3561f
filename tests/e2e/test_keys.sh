#!/bin/sh
# Every key is replaced, one role after another, while a screen shows: it follows by itself,
# what is published afterwards arrives, and the old keys are good for nothing.
set -eu
# shellcheck source=stage.sh
. "$(dirname "$0")/stage.sh"

STAGE_DWELL=2
stage_begin
stage_city_init
stage_city_start
stage_login
stage_enrol tanashi-1 "田無駅前"
stage_sync_start
stage_display_start --windowed 640x360
stage_wait 30 grep -q "showing " "$stage/display.log" || stage_fail "nothing was shown"

sed -e 's/"weight": 5/"weight": 10, "dwell_s": 5/' \
	"$EKIMAE_SOURCE/assets/demo/pushed.json" >"$stage/template.json"

# publish_and_see ID: a notice published now is shown.
publish_and_see() {
	stage_notice "$stage/template.json" "$stage/$1.json" "$1"
	stage_publish "$stage/$1.json" "$1"
	stage_wait 30 stage_shown "notice/$1" || stage_fail "$1 was not shown"
	stage_ctl withdraw "$1" >>"$stage/ctl.log" 2>&1 || stage_fail "withdraw $1"
}

# sign DRAFT NUMBER…: on a machine without configuration and network.
sign() {
	draft=$1
	shift
	for number; do
		HOME=$stage/nowhere "$EKIMAE_BIN/ekimaectl" --yes --root "$stage/carry-away/root.json" \
			key sign "$draft" --key "$stage/carry-away/root-$number.pem" >"$stage/signed.txt" ||
			stage_fail "key sign"
		tail -n 1 "$stage/signed.txt" >>"$stage/ctl.log"
	done
}

# key_of_role ROLE: the first digits of the id of its first key.
key_of_role() {
	stage_ctl key show | sed -n "/^$1:/{n;s/^ *\([0-9a-f]*\).*/\1/p}"
}

refused() {
	what=$1
	shift
	! stage_ctl "$@" >>"$stage/ctl.log" 2>&1 || stage_fail "$what was accepted"
}

# on_screen VERSION: whether the screen's last good set has this root.
on_screen() {
	trusted=$stage/box/state/trusted
	jq -e ".signed.version == $1" "$trusted/sets/$(cat "$trusted/current")/root.json"
}

publish_and_see before

echo "--- the online keys"
old=$(sha256sum <"$stage/city/state/keys/timestamp.pem")
stage_ctl key rotate "$stage/root2.json" timestamp snapshot >>"$stage/ctl.log"
sign "$stage/root2.json" 1
refused "a root with one signature" key send "$stage/root2.json"
sign "$stage/root2.json" 3
stage_ctl key send "$stage/root2.json" >>"$stage/ctl.log" || stage_fail "key send"
[ "$(sha256sum <"$stage/city/state/keys/timestamp.pem")" != "$old" ] || stage_fail "the old key is still there"
stage_wait 30 on_screen 2 || stage_fail "the screen does not follow root 2"
publish_and_see after-online

echo "--- the targets key"
stage_ctl key new "$stage/targets-2.pem" >>"$stage/ctl.log"
stage_ctl key rotate "$stage/root3.json" targets --add "$stage/targets-2.pem.pub" \
	--remove "$(key_of_role targets)" >>"$stage/ctl.log"
sign "$stage/root3.json" 2 3
refused "content that the new key has not signed" key send "$stage/root3.json"
stage_ctl --targets-key "$stage/targets-2.pem" key send "$stage/root3.json" >>"$stage/ctl.log" ||
	stage_fail "key send"
stage_wait 30 on_screen 3 || stage_fail "the screen does not follow root 3"
refused "the old targets key" withdraw after-online
stage_notice "$stage/template.json" "$stage/x.json" old-key
stage_ctl notice add "$stage/x.json" >>"$stage/ctl.log"
refused "the old targets key" publish old-key
sed -i "s,^targets = .*,targets = $stage/targets-2.pem," "$stage/ctl.conf"
publish_and_see after-targets

echo "--- the root keys"
lost=$(key_of_role root)
stage_ctl key new "$stage/carry-away/root-4.pem" >>"$stage/ctl.log"
stage_ctl key rotate "$stage/root4.json" root --add "$stage/carry-away/root-4.pem.pub" \
	--remove "$lost" >>"$stage/ctl.log"
sign "$stage/root4.json" 1 2 3
stage_ctl key send "$stage/root4.json" >>"$stage/ctl.log" || stage_fail "key send"
stage_ctl key rotate "$stage/root5.json" >>"$stage/ctl.log"
sign "$stage/root5.json" 4
for number in 1 2 3; do
	cp "$stage/root5.json" "$stage/try.json"
	sign "$stage/try.json" "$number"
	if grep -q "^signed with key $lost" "$stage/signed.txt"; then
		refused "the root key that was taken away" key send "$stage/try.json"
		gone=$number
	else
		mv "$stage/try.json" "$stage/good.json"
	fi
done
[ -n "${gone:-}" ] || stage_fail "none of the root keys was taken away"
stage_ctl key send "$stage/good.json" >>"$stage/ctl.log" || stage_fail "key send"
stage_wait 30 stage_wait 30 on_screen 5 || stage_fail "the screen does not follow root 5"
publish_and_see after-root

echo "--- a new screen, from the first root"
stage_sync_stop
stage_display_stop
mv "$stage/box" "$stage/box-1"
stage_enrol tanashi-2 "田無駅南口"
: >"$stage/display.log"
stage_sync_start
stage_display_start --windowed 640x360
publish_and_see new-screen
stage_wait 30 on_screen 5 || stage_fail "the new screen does not know root 5"

echo "--- a second person"
printf 'hanako-no-kotoba\n' >"$stage/password-2"
stage_ctl staff add 花子 --role approver --password-file "$stage/password-2" >>"$stage/ctl.log" ||
	stage_fail "staff add"
stage_ctl staff list | grep -q "花子 *approver" || stage_fail "staff list"
stage_ctl --state "$stage/ctl-2" login 花子 --password-file "$stage/password-2" >>"$stage/ctl.log" ||
	stage_fail "login of the second person"
stage_notice "$stage/template.json" "$stage/second.json" second
stage_ctl --state "$stage/ctl-2" notice add "$stage/second.json" >>"$stage/ctl.log"
stage_ctl publish second >>"$stage/ctl.log" || stage_fail "publish of the second person's notice"
stage_ctl notice list | grep -q "second .*花子" || stage_fail "the notice's author"
printf 'hanako-no-kotoba-2\n' >"$stage/password-3"
stage_ctl --state "$stage/ctl-2" staff password --password-file "$stage/password-3" \
	<"$stage/password-2" >>"$stage/ctl.log" || stage_fail "staff password"
! stage_ctl --state "$stage/ctl-2" notice list >>"$stage/ctl.log" 2>&1 || stage_fail "the old session goes on"
stage_ctl --state "$stage/ctl-2" login 花子 --password-file "$stage/password-3" >>"$stage/ctl.log" ||
	stage_fail "login with the new password"
stage_ctl staff password 花子 | grep -q '^password: ' || stage_fail "a new password for the second person"

stage_ctl doctor >"$stage/doctor.txt" || stage_fail "doctor: $(cat "$stage/doctor.txt")"
stage_display_stop
stage_sync_stop
stage_city_stop
! grep -h -i "runtime error\|AddressSanitizer\|LeakSanitizer" "$stage"/*.log || stage_fail "errors in the logs"
