#!/bin/sh
# The line as an operator builds it: nginx with TLS and HTTP/2 before the city, a CA of one's
# own that the courier has pinned, a forward proxy, and one that cuts whoever waits for news.
set -eu
# shellcheck source=stage.sh
. "$(dirname "$0")/stage.sh"
# shellcheck source=web.sh
. "$(dirname "$0")/web.sh"

# Where the test runs, the environment may name proxies: the configuration counts.
unset http_proxy https_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY all_proxy no_proxy NO_PROXY
stage_begin

# make_ca NAME; make_certificate NAME CA DAYS SUBJECT-ALT-NAMES
make_ca() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
		-keyout "$stage/$1.key" -out "$stage/$1.pem" -subj "/CN=$1" 2>>"$stage/openssl.log"
}
make_certificate() {
	openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
		-keyout "$stage/$1.key" -out "$stage/$1.csr" -subj "/CN=$1" \
		-addext "subjectAltName=$4" 2>>"$stage/openssl.log" &&
		openssl x509 -req -in "$stage/$1.csr" -CA "$stage/$2.pem" -CAkey "$stage/$2.key" \
			-days "$3" -copy_extensions copy -out "$stage/$1.crt" 2>>"$stage/openssl.log"
}
make_ca ca
make_ca other-ca
make_certificate good ca 2 DNS:city.localhost,IP:127.0.0.1
make_certificate expired ca 0 DNS:expired.localhost # it ends with the second it began in

stage_city_init
stage_city_start
stage_login
stage_enrol tanashi-1 "田無駅前"

# blocks PATIENCE: the servers; an answer that takes nginx longer than that is cut.
blocks() {
	cat <<END
upstream ekimae {
	server 127.0.0.1:$city_port;
	keepalive 8;
}
server {
	listen 127.0.0.1:@PORT@ ssl http2 default_server;
	server_name city.localhost;
	ssl_certificate $stage/good.crt;
	ssl_certificate_key $stage/good.key;
	client_max_body_size 12m;
	location / {
		proxy_pass http://ekimae;
		proxy_http_version 1.1;
		proxy_set_header Connection "";
		proxy_set_header Host \$host;
		proxy_read_timeout $1;
	}
}
server {
	listen 127.0.0.1:@PORT@ ssl http2;
	server_name expired.localhost;
	ssl_certificate $stage/expired.crt;
	ssl_certificate_key $stage/expired.key;
}
END
}
nginx_start "$(blocks 1s)"
city=https://city.localhost:$nginx_port

# settings NAME URL [LINE…]: $stage/NAME.conf, for a box with folders of its own.
settings() {
	name=$1
	url=$2
	shift 2
	sed -e "s#^url = .*#url = $url#" -e "s#box/inbox#$name/inbox#;s#box/outbox#$name/outbox#" \
		"$stage/sync.conf" >"$stage/$name.conf"
	for line; do
		sed -i "s#^url = .*#&\n$line#" "$stage/$name.conf"
	done
	mkdir -p "$stage/$name"
}

# A courier that runs all the while: at first its waits for news are cut after a second.
settings running "$city" "ca_file = $stage/ca.pem" "poll = 1"
"$EKIMAE_BIN/ekimae-sync" --config "$stage/running.conf" >>"$stage/sync.log" 2>&1 &
# shellcheck disable=SC2034 # stage_end stops it
sync_pid=$!
handed_over() {
	[ "$(grep -c "handed over" "$stage/sync.log")" -ge "$1" ]
}
stage_wait 20 handed_over 1 || stage_fail "nothing came over TLS with a pinned CA"
nginx_logged 'timestamp.json 200 .* HTTP/2.0$' || stage_fail "that was not HTTP/2"

once() {
	"$EKIMAE_BIN/ekimae-sync" --config "$stage/$1.conf" --once >"$stage/$1.txt" 2>&1
}
# refused NAME: it ends as what is not to be trusted (docs/operations.md), and nothing came.
refused() {
	status=0
	once "$1" || status=$?
	[ "$status" -eq 65 ] || stage_fail "$1: exit $status: $(cat "$stage/$1.txt")"
	grep -q "SSL peer certificate" "$stage/$1.txt" || stage_fail "$1: $(cat "$stage/$1.txt")"
	[ ! -e "$stage/$1/inbox/current" ] || stage_fail "$1: something came"
}
settings unpinned "$city"
refused unpinned
settings another-ca "$city" "ca_file = $stage/other-ca.pem"
refused another-ca
settings another-host "https://other.localhost:$nginx_port" "ca_file = $stage/ca.pem"
refused another-host
settings too-old "https://expired.localhost:$nginx_port" "ca_file = $stage/ca.pem"
refused too-old
! grep -q 'other.localhost\|expired.localhost' "$stage/nginx/access" || stage_fail "asked all the same"

