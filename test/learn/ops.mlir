// RUN: %nn-opt %s | %nn-opt | FileCheck %s

// CHECK: learn.program "mlp" hash "8c1f" real f32 {
learn.program "mlp" hash "8c1f" real f32 {
  // CHECK-NEXT: learn.param @dense.w of "dense" from "body.safetensors" at "resnet.w" flag "dense" : tensor<4x3xf32>
  // CHECK-NEXT: learn.state @run of "dense" : tensor<3xf32>
  // CHECK-NEXT: learn.state optimizer @optim.0.dense.w.m : tensor<4x3xf32>
  learn.param @dense.w of "dense" from "body.safetensors" at "resnet.w" flag "dense" : tensor<4x3xf32>
  learn.state @run of "dense" : tensor<3xf32>
  learn.state optimizer @optim.0.dense.w.m : tensor<4x3xf32>
  // CHECK-NEXT: learn.vocab @letter characters[32] {
  // CHECK-NEXT: learn.corpus csv "cities.csv" flag "letter" column 2
  // CHECK-NEXT: learn.corpus csv "cities.csv" flag "letter" header "city"
  learn.vocab @letter characters[32] {
    learn.corpus csv "cities.csv" flag "letter" column 2
    learn.corpus csv "cities.csv" flag "letter" column 0 header "city"
  }
  // CHECK: learn.data @points {
  learn.data @points {
    // CHECK-NEXT: learn.source csv {
    // CHECK-NEXT: learn.file "points.csv" flag "points"
    // CHECK-NEXT: }
    // CHECK-NEXT: learn.source npy {
    // CHECK-NEXT: learn.file "pictures.npy" as "picture" flag "points.picture"
    // CHECK-NEXT: }
    // CHECK-NEXT: learn.holdout share 1.000000e-01{{$}}
    learn.source csv { learn.file "points.csv" flag "points" }
    learn.source npy { learn.file "pictures.npy" as "picture" flag "points.picture" }
    learn.holdout share 0.1
    // CHECK-NEXT: learn.field "x" : tensor<4xf32> reads [#learn.input<columns from 2>] through @load.points.x
    // CHECK-NEXT: learn.field "kind" : tensor<i32> below 3 reads [#learn.input<item "picture">, #learn.input<header "age">] through @load.points.kind direct
    // CHECK-NEXT: learn.text_field "name" : tensor<6xi32> of @letter reads <header "name"> ended
    learn.field "x" : tensor<4xf32> reads [#learn.input<columns from 2>] through @load.points.x
    learn.field "kind" : tensor<i32> below 3 reads [#learn.input<item "picture">, #learn.input<header "age">] through @load.points.kind direct
    learn.text_field "name" : tensor<6xi32> of @letter reads <header "name"> ended
  }
  // CHECK: learn.data @prose {
  // CHECK: learn.holdout {
  // CHECK-NEXT: learn.source text {
  // CHECK: learn.text_field "text" : tensor<6xi32> of @letter reads <line> window
  learn.data @prose {
    learn.source text { learn.file "book.txt" flag "prose" }
    learn.holdout { learn.source text { learn.file "end.txt" flag "prose.holdout" } }
    learn.text_field "text" : tensor<6xi32> of @letter reads <line> window
  }
  // CHECK: learn.objective @game of @points maximize evaluate @eval.game[8] single @eval.game.1 finish @eval.game.finish
  // CHECK-NEXT: learn.objective @plain evaluate @eval.plain[1]
  // CHECK-NEXT: learn.objective @other{{$}}
  learn.objective @game of @points maximize evaluate @eval.game[8] single @eval.game.1 finish @eval.game.finish
  learn.objective @plain evaluate @eval.plain[1]
  learn.objective @other
  // CHECK-NEXT: learn.train "first" {
  learn.train "first" {
    // CHECK-NEXT: %lr = learn.flag "lr" : tensor<f32> = 1.000000e-03
    // CHECK-NEXT: %steps = learn.flag "steps" : tensor<i32> below 100 = 10
    %rate = learn.flag "lr" : tensor<f32> = 1.0e-3
    %steps = learn.flag "steps" : tensor<i32> below 100 = 10
    // CHECK-NEXT: learn.for %steps steps of @points[8] {
    learn.for %steps steps of @points[8] {
      // CHECK-NEXT: learn.repeat 2 {
      // CHECK-NEXT: learn.step @game maximize over ["dense"] accumulate 2 gradient @grad.0 update @update.0 estimators [#learn.estimator<score : @grad.0.score>]
      learn.repeat 2 {
        learn.step @game maximize over ["dense"] accumulate 2 gradient @grad.0 update @update.0 estimators [#learn.estimator<score : @grad.0.score>]
      }
      // CHECK: learn.every 1 epochs {
      // CHECK-NEXT: learn.validate @game
      // CHECK-NEXT: learn.validate @plain rows 100
      // CHECK-NEXT: learn.validate @game rows %steps
      // CHECK-NEXT: learn.run @sample with {prompt = "In the", shift = 2.000000e+00 : f64}
      learn.every 1 epochs {
        learn.validate @game
        learn.validate @plain rows 100
        learn.validate @game rows %steps
        learn.run @sample with {prompt = "In the", shift = 2.0 : f64}
      }
    }
    // CHECK: learn.for 3 epochs of @prose[2] {
    learn.for 3 epochs of @prose[2] {}
  }
  // CHECK: learn.entry @sample calls @entry.sample of @points[2] every doc "moves points" {
  learn.entry @sample calls @entry.sample of @points[2] every doc "moves points" {
    // CHECK-NEXT: %prompt = learn.flag "prompt" : tensor<6xi32> of @letter reads framed
    // CHECK-NEXT: %shift = learn.flag "shift" : tensor<f32> = 0
    learn.flag "prompt" : tensor<6xi32> of @letter reads framed
    learn.flag "shift" : tensor<f32> = 0
    // CHECK-NEXT: learn.show csv "points" as "points.csv" row
    // CHECK-NEXT: learn.show image "picture" colour
    // CHECK-NEXT: learn.show print "word" of @letter
    learn.show csv "points" as "points.csv" row
    learn.show image "picture" colour
    learn.show print "word" of @letter
  }
  // CHECK: learn.entry @each calls @entry.each {
  // CHECK-NEXT: %rows = learn.flag "rows" : tensor<1x4xf32> repeated
  learn.entry @each calls @entry.each { learn.flag "rows" : tensor<1x4xf32> repeated }
}

func.func private @init.params(%s: tensor<i64> {learn.kind = #learn.kind<seed>, learn.name = ""})
  -> (tensor<4x3xf32> {learn.kind = #learn.kind<param>, learn.name = "dense.w"},
      tensor<3xf32> {learn.kind = #learn.kind<state>, learn.name = "run"},
      tensor<4x3xf32> {learn.kind = #learn.kind<state>, learn.name = "optim.0.dense.w.m"})
func.func private @load.points.x(tensor<4xf32> {learn.kind = #learn.kind<input>, learn.name = "columns"})
  -> (tensor<4xf32> {learn.kind = #learn.kind<field>, learn.name = "x"})
func.func private @load.points.kind(tensor<5xi32> {learn.kind = #learn.kind<input>, learn.name = "picture"},
                                    tensor<i32> {learn.kind = #learn.kind<input>, learn.name = "age"})
  -> (tensor<i32> {learn.kind = #learn.kind<field>, learn.name = "kind"})
// CHECK: learn.combiner = #learn.combiner<sum>, learn.kind = #learn.kind<statistic>, learn.name = "sum.0"
func.func private @eval.game(tensor<8x4xf32> {learn.kind = #learn.kind<input>, learn.name = "x"},
                             tensor<i32> {learn.kind = #learn.kind<valid>, learn.name = "valid"})
  -> (tensor<f32> {learn.combiner = #learn.combiner<sum>, learn.kind = #learn.kind<statistic>, learn.name = "sum.0"})
func.func private @eval.game.1(tensor<1x4xf32> {learn.kind = #learn.kind<input>, learn.name = "x"})
  -> (tensor<f32> {learn.combiner = #learn.combiner<sum>, learn.kind = #learn.kind<statistic>, learn.name = "sum.0"})
func.func private @eval.game.finish(tensor<f32> {learn.combiner = #learn.combiner<sum>, learn.kind = #learn.kind<statistic>, learn.name = "sum.0"},
                                    tensor<f32> {learn.kind = #learn.kind<rows>, learn.name = "rows"})
  -> (tensor<f32> {learn.kind = #learn.kind<loss>, learn.name = "game"})
func.func private @eval.plain() -> (tensor<f32> {learn.kind = #learn.kind<loss>, learn.name = "plain"})
func.func private @grad.0(tensor<8x4xf32> {learn.kind = #learn.kind<input>, learn.name = "x"},
                          tensor<4x3xf32> {learn.kind = #learn.kind<param>, learn.name = "dense.w"})
  -> (tensor<f32> {learn.kind = #learn.kind<loss>, learn.name = "game"},
      tensor<4x3xf32> {learn.kind = #learn.kind<gradient>, learn.name = "dense.w"})
func.func private @grad.0.score(tensor<8x6xi32> {learn.kind = #learn.kind<input>, learn.name = "name"},
                                tensor<f32> {learn.kind = #learn.kind<progress>, learn.name = ""})
  -> (tensor<f32> {learn.kind = #learn.kind<loss>, learn.name = "game"},
      tensor<4x3xf32> {learn.kind = #learn.kind<gradient>, learn.name = "dense.w"})
func.func private @update.0(tensor<4x3xf32> {learn.kind = #learn.kind<gradient>, learn.name = "dense.w"},
                            tensor<4x3xf32> {learn.kind = #learn.kind<param>, learn.name = "dense.w"},
                            tensor<f32> {learn.kind = #learn.kind<flag>, learn.name = "lr"})
  -> (tensor<4x3xf32> {learn.kind = #learn.kind<param>, learn.name = "dense.w"})
func.func private @entry.sample(tensor<2x4xf32> {learn.kind = #learn.kind<input>, learn.name = "x"},
                                tensor<6xi32> {learn.kind = #learn.kind<input>, learn.name = "prompt"},
                                tensor<f32> {learn.kind = #learn.kind<input>, learn.name = "shift"})
  -> (tensor<2x4xf32> {learn.kind = #learn.kind<show>, learn.name = "points.csv"},
      tensor<3x8x8xf32> {learn.kind = #learn.kind<show>, learn.name = "picture"},
      tensor<i32> {learn.kind = #learn.kind<show>, learn.name = "word"})
func.func private @entry.each(tensor<1x4xf32> {learn.kind = #learn.kind<input>, learn.name = "rows"})

// CHECK-LABEL: func.func @f(%{{.*}}: tensor<4x3xf32> {learn.kind = #learn.kind<param>, learn.name = "dense.w"})
func.func @f(%w: tensor<4x3xf32> {learn.kind = #learn.kind<param>, learn.name = "dense.w"})
    -> (tensor<4x3xf32> {learn.kind = #learn.kind<gradient>, learn.name = "dense.w"})
    attributes {learn.training = true} {
  %l = nn.reduce sum %w [0, 1] : tensor<4x3xf32>
  // CHECK: learn.gradient %{{.*}} of %{{.*}} : (tensor<f32>, tensor<4x3xf32>) -> tensor<4x3xf32>
  %dw = learn.gradient %l of %w : (tensor<f32>, tensor<4x3xf32>) -> tensor<4x3xf32>
  return %dw : tensor<4x3xf32>
}
