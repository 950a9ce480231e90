/// Kernels that condition normalised tokens on each sample's weight of robustness, lambda.
///
/// Conventions as in `CKernels.h`. Rows are tokens; the first row handed over is row `first` of all,
/// and row r belongs to sample `r / tokens`, by which lambda is looked up.
#ifndef FORETRAIN_CK_CONDITIONING_H
#define FORETRAIN_CK_CONDITIONING_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/// `out = in g + b` with `g = (1 - l) gain0 + l gain1`, `b` likewise, `l` the sample's lambda.
///
/// `affine` holds gain0, bias0, gain1, bias1, each `width` long. With lambda 0 the multiply-add has
/// the bits of a norm's own gain and bias. `out` may be `in`. Traffic: 8 bytes an element.
void ck_mix_affine(float *out, const float *in, const float *affine, const float *lambda,
                   size_t first, size_t rows, size_t tokens, size_t width);

/// `din = dout g`; with `A = sum_t dout in` and `B = sum_t dout` of a sample:
/// `dgain0 += (1 - l) A`, `dbias0 += (1 - l) B`, `dgain1 += l A`, `dbias1 += l B`.
///
/// `din` and `daffine` may be NULL; `din` may be `dout`; without `daffine` `in` is not read. With
/// lambda 0 the first set's gradients have the bits of a norm's own. Traffic: 12 bytes an element.
void ck_mix_affine_backward(float *din, float *daffine, const float *dout, const float *in,
                            const float *affine, const float *lambda, size_t first, size_t rows,
                            size_t tokens, size_t width);

/// `out[r, :] = in[r, :] + lambda[s] shift`, s the sample of row `first + r`; `out` may be `in`.
/// With lambda 0 `in`, bit for bit. Traffic: 8 bytes an element.
void ck_shift_by_lambda(float *out, const float *in, const float *shift, const float *lambda,
                        size_t first, size_t rows, size_t tokens, size_t width);

/// `dshift += sum_r lambda[s] dout[r, :]`. Traffic: 4 bytes an element.
void ck_shift_by_lambda_backward(float *dshift, const float *dout, const float *lambda, size_t first,
                                 size_t rows, size_t tokens, size_t width);

/// `out[s, t, :] = in (1 + scale[s, :]) + shift[s, :]`; `out` may be `in`.
/// Traffic: 8 bytes an element.
void ck_film(float *out, const float *in, const float *scale, const float *shift, size_t samples,
             size_t tokens, size_t width);

/// `din = dout (1 + scale)`, `dscale[s, :] = sum_t dout in`, `dshift[s, :] = sum_t dout`.
///
/// Each may be NULL; `din` may be `dout`; without `dscale` `in` is not read. Traffic: 12 bytes.
void ck_film_backward(float *din, float *dscale, float *dshift, const float *dout,
                      const float *in, const float *scale, size_t samples, size_t tokens,
                      size_t width);

#ifdef __cplusplus
}
#endif
#endif
