/// Kernels of contrastive, classification and distillation losses.
///
/// Conventions as in `CKernels.h`. Maxima are subtracted before exponentials, and logarithms of
/// sums are taken in a form that does not overflow. `weights[r]` is the gradient of the whole loss
/// with respect to `losses[r]`.
#ifndef FORETRAIN_CK_LOSSES_H
#define FORETRAIN_CK_LOSSES_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// `out[r, :] = in[r, :] / max(|in[r, :]|, 1e-12)`, Euclidean norm. Traffic: 8 bytes an element.
void ck_normalise_rows(float *out, const float *in, size_t rows, size_t width);

/// With `n = |in[r, :]|`: `din = (dout - in (in . dout) / n^2) / n`, or `dout / 1e-12` where `n` is
/// below that. `din` may be `dout`. Traffic: 12 bytes an element.
void ck_normalise_rows_backward(float *din, const float *dout, const float *in, size_t rows,
                                size_t width);

/// `out[r, c] = max_v in[r vectors + v, c]`. Traffic: 4 bytes an element of `in`.
void ck_best_vector(float *out, const float *in, size_t rows, size_t vectors, size_t columns);

/// `din[r vectors + v, c] = dout[r, c]` where `v` is the first that holds the maximum, else 0.
/// Traffic: 8 bytes an element of `in`.
void ck_best_vector_backward(float *din, const float *dout, const float *in, size_t rows,
                             size_t vectors, size_t columns);

/// `losses[r] = log sum_c e^z_c - (1 - smoothing) z_label - smoothing / columns sum_c z_c`;
/// 0 where the label is negative. Traffic: 4 bytes an element.
void ck_cross_entropy_rows(float *losses, const float *logits, const int32_t *labels,
                           float smoothing, size_t rows, size_t columns);

/// `dlogits[r, c] = weights[r] (softmax(z)_c - (1 - smoothing) [c = label] - smoothing / columns)`;
/// 0 where the label is negative. `dlogits` may be `logits`. Traffic: 8 bytes an element.
void ck_cross_entropy_rows_backward(float *dlogits, const float *weights, const float *logits,
                                    const int32_t *labels, float smoothing, size_t rows,
                                    size_t columns);

/// `ck_cross_entropy_rows` down each of `columns` columns of a matrix whose rows lie `width` apart;
/// labels are row numbers. Traffic: 4 bytes an element.
void ck_cross_entropy_columns(float *losses, const float *logits, const int32_t *labels,
                              float smoothing, size_t rows, size_t width, size_t columns);

/// `ck_cross_entropy_rows_backward` down columns. `dlogits` may be `logits`.
void ck_cross_entropy_columns_backward(float *dlogits, const float *weights, const float *logits,
                                       const int32_t *labels, float smoothing, size_t rows,
                                       size_t width, size_t columns);

/// `losses[r] = sum_c log(1 + e^(-y z))`, `y = 1` where `c = first + r`, else -1.
/// Traffic: 4 bytes an element.
///
/// Source: Zhai et al., Sigmoid loss for language image pre-training, arXiv 2303.15343, section 3.2.
void ck_sigmoid_loss(float *losses, const float *logits, ptrdiff_t first, size_t rows,
                     size_t columns);

/// `dlogits[r, c] = -weights[r] y / (1 + e^(y z))`. `dlogits` may be `logits`.
/// Traffic: 8 bytes an element.
void ck_sigmoid_loss_backward(float *dlogits, const float *weights, const float *logits,
                              ptrdiff_t first, size_t rows, size_t columns);

/// `losses[r] = |a[r, :] - b[r, :]|^2`. Traffic: 8 bytes an element.
void ck_squared_distance(float *losses, const float *a, const float *b, size_t rows, size_t width);

/// `da[r, :] = 2 weights[r] (a - b)`. Traffic: 12 bytes an element.
void ck_squared_distance_backward(float *da, const float *weights, const float *a, const float *b,
                                  size_t rows, size_t width);

/// `losses[r] = 1 - a . b / (max(|a|, 1e-8) max(|b|, 1e-8))`. Traffic: 8 bytes an element.
void ck_cosine_distance(float *losses, const float *a, const float *b, size_t rows, size_t width);

/// `da = weights[r] (cosine a / |a| - b / |b|) / |a|`, norms at least 1e-8 (the first term is left
/// out where `|a|` is below that). Traffic: 12 bytes an element.
void ck_cosine_distance_backward(float *da, const float *weights, const float *a, const float *b,
                                 size_t rows, size_t width);

#ifdef __cplusplus
}
#endif
#endif
