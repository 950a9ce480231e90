#include "CKernels.h"
#include "kernel_math.h"

CK_INLINE float lamb_update(float p, float m, float v, const ck_lamb_step *step) {
  // The builtin, not sqrtf: sqrtf sets errno, which keeps the loop scalar.
  float size = __builtin_elementwise_sqrt(v * step->correction2) + step->epsilon;
  return m * step->correction1 / size + step->weight_decay * p;
}

CK_VERSIONS void ck_lamb_moments(float *restrict moment1, float *restrict moment2,
                                 double *parameter_square, double *update_square,
                                 const float *restrict gradient, const float *restrict parameter,
                                 const ck_lamb_step *constants, size_t count) {
#pragma clang fp reassociate(on) contract(fast)
  const ck_lamb_step step = *constants;
  double size = 0.0, change = 0.0;
  for (size_t i = 0; i < count; i++) {
    float g = step.gradient_factor * gradient[i], p = parameter[i];
    float m = step.beta1 * moment1[i] + (1.0f - step.beta1) * g;
    float v = step.beta2 * moment2[i] + (1.0f - step.beta2) * g * g;
    moment1[i] = m;
    moment2[i] = v;
    float u = lamb_update(p, m, v, &step);
    size += (double)p * (double)p;
    change += (double)u * (double)u;
  }
  *parameter_square = size;
  *update_square = change;
}

CK_VERSIONS void ck_lamb_apply(float *restrict parameter, const float *restrict moment1,
                               const float *restrict moment2, const ck_lamb_step *constants,
                               float rate, size_t count) {
  const ck_lamb_step step = *constants;
  for (size_t i = 0; i < count; i++)
    parameter[i] -= rate * lamb_update(parameter[i], moment1[i], moment2[i], &step);
}

typedef union {
  float f;
  uint32_t bits;
} float_bits;

CK_VERSIONS int ck_scale_finite(float *values, float factor, size_t count) {
  uint32_t broken = 0;
  for (size_t i = 0; i < count; i++) {
    float_bits x = {.f = values[i]};
    // All exponent bits set: infinite or not a number.
    broken |= (x.bits & 0x7f800000u) == 0x7f800000u ? 1u : 0u;
    values[i] = x.f * factor;
  }
  return broken == 0;
}

CK_VERSIONS void ck_round_float16(float *values, size_t count) {
  for (size_t i = 0; i < count; i++) {
    float_bits x = {.f = values[i]};
    const uint32_t sign = x.bits & 0x80000000u, size = x.bits & 0x7fffffffu;
    // 13 of 23 bits go: half of the last place that stays, less one where that place is even.
    float_bits normal = {.bits = (size + 0x0fffu + ((size >> 13) & 1u)) & ~0x1fffu};
    // 65,520 is halfway between 65,504 and the first number that is not there.
    normal.bits = normal.bits >= 0x47800000u ? 0x7f800000u : normal.bits;
    // Below 2^-14 numbers lie 2^-24 apart, as floats do between 0.5 and 1.
    float_bits magnitude = {.bits = size};
    float_bits small = {.f = (magnitude.f + 0.75f) - 0.75f};
    uint32_t rounded = size < 0x38800000u ? small.bits : normal.bits;
    rounded = size > 0x7f800000u ? size : rounded;
    x.bits = sign | rounded;
    values[i] = x.f;
  }
}

CK_VERSIONS void ck_round_bfloat16(float *values, size_t count) {
  for (size_t i = 0; i < count; i++) {
    float_bits x = {.f = values[i]};
    const uint32_t size = x.bits & 0x7fffffffu;
    const uint32_t rounded = (x.bits + 0x7fffu + ((x.bits >> 16) & 1u)) & 0xffff0000u;
    // What is not a number stays as it is: rounding could carry into the sign.
    x.bits = size > 0x7f800000u ? x.bits : rounded;
    values[i] = x.f;
  }
}
