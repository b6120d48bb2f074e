/* SPDX-License-Identifier: BSD-2-Clause */
/* contrast_options.c - see contrast_options.h. */
#include "config.h"
#include "cmd/contrast_options.h"

#include "base/log.h"

enum { DEFAULT_PERMUTATIONS = 999, DEFAULT_LITTLE = 60 };
#define NOT_GIVEN UINT64_MAX

void dz_contrast_command_init(struct dz_contrast_command *command)
{
	*command = (struct dz_contrast_command){ .permutations = NOT_GIVEN, .seed = 1, .little = DEFAULT_LITTLE };
}

/* Whether groups are tested: by default wherever it can be done. */
static bool is_tested(const struct dz_contrast_command *command, enum dz_metric metric)
{
	return !command->pooled && command->permutations && dz_contrast_fit(metric) != DZ_CONTRAST_UNFIT;
}

bool dz_contrast_command_contradiction(const struct dz_contrast_command *command, enum dz_metric metric)
{
	if (command->permutations == NOT_GIVEN || !command->permutations)
		return false;
	if (command->pooled)
		dz_log_error(
			"--permutations tests flows: it does not go with --pooled, which takes their packets together");
	else if (!is_tested(command, metric))
		dz_log_error(
			"--permutations: with --distance %s groups that differ can look alike to the test; hellinger, "
			"jensen-shannon, euclidean and wasserstein have one",
			dz_metric_name(metric));
	return command->pooled || !is_tested(command, metric);
}

struct dz_contrast_options dz_contrast_command_options(const struct dz_contrast_command *command, enum dz_metric metric)
{
	uint64_t permutations = command->permutations == NOT_GIVEN ? DEFAULT_PERMUTATIONS : command->permutations;

	return (struct dz_contrast_options){ .metric = metric,
					     .rule = command->sessions,
					     .permutations = is_tested(command, metric) ? (uint32_t)permutations : 0,
					     .little = command->little / 100,
					     .alike = command->alike / 100,
					     .seed = command->seed };
}

static bool parse_sessions(void *target, const char *value, struct dz_err *err)
{
	return dz_session_rule_parse(value, target, err);
}

#define AT(member) offsetof(struct dz_contrast_command, member)

const struct dz_opt dz_contrast_options[] = {
	DZ_HEADING("Whether they differ"),
	DZ_UINT(0, "permutations", "N",
		"test each pair of groups by N random splits of their sessions, or all splits where there are no more, "
		"with "
		"Holm's correction (default 999; 0 for no test)",
		AT(permutations), 0, DZ_CONTRAST_MOST),
	DZ_CALL(0, "sessions", "RULE",
		"which flows belong together and are no independent evidence: those of one host that begin within a "
		"time, "
		"such as 10s, of the one before; host; input; none; auto (default) tries 1, 3, 10, 30 and 60 s and "
		"host, as far as sessions are enough, and takes the largest p",
		AT(sessions), parse_sessions),
	DZ_REAL(0, "little", "PERCENT",
		"groups that differ but are told apart less often differ by little (default 60)", AT(little), 50, 100),
	DZ_REAL(0, "alike", "PERCENT",
		"call groups alike that are not shown to differ and are told apart at most so often", AT(alike), 50,
		100),
	DZ_UINT(0, "seed", "N", "of the random splits and samples (default 1)", AT(seed), 0, 1e18),
	DZ_END,
};
