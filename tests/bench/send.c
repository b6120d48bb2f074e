/* SPDX-License-Identifier: BSD-2-Clause */
/* send.c - the packets of a capture onto a wire, as fast as the kernel takes them: send INTERFACE CAPTURE. Prints how
 * many were sent.
 *
 * What tests/bench/trace.c writes: pcap of this machine's byte order. The packets stay where the file is mapped, and go
 * by sendmmsg(), past the queueing discipline. */
#include "config.h"

#ifdef __linux__

#include "../lib/packet_socket.h"
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#ifndef PACKET_QDISC_BYPASS
#define PACKET_QDISC_BYPASS 20
#endif

enum { BATCH = 64, FILE_HEADER = 24, RECORD_HEADER = 16, CAPLEN = 8 };

/* Past the queueing discipline, where the kernel lets it: slower without. */
static int open_wire(const char *interface)
{
	int fd = packet_socket(interface), on = 1;

	if (fd >= 0)
		(void)setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &on, sizeof on);
	return fd;
}

/* The next packets; returns how many. */
static unsigned gather(uint8_t *bytes, size_t size, size_t *at, struct iovec *parts, struct mmsghdr *messages)
{
	unsigned count = 0;
	uint32_t caplen;

	for (; count < BATCH && size - *at >= RECORD_HEADER; count++) {
		memcpy(&caplen, bytes + *at + CAPLEN, sizeof caplen);
		if (caplen > size - *at - RECORD_HEADER)
			break;
		parts[count] = (struct iovec){ bytes + *at + RECORD_HEADER, caplen };
		messages[count].msg_hdr = (struct msghdr){ .msg_iov = &parts[count], .msg_iovlen = 1 };
		*at += RECORD_HEADER + caplen;
	}
	return count;
}

int main(int argc, char **argv)
{
	static struct mmsghdr messages[BATCH];
	static struct iovec parts[BATCH];
	int wire = argc == 3 ? open_wire(argv[1]) : -1, file = argc == 3 ? open(argv[2], O_RDONLY) : -1;
	unsigned long long sent = 0;
	size_t at = FILE_HEADER;
	struct stat status;
	uint8_t *bytes;

	if (wire < 0 || file < 0 || fstat(file, &status) || status.st_size < FILE_HEADER) {
		perror("send INTERFACE CAPTURE");
		return 2;
	}
	bytes = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, file, 0);
	if (bytes == MAP_FAILED) {
		perror("mmap");
		return 1;
	}
	for (unsigned count; (count = gather(bytes, (size_t)status.st_size, &at, parts, messages)); sent += count)
		if (!packet_socket_send(wire, messages, count)) {
			perror("sendmmsg");
			return 1;
		}
	printf("%llu\n", sent);
	return 0;
}

#else

int main(void)
{
	return 77;
}

#endif
