/* SPDX-License-Identifier: BSD-2-Clause */
/* classify_ndpi.c - nDPI: flows to labels; what else it finds is in classify_ndpi_detail.c.
 *
 * Takes the bytes of an IP packet, gives a label; knows neither the flow table
 * nor any output. A label is settled when nDPI's own reader would settle it:
 * when the flow is classified and no more can be learnt from its packets, or
 * after MAX_TCP or MAX_UDP packets; at the latest when the flow ends. */
#include "config.h"
#include "classify/classify.h"

#include "classify/classify_internal.h"
#include "classify/hostname.h"
#include "base/mem.h"
#include "base/pool.h"
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "classify/classify_ndpi_detail.h"
#include "classify/ndpi_compat.h"
#include "classify/risk_codes.h"
#include "classify/rules.h"
#include "classify/sparse.h"

/* Packets of a flow after which ndpiReader stops looking. */
enum { MAX_TCP = 80, MAX_UDP = 24 };
enum { NAME_BUCKETS = 256, MAX_IP = 65535, MAX_DEFERRED = 96 };

/* What is remembered of a flow: what nDPI remembers, or a packet that nDPI was not shown yet. A flow that begins
 * with a packet without payload may well have no other (scans), so nDPI sees the first one together with the second,
 * or at the end: a seventh of the memory, and memory that is in the cache. And between the packets of a flow what nDPI
 * remembers is kept without its zeros, which are most of it: a quarter of the memory, and a little more work, so not
 * while there are MAX_WHOLE of them. */
enum state_kind { WHOLE, WAITING, PACKED };

struct dz_classify_state {
	uint8_t kind;
	uint8_t pool; /* of packed ones */
};

struct ndpi_state {
	struct dz_classify_state base;
	struct ndpi_flow_struct flow;
	char *host, *url; /* that the client asked for first, by its own bytes; NULL: not seen */
};

/* So many words of nDPI's are kept without zeros, and no more. Blocks are of sizes that are multiples of STEP. */
enum { WORDS = sizeof(struct ndpi_flow_struct) / sizeof(uint64_t), MAX_KEPT = 28, STEP = 32, MAX_WHOLE = 16384 };
_Static_assert(sizeof(struct ndpi_flow_struct) % sizeof(uint64_t) == 0, "it is copied by words");

struct packed {
	struct dz_classify_state base;
	uint64_t map[DZ_SPARSE_MAP(WORDS)];
	uint64_t kept[];
};

#define PACKED_POOLS ((sizeof(struct packed) + MAX_KEPT * sizeof(uint64_t)) / STEP + 1)

struct deferred_packet {
	struct dz_classify_state base;
	uint8_t size;
	uint64_t time_ns;
	uint8_t bytes[MAX_DEFERRED];
};

/* Names of a pair of protocols, made once and kept. */
struct name {
	struct name *next;
	uint16_t master, application;
	char *full, *lower_master, *lower_application;
};

struct ndpi_classifier {
	struct dz_classifier base;
	struct ndpi_detection_module_struct *module;
	struct dz_classify_turn *turn; /* borrowed; may be NULL */
	bool guess;
	struct name *names[NAME_BUCKETS];
	struct dz_pool states, deferred, packed[PACKED_POOLS]; /* packed[n]: blocks of (n + 1) * STEP bytes */
	size_t whole, most_whole; /* how many there are of `states`, and when others are packed */
	uint8_t *patched;         /* MAX_IP bytes: a packet whose length field had to be set to what was captured */
};

static struct ndpi_classifier *ndpi_of(struct dz_classifier *classifier)
{
	return (struct ndpi_classifier *)classifier;
}

/* ---- per-flow state ---- */

static struct ndpi_flow_struct *flow_of(struct dz_classify_state *state)
{
	struct ndpi_state *whole = (void *)state;
	return &whole->flow;
}

static struct dz_classify_state *state_take(struct ndpi_classifier *c)
{
	struct ndpi_state *whole = dz_pool_take(&c->states);
	memset(whole, 0, sizeof *whole);
	c->whole++;
	return &whole->base;
}

static void state_give_back(struct ndpi_classifier *c, struct dz_classify_state **state)
{
	struct ndpi_state *whole = (void *)*state;

	free(whole->host);
	free(whole->url);
	ndpi_free_flow_data(&whole->flow);
	dz_pool_give_back(&c->states, *state);
	c->whole--;
	*state = NULL;
}

