/* SPDX-License-Identifier: BSD-2-Clause */
/* live_kernel.h - what the kernel knows of an interface that is captured. Private to src/capture.
 *
 * libpcap's own counts have 32 bits, and reading them opens files of sysfs at each call, which a sandbox forbids. So
 * the socket is asked, and the files are opened beforehand. On other systems than Linux nothing is known. */
#ifndef DISTRIBOOZE_LIVE_KERNEL_H
#define DISTRIBOOZE_LIVE_KERNEL_H

#include <stdbool.h>
#include <stdint.h>

enum { DZ_LIVE_DROP_FILES = 3 };

struct dz_live_kernel {
	bool known; /* received and dropped are counted */
	bool twice; /* over loopback both what is sent and what comes is counted, and the latter handed on */
	uint64_t received, dropped, dropped_by_interface;
	uint32_t mtu;
	char offloads[32]; /* those that are on when it is opened: "gro, tso"; empty: none, or not known */
	/* private */
	int drop_fds[DZ_LIVE_DROP_FILES];
	uint64_t drops_before; /* dropped_by_interface at the start */
};

void dz_live_kernel_init(struct dz_live_kernel *kernel);
/* `fd` is the packet socket. */
void dz_live_kernel_open(struct dz_live_kernel *kernel, int fd, const char *interface);
void dz_live_kernel_release(struct dz_live_kernel *kernel);

/* Adds what was counted since the last call. */
void dz_live_kernel_update(struct dz_live_kernel *kernel, int fd);

/* Whether the interface is down; `otherwise` where the kernel does not tell, as of "any". */
bool dz_live_kernel_is_down(int fd, const char *interface, bool otherwise);

/* The socket keeps no packet any more. */
void dz_live_kernel_reject_all(int fd);

#endif
