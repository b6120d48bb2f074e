# One resolver and one list of questions, asked over plain DNS, DNS over TLS and DNS over HTTPS.

dns_packages="unbound knot-dnsutils"
resolver_address=203.0.113.8
other_resolver_address=203.0.113.1

# resolver NS: Unbound with the zones of names.py, on ports 53, 853 and 443.
resolver() {
	local domain
	certificates dns.google dns.google.com cloudflare-dns.com mozilla.cloudflare-dns.com
	mkdir -p "$DIR/zones"
	/usr/bin/python3 "$HERE/names.py" zones "$DIR/zones" >"$DIR/domains"
	{
		cat <<-EOF
		server:
		    chroot: ""
		    username: ""
		    pidfile: ""
		    directory: "$DIR"
		    use-syslog: no
		    do-daemonize: no
		    module-config: "iterator"
		    access-control: 0.0.0.0/0 allow
		    tls-service-key: $DIR/key.pem
		    tls-service-pem: $DIR/chain.pem
		    local-zone: "root-servers.net." static
		    local-data: "a.root-servers.net. A 198.41.0.4"
		EOF
		for address in $resolver_address $other_resolver_address; do
			printf '    interface: %s@%d\n' $address 53 $address 853 $address 443
		done
		printf 'remote-control:\n    control-enable: no\n'
		while read -r domain; do
			printf 'auth-zone:\n    name: "%s."\n    zonefile: "%s"\n' "$domain" "$DIR/zones/$domain.zone"
			printf '    for-downstream: no\n    for-upstream: yes\n    fallback-enabled: no\n'
		done <"$DIR/domains"
	} >"$DIR/unbound.conf"
	daemon unbound "$1" unbound -d -c "$DIR/unbound.conf"
	wait_port unbound "$1" tcp 53
	wait_port unbound "$1" tcp 443
}

# ask NS SERVER COUNT: the first COUNT questions of the plan, each by a kdig of its own, as applications ask.
ask() {
	local wait name kind
	/usr/bin/python3 "$HERE/names.py" plan "$3" >"$DIR/plan"
	while read -r wait name kind; do
		sleep "$wait"
		as sam "$1" kdig "@$2" +timeout=3 +retry=2 "$name" "$kind" >>"$DIR/answers" 2>&1 &
	done <"$DIR/plan"
	sleep 4
	grep -c 'status: NOERROR' "$DIR/answers" >"$DIR/answered" || true
	[ "$(cat "$DIR/answered")" -ge $(($3 * 8 / 10)) ] || { echo "only $(cat "$DIR/answered") answers of $3"; return 1; }
}

# forwarder NS UPSTREAM: dnsdist as the resolver of the host itself, with UPSTREAM (the arguments of newServer).
forwarder() {
	cat >"$DIR/dnsdist.conf" <<-EOF
	setLocal("127.0.0.1:53")
	setACL("127.0.0.0/8")
	setSecurityPollSuffix("")
	newServer{name="upstream", checkInterval=10, $2}
	EOF
	daemon dnsdist "$1" dnsdist --supervised --disable-syslog -C "$DIR/dnsdist.conf"
	wait_port dnsdist "$1" udp 53
}

# ask_in_one_go NS COUNT FIRST KDIG-OPTION...: COUNT questions of the plan from number FIRST on, over one connection.
ask_in_one_go() {
	local ns=$1 count=$2 first=$3
	shift 3
	as sam "$ns" kdig "$@" $(/usr/bin/python3 "$HERE/names.py" plan $((first + count)) | tail -n "$count" | cut -d' ' -f2-)
}
