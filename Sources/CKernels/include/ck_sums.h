/// Sums over long arrays: fp32 elements, added in double precision.
///
/// The callers cut arrays into chunks of a fixed length and add the chunks in order, so that a sum
/// has the same bits whatever the number of workers.
#ifndef FORETRAIN_CK_SUMS_H
#define FORETRAIN_CK_SUMS_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/// `sum_i in[i]`. Traffic: 4 bytes an element.
double ck_sum(const float *in, size_t count);

/// `sum_i left[i] right[i]`; the two may be the same array. Traffic: 8 bytes an element.
double ck_dot(const float *left, const float *right, size_t count);

/// `sum_i (left[i] - right[i])^2`. Traffic: 8 bytes an element.
double ck_square_distance(const float *left, const float *right, size_t count);

/// `e^x`, rounded from double precision.
float ck_exponential(float x);

#ifdef __cplusplus
}
#endif
#endif
