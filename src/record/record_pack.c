/* SPDX-License-Identifier: BSD-2-Clause */
/* record_pack.c - see record_pack.h.
 *
 * A head, with record and label as they are; then the vectors that there are; then the texts that there are, each
 * behind the number of the pointer that it belongs to. */
#include "config.h"
#include "record/record_pack.h"

#include <stddef.h>

struct head {
	size_t size; /* of all, with the padding at its end */
	struct dz_record record;
	struct dz_label label;
	unsigned risk_count;
	unsigned texts;
	uint16_t http_status;
	bool has_detail, dns;
};

/* The pointers to texts, numbered through: first those of the record, then of its label in words. */
static const size_t in_record[] = {
	offsetof(struct dz_record, input),
	offsetof(struct dz_record, observer),
	offsetof(struct dz_record, interface),
};
static const size_t in_text[] = {
	offsetof(struct dz_label_text, application),      offsetof(struct dz_label_text, protocol),
	offsetof(struct dz_label_text, network_protocol), offsetof(struct dz_label_text, network_application),
	offsetof(struct dz_label_text, category),         offsetof(struct dz_label_text, breed),
	offsetof(struct dz_label_text, confidence),       offsetof(struct dz_label_text, version),
};
#define COUNT(array) (sizeof(array) / sizeof *(array))
enum {
	TEXT = COUNT(in_record),
	DETAIL = TEXT + COUNT(in_text),
	RISKS = DETAIL + DZ_LABEL_STRINGS,
	RISK_CODES = RISKS + DZ_LABEL_RISKS,
	NUMBERS = RISK_CODES + DZ_LABEL_RISKS
};
_Static_assert(NUMBERS <= UINT8_MAX, "the number of a pointer to a text is a byte");

static const char **pointer_at(void *base, size_t offset)
{
	return (const char **)(void *)((char *)base + offset);
}

static const char **pointer(struct dz_record_unpacked *unpacked, unsigned number)
{
	if (number >= RISK_CODES)
		return &unpacked->text.risk_codes[number - RISK_CODES];
	if (number >= RISKS)
		return &unpacked->text.risks[number - RISKS];
	if (number >= DETAIL)
		return &unpacked->detail.strings[number - DETAIL];
	if (number >= TEXT)
		return pointer_at(&unpacked->text, in_text[number - TEXT]);
	return pointer_at(&unpacked->record, in_record[number]);
}

/* ---- packing ---- */

static void add_counts(struct dz_strbuf *out, const struct dz_counts *counts, size_t bins)
{
	if (counts->bins)
		dz_strbuf_add(out, counts->bins, bins * sizeof *counts->bins);
}

static unsigned add_text(struct dz_strbuf *out, unsigned number, const char *text)
{
	if (!text)
		return 0;
	dz_strbuf_addc(out, (char)number);
	dz_strbuf_add(out, text, strlen(text) + 1);
	return 1;
}

static unsigned add_members(struct dz_strbuf *out, unsigned number, const void *base, const size_t *offsets,
			    size_t count)
{
	unsigned added = 0;

	for (size_t i = 0; i < count; i++)
		added += add_text(out, number + (unsigned)i,
				  *(const char *const *)(const void *)((const char *)base + offsets[i]));
	return added;
}

static unsigned add_list(struct dz_strbuf *out, unsigned number, const char *const *texts, size_t count)
{
	unsigned added = 0;

	for (size_t i = 0; i < count; i++)
		added += add_text(out, number + (unsigned)i, texts[i]);
	return added;
}

static unsigned add_texts(struct dz_strbuf *out, const struct dz_record *record)
{
	const struct dz_label_text *text = record->text;
	unsigned added = add_members(out, 0, record, in_record, COUNT(in_record)) +
			 add_members(out, TEXT, text, in_text, COUNT(in_text)) +
			 add_list(out, RISKS, text->risks, text->risk_count) +
			 add_list(out, RISK_CODES, text->risk_codes, text->risk_count);

	if (record->detail)
		added += add_list(out, DETAIL, record->detail->strings, DZ_LABEL_STRINGS);
	return added;
}

void dz_record_pack(const struct dz_record *record, struct dz_strbuf *out)
{
	static const char padding[DZ_RECORD_PACK_ALIGN];
	struct head head = { .record = *record,
			     .label = *record->label,
			     .risk_count = record->text->risk_count,
			     .has_detail = record->detail,
			     .http_status = record->detail ? record->detail->http_status : 0,
			     .dns = record->detail && record->detail->dns };
	size_t start = out->size;

	dz_strbuf_add(out, &head, sizeof head);
	for (unsigned i = 0; i < 2; i++)
		add_counts(out, &record->side[i].lengths, record->shape.bins);
	add_counts(out, &record->lengths, record->shape.bins);
	head.texts = add_texts(out, record);
	dz_strbuf_add(out, padding, (0 - out->size) % DZ_RECORD_PACK_ALIGN);
	head.size = out->size - start;
	memcpy(out->data + start, &head, sizeof head);
}

/* ---- unpacking ---- */

static const char *take_counts(const char *bytes, struct dz_counts *counts, size_t bins)
{
	if (!counts->bins)
		return bytes;
	counts->bins = (const uint64_t *)(const void *)bytes;
	return bytes + bins * sizeof *counts->bins;
}

size_t dz_record_unpack(const char *bytes, struct dz_record_unpacked *unpacked)
{
	const struct head *head = (const struct head *)(const void *)bytes;
	struct dz_record *record = &unpacked->record;
	const char *at = bytes + sizeof *head;

	*unpacked = (struct dz_record_unpacked){ .record = head->record,
						 .label = head->label,
						 .text.risk_count = head->risk_count,
						 .detail = { .http_status = head->http_status, .dns = head->dns } };
	unpacked->label.packed = NULL;
	record->label = &unpacked->label;
	record->text = &unpacked->text;
	record->detail = head->has_detail ? &unpacked->detail : NULL;
	record->input = record->observer = record->interface = NULL;
	for (unsigned i = 0; i < 2; i++)
		at = take_counts(at, &record->side[i].lengths, record->shape.bins);
	at = take_counts(at, &record->lengths, record->shape.bins);
	for (unsigned i = 0; i < head->texts; i++) {
		*pointer(unpacked, (uint8_t)*at) = at + 1;
		at += strlen(at + 1) + 2;
	}
	return head->size;
}
