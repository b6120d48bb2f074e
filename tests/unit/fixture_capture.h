/* SPDX-License-Identifier: BSD-2-Clause */
/* fixture_capture.h - captures written byte by byte, after the formats' own definitions (draft-ietf-opsawg-pcap,
 * draft-ietf-opsawg-pcapng), in a folder of the test's own. */
#ifndef FIXTURE_CAPTURE_H
#define FIXTURE_CAPTURE_H

#include "capture/source.h"
#include "base/strbuf.h"

/* LINKTYPE_ values; sizes of pcap's headers. */
enum { ETHERNET = 1, RAW = 101, PCAP_HEADER = 24, RECORD_HEADER = 16 };

/* ---- writing ---- */

struct writer {
	struct dz_strbuf bytes;
	bool big_endian;
	bool modified; /* Kuznetzov's: 8 more bytes in each record header */
};

void fix_pcap_begin(struct writer *w, bool big_endian, uint32_t magic, uint32_t linktype);
/* A packet of `size` bytes that all have the value `fill`. */
void fix_pcap_add(struct writer *w, uint32_t seconds, uint32_t fraction, uint32_t size, uint32_t wirelen, int fill);

/* A number of `size` bytes, in the writer's byte order. */
void fix_put(struct writer *w, uint64_t value, int size);

/* A whole block around a body. */
void fix_ng_block(struct writer *w, uint32_t type, const struct writer *body);
void fix_ng_begin(struct writer *w, bool big_endian);
/* tsresol: the option's value (ticks of 10^-n seconds), or 0 to leave it out. */
void fix_ng_interface(struct writer *w, uint16_t linktype, uint32_t snaplen, uint8_t tsresol);
void fix_ng_add(struct writer *w, uint32_t interface, uint64_t ticks, uint32_t size, uint32_t wirelen, int fill);

enum packing { PLAIN, GZIP, ZSTD, PACKINGS };

/* Whether the program was built with the library. */
bool fix_can_pack(enum packing packing);
/* Appends the bytes, packed, as one gzip member or one zstd frame with a checksum. */
void fix_pack(enum packing packing, const void *bytes, size_t size, struct dz_strbuf *out);

/* ---- the folder of a test ---- */

struct fixture {
	char folder[64];
	char path[8][128];
	unsigned paths;
	struct dz_strbuf complaints; /* each with a newline */
};

/* For cmocka: make and remove the folder. */
int fix_setup(void **state);
int fix_teardown(void **state);

/* These give the path of a file in the folder, which is valid for the next seven calls. */
const char *fix_path(struct fixture *f, const char *name);
const char *fix_save(struct fixture *f, const char *name, const void *bytes, size_t size);
const char *fix_save_packed(struct fixture *f, const char *name, enum packing packing, const struct dz_strbuf *plain);
const char *fix_save_writer(struct fixture *f, const char *name, struct writer *w); /* and releases the writer */
const char *fix_save_one(struct fixture *f, const char *name,
			 uint32_t seconds); /* pcap, Ethernet, one packet of 60 bytes */

/* ---- reading ---- */

/* Up to three words (the rest NULL). Complaints go to the fixture. */
struct dz_inputs *fix_inputs(struct fixture *f, const char *a, const char *b, const char *c);

struct outcome {
	uint64_t packets, selected;
	unsigned damaged;
	struct dz_err err; /* the last damage */
};

struct outcome fix_read_all(const struct dz_inputs *inputs, const char *filter);
struct outcome fix_read_file(struct fixture *f, const char *path);

#endif
