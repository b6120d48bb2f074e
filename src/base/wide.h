/* SPDX-License-Identifier: BSD-2-Clause */
/* wide.h - whole numbers of 128 bits, also where the compiler has none (32-bit machines).
 *
 * Sums and products wrap as those of unsigned integers do.  DZ_WIDE_PARTS makes them of two halves everywhere, so that
 * a test can hold the two kinds to each other. */
#ifndef DISTRIBOOZE_WIDE_H
#define DISTRIBOOZE_WIDE_H

#include <math.h>
#include <stdint.h>

#if defined(__SIZEOF_INT128__) && !defined(DZ_WIDE_PARTS)

__extension__ typedef unsigned __int128 dz_wide;

static inline dz_wide dz_wide_of(uint64_t value)
{
	return value;
}

static inline uint64_t dz_wide_low(dz_wide a)
{
	return (uint64_t)a;
}

static inline uint64_t dz_wide_high(dz_wide a)
{
	return (uint64_t)(a >> 64);
}

static inline dz_wide dz_wide_add(dz_wide a, dz_wide b)
{
	return a + b;
}

static inline dz_wide dz_wide_product(uint64_t a, uint64_t b)
{
	return (dz_wide)a * b;
}

static inline dz_wide dz_wide_times(dz_wide a, uint64_t b)
{
	return a * b;
}

/* Rounded down; the divisor is not 0. The rest may be NULL. */
static inline dz_wide dz_wide_divide(dz_wide a, uint64_t divisor, uint64_t *rest)
{
	if (rest)
		*rest = (uint64_t)(a % divisor);
	return a / divisor;
}

static inline int dz_wide_compare(dz_wide a, dz_wide b)
{
	return (a > b) - (a < b);
}

#else

typedef struct {
	uint64_t high, low;
} dz_wide;

static inline dz_wide dz_wide_of(uint64_t value)
{
	return (dz_wide){ 0, value };
}

static inline uint64_t dz_wide_low(dz_wide a)
{
	return a.low;
}

static inline uint64_t dz_wide_high(dz_wide a)
{
	return a.high;
}

static inline dz_wide dz_wide_add(dz_wide a, dz_wide b)
{
	uint64_t low = a.low + b.low;
	return (dz_wide){ a.high + b.high + (low < a.low), low };
}

static inline dz_wide dz_wide_product(uint64_t a, uint64_t b)
{
	uint64_t a_low = (uint32_t)a, a_high = a >> 32, b_low = (uint32_t)b, b_high = b >> 32;
	uint64_t lowest = a_low * b_low, one = a_high * b_low, other = a_low * b_high;
	uint64_t middle = (lowest >> 32) + (uint32_t)one + (uint32_t)other;

	return (dz_wide){ a_high * b_high + (one >> 32) + (other >> 32) + (middle >> 32),
			  middle << 32 | (uint32_t)lowest };
}

static inline dz_wide dz_wide_times(dz_wide a, uint64_t b)
{
	dz_wide product = dz_wide_product(a.low, b);
	product.high += a.high * b;
	return product;
}

static inline dz_wide dz_wide_divide(dz_wide a, uint64_t divisor, uint64_t *rest)
{
	uint64_t left = a.high % divisor;
	dz_wide quotient = { a.high / divisor, 0 };

	for (unsigned bit = 64; bit-- > 0;) {
		uint64_t carry = left >> 63;
		left = left << 1 | (a.low >> bit & 1);
		if (carry || left >= divisor) {
			left -= divisor;
			quotient.low |= UINT64_C(1) << bit;
		}
	}
	if (rest)
		*rest = left;
	return quotient;
}

static inline int dz_wide_compare(dz_wide a, dz_wide b)
{
	if (a.high != b.high)
		return a.high > b.high ? 1 : -1;
	return (a.low > b.low) - (a.low < b.low);
}

#endif

/* The lower half of what is left when so many bits, at most 63, are shifted out below. */
static inline uint64_t dz_wide_shifted(dz_wide a, unsigned bits)
{
	return bits ? dz_wide_high(a) << (64 - bits) | dz_wide_low(a) >> bits : dz_wide_low(a);
}

/* To the nearest double, ties to even. */
static inline double dz_wide_real(dz_wide a)
{
	uint64_t high = dz_wide_high(a), low = dz_wide_low(a);
	unsigned shift;

	if (!high)
		return (double)low;
	shift = (unsigned)__builtin_clzll(high);
	if (shift)
		high = high << shift | low >> (64 - shift);
	return ldexp((double)(high | ((low << shift) != 0)), 64 - (int)shift);
}

static inline long double dz_wide_long_real(dz_wide a)
{
	return (long double)dz_wide_high(a) * 0x1p64L + (long double)dz_wide_low(a);
}

#endif
