// RUN: %nn-opt %s --split-input-file --verify-diagnostics

// expected-error @+1 {{calls @init.params, which is no function of the module}}
learn.program "p" hash "0" real f32 {
}

// -----
learn.program "p" hash "0" real f32 {
  learn.param @w : tensor<4xf32>
  // expected-error @+1 {{is not made by @init.params}}
  learn.param @v : tensor<4xf32>
}
func.func private @init.params() -> (tensor<4xf32> {learn.kind = #learn.kind<param>, learn.name = "w"})

// -----
learn.program "p" hash "0" real f32 {
  learn.param @w : tensor<4xf32>
  // expected-error @+1 {{does not stand in a program}}
  func.func @f() {
    return
  }
}
func.func private @init.params() -> (tensor<4xf32> {learn.kind = #learn.kind<param>, learn.name = "w"})

// -----
// expected-error @+1 {{calls 'init.params', whose param 'w' is none of the program}}
learn.program "p" hash "0" real f32 {
  learn.state @w : tensor<4xf32>
}
func.func private @init.params() -> (tensor<4xf32> {learn.kind = #learn.kind<param>, learn.name = "w"})

// -----
learn.program "p" hash "0" real f32 {
  // expected-error @+1 {{is of floats, not}}
  learn.param @w : tensor<4xi32>
}
func.func private @init.params() -> (tensor<4xf32> {learn.kind = #learn.kind<param>, learn.name = "w"})

// -----
learn.program "p" hash "0" real f32 {
  learn.param @w : tensor<4xf32>
  // expected-error @+1 {{is loaded from a path, at a key, with a flag}}
  "learn.state"() {sym_name = "s", type = tensor<f32>, path = "a"} : () -> ()
}
func.func private @init.params() -> (tensor<4xf32> {learn.kind = #learn.kind<param>, learn.name = "w"})

// -----
// expected-error @+1 {{calls 'init.params', which may not have a value of kind loss}}
learn.program "p" hash "0" real f32 {
  learn.param @w : tensor<4xf32>
}
func.func private @init.params() -> (tensor<f32> {learn.kind = #learn.kind<loss>, learn.name = "l"})

// -----
learn.program "p" hash "0" real f32 {
  learn.param @w : tensor<4xf32>
  // expected-error @+1 {{names @w, which is no learn.data of the program}}
  learn.objective @o of @w
}
func.func private @init.params() -> (tensor<4xf32> {learn.kind = #learn.kind<param>, learn.name = "w"})

// -----
learn.program "p" hash "0" real f32 {
  learn.param @w : tensor<4xf32>
  // expected-error @+1 {{is evaluated on a number of rows}}
  "learn.objective"() {sym_name = "o", evaluate = @init.params} : () -> ()
}
func.func private @init.params() -> (tensor<4xf32> {learn.kind = #learn.kind<param>, learn.name = "w"})

// -----
learn.program "p" hash "0" real f32 {
  learn.param @w : tensor<4xf32>
  // expected-error @+1 {{has parts of an evaluation, and no evaluation}}
  learn.objective @o single @eval
}
func.func private @init.params() -> (tensor<4xf32> {learn.kind = #learn.kind<param>, learn.name = "w"})

// -----
learn.program "p" hash "0" real f32 {
  learn.param @w : tensor<4xf32>
  // expected-error @+1 {{calls @eval, which gives no loss}}
  learn.objective @o evaluate @eval[1]
}
func.func private @init.params() -> (tensor<4xf32> {learn.kind = #learn.kind<param>, learn.name = "w"})
func.func private @eval() -> (tensor<f32> {learn.kind = #learn.kind<report>, learn.name = "r"})

// -----
learn.program "p" hash "0" real f32 {
  learn.param @w : tensor<4xf32>
  // expected-error @+1 {{calls @eval, which gives a loss and no statistics}}
  learn.objective @o evaluate @eval[1] finish @eval
}
func.func private @init.params() -> (tensor<4xf32> {learn.kind = #learn.kind<param>, learn.name = "w"})
func.func private @eval() -> (tensor<f32> {learn.kind = #learn.kind<loss>, learn.name = "r"})

// -----
learn.program "p" hash "0" real f32 {
  learn.param @w : tensor<4xf32>
  learn.data @d {
    learn.source csv { learn.file "d.csv" flag "d" }
    learn.field "x" : tensor<4xf32> reads [#learn.input<columns>] through @load.d.x
  }
  // expected-error @+1 {{reads the input 'y', which is no field of @d}}
  learn.objective @o of @d evaluate @eval[2]
}
func.func private @init.params() -> (tensor<4xf32> {learn.kind = #learn.kind<param>, learn.name = "w"})
func.func private @load.d.x(tensor<4xf32> {learn.kind = #learn.kind<input>, learn.name = "columns"}) -> (tensor<4xf32> {learn.kind = #learn.kind<field>, learn.name = "x"})
func.func private @eval(tensor<2x4xf32> {learn.kind = #learn.kind<input>, learn.name = "y"}) -> (tensor<f32> {learn.kind = #learn.kind<loss>, learn.name = "r"})

// -----
learn.program "p" hash "0" real f32 {
  learn.param @w : tensor<4xf32>
  learn.data @d {
    learn.source csv { learn.file "d.csv" flag "d" }
    learn.field "x" : tensor<4xf32> reads [#learn.input<columns>] through @load.d.x
  }
  // expected-error @+1 {{reads 3 rows of the field 'x' as}}
  learn.objective @o of @d evaluate @eval[3]
}
func.func private @init.params() -> (tensor<4xf32> {learn.kind = #learn.kind<param>, learn.name = "w"})
func.func private @load.d.x(tensor<4xf32> {learn.kind = #learn.kind<input>, learn.name = "columns"}) -> (tensor<4xf32> {learn.kind = #learn.kind<field>, learn.name = "x"})
func.func private @eval(tensor<2x4xf32> {learn.kind = #learn.kind<input>, learn.name = "x"}) -> (tensor<f32> {learn.kind = #learn.kind<loss>, learn.name = "r"})

// -----
learn.program "p" hash "0" real f32 {
  learn.param @w : tensor<4xf32>
  // expected-error @+1 {{calls 'eval', which may not have a value of kind gradient}}
  learn.objective @o evaluate @eval[3]
}
func.func private @init.params() -> (tensor<4xf32> {learn.kind = #learn.kind<param>, learn.name = "w"})
func.func private @eval() -> (tensor<f32> {learn.kind = #learn.kind<loss>, learn.name = "r"}, tensor<4xf32> {learn.kind = #learn.kind<gradient>, learn.name = "w"})

// -----
learn.program "p" hash "0" real f32 {
  learn.param @w : tensor<4xf32>
  // expected-error @+1 {{has no source}}
  learn.data @d {}
}
func.func private @init.params() -> (tensor<4xf32> {learn.kind = #learn.kind<param>, learn.name = "w"})

// -----
learn.program "p" hash "0" real f32 {
  learn.param @w : tensor<4xf32>
  // expected-error @+1 {{holds rows out twice}}
  learn.data @d {
    learn.source csv {}
    learn.holdout share 0.1
    learn.holdout share 0.2
  }
}
func.func private @init.params() -> (tensor<4xf32> {learn.kind = #learn.kind<param>, learn.name = "w"})

// -----
learn.program "p" hash "0" real f32 {
  learn.param @w : tensor<4xf32>
  learn.data @d {
    learn.source csv { learn.file "d.csv" flag "d" }
    learn.field "x" : tensor<4xf32> reads [#learn.input<columns>] through @load.d.x
    // expected-error @+1 {{is the second of the name "x"}}
    learn.field "x" : tensor<4xf32> reads [#learn.input<columns>] through @load.d.x
  }
}
func.func private @init.params() -> (tensor<4xf32> {learn.kind = #learn.kind<param>, learn.name = "w"})
func.func private @load.d.x(tensor<4xf32> {learn.kind = #learn.kind<input>, learn.name = "columns"}) -> (tensor<4xf32> {learn.kind = #learn.kind<field>, learn.name = "x"})

// -----
learn.program "p" hash "0" real f32 {
  learn.param @w : tensor<4xf32>
  learn.data @d {
    learn.source csv {}
    // expected-error @+1 {{is a share of the rows, or sources of its own}}
    learn.holdout
  }
}
func.func private @init.params() -> (tensor<4xf32> {learn.kind = #learn.kind<param>, learn.name = "w"})

// -----
learn.program "p" hash "0" real f32 {
  learn.param @w : tensor<4xf32>
  learn.data @d {
    learn.source csv {}
    // expected-error @+1 {{holds a share between 0 and 1 out}}
    learn.holdout share 1.5
  }
}
func.func private @init.params() -> (tensor<4xf32> {learn.kind = #learn.kind<param>, learn.name = "w"})

// -----
learn.program "p" hash "0" real f32 {
  learn.param @w : tensor<4xf32>
  learn.data @d {
    learn.source csv { learn.file "d.csv" flag "d" }
    // expected-error @+1 {{calls @load.d.x, which does not make the field}}
    learn.field "x" : tensor<4xf32> reads [#learn.input<columns>] through @load.d.x
  }
}
func.func private @init.params() -> (tensor<4xf32> {learn.kind = #learn.kind<param>, learn.name = "w"})
func.func private @load.d.x(tensor<4xf32> {learn.kind = #learn.kind<input>, learn.name = "columns"}) -> (tensor<3xf32> {learn.kind = #learn.kind<field>, learn.name = "x"})

// -----
learn.program "p" hash "0" real f32 {
  learn.param @w : tensor<4xf32>
  learn.data @d {
    learn.source csv { learn.file "d.csv" flag "d" }
    // expected-error @+1 {{calls @load.d.x, which reads other parts of the row}}
    learn.field "x" : tensor<4xf32> reads [#learn.input<columns>] through @load.d.x
  }
}
func.func private @init.params() -> (tensor<4xf32> {learn.kind = #learn.kind<param>, learn.name = "w"})
func.func private @load.d.x(tensor<4xf32> {learn.kind = #learn.kind<input>, learn.name = "age"}) -> (tensor<4xf32> {learn.kind = #learn.kind<field>, learn.name = "x"})

// -----
learn.program "p" hash "0" real f32 {
  learn.param @w : tensor<4xf32>
  learn.vocab @v words[9] {}
  learn.data @d {
    learn.source csv {}
    // expected-error @+1 {{is of words, which are i32}}
    learn.text_field "t" : tensor<4xf32> of @v reads <line> plain
  }
}
func.func private @init.params() -> (tensor<4xf32> {learn.kind = #learn.kind<param>, learn.name = "w"})

// -----
learn.program "p" hash "0" real f32 {
  learn.param @w : tensor<4xf32>
  learn.data @d {
    learn.source csv {}
    // expected-error @+1 {{names @v, which is no learn.vocab of the program}}
    learn.text_field "t" : tensor<4xi32> of @v reads <line> plain
  }
}
func.func private @init.params() -> (tensor<4xf32> {learn.kind = #learn.kind<param>, learn.name = "w"})

// -----
learn.program "p" hash "0" real f32 {
  learn.param @w : tensor<4xf32>
  learn.data @d {
    learn.source csv {}
    // expected-error @+1 {{an input is a header or item by its name}}
    learn.text_field "t" : tensor<4xi32> of @v reads <line "x"> plain
  }
}
func.func private @init.params() -> (tensor<4xf32> {learn.kind = #learn.kind<param>, learn.name = "w"})

// -----
learn.program "p" hash "0" real f32 {
  learn.param @w : tensor<4xf32>
  learn.vocab @v words[9] {
    // expected-error @+1 {{expects parent op 'learn.source'}}
    learn.file "a" flag "b"
  }
}
func.func private @init.params() -> (tensor<4xf32> {learn.kind = #learn.kind<param>, learn.name = "w"})

// -----
learn.program "p" hash "0" real f32 {
  learn.param @w : tensor<4xf32>
  learn.train "t" {
    // expected-error @+1 {{does not take the value 3}}
    learn.flag "x" : tensor<i32> below 3 = 3
  }
}
func.func private @init.params() -> (tensor<4xf32> {learn.kind = #learn.kind<param>, learn.name = "w"})

// -----
learn.program "p" hash "0" real f32 {
  learn.param @w : tensor<4xf32>
  learn.train "t" {
    learn.flag "x" : tensor<f32>
    // expected-error @+1 {{is the second of the name 'x'}}
    learn.flag "x" : tensor<f32>
  }
}
func.func private @init.params() -> (tensor<4xf32> {learn.kind = #learn.kind<param>, learn.name = "w"})

// -----
learn.program "p" hash "0" real f32 {
  learn.param @w : tensor<4xf32>
  learn.train "t" {
    // expected-error @+1 {{of a train block is a number}}
    learn.flag "x" : tensor<2xf32>
  }
}
func.func private @init.params() -> (tensor<4xf32> {learn.kind = #learn.kind<param>, learn.name = "w"})

// -----
learn.program "p" hash "0" real f32 {
  learn.param @w : tensor<4xf32>
  learn.entry @t calls @entry {
    // expected-error @+1 {{names @v, which is no learn.vocab of the program}}
    learn.flag "x" : tensor<i32> of @v
  }
}
func.func private @init.params() -> (tensor<4xf32> {learn.kind = #learn.kind<param>, learn.name = "w"})
func.func private @entry(tensor<i32> {learn.kind = #learn.kind<input>, learn.name = "x"})

// -----
learn.program "p" hash "0" real f32 {
  learn.param @w : tensor<4xf32>
  learn.entry @t calls @entry {
    // expected-error @+1 {{has no rows to go over}}
    learn.flag "x" : tensor<f32> repeated
  }
}
func.func private @init.params() -> (tensor<4xf32> {learn.kind = #learn.kind<param>, learn.name = "w"})
func.func private @entry(tensor<f32> {learn.kind = #learn.kind<input>, learn.name = "x"})

// -----
learn.program "p" hash "0" real f32 {
  learn.param @w : tensor<4xf32>
  learn.train "t" {
    // expected-error @+1 {{counts with a flag or a number}}
    "learn.repeat"() ({
    ^bb0:
    }) : () -> ()
  }
}
func.func private @init.params() -> (tensor<4xf32> {learn.kind = #learn.kind<param>, learn.name = "w"})

// -----
learn.program "p" hash "0" real f32 {
  learn.param @w : tensor<4xf32>
  learn.train "t" {
    // expected-error @+1 {{counts epochs of no data set}}
    learn.for 3 epochs {}
  }
}
func.func private @init.params() -> (tensor<4xf32> {learn.kind = #learn.kind<param>, learn.name = "w"})

// -----
learn.program "p" hash "0" real f32 {
  learn.param @w : tensor<4xf32>
  learn.train "t" {
    // expected-error @+1 {{goes over batches of a data set}}
    "learn.for"() ({
    ^bb0:
    }) {count = 1 : i64, unit = 0 : i32, batch = 3 : i64} : () -> ()
  }
}
func.func private @init.params() -> (tensor<4xf32> {learn.kind = #learn.kind<param>, learn.name = "w"})

// -----
learn.program "p" hash "0" real f32 {
  learn.param @w : tensor<4xf32>
  learn.train "t" {
    // expected-error @+1 {{names @d, which is no learn.data of the program}}
    learn.for 3 steps of @d[2] {}
  }
}
func.func private @init.params() -> (tensor<4xf32> {learn.kind = #learn.kind<param>, learn.name = "w"})

// -----
learn.program "p" hash "0" real f32 {
  learn.param @w : tensor<4xf32>
  learn.train "t" {
    // expected-error @+1 {{stands in no loop that it counts the iterations of}}
    learn.every 3 steps {}
  }
}
func.func private @init.params() -> (tensor<4xf32> {learn.kind = #learn.kind<param>, learn.name = "w"})

// -----
learn.program "p" hash "0" real f32 {
  learn.param @w : tensor<4xf32>
  learn.train "t" {
    learn.for 3 steps {
      // expected-error @+1 {{counts epochs of no data set}}
      learn.every 3 epochs {}
    }
  }
}
func.func private @init.params() -> (tensor<4xf32> {learn.kind = #learn.kind<param>, learn.name = "w"})

// -----
learn.program "p" hash "0" real f32 {
  learn.param @w : tensor<4xf32>
  learn.train "t" {
  // expected-error @+1 {{names @o, which is no learn.objective of the program}}
  learn.step @o over ["n"] gradient @grad.0 update @update.0
  }
}
func.func private @init.params() -> (tensor<4xf32> {learn.kind = #learn.kind<param>, learn.name = "w"})
func.func private @grad.0(tensor<4xf32> {learn.kind = #learn.kind<param>, learn.name = "w"}) -> (tensor<f32> {learn.kind = #learn.kind<loss>, learn.name = "o"}, tensor<4xf32> {learn.kind = #learn.kind<gradient>, learn.name = "w"})
func.func private @update.0(tensor<4xf32> {learn.kind = #learn.kind<gradient>, learn.name = "w"}) -> (tensor<4xf32> {learn.kind = #learn.kind<param>, learn.name = "w"})

// -----
learn.program "p" hash "0" real f32 {
  learn.param @w : tensor<4xf32>
  learn.data @d {
    learn.source csv { learn.file "d.csv" flag "d" }
    learn.field "x" : tensor<4xf32> reads [#learn.input<columns>] through @load.d.x
  }
  learn.objective @o of @d
  learn.train "t" {
  // expected-error @+1 {{stands in no loop over @d}}
  learn.step @o over ["n"] gradient @grad.0 update @update.0
  }
}
func.func private @init.params() -> (tensor<4xf32> {learn.kind = #learn.kind<param>, learn.name = "w"})
func.func private @load.d.x(tensor<4xf32> {learn.kind = #learn.kind<input>, learn.name = "columns"}) -> (tensor<4xf32> {learn.kind = #learn.kind<field>, learn.name = "x"})
func.func private @grad.0(tensor<4xf32> {learn.kind = #learn.kind<param>, learn.name = "w"}) -> (tensor<f32> {learn.kind = #learn.kind<loss>, learn.name = "o"}, tensor<4xf32> {learn.kind = #learn.kind<gradient>, learn.name = "w"})
func.func private @update.0(tensor<4xf32> {learn.kind = #learn.kind<gradient>, learn.name = "w"}) -> (tensor<4xf32> {learn.kind = #learn.kind<param>, learn.name = "w"})

// -----
learn.program "p" hash "0" real f32 {
  learn.param @w : tensor<4xf32>
  learn.objective @o
  learn.train "t" {
  // expected-error @+1 {{calls @grad.0, which gives no gradients of one loss}}
  learn.step @o over ["n"] gradient @grad.0 update @update.0
  }
}
func.func private @init.params() -> (tensor<4xf32> {learn.kind = #learn.kind<param>, learn.name = "w"})
func.func private @grad.0() -> (tensor<f32> {learn.kind = #learn.kind<loss>, learn.name = "o"})
func.func private @update.0(tensor<4xf32> {learn.kind = #learn.kind<gradient>, learn.name = "w"}) -> (tensor<4xf32> {learn.kind = #learn.kind<param>, learn.name = "w"})

// -----
learn.program "p" hash "0" real f32 {
  learn.param @w : tensor<4xf32>
  learn.objective @o
  learn.train "t" {
  // expected-error @+1 {{calls @grad.0, which is no function of the module}}
  learn.step @o over ["n"] gradient @grad.0 update @update.0
  }
}
func.func private @init.params() -> (tensor<4xf32> {learn.kind = #learn.kind<param>, learn.name = "w"})
func.func private @update.0(tensor<4xf32> {learn.kind = #learn.kind<gradient>, learn.name = "w"}) -> (tensor<4xf32> {learn.kind = #learn.kind<param>, learn.name = "w"})

// -----
learn.program "p" hash "0" real f32 {
  learn.param @w : tensor<4xf32>
  learn.objective @o
  learn.train "t" {
  // expected-error @+1 {{calls 'grad.0', whose gradient 'v' is none of the program}}
  learn.step @o over ["n"] gradient @grad.0 update @update.0
  }
}
func.func private @init.params() -> (tensor<4xf32> {learn.kind = #learn.kind<param>, learn.name = "w"})
func.func private @grad.0() -> (tensor<f32> {learn.kind = #learn.kind<loss>, learn.name = "o"}, tensor<4xf32> {learn.kind = #learn.kind<gradient>, learn.name = "v"})
func.func private @update.0(tensor<4xf32> {learn.kind = #learn.kind<gradient>, learn.name = "w"}) -> (tensor<4xf32> {learn.kind = #learn.kind<param>, learn.name = "w"})

// -----
learn.program "p" hash "0" real f32 {
  learn.param @w : tensor<4xf32>
  learn.param @v : tensor<4xf32>
  learn.objective @o
  learn.train "t" {
  // expected-error @+1 {{calls @update.0, which needs the gradient of 'v'}}
  learn.step @o over ["n"] gradient @grad.0 update @update.0
  }
}
func.func private @init.params() -> (tensor<4xf32> {learn.kind = #learn.kind<param>, learn.name = "w"}, tensor<4xf32> {learn.kind = #learn.kind<param>, learn.name = "v"})
func.func private @grad.0(tensor<4xf32> {learn.kind = #learn.kind<param>, learn.name = "w"}) -> (tensor<f32> {learn.kind = #learn.kind<loss>, learn.name = "o"}, tensor<4xf32> {learn.kind = #learn.kind<gradient>, learn.name = "w"})
func.func private @update.0(tensor<4xf32> {learn.kind = #learn.kind<gradient>, learn.name = "v"})

// -----
learn.program "p" hash "0" real f32 {
  learn.param @w : tensor<4xf32>
  learn.objective @o
  learn.train "t" {
  // expected-error @+1 {{calls @update.0, which reads 'lr', no flag of the command}}
  learn.step @o over ["n"] gradient @grad.0 update @update.0
  }
}
func.func private @init.params() -> (tensor<4xf32> {learn.kind = #learn.kind<param>, learn.name = "w"})
func.func private @grad.0(tensor<4xf32> {learn.kind = #learn.kind<param>, learn.name = "w"}) -> (tensor<f32> {learn.kind = #learn.kind<loss>, learn.name = "o"}, tensor<4xf32> {learn.kind = #learn.kind<gradient>, learn.name = "w"})
func.func private @update.0(tensor<4xf32> {learn.kind = #learn.kind<gradient>, learn.name = "w"}, tensor<f32> {learn.kind = #learn.kind<flag>, learn.name = "lr"}) -> (tensor<4xf32> {learn.kind = #learn.kind<param>, learn.name = "w"})

// -----
learn.program "p" hash "0" real f32 {
  learn.param @w : tensor<4xf32>
  learn.objective @o
  learn.train "t" {
    // expected-error @+1 {{judges @o, which is not evaluated}}
    learn.validate @o
  }
}
func.func private @init.params() -> (tensor<4xf32> {learn.kind = #learn.kind<param>, learn.name = "w"})

// -----
learn.program "p" hash "0" real f32 {
  learn.param @w : tensor<4xf32>
  learn.entry @e calls @entry {
    learn.flag "x" : tensor<f32>
  }
  learn.train "t" {
    // expected-error @+1 {{gives 'y', no flag of @e}}
    learn.run @e with {y = 1 : i64}
  }
}
func.func private @init.params() -> (tensor<4xf32> {learn.kind = #learn.kind<param>, learn.name = "w"})
func.func private @entry(tensor<f32> {learn.kind = #learn.kind<input>, learn.name = "x"})

// -----
learn.program "p" hash "0" real f32 {
  learn.param @w : tensor<4xf32>
  learn.entry @e calls @entry {
    learn.flag "x" : tensor<f32>
  }
  learn.train "t" {
    // expected-error @+1 {{gives 'x' the value "a"}}
    learn.run @e with {x = "a"}
  }
}
func.func private @init.params() -> (tensor<4xf32> {learn.kind = #learn.kind<param>, learn.name = "w"})
func.func private @entry(tensor<f32> {learn.kind = #learn.kind<input>, learn.name = "x"})

// -----
learn.program "p" hash "0" real f32 {
  learn.param @w : tensor<4xf32>
  learn.entry @e calls @entry {
    learn.flag "x" : tensor<f32>
  }
  learn.train "t" {
    // expected-error @+1 {{gives no 'x', which has no value of its own}}
    learn.run @e
  }
}
func.func private @init.params() -> (tensor<4xf32> {learn.kind = #learn.kind<param>, learn.name = "w"})
func.func private @entry(tensor<f32> {learn.kind = #learn.kind<input>, learn.name = "x"})

// -----
learn.program "p" hash "0" real f32 {
  learn.param @w : tensor<4xf32>
  learn.train "t" {
    // expected-error @+1 {{expects parent op 'learn.entry'}}
    learn.show print "x"
  }
}
func.func private @init.params() -> (tensor<4xf32> {learn.kind = #learn.kind<param>, learn.name = "w"})

// -----
learn.program "p" hash "0" real f32 {
  learn.param @w : tensor<4xf32>
  // expected-error @+1 {{sees a number of rows of a data set}}
  "learn.entry"() ({
  ^bb0:
  }) {sym_name = "e", function = @entry, every} : () -> ()
}
func.func private @init.params() -> (tensor<4xf32> {learn.kind = #learn.kind<param>, learn.name = "w"})
func.func private @entry()

// -----
learn.program "p" hash "0" real f32 {
  learn.param @w : tensor<4xf32>
  // expected-error @+1 {{goes over the rows of one flag}}
  learn.entry @e calls @entry {
    learn.flag "x" : tensor<1xf32> repeated
    learn.flag "y" : tensor<1xf32> repeated
  }
}
func.func private @init.params() -> (tensor<4xf32> {learn.kind = #learn.kind<param>, learn.name = "w"})
func.func private @entry()

// -----
learn.program "p" hash "0" real f32 {
  learn.param @w : tensor<4xf32>
  learn.entry @e calls @entry {
    // expected-error @+1 {{is no input of @entry}}
    learn.flag "x" : tensor<f32>
  }
}
func.func private @init.params() -> (tensor<4xf32> {learn.kind = #learn.kind<param>, learn.name = "w"})
func.func private @entry()

// -----
learn.program "p" hash "0" real f32 {
  learn.param @w : tensor<4xf32>
  // expected-error @+1 {{has no flag for the input 'x'}}
  learn.entry @e calls @entry {}
}
func.func private @init.params() -> (tensor<4xf32> {learn.kind = #learn.kind<param>, learn.name = "w"})
func.func private @entry(tensor<f32> {learn.kind = #learn.kind<input>, learn.name = "x"})

// -----
learn.program "p" hash "0" real f32 {
  learn.param @w : tensor<4xf32>
  learn.entry @e calls @entry {
    // expected-error @+1 {{is no result of @entry}}
    learn.show print "x"
  }
}
func.func private @init.params() -> (tensor<4xf32> {learn.kind = #learn.kind<param>, learn.name = "w"})
func.func private @entry()

// -----
learn.program "p" hash "0" real f32 {
  learn.param @w : tensor<4xf32>
  // expected-error @+1 {{does not show each result of @entry}}
  learn.entry @e calls @entry {}
}
func.func private @init.params() -> (tensor<4xf32> {learn.kind = #learn.kind<param>, learn.name = "w"})
func.func private @entry() -> (tensor<f32> {learn.kind = #learn.kind<show>, learn.name = "x"})

// -----
learn.program "p" hash "0" real f32 {
  learn.param @w : tensor<4xf32>
  learn.entry @e calls @entry {
    // expected-error @+1 {{names @v, which is no learn.vocab of the program}}
    learn.show print "x" of @v
  }
}
func.func private @init.params() -> (tensor<4xf32> {learn.kind = #learn.kind<param>, learn.name = "w"})
func.func private @entry() -> (tensor<f32> {learn.kind = #learn.kind<show>, learn.name = "x"})
