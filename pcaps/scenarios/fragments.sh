# An SSH session across a link whose MTU is 576, with path MTU discovery off: the kernels of the routers fragment what
# is longer. fragments.pcap is that link; fragments-bare.pcap is what the two hosts sent, before any router saw it.
# Then pings of 3,000 bytes over IPv4, which the sender fragments itself.
source "$HERE/ssh_common.sh"
packages="$ssh_packages wireshark-common iputils-ping"
captures="fragments.pcap fragments-bare.pcap"

run_scenario() {
	local ns
	host c laptop
	host r1 gateway
	host r2 router
	host s server
	wan c eth0 r1 lan0 --delay 14 --jitter 1.5 --loss 0 --rate 20
	cable r1 wan0 r2 wan0 576
	cable r2 lan0 s eth0
	for ns in c s; do on $ns sysctl -qw net.ipv4.ip_no_pmtu_disc=1; done
	on c ip address add 192.168.7.23/24 dev eth0
	on r1 ip address add 192.168.7.1/24 dev lan0
	on r1 ip address add 10.50.1.1/30 dev wan0
	on r2 ip address add 10.50.1.2/30 dev wan0
	on r2 ip address add 198.51.100.1/24 dev lan0
	on s ip address add 198.51.100.22/24 dev eth0
	on c ip route add default via 192.168.7.1
	on r1 ip route add default via 10.50.1.2
	on r2 ip route add default via 10.50.1.1
	on s ip route add default via 198.51.100.1
	ssh_server s 22
	random_file /home/sam/photo.jpg 40000

	cat >"$DIR/keys" <<-'EOF'
	1.0 cat project/logs/worker.log\r
	1.2 ls -lR\r
	1.0 exit\r
	EOF
	chmod a+r "$DIR/keys"
	capture c eth0 sent-by-client.pcap -Q out tcp
	capture s eth0 sent-by-server.pcap -Q out tcp
	capture r1 wan0 fragments.pcap
	ssh_session c 198.51.100.22 "$DIR/keys"
	as sam c scp -q -F ssh_config photo.jpg 198.51.100.22:photo.jpg
	on c ping -q -c 3 -i 0.4 -s 3000 198.51.100.22
	stop_captures
	mergecap -F pcap -w "$DIR/out/fragments-bare.pcap" "$DIR/out/sent-by-client.pcap" "$DIR/out/sent-by-server.pcap"
}
