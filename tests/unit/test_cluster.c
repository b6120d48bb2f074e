/* SPDX-License-Identifier: BSD-2-Clause */
/* test_cluster.c - clusters that anyone can see, their means, the places of flows, and the agreement with labels. */
#include "config.h"
#include "render/render.h"

#include "flows.h"
#include <json-c/json.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static uint32_t add(struct dz_groups *groups, const char *label, uint64_t a, uint64_t b, uint64_t c)
{
	const uint64_t counts[4] = { a, b, c, 0 };
	struct sample sample;
	struct dz_err err;

	flows_make(&sample, label, counts, (uint64_t[4]){ 0 });
	assert_true(dz_groups_add(groups, &sample.record, sample.record.input, &err));
	return dz_groups_last_vector(groups);
}

/* Two heaps of three, with one flow under the other's label; a flow far from both; and an empty one. */
static struct dz_groups *heaps(uint32_t *noise, uint32_t *first)
{
	struct dz_groups *groups = dz_groups_new(DZ_BY_LABEL, DZ_DIRECTION_TOTAL);

	*first = add(groups, "x", 100, 0, 0);
	add(groups, "x", 99, 1, 0);
	add(groups, "y", 98, 2, 0);
	add(groups, "y", 0, 0, 50);
	add(groups, "y", 0, 0, 50);
	add(groups, "y", 0, 1, 99);
	*noise = add(groups, "x", 0, 1, 0);
	add(groups, "x", 0, 0, 0);
	dz_groups_finish(groups);
	return groups;
}

static struct dz_clustering *cluster(const struct dz_groups *groups)
{
	const struct dz_cluster_options options = { .metric = DZ_METRIC_EUCLIDEAN, .eps = 5, .min_samples = 2 };
	return dz_clustering_new(groups, &options);
}

static void test_heaps(void **state)
{
	uint32_t noise, first;
	struct dz_groups *groups = heaps(&noise, &first);
	struct dz_clustering *clustering = cluster(groups);
	const struct dz_cluster *one = &clustering->clusters[0], *two = &clustering->clusters[1];

	(void)state;
	assert_int_equal(clustering->count, 2);
	assert_int_equal(clustering->flows, 7);
	assert_int_equal(clustering->empty, 1);
	assert_int_equal(one->flows, 3);
	assert_int_equal(one->distinct, 3);
	assert_int_equal(two->flows, 3);
	assert_int_equal(two->distinct, 2);
	assert_true(fabs(one->mean[0] - 0.99) < 1e-15 && fabs(one->mean[1] - 0.01) < 1e-15);
	/* 1 % from bin 0 to bin 1 is 1.414 percent of Euclidean distance; the middle flow is the mean. */
	assert_true(fabs(one->max_distance - sqrt(2)) < 1e-12 && fabs(one->mean_distance - 2 * sqrt(2) / 3) < 1e-12);
	assert_int_equal(clustering->places[first].cluster, 0);
	assert_true(fabs(clustering->places[first].distance - sqrt(2)) < 1e-12);
	/* The lone flow (0, 1, 0) is noise. The first mean, (0.99, 0.01, 0), is 99 % in two bins away; the second, (0,
	 * 1/300, 299/300), a little farther. */
	assert_int_equal(clustering->places[noise].cluster, DZ_DBSCAN_NOISE);
	assert_int_equal(clustering->places[noise].nearest, 0);
	assert_true(fabs(clustering->places[noise].distance - 99 * sqrt(2)) < 1e-12);
	assert_int_equal(clustering->clusters[2].flows, 1);
	assert_null(clustering->clusters[2].mean);
	/* Cluster 0 holds 2 x and 1 y, cluster 1 3 y, noise 1 x. */
	assert_true(fabs(dz_contingency_purity(clustering->all) - 6.0 / 7) < 1e-15);
	assert_true(fabs(dz_contingency_purity(clustering->kept) - 5.0 / 6) < 1e-15);
	assert_int_equal(one->label_flows, 2);
	dz_clustering_free(clustering);
	dz_groups_free(groups);
}

