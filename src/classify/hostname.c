/* SPDX-License-Identifier: BSD-2-Clause */
/* hostname.c - see hostname.h. */
#include "config.h"
#include "classify/hostname.h"

#include "base/cursor.h"
#include "base/mem.h"
#include <string.h>
#include <strings.h>

/* ---- HTTP ---- */

static struct dz_span trim(struct dz_span text)
{
	while (text.size && (text.at[0] == ' ' || text.at[0] == '\t')) {
		text.at++;
		text.size--;
	}
	while (text.size && (text.at[text.size - 1] == ' ' || text.at[text.size - 1] == '\t'))
		text.size--;
	return text;
}

/* Takes a line, of which the end must be there; without CR and LF. */
static bool take_line(struct dz_cursor *c, struct dz_span *line)
{
	const uint8_t *end = memchr(c->at, '\n', dz_cursor_left(c));

	if (!end)
		return false;
	line->at = c->at;
	line->size = (size_t)(end - c->at);
	if (line->size && line->at[line->size - 1] == '\r')
		line->size--;
	c->at = end + 1;
	return true;
}

/* method SP target SP "HTTP/1." ... */
static bool request_line(struct dz_span line, struct dz_span *target)
{
	enum { METHOD_MAX = 20, VERSION_SIZE = 9 };
	size_t method = 0;

	while (method < line.size && line.at[method] >= 'A' && line.at[method] <= 'Z')
		method++;
	if (!method || method > METHOD_MAX || line.size < method + 1 + VERSION_SIZE || line.at[method] != ' ')
		return false;
	target->at = line.at + method + 1;
	target->size = line.size - method - 1 - VERSION_SIZE;
	return target->size && !memcmp(target->at + target->size, " HTTP/1.", VERSION_SIZE - 1);
}

bool dz_hostname_http(const uint8_t *payload, size_t size, struct dz_http_request *request)
{
	enum { NAME = 5 };
	struct dz_cursor c = dz_cursor_init(payload, size);
	struct dz_span line;

	if (!size || payload[0] < 'A' || payload[0] > 'Z')
		return false;
	request->authority = (struct dz_span){ NULL, 0 };
	if (!take_line(&c, &line) || !request_line(line, &request->target))
		return false;
	while (take_line(&c, &line) && line.size) {
		if (line.size > NAME && !strncasecmp((const char *)line.at, "host:", NAME)) {
			request->authority = trim((struct dz_span){ line.at + NAME, line.size - NAME });
			break;
		}
	}
	return true;
}

struct dz_span dz_hostname_authority(const struct dz_http_request *request)
{
	static const char scheme_end[] = "://";
	const struct dz_span *target = &request->target;
	const uint8_t *start = memmem(target->at, target->size, scheme_end, sizeof scheme_end - 1), *end;
	struct dz_span authority;

	if (!start || target->at[0] == '/')
		return request->authority;
	authority.at = start + sizeof scheme_end - 1;
	authority.size = (size_t)(target->at + target->size - authority.at);
	end = memchr(authority.at, '/', authority.size);
	if (end)
		authority.size = (size_t)(end - authority.at);
	return authority;
}

char *dz_hostname_url(const struct dz_http_request *request)
{
	size_t before = request->target.at[0] == '/' ? request->authority.size : 0;
	char *text = dz_mem_alloc(before + request->target.size + 1);

	if (before)
		memcpy(text, request->authority.at, before);
	memcpy(text + before, request->target.at, request->target.size);
	text[before + request->target.size] = '\0';
	return text;
}

char *dz_hostname_of(struct dz_span authority)
{
	struct dz_span host = trim(authority);
	const uint8_t *end;
	char *text;

	if (!host.size)
		return NULL;
	while ((end = memchr(host.at, '@', host.size))) {
		host.size -= (size_t)(end + 1 - host.at);
		host.at = end + 1;
	}
	if (host.size && host.at[0] == '[') {
		end = memchr(host.at, ']', host.size);
		host.at++;
		host.size = end ? (size_t)(end - host.at) : 0;
	} else if ((end = memchr(host.at, ':', host.size))) {
		host.size = (size_t)(end - host.at);
	}
	if (!host.size || memchr(host.at, ' ', host.size) || memchr(host.at, '\0', host.size))
		return NULL;
	text = dz_mem_alloc(host.size + 1);
	for (size_t i = 0; i < host.size; i++)
		text[i] = (char)(host.at[i] >= 'A' && host.at[i] <= 'Z' ? host.at[i] | 0x20 : host.at[i]);
	text[host.size] = '\0';
	return text;
}

/* ---- TLS ---- */

static bool skip_vector8(struct dz_cursor *c)
{
	return dz_cursor_skip(c, dz_cursor_u8(c));
}

/* The list of names in the extension: its length, then type and length of the first. */
static bool server_name(struct dz_cursor *c, struct dz_span *name)
{
	enum { HOST_NAME = 0 };

	dz_cursor_skip(c, 2);
	if (dz_cursor_u8(c) != HOST_NAME)
		return false;
	name->size = dz_cursor_be16(c);
	name->at = dz_cursor_take(c, name->size);
	return !c->failed && name->size;
}

bool dz_hostname_tls(const uint8_t *payload, size_t size, struct dz_span *name)
{
	enum { HANDSHAKE = 22, CLIENT_HELLO = 1, SERVER_NAME = 0 };
	struct dz_cursor c = dz_cursor_init(payload, size);

	if (dz_cursor_u8(&c) != HANDSHAKE || dz_cursor_u8(&c) != 3)
		return false;
	dz_cursor_skip(&c, 3); /* version, length of the record */
	if (dz_cursor_u8(&c) != CLIENT_HELLO)
		return false;
	dz_cursor_skip(&c, 3 + 2 + 32);         /* length, version, random */
	skip_vector8(&c);                       /* session */
	dz_cursor_skip(&c, dz_cursor_be16(&c)); /* cipher suites */
	skip_vector8(&c);                       /* compression */
	dz_cursor_skip(&c, 2);
	while (!c.failed && dz_cursor_left(&c)) {
		uint16_t type = dz_cursor_be16(&c), length = dz_cursor_be16(&c);
		if (type == SERVER_NAME)
			return server_name(&c, name);
		dz_cursor_skip(&c, length);
	}
	return false;
}
