// RUN: %nn-opt --learn-hold-stopped %s | FileCheck %s

// What is behind stop_gradient comes from the frozen copy, in a scan too; the rest from the parameter.
// CHECK-LABEL: func.func @f.frozen(%arg0: tensor<4xf32> {learn.kind = #learn.kind<param>, learn.name = "w"}
// CHECK-SAME: %arg1: tensor<4xf32> {learn.kind = #learn.kind<frozen>, learn.name = "w"}
// CHECK-SAME: -> (tensor<f32> {learn.kind = #learn.kind<loss>, learn.name = "l"})
// CHECK: nn.scan 3 carry(%[[A:[^,]*]], %[[B:[^,]*]]) constants(%arg1, %arg0)
// CHECK: ^bb0(%{{[^:]*}}: tensor<i32>{{.*}}, %[[H:[^:]*]]: tensor<4xf32>{{.*}}, %[[M:[^:]*]]: tensor<4xf32>{{.*}}, %[[HW:[^:]*]]: tensor<4xf32>{{.*}}, %[[MW:[^:]*]]: tensor<4xf32>
// CHECK: %[[T:.*]] = nn.mul %[[H]], %[[HW]]
// CHECK: nn.mul %[[M]], %[[MW]]
// CHECK: %[[S:.*]] = nn.stop_gradient %[[T]]
// CHECK: %[[X:.*]] = nn.add %[[S]], %[[H]]
// CHECK: %[[Y:.*]] = nn.add %[[S]], %[[M]]
// CHECK: nn.yield %[[X]], %[[Y]]
func.func @f(%w: tensor<4xf32> {learn.kind = #learn.kind<param>, learn.name = "w"}) -> (tensor<f32> {learn.kind = #learn.kind<loss>, learn.name = "l"}, tensor<4xf32> {learn.kind = #learn.kind<gradient>, learn.name = "w"}) {
  %e = nn.exp %w : tensor<4xf32>
  %h = nn.scan 3 carry(%e) constants(%w) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32> {
  ^bb0(%t: tensor<i32>, %c: tensor<4xf32>, %v: tensor<4xf32>):
    %p = nn.mul %c, %v : tensor<4xf32>
    %s = nn.stop_gradient %p : tensor<4xf32>
    %n = nn.add %s, %c : tensor<4xf32>
    nn.yield %n : tensor<4xf32>
  }
  %l = nn.reduce sum %h [0] : tensor<4xf32>
  %g = learn.gradient %l of %w : (tensor<f32>, tensor<4xf32>) -> tensor<4xf32>
  return %l, %g : tensor<f32>, tensor<4xf32>
}

// CHECK-NOT: @plain.frozen
func.func @plain(%w: tensor<4xf32> {learn.kind = #learn.kind<param>, learn.name = "w"}) -> (tensor<f32> {learn.kind = #learn.kind<loss>, learn.name = "l"}, tensor<4xf32> {learn.kind = #learn.kind<gradient>, learn.name = "w"}) {
  %l = nn.reduce sum %w [0] : tensor<4xf32>
  %g = learn.gradient %l of %w : (tensor<f32>, tensor<4xf32>) -> tensor<4xf32>
  return %l, %g : tensor<f32>, tensor<4xf32>
}