static void test_writers(void **state)
{
	uint32_t noise, first;
	struct dz_groups *groups = heaps(&noise, &first);
	struct dz_clustering *clustering = cluster(groups);
	struct dz_cluster_flow flow = { .packets = 1, .vector = noise };
	struct sample sample;
	struct json_object *object;
	struct dz_strbuf out;
	struct dz_err err;

	(void)state;
	sample_init(&sample);
	flow.key = sample.record.key;
	flow.source_end = sample.record.source_end;
	memcpy(flow.id, sample.record.id, sizeof flow.id);
	dz_strbuf_init(&out);
	dz_clustering_json(clustering, &out);
	object = json_tokener_parse(out.data);
	assert_non_null(object);
	json_object_put(object);
	dz_strbuf_clear(&out);
	assert_true(dz_clustering_line(clustering, flow.vector, "{\"distribooze\":{\"a\":1}}", 23, &out, &err));
	assert_string_equal(out.data,
			    "{\"distribooze\":{\"a\":1,\"cluster\":{\"noise\":true,\"nearest\":0,\"distance\":"
			    "140.0071426749364}}}");
	dz_strbuf_clear(&out);
	assert_true(
		dz_clustering_line(clustering, first, "{\"distribooze\":{\"cluster\":7, \"a\":1}}", 36, &out, &err));
	assert_non_null(strstr(out.data, "{ \"a\":1,\"cluster\":{\"number\":0,\"noise\":false,\"distance\":"));
	dz_strbuf_clear(&out);
	dz_clustering_flow_csv(clustering, &flow, "x", "a,b", &out);
	assert_string_equal(out.data, "00112233445566778899aabbccddeeff,192.168.1.148,52822,37.187.120.118,27122,tcp,1,"
				      "\"a,b\",x,noise,0,140.007143\n");
	dz_strbuf_clear(&out);
	dz_clustering_text(clustering, false, &out);
	assert_non_null(strstr(out.data, "7 flows in 2 clusters; noise: 1 (14%)"));
	dz_strbuf_clear(&out);
	dz_clustering_csv(clustering, &out);
	assert_non_null(strstr(out.data, "\nnoise,1,1,"));
	dz_strbuf_release(&out);
	dz_clustering_free(clustering);
	dz_groups_free(groups);
}

/* Everything is noise, and nothing is near anything. */
static void test_noise_only(void **state)
{
	struct dz_groups *groups = dz_groups_new(DZ_BY_LABEL, DZ_DIRECTION_TOTAL);
	struct dz_clustering *clustering;
	struct dz_strbuf out;
	uint32_t vector = add(groups, "x", 1, 0, 0);

	(void)state;
	add(groups, "x", 0, 1, 0);
	dz_groups_finish(groups);
	clustering = cluster(groups);
	assert_int_equal(clustering->count, 0);
	assert_int_equal(clustering->places[vector].nearest, -1);
	/* What does not exist has no distance, and nothing agrees with it. */
	assert_true(isnan(clustering->clusters[0].mean_distance));
	assert_false(dz_contingency_can_agree(clustering->all));
	assert_false(dz_contingency_can_agree(clustering->kept));
	dz_strbuf_init(&out);
	dz_clustering_text(clustering, true, &out);
	assert_non_null(strstr(out.data, "       -        -  x 100%"));
	assert_non_null(strstr(out.data, "all flows are of one label: there is nothing to agree about"));
	assert_non_null(strstr(out.data, "without noise: no flow is in a cluster"));
	dz_strbuf_clear(&out);
	dz_clustering_json(clustering, &out);
	assert_null(strstr(out.data, "\"purity\""));
	assert_null(strstr(out.data, "\"mean_distance\""));
	dz_strbuf_release(&out);
	dz_clustering_free(clustering);
	dz_groups_free(groups);
}

/* Five flows alike, seven alike, one nearer to the five and one unlike all. From the longest edges on: what is 1 from
 * everything drops out, then the seven part from the rest at the distance b of the one between, which leaves the five
 * at a later only. Silhouettes: of each of the five a/5 inside and 1 outside, of the one between a and b, of the seven
 * 0 and (5 + b)/6. */
