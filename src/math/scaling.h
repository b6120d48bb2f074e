/* SPDX-License-Identifier: BSD-2-Clause */
/* scaling.h - classical scaling: places on a plane for things of which only the distances are known.
 *
 * Numbers only.  With D the distances, J = I - 1/n and B = -1/2 J D^2 J (squares element by element), the place of
 * thing i on axis k is sqrt(l_k) v_ik, where l_1 >= l_2 are the largest eigenvalues of B and v_1, v_2 their vectors of
 * length 1 (Torgerson, Psychometrika 17, 1952; Gower, Biometrika 53, 1966).  Where D is Euclidean, as Hellinger's is,
 * no other projection onto a plane keeps more of the squared distances. */
#ifndef DISTRIBOOZE_SCALING_H
#define DISTRIBOOZE_SCALING_H

#include <stddef.h>

/* Distances: n * n, symmetric, 0 on the diagonal; borrowed.  Writes n pairs (x, y), whose mean is (0, 0); on each axis
 * the place that is farthest from 0 is positive, the first of equally far ones.  Returns how much of the whole is in
 * these two axes: (l_1 + l_2) / (sum of the positive eigenvalues), negative ones taken as 0; 1 where all distances are
 * 0.  Takes some 10 n^3 steps. */
double dz_scaling_plane(const double *distances, size_t n, double *places);

#endif
