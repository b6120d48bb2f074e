/* SPDX-License-Identifier: BSD-2-Clause */
/* sink_bulk.c - lines for Elasticsearch's _bulk: an action line before each record.
 *
 * The action is `create` and the document's _id is the record's event.id, so that what is sent twice is stored once
 * (the second attempt is answered with 409, which a shipper may ignore), and data streams take it.
 *
 * An index without a template guesses each field's type by the first number it sees, and a vector that mixes 0
 * and 53.39 contradicts itself: so fractions have a decimal point, and vectors are named bins unless --values says
 * otherwise. */
#include "config.h"
#include "sink/sink_ops.h"

#include "base/mem.h"
#include "record/record_json.h"
#include "base/text.h"
#include <stdlib.h>

struct bulk {
	struct dz_json_writer *writer;
	struct dz_strbuf action; /* up to the id */
};

static void *bulk_open(const struct dz_sink_config *config)
{
	struct bulk *bulk = dz_mem_zalloc(1, sizeof *bulk);

	bulk->writer = dz_json_writer_new(config->values, true);
	dz_strbuf_init(&bulk->action);
	dz_text_add_literal(&bulk->action, "{\"create\":{");
	if (config->bulk_index) {
		dz_text_add_literal(&bulk->action, "\"_index\":");
		dz_text_add_json(&bulk->action, config->bulk_index);
		dz_text_add_literal(&bulk->action, ",");
	}
	dz_text_add_literal(&bulk->action, "\"_id\":\"");
	return bulk;
}

static void bulk_close(void *state)
{
	struct bulk *bulk = state;

	dz_json_writer_free(bulk->writer);
	dz_strbuf_release(&bulk->action);
	free(bulk);
}

static void bulk_write(void *state, const struct dz_record *record, struct dz_strbuf *out)
{
	struct bulk *bulk = state;
	char *at;

	dz_text_add(out, bulk->action.data, bulk->action.size);
	at = dz_text_room(out, sizeof record->id * 2);
	out->size += (size_t)(dz_text_hex(at, record->id, sizeof record->id) - at);
	dz_text_add_literal(out, "\"}}\n");
	dz_json_writer_add(bulk->writer, record, out);
	dz_strbuf_addc(out, '\n');
}

const struct dz_sink_ops dz_sink_bulk = { .open = bulk_open, .close = bulk_close, .write = bulk_write };
