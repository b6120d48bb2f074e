/* SPDX-License-Identifier: BSD-2-Clause */
/* notify.c - see notify.h. */
#include "config.h"
#include "output/notify.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static bool parse_number(const char *text, uint64_t *value)
{
	char *end;

	if (!text || !*text)
		return false;
	errno = 0;
	*value = strtoull(text, &end, 10);
	return !errno && !*end;
}

static uint64_t watchdog_of_environment(void)
{
	uint64_t us, pid;

	if (!parse_number(getenv("WATCHDOG_USEC"), &us))
		return 0;
	if (parse_number(getenv("WATCHDOG_PID"), &pid) && pid != (uint64_t)getpid())
		return 0;
	return us;
}

static int connect_to(const char *name)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	size_t size = strlen(name);
	int fd;

	if ((*name != '/' && *name != '@') || size >= sizeof address.sun_path)
		return -1;
	memcpy(address.sun_path, name, size);
	if (*name == '@')
		address.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	if (fd >= 0 && connect(fd, (struct sockaddr *)(void *)&address,
			       (socklen_t)(offsetof(struct sockaddr_un, sun_path) + size)) != 0) {
		close(fd);
		return -1;
	}
	if (fd >= 0)
		fcntl(fd, F_SETFD, FD_CLOEXEC);
	return fd;
}

void dz_notify_open(struct dz_notify *notify)
{
	const char *name = getenv("NOTIFY_SOCKET");

	*notify = (struct dz_notify){ name ? connect_to(name) : -1, 0 };
	if (notify->fd >= 0)
		notify->watchdog_us = watchdog_of_environment();
}

void dz_notify_close(struct dz_notify *notify)
{
	if (notify->fd >= 0)
		close(notify->fd);
	notify->fd = -1;
}

void dz_notify_send(const struct dz_notify *notify, const char *text)
{
	if (notify->fd >= 0 && send(notify->fd, text, strlen(text), MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		return;
}
