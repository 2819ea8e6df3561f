#!/bin/sh
# The repository is plain files: nginx, which knows nothing of Ekimae, serves the same folder.
# It has no long poll, so the courier asks now and then.
set -eu
# shellcheck source=stage.sh
. "$(dirname "$0")/stage.sh"
# shellcheck source=web.sh
. "$(dirname "$0")/web.sh"

STAGE_DWELL=2
stage_begin
stage_city_init
stage_city_start
stage_login
stage_enrol tanashi-1 "田無駅前"
nginx_start "server {
	listen 127.0.0.1:@PORT@;
	gzip on;
	gzip_types application/json;
	gzip_min_length 100;
	location /repository/ { alias $stage/city/state/repository/; }
}"
stage_proxy_start "$nginx_port"
sed -i 's/^url = .*/&\npoll = 1/' "$stage/sync.conf"
stage_sync_start
stage_display_start --windowed 400x225
stage_wait 30 grep -q "showing " "$stage/display.log" || stage_fail "nothing was shown"

# What a proxy or server can save the line is saved.
nginx_logged 'targets.json 200 \[-\] \[gzip\]' || stage_fail "metadata came as it is, not packed"
stage_wait 30 grep -q "waiting for news does not work" "$stage/sync.log" ||
	stage_fail "the courier still waits for news"
stage_wait 30 nginx_logged 'timestamp.json 304' ||
	stage_fail "a timestamp that is known already was sent again"

# A picture of some 500 KB on a line that carries less at a time: none of it comes twice.
cp "$EKIMAE_SOURCE/docs/images/contact-sheet.png" "$stage/large.png"
sed -e 's/"weight": 5/"weight": 10, "dwell_s": 5, "picture": {"file": "large.png", "alt": "画面の一覧"}/' \
	"$EKIMAE_SOURCE/assets/demo/pushed.json" >"$stage/template.json"
stage_notice "$stage/template.json" "$stage/e2e-nginx.json" e2e-nginx
stage_fault cut 150000
stage_publish "$stage/e2e-nginx.json" e2e-nginx
stage_wait 30 nginx_logged 'media/.* 206 \[bytes=[1-9]' ||
	stage_fail "the picture did not go on where it was cut"
stage_fault none
stage_wait 30 stage_shown notice/e2e-nginx || stage_fail "the notice was not shown"

! grep "refused" "$stage/display.log" || stage_fail "something invalid reached the display"
stage_display_stop
stage_sync_stop
stage_city_stop
! grep -h -i "error:\|runtime error\|AddressSanitizer\|LeakSanitizer" "$stage"/*.log ||
	stage_fail "errors in the logs"
