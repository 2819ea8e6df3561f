#!/bin/sh
# Results by year: entered, corrected, exported and imported by staff, shown to who signs, on the
# screen only after that, and open to everybody.
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

result() {
	stage_ctl plan result "$@"
}
refused() {
	part=$1
	shift
	! result "$@" >"$stage/refused.txt" 2>&1 || stage_fail "accepted: $*"
	grep -q "$part" "$stage/refused.txt" || stage_fail "$(cat "$stage/refused.txt")"
}
# Writes the plan that the screen has verified and shows.
shown() {
	trusted=$stage/box/state/trusted
	set_name=$(cat "$trusted/current")
	hash=$(jq -r '.signed.targets["plan.json"].hashes.sha256' "$trusted/sets/$set_name/targets.json")
	cp "$trusted/objects/$hash" "$stage/shown.json"
}
# shows INITIATIVE INDEX-OF-SERIES YEAR VALUE
shows() {
	shown && [ "$(jq ".initiatives[] | select(.number == $1) | .indicator.series[$2].results // [] |
		any(.fiscal_year == $3 and .value == $4)" "$stage/shown.json")" = true ]
}

result set 1 --fiscal-year R6 --value 171000 --source "令和6年度 事務報告書" --note 速報 \
	>>"$stage/ctl.log" || stage_fail "set"
result set 1 --fiscal-year 令和6 --value 171500 --source "令和6年度 事務報告書" --note 確定 \
	>"$stage/set.txt" || stage_fail "set again"
grep -q '171000 → 171500' "$stage/set.txt" || stage_fail "$(cat "$stage/set.txt")"
result set 15 --series RPA --fiscal-year 2024 --value 9 --source 事務報告書 >>"$stage/ctl.log" ||
	stage_fail "set of one of two figures"
refused "the plan says: 随時対応" set 17 --fiscal-year 2024 --value 1 --source 報告書
refused "a roadmap by year" set 18 --fiscal-year 2024 --value 1 --source 報告書
refused "name one of AI-OCR, RPA" set 15 --fiscal-year 2024 --value 1 --source 報告書
refused "has not ended" set 1 --fiscal-year "$(date -u -d '1 year' +%Y)" --value 1 --source 報告書
refused "expected a fiscal year" set 1 --fiscal-year 6 --value 1 --source 報告書
refused "expected a whole number" set 1 --fiscal-year 2024 --value 12枚 --source 報告書
[ "$(result list --history --format json --initiative 1 | jq '.results | length')" -eq 2 ] ||
	stage_fail "the history lost a row"
result list | grep -q '^15 *RPA *令和6年度 *9 ' || stage_fail "$(result list)"

# The file comes back as Excel saves it: filled in, some with thousands separators, CRLF.
result export >"$stage/results.csv"
head -c 3 "$stage/results.csv" | od -An -tx1 | grep -q 'ef bb bf' || stage_fail "CSV without BOM"
sed 's/,2,\(.*\),2025,令和7年度,,,,,/,2,\1,2025,令和7年度,"20,500,000",広報概要,,,/' \
	"$stage/results.csv" >"$stage/filled.csv"
result import "$stage/filled.csv" --dry-run >"$stage/import.txt" || stage_fail "preview"
grep -q '20500000 *広報概要' "$stage/import.txt" || stage_fail "$(cat "$stage/import.txt")"
grep -q '^1 to enter, 2 as before' "$stage/import.txt" || stage_fail "$(cat "$stage/import.txt")"
! result list | grep -q 20500000 || stage_fail "the preview entered something"
sed 's/"20,500,000"/20百万/' "$stage/filled.csv" >"$stage/wrong.csv"
refused "line [0-9]*, 実績値: expected a whole number" import "$stage/wrong.csv"
result import "$stage/filled.csv" >>"$stage/ctl.log" || stage_fail "import"
result list | grep -q '^2 .*20500000 ' || stage_fail "$(result list)"

# Nothing of it is on a screen, or open, before it is signed; who signs sees every figure.
stage_wait 30 shown || stage_fail "the screen has no plan"
! shows 1 0 2024 171500 || stage_fail "shown unsigned"
! curl -sf "$city_url/api/v1/indicators.csv" | grep -q 171500 || stage_fail "open unsigned"
result publish >"$stage/publish.txt" || stage_fail "publish"
for line in '^+ result 1 マイナンバーカード交付枚数 令和6年度 (2024): 171500枚' \
	'^+ result 15 .* RPA 令和6年度 (2024): 9件' \
	'^+ result 2 .*令和7年度 (2025): 20500000件' 'count of notices shown: none → '; do
	grep -q "$line" "$stage/publish.txt" || stage_fail "$line: $(cat "$stage/publish.txt")"