# Nothing turns it off: no key, no option, and no line of the source.
for key in verify insecure verify_peer tls_verify; do
	settings switch "$city" "$key = no"
	status=0
	once switch || status=$?
	[ "$status" -eq 78 ] || stage_fail "key $key: exit $status"
done
status=0
"$EKIMAE_BIN/ekimae-sync" --config "$stage/running.conf" --insecure >/dev/null 2>&1 || status=$?
[ "$status" -eq 64 ] || stage_fail "--insecure: exit $status"
! grep -rn "SSL_VERIFY" "$EKIMAE_SOURCE/daemon" || stage_fail "verification is meddled with"

# The command has the same client.
sed -e "s#^url = .*#url = $city\nca_file = $stage/other-ca.pem#" "$stage/ctl.conf" >"$stage/ctl-tls.conf"
status=0
"$EKIMAE_BIN/ekimaectl" --config "$stage/ctl-tls.conf" notice list >"$stage/ctl-tls.txt" 2>&1 || status=$?
[ "$status" -eq 65 ] || stage_fail "ekimaectl: exit $status: $(cat "$stage/ctl-tls.txt")"
sed -i "s#other-ca.pem#ca.pem#" "$stage/ctl-tls.conf"
"$EKIMAE_BIN/ekimaectl" --config "$stage/ctl-tls.conf" notice list >"$stage/ctl-tls.txt" 2>&1 ||
	stage_fail "ekimaectl: $(cat "$stage/ctl-tls.txt")"

# By a forward proxy: TLS through CONNECT, plain HTTP by its full address, and never past it. It
# resolves names itself, and a machine need not know "localhost": so the city has an address.
tinyproxy_start
settings connect "https://127.0.0.1:$nginx_port" "ca_file = $stage/ca.pem" \
	"proxy = http://127.0.0.1:$tinyproxy_port"
once connect || stage_fail "by a proxy: $(cat "$stage/connect.txt")"
[ -e "$stage/connect/inbox/current" ] || stage_fail "nothing came by the proxy"
grep -q "CONNECT 127.0.0.1:$nginx_port" "$stage/tinyproxy.log" || stage_fail "that was not by the proxy"
settings forward "$city_url" "proxy = http://127.0.0.1:$tinyproxy_port"
once forward || stage_fail "by a proxy: $(cat "$stage/forward.txt")"
[ -e "$stage/forward/inbox/current" ] || stage_fail "nothing came by the proxy"
grep -q "GET $city_url/repository/metadata/timestamp.json" "$stage/tinyproxy.log" ||
	stage_fail "that was not by the proxy"
settings man-in-the-middle "https://127.0.0.1:$nginx_port" "ca_file = $stage/other-ca.pem" \
	"proxy = http://127.0.0.1:$tinyproxy_port"
refused man-in-the-middle
web_free_port
settings no-proxy "$city_url" "proxy = http://127.0.0.1:$free_port"
! once no-proxy || stage_fail "it went past a proxy that is not there"

# The courier has given up waiting meanwhile, and hears of news all the same.
stage_wait 20 grep -q "waiting for news does not work" "$stage/sync.log" ||
	stage_fail "the courier did not notice that its waits are cut"
nginx_logged '/news 504' || stage_fail "no wait was cut"
stage_notice "$EKIMAE_SOURCE/assets/demo/pushed.json" "$stage/polled.json" polled
stage_publish "$stage/polled.json" polled
stage_wait 10 handed_over 2 || stage_fail "polling brought no news"
# Once the proxy lets it wait, it does so again, by itself.
nginx_become "$(blocks 75s)"
stage_wait 30 grep -q "trying again to wait for news" "$stage/sync.log" ||
	stage_fail "the courier does not come back to waiting"
stage_notice "$EKIMAE_SOURCE/assets/demo/pushed.json" "$stage/waited.json" waited
stage_publish "$stage/waited.json" waited
stage_wait 10 handed_over 3 || stage_fail "waiting brought no news"
[ "$(grep -c "waiting for news does not work" "$stage/sync.log")" -eq 1 ] ||
	stage_fail "the courier gave up waiting again"

stage_sync_stop
stage_city_stop
! grep -h -i "runtime error\|AddressSanitizer\|LeakSanitizer" "$stage"/*.log "$stage"/*.txt ||
	stage_fail "errors in the logs"
