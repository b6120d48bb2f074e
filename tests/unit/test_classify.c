/* SPDX-License-Identifier: BSD-2-Clause */
/* test_classify.c - labels, their words and details, on the shipped captures: what is expected was read in them with
 * tshark, and the labels are ndpiReader's (pcaps/LABELS). */
#include "config.h"
#include "classify/classify.h"
#include "classify/ndpi_compat.h"
#include "decode/decode.h"
#include "capture/source.h"
#include "base/strbuf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "wire.h"

enum { MAX_FLOWS = 400, ETHERNET_HEADER = 14 };

/* ---- flows of a capture, as a caller of the classifier would follow them ---- */

struct flow {
	struct dz_flow_key key;
	uint8_t initiator;
	struct dz_classify_state *state;
	struct dz_label label;
	unsigned shown, packets;
};

struct flows {
	struct dz_classifier *classifier;
	size_t count;
	struct flow all[MAX_FLOWS];
};

/* How a capture is damaged on its way. */
struct damage {
	uint32_t snaplen; /* 0: whole packets */
	bool no_length;   /* IPv4 total length is 0, as offloading leaves it */
};

static struct flow *flow_of(struct flows *flows, const struct dz_packet *pkt)
{
	struct flow *flow = flows->all;
	for (size_t i = 0; i < flows->count; i++, flow++) {
		if (dz_flow_key_equal(&flow->key, &pkt->key))
			return flow;
	}
	assert_true(flows->count++ < MAX_FLOWS);
	flow->key = pkt->key;
	flow->initiator = pkt->sender;
	return flow;
}

static void show(struct flows *flows, const struct dz_packet *pkt, uint64_t time_ns)
{
	struct flow *flow = flow_of(flows, pkt);
	flow->packets++;
	if (flow->label.settled)
		return;
	flow->shown++;
	dz_classifier_packet(flows->classifier, &flow->state, pkt, time_ns, pkt->sender == flow->initiator,
			     &flow->label);
	if (flow->label.settled)
		assert_null(flow->state); /* given back the moment the label is final */
}

static void fail_on_complaint(void *context, const char *message)
{
	(void)context;
	fail_msg("%s", message);
}

static void damage_packet(struct dz_frame *packet, const struct damage *damage, uint8_t *copy)
{
	if (damage->snaplen && packet->caplen > damage->snaplen)
		packet->caplen = damage->snaplen;
	if (damage->no_length && packet->caplen >= ETHERNET_HEADER + 20) {
		memcpy(copy, packet->bytes, packet->caplen);
		copy[ETHERNET_HEADER + 2] = copy[ETHERNET_HEADER + 3] = 0;
		packet->bytes = copy;
	}
}

static struct flows *read_capture(struct dz_classifier *classifier, const char *name, struct damage damage)
{
	static uint8_t copy[65536];
	struct flows *flows = calloc(1, sizeof *flows);
	struct dz_decode_config config = { .tunnels = true };
	struct dz_decoder *decoder = dz_decoder_new(&config);
	const char *top = getenv("top_srcdir"), *word;
	struct dz_inputs *inputs;
	struct dz_source *source;
	struct dz_frame packet;
	struct dz_packet pkt;
	struct dz_err err;
	char path[512];

	assert_non_null(flows);
	flows->classifier = classifier;
	snprintf(path, sizeof path, "%s/pcaps/%s", top ? top : "..", name);
	word = path;
	inputs = dz_inputs_new(&word, 1, fail_on_complaint, NULL);
	source = dz_source_new(inputs, NULL);
	while (dz_source_next(source, &packet, &err) == DZ_SOURCE_PACKET) {
		damage_packet(&packet, &damage, copy);
		if (dz_decode(decoder, &packet, &pkt) == DZ_DECODE_OK)
			show(flows, &pkt, packet.time_ns);
	}
	for (size_t i = 0; i < flows->count; i++) {
		dz_classifier_finish(classifier, &flows->all[i].state, &flows->all[i].label);
		assert_null(flows->all[i].state);
		assert_true(flows->all[i].label.settled);
	}
	dz_source_free(source);
	dz_inputs_free(inputs);
	dz_decoder_free(decoder);
	return flows;
}

