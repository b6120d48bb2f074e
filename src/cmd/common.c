/* SPDX-License-Identifier: BSD-2-Clause */
/* common.c - see common.h. */
#include "config.h"
#include "cmd/common.h"

#include "base/log.h"
#include "capture/filter.h"
#include "base/mem.h"
#include "base/names.h"
#include "cmd/output.h"
#include <inttypes.h>
#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- how captures are read ---- */

static bool set_timeout(uint64_t *idle, const char *name, uint64_t ns, struct dz_err *err)
{
	int only = *name ? dz_names_find(dz_timeout_names, name) : 0;
	struct dz_strbuf names;

	if (only >= 0) {
		for (int i = 0; i < DZ_TIMEOUT_COUNT; i++)
			idle[i] = !*name || i == only ? ns : idle[i];
		return true;
	}
	dz_strbuf_init(&names);
	dz_names_list(dz_timeout_names, &names);
	dz_err_set(err, "'%s' is not one of %s", name, names.data);
	dz_strbuf_release(&names);
	return false;
}

/* "60", or "udp=60,tcp=2h". */
static bool parse_idle(void *target, const char *value, struct dz_err *err)
{
	char copy[256], *rest = copy;

	if (strlen(value) >= sizeof copy)
		return dz_err_set(err, "'%.40s...' is too long", value);
	strcpy(copy, value);
	while (rest) {
		char *word = strsep(&rest, ","), *equals = strchr(word, '=');
		uint64_t ns;
		if (equals)
			*equals = '\0';
		if (!dz_opt_duration(equals ? equals + 1 : word, &ns) || !ns)
			return dz_err_set(err, "'%s' is not %s", equals ? equals + 1 : word, DZ_OPT_DURATION_EXPECTED);
		if (!set_timeout(target, equals ? word : "", ns, err))
			return false;
	}
	return true;
}

/* Whether there is such a setting nDPI knows, when it is there. */
static bool add_setting(void *target, const char *value, struct dz_err *err)
{
	struct dz_classify_config *classify = target;
	const char *comma = strchr(value, ',');

	if (!comma || !strchr(comma + 1, ','))
		return dz_err_set(err, "'%s' is not PROTOCOL,NAME,VALUE", value);
	if (classify->setting_count == DZ_CLASSIFY_SETTINGS)
		return dz_err_set(err, "'%.40s' is one too many: %d are the most", value, DZ_CLASSIFY_SETTINGS);
	classify->settings[classify->setting_count++] = value;
	return true;
}

#define AT(member) offsetof(struct dz_engine_config, member)

const struct dz_opt dz_common_reading[] = {
	DZ_STRING('f', "filter", "EXPR", "count only packets that this BPF filter lets through", AT(filter)),
	DZ_STRING(0, "filter-inner", "EXPR",
		  "the same of the innermost IP packet, whatever tags and tunnels are around it", AT(filter_inner)),
	DZ_UNFLAG(0, "no-tunnels", "do not look into tunnels: the outermost IP packet counts", AT(decode.tunnels)),
	DZ_ROW(DZ_OPT_CHOICE, 'l', "layer", "LAYER",
	       "which length: %s; payload is that of TCP, UDP and ICMP, tls that of records, tls-data that of "
	       "application data records",
	       AT(flow.shape.layer), .choices = dz_layer_names, .given = AT(asked.layer)),
	DZ_ROW(DZ_OPT_UINT32, 'w', "bin-width", "N", "bytes per bin (default 32)", AT(flow.shape.bin_width), .min = 1,
	       .max = DZ_HIST_MAX_WIDTH, .given = AT(asked.bin_width)),
	DZ_ROW(DZ_OPT_UINT32, 'b', "bins", "N", "number of bins (default 48); the last one takes the rest",
	       AT(flow.shape.bins), .min = 2, .max = DZ_HIST_MAX_BINS, .given = AT(asked.bins)),
	DZ_FLAG('u', "unidirectional", "one record per direction", AT(flow.unidirectional)),
	DZ_FLAG(0, "skip-empty", "leave packets without payload out of the vectors", AT(flow.shape.skip_empty)),
	DZ_FLAG(0, "resegment",
		"count TCP packets that were put together by the host (GRO, TSO) as the segments that were sent",
		AT(flow.resegment)),
	DZ_FLAG(0, "skip-retransmissions", "leave TCP retransmissions out of the vectors",
		AT(flow.shape.skip_retransmissions)),
	DZ_END,
};

