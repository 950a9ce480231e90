// One decoder per file format; each keeps its own jump buffer.
#ifndef FORETRAIN_CIMAGES_DECODE_H
#define FORETRAIN_CIMAGES_DECODE_H

#include "CImages.h"

int cimages_decode_jpeg(const uint8_t *bytes, size_t count, const cimages_limits *limits,
                        cimages_image *image);
int cimages_decode_png(const uint8_t *bytes, size_t count, const cimages_limits *limits,
                       cimages_image *image);

// Checks the size, allocates the pixels; otherwise leaves a message.
int cimages_allocate(int64_t width, int64_t height, const cimages_limits *limits,
                     cimages_image *image);

#endif
