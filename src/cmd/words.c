/* SPDX-License-Identifier: BSD-2-Clause */
/* words.c - see words.h. */
#include "config.h"
#include "cmd/words.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/near.h"
#include "base/strbuf.h"
#include "cmd/common.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* ---- which command ---- */

static const struct dz_cmd *near_command(const char *word)
{
	for (size_t i = 0; dz_cmds[i]; i++)
		if (dz_near(word, dz_cmds[i]->name))
			return dz_cmds[i];
	return NULL;
}

/* The row of an option word in any command's table, those of flows first. */
static bool find_row(const char *word, struct dz_opt *row)
{
	bool found = false;

	for (size_t i = 0; dz_cmds[i] && !found; i++) {
		size_t count;
		struct dz_opt *flat = dz_opt_flatten(dz_cmds[i]->options, &count);
		const struct dz_opt *opt = dz_opt_find(flat, word);
		found = opt != NULL;
		if (found)
			*row = *opt;
		free(flat);
	}
	return found;
}

static bool has_row(const struct dz_cmd *cmd, const struct dz_opt *row)
{
	size_t count;
	struct dz_opt *flat = dz_opt_flatten(cmd->options, &count);
	bool has = false;

	for (size_t i = 0; i < count && !has; i++)
		has = flat[i].long_name && !strcmp(flat[i].long_name, row->long_name) && flat[i].kind == row->kind &&
		      !strcmp(flat[i].help, row->help);
	free(flat);
	return has;
}

/* Whether the option means the same in every command. */
static bool is_common(const struct dz_opt *row)
{
	for (size_t i = 0; dz_cmds[i]; i++)
		if (!has_row(dz_cmds[i], row))
			return false;
	return true;
}

/* How many words an option word takes: 2 where its value is the next one. `row` is set to the option that decided it,
 * the last one of "-qf". */
static int words_of(const char *word, struct dz_opt *row)
{
	if (!strncmp(word, "--", 2))
		return find_row(word, row) && dz_opt_takes_value(row) && !strchr(word, '=') ? 2 : 1;
	for (const char *letter = word + 1; *letter; letter++) {
		const char name[] = { '-', *letter, '\0' };
		if (!find_row(name, row))
			return 1;
		if (dz_opt_takes_value(row))
			return letter[1] ? 1 : 2;
	}
	return 1;
}

/* Moves the word at `place` to the front, over the program's name. */
static void move_to_front(int *argc, char ***argv, int place)
{
	char *name = (*argv)[place];

	memmove(*argv + 2, *argv + 1, (size_t)(place - 1) * sizeof **argv);
	(*argv)[1] = name;
	++*argv;
	--*argc;
}

const struct dz_cmd *dz_words_command(int *argc, char ***argv)
{
	const struct dz_cmd *cmd;
	const char *own = NULL; /* the first option that is not common to all */
	int at = 1;

	while (at < *argc && (*argv)[at][0] == '-' && (*argv)[at][1] && strcmp((*argv)[at], "--") != 0) {
		struct dz_opt row = { .kind = DZ_OPT_END };
		int words = words_of((*argv)[at], &row);
		if (!own && row.kind != DZ_OPT_END && !is_common(&row))
			own = (*argv)[at];
		at += words;
	}
	cmd = at < *argc ? dz_cmd_find((*argv)[at]) : NULL;
	if (!cmd)
		return dz_cmds[0];
	if (own) {
		dz_log_error("put %s after the command: distribooze %s %s ...", own, cmd->name, own);
		return NULL;
	}
	move_to_front(argc, argv, at);
	return cmd;
}

int dz_words_unknown(const char *name)
{
	const struct dz_cmd *near = near_command(name);

	if (near)
		dz_log_error("no command '%s': did you mean %s?", name, near->name);
	else
		dz_log_error("no command '%s'; 'distribooze --help' lists them", name);
	return DZ_EXIT_USAGE;
}

/* ---- inputs ---- */

static bool exists(const char *word)
{
	struct stat status;
	return !strcmp(word, "-") || stat(word, &status) == 0 || (errno != ENOENT && errno != ENOTDIR);
}

/* "NAME=PATH" of a path that is there; a command that knows no names says so itself. */
static bool names_something(const char *word)
{
	const char *equals = strchr(word, '=');
	return equals && equals > word && equals[1] && exists(equals + 1);
}

