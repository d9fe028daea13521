// RUN: %nn-opt %s --to-fused --to-buffers | FileCheck %s

// A parameter is updated where it lies; nothing needs the arena.
// CHECK-LABEL: func.func @update
// CHECK-SAME: %{{[^:]*}}: memref<0xi8>, %[[P:[^:]*]]: memref<64xf32> {learn.kind = #learn.kind<param>, learn.name = "p"}, %[[G:[^:]*]]: memref<64xf32> {learn.kind = #learn.kind<gradient>, learn.name = "p"})
// CHECK-SAME: nn.arena_bytes = 0
// CHECK: sched.kernel {{.*}} inputs(%[[P]], %[[G]]) outputs(%[[P]])
func.func @update(%p: tensor<64xf32> {learn.kind = #learn.kind<param>, learn.name = "p"}, %g: tensor<64xf32> {learn.kind = #learn.kind<gradient>, learn.name = "p"})
    -> (tensor<64xf32> {learn.kind = #learn.kind<param>, learn.name = "p"}) {
  %y = nn.sub %p, %g : tensor<64xf32>
  func.return %y : tensor<64xf32>
}

// A chain of products needs two places, whatever its length.
// CHECK-LABEL: func.func @chain
// CHECK-SAME: nn.arena_bytes = 8192
func.func @chain(%x: tensor<32x32xf32> {learn.kind = #learn.kind<input>, learn.name = "x"}) -> (tensor<32x32xf32> {learn.kind = #learn.kind<show>, learn.name = "y"}) {
  %a = nn.contract %x [0, 2], %x [2, 1] -> [0, 1] : tensor<32x32xf32>, tensor<32x32xf32>
  %b = nn.contract %a [0, 2], %a [2, 1] -> [0, 1] : tensor<32x32xf32>, tensor<32x32xf32>
  %c = nn.contract %b [0, 2], %b [2, 1] -> [0, 1] : tensor<32x32xf32>, tensor<32x32xf32>
  %d = nn.contract %c [0, 2], %c [2, 1] -> [0, 1] : tensor<32x32xf32>, tensor<32x32xf32>
  func.return %d : tensor<32x32xf32>
}
