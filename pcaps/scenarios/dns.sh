# Plain DNS: every question a flow of its own over UDP, and a few over TCP.
source "$HERE/dns_common.sh"
packages="$dns_packages"
captures="dns.pcap"

run_scenario() {
	two_hosts $resolver_address $other_resolver_address
	resolver s
	capture c eth0 dns.pcap
	ask c $resolver_address "$(q 300 60)"
	ask_in_one_go c 6 10 @$resolver_address +tcp +keepopen >>"$DIR/answers"
	ask_in_one_go c 1 40 @$other_resolver_address +tcp >>"$DIR/answers"
	stop_captures
}
