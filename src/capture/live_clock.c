/* SPDX-License-Identifier: BSD-2-Clause */
/* live_clock.c - see live_clock.h. */
#include "config.h"
#include "capture/live_clock.h"

#include "base/mem.h"
#include <stdbool.h>
#include <stdlib.h>

static const int64_t smallest_step_ns = 1000000000;
static const uint64_t tolerance_ns = 100000000; /* now was looked at a little earlier than the packet came */

void dz_live_clock_init(struct dz_live_clock *c)
{
	*c = (struct dz_live_clock){ 0 };
	pthread_mutex_init(&c->lock, NULL);
}

void dz_live_clock_release(struct dz_live_clock *c)
{
	pthread_mutex_destroy(&c->lock);
	free(c->steps);
}

/* The offset after so many steps. */
static int64_t offset_after(const struct dz_live_clock *c, size_t steps)
{
	return steps ? c->steps[steps - 1].offset_ns : 0;
}

static void add_step(struct dz_live_clock *c, uint64_t steady_ns, int64_t offset_ns)
{
	size_t count = atomic_load(&c->count);
	void *block;

	pthread_mutex_lock(&c->lock);
	block = c->steps;
	dz_mem_grow(&block, &c->capacity, count + 1, sizeof *c->steps);
	c->steps = block;
	c->steps[count] = (struct dz_clock_step){ steady_ns, offset_ns };
	atomic_store(&c->count, count + 1);
	pthread_mutex_unlock(&c->lock);
}

int64_t dz_live_clock_observe(struct dz_live_clock *c, uint64_t real_ns, uint64_t monotonic_ns)
{
	int64_t difference = (int64_t)(real_ns - monotonic_ns), step = difference - c->difference_ns;
	bool is_first = !c->real_ns, is_step = step > smallest_step_ns || step < -smallest_step_ns;

	c->difference_ns = difference;
	c->real_ns = real_ns;
	if (is_first || !is_step)
		return 0;
	int64_t offset = offset_after(c, atomic_load(&c->count)) + step;
	add_step(c, real_ns - (uint64_t)offset, offset);
	return step;
}

/* Of two times at which a packet may have come, the likelier: not in the future, else the nearer to now. */
static bool is_likelier(uint64_t a, uint64_t b, uint64_t now)
{
	bool a_is_future = a > now + tolerance_ns, b_is_future = b > now + tolerance_ns;

	if (a_is_future != b_is_future)
		return b_is_future;
	return a_is_future ? a < b : a > b;
}

uint64_t dz_live_clock_steady(struct dz_live_clock *c, uint64_t kernel_ns)
{
	size_t count = atomic_load(&c->count);
	uint64_t now, after, before;

	if (!count)
		return kernel_ns;
	now = c->real_ns - (uint64_t)offset_after(c, count);
	after = kernel_ns - (uint64_t)offset_after(c, count);
	before = kernel_ns - (uint64_t)offset_after(c, count - 1);
	if (is_likelier(before, after, now))
		return before;
	if (after < c->steps[count - 1].steady_ns) { /* the step was earlier than it was seen */
		pthread_mutex_lock(&c->lock);
		c->steps[count - 1].steady_ns = after;
		pthread_mutex_unlock(&c->lock);
	}
	return after;
}

uint64_t dz_live_clock_wall(struct dz_live_clock *c, uint64_t steady_ns)
{
	size_t count = atomic_load(&c->count);
	uint64_t wall;

	if (!count)
		return steady_ns;
	pthread_mutex_lock(&c->lock);
	while (count && steady_ns < c->steps[count - 1].steady_ns)
		count--;
	wall = steady_ns + (uint64_t)offset_after(c, count);
	pthread_mutex_unlock(&c->lock);
	return wall;
}
