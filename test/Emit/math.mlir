// RUN: nn-check %s
// RUN: nn-check %s --no-pass nn-form-kernels
// RUN: nn-check %s --cpu x86-64-v3
// Elementary functions on f32 and f64, in vectors with tails. Units in the last place: one more than measured.
func.func @neg_f32(%x: tensor<3x29xf32> {check.low = -3.0, check.high = 3.0}) -> tensor<3x29xf32> {
  %y = nn.neg %x : tensor<3x29xf32>
  func.return %y : tensor<3x29xf32>
}
func.func @abs_f32(%x: tensor<3x29xf32> {check.low = -3.0, check.high = 3.0}) -> tensor<3x29xf32> {
  %y = nn.abs %x : tensor<3x29xf32>
  func.return %y : tensor<3x29xf32>
}
func.func @exp_f32(%x: tensor<61x1031xf32> {check.low = -90.0, check.high = 80.0}) -> (tensor<61x1031xf32> {check.units = 2.0}) {
  %y = nn.exp %x : tensor<61x1031xf32>
  func.return %y : tensor<61x1031xf32>
}
func.func @expm1_f32(%x: tensor<61x1031xf32> {check.low = -1.0, check.high = 1.0}) -> (tensor<61x1031xf32> {check.units = 2.0}) {
  %y = nn.expm1 %x : tensor<61x1031xf32>
  func.return %y : tensor<61x1031xf32>
}
func.func @log_f32(%x: tensor<61x1031xf32> {check.low = 0.000001, check.high = 50.0}) -> (tensor<61x1031xf32> {check.units = 2.0}) {
  %y = nn.log %x : tensor<61x1031xf32>
  func.return %y : tensor<61x1031xf32>
}
func.func @log1p_f32(%x: tensor<61x1031xf32> {check.low = -0.5, check.high = 2.0}) -> (tensor<61x1031xf32> {check.units = 3.0}) {
  %y = nn.log1p %x : tensor<61x1031xf32>
  func.return %y : tensor<61x1031xf32>
}
func.func @sqrt_f32(%x: tensor<61x1031xf32> {check.low = 0.0, check.high = 9.0}) -> (tensor<61x1031xf32> {check.units = 0.5}) {
  %y = nn.sqrt %x : tensor<61x1031xf32>
  func.return %y : tensor<61x1031xf32>
}
func.func @rsqrt_f32(%x: tensor<61x1031xf32> {check.low = 0.01, check.high = 9.0}) -> (tensor<61x1031xf32> {check.units = 2.0}) {
  %y = nn.rsqrt %x : tensor<61x1031xf32>
  func.return %y : tensor<61x1031xf32>
}
func.func @tanh_f32(%x: tensor<61x1031xf32> {check.low = -10.0, check.high = 10.0}) -> (tensor<61x1031xf32> {check.units = 2.0}) {
  %y = nn.tanh %x : tensor<61x1031xf32>
  func.return %y : tensor<61x1031xf32>
}
func.func @log2_f32(%x: tensor<61x1031xf32> {check.low = 0.000001, check.high = 50.0}) -> (tensor<61x1031xf32> {check.units = 0.6}) {
  %y = nn.log2 %x : tensor<61x1031xf32>
  func.return %y : tensor<61x1031xf32>
}
func.func @sinh_f32(%x: tensor<61x1031xf32> {check.low = -10.0, check.high = 10.0}) -> (tensor<61x1031xf32> {check.units = 4.0}) {
  %y = nn.sinh %x : tensor<61x1031xf32>
  func.return %y : tensor<61x1031xf32>
}
func.func @cosh_f32(%x: tensor<61x1031xf32> {check.low = -10.0, check.high = 10.0}) -> (tensor<61x1031xf32> {check.units = 4.0}) {
  %y = nn.cosh %x : tensor<61x1031xf32>
  func.return %y : tensor<61x1031xf32>
}
func.func @atan_f32(%x: tensor<61x1031xf32> {check.low = -20.0, check.high = 20.0}) -> (tensor<61x1031xf32> {check.units = 2.0}) {
  %y = nn.atan %x : tensor<61x1031xf32>
  func.return %y : tensor<61x1031xf32>
}
func.func @round_f32(%x: tensor<61x1031xf32> {check.low = -20.0, check.high = 20.0}) -> (tensor<61x1031xf32> {check.units = 0.1}) {
  %y = nn.round %x : tensor<61x1031xf32>
  func.return %y : tensor<61x1031xf32>
}
func.func @sin_f32(%x: tensor<61x1031xf32> {check.low = -20.0, check.high = 20.0}) -> (tensor<61x1031xf32> {check.units = 2.0}) {
  %y = nn.sin %x : tensor<61x1031xf32>
  func.return %y : tensor<61x1031xf32>
}
func.func @cos_f32(%x: tensor<61x1031xf32> {check.low = -20.0, check.high = 20.0}) -> (tensor<61x1031xf32> {check.units = 2.0}) {
  %y = nn.cos %x : tensor<61x1031xf32>
  func.return %y : tensor<61x1031xf32>
}
func.func @erf_f32(%x: tensor<61x1031xf32> {check.low = -4.0, check.high = 4.0}) -> (tensor<61x1031xf32> {check.units = 3.0}) {
  %y = nn.erf %x : tensor<61x1031xf32>
  func.return %y : tensor<61x1031xf32>
}
func.func @sigmoid_f32(%x: tensor<61x1031xf32> {check.low = -30.0, check.high = 30.0}) -> (tensor<61x1031xf32> {check.units = 4.0}) {
  %y = nn.sigmoid %x : tensor<61x1031xf32>
  func.return %y : tensor<61x1031xf32>
}
func.func @softplus_f32(%x: tensor<61x1031xf32> {check.low = -30.0, check.high = 30.0}) -> (tensor<61x1031xf32> {check.units = 4.0}) {
  %y = nn.softplus %x : tensor<61x1031xf32>
  func.return %y : tensor<61x1031xf32>
}
func.func @sign_f32(%x: tensor<3x29xf32> {check.low = -1.0, check.high = 1.0}) -> tensor<3x29xf32> {
  %y = nn.sign %x : tensor<3x29xf32>
  func.return %y : tensor<3x29xf32>
}
func.func @floor_f32(%x: tensor<3x29xf32> {check.low = -5.0, check.high = 5.0}) -> tensor<3x29xf32> {
  %y = nn.floor %x : tensor<3x29xf32>
  func.return %y : tensor<3x29xf32>
}
func.func @add_f32(%x: tensor<61xf32> {check.low = -1.0, check.high = 1.0}, %z: tensor<61xf32> {check.low = -1.0, check.high = 1.0}) -> tensor<61xf32> {
  %y = nn.add %x, %z : tensor<61xf32>
  func.return %y : tensor<61xf32>
}
func.func @sub_f32(%x: tensor<61xf32> {check.low = -1.0, check.high = 1.0}, %z: tensor<61xf32> {check.low = -1.0, check.high = 1.0}) -> tensor<61xf32> {
  %y = nn.sub %x, %z : tensor<61xf32>
  func.return %y : tensor<61xf32>
}
func.func @mul_f32(%x: tensor<61xf32> {check.low = -1.0, check.high = 1.0}, %z: tensor<61xf32> {check.low = -1.0, check.high = 1.0}) -> tensor<61xf32> {
  %y = nn.mul %x, %z : tensor<61xf32>
  func.return %y : tensor<61xf32>
}
func.func @div_f32(%x: tensor<61xf32> {check.low = 0.5, check.high = 2.0}, %z: tensor<61xf32> {check.low = 0.5, check.high = 2.0}) -> tensor<61xf32> {
  %y = nn.div %x, %z : tensor<61xf32>
  func.return %y : tensor<61xf32>
}
func.func @pow_f32(%x: tensor<61xf32> {check.low = 0.1, check.high = 3.0}, %z: tensor<61xf32> {check.low = 0.1, check.high = 3.0}) -> tensor<61xf32> {
  %y = nn.pow %x, %z : tensor<61xf32>
  func.return %y : tensor<61xf32>
}
func.func @max_f32(%x: tensor<61xf32> {check.low = -1.0, check.high = 1.0}, %z: tensor<61xf32> {check.low = -1.0, check.high = 1.0}) -> tensor<61xf32> {
  %y = nn.max %x, %z : tensor<61xf32>
  func.return %y : tensor<61xf32>
}
func.func @min_f32(%x: tensor<61xf32> {check.low = -1.0, check.high = 1.0}, %z: tensor<61xf32> {check.low = -1.0, check.high = 1.0}) -> tensor<61xf32> {
  %y = nn.min %x, %z : tensor<61xf32>
  func.return %y : tensor<61xf32>
}
func.func @neg_f64(%x: tensor<3x29xf64> {check.low = -3.0, check.high = 3.0}) -> tensor<3x29xf64> {
  %y = nn.neg %x : tensor<3x29xf64>
  func.return %y : tensor<3x29xf64>
}
func.func @abs_f64(%x: tensor<3x29xf64> {check.low = -3.0, check.high = 3.0}) -> tensor<3x29xf64> {
  %y = nn.abs %x : tensor<3x29xf64>
  func.return %y : tensor<3x29xf64>
}
func.func @exp_f64(%x: tensor<3x29xf64> {check.low = -90.0, check.high = 80.0}) -> tensor<3x29xf64> {
  %y = nn.exp %x : tensor<3x29xf64>
  func.return %y : tensor<3x29xf64>
}
func.func @expm1_f64(%x: tensor<3x29xf64> {check.low = -1.0, check.high = 1.0}) -> tensor<3x29xf64> {
  %y = nn.expm1 %x : tensor<3x29xf64>
  func.return %y : tensor<3x29xf64>
}
func.func @log_f64(%x: tensor<3x29xf64> {check.low = 0.000001, check.high = 50.0}) -> tensor<3x29xf64> {
  %y = nn.log %x : tensor<3x29xf64>
  func.return %y : tensor<3x29xf64>
}
func.func @log1p_f64(%x: tensor<3x29xf64> {check.low = -0.5, check.high = 2.0}) -> tensor<3x29xf64> {
  %y = nn.log1p %x : tensor<3x29xf64>
  func.return %y : tensor<3x29xf64>
}
func.func @sqrt_f64(%x: tensor<3x29xf64> {check.low = 0.0, check.high = 9.0}) -> tensor<3x29xf64> {
  %y = nn.sqrt %x : tensor<3x29xf64>
  func.return %y : tensor<3x29xf64>
}
func.func @rsqrt_f64(%x: tensor<3x29xf64> {check.low = 0.01, check.high = 9.0}) -> tensor<3x29xf64> {
  %y = nn.rsqrt %x : tensor<3x29xf64>
  func.return %y : tensor<3x29xf64>
}
func.func @tanh_f64(%x: tensor<3x29xf64> {check.low = -5.0, check.high = 5.0}) -> tensor<3x29xf64> {
  %y = nn.tanh %x : tensor<3x29xf64>
  func.return %y : tensor<3x29xf64>
}
func.func @log2_f64(%x: tensor<3x29xf64> {check.low = 0.000001, check.high = 50.0}) -> tensor<3x29xf64> {
  %y = nn.log2 %x : tensor<3x29xf64>
  func.return %y : tensor<3x29xf64>
}
func.func @sinh_f64(%x: tensor<3x29xf64> {check.low = -10.0, check.high = 10.0}) -> tensor<3x29xf64> {
  %y = nn.sinh %x : tensor<3x29xf64>
  func.return %y : tensor<3x29xf64>
}
func.func @cosh_f64(%x: tensor<3x29xf64> {check.low = -10.0, check.high = 10.0}) -> tensor<3x29xf64> {
  %y = nn.cosh %x : tensor<3x29xf64>
  func.return %y : tensor<3x29xf64>
}
func.func @atan_f64(%x: tensor<3x29xf64> {check.low = -20.0, check.high = 20.0}) -> tensor<3x29xf64> {
  %y = nn.atan %x : tensor<3x29xf64>
  func.return %y : tensor<3x29xf64>
}
func.func @round_f64(%x: tensor<3x29xf64> {check.low = -20.0, check.high = 20.0}) -> tensor<3x29xf64> {
  %y = nn.round %x : tensor<3x29xf64>
  func.return %y : tensor<3x29xf64>
}
func.func @sin_f64(%x: tensor<3x29xf64> {check.low = -20.0, check.high = 20.0}) -> tensor<3x29xf64> {
  %y = nn.sin %x : tensor<3x29xf64>
  func.return %y : tensor<3x29xf64>
}
func.func @cos_f64(%x: tensor<3x29xf64> {check.low = -20.0, check.high = 20.0}) -> tensor<3x29xf64> {
  %y = nn.cos %x : tensor<3x29xf64>
  func.return %y : tensor<3x29xf64>
}
func.func @erf_f64(%x: tensor<3x29xf64> {check.low = -4.0, check.high = 4.0}) -> tensor<3x29xf64> {
  %y = nn.erf %x : tensor<3x29xf64>
  func.return %y : tensor<3x29xf64>
}
func.func @sigmoid_f64(%x: tensor<3x29xf64> {check.low = -30.0, check.high = 30.0}) -> tensor<3x29xf64> {
  %y = nn.sigmoid %x : tensor<3x29xf64>
  func.return %y : tensor<3x29xf64>
}
func.func @softplus_f64(%x: tensor<3x29xf64> {check.low = -30.0, check.high = 30.0}) -> tensor<3x29xf64> {
  %y = nn.softplus %x : tensor<3x29xf64>
  func.return %y : tensor<3x29xf64>
}
func.func @sign_f64(%x: tensor<3x29xf64> {check.low = -1.0, check.high = 1.0}) -> tensor<3x29xf64> {
  %y = nn.sign %x : tensor<3x29xf64>
  func.return %y : tensor<3x29xf64>
}
func.func @floor_f64(%x: tensor<3x29xf64> {check.low = -5.0, check.high = 5.0}) -> tensor<3x29xf64> {
  %y = nn.floor %x : tensor<3x29xf64>
  func.return %y : tensor<3x29xf64>
}
func.func @add_f64(%x: tensor<61xf64> {check.low = -1.0, check.high = 1.0}, %z: tensor<61xf64> {check.low = -1.0, check.high = 1.0}) -> tensor<61xf64> {
  %y = nn.add %x, %z : tensor<61xf64>
  func.return %y : tensor<61xf64>
}
func.func @sub_f64(%x: tensor<61xf64> {check.low = -1.0, check.high = 1.0}, %z: tensor<61xf64> {check.low = -1.0, check.high = 1.0}) -> tensor<61xf64> {
  %y = nn.sub %x, %z : tensor<61xf64>
  func.return %y : tensor<61xf64>
}
func.func @mul_f64(%x: tensor<61xf64> {check.low = -1.0, check.high = 1.0}, %z: tensor<61xf64> {check.low = -1.0, check.high = 1.0}) -> tensor<61xf64> {
  %y = nn.mul %x, %z : tensor<61xf64>
  func.return %y : tensor<61xf64>
}
func.func @div_f64(%x: tensor<61xf64> {check.low = 0.5, check.high = 2.0}, %z: tensor<61xf64> {check.low = 0.5, check.high = 2.0}) -> tensor<61xf64> {
  %y = nn.div %x, %z : tensor<61xf64>
  func.return %y : tensor<61xf64>
}
func.func @pow_f64(%x: tensor<61xf64> {check.low = 0.1, check.high = 3.0}, %z: tensor<61xf64> {check.low = 0.1, check.high = 3.0}) -> tensor<61xf64> {
  %y = nn.pow %x, %z : tensor<61xf64>
  func.return %y : tensor<61xf64>
}
func.func @max_f64(%x: tensor<61xf64> {check.low = -1.0, check.high = 1.0}, %z: tensor<61xf64> {check.low = -1.0, check.high = 1.0}) -> tensor<61xf64> {
  %y = nn.max %x, %z : tensor<61xf64>
  func.return %y : tensor<61xf64>
}
func.func @min_f64(%x: tensor<61xf64> {check.low = -1.0, check.high = 1.0}, %z: tensor<61xf64> {check.low = -1.0, check.high = 1.0}) -> tensor<61xf64> {
  %y = nn.min %x, %z : tensor<61xf64>
  func.return %y : tensor<61xf64>
}
