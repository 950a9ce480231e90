/// Kernels that move, join, average and scale rows of tokens.
///
/// Conventions as in `CKernels.h`. Kernels that sum over samples are handed a range of tokens, or of
/// table rows: callers share these out, so that every sum has one owner and keeps its order whatever
/// the number of workers.
#ifndef FORETRAIN_CK_TOKENS_H
#define FORETRAIN_CK_TOKENS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// `out[i, :] = in[rows[i], :]` for `first <= i < first + count`. Traffic: 8 bytes an element.
void ck_gather_rows(float *out, const float *in, const int32_t *rows, size_t first, size_t count,
                    size_t width);

/// `out[rows[i], :] = in[i, :]` for `first <= i < first + count`. Traffic: 8 bytes an element.
void ck_scatter_rows(float *out, const float *in, const int32_t *rows, size_t first, size_t count,
                     size_t width);

/// `out[rows[i], :] += in[i, :]` for `0 <= i < count` in this order, where `low <= rows[i] < high`;
/// a row may occur several times. Traffic: 12 bytes an element.
void ck_scatter_add_rows(float *out, const float *in, const int32_t *rows, size_t count,
                         int32_t low, int32_t high, size_t width);

/// `out[r, :] = in[r, :]` where rows lie `out_stride` and `in_stride` apart. Traffic: 8 bytes.
void ck_copy_rows(float *out, size_t out_stride, const float *in, size_t in_stride, size_t rows,
                  size_t columns);

/// `out[i] = sum_k in[k stride + i]` over `copies`, for `0 <= i < count`; added to `out` where
/// `accumulating` is not 0. Traffic: 4 bytes an element of `in`.
void ck_sum_copies(float *out, const float *in, size_t copies, size_t stride, size_t count,
                   int accumulating);

/// Sequences `[samples, (1) + patches, width]` of patches, a class token before them, positions.
///
/// The class row is `(1 - lambda[s]) class_token + lambda[s] robust_token`, or `class_token` where
/// `lambda` is NULL; there is no class row where `class_token` is NULL. `positions` (or NULL) are
/// added by row: row 0 belongs to the class token where `class_position` is not 0, otherwise to the
/// first patch. Traffic: 8 bytes an element.
void ck_image_tokens(float *out, const float *patches, const float *class_token,
                     const float *robust_token, const float *lambda, const float *positions,
                     int class_position, size_t samples, size_t patch_count, size_t width);

/// `din[s, t, :] = dout[s, t, :]` and `sums[t, :] += sum_s dout[s, t, :]` for `0 <= t < tokens`: the
/// gradients of tokens and of positions. Either may be NULL.
///
/// Samples of `dout` lie `out_stride` elements apart, those of `din` `in_stride`; pointers stand at
/// the first of the tokens. Traffic: 8 bytes an element.
void ck_tokens_backward(float *din, size_t in_stride, float *sums, const float *dout,
                        size_t out_stride, size_t samples, size_t tokens, size_t width);

/// `first += sum_s (1 - lambda[s]) in_s`, `second += sum_s lambda[s] in_s` with
/// `in_s = in[s sample_stride + :]`; either may be NULL; `lambda` NULL counts as zeros.
void ck_sum_mixed(float *first, float *second, const float *in, const float *lambda,
                  size_t samples, size_t sample_stride, size_t width);

/// `out[r, :] = in[r, :] + table[(first + r) % tokens, :]`; `out` may be `in`.
/// Traffic: 8 bytes an element.
void ck_add_token_rows(float *out, const float *in, const float *table, size_t first, size_t rows,
                       size_t tokens, size_t width);

/// `out[s, :] = average_t in[s, t, :]`. Traffic: 4 bytes an element of `in`.
void ck_mean_tokens(float *out, const float *in, size_t samples, size_t tokens, size_t width);

/// `din[s, t, :] = dout[s, :] / tokens`. Traffic: 4 bytes an element of `din`.
void ck_mean_tokens_backward(float *din, const float *dout, size_t samples, size_t tokens,
                             size_t width);

/// `out[r, c] = in[r, c] scale[c]`; `out` may be `in`. Traffic: 8 bytes an element.
void ck_scale_columns(float *out, const float *in, const float *scale, size_t rows,
                      size_t columns);

/// `din = dout scale`, `dscale += sum_r dout in`. `din` may be NULL or `dout`; `dscale` may be NULL,
/// and then `in` is not read. Traffic: 12 bytes an element.
void ck_scale_columns_backward(float *din, float *dscale, const float *dout, const float *in,
                               const float *scale, size_t rows, size_t columns);

/// `out[i] = factor in[i] + shift`; `out` may be `in`. Traffic: 8 bytes an element.
void ck_scale_shift(float *out, const float *in, float factor, float shift, size_t count);

#ifdef __cplusplus
}
#endif
#endif
