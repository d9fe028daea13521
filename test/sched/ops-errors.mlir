// RUN: %nn-opt %s --split-input-file --verify-diagnostics

func.func @kernel_mixed(%x: tensor<4xf32>, %y: memref<4xf32>) {
  // expected-error @+1 {{has inputs and results on tensors, or inputs and outputs on memory}}
  sched.kernel "copy" elementwise inputs(%x) outputs(%y) : (tensor<4xf32>, memref<4xf32>) -> () {
  ^bb0(%a: tensor<4xf32>):
    sched.yield %a : tensor<4xf32>
  }
  return
}

// -----
func.func @kernel_of_nothing(%x: tensor<4xf32>) {
  // expected-error @+1 {{computes nothing}}
  sched.kernel "copy" elementwise inputs(%x) : (tensor<4xf32>) -> () {
  ^bb0(%a: tensor<4xf32>):
    sched.yield
  }
  return
}

// -----
func.func @kernel_arguments(%x: memref<4xf32>, %y: memref<4xf32>) {
  // expected-error @+1 {{expected a region that takes ('tensor<4xf32>')}}
  sched.kernel "copy" elementwise inputs(%x) outputs(%y) : (memref<4xf32>, memref<4xf32>) -> () {
  ^bb0(%a: tensor<5xf32>):
    %r = nn.constant dense<0.0> : tensor<4xf32>
    sched.yield %r : tensor<4xf32>
  }
  return
}

// -----
func.func @kernel_yield(%x: tensor<4xf32>) {
  // expected-error @+1 {{expected a region that yields ('tensor<5xf32>')}}
  %y = sched.kernel "copy" elementwise inputs(%x) : (tensor<4xf32>) -> tensor<5xf32> {
  ^bb0(%a: tensor<4xf32>):
    sched.yield %a : tensor<4xf32>
  }
  return
}

// -----
func.func @kernel_dynamic(%x: memref<?xf32>, %y: memref<4xf32>) {
  // expected-error @+1 {{operand #0 must be variadic of statically shaped tensor}}
  sched.kernel "copy" elementwise inputs(%x) outputs(%y) : (memref<?xf32>, memref<4xf32>) -> () {
  ^bb0(%a: tensor<?xf32>):
    %r = nn.constant dense<0.0> : tensor<4xf32>
    sched.yield %r : tensor<4xf32>
  }
  return
}

// -----
func.func @kernel_family(%x: tensor<4xf32>) {
  // expected-error @+1 {{one of the following enum values for attribute}}
  %y = sched.kernel "copy" nonsense inputs(%x) : (tensor<4xf32>) -> tensor<4xf32> {
  ^bb0(%a: tensor<4xf32>):
    sched.yield %a : tensor<4xf32>
  }
  return
}

// -----
func.func @kernel_of_a_composite(%x: tensor<4x3xf32>) {
  %y = sched.kernel "softmax" row inputs(%x) : (tensor<4x3xf32>) -> tensor<4x3xf32> {
  ^bb0(%a: tensor<4x3xf32>):
    // expected-error @+1 {{'nn.softmax' does not stand in a kernel of family row}}
    %r = nn.softmax %a axis 1 : tensor<4x3xf32>
    sched.yield %r : tensor<4x3xf32>
  }
  return
}

// -----
func.func @kernel_of_an_assert(%x: tensor<i1>) {
  %y = sched.kernel "copy" elementwise inputs(%x) : (tensor<i1>) -> tensor<i1> {
  ^bb0(%a: tensor<i1>):
    // expected-error @+1 {{'nn.assert' does not stand in a kernel of family elementwise}}
    nn.assert %a, "no"
    sched.yield %a : tensor<i1>
  }
  return
}

// -----
func.func @kernel_of_another_dialect(%x: tensor<4xf32>) {
  %y = sched.kernel "copy" elementwise inputs(%x) : (tensor<4xf32>) -> tensor<4xf32> {
  ^bb0(%a: tensor<4xf32>):
    // expected-error @+1 {{'arith.negf' does not stand in a kernel of family elementwise}}
    %r = arith.negf %a : tensor<4xf32>
    sched.yield %r : tensor<4xf32>
  }
  return
}

// -----
func.func @kernel_of_a_sort(%x: tensor<4x3xf32>) {
  %y = sched.kernel "top_k" row inputs(%x) : (tensor<4x3xf32>) -> tensor<4x2xf32> {
  ^bb0(%a: tensor<4x3xf32>):
    // expected-error @+1 {{'nn.top_k' does not stand in a kernel of family row}}
    %v, %i = nn.top_k %a 2 : tensor<4x3xf32>
    sched.yield %v : tensor<4x2xf32>
  }
  return
}

