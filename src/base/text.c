/* SPDX-License-Identifier: BSD-2-Clause */
/* text.c - see text.h. */
#include "config.h"
#include "base/text.h"

#include "base/wide.h"

static const char digit_pairs[208] = "00010203040506070809101112131415161718192021222324"
				     "25262728293031323334353637383940414243444546474849"
				     "50515253545556575859606162636465666768697071727374"
				     "75767778798081828384858687888990919293949596979899"
				     "100";

/* 0 to 100, without a branch on the number of digits; the bytes behind them are overwritten up to the fourth. */
static inline char *put_to_100(char *at, unsigned value)
{
	unsigned two = value >= 10, three = value >= 100;

	memcpy(at, digit_pairs + value * 2 + !two, 4);
	return at + 1 + two + three;
}

static inline char *put_two(char *at, unsigned value)
{
	memcpy(at, digit_pairs + value * 2, 2);
	return at + 2;
}

static inline char *put_u64(char *at, uint64_t value)
{
	unsigned last;

	if (value <= 100)
		return put_to_100(at, (unsigned)value);
	if (value < 10000)
		return put_two(put_to_100(at, (unsigned)value / 100), (unsigned)value % 100);
	last = (unsigned)(value % 10000);
	return put_two(put_two(dz_text_u64(at, value / 10000), last / 100), last % 100);
}

char *dz_text_u64(char *at, uint64_t value)
{
	return put_u64(at, value);
}

uint32_t dz_text_hundredths(uint64_t part, uint64_t whole)
{
	if (whole == 0)
		return 0;
	if (whole <= UINT64_MAX / 20001)
		return (uint32_t)((part * 20000 + whole) / (whole * 2));
	/* Rounded down, x / (2 * whole) is half of x / whole, and twice the whole may be too large. */
	dz_wide x = dz_wide_add(dz_wide_product(part, 20000), dz_wide_of(whole));
	return (uint32_t)(dz_wide_low(dz_wide_divide(x, whole, NULL)) / 2);
}

/* Two decimals as they are printed after a number, without trailing zeros, and how many bytes that are. */
#define NINE(d)                                                                                                        \
	"." d "1\3", "." d "2\3", "." d "3\3", "." d "4\3", "." d "5\3", "." d "6\3", "." d "7\3", "." d "8\3",        \
		"." d "9\3"
static const char fractions[100][5] = { "\0\0\0\0", NINE("0"), ".1\0\2",  NINE("1"), ".2\0\2",  NINE("2"), ".3\0\2",
					NINE("3"),  ".4\0\2",  NINE("4"), ".5\0\2",  NINE("5"), ".6\0\2",  NINE("6"),
					".7\0\2",   NINE("7"), ".8\0\2",  NINE("8"), ".9\0\2",  NINE("9") };
#undef NINE

static inline char *put_percent(char *at, uint32_t hundredths)
{
	const char *fraction = fractions[hundredths % 100];

	at = put_u64(at, hundredths / 100);
	memcpy(at, fraction, 4);
	return at + (unsigned char)fraction[3];
}

