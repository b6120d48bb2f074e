# Pages over HTTPS: HTTP/1.1 on several connections, HTTP/2 on one, TLS 1.2 and 1.3, and the redirect from plain HTTP.
source "$HERE/web_common.sh"
packages="$web_packages nghttp2-client"
captures="web.pcap"

run_scenario() {
	local i files www=$DIR/www
	names 198.51.100.80 www.example.org example.org
	names 198.51.100.81 shop.example.net
	RATE=30 two_hosts 198.51.100.80 198.51.100.81
	certificates www.example.org example.org shop.example.net
	text_file "$www/style.css" 24000
	text_file "$www/app.js" 90000
	for i in $(seq 12); do random_file "$www/photo$i.jpg" $((4000 + i * i * 190)); done
	files="style.css app.js $(printf 'photo%d.jpg ' $(seq 12))"
	page "$www/index.html" "Example" $files
	page "$www/about.html" "About" style.css photo3.jpg
	web_server s "
	    server { listen 198.51.100.80:80; return 301 https://\$host\$request_uri; }
	    server { listen 198.51.100.80:443 ssl http2; root $www; }
	    server { listen 198.51.100.81:443 ssl; root $www; ssl_protocols TLSv1.2; }"

	capture c eth0 web.pcap
	# A link typed without https://, then the page by HTTP/1.1: the page first, its parts over parallel connections.
	browser c --location --http1.1 http://www.example.org/index.html
	browser c --http1.1 --parallel --parallel-max 4 $(printf "https://www.example.org/%s " $files)
	sleep 1
	# The same by HTTP/2, twice, with the parts found in the page.
	for i in $(seq "$(q 2 1)"); do
		SSL_CERT_FILE=$DIR/ca.pem as sam c nghttp --no-verify-peer --null-out --get-assets --stat https://www.example.org/index.html >"$DIR/nghttp$i.log"
		sleep 1
		browser c --http2 --parallel https://www.example.org/about.html https://www.example.org/photo3.jpg
	done
	# A server of an older kind: TLS 1.2, one connection, one thing after another.
	browser c --http1.1 https://shop.example.net/about.html https://shop.example.net/style.css \
		$(printf 'https://shop.example.net/photo%d.jpg ' $(seq 1 2 "$(q 9 3)"))
	stop_captures
}
