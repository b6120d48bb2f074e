/* SPDX-License-Identifier: BSD-2-Clause */
/* live_clock.h - the kernel's time stamps without the steps of its clock.
 *
 * Packets are stamped with CLOCK_REALTIME, which is set now and then: by NTP, by people, after a suspension. By such a
 * time all flows would end at once, or never. So packets get steady times, from which steps of more than a second
 * against CLOCK_MONOTONIC are taken out, and records get the kernel's time back. Slewing is no step.
 *
 * Knows no clock: it is told times, in nanoseconds. One thread observes and stamps; any may ask for wall times. */
#ifndef DISTRIBOOZE_LIVE_CLOCK_H
#define DISTRIBOOZE_LIVE_CLOCK_H

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

struct dz_clock_step {
	uint64_t steady_ns; /* from then on */
	int64_t offset_ns;  /* the kernel's time less steady time */
};

struct dz_live_clock {
	int64_t difference_ns; /* CLOCK_REALTIME less CLOCK_MONOTONIC, as last observed */
	uint64_t real_ns;      /* CLOCK_REALTIME, as last observed; 0: never */
	pthread_mutex_t lock;
	struct dz_clock_step *steps; /* owned; under the lock */
	size_t capacity;
	atomic_size_t count;
};

void dz_live_clock_init(struct dz_live_clock *clock);
void dz_live_clock_release(struct dz_live_clock *clock);

/* What the clocks show now. Returns by how much the kernel's was set since the last time; 0: it was not. */
int64_t dz_live_clock_observe(struct dz_live_clock *clock, uint64_t real_ns, uint64_t monotonic_ns);

/* The steady time of a packet that was stamped so, by the clock as it is now or, where that fits better, as it was
 * before the last step: packets from then may still have been waiting. */
uint64_t dz_live_clock_steady(struct dz_live_clock *clock, uint64_t kernel_ns);

/* The kernel's time again. */
uint64_t dz_live_clock_wall(struct dz_live_clock *clock, uint64_t steady_ns);

#endif
