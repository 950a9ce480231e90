#include "decode.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int cimages_decode(const uint8_t *bytes, size_t count, const cimages_limits *limits,
                   cimages_image *image) {
  memset(image, 0, sizeof *image);
  int status = CIMAGES_UNKNOWN_FORMAT;
  if (count >= 3 && memcmp(bytes, "\xff\xd8\xff", 3) == 0) {
    status = cimages_decode_jpeg(bytes, count, limits, image);
  } else if (count >= 8 && memcmp(bytes, "\x89PNG\r\n\x1a\n", 8) == 0) {
    status = cimages_decode_png(bytes, count, limits, image);
  } else {
    snprintf(image->message, sizeof image->message, "neither a JPEG nor a PNG");
  }
  if (status != CIMAGES_DECODED) cimages_free(image);
  return status;
}

void cimages_free(cimages_image *image) {
  free(image->rgb);
  image->rgb = NULL;
}

int cimages_allocate(int64_t width, int64_t height, const cimages_limits *limits,
                     cimages_image *image) {
  if (width < 1 || height < 1 || width > limits->side || height > limits->side ||
      width * height > limits->pixels) {
    snprintf(image->message, sizeof image->message,
             "%lld x %lld pixels, over the limit of %lld in all and %d a side", (long long)width,
             (long long)height, (long long)limits->pixels, limits->side);
    return CIMAGES_TOO_LARGE;
  }
  // Zeroed: pixels that a decoder leaves out must not be what memory held before.
  image->rgb = calloc((size_t)(width * height), 3);
  if (!image->rgb) {
    snprintf(image->message, sizeof image->message, "no memory for %lld x %lld pixels",
             (long long)width, (long long)height);
    return CIMAGES_NO_MEMORY;
  }
  image->width = (int)width;
  image->height = (int)height;
  return CIMAGES_DECODED;
}
