/* SPDX-License-Identifier: BSD-2-Clause */
/* sample.c - see sample.h. */
#include "config.h"
#include "sample.h"

#include "record/packet.h"
#include <string.h>

void sample_add(struct sample *sample, unsigned side, uint32_t length, uint64_t times)
{
	struct dz_record *record = &sample->record;
	uint32_t bin = dz_hist_bin(&record->shape, length);

	if (record->lengths.count == 0 || length < record->lengths_min)
		record->lengths_min = length;
	if (length > record->lengths_max)
		record->lengths_max = length;
	record->lengths_sum += length * times;
	record->lengths.count += times;
	record->side[side].lengths.count += times;
	sample->bins[0][bin] += times;
	sample->bins[1 + side][bin] += times;
	record->side[side].packets += times;
	record->side[side].bytes += length * times;
}

void sample_init(struct sample *sample)
{
	static const uint8_t source[4] = { 192, 168, 1, 148 }, destination[4] = { 37, 187, 120, 118 };
	struct dz_record *record = &sample->record;

	memset(sample, 0, sizeof *sample);
	record->source_end = dz_flow_key_init(&record->key, 4, 6, 0, source, 52822, destination, 27122);
	for (unsigned i = 0; i < 16; i++)
		record->id[i] = (uint8_t)(i * 16 + i); /* 0011223344... */
	dz_flow_key_community_id(&record->key, record->source_end, 0, record->community_id);
	record->input = "ssh.pcap";
	record->start_ns = 1592301940322001000; /* 2020-06-16T10:05:40.322001Z */
	record->end_ns = 1592301963446123000;   /* 2020-06-16T10:06:03.446123Z */
	record->end_reason = DZ_END_EOF;
	record->shape = (struct dz_hist_shape){ .layer = DZ_LAYER_IP,
						.bin_width = DZ_HIST_DEFAULT_WIDTH,
						.bins = DZ_HIST_DEFAULT_BINS };
	record->lengths.bins = sample->bins[0];
	record->side[DZ_SOURCE].lengths.bins = sample->bins[1];
	record->side[DZ_DESTINATION].lengths.bins = sample->bins[2];
	sample_add(sample, DZ_SOURCE, 52, 1);
	sample_add(sample, DZ_SOURCE, 84, 1);
	sample_add(sample, DZ_DESTINATION, 1500, 1);
	record->side[DZ_SOURCE].tcp_flags = DZ_TCP_SYN | DZ_TCP_ACK;
	record->side[DZ_DESTINATION].tcp_flags = DZ_TCP_ACK | DZ_TCP_PSH | DZ_TCP_RST;
	record->side[DZ_DESTINATION].retransmissions = 2;

	sample->label = (struct dz_label){ .encrypted = true, .settled = true, .inspected = 10, .risk_score = 50 };
	sample->text =
		(struct dz_label_text){ "SSH",        "SSH", "ssh",   "ssh", "RemoteAccess",
					"Acceptable", "DPI", "4.2.0", 1,     { "Known Protocol on Non Standard Port" },
					{ NULL } };
	record->label = &sample->label;
	record->text = &sample->text;
}

void sample_with_detail(struct sample *sample)
{
	sample->detail = (struct dz_label_detail){
		.hostname = "www.example.org",
		.tls_server_name = "example.org",
		.tls_version = "1.3",
		.tls_next_protocol = "h2",
		.tls_ja3 = "a0e9f5d64349fb13191bc781f81f42e1",
		.tls_ja3s = "ec74a5c51106f0419184d0dd08fb05bc",
		.tls_ja4 = "t13d1516h2_8daaf6152771_e5627efa2ab1",
		.tls_cipher = "TLS_AES_128_GCM_SHA256",
		.tls_issuer = "CN=R3, O=\"Let's Encrypt\", C=US",
		.tls_subject = "CN=example.org",
		.ssh_client = "SSH-2.0-OpenSSH_8.2",
		.ssh_server = "SSH-2.0-dropbear",
		.ssh_client_hassh = "ec7378c1a92f5a8dde7e8b7a1ddf33d1",
		.ssh_server_hassh = "b12d2871a1189eff20364cf5333619ee",
		.http_method = "GET",
		.http_url = "http://example.org/a?b=c&d",
		.http_content_type = "text/html; charset=utf-8",
		.user_agent = "curl/7.88.1",
		.http_status = 404,
	};
	sample->record.detail = &sample->detail;
}

void sample_with_more(struct sample *sample)
{
	struct dz_label_detail *d = &sample->detail;

	d->tls_alpns = "h2,http/1.1";
	d->tls_versions = "TLSv1.3,TLSv1.2";
	d->tls_sha1 = "50E207B4EEF78FF2D9F0F9DA00BE0A7441A75724";
	d->tls_not_before = "2026-11-23T00:07:53Z";
	d->tls_not_after = "2027-02-11T00:07:53Z";
	d->tcp_fingerprint = "2_64_64240_2e3cee914fc1";
	d->tcp_os = "Linux";
	d->ndpi_by_ip = "Cloudflare";
	d->ndpi_first = "TLS.Cloudflare";
	d->ndpi_first_by = "IP";
	d->ndpi_fingerprint = "72e2d06f1d0d45b2a7a3";
	d->ndpi_stack = "TLS,HTTP,NetFlix";
	d->risk_info = "NUMERIC_IP_HOST: Found host 192.0.2.1\nTLS_MISSING_SNI: \"none\"";
	sample->record.detail = d;
}
