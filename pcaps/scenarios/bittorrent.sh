# Three peers and a tracker on one network: transmission has the file, transmission (whose link is captured) and aria2
# fetch it. Peer wire over TCP and uTP, DHT, local peer discovery, announcements over HTTP and UDP.
packages="transmission-cli aria2 opentracker"
captures="bittorrent.pcap"

# peer_settings DIR PORT UPLOAD-KB/S: transmission that does not encrypt (what is encrypted nobody can recognise).
peer_settings() {
	mkdir -p "$1"
	cat >"$1/settings.json" <<-EOF
	{ "encryption": 0, "utp-enabled": true, "dht-enabled": true, "lpd-enabled": true, "pex-enabled": true,
	  "peer-port": $2, "peer-port-random-on-start": false, "port-forwarding-enabled": false,
	  "speed-limit-up": $3, "speed-limit-up-enabled": true, "blocklist-enabled": false }
	EOF
	printf '10.40.0.10 51413\n' >"$1/dht.bootstrap"
}

run_scenario() {
	local size ns
	host n switch
	host t tracker
	host s seed
	host p peer
	host c laptop
	on n ip link add br0 type bridge
	on n ip link set br0 up
	wan c eth0 n c0 --delay 12 --jitter 1.5 --loss 0.2 --rate 10
	for ns in t s p; do
		cable $ns eth0 n ${ns}0
		on n ip link set ${ns}0 master br0
	done
	on n ip link set c0 master br0
	on c ip address add 10.40.0.23/24 dev eth0
	on t ip address add 10.40.0.5/24 dev eth0
	on s ip address add 10.40.0.10/24 dev eth0
	on p ip address add 10.40.0.31/24 dev eth0
	for ns in c t s p; do on $ns ip route add default via 10.40.0.1; done

	size=$(q 700000 400000)
	random_file /home/alex/seed/holiday.mp4 "$size"
	transmission-create -o "$DIR/holiday.torrent" -s 32 \
		-t http://10.40.0.5:6969/announce -t udp://10.40.0.5:6969/announce /home/alex/seed/holiday.mp4 >"$DIR/create.log"
	chmod a+r "$DIR/holiday.torrent"
	peer_settings /home/alex/config 51413 90
	peer_settings /home/sam/config 51414 60
	mkdir -p /home/sam/downloads /home/sam/peer
	chown -R alex:users /home/alex
	chown -R sam:users /home/sam

	capture c eth0 bittorrent.pcap
	daemon tracker t opentracker -i 10.40.0.5 -p 6969 -P 6969
	wait_port tracker t tcp 6969
	as alex s transmission-cli -g /home/alex/config -w /home/alex/seed "$DIR/holiday.torrent" >"$DIR/seed.log" 2>&1 &
	wait_port seed s tcp 51413
	as sam p aria2c --quiet --no-conf --dir=/home/sam/peer --listen-port=6881 --dht-listen-port=6882 --enable-dht=true \
		--dht-entry-point=10.40.0.10:51413 --bt-enable-lpd=true --seed-time=5 --max-overall-upload-limit=60K \
		--dht-file-path=/home/sam/peer/dht.dat --bt-external-ip=10.40.0.31 \
		"$DIR/holiday.torrent" >"$DIR/aria2.log" 2>&1 &
	sleep "$(q 8 4)"		# the peer gets a part before the laptop comes, and gives it on
	as sam c transmission-cli -g /home/sam/config -w /home/sam/downloads "$DIR/holiday.torrent" >"$DIR/leech.log" 2>&1 &
	within "$(q 120 80)" "the file to arrive" cmp /home/alex/seed/holiday.mp4 /home/sam/downloads/holiday.mp4 || { tail -c 600 "$DIR/leech.log"; return 1; }
	sleep "$(q 12 4)"
	stop_captures
}
