#include "CKernels.h"
#include "kernel_math.h"

CK_VERSIONS void ck_copy(float *restrict out, const float *restrict in, size_t count) {
  memcpy(out, in, count * sizeof(float));
}

CK_VERSIONS void ck_add(float *out, const float *left, const float *right, size_t count) {
#pragma clang loop vectorize(assume_safety)
  for (size_t i = 0; i < count; i++) out[i] = left[i] + right[i];
}

CK_VERSIONS void ck_bias_add(float *out, const float *in, const float *bias, size_t rows,
                             size_t columns) {
  for (size_t r = 0; r < rows; r++) {
    const float *x = in + r * columns;
    float *y = out + r * columns;
#pragma clang loop vectorize(assume_safety)
    for (size_t c = 0; c < columns; c++) y[c] = x[c] + bias[c];
  }
}

CK_VERSIONS void ck_bias_residual(float *out, const float *in, const float *bias,
                                  const float *residual, size_t rows, size_t columns) {
  for (size_t r = 0; r < rows; r++) {
    const float *x = in + r * columns;
    const float *s = residual + r * columns;
    float *y = out + r * columns;
#pragma clang loop vectorize(assume_safety)
    for (size_t c = 0; c < columns; c++) y[c] = x[c] + bias[c] + s[c];
  }
}

CK_VERSIONS void ck_sum_rows(float *restrict sums, const float *restrict in, size_t rows,
                             size_t columns) {
  for (size_t r = 0; r < rows; r++) {
    const float *x = in + r * columns;
    for (size_t c = 0; c < columns; c++) sums[c] += x[c];
  }
}

CK_VERSIONS void ck_gelu(float *restrict out, const float *restrict in, size_t count) {
  for (size_t i = 0; i < count; i++) out[i] = ck_gelu_of(in[i]);
}

CK_VERSIONS void ck_gelu_backward(float *restrict din, const float *restrict dout,
                                  const float *restrict in, size_t count) {
  for (size_t i = 0; i < count; i++) {
    float x = in[i];
    float exponential;
    float distribution = ck_normal(x, &exponential);
    din[i] = dout[i] * (distribution + x * 0.39894228040143268f * exponential);
  }
}

CK_VERSIONS void ck_bias_gelu(float *pre, float *out, const float *in, const float *bias,
                              size_t rows, size_t columns) {
  for (size_t r = 0; r < rows; r++) {
    const float *x = in + r * columns;
    float *kept = pre + r * columns;
    float *y = out + r * columns;
#pragma clang loop vectorize(assume_safety)
    for (size_t c = 0; c < columns; c++) {
      float sum = x[c] + bias[c];
      kept[c] = sum;
      y[c] = ck_gelu_of(sum);
    }
  }
}

CK_VERSIONS void ck_adamw(float *restrict parameter, float *restrict moment1,
                          float *restrict moment2, const float *restrict gradient,
                          const ck_adamw_step *step, size_t count) {
  const float rate = step->learning_rate, decay = step->weight_decay, epsilon = step->epsilon;
  const float b1 = step->beta1, b2 = step->beta2;
  const float c1 = step->correction1, c2 = step->correction2;
  const float factor = step->gradient_factor;
  for (size_t i = 0; i < count; i++) {
    float g = factor * gradient[i];
    float m = b1 * moment1[i] + (1.0f - b1) * g;
    float v = b2 * moment2[i] + (1.0f - b2) * g * g;
    moment1[i] = m;
    moment2[i] = v;
    // The builtin, not sqrtf: sqrtf sets errno, which keeps the loop scalar.
    float size = __builtin_elementwise_sqrt(v * c2) + epsilon;
    parameter[i] -= rate * (m * c1 / size + decay * parameter[i]);
  }
}
