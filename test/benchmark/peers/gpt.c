// Training step of gpt_small and, with MID, gpt_mid: each thread does its share of the rows, then
// gradients are summed.
#include "peer.h"

#ifdef MID
enum { Layers = 6, Width = 384, Heads = 6, Length = 256, Rows = 8, Symbols = 65, Id = 11 };
#else
enum { Layers = 4, Width = 128, Heads = 4, Length = 64, Rows = 12, Symbols = 65, Id = 10 };
#endif
enum { HeadWidth = Width / Heads, Block = 128 }; // Every tensor has a multiple of Block elements.

typedef struct {
  float *ln1, *qkv, *proj, *ln2, *fc, *out;
} Layer;
typedef struct {
  float *base, *wte, *wpe, *lnf;
  Layer layers[Layers];
  size_t count;
} Parameters;
/// What the forward pass of a layer leaves: its input, attention's parts, then the dense half's.
typedef struct {
  float *x, *normed1, *moments1, *qkv, *weights, *mixed, *x2, *normed2, *moments2, *fc, *active;
} Values;
typedef struct {
  Values layers[Layers + 1];
  float *normed, *moments, *logits, *dx, *dnormed, *dfc, *dqkv, *dweights;
} Workspace;

static Parameters params, first, second, gradients[MaxThreads];
static Workspace workspaces[MaxThreads];
static unsigned char *decays; // a truth value for each Block of the parameters
static int rows;              // of a thread
static int inputs[Batches][Rows * Length], targets[Batches][Rows * Length];

// y = beta y + x W^T; dx = beta dx + dy W; dW = beta dW + dy^T x
static void product(float *y, const float *x, const float *w, int m, int out, int in, float beta) {
  cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, m, out, in, 1, x, in, w, in, beta, y, out);
}
static void toInput(float *dx, const float *dy, const float *w, int m, int out, int in) {
  cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, m, in, out, 1, dy, out, w, in, 0, dx, in);
}
static void toWeight(float *dw, const float *dy, const float *x, int m, int out, int in) {
  cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, out, in, m, 1, dy, out, x, in, 1, dw, in);
}

/// Leaves mean and 1 / deviation of each row in `moments`.
static void norm(float *y, float *moments, const float *x, const float *gain, int m) {
  for (int r = 0; r < m; r++, x += Width, y += Width) {
    float mean = 0, variance = 0;
    for (int k = 0; k < Width; k++)
      mean += x[k];
    mean /= Width;
    for (int k = 0; k < Width; k++)
      variance += (x[k] - mean) * (x[k] - mean);
    float scale = 1 / sqrtf(variance / Width + 1e-5f);
    for (int k = 0; k < Width; k++)
      y[k] = (x[k] - mean) * scale * gain[k];
    moments[2 * r] = mean;
    moments[2 * r + 1] = scale;
  }
}

/// Adds to dx and dgain.
static void normBackward(float *dx, float *dgain, const float *dy, const float *x,
                         const float *moments, const float *gain, int m) {
  for (int r = 0; r < m; r++, dx += Width, dy += Width, x += Width) {
    float mean = moments[2 * r], scale = moments[2 * r + 1], a = 0, b = 0;
    for (int k = 0; k < Width; k++) {
      float z = (x[k] - mean) * scale, t = dy[k] * gain[k];
      a += t;
      b += t * z;
      dgain[k] += dy[k] * z;
    }
    a /= Width;
    b /= Width;
    for (int k = 0; k < Width; k++)
      dx[k] += (dy[k] * gain[k] - a - (x[k] - mean) * scale * b) * scale;
  }
}

static void causalSoftmax(float *scores) {
  for (int i = 0; i < Length; i++) {
    float *s = scores + i * Length, top = s[0], sum = 0;
    for (int j = 1; j <= i; j++)
      top = s[j] > top ? s[j] : top;
    for (int j = 0; j <= i; j++) {
      s[j] = expf(s[j] - top);
      sum += s[j];
    }
    for (int j = 0; j <= i; j++)
      s[j] /= sum;
    for (int j = i + 1; j < Length; j++)
      s[j] = 0;
  }
}