static void free_flows(struct flows *flows)
{
	for (size_t i = 0; i < flows->count; i++)
		dz_label_release(&flows->all[i].label);
	free(flows);
}

static const struct dz_label *label_of_port(const struct flows *flows, uint16_t port)
{
	for (size_t i = 0; i < flows->count; i++) {
		if (flows->all[i].key.port[0] == port || flows->all[i].key.port[1] == port)
			return &flows->all[i].label;
	}
	fail_msg("no flow of port %u", port);
	return &flows->all[0].label;
}

static struct dz_label_text describe(const struct flows *flows, const struct dz_label *label)
{
	struct dz_label_text text;
	dz_classifier_describe(flows->classifier, label, &text);
	return text;
}

static struct dz_classifier *new_classifier(bool guess, const char *protocols, const char *categories)
{
	struct dz_classify_config config = { .guess = guess,
					     .protocols_file = protocols,
					     .categories_file = categories };
	struct dz_err err;
	struct dz_classifier *classifier = dz_classifier_new(&config, &err);
	if (!classifier)
		fail_msg("%s", err.text);
	return classifier;
}

static const struct damage none;

/* ---- one packet, made by hand ---- */

struct made {
	uint8_t bytes[64];
	struct dz_packet pkt;
};

static void make(struct made *m, uint8_t protocol, uint16_t port, unsigned payload)
{
	static const uint8_t client[4] = { 192, 0, 2, 1 }, server[4] = { 198, 51, 100, 2 };
	unsigned header = protocol == 6 ? 20 : 8, size = 20 + header + payload;
	memset(m, 0, sizeof *m);
	assert_true(size <= sizeof m->bytes);
	m->bytes[0] = 0x45;
	put16(m->bytes + 2, size);
	m->bytes[8] = 64;
	m->bytes[9] = protocol;
	memcpy(m->bytes + 12, client, 4);
	memcpy(m->bytes + 16, server, 4);
	put16(m->bytes + 20, 40000);
	put16(m->bytes + 22, port);
	if (protocol == 6) {
		m->bytes[32] = 5 << 4;
		m->bytes[33] = DZ_TCP_SYN;
	} else {
		put16(m->bytes + 24, 8 + payload);
	}
	memset(m->bytes + 20 + header, 0xa5, payload);
	m->pkt.sender = (uint8_t)dz_flow_key_init(&m->pkt.key, 4, protocol, 0, client, 40000, server, port);
	m->pkt.ip = m->bytes;
	m->pkt.ip_len = m->pkt.ip_caplen = size;
	m->pkt.payload = payload ? m->bytes + 20 + header : NULL;
	m->pkt.payload_len = m->pkt.payload_caplen = payload;
}

/* The words for a flow of this one packet; *label is to be released. */
static struct dz_label_text judge(struct dz_classifier *classifier, const struct dz_packet *pkt, struct dz_label *label)
{
	struct dz_classify_state *state = NULL;
	struct dz_label_text text;
	*label = (struct dz_label){ 0 };
	dz_classifier_packet(classifier, &state, pkt, 1, true, label);
	dz_classifier_finish(classifier, &state, label);
	assert_null(state);
	assert_true(label->settled);
	dz_classifier_describe(classifier, label, &text);
	return text;
}

/* ---- tests ---- */

static void the_null_classifier_knows_nothing(void **state)
{
	struct dz_classifier *classifier = dz_classifier_new_null();
	struct flows *flows = read_capture(classifier, "ssh.pcap", none);
	struct dz_label_text text = describe(flows, &flows->all[0].label);
	(void)state;
	assert_int_equal(flows->count, 3);
	assert_int_equal(flows->all[0].shown, 1); /* settled at once */
	assert_int_equal(flows->all[0].label.inspected, 0);
	assert_string_equal(text.application, "Unknown");
	assert_string_equal(text.protocol, "Unknown");
	assert_string_equal(text.network_protocol, "unknown");
	assert_string_equal(text.network_application, "unknown");
	assert_string_equal(text.version, "none");
	assert_int_equal(text.risk_count, 0);
	free_flows(flows);
	dz_classifier_free(classifier);
}

