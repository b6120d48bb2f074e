/* SPDX-License-Identifier: BSD-2-Clause */
/* dbscan.c - see dbscan.h.
 *
 * The textbook's algorithm lists every point's neighbours, which is quadratic
 * where many points lie close together, as flows do.  Here the points are
 * first covered by *balls*: a ball is a point (its leader) and points within
 * eps/2 of it, so that all its members are neighbours of one another.  Then
 *
 *  1. a ball whose weight reaches min_samples has only core points; only the
 *     points of lighter balls need their neighbours counted, up to
 *     min_samples;
 *  2. the core points of a ball share a cluster, so clusters are unions of
 *     balls, and one pair of core points within eps unites two of them;
 *  3. what is not core has few neighbours, which were listed when they were
 *     counted: the nearest core point is among them.
 *
 * The result is the same as the textbook's; reduced distances (see distance.h) take the
 * place of distances throughout, for the sake of the triangle inequality. */
#include "config.h"
#include "math/dbscan.h"

#include "base/mem.h"
#include "math/vptree.h"
#include "math/points.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ROUNDING (1 + 1e-12)  /* "within eps" includes what rounding put just outside */
#define FEW_CORES 8u          /* a ball with fewer core points asks for each one's neighbours */
#define MANY_CORES 32u        /* a ball with more gets a tree of its own when another may touch it */
#define MAX_LISTED (1u << 24) /* neighbours that are remembered; those of further points are looked up again */
#define REPORT_EVERY 1024u
#define NONE UINT32_MAX

struct dz_dbscan {
	struct dz_points points;
};

struct dz_dbscan *dz_dbscan_new(enum dz_metric metric, const struct dz_axis *axis)
{
	struct dz_dbscan *db = dz_mem_zalloc(1, sizeof *db);

	dz_points_init(&db->points, metric, axis);
	return db;
}

void dz_dbscan_free(struct dz_dbscan *db)
{
	if (!db)
		return;
	dz_points_release(&db->points);
	free(db);
}

uint32_t dz_dbscan_add(struct dz_dbscan *db, const double *vector, uint64_t weight)
{
	return dz_points_add(&db->points, vector, weight);
}

uint32_t dz_dbscan_points(const struct dz_dbscan *db)
{
	return db->points.count;
}

const struct dz_points *dz_dbscan_set(const struct dz_dbscan *db)
{
	return &db->points;
}

/* ---- one run ---- */

struct ball {
	uint32_t leader;
	uint32_t first, end;          /* members: places in `members`; core points first once they are known */
	uint32_t cores;               /* how many of them are core */
	double radius;                /* reduced distance of the farthest core member from the leader */
	uint32_t parent;              /* union-find: a ball of the same cluster, itself at the root */
	struct dz_vptree *cores_tree; /* owned: over the core members, once it was needed */
};

struct list {
	uint32_t first, end; /* places in `listed` */
	bool known;
};

struct run {
	const struct dz_points *points;
	const struct dz_dbscan_options *options;
	double limit; /* eps as a reduced distance, with room for rounding */
	struct dz_vptree *tree;
	struct ball *balls;
	uint32_t ball_count;
	uint32_t *members; /* points.count: the balls' members, ball by ball */
	uint32_t member_count;
	uint32_t *ball_of;   /* by point; NONE as long as it is uncovered */
	double *from_leader; /* by point: its reduced distance from its ball's leader */
	bool *core;          /* by point */
	struct list *lists;  /* by point: the neighbours of points that are not core */
	uint32_t *listed;    /* the lists' elements */
	uint32_t listed_count, listed_capacity;
	uint64_t rdists, done, reported, todo;
};

static void report_progress(struct run *run, uint32_t points)
{
	const struct dz_dbscan_options *options = run->options;

	run->done += points;
	if (options->progress && (run->done >= run->reported + REPORT_EVERY || run->done == run->todo)) {
		options->progress(options->context, run->done, run->todo);
		run->reported = run->done;
	}
}

static void search(struct run *run, const struct dz_vptree *tree, const struct dz_vptree_query *query)
{
	run->rdists += dz_vptree_search(tree, query);
}

/* The reduced distance of two points, or any number above the run's limit. */
static double rdist_between(struct run *run, uint32_t a, uint32_t b, double limit)
{
	const struct dz_points *points = run->points;

	run->rdists++;
	return dz_metric_rdist_within(points->metric, dz_points_at(points, a), dz_points_at(points, b), points->dims,
				      limit);
}

/* ---- neighbours of one point ---- */

struct looking {
	struct run *run;
	uint32_t leader; /* of the ball in the making, or NONE */
	struct list list;
	uint64_t weight; /* of the neighbours so far */
};

static bool has_enough(const struct looking *looking)
{
	return looking->weight >= looking->run->options->min_samples;
}