static void attend(Values *v) {
  const int stride = 3 * Width;
  const float scale = 1 / sqrtf(HeadWidth);
  for (int b = 0; b < rows; b++)
    for (int h = 0; h < Heads; h++) {
      float *q = v->qkv + (size_t)b * Length * stride + h * HeadWidth;
      float *weights = v->weights + (size_t)(b * Heads + h) * Length * Length;
      cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, Length, Length, HeadWidth, scale, q,
                  stride, q + Width, stride, 0, weights, Length);
      causalSoftmax(weights);
      cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, Length, HeadWidth, Length, 1, weights,
                  Length, q + 2 * Width, stride, 0,
                  v->mixed + (size_t)b * Length * Width + h * HeadWidth, Width);
    }
}

/// From the adjoint of `mixed`, which lies in dnormed, to dqkv.
static void attendBackward(const Values *v, Workspace *s) {
  const int stride = 3 * Width;
  const float scale = 1 / sqrtf(HeadWidth);
  for (int b = 0; b < rows; b++)
    for (int h = 0; h < Heads; h++) {
      size_t at = (size_t)b * Length * stride + h * HeadWidth;
      const float *q = v->qkv + at, *dy = s->dnormed + (size_t)b * Length * Width + h * HeadWidth;
      const float *weights = v->weights + (size_t)(b * Heads + h) * Length * Length;
      float *dq = s->dqkv + at, *d = s->dweights;
      cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, Length, HeadWidth, Length, 1, weights,
                  Length, dy, Width, 0, dq + 2 * Width, stride);
      cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, Length, Length, HeadWidth, 1, dy, Width,
                  q + 2 * Width, stride, 0, d, Length);
      for (int i = 0; i < Length; i++) {
        const float *w = weights + i * Length;
        float *row = d + i * Length, sum = 0;
        for (int j = 0; j <= i; j++)
          sum += row[j] * w[j];
        for (int j = 0; j < Length; j++)
          row[j] = w[j] * (row[j] - sum);
      }
      cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, Length, HeadWidth, Length, scale, d,
                  Length, q + Width, stride, 0, dq, stride);
      cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, Length, HeadWidth, Length, scale, d,
                  Length, q, stride, 0, dq + Width, stride);
    }
}

static void forwardLayer(Values *v, float *next, const Layer *w) {
  const int m = rows * Length;
  norm(v->normed1, v->moments1, v->x, w->ln1, m);
  product(v->qkv, v->normed1, w->qkv, m, 3 * Width, Width, 0);
  attend(v);
  memcpy(v->x2, v->x, sizeof(float) * m * Width);
  product(v->x2, v->mixed, w->proj, m, Width, Width, 1);
  norm(v->normed2, v->moments2, v->x2, w->ln2, m);
  product(v->fc, v->normed2, w->fc, m, 4 * Width, Width, 0);
  for (int k = 0; k < m * 4 * Width; k++)
    v->active[k] = 0.5f * v->fc[k] * (1 + erff(v->fc[k] * 0.70710678f));
  memcpy(next, v->x2, sizeof(float) * m * Width);
  product(next, v->active, w->out, m, Width, 4 * Width, 1);
}

static void backwardLayer(const Values *v, Workspace *s, const Layer *w, Layer *g) {
  const int m = rows * Length;
  toWeight(g->out, s->dx, v->active, m, Width, 4 * Width);
  toInput(s->dfc, s->dx, w->out, m, Width, 4 * Width);
  for (int k = 0; k < m * 4 * Width; k++) {
    float x = v->fc[k];
    s->dfc[k] *= 0.5f * (1 + erff(x * 0.70710678f)) + x * 0.39894228f * expf(-0.5f * x * x);
  }
  toWeight(g->fc, s->dfc, v->normed2, m, 4 * Width, Width);
  toInput(s->dnormed, s->dfc, w->fc, m, 4 * Width, Width);
  normBackward(s->dx, g->ln2, s->dnormed, v->x2, v->moments2, w->ln2, m);
  toWeight(g->proj, s->dx, v->mixed, m, Width, Width);
  toInput(s->dnormed, s->dx, w->proj, m, Width, Width);
  attendBackward(v, s);
  toWeight(g->qkv, s->dqkv, v->normed1, m, 3 * Width, Width);
  toInput(s->dnormed, s->dqkv, w->qkv, m, 3 * Width, Width);
  normBackward(s->dx, g->ln1, s->dnormed, v->x, v->moments1, w->ln1, m);
}

