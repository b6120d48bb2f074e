/* SPDX-License-Identifier: BSD-2-Clause */
/* live_signals.h - what signals ask of a live capture: to stop, to open its files anew, to write its accounting. */
#ifndef DISTRIBOOZE_LIVE_SIGNALS_H
#define DISTRIBOOZE_LIVE_SIGNALS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* Catches INT and TERM (stop; the second one kills), USR1 (stats), and HUP: reopen where there are files, else stop.
 * What was ignored from the start stays so. */
void dz_live_signals_catch(bool has_files);

/* Asks to stop after so much time; 0: never. */
void dz_live_signals_stop_after(uint64_t ns);

/* Becomes true, and stays so. */
atomic_bool *dz_live_signals_stop(void);

/* Whether it was asked for since the last call. */
bool dz_live_signals_take_reopen(void);
bool dz_live_signals_take_stats(void);

#endif
