// RUN: %nn-opt %s --to-fused | FileCheck %s

// A bias and an activation are the epilogue of their contraction.
// CHECK-LABEL: func.func @epilogue
// CHECK: sched.kernel "contract_add_tanh" contraction
// CHECK-NOT: sched.kernel
// CHECK: return
func.func @epilogue(%x: tensor<8x16xf32>, %w: tensor<16x4xf32>, %b: tensor<4xf32>) -> tensor<8x4xf32> {
  %p = nn.contract %x [0, 2], %w [2, 1] -> [0, 1] : tensor<8x16xf32>, tensor<16x4xf32>
  %c = nn.broadcast %b [1] : tensor<4xf32> to tensor<8x4xf32>
  %s = nn.add %p, %c : tensor<8x4xf32>
  %y = nn.tanh %s : tensor<8x4xf32>
  func.return %y : tensor<8x4xf32>
}

// A softmax and what scales its result are one row kernel.
// CHECK-LABEL: func.func @rows
// CHECK: sched.kernel "{{.*}}max{{.*}}" row
// CHECK-NOT: sched.kernel
// CHECK: return
func.func @rows(%x: tensor<8x16xf32>, %z: tensor<8x16xf32>) -> tensor<8x16xf32> {
  %s = nn.softmax %x axis 1 : tensor<8x16xf32>
  %y = nn.mul %s, %z : tensor<8x16xf32>
  func.return %y : tensor<8x16xf32>
}

// Two results that read the same tensors are one pass over them.
// CHECK-LABEL: func.func @siblings
// CHECK: sched.kernel "{{.*}}" elementwise
// CHECK-NOT: sched.kernel
// CHECK: return
func.func @siblings(%m: tensor<64xf32>, %g: tensor<64xf32>) -> (tensor<64xf32>, tensor<64xf32>) {
  %a = nn.add %m, %g : tensor<64xf32>
  %s = nn.exp %g : tensor<64xf32>
  func.return %a, %s : tensor<64xf32>, tensor<64xf32>
}

// What a kernel reads transposed must be in memory first.
// CHECK-LABEL: func.func @transposed
// CHECK: sched.kernel "exp" elementwise
// CHECK: sched.kernel "{{.*}}" elementwise
// CHECK: return
func.func @transposed(%x: tensor<8x8xf32>) -> tensor<8x8xf32> {
  %e = nn.exp %x : tensor<8x8xf32>
  %t = nn.transpose %e [1, 0] : tensor<8x8xf32>
  %y = nn.add %e, %t : tensor<8x8xf32>
  func.return %y : tensor<8x8xf32>
}

// A sum with one result is made in two steps.
// CHECK-LABEL: func.func @total
// CHECK: nn.reshape
// CHECK-COUNT-2: sched.kernel "sum" row
// CHECK: return
func.func @total(%x: tensor<1024x512xf32>) -> tensor<f32> {
  %y = nn.reduce sum %x [0, 1] : tensor<1024x512xf32>
  func.return %y : tensor<f32>
}

// What a derivative computes from an activation's input is computed where it is read, which needs that input too: of the forward
// kernel only the input is stored, not the exponential.
// CHECK-LABEL: func.func @derivative
// CHECK: sched.kernel "contract" contraction
// CHECK-NOT: nn.exp
// CHECK: sched.kernel "contract_mul_neg_exp" contraction
// CHECK-NOT: sched.kernel
// CHECK: return
func.func @derivative(%x: tensor<8x16xf32>, %w: tensor<16x4xf32>, %g: tensor<8x16xf32>) -> (tensor<8x4xf32>, tensor<8x4xf32>) {
  %h = nn.contract %x [0, 2], %w [2, 1] -> [0, 1] : tensor<8x16xf32>, tensor<16x4xf32>
  %s = nn.mul %h, %h : tensor<8x4xf32>
  %n = nn.neg %s : tensor<8x4xf32>
  %e = nn.exp %n : tensor<8x4xf32>
  %d = nn.contract %g [0, 2], %w [2, 1] -> [0, 1] : tensor<8x16xf32>, tensor<16x4xf32>
  %p = nn.mul %d, %h : tensor<8x4xf32>
  %y = nn.mul %p, %e : tensor<8x4xf32>
  func.return %h, %y : tensor<8x4xf32>, tensor<8x4xf32>
}
