#include "CKernels.h"
#include "kernel_rows.h"

#include <math.h>

// MARK: Cross-entropy

CK_VERSIONS void ck_cross_entropy_rows(float *restrict losses, const float *restrict logits,
                                       const int32_t *labels, float smoothing, size_t rows,
                                       size_t columns) {
  for (size_t r = 0; r < rows; r++) {
    if (labels[r] < 0) {
      losses[r] = 0.0f;
      continue;
    }
    const float *z = logits + r * columns;
    const float maximum = ck_row_maximum(z, columns);
    float sum = 0.0f;
    {
#pragma clang fp reassociate(on)
      for (size_t c = 0; c < columns; c++) sum += ck_exp(z[c] - maximum);
    }
    float loss = logf(sum) - (1.0f - smoothing) * (z[labels[r]] - maximum);
    if (smoothing > 0.0f) {
      float distance = 0.0f;
      {
#pragma clang fp reassociate(on)
        for (size_t c = 0; c < columns; c++) distance += z[c] - maximum;
      }
      loss -= smoothing / (float)columns * distance;
    }
    losses[r] = loss;
  }
}

CK_VERSIONS void ck_cross_entropy_rows_backward(float *dlogits, const float *weights,
                                                const float *logits, const int32_t *labels,
                                                float smoothing, size_t rows, size_t columns) {
  for (size_t r = 0; r < rows; r++) {
    float *dz = dlogits + r * columns;
    if (labels[r] < 0) {
      memset(dz, 0, columns * sizeof(float));
      continue;
    }
    const float *z = logits + r * columns;
    const float maximum = ck_row_maximum(z, columns);
#pragma clang loop vectorize(assume_safety)
    for (size_t c = 0; c < columns; c++) dz[c] = ck_exp(z[c] - maximum);
    const float weight = weights[r];
    const float scale = weight / ck_row_sum(dz, columns);
    const float spread = weight * smoothing / (float)columns;
    for (size_t c = 0; c < columns; c++) dz[c] = dz[c] * scale - spread;
    dz[labels[r]] -= weight * (1.0f - smoothing);
  }
}

// Columns and rows that are worked on together: the state of a tile and the block's rows stay in the
// first two cache levels, and rows are read from end to end. Rows of a power of two of bytes, of
// which a narrow tile reads a little each, would share a few cache sets.
enum { column_tile = 1024, row_block = 8 };

// Of up to `column_tile` columns the maxima, the sums of `e^(z - maximum)`, and those of
// `z - maximum`. One pass: a block of rows that raises a maximum rescales what was summed so far.
CK_INLINE void column_sums(float *restrict maxima, float *restrict sums, float *restrict distances,
                           const float *restrict z, size_t rows, size_t width, size_t count) {
  float raised[column_tile];
  memcpy(maxima, z, count * sizeof(float));
  memset(sums, 0, count * sizeof(float));
  memset(distances, 0, count * sizeof(float));
  for (size_t start = 0; start < rows; start += row_block) {
    const size_t end = rows - start < row_block ? rows : start + row_block;
    memcpy(raised, maxima, count * sizeof(float));
    for (size_t r = start; r < end; r++)
      for (size_t c = 0; c < count; c++) {
        float value = z[r * width + c];
        raised[c] = value > raised[c] ? value : raised[c];
      }
    for (size_t c = 0; c < count; c++) {
      float change = maxima[c] - raised[c];
      sums[c] *= ck_exp(change);
      distances[c] += (float)start * change;
      maxima[c] = raised[c];
    }
    for (size_t r = start; r < end; r++)
      for (size_t c = 0; c < count; c++) {
        float distance = z[r * width + c] - maxima[c];
        sums[c] += ck_exp(distance);
        distances[c] += distance;
      }
  }
}

CK_VERSIONS void ck_cross_entropy_columns(float *restrict losses, const float *restrict logits,
                                          const int32_t *labels, float smoothing, size_t rows,
                                          size_t width, size_t columns) {
  float maxima[column_tile], sums[column_tile], distances[column_tile];
  for (size_t start = 0; start < columns; start += column_tile) {
    const size_t count = columns - start < column_tile ? columns - start : column_tile;
    const float *z = logits + start;
    column_sums(maxima, sums, distances, z, rows, width, count);
    for (size_t c = 0; c < count; c++) {
      const int32_t label = labels[start + c];
      float loss = 0.0f;
      if (label >= 0) {
        const float own = z[(size_t)label * width + c] - maxima[c];
        loss = logf(sums[c]) - (1.0f - smoothing) * own;
        if (smoothing > 0.0f) loss -= smoothing / (float)rows * distances[c];
      }
      losses[start + c] = loss;
    }
  }
}

CK_VERSIONS void ck_cross_entropy_columns_backward(float *dlogits, const float *weights,
                                                   const float *logits, const int32_t *labels,
                                                   float smoothing, size_t rows, size_t width,
                                                   size_t columns) {
  float maxima[column_tile], scales[column_tile], spreads[column_tile];
  for (size_t start = 0; start < columns; start += column_tile) {
    const size_t count = columns - start < column_tile ? columns - start : column_tile;
    const float *z = logits + start;
    float *dz = dlogits + start;
    column_sums(maxima, scales, spreads, z, rows, width, count);
    for (size_t c = 0; c < count; c++) {
      // An ignored column has weight 0.
      const float weight = labels[start + c] < 0 ? 0.0f : weights[start + c];
      scales[c] = weight / scales[c];
      spreads[c] = weight * smoothing / (float)rows;
    }
    for (size_t r = 0; r < rows; r++) {
#pragma clang loop vectorize(assume_safety)
      for (size_t c = 0; c < count; c++)
        dz[r * width + c] = ck_exp(z[r * width + c] - maxima[c]) * scales[c] - spreads[c];
    }
    for (size_t c = 0; c < count; c++) {
      const int32_t label = labels[start + c];
      if (label >= 0) dz[(size_t)label * width + c] -= weights[start + c] * (1.0f - smoothing);
    }
  }
}

