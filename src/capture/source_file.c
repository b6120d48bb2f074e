/* SPDX-License-Identifier: BSD-2-Clause */
/* source_file.c - one capture file, read with libpcap.
 *
 * libpcap reads from a stdio stream: of the file itself, or of the pipe that decompress.c fills. The filter is applied
 * here and not by libpcap's loop, because packets that are filtered out have to be counted. pcap_compile() may run in
 * several threads at once since libpcap 1.8; configure asks for 1.9. */
#include "config.h"
#include "capture/source_file.h"

#include "capture/decompress.h"
#include "base/mem.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#ifdef HAVE___FSETLOCKING
#include <stdio_ext.h>
#endif

struct dz_source_file {
	char *path;
	char *buffer; /* stdio's */
	FILE *stream; /* owned by pcap once that is open */
	pcap_t *pcap;
	struct dz_decompress *decompress; /* NULL: not compressed */
	bool regular;                     /* a file of the disk: reading it never waits for anybody */
	bool filtered;
	int linktype;
	struct bpf_program filter;
	uint64_t packets; /* delivered */
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

static int linktype_of(int dlt)
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

/* ---- telling captures from other files ---- */

static bool is_capture(const uint8_t *bytes, size_t size)
{
	/* pcap in microseconds, nanoseconds, and modified by A. Kuznetzov, in both byte orders; pcapng. */
	static const uint8_t magics[][4] = {
		{ 0xa1, 0xb2, 0xc3, 0xd4 }, { 0xd4, 0xc3, 0xb2, 0xa1 }, { 0xa1, 0xb2, 0x3c, 0x4d },
		{ 0x4d, 0x3c, 0xb2, 0xa1 }, { 0xa1, 0xb2, 0xcd, 0x34 }, { 0x34, 0xcd, 0xb2, 0xa1 },
		{ 0x0a, 0x0d, 0x0d, 0x0a },
	};
	for (size_t i = 0; size >= 4 && i < sizeof magics / sizeof *magics; i++)
		if (!memcmp(bytes, magics[i], 4))
			return true;
	return false;
}

bool dz_source_looks_like_capture(const uint8_t *bytes, size_t size)
{
	return is_capture(bytes, size) || dz_decompress_guess(bytes, size) != DZ_COMPRESSION_NONE;
}

static bool not_a_capture(struct dz_source_file *file, const char *inside, bool *foreign, struct dz_err *err)
{
	*foreign = true;
	return dz_err_set(err, "%s: not a capture: %sneither pcap nor pcapng, plain or compressed with gzip or zstd",
			  file->path, inside);
}

/* ---- opening ---- */

/* Reads the first bytes; a pipe may hand them over one by one. Returns how many there are, or -1. */
static ssize_t read_head(int fd, uint8_t *head, size_t size)
{
	size_t used = 0;

	while (used < size) {
		ssize_t got = read(fd, head + used, size - used);
		if (got < 0 && errno != EINTR)
			return -1;
		if (got == 0)
			break;
		if (got > 0)
			used += (size_t)got;
	}
	return (ssize_t)used;
}

static int open_path(const char *path)
{
	if (!strcmp(path, "-"))
		return fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
	return open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
}

/* Puts a stream over fd, which is taken. Bytes of `head` that cannot be gone back to are pushed back: four at most,
 * which every C library's ungetc() takes, though the standard promises only one. */
static bool set_stream(struct dz_source_file *file, int fd, const uint8_t *head, size_t head_size, size_t buffer_size,
		       struct dz_err *err)
{
	file->stream = fdopen(fd, "rb");
	if (!file->stream) {
		dz_err_set(err, "%s: cannot be read: %s", file->path, strerror(errno));
		close(fd);
		return false;
	}
	file->buffer = dz_mem_alloc(buffer_size);
	setvbuf(file->stream, file->buffer, _IOFBF, buffer_size);
#ifdef HAVE___FSETLOCKING
	__fsetlocking(file->stream, FSETLOCKING_BYCALLER);
#endif
	while (head_size)
		if (ungetc(head[--head_size], file->stream) == EOF)
			return dz_err_set(err, "%s: cannot be read: no room to push back its first bytes", file->path);
	return true;
}

static bool open_stream(struct dz_source_file *file, size_t buffer_size, bool *foreign, struct dz_err *err)
{
	uint8_t head[DZ_DECOMPRESS_HEAD];
	struct stat status;
	int fd = open_path(file->path);
	if (fd < 0)
		return dz_err_set(err, "%s: cannot be opened: %s", file->path, strerror(errno));

	ssize_t size = read_head(fd, head, sizeof head);
	if (size < 0) {
		dz_err_set(err, "%s: cannot be read: %s", file->path, strerror(errno));
		goto fail;
	}
	if (size < DZ_DECOMPRESS_HEAD) {
		*foreign = true;
		dz_err_set(err, size ? "%s: not a capture: too short for one" : "%s: not a capture: empty file",
			   file->path);
		goto fail;
	}
	file->regular = !fstat(fd, &status) && S_ISREG(status.st_mode);
	enum dz_compression compression = dz_decompress_guess(head, (size_t)size);
	if (compression != DZ_COMPRESSION_NONE) {
		int plain;
		file->decompress = dz_decompress_new(fd, head, (size_t)size, compression, &plain, err);
		if (!file->decompress)
			return dz_err_prefix(err, "%s", file->path);
		return set_stream(file, plain, NULL, 0, buffer_size, err);
	}
	if (!is_capture(head, (size_t)size)) {
		not_a_capture(file, "", foreign, err);
		goto fail;
	}
	bool back = file->regular && lseek(fd, -(off_t)size, SEEK_CUR) >= 0;
	return set_stream(file, fd, head, back ? 0 : (size_t)size, buffer_size, err);
fail:
	close(fd);
	return false;
}

/* Reads on where libpcap gave up on decompressed bytes, so that damage to the compression, should that be the cause, is
 * found and told whatever the timing of the threads. */
static void drain_stream(struct dz_source_file *file)
{
	enum { AT_MOST = 1 << 24 };
	char bytes[4096];
	size_t done = 0, got;

	if (!file->decompress || !file->regular)
		return;
	while (done < AT_MOST && (got = fread(bytes, 1, sizeof bytes, file->stream)))
		done += got;
}

/* Closes the stream. False, with a message, when the compressed data was damaged. */
static bool close_stream(struct dz_source_file *file, struct dz_err *err)
{
	if (file->pcap)
		pcap_close(file->pcap); /* closes the stream, too */
	else if (file->stream)
		fclose(file->stream);
	file->pcap = NULL;
	file->stream = NULL;
	return !file->decompress || dz_decompress_finish(file->decompress, err);
}

/* Says why libpcap did not take the stream. */
static void explain_refusal(struct dz_source_file *file, const char *reason, bool *foreign, struct dz_err *err)
{
	uint8_t bytes[4] = { 0 };

	drain_stream(file);
	if (!close_stream(file, err))
		dz_err_prefix(err, "%s", file->path);
	else if (file->decompress &&
		 !is_capture(bytes, dz_decompress_first_bytes(file->decompress, bytes, sizeof bytes)))
		not_a_capture(file, "what is compressed in it is ", foreign, err);
	else
		dz_err_set(err, "%s: %s", file->path, reason);
}

struct dz_source_file *dz_source_file_open(const char *path, size_t buffer_size, bool *foreign, struct dz_err *err)
{
	struct dz_source_file *file = dz_mem_zalloc(1, sizeof *file);
	char reason[PCAP_ERRBUF_SIZE] = "";
	bool ignored = false;

