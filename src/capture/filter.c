/* SPDX-License-Identifier: BSD-2-Clause */
/* filter.c - BPF filters by libpcap, one program for each link type: see filter.h.
 *
 * pcap_compile() may run in several threads at once since libpcap 1.8; configure asks for 1.9. */
#include "config.h"
#include "capture/filter.h"

#include "base/mem.h"
#include "capture/source.h"
#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>

/* The expression, compiled for a link type or not. */
struct program {
	int linktype;
	bool fits;
	struct bpf_program code;
};

struct dz_filter {
	char *expression;
	struct program *programs;
	size_t count, capacity;
	size_t last; /* the one that was used last */
};

/* ---- link types ---- */

/* Where libpcap's DLT_, which is what its functions speak, differs from the number in the file, or may on some
 * systems: https://www.tcpdump.org/linktypes.html */
static const struct {
	int dlt, linktype;
} link_map[] = {
	{ DLT_RAW, 101 },       { DLT_ATM_RFC1483, 100 }, { DLT_SLIP_BSDOS, 102 },
	{ DLT_PPP_BSDOS, 103 }, { DLT_FRELAY, 107 },      { DLT_LOOP, 108 },
	{ DLT_ENC, 109 },       { DLT_PFSYNC, 246 },      { DLT_PKTAP, 258 },
};

int dz_source_linktype_of_dlt(int dlt)
{
	for (size_t i = 0; i < sizeof link_map / sizeof *link_map; i++)
		if (link_map[i].dlt == dlt)
			return link_map[i].linktype;
	return dlt;
}

static int dlt_of(int linktype)
{
	for (size_t i = 0; i < sizeof link_map / sizeof *link_map; i++)
		if (link_map[i].linktype == linktype)
			return link_map[i].dlt;
	return linktype;
}

const char *dz_source_link_name(int linktype)
{
	return pcap_datalink_val_to_name(dlt_of(linktype));
}

const char *dz_source_library_version(void)
{
	return pcap_lib_version();
}

/* ---- compiling ---- */

static bool compile(int linktype, const char *expression, struct bpf_program *code, struct dz_err *err)
{
	enum { SNAPLEN = 262144 };
	pcap_t *pcap = pcap_open_dead(dlt_of(linktype), SNAPLEN);
	bool fine;

	if (!pcap)
		return dz_err_set(err, "libpcap cannot be opened to compile the filter");
	fine = !pcap_compile(pcap, code, expression, 1, PCAP_NETMASK_UNKNOWN);
	if (!fine)
		dz_err_set(err, "%s", pcap_geterr(pcap));
	pcap_close(pcap);
	return fine;
}

bool dz_filter_try(int linktype, const char *expression, struct dz_err *err)
{
	struct bpf_program code;

	if (!compile(linktype, expression, &code, err))
		return false;
	pcap_freecode(&code);
	return true;
}

struct dz_filter *dz_filter_new(const char *expression)
{
	struct dz_filter *filter = dz_mem_zalloc(1, sizeof *filter);
	filter->expression = dz_mem_strdup(expression);
	return filter;
}

void dz_filter_free(struct dz_filter *filter)
{
	if (!filter)
		return;
	for (size_t i = 0; i < filter->count; i++)
		if (filter->programs[i].fits)
			pcap_freecode(&filter->programs[i].code);
	free(filter->programs);
	free(filter->expression);
	free(filter);
}

/* ---- applying ---- */

static struct program *add_program(struct dz_filter *filter, int linktype)
{
	void *programs = filter->programs;
	struct dz_err ignored;
	struct program *program;

	dz_mem_grow(&programs, &filter->capacity, filter->count + 1, sizeof *program);
	filter->programs = programs;
	program = &filter->programs[filter->count++];
	program->linktype = linktype;
	program->fits = compile(linktype, filter->expression, &program->code, &ignored);
	return program;
}

static const struct program *program_for(struct dz_filter *filter, int linktype)
{
	if (filter->count && filter->programs[filter->last].linktype == linktype)
		return &filter->programs[filter->last];
	for (size_t i = 0; i < filter->count; i++)
		if (filter->programs[i].linktype == linktype)
			return &filter->programs[filter->last = i];
	filter->last = filter->count;
	return add_program(filter, linktype);
}

bool dz_filter_prepare(struct dz_filter *filter, int linktype)
{
	return program_for(filter, linktype)->fits;
}

enum dz_filter_verdict dz_filter_apply(struct dz_filter *filter, const struct dz_frame *frame)
{
	const struct program *program = program_for(filter, frame->linktype);
	struct pcap_pkthdr header = { .caplen = frame->caplen, .len = frame->wirelen };

	if (!program->fits)
		return DZ_FILTER_UNFIT;
	return pcap_offline_filter(&program->code, &header, frame->bytes) ? DZ_FILTER_PASS : DZ_FILTER_BLOCK;
}

void dz_filter_misfit(const struct dz_filter *filter, int linktype, struct dz_err *err)
{
	const char *name = dz_source_link_name(linktype);
	struct dz_err reason = { "" };

	(void)!dz_filter_try(linktype, filter->expression, &reason);
	dz_err_set(err, "filter \"%s\" does not fit its link type %d (%s): %s", filter->expression, linktype,
		   name ? name : "unknown", reason.text);
}
