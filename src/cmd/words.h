/* SPDX-License-Identifier: BSD-2-Clause */
/* words.h - the words of a command line: which command they are for, and whether what they name is there. */
#ifndef DISTRIBOOZE_WORDS_H
#define DISTRIBOOZE_WORDS_H

#include "cmd/cmd.h"

/* The command that the words are for; options that mean the same in every command may stand before its name. Moves the
 * name to the front: on return argv[0] is the command's name, or, where flows is implied, still the program's. NULL
 * after saying what is wrong: an option before the command that is to stand behind it. */
const struct dz_cmd *dz_words_command(int *argc, char ***argv);

/* Says that there is no such command, and which one may have been meant; returns DZ_EXIT_USAGE. */
int dz_words_unknown(const char *name);

/* After a command's options were parsed into `options`: with -r the inputs are its files, with -i there are none, and
 * the words that remain are the filter, as with tcpdump; without both the words are the inputs. argv[*first] is then
 * the first input. False after saying that an input does not exist, or what its name was perhaps meant to be. */
bool dz_words_settle(const struct dz_cmd *cmd, void *options, int argc, char **argv, int *first);

#endif
