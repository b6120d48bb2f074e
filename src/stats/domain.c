/* SPDX-License-Identifier: BSD-2-Clause */
/* domain.c - see domain.h. The only file that includes libpsl. */
#include "config.h"
#include "stats/domain.h"

#ifdef HAVE_PSL
#include <libpsl.h>
#endif
#include <string.h>

enum { MAX_NAME = 253 }; /* of a name (RFC 1035, section 2.3.4) */

bool dz_domain_known(void)
{
#ifdef HAVE_PSL
	return psl_builtin() != NULL;
#else
	return false;
#endif
}

static const char *registrable(const char *name)
{
#ifdef HAVE_PSL
	const psl_ctx_t *list = psl_builtin();
	const char *found = list ? psl_registrable_domain(list, name) : NULL;

	return found ? found : name;
#else
	return name;
#endif
}

/* An address is no name, though its parts look like labels. */
static bool is_address(const char *name)
{
	return strspn(name, "0123456789.") == strlen(name) || strchr(name, ':');
}

void dz_domain_add(const char *hostname, struct dz_strbuf *out)
{
	char name[MAX_NAME + 1];
	size_t size = hostname ? strlen(hostname) : 0;

	if (size && hostname[size - 1] == '.')
		size--;
	if (!size)
		return;
	if (size > MAX_NAME) {
		dz_strbuf_adds(out, hostname);
		return;
	}
	for (size_t i = 0; i < size; i++)
		name[i] = hostname[i] >= 'A' && hostname[i] <= 'Z' ? (char)(hostname[i] - 'A' + 'a') : hostname[i];
	name[size] = '\0';
	dz_strbuf_adds(out, is_address(name) ? name : registrable(name));
}
