#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <png.h>

#include "decode.h"

// Everything that a jump must find as it was left.
typedef struct {
  png_structp reader;
  png_infop info;
  jmp_buf rescue;
  const uint8_t *bytes;
  size_t count, at;
  cimages_image *image;
  png_bytep *rows;
  int status;
} decoding;

static void on_error(png_structp reader, png_const_charp text) {
  decoding *d = png_get_error_ptr(reader);
  snprintf(d->image->message, sizeof d->image->message, "%s", text);
  d->status = CIMAGES_DAMAGED;
  longjmp(d->rescue, 1);
}

// The library warns of odd but harmless chunks; damage is an error.
static void on_warning(png_structp reader, png_const_charp text) {
  (void)reader;
  (void)text;
}

static void on_read(png_structp reader, png_bytep out, size_t wanted) {
  decoding *d = png_get_io_ptr(reader);
  if (wanted > d->count - d->at) png_error(reader, "the data end early");
  memcpy(out, d->bytes + d->at, wanted);
  d->at += wanted;
}

// Runs between setjmp and the clean-up; may leave by a jump at any time.
static void decode(decoding *d, const cimages_limits *limits) {
  png_structp reader = d->reader;
  png_set_read_fn(reader, d, on_read);
  png_set_user_limits(reader, (png_uint_32)limits->side, (png_uint_32)limits->side);
  png_set_chunk_cache_max(reader, 128);
  png_set_chunk_malloc_max(reader, 8u << 20);
  png_read_info(reader, d->info);
  png_uint_32 width = png_get_image_width(reader, d->info);
  png_uint_32 height = png_get_image_height(reader, d->info);
  int status = cimages_allocate(width, height, limits, d->image);
  if (status != CIMAGES_DECODED) {
    d->status = status;
    longjmp(d->rescue, 1);
  }
  png_set_expand(reader);      // palettes and few bits to 8 bits
  png_set_strip_16(reader);
  png_set_gray_to_rgb(reader);
  png_set_strip_alpha(reader);
  png_set_interlace_handling(reader);
  png_read_update_info(reader, d->info);
  size_t stride = 3 * (size_t)width;
  if (png_get_rowbytes(reader, d->info) != stride) png_error(reader, "an unexpected kind of pixel");
  d->rows = calloc(height, sizeof *d->rows);
  if (!d->rows) png_error(reader, "no memory for rows");
  for (png_uint_32 y = 0; y < height; y++) d->rows[y] = d->image->rgb + y * stride;
  png_read_image(reader, d->rows);
  png_read_end(reader, NULL);
}

int cimages_decode_png(const uint8_t *bytes, size_t count, const cimages_limits *limits,
                       cimages_image *image) {
  // On the heap: what a jump leaves in registers or on the stack is undefined, this is not.
  decoding *d = calloc(1, sizeof *d);
  if (!d) return CIMAGES_NO_MEMORY;
  d->bytes = bytes;
  d->count = count;
  d->image = image;
  d->status = CIMAGES_NO_MEMORY;
  d->reader = png_create_read_struct(PNG_LIBPNG_VER_STRING, d, on_error, on_warning);
  if (d->reader) d->info = png_create_info_struct(d->reader);
  if (d->info && setjmp(d->rescue) == 0) {
    d->status = CIMAGES_DECODED;
    decode(d, limits);
  }
  int status = d->status;
  png_destroy_read_struct(&d->reader, &d->info, NULL);
  free(d->rows);
  free(d);
  return status;
}
