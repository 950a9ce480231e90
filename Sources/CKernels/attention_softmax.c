#include "CKernels.h"
#include "kernel_rows.h"

CK_VERSIONS void ck_attention_softmax(const ck_attention_shape *shape, float *out,
                                      const float *in) {
  const float scale = shape->scale;
  for (size_t i = 0; i < shape->queries; i++) {
    const size_t seen = ck_visible_keys(shape, i);
    const float *x = in + i * shape->keys;
    float *y = out + i * shape->keys;
    if (seen > 0) {
      // The scale is above 0, so the largest entry stays the largest when scaled.
      const float shift = ck_row_maximum(x, seen) * scale;
#pragma clang loop vectorize(assume_safety)
      for (size_t j = 0; j < seen; j++) y[j] = ck_exp(x[j] * scale - shift);
      const float share = 1.0f / ck_row_sum(y, seen);
      for (size_t j = 0; j < seen; j++) y[j] *= share;
    }
    memset(y + seen, 0, (shape->keys - seen) * sizeof(float));
  }
}
