/// LayerNorm and RMSNorm over rows, with and without an affine map; no statistics are kept.
#ifndef FORETRAIN_NORMS_H
#define FORETRAIN_NORMS_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/// `n = (in - mean) rstd`, `out = fma(n, gain, bias)` over each row; biased variance,
/// `rstd = 1 / sqrt(variance + epsilon)`.
///
/// Not `centred` (RMSNorm): the mean is taken as 0, so the variance is the mean square. Without
/// `gain` (NULL) `out = n`; without `bias` `out = n gain`. `n` is rounded to fp32 before it is used:
/// an affine map applied to it later gives the same bits. Traffic: 8 bytes an element.
///
/// Sources: Ba, Kiros and Hinton, arXiv 1607.06450; Zhang and Sennrich, arXiv 1910.07467.
void ck_norm(float *out, const float *in, const float *gain, const float *bias, bool centred,
             float epsilon, size_t rows, size_t columns);

/// With `g = dout gain`: `din = rstd (g - average(g) - n average(g n))`, the first average left out
/// where not `centred`; plus `present` unless NULL. `dgain += sum_r dout n`,
/// `dbias += sum_r dout`, each unless NULL. Statistics are computed again from `in`.
/// `g` is rounded to fp32: without a gain, on `dout gain`, `din` has the same bits.
/// `din` may be `present` or `dout`. Traffic: 12 bytes an element, 16 with `present`.
void ck_norm_backward(float *din, float *dgain, float *dbias, const float *dout, const float *in,
                      const float *gain, const float *present, bool centred, float epsilon,
                      size_t rows, size_t columns);

#ifdef __cplusplus
}
#endif
#endif
