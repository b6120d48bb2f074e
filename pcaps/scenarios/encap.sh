# Two SSH sessions (one over IPv4, one over IPv6) that cross seven links, each of which carries them in its own way.
# Every link is captured at once, so that every capture holds the same packets of the same two flows:
#
#   c --bare-- r1 --vlan-- r2 --qinq-- r3 --gre-- r4 --gretap-- r5 --vxlan-- r6 --vxlan6-- r7 --vxlan-frag-- s
#
# VXLAN is the kernel's device. VLAN, QinQ and GRE are Open vSwitch's user-space datapath, because a kernel may lack
# the devices 8021q and gre. The link to c has delay and loss, and is captured at r1's end, beyond which nothing is
# lost; transport networks have an MTU of 1600, save the last, where the outer packets become fragments.
source "$HERE/ssh_common.sh"
packages="$ssh_packages openvswitch-switch"
captures="encap-bare.pcap encap-vlan.pcap encap-qinq.pcap encap-gre.pcap encap-gretap.pcap encap-vxlan.pcap encap-vxlan6.pcap encap-vxlan-frag.pcap"

# switch NS: an Open vSwitch on that host, all in user space.
switch() {
	local dir=$DIR/ovs-$1
	mkdir -p "$dir"
	ovsdb-tool create "$dir/conf.db" /usr/share/openvswitch/vswitch.ovsschema
	OVS_RUNDIR=$dir daemon "ovsdb-$1" "$1" ovsdb-server --remote="punix:$dir/db.sock" --unixctl="$dir/ovsdb.ctl" "$dir/conf.db"
	within 10 "ovsdb on $1" test -S "$dir/db.sock"
	ovs "$1" --no-wait init
	OVS_RUNDIR=$dir daemon "vswitchd-$1" "$1" ovs-vswitchd --disable-system --unixctl="$dir/vswitchd.ctl" "unix:$dir/db.sock"
	ovs "$1" set Open_vSwitch . other_config:vlan-limit=2
}

# ovs NS COMMAND...: ovs-vsctl on that host's switch. flow NS BRIDGE FLOW: ovs-ofctl add-flow.
ovs() { on "$1" ovs-vsctl --timeout=20 --db="unix:$DIR/ovs-$1/db.sock" "${@:2}"; }
flow() { OVS_RUNDIR="$DIR/ovs-$1" on "$1" ovs-ofctl -O OpenFlow13 add-flow "unix:$DIR/ovs-$1/$2.mgmt" "$3"; }

# mac_of NS DEVICE
mac_of() { on "$1" ip -o link show dev "$2" | sed 's/.*link\/ether \([^ ]*\).*/\1/'; }

