#include <stdlib.h>
#include <string.h>

#include "CImages.h"

#pragma clang fp contract(off)

enum { PRECISION = 22 };

// Keys' cubic convolution kernel with a = -0.5.
static double kernel(double x) {
  const double a = -0.5;
  if (x < 0) x = -x;
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  if (x < 2) return (((x - 5) * x + 8) * x - 4) * a;
  return 0;
}

// For each place of a line: which places of the old line it is made of, and with which weights.
typedef struct {
  int taps;      // weights kept for a place
  int *first;    // the first old place
  int *count;    // how many follow
  int *weights;  // fixed point
} weights;

static void free_weights(weights *w) {
  free(w->first);
  free(w->count);
  free(w->weights);
}

// Places `start` to `start + places` of a line of `old` places resized to `new`; 0, or -1.
static int make_weights(weights *w, int old, int new, int start, int places) {
  double scale = (double)old / new, stretch = scale < 1 ? 1 : scale, support = 2 * stretch;
  memset(w, 0, sizeof *w);
  int most = 2 * ((int)support + 1) + 1;
  w->taps = most < old ? most : old;
  w->first = calloc((size_t)places, sizeof(int));
  w->count = calloc((size_t)places, sizeof(int));
  w->weights = calloc((size_t)places * (size_t)w->taps, sizeof(int));
  double *line = calloc((size_t)w->taps, sizeof(double));
  if (!w->first || !w->count || !w->weights || !line) {
    free(line);
    free_weights(w);
    return -1;
  }
  for (int place = 0; place < places; place++) {
    double centre = (start + place + 0.5) * scale, sum = 0;
    int low = (int)(centre - support + 0.5), high = (int)(centre + support + 0.5);
    if (low < 0) low = 0;
    if (high > old) high = old;
    int count = high - low;
    if (count > w->taps) count = w->taps;
    for (int i = 0; i < count; i++) {
      line[i] = kernel((low + i - centre + 0.5) * (1.0 / stretch));
      sum += line[i];
    }
    w->first[place] = low;
    w->count[place] = count;
    for (int i = 0; i < count; i++) {
      double share = sum != 0 ? line[i] / sum : line[i];
      double fixed = share * (1 << PRECISION);
      w->weights[place * w->taps + i] = (int)(fixed < 0 ? fixed - 0.5 : fixed + 0.5);
    }
  }
  free(line);
  return 0;
}

static inline uint8_t rounded(int sum) {
  int value = sum >> PRECISION;
  return (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
}

int cimages_resize(uint8_t *out, const uint8_t *rgb, int stride, const cimages_crop *from, int width,
                   int height, const cimages_crop *window) {
  weights across, down;
  if (make_weights(&across, from->width, width, window->left, window->width)) return -1;
  if (make_weights(&down, from->height, height, window->top, window->height)) {
    free_weights(&across);
    return -1;
  }
  // Only the rows that the window needs are resized horizontally.
  int last = window->height - 1;
  int top = down.first[0], bottom = down.first[last] + down.count[last];
  for (int y = 0; y < window->height; y++) {
    if (down.first[y] < top) top = down.first[y];
    if (down.first[y] + down.count[y] > bottom) bottom = down.first[y] + down.count[y];
  }
  size_t line = 3 * (size_t)window->width;
  uint8_t *narrow = malloc((size_t)(bottom - top) * line);
  if (narrow) {
    for (int y = top; y < bottom; y++) {
      const uint8_t *in =
          rgb + 3 * ((size_t)(from->top + y) * (size_t)stride + (size_t)from->left);
      uint8_t *to = narrow + (size_t)(y - top) * line;
      for (int x = 0; x < window->width; x++) {
        const int *w = across.weights + (size_t)x * (size_t)across.taps;
        const uint8_t *pixel = in + 3 * (size_t)across.first[x];
        int red = 1 << (PRECISION - 1), green = red, blue = red;
        for (int i = 0; i < across.count[x]; i++) {
          red += pixel[3 * i] * w[i];
          green += pixel[3 * i + 1] * w[i];
          blue += pixel[3 * i + 2] * w[i];
        }
        to[3 * x] = rounded(red);
        to[3 * x + 1] = rounded(green);
        to[3 * x + 2] = rounded(blue);
      }
    }
    for (int y = 0; y < window->height; y++) {
      const int *w = down.weights + (size_t)y * (size_t)down.taps;
      const uint8_t *in = narrow + (size_t)(down.first[y] - top) * line;
      for (size_t x = 0; x < line; x++) {
        int sum = 1 << (PRECISION - 1);
        for (int i = 0; i < down.count[y]; i++) sum += in[(size_t)i * line + x] * w[i];
        out[(size_t)y * line + x] = rounded(sum);
      }
    }
  }
  int status = narrow ? 0 : -1;
  free(narrow);
  free_weights(&across);
  free_weights(&down);
  return status;
}
