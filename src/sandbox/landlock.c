/* SPDX-License-Identifier: BSD-2-Clause */
/* landlock.c - which files can be opened, by Linux's Landlock (kernel documentation, userspace-api/landlock).
 *
 * Headers are often older than kernels, so rights are written here by their numbers, which are fixed by the kernel's
 * ABI. What is open already stays as it is. */
#include "config.h"
#include "sandbox/sandbox_internal.h"

#ifdef HAVE_LANDLOCK

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* linux/landlock.h, LANDLOCK_ACCESS_FS_*: the ABI that brought each is the index of the table below. */
#define RIGHT(bit) (UINT64_C(1) << (bit))
enum { EXECUTE, WRITE_FILE, READ_FILE, READ_DIR, REMOVE_DIR, REMOVE_FILE, MAKE_CHAR, MAKE_DIR, MAKE_REG };
enum { REFER = 13, TRUNCATE = 14, IOCTL_DEV = 15 };

#define READING (RIGHT(READ_FILE) | RIGHT(READ_DIR))
#define WRITING                                                                                                        \
	(READING | RIGHT(WRITE_FILE) | RIGHT(REMOVE_FILE) | RIGHT(MAKE_REG) | RIGHT(TRUNCATE) | RIGHT(IOCTL_DEV))
#define OF_FILES (RIGHT(EXECUTE) | RIGHT(WRITE_FILE) | RIGHT(READ_FILE) | RIGHT(TRUNCATE) | RIGHT(IOCTL_DEV))

/* All rights that the kernel of an ABI can take away. */
static uint64_t rights_of(int abi)
{
	unsigned count = abi >= 5 ? IOCTL_DEV + 1 : abi >= 3 ? TRUNCATE + 1 : abi == 2 ? REFER + 1 : REFER;

	return RIGHT(count) - 1;
}

/* struct landlock_ruleset_attr as of ABI 4: older kernels are handed the first member only. */
struct ruleset {
	uint64_t fs, net;
};
enum { NET_BIND_AND_CONNECT = 3, NET_SINCE = 4 };

static int make_ruleset(int abi)
{
	struct ruleset rules = { rights_of(abi), NET_BIND_AND_CONNECT };
	size_t size = abi >= NET_SINCE ? sizeof rules : sizeof rules.fs;

	return (int)syscall(SYS_landlock_create_ruleset, &rules, size, 0);
}

/* A path that cannot be opened cannot be read later either, and who reads it will say so. */
static bool allow(int ruleset, const char *path, uint64_t rights, struct dz_err *err)
{
	struct landlock_path_beneath_attr beneath = { .parent_fd = open(path, O_PATH | O_CLOEXEC) };
	struct stat status;
	bool fine = true;

	if (beneath.parent_fd < 0)
		return true;
	if (fstat(beneath.parent_fd, &status) == 0 && !S_ISDIR(status.st_mode))
		rights &= OF_FILES;
	beneath.allowed_access = rights;
	if (syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &beneath, 0) != 0 && errno != EBADFD)
		fine = dz_err_set(err, "the sandbox: Landlock: %s: %s", path, strerror(errno));
	close(beneath.parent_fd);
	return fine;
}

static bool allow_all(int ruleset, const struct dz_sandbox_config *config, uint64_t known, struct dz_err *err)
{
	bool fine = true;

	for (size_t i = 0; fine && i < config->readable_count; i++)
		fine = allow(ruleset, config->readable[i], READING & known, err);
	for (size_t i = 0; fine && i < config->writable_count; i++)
		fine = allow(ruleset, config->writable[i], WRITING & known, err);
	return fine;
}

enum dz_sandbox_outcome dz_sandbox_landlock(const struct dz_sandbox_config *config, int *abi, const char **why,
					    struct dz_err *err)
{
	int version = (int)syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	int ruleset = version > 0 ? make_ruleset(version) : -1;
	bool fine;

	if (ruleset < 0) {
		*why = strerror(errno);
		return DZ_SANDBOX_ABSENT;
	}
	fine = allow_all(ruleset, config, rights_of(version), err);
	if (fine && syscall(SYS_landlock_restrict_self, ruleset, 0) != 0)
		fine = dz_err_set(err, "the sandbox: Landlock: %s", strerror(errno));
	close(ruleset);
	*abi = version;
	return fine ? DZ_SANDBOX_ON : DZ_SANDBOX_FAILED;
}

#else

enum dz_sandbox_outcome dz_sandbox_landlock(const struct dz_sandbox_config *config, int *abi, const char **why,
					    struct dz_err *err)
{
	(void)config;
	(void)abi;
	(void)err;
	*why = "not in this build";
	return DZ_SANDBOX_ABSENT;
}

#endif
