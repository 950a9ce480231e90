#include "CKernels.h"
#include "kernel_rows.h"

#include <math.h>

static const float smallest_norm = 1e-12f;

CK_VERSIONS void ck_normalise_rows(float *restrict out, const float *restrict in, size_t rows,
                                   size_t width) {
  for (size_t r = 0; r < rows; r++) {
    const float *x = in + r * width;
    float *y = out + r * width;
    const float norm = sqrtf(ck_row_dot(x, x, width));
    const float scale = 1.0f / (norm > smallest_norm ? norm : smallest_norm);
    for (size_t c = 0; c < width; c++) y[c] = x[c] * scale;
  }
}

CK_VERSIONS void ck_normalise_rows_backward(float *din, const float *dout, const float *in,
                                            size_t rows, size_t width) {
  for (size_t r = 0; r < rows; r++) {
    const float *x = in + r * width;
    const float *dy = dout + r * width;
    float *dx = din + r * width;
    const float norm = sqrtf(ck_row_dot(x, x, width));
    const float scale = 1.0f / (norm > smallest_norm ? norm : smallest_norm);
    // Below the smallest norm the divisor is a constant.
    const float along = norm > smallest_norm ? ck_row_dot(x, dy, width) * scale * scale : 0.0f;
#pragma clang loop vectorize(assume_safety)
    for (size_t c = 0; c < width; c++) dx[c] = (dy[c] - x[c] * along) * scale;
  }
}

CK_VERSIONS void ck_best_vector(float *restrict out, const float *restrict in, size_t rows,
                                size_t vectors, size_t columns) {
  for (size_t r = 0; r < rows; r++) {
    const float *x = in + r * vectors * columns;
    float *y = out + r * columns;
    if (columns == 1) {
      y[0] = ck_row_maximum(x, vectors);
      continue;
    }
    memcpy(y, x, columns * sizeof(float));
    for (size_t v = 1; v < vectors; v++)
      for (size_t c = 0; c < columns; c++) {
        float value = x[v * columns + c];
        y[c] = value > y[c] ? value : y[c];
      }
  }
}

CK_VERSIONS void ck_best_vector_backward(float *restrict din, const float *restrict dout,
                                         const float *restrict in, size_t rows, size_t vectors,
                                         size_t columns) {
  enum { tile = 256 };
  float best[tile], left[tile];
  for (size_t r = 0; r < rows; r++) {
    for (size_t start = 0; start < columns; start += tile) {
      const size_t count = columns - start < tile ? columns - start : tile;
      const float *x = in + r * vectors * columns + start;
      float *dx = din + r * vectors * columns + start;
      memcpy(best, x, count * sizeof(float));
      // What is left to be handed out: all of the gradient until the first maximum took it.
      memcpy(left, dout + r * columns + start, count * sizeof(float));
      for (size_t v = 1; v < vectors; v++)
        for (size_t c = 0; c < count; c++) {
          float value = x[v * columns + c];
          best[c] = value > best[c] ? value : best[c];
        }
      for (size_t v = 0; v < vectors; v++)
        for (size_t c = 0; c < count; c++) {
          float taken = x[v * columns + c] == best[c] ? left[c] : 0.0f;
          dx[v * columns + c] = taken;
          left[c] -= taken;
        }
    }
  }
}
