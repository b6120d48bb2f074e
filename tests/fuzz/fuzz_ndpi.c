/* SPDX-License-Identifier: BSD-2-Clause */
/* fuzz_ndpi.c - any packets to nDPI, by way of the decoder and the classifier, as flows show them.
 *
 * The classifier is made once and kept: nDPI takes longer to begin than for thousands of packets. So what it learnt
 * from inputs before may matter; a find is run again alone. Input: per packet a size (2 bytes, big-endian), the IP
 * packet. */
#include "config.h"
#include "base/cursor.h"
#include "classify/classify.h"
#include "decode/decode.h"
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_FLOWS = 8, LINK_RAW = 101 };

struct flow {
	struct dz_flow_key key;
	struct dz_classify_state *state;
	struct dz_label label;
};

static struct dz_classifier *classifier(void)
{
	static struct dz_classifier *kept;
	struct dz_classify_config config = { .guess = true, .most_whole = 2 };
	struct dz_err err;

	if (!kept)
		kept = dz_classifier_new(&config, &err);
	if (!kept)
		abort();
	return kept;
}

static struct flow *flow_of(struct flow *flows, size_t *count, const struct dz_flow_key *key)
{
	for (size_t i = 0; i < *count; i++)
		if (dz_flow_key_equal(&flows[i].key, key))
			return &flows[i];
	if (*count == MAX_FLOWS)
		return NULL;
	flows[*count] = (struct flow){ .key = *key };
	return &flows[(*count)++];
}

static void show(struct flow *flows, size_t *count, const struct dz_frame *frame, const struct dz_packet *pkt)
{
	struct flow *flow = flow_of(flows, count, &pkt->key);

	if (flow && !flow->label.settled)
		dz_classifier_packet(classifier(), &flow->state, pkt, frame->time_ns, true, &flow->label);
	if (flow && flow->label.settled && flow->state)
		abort();
}

static void finish(struct flow *flow)
{
	struct dz_label_text text;

	dz_classifier_finish(classifier(), &flow->state, &flow->label);
	dz_classifier_saw_both(classifier(), &flow->label);
	dz_classifier_describe(classifier(), &flow->label, &text);
	if (flow->state || !flow->label.settled || !text.application || !text.category || !text.breed ||
	    text.risk_count > DZ_LABEL_RISKS)
		abort();
	for (unsigned i = 0; i < text.risk_count; i++)
		if (!text.risks[i] || !text.risk_codes[i])
			abort();
	dz_label_release(&flow->label);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dz_cursor c = dz_cursor_init(data, size);
	struct dz_decode_config config = { .tunnels = true };
	struct dz_decoder *decoder = dz_decoder_new(&config);
	struct dz_frame frame = { .linktype = LINK_RAW, .time_ns = 1000000000 };
	struct flow flows[MAX_FLOWS];
	size_t count = 0;

	while (dz_cursor_left(&c) > 2) {
		uint32_t caplen = dz_cursor_be16(&c);
		uint8_t *copy;
		struct dz_packet pkt;

		if (caplen > dz_cursor_left(&c))
			caplen = (uint32_t)dz_cursor_left(&c);
		copy = malloc(caplen ? caplen : 1);
		if (!copy)
			abort();
		memcpy(copy, dz_cursor_take(&c, caplen), caplen);
		frame.bytes = copy;
		frame.caplen = frame.wirelen = caplen;
		if (dz_decode(decoder, &frame, &pkt) == DZ_DECODE_OK)
			show(flows, &count, &frame, &pkt);
		free(copy);
		frame.index++;
		frame.time_ns += 10000000;
	}
	for (size_t i = 0; i < count; i++)
		finish(&flows[i]);
	dz_decoder_free(decoder);
	return 0;
}
