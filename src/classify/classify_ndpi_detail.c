/* SPDX-License-Identifier: BSD-2-Clause */
/* classify_ndpi_detail.c - see classify_ndpi_detail.h. */
#include "config.h"
#include "classify/classify_ndpi_detail.h"

#include "classify/risk_codes.h"
#include "base/strbuf.h"
#include <stdio.h>
#include <string.h>
#include <time.h>

static bool is_one_of(const struct dz_label *label, uint16_t id)
{
	return label->master == id || label->application == id;
}

static bool speaks_tls(const struct dz_label *label)
{
	return is_one_of(label, NDPI_PROTOCOL_TLS) || is_one_of(label, NDPI_PROTOCOL_QUIC) ||
#ifdef NDPI_FTPS
	       is_one_of(label, NDPI_PROTOCOL_FTPS) ||
#endif
	       is_one_of(label, NDPI_PROTOCOL_DTLS) || is_one_of(label, NDPI_PROTOCOL_MAIL_IMAPS) ||
	       is_one_of(label, NDPI_PROTOCOL_MAIL_POPS) || is_one_of(label, NDPI_PROTOCOL_MAIL_SMTPS);
}

static bool asks_dns(const struct dz_label *label)
{
	return is_one_of(label, NDPI_PROTOCOL_DNS) || is_one_of(label, NDPI_PROTOCOL_MDNS) ||
	       is_one_of(label, NDPI_PROTOCOL_LLMNR);
}

/* A DHCP or NetBIOS name is the client's own, not that of what it talks to. */
static bool names_itself(const struct dz_label *label)
{
	return is_one_of(label, NDPI_PROTOCOL_DHCP) || is_one_of(label, NDPI_PROTOCOL_DHCPV6) ||
	       is_one_of(label, NDPI_PROTOCOL_NETBIOS);
}

static const char *tls_version(uint16_t version)
{
	switch (version) {
	case 0x0002:
		return "2.0"; /* SSL */
	case 0x0300:
		return "3.0"; /* SSL */
	case 0x0301:
		return "1.0";
	case 0x0302:
		return "1.1";
	case 0x0303:
		return "1.2";
	case 0x0304:
		return "1.3";
	case 0xfeff:
		return "1.0"; /* DTLS */
	case 0xfefd:
		return "1.2"; /* DTLS */
	case 0xfefc:
		return "1.3"; /* DTLS */
	default:
		return NULL;
	}
}

/* IANA's registry of DNS resource record types. */
static const char *dns_type(uint16_t type, char buffer[8])
{
	static const struct {
		uint16_t type;
		const char *name;
	} types[] = { { 1, "A" },      { 2, "NS" },   { 5, "CNAME" },   { 6, "SOA" },   { 10, "NULL" },
		      { 12, "PTR" },   { 15, "MX" },  { 16, "TXT" },    { 28, "AAAA" }, { 33, "SRV" },
		      { 35, "NAPTR" }, { 43, "DS" },  { 48, "DNSKEY" }, { 64, "SVCB" }, { 65, "HTTPS" },
		      { 252, "AXFR" }, { 255, "ANY" } };
	for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
		if (types[i].type == type)
			return types[i].name;
	}
	snprintf(buffer, 8, "%u", type);
	return type ? buffer : NULL;
}

/* IANA's registry of DNS RCODEs. */
static const char *dns_response(uint8_t code, char buffer[8])
{
	static const char *const names[] = { "NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED" };
	if (code < sizeof names / sizeof *names)
		return names[code];
	snprintf(buffer, 8, "%u", code);
	return buffer;
}

static const char *http_method(ndpi_http_method method)
{
	const char *name = method == NDPI_HTTP_METHOD_UNKNOWN ? NULL : ndpi_http_method2str(method);
	return name && *name ? name : NULL;
}

/* What the strings of a detail are written into, where nDPI has no string of its own. */
struct rooms {
	char cipher[8], dns_type[8], dns_response[8];
	char sha1[41], not_before[24], not_after[24];
	char first[128];
	struct dz_strbuf risks, stack;
};

