/* SPDX-License-Identifier: BSD-2-Clause */
/* label.h - what a classifier found out about a flow, as a value.
 *
 * Numbers are the classifier's own; the words for them are asked of it once,
 * when a record is made (dz_classifier_describe in classify.h). */
#ifndef DISTRIBOOZE_LABEL_H
#define DISTRIBOOZE_LABEL_H

#include <stdbool.h>
#include <stdint.h>

#define DZ_LABEL_STRINGS 33

/* Strings found in the flow's packets: untrusted bytes, NUL-terminated, not
 * necessarily UTF-8; NULL where not known. Who fills it says whose they are. */
struct dz_label_detail {
	union {
		struct {
			const char *hostname;          /* HTTP Host, DNS query, DHCP name, server name, ... */
			const char *tls_server_name;   /* SNI, of TLS and QUIC */
			const char *tls_version;       /* "1.2", "1.3", as ECS wants it: without "TLS" */
			const char *tls_next_protocol; /* ALPN */
			const char *tls_ja3, *tls_ja3s, *tls_ja4;
			const char *tls_cipher; /* the server's choice */
			const char *tls_issuer, *tls_subject;
			const char *ssh_client, *ssh_server; /* software version strings */
			const char *ssh_client_hassh, *ssh_server_hassh;
			const char *http_method, *http_url, *http_content_type, *user_agent;
			const char *dns_question_type; /* "A", "AAAA", or the number */
			const char *tls_alpns;         /* what the client offers: "h2,http/1.1" */
			const char *tls_versions;      /* likewise: "TLSv1.3,TLSv1.2" */
			const char *tls_sha1;          /* of the server's certificate: 40 digits, in upper case */
			const char *tls_not_before, *tls_not_after; /* its validity: "2026-01-31T23:59:59Z" */
			const char *tcp_fingerprint, *tcp_os;       /* of the client's SYN, and whose that is */
			const char *ndpi_by_ip;                     /* what the addresses alone say: "Cloudflare" */
			const char *ndpi_first, *ndpi_first_by;     /* what the first packet alone says, and by what */
			const char *ndpi_fingerprint;               /* of client and server, nDPI's own */
			const char *ndpi_stack; /* all protocols, outermost first, with commas; where more than two */
			const char *risk_info;  /* lines "CODE: what was seen" */
			const char *dns_response_code; /* "NOERROR", "NXDOMAIN", or the number */
		};
		const char *strings[DZ_LABEL_STRINGS]; /* the same, for what is done to each of them */
	};
	uint16_t http_status; /* 0: not known */
	bool dns;             /* hostname is a DNS question */
};

extern const struct dz_label_detail dz_label_no_detail; /* of which nothing is known */

/* The same as an open flow keeps it, in one block: most flows have a few short strings, and there are many flows. */
struct dz_label_packed; /* opaque */

/* Copies the strings, of which empty ones count as not known. The result is given to the caller, who frees it with
 * free(); NULL when nothing is known. */
struct dz_label_packed *dz_label_pack(const struct dz_label_detail *detail);

/* Fills *detail with strings borrowed from `packed`, and returns it; NULL, and *detail is left as it was, when `packed`
 * is NULL. */
const struct dz_label_detail *dz_label_unpack(const struct dz_label_packed *packed, struct dz_label_detail *detail);

struct dz_label {
	uint16_t master, application; /* nDPI protocol ids; 0: unknown */
	uint16_t category;
	uint8_t breed, confidence;
	bool guessed; /* by port or address, not by content */
	bool encrypted;
	bool settled;      /* the label will not change any more */
	uint8_t inspected; /* packets that were inspected, saturating */
	uint16_t risk_score;
	uint64_t risks;                 /* bitmap of risk ids */
	struct dz_label_packed *packed; /* owned: the detail; NULL when nothing is known */
};

void dz_label_release(struct dz_label *label);

/* Whose labels they are, in words, by a record's distribooze.ndpi.version: "nDPI 4.2.0", or of "none" "ports alone". */
#define DZ_LABEL_GIVER 48
const char *dz_label_giver(const char *version, char buffer[DZ_LABEL_GIVER]);

#define DZ_LABEL_RISKS 64

/* The label in words. All strings are borrowed from the classifier and live as long as it. */
struct dz_label_text {
	const char *application;         /* nDPI's spelling: "DoH_DoT", "Unknown" */
	const char *protocol;            /* nDPI's full name: "TLS.NetFlix" */
	const char *network_protocol;    /* lower-case master, or the application when there is none */
	const char *network_application; /* lower-case application */
	const char *category, *breed, *confidence;
	const char *version; /* of the classifier's library: "4.2.0"; "none" for the null classifier */
	unsigned risk_count;
	const char *risks[DZ_LABEL_RISKS];
	const char *risk_codes[DZ_LABEL_RISKS]; /* the same, by names that releases do not change: "TLS_MISSING_SNI" */
};

#endif
