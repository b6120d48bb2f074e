/* SPDX-License-Identifier: BSD-2-Clause */
/* write_queue.h - a bounded queue of whole lines, and the thread that writes them: capture never waits for a disk.
 *
 * Lines that find the queue full are dropped and counted, or waited for. When the disk is full the thread keeps what it
 * has and tries again each second; the queue fills up meanwhile. Nothing is lost without being counted.
 *
 * For a compressed file lines are gathered, DZ_WRITE_FRAME bytes or DZ_WRITE_GATHER_MS, as each write is a frame. */
#ifndef DISTRIBOOZE_WRITE_QUEUE_H
#define DISTRIBOOZE_WRITE_QUEUE_H

#include "output/outfile.h"

enum { DZ_WRITE_FRAME = 1 << 18, DZ_WRITE_GATHER_MS = 5000 };

struct dz_write_queue_config {
	size_t size;         /* bytes of lines that may wait */
	bool when_full_wait; /* wait for room; else drop */
	/* What is to be told to people: the disk fails, it is well again, a rotation failed. Called by the thread. */
	void (*say)(void *context, const char *message);
	void *context;
};

struct dz_write_counts {
	uint64_t records, bytes;           /* written */
	uint64_t lost_records, lost_bytes; /* dropped, or left at the end because the disk stayed full */
	uint64_t failed_records;           /* those of lost_records that came while the file could not be written */
	uint64_t queued_bytes;
	uint64_t rotations;
	bool failing; /* the file could not be written when that was last tried */
	bool gone;    /* the reader of a pipe went away: that is why the rest is lost */
};

struct dz_write_queue; /* opaque */

/* Starts the thread; the file is borrowed, and the thread's alone until dz_write_queue_close(). NULL, with a message.
 */
struct dz_write_queue *dz_write_queue_new(struct dz_outfile *file, const struct dz_write_queue_config *config,
					  struct dz_err *err) DZ_MUST_CHECK;

/* Takes whole lines, of `records` records; its type fits dz_write_fn. False, with a message, only when nothing will
 * ever be written again, as the reader of a pipe went away: dz_write_queue_is_gone(). */
bool dz_write_queue_put(void *queue, const char *lines, size_t size, uint64_t records, struct dz_err *err);
bool dz_write_queue_is_gone(struct dz_write_queue *queue);

/* The path is to be opened anew, after what is queued by now. From any thread. */
void dz_write_queue_reopen(struct dz_write_queue *queue);

void dz_write_queue_counts(struct dz_write_queue *queue, struct dz_write_counts *counts);

/* Writes what is queued, tries a full disk once more, and ends the thread. Frees; *counts are the last ones. False when
 * records were left unwritten. NULL is fine. */
DZ_MUST_CHECK bool dz_write_queue_close(struct dz_write_queue *queue, struct dz_write_counts *counts);

#endif