static bool is_news(void *context, uint32_t point)
{
	const struct looking *looking = context;

	return !has_enough(looking) || looking->run->ball_of[point] == NONE;
}

static void cover(struct run *run, uint32_t point, double rdist)
{
	run->ball_of[point] = run->ball_count;
	run->from_leader[point] = rdist;
	run->members[run->member_count++] = point;
}

static void list_neighbour(struct run *run, struct list *list, uint32_t point)
{
	if (run->listed_count == MAX_LISTED)
		list->known = false;
	if (!list->known)
		return;
	if (run->listed_count == run->listed_capacity) {
		run->listed_capacity = run->listed_capacity ? run->listed_capacity * 2 : 1024;
		run->listed = dz_mem_realloc(run->listed, run->listed_capacity, sizeof *run->listed);
	}
	run->listed[run->listed_count++] = point;
}

static double take_in(void *context, uint32_t point, double rdist)
{
	struct looking *looking = context;
	struct run *run = looking->run;

	if (looking->leader != NONE && run->ball_of[point] == NONE && rdist <= run->limit / 2)
		cover(run, point, rdist);
	if (!has_enough(looking)) {
		looking->weight += run->points->weights[point];
		list_neighbour(run, &looking->list, point);
	}
	if (!has_enough(looking))
		return run->limit;
	return looking->leader != NONE ? run->limit / 2 : -1;
}

/* Finds out whether the point is core, lists its neighbours if not, and covers those near a leader. */
static void look_around(struct run *run, uint32_t point, bool covering)
{
	struct looking looking = { .run = run, .leader = covering ? point : NONE };
	struct dz_vptree_query query = { .center = dz_points_at(run->points, point),
					 .limit = run->limit,
					 .context = &looking,
					 .want = is_news,
					 .visit = take_in };

	looking.list.first = run->listed_count;
	looking.list.known = true;
	search(run, run->tree, &query);
	run->core[point] = has_enough(&looking);
	if (run->core[point] || !looking.list.known)
		run->listed_count = looking.list.first;
	looking.list.end = run->listed_count;
	run->lists[point] = looking.list;
}

/* ---- balls and core points ---- */

static void make_balls(struct run *run)
{
	for (uint32_t leader = 0; leader < run->points->count; leader++) {
		report_progress(run, 1);
		if (run->ball_of[leader] != NONE)
			continue;
		struct ball *ball = &run->balls[run->ball_count];
		ball->leader = leader;
		ball->parent = run->ball_count;
		ball->first = run->member_count;
		cover(run, leader, 0);
		look_around(run, leader, true);
		ball->end = run->member_count;
		run->ball_count++;
	}
}

/* Moves the core members to the front of the ball and measures how far out they are. */
static void sort_members(struct run *run, struct ball *ball)
{
	for (uint32_t i = ball->first; i < ball->end; i++) {
		uint32_t point = run->members[i], place = ball->first + ball->cores;
		if (!run->core[point])
			continue;
		run->members[i] = run->members[place];
		run->members[place] = point;
		ball->cores++;
		ball->radius = fmax(ball->radius, run->from_leader[point]);
	}
}

static void find_cores(struct run *run)
{
	for (uint32_t i = 0; i < run->ball_count; i++) {
		struct ball *ball = &run->balls[i];
		uint64_t weight = 0;
		for (uint32_t k = ball->first; k < ball->end; k++)
			weight += run->points->weights[run->members[k]];
		for (uint32_t k = ball->first; k < ball->end; k++) {
			uint32_t point = run->members[k];
			report_progress(run, 1);
			if (weight >= run->options->min_samples)
				run->core[point] = true;
			else if (point != ball->leader)
				look_around(run, point, false);
		}
		sort_members(run, ball);
	}
}

/* ---- clusters: balls united ---- */

static uint32_t root_of(struct ball *balls, uint32_t ball)
{
	while (balls[ball].parent != ball) {
		balls[ball].parent = balls[balls[ball].parent].parent; /* halves the path for the next one */
		ball = balls[ball].parent;
	}
	return ball;
}

static void unite(struct run *run, uint32_t a, uint32_t b)
{
	uint32_t first = root_of(run->balls, a), second = root_of(run->balls, b);

	run->balls[first > second ? first : second].parent = first < second ? first : second;
}

struct joining {
	struct run *run;
	uint32_t ball;
};

static bool is_core_elsewhere(void *context, uint32_t point)
{
	const struct joining *joining = context;
	struct run *run = joining->run;

	return run->core[point] && root_of(run->balls, run->ball_of[point]) != root_of(run->balls, joining->ball);
}

static double join(void *context, uint32_t point, double rdist)
{
	const struct joining *joining = context;

	(void)rdist;
	unite(joining->run, joining->ball, joining->run->ball_of[point]);
	return joining->run->limit;
}

