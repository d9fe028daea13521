/// A table of next letters on a text, and pictures from idx files: windows, a vocabulary, text and
/// image output, held-out sources, as the compiler would hand them to the runtime.
#include "runtime/contract/nnrt.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace {

constexpr int V = 32, T = 8, B = 4, Pixels = 4;

template <typename T> T *at(void *const *args, int i) { return static_cast<T *>(args[i]); }

int32_t init(nnrt_context *, void *const *args) {
  std::memset(args[0], 0, V * V * sizeof(float));
  std::memset(args[1], 0, Pixels * sizeof(float));
  return 0;
}

/// table, text[rows, T + 1] -> dtable (or none), loss.
template <int Rows> float tableLoss(const float *table, const int32_t *text, float *gradient) {
  float loss = 0, scale = 1.0f / float(Rows * T);
  for (int r = 0; r < Rows; ++r)
    for (int t = 0; t < T; ++t) {
      int from = text[r * (T + 1) + t], to = text[r * (T + 1) + t + 1];
      const float *row = table + from * V;
      float top = *std::max_element(row, row + V), total = 0;
      for (int v = 0; v < V; ++v)
        total += std::exp(row[v] - top);
      loss -= (row[to] - top - std::log(total)) * scale;
      for (int v = 0; gradient && v < V; ++v)
        gradient[from * V + v] += (std::exp(row[v] - top) / total - float(v == to)) * scale;
    }
  return loss;
}

int32_t gradient(nnrt_context *, void *const *args) {
  std::memset(args[2], 0, V * V * sizeof(float));
  *at<float>(args, 3) = tableLoss<B>(at<float>(args, 0), at<int32_t>(args, 1), at<float>(args, 2));
  return 0;
}

/// table, dtable.
int32_t update(nnrt_context *, void *const *args) {
  for (int i = 0; i < V * V; ++i)
    at<float>(args, 0)[i] -= 20 * at<float>(args, 1)[i];
  return 0;
}

template <int Rows> int32_t eval(nnrt_context *, void *const *args) {
  *at<float>(args, 2) = tableLoss<Rows>(at<float>(args, 0), at<int32_t>(args, 1), nullptr);
  return 0;
}

/// table, prompt[1, T] -> text[1, T], frequency of the first letter.
int32_t generate(nnrt_context *, void *const *args) {
  auto *text = at<int32_t>(args, 2);
  std::memcpy(text, args[1], T * sizeof(int32_t));
  int start = 0;
  while (start < T && text[start] != 0)
    ++start;
  if (start == 0)
    return 1;
  for (int t = start; t < T; ++t) {
    const float *row = at<float>(args, 0) + text[t - 1] * V;
    text[t] = int32_t(std::max_element(row, row + V) - row);
  }
  *at<float>(args, 4) = at<float>(args, 3)[text[0]];
  return 0;
}

/// mean, image[B, 2, 2], label[B] -> new gradient, loss: NaN where a label is 9.
int32_t pictureGradient(nnrt_context *, void *const *args) {
  float loss = 0;
  std::memset(args[3], 0, Pixels * sizeof(float));
  for (int r = 0; r < B; ++r)
    for (int i = 0; i < Pixels; ++i) {
      float d = at<float>(args, 0)[i] - at<float>(args, 1)[r * Pixels + i];
      loss += d * d / B;
      at<float>(args, 3)[i] += 2 * d / B;
      if (at<int32_t>(args, 2)[r] == 9)
        loss = NAN;
    }
  *at<float>(args, 4) = loss;
  return 0;
}

int32_t pictureUpdate(nnrt_context *, void *const *args) {
  for (int i = 0; i < Pixels; ++i)
    at<float>(args, 0)[i] -= 0.1f * at<float>(args, 1)[i];
  return 0;
}

template <int Rows> int32_t pictureEval(nnrt_context *, void *const *args) {
  float loss = 0;
  for (int r = 0; r < Rows; ++r)
    for (int i = 0; i < Pixels; ++i)
      loss += std::pow(at<float>(args, 0)[i] - at<float>(args, 1)[r * Pixels + i], 2.0f) / Rows;
  *at<float>(args, 2) = loss;
  return 0;
}