# bridge NS BRIDGE [PORT [ARGUMENT]...]: a user-space bridge, and a port of it.
bridge() {
	local ns=$1 bridge=$2
	shift 2
	ovs "$ns" add-br "$bridge" -- set bridge "$bridge" datapath_type=netdev
	[ $# = 0 ] || ovs "$ns" add-port "$bridge" "$@"
	on "$ns" ip link set "$bridge" up
}

# inner NS DEVICE HOP END: the addresses of an end (1 or 2) of the routed network that hop number HOP is to the flows.
inner() {
	on "$1" sysctl -qw "net.ipv6.conf.$2.disable_ipv6=0"
	on "$1" ip address add "10.50.$3.$4/30" dev "$2"
	on "$1" ip address add "2001:db8:50:$3::$4/64" dev "$2"
}

# tagged NS DEVICE HOP END TAGS: a bridge whose own side is untagged; DEVICE carries TAGS (vlan or qinq).
tagged() {
	bridge "$1" "br$3" "$2"
	ovs "$1" set interface "$2" ofport_request=1
	if [ "$5" = vlan ]; then
		ovs "$1" set port "br$3" tag=100 -- set port "$2" vlan_mode=trunk trunks=100
	else
		flow "$1" "br$3" "priority=10,in_port=LOCAL,actions=push_vlan:0x8100,set_field:4116->vlan_vid,push_vlan:0x88a8,set_field:4296->vlan_vid,output:1"
		flow "$1" "br$3" "priority=10,in_port=1,dl_vlan=200,actions=pop_vlan,resubmit(,1)"
		flow "$1" "br$3" "table=1,dl_vlan=20,actions=pop_vlan,LOCAL"
	fi
	inner "$1" "br$3" "$3" "$4"
}

# gre_end NS DEVICE HOP END KIND: GRE over the addresses 172.16.HOP.END; KIND gre (IP inside) or gretap (Ethernet inside).
gre_end() {
	local other=$((3 - $4)) options=
	[ "$5" = gretap ] || options="options:packet_type=legacy_l3"
	bridge "$1" "phy$3" "$2"
	on "$1" ip address add "172.16.$3.$4/30" dev "phy$3"
	bridge "$1" "br$3" "gre$3" -- set interface "gre$3" type=gre "options:remote_ip=172.16.$3.$other" "options:local_ip=172.16.$3.$4" ofport_request=1 $options
	inner "$1" "br$3" "$3" "$4"
	if [ "$5" = gre ]; then
		# IP comes out of the tunnel without a MAC address, and ARP cannot go in.
		flow "$1" "br$3" "priority=10,in_port=LOCAL,ip,actions=output:1"
		flow "$1" "br$3" "priority=10,in_port=LOCAL,ipv6,actions=output:1"
		flow "$1" "br$3" "priority=10,in_port=1,actions=set_field:$(mac_of "$1" "br$3")->eth_dst,LOCAL"
		on "$1" ip neighbour add "10.50.$3.$other" lladdr 02:00:00:00:00:01 dev "br$3"
		on "$1" ip neighbour add "2001:db8:50:$3::$other" lladdr 02:00:00:00:00:01 dev "br$3"
	fi
}

# vxlan_end NS DEVICE HOP END OUTER-ADDRESS REMOTE-ADDRESS PREFIX VNI
vxlan_end() {
	on "$1" sysctl -qw "net.ipv6.conf.$2.disable_ipv6=0"
	on "$1" ip address add "$5/$7" dev "$2"
	on "$1" ip link add "vx$3" type vxlan id "$8" local "$5" remote "$6" dstport 4789
	on "$1" ip link set "vx$3" mtu 1500
	on "$1" ip link set "vx$3" up
	inner "$1" "vx$3" "$3" "$4"
}

run_scenario() {
	local i ns kind=(bare vlan qinq gre gretap vxlan vxlan6 vxlan-frag)
	host c laptop
	for i in 1 2 3 4 5 6 7; do host r$i router$i; done
	host s server
	wan c eth0 r1 left1 --delay 14 --jitter 1.5 --loss 0.3 --rate 20
	for i in 1 2 3 4 5 6; do cable r$i right$i r$((i + 1)) left$((i + 1)) 1600; done
	cable r7 right7 s eth0 1500

	on c sysctl -qw net.ipv6.conf.eth0.disable_ipv6=0
	on r1 sysctl -qw net.ipv6.conf.left1.disable_ipv6=0
	on c ip address add 192.168.7.23/24 dev eth0
	on c ip address add 2001:db8:7::23/64 dev eth0
	on r1 ip address add 192.168.7.1/24 dev left1
	on r1 ip address add 2001:db8:7::1/64 dev left1
	for i in 1 2 3 4 5; do switch r$i; done
	tagged r1 right1 1 1 vlan
	tagged r2 left2 1 2 vlan
	tagged r2 right2 2 1 qinq
	tagged r3 left3 2 2 qinq
	gre_end r3 right3 3 1 gre
	gre_end r4 left4 3 2 gre
	gre_end r4 right4 4 1 gretap
	gre_end r5 left5 4 2 gretap
	vxlan_end r5 right5 5 1 172.16.5.1 172.16.5.2 30 42
	vxlan_end r6 left6 5 2 172.16.5.2 172.16.5.1 30 42
	vxlan_end r6 right6 6 1 2001:db8:16:6::1 2001:db8:16:6::2 64 43
	vxlan_end r7 left7 6 2 2001:db8:16:6::2 2001:db8:16:6::1 64 43
	vxlan_end r7 right7 7 1 172.16.7.1 172.16.7.2 30 44
	vxlan_end s eth0 7 2 172.16.7.2 172.16.7.1 30 44

	# Routes: towards s on the right, towards c on the left.
	on c ip route add default via 192.168.7.1
	on c ip -6 route add default via 2001:db8:7::1
	for i in 1 2 3 4 5 6 7; do
		[ $i = 7 ] || on r$i ip route add 10.50.7.0/30 via 10.50.$i.2
		[ $i = 7 ] || on r$i ip -6 route add 2001:db8:50:7::/64 via 2001:db8:50:$i::2
		ns=r$((i + 1))
		[ $i != 7 ] || ns=s
		on $ns ip route add 192.168.7.0/24 via 10.50.$i.1
		on $ns ip -6 route add 2001:db8:7::/64 via 2001:db8:50:$i::1
	done
	ssh_server s 22
	within 20 "IPv4 from end to end" on c ping -c 1 -W 1 10.50.7.2
	within 20 "IPv6 from end to end" on c ping -c 1 -W 1 2001:db8:50:7::2

	cat >"$DIR/keys" <<-'EOF'
	1.0 ls -l project\r
	1.0 cat project/logs/worker.log\r
	1.0 exit\r
	EOF
	chmod a+r "$DIR/keys"
	capture r1 left1 encap-bare.pcap "ip or ip6"
	for i in 1 2 3 4 5 6 7; do capture r$i right$i "encap-${kind[$i]}.pcap" "not arp"; done
	ssh_session c 10.50.7.2 "$DIR/keys"
	ssh_session c 2001:db8:50:7::2 "$DIR/keys"
	stop_captures
}
