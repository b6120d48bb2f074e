/* SPDX-License-Identifier: BSD-2-Clause */
/* ndpi_compat.h - one shape for the calls of nDPI that changed between releases.
 *
 * Included by classify_ndpi.c alone. configure finds out which shapes the
 * installed library has (m4/distribooze.m4); nothing here looks at versions. */
#ifndef DISTRIBOOZE_NDPI_COMPAT_H
#define DISTRIBOOZE_NDPI_COMPAT_H

/* nDPI's headers define these two for themselves. */
#undef PACKAGE
#undef VERSION
#include <ndpi_api.h>

#ifdef NDPI_RESULT_NESTED
#define DZ_NDPI_MASTER(result) ((result).proto.master_protocol)
#define DZ_NDPI_APPLICATION(result) ((result).proto.app_protocol)
#else
#define DZ_NDPI_MASTER(result) ((result).master_protocol)
#define DZ_NDPI_APPLICATION(result) ((result).app_protocol)
#endif

static inline struct ndpi_detection_module_struct *dz_ndpi_create(void)
{
#ifdef NDPI_INIT_PREFS
	return ndpi_init_detection_module(ndpi_no_prefs);
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
	u_int8_t was_guessed = 0;
	ndpi_protocol result;
#if defined(NDPI_GIVEUP_GUESS)
	result = ndpi_detection_giveup(module, flow, guess, &was_guessed);
	*guessed = was_guessed;
#elif defined(NDPI_GIVEUP_3)
	(void)guess; /* configured when the module was made */
	result = ndpi_detection_giveup(module, flow, &was_guessed);
	*guessed = was_guessed;
#else
	(void)guess, (void)was_guessed;
	result = ndpi_detection_giveup(module, flow);
	*guessed = flow->confidence == NDPI_CONFIDENCE_MATCH_BY_PORT || flow->confidence == NDPI_CONFIDENCE_MATCH_BY_IP;
#endif
	return result;
}

/* Whether guessing can be switched only here, before the module is finished. */
static inline void dz_ndpi_configure(struct ndpi_detection_module_struct *module, bool guess)
{
#if defined(NDPI_SET_CONFIG) && !defined(NDPI_GIVEUP_GUESS)
	/* Bits: 1 by port, 2 by address; 0 gives up without a guess. */
	ndpi_set_config(module, NULL, "dpi.guess_on_giveup", guess ? "3" : "0");
#else
	(void)module, (void)guess;
#endif
}

/* Whether more packets of a classified flow can tell more about it. */
static inline bool dz_ndpi_wants_more(struct ndpi_detection_module_struct *module, struct ndpi_flow_struct *flow,
				      ndpi_protocol result)
{
#if defined(NDPI_EXTRA_DISSECTION)
	(void)result;
	return ndpi_extra_dissection_possible(module, flow);
#else
	(void)module, (void)flow;
	return result.state != NDPI_STATE_CLASSIFIED;
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
	return flow->protos.tls_quic.ja4_client;
#else
	(void)flow;
	return "";
#endif
}

#endif
