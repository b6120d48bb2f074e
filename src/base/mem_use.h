/* SPDX-License-Identifier: BSD-2-Clause */
/* mem_use.h - how much memory the process takes.
 *
 * Asked of the system, which knows what libraries have allocated, too; so the answer is that of the process, whichever
 * thread asks. */
#ifndef DISTRIBOOZE_MEM_USE_H
#define DISTRIBOOZE_MEM_USE_H

#include <stdint.h>

struct dz_mem_use {
	int fd; /* private: what tells it stays open, as a sandbox lets nothing be opened later */
};

void dz_mem_use_init(struct dz_mem_use *use);
void dz_mem_use_release(struct dz_mem_use *use);

/* Bytes in memory (resident); where the system does not tell, the most there ever were. */
uint64_t dz_mem_use_now(const struct dz_mem_use *use);

#endif
