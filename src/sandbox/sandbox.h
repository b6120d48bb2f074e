/* SPDX-License-Identifier: BSD-2-Clause */
/* sandbox.h - what a running program can still do, once it has opened what it needs.
 *
 * Parsers of strangers' bytes have holes. A process in the sandbox opens no file beside those named here, makes no
 * socket, runs no program, and has no memory that is both written and executed. Two mechanisms of Linux, each used
 * where build and kernel have it: Landlock (files, TCP), and seccomp through libseccomp (system calls). A call that is
 * not allowed ends the program with status DZ_SANDBOX_EXIT and the call's name on standard error.
 *
 * Both hold for the calling thread and those it starts: enter before any thread is started. There is no way back. */
#ifndef DISTRIBOOZE_SANDBOX_H
#define DISTRIBOOZE_SANDBOX_H

#include "base/err.h"
#include <stdbool.h>
#include <stddef.h>

#define DZ_SANDBOX_EXIT 159 /* 128 + SIGSYS, as a shell shows it */

struct dz_sandbox_config {
	const char *const
		*readable; /* files and folders that may be read; borrowed; what does not exist is passed over */
	size_t readable_count;
	const char *const *writable; /* folders in which files may be made, written, renamed and removed */
	size_t writable_count;
	bool no_names; /* looking names up fails, where it would end the program else */
	bool live;     /* packet sockets that are open may be asked for their counts and given a filter */
};

/* What is in force afterwards; a part that is missing has its reason in `why`. */
struct dz_sandbox_state {
	int landlock; /* its ABI, 0: not in force */
	bool seccomp;
	char why[160]; /* empty when both are in force */
};

/* False, with a message, only when something failed half way and the process may be in neither state. A kernel, a
 * container or a build that has not got a mechanism is no failure: `state` tells. */
DZ_MUST_CHECK bool dz_sandbox_enter(const struct dz_sandbox_config *config, struct dz_sandbox_state *state,
				    struct dz_err *err);

/* "seccomp, Landlock, libcap", as this program was built; "none" when it has no part. Static. */
const char *dz_sandbox_parts(void);

#endif
