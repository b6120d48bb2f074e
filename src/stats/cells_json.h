/* SPDX-License-Identifier: BSD-2-Clause */
/* cells_json.h - cells in the JSON of a library, both ways. Private to src/stats. */
#ifndef DISTRIBOOZE_CELLS_JSON_H
#define DISTRIBOOZE_CELLS_JSON_H

#include "stats/cells.h"
#include "stats/json_get.h"

/* {"level":0,"list":[{"input":"0badcafe","protocol":"tls","flows":2,"at":[..],"cut":[..],"shares":[..]}, ...]}, in the
 * order of dz_cells_order(). Given to the caller. */
struct json_object *dz_cells_json(const struct dz_cells *cells);

/* Adds the member "cells" of `profile`. False, with a message that names the place, when it is missing or damaged:
 * cells whose sums cannot be those of their cuts are. */
DZ_MUST_CHECK bool dz_cells_read(struct dz_cells *cells, struct json_object *profile,
				 const struct dz_json_place *place);

#endif
