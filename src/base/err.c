/* SPDX-License-Identifier: BSD-2-Clause */
/* err.c - see err.h. */
#include "config.h"
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool dz_err_set(struct dz_err *err, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	vsnprintf(err->text, sizeof err->text, format, args);
	va_end(args);
	return false;
}

bool dz_err_prefix(struct dz_err *err, const char *format, ...)
{
	char prefix[sizeof err->text], tail[sizeof err->text];
	va_list args;
	va_start(args, format);
	vsnprintf(prefix, sizeof prefix, format, args);
	va_end(args);
	strcpy(tail, err->text);
	size_t used = (size_t)snprintf(err->text, sizeof err->text, "%s: ", prefix);
	if (used < sizeof err->text)
		snprintf(err->text + used, sizeof err->text - used, "%s", tail);
	return false;
}