const struct dz_opt dz_common_flows[] = {
	DZ_CALL(0, "idle-timeout", "TIME",
		"end a flow that is silent for TIME; or per class, such as udp=60,tcp=2h (defaults: tcp=7440, "
		"tcp-opening=240, udp=300, icmp=60, other=300 seconds)",
		AT(flow.idle_ns), parse_idle),
	DZ_FLAG(0, "no-expiry", "flows end with the input only", AT(flow.no_expiry)),
	DZ_FLAG(0, "ignore-vlan", "packets of different VLANs or virtual networks may be one flow",
		AT(decode.ignore_vlan)),
	DZ_END,
};

const struct dz_opt dz_common_labels[] = {
	DZ_UNFLAG(0, "no-guess", "do not guess labels by port or address", AT(classify.guess)),
	DZ_FILE(0, "protocols", "FILE", "more protocols, in nDPI's format", AT(classify.protocols_file)),
	DZ_FILE(0, "categories", "FILE", "more categories, in nDPI's format", AT(classify.categories_file)),
	DZ_CALL(0, "ndpi-set", "PROTOCOL,NAME,VALUE",
		"a setting of nDPI's own (4.10 and newer), such as dns,subclassification,1; once for each; PROTOCOL is "
		"empty for those of all",
		AT(classify), add_setting),
	DZ_END,
};

const struct dz_opt dz_common_threads[] = {
	DZ_UINT32('j', "threads", "N",
		  "work in N threads (default 1), 0 for one per core, as far as the captures are large enough for them "
		  "to pay; standard input and FIFOs are read by one",
		  AT(threads), 0, 256),
	DZ_END,
};

#undef AT

void dz_common_set_threads(struct dz_engine_config *engine)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	engine->threads_as_worth = !engine->threads;
	if (!engine->threads)
		engine->threads = cores > 0 ? (unsigned)cores : 1;
}

/* ---- the rest ---- */

#define AT(member) offsetof(struct dz_common, member)

static bool add_read(void *target, const char *value, struct dz_err *err)
{
	struct dz_common *common = target;
	void *block = common->reads;

	(void)err;
	dz_mem_grow(&block, &common->read_capacity, common->read_count + 1, sizeof *common->reads);
	common->reads = block;
	common->reads[common->read_count++] = value;
	return true;
}

const struct dz_opt dz_common_inputs[] = {
	DZ_ROW(DZ_OPT_CALL, 'r', "read", "FILE",
	       "read FILE, as tcpdump has it: the words that remain are then a filter; may be given again", 0,
	       .parse = add_read, .is_file = true),
	DZ_END,
};

static bool add_labels(void *target, const char *value, struct dz_err *err)
{
	return dz_selection_add_labels(target, value) || dz_err_set(err, "'%s' is not a list of labels", value);
}

const struct dz_opt dz_common_which[] = {
	DZ_CALL(0, "label", "LIST", "only flows with these labels, such as SSH,DoH_DoT, whatever their case",
		AT(selection), add_labels),
	DZ_UINT(0, "min-packets", "N", "only flows of at least N packets", AT(selection.min_packets), 0, 1e15),
	DZ_END,
};

const struct dz_opt dz_common_output[] = {
	DZ_OUTPUT('o', "output", "FILE",
		  "write to FILE instead of standard output; FILE.gz and FILE.zst are compressed", AT(output)),
	DZ_FLAG(0, "ascii", "draw charts in ASCII, as where the locale is not UTF-8", AT(ascii)),
	DZ_END,
};

