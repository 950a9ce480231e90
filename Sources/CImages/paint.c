#include <math.h>

#include "CImages.h"

// A fused multiply-add would round differently on machines that have one.
#pragma clang fp contract(off)

static inline float larger(float a, float b) { return a > b ? a : b; }
static inline float smaller(float a, float b) { return a < b ? a : b; }
static inline float clamp(float x, float low, float high) { return smaller(larger(x, low), high); }

// A filled pentagram is where at least four of its five edge lines have the point on their inner
// side, so its distance is the second largest of the five.
static float star(float x, float y) {
  static const float normals[5][2] = {{0.0f, -1.0f},
                                      {0.95105652f, -0.30901699f},
                                      {0.58778525f, 0.80901699f},
                                      {-0.58778525f, 0.80901699f},
                                      {-0.95105652f, -0.30901699f}};
  float first = -1e9f, second = -1e9f;
  for (int i = 0; i < 5; i++) {
    float along = normals[i][0] * x + normals[i][1] * y;
    if (along > first) {
      second = first;
      first = along;
    } else if (along > second) {
      second = along;
    }
  }
  return second - 0.417f;
}

// How far a point lies outside a shape of radius 1 (negative: inside). Exact near the edges, which
// is all that anti-aliasing needs.
static float distance(int kind, float x, float y) {
  float u = fabsf(x), v = fabsf(y);
  switch (kind) {
    case CIMAGES_SQUARE: return larger(u, v) - 0.88f;
    case CIMAGES_TRIANGLE: return larger(y, 0.8660254f * u - 0.5f * y) - 0.65f;
    case CIMAGES_DIAMOND: return (u / 0.85f + v / 1.3f - 1.0f) / 1.4056f;
    case CIMAGES_CROSS: {
      float flat = larger(u - 1.1f, v - 0.36f), upright = larger(u - 0.36f, v - 1.1f);
      return smaller(flat, upright);
    }
    case CIMAGES_STAR: return star(x, y);
    case CIMAGES_RING: return fabsf(sqrtf(x * x + y * y) - 0.84f) - 0.24f;
    case CIMAGES_HEXAGON: return larger(0.8660254f * u + 0.5f * v, v) - 0.935f;
    default: return sqrtf(x * x + y * y) - 1.0f;
  }
}

// A wave of period 1 between -1 and 1 with steep but not vertical flanks.
static float wave(float t) {
  float part = t - floorf(t);
  return clamp(24.0f * (fabsf(part - 0.5f) - 0.25f), -1.0f, 1.0f);
}

static float texture(const cimages_background *b, float x, float y) {
  float along = (x - 0.5f) * b->cosine + (y - 0.5f) * b->sine;
  float across = (y - 0.5f) * b->cosine - (x - 0.5f) * b->sine;
  switch (b->texture) {
    case CIMAGES_STRIPES: return wave(along / b->period + b->phase);
    case CIMAGES_CHECKS:
      return wave(along / b->period + b->phase) * wave(across / b->period + b->phase);
    case CIMAGES_SHADES: return clamp(2.0f * along, -1.0f, 1.0f);
    default: return 0.0f;
  }
}

// SplitMix64 as a function of its counter: 21 random bits for each part of a pixel.
static inline uint64_t random_bits(uint64_t seed, uint64_t counter) {
  uint64_t z = seed + (counter + 1) * 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

static inline uint8_t byte_of(float value, uint64_t bits, float noise) {
  float random = (float)(int32_t)(bits & 0x1fffff) * (1.0f / 1048576.0f) - 1.0f;
  return (uint8_t)(clamp(value + noise * random, 0.0f, 1.0f) * 255.0f + 0.5f);
}

void cimages_paint(uint8_t *rgb, int size, const cimages_background *background,
                   const cimages_shape *shapes, int count) {
  float pixel = 1.0f / (float)size;
  for (int row = 0; row < size; row++) {
    float y = ((float)row + 0.5f) * pixel;
    for (int column = 0; column < size; column++) {
      float x = ((float)column + 0.5f) * pixel;
      float shade = background->contrast * texture(background, x, y);
      float red = larger(background->colour.red + shade, 0.0f);
      float green = larger(background->colour.green + shade, 0.0f);
      float blue = larger(background->colour.blue + shade, 0.0f);
      for (int i = 0; i < count; i++) {
        const cimages_shape *s = &shapes[i];
        float dx = x - s->x, dy = y - s->y, reach = 1.36f * s->radius + pixel;
        if (fabsf(dx) > reach || fabsf(dy) > reach) continue;
        float u = (dx * s->cosine + dy * s->sine) / s->radius;
        float v = (dy * s->cosine - dx * s->sine) / s->radius;
        float pixels = distance(s->kind, u, v) * s->radius * (float)size;
        float cover = clamp(0.5f - pixels, 0.0f, 1.0f);
        red += cover * (s->colour.red - red);
        green += cover * (s->colour.green - green);
        blue += cover * (s->colour.blue - blue);
      }
      size_t at = (size_t)row * (size_t)size + (size_t)column;
      uint64_t bits = random_bits(background->noise_seed, at);
      rgb[3 * at] = byte_of(red * background->light, bits, background->noise);
      rgb[3 * at + 1] = byte_of(green * background->light, bits >> 21, background->noise);
      rgb[3 * at + 2] = byte_of(blue * background->light, bits >> 42, background->noise);
    }
  }
}
