/// Memory-bound kernels of the training core: fp32, row-major, dense, single-threaded.
///
/// On x86-64 every kernel is compiled three times (AVX-512, AVX2 with FMA, baseline) and the loader
/// picks one, so results may differ in the last bits between machines: compare with tolerances.
///
/// Conventions: outputs first, inputs next, sizes last. `rows` x `columns` arrays are contiguous.
/// Arrays must not overlap except where a kernel says so. `d` before a name means "gradient of the
/// loss with respect to". Gradients of parameters are accumulated (`+=`), others are assigned.
/// The Swift wrappers check every size before they call; the kernels check nothing.
#ifndef FORETRAIN_CKERNELS_H
#define FORETRAIN_CKERNELS_H

#include <stddef.h>

#include "ck_activations.h"
#include "ck_attention.h"
#include "ck_linear.h"
#include "ck_norms.h"
#include "ck_rotary.h"

#ifdef __cplusplus
extern "C" {
#endif

/// `out[i] = in[i]`. Traffic: 8 bytes an element.
void ck_copy(float *out, const float *in, size_t count);

/// `out[i] = left[i] + right[i]`; `out` may be `left`. Traffic: 12 bytes an element.
void ck_add(float *out, const float *left, const float *right, size_t count);

/// `out[r, c] = in[r, c] + bias[c]`; `out` may be `in`. Traffic: 8 bytes an element.
void ck_bias_add(float *out, const float *in, const float *bias, size_t rows, size_t columns);

/// `out[r, c] = in[r, c] + bias[c] + residual[r, c]`; `out` may be `in`. Traffic: 12 bytes.
void ck_bias_residual(float *out, const float *in, const float *bias, const float *residual,
                      size_t rows, size_t columns);

/// `sums[c] += sum_r in[r, c]`: the gradient of a bias. Traffic: 4 bytes an element.
void ck_sum_rows(float *sums, const float *in, size_t rows, size_t columns);

/// `out = x P(x)` with the normal distribution `P`: GELU, exact form (not the tanh form).
///
/// `P` by the rational-exponential form of Abramowitz and Stegun, Handbook of Mathematical
/// Functions (1964), 7.1.26: absolute error of `P` at most 7.5e-8. Traffic: 8 bytes an element.
void ck_gelu(float *out, const float *in, size_t count);

/// `din = dout (P(x) + x p(x))` with the normal density `p`. Traffic: 12 bytes an element.
void ck_gelu_backward(float *din, const float *dout, const float *in, size_t count);

/// `pre = in + bias`, `out = gelu(pre)`; `pre` may be `in`. Traffic: 12 bytes an element.
void ck_bias_gelu(float *pre, float *out, const float *in, const float *bias, size_t rows,
                  size_t columns);

/// `out = (in - mean) rstd gain + bias` over each row, biased variance,
/// `rstd = 1 / sqrt(variance + epsilon)`; `mean` and `rstd` (one a row) are kept for backward.
/// Traffic: 8 bytes an element.
void ck_layer_norm(float *out, float *mean, float *rstd, const float *in, const float *gain,
                   const float *bias, float epsilon, size_t rows, size_t columns);

/// With `h = (in - mean) rstd` and `g = dout gain`:
/// `din = rstd (g - average(g) - h average(g h))`, `dgain += sum_r dout h`, `dbias += sum_r dout`.
/// Traffic: 12 bytes an element.
void ck_layer_norm_backward(float *din, float *dgain, float *dbias, const float *dout,
                            const float *in, const float *gain, const float *mean,
                            const float *rstd, size_t rows, size_t columns);

/// `out[r, :] = softmax(scale in[r, :])`, its maximum subtracted first; `out` may be `in`.
/// `scale` is above 0, `columns` at least 1. Traffic: 8 bytes an element.
void ck_softmax(float *out, const float *in, float scale, size_t rows, size_t columns);

/// `din = scale out (dout - sum_c(dout out))`; `din` may be `dout`. Traffic: 12 bytes an element.
void ck_softmax_backward(float *din, const float *dout, const float *out, float scale, size_t rows,
                         size_t columns);

/// Constants of one AdamW step.
typedef struct {
  float learning_rate;
  float beta1;
  float beta2;
  float epsilon;
  float weight_decay;
  /// `1 / (1 - beta1^t)` at step t, counted from 1.
  float correction1;
  /// `1 / (1 - beta2^t)`.
  float correction2;
  /// Gradients are multiplied by it as they are read: clipping costs no pass of its own.
  float gradient_factor;
} ck_adamw_step;

/// Decoupled weight decay: `g = gradient_factor gradient`, `m = b1 m + (1 - b1) g`,
/// `v = b2 v + (1 - b2) g^2`, `p -= lr (m c1 / (sqrt(v c2) + epsilon) + decay p)`. Traffic: 28 bytes an element.
///
/// Source: Loshchilov and Hutter, Decoupled weight decay regularization, ICLR 2019, algorithm 2.
void ck_adamw(float *parameter, float *moment1, float *moment2, const float *gradient,
              const ck_adamw_step *step, size_t count);

#ifdef __cplusplus
}
#endif

#include "ck_attack.h"
#include "ck_conditioning.h"
#include "ck_losses.h"
#include "ck_optimizers.h"
#include "ck_sums.h"
#include "ck_tokens.h"

#endif
