// The nn dialect: tensor ops with static shapes, the closed set that models are lowered to.
#ifndef NNC_DIALECTS_NN_IR_NNBASE_TD
#define NNC_DIALECTS_NN_IR_NNBASE_TD

include "mlir/IR/OpBase.td"
include "mlir/IR/EnumAttr.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"
include "dialects/nn/Interfaces/Axes.td"
include "dialects/nn/Interfaces/Cost.td"
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

class NN_Trait<string name> : NativeOpTrait<name> { let cppNamespace = "::nnc::nn"; }

/// The work that an element of a result is; see `Cost`.
class NN_Cost<string cost> : TraitList<[ElementCost, NN_Trait<"CostIs<::nnc::nn::Cost::" # cost # ">::Impl">]>;
def NN_Free : NN_Cost<"free">;
def NN_Choice : NN_Cost<"choice">;
def NN_Lookup : NN_Cost<"lookup">;
def NN_Arithmetic : NN_Cost<"arithmetic">;
def NN_Division : NN_Cost<"division">;
def NN_Function : NN_Cost<"function">;
def NN_Drawn : NN_Cost<"random">;
def NN_Many : NN_Cost<"many">;

/// Arithmetic operations: none, one for each element of the result or of the first operand, or as a method says.
def NN_NoOperations : TraitList<[Arithmetic, NN_Trait<"NoOperations">]>;
def NN_PerResult : TraitList<[Arithmetic, NN_Trait<"OperationPerResult">]>;
def NN_PerOperand : TraitList<[Arithmetic, NN_Trait<"OperationPerOperand">]>;
def NN_OwnOperations : DeclareOpInterfaceMethods<Arithmetic>;

/// Axes: every result element depends on the operands' elements at the same index only; elements meet along `axis`, or
/// along the last one; they meet along `axis`, which disappears; as methods say, with more iterations at once or not;
/// all are mixed.
def NN_Map : TraitList<[AxisMap, Batchable, NN_Trait<"ElementwiseMap">]>;
def NN_AlongAxis : TraitList<[AxisMap, Batchable, NN_Trait<"AlongAxis">]>;
def NN_AlongLastAxis : TraitList<[AxisMap, Batchable, NN_Trait<"AlongLastAxis">]>;
def NN_OverAxis : TraitList<[AxisMap, Batchable, NN_Trait<"OverAxis">]>;
def NN_OwnAxes : TraitList<[DeclareOpInterfaceMethods<AxisMap>, DeclareOpInterfaceMethods<Batchable>]>;
def NN_SomeOwnAxes : TraitList<[DeclareOpInterfaceMethods<AxisMap>, DeclareOpInterfaceMethods<Batchable, ["canBatch"]>]>;
def NN_UnbatchedAxes : DeclareOpInterfaceMethods<AxisMap>;
def NN_MixedAxes : TraitList<[]>;

/// Memory: the result is a view of operand 0, or made, from the first operands in memory.
def NN_View : DeclareOpInterfaceMethods<StridedView>;
def NN_Made : TraitList<[]>;
class NN_MadeFrom<int matrices>
    : TraitList<[StridedReader, NN_Trait<"ReadsMatrices<" # !cast<string>(matrices) # ">::Impl">]>;

/// Linear, but for a term of the other operands: in all together, in each alone, in some together, in none, or as a
/// method says.
def NN_LinearInAll : TraitList<[LinearIn, NN_Trait<"LinearInAll">]>;
def NN_LinearInEach : TraitList<[LinearIn, NN_Trait<"LinearInEach">]>;
class NN_LinearIn<list<int> operands>
    : TraitList<[LinearIn, NN_Trait<"LinearInOnly<" # !interleave(operands, ", ") # ">::Impl">]>;
def NN_NotLinear : TraitList<[LinearIn, NN_Trait<"NotLinear">]>;
def NN_OwnLinear : DeclareOpInterfaceMethods<LinearIn>;

/// Slopes; see `Slope`.
class NN_Slope<string slope> : TraitList<[Sloped, NN_Trait<"SlopeIs<::nnc::nn::Slope::" # slope # ">::Impl">]>;
def NN_ConstantSlope : NN_Slope<"constant">;
def NN_ChoiceSlope : NN_Slope<"choice">;
def NN_FiniteSlope : NN_Slope<"finite">;
def NN_RootSlope : NN_Slope<"root">;
def NN_InfiniteSlope : NN_Slope<"infinite">;
def NN_WeightsSlope : NN_Slope<"weights">;
def NN_LogWeightsSlope : NN_Slope<"logWeights">;
def NN_OwnSlope : DeclareOpInterfaceMethods<Sloped>;

/// What every op says about itself, so that forgetting it fails the build. Methods stand with the op's family.
class NN_Facts<Trait cost, Trait operations, Trait axes, Trait memory> {
  list<Trait> traits = [cost, operations, axes, memory];
}
/// An elementwise op that computes; an op that moves elements; one that combines many.
class NN_MapFacts<Trait cost> : NN_Facts<cost, NN_PerResult, NN_Map, NN_Made>;
class NN_ViewFacts<Trait axes> : NN_Facts<NN_Free, NN_NoOperations, axes, NN_View>;
class NN_ManyFacts<Trait operations, Trait axes> : NN_Facts<NN_Many, operations, axes, NN_Made>;

/// What a differentiable op says beside its reverse rule.
class NN_Calculus<Trait linear, Trait slope> {
  list<Trait> traits = [linear, slope];
}

/// Every op without side effects has a reverse rule; the C++ bodies are in dialects/nn/Autodiff, by family, so that a
/// missing rule fails the build.
class NN_Op<string mnemonic, NN_Facts facts, NN_Calculus calculus, list<Trait> traits = []>
    : Op<NN_Dialect, mnemonic, !listconcat([Pure, DeclareOpInterfaceMethods<Differentiable>], facts.traits,
                                           calculus.traits, traits)>;

/// An op that can also be written with simpler ops.
class NN_CompositeOp<string mnemonic, NN_Facts facts, NN_Calculus calculus, list<Trait> traits = []>
    : NN_Op<mnemonic, facts, calculus, !listconcat([DeclareOpInterfaceMethods<Composite>], traits)>;

/// An op with regions: as pure as what it contains.
class NN_RegionOp<string mnemonic, list<Trait> traits = []>
    : Op<NN_Dialect, mnemonic, !listconcat([IsolatedFromAbove, SingleBlock, RecursiveMemoryEffects, RecursivelySpeculatable,
                                            DeclareOpInterfaceMethods<Differentiable>, NN_Many], traits)>;

/// An op with no derivative: integer or boolean results, or zero slope everywhere. Gradients stop here.
def NN_NoGradient : NN_Trait<"NoGradient">;
class NN_FlatOp<string mnemonic, NN_Facts facts, list<Trait> traits = []>
    : Op<NN_Dialect, mnemonic, !listconcat([Pure, NN_NoGradient], facts.traits, traits)>;

#endif
