# Photographs over HTTPS: a page, small API calls, and bursts of images as somebody scrolls. The software is nginx and
# curl; only the host names are the service's.
source "$HERE/web_common.sh"
packages="$web_packages"
captures="instagram.pcap"

run_scenario() {
	local i burst cdn=scontent-fra5-1.cdninstagram.com www=$DIR/www
	names 198.51.100.60 www.instagram.com i.instagram.com
	names 198.51.100.61 $cdn
	names 198.51.100.62 static.cdninstagram.com
	RATE=25 two_hosts 198.51.100.60 198.51.100.61 198.51.100.62
	certificates www.instagram.com i.instagram.com $cdn static.cdninstagram.com
	text_file "$www/bundle.js" 160000
	text_file "$www/feed.json" 14000
	for i in $(seq 28); do random_file "$www/p/$i.jpg" $((9000 + RANDOM)); done
	page "$www/index.html" "Feed" bundle.js
	web_server s "server { listen 443 ssl http2 default_server; root $www; }"

	capture c eth0 instagram.pcap
	browser c --compressed https://www.instagram.com/index.html
	browser c --compressed https://static.cdninstagram.com/bundle.js
	for burst in $(seq 0 "$(q 3 1)"); do
		browser c --compressed https://i.instagram.com/feed.json
		# Seven images: over one connection (HTTP/2), and in every second burst over several (HTTP/1.1).
		if [ $((burst % 2)) = 0 ]; then
			browser c --parallel $(printf "https://$cdn/p/%d.jpg " $(seq $((burst * 7 + 1)) $((burst * 7 + 7))))
		else
			browser c --http1.1 --parallel --parallel-max 3 $(printf "https://$cdn/p/%d.jpg " $(seq $((burst * 7 + 1)) $((burst * 7 + 7))))
		fi
		sleep "$((RANDOM % 2 + 1)).$((RANDOM % 10))"
	done
	stop_captures
}
