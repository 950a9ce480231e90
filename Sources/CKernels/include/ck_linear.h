/// What surrounds matrix products: bias, residual and sums over rows, on blocks of dense rows.
#ifndef FORETRAIN_LINEAR_H
#define FORETRAIN_LINEAR_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/// `out[r, c] = bias[c] + residual[r, c]`, either of them left out where NULL: what a product adds
/// itself to. Traffic: 4 bytes an element, 8 with a residual.
void ck_start_rows(float *out, const float *bias, const float *residual, size_t rows,
                   size_t columns);

/// `sums[c] += sum_r in[r, c]` over `columns` columns of rows that start `stride` elements apart.
/// Traffic: 4 bytes an element.
void ck_sum_columns(float *sums, const float *in, size_t stride, size_t rows, size_t columns);

#ifdef __cplusplus
}
#endif
#endif
