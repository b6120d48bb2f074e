/* SPDX-License-Identifier: BSD-2-Clause */
/* completion.c - see completion.h. */
#include "config.h"
#include "cmd/completion.h"

#include "cmd/cmd.h"
#include <stdlib.h>
#include <string.h>

const char *const dz_shell_names[DZ_SHELL_COUNT + 1] = { "bash", "zsh", "fish", NULL };

/* ---- what all shells are told ---- */

typedef void option_fn(const struct dz_cmd *cmd, const struct dz_opt *opt, struct dz_strbuf *out);

static void each_option(const struct dz_cmd *cmd, option_fn *put, struct dz_strbuf *out)
{
	size_t count;
	struct dz_opt *flat = dz_opt_flatten(cmd->options, &count);

	for (size_t i = 0; i < count; i++)
		if (flat[i].long_name)
			put(cmd, &flat[i], out);
	free(flat);
}

static void add_commands(const char *between, struct dz_strbuf *out)
{
	for (size_t i = 0; dz_cmds[i]; i++)
		dz_strbuf_addf(out, "%s%s", i ? between : "", dz_cmds[i]->name);
}

static void add_choices(const struct dz_opt *opt, struct dz_strbuf *out)
{
	for (size_t i = 0; opt->choices[i]; i++)
		dz_strbuf_addf(out, "%s%s", i ? " " : "", opt->choices[i]);
}

/* The first part of a text, as far as one line of a menu has room for it; each of `special` gets a backslash, and a
 * quote is left out, so that it can stand between quotes. */
static void add_summary(const char *text, const char *special, struct dz_strbuf *out)
{
	enum { MAX_SHOWN = 60 };
	const char *list = strstr(text, "%s");
	size_t size = strcspn(text, ";:(");

	if (list && (size_t)(list - text) < size)
		size = (size_t)(list - text);
	while (size && text[size - 1] == ' ')
		size--;
	for (size_t i = 0; i < size && i < MAX_SHOWN; i++) {
		if (strchr(special, text[i]))
			dz_strbuf_addc(out, '\\');
		if (text[i] != '\'')
			dz_strbuf_addc(out, text[i]);
	}
}

/* ---- bash ---- */

static void bash_word(const struct dz_cmd *cmd, const struct dz_opt *opt, struct dz_strbuf *out)
{
	(void)cmd;
	dz_strbuf_addf(out, " --%s", opt->long_name);
	if (opt->short_name)
		dz_strbuf_addf(out, " -%c", opt->short_name);
}

static void bash_value(const struct dz_cmd *cmd, const struct dz_opt *opt, struct dz_strbuf *out)
{
	if (!dz_opt_takes_value(opt))
		return;
	dz_strbuf_addf(out, "\t%s:--%s", cmd->name, opt->long_name);
	if (opt->short_name)
		dz_strbuf_addf(out, " | %s:-%c", cmd->name, opt->short_name);
	dz_strbuf_adds(out, ") ");
	if (opt->choices) {
		dz_strbuf_adds(out, "words='");
		add_choices(opt, out);
		dz_strbuf_adds(out, "'");
	} else {
		dz_strbuf_adds(out, opt->is_file ? "words= files=1" : "words=");
	}
	dz_strbuf_adds(out, " ;;\n");
}

static void add_bash(struct dz_strbuf *out)
{
	dz_strbuf_adds(out,
		       "# bash completion for distribooze\n"
		       "_distribooze()\n"
		       "{\n"
		       "\tlocal word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} command=flows named= "
		       "words files= i\n"
		       "\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
		       "\t\tcase ${COMP_WORDS[i]} in\n\t\t");
	add_commands(" | ", out);
	dz_strbuf_adds(out, ")\n"
			    "\t\t\tcommand=${COMP_WORDS[i]} named=1\n"
			    "\t\t\tbreak\n"
			    "\t\t\t;;\n"
			    "\t\tesac\n"
			    "\tdone\n"
			    "\tcase $command in\n");
	for (size_t i = 0; dz_cmds[i]; i++) {
		dz_strbuf_addf(out, "\t%s) words='", dz_cmds[i]->name);
		each_option(dz_cmds[i], bash_word, out);
		dz_strbuf_adds(out, "' ;;\n");
	}
	dz_strbuf_adds(out, "\tesac\n"
			    "\tif [[ $word != -* ]]; then\n"
			    "\t\tfiles=1 words=\n"
			    "\t\t[[ $named ]] || words='");
	add_commands(" ", out);
	dz_strbuf_adds(out, "'\n"
			    "\tfi\n"
			    "\tcase $before in\n"
			    "\t-*) [[ $before == - || $before == -- ]] || _distribooze_value ;;\n"
			    "\tesac\n"
			    "\tCOMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
			    "\tif [[ $files ]]; then\n"
			    "\t\tlocal IFS=$'\\n'\n"
			    "\t\tCOMPREPLY+=($(compgen -f -- \"$word\"))\n"
			    "\tfi\n"
			    "}\n"
			    "\n"
			    "# What the option before takes, where it takes a value.\n"
			    "_distribooze_value()\n"
			    "{\n"
			    "\tlocal all=$words was=$files\n"
			    "\tfiles=\n"
			    "\tcase $command:$before in\n");
	for (size_t i = 0; dz_cmds[i]; i++)
		each_option(dz_cmds[i], bash_value, out);
	dz_strbuf_adds(out, "\t*) words=$all files=$was ;;\n"
			    "\tesac\n"
			    "}\n"
			    "complete -o filenames -F _distribooze distribooze\n");
}

