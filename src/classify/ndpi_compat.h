/* SPDX-License-Identifier: BSD-2-Clause */
/* ndpi_compat.h - one shape for the calls of nDPI that changed between releases.
 *
 * Included by classify_ndpi*.c alone. configure finds out which shapes the
 * installed library has (m4/distribooze.m4); nothing here looks at versions. */
#ifndef DISTRIBOOZE_NDPI_COMPAT_H
#define DISTRIBOOZE_NDPI_COMPAT_H

/* nDPI's headers define these two for themselves. */
#undef PACKAGE
#undef VERSION
#include <ndpi_api.h>
#include <string.h>
#include <strings.h>

#ifdef NDPI_RESULT_NESTED
#define DZ_NDPI_MASTER(result) ((result).proto.master_protocol)
#define DZ_NDPI_APPLICATION(result) ((result).proto.app_protocol)
#else
#define DZ_NDPI_MASTER(result) ((result).master_protocol)
#define DZ_NDPI_APPLICATION(result) ((result).app_protocol)
#endif

/* ---- its own life ---- */

#ifdef NDPI_INIT_LICENCE
/* What nDPI 6.0 asks of whoever uses it; `configure --with-ndpi-licence` says which. */
#if defined(NDPI_LICENCE_DUAL)
#define DZ_NDPI_LICENCE NDPI_LICENSE_FOR_PROFIT_DUAL_LICENSE
#elif defined(NDPI_LICENCE_FOR_PROFIT)
#define DZ_NDPI_LICENCE NDPI_LICENSE_FOR_PROFIT_LGPL
#else
#define DZ_NDPI_LICENCE NDPI_LICENSE_NOT_FOR_PROFIT_LGPL
#endif
#endif

/* nDPI does not look at what it is given: an allocator that never gives NULL spares it the crash. */
static inline void dz_ndpi_set_allocator(void *(*alloc)(size_t), void *(*zalloc)(size_t, size_t),
					 void *(*resize)(void *, size_t), void (*release)(void *))
{
#if defined(NDPI_SET_ALLOCATOR_8)
	ndpi_set_memory_alloction_functions(alloc, release, zalloc, resize, NULL, NULL, alloc, release);
#elif defined(NDPI_SET_ALLOCATOR)
	(void)zalloc, (void)resize;
	set_ndpi_malloc(alloc);
	set_ndpi_free(release);
	set_ndpi_flow_malloc(alloc);
	set_ndpi_flow_free(release);
#else
	(void)alloc, (void)zalloc, (void)resize, (void)release;
#endif
}

static inline struct ndpi_detection_module_struct *dz_ndpi_create(void)
{
#if defined(NDPI_PREFS_ACK_HEURISTIC)
	return ndpi_init_detection_module(ndpi_enable_tcp_ack_payload_heuristic);
#elif defined(NDPI_INIT_PREFS)
	return ndpi_init_detection_module(ndpi_no_prefs);
#elif defined(NDPI_INIT_LICENCE)
	return ndpi_init_detection_module(NULL, DZ_NDPI_LICENCE);
#else
	return ndpi_init_detection_module(NULL);
#endif
}

static inline void dz_ndpi_enable_all(struct ndpi_detection_module_struct *module)
{
#ifdef NDPI_BITMASK
	NDPI_PROTOCOL_BITMASK all;
	NDPI_BITMASK_SET_ALL(all);
	ndpi_set_protocol_detection_bitmask2(module, &all);
#else
	(void)module;
#endif
}

static inline bool dz_ndpi_has_settings(void)
{
#ifdef NDPI_SET_CONFIG
	return true;
#else
	return false;
#endif
}

/* One setting by name; a protocol of NULL is for all. False when nDPI does not take it, or knows no settings. */
static inline bool dz_ndpi_set(struct ndpi_detection_module_struct *module, const char *protocol, const char *name,
			       const char *value)
{
#ifdef NDPI_SET_CONFIG
	return ndpi_set_config(module, protocol, name, value) == 0;
#else
	(void)module, (void)protocol, (void)name, (void)value;
	return false;
#endif
}

/* What can be switched only here, before the module is finished. Returns the name of a setting that nDPI refuses, or
 * NULL. */
