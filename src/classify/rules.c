/* SPDX-License-Identifier: BSD-2-Clause */
/* rules.c - see rules.h. The form of both files is that of nDPI's example/protos.txt and example/categories.txt. */
#include "config.h"
#include "classify/rules.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define RULE_EXPECTED "a rule such as tcp:8080,udp:5000-5010@NAME, host:\"example.org\"@NAME or ip:192.0.2.0/24@NAME"

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
	return is_number(text, 1, 65535) && (!high || is_number(high, 1, 65535));
}

/* 192.0.2.1, 192.0.2.0/24, and either with :PORT. */
static bool is_network(char *text)
{
	struct in_addr address;
	const char *port = cut(text, ':'), *bits = cut(text, '/');
	return inet_pton(AF_INET, text, &address) == 1 && (!bits || is_number(bits, 0, 32)) &&
	       (!port || is_number(port, 0, 65535));
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
		return is_network(value);
	if ((value = after(text, "host:")))
		return is_name(value);
#ifndef NDPI_PROCESS_5 /* since 4.4 and 4.10 */
	if ((value = after(text, "nbpf:")) || (value = after(text, "ipv6:")))
		return is_name(value);
#endif
	return false;
}

/* KEY=NUMBER */
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
		if ((value = after(line, "ip_risk_mask:")) || (value = after(line, "host_risk_mask:")))
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

/* NAME or ADDRESS, a tab, a number. */
static bool category_line(char *line, unsigned most)
{
	const char *category = cut(line, '\t');
	return category && *line && is_number(category, 1, most);
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

static bool check_file(const char *path, is_rule_fn *is_rule, unsigned most, const char *expected, struct dz_err *err)
{
	FILE *file = NULL;
	struct stat status;
	char *line = NULL;
	size_t capacity = 0;
	ssize_t size;
	bool fine = false;

	/* It is read more than once, so it cannot be a pipe. */
	if (stat(path, &status) == 0 && !S_ISREG(status.st_mode)) {
		dz_err_set(err, "%s: not a regular file", path);
		goto out;
	}
	file = fopen(path, "re");
	if (!file) {
		dz_err_set(err, "%s: %m", path);
		goto out;
	}
	for (unsigned long number = 1; (size = getline(&line, &capacity, file)) > 0; number++) {
		if (!check_line(line, (size_t)size, is_rule, most, expected, err)) {
			dz_err_prefix(err, "%s:%lu", path, number);
			goto out;
		}
	}
	fine = !ferror(file) || dz_err_set(err, "%s: %m", path);
out:
	free(line);
	if (file)
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
