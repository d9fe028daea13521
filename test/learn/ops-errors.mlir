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
// expected-error @+1 {{learn.kind is a text}}
func.func @kind(%l: tensor<f32> {learn.kind = 3 : i64}) {
  return
}
