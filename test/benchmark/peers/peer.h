// Shared by the C peers: the numbers that cases.py describes, products, the loss, and how a peer is
// called and timed.
#pragma once
#define _GNU_SOURCE
#include <cblas.h>
#include <math.h>
#include <omp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { Batches = 8, MaxThreads = 2 };

static int threads = 1;

/// One training step on a batch; its loss.
static double step(int batch);
static void setUp(void);

static float u(uint64_t stream, uint64_t i) {
  uint64_t z = ((stream << 32) + i + 1) * 0x9E3779B97F4A7C15ull;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
  z ^= z >> 31;
  return (float)(z >> 40) * 0x1p-24f;
}

static float *allocate(size_t count) {
  size_t bytes = (count * sizeof(float) + 63) / 64 * 64;
  return memset(aligned_alloc(64, bytes), 0, bytes);
}

static void uniform(float *w, size_t count, uint64_t stream, double bound) {
  for (size_t i = 0; i < count; i++)
    w[i] = (2 * u(stream, i) - 1) * (float)bound;
}

/// Mean cross entropy of rows out of `total`; turns logits into their gradient.
static double crossEntropy(float *logits, const int *labels, int rows, int classes, int total) {
  double sum = 0;
  for (int r = 0; r < rows; r++) {
    float *p = logits + (size_t)r * classes, top = p[0], z = 0;
    for (int k = 1; k < classes; k++)
      top = p[k] > top ? p[k] : top;
    float right = p[labels[r]] - top;
    for (int k = 0; k < classes; k++) {
      p[k] = expf(p[k] - top);
      z += p[k];
    }
    sum -= right - logf(z);
    float scale = 1 / (z * total);
    for (int k = 0; k < classes; k++)
      p[k] *= scale;
    p[labels[r]] -= 1.0f / total;
  }
  return sum / total;
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec * 1e-9;
}

/// The largest resident size so far, in KiB.
static long peakMemory(void) {
  FILE *status = fopen("/proc/self/status", "r");
  char line[256];
  long peak = 0;
  while (status && fgets(line, sizeof line, status))
    if (sscanf(line, "VmHWM: %ld", &peak) == 1)
      break;
  fclose(status);
  return peak;
}

/// PEER THREADS SECONDS: `step 1` after the first step; `ms`, the time of each step after a
/// warm-up; `peak` in KiB. PEER --check: `losses` of five steps on batch 0.
static int runPeer(int argc, char **argv) {
  openblas_set_num_threads(1);
  int check = argc > 1 && strcmp(argv[1], "--check") == 0;
  threads = check ? MaxThreads : argc > 1 ? atoi(argv[1]) : 1;
  threads = threads > MaxThreads ? MaxThreads : threads;
  setUp();
  if (check) {
    printf("losses");
    for (int i = 0; i < 5; i++)
      printf(" %.8g", step(0));
    puts("");
    return 0;
  }
  double seconds = argc > 2 ? atof(argv[2]) : 1;
  step(0);
  puts("step 1");
  fflush(stdout);
  int done = 1, timed = 0;
  for (double start = now(); done < 4 || now() - start < 0.5; done++)
    step(done % Batches);
  printf("ms");
  for (double start = now(); timed < 5 || now() - start < seconds; done++, timed++) {
    double before = now();
    step(done % Batches);
    printf(" %.4f", (now() - before) * 1e3);
  }
  printf("\npeak %ld\n", peakMemory());
  return 0;
}
