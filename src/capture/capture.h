/* SPDX-License-Identifier: BSD-2-Clause */
/* capture.h - one open capture, of whatever kind; and what a kind has to bring.
 *
 * Private to src/capture. source.c strings captures together, inputs.c looks into them. A file format
 * is one file source_KIND.c with a struct dz_source_ops, and a row in capture.c. (Interfaces are read by source_live.c,
 * several as one stream.) */
#ifndef DISTRIBOOZE_CAPTURE_H
#define DISTRIBOOZE_CAPTURE_H

#include "base/err.h"
#include "base/stream.h"
#include "capture/source.h"
#include "record/packet.h"

struct dz_capture;

/* Bytes that tell a format. */
enum { DZ_CAPTURE_HEAD = 4 };

/* What a kind of source does. `err` gets the reason alone: the capture's name, and after how many packets it was, are
 * put before it by capture.c. Where bytes are at fault, capture->fault says where (dz_capture_damage() sets both). */
struct dz_source_ops {
	const char *name; /* "pcapng" */

	/* Whether this is how a file of the kind begins: DZ_CAPTURE_HEAD plain bytes. NULL where it is no file. */
	bool (*matches)(const uint8_t *head);

	/* Makes capture->self and reads what comes before the first packet. DZ_SOURCE_PACKET: it is open; IDLE: the
	 * rest has not come yet, call again; DAMAGED: it is none. May set capture->linktype. */
	enum dz_source_status (*open)(struct dz_capture *capture, struct dz_err *err);

	/* Hands frames to `take` until that returns false (PACKET), until nothing comes for a while or a signal does
	 * (IDLE), the capture ends (END), or it is at fault (DAMAGED). Of a frame, index, input and selected are not
	 * set. The bytes are borrowed until the next call. */
	enum dz_source_status (*each)(struct dz_capture *capture, dz_source_take_fn *take, void *context,
				      struct dz_err *err);

	/* Adds what the capture tells of how it was made to the sums. NULL: it tells nothing. */
	void (*stats)(const struct dz_capture *capture, struct dz_source_stats *stats);

	/* Stored bytes read so far, for progress. NULL: the stream's. */
	uint64_t (*position)(const struct dz_capture *capture);

	/* Frees capture->self, which may be NULL. */
	void (*close)(struct dz_capture *capture);
};

struct dz_capture {
	const struct dz_source_ops *ops; /* NULL until the kind is known */
	void *self;                      /* the kind's own; owned by it */
	char *path;                      /* owned: as named */
	struct dz_stream *stream;        /* owned; NULL where it is no file */
	struct dz_names *interfaces;     /* borrowed: where names of interfaces are kept */
	bool open;                       /* ops->open is done */
	bool section;                    /* it ends where another section begins */
	uint64_t origin;                 /* offset in the file of what is read */
	bool foreign;                    /* it could not be opened because it is no capture at all */
	int linktype;                    /* LINKTYPE_ value of the first packets; -1: not known */
	uint64_t packets;                /* handed out */
	int64_t fault;                   /* offset of the bytes at fault, -1: no bytes are */
};

/* Opens a file, or takes a stream that was looked into (owned from now on; else NULL); no packet and nothing
 * else is waited for. NULL with a message that begins with the path when it cannot be read. */
struct dz_capture *dz_capture_new(const char *path, struct dz_stream *stream, enum dz_stream_use use,
				  struct dz_names *interfaces, struct dz_err *err) DZ_MUST_CHECK;
/* One section of a pcapng file, which begins at this offset. */
struct dz_capture *dz_capture_new_section(const char *path, uint64_t offset, enum dz_stream_use use,
					  struct dz_names *interfaces, struct dz_err *err) DZ_MUST_CHECK;
void dz_capture_free(struct dz_capture *capture);

/* Finds out the kind and opens it: as ops->open, with a whole message. Called by dz_capture_each() where that was not
 * done. */
enum dz_source_status dz_capture_open(struct dz_capture *capture, struct dz_err *err);

/* As ops->each, with a whole message (see dz_source_each()). */
enum dz_source_status dz_capture_each(struct dz_capture *capture, dz_source_take_fn *take, void *context,
				      struct dz_err *err);

uint64_t dz_capture_position(const struct dz_capture *capture);

/* ---- for the kinds that read a stream ---- */

/* Waits for `size` bytes: PACKET when they are there. DAMAGED when there are fewer: "truncated: WHAT of 76 bytes, 12
 * are there". */
enum dz_source_status dz_capture_want(struct dz_capture *capture, size_t size, uint8_t **bytes, const char *what,
				      struct dz_err *err);

/* The same where the capture may end: END when nothing is there. */
enum dz_source_status dz_capture_want_next(struct dz_capture *capture, size_t size, uint8_t **bytes, const char *what,
					   struct dz_err *err);

/* Sets the reason and the place, counted from where the stream stands. Returns DAMAGED. */
enum dz_source_status dz_capture_damage(struct dz_capture *capture, size_t ahead, struct dz_err *err,
					const char *format, ...) DZ_PRINTF(4, 5);

/* Hands out a frame whose bytes the stream was moved over. False: no more is wanted. */
static inline bool dz_capture_hand_out(struct dz_capture *capture, struct dz_frame *frame, dz_source_take_fn *take,
				       void *context)
{
	capture->packets++;
	return take(context, frame);
}

/* For dz_capture_each(): takes one packet, as a struct dz_frame. */
bool dz_source_take_one(void *packet_out, struct dz_frame *packet);

/* Netfilter log (LINKTYPE_NFLOG) has numbers in the byte order of the machine that wrote the capture: turns them into
 * this one's, in place. To be called for captures of the other byte order. */
void dz_capture_swap_nflog(uint8_t *bytes, size_t size);

/* Longest packet of a link type, as libpcap has it: what is longer is a damaged length. */
uint32_t dz_capture_max_packet(int linktype);

/* The byte order of a pcapng section, by the first DZ_PCAPNG_ORDER_HEAD bytes of its header: whether it is the other
 * one than this machine's. False: there is no byte-order magic. */
enum { DZ_PCAPNG_ORDER_HEAD = 12 };
DZ_MUST_CHECK bool dz_pcapng_byte_order(const uint8_t *header, bool *swapped);

extern const struct dz_source_ops dz_source_pcap, dz_source_pcapng;

#endif
