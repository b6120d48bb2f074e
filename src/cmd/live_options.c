/* SPDX-License-Identifier: BSD-2-Clause */
/* live_options.c - the options of a live capture: see live.h. */
#include "config.h"
#include "cmd/live.h"

#include "base/log.h"
#include "cmd/live_files.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const when_full_names[] = { "drop", "wait", NULL };

void dz_live_settings_init(struct dz_live_settings *s)
{
	*s = (struct dz_live_settings){ .promiscuous = true,
					.snaplen = 262144,
					.buffer_size = UINT64_C(64) << 20,
					.stats_interval_ns = UINT64_C(60) * 1000000000,
					.output_buffer = UINT64_C(64) << 20 };
}

const char *dz_live_settings_misplaced(const struct dz_live_settings *s)
{
	struct dz_live_settings d;

	dz_live_settings_init(&d);
	return s->promiscuous != d.promiscuous               ? "--no-promiscuous"
	       : s->snaplen != d.snaplen                     ? "--snaplen"
	       : s->buffer_size != d.buffer_size             ? "--buffer-size"
	       : s->packets                                  ? "--count"
	       : s->duration_ns                              ? "--duration"
	       : s->stats_interval_ns != d.stats_interval_ns ? "--stats-interval"
	       : s->output_buffer != d.output_buffer         ? "--output-buffer"
	       : s->when_full                                ? "--when-full"
	       : s->rotate_size || s->rotate_ns              ? "--rotate"
	       : s->keep                                     ? "--keep"
	       : s->metrics                                  ? "--metrics"
	       : s->user                                     ? "--user"
							     : NULL;
}

/* ---- values ---- */

static bool add_interface(void *target, const char *value, struct dz_err *err)
{
	struct dz_live_settings *s = target;

	if (!*value)
		return dz_err_set(err, "'' is no interface; -D lists them");
	if (s->count == DZ_LIVE_INTERFACES)
		return dz_err_set(err, "'%.40s' is one too many: %d are the most", value, DZ_LIVE_INTERFACES);
	s->interfaces[s->count++] = value;
	return true;
}

/* One part of --rotate: a duration ends in a unit of time, a size in one of bytes or none. */
static bool rotate_by(struct dz_live_settings *s, const char *part, struct dz_err *err)
{
	size_t size = strlen(part);

	if (size && strchr("smhd", part[size - 1]) && dz_opt_duration(part, &s->rotate_ns)) {
		if (s->rotate_ns >= UINT64_C(1000000000))
			return true;
		return dz_err_set(err, "'%s' is too short: a file lasts for a second at least", part);
	}
	if (!dz_opt_size(part, &s->rotate_size))
		return dz_err_set(err, "'%s' is not a size such as 100M, a time such as 1h, or both: 100M,1h", part);
	if (s->rotate_size < 4096)
		return dz_err_set(err, "'%s' is too small: a file holds 4096 bytes at least", part);
	return true;
}

static bool parse_rotate(void *target, const char *value, struct dz_err *err)
{
	char copy[64], *rest = copy;

	if (strlen(value) >= sizeof copy)
		return dz_err_set(err, "'%.40s...' is too long", value);
	strcpy(copy, value);
	while (rest) {
		if (!rotate_by(target, strsep(&rest, ","), err))
			return false;
	}
	return true;
}

/* ---- all of them together ---- */

bool dz_live_settings_rotate(const struct dz_live_settings *s)
{
	return s->rotate_size || s->rotate_ns;
}

bool dz_live_settings_check(const struct dz_live_settings *s, const char *output, const char *stats, bool table)
{
	long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
	bool rotates = dz_live_settings_rotate(s);

	if (s->buffer_size < (1 << 20) || s->buffer_size > INT32_MAX ||
	    (pages > 0 && s->buffer_size > (uint64_t)pages * (uint64_t)page))
		dz_log_error("--buffer-size: %" PRIu64 " is not from 1M to 2047M, and within this machine's memory",
			     s->buffer_size);
	else if (s->output_buffer < (1 << 20))
		dz_log_error("--output-buffer: %" PRIu64 " is less than 1M", s->output_buffer);
	else if (rotates && !dz_live_files_is_plain(output))
		dz_log_error("--rotate needs a file: -o FILE");
	else if (rotates && table)
		dz_log_error("--rotate: the table is for people; files are for other formats");
	else if (s->keep && !rotates)
		dz_log_error("--keep tells how many files --rotate leaves, which is not given");
	else if (!s->stats_interval_ns)
		dz_log_error("--stats-interval: 0 is not a time to wait");
	else if (stats && output && !strcmp(stats, output))
		dz_log_error("--stats: %s is where the records go", stats);
	else
		return true;
	return false;
}

