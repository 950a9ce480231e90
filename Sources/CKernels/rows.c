#include "CKernels.h"
#include "kernel_rows.h"

CK_INLINE float row_square_distance(const float *x, float centre, size_t columns) {
#pragma clang fp reassociate(on) contract(fast)
  float sum = 0.0f;
  for (size_t c = 0; c < columns; c++) {
    float distance = x[c] - centre;
    sum += distance * distance;
  }
  return sum;
}

CK_VERSIONS void ck_layer_norm(float *restrict out, float *restrict mean, float *restrict rstd,
                               const float *restrict in, const float *restrict gain,
                               const float *restrict bias, float epsilon, size_t rows,
                               size_t columns) {
  const float share = 1.0f / (float)columns;
  for (size_t r = 0; r < rows; r++) {
    const float *x = in + r * columns;
    float *y = out + r * columns;
    // Two passes: the row is in the first cache level, and one pass would cancel digits.
    float centre = ck_row_sum(x, columns) * share;
    float variance = row_square_distance(x, centre, columns) * share;
    float scale = 1.0f / __builtin_elementwise_sqrt(variance + epsilon);
    mean[r] = centre;
    rstd[r] = scale;
    for (size_t c = 0; c < columns; c++) y[c] = (x[c] - centre) * scale * gain[c] + bias[c];
  }
}

CK_VERSIONS void ck_layer_norm_backward(float *restrict din, float *restrict dgain,
                                        float *restrict dbias, const float *restrict dout,
                                        const float *restrict in, const float *restrict gain,
                                        const float *restrict mean, const float *restrict rstd,
                                        size_t rows, size_t columns) {
  const float share = 1.0f / (float)columns;
  for (size_t r = 0; r < rows; r++) {
    const float *x = in + r * columns;
    const float *dy = dout + r * columns;
    float *dx = din + r * columns;
    const float centre = mean[r], scale = rstd[r];
    float sum = 0.0f, weighted = 0.0f;
    {
#pragma clang fp reassociate(on) contract(fast)
      for (size_t c = 0; c < columns; c++) {
        float normal = (x[c] - centre) * scale;
        float g = dy[c] * gain[c];
        sum += g;
        weighted += g * normal;
      }
    }
    sum *= share;
    weighted *= share;
    for (size_t c = 0; c < columns; c++) {
      float normal = (x[c] - centre) * scale;
      dx[c] = scale * (dy[c] * gain[c] - sum - normal * weighted);
      dgain[c] += dy[c] * normal;
      dbias[c] += dy[c];
    }
  }
}

CK_VERSIONS void ck_softmax(float *out, const float *in, float scale, size_t rows,
                            size_t columns) {
  for (size_t r = 0; r < rows; r++) {
    const float *x = in + r * columns;
    float *y = out + r * columns;
    // The scale is above 0, so the largest entry stays the largest when scaled.
    const float shift = ck_row_maximum(x, columns) * scale;
#pragma clang loop vectorize(assume_safety)
    for (size_t c = 0; c < columns; c++) y[c] = ck_exp(x[c] * scale - shift);
    float total = 1.0f / ck_row_sum(y, columns);
    for (size_t c = 0; c < columns; c++) y[c] *= total;
  }
}

CK_VERSIONS void ck_softmax_backward(float *din, const float *dout, const float *out, float scale,
                                     size_t rows, size_t columns) {
  for (size_t r = 0; r < rows; r++) {
    const float *y = out + r * columns;
    const float *dy = dout + r * columns;
    float *dx = din + r * columns;
    const float inner = ck_row_dot(dy, y, columns);
#pragma clang loop vectorize(assume_safety)
    for (size_t c = 0; c < columns; c++) dx[c] = scale * y[c] * (dy[c] - inner);
  }
}
