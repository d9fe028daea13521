// The training schedule: commands, their loops, and what is done in them.
#ifndef NNC_DIALECTS_LEARN_IR_SCHEDULE_TD
#define NNC_DIALECTS_LEARN_IR_SCHEDULE_TD

include "dialects/learn/IR/LearnBase.td"

/// What stands in the body of a command.
class Learn_StatementOp<string mnemonic, list<Trait> traits = []>
    : Learn_Op<mnemonic, !listconcat([ParentOneOf<["TrainOp", "ForOp", "RepeatOp", "EveryOp"]>], traits)>;

class Learn_LoopOp<string mnemonic>
    : Learn_BlockOp<mnemonic, [ParentOneOf<["TrainOp", "ForOp", "RepeatOp", "EveryOp"]>]>;

def Learn_FlagOp : Learn_Op<"flag", [ParentOneOf<["TrainOp", "EntryOp"]>, DeclareOpInterfaceMethods<SymbolUserOpInterface>,
                                     DeclareOpInterfaceMethods<OpAsmOpInterface, ["getAsmResultNames"]>]> {
  let summary = "a value that the command line gives to a train block or an entry";
  let description = [{
    `fallback` is the value that is taken where the flag is not given. Text is read with `vocab` and becomes a row by `transform`. The axes of size 1 that an entry leaves
    open are what a `repeated` flag goes over, row by row.

    Example: `%lr = learn.flag "lr" : tensor<f32> = 1.0e-3`
  }];
  let arguments = (ins StrAttr:$name, Learn_TensorType:$type, OptionalAttr<Learn_Rows>:$bound,
                       OptionalAttr<FlatSymbolRefAttr>:$vocab, DefaultValuedAttr<Learn_Transform, "Transform::plain">:$transform,
                       OptionalAttr<Learn_Scalar>:$fallback, UnitAttr:$repeated);
  let results = (outs Learn_FlagType:$value);
  let assemblyFormat = [{
    $name `:` $type (`below` $bound^)? (`of` $vocab^)? (`reads` $transform^)? (`=` custom<Scalar>($fallback)^)?
    (`repeated` $repeated^)? attr-dict
  }];
  let hasVerifier = 1;
}

def Learn_TrainOp : Learn_BlockOp<"train", [HasParent<"ProgramOp">]> {
  let summary = "a command that trains";
  let description = [{
    Example:
    ```
    learn.train "train" {
      %epochs = learn.flag "epochs" : tensor<i32> = 10
      learn.for %epochs epochs of @fashion[64] {
        learn.step @nll over ["classifier"] gradient @grad.0 update @update.0
        learn.every 100 steps { learn.validate @nll }
      }
    }
    ```
  }];
  let arguments = (ins StrAttr:$name);
  let assemblyFormat = "$name attr-dict-with-keyword $body";
}

def Learn_ForOp : Learn_BlockOp<"for", [ParentOneOf<["TrainOp", "ForOp", "RepeatOp", "EveryOp"]>,
                                        DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "a loop over steps or epochs, each with a batch of a data set";
  let description = "Example: `learn.for 10 epochs of @fashion[64] { learn.step @nll over [\"mlp\"] gradient @grad.0 update @update.0 }`";
  let arguments = (ins Optional<Learn_FlagType>:$flag, OptionalAttr<Learn_Count>:$count, Learn_CountUnit:$unit,
                       OptionalAttr<FlatSymbolRefAttr>:$data, OptionalAttr<Learn_Rows>:$batch);
  let assemblyFormat = "custom<Count>($flag, $count) $unit (`of` $data^ `[` $batch `]`)? attr-dict-with-keyword $body";
}

def Learn_RepeatOp : Learn_LoopOp<"repeat"> {
  let summary = "its body so many times, with the same position in the loops around";
  let description = "Example: `learn.repeat 5 { learn.step @game over [\"critic\"] gradient @grad.0 update @update.0 }`";
  let arguments = (ins Optional<Learn_FlagType>:$flag, OptionalAttr<Learn_Count>:$count);
  let assemblyFormat = "custom<Count>($flag, $count) attr-dict-with-keyword $body";
}

def Learn_EveryOp : Learn_LoopOp<"every"> {
  let summary = "its body in each so-many-th iteration of the loop around";
  let description = "Example: `learn.every 1 epochs { learn.validate @nll }`";
  let arguments = (ins Optional<Learn_FlagType>:$flag, OptionalAttr<Learn_Count>:$count, Learn_CountUnit:$unit);
  let assemblyFormat = "custom<Count>($flag, $count) $unit attr-dict-with-keyword $body";
}

/// `#learn.estimator<score : @grad.0.score>`
def Learn_EstimatorAttr : AttrDef<Learn_Dialect, "Estimator"> {
  let mnemonic = "estimator";
  let summary = "the gradient of a step by another estimator";
  let parameters = (ins EnumParameter<Learn_EstimatorKind>:$kind, "::mlir::FlatSymbolRefAttr":$function);
  let assemblyFormat = "`<` $kind `:` $function `>`";
}

def Learn_StepOp : Learn_StatementOp<"step", [DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "one step of an optimiser";
  let description = [{
    Fetches the batch of the innermost loop over the objective's data, runs `gradient`, and `update` with what it gave (of the mean of `accumulate` batches). It moves
    the parameters at the paths `over`, against the gradient of the loss, or with `maximize` along it. `estimators` are other functions of the same gradient, to compare with.

    Example: `learn.step @game maximize over ["critic"] accumulate 2 gradient @grad.0 update @update.0`
  }];
  let arguments = (ins FlatSymbolRefAttr:$objective, UnitAttr:$maximize, StrArrayAttr:$over,
                       DefaultValuedAttr<Learn_Rows, "1">:$accumulate, FlatSymbolRefAttr:$gradient, FlatSymbolRefAttr:$update,
                       OptionalAttr<TypedArrayAttrBase<Learn_EstimatorAttr, "estimators">>:$estimators);
  let assemblyFormat = [{
    $objective (`maximize` $maximize^)? `over` $over (`accumulate` $accumulate^)? `gradient` $gradient `update` $update
    (`estimators` $estimators^)? attr-dict
  }];
  let extraClassDeclaration = [{
    /// The rows of a batch of the objective: 0 without data.
    int64_t getBatch(ObjectiveOp objective);
  }];
}

def Learn_ValidateOp : Learn_StatementOp<"validate", [DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "an evaluation of held-out rows";
  let description = [{
    Of all of them, or of `rows`.

    Example: `learn.validate @nll rows 1000`
  }];
  let arguments = (ins FlatSymbolRefAttr:$objective, Optional<Learn_FlagType>:$flag, OptionalAttr<Learn_Count>:$count);
  let assemblyFormat = "$objective (`rows` custom<Count>($flag, $count)^)? attr-dict";
  let hasVerifier = 1;
}

def Learn_RunOp : Learn_StatementOp<"run", [DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "an entry, run between steps";
  let description = [{
    `arguments` are values of its flags.

    Example: `learn.run @sample with {shift = 2.0 : f64}`
  }];
  let arguments = (ins FlatSymbolRefAttr:$entry, OptionalAttr<DictionaryAttr>:$arguments);
  let assemblyFormat = "$entry (`with` $arguments^)? attr-dict";
}

#endif