static void labels_are_those_of_ndpireader(void **state)
{
	static const struct {
		const char *capture, *label;
		size_t flows;
	} rows[] = { { "ssh.pcap", "SSH", 3 },   { "dns.pcap", "DNS", 290 },       { "dot.pcap", "DoH_DoT", 60 },
		     { "quic.pcap", "QUIC", 4 }, { "netflix.pcap", "NetFlix", 6 }, { "web.pcap", "TLS", 8 } };
	struct dz_classifier *classifier = new_classifier(true, NULL, NULL);
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct flows *flows = read_capture(classifier, rows[i].capture, none);
		size_t found = 0;
		for (size_t k = 0; k < flows->count; k++)
			found += !strcmp(describe(flows, &flows->all[k].label).application, rows[i].label);
		if (found < rows[i].flows)
			fail_msg("%s: %zu flows of %s", rows[i].capture, found, rows[i].label);
		free_flows(flows);
	}
	dz_classifier_free(classifier);
}

static void words_of_a_label(void **state)
{
	struct dz_classifier *classifier = new_classifier(true, NULL, NULL);
	struct flows *ssh = read_capture(classifier, "ssh.pcap", none),
		     *netflix = read_capture(classifier, "netflix.pcap", none);
	struct dz_label_text text = describe(ssh, &ssh->all[0].label);
	(void)state;
	assert_string_equal(text.application, "SSH");
	assert_string_equal(text.protocol, "SSH");
	assert_string_equal(text.network_protocol, "ssh");
	assert_string_equal(text.network_application, "ssh");
	assert_string_equal(text.category, "RemoteAccess");
	assert_string_equal(text.breed, "Acceptable");
	assert_string_equal(text.confidence, "DPI");
	assert_memory_equal(dz_classify_library(), "nDPI ", 5);
	assert_memory_equal(dz_classify_library() + 5, text.version, strlen(text.version));
	assert_int_equal(text.risk_count, 1); /* on port 27122 */
	assert_non_null(
		strstr(text.risks[0], "Known Proto")); /* "... on Non Standard Port", abbreviated in later releases */
	assert_true(ssh->all[0].label.encrypted && !ssh->all[0].label.guessed && ssh->all[0].label.risk_score > 0);
	text = describe(netflix, &netflix->all[0].label);
	assert_string_equal(text.application, "NetFlix");
	assert_string_equal(text.protocol, "TLS.NetFlix");
	assert_string_equal(text.network_protocol, "tls");
	assert_string_equal(text.network_application, "netflix");
	free_flows(ssh);
	free_flows(netflix);
	dz_classifier_free(classifier);
}

/* Long before the flow's end; from then on, the caller is told that no more packets are needed. */
static void a_label_settles_early(void **state)
{
	struct dz_classifier *classifier = new_classifier(true, NULL, NULL);
	struct flows *flows = read_capture(classifier, "ssh.pcap", none);
	(void)state;
	for (size_t i = 0; i < flows->count; i++) {
		assert_int_equal(flows->all[i].label.inspected, flows->all[i].shown);
		assert_in_range(flows->all[i].shown, 4, 81);
		assert_true(flows->all[i].packets > 200);
	}
	free_flows(flows);
	dz_classifier_free(classifier);
}

static void details_of_ssh(void **state)
{
	struct dz_classifier *classifier = new_classifier(true, NULL, NULL);
	struct flows *flows = read_capture(classifier, "ssh.pcap", none);
	struct dz_label_detail detail;
	const struct dz_label_detail *d = dz_label_unpack(flows->all[0].label.packed, &detail);
	(void)state;
	assert_non_null(d);
	assert_string_equal(d->ssh_client, "SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u10");
	assert_string_equal(d->ssh_server, "SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u10");
	assert_non_null(d->ssh_server_hassh);
	assert_int_equal(strlen(d->ssh_server_hassh), 32);
	/* The client's key exchange is in two segments, of which nDPI 4.2 makes the MD5 of nothing: no hash at all. */
	if (d->ssh_client_hassh)
		assert_string_not_equal(d->ssh_client_hassh, "D41D8CD98F00B204E9800998ECF8427E");
	assert_null(d->tls_server_name);
	assert_null(d->http_method);
	assert_false(d->dns);
	free_flows(flows);
	dz_classifier_free(classifier);
}

