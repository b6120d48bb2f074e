# nginx under any names, and the files that it serves.

web_packages="nginx-light curl"

# web_server NS DIRECTIVE...: nginx with the certificate of the scenario, serving DIR/www/NAME for each NAME.
web_server() {
	local ns=$1
	shift
	cat >"$DIR/nginx.conf" <<-EOF
	user www-data;
	worker_processes 1;
	daemon off;
	pid $DIR/nginx.pid;
	error_log stderr warn;
	events { worker_connections 256; }
	http {
	    access_log off;
	    server_tokens off;
	    keepalive_timeout 75s;
	    sendfile on;
	    tcp_nopush on;
	    gzip on;
	    gzip_types text/css application/javascript application/json;
	    types {
	        text/html html; text/css css; application/javascript js; application/json json;
	        image/jpeg jpg; image/png png; video/mp4 m4s;
	    }
	    client_body_temp_path $DIR/nginx-body;
	    proxy_temp_path $DIR/nginx-proxy;
	    fastcgi_temp_path $DIR/nginx-fastcgi;
	    uwsgi_temp_path $DIR/nginx-uwsgi;
	    scgi_temp_path $DIR/nginx-scgi;
	    ssl_certificate $DIR/chain.pem;
	    ssl_certificate_key $DIR/key.pem;
	    ssl_protocols TLSv1.2 TLSv1.3;
	    $*
	}
	EOF
	daemon nginx "$ns" nginx -e stderr -c "$DIR/nginx.conf"
	wait_port nginx "$ns" tcp 443
}

# text_file PATH BYTES: text that compresses as text does.
text_file() {
	mkdir -p "$(dirname "$1")"
	head -c "$2" /dev/urandom | base64 -w 60 | sed 's/\([A-M]\)/ the \1/g; s/\([n-z]\)/ \1and/g' >"$1"
	truncate -s "$2" "$1"
	chmod a+r "$1"
}

# page PATH TITLE FILE...: an HTML page that uses the files (.css, .js, images).
page() {
	local path=$1 title=$2 file
	shift 2
	mkdir -p "$(dirname "$path")"
	{
		printf '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>%s</title>\n' "$title"
		for file; do
			case $file in
			*.css) printf '<link rel="stylesheet" href="%s">\n' "$file" ;;
			*.js) printf '<script src="%s" defer></script>\n' "$file" ;;
			esac
		done
		printf '</head><body><h1>%s</h1>\n' "$title"
		for file; do
			case $file in
			*.jpg | *.png) printf '<p><img src="%s" alt=""></p>\n' "$file" ;;
			esac
		done
		for _ in $(seq 40); do printf '<p>The quick brown fox %d jumps over the lazy dog %d.</p>\n' $RANDOM $RANDOM; done
		printf '</body></html>\n'
	} >"$path"
}

# browser NS CURL-ARGUMENT...: curl as sam, trusting the authority of the scenario, the bodies thrown away.
browser() {
	local ns=$1
	shift
	as sam "$ns" curl -sS --fail-early --cacert "$DIR/ca.pem" --output-dir /home/sam/downloads --create-dirs --remote-name-all "$@"
}
