/* SPDX-License-Identifier: BSD-2-Clause */
/* sandbox.c - see sandbox.h: files first, then system calls, as setting up the former takes calls that the latter
 * forbids. */
#include "config.h"
#include "sandbox/sandbox.h"

#include "sandbox/sandbox_internal.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

/* Without it neither mechanism is open to a process without privileges, and setuid programs would be a way out. */
static bool no_new_privileges(struct dz_err *err)
{
#ifdef __linux__
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return dz_err_set(err, "the sandbox: no_new_privs: %s", strerror(errno));
#else
	(void)err;
#endif
	return true;
}

/* Sanitizers and coverage open files and trace processes of their own. */
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__ || defined DZ_COVERAGE
#define INSTRUMENTED 1
#elif defined __has_feature
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define INSTRUMENTED 1
#endif
#endif
#ifndef INSTRUMENTED
#define INSTRUMENTED 0
#endif

static void tell_absent(struct dz_sandbox_state *state, const char *mechanism, const char *why)
{
	size_t used = strlen(state->why);

	snprintf(state->why + used, sizeof state->why - used, "%s%s: %s", used ? "; " : "", mechanism, why);
}

bool dz_sandbox_enter(const struct dz_sandbox_config *config, struct dz_sandbox_state *state, struct dz_err *err)
{
	enum dz_sandbox_outcome outcome;
	const char *why = "";

	*state = (struct dz_sandbox_state){ 0 };
	if (INSTRUMENTED) {
		tell_absent(state, "the sandbox", "an instrumented build");
		return true;
	}
	if (!no_new_privileges(err))
		return false;
	outcome = dz_sandbox_landlock(config, &state->landlock, &why, err);
	if (outcome == DZ_SANDBOX_ABSENT)
		tell_absent(state, "Landlock", why);
	if (outcome == DZ_SANDBOX_FAILED)
		return false;
	outcome = dz_sandbox_seccomp(config, &why, err);
	if (outcome == DZ_SANDBOX_ABSENT)
		tell_absent(state, "seccomp", why);
	state->seccomp = outcome == DZ_SANDBOX_ON;
	return outcome != DZ_SANDBOX_FAILED;
}

const char *dz_sandbox_parts(void)
{
	static const char parts[] = ""
#ifdef HAVE_SECCOMP
				    ", seccomp"
#endif
#ifdef HAVE_LANDLOCK
				    ", Landlock"
#endif
#ifdef HAVE_LIBCAP
				    ", libcap"
#endif
		;
	return sizeof parts > 1 ? parts + 2 : "none";
}
