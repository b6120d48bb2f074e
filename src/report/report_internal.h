/* SPDX-License-Identifier: BSD-2-Clause */
/* report_internal.h - what the parts of report share: report.c does the sums, report_data.c writes them as JSON,
 * report_html.c makes the page around that. Private to src/stats. */
#ifndef DISTRIBOOZE_REPORT_INTERNAL_H
#define DISTRIBOOZE_REPORT_INTERNAL_H

#include "math/linkage.h"
#include "report/report.h"
#include "stats/cells.h"
#include "stats/cluster.h"
#include "stats/compare.h"

/* Groups with fewer flows have no outliers, as their quartiles say too little, and are nearest to no flow of another.
 */
enum { DZ_REPORT_FLOWS_MIN = 5 };

/* A flow, as long as it is not known whether the page shows it. */
struct report_flow {
	struct dz_flow_key key;
	uint64_t packets[2], bytes[2]; /* by DZ_SOURCE and DZ_DESTINATION */
	uint64_t start_ns, end_ns;
	uint32_t shape;              /* in report->shapes */
	uint32_t vector;             /* in the groups' vectors */
	uint32_t group;              /* in report->names */
	uint32_t host, label, input; /* in report->hosts, labels, inputs */
	uint8_t source_end;
};

/* What the flows of one group add up to in both directions: 2 * bins each, the source's first. */
struct report_sums {
	uint64_t *pooled;       /* owned */
	double *shares;         /* owned: sum of the flows' shares */
	uint64_t flows;         /* that counted a packet at all */
	struct dz_cells *cells; /* owned: of libraries; NULL: none */
	int32_t item;           /* in report->compare->items; -1: not among the largest */
};

struct report_input {
	uint64_t flows, packets, bytes;
};

struct report_cluster {
	int32_t number; /* DZ_DBSCAN_NOISE: the flows in no cluster */
	uint64_t flows;
	double *mean;     /* owned: of the flows' shares, 2 * bins */
	uint64_t *labels; /* owned: flows by item, and one more for those of groups that are not shown */
};

/* A shape that many flows of a group have. */
struct report_shape {
	uint64_t flows, inputs;
	double *mean; /* owned: parts * bins */
};

enum { REPORT_SHAPES = 6 };

/* The largest of a group's shapes, when these are cut to so many steps (cells.h). */
struct report_shapes {
	unsigned steps;
	bool inputs_known;   /* otherwise `inputs` may be too few */
	uint32_t count, all; /* shown, and there are */
	uint64_t flows;      /* of all shapes */
	struct report_shape shapes[REPORT_SHAPES];
};

/* What a group's flows did over time; the item -1 is of all that are in no other. */
struct report_series {
	int32_t item;
	uint64_t *flows, *bytes; /* owned, by slot: flows that began in it, and bytes */
};

struct report_time {
	uint64_t width_ns;
	size_t slot_count, series_count;
	uint64_t *slots;              /* owned: those that hold something, as their beginning divided by their width */
	struct report_series *series; /* owned */
};

/* A flow that was drawn for the map, and how many of its group and shape were. */
struct report_drawn {
	uint32_t flow;
	uint64_t drawn;
};

struct report_map {
	struct report_drawn *flows; /* owned */
	size_t flow_count;
	uint64_t drawn;                /* flows */
	double *places;                /* owned: pairs of x and y, of the largest clusters, then of the flows */
	double share;                  /* as dz_scaling_plane() has it */
	struct dz_linkage_step *steps; /* owned: of the largest clusters, by their place in dz_report.clusters */
};

/* What the library says of a flow. */
struct report_score {
	bool empty;
	uint8_t verdict, agrees; /* enum dz_score_verdict, enum dz_score_agrees */
	float confidence;        /* -1: not told */
	uint32_t profile;        /* in report->profiles: the nearest label, or "" */
};

