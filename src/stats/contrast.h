/* SPDX-License-Identifier: BSD-2-Clause */
/* contrast.h - two groups of flows: do they differ, by how much, and where?
 *
 * Knows samples and numbers; knows no files and no words.  docs/STATISTICS.md
 * has the definitions and what each answer assumes. */
#ifndef DISTRIBOOZE_CONTRAST_H
#define DISTRIBOOZE_CONTRAST_H

#include "math/distance.h"
#include "math/energy.h"
#include "stats/sessions.h"

enum dz_contrast_verdict {
	DZ_CONTRAST_EMPTY,        /* one of the two has no flow with a distribution */
	DZ_CONTRAST_FEW_SESSIONS, /* not even the clearest difference could have p <= 0.05, alone or among so many pairs
				   */
	DZ_CONTRAST_NO_SESSIONS, /* flows of a library are among them, and libraries keep no sessions (contrast_cells.h)
				  */
	DZ_CONTRAST_DIFFER,
	DZ_CONTRAST_LITTLE, /* they differ, and are told apart by no more than options.little */
	DZ_CONTRAST_NONE,   /* no difference shown */
	DZ_CONTRAST_ALIKE   /* no difference shown, and told apart by no more than options.alike */
};
#define DZ_CONTRAST_LEVEL 0.05 /* of p */

enum {
	DZ_CONTRAST_INTERVAL_MIN = 6, /* sessions a side that an interval takes */
	DZ_CONTRAST_H_MIN = 10,       /* sessions a side that H takes */
	DZ_CONTRAST_WHERE = 3,        /* bins told */
	DZ_CONTRAST_K_MAX = 10,       /* sessions drawn of a side */
	DZ_CONTRAST_MOST = 10000000   /* permutations that may be asked for */
};

/* Whether the energy distance in a metric can only be 0 where the groups are alike, or can at least not be negative
 * (wasserstein); with the others the test is refused. */
enum dz_contrast_fit { DZ_CONTRAST_FITS, DZ_CONTRAST_MAY_MISS, DZ_CONTRAST_UNFIT };
enum dz_contrast_fit dz_contrast_fit(enum dz_metric metric);

struct dz_contrast_options {
	enum dz_metric metric;
	struct dz_session_rule rule;
	uint32_t permutations; /* at least 1 */
	size_t sharing;        /* pairs that share the 0.05: dz_contrast_sharing(); where it is 1, random splits do
				  not end as early */
	double little;         /* share told apart, such as 0.6 */
	double alike;          /* the same; 0: not asked for */
	uint64_t seed;
};

/* A bin in which the means differ. */
struct dz_contrast_bin {
	uint32_t bin;
	double shares[2];
};

struct dz_contrast {
	enum dz_contrast_verdict verdict;
	unsigned level;       /* of the sessions that all below is of */
	unsigned levels;      /* that were tested: the first so many of the rule */
	uint32_t flows[2];    /* looked at */
	uint32_t sessions[2]; /* of them */
	uint32_t hosts[2];    /* that began them */
	uint32_t hosts_both;  /* of these: began flows of both */
	uint32_t inputs;      /* that the flows of either are of */
	double lengths[2];    /* of a flow in the middle: the median number of packets counted */
	bool drawn;           /* a sample was looked at */
	uint32_t swapped;     /* hosts of both whose two halves changed places in the splits that p is of; else 0 */
	double least_p;       /* that these sessions and permutations can yield */
	uint32_t sharing;     /* pairs that share the 0.05, where that makes the sessions too few; else 0 */
	bool by_inputs;       /* without sessions: inputs stand in their place; else flows do */
	uint32_t k;           /* sessions drawn on each side for told_apart; 0: it cannot be told */
	double told_apart;    /* 0..1, chance is 0.5 */
	/* The same by 1..most_by sessions drawn that time tells: of `level`, or where hosts are the sessions of the
	 * longest GAP. */
	unsigned level_by;
	uint32_t most_by;
	double told_by[DZ_CONTRAST_K_MAX];
	/* from here on only where there are sessions enough: */
	struct dz_energy_result test;
	double adjusted; /* test.p after Holm's correction; set by dz_contrast_settle() */
	bool h_known;    /* sessions enough for H */
	struct dz_interval h;
	struct dz_interval told;
	uint32_t resamples; /* behind the interval of H; 0: there is none */
	double p_means;     /* how often chance makes the two means as far apart as they are */
	struct dz_contrast_bin where[DZ_CONTRAST_WHERE];
	uint32_t where_count; /* 0 where sessions were tested and p_means is more than 0.05 */
	double where_share;   /* of the difference of the means that is in them, 0..1 */
};

/* The p that the clearest difference between two samples would have by the sessions of the first level, which are the
 * most. Longer levels have no part in it: they are tested only where they can yield what a pair needs. */
double dz_contrast_least_p(const struct dz_session_rule *rule, const struct dz_sample *const samples[2]);

/* Whether a pair can differ where so many share the 0.05 of a run. */
static inline bool dz_contrast_is_able(double least_p, size_t sharing)
{
	return least_p * (double)sharing <= DZ_CONTRAST_LEVEL;
}

/* By how many the 0.05 is shared among pairs whose clearest differences would have these p: the least number that no
 * more pairs than that are able to differ with; *able gets how many are. The others have too few sessions among so
 * many, and need no correction (Tarone, Biometrics 46, 1990, 515-522). The data have no part in it. */
size_t dz_contrast_sharing(const double *least_p, size_t count, size_t *able);

/* Compares two samples of `groups`; means are those of the groups, as long as an axis has bins. */
void dz_contrast(const struct dz_contrast_options *options, const struct dz_groups *groups,
		 const struct dz_sample *const samples[2], const double *const means[2], struct dz_contrast *contrast);

/* Whether all flows of a host were taken as one session, by the rule or as the last level. */
static inline bool dz_contrast_is_by_hosts(const struct dz_contrast_options *options,
					   const struct dz_contrast *contrast)
{
	return options->rule.kind == DZ_SESSIONS_HOST || contrast->levels == DZ_SESSION_LEVELS;
}

/* Sets where the means, as long as an axis has bins, differ. */
void dz_contrast_find_where(const double *const means[2], uint32_t size, struct dz_contrast *contrast);

/* Told apart by each number of sessions by GAP, 1 to most[level]; that is 0 where a side has fewer than two. */
struct dz_contrast_shares {
	uint32_t most[DZ_SESSION_GAPS];
	double share[DZ_SESSION_GAPS][DZ_CONTRAST_K_MAX];
};
void dz_contrast_shares(const struct dz_contrast_options *options, const struct dz_groups *groups,
			const struct dz_sample *const samples[2], struct dz_contrast_shares *shares);

/* Whether N permutations are enough for so many pairs that can be tested: Holm multiplies the least p by their number.
 */
static inline bool dz_contrast_enough(uint32_t permutations, size_t pairs)
{
	return pairs * 20 <= (size_t)permutations + 1;
}

/* How many should be taken for so many pairs: ten times as many as are enough, or one split that chance puts as far
 * apart would cost the verdict. */
static inline size_t dz_contrast_permutations(size_t pairs)
{
	return pairs * 200 - 1;
}

/* Corrects the p of all contrasts of a run for their number and gives each its verdict: Holm's way, among those that
 * are able to differ (Hommel and Krummenauer, Biometrical Journal 40, 1998, 673-681); where all are, it is Holm's to
 * the digit. */
void dz_contrast_settle(const struct dz_contrast_options *options, struct dz_contrast *contrasts, size_t count);

#endif
