// RUN: nn-check %s
// RUN: nn-check %s --no-pass nn-form-kernels
// RUN: nn-check %s --no-pass nn-reuse-buffers
// Scans and conditionals: carried values in place, exchanged, stacked, with bounds and early ends.
func.func @recurrence(%xs: tensor<8x4x20xf32>, %h0: tensor<4x20xf32>, %w: tensor<20x20xf32>) -> (tensor<4x20xf32>, tensor<8x4x20xf32>) {
  %h, %ys = nn.scan 8 carry(%h0) inputs(%xs) constants(%w) : (tensor<4x20xf32>, tensor<8x4x20xf32>, tensor<20x20xf32>) -> (tensor<4x20xf32>, tensor<8x4x20xf32>) {
  ^bb0(%t: tensor<i32>, %c: tensor<4x20xf32>, %x: tensor<4x20xf32>, %m: tensor<20x20xf32>):
    %p = nn.contract %c [0, 2], %m [2, 1] -> [0, 1] : tensor<4x20xf32>, tensor<20x20xf32>
    %s = nn.add %p, %x : tensor<4x20xf32>
    %n = nn.tanh %s : tensor<4x20xf32>
    nn.yield %n, %n : tensor<4x20xf32>, tensor<4x20xf32>
  }
  func.return %h, %ys : tensor<4x20xf32>, tensor<8x4x20xf32>
}
func.func @reversed_sum(%xs: tensor<7x33xf32>) -> (tensor<33xf32>, tensor<7x33xf32>) {
  %z = nn.constant dense<0.0> : tensor<33xf32>
  %s, %ys = nn.scan 7 carry(%z) inputs(%xs) reverse : (tensor<33xf32>, tensor<7x33xf32>) -> (tensor<33xf32>, tensor<7x33xf32>) {
  ^bb0(%t: tensor<i32>, %c: tensor<33xf32>, %x: tensor<33xf32>):
    %n = nn.add %c, %x : tensor<33xf32>
    nn.yield %n, %c : tensor<33xf32>, tensor<33xf32>
  }
  func.return %s, %ys : tensor<33xf32>, tensor<7x33xf32>
}
func.func @exchange(%a: tensor<9xf32>, %b: tensor<9xf32>) -> (tensor<9xf32>, tensor<9xf32>) {
  %r:2 = nn.scan 5 carry(%a, %b) : (tensor<9xf32>, tensor<9xf32>) -> (tensor<9xf32>, tensor<9xf32>) {
  ^bb0(%t: tensor<i32>, %x: tensor<9xf32>, %y: tensor<9xf32>):
    nn.yield %y, %x : tensor<9xf32>, tensor<9xf32>
  }
  func.return %r#0, %r#1 : tensor<9xf32>, tensor<9xf32>
}
func.func @fibonacci(%a: tensor<9xf32>, %b: tensor<9xf32>) -> (tensor<9xf32>, tensor<9xf32>) {
  %r:2 = nn.scan 6 carry(%a, %b) : (tensor<9xf32>, tensor<9xf32>) -> (tensor<9xf32>, tensor<9xf32>) {
  ^bb0(%t: tensor<i32>, %x: tensor<9xf32>, %y: tensor<9xf32>):
    %s = nn.add %x, %y : tensor<9xf32>
    nn.yield %y, %s : tensor<9xf32>, tensor<9xf32>
  }
  func.return %r#0, %r#1 : tensor<9xf32>, tensor<9xf32>
}
func.func @bounded(%x: tensor<12xf32>, %first: tensor<i32> {check.bound = 2 : i64}, %last: tensor<i32> {check.bound = 5 : i64}) -> tensor<12xf32> {
  %y = nn.scan 5 bounds(%first, %last) carry(%x) : (tensor<i32>, tensor<i32>, tensor<12xf32>) -> tensor<12xf32> {
  ^bb0(%t: tensor<i32>, %c: tensor<12xf32>):
    %f = nn.cast %t : tensor<i32> to tensor<f32>
    %b = nn.broadcast %f [] : tensor<f32> to tensor<12xf32>
    %n = nn.add %c, %b : tensor<12xf32>
    nn.yield %n : tensor<12xf32>
  }
  func.return %y : tensor<12xf32>
}
func.func @until(%x: tensor<f32> {check.low = 0.5}) -> (tensor<f32>, tensor<20xf32>) {
  %y, %ys = nn.scan 20 carry(%x) until : (tensor<f32>) -> (tensor<f32>, tensor<20xf32>) {
  ^bb0(%t: tensor<i32>, %c: tensor<f32>):
    %n = nn.add %c, %c : tensor<f32>
    %limit = nn.constant dense<30.0> : tensor<f32>
    %stop = nn.compare gt %n, %limit : tensor<f32>
    nn.yield %n, %n, %stop : tensor<f32>, tensor<f32>, tensor<i1>
  }
  func.return %y, %ys : tensor<f32>, tensor<20xf32>
}
func.func @nested(%x: tensor<3x5xf32>) -> tensor<3x5xf32> {
  %y = nn.scan 3 carry(%x) : (tensor<3x5xf32>) -> tensor<3x5xf32> {
  ^bb0(%t: tensor<i32>, %c: tensor<3x5xf32>):
    %z = nn.scan 4 carry(%c) constants(%t) : (tensor<3x5xf32>, tensor<i32>) -> tensor<3x5xf32> {
    ^bb0(%u: tensor<i32>, %d: tensor<3x5xf32>, %o: tensor<i32>):
      %s = nn.add %u, %o : tensor<i32>
      %f = nn.cast %s : tensor<i32> to tensor<f32>
      %b = nn.broadcast %f [] : tensor<f32> to tensor<3x5xf32>
      %n = nn.add %d, %b : tensor<3x5xf32>
      nn.yield %n : tensor<3x5xf32>
    }
    nn.yield %z : tensor<3x5xf32>
  }
  func.return %y : tensor<3x5xf32>
}
func.func @choice(%c: tensor<i1>, %x: tensor<40xf32>) -> (tensor<40xf32>, tensor<40xf32>) {
  %n = nn.not %c : tensor<i1>
  %y = nn.if %c (%x) : (tensor<i1>, tensor<40xf32>) -> tensor<40xf32> {
  ^bb0(%a: tensor<40xf32>):
    %e = nn.exp %a : tensor<40xf32>
    nn.yield %e : tensor<40xf32>
  } else {
  ^bb0(%a: tensor<40xf32>):
    nn.yield %a : tensor<40xf32>
  }
  %z = nn.if %n (%x) : (tensor<i1>, tensor<40xf32>) -> tensor<40xf32> {
  ^bb0(%a: tensor<40xf32>):
    %e = nn.sin %a : tensor<40xf32>
    nn.yield %e : tensor<40xf32>
  } else {
  ^bb0(%a: tensor<40xf32>):
    nn.yield %a : tensor<40xf32>
  }
  func.return %y, %z : tensor<40xf32>, tensor<40xf32>
}
func.func @in_place(%p: tensor<40xf32> {learn.kind = #learn.kind<param>, learn.name = "p"}, %q: tensor<40xf32> {learn.kind = #learn.kind<param>, learn.name = "q"})
    -> (tensor<40xf32> {learn.kind = #learn.kind<param>, learn.name = "q"}, tensor<40xf32> {learn.kind = #learn.kind<param>, learn.name = "p"}) {
  func.return %p, %q : tensor<40xf32>, tensor<40xf32>
}
