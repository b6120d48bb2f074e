# OpenSSH on port 27122: an interactive session typed key by key, an upload and a download by scp. Three flows.
source "$HERE/ssh_common.sh"
packages="$ssh_packages"
captures="ssh.pcap"

run_scenario() {
	two_hosts 198.51.100.22
	ssh_server s 27122
	random_file /home/sam/photo.jpg "$(q 200000 80000)"
	random_file /home/alex/backup.tar.gz "$(q 280000 100000)"

	cat >"$DIR/keys" <<-'EOF'
	1.0 ls -l\r
	1.2 cat notes.txt\r
	EOF
	[ -n "$QUICK" ] || cat >>"$DIR/keys" <<-'EOF'
	2.1 cd project/\t\r
	0.8 grpe\x7f\x7fep -c done logs/worker.log\r
	1.6 tail -n 20 logs/worker.log\r
	2.9 less steps.c\r
	1.5 \s
	1.2 \s
	1.0 q
	1.3 for i in 1 2 3 4 5; do date +%T; sleep 1; done\r
	6.5 top\r
	8.0 q
	1.1 echo "finish the release notes" >> ~/notes.txt\r
	1.4 wc -l ~/notes.txt steps.c\r
	EOF
	echo '1.0 exit\r' >>"$DIR/keys"
	sed -i 's/\\s/ /' "$DIR/keys"
	chmod a+r "$DIR/keys"

	capture c eth0 ssh.pcap
	ssh_session c 198.51.100.22 "$DIR/keys"
	as sam c scp -q -F ssh_config photo.jpg 198.51.100.22:photo.jpg
	as sam c scp -q -F ssh_config 198.51.100.22:backup.tar.gz backup.tar.gz
	stop_captures
	cmp /home/sam/photo.jpg /home/alex/photo.jpg
	cmp /home/sam/backup.tar.gz /home/alex/backup.tar.gz
}