void dz_live_settings_warn(const struct dz_live_settings *s)
{
	if (s->snaplen && s->snaplen < 1600)
		dz_log_warning("--snaplen: %" PRIu64 " bytes may be too few for labels, tunnels and TLS layers",
			       s->snaplen);
	for (size_t i = 0; i < s->count; i++) {
		if (!strcmp(s->interfaces[i], "any"))
			dz_log_warning("any: a packet that is forwarded is seen, and counted, on each interface that "
				       "it crosses");
	}
}

void dz_live_settings_drop_doubles(struct dz_live_settings *s)
{
	size_t kept = 0;

	for (size_t i = 0; i < s->count; i++) {
		size_t k = 0;
		while (k < kept && strcmp(s->interfaces[k], s->interfaces[i]) != 0)
			k++;
		if (k == kept)
			s->interfaces[kept++] = s->interfaces[i];
		else
			dz_log_warning("%s: named twice, captured once", s->interfaces[i]);
	}
	s->count = kept;
}

/* ---- rows ---- */

#define AT(member) offsetof(struct dz_live_settings, member)

const struct dz_opt dz_live_options[] = {
	DZ_CALL('i', "interface", "NAME",
		"capture from this interface, or any; once for each; the words that remain are a filter", 0,
		add_interface),
	DZ_FLAG('D', "list-interfaces", "list the interfaces there are", AT(list)),
	DZ_UINT('s', "snaplen", "N", "keep N bytes of each packet (default 262144; 0 is the default)", AT(snaplen), 0,
		262144),
	DZ_UNFLAG(0, "no-promiscuous", "only packets that are for this machine", AT(promiscuous)),
	DZ_CALL(0, "buffer-size", "SIZE", "room in the kernel for packets that wait, each interface (default 64M)",
		AT(buffer_size), dz_opt_parse_size),
	DZ_UINT('c', "count", "N", "end after N packets", AT(packets), 0, 1e18),
	DZ_DURATION(0, "duration", "TIME", "end after TIME", AT(duration_ns)),
	DZ_END,
};

const struct dz_opt dz_live_output_options[] = {
	DZ_CALL(0, "rotate", "WHEN", "begin a new FILE at a size, at multiples of a time (UTC), or both: 100M,1h", 0,
		parse_rotate),
	DZ_UINT(0, "keep", "N", "leave the newest N rotated files (default: all)", AT(keep), 1, 1e6),
	DZ_CALL(0, "output-buffer", "SIZE", "room for lines that wait to be written (default 64M)", AT(output_buffer),
		dz_opt_parse_size),
	DZ_CHOICE(0, "when-full", "WHAT", "lines that find no room: %s", AT(when_full), when_full_names),
	DZ_DURATION(0, "stats-interval", "TIME", "write the accounting so often (default 60s)", AT(stats_interval_ns)),
	DZ_OUTPUT(0, "metrics", "FILE", "the same as metrics in Prometheus' text format", AT(metrics)),
	DZ_STRING(0, "observer", "NAME", "this sensor's name, in each record; live, the host's if not given",
		  AT(observer)),
	DZ_END,
};

const struct dz_opt dz_live_sandbox_options[] = {
	DZ_STRING(0, "user", "NAME",
		  "become this user, or USER:GROUP, once interfaces are open (default for root: distribooze or nobody)",
		  AT(user)),
	DZ_END,
};

/* ---- where they do not belong ---- */

static bool has_name(const struct dz_opt *table, const char *name)
{
	size_t size = strcspn(name, "=");

	for (; table->kind != DZ_OPT_END; table++) {
		if (strlen(table->long_name) == size && !strncmp(table->long_name, name, size))
			return true;
	}
	return false;
}

bool dz_live_is_option(const char *word)
{
	if (strncmp(word, "--", 2) != 0)
		return !strncmp(word, "-i", 2) || !strncmp(word, "-D", 2);
	return has_name(dz_live_options, word + 2) || has_name(dz_live_output_options, word + 2) ||
	       has_name(dz_live_sandbox_options, word + 2);
}
