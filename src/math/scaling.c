/* SPDX-License-Identifier: BSD-2-Clause */
/* scaling.c - see scaling.h. Eigenvalues by Jacobi's cyclic rotations: slow, simple, and exact to the last digits. */
#include "config.h"
#include "math/scaling.h"

#include "base/mem.h"
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

/* Convergence is quadratic: some 10 rounds are needed, and more never are. */
enum { MAX_ROUNDS = 60 };

/* B of the header. */
static void centre(const double *distances, size_t n, double *b)
{
	double *means = dz_mem_zalloc(n, sizeof *means), mean = 0;

	for (size_t i = 0; i < n; i++) {
		for (size_t j = 0; j < n; j++)
			means[i] += distances[i * n + j] * distances[i * n + j] / (double)n;
		mean += means[i] / (double)n;
	}
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < n; j++)
			b[i * n + j] = -(distances[i * n + j] * distances[i * n + j] - means[i] - means[j] + mean) / 2;
	free(means);
}

/* Turns rows p and q of a matrix by the angle of cosine c and sine s. */
static void turn_rows(double *matrix, size_t n, size_t p, size_t q, double c, double s)
{
	double *x = matrix + p * n, *y = matrix + q * n;

	for (size_t k = 0; k < n; k++) {
		double old = x[k];
		x[k] = c * old - s * y[k];
		y[k] = s * old + c * y[k];
	}
}

static void turn_columns(double *matrix, size_t n, size_t p, size_t q, double c, double s)
{
	for (size_t k = 0; k < n; k++) {
		double *x = &matrix[k * n + p], *y = &matrix[k * n + q], old = *x;
		*x = c * old - s * *y;
		*y = s * old + c * *y;
	}
}

/* The rotation that makes the entry (p, q) 0: tan t of the smaller angle solves t^2 + 2 t w - 1 = 0. */
static void rotate(double *matrix, double *vectors, size_t n, size_t p, size_t q)
{
	double w = (matrix[q * n + q] - matrix[p * n + p]) / (2 * matrix[p * n + q]);
	double t = (w < 0 ? -1 : 1) / (fabs(w) + sqrt(w * w + 1)), c = 1 / sqrt(t * t + 1);

	turn_rows(matrix, n, p, q, c, t * c);
	turn_columns(matrix, n, p, q, c, t * c);
	turn_rows(vectors, n, p, q, c, t * c);
}

/* Leaves the eigenvalues on the diagonal of the matrix, and their vectors in the rows of `vectors`. */
static void diagonalise(double *matrix, double *vectors, size_t n)
{
	double size = 0;
	bool turned = true;

	for (size_t i = 0; i < n * n; i++)
		size += matrix[i] * matrix[i];
	for (size_t i = 0; i < n; i++)
		vectors[i * n + i] = 1;
	for (unsigned round = 0; turned && round < MAX_ROUNDS; round++) {
		turned = false;
		for (size_t p = 0; p < n; p++)
			for (size_t q = p + 1; q < n; q++)
				if (matrix[p * n + q] * matrix[p * n + q] > size * 1e-32) {
					rotate(matrix, vectors, n, p, q);
					turned = true;
				}
	}
}

static void place_on_axis(const double *vector, double value, size_t n, double *places)
{
	size_t farthest = 0;
	double length;

	for (size_t i = 1; i < n; i++)
		if (fabs(vector[i]) > fabs(vector[farthest]) + 1e-9)
			farthest = i;
	length = copysign(sqrt(fmax(value, 0)), vector[farthest]);
	for (size_t i = 0; i < n; i++)
		places[2 * i] = length * vector[i];
}

double dz_scaling_plane(const double *distances, size_t n, double *places)
{
	double *matrix = dz_mem_zalloc(n * n, sizeof *matrix), *vectors = dz_mem_zalloc(n * n, sizeof *vectors);
	double all = 0, shown = 0;

	centre(distances, n, matrix);
	diagonalise(matrix, vectors, n);
	for (size_t i = 0; i < n; i++)
		all += fmax(matrix[i * n + i], 0);
	for (size_t axis = 0; axis < 2; axis++) {
		size_t best = 0;
		for (size_t i = 1; i < n; i++)
			if (matrix[i * n + i] > matrix[best * n + best])
				best = i;
		if (n) {
			place_on_axis(vectors + best * n, matrix[best * n + best], n, places + axis);
			shown += fmax(matrix[best * n + best], 0);
			matrix[best * n + best] = -INFINITY; /* taken */
		}
	}
	free(matrix);
	free(vectors);
	return all > 0 ? shown / all : 1;
}