static void details_of_tls_and_http(void **state)
{
	struct dz_classifier *classifier = new_classifier(true, NULL, NULL);
	struct flows *flows = read_capture(classifier, "web.pcap", none);
	struct dz_label_detail detail;
	const struct dz_label_detail *d = dz_label_unpack(label_of_port(flows, 47040)->packed, &detail);
	(void)state;
	assert_string_equal(d->tls_server_name, "www.example.org");
	assert_string_equal(d->hostname, "www.example.org");
	assert_string_equal(d->tls_version, "1.3");
	assert_string_equal(d->tls_next_protocol, "http/1.1");
	assert_string_equal(d->tls_cipher, "TLS_AES_256_GCM_SHA384"); /* 0x1302 */
	d = dz_label_unpack(label_of_port(flows, 50442)->packed, &detail);
	assert_string_equal(d->tls_server_name, "shop.example.net");
	assert_string_equal(d->tls_version, "1.2");
	assert_string_equal(d->tls_cipher, "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"); /* 0xc030 */
	d = dz_label_unpack(label_of_port(flows, 38726)->packed, &detail);
	assert_string_equal(d->hostname, "www.example.org");
	assert_string_equal(d->http_method, "GET");
	assert_string_equal(d->http_url, "www.example.org/index.html");
	assert_string_equal(d->user_agent, "curl/7.88.1");
	assert_int_equal(d->http_status, 301);
	assert_null(d->tls_server_name);
	free_flows(flows);
	dz_classifier_free(classifier);
}

static void details_of_dns(void **state)
{
	static const struct {
		uint16_t port;
		const char *name, *type, *response;
	} rows[] = { { 33048, "mail.fjord.example.org", "A", "NOERROR" },
		     { 33054, "mail.basil.example.net", "AAAA", "NOERROR" },
		     { 33859, "_submission._tcp.kestrel.example.net", "SRV", "NOERROR" },
		     { 48604, "nectar-68.cedar.example.org", "A", "NXDOMAIN" } };
	struct dz_classifier *classifier = new_classifier(true, NULL, NULL);
	struct flows *flows = read_capture(classifier, "dns.pcap", none);
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct dz_label_detail detail;
		const struct dz_label_detail *d = dz_label_unpack(label_of_port(flows, rows[i].port)->packed, &detail);
		assert_non_null(d);
		assert_true(d->dns);
		assert_string_equal(d->hostname, rows[i].name);
		assert_string_equal(d->dns_question_type, rows[i].type);
		assert_string_equal(d->dns_response_code, rows[i].response);
	}
	free_flows(flows);
	dz_classifier_free(classifier);
}

/* What a short snaplen left, and packets whose length field offloading left at 0, still give the label. */
static void damaged_packets_still_tell(void **state)
{
	struct dz_classifier *classifier = new_classifier(false, NULL, NULL);
	const struct damage damages[] = { { .snaplen = 96 }, { .no_length = true } };
	(void)state;
	for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
		struct flows *flows = read_capture(classifier, "ssh.pcap", damages[i]);
		assert_int_equal(flows->count, 3);
		for (size_t k = 0; k < flows->count; k++)
			assert_string_equal(describe(flows, &flows->all[k].label).application, "SSH");
		free_flows(flows);
	}
	dz_classifier_free(classifier);
}

static void guesses_can_be_switched_off(void **state)
{
	(void)state;
	for (unsigned guess = 0; guess < 2; guess++) {
		struct dz_classifier *classifier = new_classifier(guess, NULL, NULL);
		struct dz_label_text text;
		struct dz_label label;
		struct made m;
		make(&m, 6, 22, 0);
		text = judge(classifier, &m.pkt, &label);
		assert_string_equal(text.application, guess ? "SSH" : "Unknown");
		assert_int_equal(label.guessed, guess);
		assert_int_equal(label.inspected, 1);
		if (guess)
			assert_string_equal(text.confidence, "Match by port");
		else
			assert_string_equal(text.breed, "Unrated");
		dz_label_release(&label);
		dz_classifier_free(classifier);
	}
}

