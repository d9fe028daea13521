// Entries: functions with a command of their own.
#ifndef NNC_DIALECTS_LEARN_IR_ENTRY_TD
#define NNC_DIALECTS_LEARN_IR_ENTRY_TD

include "dialects/learn/IR/LearnBase.td"

def Learn_EntryOp : Learn_BlockOp<"entry", [Symbol, HasParent<"ProgramOp">, DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "a command that computes and shows";
  let description = [{
    Its body is flags, and what is shown of the results of `function`. With `data` it sees `rows` rows; with `every` it runs once for each row of
    the data set.

    Example: `learn.entry @sample calls @entry.sample of @points[8] { learn.show csv "moved" }`
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, FlatSymbolRefAttr:$function, OptionalAttr<FlatSymbolRefAttr>:$data,
                       OptionalAttr<Learn_Rows>:$rows, UnitAttr:$every, OptionalAttr<StrAttr>:$doc);
  let assemblyFormat = [{
    $sym_name `calls` $function (`of` $data^ `[` $rows `]`)? (`every` $every^)? (`doc` $doc^)? attr-dict-with-keyword $body
  }];
}

def Learn_ShowOp : Learn_Op<"show", [HasParent<"EntryOp">, DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "a result of an entry, printed or written to a file";
  let description = [{
    `output` is the result's name where it is not `name`: of a name that is shown in several kinds, `a.npy`. With `row` the first axis is that
    which a repeated entry goes over; with `colour` a picture has the planes red, green and blue; words are those of `vocab`.

    Example: `learn.show npy "a" as "a.npy" row`
  }];
  let arguments = (ins Learn_ShowKind:$kind, StrAttr:$name, OptionalAttr<StrAttr>:$output, UnitAttr:$row, UnitAttr:$colour,
                       OptionalAttr<FlatSymbolRefAttr>:$vocab);
  let assemblyFormat = [{
    $kind $name (`as` $output^)? (`row` $row^)? (`colour` $colour^)? (`of` $vocab^)? attr-dict
  }];
  let extraClassDeclaration = [{
    /// The name of the function's result, and of the flag.
    ::llvm::StringRef getResultName() { return getOutput().value_or(getName()); }
  }];
}

#endif
