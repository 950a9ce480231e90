#include "CKernels.h"
#include "kernel_math.h"

void ck_gather_rows(float *restrict out, const float *restrict in, const int32_t *rows,
                    size_t first, size_t count, size_t width) {
  for (size_t i = first; i < first + count; i++)
    memcpy(out + i * width, in + (size_t)rows[i] * width, width * sizeof(float));
}

void ck_scatter_rows(float *restrict out, const float *restrict in, const int32_t *rows,
                     size_t first, size_t count, size_t width) {
  for (size_t i = first; i < first + count; i++)
    memcpy(out + (size_t)rows[i] * width, in + i * width, width * sizeof(float));
}

CK_VERSIONS void ck_scatter_add_rows(float *restrict out, const float *restrict in,
                                     const int32_t *rows, size_t count, int32_t low,
                                     int32_t high, size_t width) {
  for (size_t i = 0; i < count; i++) {
    if (rows[i] < low || rows[i] >= high) continue;
    const float *x = in + i * width;
    float *y = out + (size_t)rows[i] * width;
    for (size_t c = 0; c < width; c++) y[c] += x[c];
  }
}

void ck_copy_rows(float *restrict out, size_t out_stride, const float *restrict in,
                  size_t in_stride, size_t rows, size_t columns) {
  if (out_stride == columns && in_stride == columns) {
    memcpy(out, in, rows * columns * sizeof(float));
    return;
  }
  for (size_t r = 0; r < rows; r++)
    memcpy(out + r * out_stride, in + r * in_stride, columns * sizeof(float));
}

CK_VERSIONS void ck_sum_copies(float *restrict out, const float *restrict in, size_t copies,
                               size_t stride, size_t count, int accumulating) {
  if (!accumulating) memset(out, 0, count * sizeof(float));
  for (size_t k = 0; k < copies; k++) {
    const float *x = in + k * stride;
    for (size_t i = 0; i < count; i++) out[i] += x[i];
  }
}

CK_VERSIONS void ck_image_tokens(float *restrict out, const float *restrict patches,
                                 const float *restrict class_token,
                                 const float *restrict robust_token, const float *restrict lambda,
                                 const float *restrict positions, int class_position,
                                 size_t samples, size_t patch_count, size_t width) {
  const size_t first = class_token && class_position ? 1 : 0;
  float *y = out;
  const float *x = patches;
  for (size_t s = 0; s < samples; s++) {
    if (class_token) {
      if (lambda) {
        const float robust = lambda[s], standard = 1.0f - robust;
        for (size_t c = 0; c < width; c++)
          y[c] = standard * class_token[c] + robust * robust_token[c];
      } else {
        memcpy(y, class_token, width * sizeof(float));
      }
      if (positions && class_position)
        for (size_t c = 0; c < width; c++) y[c] += positions[c];
      y += width;
    }
    const size_t count = patch_count * width;
    if (positions) {
      const float *p = positions + first * width;
      for (size_t i = 0; i < count; i++) y[i] = x[i] + p[i];
    } else {
      memcpy(y, x, count * sizeof(float));
    }
    y += count;
    x += count;
  }
}

CK_VERSIONS void ck_tokens_backward(float *restrict din, size_t in_stride, float *restrict sums,
                                    const float *restrict dout, size_t out_stride, size_t samples,
                                    size_t tokens, size_t width) {
  const size_t count = tokens * width;
  for (size_t s = 0; s < samples; s++) {
    const float *dy = dout + s * out_stride;
    if (sums)
      for (size_t i = 0; i < count; i++) sums[i] += dy[i];
    if (din) memcpy(din + s * in_stride, dy, count * sizeof(float));
  }
}

CK_VERSIONS void ck_sum_mixed(float *restrict first, float *restrict second,
                              const float *restrict in, const float *restrict lambda,
                              size_t samples, size_t sample_stride, size_t width) {
  for (size_t s = 0; s < samples; s++) {
    const float *x = in + s * sample_stride;
    const float share = lambda ? lambda[s] : 0.0f, rest = 1.0f - share;
    if (first)
      for (size_t c = 0; c < width; c++) first[c] += rest * x[c];
    if (second)
      for (size_t c = 0; c < width; c++) second[c] += share * x[c];
  }
}

CK_VERSIONS void ck_add_token_rows(float *out, const float *in, const float *table, size_t first,
                                   size_t rows, size_t tokens, size_t width) {
  size_t token = first % tokens;
  for (size_t r = 0; r < rows; r++) {
    const float *x = in + r * width;
    const float *added = table + token * width;
    float *y = out + r * width;
#pragma clang loop vectorize(assume_safety)
    for (size_t c = 0; c < width; c++) y[c] = x[c] + added[c];
    token = token + 1 == tokens ? 0 : token + 1;
  }
}

CK_VERSIONS void ck_mean_tokens(float *restrict out, const float *restrict in, size_t samples,
                                size_t tokens, size_t width) {
  const float share = 1.0f / (float)tokens;
  for (size_t s = 0; s < samples; s++) {
    float *y = out + s * width;
    memset(y, 0, width * sizeof(float));
    for (size_t t = 0; t < tokens; t++) {
      const float *x = in + (s * tokens + t) * width;
      for (size_t c = 0; c < width; c++) y[c] += x[c];
    }
    for (size_t c = 0; c < width; c++) y[c] *= share;
  }
}

CK_VERSIONS void ck_mean_tokens_backward(float *restrict din, const float *restrict dout,
                                         size_t samples, size_t tokens, size_t width) {
  const float share = 1.0f / (float)tokens;
  for (size_t s = 0; s < samples; s++) {
    const float *dy = dout + s * width;
    for (size_t t = 0; t < tokens; t++) {
      float *dx = din + (s * tokens + t) * width;
      for (size_t c = 0; c < width; c++) dx[c] = dy[c] * share;
    }
  }
}

CK_VERSIONS void ck_scale_columns(float *out, const float *in, const float *scale, size_t rows,
                                  size_t columns) {
  for (size_t r = 0; r < rows; r++) {
    const float *x = in + r * columns;
    float *y = out + r * columns;
#pragma clang loop vectorize(assume_safety)
    for (size_t c = 0; c < columns; c++) y[c] = x[c] * scale[c];
  }
}

CK_VERSIONS void ck_scale_columns_backward(float *din, float *dscale, const float *dout,
                                           const float *in, const float *scale, size_t rows,
                                           size_t columns) {
  for (size_t r = 0; r < rows; r++) {
    const float *dy = dout + r * columns;
    // The sum first: `din` may be `dout`.
    if (dscale) {
      const float *x = in + r * columns;
#pragma clang loop vectorize(assume_safety)
      for (size_t c = 0; c < columns; c++) dscale[c] += dy[c] * x[c];
    }
    if (din) {
      float *dx = din + r * columns;
#pragma clang loop vectorize(assume_safety)
      for (size_t c = 0; c < columns; c++) dx[c] = dy[c] * scale[c];
    }
  }
}

CK_VERSIONS void ck_scale_shift(float *out, const float *in, float factor, float shift,
                                size_t count) {
#pragma clang loop vectorize(assume_safety)
  for (size_t i = 0; i < count; i++) out[i] = factor * in[i] + shift;
}
