// RUN: %nn-opt %s | %nn-opt | FileCheck %s

// CHECK: learn.program @program {name = "mlp", params = [], version = 1 : i64}
learn.program @program {version = 1 : i64, name = "mlp", params = []}

// CHECK-LABEL: func.func @f(%{{.*}}: tensor<4x3xf32> {learn.kind = "param", learn.name = "dense.w"})
func.func @f(%w: tensor<4x3xf32> {learn.kind = "param", learn.name = "dense.w"}) -> (tensor<4x3xf32> {learn.kind = "gradient", learn.name = "dense.w"})
    attributes {learn.training = true} {
  %l = nn.reduce sum %w [0, 1] : tensor<4x3xf32>
  // CHECK: learn.gradient %{{.*}} of %{{.*}} : (tensor<f32>, tensor<4x3xf32>) -> tensor<4x3xf32>
  %dw = learn.gradient %l of %w : (tensor<f32>, tensor<4x3xf32>) -> tensor<4x3xf32>
  return %dw : tensor<4x3xf32>
}