static const char *second(uint32_t seconds, char room[24])
{
	time_t time = seconds;
	struct tm tm;
	if (!seconds || !gmtime_r(&time, &tm))
		return NULL;
	strftime(room, 24, "%Y-%m-%dT%H:%M:%SZ", &tm);
	return room;
}

static const char *sha1(const uint8_t hash[20], char room[41])
{
	static const uint8_t none[20];
	if (!memcmp(hash, none, 20))
		return NULL;
	for (unsigned i = 0; i < 20; i++)
		snprintf(room + 2 * i, 3, "%02X", hash[i]);
	return room;
}

static void tls_detail(const struct ndpi_flow_struct *flow, const struct dz_label *label, struct dz_label_detail *d,
		       struct rooms *rooms)
{
	d->tls_server_name = flow->host_server_name;
	d->tls_version = tls_version(flow->protos.tls_quic.ssl_version);
	d->tls_next_protocol = dz_ndpi_alpn(flow);
	d->tls_ja3 = dz_ndpi_ja3_client(flow);
	d->tls_ja3s = dz_ndpi_ja3_server(flow);
	d->tls_ja4 = dz_ndpi_ja4(flow);
	d->tls_issuer = flow->protos.tls_quic.issuerDN;
	d->tls_subject = flow->protos.tls_quic.subjectDN;
	if (flow->protos.tls_quic.server_cipher && !is_one_of(label, NDPI_PROTOCOL_QUIC))
		d->tls_cipher = dz_ndpi_cipher(flow->protos.tls_quic.server_cipher, rooms->cipher);
	d->tls_alpns = dz_ndpi_alpns(flow);
	d->tls_versions = flow->protos.tls_quic.tls_supported_versions;
	d->tls_sha1 = sha1(flow->protos.tls_quic.sha1_certificate_fingerprint, rooms->sha1);
	d->tls_not_before = second(flow->protos.tls_quic.notBefore, rooms->not_before);
	d->tls_not_after = second(flow->protos.tls_quic.notAfter, rooms->not_after);
}

/* nDPI hashes what it has of a key exchange, even when that is nothing: the MD5 of no bytes (RFC 1321, appendix A.5)
 * tells nothing of the program. */
static const char *hassh(const char *hash)
{
	return strcasecmp(hash, "d41d8cd98f00b204e9800998ecf8427e") ? hash : NULL;
}

/* "TLS", or "TLS.NetFlix". */
static const char *pair_name(struct ndpi_detection_module_struct *module, uint16_t master, uint16_t application,
			     char room[128])
{
	if (!master || master == application)
		return application ? ndpi_get_proto_name(module, application) : NULL;
	if (!application)
		return ndpi_get_proto_name(module, master);
	snprintf(room, 128, "%s.%s", ndpi_get_proto_name(module, master), ndpi_get_proto_name(module, application));
	return room;
}

/* What is known of how the flow began. */
static void first_detail(struct ndpi_detection_module_struct *module, const struct ndpi_flow_struct *flow,
			 ndpi_protocol result, struct dz_label_detail *d, struct rooms *rooms)
{
#ifdef HAVE_NDPI_PROTOCOL_PROTOCOL_BY_IP
	if (result.protocol_by_ip)
		d->ndpi_by_ip = ndpi_get_proto_name(module, result.protocol_by_ip);
#endif
#if defined(HAVE_STRUCT_NDPI_FLOW_STRUCT_FPC_PROTO_APP_PROTOCOL)
	d->ndpi_first = pair_name(module, flow->fpc.proto.master_protocol, flow->fpc.proto.app_protocol, rooms->first);
#elif defined(HAVE_STRUCT_NDPI_FLOW_STRUCT_FPC_APP_PROTOCOL)
	d->ndpi_first = pair_name(module, flow->fpc.master_protocol, flow->fpc.app_protocol, rooms->first);
#else
	(void)pair_name;
#endif
#if defined(HAVE_STRUCT_NDPI_FLOW_STRUCT_FPC_PROTO_APP_PROTOCOL) ||                                                    \
	defined(HAVE_STRUCT_NDPI_FLOW_STRUCT_FPC_APP_PROTOCOL)
	if (d->ndpi_first)
		d->ndpi_first_by = ndpi_fpc_confidence_get_name(flow->fpc.confidence);
#endif
#ifdef HAVE_STRUCT_NDPI_FLOW_STRUCT_TCP_FINGERPRINT
	d->tcp_fingerprint = flow->tcp.fingerprint;
	if (flow->tcp.fingerprint && flow->tcp.os_hint)
		d->tcp_os = ndpi_print_os_hint(flow->tcp.os_hint);
#endif
#ifdef HAVE_STRUCT_NDPI_FLOW_STRUCT_NDPI_FINGERPRINT
	d->ndpi_fingerprint = flow->ndpi.fingerprint;
#endif
	(void)module, (void)flow, (void)result, (void)d, (void)rooms;
}

