/* SPDX-License-Identifier: BSD-2-Clause */
/* rules.c - see rules.h. The form of both files is that of nDPI's example/protos.txt and example/categories.txt. */
#include "config.h"
#include "classify/rules.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define RULE_EXPECTED                                                                                                  \
	"a rule such as tcp:8080,udp:5000-5010@NAME (ports 1 to 65534), host:\"example.org\"@NAME or "                 \
	"ip:192.0.2.0/24@NAME"

/* nDPI counts through a range in 16 bits, and never ends with this one in it. */
enum { MAX_PORT = 65534 };

/* ---- parts of a rule ---- */

/* A decimal number from `least` to `most`, and nothing after it. */
static bool is_number(const char *text, unsigned long least, unsigned long most)
{
	char *end;
	unsigned long value;
	if (!isdigit((unsigned char)*text) || strlen(text) > 18)
		return false;
	value = strtoul(text, &end, 10);
	return !*end && value >= least && value <= most;
}

/* Cuts the text at the first `byte`; returns what follows it, or NULL. */
static char *cut(char *text, char byte)
{
	char *at = strchr(text, byte);
	if (!at)
		return NULL;
	*at = '\0';
	return at + 1;
}

static bool is_port_range(char *text)
{
	const char *high = cut(text, '-');
	return is_number(text, 1, MAX_PORT) && (!high || (is_number(high, 1, MAX_PORT) && atoi(high) >= atoi(text)));
}

/* 192.0.2.1, 192.0.2.0/24; likewise of IPv6. */
static bool is_network(char *text, int family)
{
	unsigned char address[16];
	const char *bits = cut(text, '/');
	return inet_pton(family, text, address) == 1 && (!bits || is_number(bits, 0, family == AF_INET ? 32 : 128));
}

/* ... and either with :PORT. */
static bool is_service(char *text)
{
	const char *port = cut(text, ':');
	return is_network(text, AF_INET) && (!port || is_number(port, 0, 65535));
}

/* With or without quotation marks around it. */
static bool is_name(const char *text)
{
	return strspn(text, "\"") < strlen(text);
}

static char *after(char *text, const char *prefix)
{
	size_t size = strlen(prefix);
	return strncmp(text, prefix, size) == 0 ? text + size : NULL;
}

static bool is_match(char *text)
{
	char *value;
	if ((value = after(text, "tcp:")) || (value = after(text, "udp:")))
		return is_port_range(value);
	if ((value = after(text, "ip:")))
		return is_service(value);
	if ((value = after(text, "host:")))
		return is_name(value);
		/* What only some releases, or builds, take: configure has looked. */
#ifdef NDPI_SET_CONFIG /* since 4.10 */
	if ((value = after(text, "ipv6:")))
		return is_name(value);
#endif
#ifdef NDPI_NBPF /* with ntop's nBPF */
	if ((value = after(text, "nbpf:")))
		return is_name(value);
#endif
#ifdef NDPI_RESULT_STATE /* since 5.0 */
	if ((value = after(text, "ja4:")) || (value = after(text, "ndpifp:")) || (value = after(text, "url:")))
		return is_name(value);
#endif
	return false;
}

/* The number after KEY=; cuts it off. */
static bool is_mask(char *text)
{
	const char *mask = cut(text, '=');
	return mask && *mask && is_name(text) && mask[strspn(mask, "0123456789")] == '\0';
}

static bool is_protocol_rule(char *line)
{
	char *at = strrchr(line, '@'), *value, *rest = line;
	if (!at) {
		if ((value = after(line, "trusted_issuer_dn:")))
			return is_name(value);
		if ((value = after(line, "ip_risk_mask:")))
			return is_mask(value) && is_network(value, AF_INET);
		if ((value = after(line, "host_risk_mask:")))
			return is_mask(value);
		return false;
	}
	*at = '\0';
	if (!at[1])
		return false;
	while (rest) {
		if (!is_match(strsep(&rest, ",")))
			return false;
	}
	return true;
}

/* ---- files ---- */

