/* SPDX-License-Identifier: BSD-2-Clause */
/* report_html.c - the page of a report: the files of share/report and the data, put together so that nothing in the
 * data can be taken for markup or script. */
#include "config.h"
#include "report/report_internal.h"

#include <nettle/base64.h>
#include <nettle/sha2.h>

/* Appends JSON as the content of a script element: no '<' that could end it, no '&' for readers of XML, no line ends
 * that old scripts do not allow. All of these can only occur inside strings, where an escape means the same. */
static void add_json(struct dz_strbuf *out, const char *json, size_t size)
{
	size_t from = 0;

	for (size_t i = 0; i < size; i++) {
		unsigned char byte = (unsigned char)json[i];
		bool line_end = byte == 0xe2 && i + 2 < size && (unsigned char)json[i + 1] == 0x80 &&
				((unsigned char)json[i + 2] == 0xa8 || (unsigned char)json[i + 2] == 0xa9);
		if (byte != '<' && byte != '>' && byte != '&' && !line_end)
			continue;
		dz_strbuf_add(out, json + from, i - from);
		if (line_end) {
			dz_strbuf_adds(out, (unsigned char)json[i + 2] == 0xa8 ? "\\u2028" : "\\u2029");
			i += 2;
		} else {
			dz_strbuf_addf(out, "\\u%04x", byte);
		}
		from = i + 1;
	}
	dz_strbuf_add(out, json + from, size - from);
}

/* A source expression of Content Security Policy: what has this hash may run, nothing else. */
static void add_hash(struct dz_strbuf *out, const struct report_asset *asset)
{
	uint8_t digest[SHA256_DIGEST_SIZE];
	char text[BASE64_ENCODE_RAW_LENGTH(SHA256_DIGEST_SIZE) + 1];
	struct sha256_ctx context;

	sha256_init(&context);
	sha256_update(&context, asset->size, asset->bytes);
	sha256_digest(&context, sizeof digest, digest);
	base64_encode_raw(text, sizeof digest, digest);
	text[sizeof text - 1] = '\0';
	dz_strbuf_addf(out, "'sha256-%s'", text);
}

static void add_policy(struct dz_strbuf *out)
{
	dz_strbuf_adds(out, "default-src 'none'; base-uri 'none'; form-action 'none'; script-src ");
	add_hash(out, &dz_report_script);
	dz_strbuf_adds(out, "; style-src ");
	add_hash(out, &dz_report_style);
}

static void add_asset(struct dz_strbuf *out, const struct report_asset *asset)
{
	dz_strbuf_add(out, asset->bytes, asset->size);
}

void dz_report_html(const struct dz_report *report, const struct dz_report_account *account, struct dz_strbuf *out)
{
	const char *at = (const char *)dz_report_page.bytes, *end = at + dz_report_page.size, *mark;
	struct dz_strbuf json;

	dz_strbuf_init(&json);
	dz_report_data(report, account, &json);
	/* The page is the template with a letter between two at signs where something goes. */
	while ((mark = memchr(at, '@', (size_t)(end - at))) && end - mark > 2) {
		dz_strbuf_add(out, at, (size_t)(mark - at));
		at = mark + 3;
		if (mark[2] != '@') {
			dz_strbuf_addc(out, '@');
			at = mark + 1;
		} else if (mark[1] == 'P') {
			add_policy(out);
		} else if (mark[1] == 'S') {
			add_asset(out, &dz_report_style);
		} else if (mark[1] == 'J') {
			add_asset(out, &dz_report_script);
		} else if (mark[1] == 'D') {
			add_json(out, json.data, json.size);
		}
	}
	dz_strbuf_add(out, at, (size_t)(end - at));
	dz_strbuf_release(&json);
}
