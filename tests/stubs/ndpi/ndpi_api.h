/* SPDX-License-Identifier: BSD-2-Clause */
/* ndpi_api.h - the shapes of nDPI's interface, release by release, as far as distribooze calls it.
 *
 * NDPI_STUB says which: 402, 404, 406, 408, 410, 411 (the snapshots after 4.10), 500, 600, or 900 for one that nobody
 * knows. There is no library to it: ndpi_shapes.py configures and compiles against each, so that a release that is not
 * at hand cannot stop compiling unnoticed. Only the shapes count here; numbers are nDPI's where they matter to nobody.
 */
#ifndef NDPI_STUB_API_H
#define NDPI_STUB_API_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#ifndef NDPI_STUB
#error "NDPI_STUB says which release is meant"
#endif

/* ---- types ---- */

typedef uint64_t ndpi_risk;

typedef enum {
	NDPI_NO_RISK = 0,
	NDPI_URL_POSSIBLE_XSS,
#if NDPI_STUB < 500
	NDPI_TLS_SUSPICIOUS_ESNI_USAGE = 21,
#else
	NDPI_MISMATCHING_PROTOCOL_WITH_IP = 21,
#endif
#if NDPI_STUB >= 404
	NDPI_UNIDIRECTIONAL_TRAFFIC = 46,
#endif
#if NDPI_STUB >= 408 && NDPI_STUB < 500
	NDPI_FULLY_ENCRYPTED = 51,
#endif
	NDPI_MAX_RISK
} ndpi_risk_enum;

typedef enum {
	NDPI_CONFIDENCE_UNKNOWN,
	NDPI_CONFIDENCE_MATCH_BY_PORT,
#if NDPI_STUB != 406
	NDPI_CONFIDENCE_MATCH_BY_IP,
#endif
	NDPI_CONFIDENCE_DPI,
} ndpi_confidence_t;

typedef enum { NDPI_PROTOCOL_SAFE, NDPI_PROTOCOL_UNRATED } ndpi_protocol_breed_t;
typedef enum { NDPI_PROTOCOL_CATEGORY_UNSPECIFIED, NDPI_PROTOCOL_NUM_CATEGORIES = 106 } ndpi_protocol_category_t;
typedef enum { NDPI_HTTP_METHOD_UNKNOWN, NDPI_HTTP_METHOD_GET } ndpi_http_method;

enum {
	NDPI_PROTOCOL_UNKNOWN,
	NDPI_PROTOCOL_DNS = 5,
	NDPI_PROTOCOL_MDNS = 8,
	NDPI_PROTOCOL_NETBIOS = 10,
	NDPI_PROTOCOL_DHCP = 18,
	NDPI_PROTOCOL_MAIL_POPS = 23,
	NDPI_PROTOCOL_MAIL_SMTPS = 29,
	NDPI_PROTOCOL_DTLS = 30,
	NDPI_PROTOCOL_MAIL_IMAPS = 51,
	NDPI_PROTOCOL_TLS = 91,
	NDPI_PROTOCOL_SSH = 92,
	NDPI_PROTOCOL_DHCPV6 = 103,
	NDPI_PROTOCOL_LLMNR = 154,
	NDPI_PROTOCOL_QUIC = 188,
#if NDPI_STUB >= 406
	NDPI_PROTOCOL_FTPS = 311,
#endif
};

#if NDPI_STUB >= 411
typedef struct ndpi_master_app_protocol {
	uint16_t master_protocol, app_protocol;
} ndpi_master_app_protocol;
#endif

#if NDPI_STUB >= 500
enum ndpi_classification_state {
	NDPI_STATE_INSPECTING,
	NDPI_STATE_PARTIAL,
	NDPI_STATE_MONITORING,
	NDPI_STATE_CLASSIFIED
};
struct ndpi_proto_stack {
	uint16_t protos[8], protos_num;
};
#endif

#if NDPI_STUB >= 410
typedef enum { NDPI_FPC_CONFIDENCE_UNKNOWN, NDPI_FPC_CONFIDENCE_IP } ndpi_fpc_confidence_t;
struct ndpi_fpc_info {
#if NDPI_STUB >= 411
	ndpi_master_app_protocol proto;
#else
	uint16_t master_protocol, app_protocol;
#endif
	ndpi_fpc_confidence_t confidence;
};
#endif

#if NDPI_STUB >= 404
struct ndpi_risk_information {
	ndpi_risk_enum id;
	char *info;
};
#endif

typedef struct ndpi_proto {
#if NDPI_STUB >= 411
	ndpi_master_app_protocol proto;
	uint16_t protocol_by_ip;
#elif NDPI_STUB >= 406
	uint16_t master_protocol, app_protocol, protocol_by_ip;
#else
	uint16_t master_protocol, app_protocol;
#endif
	ndpi_protocol_category_t category;
#if NDPI_STUB >= 500
	struct ndpi_proto_stack protocol_stack;
	ndpi_protocol_breed_t breed;
	struct ndpi_fpc_info fpc;
	enum ndpi_classification_state state;
#endif
} ndpi_protocol;

