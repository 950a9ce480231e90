#include "tiles.h"
#include "kernel_rows.h"

// Vectors that may lie anywhere; wider than a machine's registers they take several.
typedef float ck_lane8 __attribute__((vector_size(32), aligned(4)));
typedef float ck_lane16 __attribute__((vector_size(64), aligned(4)));

CK_VERSIONS void ck_pack_rows(float *restrict packed, const float *restrict in, size_t stride,
                              size_t rows, size_t width, size_t capacity) {
  for (size_t first = 0; first < width; first += ck_panel) {
    const size_t columns = width - first < ck_panel ? width - first : ck_panel;
    float *to = packed + first * capacity;
    const float *from = in + first;
    if (columns == ck_panel) {
      for (size_t r = 0; r < rows; r++, to += ck_panel, from += stride)
        *(ck_lane16 *)to = *(const ck_lane16 *)from;
    } else {
      for (size_t r = 0; r < rows; r++, to += ck_panel, from += stride)
        for (size_t c = 0; c < ck_panel; c++) to[c] = c < columns ? from[c] : 0.0f;
    }
  }
}

// Three rounds of exchanges between pairs of rows: elements, pairs, halves.
CK_INLINE void transpose8(float *to, size_t to_stride, const float *from, size_t from_stride) {
  ck_lane8 x[8], y[8];
  for (size_t i = 0; i < 8; i++) x[i] = *(const ck_lane8 *)(from + i * from_stride);
  for (size_t i = 0; i < 8; i += 2) {
    y[i] = __builtin_shufflevector(x[i], x[i + 1], 0, 8, 1, 9, 4, 12, 5, 13);
    y[i + 1] = __builtin_shufflevector(x[i], x[i + 1], 2, 10, 3, 11, 6, 14, 7, 15);
  }
  for (size_t i = 0; i < 8; i += 4)
    for (size_t j = 0; j < 2; j++) {
      x[i + 2 * j] = __builtin_shufflevector(y[i + j], y[i + j + 2], 0, 1, 8, 9, 4, 5, 12, 13);
      x[i + 2 * j + 1] =
          __builtin_shufflevector(y[i + j], y[i + j + 2], 2, 3, 10, 11, 6, 7, 14, 15);
    }
  for (size_t i = 0; i < 4; i++) {
    *(ck_lane8 *)(to + i * to_stride) =
        __builtin_shufflevector(x[i], x[i + 4], 0, 1, 2, 3, 8, 9, 10, 11);
    *(ck_lane8 *)(to + (i + 4) * to_stride) =
        __builtin_shufflevector(x[i], x[i + 4], 4, 5, 6, 7, 12, 13, 14, 15);
  }
}

CK_VERSIONS void ck_pack_transposed(float *restrict packed, const float *restrict in,
                                    size_t stride, size_t rows, size_t width) {
  for (size_t first = 0; first < rows; first += ck_panel, packed += width * ck_panel) {
    const float *from = in + first * stride;
    const size_t present = rows - first < ck_panel ? rows - first : ck_panel;
    size_t c = 0;
    if (present == ck_panel)
      for (; c + 8 <= width; c += 8)
        for (size_t half = 0; half < ck_panel; half += 8)
          transpose8(packed + c * ck_panel + half, ck_panel, from + half * stride + c, stride);
    for (; c < width; c++)
      for (size_t r = 0; r < ck_panel; r++)
        packed[c * ck_panel + r] = r < present ? from[r * stride + c] : 0.0f;
  }
}

// Vectors go by pointer: passing them wide by value depends on the machine.
CK_INLINE void store(float *c, const ck_lane16 *sum, const ck_strip *s, size_t i) {
  ck_lane16 total = *sum;
  if (s->keep != NULL) total += s->keep[i] * *(const ck_lane16 *)c;
  if (s->scale != NULL) total *= s->scale[i];
  *(ck_lane16 *)c = total;
}

CK_INLINE void strip_of(const ck_strip *s, const size_t rows) {
  const size_t step = s->a_step, row = s->a_row;
  for (size_t first = 0; first < s->columns; first += ck_panel) {
    const float *b = s->b + first / ck_panel * s->b_panel;
    const float *a[ck_strip_rows];
    ck_lane16 sum[ck_strip_rows];
    for (size_t i = 0; i < rows; i++) {
      a[i] = s->a + i * row;
      sum[i] = (ck_lane16){0};
    }
    for (size_t p = 0, at = 0; p < s->depth; p++, at += step, b += ck_panel) {
      const ck_lane16 line = *(const ck_lane16 *)b;
      for (size_t i = 0; i < rows; i++) sum[i] += a[i][at] * line;
    }
    float *c = s->c + first;
    const size_t columns = s->columns - first;
    if (columns >= ck_panel) {
      for (size_t i = 0; i < rows; i++, c += s->c_row) store(c, &sum[i], s, i);
    } else {
      for (size_t i = 0; i < rows; i++, c += s->c_row) {
        float line[ck_panel] = {0};
        memcpy(line, c, columns * sizeof(float));
        store(line, &sum[i], s, i);
        memcpy(c, line, columns * sizeof(float));
      }
    }
  }
}

// A loop for each number of rows, so that all sums stay in registers.
CK_VERSIONS void ck_multiply_strip(const ck_strip *strip) {
  switch (strip->rows) {
  case 1: strip_of(strip, 1); break;
  case 2: strip_of(strip, 2); break;
  case 3: strip_of(strip, 3); break;
  case 4: strip_of(strip, 4); break;
  case 5: strip_of(strip, 5); break;
  case 6: strip_of(strip, 6); break;
  }
}

CK_VERSIONS void ck_dots(float *restrict out, size_t out_stride, const float *restrict a,
                         size_t a_stride, const float *restrict b, size_t rows, size_t width) {
  for (size_t r = 0; r < rows; r++) out[r * out_stride] = ck_row_dot(a + r * a_stride, b, width);
}