/* Between two packets: without zeros, where few words have something in them. Who has a name is soon settled. */
static void state_pack(struct ndpi_classifier *c, struct dz_classify_state **state)
{
	uint64_t map[DZ_SPARSE_MAP(WORDS)], kept[MAX_KEPT];
	size_t count = dz_sparse_pack((const void *)flow_of(*state), WORDS, map, kept, MAX_KEPT);
	size_t pool = (sizeof(struct packed) + count * sizeof *kept - 1) / STEP;
	const struct ndpi_state *whole = (void *)*state;
	struct packed *packed;

	if (count > MAX_KEPT || whole->host || whole->url)
		return;
	packed = dz_pool_take(&c->packed[pool]);
	packed->base = (struct dz_classify_state){ PACKED, (uint8_t)pool };
	memcpy(packed->map, map, sizeof map);
	memcpy(packed->kept, kept, count * sizeof *kept);
	dz_pool_give_back(&c->states, *state);
	c->whole--;
	*state = &packed->base;
}

/* For nDPI to look at: as it left it. */
static void state_unpack(struct ndpi_classifier *c, struct dz_classify_state **state)
{
	struct packed *packed = (void *)*state;
	struct ndpi_state *whole;

	if (packed->base.kind != PACKED)
		return;
	whole = dz_pool_take(&c->states);
	c->whole++;
	whole->base.kind = WHOLE;
	whole->host = whole->url = NULL;
	dz_sparse_unpack((void *)&whole->flow, WORDS, packed->map, packed->kept);
	dz_pool_give_back(&c->packed[packed->base.pool], packed);
	*state = &whole->base;
}

/* What nDPI is to look at: there, and whole. */
static void state_open(struct ndpi_classifier *c, struct dz_classify_state **state)
{
	if (*state)
		state_unpack(c, state);
	else
		*state = state_take(c);
}

/* ---- names that nDPI does not have as they were sent ---- */

enum { MAX_NAME = sizeof((struct ndpi_flow_struct *)0)->host_server_name - 1 };

/* nDPI takes the last of several requests in a packet, cuts Host at its first colon, and keeps no longer names than
 * MAX_NAME. What the client sent first is kept as it was. */
static void note_names(struct ndpi_state *whole, const struct dz_packet *pkt)
{
	struct dz_http_request request;
	struct dz_span name;

	if (whole->url || whole->host || pkt->key.protocol != DZ_IPPROTO_TCP)
		return;
	if (dz_hostname_http(pkt->payload, pkt->payload_caplen, &request)) {
		whole->url = dz_hostname_url(&request);
		whole->host = dz_hostname_of(dz_hostname_authority(&request));
	} else if (dz_hostname_tls(pkt->payload, pkt->payload_caplen, &name) && name.size >= MAX_NAME) {
		whole->host = dz_hostname_of(name);
	}
}

static bool is_cut(const char *name)
{
	return name && strlen(name) >= MAX_NAME;
}

/* The detail with the names as they were sent; one that nDPI cut, and that is not had from elsewhere, is left out. */
static struct dz_label_packed *with_names(struct dz_label_packed *packed, const struct ndpi_state *whole)
{
	struct dz_label_packed *named;
	struct dz_label_detail d;

	if (!dz_label_unpack(packed, &d))
		return packed;
	if (d.http_url && whole->url) {
		d.http_url = whole->url;
		d.hostname = whole->host;
	} else if (is_cut(d.hostname) || is_cut(d.tls_server_name)) {
		d.hostname = is_cut(d.hostname) ? whole->host : d.hostname;
		d.tls_server_name = is_cut(d.tls_server_name) ? whole->host : d.tls_server_name;
	} else {
		return packed;
	}
	named = dz_label_pack(&d);
	free(packed);
	return named;
}

/* ---- the label ---- */

static void set_risks(struct dz_label *label, ndpi_risk risks)
{
	uint16_t client, server;
	label->risks = risks;
	label->risk_score = risks ? ndpi_risk2score(risks, &client, &server) : 0;
}

