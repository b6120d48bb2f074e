/* SPDX-License-Identifier: BSD-2-Clause */
/* points.c - see points.h. An open hash table over the coordinates' bits finds equal points. */
#include "config.h"
#include "math/points.h"

#include "base/mem.h"
#include <stdlib.h>
#include <string.h>

#define FIRST_CAPACITY 256u

void dz_points_init(struct dz_points *points, enum dz_metric metric, const struct dz_axis *axis)
{
	memset(points, 0, sizeof *points);
	points->metric = metric;
	points->axis = *axis;
	points->dims = dz_metric_dims(axis);
	points->scratch = dz_mem_zalloc(points->dims, sizeof *points->scratch);
}

void dz_points_release(struct dz_points *points)
{
	free(points->coordinates);
	free(points->weights);
	free(points->slots);
	free(points->scratch);
	memset(points, 0, sizeof *points);
}

static uint32_t hash(const double *point, uint32_t dims)
{
	uint64_t state = dims, word;

	for (uint32_t k = 0; k < dims; k++) {
		memcpy(&word, &point[k], sizeof word);
		state = (state ^ word) * UINT64_C(0x9fb21c651e98df25); /* any odd number with mixed bits */
		state ^= state >> 29;
	}
	return (uint32_t)(state >> 32);
}

/* The slot that holds the point or is free for it. */
static uint32_t find_slot(const struct dz_points *points, const double *point)
{
	uint32_t slot = hash(point, points->dims) & points->slot_mask;

	while (points->slots[slot]) {
		const double *other = dz_points_at(points, points->slots[slot] - 1);
		if (!memcmp(other, point, points->dims * sizeof *point))
			break;
		slot = (slot + 1) & points->slot_mask;
	}
	return slot;
}

/* Twice the points, and a table of twice as many slots again, so that it stays half empty. */
static void grow(struct dz_points *points)
{
	uint32_t capacity = points->capacity ? points->capacity * 2 : FIRST_CAPACITY;

	points->coordinates = dz_mem_realloc(points->coordinates, capacity, points->dims * sizeof *points->coordinates);
	points->weights = dz_mem_realloc(points->weights, capacity, sizeof *points->weights);
	points->capacity = capacity;
	free(points->slots);
	points->slots = dz_mem_zalloc((size_t)capacity * 2, sizeof *points->slots);
	points->slot_mask = capacity * 2 - 1;
	for (uint32_t i = 0; i < points->count; i++)
		points->slots[find_slot(points, dz_points_at(points, i))] = i + 1;
}

uint32_t dz_points_add(struct dz_points *points, const double *vector, uint64_t weight)
{
	if (points->count == points->capacity)
		grow(points);
	dz_metric_embed(points->metric, vector, &points->axis, points->scratch);
	uint32_t slot = find_slot(points, points->scratch);
	if (!points->slots[slot]) {
		memcpy(points->coordinates + (size_t)points->count * points->dims, points->scratch,
		       points->dims * sizeof *points->scratch);
		points->weights[points->count] = 0;
		points->slots[slot] = ++points->count;
	}
	uint32_t point = points->slots[slot] - 1;
	points->weights[point] += weight;
	points->total += weight;
	return point;
}