// -----
func.func @sort_of_nothing(%x: tensor<4x3xf32>) {
  // expected-error @+1 {{of family sort must yield results of its one op of that kind, each once}}
  %y = sched.kernel "copy" sort inputs(%x) : (tensor<4x3xf32>) -> tensor<4x3xf32> {
  ^bb0(%a: tensor<4x3xf32>):
    sched.yield %a : tensor<4x3xf32>
  }
  return
}

// -----
func.func @sort_twice(%x: tensor<4x3xf32>) {
  // expected-error @+1 {{of family sort must yield results of its one op of that kind, each once}}
  %y, %z = sched.kernel "top_k" sort inputs(%x) : (tensor<4x3xf32>) -> (tensor<4x2xf32>, tensor<4x2xf32>) {
  ^bb0(%a: tensor<4x3xf32>):
    %v, %i = nn.top_k %a 2 : tensor<4x3xf32>
    sched.yield %v, %v : tensor<4x2xf32>, tensor<4x2xf32>
  }
  return
}

// -----
func.func @attention_and_more(%q: tensor<2x3x4xf32>, %k: tensor<2x5x4xf32>, %v: tensor<2x5x2xf32>) {
  // expected-error @+1 {{of family attention must yield results of its one op of that kind, each once}}
  %y = sched.kernel "attention" attention inputs(%q, %k, %v) : (tensor<2x3x4xf32>, tensor<2x5x4xf32>, tensor<2x5x2xf32>) -> tensor<2x3x2xf32> {
  ^bb0(%a: tensor<2x3x4xf32>, %b: tensor<2x5x4xf32>, %c: tensor<2x5x2xf32>):
    %r, %l = nn.attention %a, %b, %c scale 1.0 : (tensor<2x3x4xf32>, tensor<2x5x4xf32>, tensor<2x5x2xf32>) -> (tensor<2x3x2xf32>, tensor<2x3xf32>)
    %n = nn.neg %r : tensor<2x3x2xf32>
    sched.yield %n : tensor<2x3x2xf32>
  }
  return
}

// -----
func.func @put_of_a_value(%x: tensor<4x3xf32>, %p: tensor<3xf32>, %t: tensor<i32>) {
  // expected-error @+1 {{of family put must yield one nn.put into an input}}
  %y = sched.kernel "put" put inputs(%x, %p, %t) : (tensor<4x3xf32>, tensor<3xf32>, tensor<i32>) -> tensor<4x3xf32> {
  ^bb0(%a: tensor<4x3xf32>, %b: tensor<3xf32>, %c: tensor<i32>):
    %n = nn.neg %a : tensor<4x3xf32>
    %r = nn.put %n, %c, %b axis 0 : tensor<4x3xf32>, tensor<3xf32>
    sched.yield %r : tensor<4x3xf32>
  }
  return
}

// -----
func.func @yield_elsewhere(%x: tensor<4xf32>) {
  // expected-error @+1 {{expects parent op to be one of 'sched.kernel, sched.loop, sched.branch'}}
  sched.yield %x : tensor<4xf32>
}

// -----
func.func @loop_length(%x: tensor<4xf32>) {
  // expected-error @+1 {{has a negative length}}
  %y = sched.loop -1 carry(%x) : (tensor<4xf32>) -> tensor<4xf32> {
  ^bb0(%t: tensor<i32>, %c: tensor<4xf32>):
    sched.yield %c : tensor<4xf32>
  }
  return
}

// -----
func.func @loop_bounds(%x: tensor<4xf32>, %n: tensor<i32>) {
  // expected-error @+1 {{takes no bounds or two}}
  %y = sched.loop 8 bounds(%n) carry(%x) : (tensor<i32>, tensor<4xf32>) -> tensor<4xf32> {
  ^bb0(%t: tensor<i32>, %c: tensor<4xf32>):
    sched.yield %c : tensor<4xf32>
  }
  return
}

// -----
func.func @loop_bounds_type(%x: tensor<4xf32>, %n: tensor<i64>) {
  // expected-error @+1 {{operand #0 must be variadic of tensor<i32> or}}
  %y = sched.loop 8 bounds(%n, %n) carry(%x) : (tensor<i64>, tensor<i64>, tensor<4xf32>) -> tensor<4xf32> {
  ^bb0(%t: tensor<i32>, %c: tensor<4xf32>):
    sched.yield %c : tensor<4xf32>
  }
  return
}

// -----
func.func @loop_bounds_memory(%x: tensor<4xf32>, %n: memref<i32>) {
  // expected-error @+1 {{on memory needs an iteration}}
  %y = sched.loop 8 bounds(%n, %n) carry(%x) : (memref<i32>, memref<i32>, tensor<4xf32>) -> tensor<4xf32> {
  ^bb0(%t: tensor<i32>, %c: tensor<4xf32>):
    sched.yield %c : tensor<4xf32>
  }
  return
}

