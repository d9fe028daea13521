/// Objectives: the functions eval.* and what is known of their batches.
#include "compiler/Program/Program.h"
#include "compiler/Program/RowStatistics.h"
#include "llvm/ADT/StringExtras.h"

namespace nnc {

/// Rows of a batch that nothing in the source fixes.
constexpr int64_t defaultRows = 32;

/// The function of an evaluation; nothing after errors. A size of the signature that is a static
/// with a default becomes `rows` too where `resize` says so.
std::optional<ObjectiveTranslator::Evaluation>
ObjectiveTranslator::buildEvaluation(const ast::ObjectiveDecl &decl, llvm::StringRef name,
                                     int64_t rows, bool resize) {
  FunctionContext fn(context.module(), name, context.location(decl.name.range));
  Root root(context.body, fn, context.body.program.mainFile(), decl.name.text,
            /*training=*/false);
  Statics statics;
  if (resize)
    if (auto *size = llvm::dyn_cast<ast::NameExpr>(decl.params[0].type->dims[0]))
      for (const ast::Static &parameter : decl.statics)
        if (parameter.name.text == size->name)
          statics[size->name.str()] = Value::integer(rows);
  Evidence evidence;
  std::optional<int64_t> found = elaborate(decl, statics, fn, rows, evidence);
  if (!found || (resize && *found != rows)) {
    fn.discard();
    return std::nullopt;
  }
  for (const Outputs::Optimized &line : fn.outputs.optimized)
    fn.result(learn::ArgKind::loss, lossName(decl, fn, *line.statement), line.value);
  addReports(decl, fn);
  mlir::func::FuncOp function = fn.finish();
  function->setAttr("learn.training", fn.builder.getBoolAttr(false));
  return Evaluation{function, *found};
}

/// Splits an evaluation into statistics of a batch and what is made of their totals.
SplitEvaluation ObjectiveTranslator::splitRows(const ast::ObjectiveDecl &decl,
                                               Evaluation evaluation) {
  Diagnostics::Rehearsal rehearsal(context.diags);
  auto twin = buildEvaluation(decl, (evaluation.function.getName() + ".twin").str(),
                              2 * evaluation.rows, /*resize=*/true);
  SplitEvaluation split = splitEvaluation(
      evaluation.function, twin ? twin->function : mlir::func::FuncOp(), evaluation.rows);
  if (twin)
    twin->function.erase();
  return split;
}

/// For the rows that fill no batch, where results are those of a batch: one row at a time. False if
/// the source has no such form.
bool ObjectiveTranslator::buildSingle(const ast::ObjectiveDecl &decl, llvm::StringRef name) {
  std::optional<Evaluation> single;
  {
    Diagnostics::Rehearsal rehearsal(context.diags);
    single = buildEvaluation(decl, name, 1, /*resize=*/true);
  }
  if (single)
    splitRows(decl, *single);
  return single.has_value();
}

/// The rows of a batch: those of a step of the objective, or of another one over the same data.
int64_t ObjectiveTranslator::evaluationRows(const ast::ObjectiveDecl &decl,
                                            const DataInfo *data) const {
  int64_t rows = data ? defaultRows : 1;
  auto reads = [&](const StepPlan &step) {
    return data && !step.objective->params.empty() &&
           context.dataOf(*step.objective->params[0].type) == data;
  };
  for (const StepPlan &step : llvm::reverse(context.steps))
    if (reads(step))
      rows = step.batch;
  for (const StepPlan &step : llvm::reverse(context.steps))
    if (step.objective == &decl)
      rows = step.batch;
  return rows;
}

/// Fills in how the objective is evaluated. False after errors.
bool ObjectiveTranslator::evaluation(const ast::ObjectiveDecl &decl, learn::ObjectiveOp op) {
  const DataInfo *data = decl.params.empty() ? nullptr : context.dataOf(*decl.params[0].type);
  bool keep = !data || !data->decl->holdout.empty();
  bool stepped =
      llvm::any_of(context.steps, [&](const StepPlan &step) { return step.objective == &decl; });
  if (!keep && stepped)
    return true;
  std::string name = ("eval." + decl.name.text).str();
  auto built = buildEvaluation(decl, name, evaluationRows(decl, data), /*resize=*/false);
  if (!built)
    return false;
  if (!keep) {
    built->function.erase(); // Built to be checked only.
    return true;
  }
  op.setEvaluate(name);
  op.setRows(built->rows);
  if (!data)
    return true;
  op.setFinish(name + ".finish");
  SplitEvaluation split = splitRows(decl, *built);
  if (split.perBatch.empty())
    return true;
  mlir::Location where = split.mixed ? split.mixed->getLoc() : built->function.getLoc();
  mlir::emitRemark(where) << "`" << llvm::join(split.perBatch, "`, `")
                          << "` of held-out rows: the mean over batches; rows of a batch meet "
                             "here otherwise than in sums over them";
  if (built->rows != 1 && buildSingle(decl, name + ".1"))
    op.setSingle(name + ".1");
  return true;
}

} // namespace nnc
