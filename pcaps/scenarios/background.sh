# What any network carries: DNS, NTP by chrony, ping over IPv4 and IPv6 (and to an address that nobody has), multicast
# DNS by avahi, neighbour discovery and multicast listener reports by the kernel.
source "$HERE/dns_common.sh"
packages="$dns_packages chrony avahi-daemon iputils-ping"
captures="background.pcap"

# clock NS NAME LINE...: chronyd that never touches this machine's clock (-x).
clock() {
	local ns=$1 name=$2
	shift 2
	{
		printf '%s\n' "$@"
		printf 'pidfile %s/%s.pid\nbindcmdaddress /\ncmdport 0\n' "$DIR" "$name"
	} >"$DIR/$name.conf"
	daemon "$name" "$ns" chronyd -x -d -u root -f "$DIR/$name.conf"
}

# announcer NS NAME: avahi without D-Bus, telling the network of one service.
announcer() {
	cat >"$DIR/avahi-$2.conf" <<-EOF
	[server]
	host-name=$2
	enable-dbus=no
	use-ipv4=yes
	use-ipv6=yes
	allow-interfaces=eth0
	[publish]
	publish-hinfo=no
	publish-workstation=no
	EOF
	daemon "avahi-$2" "$1" unshare --mount bash -c "
		mkdir -p /run/avahi-daemon
		mount -t tmpfs tmpfs /run/avahi-daemon
		mount -t tmpfs tmpfs /etc/avahi/services
		echo '<service-group><name>Files on $2</name><service><type>_sftp-ssh._tcp</type><port>22</port></service></service-group>' >/etc/avahi/services/files.service
		exec avahi-daemon -f $DIR/avahi-$2.conf --no-drop-root --no-chroot --no-rlimits"
}

run_scenario() {
	local ns
	two_hosts $resolver_address $other_resolver_address 203.0.113.123
	resolver s
	capture c eth0 background.pcap
	for ns in c s; do on $ns sysctl -qw net.ipv6.conf.eth0.disable_ipv6=0; done
	on c ip address add 2001:db8:7::23/64 dev eth0
	on s ip address add 2001:db8:7::1/64 dev eth0
	clock s clock-server 'local stratum 2' 'allow'
	announcer c laptop
	announcer s server
	wait_port clock-server s udp 123
	clock c clock-client 'server 203.0.113.123 iburst minpoll 2 maxpoll 3'
	ask c $resolver_address "$(q 40 10)" &
	as sam c ping -q -c "$(q 10 3)" -i 0.5 198.51.100.99 || true
	on c ping -q -c "$(q 10 3)" -i 0.5 203.0.113.123
	on c ping -q -c "$(q 5 2)" -i 0.5 -s 1400 192.168.7.1
	on c ping -q -c "$(q 10 3)" -i 0.5 2001:db8:7::1
	wait $!
	sleep "$(q 12 3)"
	stop_captures
}