/// Loss and gradients of a thread's rows.
static double differentiate(int thread, const int *x, const int *y) {
  const int m = rows * Length;
  Workspace *s = &workspaces[thread];
  Parameters *g = &gradients[thread];
  memset(g->base, 0, g->count * sizeof(float));
  float *x0 = s->layers[0].x, *last = s->layers[Layers].x;
  for (int r = 0; r < m; r++)
    for (int k = 0; k < Width; k++)
      x0[r * Width + k] = params.wte[x[r] * Width + k] + params.wpe[(r % Length) * Width + k];
  for (int l = 0; l < Layers; l++)
    forwardLayer(&s->layers[l], s->layers[l + 1].x, &params.layers[l]);
  norm(s->normed, s->moments, last, params.lnf, m);
  product(s->logits, s->normed, params.wte, m, Symbols, Width, 0);
  double loss = crossEntropy(s->logits, y, m, Symbols, Rows * Length);
  toWeight(g->wte, s->logits, s->normed, m, Symbols, Width);
  toInput(s->dnormed, s->logits, params.wte, m, Symbols, Width);
  memset(s->dx, 0, sizeof(float) * m * Width);
  normBackward(s->dx, g->lnf, s->dnormed, last, s->moments, params.lnf, m);
  for (int l = Layers - 1; l >= 0; l--)
    backwardLayer(&s->layers[l], s, &params.layers[l], &g->layers[l]);
  for (int r = 0; r < m; r++)
    for (int k = 0; k < Width; k++) {
      g->wte[x[r] * Width + k] += s->dx[r * Width + k];
      g->wpe[(r % Length) * Width + k] += s->dx[r * Width + k];
    }
  return loss;
}

/// Leaves the sum of the threads' gradients of a block in the first one's; its squared norm.
static double gather(size_t begin, size_t end) {
  float *g = gradients[0].base, norm = 0;
  for (size_t k = begin; k < end; k++) {
    if (threads > 1)
      g[k] += gradients[1].base[k];
    norm += g[k] * g[k];
  }
  return norm;
}

static void update(size_t begin, size_t end, int decay, float scale, int time) {
  const float beta1 = 0.9f, beta2 = 0.99f, rate = 1e-3f, keep = decay ? 1 - rate * 0.1f : 1;
  const float c1 = 1 / (1 - pow(0.9, time)), c2 = 1 / (1 - pow(0.99, time));
  float *restrict w = params.base, *restrict m = first.base, *restrict v = second.base;
  for (size_t k = begin; k < end; k++) {
    float g = gradients[0].base[k] * scale;
    m[k] = beta1 * m[k] + (1 - beta1) * g;
    v[k] = beta2 * v[k] + (1 - beta2) * g * g;
    w[k] = w[k] * keep - rate * (m[k] * c1) / (sqrtf(v[k] * c2) + 1e-8f);
  }
}

static double step(int batch) {
  static int time = 0;
  const size_t count = params.count, blocks = (count + Block - 1) / Block;
  double loss = 0, squares = 0;
  time++;
#pragma omp parallel num_threads(threads) reduction(+ : loss)
  {
    int begin = omp_get_thread_num() * rows * Length;
    loss += differentiate(omp_get_thread_num(), inputs[batch] + begin, targets[batch] + begin);
#pragma omp barrier
#pragma omp for schedule(static) reduction(+ : squares)
    for (size_t b = 0; b < blocks; b++)
      squares += gather(b * Block, b * Block + Block < count ? b * Block + Block : count);
    float scale = fmin(1, 1 / (sqrt(squares) + 1e-6));
#pragma omp for schedule(static)
    for (size_t b = 0; b < blocks; b++)
      update(b * Block, b * Block + Block < count ? b * Block + Block : count, decays[b], scale,
             time);
  }
  return loss;
}

