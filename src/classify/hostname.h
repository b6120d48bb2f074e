/* SPDX-License-Identifier: BSD-2-Clause */
/* hostname.h - whom a client asks for, from the first bytes that it sends: HTTP's Host, TLS's server name.
 *
 * Bytes in, spans of the same bytes out; knows no nDPI, no flows. What was not captured is not found. */
#ifndef DISTRIBOOZE_HOSTNAME_H
#define DISTRIBOOZE_HOSTNAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dz_span {
	const uint8_t *at; /* borrowed */
	size_t size;
};

/* The first request of an HTTP/1 client (RFC 9112, section 3): its target, and the value of Host as sent, without the
 * spaces around it (RFC 9110, section 5.5); empty where it has none. What follows the request's blank line is not
 * looked at. */
struct dz_http_request {
	struct dz_span target, authority;
};
bool dz_hostname_http(const uint8_t *payload, size_t size, struct dz_http_request *request);

/* The same as one text: the authority before the target, or an absolute target alone. Given. */
char *dz_hostname_url(const struct dz_http_request *request);

/* The authority that a request goes to: that of an absolute target, else Host's (RFC 9112, section 3.2.2). */
struct dz_span dz_hostname_authority(const struct dz_http_request *request);

/* The server name of a ClientHello (RFC 8446, section 4.1.2; RFC 6066, section 3) that begins here. */
bool dz_hostname_tls(const uint8_t *payload, size_t size, struct dz_span *name);

/* The host in an authority (RFC 3986, section 3.2): without user, port, and the brackets of an IPv6 address; letters of
 * ASCII small, all other bytes as they are. Given; NULL when there is none, or what is there is not one. */
char *dz_hostname_of(struct dz_span authority);

#endif
