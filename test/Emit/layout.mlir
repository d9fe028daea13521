// RUN: nn-check %s
// RUN: nn-check %s --no-pass nn-form-kernels
// RUN: nn-check %s --cpu x86-64-v3
// Ops that move elements, alone and in front of or behind others.
func.func @transpose(%x: tensor<5x7x20xf32>) -> (tensor<20x5x7xf32>) {
  %a = nn.exp %x : tensor<5x7x20xf32>
  %y = nn.transpose %a [2, 0, 1] : tensor<5x7x20xf32>
  func.return %y : tensor<20x5x7xf32>
}
func.func @slice_reverse(%x: tensor<9x40xf32>) -> (tensor<3x17xf32>) {
  %r = nn.reverse %x [1] : tensor<9x40xf32>
  %s = nn.slice %r [1, 3] [3, 2] : tensor<9x40xf32> to tensor<3x17xf32>
  %y = nn.mul %s, %s : tensor<3x17xf32>
  func.return %y : tensor<3x17xf32>
}
func.func @pad(%x: tensor<4x11xf32>) -> (tensor<7x26xf32>) {
  %y = nn.pad %x [1, 2] [2, 3] [0, 1] value 0.5 : tensor<4x11xf32>
  func.return %y : tensor<7x26xf32>
}
func.func @pad_plain(%x: tensor<4x31xf32>) -> (tensor<6x37xf32>) {
  %a = nn.tanh %x : tensor<4x31xf32>
  %y = nn.pad %a [1, 2] [1, 4] [0, 0] : tensor<4x31xf32>
  func.return %y : tensor<6x37xf32>
}
func.func @concat(%a: tensor<3x20xf32>, %b: tensor<3x9xf32>, %c: tensor<3x1xf32>) -> (tensor<3x30xf32>) {
  %n = nn.neg %b : tensor<3x9xf32>
  %y = nn.concat %a, %n, %c axis 1 : tensor<3x20xf32>, tensor<3x9xf32>, tensor<3x1xf32>
  func.return %y : tensor<3x30xf32>
}
func.func @concat_rows(%a: tensor<2x20xf32>, %b: tensor<4x20xf32>) -> (tensor<6x20xf32>) {
  %y = nn.concat %a, %b axis 0 : tensor<2x20xf32>, tensor<4x20xf32>
  func.return %y : tensor<6x20xf32>
}
func.func @reshape(%x: tensor<6x20xf32>) -> (tensor<4x30xf32>, tensor<3x40xf32>) {
  %e = nn.exp %x : tensor<6x20xf32>
  %y = nn.reshape %e : tensor<6x20xf32> to tensor<4x30xf32>
  %z = nn.sin %y : tensor<4x30xf32>
  %w = nn.reshape %z : tensor<4x30xf32> to tensor<3x40xf32>
  %v = nn.add %w, %w : tensor<3x40xf32>
  func.return %z, %v : tensor<4x30xf32>, tensor<3x40xf32>
}
func.func @iota(%x: tensor<6x20xf32>) -> (tensor<6x20xf32>, tensor<6x20xi32>) {
  %i = nn.iota 0 : tensor<6x20xf32>
  %j = nn.iota 1 : tensor<6x20xi32>
  %y = nn.mul %i, %x : tensor<6x20xf32>
  %k = nn.mul %j, %j : tensor<6x20xi32>
  func.return %y, %k : tensor<6x20xf32>, tensor<6x20xi32>
}
func.func @constant(%x: tensor<2x3xf32>) -> (tensor<2x3xf32>) {
  %c = nn.constant dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32>
  %y = nn.mul %c, %x : tensor<2x3xf32>
  func.return %y : tensor<2x3xf32>
}
func.func @gather(%x: tensor<10x33xf32>, %i: tensor<4x5xi32> {check.bound = 10 : i64}) -> (tensor<4x5x33xf32>) {
  %g = nn.gather %x, %i axis 0 : tensor<10x33xf32>, tensor<4x5xi32>
  %y = nn.mul %g, %g : tensor<4x5x33xf32>
  func.return %y : tensor<4x5x33xf32>
}
func.func @gather_last(%x: tensor<3x10xf32>, %i: tensor<21xi32> {check.bound = 10 : i64}) -> (tensor<3x21xf32>) {
  %y = nn.gather %x, %i axis 1 : tensor<3x10xf32>, tensor<21xi32>
  func.return %y : tensor<3x21xf32>
}
func.func @scatter(%u: tensor<4x5x33xf32>, %i: tensor<4x5xi32> {check.bound = 10 : i64}) -> (tensor<10x33xf32>) {
  %v = nn.neg %u : tensor<4x5x33xf32>
  %y = nn.scatter_add %v, %i axis 0 : tensor<4x5x33xf32>, tensor<4x5xi32> to tensor<10x33xf32>
  func.return %y : tensor<10x33xf32>
}
func.func @scatter_middle(%u: tensor<3x6x7xf32>, %i: tensor<6xi32> {check.bound = 5 : i64}) -> (tensor<3x5x7xf32>) {
  %y = nn.scatter_add %u, %i axis 1 : tensor<3x6x7xf32>, tensor<6xi32> to tensor<3x5x7xf32>
  func.return %y : tensor<3x5x7xf32>
}
func.func @window(%x: tensor<2x3x10x12xf32>) -> (tensor<2x3x4x10x3x3xf32>) {
  %y = nn.window %x axes [2, 3] sizes [3, 3] strides [2, 1] : tensor<2x3x10x12xf32>
  func.return %y : tensor<2x3x4x10x3x3xf32>
}
func.func @unwindow(%x: tensor<2x4x10x3x3xf32>) -> (tensor<2x10x12xf32>) {
  %e = nn.exp %x : tensor<2x4x10x3x3xf32>
  %y = nn.unwindow %e axes [1, 2] sizes [3, 3] strides [2, 1] : tensor<2x4x10x3x3xf32> to tensor<2x10x12xf32>
  func.return %y : tensor<2x10x12xf32>
}
func.func @pool(%x: tensor<2x3x8x40xf32>) -> (tensor<2x3x4x20xf32>) {
  %w = nn.window %x axes [2, 3] sizes [2, 2] strides [2, 2] : tensor<2x3x8x40xf32>
  %y = nn.reduce max %w [4, 5] : tensor<2x3x4x20x2x2xf32>
  func.return %y : tensor<2x3x4x20xf32>
}
func.func @convolution(%x: tensor<2x3x8x9xf32>, %w: tensor<5x3x3x3xf32>) -> (tensor<2x5x8x9xf32>) {
  %p = nn.pad %x [0, 0, 1, 1] [0, 0, 1, 1] [0, 0, 0, 0] : tensor<2x3x8x9xf32>
  %v = nn.window %p axes [2, 3] sizes [3, 3] strides [1, 1] : tensor<2x3x10x11xf32>
  %y = nn.contract %v [0, 1, 2, 3, 4, 5], %w [6, 1, 4, 5] -> [0, 6, 2, 3] : tensor<2x3x8x9x3x3xf32>, tensor<5x3x3x3xf32>
  %z = nn.neg %y : tensor<2x5x8x9xf32>
  func.return %z : tensor<2x5x8x9xf32>
}
func.func @at_put(%x: tensor<4x8x13xf32>, %t: tensor<i32> {check.bound = 8 : i64}) -> (tensor<4x13xf32>, tensor<4x8x13xf32>) {
  %a = nn.at %x, %t axis 1 : tensor<4x8x13xf32>
  %b = nn.exp %a : tensor<4x13xf32>
  %y = nn.put %x, %t, %b axis 1 : tensor<4x8x13xf32>, tensor<4x13xf32>
  func.return %b, %y : tensor<4x13xf32>, tensor<4x8x13xf32>
}
func.func @random(%s: tensor<i64>, %t: tensor<i64>, %k: tensor<i32>) -> (tensor<3x32xf32> {check.units = 0.5}, tensor<3x7xf32>, tensor<5x20xf32>) {
  %a = nn.random uniform site 12345678901 (%s, %t, %k) : tensor<3x32xf32>
  %b = nn.random normal site -3 (%s, %t, %k) : tensor<3x7xf32>
  %c = nn.random normal site 7 (%s, %t, %k) : tensor<5x20xf32>
  func.return %a, %b, %c : tensor<3x32xf32>, tensor<3x7xf32>, tensor<5x20xf32>
}
func.func @logic(%a: tensor<4x19xi1>, %b: tensor<4x19xi1>, %x: tensor<4x19xi32> {check.bound = 50 : i64}) -> (tensor<4x19xi1>, tensor<4x19xi32>, tensor<4x19xf32>, tensor<4x19xi64>) {
  %c = nn.xor %a, %b : tensor<4x19xi1>
  %n = nn.not %c : tensor<4x19xi1>
  %seven = nn.constant dense<-7> : tensor<4x19xi32>
  %q = nn.floordiv %x, %seven : tensor<4x19xi32>
  %m = nn.mod %x, %seven : tensor<4x19xi32>
  %s = nn.add %q, %m : tensor<4x19xi32>
  %f = nn.cast %n : tensor<4x19xi1> to tensor<4x19xf32>
  %l = nn.cast %x : tensor<4x19xi32> to tensor<4x19xi64>
  func.return %n, %s, %f, %l : tensor<4x19xi1>, tensor<4x19xi32>, tensor<4x19xf32>, tensor<4x19xi64>
}
