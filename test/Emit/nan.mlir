// RUN: nn-check %s
// RUN: nn-check %s --no-pass nn-form-kernels
// RUN: nn-check %s --cpu x86-64-v3
// A NaN is the extreme element of what it stands in, the first one of several is its place, and an order ends with it: along any
// axis, in any lane. One of 16 elements is NaN, an infinity, a zero of either sign or another special number.
func.func @max_rows(%x: tensor<70x19xf32> {check.bits}) -> tensor<70xf32> {
  %y = nn.reduce max %x [1] : tensor<70x19xf32>
  func.return %y : tensor<70xf32>
}
func.func @max_long_rows(%x: tensor<40x211xf32> {check.bits}) -> tensor<40xf32> {
  %y = nn.reduce max %x [1] : tensor<40x211xf32>
  func.return %y : tensor<40xf32>
}
func.func @max_columns(%x: tensor<9x300xf32> {check.bits}) -> tensor<300xf32> {
  %y = nn.reduce max %x [0] : tensor<9x300xf32>
  func.return %y : tensor<300xf32>
}
func.func @max_middle(%x: tensor<5x7x33xf32> {check.bits}) -> tensor<5x33xf32> {
  %y = nn.reduce max %x [1] : tensor<5x7x33xf32>
  func.return %y : tensor<5x33xf32>
}
func.func @max_outer(%x: tensor<5x37x3xf32> {check.bits}) -> tensor<37xf32> {
  %y = nn.reduce max %x [0, 2] : tensor<5x37x3xf32>
  func.return %y : tensor<37xf32>
}
func.func @max_all(%x: tensor<3x5xf32> {check.bits}) -> tensor<f32> {
  %y = nn.reduce max %x [0, 1] : tensor<3x5xf32>
  func.return %y : tensor<f32>
}
func.func @min_rows(%x: tensor<70x19xf32> {check.bits}) -> tensor<70xf32> {
  %y = nn.reduce min %x [1] : tensor<70x19xf32>
  func.return %y : tensor<70xf32>
}
func.func @min_long_rows(%x: tensor<40x211xf32> {check.bits}) -> tensor<40xf32> {
  %y = nn.reduce min %x [1] : tensor<40x211xf32>
  func.return %y : tensor<40xf32>
}
func.func @min_columns(%x: tensor<9x300xf32> {check.bits}) -> tensor<300xf32> {
  %y = nn.reduce min %x [0] : tensor<9x300xf32>
  func.return %y : tensor<300xf32>
}
func.func @min_middle(%x: tensor<5x7x33xf32> {check.bits}) -> tensor<5x33xf32> {
  %y = nn.reduce min %x [1] : tensor<5x7x33xf32>
  func.return %y : tensor<5x33xf32>
}
func.func @min_outer(%x: tensor<5x37x3xf32> {check.bits}) -> tensor<37xf32> {
  %y = nn.reduce min %x [0, 2] : tensor<5x37x3xf32>
  func.return %y : tensor<37xf32>
}
func.func @min_all(%x: tensor<3x5xf32> {check.bits}) -> tensor<f32> {
  %y = nn.reduce min %x [0, 1] : tensor<3x5xf32>
  func.return %y : tensor<f32>
}
func.func @argmax_rows(%x: tensor<70x19xf32> {check.bits}) -> tensor<70xi32> {
  %y = nn.argmax %x axis 1 : tensor<70x19xf32>
  func.return %y : tensor<70xi32>
}
func.func @argmax_long_rows(%x: tensor<40x211xf32> {check.bits}) -> tensor<40xi32> {
  %y = nn.argmax %x axis 1 : tensor<40x211xf32>
  func.return %y : tensor<40xi32>
}
func.func @argmax_columns(%x: tensor<9x300xf32> {check.bits}) -> tensor<300xi32> {
  %y = nn.argmax %x axis 0 : tensor<9x300xf32>
  func.return %y : tensor<300xi32>
}
func.func @argmax_middle(%x: tensor<5x7x33xf32> {check.bits}) -> tensor<5x33xi32> {
  %y = nn.argmax %x axis 1 : tensor<5x7x33xf32>
  func.return %y : tensor<5x33xi32>
}
func.func @top_k(%x: tensor<40x33xf32> {check.bits}) -> (tensor<40x5xf32>, tensor<40x5xi32>) {
  %v, %i = nn.top_k %x 5 : tensor<40x33xf32>
  func.return %v, %i : tensor<40x5xf32>, tensor<40x5xi32>
}
func.func @sort(%x: tensor<40x21xf32> {check.bits}) -> (tensor<40x21xf32>, tensor<40x21xi32>) {
  %v, %i = nn.top_k %x 21 : tensor<40x21xf32>
  func.return %v, %i : tensor<40x21xf32>, tensor<40x21xi32>
}
func.func @softmax_1(%x: tensor<70x19xf32> {check.bits}) -> tensor<70x19xf32> {
  %y = nn.softmax %x axis 1 : tensor<70x19xf32>
  func.return %y : tensor<70x19xf32>
}
func.func @softmax_0(%x: tensor<9x300xf32> {check.bits}) -> tensor<9x300xf32> {
  %y = nn.softmax %x axis 0 : tensor<9x300xf32>
  func.return %y : tensor<9x300xf32>
}
func.func @logsumexp(%x: tensor<70x19xf32> {check.bits}) -> (tensor<70xf32> {check.units = 4.0}) {
  %y = nn.logsumexp %x axis 1 : tensor<70x19xf32>
  func.return %y : tensor<70xf32>
}
