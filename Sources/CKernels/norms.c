#include "CKernels.h"
#include "kernel_math.h"

typedef struct {
  float mean;
  float rstd;
} ck_statistics;

// Two passes: the row is in the first cache level, and one pass would cancel digits.
CK_INLINE ck_statistics row_statistics(const float *x, bool centred, float epsilon,
                                       size_t columns) {
#pragma clang fp reassociate(on) contract(fast)
  const float share = 1.0f / (float)columns;
  float sum = 0.0f, squares = 0.0f;
  if (centred)
    for (size_t c = 0; c < columns; c++) sum += x[c];
  const float mean = sum * share;
  for (size_t c = 0; c < columns; c++) {
    float distance = x[c] - mean;
    squares += distance * distance;
  }
  return (ck_statistics){mean, 1.0f / __builtin_elementwise_sqrt(squares * share + epsilon)};
}

CK_VERSIONS void ck_norm(float *restrict out, const float *restrict in, const float *gain,
                         const float *bias, bool centred, float epsilon, size_t rows,
                         size_t columns) {
  for (size_t r = 0; r < rows; r++) {
    const float *x = in + r * columns;
    float *y = out + r * columns;
    const ck_statistics s = row_statistics(x, centred, epsilon, columns);
    if (gain == NULL) {
      for (size_t c = 0; c < columns; c++) y[c] = (x[c] - s.mean) * s.rstd;
    } else if (bias == NULL) {
#pragma clang loop vectorize(assume_safety)
      for (size_t c = 0; c < columns; c++) y[c] = (x[c] - s.mean) * s.rstd * gain[c];
    } else {
#pragma clang loop vectorize(assume_safety)
      for (size_t c = 0; c < columns; c++)
        y[c] = __builtin_elementwise_fma((x[c] - s.mean) * s.rstd, gain[c], bias[c]);
    }
  }
}

// Rounded before it is used: a gain applied by another kernel gives the same bits.
CK_INLINE float scaled(float slope, const float *gain, size_t c) {
#pragma clang fp contract(off)
  return gain == NULL ? slope : slope * gain[c];
}

CK_INLINE void norm_backward(float *din, float *dgain, float *dbias, const float *dout,
                             const float *in, const float *gain, const float *present,
                             bool centred, float epsilon, size_t rows, size_t columns) {
  const float share = 1.0f / (float)columns;
  for (size_t r = 0; r < rows; r++) {
    const float *x = in + r * columns;
    const float *dy = dout + r * columns;
    const float *already = present == NULL ? NULL : present + r * columns;
    float *dx = din + r * columns;
    const ck_statistics s = row_statistics(x, centred, epsilon, columns);
    float sum = 0.0f, weighted = 0.0f;
    {
#pragma clang fp reassociate(on) contract(fast)
      // One order of the sums, with and without a gain.
#pragma clang loop vectorize_width(16) interleave_count(2)
      for (size_t c = 0; c < columns; c++) {
        float g = scaled(dy[c], gain, c);
        sum += g;
        weighted += g * ((x[c] - s.mean) * s.rstd);
      }
    }
    sum = centred ? sum * share : 0.0f;
    weighted *= share;
#pragma clang loop vectorize(assume_safety)
    for (size_t c = 0; c < columns; c++) {
      float n = (x[c] - s.mean) * s.rstd;
      float slope = dy[c];
      float g = scaled(slope, gain, c);
      float d = s.rstd * (g - sum - n * weighted);
      if (dgain != NULL) dgain[c] = __builtin_elementwise_fma(slope, n, dgain[c]);
      if (dbias != NULL) dbias[c] += slope;
      dx[c] = already == NULL ? d : d + already[c];
    }
  }
}

// Each combination of operands is a loop of its own, without tests inside.
CK_VERSIONS void ck_norm_backward(float *din, float *dgain, float *dbias, const float *dout,
                                  const float *in, const float *gain, const float *present,
                                  bool centred, float epsilon, size_t rows, size_t columns) {
#define CK_RUN(dg, db, g, p) \
  norm_backward(din, dg, db, dout, in, g, p, centred, epsilon, rows, columns)
  if (present != NULL) {
    if (gain == NULL) CK_RUN(NULL, NULL, NULL, present);
    else if (dgain == NULL) CK_RUN(NULL, NULL, gain, present);
    else if (dbias == NULL) CK_RUN(dgain, NULL, gain, present);
    else CK_RUN(dgain, dbias, gain, present);
  } else {
    if (gain == NULL) CK_RUN(NULL, NULL, NULL, NULL);
    else if (dgain == NULL) CK_RUN(NULL, NULL, gain, NULL);
    else if (dbias == NULL) CK_RUN(dgain, NULL, gain, NULL);
    else CK_RUN(dgain, dbias, gain, NULL);
  }
#undef CK_RUN
}