static void take_result(struct ndpi_classifier *c, const struct ndpi_flow_struct *flow, ndpi_protocol result,
			struct dz_label *label)
{
	label->master = DZ_NDPI_MASTER(result);
	label->application = DZ_NDPI_APPLICATION(result);
	/* An application that stands as its own master, or only as a master, is one protocol. */
	if (label->application == NDPI_PROTOCOL_UNKNOWN) {
		label->application = label->master;
		label->master = NDPI_PROTOCOL_UNKNOWN;
	} else if (label->application == label->master) {
		label->master = NDPI_PROTOCOL_UNKNOWN;
	}
	label->category = (uint16_t)result.category;
	label->breed = (uint8_t)ndpi_get_proto_breed(c->module, label->application);
	label->confidence = (uint8_t)flow->confidence;
	label->encrypted = dz_ndpi_encrypted(c->module, result);
	set_risks(label, flow->risk);
}

static void settle(struct ndpi_classifier *c, struct dz_classify_state **state, ndpi_protocol result,
		   struct dz_label *label)
{
	struct ndpi_flow_struct *flow = flow_of(*state);
	if (DZ_NDPI_APPLICATION(result) == NDPI_PROTOCOL_UNKNOWN)
		result = dz_ndpi_giveup(c->module, flow, c->guess, &label->guessed);
	take_result(c, flow, result, label);
	set_risks(label, label->risks | dz_ndpi_url_risk(flow));
	label->guessed |= dz_ndpi_matched_no_content(flow);
	dz_label_release(label);
	label->packed =
		with_names(dz_ndpi_find_detail(c->module, flow, result, label), (struct ndpi_state *)(void *)*state);
	label->settled = true;
	state_give_back(c, state);
}

/* nDPI ignores a packet that is shorter than its header says. What a short snaplen left can still tell much, so it is
 * shown a copy whose header says what is there; likewise where offloading left the length field at 0. */
static const uint8_t *mend(struct ndpi_classifier *c, const struct dz_packet *pkt, unsigned short size)
{
	memcpy(c->patched, pkt->ip, size);
	if (pkt->key.version == 4) {
		c->patched[2] = (uint8_t)(size >> 8);
		c->patched[3] = (uint8_t)size;
	} else {
		c->patched[4] = (uint8_t)((size - 40) >> 8);
		c->patched[5] = (uint8_t)(size - 40);
	}
	return c->patched;
}

static bool length_is_zero(const struct dz_packet *pkt)
{
	return pkt->key.version == 4 && pkt->ip_caplen >= 20 && pkt->ip[2] == 0 && pkt->ip[3] == 0;
}

/* Shows nDPI a packet of a flow whose label is not settled. */
static void inspect(struct ndpi_classifier *c, struct dz_classify_state **state, const uint8_t *bytes,
		    unsigned short size, uint8_t protocol, uint64_t time_ns, struct dz_label *label)
{
	ndpi_protocol result;

	state_open(c, state);
	result = dz_ndpi_process(c->module, flow_of(*state), bytes, size, time_ns / 1000000);

	bool enough = (protocol == DZ_IPPROTO_TCP && label->inspected > MAX_TCP) ||
		      (protocol == DZ_IPPROTO_UDP && label->inspected > MAX_UDP) || label->inspected == UINT8_MAX;
	bool known = DZ_NDPI_APPLICATION(result) != NDPI_PROTOCOL_UNKNOWN;
	if (enough || (known && !dz_ndpi_wants_more(c->module, flow_of(*state), result)))
		settle(c, state, result, label);
	else if (known) /* for an interim record */
		take_result(c, flow_of(*state), result, label);
}

static bool may_wait(const struct dz_packet *pkt, const struct dz_label *label)
{
	return label->inspected == 0 && pkt->key.protocol == DZ_IPPROTO_TCP && !pkt->payload_len && !pkt->cut &&
	       !pkt->fragment && pkt->ip_caplen <= MAX_DEFERRED && !length_is_zero(pkt);
}

static struct dz_classify_state *let_wait(struct ndpi_classifier *c, const struct dz_packet *pkt, uint64_t time_ns)
{
	struct deferred_packet *w = dz_pool_take(&c->deferred);
	w->base.kind = WAITING;
	w->size = (uint8_t)pkt->ip_caplen;
	w->time_ns = time_ns;
	memcpy(w->bytes, pkt->ip, pkt->ip_caplen);
	return &w->base;
}

/* Shows nDPI the packet that waits, if one does. */
static void flush_deferred(struct ndpi_classifier *c, struct dz_classify_state **state, struct dz_label *label)
{
	if (!*state || (*state)->kind != WAITING)
		return;
	struct deferred_packet *w = (void *)*state;
	*state = NULL;
	inspect(c, state, w->bytes, w->size, DZ_IPPROTO_TCP, w->time_ns, label);
	dz_pool_give_back(&c->deferred, w);
}