/* Words with which filters begin. */
static bool begins_filter(const char *word)
{
	static const char *const words[] = { "arp",    "dst",       "ether",     "greater", "host", "icmp", "icmp6",
					     "ip",     "ip6",       "less",      "net",     "not",  "port", "portrange",
					     "sctp",   "src",       "tcp",       "udp",     "vlan", "mpls", "proto",
					     "pppoes", "broadcast", "multicast", NULL };

	for (size_t i = 0; words[i]; i++)
		if (!strncmp(word, words[i], strlen(words[i])) &&
		    (!word[strlen(words[i])] || word[strlen(words[i])] == ' '))
			return true;
	return false;
}

static void join(char **words, int count, struct dz_strbuf *text)
{
	for (int i = 0; i < count; i++)
		dz_strbuf_addf(text, "%s%s", i ? " " : "", words[i]);
}

static void say_missing(const struct dz_cmd *cmd, bool implied, char **words, int count)
{
	const struct dz_cmd *near = implied && cmd == dz_cmds[0] ? near_command(words[0]) : NULL;
	struct dz_strbuf rest;

	dz_strbuf_init(&rest);
	if (near) {
		dz_log_error("'%s' is neither a command nor a file: did you mean %s?", words[0], near->name);
	} else if (begins_filter(words[0])) {
		join(words, count, &rest);
		dz_log_error("'%s' does not exist; a filter is given with -f: -f '%s'", words[0], rest.data);
	} else {
		dz_log_error("%s: cannot be opened: %s", words[0], strerror(ENOENT));
	}
	dz_strbuf_release(&rest);
}

/* Says of each word, or of the first of a filter, that it is not there. */
static bool all_exist(const struct dz_cmd *cmd, bool implied, char **words, int count)
{
	bool all = true;

	for (int i = 0; i < count; i++) {
		if (exists(words[i]) || names_something(words[i]))
			continue;
		say_missing(cmd, implied && i == 0, words + i, count - i);
		all = false;
		if (begins_filter(words[i]))
			break;
	}
	return all;
}

/* The words are the filter, as with tcpdump; `option` is what makes them so. */
static bool take_filter(struct dz_common *common, struct dz_engine_config *engine, const char *option, char **words,
			int count)
{
	struct dz_strbuf filter;

	if (!count)
		return true;
	if (engine->filter) {
		dz_log_error("'%s': with %s the words are the filter, but there is --filter '%s', too", words[0],
			     option, engine->filter);
		return false;
	}
	dz_strbuf_init(&filter);
	join(words, count, &filter);
	engine->filter = common->filter_words = filter.data;
	return true;
}

/* With -r: the files take the words' place. There are at least as many words as files, as each of these was one. */
static bool take_reads(struct dz_common *common, struct dz_engine_config *engine, int argc, char **argv, int *first)
{
	if (!take_filter(common, engine, "-r", argv + *first, argc - *first))
		return false;
	*first = argc - (int)common->read_count;
	for (size_t i = 0; i < common->read_count; i++)
		argv[*first + (int)i] = (char *)(uintptr_t)common->reads[i];
	return true;
}

/* With -i there are no inputs. */
static bool take_live(struct dz_common *common, struct dz_engine_config *engine, int argc, char **argv, int *first)
{
	const char *capture = common->read_count                                                      ? common->reads[0]
			      : *first < argc && exists(argv[*first]) && !begins_filter(argv[*first]) ? argv[*first]
												      : NULL;

	if (capture) {
		dz_log_error("-i captures from interfaces, and '%s' is a capture: it can be one or the other", capture);
		return false;
	}
	if (!take_filter(common, engine, "-i", argv + *first, argc - *first))
		return false;
	*first = argc;
	return true;
}

bool dz_words_settle(const struct dz_cmd *cmd, void *options, int argc, char **argv, int *first)
{
	struct dz_common *common = (struct dz_common *)(void *)((char *)options + cmd->common_at);
	struct dz_engine_config *engine = (struct dz_engine_config *)(void *)((char *)options + cmd->engine_at);
	bool implied = strcmp(argv[0], cmd->name) != 0;

	if (cmd->is_live && cmd->is_live(options))
		return take_live(common, engine, argc, argv, first);
	if (common->read_count && !take_reads(common, engine, argc, argv, first))
		return false;
	return all_exist(cmd, implied, argv + *first, argc - *first);
}