typedef bool is_rule_fn(char *line, unsigned most);

static bool protocol_line(char *line, unsigned most)
{
	(void)most;
	return is_protocol_rule(line);
}

/* NAME or NETWORK, a tab, a number. A name has something in it that no address has. */
static bool category_line(char *line, unsigned most)
{
	const char *category = cut(line, '\t');
	bool address = line[strspn(line, "0123456789./")] == '\0';
	return category && *line && is_number(category, 1, most) &&
	       (address ? is_network(line, AF_INET) : !strchr(line, '/'));
}

static bool check_line(char *line, size_t size, is_rule_fn *is_rule, unsigned most, const char *expected,
		       struct dz_err *err)
{
	char shown[64];
	/* nDPI 4.2 passes over such a line of protocols, and takes the last digit off such a category. */
	if (line[size - 1] != '\n')
		return dz_err_set(err, "the last line does not end in a newline");
	line[size - 1] = '\0';
	if (size == 1 || line[0] == '#')
		return true;
	snprintf(shown, sizeof shown, "%.60s", line);
	if (size > 1 && line[size - 2] == '\r')
		return dz_err_set(err, "the line ends in a carriage return, which nDPI takes for a part of it");
	if (strlen(line) != size - 1 || !is_rule(line, most))
		return dz_err_set(err, "'%s' is not %s", shown, expected);
	return true;
}

/* It is read more than once, so it cannot be a pipe. */
static FILE *open_file(const char *path, struct dz_err *err)
{
	struct stat status;
	FILE *file;

	if (stat(path, &status) == 0 && !S_ISREG(status.st_mode)) {
		dz_err_set(err, "%s: not a regular file", path);
		return NULL;
	}
	file = fopen(path, "re");
	if (!file)
		dz_err_set(err, "%s: %s", path, strerror(errno));
	return file;
}

static bool check_file(const char *path, is_rule_fn *is_rule, unsigned most, const char *expected, struct dz_err *err)
{
	FILE *file = open_file(path, err);
	char *line = NULL;
	size_t capacity = 0;
	ssize_t size;
	bool fine = false;

	if (!file)
		return false;
	for (unsigned long number = 1; (size = getline(&line, &capacity, file)) > 0; number++) {
		if (!check_line(line, (size_t)size, is_rule, most, expected, err)) {
			dz_err_prefix(err, "%s:%lu", path, number);
			goto out;
		}
	}
	fine = !ferror(file) || dz_err_set(err, "%s: %s", path, strerror(errno));
out:
	free(line);
	fclose(file);
	return fine;
}

bool dz_rules_check_protocols(const char *path, struct dz_err *err)
{
	return check_file(path, protocol_line, 0, RULE_EXPECTED, err);
}

bool dz_rules_check_categories(const char *path, unsigned most, struct dz_err *err)
{
	char expected[96];
	snprintf(expected, sizeof expected, "a host name or IPv4 address, a tab, and a category from 1 to %u", most);
	return check_file(path, category_line, most, expected, err);
}

/* As nDPI writes it; since 4.10 a number may follow the name. */
static void as_ndpi_names(char *name)
{
	name[strcspn(name, "=")] = '\0';
	for (; *name; name++) {
		if (strchr("/&^:;'\" ", *name))
			*name = '_';
	}
}

bool dz_rules_each_name(const char *path, dz_rule_name_fn *each, void *context, struct dz_err *err)
{
	FILE *file = open_file(path, err);
	char *line = NULL;
	size_t capacity = 0;
	ssize_t size;
	bool fine = file != NULL;

	for (unsigned long number = 1; fine && (size = getline(&line, &capacity, file)) > 0; number++) {
		char *at = line[0] == '#' ? NULL : strrchr(line, '@');
		if (!at)
			continue;
		line[size - 1] = '\0';
		as_ndpi_names(at + 1);
		fine = each(context, at + 1, err) || dz_err_prefix(err, "%s:%lu", path, number);
	}
	free(line);
	if (file)
		fclose(file);
	return fine;
}
