/* SPDX-License-Identifier: BSD-2-Clause */
/* vptree.h - finds the points near a point, by the triangle inequality alone.
 *
 * A vantage-point tree (Yianilos, SODA 1993): each node has a point, its
 * vantage, and halves the others by their reduced distance from it.  The leaves remember
 * their points' reduced distances from the vantages above them, as in Bozkaya and Ozsoyoglu's
 * multi-vantage-point tree (SIGMOD 1997), which rules most of them out without
 * looking at them.  Works for every metric, since dz_metric_rdist() is one.  The
 * tree adds up a reduced distance's parts in an order of its own, so that its reduced distances may
 * differ from dz_metric_rdist() in the last digits. */
#ifndef DISTRIBOOZE_VPTREE_H
#define DISTRIBOOZE_VPTREE_H

#include "math/points.h"

struct dz_vptree;

/* A tree over `count` of the points, whose numbers are borrowed for the call (NULL: the first `count`); the points
 * themselves must outlive the tree and not grow meanwhile.  Given to the caller: dz_vptree_free(). */
struct dz_vptree *dz_vptree_new(const struct dz_points *points, const uint32_t *members, uint32_t count);
void dz_vptree_free(struct dz_vptree *tree);

struct dz_vptree_query {
	const double *center; /* borrowed: an embedded point */
	double limit;         /* a reduced distance: 0 or more, INFINITY for all */
	void *context;        /* borrowed, for the two calls */
	/* May say no to a point before its reduced distance is computed; NULL wants all. */
	bool (*want)(void *context, uint32_t point);
	/* After dz_vptree_tag: may say no to many points of one tag, all of which have a reduced distance of at least
	 * `least`. */
	bool (*pass_over)(void *context, uint32_t tag, double least);
	/* Gets every wanted point within the limit, in no promised order; returns the limit from now on, at most the
	 * one before, or a negative number to stop. */
	double (*visit)(void *context, uint32_t point, double rdist);
};

/* Gives each point a tag, by the points' numbers, so that a search may pass over parts of the tree whose points have
 * one tag; borrowed for the call. DZ_VPTREE_MIXED is no tag. May be called again. */
#define DZ_VPTREE_MIXED UINT32_MAX
void dz_vptree_tag(struct dz_vptree *tree, const uint32_t *tags);

/* Returns the number of reduced distances that were computed. */
uint64_t dz_vptree_search(const struct dz_vptree *tree, const struct dz_vptree_query *query);

#endif
