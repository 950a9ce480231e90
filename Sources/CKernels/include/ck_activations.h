/// Activations of a multilayer perceptron, and their gradients.
#ifndef FORETRAIN_ACTIVATIONS_H
#define FORETRAIN_ACTIVATIONS_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/// With `P` the normal distribution and `s(x) = 1 / (1 + e^-x)`.
typedef enum {
  /// `x P(x)`, exact form.
  ck_kind_gelu,
  /// `x s(2 sqrt(2 / pi) (x + 0.044715 x^3))`, the form with a hyperbolic tangent.
  ck_kind_gelu_tanh,
  /// `x s(1.702 x)`.
  ck_kind_quick_gelu,
  /// `max(x, 0)`.
  ck_kind_relu,
  /// `gate s(gate) up`; a row of `pre` holds all gates, then all ups.
  ck_kind_swiglu,
  /// `gate P(gate) up`, laid out alike.
  ck_kind_geglu,
} ck_activation_kind;

/// `out[r, c] = f(pre[r, c])`; gated kinds read rows of `2 columns`. Sizes are those of `out`.
/// Traffic: 8 bytes an element of `out`, gated 12.
///
/// Sources: Hendrycks and Gimpel, Gaussian error linear units, arXiv 1606.08415; Shazeer, GLU
/// variants improve transformer, arXiv 2002.05202.
void ck_activation(ck_activation_kind kind, float *out, const float *pre, size_t rows,
                   size_t columns);

/// `dpre = dout f'(pre)`; `dpre` may be `dout` where the kind is not gated. Sizes are those of
/// `dout`. `again` receives `f(pre)` where it is not null. Traffic: 12 bytes an element of `dout`,
/// gated 20; 4 more with `again`.
void ck_activation_backward(ck_activation_kind kind, float *dpre, float *again, const float *dout,
                            const float *pre, size_t rows, size_t columns);

#ifdef __cplusplus
}
#endif
#endif
