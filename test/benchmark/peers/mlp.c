// Training step of mlp (Adam) and, with LARGE, mlp_large (SGD with momentum). Each thread has a
// part of the columns of every product, so no gradient is stored twice.
#include "peer.h"

#ifdef LARGE
enum { Inputs = 784, N1 = 2048, N2 = 2048, Classes = 10, Rows = 256, Id = 2, Momentum = 1 };
#else
enum { Inputs = 784, N1 = 256, N2 = 128, Classes = 10, Rows = 64, Id = 1, Momentum = 0 };
#endif

static const int sizes[4] = {Inputs, N1, N2, Classes};
static float *params, *first, *second, *gradients; // first and second moments, or the velocity
static float *images[Batches], *values[4], *adjoints[4];
static int labels[Batches][Rows];
static size_t at[7]; // where the weight and bias of each layer begin

/// Part `part` of `parts` of a range begins here.
static size_t share(size_t count, int part, int parts) { return count * part / parts; }

/// The layer's result, columns or (last layer) rows of this thread.
static double forward(int layer, int thread, const int *label) {
  int out = sizes[layer + 1], in = sizes[layer], last = layer == 2;
  int c0 = last ? 0 : share(out, thread, threads),
      c1 = last ? out : share(out, thread + 1, threads);
  int r0 = last ? share(Rows, thread, threads) : 0;
  int r1 = last ? share(Rows, thread + 1, threads) : Rows;
  const float *w = params + at[2 * layer], *b = params + at[2 * layer + 1];
  float *z = values[layer + 1];
  for (int r = r0; r < r1; r++)
    memcpy(z + (size_t)r * out + c0, b + c0, (c1 - c0) * sizeof(float));
  cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, r1 - r0, c1 - c0, in, 1,
              values[layer] + (size_t)r0 * in, in, w + (size_t)c0 * in, in, 1,
              z + (size_t)r0 * out + c0, out);
  if (last)
    return crossEntropy(z + r0 * out, label + r0, r1 - r0, out, Rows);
  for (int r = 0; r < Rows; r++)
    for (int k = c0; k < c1; k++) {
      float *p = z + (size_t)r * out + k;
      *p = *p > 0 ? *p : 0;
    }
  return 0;
}

/// Gradients of the layer's parameters, then of its input.
static void backward(int layer, int thread, const float *dy) {
  int out = sizes[layer + 1], in = sizes[layer];
  int c0 = share(out, thread, threads), c1 = share(out, thread + 1, threads);
  float *db = gradients + at[2 * layer + 1];
  memset(db + c0, 0, (c1 - c0) * sizeof(float));
  for (int r = 0; r < Rows; r++)
    for (int k = c0; k < c1; k++)
      db[k] += dy[(size_t)r * out + k];
  cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, c1 - c0, in, Rows, 1, dy + c0, out,
              values[layer], in, 0, gradients + at[2 * layer] + (size_t)c0 * in, in);
  if (layer == 0)
    return;
  c0 = share(in, thread, threads);
  c1 = share(in, thread + 1, threads);
  cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, Rows, c1 - c0, out, 1, dy, out,
              params + at[2 * layer] + c0, in, 0, adjoints[layer] + c0, in);
  for (int r = 0; r < Rows; r++)
    for (int k = c0; k < c1; k++) {
      size_t i = (size_t)r * in + k;
      adjoints[layer][i] = values[layer][i] > 0 ? adjoints[layer][i] : 0;
    }
}

static void update(int thread, int time) {
  float *restrict w = params, *restrict m = first, *restrict v = second, *restrict g = gradients;
  float c1 = 1 / (1 - pow(0.9, time)), c2 = 1 / (1 - pow(0.999, time));
  size_t end = share(at[6], thread + 1, threads);
  for (size_t k = share(at[6], thread, threads); k < end; k++)
    if (Momentum) {
      m[k] = 0.9f * m[k] + g[k];
      w[k] -= 0.01f * m[k];
    } else {
      m[k] = 0.9f * m[k] + 0.1f * g[k];
      v[k] = 0.999f * v[k] + 0.001f * g[k] * g[k];
      w[k] -= 1e-3f * (m[k] * c1) / (sqrtf(v[k] * c2) + 1e-8f);
    }
}

static double step(int batch) {
  static int time = 0;
  double loss = 0;
  time++;
  values[0] = images[batch];
#pragma omp parallel num_threads(threads) reduction(+ : loss)
  {
    int thread = omp_get_thread_num();
    for (int layer = 0; layer < 3; layer++) {
      loss += forward(layer, thread, labels[batch]);
#pragma omp barrier
    }
    for (int layer = 2; layer >= 0; layer--) {
      backward(layer, thread, layer == 2 ? values[3] : adjoints[layer + 1]);
#pragma omp barrier
    }
    update(thread, time);
  }
  return loss;
}

static void setUp(void) {
  for (int l = 0; l < 3; l++) {
    at[2 * l + 1] = at[2 * l] + (size_t)sizes[l] * sizes[l + 1];
    at[2 * l + 2] = at[2 * l + 1] + sizes[l + 1];
  }
  params = allocate(at[6]);
  first = allocate(at[6]);
  second = allocate(Momentum ? 0 : at[6]);
  gradients = allocate(at[6]);
  for (int k = 0; k < 6; k++)
    uniform(params + at[k], at[k + 1] - at[k], Id * 1000 + k, 1 / sqrt(sizes[k / 2]));
  for (int j = 0; j < Batches; j++) {
    int stream = Id * 1000 + 500 + 10 * j;
    images[j] = allocate(Rows * Inputs);
    for (int k = 0; k < Rows * Inputs; k++)
      images[j][k] = fmaxf(2 * u(stream, k) - 1, 0);
    for (int k = 0; k < Rows; k++)
      labels[j][k] = (int)(u(stream + 1, k) * 10);
  }
  for (int l = 1; l < 4; l++) {
    values[l] = allocate((size_t)Rows * sizes[l]);
    adjoints[l] = allocate((size_t)Rows * sizes[l]);
  }
}

int main(int argc, char **argv) { return runPeer(argc, argv); }