static inline const char *dz_ndpi_configure(struct ndpi_detection_module_struct *module, bool guess)
{
#ifdef NDPI_SET_CONFIG
	/* As nDPI's own reader does it: some senders pad bare ACKs, which is no payload. */
	if (!dz_ndpi_set(module, NULL, "tcp_ack_payload_heuristic", "1"))
		return "tcp_ack_payload_heuristic";
	/* Bits: 1 by port, 2 by address; 0 gives up without a guess. */
	if (!dz_ndpi_set(module, NULL, "dpi.guess_on_giveup", guess ? "3" : "0"))
		return "dpi.guess_on_giveup";
#else
	(void)module, (void)guess; /* a preference, and an argument of the giveup call */
#endif
	return NULL;
}

static inline bool dz_ndpi_finalize(struct ndpi_detection_module_struct *module)
{
#ifdef NDPI_FINALIZE_RESULT
	return ndpi_finalize_initialization(module) == 0;
#else
	ndpi_finalize_initialization(module);
	return true;
#endif
}

/* ---- packets ---- */

static inline ndpi_protocol dz_ndpi_process(struct ndpi_detection_module_struct *module, struct ndpi_flow_struct *flow,
					    const unsigned char *packet, unsigned short size, uint64_t time_ms)
{
#ifdef NDPI_PROCESS_5
	return ndpi_detection_process_packet(module, flow, packet, size, time_ms);
#else
	return ndpi_detection_process_packet(module, flow, packet, size, time_ms, NULL);
#endif
}

static inline ndpi_protocol dz_ndpi_giveup(struct ndpi_detection_module_struct *module, struct ndpi_flow_struct *flow,
					   bool guess, bool *guessed)
{
	ndpi_protocol result;
#if defined(NDPI_GIVEUP_2)
	(void)guess; /* configured when the module was made */
	result = ndpi_detection_giveup(module, flow);
	*guessed = flow->protocol_was_guessed;
#else
	u_int8_t was_guessed = 0;
#if defined(NDPI_GIVEUP_GUESS)
	result = ndpi_detection_giveup(module, flow, guess, &was_guessed);
#else
	(void)guess;
	result = ndpi_detection_giveup(module, flow, &was_guessed);
#endif
	*guessed = was_guessed;
#endif
	return result;
}

/* The user's own rules for ports and addresses are no guess to nDPI; the confidence tells. */
static inline bool dz_ndpi_matched_no_content(const struct ndpi_flow_struct *flow)
{
#ifdef NDPI_MATCH_BY_IP
	if (flow->confidence == NDPI_CONFIDENCE_MATCH_BY_IP)
		return true;
#endif
	return flow->confidence == NDPI_CONFIDENCE_MATCH_BY_PORT;
}

/* Whether more packets of a classified flow can tell more about it. */
static inline bool dz_ndpi_wants_more(struct ndpi_detection_module_struct *module, struct ndpi_flow_struct *flow,
				      ndpi_protocol result)
{
#ifdef NDPI_RESULT_STATE
	/* A flow that is monitored keeps its label. */
	(void)module, (void)flow;
	return result.state == NDPI_STATE_INSPECTING || result.state == NDPI_STATE_PARTIAL;
#else
	(void)result;
	return ndpi_extra_dissection_possible(module, flow);
#endif
}

/* ---- what it found ---- */

static inline bool dz_ndpi_encrypted(struct ndpi_detection_module_struct *module, ndpi_protocol result)
{
#ifdef NDPI_ENCRYPTED_PAIR
	return ndpi_is_encrypted_proto(module, result.proto);
#else
	return ndpi_is_encrypted_proto(module, result);
#endif
}

/* Risks that nDPI leaves to its caller to find: those of a URL, up to 4.14. */
static inline ndpi_risk dz_ndpi_url_risk(const struct ndpi_flow_struct *flow)
{
#ifdef NDPI_VALIDATE_URL
	ndpi_risk_enum risk = flow->http.url ? ndpi_validate_url(flow->http.url) : NDPI_NO_RISK;
	return risk == NDPI_NO_RISK ? 0 : (ndpi_risk)1 << risk;
#else
	(void)flow;
	return 0;
#endif
}

