// RUN: %nn-opt %s --split-input-file --verify-diagnostics

func.func @iota() {
  // expected-error @+1 {{axis 2 is out of range for rank 2}}
  %0 = nn.iota 2 : tensor<4x3xi32>
  return
}

// -----
func.func @broadcast_axes(%x: tensor<3xf32>) {
  // expected-error @+1 {{needs one result axis for each of the 1 operand axes, but got 2}}
  %0 = nn.broadcast %x [0, 1] : tensor<3xf32> to tensor<4x3xf32>
  return
}

// -----
func.func @broadcast_size(%x: tensor<3xf32>) {
  // expected-error @+1 {{operand axis 0 has size 3 but result axis 0 has size 4}}
  %0 = nn.broadcast %x [0] : tensor<3xf32> to tensor<4x3xf32>
  return
}

// -----
func.func @broadcast_order(%x: tensor<3x4xf32>) {
  // expected-error @+1 {{axes must be ascending and distinct, but 0 follows 1}}
  %0 = nn.broadcast %x [1, 0] : tensor<3x4xf32> to tensor<4x3xf32>
  return
}

// -----
func.func @broadcast_type(%x: tensor<3xf32>) {
  // expected-error @+1 {{element types of operand and result differ}}
  %0 = nn.broadcast %x [0] : tensor<3xf32> to tensor<3x4xf64>
  return
}

// -----
func.func @reshape(%x: tensor<4x3xf32>) {
  // expected-error @+1 {{cannot give 12 elements a shape of 10}}
  %0 = nn.reshape %x : tensor<4x3xf32> to tensor<10xf32>
  return
}

// -----
func.func @transpose(%x: tensor<4x3xf32>) {
  // expected-error @+1 {{[0, 0] is not a permutation of 2 axes}}
  %0 = nn.transpose %x [0, 0] : tensor<4x3xf32>
  return
}

// -----
func.func @slice(%x: tensor<4x8xf32>) {
  // expected-error @+1 {{the box leaves axis 1 of size 8}}
  %0 = nn.slice %x [0, 4] [1, 2] : tensor<4x8xf32> to tensor<4x3xf32>
  return
}

// -----
func.func @slice_stride(%x: tensor<4x8xf32>) {
  // expected-error @+1 {{stride of axis 0 must be positive, but is 0}}
  %0 = nn.slice %x [0, 4] [0, 1] : tensor<4x8xf32> to tensor<4x3xf32>
  return
}

// -----
func.func @slice_rank(%x: tensor<4x8xf32>) {
  // expected-error @+1 {{needs an offset, a stride and a result size for each of the 2 axes}}
  %0 = nn.slice %x [0] [1, 1] : tensor<4x8xf32> to tensor<4x3xf32>
  return
}

// -----
func.func @pad(%x: tensor<4xf32>) {
  // expected-error @+1 {{counts of axis 0 must not be negative}}
  %0 = nn.pad %x [-1] [0] [0] : tensor<4xf32>
  return
}

// -----
func.func @concat(%a: tensor<4x3xf32>, %b: tensor<5x3xf32>) {
  // expected-error @+1 {{parts differ outside axis 1}}
  %0 = nn.concat %a, %b axis 1 : tensor<4x3xf32>, tensor<5x3xf32>
  return
}

// -----
func.func @put(%x: tensor<4x8xf32>, %t: tensor<i32>, %p: tensor<8xf32>) {
  // expected-error @+1 {{expected a piece of type 'tensor<4xf32>', but got 'tensor<8xf32>'}}
  %0 = nn.put %x, %t, %p axis 1 : tensor<4x8xf32>, tensor<8xf32>
  return
}

// -----
func.func @scatter_add(%x: tensor<4x8xf32>, %i: tensor<5xi32>) {
  // expected-error @+1 {{expected updates of type 'tensor<5x8xf32>', but got 'tensor<4x8xf32>'}}
  %0 = nn.scatter_add %x, %i axis 0 : tensor<4x8xf32>, tensor<5xi32> to tensor<9x8xf32>
  return
}

// -----
func.func @window(%x: tensor<4x8xf32>) {
  // expected-error @+1 {{windows of size 9 and stride 1 do not fit axis 1 of size 8}}
  %0 = nn.window %x axes [1] sizes [9] strides [1] : tensor<4x8xf32>
  return
}

// -----
func.func @unwindow(%x: tensor<4x6x3xf32>) {
  // expected-error @+1 {{expected windows of type 'tensor<4x7x3xf32>', but got 'tensor<4x6x3xf32>'}}
  %0 = nn.unwindow %x axes [1] sizes [3] strides [1] : tensor<4x6x3xf32> to tensor<4x9xf32>
  return
}

// -----
func.func @reduce_truth(%x: tensor<4x3xi1>) {
  // expected-error @+1 {{sum of 'i1' is not defined}}
  %0 = nn.reduce sum %x [1] : tensor<4x3xi1>
  return
}

