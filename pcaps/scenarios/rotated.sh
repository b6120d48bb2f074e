# One SSH session captured twice at once: whole, and cut into files by time (tcpdump -G). The files are renamed to
# session-1.pcap and so on; otherwise they are as tcpdump left them.
source "$HERE/ssh_common.sh"
packages="$ssh_packages"
captures="rotated-whole.pcap rotated/session-1.pcap rotated/session-2.pcap rotated/session-3.pcap"

run_scenario() {
	local file number=0
	two_hosts 198.51.100.22
	ssh_server s 27122
	cat >"$DIR/keys" <<-'EOF'
	1.0 ls -l project\r
	1.2 tail -n 12 project/logs/worker.log\r
	1.5 cat notes.txt\r
	1.2 for i in 1 2 3; do date; sleep 1; done\r
	4.0 wc project/steps.c\r
	1.0 exit\r
	EOF
	chmod a+r "$DIR/keys"
	capture c eth0 rotated-whole.pcap tcp
	capture c eth0 'rotated/raw-%s.pcap' -G 13 tcp
	ssh_session c 198.51.100.22 "$DIR/keys"
	stop_captures
	for file in "$DIR"/out/rotated/raw-*; do
		number=$((number + 1))
		mv "$file" "$DIR/out/rotated/session-$number.pcap"
		tcpdump -Z root -nr "$DIR/out/rotated/session-$number.pcap" 2>&1 | wc -l
	done
	[ $number = 3 ] || { echo "the session was cut into $number files, not 3"; return 1; }
}