static Parameters allocateParameters(void) {
  const size_t square = (size_t)Width * Width;
  Parameters p = {.count =
                      (size_t)(Symbols + Length + 1 + 2 * Layers) * Width + 12 * Layers * square};
  float *next = p.base = allocate(p.count);
  p.wte = next;
  p.wpe = next += Symbols * Width;
  next += Length * Width;
  for (int l = 0; l < Layers; l++) {
    p.layers[l].ln1 = next;
    p.layers[l].qkv = next += Width;
    p.layers[l].proj = next += 3 * square;
    p.layers[l].ln2 = next += square;
    p.layers[l].fc = next += Width;
    p.layers[l].out = next += 4 * square;
    next += 4 * square;
  }
  p.lnf = next;
  return p;
}

static void setGain(float *gain) {
  for (int k = 0; k < Width; k++)
    gain[k] = 1;
  memset(decays + (gain - params.base) / Block, 0, Width / Block);
}

static void initialize(void) {
  const double bound = 0.02 * sqrt(3), residual = bound / sqrt(2 * Layers);
  const size_t square = (size_t)Width * Width;
  int stream = Id * 1000;
  uniform(params.wte, Symbols * Width, stream++, bound);
  uniform(params.wpe, Length * Width, stream++, bound);
  for (int l = 0; l < Layers; l++, stream += 6) {
    Layer *w = &params.layers[l];
    setGain(w->ln1);
    uniform(w->qkv, 3 * square, stream + 1, bound);
    uniform(w->proj, square, stream + 2, residual);
    setGain(w->ln2);
    uniform(w->fc, 4 * square, stream + 4, bound);
    uniform(w->out, 4 * square, stream + 5, residual);
  }
  setGain(params.lnf);
}

static void allocateWorkspace(Workspace *s) {
  const size_t m = (size_t)rows * Length, wide = m * Width;
  for (int l = 0; l <= Layers; l++) {
    Values *v = &s->layers[l];
    v->x = allocate(wide);
    if (l == Layers)
      break;
    float **same[] = {&v->normed1, &v->mixed, &v->x2, &v->normed2};
    for (int k = 0; k < 4; k++)
      *same[k] = allocate(wide);
    v->moments1 = allocate(2 * m);
    v->moments2 = allocate(2 * m);
    v->qkv = allocate(3 * wide);
    v->weights = allocate((size_t)rows * Heads * Length * Length);
    v->fc = allocate(4 * wide);
    v->active = allocate(4 * wide);
  }
  s->normed = allocate(wide);
  s->moments = allocate(2 * m);
  s->logits = allocate(m * Symbols);
  s->dx = allocate(wide);
  s->dnormed = allocate(wide);
  s->dfc = allocate(4 * wide);
  s->dqkv = allocate(3 * wide);
  s->dweights = allocate(Length * Length);
}

static void setUp(void) {
  rows = Rows / threads;
  params = allocateParameters();
  first = allocateParameters();
  second = allocateParameters();
  decays = malloc((params.count + Block - 1) / Block);
  memset(decays, 1, (params.count + Block - 1) / Block);
  for (int t = 0; t < threads; t++) {
    gradients[t] = allocateParameters();
    allocateWorkspace(&workspaces[t]);
  }
  initialize();
  for (int j = 0; j < Batches; j++)
    for (int b = 0; b < Rows; b++)
      for (int t = 0; t < Length; t++) {
        int stream = Id * 1000 + 500 + 10 * j, at = b * (Length + 1) + t;
        inputs[j][b * Length + t] = (int)(u(stream, at) * Symbols);
        targets[j][b * Length + t] = (int)(u(stream, at + 1) * Symbols);
      }
}

int main(int argc, char **argv) { return runPeer(argc, argv); }