/* nDPI says of a flow of which it saw one side that it has but one; it stops looking before it sees the other. */
static void what_was_said_of_one_side_is_taken_back(void **state)
{
	struct dz_classifier *classifier = new_classifier(true, NULL, NULL);
	struct flows *flows = read_capture(classifier, "quic.pcap", none);
	unsigned said = 0;
	(void)state;
	for (size_t i = 0; i < flows->count; i++) {
		struct dz_label *label = &flows->all[i].label, before = *label;
		struct dz_label_text text = describe(flows, label);
		bool one_way = false;
		for (unsigned k = 0; k < text.risk_count; k++)
			one_way |= !strcmp(text.risks[k], "Unidirectional Traffic");
		dz_classifier_saw_both(classifier, label);
		said += one_way;
		assert_int_equal(describe(flows, label).risk_count, text.risk_count - one_way);
		assert_int_equal(label->risk_score < before.risk_score, one_way);
	}
#ifdef NDPI_UNIDIRECTIONAL
	assert_true(said >= 4);
#else
	assert_int_equal(said, 0);
#endif
	free_flows(flows);
	dz_classifier_free(classifier);
}

/* The question of the URL is what libinjection's own tests call an attack. */
static void urls_are_judged(void **state)
{
	static const char request[] = "GET /s?q=<script>alert(1)</script> HTTP/1.1\r\nHost: shop.example.net\r\n"
				      "User-Agent: curl/7.88.1\r\n\r\n";
	struct dz_classifier *classifier = new_classifier(true, NULL, NULL);
	uint8_t bytes[40 + sizeof request - 1];
	struct dz_label_text text;
	struct dz_label label;
	bool found = false;
	struct made m;
	(void)state;
	make(&m, 6, 80, 0);
	memcpy(bytes, m.bytes, 40);
	memcpy(bytes + 40, request, sizeof request - 1);
	put16(bytes + 2, sizeof bytes);
	bytes[33] = DZ_TCP_ACK | DZ_TCP_PSH;
	m.pkt.ip = bytes;
	m.pkt.ip_len = m.pkt.ip_caplen = sizeof bytes;
	m.pkt.payload = bytes + 40;
	m.pkt.payload_len = m.pkt.payload_caplen = sizeof request - 1;
	text = judge(classifier, &m.pkt, &label);
	assert_string_equal(text.application, "HTTP");
	for (unsigned i = 0; i < text.risk_count; i++)
		found |= strstr(text.risks[i], "XSS") != NULL;
	assert_true(found);
	for (unsigned i = 0; i < text.risk_count; i++)
		assert_int_equal(strstr(text.risks[i], "XSS") != NULL, !strcmp(text.risk_codes[i], "URL_POSSIBLE_XSS"));
	assert_true(label.risk_score > 0);
	dz_label_release(&label);
	dz_classifier_free(classifier);
}

static void later_fragments_are_not_looked_at(void **state)
{
	struct dz_classifier *classifier = new_classifier(true, NULL, NULL);
	struct dz_label label;
	struct made m;
	(void)state;
	make(&m, 17, 53, 8);
	m.pkt.fragment = m.pkt.later_fragment = true;
	assert_string_equal(judge(classifier, &m.pkt, &label).application, "Unknown");
	assert_int_equal(label.inspected, 0);
	dz_label_release(&label);
	make(&m, 17, 53, 8);
	m.pkt.ip_caplen = 19; /* not even an IPv4 header */
	m.pkt.cut = true;
	assert_string_equal(judge(classifier, &m.pkt, &label).application, "Unknown");
	assert_int_equal(label.inspected, 0);
	dz_label_release(&label);
	dz_classifier_free(classifier);
}

/* ---- files of the user ---- */

static char file_path[64];

static const char *save(const char *text, size_t size)
{
	int fd;
	strcpy(file_path, "/tmp/test_classify.XXXXXX");
	fd = mkstemp(file_path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, size), (ssize_t)size);
	close(fd);
	return file_path;
}

