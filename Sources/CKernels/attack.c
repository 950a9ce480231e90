#include "CKernels.h"
#include "kernel_math.h"

CK_INLINE float clip(float x, float lower, float upper) {
  x = x < lower ? lower : x;
  return x > upper ? upper : x;
}

// SplitMix64's output function.
CK_INLINE uint64_t mixed(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

// Number `number` of a sequence, in -1 ... 1: the upper 24 bits, half a step inside the ends, so
// that every value is exact and the mean is 0.
CK_INLINE float uniform(uint64_t start, uint64_t number) {
  const uint64_t bits = mixed(start + (number + 1) * 0x9e3779b97f4a7c15u);
  return ((float)(int32_t)(bits >> 40) - 8388607.5f) * (1.0f / 8388608.0f);
}

CK_VERSIONS void ck_attack_start(float *restrict delta, float *restrict attacked,
                                 const float *restrict in, const ck_attack_bounds *bounds,
                                 uint64_t seed, uint64_t number, size_t first, size_t runs) {
  // Neighbouring seeds would otherwise share a sequence, shifted.
  const uint64_t start = mixed(seed + 0x9e3779b97f4a7c15u);
  const float epsilon = bounds->epsilon;
  const size_t run = bounds->run;
  for (size_t i = 0; i < runs; i++) {
    const size_t channel = (first + i) % bounds->channels;
    const float lower = bounds->lower ? bounds->lower[channel] : -__builtin_inff();
    const float upper = bounds->upper ? bounds->upper[channel] : __builtin_inff();
    const float *x = in + i * run;
    float *moved = attacked + i * run;
    float *d = delta + i * run;
    const uint64_t base = number + i * run;
    for (size_t j = 0; j < run; j++) {
      float y = clip(x[j] + epsilon * uniform(start, base + j), lower, upper);
      moved[j] = y;
      d[j] = y - x[j];
    }
  }
}

CK_VERSIONS void ck_attack_update(float *restrict delta, float *restrict attacked,
                                  const float *restrict in, const float *restrict gradient,
                                  float alpha, const ck_attack_bounds *bounds, size_t first,
                                  size_t runs) {
  const float epsilon = bounds->epsilon;
  const size_t run = bounds->run;
  for (size_t i = 0; i < runs; i++) {
    const size_t channel = (first + i) % bounds->channels;
    const float lower = bounds->lower ? bounds->lower[channel] : -__builtin_inff();
    const float upper = bounds->upper ? bounds->upper[channel] : __builtin_inff();
    const float *x = in + i * run;
    const float *g = gradient + i * run;
    float *moved = attacked + i * run;
    float *d = delta + i * run;
    for (size_t j = 0; j < run; j++) {
      float step = g[j] > 0.0f ? alpha : 0.0f;
      step = g[j] < 0.0f ? -alpha : step;
      float y = clip(x[j] + clip(d[j] + step, -epsilon, epsilon), lower, upper);
      moved[j] = y;
      d[j] = y - x[j];
    }
  }
}

CK_VERSIONS void ck_comparison_backward(float *restrict dattacked, float *restrict dclean,
                                        const float *restrict clean,
                                        const float *restrict attacked, float towards, float along,
                                        size_t count) {
  if (dattacked && dclean) {
    for (size_t i = 0; i < count; i++) {
      float pull = towards * (attacked[i] - clean[i]);
      dattacked[i] += pull;
      dclean[i] -= pull + along * clean[i];
    }
  } else if (dattacked) {
    for (size_t i = 0; i < count; i++) dattacked[i] += towards * (attacked[i] - clean[i]);
  } else if (dclean) {
    for (size_t i = 0; i < count; i++)
      dclean[i] -= towards * (attacked[i] - clean[i]) + along * clean[i];
  }
}
