/// Images as interleaved 8-bit RGB, row-major: painting of scenes, and cutting into patches.
///
/// Painting uses only additions, products, divisions, comparisons and square roots, each rounded as
/// IEEE 754 says and never fused: the same scene gives the same bytes on every machine.
/// The Swift wrappers check every size before they call; these functions check nothing unless they
/// say so.
#ifndef FORETRAIN_CIMAGES_H
#define FORETRAIN_CIMAGES_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// MARK: Painting

/// A colour, each part in [0, 1].
typedef struct {
  float red, green, blue;
} cimages_colour;

/// What a shape looks like.
enum {
  CIMAGES_CIRCLE = 0,
  CIMAGES_SQUARE = 1,
  CIMAGES_TRIANGLE = 2,
  CIMAGES_DIAMOND = 3,
  CIMAGES_CROSS = 4,
  CIMAGES_STAR = 5,
  CIMAGES_RING = 6,
  CIMAGES_HEXAGON = 7
};

/// One shape; lengths in sides of the image, y downwards.
typedef struct {
  int kind;
  float x, y;          // its centre
  float radius;        // its size; no point is further than 1.35 radius from the centre
  float cosine, sine;  // of its rotation
  cimages_colour colour;
} cimages_shape;

/// How a background varies.
enum {
  CIMAGES_PLAIN = 0,
  CIMAGES_STRIPES = 1,
  CIMAGES_CHECKS = 2,
  CIMAGES_SHADES = 3
};

/// What lies behind the shapes, and the noise over everything.
typedef struct {
  cimages_colour colour;
  int texture;
  float contrast;      // every part of the colour varies by at most this much
  float period;        // of stripes and checks, in sides of the image
  float phase;         // shift of the pattern, in periods
  float cosine, sine;  // direction of the pattern
  float light;         // multiplies every colour
  float noise;         // each part of a pixel is moved by at most this much
  uint64_t noise_seed;
} cimages_background;

/// Paints `count` shapes, the first one lowest, on a background: `rgb` has `size * size * 3` bytes.
///
/// Edges are anti-aliased: coverage falls linearly over the one pixel around an edge.
void cimages_paint(uint8_t *rgb, int size, const cimages_background *background,
                   const cimages_shape *shapes, int count);

// MARK: Patches

/// Cuts a square image into patches and normalises it:
/// `out[patch, c * p * p + row * p + column] = values[c * 256 + byte]`, patches in raster order.
///
/// `out` has `size * size * 3` elements, `values` three tables of 256; `patch` divides `size`.
void cimages_patches(float *out, const uint8_t *rgb, int size, int patch, const float *values);

#ifdef __cplusplus
}
#endif
#endif