static void protocols_of_the_user(void **state)
{
	static const char rules[] =
		"# mine\n\ntcp:27122@Rudder\n"
		"host:\"shop.example.net\",tcp:81-82,udp:9,ip:192.0.2.7/32:443,ip:192.0.2.8@My Shop\n"
		"trusted_issuer_dn:\"CN=Mine\"\nip_risk_mask:192.0.2.0/24=18446744073709551615\n"
		"host_risk_mask:\".home\"=0\n";
	struct dz_classifier *classifier = new_classifier(false, save(rules, strlen(rules)), NULL);
	struct flows *ssh = read_capture(classifier, "ssh.pcap", none),
		     *web = read_capture(classifier, "web.pcap", none);
	struct dz_label_text text = describe(ssh, &ssh->all[0].label);
	(void)state;
	unlink(file_path);
	assert_string_equal(text.application, "Rudder");
	assert_string_equal(text.network_application, "rudder");
	/* By port, not by content: a guess; later releases have a word of their own for such rules. */
	assert_int_equal(ssh->all[0].label.guessed, !strcmp(text.confidence, "Match by port"));
	text = describe(web, label_of_port(web, 50442));
	assert_string_equal(text.application, "My_Shop"); /* nDPI's way with blanks */
	assert_string_equal(text.protocol, "TLS.My_Shop");
	assert_string_equal(text.network_protocol, "tls");
	assert_false(label_of_port(web, 50442)->guessed);
	free_flows(ssh);
	free_flows(web);
	dz_classifier_free(classifier);
}

static void categories_of_the_user(void **state)
{
	static const char rules[] = "# mine\nshop.example.net\t100\n192.0.2.0/24\t99\n";
	struct dz_classifier *classifier = new_classifier(true, NULL, save(rules, strlen(rules)));
	struct flows *flows = read_capture(classifier, "web.pcap", none);
	(void)state;
	unlink(file_path);
	assert_string_equal(describe(flows, label_of_port(flows, 50442)).category, "Malware"); /* nDPI's number 100 */
	assert_string_equal(describe(flows, label_of_port(flows, 47040)).category, "Web");
	free_flows(flows);
	dz_classifier_free(classifier);
}

/* nDPI 4.2 passes over all of these, or crashes. */
static void files_that_ndpi_does_not_understand_are_refused(void **state)
{
#define ROW(text)                                                                                                      \
	{                                                                                                              \
		text, sizeof text - 1                                                                                  \
	}
	static const struct {
		const char *text;
		size_t size;
	} protocols[] = { ROW("host:@X\n"),
			  ROW("host:\"@X\n"),
			  ROW("host:\"\"@X\n"),
			  ROW("nothing\n"),
			  ROW("tcp:80\n"),
			  ROW("tcp:80@\n"),
			  ROW("tcp:@X\n"),
			  ROW("tcp:0@X\n"),
			  ROW("tcp:65536@X\n"),
			  ROW("udp:65535@X\n"), /* nDPI would never come back */
			  ROW("udp:49152-65535@X\n"),
			  ROW("tcp:81-80@X\n"),
			  ROW("tcp:1-@X\n"),
			  ROW("tcp:a@X\n"),
			  ROW("tcp:1,@X\n"),
			  ROW("tcp:1, udp:2@X\n"),
			  ROW("sctp:1@X\n"),
			  ROW("ip:@X\n"),
			  ROW("ip:example@X\n"),
			  ROW("ip:192.0.2.1/33@X\n"),
			  ROW("@X\n"),
			  ROW("ip_risk_mask:192.0.2.1\n"),
			  ROW("ip_risk_mask:192.0.2.1=\n"),
			  ROW("ip_risk_mask:=1\n"),
			  ROW("ip_risk_mask:zz=1\n"),
			  ROW("ip_risk_mask:192.0.2.1/33=1\n"),
			  ROW("trusted_issuer_dn:\n"),
			  ROW("tcp:80@X"),
			  ROW("tcp:80@X\r\n"),
			  ROW("tcp:80\0@X\n"),
			  ROW("\xd4\xc3\xb2\xa1\n") },
	  categories[] = { ROW("example.org 100\n"),     ROW("example.org\t\n"),  ROW("\t100\n"),
			   ROW("1.2.3.4/33\t100\n"),     ROW("999.1.1.1\t100\n"), ROW("/8\t100\n"),
			   ROW("example.org\t100000\n"), ROW("example.org\t0\n"), ROW("example.org\tWeb\n"),
			   ROW("example.org\t100") };
	struct dz_err err;
	(void)state;
	for (size_t i = 0; i < sizeof protocols / sizeof *protocols; i++) {
		char text[256] = "# first\ntcp:4444@Fine\n";
		size_t before = strlen(text);
		memcpy(text + before, protocols[i].text, protocols[i].size);
		struct dz_classify_config config = { .protocols_file = save(text, before + protocols[i].size) };
		if (dz_classify_check(&config, &err))
			fail_msg("accepted: %s", protocols[i].text);
		assert_non_null(strstr(err.text, file_path));
		assert_non_null(strstr(err.text, ":3: "));
		assert_memory_equal(err.text, "--protocols: ", 13);
		assert_null(dz_classifier_new(&config, &err));
		unlink(file_path);
	}
	for (size_t i = 0; i < sizeof categories / sizeof *categories; i++) {
		struct dz_classify_config config = { .categories_file = save(categories[i].text, categories[i].size) };
		if (dz_classify_check(&config, &err))
			fail_msg("accepted: %s", categories[i].text);
		assert_non_null(strstr(err.text, ":1: "));
		assert_memory_equal(err.text, "--categories: ", 14);
		unlink(file_path);
	}
}

