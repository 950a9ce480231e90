// Sums and maxima over one row, for kernels that work row by row.
//
// Sums of floats keep their order unless told otherwise, and an ordered sum does not vectorise:
// `reassociate` inside the block gives the compiler leave.
#ifndef FORETRAIN_KERNEL_ROWS_H
#define FORETRAIN_KERNEL_ROWS_H

#include <stddef.h>

#include "kernel_math.h"

CK_INLINE float ck_row_sum(const float *x, size_t columns) {
#pragma clang fp reassociate(on)
  float sum = 0.0f;
  for (size_t c = 0; c < columns; c++) sum += x[c];
  return sum;
}

CK_INLINE float ck_row_dot(const float *x, const float *y, size_t columns) {
#pragma clang fp reassociate(on) contract(fast)
  float sum = 0.0f;
  for (size_t c = 0; c < columns; c++) sum += x[c] * y[c];
  return sum;
}

// A plain maximum loop stays scalar because of NaN rules; 32 partial maxima do not.
CK_INLINE float ck_row_maximum(const float *x, size_t columns) {
  enum { lanes = 32 };
  float maximum = x[0];
  size_t c = 0;
  if (columns >= lanes) {
    float partial[lanes];
    for (size_t j = 0; j < lanes; j++) partial[j] = x[j];
    for (c = lanes; c + lanes <= columns; c += lanes)
      for (size_t j = 0; j < lanes; j++)
        partial[j] = x[c + j] > partial[j] ? x[c + j] : partial[j];
    for (size_t j = 0; j < lanes; j++) maximum = partial[j] > maximum ? partial[j] : maximum;
  }
  for (; c < columns; c++) maximum = x[c] > maximum ? x[c] : maximum;
  return maximum;
}

#endif
