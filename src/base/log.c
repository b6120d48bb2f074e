/* SPDX-License-Identifier: BSD-2-Clause */
/* log.c - see log.h. */
#include "config.h"
#include "base/log.h"

#include "base/strbuf.h"
#include "base/text.h"
#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* How much is said, and how long the progress line is that must be wiped before
 * anything else is said: both belong to the one stderr there is. */
static _Atomic int log_level = DZ_LOG_NORMAL;
static _Atomic size_t progress_width;

void dz_log_set_level(enum dz_log_level level)
{
	log_level = (int)level;
}

static void wipe(void)
{
	size_t width = progress_width;
	if (!width)
		return;
	fprintf(stderr, "\r%*s\r", (int)width, "");
	progress_width = 0;
}

DZ_PRINTF(2, 0) static void say(const char *kind, const char *format, va_list args)
{
	struct dz_strbuf shown;
	char text[2048];

	vsnprintf(text, sizeof text, format, args);
	dz_strbuf_init(&shown);
	dz_text_add_escaped(&shown, text);
	wipe();
	fprintf(stderr, "distribooze: %s%s\n", kind, shown.size ? shown.data : "");
	dz_strbuf_release(&shown);
}

#define DZ_SAY(kind)                                                                                                   \
	do {                                                                                                           \
		va_list args;                                                                                          \
		va_start(args, format);                                                                                \
		say(kind, format, args);                                                                               \
		va_end(args);                                                                                          \
	} while (0)

void dz_log_error(const char *format, ...)
{
	DZ_SAY("");
}

void dz_log_warning(const char *format, ...)
{
	if (log_level > DZ_LOG_QUIET)
		DZ_SAY("warning: ");
}

void dz_log_info(const char *format, ...)
{
	if (log_level > DZ_LOG_QUIET)
		DZ_SAY("");
}

void dz_log_verbose(const char *format, ...)
{
	if (log_level >= DZ_LOG_VERBOSE)
		DZ_SAY("");
}

void dz_log_in_handler(enum dz_log_level least, const char *text)
{
	int error = errno; /* of whatever was interrupted */
	ssize_t written = log_level >= (int)least ? write(STDERR_FILENO, text, strlen(text)) : 0;

	(void)written; /* standard error may be gone, too */
	errno = error;
}

void dz_log_progress(const char *text)
{
	struct dz_strbuf shown;

	dz_strbuf_init(&shown);
	dz_text_add_escaped(&shown, text);
	wipe();
	if (shown.size)
		fwrite(shown.data, 1, shown.size, stderr);
	fflush(stderr);
	progress_width = shown.size;
	dz_strbuf_release(&shown);
}
