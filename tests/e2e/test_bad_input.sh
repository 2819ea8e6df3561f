#!/bin/sh
# Bad input gets a located error and an exit status, and changes nothing.
set -eu
# shellcheck source=stage.sh
. "$(dirname "$0")/stage.sh"

stage_begin
stage_city_init
stage_city_start
stage_login

good=$EKIMAE_SOURCE/assets/demo/pushed.json
plan=$EKIMAE_SOURCE/assets/plan/plan.json
before=$(curl -sf "$city_url/api/v1/health" | jq -c '[.version, .timestamp]')

# refused STATUS PATTERN COMMAND…: fails with this exit status and says where.
refused() {
	expected=$1
	pattern=$2
	shift 2
	status=0
	"$@" >"$stage/out" 2>"$stage/error" || status=$?
	[ "$status" -eq "$expected" ] ||
		stage_fail "$*: exit $status, expected $expected: $(cut -c1-300 "$stage/error")"
	grep -q "$pattern" "$stage/error" ||
		stage_fail "$*: no \"$pattern\" in: $(cut -c1-300 "$stage/error")"
	[ "$(wc -c <"$stage/error")" -lt 2000 ] || stage_fail "$*: the error is too long"
}

# A notice whose end comes before its beginning.
jq '.from = "2027-01-01T00:00:00+09:00" | .until = "2026-01-01T00:00:00+09:00"' "$good" >"$stage/bad.json"
refused 65 'until' stage_ctl notice add "$stage/bad.json"

# A title of 10 MB.
{
	printf '{"format": "ekimae.notice/1", "id": "x", "title": "'
	head -c 10000000 /dev/zero | tr '\0' a
	printf '"}'
} >"$stage/bad.json"
refused 65 'bad.json' stage_ctl notice add "$stage/bad.json"

# A title over its length.
jq '.title = ("あ" * 101)' "$good" >"$stage/bad.json"
refused 65 'bad.json: title' stage_ctl notice add "$stage/bad.json"

# A reading that nothing ends.
jq '.body = "駅前《えきまえの広場"' "$good" >"$stage/bad.json"
refused 65 'bad.json: body: character 3: 《' stage_ctl notice add "$stage/bad.json"

# A duration of 9999999999999 seconds.
jq '.dwell_s = 9999999999999' "$good" >"$stage/bad.json"
refused 65 'bad.json: dwell_s' stage_ctl notice add "$stage/bad.json"

# Truncated JSON.
head -c 200 "$good" >"$stage/bad.json"
refused 65 'bad.json:.*line' stage_ctl notice add "$stage/bad.json"

# An unknown key, a wrong type, a file that is not there.
jq '.colour = "red"' "$good" >"$stage/bad.json"
refused 65 'bad.json: unknown key "colour"' stage_ctl notice add "$stage/bad.json"
jq '.weight = "heavy"' "$good" >"$stage/bad.json"
refused 65 'bad.json: weight' stage_ctl notice add "$stage/bad.json"
refused 66 'nowhere.json' stage_ctl notice add "$stage/nowhere.json"

# A plan with a wrong type, for staff, for the renderer and for the display.
jq '.initiatives[0].indicator.series[0].target.value = "many"' "$plan" >"$stage/plan.json"
place='plan.json: initiatives\[0\].indicator.series\[0\].target.value'
refused 65 "$place" stage_ctl plan publish "$stage/plan.json"
refused 65 "$place" "$EKIMAE_BIN/ekimae-render" --plan "$stage/plan.json" --list

# The server holds the same line against who goes around the command.
token=$(cat "$stage/ctl/token")
put() {
	curl -s -o "$stage/answer" -w '%{http_code}' -X PUT --data-binary @"$1" \
		-H "Authorization: Bearer $token" -H 'Content-Type: application/json' \
		"$city_url/api/v1/notices/sample-pushed"
}
jq '.dwell_s = 9999999999999' "$good" >"$stage/bad.json"
[ "$(put "$stage/bad.json")" = 400 ] || stage_fail "the server took a wrong dwell: $(cat "$stage/answer")"
jq -e '.error | test("dwell_s")' "$stage/answer" >/dev/null || stage_fail "$(cat "$stage/answer")"

after=$(curl -sf "$city_url/api/v1/health" | jq -c '[.version, .timestamp]')
[ "$before" = "$after" ] || stage_fail "bad input changed what is published: $before, $after"
stage_ctl --json notice list | jq -e '.notices == []' >/dev/null || stage_fail "a bad notice was kept"

# Readings are for the screen: a list has the title without them.
jq '.title = "駅前《えきまえ》の｜お知らせ《おしらせ》"' "$good" >"$stage/good.json"
stage_ctl notice add "$stage/good.json" || stage_fail "readings were refused"
stage_ctl notice list | grep -q "駅前のお知らせ" || stage_fail "the list: $(stage_ctl notice list)"
