// What the kernels share: function versions by CPU, and arithmetic that vectorises.
#ifndef FORETRAIN_KERNEL_MATH_H
#define FORETRAIN_KERNEL_MATH_H

#include <stdint.h>
#include <string.h>

#if defined(__x86_64__) && defined(__ELF__)
#define CK_VERSIONS __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define CK_VERSIONS
#endif
#define CK_INLINE static inline __attribute__((always_inline))

// Lets the compiler use fused multiply-adds where a version has them.
#pragma clang fp contract(fast)

// `e^x`, relative error below 3e-7 on [-87, 88]; clamped outside, so never infinite.
//
// `x = n ln 2 + r` with |r| <= ln 2 / 2; `e^r` by its Taylor polynomial of degree 6 (remainder below
// 1.3e-7), `2^n` by the exponent bits. Adding 1.5 * 2^23 rounds to the nearest whole number.
CK_INLINE float ck_exp(float x) {
  x = x < -87.0f ? -87.0f : x;
  x = x > 88.0f ? 88.0f : x;
  const float magic = 12582912.0f;
  float n = (x * 1.44269504088896341f + magic) - magic;
  float r = x - n * 0.693359375f;
  r = r + n * 2.12194440e-4f;
  float p = 1.0f / 720.0f;
  p = p * r + 1.0f / 120.0f;
  p = p * r + 1.0f / 24.0f;
  p = p * r + 1.0f / 6.0f;
  p = p * r + 0.5f;
  p = p * r + 1.0f;
  p = p * r + 1.0f;
  union {
    int32_t i;
    float f;
  } power;
  power.i = ((int32_t)n + 127) << 23;
  return p * power.f;
}

// `2^x` for x up to 127, relative error below 2e-7; below -126 as at -126, so never 0.
//
// `x = n + f` with |f| <= 1/2; `2^f` by the polynomial of degree 5 with the least largest relative
// error (7.5e-8), `2^n` added to its exponent bits: after adding 1.5 * 2^23 the low bits are n.
CK_INLINE float ck_exp2(float x) {
  union {
    float f;
    uint32_t i;
  } whole, result;
  const float magic = 12582912.0f;
  x = x < -126.0f ? -126.0f : x;
  whole.f = x + magic;
  float f = x - (whole.f - magic);
  float p = 1.3276471993e-3f;
  p = p * f + 9.6755413345e-3f;
  p = p * f + 5.5507132735e-2f;
  p = p * f + 2.4022119724e-1f;
  p = p * f + 6.9314696706e-1f;
  result.f = p * f + 1.0000000717f;
  result.i += whole.i << 23;
  return result.f;
}

// `ln x` for normal x above 0, absolute error below 1e-7 and relative below 3e-7.
//
// `x = 2^n m` with m around 1; `ln m = 2 (s + s^3 / 3 + ...)`, s = (m - 1) / (m + 1), |s| < 0.172.
CK_INLINE float ck_log(float x) {
  union {
    float f;
    int32_t i;
  } mantissa = {x};
  // 0x3f3504f3 is the root of 1/2: m lies between it and its double.
  int32_t exponent = (mantissa.i - 0x3f3504f3) >> 23;
  mantissa.i -= (int32_t)((uint32_t)exponent << 23);
  float s = (mantissa.f - 1.0f) / (mantissa.f + 1.0f);
  float square = s * s;
  float p = 2.0f / 9.0f;
  p = p * square + 2.0f / 7.0f;
  p = p * square + 2.0f / 5.0f;
  p = p * square + 2.0f / 3.0f;
  p = p * square + 2.0f;
  return p * s + (float)exponent * 0.69314718055994531f;
}

// The normal distribution `P(x)`; `*exponential` receives `e^(-x^2/2)`, which the density needs.
//
// With z = |x| / sqrt 2, t = 1 / (1 + 0.3275911 z): the upper tail is t (a1 + ... + a5 t^4) e^(-z^2)
// halved; constants are folded. The tail itself is computed, not one minus it, so that large
// negative x keep their digits.
CK_INLINE float ck_normal(float x, float *exponential) {
  float t = 1.0f / (1.0f + 0.23164189f * __builtin_fabsf(x));
  float e = ck_exp2(x * x * -0.72134752044448170f);
  float p = 0.5f * 1.061405429f;
  p = p * t - 0.5f * 1.453152027f;
  p = p * t + 0.5f * 1.421413741f;
  p = p * t - 0.5f * 0.284496736f;
  p = p * t + 0.5f * 0.254829592f;
  float tail = p * t * e;
  *exponential = e;
  return x < 0.0f ? tail : 1.0f - tail;
}

CK_INLINE float ck_gelu_of(float x) {
  float exponential;
  return x * ck_normal(x, &exponential);
}

#endif
