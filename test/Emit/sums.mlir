// RUN: nn-check %s
// RUN: nn-check %s --cpu x86-64-v3
// RUN: nn-check %s --no-pass nn-form-kernels
// Long sums keep their digits, whatever the axis: partial sums of partial sums. A plain running sum of 100000 such terms is 100 units
// off and more.
func.func @first_axis(%x: tensor<100003x5xf32> {check.low = 0.1, check.high = 0.3}) -> (tensor<5xf32> {check.units = 8.0}) {
  %y = nn.reduce sum %x [0] : tensor<100003x5xf32>
  func.return %y : tensor<5xf32>
}
func.func @first_axis_split(%x: tensor<100000x5xf32> {check.low = 0.1, check.high = 0.3}) -> (tensor<5xf32> {check.units = 8.0}) {
  %y = nn.reduce sum %x [0] : tensor<100000x5xf32>
  func.return %y : tensor<5xf32>
}
func.func @last_axis(%x: tensor<3x100003xf32> {check.low = 0.1, check.high = 0.3}) -> (tensor<3xf32> {check.units = 8.0}) {
  %y = nn.reduce sum %x [1] : tensor<3x100003xf32>
  func.return %y : tensor<3xf32>
}
func.func @middle_axis(%x: tensor<2x50021x3xf32> {check.low = 0.1, check.high = 0.3}) -> (tensor<2x3xf32> {check.units = 8.0}) {
  %y = nn.reduce sum %x [1] : tensor<2x50021x3xf32>
  func.return %y : tensor<2x3xf32>
}
func.func @outer_axes(%x: tensor<20011x3x7xf32> {check.low = 0.1, check.high = 0.3}) -> (tensor<3xf32> {check.units = 8.0}) {
  %y = nn.reduce sum %x [0, 2] : tensor<20011x3x7xf32>
  func.return %y : tensor<3xf32>
}
func.func @short_last(%x: tensor<30011x4x3xf32> {check.low = 0.1, check.high = 0.3}) -> (tensor<4xf32> {check.units = 8.0}) {
  %y = nn.reduce sum %x [0, 2] : tensor<30011x4x3xf32>
  func.return %y : tensor<4xf32>
}
func.func @everything(%x: tensor<100003xf32> {check.low = 0.1, check.high = 0.3}) -> (tensor<f32> {check.units = 8.0}) {
  %y = nn.reduce sum %x [0] : tensor<100003xf32>
  func.return %y : tensor<f32>
}
func.func @small_inside(%x: tensor<9x3001x11xf32> {check.low = 0.1, check.high = 0.3}) -> (tensor<11xf32> {check.units = 8.0}) {
  %y = nn.reduce sum %x [0, 1] : tensor<9x3001x11xf32>
  func.return %y : tensor<11xf32>
}
func.func @two_sums(%x: tensor<40009x6xf32> {check.low = 0.1, check.high = 0.3}) -> (tensor<6xf32> {check.units = 8.0}, tensor<6xf32> {check.units = 8.0}) {
  %s = nn.reduce sum %x [0] : tensor<40009x6xf32>
  %q = nn.mul %x, %x : tensor<40009x6xf32>
  %t = nn.reduce sum %q [0] : tensor<40009x6xf32>
  func.return %s, %t : tensor<6xf32>, tensor<6xf32>
}
func.func @running(%x: tensor<100003xf32> {check.low = 0.1, check.high = 0.3}) -> (tensor<100003xf32> {check.units = 1.0}) {
  %y = nn.cumulative sum %x axis 0 : tensor<100003xf32>
  func.return %y : tensor<100003xf32>
}
func.func @running_columns(%x: tensor<30011x5xf32> {check.low = 0.1, check.high = 0.3}) -> (tensor<30011x5xf32> {check.units = 1.0}) {
  %y = nn.cumulative sum %x axis 0 reverse : tensor<30011x5xf32>
  func.return %y : tensor<30011x5xf32>
}
func.func @logsumexp(%x: tensor<3x100003xf32> {check.low = 0.0, check.high = 0.1}) -> (tensor<3xf32> {check.units = 2.0}) {
  %y = nn.logsumexp %x axis 1 : tensor<3x100003xf32>
  func.return %y : tensor<3xf32>
}
func.func @product(%a: tensor<3x100000xf32> {check.low = 0.1, check.high = 0.3}, %b: tensor<100000x5xf32> {check.low = 0.1, check.high = 0.3}) -> (tensor<3x5xf32> {check.units = 16.0}) {
  %y = nn.contract %a [0, 2], %b [2, 1] -> [0, 1] : tensor<3x100000xf32>, tensor<100000x5xf32>
  func.return %y : tensor<3x5xf32>
}
func.func @weights(%a: tensor<100000x3xf32> {check.low = 0.1, check.high = 0.3}, %b: tensor<100000x5xf32> {check.low = 0.1, check.high = 0.3}) -> (tensor<3x5xf32> {check.units = 16.0}) {
  %y = nn.contract %a [2, 0], %b [2, 1] -> [0, 1] : tensor<100000x3xf32>, tensor<100000x5xf32>
  func.return %y : tensor<3x5xf32>
}
func.func @one_row(%a: tensor<100000xf32> {check.low = 0.1, check.high = 0.3}, %b: tensor<100000x37xf32> {check.low = 0.1, check.high = 0.3}) -> (tensor<37xf32> {check.units = 16.0}) {
  %y = nn.contract %a [1], %b [1, 0] -> [0] : tensor<100000xf32>, tensor<100000x37xf32>
  func.return %y : tensor<37xf32>
}
func.func @dot(%a: tensor<100000xf32> {check.low = 0.1, check.high = 0.3}, %b: tensor<100000xf32> {check.low = 0.1, check.high = 0.3}) -> (tensor<f32> {check.units = 16.0}) {
  %y = nn.contract %a [0], %b [0] -> [] : tensor<100000xf32>, tensor<100000xf32>
  func.return %y : tensor<f32>
}
func.func @dot_prime(%a: tensor<100003xf32> {check.low = 0.1, check.high = 0.3}, %b: tensor<100003xf32> {check.low = 0.1, check.high = 0.3}) -> (tensor<f32> {check.units = 48.0}) {
  %y = nn.contract %a [0], %b [0] -> [] : tensor<100003xf32>, tensor<100003xf32>
  func.return %y : tensor<f32>
}
func.func @two_axes(%a: tensor<300x301x3xf32> {check.low = 0.1, check.high = 0.3}, %b: tensor<300x301x5xf32> {check.low = 0.1, check.high = 0.3}) -> (tensor<3x5xf32> {check.units = 16.0}) {
  %y = nn.contract %a [0, 1, 2], %b [0, 1, 3] -> [2, 3] : tensor<300x301x3xf32>, tensor<300x301x5xf32>
  func.return %y : tensor<3x5xf32>
}
func.func @medium(%a: tensor<19x8000xf32> {check.low = 0.1, check.high = 0.3}, %b: tensor<8000x21xf32> {check.low = 0.1, check.high = 0.3}) -> (tensor<19x21xf32> {check.units = 24.0}) {
  %y = nn.contract %a [0, 2], %b [2, 1] -> [0, 1] : tensor<19x8000xf32>, tensor<8000x21xf32>
  func.return %y : tensor<19x21xf32>
}
func.func @scatter(%i: tensor<100003xi32> {check.bound = 4}, %u: tensor<100003x3xf32> {check.low = 0.1, check.high = 0.3}) -> (tensor<4x3xf32> {check.units = 1.0}) {
  %y = nn.scatter_add %u, %i axis 0 : tensor<100003x3xf32>, tensor<100003xi32> to tensor<4x3xf32>
  func.return %y : tensor<4x3xf32>
}