static void test_density(void **state)
{
	const struct dz_cluster_options options = {
		.metric = DZ_METRIC_HELLINGER, .eps = DZ_CLUSTER_AUTO, .min_samples = 5, .min_cluster_size = 5
	};
	struct dz_groups *groups = dz_groups_new(DZ_BY_LABEL, DZ_DIRECTION_TOTAL);
	struct dz_clustering *clustering;
	struct dz_strbuf out;
	const double a = sqrt(1 - sqrt(5.0 / 6)), b = sqrt(1 - sqrt(1.0 / 6));
	uint32_t first = 0, second = 0, between, odd;

	(void)state;
	for (unsigned i = 0; i < 12; i++)
		*(i < 5 ? &first : &second) = i < 5 ? add(groups, "x", 1, 0, 0) : add(groups, "y", 0, 1, 0);
	between = add(groups, "z", 5, 1, 0);
	odd = add(groups, "z", 0, 0, 1);
	dz_groups_finish(groups);
	clustering = dz_clustering_new(groups, &options);
	assert_int_equal(clustering->count, 2);
	assert_int_equal(clustering->places[first].cluster, 0);
	assert_int_equal(clustering->places[between].cluster, 0);
	assert_int_equal(clustering->places[second].cluster, 1);
	assert_int_equal(clustering->places[odd].cluster, DZ_DBSCAN_NOISE);
	assert_true(clustering->has_silhouette && !clustering->silhouette_sampled);
	assert_true(fabs(clustering->silhouette - (5 * (1 - a / 5) + (1 - a / b) + 7) / 13) < 1e-12);
	dz_strbuf_init(&out);
	dz_clustering_text(clustering, false, &out);
	assert_non_null(
		strstr(out.data, "14 flows in 2 clusters; noise: 1 (7%); HDBSCAN, hellinger, min-cluster-size 5"));
	dz_strbuf_release(&out);
	dz_clustering_free(clustering);
	dz_groups_free(groups);
}

/* One flow of 401 is noise, which is less than half a percent, and not none. */
static void test_hardly_any_noise(void **state)
{
	const struct dz_cluster_options options = {
		.metric = DZ_METRIC_HELLINGER, .eps = DZ_CLUSTER_AUTO, .min_samples = 5, .min_cluster_size = 5
	};
	struct dz_groups *groups = dz_groups_new(DZ_BY_LABEL, DZ_DIRECTION_TOTAL);
	struct dz_clustering *clustering;
	struct dz_strbuf out;

	(void)state;
	for (unsigned i = 0; i < 400; i++)
		(void)add(groups, "x", i % 2, (i + 1) % 2, 0);
	(void)add(groups, "z", 0, 0, 1);
	dz_groups_finish(groups);
	clustering = dz_clustering_new(groups, &options);
	dz_strbuf_init(&out);
	dz_clustering_text(clustering, false, &out);
	assert_non_null(strstr(out.data, "401 flows in 2 clusters; noise: 1 (<1%); "));
	dz_strbuf_release(&out);
	dz_clustering_free(clustering);
	dz_groups_free(groups);
}

/* Forty distributions of one flow each and one of a thousand: of 11 that are looked at, the frequent one is among them
 * but for a chance of less than 1 in 100 (each draw misses it with 40 / 1,040 at most), and never with this seed. What
 * is not drawn is in no cluster, and counted as that. */
static void test_sample(void **state)
{
	struct dz_groups *groups = dz_groups_new(DZ_BY_LABEL, DZ_DIRECTION_TOTAL);
	struct dz_cluster_options options = { .metric = DZ_METRIC_EUCLIDEAN, .eps = 200, .min_samples = 2, .most = 11 };
	uint32_t often = 0, unseen = 0;
	struct dz_clustering *clustering;

	(void)state;
	for (unsigned i = 0; i < 1000; i++)
		often = add(groups, "x", 0, 0, 7);
	for (unsigned i = 1; i <= 40; i++)
		add(groups, "y", i, 41, 0);
	dz_groups_finish(groups);
	clustering = dz_clustering_new(groups, &options);
	assert_int_equal(clustering->distinct, 41);
	assert_int_equal(clustering->seen, 11);
	assert_int_equal(clustering->places[often].cluster, 0);
	for (uint32_t v = 0; v < 41; v++)
		unseen += clustering->places[v].cluster == DZ_CLUSTER_UNSEEN;
	assert_int_equal(unseen, 30);
	assert_int_equal(clustering->unseen, 30);
	assert_int_equal(clustering->flows, 1010);
	assert_int_equal(clustering->clusters[0].flows, 1010);
	assert_int_equal(dz_contingency_total(clustering->all), 1010);
	dz_clustering_free(clustering);
	options.most = 41;
	clustering = dz_clustering_new(groups, &options);
	assert_int_equal(clustering->unseen, 0);
	assert_int_equal(clustering->clusters[0].flows, 1040);
	dz_clustering_free(clustering);
	dz_groups_free(groups);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_heaps),
					    cmocka_unit_test(test_writers),
					    cmocka_unit_test(test_noise_only),
					    cmocka_unit_test(test_density),
					    cmocka_unit_test(test_hardly_any_noise),
					    cmocka_unit_test(test_sample) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