	foreign = foreign ? foreign : &ignored;
	*foreign = false;
	file->path = dz_mem_strdup(path);
	if (!open_stream(file, buffer_size, foreign, err))
		goto fail;
	file->pcap = pcap_fopen_offline_with_tstamp_precision(file->stream, PCAP_TSTAMP_PRECISION_NANO, reason);
	if (!file->pcap) {
		explain_refusal(file, reason, foreign, err);
		goto fail;
	}
	file->linktype = linktype_of(pcap_datalink(file->pcap));
	return file;
fail:
	dz_source_file_free(file);
	return NULL;
}

void dz_source_file_free(struct dz_source_file *file)
{
	struct dz_err ignored;

	if (!file)
		return;
	if (file->stream)
		(void)!close_stream(file, &ignored);
	if (file->filtered)
		pcap_freecode(&file->filter);
	dz_decompress_free(file->decompress);
	free(file->buffer);
	free(file->path);
	free(file);
}

/* ---- filters ---- */

bool dz_source_file_set_filter(struct dz_source_file *file, const char *filter, struct dz_err *err)
{
	if (pcap_compile(file->pcap, &file->filter, filter, 1, PCAP_NETMASK_UNKNOWN)) {
		const char *name = dz_source_link_name(file->linktype);
		return dz_err_set(err, "%s: filter \"%s\" does not fit its link type %d (%s): %s", file->path, filter,
				  file->linktype, name ? name : "unknown", pcap_geterr(file->pcap));
	}
	file->filtered = true;
	return true;
}

bool dz_source_file_try_filter(int linktype, const char *filter, struct dz_err *err)
{
	enum { SNAPLEN = 262144 };
	struct bpf_program program;
	pcap_t *pcap = pcap_open_dead(dlt_of(linktype), SNAPLEN);
	if (!pcap)
		return dz_err_set(err, "libpcap cannot be opened to compile the filter");

	bool good = !pcap_compile(pcap, &program, filter, 1, PCAP_NETMASK_UNKNOWN);
	if (good)
		pcap_freecode(&program);
	else
		dz_err_set(err, "%s", pcap_geterr(pcap));
	pcap_close(pcap);
	return good;
}

/* ---- reading ---- */

/* pcap keeps 32 bits of seconds, which libpcap hands out as a signed number and tools read as unsigned (up to 2106);
 * pcapng keeps 64 bits, of which ours hold the years up to 2554. Nanoseconds are as the file has them, even past 1e9.
 */
static uint64_t time_of(const struct timeval *time)
{
	const uint64_t second = 1000000000;
	uint64_t seconds = time->tv_sec < 0 ? (uint32_t)time->tv_sec : (uint64_t)time->tv_sec;
	uint64_t nanoseconds = time->tv_usec < 0 ? 0 : (uint64_t)time->tv_usec;

	if (seconds > (UINT64_MAX - nanoseconds) / second)
		return UINT64_MAX;
	return seconds * second + nanoseconds;
}

/* libpcap holds one link type and one snapshot length per capture; pcapng allows one for each interface. */
static const char *advice_for(const char *reason)
{
	if (strstr(reason, "different from the type of the first interface"))
		return "; libpcap reads one link type a file: split it, as in tshark -r IN -Y 'frame.interface_id == "
		       "0' "
		       "-F pcap -w OUT";
	if (strstr(reason, "different from the snapshot length of the first interface"))
		return "; libpcap reads one snapshot length a file: convert it, as in editcap -F pcap IN OUT";
	return "";
}

/* Closes the file and says what is wrong with it: where its compression is damaged, that, for what libpcap saw only
 * came of it. The offset is where reading stopped. */
static enum dz_source_status explain_damage(struct dz_source_file *file, const char *error, struct dz_err *err)
{
	char reason[PCAP_ERRBUF_SIZE], offset[40] = "";

