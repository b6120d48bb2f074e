/* SPDX-License-Identifier: BSD-2-Clause */
/* template.c - see template.h. */
#include "config.h"
#include "sink/template.h"

#include <stdio.h>

const char *const dz_template_engines[] = { "elasticsearch", "opensearch", NULL };

#define FIELD_LIMIT 1000 /* of an index, as engines have it */
#define SPARE_FIELDS 200 /* for what others add to a record */

struct properties {
	const struct dz_template *config;
	struct dz_strbuf *out;
	unsigned depth;
	unsigned fields; /* objects count, too */
	const char *comma;
};

/* ---- pieces ---- */

static void begin_line(struct properties *p)
{
	dz_strbuf_adds(p->out, p->comma);
	dz_strbuf_addf(p->out, "\n%*s", (int)(2 * p->depth), "");
	p->comma = ",";
}

static void put(struct properties *p, const char *name, const char *mapping)
{
	begin_line(p);
	dz_strbuf_addf(p->out, "\"%s\": %s", name, mapping);
	p->fields++;
}

static void begin_object(struct properties *p, const char *name)
{
	put(p, name, "{ \"properties\": {");
	p->depth++;
	p->comma = "";
}

static void end_object(struct properties *p)
{
	p->depth--;
	p->comma = "";
	begin_line(p);
	dz_strbuf_adds(p->out, "} }");
}

/* Sums are what the bins are for: columns are kept of them, but nothing is looked up by them. */
static void put_bins(struct properties *p, const char *name)
{
	const struct dz_hist_shape *shape = &p->config->shape;

	if (!(p->config->values & DZ_VALUES_BINS))
		return;
	begin_object(p, name);
	for (uint32_t i = 0; i < shape->bins; i++) {
		char bin[32];
		snprintf(bin, sizeof bin, "b%0*llu", (int)dz_hist_digits(shape),
			 (unsigned long long)i * shape->bin_width);
		put(p, bin, "{ \"type\": \"long\", \"index\": false }");
	}
	end_object(p);
}

static void put_vector(struct properties *p, const char *name)
{
	char mapping[200];

	if (!(p->config->values & DZ_VALUES_VECTOR))
		return;
	if (p->config->engine == DZ_TEMPLATE_OPENSEARCH)
		snprintf(
			mapping, sizeof mapping,
			"{ \"type\": \"knn_vector\", \"dimension\": %u, "
			"\"method\": { \"name\": \"hnsw\", \"space_type\": \"cosinesimil\", \"engine\": \"lucene\" } }",
			p->config->shape.bins);
	else
		snprintf(mapping, sizeof mapping,
			 "{ \"type\": \"dense_vector\", \"dims\": %u, \"index\": true, \"similarity\": \"cosine\" }",
			 p->config->shape.bins);
	put(p, name, mapping);
}

/* ---- the mapping of each kind of value, by the column `schema` of record.def ---- */

#define KEYWORD "{ \"type\": \"keyword\" }"
#define FOREIGN_TEXT                                                                                                   \
	"{ \"type\": \"keyword\", \"ignore_above\": 1024 }" /* it may be long: then it is kept, not indexed */
#define LONG "{ \"type\": \"long\" }"
#define ARRAY(type) "{ \"type\": \"" type "\", \"index\": false, \"doc_values\": false }"

