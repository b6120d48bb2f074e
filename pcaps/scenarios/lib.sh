# The world of one scenario: hosts, links, daemons, captures. Run by pcaps/make as the first process of fresh
# namespaces, with SCENARIO, DIR (scratch; captures go to DIR/out), HERE (this folder) and QUICK (empty or 1) set.
# A scenario file defines packages, captures and run_scenario; the functions below are its vocabulary.
set -euo pipefail
trap 'echo "failed at ${BASH_SOURCE[0]##*/}:$LINENO: $BASH_COMMAND"' ERR
set -E

# q FULL QUICK: a size that depends on --quick.
q() { if [ -n "$QUICK" ]; then echo "$2"; else echo "$1"; fi; }

# Nothing of the real system's names, users or keys is to be seen by the programs, and nothing of it to be written.
private_system() {
	local dir
	mount --make-rprivate /
	for dir in /run /root /home /var/log /var/cache /mnt; do mount -t tmpfs -o mode=755 tmpfs "$dir"; done
	mkdir -p /run/netns /run/uts /run/sshd /run/lock "$DIR/etc"
	cat >"$DIR/etc/passwd" <<-EOF
	root:x:0:0:root:/root:/bin/bash
	nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
	sshd:x:101:65534::/run/sshd:/usr/sbin/nologin
	www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin
	unbound:x:102:33::/var/lib/unbound:/usr/sbin/nologin
	_dnsdist:x:103:33::/nonexistent:/usr/sbin/nologin
	_chrony:x:104:33::/var/lib/chrony:/usr/sbin/nologin
	avahi:x:105:33::/run/avahi-daemon:/usr/sbin/nologin
	opentracker:x:106:33::/nonexistent:/usr/sbin/nologin
	alex:x:1000:1000:Alex:/home/alex:/bin/bash
	sam:x:1001:1000:Sam:/home/sam:/bin/bash
	EOF
	cat >"$DIR/etc/group" <<-EOF
	root:x:0:
	tty:x:5:
	www-data:x:33:
	unbound:x:102:
	_dnsdist:x:103:
	_chrony:x:104:
	avahi:x:105:
	users:x:1000:
	nogroup:x:65534:
	EOF
	sed 's/:.*/:*:19000:0:99999:7:::/' "$DIR/etc/passwd" >"$DIR/etc/shadow"
	printf 'passwd: files\ngroup: files\nshadow: files\nhosts: files\n' >"$DIR/etc/nsswitch.conf"
	printf '127.0.0.1 localhost\n::1 localhost\n' >"$DIR/etc/hosts"
	: >"$DIR/etc/resolv.conf"
	echo localhost >"$DIR/etc/hostname"
	local file
	for file in passwd group shadow nsswitch.conf hosts resolv.conf hostname; do
		[ -e "/etc/$file" ] || continue
		mount --bind "$DIR/etc/$file" "$(readlink -f "/etc/$file")"
	done
	hostname localhost
	install -d -o 1000 -g 1000 /home/alex
	install -d -o 1001 -g 1000 /home/sam
	ip link set lo up
}

# host NS NAME: a host, known to itself by NAME.
host() {
	ip netns add "$1"
	touch "/run/uts/$1"
	unshare --uts="/run/uts/$1" hostname "$2"
	on "$1" sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.all.forwarding=1 \
		net.ipv6.conf.default.disable_ipv6=1 net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0
	on "$1" ip link set lo up
}

# on NS COMMAND...: run it on that host.
on() {
	local ns=$1
	shift
	nsenter --net="/run/netns/$ns" --uts="/run/uts/$ns" "$@"
}

# as USER NS COMMAND...: the same as an ordinary user, in that user's home.
as() {
	local user=$1 ns=$2
	shift 2
	on "$ns" setpriv --reuid "$user" --regid users --clear-groups env -C "/home/$user" HOME="/home/$user" USER="$user" "$@"
}

# Packets have the sizes and the checksums that they have on a wire.
offloads_off() { on "$1" ethtool -K "$2" tx off tso off gso off gro off >/dev/null 2>&1 || true; }

# cable A IF-A B IF-B [MTU]: a veth pair, without delay.
cable() {
	ip link add "$2" netns "$1" mtu "${5:-1500}" type veth peer name "$4" netns "$3" mtu "${5:-1500}"
	offloads_off "$1" "$2"
	offloads_off "$3" "$4"
	on "$1" ip link set "$2" up
	on "$3" ip link set "$4" up
}

# wan A IF-A B IF-B [link.py options]: a link with delay, jitter, loss and a bit rate.
wan() {
	local a=$1 if_a=$2 b=$3 if_b=$4
	shift 4
	on "$a" ip tuntap add dev "$if_a" mode tap
	on "$b" ip tuntap add dev "$if_b" mode tap
	/usr/bin/python3 "$HERE/link.py" "$@" "/run/netns/$a" "$if_a" "/run/netns/$b" "$if_b" >"$DIR/link-$if_a-$if_b.log" 2>&1 &
	offloads_off "$a" "$if_a"
	offloads_off "$b" "$if_b"
	on "$a" ip link set "$if_a" up
	on "$b" ip link set "$if_b" up
	within 5 "the link $if_a-$if_b" test -s "$DIR/link-$if_a-$if_b.log"
}

