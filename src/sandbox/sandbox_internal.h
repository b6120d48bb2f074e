/* SPDX-License-Identifier: BSD-2-Clause */
/* sandbox_internal.h - the two mechanisms behind sandbox.h. */
#ifndef DISTRIBOOZE_SANDBOX_INTERNAL_H
#define DISTRIBOOZE_SANDBOX_INTERNAL_H

#include "sandbox/sandbox.h"

/* What came of a mechanism. */
enum dz_sandbox_outcome {
	DZ_SANDBOX_ON,
	DZ_SANDBOX_ABSENT, /* not built in, or the kernel or a container refuses it: *why is set, static or strerror()'s
			    */
	DZ_SANDBOX_FAILED  /* err is set */
};

/* *abi is the kernel's when the outcome is ON. */
enum dz_sandbox_outcome dz_sandbox_landlock(const struct dz_sandbox_config *config, int *abi, const char **why,
					    struct dz_err *err);
enum dz_sandbox_outcome dz_sandbox_seccomp(const struct dz_sandbox_config *config, const char **why,
					   struct dz_err *err);

#endif