// MARK: Sigmoid loss

// `log(1 + e)` for 0 <= e <= 1: `2 artanh(s)` with `s = e / (2 + e) <= 1/3`, by its series up to
// s^13. The remainder is below 2e-8 of the result, so small `e` keep their digits.
CK_INLINE float ck_log1p_unit(float e) {
  const float s = e / (2.0f + e), square = s * s;
  float p = 1.0f / 13.0f;
  p = p * square + 1.0f / 11.0f;
  p = p * square + 1.0f / 9.0f;
  p = p * square + 1.0f / 7.0f;
  p = p * square + 1.0f / 5.0f;
  p = p * square + 1.0f / 3.0f;
  p = p * square + 1.0f;
  return 2.0f * s * p;
}

// `log(1 + e^u)`.
CK_INLINE float ck_softplus(float u) {
  return (u > 0.0f ? u : 0.0f) + ck_log1p_unit(ck_exp(-__builtin_fabsf(u)));
}

CK_INLINE float softplus_sum(const float *z, size_t count) {
#pragma clang fp reassociate(on)
  float sum = 0.0f;
  for (size_t c = 0; c < count; c++) sum += ck_softplus(z[c]);
  return sum;
}

CK_VERSIONS void ck_sigmoid_loss(float *restrict losses, const float *restrict logits,
                                 ptrdiff_t first, size_t rows, size_t columns) {
  for (size_t r = 0; r < rows; r++) {
    const float *z = logits + r * columns;
    const ptrdiff_t pair = first + (ptrdiff_t)r;
    if (pair < 0 || pair >= (ptrdiff_t)columns) {
      losses[r] = softplus_sum(z, columns);
      continue;
    }
    // The pair's own column is left out of the sum: taking it off again would cancel digits.
    const size_t own = (size_t)pair;
    losses[r] = softplus_sum(z, own) + softplus_sum(z + own + 1, columns - own - 1) +
                ck_softplus(-z[own]);
  }
}

CK_VERSIONS void ck_sigmoid_loss_backward(float *dlogits, const float *weights,
                                          const float *logits, ptrdiff_t first, size_t rows,
                                          size_t columns) {
  for (size_t r = 0; r < rows; r++) {
    const float *z = logits + r * columns;
    float *dz = dlogits + r * columns;
    const float weight = weights[r];
    const ptrdiff_t pair = first + (ptrdiff_t)r;
    const int paired = pair >= 0 && pair < (ptrdiff_t)columns;
    const float own = paired ? z[pair] : 0.0f;
#pragma clang loop vectorize(assume_safety)
    for (size_t c = 0; c < columns; c++) {
      float e = ck_exp(-__builtin_fabsf(z[c]));
      dz[c] = weight * (z[c] >= 0.0f ? 1.0f : e) / (1.0f + e);
    }
    if (paired) {
      float e = ck_exp(-__builtin_fabsf(own));
      dz[pair] = -weight * (own >= 0.0f ? e : 1.0f) / (1.0f + e);
    }
  }
}

// MARK: Distances

CK_VERSIONS void ck_squared_distance(float *restrict losses, const float *restrict a,
                                     const float *restrict b, size_t rows, size_t width) {
  for (size_t r = 0; r < rows; r++) {
    const float *x = a + r * width;
    const float *y = b + r * width;
    float sum = 0.0f;
    {
#pragma clang fp reassociate(on) contract(fast)
      for (size_t c = 0; c < width; c++) sum += (x[c] - y[c]) * (x[c] - y[c]);
    }
    losses[r] = sum;
  }
}

CK_VERSIONS void ck_squared_distance_backward(float *restrict da, const float *restrict weights,
                                              const float *restrict a, const float *restrict b,
                                              size_t rows, size_t width) {
  for (size_t r = 0; r < rows; r++) {
    const float *x = a + r * width;
    const float *y = b + r * width;
    float *dx = da + r * width;
    const float factor = 2.0f * weights[r];
    for (size_t c = 0; c < width; c++) dx[c] = factor * (x[c] - y[c]);
  }
}

// Divisors of the cosine are at least so large, as in torch.nn.functional.cosine_similarity.
static const float smallest_cosine_norm = 1e-8f;

CK_INLINE float cosine_norm(const float *x, size_t width) {
  const float norm = sqrtf(ck_row_dot(x, x, width));
  return norm > smallest_cosine_norm ? norm : smallest_cosine_norm;
}

CK_VERSIONS void ck_cosine_distance(float *restrict losses, const float *restrict a,
                                    const float *restrict b, size_t rows, size_t width) {
  for (size_t r = 0; r < rows; r++) {
    const float *x = a + r * width;
    const float *y = b + r * width;
    losses[r] =
        1.0f - ck_row_dot(x, y, width) / (cosine_norm(x, width) * cosine_norm(y, width));
  }
}

CK_VERSIONS void ck_cosine_distance_backward(float *restrict da, const float *restrict weights,
                                             const float *restrict a, const float *restrict b,
                                             size_t rows, size_t width) {
  for (size_t r = 0; r < rows; r++) {
    const float *x = a + r * width;
    const float *y = b + r * width;
    float *dx = da + r * width;
    const float size = cosine_norm(x, width), other = cosine_norm(y, width);
    const float towards = weights[r] / (size * other);
    const float along =
        size > smallest_cosine_norm ? towards * ck_row_dot(x, y, width) / (size * size) : 0.0f;
    for (size_t c = 0; c < width; c++) dx[c] = along * x[c] - towards * y[c];
  }
}
