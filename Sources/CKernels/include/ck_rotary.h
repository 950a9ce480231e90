/// Rotary position embedding.
#ifndef FORETRAIN_ROTARY_H
#define FORETRAIN_ROTARY_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Turns the pairs `(x[2i], x[2i + 1])` of every head of one token, in place:
/// `(a, b) -> (a cosine - b sine, b cosine + a sine)`, with the angles of each element's own column.
///
/// `cosines` and `sines` hold `width` elements, an even number; `inverse` applies the transpose.
/// Traffic: 8 bytes an element.
///
/// Source: Su, Lu, Pan, Murtadha, Wen and Liu, RoFormer, arXiv 2104.09864, equation 34.
void ck_rotate(float *x, const float *cosines, const float *sines, size_t heads, size_t width,
               bool inverse);

#ifdef __cplusplus
}
#endif
#endif