static bool is_header_whole(uint8_t protocol, const uint8_t *l4, size_t size)
{
	enum { TCP = 20, TCP_OFFSET = 12, UDP = 8 };

	if (protocol == DZ_IPPROTO_TCP)
		return size >= TCP && size >= (l4[TCP_OFFSET] >> 4) * 4u;
	return protocol != DZ_IPPROTO_UDP || size >= UDP;
}

/* nDPI keeps TCP's and UDP's state in one union, and frees it by the protocol that it saw last. Where it does not know
 * an IPv6 extension header (AH, in 4.2; in IPv4 always) it takes that for the protocol; so a flow is shown only packets
 * in which nDPI finds the flow's own.
 *
 * Where the header of TCP or UDP is not whole, as a snaplen or a length that lies leave it, nDPI 4.2 has no pointer to
 * it, but asks that pointer for ports where it looks for more than a flow's protocol (BitTorrent); and it guesses by
 * port once, of such a packet by port 0. From 4.4 on it passes over such packets itself. */
static bool can_be_shown(const struct dz_packet *pkt, const uint8_t *bytes, unsigned short size)
{
	const uint8_t *l4;
	uint16_t l4_size;
	uint8_t protocol;

	if (ndpi_detection_get_l4(bytes, size, &l4, &l4_size, &protocol, 0)) /* nor does it look further then */
		return pkt->ip[pkt->key.version == 4 ? 9 : 6] == pkt->key.protocol;
	return protocol == pkt->key.protocol && is_header_whole(protocol, l4, l4_size);
}

static void show(struct ndpi_classifier *c, struct dz_classify_state **state, const struct dz_packet *pkt,
		 const uint8_t *bytes, unsigned short size, uint64_t time_ns, struct dz_label *label)
{
	state_open(c, state);
	if (pkt->payload)
		note_names((struct ndpi_state *)(void *)*state, pkt);
	inspect(c, state, bytes, size, pkt->key.protocol, time_ns, label);
}

static void ndpi_packet(struct dz_classifier *classifier, struct dz_classify_state **state, const struct dz_packet *pkt,
			uint64_t time_ns, bool from_initiator, struct dz_label *label)
{
	struct ndpi_classifier *c = ndpi_of(classifier);
	unsigned short size = pkt->ip_caplen < MAX_IP ? (unsigned short)pkt->ip_caplen : MAX_IP;
	const uint8_t *bytes;
	bool wait;

	(void)from_initiator;
	if (pkt->later_fragment || size < (pkt->key.version == 4 ? 20 : 40))
		return;
	bytes = pkt->cut || length_is_zero(pkt) ? mend(c, pkt, size) : pkt->ip;
	if (!can_be_shown(pkt, bytes, size))
		return;
	flush_deferred(c, state, label);
	if (label->settled)
		return;
	wait = may_wait(pkt, label);
	if (label->inspected < UINT8_MAX)
		label->inspected++;
	if (wait)
		*state = let_wait(c, pkt, time_ns);
	else
		show(c, state, pkt, bytes, size, time_ns, label);
	if (*state && (*state)->kind == WHOLE && c->whole > c->most_whole)
		state_pack(c, state);
}

static void ndpi_finish(struct dz_classifier *classifier, struct dz_classify_state **state, struct dz_label *label)
{
	struct ndpi_classifier *c = ndpi_of(classifier);
	flush_deferred(c, state, label);
	if (*state) {
		state_unpack(c, state);
		/* The giveup call returns what is known already, if anything is. */
		ndpi_protocol result;
		memset(&result, 0, sizeof result);
		settle(c, state, result, label);
	}
	label->settled = true;
}

static void ndpi_saw_both(struct dz_classifier *classifier, struct dz_label *label)
{
	(void)classifier;
	if (label->risks & dz_ndpi_one_way_risks())
		set_risks(label, label->risks & ~dz_ndpi_one_way_risks());
}

/* ---- names ---- */

