# shellcheck shell=sh
# Servers of others between city and box, on loopback: to be sourced after stage.sh, whose
# stage_end stops them.
#
#   nginx_start BLOCKS      nginx with these server blocks, @PORT@ in them being $nginx_port
#   nginx_become BLOCKS     the running one has these from now on
#   nginx_logged REGEX      whether it has answered so: METHOD PATH STATUS RANGE ENCODING PROTOCOL
#   tinyproxy_start         a forward proxy at $tinyproxy_port, its log in $stage/tinyproxy.log
# shellcheck disable=SC2154 # $stage is stage.sh's

# Sets $free_port to a port where nobody listens; below those that the system hands out.
web_free_port() {
	while :; do
		free_port=$(($(od -An -N2 -tu2 /dev/urandom) % 12000 + 20000))
		status=0
		curl -s -o /dev/null "http://127.0.0.1:$free_port/" || status=$?
		[ "$status" -ne 7 ] || return 0
	done
}

nginx_configure() {
	user=
	[ "$(id -u)" -ne 0 ] || user="user root;"
	cat >"$stage/nginx/nginx.conf" <<END
daemon off;
$user
pid $stage/nginx/pid;
error_log $stage/nginx.log warn;
events { worker_connections 64; }
http {
	log_format told '\$request_method \$uri \$status [\$http_range] [\$sent_http_content_encoding] \$server_protocol';
	access_log $stage/nginx/access told;
	client_body_temp_path $stage/nginx/body;
	proxy_temp_path $stage/nginx/proxied;
	fastcgi_temp_path $stage/nginx/fastcgi;
	uwsgi_temp_path $stage/nginx/uwsgi;
	scgi_temp_path $stage/nginx/scgi;
	types { application/json json; image/png png; image/jpeg jpg; }
	$(printf '%s\n' "$1" | sed "s/@PORT@/$nginx_port/g")
}
END
}

nginx_answers() {
	kill -0 "$nginx_pid" && {
		status=0
		curl -s -o /dev/null "http://127.0.0.1:$nginx_port/" || status=$?
		[ "$status" -ne 7 ]
	}
}

# A port that was free a moment ago may be somebody's now: then another.
nginx_start() {
	mkdir -p "$stage/nginx"
	tries=5
	while [ "$tries" -gt 0 ]; do
		web_free_port
		nginx_port=$free_port
		nginx_configure "$1"
		/usr/sbin/nginx -p "$stage/nginx" -c "$stage/nginx/nginx.conf" -e "$stage/nginx.log" &
		nginx_pid=$!
		if stage_wait 2 nginx_answers; then
			return 0
		fi
		stage_kill "$nginx_pid"
		tries=$((tries - 1))
	done
	stage_fail "nginx did not start"
}

nginx_become() {
	nginx_configure "$1"
	kill -HUP "$nginx_pid"
}

nginx_logged() {
	grep -q "$1" "$stage/nginx/access"
}

tinyproxy_answers() {
	kill -0 "$tinyproxy_pid" && curl -s -o /dev/null "http://127.0.0.1:$tinyproxy_port/"
}

tinyproxy_start() {
	tries=5
	while [ "$tries" -gt 0 ]; do
		web_free_port
		tinyproxy_port=$free_port
		cat >"$stage/tinyproxy.conf" <<END
Port $tinyproxy_port
Listen 127.0.0.1
Timeout 60
MaxClients 20
LogLevel Connect
LogFile "$stage/tinyproxy.log"
END
		tinyproxy -d -c "$stage/tinyproxy.conf" >/dev/null 2>&1 &
		tinyproxy_pid=$!
		if stage_wait 2 tinyproxy_answers; then
			return 0
		fi
		stage_kill "$tinyproxy_pid"
		tries=$((tries - 1))
	done
	stage_fail "tinyproxy did not start"
}