#if NDPI_STUB >= 500
typedef enum { ndpi_os_unknown, ndpi_os_windows } ndpi_os;
#endif

struct ndpi_flow_struct {
	ndpi_confidence_t confidence;
	char host_server_name[80];
	ndpi_risk risk;
#if NDPI_STUB >= 404
	struct ndpi_risk_information risk_infos[8];
	uint8_t num_risk_infos;
#endif
#if NDPI_STUB >= 410
	struct ndpi_fpc_info fpc;
#endif
#if NDPI_STUB >= 500
	uint8_t protocol_was_guessed : 1;
	struct {
		char *fingerprint, *fingerprint_raw;
		ndpi_os os_hint;
	} tcp;
	struct {
		char *fingerprint;
	} ndpi;
#elif NDPI_STUB >= 411
	struct {
		char *fingerprint;
		uint8_t os_hint;
	} tcp;
#endif
	struct {
		ndpi_http_method method;
		uint16_t response_status_code;
		char *url, *content_type, *user_agent;
	} http;
	union {
		struct {
			uint8_t num_queries, num_answers, reply_code;
			uint16_t query_type;
		} dns;
		struct {
#if NDPI_STUB >= 406
			char *advertised_alpns, *negotiated_alpn;
#else
			char *alpn;
#endif
			char *server_names, *tls_supported_versions, *issuerDN, *subjectDN;
			uint32_t notBefore, notAfter;
#if NDPI_STUB <= 411
			char ja3_client[33];
#endif
			char ja3_server[33];
#if NDPI_STUB >= 410
			char ja4_client[37];
#endif
			uint16_t server_cipher, ssl_version;
			uint8_t sha1_certificate_fingerprint[20];
#if NDPI_STUB < 406
			uint8_t hello_processed : 1;
#endif
		} tls_quic;
		struct {
			char client_signature[48], server_signature[48], hassh_client[33], hassh_server[33];
		} ssh;
	} protos;
};

struct ndpi_detection_module_struct;
struct ndpi_flow_input_info;

/* ---- calls ---- */

#define NDPI_DETECTION_ONLY_IPV6 2

#if NDPI_STUB == 900
struct ndpi_detection_module_struct *ndpi_init_detection_module(int one, int two, int three);
#elif NDPI_STUB >= 600
enum ndpi_license_type {
	NDPI_LICENSE_NOT_FOR_PROFIT_LGPL,
	NDPI_LICENSE_FOR_PROFIT_LGPL,
	NDPI_LICENSE_FOR_PROFIT_DUAL_LICENSE
};
struct ndpi_global_context;
struct ndpi_detection_module_struct *ndpi_init_detection_module(struct ndpi_global_context *context,
								enum ndpi_license_type licence);
#elif NDPI_STUB >= 410
struct ndpi_global_context;
struct ndpi_detection_module_struct *ndpi_init_detection_module(struct ndpi_global_context *context);
#else
typedef enum {
	ndpi_no_prefs = 0,
#if NDPI_STUB >= 408
	ndpi_enable_tcp_ack_payload_heuristic = 1 << 17,
#endif
} ndpi_init_prefs;
struct ndpi_detection_module_struct *ndpi_init_detection_module(ndpi_init_prefs prefs);
#endif
void ndpi_exit_detection_module(struct ndpi_detection_module_struct *module);
char *ndpi_revision(void);

#if NDPI_STUB >= 500
int ndpi_finalize_initialization(struct ndpi_detection_module_struct *module);
void ndpi_set_memory_alloction_functions(void *(*alloc)(size_t), void (*release)(void *),
					 void *(*zalloc)(size_t, size_t), void *(*resize)(void *, size_t),
					 void *(*aligned)(size_t, size_t), void (*aligned_release)(void *),
					 void *(*flow_alloc)(size_t), void (*flow_release)(void *));
#else
void ndpi_finalize_initialization(struct ndpi_detection_module_struct *module);
void set_ndpi_malloc(void *(*alloc)(size_t));
void set_ndpi_free(void (*release)(void *));
void set_ndpi_flow_malloc(void *(*alloc)(size_t));
void set_ndpi_flow_free(void (*release)(void *));

typedef struct {
	uint32_t bits[16];
} NDPI_PROTOCOL_BITMASK;
#define NDPI_BITMASK_SET_ALL(mask) ((mask).bits[0] = 1)
void ndpi_set_protocol_detection_bitmask2(struct ndpi_detection_module_struct *module,
					  const NDPI_PROTOCOL_BITMASK *mask);