static const struct name *name_of(struct ndpi_classifier *c, const struct dz_label *label)
{
	unsigned bucket = (label->application + 7u * label->master) % NAME_BUCKETS;
	const char *application, *master;
	char full[256];

	for (const struct name *n = c->names[bucket]; n; n = n->next) {
		if (n->application == label->application && n->master == label->master)
			return n;
	}
	application = ndpi_get_proto_name(c->module, label->application);
	master = label->master ? ndpi_get_proto_name(c->module, label->master) : application;
	snprintf(full, sizeof full, "%s%s%s", label->master ? master : "", label->master ? "." : "", application);

	struct name *n = dz_mem_alloc(sizeof *n);
	*n = (struct name){ c->names[bucket],          label->master,
			    label->application,        dz_mem_strdup(full),
			    dz_classify_lower(master), dz_classify_lower(application) };
	c->names[bucket] = n;
	return n;
}

static void ndpi_describe(struct dz_classifier *classifier, const struct dz_label *label, struct dz_label_text *text)
{
	struct ndpi_classifier *c = ndpi_of(classifier);
	const struct name *name = name_of(c, label);

	text->application = ndpi_get_proto_name(c->module, label->application);
	text->protocol = name->full;
	text->network_protocol = name->lower_master;
	text->network_application = name->lower_application;
	text->category = ndpi_category_get_name(c->module, (ndpi_protocol_category_t)label->category);
	text->breed = dz_ndpi_breed_name(c->module, label->application ? (ndpi_protocol_breed_t)label->breed
								       : NDPI_PROTOCOL_UNRATED);
	text->confidence = ndpi_confidence_get_name((ndpi_confidence_t)label->confidence);
	text->version = ndpi_revision();
	text->risk_count = 0;
	for (unsigned risk = 0; label->risks >> risk; risk++) {
		if (label->risks >> risk & 1) {
			text->risks[text->risk_count] = ndpi_risk2str((ndpi_risk_enum)risk);
			text->risk_codes[text->risk_count++] = dz_risk_code(risk);
		}
		if (risk == 63)
			break;
	}
}

/* ---- life ---- */

static void take_turn(struct dz_classify_turn *turn)
{
	if (turn)
		pthread_mutex_lock(&turn->lock);
}

static void end_turn(struct dz_classify_turn *turn)
{
	if (turn)
		pthread_mutex_unlock(&turn->lock);
}

static void ndpi_free_all(struct dz_classifier *classifier)
{
	struct ndpi_classifier *c = ndpi_of(classifier);
	for (unsigned i = 0; i < NAME_BUCKETS; i++) {
		for (struct name *n = c->names[i], *next; n; n = next) {
			next = n->next;
			free(n->full);
			free(n->lower_master);
			free(n->lower_application);
			free(n);
		}
	}
	dz_pool_release(&c->states);
	dz_pool_release(&c->deferred);
	for (size_t i = 0; i < PACKED_POOLS; i++)
		dz_pool_release(&c->packed[i]);
	take_turn(c->turn);
	if (c->module)
		ndpi_exit_detection_module(c->module);
	end_turn(c->turn);
	free(c->patched);
	free(c);
}

static const struct dz_classifier_ops ndpi_ops = { ndpi_free_all, ndpi_packet, ndpi_finish, ndpi_saw_both,
						   ndpi_describe };

bool dz_classify_check(const struct dz_classify_config *config, struct dz_err *err)
{
	if (config->protocols_file && !dz_rules_check_protocols(config->protocols_file, err))
		return dz_err_prefix(err, "--protocols");
	if (config->categories_file &&
	    !dz_rules_check_categories(config->categories_file, NDPI_PROTOCOL_NUM_CATEGORIES - 1, err))
		return dz_err_prefix(err, "--categories");
	return true;
}

/* nDPI has room for some protocols of a user's, and drops the others with a note on standard output. */
static bool has_name(void *context, char *name, struct dz_err *err)
{
	struct ndpi_classifier *c = context;
	return dz_ndpi_has_protocol(c->module, name) ||
	       dz_err_set(err, "nDPI %s takes no more protocols: '%s' is one too many", ndpi_revision(), name);
}

static bool load(struct ndpi_classifier *c, const struct dz_classify_config *config, struct dz_err *err)
{
	const char *protocols = config->protocols_file, *categories = config->categories_file;
	if (protocols && ndpi_load_protocols_file(c->module, protocols) < 0)
		return dz_err_set(err, "--protocols: %s: nDPI cannot load it", protocols);
	if (protocols && !dz_rules_each_name(protocols, has_name, c, err))
		return dz_err_prefix(err, "--protocols");
	if (categories && dz_ndpi_load_categories(c->module, categories) < 0)
		return dz_err_set(err, "--categories: %s: nDPI cannot load it", categories);
	return true;
}

