/* SPDX-License-Identifier: BSD-2-Clause */
/* mem_use.c - see mem_use.h. */
#include "config.h"
#include "base/mem_use.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

void dz_mem_use_init(struct dz_mem_use *use)
{
	use->fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC); /* proc(5) */
}

void dz_mem_use_release(struct dz_mem_use *use)
{
	if (use->fd >= 0)
		close(use->fd);
	use->fd = -1;
}

uint64_t dz_mem_use_now(const struct dz_mem_use *use)
{
	uint64_t size, resident;
	struct rusage usage;
	char text[128];
	ssize_t got = use->fd < 0 ? -1 : pread(use->fd, text, sizeof text - 1, 0);

	if (got > 0) {
		text[got] = '\0';
		if (sscanf(text, "%" SCNu64 " %" SCNu64, &size, &resident) == 2)
			return resident * (uint64_t)sysconf(_SC_PAGESIZE);
	}
	getrusage(RUSAGE_SELF, &usage);
	return (uint64_t)usage.ru_maxrss * 1024;
}
