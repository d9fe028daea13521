// RUN: %nn-opt %s --to-fused | FileCheck %s

// What a turn stacks is written by the kernel that computes it, the four gates are one kernel, and nothing fills the stack first.
// CHECK-LABEL: func.func @gates
// CHECK-NOT: sched.kernel "copy"
// CHECK: %[[START:.*]] = nn.constant dense<0.000000e+00> : tensor<8x3x64xf32>
// CHECK: sched.loop 8 carry(%arg0, %[[START]])
// CHECK: sched.kernel "contract" contraction
// CHECK: sched.kernel "{{.*}}put{{.*}}" elementwise
// CHECK: nn.put
// CHECK-NOT: sched.kernel
// CHECK: return
func.func @gates(%h0: tensor<3x64xf32>, %w: tensor<64x128xf32>) -> (tensor<3x64xf32>, tensor<8x3x64xf32>) {
  %h, %y = nn.scan 8 carry(%h0) constants(%w) : (tensor<3x64xf32>, tensor<64x128xf32>) -> (tensor<3x64xf32>, tensor<8x3x64xf32>) {
  ^bb0(%t: tensor<i32>, %c: tensor<3x64xf32>, %v: tensor<64x128xf32>):
    %0 = nn.contract %c [0, 1], %v [1, 2] -> [0, 2] : tensor<3x64xf32>, tensor<64x128xf32>
    %a = nn.slice %0 [0, 0] [1, 1] : tensor<3x128xf32> to tensor<3x64xf32>
    %b = nn.slice %0 [0, 64] [1, 1] : tensor<3x128xf32> to tensor<3x64xf32>
    %s = nn.sigmoid %a : tensor<3x64xf32>
    %g = nn.tanh %b : tensor<3x64xf32>
    %n = nn.mul %s, %g : tensor<3x64xf32>
    nn.yield %n, %s : tensor<3x64xf32>, tensor<3x64xf32>
  }
  return %h, %y : tensor<3x64xf32>, tensor<8x3x64xf32>
}

// With an early end the pieces of the turns not run are 0, so the stack is filled first.
// CHECK-LABEL: func.func @early
// CHECK: sched.kernel "copy" elementwise : () -> tensor<8x4xf32>
// CHECK: sched.loop 8
func.func @early(%h0: tensor<4xf32>, %one: tensor<f32>) -> tensor<8x4xf32> {
  %h, %y = nn.scan 8 carry(%h0) constants(%one) until : (tensor<4xf32>, tensor<f32>) -> (tensor<4xf32>, tensor<8x4xf32>) {
  ^bb0(%t: tensor<i32>, %c: tensor<4xf32>, %o: tensor<f32>):
    %n = nn.tanh %c : tensor<4xf32>
    %m = nn.reduce max %n [0] : tensor<4xf32>
    %d = nn.compare gt %m, %o : tensor<f32>
    nn.yield %n, %n, %d : tensor<4xf32>, tensor<4xf32>, tensor<i1>
  }
  return %y : tensor<8x4xf32>
}
