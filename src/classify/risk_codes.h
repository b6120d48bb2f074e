/* SPDX-License-Identifier: BSD-2-Clause */
/* risk_codes.h - names of nDPI's risks that stay the same, whichever release is linked.
 *
 * Private to src/classify. nDPI's own words for half of them changed between 4.2 and 4.6. */
#ifndef DISTRIBOOZE_RISK_CODES_H
#define DISTRIBOOZE_RISK_CODES_H

/* The code of a risk by its number (below 64), such as "TLS_MISSING_SNI"; "RISK_57" of one that came later. */
const char *dz_risk_code(unsigned risk);

#endif
