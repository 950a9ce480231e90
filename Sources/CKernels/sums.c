#include "CKernels.h"
#include "kernel_math.h"

#include <math.h>

// `reassociate` lets the compiler keep several partial sums, without which the loops stay scalar.

CK_VERSIONS double ck_sum(const float *in, size_t count) {
#pragma clang fp reassociate(on)
  double sum = 0.0;
  for (size_t i = 0; i < count; i++) sum += (double)in[i];
  return sum;
}

CK_VERSIONS double ck_dot(const float *left, const float *right, size_t count) {
#pragma clang fp reassociate(on) contract(fast)
  double sum = 0.0;
  for (size_t i = 0; i < count; i++) sum += (double)left[i] * (double)right[i];
  return sum;
}

CK_VERSIONS double ck_square_distance(const float *left, const float *right, size_t count) {
#pragma clang fp reassociate(on) contract(fast)
  double sum = 0.0;
  for (size_t i = 0; i < count; i++) {
    double distance = (double)left[i] - (double)right[i];
    sum += distance * distance;
  }
  return sum;
}

float ck_exponential(float x) { return (float)exp((double)x); }
