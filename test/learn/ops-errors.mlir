// RUN: %nn-opt %s --split-input-file --verify-diagnostics

func.func @vector(%x: tensor<4xf32>) {
  // expected-error @+1 {{differentiates a scalar, but the operand is 'tensor<4xf32>'}}
  %0 = learn.gradient %x of %x : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  return
}

// -----
func.func @types(%l: tensor<f32>, %x: tensor<4xf32>) {
  // expected-error @+1 {{each gradient has the type of the value that it belongs to}}
  %0 = learn.gradient %l of %x : (tensor<f32>, tensor<4xf32>) -> tensor<3xf32>
  return
}

// -----
// expected-error @+1 {{learn.kind is a kind of argument}}
func.func @kind(%l: tensor<f32> {learn.kind = "param"}) {
  return
}

// -----
// expected-error @+1 {{learn.name is a text}}
func.func @name(%l: tensor<f32> {learn.name = 3 : i64}) {
  return
}

// -----
// expected-error @+1 {{learn.combiner is one of the words that combine statistics}}
func.func @combiner(%l: tensor<f32> {learn.combiner = "sum"}) {
  return
}

// -----
// expected-error @+1 {{learn.shape is the shape of a buffer that holds nothing}}
func.func @shape(%l: memref<0xf32> {learn.shape = array<i64: 2, 3>}) {
  return
}

// -----
// expected-error @+1 {{learn.training is a boolean}}
func.func @training() attributes {learn.training = "yes"} {
  return
}
