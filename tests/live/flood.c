/* SPDX-License-Identifier: BSD-2-Clause */
/* flood.c - sends datagrams, each a flow of its own, at a steady rate: flood INTERFACE PER_SECOND SECONDS, or as fast
 * as it goes with PER_SECOND 0, and prints how many were sent.
 *
 * Ports are what differs: 40,000 x 40,000 of them, so no flow comes twice within days. */
#include "config.h"

#ifdef __linux__

#include "../lib/packet_socket.h"
#include <arpa/inet.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { BATCH = 64, SIZE = 60, PORTS = 40000, FIRST_PORT = 10000, SOURCE_PORT = 34, DESTINATION_PORT = 36 };

/* Ethernet, IPv4 from 10.0.0.1 to 10.0.0.2, UDP without a checksum, 4 bytes, padding. */
static const uint8_t frame[SIZE] = { 2, 0,  0, 0, 0, 2, 2,  0,  0,    0,    0,   1,   8,   0,  0x45, 0,
				     0, 32, 0, 1, 0, 0, 64, 17, 0x66, 0xca, 10,  0,   0,   1,  10,   0,
				     0, 2,  0, 0, 0, 0, 0,  12, 0,    0,    'a', 'b', 'c', 'd' };

struct flood {
	int fd;
	uint64_t sent;
	uint8_t frames[BATCH][SIZE];
	struct iovec parts[BATCH];
	struct mmsghdr messages[BATCH];
};

static void put_port(uint8_t *at, uint64_t number)
{
	uint16_t port = htons((uint16_t)(FIRST_PORT + number % PORTS));

	memcpy(at, &port, sizeof port);
}

static bool open_flood(struct flood *f, const char *interface)
{
	for (unsigned i = 0; i < BATCH; i++) {
		memcpy(f->frames[i], frame, SIZE);
		f->parts[i] = (struct iovec){ f->frames[i], SIZE };
		f->messages[i].msg_hdr = (struct msghdr){ .msg_iov = &f->parts[i], .msg_iovlen = 1 };
	}
	f->fd = packet_socket(interface);
	return f->fd >= 0;
}

static bool send_batch(struct flood *f)
{
	for (unsigned i = 0; i < BATCH; i++) {
		put_port(f->frames[i] + SOURCE_PORT, f->sent + i);
		put_port(f->frames[i] + DESTINATION_PORT, (f->sent + i) / PORTS);
	}
	if (!packet_socket_send(f->fd, f->messages, BATCH))
		return false;
	f->sent += BATCH;
	return true;
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
	static struct flood f;
	double rate = argc > 2 ? strtod(argv[2], NULL) : 0, began = now(),
	       ends = began + (argc > 3 ? strtod(argv[3], NULL) : 0);

	if (argc != 4 || !open_flood(&f, argv[1])) {
		perror("flood INTERFACE PER_SECOND SECONDS");
		return 2;
	}
	while (now() < ends) {
		if (rate > 0 && (double)f.sent > (now() - began) * rate) {
			usleep(500);
			continue;
		}
		if (!send_batch(&f)) {
			perror("sendmmsg");
			return 1;
		}
	}
	printf("%llu\n", (unsigned long long)f.sent);
	return 0;
}

#else

int main(void)
{
	return 77;
}

#endif