static void add_stack(struct ndpi_detection_module_struct *module, ndpi_protocol result, struct dz_strbuf *out)
{
#ifdef HAVE_NDPI_PROTOCOL_PROTOCOL_STACK
	unsigned count = result.protocol_stack.protos_num;
	for (unsigned i = 0; count > 2 && i < count; i++)
		dz_strbuf_addf(out, "%s%s", i ? "," : "", ndpi_get_proto_name(module, result.protocol_stack.protos[i]));
#else
	(void)module, (void)result, (void)out;
#endif
}

/* Not of one-way traffic: that there were packets of one side only is no news, and may not stay so. */
static void add_risk_info(const struct ndpi_flow_struct *flow, struct dz_strbuf *out)
{
#ifdef HAVE_STRUCT_NDPI_FLOW_STRUCT_RISK_INFOS
	for (unsigned i = 0; i < flow->num_risk_infos; i++) {
		unsigned risk = (unsigned)flow->risk_infos[i].id;
		const char *info = flow->risk_infos[i].info;
		if (!info || !*info || risk > 63 || (dz_ndpi_one_way_risks() >> risk & 1))
			continue;
		dz_strbuf_addf(out, "%s%s: ", out->size ? "\n" : "", dz_risk_code(risk));
		for (; *info; info++)
			dz_strbuf_addc(out, *info == '\n' ? ' ' : *info);
	}
#else
	(void)flow, (void)out;
#endif
}

struct dz_label_packed *dz_ndpi_find_detail(struct ndpi_detection_module_struct *module,
					    const struct ndpi_flow_struct *flow, ndpi_protocol result,
					    const struct dz_label *label)
{
	struct dz_label_detail d = { 0 };
	struct dz_label_packed *packed;
	struct rooms rooms;

	dz_strbuf_init(&rooms.risks);
	dz_strbuf_init(&rooms.stack);

	if (!names_itself(label))
		d.hostname = flow->host_server_name;
	if (speaks_tls(label)) {
		tls_detail(flow, label, &d, &rooms);
	} else if (asks_dns(label)) {
		d.dns = flow->host_server_name[0] != '\0';
		d.dns_question_type = dns_type(flow->protos.dns.query_type, rooms.dns_type);
		if (flow->protos.dns.num_answers || flow->protos.dns.reply_code)
			d.dns_response_code = dns_response(flow->protos.dns.reply_code, rooms.dns_response);
	} else if (is_one_of(label, NDPI_PROTOCOL_SSH)) {
		d.ssh_client = flow->protos.ssh.client_signature;
		d.ssh_server = flow->protos.ssh.server_signature;
		d.ssh_client_hassh = hassh(flow->protos.ssh.hassh_client);
		d.ssh_server_hassh = hassh(flow->protos.ssh.hassh_server);
	}
	if (flow->http.url)
		d.http_method = http_method(flow->http.method);
	d.http_url = flow->http.url;
	d.http_content_type = flow->http.content_type;
	d.http_status = flow->http.response_status_code;
	d.user_agent = flow->http.user_agent;
	first_detail(module, flow, result, &d, &rooms);
	add_risk_info(flow, &rooms.risks);
	add_stack(module, result, &rooms.stack);
	d.risk_info = rooms.risks.data;
	d.ndpi_stack = rooms.stack.data;
	packed = dz_label_pack(&d);
	dz_strbuf_release(&rooms.risks);
	dz_strbuf_release(&rooms.stack);
	return packed;
}
