# DNS over HTTPS (HTTP/2): a forwarder with its long-lived connections, programs that ask a few questions over a
# connection of their own, and a client that uses DoH for the one name that it needs. The server is called dns.google
# and cloudflare-dns.com, because nDPI knows DoH by the name of the server.
source "$HERE/dns_common.sh"
packages="$dns_packages dnsdist curl"
captures="doh.pcap"

run_scenario() {
	local i
	names $resolver_address dns.google
	names $other_resolver_address cloudflare-dns.com mozilla.cloudflare-dns.com
	two_hosts $resolver_address $other_resolver_address
	resolver s
	capture c eth0 doh.pcap net 203.0.113.0/24
	forwarder c "address='$resolver_address:443', tls='openssl', subjectName='dns.google', caStore='$DIR/ca.pem', dohPath='/dns-query'"
	ask c 127.0.0.1 "$(q 300 60)"
	for i in $(seq "$(q 6 2)"); do
		ask_in_one_go c $((i * 2)) $((i * 20)) @cloudflare-dns.com +https +tls-ca="$DIR/ca.pem" \
			+tls-hostname=cloudflare-dns.com +keepopen >>"$DIR/answers"
	done
	for i in $(seq "$(q 4 2)"); do
		# The web server behind the name does not exist; the capture leaves the attempt to reach it out.
		as sam c curl -s --cacert "$DIR/ca.pem" --doh-url https://mozilla.cloudflare-dns.com/dns-query \
			--connect-timeout 2 "http://www.$(sed -n "${i}p" "$DIR/domains")/" >/dev/null || true
	done
	stop_captures
}
