/// Images as interleaved 8-bit RGB, row-major: painting, decoding, resizing, and cutting into patches.
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

// MARK: Decoding

/// What a file may ask for.
typedef struct {
  int64_t pixels;  // width times height
  int side;        // width, and height
  int scans;       // of a progressive JPEG
} cimages_limits;

/// How a decoding went.
enum {
  CIMAGES_DECODED = 0,
  CIMAGES_UNKNOWN_FORMAT = 1,  // neither JPEG nor PNG
  CIMAGES_DAMAGED = 2,         // the decoder's words are in the message
  CIMAGES_TOO_LARGE = 3,       // over a limit
  CIMAGES_NO_MEMORY = 4
};

/// A decoded image; freed by `cimages_free`.
typedef struct {
  int width, height;
  uint8_t *rgb;  // NULL unless decoded
  char message[200];
} cimages_image;

/// Decodes a JPEG or a PNG to 8-bit RGB, whichever `bytes` starts like.
///
/// Grey becomes three equal parts, CMYK is converted by products (inverted where Adobe's marker says
/// so), opacity is dropped, 16 bits lose their low 8, an orientation tag is ignored: as the usual
/// loaders of training images do. Damage is never passed over: a JPEG whose data end early or are
/// corrupt is damaged, even where libjpeg would fill the gap with grey.
///
/// Both libraries report errors by longjmp. They do so inside this call only: it keeps its own jump
/// buffers, frees everything and returns.
int cimages_decode(const uint8_t *bytes, size_t count, const cimages_limits *limits,
                   cimages_image *image);

/// Frees the pixels of an image; they may be NULL.
void cimages_free(cimages_image *image);

// MARK: Resizing

/// A rectangle of an image that is resized as if it were the whole image.
typedef struct {
  int left, top, width, height;
} cimages_crop;

/// Resizes the rectangle `from` of an image to `width` x `height` by anti-aliased bicubic
/// interpolation, and writes the rectangle `window` of the result: `out` has
/// `window->width * window->height * 3` bytes.
///
/// Keys' kernel with a = -0.5, stretched by the scale where the image shrinks; horizontally first,
/// each pass rounded to 8 bits, weights in fixed point of 22 bits: the arithmetic of Pillow, and so of
/// torchvision's `Resize(BICUBIC)` on PIL images. Rows and columns outside the window are not computed.
///
/// `stride` is the number of pixels in a row of the whole image. All rectangles lie inside theirs.
/// Returns 0, or -1 where memory is short.
int cimages_resize(uint8_t *out, const uint8_t *rgb, int stride, const cimages_crop *from, int width,
                   int height, const cimages_crop *window);

#ifdef __cplusplus
}
#endif
#endif
