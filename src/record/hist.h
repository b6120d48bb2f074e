/* SPDX-License-Identifier: BSD-2-Clause */
/* hist.h - exact distributions of lengths in bins of equal width.
 *
 * Numbers only: no flows, no JSON, no files.
 *
 * Bin k < bins-1 holds the lengths [k*width, (k+1)*width - 1]; the last bin
 * holds everything from (bins-1)*width up.  With the default shape (width 32,
 * 48 bins) bin 46 holds 1472..1503 and bin 47 holds 1504 and above. */
#ifndef DISTRIBOOZE_HIST_H
#define DISTRIBOOZE_HIST_H

#include <stdbool.h>
#include <stdint.h>

/* Which length of a packet is measured. */
enum dz_layer {
	DZ_LAYER_IP,      /* IPv4 total length, or 40 + IPv6 payload length */
	DZ_LAYER_PAYLOAD, /* TCP, UDP or ICMP payload by the headers */
	DZ_LAYER_FRAME,   /* wire length */
	DZ_LAYER_TLS,     /* TLS record lengths, all content types */
	DZ_LAYER_TLS_DATA /* TLS record lengths, application data only */
};
#define DZ_LAYER_COUNT 5

/* "ip", "payload", "frame", "tls", "tls-data" */
extern const char *const dz_layer_names[DZ_LAYER_COUNT + 1];
const char *dz_layer_name(enum dz_layer layer);
bool dz_layer_from_name(const char *name, enum dz_layer *layer);

/* Whether records of TLS are measured, and not packets. */
static inline bool dz_layer_is_tls(enum dz_layer layer)
{
	return layer == DZ_LAYER_TLS || layer == DZ_LAYER_TLS_DATA;
}

/* What has the lengths. */
static inline const char *dz_layer_unit(enum dz_layer layer)
{
	return dz_layer_is_tls(layer) ? "records" : "packets";
}

#define DZ_HIST_DEFAULT_WIDTH 32u
#define DZ_HIST_DEFAULT_BINS 48u
#define DZ_HIST_MAX_WIDTH 65536u
#define DZ_HIST_MAX_BINS 2048u

struct dz_hist_shape {
	enum dz_layer layer;
	uint32_t bin_width;        /* 1..DZ_HIST_MAX_WIDTH */
	uint32_t bins;             /* 2..DZ_HIST_MAX_BINS */
	bool skip_empty;           /* packets without transport payload are left out */
	bool skip_retransmissions; /* TCP segments whose payload was all seen before are left out */
};

static inline uint32_t dz_hist_bin(const struct dz_hist_shape *shape, uint32_t length)
{
	/* The default width is a constant, so the compiler multiplies instead of dividing. */
	uint32_t bin =
		shape->bin_width == DZ_HIST_DEFAULT_WIDTH ? length / DZ_HIST_DEFAULT_WIDTH : length / shape->bin_width;
	return bin < shape->bins ? bin : shape->bins - 1;
}

/* Digits of the name of a bin, "b0032" or "b134152192": those of the last one's lower bound, but at least four. */
unsigned dz_hist_digits(const struct dz_hist_shape *shape);

bool dz_hist_shape_equal(const struct dz_hist_shape *a, const struct dz_hist_shape *b);

#define DZ_HIST_FEW 15

/* The lengths of one flow in both directions, exact whatever their number.
 *
 * Most flows are short, so the first lengths are kept as a list in the struct
 * itself; a longer flow gets cells of 8 bits, and one that overflows such a
 * cell gets cells of 16, 32, and then of 64 bits.  Invariant: the form never goes back. */
struct dz_hist {
	uint64_t sum[2];         /* of the lengths, by direction */
	uint32_t min[2], max[2]; /* of the lengths, by direction; UINT32_MAX and 0 when there are none */
	union {
		struct {
			uint8_t form;              /* private: enum in hist.c */
			uint8_t used;              /* private: entries of `few` in use */
			uint16_t few[DZ_HIST_FEW]; /* bin * 2 + direction */
		};
		struct {
			uint8_t as_above[8]; /* `form` stays where it is */
			union {
				void *cells; /* owned: 2 * bins, direction 0 first; of the size that `form` says */
				uint8_t *cells8;
				uint16_t *cells16;
				uint32_t *cells32;
				uint64_t *cells64;
			} u;
		};
	};
};

void dz_hist_init(struct dz_hist *hist);
void dz_hist_release(struct dz_hist *hist);

/* Counts one length; direction is 0 or 1. The shape is the same in every call for one hist. */
void dz_hist_add(struct dz_hist *hist, const struct dz_hist_shape *shape, unsigned direction, uint32_t length);

/* Writes shape->bins counts of one direction; returns their sum. */
uint64_t dz_hist_read(const struct dz_hist *hist, const struct dz_hist_shape *shape, unsigned direction,
		      uint64_t *counts);

/* Asks for the memory that dz_hist_read() will look at. */
void dz_hist_prefetch(const struct dz_hist *hist, const struct dz_hist_shape *shape);

#endif
