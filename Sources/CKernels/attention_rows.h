// What both directions of attention share: tiles of keys, and scores of a strip of queries.
#ifndef FORETRAIN_ATTENTION_ROWS_H
#define FORETRAIN_ATTENTION_ROWS_H

#include "CKernels.h"
#include "kernel_math.h"
#include "tiles.h"

enum {
  // Most keys of a tile, a multiple of a panel.
  ck_tile_keys = 160,
  // Most queries of a tile, a multiple of a strip.
  ck_tile_queries = 96,
  // So few columns after the last whole panel are computed one by one.
  ck_few_columns = 4,
};

#define CK_LOG2_E 1.44269504088896341f

CK_INLINE size_t smaller(size_t a, size_t b) { return a < b ? a : b; }

// The length of as few tiles as hold `count`, nearly equal, a multiple of `step`.
CK_INLINE size_t tile_length(size_t count, size_t most, size_t step) {
  const size_t tiles = (count + most - 1) / most;
  return (count + tiles * step - 1) / (tiles * step) * step;
}

// Columns that whole panels compute; the rest are few.
CK_INLINE size_t panel_columns(size_t columns) {
  const size_t rest = columns % ck_panel;
  return rest <= ck_few_columns ? columns - rest : ck_padded(columns);
}

// `c[i, j] = a_i . b_j` for up to a strip of rows of `width`: `packed` holds the transposed b, and
// `b` the rows themselves. `c` has room for whole panels.
CK_INLINE void row_products(float *c, size_t c_row, const float *a, size_t a_row, const float *b,
                            size_t b_row, const float *packed, size_t rows, size_t columns,
                            size_t width) {
  const size_t whole = panel_columns(columns);
  const ck_strip strip = {
      .c = c, .c_row = c_row, .a = a, .a_row = a_row, .a_step = 1, .b = packed,
      .b_panel = width * ck_panel, .rows = rows, .columns = whole, .depth = width};
  if (whole > 0) ck_multiply_strip(&strip);
  for (size_t j = whole; j < columns; j++)
    ck_dots(c + j, c_row, a, a_row, b + j * b_row, rows, width);
}

#endif
