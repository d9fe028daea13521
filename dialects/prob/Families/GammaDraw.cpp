/// Draws from the gamma distribution, and their derivative in its shape.
#include "dialects/prob/Families/GammaFunction.h"

#include "dialects/nn/IR/ShapeRules.h"

#include "mlir/IR/Matchers.h"

using namespace mlir;

namespace nnc::prob {

using nn::Emit;
using nn::shapeOf;
using nn::tensorOf;
using nn::Term;

namespace {
/// Nodes and weights of the integral of f over v > 0 for smooth f that fall like e^-v to e^(-v^2):
/// Gauss and Legendre's in y with v = -3 log(1 - y). Of the integrals below, 32 nodes give 9
/// digits.
struct Quadrature {
  static constexpr int64_t size = 32;
  Quadrature();
  std::vector<double> nodes, weights;
};

Quadrature::Quadrature() {
  constexpr double stretch = 3;
  for (int64_t i = 0; i < size; ++i) {
    double x = std::cos(std::numbers::pi * (static_cast<double>(i) + 0.75) / (size + 0.5)),
           slope = 0;
    for (int iteration = 0; iteration < 8; ++iteration) { // Newton's, from a good start
      double before = 1, now = x;
      for (int64_t k = 2; k <= size; ++k) {
        auto n = static_cast<double>(k);
        double next = ((2 * n - 1) * x * now - (n - 1) * before) / n;
        before = now;
        now = next;
      }
      slope = size * (x * now - before) / (x * x - 1);
      x -= now / slope;
    }
    double y = (1 + x) / 2, weight = 1 / ((1 - x * x) * slope * slope);
    nodes.push_back(-stretch * std::log1p(-y));
    weights.push_back(weight * stretch / (1 - y));
  }
}

/// Tensors [.., nodes]: numbers per node, and numbers per draw.
class NodeAxis {
public:
  NodeAxis(Emit &emit, Value like)
      : emit(emit), shape(shapeOf(like)), element(tensorOf(like).getElementType()) {
    shape.push_back(Quadrature::size);
  }
  Term ofNodes(ArrayRef<double> numbers) {
    auto type = RankedTensorType::get({Quadrature::size}, element);
    SmallVector<Attribute> attributes;
    for (double x : numbers)
      attributes.push_back(FloatAttr::get(element, x));
    Value constant = emit.make<nn::ConstantOp>(DenseElementsAttr::get(type, attributes));
    return {&emit, emit.broadcast(constant, shape, {lastAxisOfShape()})};
  }
  Term ofDraws(Value x) {
    return {&emit,
            emit.broadcast(x, shape, llvm::to_vector(llvm::seq<int64_t>(0, lastAxisOfShape())))};
  }

private:
  int64_t lastAxisOfShape() const { return static_cast<int64_t>(shape.size()) - 1; }
  Emit &emit;
  SmallVector<int64_t> shape;
  Type element;
};

/// The derivative of a draw g in its shape a >= 1, by implicit differentiation of the distribution
/// function F (Figurnov et al. 2018): -(dF/da) / p(g). dF/da is the integral of p(t) (log t -
/// digamma(a)) over t < g, or minus that over t > g. With t = g e^s, s of one sign, the integrand
/// over p(g) is g exp(a s - g (e^s - 1)) (log(g) - digamma(a) + s): the side on which it falls is
/// taken, in steps of how far it takes to.
Term shapeDerivative(Term a, Term g) {
  static const Quadrature rule;
  Emit &emit = *a.emit;
  Value isAbove = emit.compare(nn::Comparison::ge, g, a);
  Term side{&emit, emit.select(isAbove, a.number(1), a.number(-1))};
  Term level = nn::apply<nn::LogOp>(g / a) + 0.5 / a + stirlingSlope(a);
  Term distance = nn::apply<nn::AbsOp>(a - g);
  Term step = side * (2.0 / (distance + nn::apply<nn::SqrtOp>(distance * distance + g * 2.0)));
  NodeAxis axis(emit, a);
  Term s = axis.ofDraws(step) * axis.ofNodes(rule.nodes);
  Term exponent = axis.ofDraws(a) * s - axis.ofDraws(g) * nn::apply<nn::Expm1Op>(s);
  Term integrand =
      axis.ofNodes(rule.weights) * nn::apply<nn::ExpOp>(exponent) * (axis.ofDraws(level) + s);
  return g * step * Term{&emit, emit.sum(integrand, lastAxis(integrand))};
}

/// Marsaglia and Tsang's (2000) for a shape of at least 1: of normal numbers x, the first one that
/// is accepted gives d (1 + x / sqrt(9 d))^3, d = a - 1/3. One is refused with a probability below
/// 0.05, so all eight are in one draw of 10^10, which is then d: far below what the uniform numbers
/// resolve.
Term drawAboveOne(Term a, const Noise &noise, uint64_t firstStream) {
  constexpr uint64_t proposals = 8;
  Emit &emit = *a.emit;
  Type type = a.value.getType();
  Term d = a - 1.0 / 3, c = nn::apply<nn::RsqrtOp>(d * 9.0), chosen = a.number(1);
  for (uint64_t k = proposals; k-- > 0;) {
    Term x = noise.normal(emit, type, firstStream + 2 * k);
    Term u = noise.uniform(emit, type, firstStream + 2 * k + 1);
    Term root = 1.0 + c * x, v = root * root * root;
    // Of a v that is not above 0 the logarithm is no number, and no number is accepted.
    Term bound = 0.5 * (x * x) + d * (1.0 - v + nn::apply<nn::LogOp>(v));
    Value isAccepted = emit.compare(nn::Comparison::lt, nn::apply<nn::LogOp>(u), bound);
    chosen = {&emit, emit.select(isAccepted, v, chosen)};
  }
  return d * chosen;
}

bool isConstant(Value x) {
  if (auto broadcast = x.getDefiningOp<nn::BroadcastOp>())
    x = broadcast.getX();
  return matchPattern(x, m_Constant());
}
} // namespace

/// Below 1, a draw of shape a is one of shape a + 1 times u^(1 / a).
StandardGamma drawStandardGamma(const Instance &d, Term shape, const Noise &noise,
                                uint64_t firstStream) {
  Emit &emit = d.emit;
  Value isBelow = emit.compare(nn::Comparison::lt, shape, shape.number(1));
  Term above{&emit, emit.select(isBelow, shape + 1.0, shape)};
  Term value = drawAboveOne(above, noise, firstStream + 1);
  if (d.isDifferentiated && !isConstant(shape)) {
    auto stop = [](Term x) { return nn::apply<nn::StopGradientOp>(x); };
    value = stop(value) + stop(shapeDerivative(above, value)) * (shape - stop(shape));
  }
  Term u = noise.uniform(emit, shape.value.getType(), firstStream);
  Term power = nn::apply<nn::LogOp>(u) / shape;
  return {value, {&emit, emit.select(isBelow, power, shape.number(0))}};
}

} // namespace nnc::prob
