/* SPDX-License-Identifier: BSD-2-Clause */
/* flows.c - see flows.h. */
#include "config.h"
#include "flows.h"

#include <string.h>

void flows_make(struct sample *sample, const char *label, const uint64_t source[FLOWS_BINS],
		const uint64_t destination[FLOWS_BINS])
{
	struct dz_record *record = &sample->record;

	sample_init(sample);
	sample->text.application = label;
	record->shape = (struct dz_hist_shape){ .layer = DZ_LAYER_IP, .bin_width = 32, .bins = FLOWS_BINS };
	record->input = "flows.pcap";
	memset(sample->bins, 0, sizeof sample->bins);
	record->lengths.count = 0;
	record->lengths_sum = 0;
	for (unsigned side = 0; side < 2; side++) {
		const uint64_t *counts = side == DZ_SOURCE ? source : destination;
		record->side[side].packets = record->side[side].lengths.count = 0;
		for (unsigned k = 0; k < FLOWS_BINS; k++) {
			sample->bins[0][k] += counts[k];
			sample->bins[1 + side][k] = counts[k];
			record->lengths.count += counts[k];
			record->side[side].lengths.count += counts[k];
			record->side[side].packets += counts[k];
		}
		record->side[side].bytes = record->side[side].packets * 10;
	}
	record->lengths_min = record->lengths.count ? 10 : 0;
	record->lengths_max = record->lengths.count ? 2000 : 0;
}
