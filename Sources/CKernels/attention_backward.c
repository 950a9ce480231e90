#include "attention_rows.h"
#include "kernel_rows.h"

size_t ck_attention_backward_scratch(const ck_attention_shape *shape) {
  const size_t keys = ck_padded(shape->keys), width = ck_padded(shape->width);
  return 3 * keys * width + 2 * ck_tile_queries * width + 2 * ck_tile_queries * ck_tile_keys +
         ck_tile_queries;
}

// One head: operands from its first column on, and scratch.
typedef struct {
  const ck_attention_shape *shape;
  const ck_attention_gradients *gradients;
  const float *q;
  const float *k;
  const float *v;
  const float *out;
  const float *dout;
  size_t dout_stride;
  const float *statistics;
  float *dq;
  // Whether earlier heads of the group have written the gradients of keys and values.
  bool adds;
  // Packed: transposed keys and values, and keys as they are.
  float *keys_transposed;
  float *values_transposed;
  float *keys;
  // Of a tile of queries: packed rows of q and dout, and D.
  float *queries;
  float *slopes;
  float *inner;
  // Of a tile of queries and keys: P and dS, rows `ck_tile_keys` apart.
  float *probabilities;
  float *dscores;
} head;

static const float ones[ck_strip_rows] = {1.0f, 1.0f, 1.0f, 1.0f, 1.0f, 1.0f};

// Scores become P, and products of dout and v become dS; zeros from `seen` on.
CK_INLINE void row_gradient(float *restrict score, float *restrict dscore, size_t seen,
                            size_t columns, float scale, float statistic, float inner) {
  const size_t padded = ck_padded(seen);
  const float factor = scale * CK_LOG2_E, shift = statistic * CK_LOG2_E;
  __builtin_assume(padded % ck_panel == 0);
#pragma clang loop vectorize_width(16) interleave_count(1)
  for (size_t j = 0; j < padded; j++) {
    float p = ck_exp2(score[j] * factor - shift);
    score[j] = p;
    dscore[j] = scale * p * (dscore[j] - inner);
  }
  for (size_t j = seen; j < columns; j++) score[j] = dscore[j] = 0.0f;
}

// `rows` queries from `first + r` on against the keys of a tile: P, dS and their part of dq.
CK_INLINE void strip_of_queries(const head *h, size_t first, size_t r, size_t rows, size_t start,
                                size_t tile_columns) {
  const ck_attention_shape *s = h->shape;
  const size_t i = first + r;
  const size_t end = ck_visible_keys(s, i + rows - 1);
  if (start >= end) return;
  const size_t columns = smaller(end - start, tile_columns);
  float *p = h->probabilities + r * ck_tile_keys, *ds = h->dscores + r * ck_tile_keys;
  row_products(p, ck_tile_keys, h->q + i * s->q_stride, s->q_stride, h->k + start * s->k_stride,
               s->k_stride, h->keys_transposed + start * s->width, rows, columns, s->width);
  row_products(ds, ck_tile_keys, h->dout + i * h->dout_stride, h->dout_stride,
               h->v + start * s->v_stride, s->v_stride, h->values_transposed + start * s->width,
               rows, columns, s->width);
  for (size_t row = 0; row < rows; row++) {
    const size_t visible = ck_visible_keys(s, i + row);
    const size_t seen = visible <= start ? 0 : smaller(visible - start, columns);
    row_gradient(p + row * ck_tile_keys, ds + row * ck_tile_keys, seen, tile_columns, s->scale,
                 h->statistics[i + row], h->inner[r + row]);
  }
  const ck_strip strip = {
      .c = h->dq + i * h->gradients->dq_stride, .c_row = h->gradients->dq_stride, .a = ds,
      .a_row = ck_tile_keys, .a_step = 1, .b = h->keys + start * ck_panel,
      .b_panel = ck_padded(s->keys) * ck_panel, .rows = rows, .columns = s->width,
      .depth = columns, .keep = start == 0 ? NULL : ones};
  ck_multiply_strip(&strip);
}

