/* SPDX-License-Identifier: BSD-2-Clause */
/* privileges.c - see privileges.h. */
#include "config.h"
#include "sandbox/privileges.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif
#ifdef HAVE_LIBCAP
#include <sys/capability.h>
#endif

static bool find_group(const char *name, struct dz_identity *identity, struct dz_err *err)
{
	const struct group *group = getgrnam(name);

	if (!group)
		return dz_err_set(err, "--user: there is no group '%s'", name);
	identity->gid = group->gr_gid;
	return true;
}

static bool find_user(const char *name, struct dz_identity *identity)
{
	const struct passwd *user;

	errno = 0;
	user = getpwnam(name);
	if (!user)
		return false;
	identity->change = true;
	identity->uid = user->pw_uid;
	identity->gid = user->pw_gid;
	snprintf(identity->name, sizeof identity->name, "%s", name);
	return true;
}

bool dz_privileges_find(const char *spec, struct dz_identity *identity, struct dz_err *err)
{
	char name[64];
	const char *colon = spec ? strchr(spec, ':') : NULL;
	size_t size = colon ? (size_t)(colon - spec) : spec ? strlen(spec) : 0;

	*identity = (struct dz_identity){ 0 };
	if (!spec) {
		if (geteuid() != 0 || find_user("distribooze", identity) || find_user("nobody", identity))
			return true;
		if (errno == EMFILE || errno == ENFILE)
			return dz_err_set(err, "users cannot be looked up: %s", strerror(errno));
		return dz_err_set(err, "there is neither a user 'distribooze' nor 'nobody' to run as: see --user");
	}
	if (!size || size >= sizeof name)
		return dz_err_set(err, "--user: '%s' is not NAME or NAME:GROUP", spec);
	memcpy(name, spec, size);
	name[size] = '\0';
	if (!find_user(name, identity))
		return dz_err_set(err, "--user: there is no user '%s'", name);
	if (geteuid() != 0 && identity->uid != geteuid())
		return dz_err_set(err, "--user: only root can become '%s'", name);
	return !colon || find_group(colon + 1, identity, err);
}

static bool become(const struct dz_identity *identity, struct dz_err *err)
{
	if (!identity->change || geteuid() != 0)
		return true;
	if (setgroups(0, NULL) != 0 && errno != EPERM) /* a user namespace may refuse it, and has none to give up */
		return dz_err_set(err, "supplementary groups cannot be given up: %s", strerror(errno));
	if (setregid(identity->gid, identity->gid) != 0)
		return dz_err_set(err, "group %u cannot be taken: %s", (unsigned)identity->gid, strerror(errno));
	if (setreuid(identity->uid, identity->uid) != 0)
		return dz_err_set(err, "user '%s' cannot be taken: %s", identity->name, strerror(errno));
	if (setuid(0) == 0 && identity->uid != 0)
		return dz_err_set(err, "user '%s' was taken, and root can be had back", identity->name);
	return true;
}

#ifdef HAVE_LIBCAP

/* Before the user changes: dropping from the bounding set takes CAP_SETPCAP. */
static void empty_bounding_set(void)
{
	for (cap_value_t cap = 0; cap <= CAP_LAST_CAP; cap++)
		cap_drop_bound(cap);
	cap_reset_ambient();
}

static bool empty_sets(struct dz_err *err)
{
	cap_t none = cap_init();
	bool fine = none && cap_set_proc(none) == 0;

	if (!fine)
		dz_err_set(err, "capabilities cannot be given up: %s", strerror(errno));
	cap_free(none);
	return fine;
}

#else

static void empty_bounding_set(void)
{
}

/* Changing from root to another user clears all but the bounding set. */
static bool empty_sets(struct dz_err *err)
{
	(void)err;
	return true;
}

#endif

bool dz_privileges_drop(const struct dz_identity *identity, struct dz_err *err)
{
	empty_bounding_set();
	if (!become(identity, err) || !empty_sets(err))
		return false;
#ifdef __linux__
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return dz_err_set(err, "privileges cannot be given up: %s", strerror(errno));
#endif
	return true;
}