/* nDPI has room for a few hundred names of a user's. The last port of all shows whether that of the last was taken. */
static void too_many_protocols_are_refused(void **state)
{
	enum { NAMES = 3000 };
	struct dz_classify_config config = { .guess = true };
	struct dz_classifier *classifier;
	struct dz_strbuf text;
	struct dz_err err;
	char line[64];
	(void)state;
	dz_strbuf_init(&text);
	for (unsigned i = 1; i <= NAMES; i++) {
		snprintf(line, sizeof line, "tcp:%u@Mine/%u\n", 20000 + i, i);
		dz_strbuf_adds(&text, line);
	}
	config.protocols_file = save(text.data, text.size);
	classifier = dz_classifier_new(&config, &err);
	if (classifier) { /* a release without a limit knows the last one, too */
		struct dz_label label;
		struct made m;
		make(&m, 6, 20000 + NAMES, 0);
		snprintf(line, sizeof line, "Mine_%u", NAMES);
		assert_string_equal(judge(classifier, &m.pkt, &label).application, line);
		dz_label_release(&label);
	} else {
		assert_memory_equal(err.text, "--protocols: /tmp/test_classify.", 32);
		assert_non_null(strstr(err.text, "takes no more protocols: 'Mine_"));
	}
	dz_classifier_free(classifier);
	dz_strbuf_release(&text);
	unlink(file_path);
}

static void settings_that_ndpi_refuses_are_refused(void **state)
{
	static const char *const settings[] = { "tls,no such setting,1", "tls;a;b", "tls,a", "" };
	struct dz_err err;
	(void)state;
	for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
		struct dz_classify_config config = { .settings = { settings[i] }, .setting_count = 1 };
		assert_null(dz_classifier_new(&config, &err));
		assert_memory_equal(err.text, "--ndpi-set: '", 13);
		assert_non_null(strstr(err.text, settings[i]));
		assert_int_equal(strstr(err.text, "is not PROTOCOL,NAME,VALUE") != NULL, i > 0);
	}
}

#ifdef NDPI_SET_CONFIG
static void settings_are_of_ndpi(void **state)
{
	struct dz_classify_config config = { .guess = true,
					     .settings = { "ssh,enable,0", ",dpi.guess_on_giveup,0" },
					     .setting_count = 2 };
	struct dz_err err;
	struct dz_classifier *classifier = dz_classifier_new(&config, &err);
	struct flows *flows;
	(void)state;
	if (!classifier)
		fail_msg("%s", err.text);
	flows = read_capture(classifier, "ssh.pcap", none);
	for (size_t k = 0; k < flows->count; k++)
		assert_string_equal(describe(flows, &flows->all[k].label).application, "Unknown");
	free_flows(flows);
	dz_classifier_free(classifier);
}
#endif

