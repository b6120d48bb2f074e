/* SPDX-License-Identifier: BSD-2-Clause */
/* sessions.h - which flows of a group belong together, and a sample of them that is small enough to be compared pair by
 * pair.
 *
 * Knows groups; knows no files.  A session is the flows of one originator, each
 * begun within GAP of the one before.  One GAP is not enough: a page that is
 * loaded and the visit of a site are both sessions, and a host may keep its
 * habits from visit to visit.  So flows are dealt at several levels at once,
 * from the shortest GAP to the longest and on to all flows of a host; each
 * session of a level lies within one of the next. */
#ifndef DISTRIBOOZE_SESSIONS_H
#define DISTRIBOOZE_SESSIONS_H

#include "stats/groups.h"

enum dz_session_kind {
	DZ_SESSIONS_GAPS,  /* several levels: GAP 1, 3, 10, 30, 60 s, and all flows of an originator */
	DZ_SESSIONS_TIME,  /* one level of a GAP */
	DZ_SESSIONS_HOST,  /* all flows of an originator */
	DZ_SESSIONS_INPUT, /* all flows of an input */
	DZ_SESSIONS_NONE   /* each flow by itself */
};

extern const char *const dz_session_kind_names[]; /* "gaps", "time", ... */

struct dz_session_rule {
	enum dz_session_kind kind;
	uint64_t gap_ns; /* of DZ_SESSIONS_TIME */
};

/* Reads "60", "2m", "host", "input", "none" or "auto". */
DZ_MUST_CHECK bool dz_session_rule_parse(const char *text, struct dz_session_rule *rule, struct dz_err *err);

/* GAPs, and one more: all flows of a host. That level is numbered whatever the rule, to tell how many hosts there are.
 */
enum { DZ_SESSION_GAPS = 5, DZ_SESSION_LEVELS, DZ_SESSION_HOSTS = DZ_SESSION_LEVELS - 1 };

/* How many levels are sessions by the rule: the first so many. */
unsigned dz_session_levels(const struct dz_session_rule *rule);

/* Whether the sessions of a level are all flows of a host. */
static inline bool dz_session_is_host(const struct dz_session_rule *rule, unsigned level)
{
	return rule->kind == DZ_SESSIONS_HOST || level == DZ_SESSION_HOSTS;
}

/* "sessions: flows of one host, each begun within 10 s of the one before", or what the rule says instead. */
void dz_session_rule_text(const struct dz_session_rule *rule, unsigned level, struct dz_strbuf *out);

/* The GAP of a level in nanoseconds; 0 where sessions are not told by time. */
uint64_t dz_session_gap(const struct dz_session_rule *rule, unsigned level);

struct dz_sample_flow {
	uint32_t vector;                     /* in the groups' vectors */
	uint32_t lengths;                    /* counted in it */
	uint32_t host;                       /* its originator, by the groups' number */
	uint32_t input;                      /* the same */
	uint32_t session[DZ_SESSION_LEVELS]; /* by level: a number in 0..sessions[level]-1 */
	double weight;                       /* how many flows of its session it stands for */
};

struct dz_sample {
	unsigned levels;
	struct dz_sample_flow *flows; /* owned */
	size_t count;
	uint32_t sessions[DZ_SESSION_LEVELS];   /* in the sample; [DZ_SESSION_HOSTS]: originators */
	uint32_t all_sessions[DZ_SESSION_GAPS]; /* in the group */
	bool drawn;                             /* the sample is not all of the group */
};

/* A group that kept its flows. Of a group of more than `most` flows: at most most / 2 sessions of the longest GAP are
 * drawn, each as probable, and of each at most so many flows that there are `most` in all; a flow then stands for
 * several of its session. The same seed draws the same. */
void dz_sample_init(struct dz_sample *sample, const struct dz_group *group, const struct dz_session_rule *rule,
		    size_t most, uint64_t seed);
void dz_sample_release(struct dz_sample *sample);

#endif
