// Data sets and vocabularies: files, and what becomes of their rows.
#ifndef NNC_DIALECTS_LEARN_IR_DATA_TD
#define NNC_DIALECTS_LEARN_IR_DATA_TD

include "dialects/learn/IR/LearnBase.td"

def Learn_VocabOp : Learn_BlockOp<"vocab", [Symbol, HasParent<"ProgramOp">]> {
  let summary = "the words of a text, numbered";
  let description = [{
    Learned from its sources when a checkpoint is begun; at most `size` entries.

    Example: `learn.vocab @char characters[128] { learn.corpus text "bible.txt" flag "char" }`
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, Learn_VocabKind:$kind, Learn_Count:$size);
  let assemblyFormat = "$sym_name $kind `[` $size `]` attr-dict-with-keyword $body";
}

def Learn_CorpusOp : Learn_Op<"corpus", [HasParent<"VocabOp">]> {
  let summary = "a file that a vocabulary is learned from";
  let description = [{
    Of a table the column named `header`, or number `column`. `flag` replaces the path.

    Example: `learn.corpus csv "cities.csv" flag "city" column 2`
  }];
  let arguments = (ins Learn_SourceKind:$kind, StrAttr:$path, StrAttr:$flag, DefaultValuedAttr<Learn_Count, "0">:$column,
                       OptionalAttr<StrAttr>:$header);
  let assemblyFormat = "$kind $path `flag` $flag (`column` $column^)? (`header` $header^)? attr-dict";
}

def Learn_DataOp : Learn_BlockOp<"data", [Symbol, HasParent<"ProgramOp">]> {
  let summary = "a data set: sources of rows, rows held out, and the fields of a row";
  let description = [{
    Example:
    ```
    learn.data @fashion {
      learn.source idx { learn.file "images.gz" as "image" flag "fashion.image" }
      learn.holdout share 0.1
      learn.field "image" : tensor<784xf32> from @load.fashion.image
    }
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name);
  let assemblyFormat = "$sym_name attr-dict-with-keyword $body";
  let extraClassDeclaration = [{
    /// The number or text field of that name, or null.
    ::mlir::Operation *findField(::llvm::StringRef name);
    bool hasHoldout();
  }];
}

def Learn_SourceOp : Learn_BlockOp<"source", [ParentOneOf<["DataOp", "HoldoutOp"]>]> {
  let summary = "files of one format, whose rows belong together";
  let description = "Example: `learn.source csv { learn.file \"digits.csv\" flag \"digits\" }`";
  let arguments = (ins Learn_SourceKind:$kind);
  let assemblyFormat = "$kind attr-dict-with-keyword $body";
}

def Learn_FileOp : Learn_Op<"file", [HasParent<"SourceOp">]> {
  let summary = "a file of a source";
  let description = [{
    Fields read an array or text under its `name`; `flag` replaces the path.

    Example: `learn.file "images.gz" as "image" flag "fashion.image"`
  }];
  let arguments = (ins StrAttr:$path, OptionalAttr<StrAttr>:$name, StrAttr:$flag);
  let assemblyFormat = "$path (`as` $name^)? `flag` $flag attr-dict";
}

def Learn_HoldoutOp : Learn_BlockOp<"holdout", [HasParent<"DataOp">]> {
  let summary = "the rows that are not trained on";
  let description = [{
    A share of the rows, or sources of their own.

    Example: `learn.holdout { learn.source text { learn.file "end.txt" flag "prose.holdout" } }`
  }];
  let arguments = (ins OptionalAttr<F64Attr>:$fraction);
  let regions = (region MaxSizedRegion<1>:$body);
  let assemblyFormat = "(`share` $fraction^)? attr-dict-with-keyword ($body^)?";
}

/// `#learn.input<columns from 64>`
def Learn_InputAttr : AttrDef<Learn_Dialect, "Input"> {
  let mnemonic = "input";
  let summary = "a part of a row";
  let description = [{
    Columns of a table from the `first` on, the column with the header `name`, the item `name` of a source, or the line of a text.
  }];
  let parameters = (ins EnumParameter<Learn_InputKind>:$kind, OptionalParameter<"::mlir::StringAttr">:$name,
                        DefaultValuedParameter<"int64_t", "0">:$first);
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
}

def Learn_FieldOp : Learn_Op<"field", [HasParent<"DataOp">, DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "a field of numbers: a function of a row";
  let description = [{
    The function has an input for each part of the row, in this order. With `direct` the row's numbers are the field's, so that `bound` is asked of
    them.

    Example: `learn.field "label" : tensor<i32> below 10 reads [#learn.input<columns from 64>] through @load.digits.label direct`
  }];
  let arguments = (ins StrAttr:$name, Learn_TensorType:$type, OptionalAttr<Learn_Rows>:$bound,
                       TypedArrayAttrBase<Learn_InputAttr, "parts of a row">:$inputs, FlatSymbolRefAttr:$function,
                       UnitAttr:$direct);
  let assemblyFormat = [{
    $name `:` $type (`below` $bound^)? `reads` $inputs `through` $function (`direct` $direct^)? attr-dict
  }];
}

def Learn_TextFieldOp : Learn_Op<"text_field", [HasParent<"DataOp">, DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "a field of text: words of a vocabulary";
  let description = [{
    Example: `learn.text_field "name" : tensor<6xi32> of @letter reads <header "name"> ended`
  }];
  let arguments = (ins StrAttr:$name, Learn_TensorType:$type, FlatSymbolRefAttr:$vocab, Learn_InputAttr:$input,
                       Learn_Transform:$transform);
  let assemblyFormat = "$name `:` $type `of` $vocab `reads` $input $transform attr-dict";
}

#endif
