/* SPDX-License-Identifier: BSD-2-Clause */
/* test_live_kernel.c - counts of an interface do not wrap: at 100,000 packets a second 32 bits last for 12 hours. */
#include "config.h"
#include "capture/live_kernel.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <sys/socket.h>
#include <unistd.h>

static void sums_have_64_bits(void **state)
{
	const uint64_t many = (UINT64_C(1) << 40) + 5;
	struct dz_live_kernel kernel;
	int fd = -1;

	(void)state;
#ifdef AF_PACKET
	fd = socket(AF_PACKET, SOCK_RAW, 0); /* bound to no protocol: nothing is received */
#endif
	if (fd < 0)
		skip(); /* needs CAP_NET_RAW */
	dz_live_kernel_init(&kernel);
	kernel.received = many;
	kernel.dropped = many + 1;
	dz_live_kernel_update(&kernel, fd);
	assert_true(kernel.known);
	assert_true(kernel.received == many);
	assert_true(kernel.dropped == many + 1);
	dz_live_kernel_release(&kernel);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(sums_have_64_bits) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
