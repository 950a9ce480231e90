// Small matrix products on packed operands: the inner part of attention.
//
// A product `C = A B` is computed in strips of `ck_strip_rows` rows. B is packed into panels of
// `ck_panel` columns, so that a step along the summed dimension reads one line of a panel and one
// element of each row of A. A is read where it lies, by two strides, so also transposed.
#ifndef FORETRAIN_TILES_H
#define FORETRAIN_TILES_H

#include <stddef.h>

enum {
  // Columns of a panel: one vector of AVX-512, two of AVX2.
  ck_panel = 16,
  // Rows of a strip: 6 x 16 accumulators fill 12 of the 16 registers of AVX2.
  ck_strip_rows = 6,
};

// `count` rounded up to whole panels.
static inline size_t ck_padded(size_t count) {
  return (count + ck_panel - 1) / ck_panel * ck_panel;
}

// Packs `rows` rows of `width`, `stride` apart, into panels `[panel][row][16]`; columns beyond
// `width` are zeros. `capacity` rows lie between two panels.
void ck_pack_rows(float *packed, const float *in, size_t stride, size_t rows, size_t width,
                  size_t capacity);

// Packs the transpose of `rows` rows of `width` into panels `[panel][column][16]`: 16 rows make a
// panel. Rows beyond `rows` are zeros.
void ck_pack_transposed(float *packed, const float *in, size_t stride, size_t rows, size_t width);

// One strip of a product. `rows` at most `ck_strip_rows`; row i of A at `a + i a_row`, its step p
// at `p a_step`; panel j of B at `b + j b_panel`; row i of C at `c + i c_row`, `columns` wide.
typedef struct {
  float *c;
  size_t c_row;
  const float *a;
  size_t a_row;
  size_t a_step;
  const float *b;
  size_t b_panel;
  size_t rows;
  size_t columns;
  size_t depth;
  // What C held is multiplied by `keep[i]` and added; NULL: it is overwritten.
  const float *keep;
  // Each row's result is multiplied by `scale[i]`; NULL: it is not.
  const float *scale;
} ck_strip;

// `C = scale (A B + keep C)`.
void ck_multiply_strip(const ck_strip *strip);

// `out[i] = a_i . b` for `rows` rows of `width`: a column of a product on its own.
void ck_dots(float *out, size_t out_stride, const float *a, size_t a_stride, const float *b,
             size_t rows, size_t width);

#endif