/* ---- zsh ---- */

/* '(-l --layer)'{-l,--layer}'[which length]:LAYER:(ip payload)' */
static void zsh_option(const struct dz_cmd *cmd, const struct dz_opt *opt, struct dz_strbuf *out)
{
	(void)cmd;
	dz_strbuf_adds(out, "\t\t\t");
	if (opt->short_name)
		dz_strbuf_addf(out, "'*'{-%c,--%s}", opt->short_name, opt->long_name);
	else
		dz_strbuf_addf(out, "'*--%s'", opt->long_name);
	dz_strbuf_adds(out, "'[");
	add_summary(opt->help, "[]:\\", out);
	dz_strbuf_adds(out, "]");
	if (dz_opt_takes_value(opt)) {
		dz_strbuf_adds(out, ":");
		add_summary(opt->value_name, "[]:\\", out);
		dz_strbuf_adds(out, ":");
		if (opt->choices) {
			dz_strbuf_adds(out, "(");
			add_choices(opt, out);
			dz_strbuf_adds(out, ")");
		} else if (opt->is_file) {
			dz_strbuf_adds(out, "_files");
		}
	}
	dz_strbuf_adds(out, "' \\\n");
}

static void add_zsh(struct dz_strbuf *out)
{
	dz_strbuf_adds(out, "#compdef distribooze\n"
			    "_distribooze()\n"
			    "{\n"
			    "\tlocal command=flows word\n"
			    "\tlocal -a commands\n"
			    "\tcommands=(\n");
	for (size_t i = 0; dz_cmds[i]; i++) {
		dz_strbuf_addf(out, "\t\t'%s:", dz_cmds[i]->name);
		add_summary(dz_cmds[i]->summary, ":\\", out);
		dz_strbuf_adds(out, "'\n");
	}
	dz_strbuf_adds(out, "\t)\n"
			    "\tfor word in ${words[2,CURRENT-1]}; do\n"
			    "\t\tcase $word in\n\t\t");
	add_commands(" | ", out);
	dz_strbuf_adds(out, ")\n"
			    "\t\t\tcommand=$word\n"
			    "\t\t\tbreak\n"
			    "\t\t\t;;\n"
			    "\t\tesac\n"
			    "\tdone\n"
			    "\tif ((CURRENT == 2)) && [[ ${words[2]} != -* ]]; then\n"
			    "\t\t_describe command commands\n"
			    "\tfi\n"
			    "\tcase $command in\n");
	for (size_t i = 0; dz_cmds[i]; i++) {
		dz_strbuf_addf(out, "\t%s)\n\t\t_arguments -s \\\n", dz_cmds[i]->name);
		each_option(dz_cmds[i], zsh_option, out);
		dz_strbuf_adds(out, "\t\t\t'*:input:_files'\n\t\t;;\n");
	}
	dz_strbuf_adds(out, "\tesac\n"
			    "}\n"
			    "_distribooze \"$@\"\n");
}

/* ---- fish ---- */

static void fish_condition(const struct dz_cmd *cmd, struct dz_strbuf *out)
{
	if (cmd != dz_cmds[0]) {
		dz_strbuf_addf(out, "complete -c distribooze -n '__fish_seen_subcommand_from %s'", cmd->name);
		return;
	}
	dz_strbuf_adds(out, "complete -c distribooze -n 'not __fish_seen_subcommand_from");
	for (size_t i = 1; dz_cmds[i]; i++)
		dz_strbuf_addf(out, " %s", dz_cmds[i]->name);
	dz_strbuf_adds(out, "'");
}

static void fish_option(const struct dz_cmd *cmd, const struct dz_opt *opt, struct dz_strbuf *out)
{
	fish_condition(cmd, out);
	if (opt->short_name)
		dz_strbuf_addf(out, " -s %c", opt->short_name);
	dz_strbuf_addf(out, " -l %s", opt->long_name);
	if (dz_opt_takes_value(opt))
		dz_strbuf_adds(out, opt->is_file ? " -r -F" : " -x");
	if (opt->choices) {
		dz_strbuf_adds(out, " -a '");
		add_choices(opt, out);
		dz_strbuf_adds(out, "'");
	}
	dz_strbuf_adds(out, " -d '");
	add_summary(opt->help, "\\", out);
	dz_strbuf_adds(out, "'\n");
}

static void add_fish(struct dz_strbuf *out)
{
	dz_strbuf_adds(out, "# fish completion for distribooze\n");
	for (size_t i = 0; dz_cmds[i]; i++) {
		dz_strbuf_addf(out, "complete -c distribooze -n __fish_use_subcommand -a %s -d '", dz_cmds[i]->name);
		add_summary(dz_cmds[i]->summary, "\\", out);
		dz_strbuf_adds(out, "'\n");
	}
	for (size_t i = 0; dz_cmds[i]; i++)
		each_option(dz_cmds[i], fish_option, out);
}

void dz_completion(enum dz_shell shell, struct dz_strbuf *out)
{
	static void (*const writers[DZ_SHELL_COUNT])(struct dz_strbuf *) = { add_bash, add_zsh, add_fish };

	writers[shell](out);
}
