/* text.c - see text.h. */
#include "config.h"
#include "distribooze/text.h"

static const char digit_pairs[201] = "00010203040506070809101112131415161718192021222324"
				     "25262728293031323334353637383940414243444546474849"
				     "50515253545556575859606162636465666768697071727374"
				     "75767778798081828384858687888990919293949596979899";

static inline char *put_below_100(char *at, unsigned value)
{
	if (value < 10) {
		*at = (char)('0' + value);
		return at + 1;
	}
	memcpy(at, digit_pairs + value * 2, 2);
	return at + 2;
}

static inline char *put_two(char *at, unsigned value)
{
	memcpy(at, digit_pairs + value * 2, 2);
	return at + 2;
}

char *dz_text_u64(char *at, uint64_t value)
{
	char digits[DZ_TEXT_U64], *first = digits + sizeof digits;
	size_t size;

	if (value < 100)
		return put_below_100(at, (unsigned)value);
	if (value < 10000)
		return put_two(put_below_100(at, (unsigned)value / 100), (unsigned)value % 100);
	while (value >= 100) {
		first -= 2;
		memcpy(first, digit_pairs + value % 100 * 2, 2);
		value /= 100;
	}
	size = (size_t)(digits + sizeof digits - first);
	at = put_below_100(at, (unsigned)value);
	memcpy(at, first, size);
	return at + size;
}

uint32_t dz_text_hundredths(uint64_t part, uint64_t whole)
{
	if (whole == 0)
		return 0;
	if (whole <= UINT64_MAX / 20001)
		return (uint32_t)((part * 20000 + whole) / (whole * 2));
	return (uint32_t)(((unsigned __int128)part * 20000 + whole) / ((unsigned __int128)whole * 2));
}

char *dz_text_percent(char *at, uint32_t hundredths)
{
	uint32_t fraction = hundredths % 100;

	at = dz_text_u64(at, hundredths / 100);
	if (fraction == 0)
		return at;
	*at++ = '.';
	put_two(at, fraction);
	return at + (fraction % 10 ? 2 : 1);
}

enum { DAYS_400Y = 146097, DAYS_100Y = 36524, DAYS_4Y = 1461, DAYS_0000_TO_1970 = 719468 };

/* The proleptic Gregorian date of a day, counted from 1970-01-01. Years are taken to begin in March, so that the
 * leap day is the last day of a year and a month's first day follows from its number alone. */
static void date_of_day(uint64_t day, unsigned *year, unsigned *month, unsigned *day_of_month)
{
	uint64_t n = day + DAYS_0000_TO_1970; /* days since 0000-03-01 */
	unsigned cycle = (unsigned)(n / DAYS_400Y), d = (unsigned)(n % DAYS_400Y);
	unsigned y = (d - d / (DAYS_4Y - 1) + d / DAYS_100Y - d / (DAYS_400Y - 1)) / 365;
	unsigned day_of_year = d - (365 * y + y / 4 - y / 100);
	unsigned m = (5 * day_of_year + 2) / 153; /* 0 is March */

	*day_of_month = day_of_year - (153 * m + 2) / 5 + 1;
	*month = m < 10 ? m + 3 : m - 9;
	*year = cycle * 400 + y + (*month <= 2);
}

static uint64_t day_of_date(unsigned year, unsigned month, unsigned day_of_month)
{
	unsigned y = year - (month <= 2), m = month > 2 ? month - 3 : month + 9;
	return (uint64_t)y * 365 + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day_of_month - 1 - DAYS_0000_TO_1970;
}

char *dz_text_time(char *at, uint64_t ns)
{
	uint64_t seconds = ns / 1000000000;
	unsigned micros = (unsigned)(ns % 1000000000 / 1000), second_of_day = (unsigned)(seconds % 86400);
	unsigned year, month, day;

	date_of_day(seconds / 86400, &year, &month, &day);
	at = put_two(at, year / 100);
	at = put_two(at, year % 100);
	*at++ = '-';
	at = put_two(at, month);
	*at++ = '-';
	at = put_two(at, day);
	*at++ = 'T';
	at = put_two(at, second_of_day / 3600);
	*at++ = ':';
	at = put_two(at, second_of_day / 60 % 60);
	*at++ = ':';
	at = put_two(at, second_of_day % 60);
	*at++ = '.';
	at = put_two(at, micros / 10000);
	at = put_two(at, micros / 100 % 100);
	at = put_two(at, micros % 100);
	*at++ = 'Z';
	return at;
}

