// Every op of the sched dialect, on tensors and on memory, as its documentation writes it: read, printed, read again.
// RUN: %nn-opt %s | %nn-opt | FileCheck %s

// CHECK-LABEL: func.func @tensors
func.func @tensors(%x: tensor<4xf32>, %c: tensor<i1>, %first: tensor<i32>, %last: tensor<i32>) -> tensor<4xf32> {
  // CHECK: %[[Y:.*]] = sched.kernel "relu" elementwise inputs(%{{.*}}) : (tensor<4xf32>) -> tensor<4xf32> {
  %y = sched.kernel "relu" elementwise inputs(%x) : (tensor<4xf32>) -> tensor<4xf32> {
  ^bb0(%a: tensor<4xf32>):
    %zero = nn.constant dense<0.0> : tensor<4xf32>
    %r = nn.max %a, %zero : tensor<4xf32>
    // CHECK: sched.yield %{{.*}} : tensor<4xf32>
    sched.yield %r : tensor<4xf32>
  }
  // CHECK: sched.loop 8 carry(%[[Y]]) : (tensor<4xf32>) -> tensor<4xf32> {
  %h = sched.loop 8 carry(%y) : (tensor<4xf32>) -> tensor<4xf32> {
  ^bb0(%t: tensor<i32>, %s: tensor<4xf32>):
    sched.yield %s : tensor<4xf32>
  }
  // CHECK: sched.loop 8 bounds(%{{.*}}, %{{.*}}) carry(%{{.*}}) reverse until :
  %k = sched.loop 8 bounds(%first, %last) carry(%h) reverse until : (tensor<i32>, tensor<i32>, tensor<4xf32>) -> tensor<4xf32> {
  ^bb0(%t: tensor<i32>, %s: tensor<4xf32>):
    sched.yield %s, %c : tensor<4xf32>, tensor<i1>
  }
  // CHECK: sched.branch %{{.*}} : (tensor<i1>) -> tensor<4xf32> {
  %z = sched.branch %c : (tensor<i1>) -> tensor<4xf32> {
    sched.yield %k : tensor<4xf32>
  // CHECK: } else {
  } else {
    sched.yield %h : tensor<4xf32>
  }
  return %z : tensor<4xf32>
}

// CHECK-LABEL: func.func @memory
func.func @memory(%x: memref<4xf32>, %y: memref<4xf32>, %c: memref<i1>, %t: memref<i32>) {
  // CHECK: sched.check %{{.*}} 1 : memref<i1>
  sched.check %c 1 : memref<i1>
  // CHECK: sched.loop 8 bounds(%{{.*}}, %{{.*}}) iteration(%{{.*}}) stop(%{{.*}}) until :
  sched.loop 8 bounds(%t, %t) iteration(%t) stop(%c) until : (memref<i32>, memref<i32>, memref<i32>, memref<i1>) -> () {
    // CHECK: sched.branch %{{.*}} : (memref<i1>) -> () {
    sched.branch %c : (memref<i1>) -> () {
      // CHECK: sched.kernel "neg" elementwise inputs(%{{.*}}) outputs(%{{.*}}) : (memref<4xf32>, memref<4xf32>) -> () {
      sched.kernel "neg" elementwise inputs(%x) outputs(%y) : (memref<4xf32>, memref<4xf32>) -> () {
      ^bb0(%a: tensor<4xf32>):
        %r = nn.neg %a : tensor<4xf32>
        sched.yield %r : tensor<4xf32>
      }
      sched.yield
    } else {
      sched.yield
    }
    sched.yield
  }
  return
}

func.func private @kernel_3(%a: memref<64xf32>, %y: memref<64xf32>, %task: index, %scratch: memref<4096xi8>) attributes {nn.kernel = "copy"} {
  return
}

// CHECK-LABEL: func.func @launches
func.func @launches(%ctx: !llvm.ptr, %a: memref<64xf32>, %y: memref<64xf32>) {
  // CHECK: sched.launch %{{.*}} @kernel_3 tasks 12 scratch 4096(%{{.*}}, %{{.*}}) : !llvm.ptr, memref<64xf32>, memref<64xf32>
  sched.launch %ctx @kernel_3 tasks 12 scratch 4096 (%a, %y) : !llvm.ptr, memref<64xf32>, memref<64xf32>
  return
}