const struct dz_opt dz_common_run[] = {
	DZ_FLAG(0, "progress", "show progress even when standard error is no terminal", AT(progress)),
	DZ_FLAG('q', "quiet", "say nothing but errors", AT(quiet)),
	DZ_FLAG('v', "verbose", "say more", AT(verbose)),
	DZ_FLAG(0, "no-sandbox", "leave the process free to open files and sockets", AT(no_sandbox)),
	{ .kind = DZ_OPT_HELP, .short_name = 'h', .long_name = "help", .help = "show this help" },
	{ .kind = DZ_OPT_VERSION,
	  .short_name = 'V',
	  .long_name = "version",
	  .help = "show the versions of the program and its libraries" },
	DZ_END,
};

#undef AT

/* Whether the user's locale has the characters of charts. */
static bool locale_is_utf8(void)
{
	locale_t locale = newlocale(LC_CTYPE_MASK, "", (locale_t)0);
	bool is = locale && !strcmp(nl_langinfo_l(CODESET, locale), "UTF-8");

	if (locale)
		freelocale(locale);
	return is;
}

void dz_common_release(struct dz_common *common)
{
	free(common->reads);
	free(common->filter_words);
	dz_selection_release(&common->selection);
}

void dz_common_apply(struct dz_common *common)
{
	common->ascii |= !locale_is_utf8();
	dz_log_set_level(common->quiet ? DZ_LOG_QUIET : common->verbose ? DZ_LOG_VERBOSE : DZ_LOG_NORMAL);
}

static bool filter_is_fine(const char *filter, const struct dz_inputs *inputs)
{
	struct dz_inputs *none = inputs ? NULL : dz_inputs_new(NULL, 0, NULL, NULL);
	struct dz_err err;
	bool fine = dz_source_check_filter(inputs ? inputs : none, filter, &err);

	if (!fine)
		dz_log_error("--filter: '%s': %s%s", filter, err.text,
			     strstr(err.text, "unknown host") ? " (names are looked up with --no-sandbox only)" : "");
	dz_inputs_free(none);
	return fine;
}

static bool inner_is_fine(const char *filter)
{
	enum { RAW = 101 };
	struct dz_err err;

	return dz_filter_try(RAW, filter, &err) || (dz_log_error("--filter-inner: '%s': %s", filter, err.text), false);
}

bool dz_common_check(const struct dz_engine_config *engine, const struct dz_inputs *inputs)
{
	struct dz_err err;

	if (engine->filter && !filter_is_fine(engine->filter, inputs))
		return false;
	if (engine->filter_inner && !inner_is_fine(engine->filter_inner))
		return false;
	if (dz_classify_check(&engine->classify, &err))
		return true;
	dz_log_error("%s", err.text);
	return false;
}

/* Whether the file is one of the captures that are read of a folder: what else is in it may be written. */
static bool is_capture_of(const char *output, const char *folder)
{
	struct dz_inputs *inputs = dz_inputs_new(&folder, 1, NULL, NULL);
	bool is = false;

	for (size_t i = 0; i < dz_inputs_count(inputs) && !is; i++)
		is = dz_output_overwrites(output, dz_inputs_path(inputs, i));
	dz_inputs_free(inputs);
	return is;
}

static bool is_safe(const char *option, const char *output, const char *input)
{
	struct stat status;

	if (!input || !dz_output_overwrites(output, input))
		return true;
	if (stat(input, &status) == 0 && S_ISDIR(status.st_mode) && !is_capture_of(output, input))
		return true;
	if (output)
		dz_log_error("%s: '%s' is also an input (%s), and would be overwritten", option, output, input);
	else
		dz_log_error("standard output is also an input (%s), and would be overwritten", input);
	return false;
}