/* Reads `count` digits and the byte after them; returns where that byte ends, or NULL. */
static const char *read_digits(const char *text, unsigned count, char after, unsigned *value)
{
	*value = 0;
	for (unsigned i = 0; i < count; i++, text++) {
		if (*text < '0' || *text > '9')
			return NULL;
		*value = *value * 10 + (unsigned)(*text - '0');
	}
	return *text == after ? text + 1 : NULL;
}

static const char *read_fraction(const char *text, unsigned *ns)
{
	unsigned scale = 100000000;

	*ns = 0;
	for (; *text >= '0' && *text <= '9'; text++, scale /= 10) {
		if (scale == 0)
			return NULL;
		*ns += (unsigned)(*text - '0') * scale;
	}
	return *text == 'Z' ? text + 1 : NULL;
}

bool dz_text_parse_time(const char *text, uint64_t *ns)
{
	static const unsigned char month_days[12] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	unsigned year, month, day, hour, minute, second, fraction;
	bool leap;

	if (!(text = read_digits(text, 4, '-', &year)) || !(text = read_digits(text, 2, '-', &month)) ||
	    !(text = read_digits(text, 2, 'T', &day)) || !(text = read_digits(text, 2, ':', &hour)) ||
	    !(text = read_digits(text, 2, ':', &minute)))
		return false;
	if (strlen(text) > 2 && text[2] == '.') {
		if (!(text = read_digits(text, 2, '.', &second)) || !(text = read_fraction(text, &fraction)))
			return false;
	} else if ((text = read_digits(text, 2, 'Z', &second))) {
		fraction = 0;
	} else {
		return false;
	}
	leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
	/* 2^64 ns end in July 2554. */
	if (*text || year < 1970 || year > 2553 || month < 1 || month > 12 || day < 1 || day > month_days[month - 1] ||
	    (month == 2 && day == 29 && !leap) || hour > 23 || minute > 59 || second > 59)
		return false;
	*ns = ((day_of_date(year, month, day) * 24 + hour) * 60 + minute) * 60 + second;
	*ns = *ns * 1000000000 + fraction;
	return true;
}

char *dz_text_hex(char *at, const uint8_t *bytes, size_t size)
{
	static const char digits[] = "0123456789abcdef";
	for (size_t i = 0; i < size; i++) {
		*at++ = digits[bytes[i] >> 4];
		*at++ = digits[bytes[i] & 15];
	}
	return at;
}

/* ---- UTF-8 ---- */

#define EVERY_BYTE(b) (0x0101010101010101u * (uint64_t)(b))

uint32_t dz_text_next(const char **at, const char *end)
{
	const uint8_t *p = (const uint8_t *)*at, *stop = (const uint8_t *)end;
	uint8_t lead = *p++, low = 0x80, high = 0xbf;
	unsigned more;
	uint32_t character;

	*at = (const char *)p;
	if (lead < 0x80)
		return lead;
	if (lead < 0xc2 || lead > 0xf4)
		return DZ_TEXT_REPLACEMENT;
	more = lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
	character = lead & (0x3fu >> more);
	if (lead == 0xe0)
		low = 0xa0; /* else too long a form */
	else if (lead == 0xed)
		high = 0x9f; /* else a surrogate */
	else if (lead == 0xf0)
		low = 0x90; /* else too long a form */
	else if (lead == 0xf4)
		high = 0x8f; /* else past U+10FFFF */
	for (; more > 0; more--, p++) {
		if (p == stop || *p < low || *p > high)
			return DZ_TEXT_REPLACEMENT;
		character = character << 6 | (*p & 0x3f);
		*at = (const char *)(p + 1);
		low = 0x80;
		high = 0xbf;
	}
	return character;
}

bool dz_text_is_utf8(const char *text, size_t size)
{
	const char *end = text + size;
	uint64_t eight;

	while (text < end) {
		const char *start = text;
		if (end - text >= 8 && (memcpy(&eight, text, 8), !(eight & EVERY_BYTE(0x80))))
			text += 8;
		else if (dz_text_next(&text, end) == DZ_TEXT_REPLACEMENT &&
			 (text - start != 3 || memcmp(start, "\xef\xbf\xbd", 3) != 0)) /* it may stand there as itself */
			return false;
	}
	return true;
}

