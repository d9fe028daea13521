#include "test/Emit/Reference.h"
#include "dialects/nn/IR/NN.h"
#include "llvm/ADT/TypeSwitch.h"
#include <cmath>

using namespace mlir;

namespace nnc::reference {
namespace {

using At = std::vector<int64_t>;

int64_t place(const std::vector<int64_t> &shape, const At &at) {
  int64_t p = 0;
  for (size_t k = 0; k < shape.size(); ++k) {
    assert(at[k] >= 0 && at[k] < shape[k] && "position out of range");
    p = p * shape[k] + at[k];
  }
  return p;
}

/// Calls f for every position of a box in row-major order.
void forEach(const std::vector<int64_t> &shape, llvm::function_ref<void(const At &)> f) {
  At at(shape.size(), 0);
  int64_t n = 1;
  for (int64_t size : shape)
    n *= size;
  for (int64_t i = 0; i < n; ++i) {
    f(at);
    for (size_t k = shape.size(); k-- > 0;)
      if (++at[k] < shape[k])
        break;
      else
        at[k] = 0;
  }
}

std::vector<int64_t> shapeOf(Type type) { return cast<RankedTensorType>(type).getShape().vec(); }
Type elementOf(Value value) { return cast<RankedTensorType>(value.getType()).getElementType(); }

/// Rounds to what the element type can hold.
double rounded(Type element, double x) { return element.isF32() ? double(float(x)) : x; }

double reduceStep(nn::Reduction kind, double a, double b) {
  switch (kind) {
  case nn::Reduction::sum:
    return a + b;
  case nn::Reduction::prod:
    return a * b;
  case nn::Reduction::max:
    return std::max(a, b);
  case nn::Reduction::min:
    return std::min(a, b);
  case nn::Reduction::any:
    return a != 0 || b != 0;
  case nn::Reduction::all:
    return a != 0 && b != 0;
  }
  return 0;
}

double reduceStart(nn::Reduction kind) {
  switch (kind) {
  case nn::Reduction::prod:
  case nn::Reduction::all:
    return 1;
  case nn::Reduction::max:
    return -INFINITY;
  case nn::Reduction::min:
    return INFINITY;
  default:
    return 0;
  }
}

double floorDivide(double a, double b) { return std::floor(a / b); }

double mapped(Operation *op, llvm::ArrayRef<double> x) {
  return llvm::TypeSwitch<Operation *, double>(op)
      .Case([&](nn::NegOp) { return -x[0]; })
      .Case([&](nn::AbsOp) { return std::fabs(x[0]); })
      .Case([&](nn::ExpOp) { return std::exp(x[0]); })
      .Case([&](nn::Expm1Op) { return std::expm1(x[0]); })
      .Case([&](nn::LogOp) { return std::log(x[0]); })
      .Case([&](nn::Log1pOp) { return std::log1p(x[0]); })
      .Case([&](nn::SqrtOp) { return std::sqrt(x[0]); })
      .Case([&](nn::RsqrtOp) { return 1 / std::sqrt(x[0]); })
      .Case([&](nn::TanhOp) { return std::tanh(x[0]); })
      .Case([&](nn::SinOp) { return std::sin(x[0]); })
      .Case([&](nn::CosOp) { return std::cos(x[0]); })
      .Case([&](nn::ErfOp) { return std::erf(x[0]); })
      .Case([&](nn::SigmoidOp) { return 1 / (1 + std::exp(-x[0])); })
      .Case([&](nn::SoftplusOp) {
        return std::max(x[0], 0.0) + std::log1p(std::exp(-std::fabs(x[0])));
      })
      .Case([&](nn::SignOp) { return double((x[0] > 0) - (x[0] < 0)); })
      .Case([&](nn::FloorOp) { return std::floor(x[0]); })
      .Case([&](nn::AddOp) { return x[0] + x[1]; })
      .Case([&](nn::SubOp) { return x[0] - x[1]; })
      .Case([&](nn::MulOp) { return x[0] * x[1]; })
      .Case([&](nn::DivOp) { return x[0] / x[1]; })
      .Case([&](nn::PowOp) { return std::pow(x[0], x[1]); })
      .Case([&](nn::MaxOp) { return std::max(x[0], x[1]); })
      .Case([&](nn::MinOp) { return std::min(x[0], x[1]); })
      .Case([&](nn::FloorDivOp) { return floorDivide(x[0], x[1]); })
      .Case([&](nn::ModOp) { return x[0] - x[1] * floorDivide(x[0], x[1]); })
      .Case([&](nn::AndOp) { return double(x[0] != 0 && x[1] != 0); })
      .Case([&](nn::OrOp) { return double(x[0] != 0 || x[1] != 0); })
      .Case([&](nn::XorOp) { return double((x[0] != 0) != (x[1] != 0)); })
      .Case([&](nn::NotOp) { return double(x[0] == 0); })
      .Case([&](nn::CompareOp op) -> double {
        switch (op.getPredicate()) {
        case nn::Comparison::eq:
          return x[0] == x[1];
        case nn::Comparison::ne:
          return x[0] != x[1];
        case nn::Comparison::lt:
          return x[0] < x[1];
        case nn::Comparison::le:
          return x[0] <= x[1];
        case nn::Comparison::gt:
          return x[0] > x[1];
        case nn::Comparison::ge:
          return x[0] >= x[1];
        }
        return 0;
      })
      .Case([&](nn::SelectOp) { return x[0] != 0 ? x[1] : x[2]; })
      .Case([&](nn::CastOp op) {
        Type to = elementOf(op.getY());
        if (to.isInteger(1))
          return double(x[0] != 0);
        return isa<IntegerType>(to) ? std::trunc(x[0]) : x[0];
      })
      .Case([&](nn::StopGradientOp) { return x[0]; })
      .Default([&](Operation *op) -> double {
        llvm::report_fatal_error("no reference for " + op->getName().getStringRef());
      });
}

class Evaluator {
public:
  llvm::DenseMap<Value, Tensor> values;
  Tensor &get(Value value) { return values[value]; }
  void block(Block &block) {
    for (Operation &op : block.without_terminator())
      run(op);
  }
  std::vector<Tensor> operandsOf(Operation *op) {
    std::vector<Tensor> result;
    for (Value operand : op->getOperands())
      result.push_back(get(operand));
    return result;
  }

private:
  void run(Operation &op);
  void scan(nn::ScanOp op);
  void contract(nn::ContractOp op, Tensor &y);
  void random(nn::RandomOp op, Tensor &y);
  void normalise(Operation *op, int64_t axis, Tensor &y);
  /// y[at] = f(at) for all positions.
  void fill(Tensor &y, Type element, llvm::function_ref<double(const At &)> f) {
    forEach(y.shape, [&](const At &at) { y.data[place(y.shape, at)] = rounded(element, f(at)); });
  }
  double &ref(Tensor &t, const At &at) { return t.data[place(t.shape, at)]; }
};

void Evaluator::contract(nn::ContractOp op, Tensor &y) {
  Tensor &a = get(op.getA()), &b = get(op.getB());
  std::map<int64_t, int64_t> sizes, at;
  auto note = [&](llvm::ArrayRef<int64_t> labels, const Tensor &t) {
    for (auto [k, label] : llvm::enumerate(labels))
      sizes[label] = t.shape[k];
  };
  note(op.getALabels(), a), note(op.getBLabels(), b);
  std::vector<int64_t> shape, labels;
  for (auto [label, size] : sizes)
    labels.push_back(label), shape.push_back(size);
  forEach(shape, [&](const At &all) {
    for (size_t k = 0; k < labels.size(); ++k)
      at[labels[k]] = all[k];
    auto pick = [&](llvm::ArrayRef<int64_t> from) {
      At result;
      for (int64_t label : from)
        result.push_back(at[label]);
      return result;
    };
    ref(y, pick(op.getYLabels())) += ref(a, pick(op.getALabels())) * ref(b, pick(op.getBLabels()));
  });
}

void philox(uint32_t c[4], uint32_t k0, uint32_t k1) {
  for (int r = 0; r < 10; ++r, k0 += 0x9E3779B9u, k1 += 0xBB67AE85u) {
    uint64_t p = uint64_t(0xD2511F53u) * c[0], q = uint64_t(0xCD9E8D57u) * c[2];
    uint32_t next[4] = {uint32_t(q >> 32) ^ c[1] ^ k0, uint32_t(q), uint32_t(p >> 32) ^ c[3] ^ k1,
                        uint32_t(p)};
    std::copy(next, next + 4, c);
  }
}

void Evaluator::random(nn::RandomOp op, Tensor &y) {
  uint64_t z = uint64_t(get(op.getSeed()).data[0]) + uint64_t(op.getSite());
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
  z ^= z >> 31;
  uint64_t step = uint64_t(get(op.getStep()).data[0]);
  for (int64_t e = 0; e < y.count(); ++e) {
    uint32_t c[4] = {uint32_t(e / 4), uint32_t(get(op.getTurn()).data[0]), uint32_t(step),
                     uint32_t(step >> 32)};
    philox(c, uint32_t(z), uint32_t(z >> 32));
    auto uniform = [&](int k) { return ((c[k] >> 9) + 0.5) / 8388608.0; };
    int k = e % 4;
    if (op.getKind() == nn::RandomKind::uniform) {
      y.data[e] = uniform(k);
    } else {
      double radius = std::sqrt(-2 * std::log(uniform(k & 2))),
             angle = 2 * M_PI * uniform((k & 2) + 1);
      y.data[e] = radius * (k & 1 ? std::sin(angle) : std::cos(angle));
    }
  }
}

/// softmax, log_softmax and logsumexp of each row.
void Evaluator::normalise(Operation *op, int64_t axis, Tensor &y) {
  Tensor &x = get(op->getOperand(0));
  std::vector<int64_t> rows = x.shape;
  rows.erase(rows.begin() + axis);
  forEach(rows, [&](const At &row) {
    At at = row;
    at.insert(at.begin() + axis, 0);
    double largest = -INFINITY, sum = 0;
    for (at[axis] = 0; at[axis] < x.shape[axis]; ++at[axis])
      largest = std::max(largest, ref(x, at));
    if (std::isinf(largest))
      largest = 0;
    for (at[axis] = 0; at[axis] < x.shape[axis]; ++at[axis])
      sum += std::exp(ref(x, at) - largest);
    double total = std::log(sum) + largest;
    if (isa<nn::LogSumExpOp>(op)) {
      ref(y, row) = total;
      return;
    }
    for (at[axis] = 0; at[axis] < x.shape[axis]; ++at[axis])
      ref(y, at) = isa<nn::SoftmaxOp>(op) ? (sum == 0 ? 0 : std::exp(ref(x, at) - largest) / sum)
                                          : ref(x, at) - total;
  });
}

void Evaluator::scan(nn::ScanOp op) {
  size_t carried = op.getInits().size();
  std::vector<Tensor> carries, outputs;
  for (Value init : op.getInits())
    carries.push_back(get(init));
  for (Value output : op.getResults().drop_front(carried))
    outputs.emplace_back(shapeOf(output.getType()));
  int64_t first = 0, last = op.getLength();
  if (!op.getBounds().empty())
    first = get(op.getBounds()[0]).data[0], last = get(op.getBounds()[1]).data[0];
  for (int64_t i = 0; i < last - first; ++i) {
    int64_t t = op.getReverse() ? last - 1 - i : first + i;
    get(op.getTurn()) = Tensor();
    get(op.getTurn()).data[0] = t;
    for (size_t k = 0; k < carried; ++k)
      get(op.getCarries()[k]) = carries[k];
    for (auto [piece, input] : llvm::zip(op.getPieces(), op.getInputs())) {
      Tensor y(shapeOf(piece.getType()));
      Tensor &x = get(input);
      std::copy_n(x.data.begin() + t * y.count(), y.count(), y.data.begin());
      get(piece) = y;
    }
    for (auto [argument, constant] : llvm::zip(op.getConstantArguments(), op.getConstants())) {
      Tensor copy = get(constant);
      get(argument) = copy;
    }
    block(*op.getBlock());
    auto yields = operandsOf(op.getBlock()->getTerminator());
    for (size_t k = 0; k < carried; ++k)
      carries[k] = yields[k];
    for (size_t k = 0; k < outputs.size(); ++k) {
      Tensor &piece = yields[carried + k];
      std::copy(piece.data.begin(), piece.data.end(), outputs[k].data.begin() + t * piece.count());
    }
    if (op.getUntil() && yields.back().data[0] != 0)
      break;
  }
  for (size_t k = 0; k < op.getNumResults(); ++k)
    get(op.getResult(k)) = k < carried ? carries[k] : outputs[k - carried];
}

void Evaluator::run(Operation &op) {
  if (auto scanOp = dyn_cast<nn::ScanOp>(op))
    return scan(scanOp);
  if (auto branch = dyn_cast<nn::IfOp>(op)) {
    Region &region =
        get(branch.getCondition()).data[0] != 0 ? branch.getThenRegion() : branch.getElseRegion();
    for (auto [argument, capture] : llvm::zip(region.getArguments(), branch.getCaptures())) {
      Tensor copy = get(capture);
      get(argument) = copy;
    }
    block(region.front());
    auto yields = operandsOf(region.front().getTerminator());
    for (auto [result, value] : llvm::zip(op.getResults(), yields))
      get(result) = value;
    return;
  }
  if (isa<nn::AssertOp>(op))
    return;
  for (Value operand : op.getOperands())
    get(operand); // So that references stay valid below.
  std::vector<Tensor> in = operandsOf(&op);
  std::vector<Tensor> results;
  for (Type type : op.getResultTypes())
    results.emplace_back(shapeOf(type));
  Tensor &y = results[0];
  Type element = elementOf(op.getResult(0));
  llvm::TypeSwitch<Operation *>(&op)
      .Case([&](nn::ConstantOp op) {
        auto value = cast<DenseElementsAttr>(op.getValue());
        int64_t k = 0;
        if (isa<FloatType>(element))
          for (const APFloat &v : value.getValues<APFloat>())
            y.data[k++] = element.isF32() ? v.convertToFloat() : v.convertToDouble();
        else
          for (const APInt &v : value.getValues<APInt>())
            y.data[k++] =
                element.isInteger(1) ? double(v.getZExtValue()) : double(v.getSExtValue());
      })
      .Case(
          [&](nn::IotaOp op) { fill(y, element, [&](const At &at) { return at[op.getAxis()]; }); })
      .Case([&](nn::BroadcastOp op) {
        fill(y, element, [&](const At &at) {
          At x;
          for (int64_t axis : op.getAxes())
            x.push_back(at[axis]);
          return ref(in[0], x);
        });
      })
      .Case([&](nn::ReshapeOp) { y.data = in[0].data; })
      .Case([&](nn::TransposeOp op) {
        fill(y, element, [&](const At &at) {
          At x(at.size());
          for (size_t k = 0; k < at.size(); ++k)
            x[op.getPermutation()[k]] = at[k];
          return ref(in[0], x);
        });
      })
      .Case([&](nn::ReverseOp op) {
        fill(y, element, [&](At at) {
          for (int64_t axis : op.getAxes())
            at[axis] = y.shape[axis] - 1 - at[axis];
          return ref(in[0], at);
        });
      })
      .Case([&](nn::SliceOp op) {
        fill(y, element, [&](At at) {
          for (size_t k = 0; k < at.size(); ++k)
            at[k] = op.getOffsets()[k] + op.getStrides()[k] * at[k];
          return ref(in[0], at);
        });
      })
      .Case([&](nn::PadOp op) {
        std::fill(y.data.begin(), y.data.end(), op.getValue().convertToDouble());
        forEach(in[0].shape, [&](const At &at) {
          At to(at);
          for (size_t k = 0; k < at.size(); ++k)
            to[k] = op.getLow()[k] + at[k] * (op.getInterior()[k] + 1);
          ref(y, to) = ref(in[0], at);
        });
      })
      .Case([&](nn::ConcatOp op) {
        int64_t begin = 0;
        for (Tensor &part : in) {
          forEach(part.shape, [&](At at) {
            double v = ref(part, at);
            at[op.getAxis()] += begin;
            ref(y, at) = v;
          });
          begin += part.shape[op.getAxis()];
        }
      })
      .Case([&](nn::AtOp op) {
        fill(y, element, [&](At at) {
          at.insert(at.begin() + op.getAxis(), in[1].data[0]);
          return ref(in[0], at);
        });
      })
      .Case([&](nn::PutOp op) {
        y = in[0];
        forEach(in[2].shape, [&](At at) {
          double v = ref(in[2], at);
          at.insert(at.begin() + op.getAxis(), in[1].data[0]);
          ref(y, at) = v;
        });
      })
      .Case([&](nn::GatherOp op) {
        size_t axis = op.getAxis(), rank = in[1].shape.size();
        fill(y, element, [&](const At &at) {
          At i(at.begin() + axis, at.begin() + axis + rank), x(at.begin(), at.begin() + axis);
          x.push_back(ref(in[1], i));
          x.insert(x.end(), at.begin() + axis + rank, at.end());
          return ref(in[0], x);
        });
      })
      .Case([&](nn::ScatterAddOp op) {
        size_t axis = op.getAxis(), rank = in[1].shape.size();
        forEach(in[0].shape, [&](const At &at) {
          At i(at.begin() + axis, at.begin() + axis + rank), x(at.begin(), at.begin() + axis);
          x.push_back(ref(in[1], i));
          x.insert(x.end(), at.begin() + axis + rank, at.end());
          ref(y, x) += ref(in[0], at);
        });
      })
      .Case<nn::WindowOp, nn::UnwindowOp>([&](auto op) {
        constexpr bool forward = std::is_same_v<decltype(op), nn::WindowOp>;
        Tensor &windows = forward ? y : in[0], &flat = forward ? in[0] : y;
        forEach(windows.shape, [&](const At &at) {
          At x(at.begin(), at.begin() + flat.shape.size());
          for (auto [k, axis] : llvm::enumerate(op.getAxes()))
            x[axis] = op.getStrides()[k] * at[axis] + at[flat.shape.size() + k];
          if (forward)
            ref(windows, at) = ref(flat, x);
          else
            ref(flat, x) += ref(windows, at);
        });
      })
      .Case([&](nn::ReduceOp op) {
        std::fill(y.data.begin(), y.data.end(), reduceStart(op.getKind()));
        forEach(in[0].shape, [&](const At &at) {
          At to;
          for (size_t k = 0; k < at.size(); ++k)
            if (!llvm::is_contained(op.getAxes(), int64_t(k)))
              to.push_back(at[k]);
          ref(y, to) = reduceStep(op.getKind(), ref(y, to), ref(in[0], at));
        });
      })
      .Case([&](nn::ArgmaxOp op) {
        fill(y, element, [&](At at) {
          at.insert(at.begin() + op.getAxis(), 0);
          int64_t best = 0;
          double largest = -INFINITY;
          for (int64_t i = 0; i < in[0].shape[op.getAxis()]; ++i) {
            at[op.getAxis()] = i;
            if (ref(in[0], at) > largest)
              largest = ref(in[0], at), best = i;
          }
          return best;
        });
      })
      .Case([&](nn::CumulativeOp op) {
        fill(y, element, [&](At at) {
          int64_t axis = op.getAxis(), end = at[axis];
          double sum = reduceStart(op.getKind());
          for (int64_t i = 0; i < y.shape[axis]; ++i)
            if (op.getReverse() ? i >= end : i <= end) {
              at[axis] = i;
              sum = reduceStep(op.getKind(), sum, ref(in[0], at));
            }
          return sum;
        });
      })
      .Case([&](nn::TopKOp op) {
        int64_t size = in[0].shape.back(), k = op.getK();
        for (int64_t row = 0; row < in[0].count() / size; ++row) {
          std::vector<int64_t> order(size);
          for (int64_t i = 0; i < size; ++i)
            order[i] = i;
          auto at = [&](int64_t i) { return in[0].data[row * size + i]; };
          std::stable_sort(order.begin(), order.end(),
                           [&](int64_t a, int64_t b) { return at(a) > at(b); });
          for (int64_t i = 0; i < k; ++i) {
            results[0].data[row * k + i] = at(order[i]);
            results[1].data[row * k + i] = order[i];
          }
        }
      })
      .Case<nn::SoftmaxOp, nn::LogSoftmaxOp, nn::LogSumExpOp>(
          [&](auto op) { normalise(op, op.getAxis(), y); })
      .Case([&](nn::CrossEntropyOp op) {
        int64_t size = in[0].shape.back();
        for (int64_t row = 0; row < y.count(); ++row) {
          double sum = 0;
          for (int64_t i = 0; i < size; ++i)
            sum += std::exp(in[0].data[row * size + i]);
          y.data[row] = std::log(sum) - in[0].data[row * size + int64_t(in[1].data[row])];
        }
      })
      .Case([&](nn::ContractOp op) { contract(op, y); })
      .Case([&](nn::RandomOp op) { random(op, y); })
      .Case<nn::AttentionOp, nn::AttentionGradOp>([&](auto op) {
        evaluateAttention(op, [&](Value v) -> const Tensor & { return get(v); }, results);
      })
      .Default([&](Operation *op) {
        fill(y, element, [&](const At &at) {
          SmallVector<double, 3> x;
          for (Tensor &operand : in)
            x.push_back(ref(operand, at));
          return mapped(op, x);
        });
      });
  for (auto [result, tensor] : llvm::zip(op.getResults(), results))
    values[result] = tensor;
}

} // namespace

std::vector<Tensor> evaluate(func::FuncOp function, const std::vector<Tensor> &arguments) {
  Evaluator evaluator;
  for (auto [argument, tensor] : llvm::zip(function.getArguments(), arguments))
    evaluator.values[argument] = tensor;
  evaluator.block(function.getBody().front());
  return evaluator.operandsOf(function.getBody().front().getTerminator());
}

} // namespace nnc::reference