/* Unites a ball with every ball that has a core point near one of its few. */
static void join_neighbours(struct run *run, uint32_t number)
{
	const struct ball *ball = &run->balls[number];
	struct joining joining = { run, number };
	struct dz_vptree_query query = {
		.limit = run->limit, .context = &joining, .want = is_core_elsewhere, .visit = join
	};

	for (uint32_t i = ball->first; i < ball->first + ball->cores; i++) {
		query.center = dz_points_at(run->points, run->members[i]);
		search(run, run->tree, &query);
	}
}

static double note_and_stop(void *context, uint32_t point, double rdist)
{
	bool *found = context;

	(void)point;
	(void)rdist;
	*found = true;
	return -1;
}

static bool is_near_core_by_tree(struct run *run, struct ball *ball, uint32_t point)
{
	bool found = false;
	struct dz_vptree_query query = { .center = dz_points_at(run->points, point),
					 .limit = run->limit,
					 .context = &found,
					 .visit = note_and_stop };

	if (!ball->cores_tree)
		ball->cores_tree = dz_vptree_new(run->points, run->members + ball->first, ball->cores);
	search(run, ball->cores_tree, &query);
	return found;
}

/* Whether the point, `reach` from the ball's leader, is within eps of a core point of the ball. */
static bool is_near_core(struct run *run, struct ball *ball, uint32_t point, double reach)
{
	if (ball->cores > MANY_CORES)
		return is_near_core_by_tree(run, ball, point);
	for (uint32_t i = ball->first; i < ball->first + ball->cores; i++) {
		uint32_t other = run->members[i];
		if (fabs(reach - run->from_leader[other]) > run->limit)
			continue;
		if (rdist_between(run, point, other, run->limit) <= run->limit)
			return true;
	}
	return false;
}

struct reach {
	double rdist; /* from the other ball's leader */
	uint32_t point;
};

static int compare_reaches(const void *left, const void *right)
{
	const struct reach *a = left, *b = right;

	if (a->rdist != b->rdist)
		return a->rdist < b->rdist ? -1 : 1;
	return a->point < b->point ? -1 : a->point > b->point;
}

/* Whether a core point of one ball is within eps of a core point of the other: those that face it are tried first. */
static bool do_touch(struct run *run, struct ball *a, struct ball *b)
{
	struct ball *small = a->cores < b->cores ? a : b, *large = small == a ? b : a;
	struct reach *reaches = dz_mem_zalloc(small->cores, sizeof *reaches);
	double limit = run->limit + large->radius;
	uint32_t count = 0;
	bool touch = false;

	for (uint32_t i = small->first; i < small->first + small->cores; i++) {
		struct reach reach = { rdist_between(run, run->members[i], large->leader, limit), run->members[i] };
		if (reach.rdist <= limit)
			reaches[count++] = reach;
	}
	qsort(reaches, count, sizeof *reaches, compare_reaches);
	for (uint32_t i = 0; i < count && !touch; i++)
		touch = is_near_core(run, large, reaches[i].point, reaches[i].rdist);
	free(reaches);
	return touch;
}

static bool is_other_leader(void *context, uint32_t point)
{
	const struct joining *joining = context;
	struct run *run = joining->run;
	uint32_t other = run->ball_of[point];

	/* Each pair once. */
	return other < joining->ball && root_of(run->balls, other) != root_of(run->balls, joining->ball);
}

static double join_if_touching(void *context, uint32_t point, double rdist)
{
	const struct joining *joining = context;
	struct run *run = joining->run;
	uint32_t other = run->ball_of[point];
	struct ball *a = &run->balls[joining->ball], *b = &run->balls[other];

	if (rdist <= run->limit + a->radius + b->radius && do_touch(run, a, b))
		unite(run, joining->ball, other);
	return 2 * run->limit;
}

/* Big balls: only leaders are looked up, then pairs of balls that can touch are examined. */
static void join_big_balls(struct run *run, const struct dz_vptree *leaders, uint32_t number)
{
	struct joining joining = { run, number };
	struct dz_vptree_query query = { .center = dz_points_at(run->points, run->balls[number].leader),
					 .limit = 2 * run->limit,
					 .context = &joining,
					 .want = is_other_leader,
					 .visit = join_if_touching };

	search(run, leaders, &query);
}

static void join_balls(struct run *run)
{
	uint32_t *big = dz_mem_zalloc(run->ball_count, sizeof *big);
	uint32_t big_count = 0;

	for (uint32_t i = 0; i < run->ball_count; i++) {
		const struct ball *ball = &run->balls[i];
		if (ball->cores >= FEW_CORES) {
			big[big_count++] = ball->leader;
			continue;
		}
		join_neighbours(run, i);
		report_progress(run, ball->end - ball->first);
	}
	struct dz_vptree *leaders = dz_vptree_new(run->points, big, big_count);
	for (uint32_t i = 0; i < big_count; i++) {
		const struct ball *ball = &run->balls[run->ball_of[big[i]]];
		join_big_balls(run, leaders, run->ball_of[big[i]]);
		report_progress(run, ball->end - ball->first);
	}
	dz_vptree_free(leaders);
	free(big);
}