/* The risks that end as soon as both sides of a flow were seen. */
static inline ndpi_risk dz_ndpi_one_way_risks(void)
{
#ifdef NDPI_UNIDIRECTIONAL
	return (ndpi_risk)1 << NDPI_UNIDIRECTIONAL_TRAFFIC;
#else
	return 0;
#endif
}

static inline const char *dz_ndpi_breed_name(struct ndpi_detection_module_struct *module, ndpi_protocol_breed_t breed)
{
#ifdef NDPI_BREED_NAME_2
	return ndpi_get_proto_breed_name(module, breed);
#else
	(void)module;
	return ndpi_get_proto_breed_name(breed);
#endif
}

/* Whether a protocol of that name is known. */
static inline bool dz_ndpi_has_protocol(struct ndpi_detection_module_struct *module, char *name)
{
#ifdef NDPI_PROTO_BY_NAME
	return ndpi_get_proto_by_name(module, name) != NDPI_PROTOCOL_UNKNOWN || !strcasecmp(name, "Unknown");
#else
	return ndpi_get_protocol_id(module, name) >= 0;
#endif
}

static inline int dz_ndpi_load_categories(struct ndpi_detection_module_struct *module, const char *path)
{
#ifdef NDPI_CATEGORIES_2
	return ndpi_load_categories_file(module, path);
#else
	/* Since 4.4 what is loaded after the protocols were enabled must be put to use by a call of its own. */
	int loaded = ndpi_load_categories_file(module, path, NULL);
	ndpi_enable_loaded_categories(module);
	return loaded;
#endif
}

static inline const char *dz_ndpi_cipher(uint16_t cipher, char buffer[8])
{
#ifdef NDPI_CIPHER2STR_1
	(void)buffer;
	return ndpi_cipher2str(cipher);
#else
	return ndpi_cipher2str(cipher, buffer);
#endif
}

/* The protocol that was agreed on. TLS 1.3 encrypts the server's choice, and older releases keep the client's offer
 * alone: an offer of one is as good, a list of several says nothing. */
static inline const char *dz_ndpi_alpn(const struct ndpi_flow_struct *flow)
{
#ifdef HAVE_STRUCT_NDPI_FLOW_STRUCT_PROTOS_TLS_QUIC_ALPN
	const char *offered = flow->protos.tls_quic.alpn;
#else
	const char *offered = flow->protos.tls_quic.advertised_alpns;
	if (flow->protos.tls_quic.negotiated_alpn)
		return flow->protos.tls_quic.negotiated_alpn;
#endif
	return offered && !strchr(offered, ',') ? offered : NULL;
}

/* What the client offered: a list with commas. */
static inline const char *dz_ndpi_alpns(const struct ndpi_flow_struct *flow)
{
#ifdef HAVE_STRUCT_NDPI_FLOW_STRUCT_PROTOS_TLS_QUIC_ALPN
	return flow->protos.tls_quic.alpn;
#else
	return flow->protos.tls_quic.advertised_alpns;
#endif
}

static inline const char *dz_ndpi_ja3_client(const struct ndpi_flow_struct *flow)
{
#ifdef HAVE_STRUCT_NDPI_FLOW_STRUCT_PROTOS_TLS_QUIC_JA3_CLIENT
	return flow->protos.tls_quic.ja3_client;
#else
	(void)flow;
	return "";
#endif
}

static inline const char *dz_ndpi_ja3_server(const struct ndpi_flow_struct *flow)
{
	return flow->protos.tls_quic.ja3_server;
}

static inline const char *dz_ndpi_ja4(const struct ndpi_flow_struct *flow)
{
#ifdef HAVE_STRUCT_NDPI_FLOW_STRUCT_PROTOS_TLS_QUIC_JA4_CLIENT
	/* Some releases cut it short ("q13d0311h"): only a whole one, of 36 characters, tells a client. */
	return strlen(flow->protos.tls_quic.ja4_client) == 36 ? flow->protos.tls_quic.ja4_client : "";
#else
	(void)flow;
	return "";
#endif
}

#endif
