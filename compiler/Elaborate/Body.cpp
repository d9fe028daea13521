/// The cursor: where it starts, how it moves, and the place in the source where it stands.
#include "compiler/Elaborate/Body.h"
#include "llvm/Support/SourceMgr.h"

namespace nnc {

Elaboration::Elaboration(mlir::ModuleOp module, Diagnostics &diags, ElaborationOptions options)
    : module(module), diags(diags), options(std::move(options)),
      init(module, "init.params", mlir::UnknownLoc::get(module.getContext())) {}

Body::Body(Elaboration &program)
    : program(program), diags(program.diags), dims(program.dims),
      build(program.module->getContext(), program.options.real64), fn(&program.init) {
  build.builder = &fn->builder;
}

Enter::Enter(Body &body)
    : body(body), fn(body.fn), frame(body.frame), scope(body.scope), scan(body.scan),
      compileTime(body.compileTime), inCondition(body.inCondition) {}

Enter::Enter(Body &body, FunctionContext &fn) : Enter(body) {
  body.fn = &fn;
  body.build.builder = &fn.builder;
}

Enter::Enter(Body &body, Frame &frame, Scope &scope) : Enter(body, *body.fn, frame, scope) {}

Enter::Enter(Body &body, FunctionContext &fn, Frame &frame, Scope &scope) : Enter(body, fn) {
  body.frame = &frame;
  body.scope = &scope;
  body.compileTime = false;
  body.inCondition = false;
}

Enter::~Enter() {
  body.fn = fn;
  body.build.builder = &fn->builder;
  body.frame = frame;
  body.scope = scope;
  body.scan = scan;
  body.compileTime = compileTime;
  body.inCondition = inCondition;
}

static Frame rootFrame(FileScope &file, llvm::StringRef path, bool training) {
  Frame frame;
  frame.file = &file;
  frame.path = path.str();
  frame.training = training;
  return frame;
}

Root::Root(Body &body, FunctionContext &fn, FileScope &file, llvm::StringRef path, bool training)
    : frame(rootFrame(file, path, training)), scope(nullptr), enter(body, fn, frame, scope) {}

mlir::Location Body::location(SourceRange range) const {
  if (!range.isValid())
    return mlir::UnknownLoc::get(build.context);
  llvm::SourceMgr &sources = diags.sourceMgr();
  unsigned buffer = sources.FindBufferContainingLoc(range.begin);
  if (!buffer)
    return mlir::UnknownLoc::get(build.context);
  auto [line, column] = sources.getLineAndColumn(range.begin, buffer);
  mlir::Location place = mlir::FileLineColLoc::get(
      build.context, sources.getMemoryBuffer(buffer)->getBufferIdentifier(), line, column);
  // What stands in another file (the prelude) also says where the program called it.
  const Frame *outer = nullptr;
  for (const Frame *at = frame; at && at->caller && at->file != program.main; at = at->caller)
    outer = at;
  if (!outer || !outer->calledAt.isValid() ||
      sources.FindBufferContainingLoc(outer->calledAt.begin) == buffer)
    return place;
  return mlir::CallSiteLoc::get(place, location(outer->calledAt));
}

SourceRange Body::callInFile(const FileScope &file) const {
  for (const Frame *at = frame; at && at->caller; at = at->caller)
    if (at->caller->file == &file)
      return at->calledAt;
  return {};
}

SourceRange Body::inMainFile(SourceRange range) const {
  for (const Frame *at = frame; at && at->file != program.main && at->calledAt.isValid();
       at = at->caller)
    range = at->calledAt;
  return range;
}

} // namespace nnc
