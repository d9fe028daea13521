// The nn dialect: tensor ops with static shapes, the closed set that models are lowered to.
#ifndef NNC_DIALECTS_NN_IR_NNBASE_TD
#define NNC_DIALECTS_NN_IR_NNBASE_TD

include "mlir/IR/OpBase.td"
include "mlir/IR/EnumAttr.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"
include "dialects/nn/Interfaces/Differentiable.td"

def NN_Dialect : Dialect {
  let name = "nn";
  let cppNamespace = "::nnc::nn";
  let description = [{
    Tensor computations of neural models. All shapes are static; broadcasting, transposition and index arithmetic are
    explicit ops, so that each op has one meaning and one derivative. No op has a scalar body: fusion removes temporaries.
  }];
  let hasConstantMaterializer = 1;
}

class NN_TensorOf<list<Type> elements> : StaticShapeTensorOf<elements>;
def NN_Float : NN_TensorOf<[F32, F64]>;
def NN_Int : NN_TensorOf<[I32, I64]>;
def NN_Bool : NN_TensorOf<[I1]>;
def NN_Tensor : NN_TensorOf<[F32, F64, I32, I64, I1]>;
def NN_Number : NN_TensorOf<[F32, F64, I32, I64]>;

/// Scalars: a position or turn; a seed or step; a truth value.
def NN_Position : Type<CPred<"::nnc::nn::isScalarOf($_self, 32)">, "tensor<i32>">,
    BuildableType<"::mlir::RankedTensorType::get({}, $_builder.getI32Type())">;
def NN_Counter : Type<CPred<"::nnc::nn::isScalarOf($_self, 64)">, "tensor<i64>">,
    BuildableType<"::mlir::RankedTensorType::get({}, $_builder.getI64Type())">;
def NN_Truth : Type<CPred<"::nnc::nn::isScalarOf($_self, 1)">, "tensor<i1>">,
    BuildableType<"::mlir::RankedTensorType::get({}, $_builder.getI1Type())">;

/// Every result element depends on the operands' elements at the same index only.
def NN_Map : NativeOpTrait<"ElementwiseMap"> { let cppNamespace = "::nnc::nn"; }

/// Every op without side effects has a reverse rule; the C++ bodies are in dialects/nn/Autodiff, by family, so that a
/// missing rule fails the build.
class NN_Op<string mnemonic, list<Trait> traits = []>
    : Op<NN_Dialect, mnemonic, !listconcat([Pure, DeclareOpInterfaceMethods<Differentiable>], traits)>;

/// An op that can also be written with simpler ops, for derivatives of derivatives and for targets without it.
class NN_CompositeOp<string mnemonic, list<Trait> traits = []>
    : Op<NN_Dialect, mnemonic, !listconcat([Pure, DeclareOpInterfaceMethods<Differentiable, ["decompose"]>], traits)>;

/// An op with regions: as pure as what it contains.
class NN_RegionOp<string mnemonic, list<Trait> traits = []>
    : Op<NN_Dialect, mnemonic, !listconcat([IsolatedFromAbove, SingleBlock, RecursiveMemoryEffects, RecursivelySpeculatable,
                                            DeclareOpInterfaceMethods<Differentiable>], traits)>;

/// An op that stands in outermost derivatives only.
class NN_TerminalOp<string mnemonic, list<Trait> traits = []>
    : Op<NN_Dialect, mnemonic, !listconcat([Pure, DeclareOpInterfaceMethods<Differentiable, ["isTerminalGradient"]>], traits)>;

/// An op with no derivative: integer or boolean results, or zero slope everywhere. Gradients stop here.
def NN_NoGradient : NativeOpTrait<"NoGradient"> { let cppNamespace = "::nnc::nn"; }
class NN_FlatOp<string mnemonic, list<Trait> traits = []>
    : Op<NN_Dialect, mnemonic, !listconcat([Pure, NN_NoGradient], traits)>;

#endif
