/* SPDX-License-Identifier: BSD-2-Clause */
/* sink_csv.c - comma-separated values with a header line. The rows are made in record_csv.c. */
#include "config.h"
#include "sink/sink_ops.h"

#include "base/mem.h"
#include "record/record_csv.h"
#include <stdlib.h>

static void *csv_open(const struct dz_sink_config *config)
{
	struct dz_csv_layout *layout = dz_mem_alloc(sizeof *layout);

	*layout = (struct dz_csv_layout){ config->values, config->shape, config->unidirectional };
	return layout;
}

static void csv_close(void *state)
{
	free(state);
}

static void csv_header(void *state, struct dz_strbuf *out)
{
	dz_csv_add_header(state, out);
}

static void csv_write(void *state, const struct dz_record *record, struct dz_strbuf *out)
{
	dz_csv_add_record(state, record, out);
}

const struct dz_sink_ops dz_sink_csv = {
	.open = csv_open, .close = csv_close, .header = csv_header, .write = csv_write
};
