/* SPDX-License-Identifier: BSD-2-Clause */
/* domain.h - the registrable part of a host's name: "example.co.uk" of "www.example.co.uk", by the public suffix list
 * (https://publicsuffix.org) that libpsl has. */
#ifndef DISTRIBOOZE_DOMAIN_H
#define DISTRIBOOZE_DOMAIN_H

#include "base/strbuf.h"

/* Whether this build has the list. */
bool dz_domain_known(void);

/* Appends the domain of a host's name, of which capitals and a dot at the end do not count; the name itself where there
 * is none (a suffix, an address, a name without dots); nothing for NULL. The name is borrowed and may hold any bytes.
 */
void dz_domain_add(const char *hostname, struct dz_strbuf *out);

#endif
