/// Softmax regression on a CSV file, as the compiler would hand it to the runtime: 4 columns, 3
/// classes, momentum, a running mean of the inputs as state, and an assertion.
#include "runtime/contract/nnrt.h"

#include <cmath>
#include <csignal>
#include <cstdlib>
#include <cstring>

#ifndef INSTRUCTIONS
#define INSTRUCTIONS ""
#endif

#ifndef UNIT
#define UNIT "epochs"
#endif

using Real = REAL;

namespace {

constexpr int D = 4, C = 3, B = 16;

template <typename T> T *at(void *const *args, int i) { return static_cast<T *>(args[i]); }

/// params w, b; states run.mean, optim.0.w.m, optim.0.b.m; seed.
int32_t init(nnrt_context *, void *const *args) {
  auto *w = at<Real>(args, 0);
  uint64_t x = uint64_t(*at<int64_t>(args, 5)) * 2654435761u + 12345;
  for (int i = 0; i < D * C; ++i) {
    x = x * 6364136223846793005u + 1442695040888963407u;
    w[i] = Real(double(x >> 40) / double(1 << 24) - 0.5) * Real(0.1);
  }
  std::memset(args[1], 0, C * sizeof(Real));
  std::memset(args[2], 0, D * sizeof(Real));
  std::memset(args[3], 0, D * C * sizeof(Real));
  std::memset(args[4], 0, C * sizeof(Real));
  return 0;
}

/// One row's probabilities, in a kernel of the pool: args are w, b, x, p.
void rowKernel(void *const *args, int64_t row, void *scratch) {
  const auto *w = at<Real>(args, 0), *b = at<Real>(args, 1);
  const Real *x = at<Real>(args, 2) + row * D;
  Real *p = at<Real>(args, 3) + row * C, *logits = static_cast<Real *>(scratch), total = 0;
  for (int c = 0; c < C; ++c) {
    logits[c] = b[c];
    for (int i = 0; i < D; ++i)
      logits[c] += x[i] * w[i * C + c];
  }
  for (int c = 0; c < C; ++c)
    total += p[c] = std::exp(logits[c]);
  for (int c = 0; c < C; ++c)
    p[c] /= total;
}

const Real *probabilities(nnrt_context *context, void *w, void *b, void *x, int64_t rows) {
  void *args[] = {w, b, x, context->arena};
  nnrt_parallel(context, rowKernel, args, rows, 0);
  return static_cast<const Real *>(context->arena);
}

struct Judged {
  Real loss = 0, accuracy = 0;
};

Judged judge(const Real *p, const int32_t *label, int rows) {
  Judged judged;
  for (int r = 0; r < rows; ++r) {
    const Real *row = p + r * C;
    judged.loss -= std::log(row[label[r]]) / Real(rows);
    int best = row[1] > row[0] ? 1 : 0;
    best = row[2] > row[best] ? 2 : best;
    judged.accuracy += Real(best == label[r]) / Real(rows);
  }
  return judged;
}

double setting(const char *name) {
  const char *text = std::getenv(name);
  return text ? std::atof(text) : 0;
}

/// max(b, 0) more for the first b, which starts at 0. A test says what the gradient is there and
/// above.
Real addCorner(const Real *b, Real *db) {
  if (!std::getenv("POINTS_CORNER"))
    return 0;
  db[0] += Real(b[0] == 0 ? setting("POINTS_CORNER") : b[0] > 0 ? setting("POINTS_ABOVE") : 0);
  return b[0] > 0 ? b[0] : 0;
}

/// w, b, mean in, mean out, x, label, dw, db, loss, accuracy, norm.
int32_t gradient(nnrt_context *context, void *const *args) {
  const auto *x = at<Real>(args, 4);
  const auto *label = at<int32_t>(args, 5);
  const Real *p = probabilities(context, args[0], args[1], args[4], B);
  auto *dw = at<Real>(args, 6), *db = at<Real>(args, 7);
  std::memset(dw, 0, D * C * sizeof(Real));
  std::memset(db, 0, C * sizeof(Real));
  Real norm = 0;
  for (int r = 0; r < B; ++r)
    for (int c = 0; c < C; ++c) {
      Real d = (p[r * C + c] - Real(label[r] == c)) / Real(B);
      db[c] += d;
      for (int i = 0; i < D; ++i)
        dw[i * C + c] += x[r * D + i] * d;
    }
  for (int i = 0; i < D * C; ++i)
    norm += dw[i] * dw[i];
  for (int i = 0; i < D; ++i) {
    Real mean = 0;
    for (int r = 0; r < B; ++r)
      mean += x[r * D + i] / Real(B);
    at<Real>(args, 3)[i] = Real(0.9) * at<Real>(args, 2)[i] + Real(0.1) * mean;
  }
  if (std::getenv("POINTS_WRONG_GRADIENT"))
    dw[D * C - 1] *= Real(1.001);
  Judged judged = judge(p, label, B);
  *at<Real>(args, 8) = judged.loss + addCorner(at<Real>(args, 1), db);
  *at<Real>(args, 9) = judged.accuracy;
  *at<Real>(args, 10) = std::sqrt(norm);
  return 0;
}

/// w, b, m_w, m_b, dw, db, lr flag, progress, lr out. A test presses Ctrl-C in a given call.
int32_t update(nnrt_context *, void *const *args) {
  static int calls = 0, spoiling = 0;
  if (const char *stop = std::getenv("POINTS_STOP_AT"); stop && ++calls == std::atoi(stop))
    std::raise(SIGINT);
  Real lr = *at<Real>(args, 6) * (1 - Real(0.5) * *at<Real>(args, 7));
  for (int k = 0; k < 2; ++k) {
    auto *w = at<Real>(args, k), *m = at<Real>(args, 2 + k), *g = at<Real>(args, 4 + k);
    for (int i = 0; i < (k ? C : D * C); ++i) {
      m[i] = Real(0.9) * m[i] + g[i];
      w[i] -= lr * m[i];
    }
  }
  *at<Real>(args, 8) = lr;
  if (const char *spoil = std::getenv("POINTS_SPOIL_AT"); spoil && ++spoiling == std::atoi(spoil))
    at<Real>(args, 2)[0] = INFINITY;
  return 0;
}

template <int Rows> int32_t eval(nnrt_context *context, void *const *args) {
  const Real *p = probabilities(context, args[0], args[1], args[2], Rows);
  Judged judged = judge(p, at<int32_t>(args, 3), Rows);
  *at<Real>(args, 4) = judged.loss;
  *at<Real>(args, 5) = judged.accuracy;
  return 0;
}

/// w, b, x -> label, p; asserts that x is not negative.
int32_t classify(nnrt_context *context, void *const *args) {
  if (at<Real>(args, 2)[0] < 0)
    return 1;
  const Real *p = probabilities(context, args[0], args[1], args[2], 1);
  std::memcpy(args[4], p, C * sizeof(Real));
  *at<int32_t>(args, 3) = int32_t(p[1] > p[0] ? (p[2] > p[1] ? 2 : 1) : (p[2] > p[0] ? 2 : 0));
  return 0;
}

int32_t loadX(nnrt_context *, void *const *args) {
  for (int i = 0; i < D; ++i)
    at<Real>(args, 1)[i] = at<Real>(args, 0)[i] / 4;
  return 0;
}

int32_t loadLabel(nnrt_context *, void *const *args) {
  *at<int32_t>(args, 1) = *at<int32_t>(args, 0);
  return 0;
}

} // namespace

