/* SPDX-License-Identifier: BSD-2-Clause */
/* packet_socket.h - frames onto an interface, as fast as the kernel takes them: what the senders of the live tests and
 * of the benchmark have in common. Linux only. */
#ifndef DISTRIBOOZE_TESTS_PACKET_SOCKET_H
#define DISTRIBOOZE_TESTS_PACKET_SOCKET_H

#include <errno.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <stdbool.h>
#include <sys/socket.h>

/* A packet socket of that interface; -1, with errno, where there is none. */
static inline int packet_socket(const char *interface)
{
	struct sockaddr_ll address = { .sll_family = AF_PACKET, .sll_ifindex = (int)if_nametoindex(interface) };
	int fd = socket(AF_PACKET, SOCK_RAW, 0);

	return fd >= 0 && address.sll_ifindex && !bind(fd, (struct sockaddr *)&address, sizeof address) ? fd : -1;
}

/* Sends all of them, however often the kernel has no room; false, with errno, at any other error. */
static inline bool packet_socket_send(int fd, struct mmsghdr *messages, unsigned count)
{
	for (unsigned done = 0; done < count;) {
		int got = sendmmsg(fd, messages + done, count - done, 0);
		if (got < 0 && errno != EINTR && errno != ENOBUFS && errno != EAGAIN)
			return false;
		done += got > 0 ? (unsigned)got : 0;
	}
	return true;
}

#endif