/* "PROTOCOL,NAME,VALUE"; the value may have commas in it. */
static bool set(struct ndpi_classifier *c, const char *setting, struct dz_err *err)
{
	char *copy = dz_mem_strdup(setting), *name = strchr(copy, ','), *value = name ? strchr(name + 1, ',') : NULL;
	bool taken = false;
	if (!value) {
		dz_err_set(err, "--ndpi-set: '%s' is not PROTOCOL,NAME,VALUE", setting);
	} else {
		*name++ = *value++ = '\0';
		taken = dz_ndpi_set(c->module, *copy ? copy : NULL, name, value) ||
			dz_err_set(err, "--ndpi-set: '%s': nDPI %s refuses it%s", setting, ndpi_revision(),
				   dz_ndpi_has_settings() ? "" : ", it has no settings (4.10 and newer have)");
	}
	free(copy);
	return taken;
}

/* What is loaded and set before the module is finished. */
static bool prepare(struct ndpi_classifier *c, const struct dz_classify_config *config, struct dz_err *err)
{
	const char *refused = dz_ndpi_configure(c->module, config->guess);
	if (refused)
		return dz_err_set(err, "nDPI %s does not take its setting %s", ndpi_revision(), refused);
	dz_ndpi_enable_all(c->module);
	for (size_t i = 0; i < config->setting_count; i++) {
		if (!set(c, config->settings[i], err))
			return false;
	}
	if (!load(c, config, err))
		return false;
	return dz_ndpi_finalize(c->module) || dz_err_set(err, "nDPI %s could not be initialised", ndpi_revision());
}

static void *resize(void *block, size_t size)
{
	return dz_mem_realloc(block, 1, size);
}

/* What looks at files of the system at its first use does it now, while files can be opened: libgcrypt, by which nDPI
 * decrypts QUIC where it was built with it, and local time, in which it writes a certificate's dates. */
extern const char *gcry_check_version(const char *version) __attribute__((weak));

static void start_libraries(void)
{
	if (gcry_check_version)
		gcry_check_version(NULL);
	tzset();
}

/* Once in a turn: whoever is at work looks at what is set here. */
static void start(struct dz_classify_turn *turn)
{
	if (turn && turn->started)
		return;
	start_libraries();
	dz_ndpi_set_allocator(dz_mem_alloc, dz_mem_zalloc, resize, free);
	if (turn)
		turn->started = true;
}

static bool make_module(struct ndpi_classifier *c, const struct dz_classify_config *config, struct dz_err *err)
{
	bool fine;

	take_turn(c->turn);
	start(c->turn);
	c->module = dz_ndpi_create();
	fine = c->module ? prepare(c, config, err)
			 : dz_err_set(err, "nDPI %s could not be initialised", ndpi_revision());
	end_turn(c->turn);
	return fine;
}

struct dz_classifier *dz_classifier_new(const struct dz_classify_config *config, struct dz_err *err)
{
	struct ndpi_classifier *c;

	/* First, because nDPI does not free all of what was not finished. */
	if (!dz_classify_check(config, err))
		return NULL;
	c = dz_mem_zalloc(1, sizeof *c);
	c->base.ops = &ndpi_ops;
	c->turn = config->turn;
	c->guess = config->guess;
	c->most_whole = config->most_whole ? config->most_whole : MAX_WHOLE;
	dz_pool_init(&c->states, sizeof(struct ndpi_state));
	dz_pool_init(&c->deferred, sizeof(struct deferred_packet));
	for (size_t i = 0; i < PACKED_POOLS; i++)
		dz_pool_init(&c->packed[i], (i + 1) * STEP);
	c->patched = dz_mem_alloc(MAX_IP);
	if (make_module(c, config, err))
		return &c->base;
	ndpi_free_all(&c->base);
	return NULL;
}

#if !defined(NDPI_INIT_LICENCE)
#define USED_AS ""
#elif defined(NDPI_LICENCE_DUAL)
#define USED_AS ", used as: for-profit, dual licence"
#elif defined(NDPI_LICENCE_FOR_PROFIT)
#define USED_AS ", used as: for-profit"
#else
#define USED_AS ", used as: not-for-profit"
#endif

const char *dz_classify_library(void)
{
	static char text[64];

	snprintf(text, sizeof text, "nDPI %s" USED_AS, ndpi_revision());
	return text;
}