// -----
func.func @loop_bounds_tensors(%t: memref<i32>, %n: tensor<i32>) {
  // expected-error @+1 {{has bounds in memory where its iteration is}}
  sched.loop 8 bounds(%n, %n) iteration(%t) : (tensor<i32>, tensor<i32>, memref<i32>) -> () {
    sched.yield
  }
  return
}

// -----
func.func @loop_carries_on_memory(%x: tensor<4xf32>, %t: memref<i32>) {
  // expected-error @+1 {{carries nothing on memory}}
  %y = sched.loop 8 carry(%x) iteration(%t) : (tensor<4xf32>, memref<i32>) -> tensor<4xf32> {
    sched.yield
  }
  return
}

// -----
func.func @loop_stop(%t: memref<i32>, %c: memref<i1>) {
  // expected-error @+1 {{has until and stop on memory, or neither}}
  sched.loop 8 iteration(%t) stop(%c) : (memref<i32>, memref<i1>) -> () {
    sched.yield
  }
  return
}

// -----
func.func @loop_results(%x: tensor<4xf32>) {
  // expected-error @+1 {{returns every carried value, of its type}}
  %y = sched.loop 8 carry(%x) : (tensor<4xf32>) -> tensor<5xf32> {
  ^bb0(%t: tensor<i32>, %c: tensor<4xf32>):
    sched.yield %c : tensor<4xf32>
  }
  return
}

// -----
func.func @loop_until(%x: tensor<4xf32>) {
  // expected-error @+1 {{expected a region that yields ('tensor<4xf32>', 'tensor<i1>')}}
  %y = sched.loop 8 carry(%x) until : (tensor<4xf32>) -> tensor<4xf32> {
  ^bb0(%t: tensor<i32>, %c: tensor<4xf32>):
    sched.yield %c : tensor<4xf32>
  }
  return
}

// -----
func.func @branch_yield(%c: tensor<i1>, %x: tensor<4xf32>) {
  // expected-error @+1 {{expected a region that yields ('tensor<4xf32>')}}
  %y = sched.branch %c : (tensor<i1>) -> tensor<4xf32> {
    sched.yield %x : tensor<4xf32>
  } else {
    sched.yield
  }
  return
}

// -----
func.func @branch_on_memory(%c: memref<i1>, %x: tensor<4xf32>) {
  // expected-error @+1 {{returns nothing on memory}}
  %y = sched.branch %c : (memref<i1>) -> tensor<4xf32> {
    sched.yield %x : tensor<4xf32>
  } else {
    sched.yield %x : tensor<4xf32>
  }
  return
}

// -----
func.func @branch_condition(%c: tensor<i32>) {
  // expected-error @+1 {{operand #0 must be tensor<i1> or}}
  sched.branch %c : (tensor<i32>) -> () {
    sched.yield
  } else {
    sched.yield
  }
  return
}

// -----
func.func @check_number(%c: memref<i1>) {
  // expected-error @+1 {{attribute 'number' failed to satisfy constraint}}
  sched.check %c 0 : memref<i1>
  return
}

// -----
func.func @launch_tasks(%ctx: !llvm.ptr, %a: memref<64xf32>) {
  // expected-error @+1 {{attribute 'tasks' failed to satisfy constraint}}
  sched.launch %ctx @k tasks -1 scratch 0 (%a) : !llvm.ptr, memref<64xf32>
  return
}

// -----
func.func @not_a_kernel() {
  return
}
func.func @launch_of_no_kernel(%ctx: !llvm.ptr, %a: memref<64xf32>) {
  // expected-error @+1 {{'not_a_kernel' is no kernel}}
  sched.launch %ctx @not_a_kernel tasks 1 scratch 0 (%a) : !llvm.ptr, memref<64xf32>
  return
}

// -----
func.func private @k(%a: memref<64xf32>, %task: index, %scratch: memref<0xi8>) attributes {nn.kernel = "k"} {
  return
}
func.func @launch_count(%ctx: !llvm.ptr, %a: memref<64xf32>) {
  // expected-error @+1 {{passes 2 buffers to 'k', which takes 1}}
  sched.launch %ctx @k tasks 1 scratch 0 (%a, %a) : !llvm.ptr, memref<64xf32>, memref<64xf32>
  return
}

// -----
func.func private @k(%a: memref<64xf32>, %task: index, %scratch: memref<0xi8>) attributes {nn.kernel = "k"} {
  return
}
func.func @launch_types(%ctx: !llvm.ptr, %a: memref<32xf32>) {
  // expected-error @+1 {{passes buffers to 'k' of other types than it takes}}
  sched.launch %ctx @k tasks 1 scratch 0 (%a) : !llvm.ptr, memref<32xf32>
  return
}

// -----
func.func @launch_context(%a: memref<64xf32>) {
  // expected-error @+1 {{operand #0 must be LLVM pointer type}}
  sched.launch %a @k tasks 1 scratch 0 (%a) : memref<64xf32>, memref<64xf32>
  return
}
