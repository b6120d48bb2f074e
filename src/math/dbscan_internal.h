/* SPDX-License-Identifier: BSD-2-Clause */
/* dbscan_internal.h - what dbscan.c and dbscan_eps.c share. */
#ifndef DISTRIBOOZE_DBSCAN_INTERNAL_H
#define DISTRIBOOZE_DBSCAN_INTERNAL_H

#include "math/points.h"

struct dz_dbscan {
	struct dz_points points;
};

#endif
