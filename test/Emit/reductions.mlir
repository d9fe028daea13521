// RUN: nn-check %s
// RUN: nn-check %s --no-pass nn-form-kernels
// RUN: nn-check %s --cpu x86-64-v3
// Reductions over every kind of axes, chains over rows, order statistics.
func.func @sum_rows(%x: tensor<7x100xf32>) -> (tensor<7xf32>) {
  %e = nn.sin %x : tensor<7x100xf32>
  %y = nn.reduce sum %e [1] : tensor<7x100xf32>
  func.return %y : tensor<7xf32>
}
func.func @max_rows(%x: tensor<7x100xf32>) -> (tensor<7xf32>) {
  %e = nn.sin %x : tensor<7x100xf32>
  %y = nn.reduce max %e [1] : tensor<7x100xf32>
  func.return %y : tensor<7xf32>
}
func.func @sum_columns(%x: tensor<300x37xf32>) -> (tensor<37xf32>) {
  %e = nn.sin %x : tensor<300x37xf32>
  %y = nn.reduce sum %e [0] : tensor<300x37xf32>
  func.return %y : tensor<37xf32>
}
func.func @max_columns(%x: tensor<300x37xf32>) -> (tensor<37xf32>) {
  %e = nn.sin %x : tensor<300x37xf32>
  %y = nn.reduce max %e [0] : tensor<300x37xf32>
  func.return %y : tensor<37xf32>
}
func.func @sum_all(%x: tensor<37x41xf32>) -> (tensor<f32>) {
  %e = nn.sin %x : tensor<37x41xf32>
  %y = nn.reduce sum %e [0, 1] : tensor<37x41xf32>
  func.return %y : tensor<f32>
}
func.func @max_all(%x: tensor<37x41xf32>) -> (tensor<f32>) {
  %e = nn.sin %x : tensor<37x41xf32>
  %y = nn.reduce max %e [0, 1] : tensor<37x41xf32>
  func.return %y : tensor<f32>
}
func.func @sum_middle(%x: tensor<5x30x18xf32>) -> (tensor<5x18xf32>) {
  %e = nn.sin %x : tensor<5x30x18xf32>
  %y = nn.reduce sum %e [1] : tensor<5x30x18xf32>
  func.return %y : tensor<5x18xf32>
}
func.func @max_middle(%x: tensor<5x30x18xf32>) -> (tensor<5x18xf32>) {
  %e = nn.sin %x : tensor<5x30x18xf32>
  %y = nn.reduce max %e [1] : tensor<5x30x18xf32>
  func.return %y : tensor<5x18xf32>
}
func.func @sum_outer_and_inner(%x: tensor<6x7x33xf32>) -> (tensor<7xf32>) {
  %e = nn.sin %x : tensor<6x7x33xf32>
  %y = nn.reduce sum %e [0, 2] : tensor<6x7x33xf32>
  func.return %y : tensor<7xf32>
}
func.func @max_outer_and_inner(%x: tensor<6x7x33xf32>) -> (tensor<7xf32>) {
  %e = nn.sin %x : tensor<6x7x33xf32>
  %y = nn.reduce max %e [0, 2] : tensor<6x7x33xf32>
  func.return %y : tensor<7xf32>
}
func.func @sum_large(%x: tensor<4096x64xf32>) -> (tensor<64xf32>) {
  %e = nn.sin %x : tensor<4096x64xf32>
  %y = nn.reduce sum %e [0] : tensor<4096x64xf32>
  func.return %y : tensor<64xf32>
}
func.func @max_large(%x: tensor<4096x64xf32>) -> (tensor<64xf32>) {
  %e = nn.sin %x : tensor<4096x64xf32>
  %y = nn.reduce max %e [0] : tensor<4096x64xf32>
  func.return %y : tensor<64xf32>
}
func.func @sum_total(%x: tensor<512x512xf32>) -> (tensor<f32>) {
  %e = nn.sin %x : tensor<512x512xf32>
  %y = nn.reduce sum %e [0, 1] : tensor<512x512xf32>
  func.return %y : tensor<f32>
}
func.func @max_total(%x: tensor<512x512xf32>) -> (tensor<f32>) {
  %e = nn.sin %x : tensor<512x512xf32>
  %y = nn.reduce max %e [0, 1] : tensor<512x512xf32>
  func.return %y : tensor<f32>
}
func.func @sum_short(%x: tensor<1000x3xf32>) -> (tensor<1000xf32>) {
  %e = nn.sin %x : tensor<1000x3xf32>
  %y = nn.reduce sum %e [1] : tensor<1000x3xf32>
  func.return %y : tensor<1000xf32>
}
func.func @max_short(%x: tensor<1000x3xf32>) -> (tensor<1000xf32>) {
  %e = nn.sin %x : tensor<1000x3xf32>
  %y = nn.reduce max %e [1] : tensor<1000x3xf32>
  func.return %y : tensor<1000xf32>
}
func.func @prod_min_any(%x: tensor<9x21xf32>, %b: tensor<9x21xi1>, %i: tensor<9x21xi32> {check.bound = 1000 : i64}) -> (tensor<9xf32>, tensor<9xf32>, tensor<9xi1>, tensor<9xi1>, tensor<9xi32>) {
  %p = nn.reduce prod %x [1] : tensor<9x21xf32>
  %m = nn.reduce min %x [1] : tensor<9x21xf32>
  %a = nn.reduce any %b [1] : tensor<9x21xi1>
  %l = nn.reduce all %b [1] : tensor<9x21xi1>
  %s = nn.reduce sum %i [1] : tensor<9x21xi32>
  func.return %p, %m, %a, %l, %s : tensor<9xf32>, tensor<9xf32>, tensor<9xi1>, tensor<9xi1>, tensor<9xi32>
}
func.func @softmax_10(%x: tensor<6x10xf32> {check.low = -5.0, check.high = 5.0}) -> (tensor<6x10xf32>, tensor<6x10xf32>, tensor<6xf32>) {
  %y = nn.softmax %x axis 1 : tensor<6x10xf32>
  %z = nn.log_softmax %x axis 1 : tensor<6x10xf32>
  %l = nn.logsumexp %x axis 1 : tensor<6x10xf32>
  func.return %y, %z, %l : tensor<6x10xf32>, tensor<6x10xf32>, tensor<6xf32>
}
func.func @softmax_64(%x: tensor<6x64xf32> {check.low = -5.0, check.high = 5.0}) -> (tensor<6x64xf32>, tensor<6x64xf32>, tensor<6xf32>) {
  %y = nn.softmax %x axis 1 : tensor<6x64xf32>
  %z = nn.log_softmax %x axis 1 : tensor<6x64xf32>
  %l = nn.logsumexp %x axis 1 : tensor<6x64xf32>
  func.return %y, %z, %l : tensor<6x64xf32>, tensor<6x64xf32>, tensor<6xf32>
}
func.func @softmax_77(%x: tensor<6x77xf32> {check.low = -5.0, check.high = 5.0}) -> (tensor<6x77xf32>, tensor<6x77xf32>, tensor<6xf32>) {
  %y = nn.softmax %x axis 1 : tensor<6x77xf32>
  %z = nn.log_softmax %x axis 1 : tensor<6x77xf32>
  %l = nn.logsumexp %x axis 1 : tensor<6x77xf32>
  func.return %y, %z, %l : tensor<6x77xf32>, tensor<6x77xf32>, tensor<6xf32>
}
func.func @softmax_300(%x: tensor<6x300xf32> {check.low = -5.0, check.high = 5.0}) -> (tensor<6x300xf32>, tensor<6x300xf32>, tensor<6xf32>) {
  %y = nn.softmax %x axis 1 : tensor<6x300xf32>
  %z = nn.log_softmax %x axis 1 : tensor<6x300xf32>
  %l = nn.logsumexp %x axis 1 : tensor<6x300xf32>
  func.return %y, %z, %l : tensor<6x300xf32>, tensor<6x300xf32>, tensor<6xf32>
}
func.func @softmax_axis0(%x: tensor<30x17xf32>) -> (tensor<30x17xf32>) {
  %y = nn.softmax %x axis 0 : tensor<30x17xf32>
  func.return %y : tensor<30x17xf32>
}
func.func @softmax_middle(%x: tensor<3x9x70xf32>) -> (tensor<3x9x70xf32>) {
  %y = nn.softmax %x axis 1 : tensor<3x9x70xf32>
  func.return %y : tensor<3x9x70xf32>
}
func.func @softmax_nothing(%x: tensor<6x33xf32>) -> (tensor<6x33xf32>) {
  %lowest = nn.constant dense<0xFF800000> : tensor<6x33xf32>
  %i = nn.iota 0 : tensor<6x33xi32>
  %two = nn.constant dense<2> : tensor<6x33xi32>
  %c = nn.compare eq %i, %two : tensor<6x33xi32>
  %m = nn.select %c, %lowest, %x : tensor<6x33xi1>, tensor<6x33xf32>
  %y = nn.softmax %m axis 1 : tensor<6x33xf32>
  func.return %y : tensor<6x33xf32>
}
func.func @layer_norm(%x: tensor<4x6x96xf32>, %g: tensor<96xf32>, %b: tensor<96xf32>) -> (tensor<4x6x96xf32>, tensor<4x6xf32>) {
  %n = nn.constant dense<0.010416667> : tensor<4x6xf32>
  %eps = nn.constant dense<1.0e-5> : tensor<4x6xf32>
  %s = nn.reduce sum %x [2] : tensor<4x6x96xf32>
  %mean = nn.mul %s, %n : tensor<4x6xf32>
  %mb = nn.broadcast %mean [0, 1] : tensor<4x6xf32> to tensor<4x6x96xf32>
  %c = nn.sub %x, %mb : tensor<4x6x96xf32>
  %c2 = nn.mul %c, %c : tensor<4x6x96xf32>
  %v0 = nn.reduce sum %c2 [2] : tensor<4x6x96xf32>
  %v = nn.mul %v0, %n : tensor<4x6xf32>
  %ve = nn.add %v, %eps : tensor<4x6xf32>
  %r = nn.rsqrt %ve : tensor<4x6xf32>
  %rb = nn.broadcast %r [0, 1] : tensor<4x6xf32> to tensor<4x6x96xf32>
  %h = nn.mul %c, %rb : tensor<4x6x96xf32>
  %gb = nn.broadcast %g [2] : tensor<96xf32> to tensor<4x6x96xf32>
  %bb = nn.broadcast %b [2] : tensor<96xf32> to tensor<4x6x96xf32>
  %h2 = nn.mul %h, %gb : tensor<4x6x96xf32>
  %y = nn.add %h2, %bb : tensor<4x6x96xf32>
  func.return %y, %r : tensor<4x6x96xf32>, tensor<4x6xf32>
}
func.func @cross_entropy(%x: tensor<50x37xf32>, %l: tensor<50xi32> {check.bound = 37 : i64}) -> (tensor<50xf32>) {
  %y = nn.cross_entropy %x, %l : tensor<50x37xf32>, tensor<50xi32>
  func.return %y : tensor<50xf32>
}
func.func @argmax(%x: tensor<12x37xf32>) -> (tensor<12xi32>, tensor<37xi32>) {
  %y = nn.argmax %x axis 1 : tensor<12x37xf32>
  %z = nn.argmax %x axis 0 : tensor<12x37xf32>
  func.return %y, %z : tensor<12xi32>, tensor<37xi32>
}
func.func @cumulative(%x: tensor<5x23xf32>) -> (tensor<5x23xf32>, tensor<5x23xf32>, tensor<5x23xf32>) {
  %y = nn.cumulative sum %x axis 1 : tensor<5x23xf32>
  %z = nn.cumulative sum %x axis 0 reverse : tensor<5x23xf32>
  %w = nn.cumulative prod %x axis 1 reverse : tensor<5x23xf32>
  func.return %y, %z, %w : tensor<5x23xf32>, tensor<5x23xf32>, tensor<5x23xf32>
}
func.func @top_k(%x: tensor<4x30xf32>, %i: tensor<4x30xi32>) -> (tensor<4x5xf32>, tensor<4x5xi32>, tensor<4x30xi32>, tensor<4x30xi32>) {
  %v, %p = nn.top_k %x 5 : tensor<4x30xf32>
  %w, %q = nn.top_k %i 30 : tensor<4x30xi32>
  func.return %v, %p, %w, %q : tensor<4x5xf32>, tensor<4x5xi32>, tensor<4x30xi32>, tensor<4x30xi32>
}
// Of two values of a row the first is written over an input that only the second one reads.
func.func @several_row_values(%x: tensor<7x100xf32>, %m: tensor<300x7xf32>, %w: tensor<7x5xf32>) -> (tensor<5xf32>, tensor<5xf32>) {
  %t = nn.reduce sum %m [0] : tensor<300x7xf32>
  %s = nn.reduce sum %x [1] : tensor<7x100xf32>
  %a = nn.exp %s : tensor<7xf32>
  %b = nn.mul %s, %t : tensor<7xf32>
  %c = nn.contract %a [0], %w [0, 1] -> [1] : tensor<7xf32>, tensor<7x5xf32>
  %d = nn.contract %b [0], %w [0, 1] -> [1] : tensor<7xf32>, tensor<7x5xf32>
  func.return %c, %d : tensor<5xf32>, tensor<5xf32>
}