/* ---- labels ---- */

struct nearest {
	const struct run *run;
	uint32_t point;
	double rdist;
};

static bool is_core(void *context, uint32_t point)
{
	const struct nearest *nearest = context;

	return nearest->run->core[point];
}

static double take_nearer(void *context, uint32_t point, double rdist)
{
	struct nearest *nearest = context;

	if (rdist < nearest->rdist || nearest->point == NONE || (rdist == nearest->rdist && point < nearest->point)) {
		nearest->point = point;
		nearest->rdist = rdist;
	}
	return nearest->rdist;
}

/* The nearest core point within eps of one that is not core, or NONE. */
static uint32_t find_nearest_core(struct run *run, uint32_t point)
{
	const struct list *list = &run->lists[point];
	struct nearest nearest = { run, NONE, 0 };
	struct dz_vptree_query query = { .center = dz_points_at(run->points, point),
					 .limit = run->limit,
					 .context = &nearest,
					 .want = is_core,
					 .visit = take_nearer };

	if (!list->known)
		search(run, run->tree, &query);
	for (uint32_t i = list->first; list->known && i < list->end; i++)
		if (run->core[run->listed[i]])
			take_nearer(&nearest, run->listed[i], rdist_between(run, point, run->listed[i], run->limit));
	return nearest.point;
}

static void write_labels(struct run *run, int32_t *labels, struct dz_dbscan_result *result)
{
	/* By the root's number: the cluster's. */
	int32_t *clusters = dz_mem_zalloc(run->ball_count, sizeof *clusters);

	memset(clusters, 0xff, run->ball_count * sizeof *clusters); /* -1: no number yet */
	for (uint32_t point = 0; point < run->points->count; point++) {
		uint64_t weight = run->points->weights[point];
		uint32_t nearest = run->core[point] ? point : find_nearest_core(run, point);
		report_progress(run, 1);
		if (nearest == NONE) {
			labels[point] = DZ_DBSCAN_NOISE;
			result->noise_points++;
			result->noise_weight += weight;
			continue;
		}
		int32_t *cluster = &clusters[root_of(run->balls, run->ball_of[nearest])];
		if (*cluster < 0)
			*cluster = (int32_t)result->clusters++;
		labels[point] = *cluster;
		*(run->core[point] ? &result->core_points : &result->border_points) += 1;
		*(run->core[point] ? &result->core_weight : &result->border_weight) += weight;
	}
	free(clusters);
}

static void run_init(struct run *run, const struct dz_points *points, const struct dz_dbscan_options *options)
{
	uint32_t count = points->count;

	memset(run, 0, sizeof *run);
	run->points = points;
	run->options = options;
	run->limit = dz_metric_distance_to_rdist(points->metric, options->eps) * ROUNDING;
	run->todo = (uint64_t)count * 4; /* covered, counted, joined, labelled */
	run->tree = dz_vptree_new(points, NULL, count);
	run->balls = dz_mem_zalloc(count, sizeof *run->balls);
	run->members = dz_mem_zalloc(count, sizeof *run->members);
	run->ball_of = dz_mem_zalloc(count, sizeof *run->ball_of);
	run->from_leader = dz_mem_zalloc(count, sizeof *run->from_leader);
	run->core = dz_mem_zalloc(count, sizeof *run->core);
	run->lists = dz_mem_zalloc(count, sizeof *run->lists);
	memset(run->ball_of, 0xff, count * sizeof *run->ball_of); /* NONE */
}

static void run_release(struct run *run)
{
	for (uint32_t i = 0; i < run->ball_count; i++)
		dz_vptree_free(run->balls[i].cores_tree);
	dz_vptree_free(run->tree);
	free(run->balls);
	free(run->members);
	free(run->ball_of);
	free(run->from_leader);
	free(run->core);
	free(run->lists);
	free(run->listed);
}

void dz_dbscan_run(struct dz_dbscan *db, const struct dz_dbscan_options *options, int32_t *labels, bool *core,
		   struct dz_dbscan_result *result)
{
	struct run run;

	memset(result, 0, sizeof *result);
	run_init(&run, &db->points, options);
	make_balls(&run);
	find_cores(&run);
	join_balls(&run);
	write_labels(&run, labels, result);
	if (core && db->points.count)
		memcpy(core, run.core, db->points.count * sizeof *core);
	result->rdists = run.rdists;
	run_release(&run);
}
