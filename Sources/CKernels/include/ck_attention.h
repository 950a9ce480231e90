/// Attention of the query heads that share one key and value head, in one sample.
#ifndef FORETRAIN_ATTENTION_H
#define FORETRAIN_ATTENTION_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Sizes and mask. Operands are rows of tokens, `stride` elements apart; a head's columns follow
/// those of the head before.
typedef struct {
  size_t queries;
  size_t keys;
  /// Width of a head.
  size_t width;
  /// Query heads that share the key and value head.
  size_t group;
  size_t q_stride;
  size_t k_stride;
  size_t v_stride;
  size_t out_stride;
  /// Factor of the scores, above 0.
  float scale;
  /// Query i sees the first `prefix + i + 1` keys; else all.
  bool causal;
  /// Keys that every query sees where causal.
  size_t prefix;
  /// No query sees key `valid` or later ones.
  size_t valid;
} ck_attention_shape;

/// Keys that query i sees: always the first ones.
static inline size_t ck_visible_keys(const ck_attention_shape *shape, size_t i) {
  size_t seen = shape->causal ? shape->prefix + i + 1 : shape->keys;
  seen = seen < shape->valid ? seen : shape->valid;
  return seen < shape->keys ? seen : shape->keys;
}

/// Elements of scratch that `ck_attention` needs.
size_t ck_attention_scratch(const ck_attention_shape *shape);

/// `out = softmax(scale q k^T) v` over visible keys, for each of the group's heads;
/// `statistics[head, query] = ln sum_j e^(scale q k_j)`.
///
/// Scores exist for six queries and some 160 keys at a time (online softmax). Where no key is
/// visible, `out` is 0 and the statistic minus infinity.
///
/// Source: Dao, Fu, Ermon, Rudra and Re, FlashAttention, arXiv 2205.14135, algorithm 1.
void ck_attention(const ck_attention_shape *shape, float *out, float *statistics, const float *q,
                  const float *k, const float *v, float *scratch);

/// Where gradients are written; strides as those of the operands that they belong to, which may
/// differ.
typedef struct {
  float *dq;
  float *dk;
  float *dv;
  size_t dq_stride;
  size_t dk_stride;
  size_t dv_stride;
} ck_attention_gradients;

/// Elements of scratch that `ck_attention_backward` needs.
size_t ck_attention_backward_scratch(const ck_attention_shape *shape);

/// Gradients of `ck_attention` for `dout` (rows `dout_stride` apart), all overwritten; those of keys
/// and values are sums over the group's heads.
///
/// With `P = e^(scale q k^T - statistics)`, computed again, and `D = sum(dout out)` of each query:
/// `dv = P^T dout`, `dS = scale P (dout v^T - D)`, `dq = dS k`, `dk = dS^T q`.
///
/// Source: as above, algorithm 4.
void ck_attention_backward(const ck_attention_shape *shape, const ck_attention_gradients *gradients,
                           const float *dout, size_t dout_stride, const float *q, const float *k,
                           const float *v, const float *out, const float *statistics,
                           float *scratch);

/// `out[i, :] = softmax(scale in[i, :])` over the keys that query i sees, 0 elsewhere: scores and
/// probabilities of one head, `[queries, keys]`, dense. `out` may be `in`. Of `shape`, sizes, scale
/// and mask are read. Traffic: 8 bytes an element.
void ck_attention_softmax(const ck_attention_shape *shape, float *out, const float *in);

#ifdef __cplusplus
}
#endif
#endif