char *dz_text_character(char *at, uint32_t character)
{
	if (character < 0x80) {
		*at++ = (char)character;
		return at;
	}
	if (character < 0x800) {
		*at++ = (char)(0xc0 | character >> 6);
	} else {
		if (character < 0x10000) {
			*at++ = (char)(0xe0 | character >> 12);
		} else {
			*at++ = (char)(0xf0 | character >> 18);
			*at++ = (char)(0x80 | (character >> 12 & 0x3f));
		}
		*at++ = (char)(0x80 | (character >> 6 & 0x3f));
	}
	*at++ = (char)(0x80 | (character & 0x3f));
	return at;
}

struct range {
	uint32_t first, last;
};

static bool in_ranges(const struct range *ranges, size_t count, uint32_t character)
{
	for (size_t i = 0; i < count && ranges[i].first <= character; i++)
		if (character <= ranges[i].last)
			return true;
	return false;
}
#define IN_RANGES(ranges, character) in_ranges(ranges, sizeof(ranges) / sizeof *(ranges), character)

unsigned dz_text_columns(uint32_t character)
{
	/* Unicode 15: the larger blocks of combining marks, and of East Asian Width W and F. */
	static const struct range none[] = { { 0x300, 0x36f },	 { 0x483, 0x489 },   { 0x591, 0x5bd },
					     { 0x610, 0x61a },	 { 0x64b, 0x65f },   { 0x1ab0, 0x1aff },
					     { 0x1dc0, 0x1dff }, { 0x200b, 0x200d }, { 0x20d0, 0x20ff },
					     { 0xfe00, 0xfe0f }, { 0xfe20, 0xfe2f } };
	static const struct range wide[] = { { 0x1100, 0x115f },   { 0x2e80, 0x303e },   { 0x3041, 0x33ff },
					     { 0x3400, 0x4dbf },   { 0x4e00, 0xa4cf },   { 0xa960, 0xa97f },
					     { 0xac00, 0xd7a3 },   { 0xf900, 0xfaff },   { 0xfe30, 0xfe6f },
					     { 0xff00, 0xff60 },   { 0xffe0, 0xffe6 },   { 0x1f300, 0x1f64f },
					     { 0x1f680, 0x1f6ff }, { 0x1f900, 0x1f9ff }, { 0x20000, 0x3fffd } };

	if (character < 0x300)
		return 1;
	if (IN_RANGES(none, character))
		return 0;
	return IN_RANGES(wide, character) ? 2 : 1;
}

bool dz_text_is_harmless(uint32_t character)
{
	/* C0 and C1 control characters; marks, overrides and isolates of direction; line and paragraph separators;
	 * invisible operators; the byte order mark; tags. */
	static const struct range harmful[] = { { 0, 0x1f },	    { 0x7f, 0x9f },	{ 0xad, 0xad },
						{ 0x61c, 0x61c },   { 0x200b, 0x200f }, { 0x2028, 0x202e },
						{ 0x2060, 0x206f }, { 0xfeff, 0xfeff }, { 0xfff9, 0xfffb },
						{ 0xe0000, 0xe0fff } };

	return !IN_RANGES(harmful, character);
}

/* ---- vectors ---- */

#define CHUNK 48 /* bytes that put_zeros() may write more than it returns */

/* "0," as often as asked. */
static inline char *put_zeros(char *at, size_t count)
{
	static const char zeros[CHUNK + 1] = "0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,";

	for (; count > CHUNK / 2; count -= CHUNK / 2, at += CHUNK)
		memcpy(at, zeros, CHUNK);
	memcpy(at, zeros, CHUNK);
	return at + count * 2;
}

/* Which of up to 64 numbers are not zero. */
static inline uint64_t find_filled(const uint64_t *counts, size_t size)
{
	uint64_t filled = 0;
	size_t i = 0;

	for (; i + 4 <= size; i += 4) { /* without a loop the shifts are constants */
		unsigned four = (unsigned)(counts[i] != 0) | (unsigned)(counts[i + 1] != 0) << 1 |
				(unsigned)(counts[i + 2] != 0) << 2 | (unsigned)(counts[i + 3] != 0) << 3;
		filled |= (uint64_t)four << i;
	}
	for (; i < size; i++)
		filled |= (uint64_t)(counts[i] != 0) << i;
	return filled;
}

