/// Kernels of the parameter update, and the emulation of 16-bit numbers.
///
/// Conventions as in `CKernels.h`. AdamW's own update is `ck_adamw`.
#ifndef FORETRAIN_CK_OPTIMIZERS_H
#define FORETRAIN_CK_OPTIMIZERS_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Constants of one LAMB step.
typedef struct {
  float beta1;
  float beta2;
  float epsilon;
  float weight_decay;
  /// `1 / (1 - beta1^t)` at step t, counted from 1.
  float correction1;
  /// `1 / (1 - beta2^t)`.
  float correction2;
  /// Gradients are multiplied by it as they are read.
  float gradient_factor;
} ck_lamb_step;

/// `g = gradient_factor gradient`, `m = b1 m + (1 - b1) g`, `v = b2 v + (1 - b2) g^2`;
/// `*parameter_square` and `*update_square` receive the squared norms of p and of `u = m c1 / (sqrt(v c2) + epsilon) + decay p`.
/// Traffic: 24 bytes an element.
///
/// Source: You et al., arXiv 1904.00962, algorithm 2.
void ck_lamb_moments(float *moment1, float *moment2, double *parameter_square,
                     double *update_square, const float *gradient, const float *parameter,
                     const ck_lamb_step *step, size_t count);

/// `p -= rate u`, u computed again from the moments. Traffic: 16 bytes an element.
void ck_lamb_apply(float *parameter, const float *moment1, const float *moment2,
                   const ck_lamb_step *step, float rate, size_t count);

/// `values *= factor`; 1 where all of them were finite before, else 0. Traffic: 8 bytes an element.
int ck_scale_finite(float *values, float factor, size_t count);

/// Rounds to the nearest IEEE binary16 number, ties to even, subnormal ones included; beyond 65,504
/// rounded to infinity. Traffic: 8 bytes an element.
void ck_round_float16(float *values, size_t count);

/// Rounds to the nearest bfloat16 number, ties to even, overflow to infinity.
/// Traffic: 8 bytes an element.
void ck_round_bfloat16(float *values, size_t count);

#ifdef __cplusplus
}
#endif
#endif
