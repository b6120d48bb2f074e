/* SPDX-License-Identifier: BSD-2-Clause */
/* privileges.h - the user that the process is while it captures: one without rights.
 *
 * A capture needs CAP_NET_RAW to open its interfaces, and nothing afterwards. So: names are looked up while files can
 * still be read, interfaces are opened, and then everything is given back for good. */
#ifndef DISTRIBOOZE_PRIVILEGES_H
#define DISTRIBOOZE_PRIVILEGES_H

#include "base/err.h"
#include <stdbool.h>
#include <sys/types.h>

struct dz_identity {
	bool change; /* false: stay who we are, as who is not root has to */
	uid_t uid;
	gid_t gid;
	char name[64];
};

/* `spec` is NAME or NAME:GROUP. NULL: for root "distribooze" if there is such a user, else "nobody"; for others no
 * change. False, with a message, for names that do not exist, and when a user other than root asks for another one.
 */
DZ_MUST_CHECK bool dz_privileges_find(const char *spec, struct dz_identity *identity, struct dz_err *err);

/* Gives up supplementary groups, group, user, all capabilities in all sets, and being dumped or traced; sets
 * no_new_privs. False, with a message, when any of it fails: the process must then end. */
DZ_MUST_CHECK bool dz_privileges_drop(const struct dz_identity *identity, struct dz_err *err);

#endif
