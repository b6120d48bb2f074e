# Video over HTTPS: a catalogue page, then segments of video and audio fetched at the pace of playing, over
# connections that stay open. The software is nginx and curl; only the host names are the service's.
source "$HERE/web_common.sh"
packages="$web_packages"
captures="netflix.pcap"

run_scenario() {
	local i edge=ipv4-c001-fra001-ix.1.oca.nflxvideo.net www=$DIR/www segments
	names 198.51.100.90 www.netflix.com
	names 198.51.100.91 $edge
	names 198.51.100.92 occ-0-1-2.1.nflxso.net
	RATE=8 two_hosts 198.51.100.90 198.51.100.91 198.51.100.92
	certificates www.netflix.com $edge occ-0-1-2.1.nflxso.net
	segments=$(q 9 4)
	for i in $(seq "$segments"); do
		random_file "$www/video/$i.m4s" $((70000 + RANDOM % 20000))
		random_file "$www/audio/$i.m4s" $((15000 + RANDOM % 2000))
	done
	for i in $(seq 8); do random_file "$www/art/$i.jpg" $((7000 + RANDOM % 9000)); done
	page "$www/browse.html" "Browse" $(printf 'art/%d.jpg ' $(seq 8))
	web_server s "server { listen 443 ssl http2 default_server; root $www; }"

	capture c eth0 netflix.pcap
	browser c https://www.netflix.com/browse.html
	browser c --parallel $(printf 'https://occ-0-1-2.1.nflxso.net/art/%d.jpg ' $(seq 8))
	sleep 1
	# Three segments at once to fill the buffer, then one every two seconds; audio beside video.
	browser c --http1.1 $(printf "https://$edge/audio/%d.m4s " 1 2 3) &
	browser c --http1.1 $(printf "https://$edge/video/%d.m4s " 1 2 3)
	wait $!
	browser c --http1.1 --rate 1800/h $(printf "https://$edge/audio/%d.m4s " $(seq 4 "$segments")) &
	browser c --http1.1 --rate 1800/h $(printf "https://$edge/video/%d.m4s " $(seq 4 "$segments"))
	wait $!
	stop_captures
}