int32_t look(nnrt_context *, void *const *args) {
  std::memcpy(args[1], args[0], 3 * Pixels * sizeof(float));
  return 0;
}

int32_t loadImage(nnrt_context *, void *const *args) {
  for (int i = 0; i < Pixels; ++i)
    at<float>(args, 1)[i] = at<float>(args, 0)[i] / 255;
  return 0;
}

int32_t loadLabel(nnrt_context *, void *const *args) {
  *at<int32_t>(args, 1) = *at<int32_t>(args, 0);
  return 0;
}

} // namespace

extern const char nn_launches[] = R"({"kernels":[],"launches":[]})";
extern const nnrt_function nn_functions[] = {
    init,          gradient,       update,         eval<B>, eval<1>,   generate, pictureGradient,
    pictureUpdate, pictureEval<B>, pictureEval<1>, look,    loadImage, loadLabel};

extern const char nn_program[] = R"({
"version":2,"name":"letters","hash":"l1","real":"f32","cpu":"any","features":"any","instructions":[],"arena":0,"scratch":0,
"params":[{"name":"table","role":"param","shape":[32,32],"dtype":"f32"},{"name":"mean","role":"param","shape":[4],"dtype":"f32"}],
"states":[],
"vocabs":[{"name":"char","size":32,"kind":"characters","sources":[{"kind":"text","path":"book.txt","column":0,"flag":"char"}]}],
"data":[{"name":"prose","sources":[{"kind":"text","items":[{"name":"","path":"book.txt","flag":"prose"}]}],"holdout_fraction":0.1,
  "fields":[{"name":"text","dtype":"i32","shape":[9],"bound":32,"kind":"text","vocab":"char","transform":"window","inputs":[{"kind":"line"}]}]},
 {"name":"pictures","sources":[{"kind":"idx","items":[{"name":"image","path":"images.gz","flag":"pictures.image"},{"name":"label","path":"labels.gz","flag":"pictures.label"}]}],
  "holdout_sources":[{"kind":"idx","items":[{"name":"image","path":"test-images.gz","flag":"pictures.holdout.image"},{"name":"label","path":"test-labels.gz","flag":"pictures.holdout.label"}]}],
  "fields":[{"name":"image","dtype":"f32","shape":[2,2],"kind":"function","function":"load.pictures.image","inputs":[{"kind":"item","name":"image","elements":4}]},
            {"name":"label","dtype":"i32","shape":[],"bound":10,"kind":"function","direct":true,"function":"load.pictures.label","inputs":[{"kind":"item","name":"label","elements":1}]}]}],
"commands":[{"name":"train","flags":[],"body":[
   {"op":"for","count":{"value":60},"unit":"steps","data":{"set":"prose","rows":4},"body":[
     {"op":"step","objective":"nll","over":[],"gradient":"grad.0","update":"update.0","accumulate":1},
     {"op":"every","count":{"value":30},"unit":"steps","body":[{"op":"validate","objective":"nll"},{"op":"run","entry":"generate","args":[{"name":"prompt","value":"a"}]}]}]}]},
  {"name":"paint","flags":[],"body":[
   {"op":"for","count":{"value":2},"unit":"epochs","data":{"set":"pictures","rows":4},"body":[
     {"op":"repeat","count":{"value":2},"body":[
       {"op":"step","objective":"mse","over":[],"gradient":"grad.1","update":"update.1","accumulate":1}]}]},
   {"op":"run","entry":"look"}]}],
"objectives":[{"name":"nll","data":"prose","eval":{"rows":4,"function":"eval.nll","single":"eval.nll.1"},"checks":[{"rows":4,"function":"grad.0","loss":"nll","params":["table"]}]},
  {"name":"mse","data":"pictures","eval":{"rows":4,"function":"eval.mse","single":"eval.mse.1"}}],
