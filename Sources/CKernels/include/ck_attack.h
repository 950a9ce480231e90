/// Kernels of the attack on inputs and of the comparison of clean with attacked layers.
///
/// Conventions as in `CKernels.h`. Attacked arrays consist of runs of `run` elements of one channel:
/// run i belongs to channel `i % channels`, whose values lie in `lower[channel] ... upper[channel]`.
/// Where a range is NULL that side is open. `first` is the number of the first run handed over.
#ifndef FORETRAIN_CK_ATTACK_H
#define FORETRAIN_CK_ATTACK_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// How an attacked array is cut into channels, and how far it may move.
typedef struct {
  float epsilon;
  /// One value a channel, or NULL.
  const float *lower;
  const float *upper;
  size_t channels;
  /// Elements of a run.
  size_t run;
} ck_attack_bounds;

/// `attacked = clip(in + delta)` and `delta = attacked - in`, where delta is drawn uniformly from
/// `-epsilon ... epsilon`, and element i of all takes the number `i` of the seed's sequence.
///
/// The sequence is SplitMix64, addressed by position: `number` is that of the first element here.
/// Traffic: 12 bytes an element.
///
/// Source: Steele, Lea and Flood, Fast splittable pseudorandom number generators, OOPSLA 2014.
void ck_attack_start(float *delta, float *attacked, const float *in,
                     const ck_attack_bounds *bounds, uint64_t seed, uint64_t number, size_t first,
                     size_t runs);

/// `delta <- clip_epsilon(delta + alpha sign(gradient))`, `attacked = clip(in + delta)`,
/// `delta = attacked - in`; the sign of 0 is 0. Traffic: 20 bytes an element.
///
/// Source: Madry et al., arXiv 1706.06083, section 2.1.
void ck_attack_update(float *delta, float *attacked, const float *in, const float *gradient,
                      float alpha, const ck_attack_bounds *bounds, size_t first, size_t runs);

/// `dattacked += towards (attacked - clean)`, `dclean -= towards (attacked - clean) + along clean`.
///
/// Either may be NULL. Traffic: 24 bytes an element with both.
void ck_comparison_backward(float *dattacked, float *dclean, const float *clean,
                            const float *attacked, float towards, float along, size_t count);

#ifdef __cplusplus
}
#endif
#endif
