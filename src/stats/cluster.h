/* SPDX-License-Identifier: BSD-2-Clause */
/* cluster.h - clusters of flows by their distributions alone, and how they agree with the labels.
 *
 * Knows groups and numbers; knows no files. docs/STATISTICS.md has the definitions. */
#ifndef DISTRIBOOZE_CLUSTER_H
#define DISTRIBOOZE_CLUSTER_H

#include "math/contingency.h"
#include "math/dbscan.h"
#include "math/hdbscan.h"
#include "stats/groups.h"

/* No eps: HDBSCAN, at whatever density clusters have. */
#define DZ_CLUSTER_AUTO (-1.0)

struct dz_cluster_options {
	enum dz_metric metric;
	double eps; /* of DBSCAN; or DZ_CLUSTER_AUTO */
	uint64_t min_samples;
	uint64_t min_cluster_size; /* of HDBSCAN, >= 2 */
	uint32_t most;             /* look at so many distributions, drawn by their flows; 0: at all */
	uint64_t seed;             /* of the drawing */
	void (*progress)(void *context, uint64_t done, uint64_t total); /* may be NULL */
	void *context;
};

struct dz_cluster {
	uint64_t flows;
	uint64_t distinct;                  /* distributions */
	double *mean;                       /* owned: of the flows' distributions; NULL for noise */
	double entropy;                     /* bits, of mean */
	double mean_distance, max_distance; /* of its flows to mean; noise: to the nearest cluster's mean, NaN where
					       there is no cluster */
	uint32_t label;                     /* the most frequent one: a number of the groups */
	uint64_t label_flows;
};

#define DZ_CLUSTER_UNSEEN (-2) /* of a distribution that was not drawn */

/* Where a distribution went. */
struct dz_cluster_place {
	int32_t cluster; /* or DZ_DBSCAN_NOISE, or DZ_CLUSTER_UNSEEN */
	int32_t nearest; /* the cluster itself; for noise the one with the nearest mean, or -1 when there is none */
	double distance; /* to the mean of `nearest`; 0 when there is none */
};

struct dz_clustering {
	struct dz_cluster_options options;
	bool auto_eps;     /* HDBSCAN: options.eps means nothing */
	double silhouette; /* mean over the flows in clusters, when has_silhouette: there are two at least */
	bool has_silhouette;
	bool silhouette_sampled;        /* of a sample of the distributions */
	const struct dz_groups *groups; /* borrowed */
	struct dz_hist_shape shape;
	struct dz_axis axis;         /* of all vectors */
	uint64_t flows, empty;       /* clustered; left out for want of counted packets */
	uint64_t unseen;             /* left out because their distributions were not drawn */
	uint32_t seen, distinct;     /* distributions looked at, and all */
	struct dz_cluster *clusters; /* owned: count, then noise */
	uint32_t count;
	struct dz_cluster_place *places; /* owned: by number of the groups' vectors; empty ones are noise at 0 */
	struct dz_contingency *all;      /* owned: groups by clusters, noise a cluster of its own (the last column) */
	struct dz_contingency *kept;     /* owned: the same without noise */
};

/* Given to the caller: dz_clustering_free(). The groups are finished and outlive the result. */
struct dz_clustering *dz_clustering_new(const struct dz_groups *groups, const struct dz_cluster_options *options);
void dz_clustering_free(struct dz_clustering *clustering);

#endif
