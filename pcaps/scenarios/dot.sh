# DNS over TLS: a forwarder with its long-lived connections, and programs that open their own.
source "$HERE/dns_common.sh"
packages="$dns_packages dnsdist"
captures="dot.pcap"

run_scenario() {
	local i
	two_hosts $resolver_address $other_resolver_address
	resolver s
	capture c eth0 dot.pcap
	forwarder c "address='$resolver_address:853', tls='openssl', subjectName='dns.google', caStore='$DIR/ca.pem'"
	ask c 127.0.0.1 "$(q 300 60)"
	for i in $(seq "$(q 6 2)"); do
		ask_in_one_go c $((i * 2)) $((i * 20)) @$other_resolver_address +tls-ca="$DIR/ca.pem" \
			+tls-hostname=cloudflare-dns.com +keepopen >>"$DIR/answers"
	done
	stop_captures
}
