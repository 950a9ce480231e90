#include "CKernels.h"
#include "kernel_math.h"

// A value and its slope at one point; the slope's cost vanishes where nobody reads it.
typedef struct {
  float value;
  float slope;
} ck_point;

CK_INLINE float ck_sigmoid(float x) {
  float power = x * -1.44269504088896341f;
  return 1.0f / (1.0f + ck_exp2(power > 126.0f ? 126.0f : power));
}

CK_INLINE ck_point ck_gelu_at(float x) {
  float exponential;
  float distribution = ck_normal(x, &exponential);
  return (ck_point){x * distribution, distribution + x * 0.39894228040143268f * exponential};
}

// `1 + tanh(u) = 2 s(2 u)`, so the form with a hyperbolic tangent is a gate by a sigmoid.
CK_INLINE ck_point ck_gelu_tanh_at(float x) {
  const float twice = 1.59576912160573071f;
  float square = x * x;
  float gate = ck_sigmoid(twice * x * (1.0f + 0.044715f * square));
  float inner = twice * (1.0f + 3.0f * 0.044715f * square);
  return (ck_point){x * gate, gate + x * gate * (1.0f - gate) * inner};
}

CK_INLINE ck_point ck_swish_at(float x, float steepness) {
  float gate = ck_sigmoid(steepness * x);
  return (ck_point){x * gate, gate + steepness * x * gate * (1.0f - gate)};
}

// What is not a number stays so: a loss scaler looks for it.
CK_INLINE ck_point ck_relu_at(float x) {
  return (ck_point){x < 0.0f ? 0.0f : x, x > 0.0f ? 1.0f : 0.0f};
}

// The loops are written once each, for any function of one point. Two vectors at a time hide the
// latency of the division.
#define CK_PLAIN(at)                                                    \
  _Pragma("clang loop vectorize(assume_safety) interleave_count(2)")    \
  for (size_t i = 0; i < count; i++) {                                  \
    float x = pre[i];                                                   \
    out[i] = (at).value;                                                \
  }                                                                     \
  break

#define CK_PLAIN_BACKWARD(at)                                           \
  if (again) {                                                          \
    _Pragma("clang loop vectorize(assume_safety) interleave_count(2)")  \
    for (size_t i = 0; i < count; i++) {                                \
      float x = pre[i];                                                 \
      ck_point point = at;                                              \
      dpre[i] = dout[i] * point.slope;                                  \
      again[i] = point.value;                                           \
    }                                                                   \
    break;                                                              \
  }                                                                     \
  _Pragma("clang loop vectorize(assume_safety) interleave_count(2)")    \
  for (size_t i = 0; i < count; i++) {                                  \
    float x = pre[i];                                                   \
    dpre[i] = dout[i] * (at).slope;                                     \
  }                                                                     \
  break

#define CK_GATED(at)                                                    \
  for (size_t r = 0; r < rows; r++) {                                   \
    const float *gate = pre + r * 2 * columns;                          \
    const float *up = gate + columns;                                   \
    float *y = out + r * columns;                                       \
    _Pragma("clang loop vectorize(assume_safety) interleave_count(2)")  \
    for (size_t c = 0; c < columns; c++) {                              \
      float x = gate[c];                                                \
      y[c] = (at).value * up[c];                                        \
    }                                                                   \
  }                                                                     \
  break

#define CK_GATED_BACKWARD(at)                                           \
  for (size_t r = 0; r < rows; r++) {                                   \
    const float *gate = pre + r * 2 * columns;                          \
    const float *up = gate + columns;                                   \
    const float *dy = dout + r * columns;                               \
    float *dgate = dpre + r * 2 * columns;                              \
    float *dup = dgate + columns;                                       \
    if (again) {                                                        \
      float *y = again + r * columns;                                   \
      _Pragma("clang loop vectorize(assume_safety) interleave_count(2)") \
      for (size_t c = 0; c < columns; c++) {                            \
        float x = gate[c];                                              \
        ck_point point = at;                                            \
        float slope = dy[c];                                            \
        y[c] = point.value * up[c];                                     \
        dgate[c] = slope * up[c] * point.slope;                         \
        dup[c] = slope * point.value;                                   \
      }                                                                 \
      continue;                                                         \
    }                                                                   \
    _Pragma("clang loop vectorize(assume_safety) interleave_count(2)")  \
    for (size_t c = 0; c < columns; c++) {                              \
      float x = gate[c];                                                \
      ck_point point = at;                                              \
      float slope = dy[c];                                              \
      dgate[c] = slope * up[c] * point.slope;                           \
      dup[c] = slope * point.value;                                     \
    }                                                                   \
  }                                                                     \
  break

CK_VERSIONS void ck_activation(ck_activation_kind kind, float *out, const float *pre,
                               size_t rows, size_t columns) {
  const size_t count = rows * columns;
  switch (kind) {
  case ck_kind_gelu: CK_PLAIN(ck_gelu_at(x));
  case ck_kind_gelu_tanh: CK_PLAIN(ck_gelu_tanh_at(x));
  case ck_kind_quick_gelu: CK_PLAIN(ck_swish_at(x, 1.702f));
  case ck_kind_relu: CK_PLAIN(ck_relu_at(x));
  case ck_kind_swiglu: CK_GATED(ck_swish_at(x, 1.0f));
  case ck_kind_geglu: CK_GATED(ck_gelu_at(x));
  }
}

CK_VERSIONS void ck_activation_backward(ck_activation_kind kind, float *dpre, float *again,
                                        const float *dout, const float *pre, size_t rows,
                                        size_t columns) {
  const size_t count = rows * columns;
  switch (kind) {
  case ck_kind_gelu: CK_PLAIN_BACKWARD(ck_gelu_at(x));
  case ck_kind_gelu_tanh: CK_PLAIN_BACKWARD(ck_gelu_tanh_at(x));
  case ck_kind_quick_gelu: CK_PLAIN_BACKWARD(ck_swish_at(x, 1.702f));
  case ck_kind_relu: CK_PLAIN_BACKWARD(ck_relu_at(x));
  case ck_kind_swiglu: CK_GATED_BACKWARD(ck_swish_at(x, 1.0f));
  case ck_kind_geglu: CK_GATED_BACKWARD(ck_gelu_at(x));
  }
}
