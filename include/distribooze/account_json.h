/* account_json.h - the accounting record of a run as one JSON object. docs/RECORD.md describes it. */
#ifndef DISTRIBOOZE_ACCOUNT_JSON_H
#define DISTRIBOOZE_ACCOUNT_JSON_H

#include "distribooze/engine.h"
#include "distribooze/strbuf.h"

/* Appends the object and a newline. */
void dz_account_json(const struct dz_account *account, const struct dz_inputs *inputs, struct dz_strbuf *out);

#endif
