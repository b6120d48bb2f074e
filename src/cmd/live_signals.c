/* SPDX-License-Identifier: BSD-2-Clause */
/* live_signals.c - see live_signals.h. */
#include "config.h"
#include "cmd/live_signals.h"

#include "base/log.h"
#include <signal.h>
#include <stddef.h>
#include <sys/time.h>

static atomic_bool stop_asked, reopen_asked, stats_asked;

static void on_stop(int number)
{
	atomic_store(&stop_asked, true);
	if (number != SIGALRM)
		dz_log_in_handler(
			DZ_LOG_NORMAL,
			"distribooze: stopping: what is open is written; a second signal ends at once, without it\n");
}

static void on_hup(int number)
{
	(void)number;
	atomic_store(&reopen_asked, true);
}

static void on_usr1(int number)
{
	(void)number;
	atomic_store(&stats_asked, true);
}

static void catch_one(int number, void (*handler)(int), int flags)
{
	struct sigaction action = { .sa_handler = handler, .sa_flags = flags };

	sigemptyset(&action.sa_mask);
	sigaction(number, &action, NULL);
}

static bool is_ignored(int number)
{
	struct sigaction before;

	return sigaction(number, NULL, &before) == 0 && before.sa_handler == SIG_IGN;
}

/* The first INT or TERM asks, the second one kills. HUP opens files anew where there are any; else it is the terminal
 * that closes, and ends the run as TERM does. */
void dz_live_signals_catch(bool has_files)
{
	if (!is_ignored(SIGINT))
		catch_one(SIGINT, on_stop, SA_RESETHAND);
	catch_one(SIGTERM, on_stop, SA_RESETHAND);
	if (has_files)
		catch_one(SIGHUP, on_hup, 0);
	else if (!is_ignored(SIGHUP))
		catch_one(SIGHUP, on_stop, SA_RESETHAND);
	catch_one(SIGUSR1, on_usr1, 0);
	catch_one(SIGALRM, on_stop, 0);
	catch_one(SIGPIPE, SIG_IGN, 0);
	catch_one(SIGXFSZ, SIG_IGN, 0);
}

void dz_live_signals_stop_after(uint64_t ns)
{
	struct itimerval timer = { .it_value = { (time_t)(ns / 1000000000), (suseconds_t)(ns % 1000000000 / 1000) } };

	if (ns)
		setitimer(ITIMER_REAL, &timer, NULL);
}

atomic_bool *dz_live_signals_stop(void)
{
	return &stop_asked;
}

bool dz_live_signals_take_reopen(void)
{
	return atomic_exchange(&reopen_asked, false);
}

bool dz_live_signals_take_stats(void)
{
	return atomic_exchange(&stats_asked, false);
}
