/* SPDX-License-Identifier: BSD-2-Clause */
/* notify.h - tells a service manager how it goes: sd_notify(3)'s datagrams, without its library.
 *
 * The socket is opened before the sandbox is entered; nothing happens where NOTIFY_SOCKET is not set. */
#ifndef DISTRIBOOZE_NOTIFY_H
#define DISTRIBOOZE_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>

struct dz_notify {
	int fd;               /* -1: no listener */
	uint64_t watchdog_us; /* a beat is wanted at least this often; 0: none */
};

/* From the environment: NOTIFY_SOCKET (a path, or @ and an abstract name), WATCHDOG_USEC and WATCHDOG_PID. */
void dz_notify_open(struct dz_notify *notify);
void dz_notify_close(struct dz_notify *notify);

/* Sends "READY=1", "STOPPING=1", "WATCHDOG=1", "STATUS=...". Never waits; what cannot be sent is not. */
void dz_notify_send(const struct dz_notify *notify, const char *text);

#endif