static void files_that_cannot_be_read_are_named(void **state)
{
	static const char *const paths[] = { "/nonexistent/rules", "/tmp", "/dev/null" };
	(void)state;
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		for (unsigned second = 0; second < 2; second++) {
			struct dz_classify_config config = { .protocols_file = second ? NULL : paths[i],
							     .categories_file = second ? paths[i] : NULL };
			struct dz_err err;
			assert_false(dz_classify_check(&config, &err));
			assert_non_null(strstr(err.text, paths[i]));
			assert_null(dz_classifier_new(&config, &err));
		}
	}
}

/* What a build without nDPI calls a port or a protocol, nDPI calls so, too. */
static void labels_by_port_are_spelled_as_ndpi_does(void **state)
{
	static const char *const labels[] = {
#define PORT(transport, port, label) label,
#define PROTOCOL(name, label) label,
#include "classify/ports.def"
#undef PORT
#undef PROTOCOL
	};
	struct ndpi_detection_module_struct *module = dz_ndpi_create();
	(void)state;
	dz_ndpi_enable_all(module);
	assert_true(dz_ndpi_finalize(module));
	for (size_t i = 0; i < sizeof labels / sizeof *labels; i++) {
		char label[32];
		snprintf(label, sizeof label, "%s", labels[i]);
		if (!dz_ndpi_has_protocol(module, label))
			fail_msg("nDPI knows no '%s'", label);
	}
	ndpi_exit_detection_module(module);
}

/* Packets that end within TCP's options: what they show is the ports, and those of the first packet that is whole. */
static void test_headers_that_are_cut(void **state)
{
	enum { SNAPLEN = ETHERNET_HEADER + 20 + 26 }; /* a SYN has 40 bytes, what is acknowledged only 20 or 32 */
	struct dz_classify_config config = { .guess = true };
	struct dz_classifier *classifier;
	struct dz_label_text text;
	struct flows *flows;
	struct dz_err err;

	(void)state;
	classifier = dz_classifier_new(&config, &err);
	assert_non_null(classifier);
	flows = read_capture(classifier, "dot.pcap", (struct damage){ .snaplen = SNAPLEN });
	unsigned told = 0;
	for (size_t i = 0; i < flows->count; i++) {
		dz_classifier_describe(classifier, &flows->all[i].label, &text);
		told += !strcmp(text.application, "DoH_DoT");
	}
	assert_true(told > 0);
	free_flows(flows);
	dz_classifier_free(classifier);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_headers_that_are_cut),
		cmocka_unit_test(labels_by_port_are_spelled_as_ndpi_does),
		cmocka_unit_test(the_null_classifier_knows_nothing),
		cmocka_unit_test(labels_are_those_of_ndpireader),
		cmocka_unit_test(words_of_a_label),
		cmocka_unit_test(a_label_settles_early),
		cmocka_unit_test(details_of_ssh),
		cmocka_unit_test(details_of_tls_and_http),
		cmocka_unit_test(details_of_dns),
		cmocka_unit_test(damaged_packets_still_tell),
		cmocka_unit_test(guesses_can_be_switched_off),
		cmocka_unit_test(later_fragments_are_not_looked_at),
		cmocka_unit_test(protocols_of_the_user),
		cmocka_unit_test(categories_of_the_user),
		cmocka_unit_test(files_that_ndpi_does_not_understand_are_refused),
		cmocka_unit_test(what_was_said_of_one_side_is_taken_back),
		cmocka_unit_test(urls_are_judged),
		cmocka_unit_test(too_many_protocols_are_refused),
		cmocka_unit_test(settings_that_ndpi_refuses_are_refused),
#ifdef NDPI_SET_CONFIG
		cmocka_unit_test(settings_are_of_ndpi),
#endif
		cmocka_unit_test(files_that_cannot_be_read_are_named),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