/* Most bins are empty, so the zeros between two that are not are written at once; `put` writes one number. Both
 * callers get a copy of this loop with their own `put` in it. */
static inline __attribute__((always_inline)) void add_vector(struct dz_strbuf *out, const uint64_t *counts, size_t size,
							     uint64_t whole,
							     char *(*put)(char *at, uint64_t count, uint64_t whole))
{
	char *start = dz_text_room(out, size * (DZ_TEXT_U64 + 1) + CHUNK), *at = start;
	size_t next = 0; /* the first number that is not written yet */

	for (size_t block = 0; block < size; block += 64) {
		uint64_t filled = find_filled(counts + block, size - block < 64 ? size - block : 64);
		for (; filled; filled &= filled - 1) {
			size_t i = block + (size_t)__builtin_ctzll(filled);
			at = put(put_zeros(at, i - next), counts[i], whole);
			*at++ = ',';
			next = i + 1;
		}
	}
	at = put_zeros(at, size - next);
	out->size += (size_t)(at - start) - (size > 0); /* without the last comma */
}

static inline char *put_count(char *at, uint64_t count, uint64_t whole)
{
	(void)whole;
	return dz_text_u64(at, count);
}

static inline char *put_share(char *at, uint64_t count, uint64_t whole)
{
	return dz_text_percent(at, dz_text_hundredths(count, whole));
}

void dz_text_add_counts(struct dz_strbuf *out, const uint64_t *counts, size_t size)
{
	add_vector(out, counts, size, 0, put_count);
}

void dz_text_add_percents(struct dz_strbuf *out, const uint64_t *counts, size_t size, uint64_t whole)
{
	add_vector(out, counts, size, whole, put_share);
}

/* ---- JSON strings ---- */

/* Whether none of eight bytes is a quote, a backslash, DEL, below a space or above ASCII. A byte that borrows can
 * only make a clean neighbour look unclean, which costs time, not truth. */
static inline bool eight_are_plain(uint64_t v)
{
	uint64_t quote = v ^ EVERY_BYTE('"'), backslash = v ^ EVERY_BYTE('\\'), del = v ^ EVERY_BYTE(0x7f);
	uint64_t marks = v | (v - EVERY_BYTE(0x20)) | (quote - EVERY_BYTE(1)) | (backslash - EVERY_BYTE(1)) |
			 (del - EVERY_BYTE(1));
	return !(marks & EVERY_BYTE(0x80));
}

static inline bool is_plain(uint8_t c)
{
	return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

/* The escapes of jq: the five letters, \u00xx for what else is below a space and for DEL. */
static char *escape(char *at, uint32_t character)
{
	static const char digits[] = "0123456789abcdef";
	const char *letter;

	if (character >= 0x80)
		return dz_text_character(at, character);
	*at++ = '\\';
	switch (character) {
	case '"': letter = "\""; break;
	case '\\': letter = "\\"; break;
	case '\b': letter = "b"; break;
	case '\f': letter = "f"; break;
	case '\n': letter = "n"; break;
	case '\r': letter = "r"; break;
	case '\t': letter = "t"; break;
	default:
		memcpy(at, "u00", 3);
		at[3] = digits[character >> 4];
		at[4] = digits[character & 15];
		return at + 5;
	}
	*at++ = *letter;
	return at;
}

void dz_text_add_json(struct dz_strbuf *out, const char *text)
{
	size_t size = strlen(text);
	const char *end = text + size;
	char *start = dz_text_room(out, size * 6 + 2), *at = start; /* the longest escape has six bytes */
	uint64_t eight;

	*at++ = '"';
	while (text < end) {
		if (end - text >= 8) {
			memcpy(&eight, text, 8);
			if (eight_are_plain(eight)) {
				memcpy(at, &eight, 8);
				at += 8;
				text += 8;
				continue;
			}
		}
		if (is_plain((uint8_t)*text))
			*at++ = *text++;
		else
			at = escape(at, dz_text_next(&text, end));
	}
	*at++ = '"';
	out->size += (size_t)(at - start);
}