#define MAP_address(p, name) put(p, name, KEYWORD)
#define MAP_bin_count(p, name) put(p, name, LONG)
#define MAP_bin_width(p, name) put(p, name, LONG)
#define MAP_bins(p, name) put_bins(p, name)
#define MAP_community_id(p, name) put(p, name, KEYWORD)
#define MAP_constant(p, name) put(p, name, KEYWORD)
#define MAP_counter(p, name) put(p, name, LONG)
#define MAP_counts(p, name) put(p, name, ARRAY("long"))
#define MAP_end_reason(p, name) put(p, name, KEYWORD)
#define MAP_event_type(p, name) put(p, name, KEYWORD)
#define MAP_id(p, name) put(p, name, KEYWORD)
#define MAP_ip(p, name) put(p, name, "{ \"type\": \"ip\" }")
#define MAP_ip_version(p, name) put(p, name, KEYWORD)
#define MAP_ips(p, name) put(p, name, "{ \"type\": \"ip\" }")
#define MAP_layer(p, name) put(p, name, KEYWORD)
#define MAP_lowercase(p, name) put(p, name, KEYWORD)
#define MAP_percent(p, name) put(p, name, ARRAY("float"))
#define MAP_port(p, name) put(p, name, LONG)
#define MAP_protocol_number(p, name) put(p, name, KEYWORD)
#define MAP_risks(p, name) put(p, name, KEYWORD)
#define MAP_role(p, name) put(p, name, KEYWORD)
#define MAP_status_code(p, name) put(p, name, LONG)
#define MAP_tcp_flags(p, name) put(p, name, KEYWORD)
#define MAP_text(p, name) put(p, name, FOREIGN_TEXT)
#define MAP_second(p, name) put(p, name, "{ \"type\": \"date\" }")
#define MAP_sha1(p, name) put(p, name, KEYWORD)
#define MAP_list(p, name) put(p, name, FOREIGN_TEXT)
#define MAP_texts(p, name) put(p, name, FOREIGN_TEXT)
#define MAP_time(p, name) put(p, name, "{ \"type\": \"date\" }")
#define MAP_transport(p, name) put(p, name, KEYWORD)
#define MAP_truth(p, name) put(p, name, "{ \"type\": \"boolean\" }")
#define MAP_tunnel(p, name) put(p, name, KEYWORD)
#define MAP_uint8(p, name) put(p, name, LONG)
#define MAP_uint16(p, name) put(p, name, LONG)
#define MAP_uint32(p, name) put(p, name, LONG)
#define MAP_vector(p, name) put_vector(p, name)
#define MAP_version(p, name) put(p, name, KEYWORD)
#define MAP_vlan_id(p, name) put(p, name, KEYWORD)
#define MAP_word(p, name) put(p, name, KEYWORD)
/* Of what others put into a line: distances are fractions, whichever comes first. The rest is guessed right. */
#define DOUBLE(name) "\"" name "\": { \"type\": \"double\" }"
#define MAP_cluster(p, name) put(p, name, "{ \"properties\": { " DOUBLE("distance") " } }")
#define MAP_match(p, name)                                                                                                        \
	put(p, name,                                                                                                              \
	    "{ \"properties\": { " DOUBLE("distance") ", " DOUBLE("margin") ", " DOUBLE(                                          \
		    "own_distance") ", \"nearest\": { \"properties\": { " DOUBLE("distance") " } }"                               \
											     ", \"rules\": { "                    \
											     "\"properties\": "                   \
											     "{ " DOUBLE("distance") ", " DOUBLE( \
												     "threshold") " }"            \
														  " }"            \
														  " }"            \
														  " "             \
														  "}")

static void put_members(struct properties *p)
{
#define OBJECT(id, name, when, text) begin_object(p, name);
#define FIELD(id, name, kind, when, value, read, schema, column, text) MAP_##schema(p, name);
#define ADDED(id, name, schema, text) MAP_##schema(p, name);
#define END(id) end_object(p);
#include "record/record.def"
}

/* ---- the template ---- */

static void add_settings(const struct dz_template *config, unsigned fields, struct dz_strbuf *out)
{
	const char *comma = "";

	dz_strbuf_adds(out, "    \"settings\": {");
	if (fields + SPARE_FIELDS > FIELD_LIMIT) {
		dz_strbuf_addf(out, "%s \"index.mapping.total_fields.limit\": %u", comma, fields + SPARE_FIELDS);
		comma = ",";
	}
	if (config->values & DZ_VALUES_VECTOR && config->engine == DZ_TEMPLATE_OPENSEARCH)
		dz_strbuf_addf(out, "%s \"index.knn\": true", comma);
	dz_strbuf_adds(out, " },\n");
}

void dz_template_add(const struct dz_template *config, struct dz_strbuf *out)
{
	const struct dz_hist_shape *shape = &config->shape;
	struct dz_strbuf mapping;
	struct properties properties = { .config = config, .out = &mapping, .depth = 4, .comma = "" };

	dz_strbuf_init(&mapping);
	put_members(&properties);
	dz_strbuf_addf(out,
		       "{\n"
		       "  \"index_patterns\": [\"logs-distribooze.flow-*\"],\n"
		       "  \"data_stream\": {},\n"
		       "  \"priority\": 501,\n"
		       "  \"_meta\": { \"description\": \"flows of distribooze"
		       "\", \"layer\": \"%s\", \"bin_width\": %u, \"bin_count\": %u },\n"
		       "  \"template\": {\n",
		       dz_layer_name(shape->layer), shape->bin_width, shape->bins);
	add_settings(config, properties.fields, out);
	dz_strbuf_adds(out, "    \"mappings\": {\n"
			    "      \"date_detection\": false,\n"
			    "      \"dynamic_templates\": [{ \"text\": { \"match_mapping_type\": \"string\", "
			    "\"mapping\": " FOREIGN_TEXT " } }],\n"
			    "      \"properties\": {");
	dz_strbuf_add(out, mapping.data, mapping.size);
	dz_strbuf_adds(out, "\n      }\n    }\n  }\n}\n");
	dz_strbuf_release(&mapping);
}
