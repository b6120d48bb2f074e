/* SPDX-License-Identifier: BSD-2-Clause */
/* risk_codes.c - see risk_codes.h. */
#include "config.h"
#include "classify/risk_codes.h"

#include <stddef.h>

/* By nDPI's number: ndpi_risk_enum of 5.0, without its "NDPI_". Names were added and changed since 4.2, numbers stayed,
 * but for two: configure has looked whose they are here. */
static const char *const codes[64] = {
#ifdef NDPI_RISK_ESNI
	[21] = "TLS_SUSPICIOUS_ESNI_USAGE",
#else
	[21] = "MISMATCHING_PROTOCOL_WITH_IP",
#endif
#ifdef NDPI_RISK_FULLY_ENCRYPTED
	[51] = "FULLY_ENCRYPTED",
#else
	[51] = "UNRESOLVED_HOSTNAME",
#endif
	[1] = "URL_POSSIBLE_XSS",
	[2] = "URL_POSSIBLE_SQL_INJECTION",
	[3] = "URL_POSSIBLE_RCE_INJECTION",
	[4] = "BINARY_APPLICATION_TRANSFER",
	[5] = "KNOWN_PROTOCOL_ON_NON_STANDARD_PORT",
	[6] = "TLS_SELFSIGNED_CERTIFICATE",
	[7] = "TLS_OBSOLETE_VERSION",
	[8] = "TLS_WEAK_CIPHER",
	[9] = "TLS_CERTIFICATE_EXPIRED",
	[10] = "TLS_CERTIFICATE_MISMATCH",
	[11] = "HTTP_SUSPICIOUS_USER_AGENT",
	[12] = "NUMERIC_IP_HOST",
	[13] = "HTTP_SUSPICIOUS_URL",
	[14] = "HTTP_SUSPICIOUS_HEADER",
	[15] = "TLS_NOT_CARRYING_HTTPS",
	[16] = "SUSPICIOUS_DGA_DOMAIN",
	[17] = "MALFORMED_PACKET",
	[18] = "SSH_OBSOLETE_CLIENT_VERSION_OR_CIPHER",
	[19] = "SSH_OBSOLETE_SERVER_VERSION_OR_CIPHER",
	[20] = "SMB_INSECURE_VERSION",
	[22] = "UNSAFE_PROTOCOL",
	[23] = "DNS_SUSPICIOUS_TRAFFIC",
	[24] = "TLS_MISSING_SNI",
	[25] = "HTTP_SUSPICIOUS_CONTENT",
	[26] = "RISKY_ASN",
	[27] = "RISKY_DOMAIN",
	[28] = "MALICIOUS_FINGERPRINT",
	[29] = "MALICIOUS_SHA1_CERTIFICATE",
	[30] = "DESKTOP_OR_FILE_SHARING_SESSION",
	[31] = "TLS_UNCOMMON_ALPN",
	[32] = "TLS_CERT_VALIDITY_TOO_LONG",
	[33] = "TLS_SUSPICIOUS_EXTENSION",
	[34] = "TLS_FATAL_ALERT",
	[35] = "SUSPICIOUS_ENTROPY",
	[36] = "CLEAR_TEXT_CREDENTIALS",
	[37] = "DNS_LARGE_PACKET",
	[38] = "DNS_FRAGMENTED",
	[39] = "INVALID_CHARACTERS",
	[40] = "POSSIBLE_EXPLOIT",
	[41] = "TLS_CERTIFICATE_ABOUT_TO_EXPIRE",
	[42] = "PUNYCODE_IDN",
	[43] = "ERROR_CODE_DETECTED",
	[44] = "HTTP_CRAWLER_BOT",
	[45] = "ANONYMOUS_SUBSCRIBER",
	[46] = "UNIDIRECTIONAL_TRAFFIC",
	[47] = "HTTP_OBSOLETE_SERVER",
	[48] = "PERIODIC_FLOW",
	[49] = "MINOR_ISSUES",
	[50] = "TCP_ISSUES",
	[52] = "TLS_ALPN_SNI_MISMATCH",
	[53] = "MALWARE_HOST_CONTACTED",
	[54] = "BINARY_DATA_TRANSFER",
	[55] = "PROBING_ATTEMPT",
	[56] = "OBFUSCATED_TRAFFIC",
	[57] = "RISK_57",
	[58] = "RISK_58",
	[59] = "RISK_59",
	[60] = "RISK_60",
	[61] = "RISK_61",
	[62] = "RISK_62",
	[63] = "RISK_63",
};

const char *dz_risk_code(unsigned risk)
{
	return risk < 64 && codes[risk] ? codes[risk] : "RISK_0"; /* no bit stands for it */
}
