/* SPDX-License-Identifier: BSD-2-Clause */
/* signals.h - what SIGINT, SIGTERM and SIGHUP do to a run.
 *
 * A signal that was ignored when the program began stays ignored: a shell has its background jobs ignore SIGINT, nohup
 * has SIGHUP ignored. SIGPIPE is ignored everywhere: a reader that goes away is an error of write(). */
#ifndef DISTRIBOOZE_SIGNALS_H
#define DISTRIBOOZE_SIGNALS_H

#include <stdatomic.h>
#include <stdbool.h>

/* For a command whose output is good as far as it goes: the first signal sets the flag that is returned (for
 * dz_engine_config.stop), a second one kills. */
atomic_bool *dz_signals_ask(void);
/* The signal that asked; 0: none has. */
int dz_signals_asked(void);

/* For a command that has nothing to show before its end: a signal is told in one line, nothing is written, and the exit
 * code is 128 and its number, as shells have it. Of a command that reads a stream a first SIGINT is only told: in a
 * pipeline it goes to all, whoever writes the stream ends it, and what it still brings is read. */
void dz_signals_end(bool reads_stream);
/* No stream is read any more: from here on a first SIGINT ends it, too. */
void dz_signals_stream_ended(void);

#endif
