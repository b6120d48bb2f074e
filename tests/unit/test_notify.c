/* SPDX-License-Identifier: BSD-2-Clause */
/* test_notify.c - datagrams to a service manager, by path and by abstract name; silence where there is none. */
#include "config.h"
#include "output/notify.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int listen_at(const char *name)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name));

	memcpy(address.sun_path, name, strlen(name));
	if (*name == '@')
		address.sun_path[0] = '\0';
	assert_int_equal(bind(fd, (struct sockaddr *)(void *)&address, size), 0);
	return fd;
}

static void assert_received(int fd, const char *expected)
{
	char text[64] = "";

	assert_true(recv(fd, text, sizeof text - 1, MSG_DONTWAIT) >= 0);
	assert_string_equal(text, expected);
}

static void set_environment(const char *name, const char *us, const char *pid)
{
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
	if (name)
		setenv("NOTIFY_SOCKET", name, 1);
	if (us)
		setenv("WATCHDOG_USEC", us, 1);
	if (pid)
		setenv("WATCHDOG_PID", pid, 1);
}

static void messages_arrive(void **state)
{
	char path[64], abstract[64];
	struct dz_notify notify;

	(void)state;
	snprintf(path, sizeof path, "/tmp/dz-notify-%ld", (long)getpid());
	snprintf(abstract, sizeof abstract, "@dz-notify-%ld", (long)getpid());
	for (int i = 0; i < 2; i++) {
		int fd = listen_at(i ? abstract : path);
		set_environment(i ? abstract : path, NULL, NULL);
		dz_notify_open(&notify);
		assert_true(notify.fd >= 0);
		assert_int_equal(notify.watchdog_us, 0);
		dz_notify_send(&notify, "READY=1");
		dz_notify_send(&notify, "STATUS=fine");
		assert_received(fd, "READY=1");
		assert_received(fd, "STATUS=fine");
		close(fd);
		dz_notify_send(&notify, "WATCHDOG=1"); /* the manager went away */
		dz_notify_close(&notify);
		dz_notify_send(&notify, "WATCHDOG=1");
	}
	unlink(path);
}

static void the_watchdog_is_ours_only(void **state)
{
	char name[64], pid[32];
	struct dz_notify notify;
	int fd;

	(void)state;
	snprintf(name, sizeof name, "@dz-notify-%ld", (long)getpid());
	snprintf(pid, sizeof pid, "%ld", (long)getpid());
	fd = listen_at(name);
	set_environment(name, "30000000", pid);
	dz_notify_open(&notify);
	assert_int_equal(notify.watchdog_us, 30000000);
	dz_notify_close(&notify);
	set_environment(name, "30000000", "1");
	dz_notify_open(&notify);
	assert_int_equal(notify.watchdog_us, 0);
	dz_notify_close(&notify);
	close(fd);
}

static void nobody_listens(void **state)
{
	static const char *const names[] = { NULL, "", "relative", "/tmp/dz-nobody-is-there" };
	struct dz_notify notify;

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		set_environment(names[i], "1", NULL);
		dz_notify_open(&notify);
		assert_int_equal(notify.fd, -1);
		assert_int_equal(notify.watchdog_us, 0);
		dz_notify_send(&notify, "READY=1");
		dz_notify_close(&notify);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages_arrive),
		cmocka_unit_test(the_watchdog_is_ours_only),
		cmocka_unit_test(nobody_listens),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