# A laptop at home (ns c) and everything that it talks to (ns s, the far end of its link): addresses of s as arguments.
two_hosts() {
	local address
	host c laptop
	host s server
	wan c eth0 s eth0 --delay 14 --jitter 1.5 --loss 0.15 --rate "${RATE:-20}"
	on c ip address add 192.168.7.23/24 dev eth0
	on s ip address add 192.168.7.1/24 dev eth0
	on c ip route add default via 192.168.7.1
	for address; do on s ip address add "$address/32" dev lo; done
}

# names ADDRESS NAME...: a line of everybody's /etc/hosts.
names() { printf '%s\n' "$*" >>"$DIR/etc/hosts"; }

# within SECONDS WHAT COMMAND...: wait until COMMAND succeeds.
within() {
	local end=$((SECONDS + $1)) what=$2
	shift 2
	until "$@" >/dev/null 2>&1; do
		[ $SECONDS -le $end ] || { echo "timed out waiting for $what"; return 1; }
		sleep 0.1
	done
}

# listening NS tcp|udp PORT
listening() { [ -n "$(on "$1" ss -Hln "--$2" "sport = :$3")" ]; }

# daemon NAME NS COMMAND...: in the background, with a log; the scenario ends it by ending.
daemon() {
	local name=$1 ns=$2
	shift 2
	on "$ns" "$@" >"$DIR/$name.log" 2>&1 &
}

show_log() { sed "s/^/$1: /" "$DIR/$1.log" | tail -n 10; }

# wait_port NAME NS tcp|udp PORT: wait for the daemon NAME to listen.
wait_port() { within 15 "$1 on $3 port $4" listening "$2" "$3" "$4" || { show_log "$1"; return 1; }; }

capture_pids=
# capture NS IF FILE [tcpdump arguments]: start capturing; stop_captures ends all.
capture() {
	local ns=$1 interface=$2 file=$3 log
	shift 3
	mkdir -p "$DIR/out/$(dirname "$file")"
	log=$DIR/tcpdump-$(basename "$file").log
	nsenter --net="/run/netns/$ns" --uts="/run/uts/$ns" \
		tcpdump -i "$interface" --immediate-mode -U -n -s 262144 -B 16384 -Z root -w "$DIR/out/$file" "$@" 2>"$log" &
	capture_pids="$capture_pids $!"
	within 5 "tcpdump on $interface" grep -q 'listening on' "$log" || { cat "$log"; return 1; }
}

stop_captures() {
	sleep 1
	kill -TERM $capture_pids
	wait $capture_pids || true
	capture_pids=
	if grep -h 'dropped by kernel' "$DIR"/tcpdump-*.log | grep -v '^0 '; then
		echo "tcpdump lost packets"
		return 1
	fi
}

# certificates NAME...: a throw-away authority and intermediate, and one key and chain for the names.
# DIR/ca.pem, DIR/chain.pem (leaf and intermediate), DIR/key.pem
certificates() {
	local names=$1 name
	for name in "${@:2}"; do names="$names,DNS:$name"; done
	(
		cd "$DIR"
		quiet() { "$@" 2>>openssl.log; }
		quiet openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 3650 -subj '/O=Example Trust/CN=Example Root'
		quiet openssl req -newkey rsa:2048 -nodes -keyout int.key -out int.csr -subj '/O=Example Trust/CN=Example Issuing CA'
		quiet openssl x509 -req -in int.csr -CA ca.pem -CAkey ca.key -days 365 -out int.pem -CAcreateserial \
			-extfile <(printf 'basicConstraints=critical,CA:TRUE,pathlen:0\nkeyUsage=critical,keyCertSign,cRLSign\n')
		quiet openssl req -newkey rsa:2048 -nodes -keyout key.pem -out leaf.csr -subj "/CN=$1"
		quiet openssl x509 -req -in leaf.csr -CA int.pem -CAkey int.key -days 80 -out leaf.pem -CAcreateserial \
			-extfile <(printf 'subjectAltName=DNS:%s\nextendedKeyUsage=serverAuth\nkeyUsage=digitalSignature,keyEncipherment\n' "$names")
		cat leaf.pem int.pem >chain.pem
		chmod 644 key.pem
	)
}

# random_file PATH BYTES: content that no compression shrinks.
random_file() {
	mkdir -p "$(dirname "$1")"
	head -c "$2" /dev/urandom >"$1"
	chmod a+r "$1"
}

source "$HERE/$SCENARIO.sh"
private_system
run_scenario
