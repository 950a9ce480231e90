#include "attention_rows.h"

size_t ck_attention_scratch(const ck_attention_shape *shape) {
  const size_t keys = ck_padded(shape->keys), width = ck_padded(shape->width);
  return 2 * keys * width + ck_strip_rows * ck_tile_keys + 2 * ck_tile_queries;
}

// The row's largest score so far, and the sum of `e^(score - largest)`.
typedef struct {
  float *largest;
  float *sum;
} running;

// Turns a row of scores into `e^(scale (score - largest))` where seen and zeros up to the end of a
// panel; returns the factor of what earlier tiles gave. Whole panels are computed, so that no loop
// has a slow end.
CK_INLINE float online_softmax(float *row, size_t seen, size_t columns, float scale, bool first,
                               running so_far) {
  const size_t padded = ck_padded(columns);
  for (size_t j = seen; j < padded; j++) row[j] = -__FLT_MAX__;
  float largest = first ? -__FLT_MAX__ : *so_far.largest;
  // Sixteen partial maxima: a plain maximum does not vectorise.
  float partial[ck_panel];
  for (size_t l = 0; l < ck_panel; l++) partial[l] = largest;
  for (size_t j = 0; j < padded; j += ck_panel)
    for (size_t l = 0; l < ck_panel; l++)
      partial[l] = row[j + l] > partial[l] ? row[j + l] : partial[l];
  for (size_t half = ck_panel / 2; half > 0; half /= 2)
    for (size_t l = 0; l < half; l++)
      partial[l] = partial[l + half] > partial[l] ? partial[l + half] : partial[l];
  largest = partial[0];
  const float factor = scale * CK_LOG2_E, shift = largest * factor;
  float sum = 0.0f;
  {
#pragma clang fp reassociate(on) contract(fast)
    __builtin_assume(padded % ck_panel == 0);
#pragma clang loop vectorize_width(16) interleave_count(1)
    for (size_t j = 0; j < padded; j++) {
      float e = ck_exp2(row[j] * factor - shift);
      row[j] = e;
      sum += e;
    }
  }
  for (size_t j = seen; j < padded; j++) row[j] = 0.0f;
  const float keep = first ? 0.0f : ck_exp2(*so_far.largest * factor - shift);
  *so_far.sum = first ? sum : *so_far.sum * keep + sum;
  *so_far.largest = largest;
  return keep;
}

// One head's queries, from `out` on; keys and values are packed already.
typedef struct {
  const ck_attention_shape *shape;
  const float *q;
  const float *k;
  const float *packed_keys;
  const float *packed_values;
  float *out;
  float *scores;
  float *largest;
  float *sums;
} head;

CK_INLINE void strip_of_queries(const head *h, size_t i, size_t rows, size_t slot, size_t start,
                                size_t length) {
  const ck_attention_shape *s = h->shape;
  const size_t end = ck_visible_keys(s, i + rows - 1);
  if (start >= end) return;
  const size_t columns = smaller(end - start, length);
  float keep[ck_strip_rows], scale[ck_strip_rows];
  row_products(h->scores, ck_tile_keys, h->q + i * s->q_stride, s->q_stride,
               h->k + start * s->k_stride, s->k_stride, h->packed_keys + start * s->width, rows,
               columns, s->width);
  for (size_t r = 0; r < rows; r++) {
    const size_t visible = ck_visible_keys(s, i + r);
    const size_t seen = visible <= start ? 0 : visible - start;
    float *row = h->scores + r * ck_tile_keys;
    running so_far = {h->largest + slot + r, h->sums + slot + r};
    if (seen == 0) {
      // Only a later row of the strip sees this tile.
      for (size_t j = 0; j < columns; j++) row[j] = 0.0f;
      keep[r] = 1.0f;
    } else {
      keep[r] = online_softmax(row, smaller(seen, columns), columns, s->scale, start == 0, so_far);
    }
    scale[r] = 1.0f / *so_far.sum;
  }
  const ck_strip strip = {
      .c = h->out + i * s->out_stride, .c_row = s->out_stride, .a = h->scores,
      .a_row = ck_tile_keys, .a_step = 1, .b = h->packed_values + start * ck_panel,
      .b_panel = ck_padded(s->keys) * ck_panel, .rows = rows, .columns = s->width,
      .depth = columns, .keep = start == 0 ? NULL : keep,
      .scale = start + columns == end ? scale : NULL};
  ck_multiply_strip(&strip);
}

CK_VERSIONS static void one_head(const head *h, float *statistics) {
  const ck_attention_shape *s = h->shape;
  const size_t length = tile_length(s->keys, ck_tile_keys, ck_panel);
  const size_t step = tile_length(s->queries, ck_tile_queries, ck_strip_rows);
  for (size_t first = 0; first < s->queries; first += step) {
    const size_t count = smaller(s->queries - first, step);
    const size_t seen = ck_visible_keys(s, first + count - 1);
    for (size_t start = 0; start < seen; start += length)
      for (size_t r = 0; r < count; r += ck_strip_rows)
        strip_of_queries(h, first + r, smaller(count - r, ck_strip_rows), r, start, length);
    if (seen == 0) {
      for (size_t i = first; i < first + count; i++) {
        memset(h->out + i * s->out_stride, 0, s->width * sizeof(float));
        statistics[i] = -__builtin_inff();
      }
    } else {
      for (size_t r = 0; r < count; r++)
        statistics[first + r] = h->largest[r] * s->scale + ck_log(h->sums[r]);
    }
  }
}

void ck_attention(const ck_attention_shape *shape, float *out, float *statistics, const float *q,
                  const float *k, const float *v, float *scratch) {
  const size_t keys = ck_padded(shape->keys), width = ck_padded(shape->width);
  float *values = scratch + keys * width;
  float *scores = values + keys * width;
  float *largest = scores + ck_strip_rows * ck_tile_keys;
  ck_pack_transposed(scratch, k, shape->k_stride, shape->keys, shape->width);
  ck_pack_rows(values, v, shape->v_stride, shape->keys, shape->width, keys);
  for (size_t g = 0; g < shape->group; g++) {
    const head h = {
        .shape = shape, .q = q + g * shape->width, .k = k, .packed_keys = scratch,
        .packed_values = values, .out = out + g * shape->width, .scores = scores,
        .largest = largest, .sums = largest + ck_tile_queries};
    one_head(&h, statistics + g * shape->queries);
  }
}