done
[ "$(grep -c '^[-+~]' "$stage/publish.txt")" -eq 3 ] || stage_fail "$(cat "$stage/publish.txt")"
stage_wait 30 shows 1 0 2024 171500 || stage_fail "the screen does not show the result"
shows 15 1 2024 9 || stage_fail "the screen does not show RPA"

# The slide draws it: more to read, and all of it fits.
characters() {
	"$EKIMAE_BIN/ekimae-render" --plan "$1" --slide initiative/1 --size 1920x1080 \
		--out "$stage/slide.png" --report | jq 'if .overflow then -1 else .characters end'
}
before=$(characters "$EKIMAE_SOURCE/assets/plan/plan.json")
[ "$(characters "$stage/shown.json")" -gt 0 ] || stage_fail "the slide overflows"
[ "$(characters "$stage/shown.json")" -ne "$before" ] || stage_fail "the slide is as before"

# Initiative 4 says how many notices were shown so far; that is no result of a year.
fetch_programme() {
	hash=$(jq -r '.signed.targets["programme.json"].hashes.sha256' \
		"$trusted/sets/$set_name/targets.json")
	cp "$trusted/objects/$hash" "$stage/programme.json"
}
fetch_programme
[ "$(jq .count.notices "$stage/programme.json")" -eq 0 ] || stage_fail "no count went out"
draw() {
	"$EKIMAE_BIN/ekimae-render" --plan "$stage/shown.json" --slide initiative/4 --size 1920x1080 \
		--now "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$@" || stage_fail "draw"
}
draw --out "$stage/without.png"
draw --out "$stage/with.png" --programme "$stage/programme.json"
! cmp -s "$stage/without.png" "$stage/with.png" || stage_fail "the slide does not show the count"

curl -sf "$city_url/api/v1/indicators.csv" >"$stage/open.csv" || stage_fail "open data"
grep -q '^132292,1,.*,2024,令和6年度,実績,171500,枚,令和6年度 事務報告書' "$stage/open.csv" ||
	stage_fail "$(cat "$stage/open.csv")"
[ "$(curl -sf "$city_url/api/v1/indicators" |
	jq '[.indicators[].series[].figures[] | select(.kind == "result")] | length')" -eq 3 ] ||
	stage_fail "open data as JSON"

# A withdrawn result leaves the screen with the next publication, and stays in the history.
refused "usage" withdraw 15 --series RPA --fiscal-year 2024
result withdraw 15 --series RPA --fiscal-year 2024 --note 集計の誤り >>"$stage/ctl.log" ||
	stage_fail "withdraw"
result publish >"$stage/publish.txt" || stage_fail "publish again"
grep -q '^- result 15 .* RPA' "$stage/publish.txt" || stage_fail "$(cat "$stage/publish.txt")"
gone() {
	shown && ! shows 15 1 2024 9
}
stage_wait 30 gone || stage_fail "the withdrawn result stayed"
result list --history >"$stage/history.txt" || stage_fail "history"
grep -q '取下げ' "$stage/history.txt" || stage_fail "the history forgot the withdrawal"
! grep '171500 *–' "$stage/history.txt" || stage_fail "what is on the screens is told not to be"
result publish >"$stage/publish.txt" || stage_fail "publish without a change"
grep -q "nothing in the plan changes" "$stage/publish.txt" || stage_fail "$(cat "$stage/publish.txt")"

# A plan that is published anew keeps the results that were entered.
stage_ctl plan publish "$EKIMAE_SOURCE/assets/plan/plan.json" >"$stage/publish.txt" ||
	stage_fail "plan publish"
grep -q "nothing in the plan changes" "$stage/publish.txt" || stage_fail "$(cat "$stage/publish.txt")"

stage_display_stop
stage_sync_stop
stage_city_stop
! grep -h -i "error:\|runtime error\|AddressSanitizer\|LeakSanitizer" "$stage"/*.log || stage_fail "errors in the logs"