extern const char nn_launches[] = R"({
"kernels":[{"name":"row","uses":"rrrw","counts":[12,3,64,48],"infinite":false}],
"launches":[{"kernel":0,"lines":"points.nn:1"}]})";
extern const nnrt_function nn_functions[] = {init,    gradient, update, eval<B>,
                                             eval<1>, classify, loadX,  loadLabel};

#define R "\"dtype\":\"" REAL_NAME "\""
extern const char nn_program[] =
    R"({
"version":2,"name":"points","hash":"p1","real":")" REAL_NAME R"(","cpu":"any","features":"any",
"instructions":[)" INSTRUCTIONS R"(],"arena":4096,"scratch":256,
"params":[{"name":"net.w","role":"param","net":"net","shape":[4,3],)" R
    R"(},{"name":"net.b","role":"param","net":"net","shape":[3],)" R R"(}],
"states":[{"name":"net.mean","role":"run","net":"net","shape":[4],)" R R"(},
          {"name":"optim.0.net.w.m","role":"opt","shape":[4,3],)" R R"(},
          {"name":"optim.0.net.b.m","role":"opt","shape":[3],)" R R"(}],
"vocabs":[],
"data":[{"name":"points","sources":[{"kind":"csv","items":[{"name":"","path":"points.csv","flag":"points"}]}],
  "holdout_fraction":0.25,
  "fields":[{"name":"x",)" R
    R"(,"shape":[4],"kind":"function","function":"load.points.x","inputs":[{"kind":"columns","name":"columns","first":0,"elements":4}]},
            {"name":"label","dtype":"i32","shape":[],"bound":3,"kind":"function","direct":true,"function":"load.points.label","inputs":[{"kind":"columns","name":"columns","first":4,"elements":1}]}]}],
"commands":[{"name":"train","flags":[{"name":"lr",)" R
    R"(,"shape":[],"default":0.1,"doc":"learning rate"},
                                     {"name":"n","dtype":"i32","shape":[],"default":4,"doc":"epochs"}],
  "body":[{"op":"for","count":{"flag":"n"},"unit":")" UNIT
    R"(","data":{"set":"points","rows":16},"body":[
    {"op":"step","objective":"nll","over":["net"],"gradient":"grad.0","update":"update.0","accumulate":1},
    {"op":"every","count":{"value":1},"unit":"epochs","body":[{"op":"validate","objective":"nll"}]}]}]},
  {"name":"slow","flags":[{"name":"lr",)" R R"(,"shape":[],"default":0.01,"doc":""}],
  "body":[{"op":"for","count":{"value":5},"unit":"steps","data":{"set":"points","rows":16},"body":[
    {"op":"step","objective":"nll","over":["net"],"gradient":"grad.0","update":"update.0","accumulate":3}]}]}],
"objectives":[{"name":"nll","data":"points","eval":{"rows":16,"function":"eval.nll","single":"eval.nll.1"},
  "checks":[{"rows":16,"function":"grad.0","loss":"nll","params":["net.w","net.b"]}]}],
"entries":[{"name":"classify","doc":"the class of a point","function":"entry.classify","repeat":"x",
  "flags":[{"name":"x",)" R R"(,"shape":[1,4],"doc":"the point"}],
  "shows":[{"name":"label","result":"label","kind":"print","row":true},{"name":"p","result":"p","kind":"print","row":true}]}],
"functions":[
 {"name":"init.params","asserts":[],"args":[{"kind":"param","name":"net.w",)" R
    R"(,"shape":[4,3]},{"kind":"param","name":"net.b",)" R R"(,"shape":[3]},
   {"kind":"state","name":"net.mean",)" R
    R"(,"shape":[4]},{"kind":"state","name":"optim.0.net.w.m",)" R
    R"(,"shape":[4,3]},{"kind":"state","name":"optim.0.net.b.m",)" R R"(,"shape":[3]},
   {"kind":"seed","name":"seed","dtype":"i64","shape":[]}]},
 {"name":"grad.0","asserts":[],"args":[{"kind":"param","name":"net.w",)" R
    R"(,"shape":[4,3]},{"kind":"param","name":"net.b",)" R R"(,"shape":[3]},
   {"kind":"state","name":"net.mean",)" R
    R"(,"shape":[4]},{"kind":"state_out","name":"net.mean",)" R R"(,"shape":[4]},
   {"kind":"input","name":"x",)" R
    R"(,"shape":[16,4]},{"kind":"input","name":"label","dtype":"i32","shape":[16]},
   {"kind":"gradient","name":"net.w",)" R R"(,"shape":[4,3]},{"kind":"gradient","name":"net.b",)" R
    R"(,"shape":[3]},
   {"kind":"loss","name":"nll",)" R R"(,"shape":[]},{"kind":"report","name":"nll.accuracy",)" R
    R"(,"shape":[]},{"kind":"grad_norm","name":"grad_norm",)" R R"(,"shape":[]}]},
 {"name":"update.0","asserts":[],"args":[{"kind":"param","name":"net.w",)" R
    R"(,"shape":[4,3]},{"kind":"param","name":"net.b",)" R R"(,"shape":[3]},
   {"kind":"state","name":"optim.0.net.w.m",)" R
    R"(,"shape":[4,3]},{"kind":"state","name":"optim.0.net.b.m",)" R R"(,"shape":[3]},
   {"kind":"gradient","name":"net.w",)" R R"(,"shape":[4,3]},{"kind":"gradient","name":"net.b",)" R
    R"(,"shape":[3]},
   {"kind":"flag","name":"lr",)" R R"(,"shape":[]},{"kind":"progress","name":"progress",)" R
    R"(,"shape":[]},{"kind":"lr","name":"lr",)" R R"(,"shape":[]}]},
 {"name":"eval.nll","asserts":[],"args":[{"kind":"param","name":"net.w",)" R
    R"(,"shape":[4,3]},{"kind":"param","name":"net.b",)" R R"(,"shape":[3]},
   {"kind":"input","name":"x",)" R
    R"(,"shape":[16,4]},{"kind":"input","name":"label","dtype":"i32","shape":[16]},
   {"kind":"loss","name":"nll",)" R R"(,"shape":[]},{"kind":"report","name":"nll.accuracy",)" R
    R"(,"shape":[]}]},
 {"name":"eval.nll.1","asserts":[],"args":[{"kind":"param","name":"net.w",)" R
    R"(,"shape":[4,3]},{"kind":"param","name":"net.b",)" R R"(,"shape":[3]},
   {"kind":"input","name":"x",)" R
    R"(,"shape":[1,4]},{"kind":"input","name":"label","dtype":"i32","shape":[1]},
   {"kind":"loss","name":"nll",)" R R"(,"shape":[]},{"kind":"report","name":"nll.accuracy",)" R
    R"(,"shape":[]}]},
 {"name":"entry.classify","asserts":[{"message":"x must not be negative","line":7}],"args":[{"kind":"param","name":"net.w",)" R
    R"(,"shape":[4,3]},{"kind":"param","name":"net.b",)" R R"(,"shape":[3]},
   {"kind":"input","name":"x",)" R
    R"(,"shape":[1,4]},{"kind":"show","name":"label","dtype":"i32","shape":[1]},{"kind":"show","name":"p",)" R
    R"(,"shape":[1,3]}]},
 {"name":"load.points.x","asserts":[],"args":[{"kind":"input","name":"columns",)" R
    R"(,"shape":[4]},{"kind":"field","name":"x",)" R R"(,"shape":[4]}]},
 {"name":"load.points.label","asserts":[],"args":[{"kind":"input","name":"columns","dtype":"i32"
    ,"shape":[1]},{"kind":"field","name":"label","dtype":"i32","shape":[]}]}
]})";