// -----
func.func @cumulative(%x: tensor<4x3xf32>) {
  // expected-error @+1 {{runs a sum or a product, not max}}
  %0 = nn.cumulative max %x axis 1 : tensor<4x3xf32>
  return
}

// -----
func.func @top_k(%x: tensor<4x3xf32>) {
  // expected-error @+1 {{cannot take the 5 largest of 'tensor<4x3xf32>' along its last axis}}
  %0, %1 = nn.top_k %x 5 : tensor<4x3xf32>
  return
}

// -----
func.func @cross_entropy(%x: tensor<4x3xf32>, %l: tensor<3xi32>) {
  // expected-error @+1 {{labels of 'tensor<3xi32>' do not index the last axis of 'tensor<4x3xf32>'}}
  %0 = nn.cross_entropy %x, %l : tensor<4x3xf32>, tensor<3xi32>
  return
}

// -----
func.func @contract_size(%a: tensor<4x8xf32>, %b: tensor<7x3xf32>) {
  // expected-error @+1 {{label 2 has size 8 in one operand and 7 in the other}}
  %0 = nn.contract %a [0, 2], %b [2, 1] -> [0, 1] : tensor<4x8xf32>, tensor<7x3xf32>
  return
}

// -----
func.func @contract_twice(%a: tensor<4x4xf32>, %b: tensor<4x3xf32>) {
  // expected-error @+1 {{label 0 stands twice in [0, 0]}}
  %0 = nn.contract %a [0, 0], %b [0, 1] -> [0, 1] : tensor<4x4xf32>, tensor<4x3xf32>
  return
}

// -----
func.func @contract_unknown(%a: tensor<4x8xf32>, %b: tensor<8x3xf32>) {
  // expected-error @+1 {{label 5 of the result stands in no operand}}
  %0 = nn.contract %a [0, 2], %b [2, 1] -> [0, 5] : tensor<4x8xf32>, tensor<8x3xf32>
  return
}

// -----
func.func @contract_rank(%a: tensor<4x8xf32>, %b: tensor<8x3xf32>) {
  // expected-error @+1 {{[0] does not label the 2 axes of 'tensor<4x8xf32>'}}
  %0 = nn.contract %a [0], %b [2, 1] -> [0, 1] : tensor<4x8xf32>, tensor<8x3xf32>
  return
}

// -----
func.func @attention(%q: tensor<5x4xf32>, %k: tensor<7x3xf32>) {
  // expected-error @+1 {{q and k have different features}}
  %0, %1 = nn.attention %q, %k, %k scale 1.0 : (tensor<5x4xf32>, tensor<7x3xf32>, tensor<7x3xf32>) -> (tensor<5x3xf32>, tensor<5xf32>)
  return
}

// -----
func.func @attention_mask(%q: tensor<5x4xf32>, %k: tensor<7x4xf32>, %m: tensor<6xi1>) {
  // expected-error @+1 {{mask axis 0 has size 6 but axis 1 of the scores has size 7}}
  %0, %1 = nn.attention %q, %k, %k mask %m [1] scale 1.0 : (tensor<5x4xf32>, tensor<7x4xf32>, tensor<7x4xf32>, tensor<6xi1>) -> (tensor<5x4xf32>, tensor<5xf32>)
  return
}

// -----
func.func @scan_input(%h: tensor<4xf32>, %x: tensor<7x4xf32>) {
  // expected-error @+1 {{stacked input 0 of type 'tensor<7x4xf32>' does not have 8 iterations on axis 0}}
  %0 = nn.scan 8 carry(%h) inputs(%x) : (tensor<4xf32>, tensor<7x4xf32>) -> tensor<4xf32> {
  ^bb0(%t: tensor<i32>, %a: tensor<4xf32>, %b: tensor<4xf32>):
    nn.yield %a : tensor<4xf32>
  }
  return
}

// -----
func.func @scan_yield(%h: tensor<4xf32>) {
  // expected-error @+1 {{expected its region to end with nn.yield of ('tensor<4xf32>')}}
  %0 = nn.scan 8 carry(%h) : (tensor<4xf32>) -> tensor<4xf32> {
  ^bb0(%t: tensor<i32>, %a: tensor<4xf32>):
    nn.yield
  }
  return
}

// -----
func.func @scan_arguments(%h: tensor<4xf32>) {
  // expected-error @+1 {{expected a region with arguments ('tensor<i32>', 'tensor<4xf32>')}}
  %0 = nn.scan 8 carry(%h) : (tensor<4xf32>) -> tensor<4xf32> {
  ^bb0(%a: tensor<4xf32>):
    nn.yield %a : tensor<4xf32>
  }
  return
}

// -----
func.func @scan_bounds(%h: tensor<4xf32>, %t: tensor<i32>) {
  // expected-error @+1 {{bounds are two numbers, first and last}}
  %0 = nn.scan 8 bounds(%t) carry(%h) : (tensor<i32>, tensor<4xf32>) -> tensor<4xf32> {
  ^bb0(%s: tensor<i32>, %a: tensor<4xf32>):
    nn.yield %a : tensor<4xf32>
  }
  return
}