char *dz_text_percent(char *at, uint32_t hundredths)
{
	return put_percent(at, hundredths);
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
	uint64_t eight, many[4];

	while (text < end) {
		const char *start = text;
		if (end - text >= 32 &&
		    (memcpy(many, text, 32), !((many[0] | many[1] | many[2] | many[3]) & EVERY_BYTE(0x80))))
			text += 32;
		else if (end - text >= 8 && (memcpy(&eight, text, 8), !(eight & EVERY_BYTE(0x80))))
			text += 8;
		else if (dz_text_next(&text, end) == DZ_TEXT_REPLACEMENT &&
			 (text - start != 3 ||
			  memcmp(start, "\xef\xbf\xbd", 3) != 0)) /* it may stand there as itself */
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
	static const struct range none[] = { { 0x300, 0x36f },   { 0x483, 0x489 },   { 0x591, 0x5bd },
					     { 0x610, 0x61a },   { 0x64b, 0x65f },   { 0x1ab0, 0x1aff },
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

bool dz_text_is_printable(uint32_t character)
{
	/* C0 and C1 control characters; marks, overrides and isolates of direction; line and paragraph separators;
	 * invisible operators; the byte order mark; tags. */
	static const struct range harmful[] = { { 0, 0x1f },         { 0x7f, 0x9f },     { 0xad, 0xad },
						{ 0x61c, 0x61c },    { 0x200b, 0x200f }, { 0x2028, 0x202e },
						{ 0x2060, 0x206f },  { 0xfeff, 0xfeff }, { 0xfff9, 0xfffb },
						{ 0xe0000, 0xe0fff } };

	return !IN_RANGES(harmful, character);
}

static void add_escape(struct dz_strbuf *out, unsigned char byte)
{
	static const char letters[] = "abtnvfr"; /* from 7 on */

	if (byte >= 7 && byte < 7 + sizeof letters - 1)
		dz_strbuf_addf(out, "\\%c", letters[byte - 7]);
	else
		dz_strbuf_addf(out, "\\%03o", byte);
}

void dz_text_add_escaped(struct dz_strbuf *out, const char *text)
{
	const char *end = text + strlen(text);

	while (text < end) {
		const char *start = text;
		uint32_t character = dz_text_next(&text, end);
		bool good = dz_text_is_printable(character) && dz_text_is_utf8(start, (size_t)(text - start));
		if (good)
			dz_strbuf_add(out, start, (size_t)(text - start));
		for (; !good && start < text; start++)
			add_escape(out, (unsigned char)*start);
	}
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

/* Which of up to 64 numbers are not zero. Four rows of bits grow side by side, as each step of a row waits for the step
 * before it. */
static inline uint64_t find_filled(const uint64_t *numbers, size_t size)
{
	size_t quarter = size / 4;
	uint64_t a = 0, b = 0, c = 0, d = 0;

	for (size_t i = size; i > quarter * 4; i--)
		d = d + d + (numbers[i - 1] != 0);
	for (size_t i = quarter; i-- > 0;) {
		a = a + a + (numbers[i] != 0);
		b = b + b + (numbers[i + quarter] != 0);
		c = c + c + (numbers[i + quarter * 2] != 0);
		d = d + d + (numbers[i + quarter * 3] != 0);
	}
	return a | b << quarter | c << quarter * 2 | d << quarter * 3;
}

void dz_text_vector_init(struct dz_text_vector *vector, const uint64_t *numbers, size_t size)
{
	vector->numbers = numbers;
	vector->size = size;
	for (size_t i = 0; i < size; i += 64)
		vector->filled[i / 64] = find_filled(numbers + i, size - i < 64 ? size - i : 64);
}

/* What shares are shares of. A multiplication takes the place of a division for each: inverse is (2^64 + e) / d with
 * d = 2 * count and an e below d, so n * inverse / 2^64 is n / d and n * e / (d * 2^64) more. That is less than the 1 /
 * d by which n / d misses the next whole number at least, if n * e < 2^64; and as n is at most 20001 * count, it is for
 * all counts up to 2^24. */
struct whole {
	uint64_t count;
	uint64_t inverse; /* 0: divide */
};

static struct whole whole_of(uint64_t count)
{
	return (struct whole){ count, count > 0 && count <= 1 << 24 ? UINT64_MAX / (count * 2) + 1 : 0 };
}

static inline char *put_share(char *at, uint64_t part, const struct whole *whole)
{
	if (!whole->inverse)
		return put_percent(at, dz_text_hundredths(part, whole->count));
	return put_percent(at, (uint32_t)dz_wide_high(dz_wide_product(part * 20000 + whole->count, whole->inverse)));
}

static inline char *put_count(char *at, uint64_t count, const struct whole *whole)
{
	(void)whole;
	return put_u64(at, count);
}

/* Most bins are empty, so the zeros between two that are not are written at once; `put` writes one number. Both
 * callers get a copy of this loop with their own `put` in it. */
static inline __attribute__((always_inline)) char *
put_vector(char *at, const struct dz_text_vector *vector, const struct whole *whole,
	   char *(*put)(char *at, uint64_t number, const struct whole *whole))
{
	size_t next = 0; /* the first number that is not written yet */

	if (vector->size == 0)
		return at;
	for (size_t block = 0; block < vector->size; block += 64) {
		for (uint64_t filled = vector->filled[block / 64]; filled; filled &= filled - 1) {
			size_t i = block + (size_t)__builtin_ctzll(filled);
			at = put(put_zeros(at, i - next), vector->numbers[i], whole);
			*at++ = ',';
			next = i + 1;
		}
	}
	return put_zeros(at, vector->size - next) - 1; /* without the last comma */
}

char *dz_text_counts(char *at, const struct dz_text_vector *vector)
{
	return put_vector(at, vector, NULL, put_count);
}

char *dz_text_percents(char *at, const struct dz_text_vector *vector, uint64_t whole)
{
	struct whole shared = whole_of(whole);

	return put_vector(at, vector, &shared, put_share);
}

/* ---- JSON strings ---- */

/* Marks of eight bytes: none when none of them is a quote, a backslash, DEL, below a space or above ASCII. A byte that
 * borrows or carries can only make a clean neighbour look unclean, which costs time, not truth. */
static inline uint64_t marks_of(uint64_t v)
{
	uint64_t quote = v ^ EVERY_BYTE('"'), backslash = v ^ EVERY_BYTE('\\');

	return (v | (v + EVERY_BYTE(1)) | (v - EVERY_BYTE(0x20)) | (quote - EVERY_BYTE(1)) |
		(backslash - EVERY_BYTE(1))) &
	       EVERY_BYTE(0x80);
}

static inline uint64_t copy_eight(char *to, const char *from)
{
	uint64_t v;

	memcpy(&v, from, 8);
	memcpy(to, &v, 8);
	return marks_of(v);
}

static inline uint64_t copy_four(char *to, const char *from)
{
	uint32_t v;

	memcpy(&v, from, 4);
	memcpy(to, &v, 4);
	return marks_of(v | (uint64_t)v << 32);
}

static inline bool is_plain(uint8_t c)
{
	return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

/* Copies text; false when anything in it needs an escape, and then what was copied is of no use. The last step of
 * eight or four bytes goes back over some of the step before it, so none is left for a step of less. */
static inline bool copy_plain(char *to, const char *from, size_t size)
{
	uint64_t marks = 0;

	if (size >= 8) {
		for (size_t i = 0; i < size - 8; i += 8)
			marks |= copy_eight(to + i, from + i);
		return !(marks | copy_eight(to + size - 8, from + size - 8));
	}
	if (size >= 4)
		return !(copy_four(to, from) | copy_four(to + size - 4, from + size - 4));
	if (size == 0)
		return true;
	to[0] = from[0]; /* of one to three bytes, these are all */
	to[size / 2] = from[size / 2];
	to[size - 1] = from[size - 1];
	return is_plain((uint8_t)from[0]) && is_plain((uint8_t)from[size / 2]) && is_plain((uint8_t)from[size - 1]);
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
	case '"':
		letter = "\"";
		break;
	case '\\':
		letter = "\\";
		break;
	case '\b':
		letter = "b";
		break;
	case '\f':
		letter = "f";
		break;
	case '\n':
		letter = "n";
		break;
	case '\r':
		letter = "r";
		break;
	case '\t':
		letter = "t";
		break;
	default:
		memcpy(at, "u00", 3);
		at[3] = digits[character >> 4];
		at[4] = digits[character & 15];
		return at + 5;
	}
	*at++ = *letter;
	return at;
}

/* Character by character, with escapes. */
static __attribute__((noinline)) char *put_escaped(char *at, const char *text, const char *end)
{
	while (text < end) {
		if (is_plain((uint8_t)*text))
			*at++ = *text++;
		else
			at = escape(at, dz_text_next(&text, end));
	}
	return at;
}

char *dz_text_json(char *at, const char *text, size_t size)
{
	*at++ = '"';
	at = copy_plain(at, text, size) ? at + size : put_escaped(at, text, text + size);
	*at++ = '"';
	return at;
}
