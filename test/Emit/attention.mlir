// RUN: nn-check %s --cpu x86-64-v3 | FileCheck %s
// RUN: %if avx512 %{ nn-check %s --cpu x86-64-v4 | FileCheck %s %}
// RUN: nn-check %s --show fused | FileCheck %s --check-prefix=FUSED

// CHECK-NOT: WRONG

// Heads split off and turned in front: read by strides, and so are the gradients' operands.
// CHECK: heads result 0: ok
// FUSED-LABEL: func.func @heads
// FUSED: sched.kernel {{.*}} attention inputs
// FUSED: nn.transpose
// FUSED: nn.attention
func.func @heads(%x: tensor<2x70x96xf32>, %z: tensor<2x90x96xf32>) -> tensor<2x70x96xf32> {
  %a = nn.reshape %x : tensor<2x70x96xf32> to tensor<2x70x3x32xf32>
  %b = nn.reshape %z : tensor<2x90x96xf32> to tensor<2x90x3x32xf32>
  %q = nn.transpose %a [0, 2, 1, 3] : tensor<2x70x3x32xf32>
  %k = nn.transpose %b [0, 2, 1, 3] : tensor<2x90x3x32xf32>
  %y, %lse = nn.attention %q, %k, %k scale 0.2 : (tensor<2x3x70x32xf32>, tensor<2x3x90x32xf32>, tensor<2x3x90x32xf32>) -> (tensor<2x3x70x32xf32>, tensor<2x3x70xf32>)
  %t = nn.transpose %y [0, 2, 1, 3] : tensor<2x3x70x32xf32>
  %r = nn.reshape %t : tensor<2x70x3x32xf32> to tensor<2x70x96xf32>
  return %r : tensor<2x70x96xf32>
}

// CHECK: causal_gradients result 0: ok
// CHECK: causal_gradients result 3: ok
func.func @causal_gradients(%x: tensor<1x140x64xf32>, %k: tensor<1x4x140x16xf32>, %v: tensor<1x4x140x24xf32>, %dy: tensor<1x140x4x24xf32>) -> (tensor<1x4x140x24xf32>, tensor<1x4x140x16xf32>, tensor<1x4x140x16xf32>, tensor<1x4x140x24xf32>) {
  %a = nn.reshape %x : tensor<1x140x64xf32> to tensor<1x140x4x16xf32>
  %q = nn.transpose %a [0, 2, 1, 3] : tensor<1x140x4x16xf32>
  %g = nn.transpose %dy [0, 2, 1, 3] : tensor<1x140x4x24xf32>
  %y, %lse = nn.attention %q, %k, %v scale 0.5 causal : (tensor<1x4x140x16xf32>, tensor<1x4x140x16xf32>, tensor<1x4x140x24xf32>) -> (tensor<1x4x140x24xf32>, tensor<1x4x140xf32>)
  %dq, %dk, %dv = nn.attention_grad %q, %k, %v, %y, %lse, %g scale 0.5 causal : (tensor<1x4x140x16xf32>, tensor<1x4x140x16xf32>, tensor<1x4x140x24xf32>, tensor<1x4x140x24xf32>, tensor<1x4x140xf32>, tensor<1x4x140x24xf32>) -> (tensor<1x4x140x16xf32>, tensor<1x4x140x16xf32>, tensor<1x4x140x24xf32>)
  return %y, %dq, %dk, %dv : tensor<1x4x140x24xf32>, tensor<1x4x140x16xf32>, tensor<1x4x140x16xf32>, tensor<1x4x140x24xf32>
}

// Axes of mask and bias that are left out or of size 1; one gradient that nobody asks for.
// CHECK: masked result 0: ok
// CHECK: masked result 3: ok
func.func @masked(%q: tensor<3x2x40x8xf32>, %k: tensor<3x2x50x8xf32>, %mask: tensor<3x50xi1>, %bias: tensor<2x40x1xf32>, %dy: tensor<3x2x40x8xf32>) -> (tensor<3x2x40x8xf32>, tensor<3x2x40xf32>, tensor<3x2x40x8xf32>, tensor<3x2x50x8xf32>) {
  %y, %lse = nn.attention %q, %k, %k mask %mask [0, 3] bias %bias [1, 2, 3] scale 1.0 : (tensor<3x2x40x8xf32>, tensor<3x2x50x8xf32>, tensor<3x2x50x8xf32>, tensor<3x50xi1>, tensor<2x40x1xf32>) -> (tensor<3x2x40x8xf32>, tensor<3x2x40xf32>)
  %dq, %dk, %dv = nn.attention_grad %q, %k, %k, %y, %lse, %dy mask %mask [0, 3] bias %bias [1, 2, 3] scale 1.0 : (tensor<3x2x40x8xf32>, tensor<3x2x50x8xf32>, tensor<3x2x50x8xf32>, tensor<3x2x40x8xf32>, tensor<3x2x40xf32>, tensor<3x2x40x8xf32>, tensor<3x50xi1>, tensor<2x40x1xf32>) -> (tensor<3x2x40x8xf32>, tensor<3x2x50x8xf32>, tensor<3x2x50x8xf32>)
  return %y, %lse, %dq, %dv : tensor<3x2x40x8xf32>, tensor<3x2x40xf32>, tensor<3x2x40x8xf32>, tensor<3x2x50x8xf32>
}

// Dropout is drawn where the weights are, twice the same; no kernel stores it.
// CHECK: dropout result 0: ok
// CHECK: dropout result 3: ok
// FUSED-LABEL: func.func @dropout
// FUSED-NOT: -> tensor<2x2x70x70xi1>
// FUSED: sched.kernel {{.*}} attention inputs
// FUSED: nn.random
// FUSED: sched.kernel {{.*}} attention_grad inputs
// FUSED: nn.random
func.func @dropout(%q: tensor<2x2x70x16xf32>, %k: tensor<2x2x70x16xf32>, %v: tensor<2x2x70x16xf32>, %dy: tensor<2x2x70x16xf32>, %seed: tensor<i64>, %step: tensor<i64>, %turn: tensor<i32>) -> (tensor<2x2x70x16xf32>, tensor<2x2x70x16xf32>, tensor<2x2x70x16xf32>, tensor<2x2x70x16xf32>) {
  %u = nn.random uniform site 5 (%seed, %step, %turn) : tensor<2x2x70x70xf32>
  %rate = nn.constant dense<0.2> : tensor<2x2x70x70xf32>
  %keep = nn.compare ge %u, %rate : tensor<2x2x70x70xf32>
  %y, %lse = nn.attention %q, %k, %v keep %keep 1.25 scale 0.5 causal : (tensor<2x2x70x16xf32>, tensor<2x2x70x16xf32>, tensor<2x2x70x16xf32>, tensor<2x2x70x70xi1>) -> (tensor<2x2x70x16xf32>, tensor<2x2x70xf32>)
  %dq, %dk, %dv = nn.attention_grad %q, %k, %v, %y, %lse, %dy keep %keep 1.25 scale 0.5 causal : (tensor<2x2x70x16xf32>, tensor<2x2x70x16xf32>, tensor<2x2x70x16xf32>, tensor<2x2x70x16xf32>, tensor<2x2x70xf32>, tensor<2x2x70x16xf32>, tensor<2x2x70x70xi1>) -> (tensor<2x2x70x16xf32>, tensor<2x2x70x16xf32>, tensor<2x2x70x16xf32>)
  return %y, %dq, %dk, %dv : tensor<2x2x70x16xf32>, tensor<2x2x70x16xf32>, tensor<2x2x70x16xf32>, tensor<2x2x70x16xf32>
}
