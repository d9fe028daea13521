/// Data sets and vocabularies: what has to hold.
#include "dialects/learn/IR/References.h"

using namespace mlir;

namespace nnc::learn {

LogicalResult VocabOp::verify() { return checkBody(*this); }
LogicalResult SourceOp::verify() { return checkBody(*this); }

Operation *DataOp::findField(StringRef name) {
  for (Operation &op : getBody().getOps())
    if ((isa<FieldOp>(op) && cast<FieldOp>(op).getName() == name) ||
        (isa<TextFieldOp>(op) && cast<TextFieldOp>(op).getName() == name))
      return &op;
  return nullptr;
}

bool DataOp::hasHoldout() { return !getOps<HoldoutOp>().empty(); }

LogicalResult DataOp::verify() {
  if (failed(checkBody(*this)))
    return failure();
  if (getOps<SourceOp>().empty())
    return emitOpError("has no source");
  if (llvm::range_size(getOps<HoldoutOp>()) > 1)
    return emitOpError("holds rows out twice");
  for (Operation &op : getBody().getOps()) {
    auto name = op.getAttrOfType<StringAttr>("name");
    if (isa<FieldOp, TextFieldOp>(op) && name && findField(name.getValue()) != &op)
      return op.emitOpError("is the second of the name ") << name;
  }
  return success();
}

LogicalResult HoldoutOp::verify() {
  if (failed(checkBody(*this)))
    return failure();
  bool hasSources = !getBody().empty() && !getBody().front().empty();
  if (getFraction().has_value() == hasSources)
    return emitOpError("is a share of the rows, or sources of its own");
  if (getFraction() && !(*getFraction() > APFloat(0.0) && *getFraction() < APFloat(1.0)))
    return emitOpError("holds a share between 0 and 1 out");
  return success();
}

Attribute InputAttr::parse(AsmParser &parser, Type) {
  StringRef word;
  std::string name;
  int64_t first = 0;
  if (parser.parseLess() || parser.parseKeyword(&word))
    return {};
  std::optional<InputKind> kind = symbolizeInputKind(word);
  if (!kind) {
    parser.emitError(parser.getCurrentLocation(), "an input is columns, header, item or line");
    return {};
  }
  bool named = succeeded(parser.parseOptionalString(&name));
  if ((succeeded(parser.parseOptionalKeyword("from")) && parser.parseInteger(first)) ||
      parser.parseGreater())
    return {};
  auto emitError = [&] { return parser.emitError(parser.getNameLoc()); };
  return getChecked(emitError, parser.getContext(), *kind,
                    named ? parser.getBuilder().getStringAttr(name) : StringAttr(), first);
}

void InputAttr::print(AsmPrinter &printer) const {
  printer << "<" << stringifyInputKind(getKind());
  if (getName())
    printer << " " << getName();
  if (getFirst())
    printer << " from " << getFirst();
  printer << ">";
}

LogicalResult InputAttr::verify(function_ref<InFlightDiagnostic()> emitError, InputKind kind,
                                StringAttr name, int64_t first) {
  bool named = kind == InputKind::header || kind == InputKind::item;
  if (named != (name && !name.empty()) || first < 0 || (first && kind != InputKind::columns))
    return emitError()
           << "an input is a header or item by its name, columns from one on, or the line";
  return success();
}

StringRef argumentOf(InputAttr input) {
  return input.getName() ? input.getName().getValue() : "columns";
}

LogicalResult FieldOp::verifySymbolUses(SymbolTableCollection &symbols) {
  std::optional<Callee> load = findCallee(*this, getFunctionAttr(), Role::Load, symbols);
  if (!load)
    return failure();
  if (!load->function)
    return success();
  const Binding *made = load->find(ArgKind::field, getName());
  if (!made || load->count(ArgKind::field) != 1 || shapeOf(made->type) != shapeOf(getType()))
    return emitOpError("calls ") << getFunctionAttr() << ", which does not make the field";
  auto inputs = load->of(ArgKind::input);
  auto parts = getInputs().getAsRange<InputAttr>();
  auto reads = [](InputAttr part, const Binding &input) {
    return part.getKind() != InputKind::line && input.name == argumentOf(part);
  };
  if (!llvm::equal(parts, inputs, reads))
    return emitOpError("calls ") << getFunctionAttr() << ", which reads other parts of the row";
  return success();
}

LogicalResult TextFieldOp::verifySymbolUses(SymbolTableCollection &symbols) {
  if (!cast<ShapedType>(getType()).getElementType().isInteger(32))
    return emitOpError("is of words, which are i32");
  return success(findOp<VocabOp>(*this, getVocabAttr(), symbols) != nullptr);
}

} // namespace nnc::learn