struct dz_report {
	struct dz_report_options options;
	struct dz_hist_shape shape;
	bool has_shape, one_way;
	uint32_t parts; /* directions in a shape: 2, or 1 of one-way records */
	struct dz_groups *groups;
	struct dz_intern names, hosts, labels, inputs;
	struct dz_strbuf name;
	struct dz_vectors shapes;  /* distinct pairs of vectors: parts * bins each, the source's first */
	uint64_t *scratch;         /* owned: 2 * bins */
	struct report_flow *flows; /* owned */
	size_t flow_count, flow_capacity;
	struct report_sums *sums; /* owned, by name */
	size_t sums_capacity;
	struct report_input *input_sums; /* owned, by input */
	size_t input_capacity;
	struct dz_intern libraries;        /* where they are from */
	struct report_input *library_sums; /* owned, by library */
	size_t library_capacity;
	struct report_input library_all; /* all of them together */
	uint64_t first_ns, last_ns;
	struct report_score *scores; /* owned, by flow; NULL: not scored */
	size_t score_capacity;
	struct dz_intern profiles;

	/* made by dz_report_finish */
	struct dz_compare *compare;
	struct dz_yardstick *yardstick; /* the shipped one; NULL where it does not fit */
	struct dz_compare *verdicts;    /* of the largest groups: whether they differ */
	double *distances;              /* owned, by flow: to its group; negative: not known */
	bool *outliers;                 /* owned, by flow */
	size_t outlier_count, outliers_shown;
	uint32_t *shown; /* owned: flows in the table, outliers first, then by distance */
	size_t shown_count;
	struct dz_clustering *clustering; /* NULL: there are libraries, whose cells are no flows */
	struct report_cluster *clusters;  /* owned: by flows, largest first, noise last if there is any */
	size_t cluster_count;
	struct report_shapes *typical; /* owned, by item */
	struct report_time time;
	struct report_map map;
};

/* The vector of a shape in the direction that is compared; false when it is empty. */
bool dz_report_vector(const struct dz_report *report, uint32_t shape, double *vector);
/* Shares of both directions in all that the flow counted: parts * bins; false when it is empty. */
bool dz_report_shares(const struct dz_report *report, uint32_t shape, double *shares);

/* report_flows.c: distances, outliers, the choice of flows. report_clusters.c: the clusters. */
void dz_report_choose(struct dz_report *report);
void dz_report_cluster(struct dz_report *report);
/* Whether the flow is in a cluster or noise: it has a distribution, which was looked at. */
bool dz_report_is_clustered(const struct dz_report *report, const struct report_flow *flow);

/* report.c: the sums of the group of that name, which is made when there is none. */
struct report_sums *dz_report_sums_of(struct dz_report *report, const char *name, uint32_t *number);
/* report.c: takes the first shape. */
void dz_report_set_shape(struct dz_report *report, const struct dz_hist_shape *shape, bool one_way);
/* report_library.c: flows of libraries among all that the page is about. */
bool dz_report_has_libraries(const struct dz_report *report);

/* report_scores.c: what the library says of the flow that was added last. */
DZ_MUST_CHECK bool dz_report_score(struct dz_report *report, const struct dz_record *record, const char *name,
				   struct dz_err *err);
/* report_verdicts.c, report_shapes.c, report_time.c, report_map.c: what they say at their top. */
void dz_report_verdicts(struct dz_report *report);
void dz_report_shapes(struct dz_report *report);
void dz_report_time(struct dz_report *report);
void dz_report_time_release(struct report_time *time);
void dz_report_map(struct dz_report *report);
void dz_report_map_release(struct report_map *map);

/* report_data.c: appends the page's data as one JSON object. */
void dz_report_data(const struct dz_report *report, const struct dz_report_account *account, struct dz_strbuf *out);

/* The files of share/report, made into C by share/report/embed. */
struct report_asset {
	const unsigned char *bytes;
	size_t size;
};
extern const struct report_asset dz_report_page, dz_report_style, dz_report_script;

#endif
