# HTTP/3: Chromium (headless) fetching pages from Caddy. Two implementations that share no code.
source "$HERE/web_common.sh"
packages="caddy chromium-headless-shell"
captures="quic.pcap"

# visit URL: a browser of its own for each visit, with a fresh profile, that speaks QUIC to these origins from the start.
visit() {
	as sam c timeout 30 "$shell" --no-sandbox --disable-gpu --user-data-dir="/home/sam/profile$RANDOM" \
		--no-first-run --disable-background-networking --disable-component-update --disable-sync --no-pings \
		--disable-dev-shm-usage --enable-quic --virtual-time-budget=5000 --dump-dom \
		--origin-to-force-quic-on=www.example.com:443,media.example.com:443 \
		--ignore-certificate-errors-spki-list="$pin" \
		--host-resolver-rules="MAP www.example.com 198.51.100.85, MAP media.example.com 198.51.100.86, MAP * ~NOTFOUND" \
		"$1" >>"$DIR/dom.html" 2>>"$DIR/chromium.log" || echo "chromium ended with $?" >>"$DIR/chromium.log"
}

run_scenario() {
	local i photos www=$DIR/www shell pin
	shell=$(command -v chromium-headless-shell || echo /usr/lib/chromium/chromium-headless-shell)
	names 198.51.100.85 www.example.com
	names 198.51.100.86 media.example.com
	RATE=30 two_hosts 198.51.100.85 198.51.100.86
	certificates www.example.com media.example.com
	pin=$(openssl x509 -in "$DIR/leaf.pem" -noout -pubkey | openssl pkey -pubin -outform der | openssl dgst -sha256 -binary | base64)
	text_file "$www/style.css" 16000
	photos=$(q 18 8)
	for i in $(seq "$photos"); do random_file "$www/photo$i.jpg" $((6000 + i * i * 130)); done
	page "$www/index.html" "Photographs" style.css $(printf 'https://media.example.com/photo%d.jpg ' $(seq "$photos"))
	page "$www/small.html" "Small" style.css photo2.jpg
	cat >"$DIR/Caddyfile" <<-EOF
	{
	    admin off
	    auto_https off
	}
	https://www.example.com, https://media.example.com {
	    bind 198.51.100.85 198.51.100.86
	    tls $DIR/chain.pem $DIR/key.pem
	    root * $www
	    encode gzip
	    file_server
	}
	EOF
	daemon caddy s env HOME=/root XDG_DATA_HOME="$DIR/caddy" XDG_CONFIG_HOME="$DIR/caddy" caddy run --config "$DIR/Caddyfile" --adapter caddyfile
	wait_port caddy s udp 443

	capture c eth0 quic.pcap
	visit https://www.example.com/small.html
	[ -n "$QUICK" ] || visit https://media.example.com/small.html
	visit https://www.example.com/index.html
	stop_captures
	grep -q Photographs "$DIR/dom.html" || { tail -n 15 "$DIR/chromium.log"; return 1; }
}
