/* SPDX-License-Identifier: BSD-2-Clause */
/* calls.h - nDPI 5.0's functions that distribooze calls, declared: the second half of the header that header.py makes.
 *
 * The types are in the library's own type information, functions are not. A wrong one would show at once: the labels
 * are compared with nfstream's. */

extern struct ndpi_detection_module_struct *ndpi_init_detection_module(struct ndpi_global_context *context);
extern void ndpi_exit_detection_module(struct ndpi_detection_module_struct *module);
extern int ndpi_finalize_initialization(struct ndpi_detection_module_struct *module);
extern void ndpi_set_memory_alloction_functions(void *(*alloc)(size_t), void (*release)(void *),
						void *(*zalloc)(size_t, size_t), void *(*resize)(void *, size_t),
						void *(*aligned_alloc)(size_t, size_t), void (*aligned_release)(void *),
						void *(*flow_alloc)(size_t), void (*flow_release)(void *));
extern char *ndpi_revision(void);

extern ndpi_cfg_error ndpi_set_config(struct ndpi_detection_module_struct *module, const char *protocol,
				      const char *name, const char *value);
extern int ndpi_load_protocols_file(struct ndpi_detection_module_struct *module, const char *path);
extern int ndpi_load_categories_file(struct ndpi_detection_module_struct *module, const char *path, void *data);
extern int ndpi_enable_loaded_categories(struct ndpi_detection_module_struct *module);

extern ndpi_protocol ndpi_detection_process_packet(struct ndpi_detection_module_struct *module,
						   struct ndpi_flow_struct *flow, const unsigned char *packet,
						   const unsigned short size, const uint64_t time_ms,
						   struct ndpi_flow_input_info *input);
extern ndpi_protocol ndpi_detection_giveup(struct ndpi_detection_module_struct *module, struct ndpi_flow_struct *flow);
extern void ndpi_free_flow_data(struct ndpi_flow_struct *flow);
extern uint8_t ndpi_detection_get_l4(const uint8_t *l3, uint16_t l3_size, const uint8_t **l4, uint16_t *l4_size,
				     uint8_t *protocol, uint32_t flags);

extern char *ndpi_get_proto_name(struct ndpi_detection_module_struct *module, uint16_t id);
extern uint16_t ndpi_get_proto_by_name(struct ndpi_detection_module_struct *module, const char *name);
extern ndpi_protocol_breed_t ndpi_get_proto_breed(struct ndpi_detection_module_struct *module, uint16_t id);
extern char *ndpi_get_proto_breed_name(ndpi_protocol_breed_t breed);
extern const char *ndpi_category_get_name(struct ndpi_detection_module_struct *module,
					  ndpi_protocol_category_t category);
extern const char *ndpi_confidence_get_name(ndpi_confidence_t confidence);
extern uint8_t ndpi_is_encrypted_proto(struct ndpi_detection_module_struct *module, ndpi_master_app_protocol pair);
extern const char *ndpi_http_method2str(ndpi_http_method method);
extern char *ndpi_cipher2str(uint32_t cipher, char unknown[8]);
extern const char *ndpi_fpc_confidence_get_name(ndpi_fpc_confidence_t confidence);
extern const char *ndpi_print_os_hint(ndpi_os os);

extern const char *ndpi_risk2str(ndpi_risk_enum risk);
extern const char *ndpi_risk2code(ndpi_risk_enum risk);
extern uint16_t ndpi_risk2score(ndpi_risk risks, uint16_t *client, uint16_t *server);
extern ndpi_risk_enum ndpi_validate_url(struct ndpi_detection_module_struct *module, struct ndpi_flow_struct *flow,
					char *url);