	snprintf(reason, sizeof reason, "%s", error);
	if (file->regular && !file->decompress)
		snprintf(offset, sizeof offset, " (offset %jd)", (intmax_t)ftello(file->stream));
	drain_stream(file);
	if (!close_stream(file, err))
		dz_err_prefix(err, "%s: broken off after packet %" PRIu64, file->path, file->packets);
	else
		dz_err_set(err, "%s: broken off after packet %" PRIu64 "%s: %s%s", file->path, file->packets, offset,
			   reason, advice_for(reason));
	return DZ_SOURCE_DAMAGED;
}

/* The capture has ended; but its compression may have been damaged where a packet ended, or behind the last one. */
static enum dz_source_status finish(struct dz_source_file *file, struct dz_err *err)
{
	if (close_stream(file, err))
		return DZ_SOURCE_END;
	dz_err_prefix(err, "%s: broken off after packet %" PRIu64, file->path, file->packets);
	return DZ_SOURCE_DAMAGED;
}

struct delivery {
	struct dz_source_file *file;
	uint32_t input;
	uint64_t *index;
	dz_source_take_fn *take;
	void *context;
	bool over; /* no more is wanted */
};

static void deliver(u_char *user, const struct pcap_pkthdr *header, const u_char *bytes)
{
	struct delivery *d = (void *)user;
	struct dz_source_file *file = d->file;
	struct dz_frame packet = {
		.index = (*d->index)++,
		.time_ns = time_of(&header->ts),
		.caplen = header->caplen,
		.wirelen = header->len,
		.input = d->input,
		.linktype = file->linktype,
		.selected = !file->filtered || pcap_offline_filter(&file->filter, header, bytes),
		.bytes = bytes,
	};
	file->packets++;
	d->over = !d->take(d->context, &packet);
	if (d->over)
		pcap_breakloop(file->pcap);
}

enum dz_source_status dz_source_file_each(struct dz_source_file *file, uint32_t input, uint64_t *index,
					  dz_source_take_fn *take, void *context, struct dz_err *err)
{
	struct delivery d = { file, input, index, take, context, false };
	int result;

	/* After a loop that was broken, libpcap breaks the next one, too, before its first packet. */
	do
		result = pcap_dispatch(file->pcap, -1, deliver, (void *)&d);
	while (!d.over && (result > 0 || result == PCAP_ERROR_BREAK));
	if (d.over)
		return DZ_SOURCE_PACKET;
	return result ? explain_damage(file, pcap_geterr(file->pcap), err) : finish(file, err);
}

bool dz_source_take_one(void *packet_out, const struct dz_frame *packet)
{
	struct dz_frame *out = packet_out;
	*out = *packet;
	return false;
}

int dz_source_file_linktype(const struct dz_source_file *file)
{
	return file->linktype;
}

uint64_t dz_source_file_position(const struct dz_source_file *file)
{
	if (file->decompress)
		return dz_decompress_position(file->decompress);
	off_t position = file->stream ? ftello(file->stream) : 0;
	return position > 0 ? (uint64_t)position : 0;
}