bool dz_common_guard(const char *option, const char *output, const struct dz_engine_config *engine,
		     const char *const *words, size_t count)
{
	bool safe = is_safe(option, output, engine->classify.protocols_file) &&
		    is_safe(option, output, engine->classify.categories_file);

	for (size_t i = 0; i < count && safe; i++)
		safe = is_safe(option, output, words[i]);
	return safe;
}

/* ---- what was left out ---- */

void dz_common_say_hidden(const struct dz_engine_config *engine, uint64_t hidden)
{
	if (hidden)
		dz_log_warning(
			"the filter left out at least %" PRIu64 " packet%s that it means, behind a tag or in a tunnel, "
			"where it does not look: --filter-inner '%s' does; for VLANs alone, '%s or (vlan and %s)'",
			hidden, hidden == 1 ? "" : "s", engine->filter, engine->filter, engine->filter);
}

static bool is_among(const char *name, const struct dz_label_count *labels, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!strcasecmp(labels[i].name, name))
			return true;
	return false;
}

/* "SSH (3), DNS (2)": the labels there are, those with most flows first, as many as a message holds. */
static void list_labels(const struct dz_label_count *labels, size_t count, struct dz_strbuf *text)
{
	enum { MAX_NAMED = 24 };
	uint64_t below = UINT64_MAX;

	for (size_t listed = 0; listed < count && listed < MAX_NAMED;) {
		uint64_t most = 0;
		for (size_t i = 0; i < count; i++)
			if (labels[i].flows < below && labels[i].flows > most)
				most = labels[i].flows;
		for (size_t i = 0; i < count && most && listed < MAX_NAMED; i++)
			if (labels[i].flows == most)
				dz_strbuf_addf(text, "%s%s (%" PRIu64 ")", listed++ ? ", " : "", labels[i].name, most);
		if (!most)
			break;
		below = most;
	}
	if (count > MAX_NAMED)
		dz_strbuf_addf(text, " and %zu more", count - MAX_NAMED);
}

static void list_missed(const struct dz_selection *selection, const struct dz_label_count *labels, size_t count,
			struct dz_strbuf *text)
{
	for (size_t i = 0; i < selection->label_count; i++)
		if (!is_among(selection->labels[i], labels, count))
			dz_strbuf_addf(text, "%s%s", text->size ? "," : "", selection->labels[i]);
}

void dz_common_say_missed(const struct dz_common *common, const struct dz_label_count *labels, size_t count,
			  uint64_t records, uint64_t kept)
{
	const struct dz_selection *selection = &common->selection;
	struct dz_strbuf missed, there;

	dz_strbuf_init(&missed);
	dz_strbuf_init(&there);
	list_missed(selection, labels, count, &missed);
	list_labels(labels, count, &there);
	if (!records)
		;
	else if (missed.size && kept)
		dz_log_warning("--label %s: no flow has it; there are %s", missed.data, there.data);
	else if (missed.size)
		dz_log_error("none of the %" PRIu64 " flows has the label of --label %s; there are %s", records,
			     missed.data, there.data);
	else if (!kept)
		dz_log_error("none of the %" PRIu64 " flows was let through by %s", records,
			     !selection->label_count  ? "--min-packets"
			     : selection->min_packets ? "--label and --min-packets"
						      : "--label");
	dz_strbuf_release(&missed);
	dz_strbuf_release(&there);
}

/* ---- what is said at the end ---- */

void dz_common_say_oversized(const struct dz_flow_stats *flows)
{
	uint64_t left = flows->oversized - flows->resegmented;

	if (!left)
		return;
	if (flows->resegmented)
		dz_log_warning(
			"%llu packets are larger than 1,500 bytes and cannot be cut: whether UDP was sent as several "
			"cannot be told",
			(unsigned long long)left);
	else
		dz_log_warning(
			"%llu of %llu packets are larger than any that was on the wire: their host put them together "
			"(GRO, TSO). Count what was sent with --resegment, or capture without: ethtool -K INTERFACE "
			"gro off lro off tso off gso off",
			(unsigned long long)left, (unsigned long long)flows->packets);
}
