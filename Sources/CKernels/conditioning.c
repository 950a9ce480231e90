#include "CKernels.h"
#include "kernel_math.h"

// Gains of a sample are mixed once for a tile of columns, on the stack, and serve all its tokens.
enum { tile = 256 };

CK_INLINE size_t tile_columns(size_t start, size_t columns) {
  return columns - start < tile ? columns - start : tile;
}

// `out = (1 - share) first + share second`; with a share of 0 this is `first`, bit for bit.
CK_INLINE void mix(float *restrict out, const float *restrict first, const float *restrict second,
                   float share, size_t count) {
  const float rest = 1.0f - share;
  for (size_t c = 0; c < count; c++) out[c] = rest * first[c] + share * second[c];
}

CK_VERSIONS void ck_mix_affine(float *out, const float *in, const float *affine,
                               const float *lambda, size_t first, size_t rows, size_t tokens,
                               size_t width) {
  float gain[tile], bias[tile];
  for (size_t row = 0; row < rows;) {
    // The rows of one sample, or those of them that are here.
    const size_t sample = (first + row) / tokens;
    const size_t end = (sample + 1) * tokens - first;
    const size_t count = (end < rows ? end : rows) - row;
    for (size_t start = 0; start < width; start += tile) {
      const size_t columns = tile_columns(start, width);
      const float *part = affine + start;
      mix(gain, part, part + 2 * width, lambda[sample], columns);
      mix(bias, part + width, part + 3 * width, lambda[sample], columns);
      for (size_t r = row; r < row + count; r++) {
        const float *x = in + r * width + start;
        float *y = out + r * width + start;
#pragma clang loop vectorize(assume_safety)
        for (size_t c = 0; c < columns; c++)
          y[c] = __builtin_elementwise_fma(x[c], gain[c], bias[c]);
      }
    }
    row += count;
  }
}

// Token by token in the order of `ck_norm_backward`, with the same operations: where all shares are
// 0, the gradients of the first set are those of plain gains and biases, bit for bit.
CK_VERSIONS void ck_mix_affine_backward(float *din, float *daffine, const float *dout,
                                        const float *in, const float *affine, const float *lambda,
                                        size_t first, size_t rows, size_t tokens, size_t width) {
  float gain[tile];
  for (size_t row = 0; row < rows;) {
    const size_t sample = (first + row) / tokens;
    const size_t end = (sample + 1) * tokens - first;
    const size_t count = (end < rows ? end : rows) - row;
    const float share = lambda[sample], rest = 1.0f - share;
    for (size_t start = 0; start < width; start += tile) {
      const size_t columns = tile_columns(start, width);
      mix(gain, affine + start, affine + 2 * width + start, share, columns);
      for (size_t r = row; r < row + count; r++) {
        const size_t place = r * width + start;
        const float *dy = dout + place;
        // The sums first: `din` may be `dout`.
        if (daffine) {
          const float *x = in + place;
          float *to = daffine + start;
#pragma clang loop vectorize(assume_safety)
          for (size_t c = 0; c < columns; c++) {
            const float own = rest * dy[c], other = share * dy[c];
            to[c] = __builtin_elementwise_fma(own, x[c], to[c]);
            to[width + c] += own;
            to[2 * width + c] = __builtin_elementwise_fma(other, x[c], to[2 * width + c]);
            to[3 * width + c] += other;
          }
        }
        if (din) {
          float *dx = din + place;
#pragma clang loop vectorize(assume_safety)
          for (size_t c = 0; c < columns; c++) dx[c] = dy[c] * gain[c];
        }
      }
    }
    row += count;
  }
}

CK_VERSIONS void ck_shift_by_lambda(float *out, const float *in, const float *shift,
                                    const float *lambda, size_t first, size_t rows, size_t tokens,
                                    size_t width) {
  for (size_t row = 0; row < rows; row++) {
    const float share = lambda[(first + row) / tokens];
    const float *x = in + row * width;
    float *y = out + row * width;
    if (share == 0.0f) {
      // Adding 0 would turn -0 into 0.
      if (y != x) memcpy(y, x, width * sizeof(float));
      continue;
    }
#pragma clang loop vectorize(assume_safety)
    for (size_t c = 0; c < width; c++) y[c] = __builtin_elementwise_fma(share, shift[c], x[c]);
  }
}

CK_VERSIONS void ck_shift_by_lambda_backward(float *dshift, const float *dout, const float *lambda,
                                             size_t first, size_t rows, size_t tokens,
                                             size_t width) {
  for (size_t row = 0; row < rows; row++) {
    const float share = lambda[(first + row) / tokens];
    const float *dy = dout + row * width;
#pragma clang loop vectorize(assume_safety)
    for (size_t c = 0; c < width; c++)
      dshift[c] = __builtin_elementwise_fma(share, dy[c], dshift[c]);
  }
}

CK_VERSIONS void ck_film(float *out, const float *in, const float *scale, const float *shift,
                         size_t samples, size_t tokens, size_t width) {
  for (size_t s = 0; s < samples; s++) {
    const float *gain = scale + s * width;
    const float *bias = shift + s * width;
    for (size_t t = 0; t < tokens; t++) {
      const float *x = in + (s * tokens + t) * width;
      float *y = out + (s * tokens + t) * width;
#pragma clang loop vectorize(assume_safety)
      for (size_t c = 0; c < width; c++) y[c] = x[c] * (1.0f + gain[c]) + bias[c];
    }
  }
}

CK_VERSIONS void ck_film_backward(float *din, float *dscale, float *dshift, const float *dout,
                                  const float *in, const float *scale, size_t samples,
                                  size_t tokens, size_t width) {
  if (dscale) memset(dscale, 0, samples * width * sizeof(float));
  if (dshift) memset(dshift, 0, samples * width * sizeof(float));
  for (size_t s = 0; s < samples; s++) {
    const float *gain = scale + s * width;
    for (size_t t = 0; t < tokens; t++) {
      const size_t place = (s * tokens + t) * width;
      const float *dy = dout + place;
      if (dscale) {
        const float *x = in + place;
        float *sum = dscale + s * width;
#pragma clang loop vectorize(assume_safety)
        for (size_t c = 0; c < width; c++) sum[c] += dy[c] * x[c];
      }
      if (dshift) {
        float *sum = dshift + s * width;
#pragma clang loop vectorize(assume_safety)
        for (size_t c = 0; c < width; c++) sum[c] += dy[c];
      }
      if (din) {
        float *dx = din + place;
#pragma clang loop vectorize(assume_safety)
        for (size_t c = 0; c < width; c++) dx[c] = dy[c] * (1.0f + gain[c]);
      }
    }
  }
}
