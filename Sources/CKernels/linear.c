#include "CKernels.h"
#include "kernel_math.h"

CK_VERSIONS void ck_start_rows(float *restrict out, const float *restrict bias,
                               const float *restrict residual, size_t rows, size_t columns) {
  if (residual == NULL) {
    for (size_t r = 0; r < rows; r++) memcpy(out + r * columns, bias, columns * sizeof(float));
    return;
  }
  if (bias == NULL) {
    memcpy(out, residual, rows * columns * sizeof(float));
    return;
  }
  for (size_t r = 0; r < rows; r++) {
    const float *s = residual + r * columns;
    float *y = out + r * columns;
    for (size_t c = 0; c < columns; c++) y[c] = bias[c] + s[c];
  }
}

CK_VERSIONS void ck_sum_columns(float *restrict sums, const float *restrict in, size_t stride,
                                size_t rows, size_t columns) {
  // Four rows at a time: the sums are loaded and stored a quarter as often.
  size_t r = 0;
  for (; r + 4 <= rows; r += 4) {
    const float *x = in + r * stride;
    for (size_t c = 0; c < columns; c++)
      sums[c] += (x[c] + x[c + stride]) + (x[c + 2 * stride] + x[c + 3 * stride]);
  }
  for (; r < rows; r++) {
    const float *x = in + r * stride;
    for (size_t c = 0; c < columns; c++) sums[c] += x[c];
  }
}
