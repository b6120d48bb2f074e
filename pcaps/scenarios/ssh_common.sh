# An OpenSSH server and what the people of the scenarios do with it.

ssh_packages="openssh-server openssh-client"

# ssh_server NS PORT: a server with throw-away keys; alex may log in from sam's account.
ssh_server() {
	install -d -m 700 -o sam -g users /home/sam/.ssh
	install -d -m 700 -o alex -g users /home/alex/.ssh
	ssh-keygen -q -t ed25519 -N '' -C sam -f /home/sam/.ssh/id_ed25519
	ssh-keygen -q -t ed25519 -N '' -C '' -f "$DIR/host_ed25519"
	ssh-keygen -q -t rsa -b 3072 -N '' -C '' -f "$DIR/host_rsa"
	cp /home/sam/.ssh/id_ed25519.pub /home/alex/.ssh/authorized_keys
	chown sam:users /home/sam/.ssh/*
	chown alex:users /home/alex/.ssh/*
	cat >"$DIR/sshd_config" <<-EOF
	Port $2
	HostKey $DIR/host_ed25519
	HostKey $DIR/host_rsa
	PidFile none
	UsePAM no
	PasswordAuthentication no
	PrintLastLog no
	UseDNS no
	Subsystem sftp internal-sftp
	EOF
	cat >/home/sam/ssh_config <<-EOF
	Host *
	    Port $2
	    User alex
	    StrictHostKeyChecking accept-new
	    UserKnownHostsFile /home/sam/.ssh/known_hosts
	EOF
	alex_home
	daemon sshd "$1" /usr/sbin/sshd -D -e -f "$DIR/sshd_config"
	wait_port sshd "$1" tcp "$2"
}

# What alex has on the server: a few files to look at.
alex_home() {
	mkdir -p /home/alex/project/logs /home/alex/mail
	seq 1 60 | while read -r n; do
		echo "2024-03-0$((n % 9 + 1)) 08:$((n % 50 + 10)):11 worker[$((n * 37 % 400))]: job $n done in $((n * 91 % 800)) ms"
	done >/home/alex/project/logs/worker.log
	seq 1 40 | sed 's/.*/static int step_&(struct state *s) { return s->count += &; }/' >/home/alex/project/steps.c
	printf 'buy bread\ncall the dentist\nback up the photographs\n' >/home/alex/notes.txt
	printf "PS1='alex@server:\\\\w\$ '\nalias ll='ls -l'\n" >/home/alex/.bashrc
	printf 'source ~/.bashrc\n' >/home/alex/.bash_profile
	chown -R alex:users /home/alex
}

# ssh_session NS ADDRESS SCRIPT: sam types SCRIPT on the server at ADDRESS.
ssh_session() {
	as sam "$1" /usr/bin/python3 "$HERE/typist.py" "$3" ssh -F /home/sam/ssh_config "$2"
}
