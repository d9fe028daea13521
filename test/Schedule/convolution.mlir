// RUN: %nn-opt %s --to-fused | FileCheck %s

// The gradient of a convolution's input stores no windows: it is the convolution of the padded gradient, cut to what is asked for, with
// the filter turned around.
// CHECK-LABEL: func.func @input
// CHECK-DAG: sched.kernel "reverse_transpose" elementwise{{.*}} -> tensor<3x5x3x3xf32>
// CHECK-DAG: sched.kernel "pad" elementwise{{.*}} -> tensor<2x5x10x10xf32>
// CHECK: sched.kernel "window_contract" contraction{{.*}} -> tensor<2x3x8x8xf32>
// CHECK-NOT: unwindow
// CHECK: return
func.func @input(%dy: tensor<2x5x8x8xf32>, %w: tensor<5x3x3x3xf32>) -> tensor<2x3x8x8xf32> {
  %v = nn.contract %dy [0, 6, 2, 3], %w [6, 1, 4, 5] -> [0, 1, 2, 3, 4, 5] : tensor<2x5x8x8xf32>, tensor<5x3x3x3xf32>
  %g = nn.unwindow %v axes [2, 3] sizes [3, 3] strides [1, 1] : tensor<2x3x8x8x3x3xf32> to tensor<2x3x10x10xf32>
  %s = nn.slice %g [0, 0, 1, 1] [1, 1, 1, 1] : tensor<2x3x10x10xf32> to tensor<2x3x8x8xf32>
  func.return %s : tensor<2x3x8x8xf32>
}

// A stride of 2 makes phases, not zeros between the elements.
// CHECK-LABEL: func.func @strided
// CHECK-NOT: unwindow
// CHECK: sched.kernel {{.*}}contraction{{.*}} -> tensor<{{.*}}2x2x5xf32>
// CHECK: return
func.func @strided(%dy: tensor<2x5x4xf32>, %w: tensor<5x3x3xf32>) -> tensor<2x3x9xf32> {
  %v = nn.contract %dy [0, 4, 2], %w [4, 1, 3] -> [0, 1, 2, 3] : tensor<2x5x4xf32>, tensor<5x3x3xf32>
  %g = nn.unwindow %v axes [2] sizes [3] strides [2] : tensor<2x3x4x3xf32> to tensor<2x3x9xf32>
  func.return %g : tensor<2x3x9xf32>
}

// A mean over pictures and positions, and what follows it channel by channel, is one kernel.
// CHECK-LABEL: func.func @channels
// CHECK: sched.kernel "{{.*}}exp_sum{{.*}}" row
// CHECK-NOT: sched.kernel
// CHECK: return
func.func @channels(%x: tensor<4x16x5x5xf32>) -> tensor<4x16x5x5xf32> {
  %e = nn.exp %x : tensor<4x16x5x5xf32>
  %s = nn.reduce sum %e [0, 2, 3] : tensor<4x16x5x5xf32>
  %b = nn.broadcast %s [1] : tensor<16xf32> to tensor<4x16x5x5xf32>
  %y = nn.div %e, %b : tensor<4x16x5x5xf32>
  func.return %y : tensor<4x16x5x5xf32>
}
