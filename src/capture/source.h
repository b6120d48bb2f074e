/* SPDX-License-Identifier: BSD-2-Clause */
/* source.h - packets from captures, in order, with where each came from.
 *
 * What the rest of the program sees of src/capture. Knows nothing of decoding or flows. */
#ifndef DISTRIBOOZE_SOURCE_H
#define DISTRIBOOZE_SOURCE_H

#include "base/err.h"
#include "base/stream.h"
#include "record/packet.h"
#include <stddef.h>

/* ---- what to read ---- */

/* The captures of a run, in reading order. Made once, then read-only. Opaque. */
struct dz_inputs;

/* Resolves command-line words: a file, "-" for standard input, or a directory, which stands for the captures in it
 * (not recursive; hidden files, and files that are not captures by content, are passed over). Files are read in
 * the order of their first packets, whatever order they were named in. Ties keep the order of the words (in a
 * directory, of the names); inputs whose first packet cannot be known beforehand (stdin, FIFOs, a capture without
 * packets) keep their places among the words. A capture named twice is read twice, standard input only once.
 *
 * A word that cannot be read (missing, unreadable, an empty directory, not a capture) does not stop the others:
 * `complain` is called for it with a message that names it, and dz_inputs_failures() counts it. */
typedef void dz_inputs_complain_fn(void *context, const char *message);
struct dz_inputs *dz_inputs_new(const char *const *words, size_t count, dz_inputs_complain_fn *complain, void *context);
/* The interfaces of a live capture, by name: nothing is looked at. */
struct dz_inputs *dz_inputs_new_interfaces(const char *const *names, size_t count);
void dz_inputs_free(struct dz_inputs *inputs);

/* The input named so, which is no regular file, is read from this stream, which was looked into; taken. It can
 * be read once. */
void dz_inputs_set_stream(struct dz_inputs *inputs, const char *path, struct dz_stream *stream);

size_t dz_inputs_count(const struct dz_inputs *inputs);
size_t dz_inputs_failures(const struct dz_inputs *inputs);
/* Files of directories that are no captures. */
size_t dz_inputs_passed_over(const struct dz_inputs *inputs);
/* Name for records: the file's last path component, or "-". Borrowed from inputs. */
const char *dz_inputs_name(const struct dz_inputs *inputs, size_t index);
const char *dz_inputs_path(const struct dz_inputs *inputs, size_t index);
/* Whether all inputs are regular files: reading them never waits for anybody, and they can be read again. */
bool dz_inputs_seekable(const struct dz_inputs *inputs);
/* What a word stands for, as stored and without looking into it; 0 where that is not known. */
uint64_t dz_inputs_size_of_word(const char *word);
/* Sum of the file sizes as stored; 0 where not known. */
uint64_t dz_inputs_size(const struct dz_inputs *inputs);

/* ---- reading ---- */

enum dz_source_status {
	DZ_SOURCE_PACKET, /* there may be more packets */
	DZ_SOURCE_IDLE,   /* an input has brought nothing for a while, or a signal came. Call again to go on */
	DZ_SOURCE_END,    /* no more inputs */
	DZ_SOURCE_DAMAGED /* an input broke off, cannot be opened, or does not fit the filter. Call again to go on with
			     what else there is */
};

/* Takes a packet. It and its bytes are borrowed until this returns, and the packet, not its bytes, may be changed;
 * false: no more of them for now. */
typedef bool dz_source_take_fn(void *context, struct dz_frame *packet);

/* Used by one thread at a time. Several may read the same inputs side by side. Opaque. */
struct dz_source;

/* `filter` is a BPF expression in libpcap's syntax, or NULL. It is compiled for each link type that comes;
 * dz_source_check_filter() checks it beforehand. Packets of a link type that it does not fit are not selected, and
 * their input is DAMAGED, once. Inputs are borrowed. Never fails: what cannot be opened is DAMAGED when its turn comes.
 */
struct dz_source *dz_source_new(const struct dz_inputs *inputs, const char *filter);
void dz_source_free(struct dz_source *source);

/* Before the first packet: one input after the other, instead of in the order of time. */
void dz_source_read_apart(struct dz_source *source);

/* Compiles the filter for the link types of the inputs, Ethernet standing in for what is not known beforehand. False,
 * with libpcap's own message, when none of them takes it; an input whose link type alone cannot take it is DAMAGED when
 * its turn comes. */
DZ_MUST_CHECK bool dz_source_check_filter(const struct dz_inputs *inputs, const char *filter, struct dz_err *err);

/* Packets come in the order of time where inputs overlap; those of one time in the order of the inputs, and those of
 * one input always as they are stored. At most 512 inputs are open at once: what overlaps beyond them comes later. An
 * input that is no regular file is read alone, after all that is named before it.
 *
 * Hands packets to `take`, one after another, until it returns false (PACKET), or there are no more (END), or an input
 * is at fault (DAMAGED).
 *
 * The message of DAMAGED reads "PATH: broken off after packet N (offset M): REASON": N packets of the input were
 * delivered, and the bytes at M are at fault, or missing (left out where it is compressed). Where compressed data is at
 * fault, REASON has the offset in the compressed file.
 *
 * What an input without a seekable file brings is waited for, but not for ever: IDLE at least every
 * DZ_STREAM_WAIT_MS. */
enum dz_source_status dz_source_each(struct dz_source *source, dz_source_take_fn *take, void *context,
				     struct dz_err *err);

/* The same for a single packet, whose bytes are borrowed until the next call. */
enum dz_source_status dz_source_next(struct dz_source *source, struct dz_frame *packet, struct dz_err *err);

/* Name of an interface by its number in a frame, as long-lived as the source; NULL for 0. May be asked by any thread
 * that the frame was handed on to. */
const char *dz_source_interface_name(const struct dz_source *source, uint16_t interface);

/* What the captures tell of how they were made, as far as they were read. */
struct dz_source_stats {
	uint64_t sections_back; /* sections of a capture that begin earlier than what stands before them ends */
	uint64_t dropped;       /* packets that were lost by the interface, the kernel, or whoever wrote the capture */
};
void dz_source_stats(const struct dz_source *source, struct dz_source_stats *stats);

/* Stored bytes read so far, for progress; compressed bytes where the input is compressed. */
uint64_t dz_source_position(const struct dz_source *source);

/* The LINKTYPE_ value of a DLT_ value, which is what libpcap's functions speak of. */
int dz_source_linktype_of_dlt(int dlt);

/* The name of a LINKTYPE_ value ("EN10MB"), or NULL. */
const char *dz_source_link_name(int linktype);

/* Text with libpcap's version. */
const char *dz_source_library_version(void);

/* Whether the first bytes of a file, at least 4 of them and unpacked, are a capture's: pcap, pcapng. */
bool dz_source_looks_like_capture(const uint8_t *bytes, size_t size);

#endif
