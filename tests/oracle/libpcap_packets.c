/* SPDX-License-Identifier: BSD-2-Clause */
/* libpcap_packets.c - libpcap and our own readers see the same packets, in every capture there is.
 *
 * Captures: those of pcaps/, of $DISTRIBOOZE_TESTDATA/pcaps where it is there, or the files that are named. Compared
 * are number, times, lengths, link type and bytes. Where libpcap stops at what it cannot read, ours has to have all
 * that came before. What ours reads more by design:
 *
 * - bytes beyond the snapshot length of the file's header, which libpcap cuts off;
 * - simple packets of pcapng have no time: libpcap gives them 0, ours that of the packet before. */
#include "config.h"
#include "capture/source.h"

#include <ftw.h>
#include <inttypes.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned files, refused, wrong;
static uint64_t packets;

static bool ends_with(const char *text, const char *end)
{
	size_t size = strlen(text), end_size = strlen(end);
	return size >= end_size && !strcmp(text + size - end_size, end);
}

/* libpcap reads plain files alone. */
static pcap_t *open_theirs(const char *path, FILE **unpacked, char *reason)
{
	char command[4400];
	const char *program = ends_with(path, ".gz") ? "gzip" : ends_with(path, ".zst") ? "zstd --long=31 -q" : NULL;

	*unpacked = NULL;
	if (!program)
		return pcap_open_offline_with_tstamp_precision(path, PCAP_TSTAMP_PRECISION_NANO, reason);
	snprintf(command, sizeof command, "%s -dc <'%s' 2>/dev/null", program, path);
	*unpacked = popen(command, "r");
	return *unpacked ? pcap_fopen_offline_with_tstamp_precision(*unpacked, PCAP_TSTAMP_PRECISION_NANO, reason)
			 : NULL;
}

/* Seconds as tools read them, up to 2106; a negative fraction counts as none. */
static uint64_t time_of(const struct pcap_pkthdr *header)
{
	uint64_t seconds = header->ts.tv_sec < 0 ? (uint32_t)header->ts.tv_sec : (uint64_t)header->ts.tv_sec;
	return seconds * 1000000000 + (header->ts.tv_usec < 0 ? 0 : (uint64_t)header->ts.tv_usec);
}

static bool differs(const char *path, uint64_t number, const char *what, uint64_t ours, uint64_t theirs)
{
	printf("%s: packet %" PRIu64 ": %s %" PRIu64 ", libpcap has %" PRIu64 "\n", path, number, what, ours, theirs);
	wrong++;
	return false;
}

static bool is_same(const char *path, pcap_t *pcap, const struct dz_frame *ours, const struct pcap_pkthdr *theirs,
		    const uint8_t *bytes)
{
	uint64_t number = ours->index + 1;
	bool cut = ours->caplen > theirs->caplen && theirs->caplen == (uint32_t)pcap_snapshot(pcap);

	if (ours->time_ns != time_of(theirs) && theirs->ts.tv_sec)
		return differs(path, number, "time", ours->time_ns, time_of(theirs));
	if (ours->caplen != theirs->caplen && !cut)
		return differs(path, number, "captured", ours->caplen, theirs->caplen);
	if (ours->wirelen != theirs->len)
		return differs(path, number, "length", ours->wirelen, theirs->len);
	if (ours->linktype != dz_source_linktype_of_dlt(pcap_datalink(pcap)))
		return differs(path, number, "link type", (unsigned)ours->linktype, (unsigned)pcap_datalink(pcap));
	if (memcmp(ours->bytes, bytes, theirs->caplen))
		return differs(path, number, "other bytes than libpcap, of", ours->caplen, theirs->caplen);
	return true;
}

/* Reads both side by side for as long as libpcap reads. */
static void compare_packets(const char *path, pcap_t *pcap, struct dz_source *source)
{
	struct pcap_pkthdr *theirs;
	const uint8_t *bytes;
	struct dz_frame ours;
	struct dz_err err;
	uint64_t count = 0;
	int result;

	while ((result = pcap_next_ex(pcap, &theirs, &bytes)) == 1) {
		if (dz_source_next(source, &ours, &err) != DZ_SOURCE_PACKET) {
			differs(path, count + 1, "is missing; packets read:", count, count + 1);
			return;
		}
		if (!is_same(path, pcap, &ours, theirs, bytes))
			return;
		count++;
		packets++;
	}
	if (result == PCAP_ERROR_BREAK && dz_source_next(source, &ours, &err) != DZ_SOURCE_END)
		differs(path, count + 1, "is one too many; packets:", count + 1, count);
}

static void compare(const char *path)
{
	char reason[PCAP_ERRBUF_SIZE];
	FILE *unpacked;
	pcap_t *pcap = open_theirs(path, &unpacked, reason);
	struct dz_inputs *inputs;
	struct dz_source *source;

	files++;
	refused += !pcap;
	if (!pcap)
		return;
	inputs = dz_inputs_new(&path, 1, NULL, NULL);
	source = dz_source_new(inputs, NULL);
	compare_packets(path, pcap, source);
	dz_source_free(source);
	dz_inputs_free(inputs);
	if (!unpacked)
		pcap_close(pcap); /* else it closes the stream, which pclose() should */
}

static int visit(const char *path, const struct stat *status, int type, struct FTW *ftw)
{
	static const char *const ends[] = { ".pcap", ".pcapng", ".cap", ".gz", ".zst", ".1", ".3" };
	(void)status;
	(void)ftw;
	for (size_t i = 0; type == FTW_F && i < sizeof ends / sizeof *ends; i++) {
		if (ends_with(path, ends[i])) {
			compare(path);
			break;
		}
	}
	return 0;
}

/* libpcap leaks what it has of a pcapng that it refuses half way. For LeakSanitizer, where the build has it. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libpcap.so";
}

int main(int argc, char **argv)
{
	const char *top = getenv("top_srcdir"), *data = getenv("DISTRIBOOZE_TESTDATA");
	char folder[4096];

	for (int i = 1; i < argc; i++)
		nftw(argv[i], visit, 8, FTW_PHYS);
	snprintf(folder, sizeof folder, "%s/pcaps", top ? top : ".");
	if (argc == 1)
		nftw(folder, visit, 8, FTW_PHYS);
	snprintf(folder, sizeof folder, "%s/pcaps", data ? data : "");
	if (argc == 1 && data)
		nftw(folder, visit, 8, FTW_PHYS);
	printf("%u captures, %u of them refused by libpcap, %" PRIu64 " packets, %u wrong\n", files, refused, packets,
	       wrong);
	return wrong || !packets;
}
