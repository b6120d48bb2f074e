/* SPDX-License-Identifier: BSD-2-Clause */
/* live_kernel.c - see live_kernel.h. */
#include "config.h"
#include "capture/live_kernel.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#ifdef __linux__
#include <linux/ethtool.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#endif

void dz_live_kernel_init(struct dz_live_kernel *k)
{
	*k = (struct dz_live_kernel){ 0 };
	for (unsigned i = 0; i < DZ_LIVE_DROP_FILES; i++)
		k->drop_fds[i] = -1;
}

static void close_file(int fd)
{
	if (fd >= 0)
		close(fd);
}

void dz_live_kernel_release(struct dz_live_kernel *k)
{
	for (unsigned i = 0; i < DZ_LIVE_DROP_FILES; i++)
		close_file(k->drop_fds[i]);
	dz_live_kernel_init(k);
}

#ifdef __linux__

static int open_sysfs(const char *interface, const char *file)
{
	char path[128];

	snprintf(path, sizeof path, "/sys/class/net/%s/%s", interface, file);
	return open(path, O_RDONLY | O_CLOEXEC);
}

/* A number in a file of sysfs, decimal or 0x...; false where it cannot be read, as after the interface went away. */
static bool read_number(int fd, uint64_t *value)
{
	char text[32];
	ssize_t got = fd >= 0 ? pread(fd, text, sizeof text - 1, 0) : -1;

	if (got <= 0)
		return false;
	text[got] = '\0';
	*value = strtoull(text, NULL, 0);
	return true;
}

static uint64_t read_drops(const struct dz_live_kernel *k)
{
	uint64_t sum = 0, value;

	for (unsigned i = 0; i < DZ_LIVE_DROP_FILES; i++) {
		if (read_number(k->drop_fds[i], &value))
			sum += value;
	}
	return sum;
}

/* Asks the socket about an interface by its name. */
static bool ask(int fd, const char *interface, unsigned long request, struct ifreq *answer)
{
	memset(answer, 0, sizeof *answer);
	if (strlen(interface) >= sizeof answer->ifr_name)
		return false;
	strcpy(answer->ifr_name, interface);
	return ioctl(fd, request, answer) == 0;
}

/* Whether one offload is on; false where the driver does not tell, as of "any". */
static bool has_offload(int fd, const char *interface, uint32_t command, uint32_t bit)
{
	struct ethtool_value value = { .cmd = command };
	struct ifreq request = { .ifr_data = (char *)&value };

	if (strlen(interface) >= sizeof request.ifr_name)
		return false;
	strcpy(request.ifr_name, interface);
	return ioctl(fd, SIOCETHTOOL, &request) == 0 && (value.data & bit);
}

/* Those that join packets, on their way in or out. */
static void list_offloads(struct dz_live_kernel *k, int fd, const char *interface)
{
	static const struct {
		const char *name;
		uint32_t command, bit;
	} all[] = { { "gro", ETHTOOL_GGRO, 1 },
		    { "lro", ETHTOOL_GFLAGS, ETH_FLAG_LRO },
		    { "tso", ETHTOOL_GTSO, 1 },
		    { "gso", ETHTOOL_GGSO, 1 } };
	size_t used = 0;

	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		if (has_offload(fd, interface, all[i].command, all[i].bit))
			used += (size_t)snprintf(k->offloads + used, sizeof k->offloads - used, "%s%s",
						 used ? ", " : "", all[i].name);
	}
}

void dz_live_kernel_open(struct dz_live_kernel *k, int fd, const char *interface)
{
	static const char *const drops[DZ_LIVE_DROP_FILES] = { "statistics/rx_missed_errors",
							       "statistics/rx_fifo_errors", "statistics/rx_dropped" };
	struct ifreq answer;

	if (ask(fd, interface, SIOCGIFMTU, &answer) && answer.ifr_mtu > 0)
		k->mtu = (uint32_t)answer.ifr_mtu;
	k->twice = !strcmp(interface, "any") ||
		   (ask(fd, interface, SIOCGIFFLAGS, &answer) && (answer.ifr_flags & IFF_LOOPBACK));
	list_offloads(k, fd, interface);
	for (unsigned i = 0; i < DZ_LIVE_DROP_FILES; i++)
		k->drop_fds[i] = open_sysfs(interface, drops[i]);
	k->drops_before = read_drops(k);
}

/* The kernel sets its counts to 0 when they are read; tp_packets has dropped ones in it (packet(7)). */
void dz_live_kernel_update(struct dz_live_kernel *k, int fd)
{
	struct tpacket_stats_v3 stats;
	socklen_t size = sizeof stats;
	uint64_t drops = read_drops(k);

	if (getsockopt(fd, SOL_PACKET, PACKET_STATISTICS, &stats, &size) == 0) {
		k->known = true;
		k->received += stats.tp_packets;
		k->dropped += stats.tp_drops;
	}
	if (drops >= k->drops_before)
		k->dropped_by_interface = drops - k->drops_before;
}

bool dz_live_kernel_is_down(int fd, const char *interface, bool otherwise)
{
	struct ifreq answer;

	return ask(fd, interface, SIOCGIFFLAGS, &answer) ? !(answer.ifr_flags & IFF_UP) : otherwise;
}

void dz_live_kernel_reject_all(int fd)
{
	struct sock_filter reject = BPF_STMT(BPF_RET | BPF_K, 0);
	struct sock_fprog program = { 1, &reject };

	/* Where that fails, as in no kernel that is known, the drain ends by its time. */
	if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) != 0)
		return;
}

#else

void dz_live_kernel_open(struct dz_live_kernel *k, int fd, const char *interface)
{
	(void)k;
	(void)fd;
	(void)interface;
}

void dz_live_kernel_update(struct dz_live_kernel *k, int fd)
{
	(void)k;
	(void)fd;
}

bool dz_live_kernel_is_down(int fd, const char *interface, bool otherwise)
{
	(void)fd;
	(void)interface;
	return otherwise;
}

void dz_live_kernel_reject_all(int fd)
{
	(void)fd;
}

#endif
