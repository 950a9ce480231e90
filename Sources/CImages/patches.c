#include "CImages.h"

void cimages_patches(float *out, const uint8_t *rgb, int size, int patch, const float *values) {
  int across = size / patch;
  for (int py = 0; py < across; py++) {
    for (int px = 0; px < across; px++) {
      for (int channel = 0; channel < 3; channel++) {
        const float *table = values + 256 * channel;
        for (int row = 0; row < patch; row++) {
          size_t pixel = (size_t)(py * patch + row) * (size_t)size + (size_t)(px * patch);
          const uint8_t *in = rgb + 3 * pixel + channel;
          for (int column = 0; column < patch; column++) *out++ = table[in[3 * column]];
        }
      }
    }
  }
}
