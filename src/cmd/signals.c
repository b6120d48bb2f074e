/* SPDX-License-Identifier: BSD-2-Clause */
/* signals.c - see signals.h. The one place beside main that ends the program: a handler cannot return to main. */
#include "config.h"
#include "cmd/signals.h"

#include "base/log.h"
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <unistd.h>

static atomic_bool stop;
static atomic_int asked;
static atomic_bool wait_for_end;

static void ask(int number)
{
	if (atomic_exchange(&asked, number)) {
		signal(number, SIG_DFL);
		raise(number);
		return;
	}
	atomic_store(&stop, true);
}

static void end(int number)
{
	static const char interrupted[] = "distribooze: interrupted: nothing was written\n",
			  terminated[] = "distribooze: terminated: nothing was written\n";

	if (number == SIGINT && atomic_exchange(&wait_for_end, false)) {
		dz_log_in_handler(DZ_LOG_QUIET,
				  "distribooze: interrupted: the stream is read to its end; again to give up\n");
		return;
	}
	dz_log_in_handler(DZ_LOG_QUIET, number == SIGINT ? interrupted : terminated);
	_exit(128 + number);
}

static void handle(void (*handler)(int))
{
	static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction action = { .sa_handler = handler }, before, ignore = { .sa_handler = SIG_IGN };

	sigemptyset(&action.sa_mask);
	sigemptyset(&ignore.sa_mask);
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		if (sigaction(numbers[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
			sigaction(numbers[i], &action, NULL);
	sigaction(SIGPIPE, &ignore, NULL);
}

atomic_bool *dz_signals_ask(void)
{
	handle(ask);
	return &stop;
}

int dz_signals_asked(void)
{
	return atomic_load(&asked);
}

void dz_signals_end(bool reads_stream)
{
	atomic_store(&wait_for_end, reads_stream);
	handle(end);
}

void dz_signals_stream_ended(void)
{
	atomic_store(&wait_for_end, false);
}