#endif

#if NDPI_STUB >= 410
typedef enum { NDPI_CFG_NOT_FOUND = -2, NDPI_CFG_OK = 0 } ndpi_cfg_error;
ndpi_cfg_error ndpi_set_config(struct ndpi_detection_module_struct *module, const char *protocol, const char *name,
			       const char *value);
#endif

#if NDPI_STUB == 402
ndpi_protocol ndpi_detection_process_packet(struct ndpi_detection_module_struct *module, struct ndpi_flow_struct *flow,
					    const unsigned char *packet, const unsigned short size,
					    const uint64_t time_ms);
#else
ndpi_protocol ndpi_detection_process_packet(struct ndpi_detection_module_struct *module, struct ndpi_flow_struct *flow,
					    const unsigned char *packet, const unsigned short size,
					    const uint64_t time_ms, struct ndpi_flow_input_info *input);
#endif
#if NDPI_STUB >= 500
ndpi_protocol ndpi_detection_giveup(struct ndpi_detection_module_struct *module, struct ndpi_flow_struct *flow);
#elif NDPI_STUB >= 410
ndpi_protocol ndpi_detection_giveup(struct ndpi_detection_module_struct *module, struct ndpi_flow_struct *flow,
				    uint8_t *guessed);
#else
ndpi_protocol ndpi_detection_giveup(struct ndpi_detection_module_struct *module, struct ndpi_flow_struct *flow,
				    uint8_t guess, uint8_t *guessed);
#endif
#if NDPI_STUB < 500
uint8_t ndpi_extra_dissection_possible(struct ndpi_detection_module_struct *module, struct ndpi_flow_struct *flow);
#endif
void ndpi_free_flow_data(struct ndpi_flow_struct *flow);
uint8_t ndpi_detection_get_l4(const uint8_t *l3, uint16_t l3_size, const uint8_t **l4, uint16_t *l4_size,
			      uint8_t *protocol, uint32_t flags);

int ndpi_load_protocols_file(struct ndpi_detection_module_struct *module, const char *path);
#if NDPI_STUB == 402
int ndpi_load_categories_file(struct ndpi_detection_module_struct *module, const char *path);
#else
int ndpi_load_categories_file(struct ndpi_detection_module_struct *module, const char *path, void *data);
#endif
int ndpi_enable_loaded_categories(struct ndpi_detection_module_struct *module);

#if NDPI_STUB >= 411
uint16_t ndpi_get_proto_by_name(struct ndpi_detection_module_struct *module, const char *name);
#else
int ndpi_get_protocol_id(struct ndpi_detection_module_struct *module, char *name);
#endif
char *ndpi_get_proto_name(struct ndpi_detection_module_struct *module, uint16_t id);
ndpi_protocol_breed_t ndpi_get_proto_breed(struct ndpi_detection_module_struct *module, uint16_t id);
#if NDPI_STUB >= 410
char *ndpi_get_proto_breed_name(ndpi_protocol_breed_t breed);
#else
char *ndpi_get_proto_breed_name(struct ndpi_detection_module_struct *module, ndpi_protocol_breed_t breed);
#endif
const char *ndpi_category_get_name(struct ndpi_detection_module_struct *module, ndpi_protocol_category_t category);
const char *ndpi_confidence_get_name(ndpi_confidence_t confidence);
#if NDPI_STUB >= 500
uint8_t ndpi_is_encrypted_proto(struct ndpi_detection_module_struct *module, ndpi_master_app_protocol pair);
#else
uint8_t ndpi_is_encrypted_proto(struct ndpi_detection_module_struct *module, ndpi_protocol result);
#endif
const char *ndpi_http_method2str(ndpi_http_method method);
#if NDPI_STUB == 402
const char *ndpi_cipher2str(uint32_t cipher);
#else
const char *ndpi_cipher2str(uint32_t cipher, char unknown[8]);
#endif
const char *ndpi_risk2str(ndpi_risk_enum risk);
uint16_t ndpi_risk2score(ndpi_risk risks, uint16_t *client, uint16_t *server);
#if NDPI_STUB >= 500
ndpi_risk_enum ndpi_validate_url(struct ndpi_detection_module_struct *module, struct ndpi_flow_struct *flow, char *url);
#else
ndpi_risk_enum ndpi_validate_url(char *url);
#endif
#if NDPI_STUB >= 411
const char *ndpi_risk2code(ndpi_risk_enum risk);
#endif
#if NDPI_STUB >= 410
const char *ndpi_fpc_confidence_get_name(ndpi_fpc_confidence_t confidence);
#endif
#if NDPI_STUB >= 500
const char *ndpi_print_os_hint(ndpi_os os);
#elif NDPI_STUB >= 411
const char *ndpi_print_os_hint(uint8_t os_hint);
#endif

#endif
