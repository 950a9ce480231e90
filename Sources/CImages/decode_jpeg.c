#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

#include <jerror.h>

#include "decode.h"

// Everything that a jump must find as it was left.
typedef struct {
  struct jpeg_decompress_struct decoder;
  struct jpeg_error_mgr errors;
  struct jpeg_progress_mgr progress;
  jmp_buf rescue;
  const cimages_limits *limits;
  cimages_image *image;
  uint8_t *row;  // one row of CMYK
  int status;
} decoding;

static void fail(decoding *d, int status) {
  d->status = status;
  longjmp(d->rescue, 1);
}

static void on_error(j_common_ptr common) {
  decoding *d = common->client_data;
  char text[JMSG_LENGTH_MAX];
  d->errors.format_message(common, text);
  snprintf(d->image->message, sizeof d->image->message, "%.*s",
           (int)sizeof d->image->message - 1, text);
  fail(d, d->errors.msg_code == JERR_OUT_OF_MEMORY ? CIMAGES_NO_MEMORY : CIMAGES_DAMAGED);
}

// Warnings below 0 mean corrupt data. Three of them do no harm: stray bytes before a marker, and
// marker versions that the library does not know.
static void on_message(j_common_ptr common, int level) {
  if (level >= 0) return;
  int code = common->err->msg_code;
  if (code == JWRN_EXTRANEOUS_DATA || code == JWRN_JFIF_MAJOR || code == JWRN_ADOBE_XFORM) return;
  on_error(common);
}

// A file of a few bytes may hold thousands of scans over a large image: hours of work.
static void on_progress(j_common_ptr common) {
  decoding *d = common->client_data;
  if (d->decoder.input_scan_number <= d->limits->scans) return;
  snprintf(d->image->message, sizeof d->image->message, "more than %d scans", d->limits->scans);
  fail(d, CIMAGES_TOO_LARGE);
}

static void convert_cmyk(uint8_t *rgb, const uint8_t *cmyk, int width, int inverted) {
  for (int x = 0; x < width; x++) {
    unsigned key = inverted ? cmyk[4 * x + 3] : 255u - cmyk[4 * x + 3];
    for (int c = 0; c < 3; c++) {
      unsigned ink = inverted ? cmyk[4 * x + c] : 255u - cmyk[4 * x + c];
      rgb[3 * x + c] = (uint8_t)((ink * key + 127) / 255);
    }
  }
}

// Runs between setjmp and the clean-up; may leave by a jump at any time.
static void decode(decoding *d, const uint8_t *bytes, size_t count) {
  struct jpeg_decompress_struct *decoder = &d->decoder;
  jpeg_mem_src(decoder, bytes, count);
  jpeg_read_header(decoder, TRUE);
  int status = cimages_allocate(decoder->image_width, decoder->image_height, d->limits, d->image);
  if (status != CIMAGES_DECODED) fail(d, status);
  int four = decoder->jpeg_color_space == JCS_CMYK || decoder->jpeg_color_space == JCS_YCCK;
  decoder->out_color_space = four ? JCS_CMYK : JCS_RGB;
  // The same bytes from the library's vector and plain code.
  decoder->dct_method = JDCT_ISLOW;
  jpeg_start_decompress(decoder);
  size_t width = decoder->output_width;
  if (four) {
    d->row = malloc(4 * width);
    if (!d->row) fail(d, CIMAGES_NO_MEMORY);
  }
  while (decoder->output_scanline < decoder->output_height) {
    uint8_t *out = d->image->rgb + 3 * width * decoder->output_scanline;
    JSAMPROW row = four ? d->row : out;
    jpeg_read_scanlines(decoder, &row, 1);
    if (four) convert_cmyk(out, d->row, (int)width, decoder->saw_Adobe_marker);
  }
  jpeg_finish_decompress(decoder);
}

int cimages_decode_jpeg(const uint8_t *bytes, size_t count, const cimages_limits *limits,
                        cimages_image *image) {
  // On the heap: what a jump leaves in registers or on the stack is undefined, this is not.
  decoding *d = calloc(1, sizeof *d);
  if (!d) return CIMAGES_NO_MEMORY;
  d->limits = limits;
  d->image = image;
  d->decoder.err = jpeg_std_error(&d->errors);
  d->errors.error_exit = on_error;
  d->errors.emit_message = on_message;
  d->progress.progress_monitor = on_progress;
  d->decoder.client_data = d;
  if (setjmp(d->rescue) == 0) {
    jpeg_create_decompress(&d->decoder);
    // Coefficients of a progressive image take 2 bytes a sample; beyond this the library gives up.
    d->decoder.mem->max_memory_to_use = 1024L << 20;
    d->decoder.progress = &d->progress;
    decode(d, bytes, count);
  }
  int status = d->status;
  jpeg_destroy_decompress(&d->decoder);
  free(d->row);
  free(d);
  return status;
}