// What a tile of queries adds to the gradients of `rows` keys from `start + j` on.
CK_INLINE void strip_of_keys(const head *h, size_t first, size_t count, size_t start, size_t j,
                             size_t rows) {
  const ck_attention_shape *s = h->shape;
  const size_t key = start + j;
  // Earlier queries of the tile do not see these keys.
  const size_t hidden = s->causal && key > s->prefix + first ? key - s->prefix - first : 0;
  ck_strip strip = {
      .c = h->gradients->dv + key * h->gradients->dv_stride, .c_row = h->gradients->dv_stride,
      .a = h->probabilities + hidden * ck_tile_keys + j, .a_row = 1, .a_step = ck_tile_keys,
      .b = h->slopes + hidden * ck_panel, .b_panel = ck_tile_queries * ck_panel, .rows = rows,
      .columns = s->width, .depth = count - hidden,
      .keep = h->adds || first > 0 ? ones : NULL};
  ck_multiply_strip(&strip);
  strip.c = h->gradients->dk + key * h->gradients->dk_stride;
  strip.c_row = h->gradients->dk_stride;
  strip.a = h->dscores + hidden * ck_tile_keys + j;
  strip.b = h->queries + hidden * ck_panel;
  ck_multiply_strip(&strip);
}

CK_INLINE void zero_rows(float *rows, size_t stride, size_t from, size_t to, size_t width) {
  for (size_t r = from; r < to; r++) memset(rows + r * stride, 0, width * sizeof(float));
}

CK_INLINE void tile_of_queries(const head *h, size_t first, size_t count) {
  const ck_attention_shape *s = h->shape;
  const ck_attention_gradients *g = h->gradients;
  const size_t length = tile_length(s->keys, ck_tile_keys, ck_panel);
  const size_t seen = ck_visible_keys(s, first + count - 1);
  const float *dout = h->dout + first * h->dout_stride;
  ck_pack_rows(h->queries, h->q + first * s->q_stride, s->q_stride, count, s->width,
               ck_tile_queries);
  ck_pack_rows(h->slopes, dout, h->dout_stride, count, s->width, ck_tile_queries);
  for (size_t r = 0; r < count; r++)
    h->inner[r] = ck_row_dot(h->out + (first + r) * s->out_stride, dout + r * h->dout_stride,
                             s->width);
  for (size_t start = 0; start < seen; start += length) {
    const size_t columns = smaller(seen - start, length);
    for (size_t r = 0; r < count; r += ck_strip_rows)
      strip_of_queries(h, first, r, smaller(count - r, ck_strip_rows), start, columns);
    for (size_t j = 0; j < columns; j += ck_strip_rows)
      strip_of_keys(h, first, count, start, j, smaller(columns - j, ck_strip_rows));
  }
  if (seen == 0) zero_rows(h->dq, g->dq_stride, first, first + count, s->width);
  if (!h->adds && first == 0) {
    // Later tiles add to all keys that they see.
    zero_rows(g->dk, g->dk_stride, seen, s->keys, s->width);
    zero_rows(g->dv, g->dv_stride, seen, s->keys, s->width);
  }
}

CK_VERSIONS static void one_head(const head *h) {
  const size_t queries = h->shape->queries;
  const size_t step = tile_length(queries, ck_tile_queries, ck_strip_rows);
  for (size_t first = 0; first < queries; first += step)
    tile_of_queries(h, first, smaller(queries - first, step));
}

void ck_attention_backward(const ck_attention_shape *s, const ck_attention_gradients *gradients,
                           const float *dout, size_t dout_stride, const float *q, const float *k,
                           const float *v, const float *out, const float *statistics,
                           float *scratch) {
  const size_t size = ck_padded(s->keys) * ck_padded(s->width);
  const size_t tile = ck_tile_queries * ck_padded(s->width);
  head h = {.shape = s, .gradients = gradients, .k = k, .v = v, .dout_stride = dout_stride};
  h.keys_transposed = scratch;
  h.values_transposed = h.keys_transposed + size;
  h.keys = h.values_transposed + size;
  h.queries = h.keys + size;
  h.slopes = h.queries + tile;
  h.probabilities = h.slopes + tile;
  h.dscores = h.probabilities + ck_tile_queries * ck_tile_keys;
  h.inner = h.dscores + ck_tile_queries * ck_tile_keys;
  ck_pack_transposed(h.keys_transposed, k, s->k_stride, s->keys, s->width);
  ck_pack_transposed(h.values_transposed, v, s->v_stride, s->keys, s->width);
  ck_pack_rows(h.keys, k, s->k_stride, s->keys, s->width, ck_padded(s->keys));
  for (size_t g = 0; g < s->group; g++) {
    h.q = q + g * s->width;
    h.out = out + g * s->width;
    h.dout = dout + g * s->width;
    h.dq = gradients->dq + g * s->width;
    h.statistics = statistics + g * s->queries;
    h.adds = g > 0;
    one_head(&h);
  }
}