"entries":[{"name":"generate","doc":"","function":"entry.generate",
   "flags":[{"name":"prompt","dtype":"i32","shape":[1,8],"vocab":"char","doc":""}],
   "shows":[{"name":"text","result":"text","kind":"print","vocab":"char"},{"name":"frequency","result":"frequency","kind":"print"}]},
  {"name":"look","doc":"","function":"entry.look","data":{"set":"pictures","rows":3},"flags":[],
   "shows":[{"name":"grid","result":"grid","kind":"image"}]}],
"functions":[
 {"name":"init.params","asserts":[],"args":[{"kind":"param","name":"table","dtype":"f32","shape":[32,32]},{"kind":"param","name":"mean","dtype":"f32","shape":[4]}]},
 {"name":"grad.0","asserts":[],"args":[{"kind":"param","name":"table","dtype":"f32","shape":[32,32]},{"kind":"input","name":"text","dtype":"i32","shape":[4,9]},{"kind":"gradient","name":"table","dtype":"f32","shape":[32,32]},{"kind":"loss","name":"nll","dtype":"f32","shape":[]}]},
 {"name":"update.0","asserts":[],"args":[{"kind":"param","name":"table","dtype":"f32","shape":[32,32]},{"kind":"gradient","name":"table","dtype":"f32","shape":[32,32]}]},
 {"name":"eval.nll","asserts":[],"args":[{"kind":"param","name":"table","dtype":"f32","shape":[32,32]},{"kind":"input","name":"text","dtype":"i32","shape":[4,9]},{"kind":"loss","name":"nll","dtype":"f32","shape":[]}]},
 {"name":"eval.nll.1","asserts":[],"args":[{"kind":"param","name":"table","dtype":"f32","shape":[32,32]},{"kind":"input","name":"text","dtype":"i32","shape":[1,9]},{"kind":"loss","name":"nll","dtype":"f32","shape":[]}]},
 {"name":"entry.generate","asserts":[{"message":"the prompt is empty","line":42}],"args":[{"kind":"param","name":"table","dtype":"f32","shape":[32,32]},{"kind":"input","name":"prompt","dtype":"i32","shape":[1,8]},{"kind":"show","name":"text","dtype":"i32","shape":[1,8]},{"kind":"vocab.frequency","name":"char","dtype":"f32","shape":[32]},{"kind":"show","name":"frequency","dtype":"f32","shape":[]}]},
 {"name":"grad.1","asserts":[],"args":[{"kind":"param","name":"mean","dtype":"f32","shape":[4]},{"kind":"input","name":"image","dtype":"f32","shape":[4,2,2]},{"kind":"input","name":"label","dtype":"i32","shape":[4]},{"kind":"gradient","name":"mean","dtype":"f32","shape":[4]},{"kind":"loss","name":"mse","dtype":"f32","shape":[]}]},
 {"name":"update.1","asserts":[],"args":[{"kind":"param","name":"mean","dtype":"f32","shape":[4]},{"kind":"gradient","name":"mean","dtype":"f32","shape":[4]}]},
 {"name":"eval.mse","asserts":[],"args":[{"kind":"param","name":"mean","dtype":"f32","shape":[4]},{"kind":"input","name":"image","dtype":"f32","shape":[4,2,2]},{"kind":"loss","name":"mse","dtype":"f32","shape":[]}]},
 {"name":"eval.mse.1","asserts":[],"args":[{"kind":"param","name":"mean","dtype":"f32","shape":[4]},{"kind":"input","name":"image","dtype":"f32","shape":[1,2,2]},{"kind":"loss","name":"mse","dtype":"f32","shape":[]}]},
 {"name":"entry.look","asserts":[],"args":[{"kind":"input","name":"image","dtype":"f32","shape":[3,2,2]},{"kind":"show","name":"grid","dtype":"f32","shape":[3,2,2]}]},
 {"name":"load.pictures.image","asserts":[],"args":[{"kind":"input","name":"image","dtype":"f32","shape":[4]},{"kind":"field","name":"image","dtype":"f32","shape":[2,2]}]},
 {"name":"load.pictures.label","asserts":[],"args":[{"kind":"input","name":"label","dtype":"i32","shape":[1]},{"kind":"field","name":"label","dtype":"i32","shape":[]}]}
]})";
