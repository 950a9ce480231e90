#include "CKernels.h"
#include "kernel_math.h"

CK_VERSIONS void ck_rotate(float *restrict x, const float *restrict cosines,
                           const float *restrict sines, size_t heads, size_t width,
                           bool inverse) {
  const size_t pairs = width / 2;
  for (size_t h = 0; h < heads; h++, x += width) {
    if (inverse) {
      for (size_t i = 0; i < pairs; i++) {
        float a = x[2 * i], b = x[2 * i + 1];
        x[2 * i] = a * cosines[2 * i] + b * sines[2 * i + 1];
        x[2 * i + 1] = b * cosines[2 * i + 1] - a * sines[2 * i];
      }
    } else {
      for (size_t i = 0; i < pairs; i++) {
        float a = x[2 * i], b = x[2 * i + 1];
        x[2 * i] = a * cosines[2 * i] - b * sines[2 * i];
        x[2 * i + 1] = b * cosines[2 * i + 1] + a * sines[2 * i + 1];
      }
    }
  }
}
