// RUN: nn-check %s
// RUN: nn-check %s --cpu x86-64-v3
// RUN: nn-check %s --no-pass nn-form-kernels
// Every function over all f32: each exponent, infinities, NaN, both zeros, subnormal numbers, with tails of every width. The
// reference is libm in f64, whose error is below 2^-28 of a unit of f32.
func.func @all_neg(%x: tensor<61x1031xf32> {check.bits}) -> (tensor<61x1031xf32> {check.units = 0.1}) attributes {check.moves} {
  %y = nn.neg %x : tensor<61x1031xf32>
  func.return %y : tensor<61x1031xf32>
}
func.func @all_abs(%x: tensor<61x1031xf32> {check.bits}) -> (tensor<61x1031xf32> {check.units = 0.1}) attributes {check.moves} {
  %y = nn.abs %x : tensor<61x1031xf32>
  func.return %y : tensor<61x1031xf32>
}
func.func @all_sign(%x: tensor<61x1031xf32> {check.bits}) -> (tensor<61x1031xf32> {check.units = 0.1}) {
  %y = nn.sign %x : tensor<61x1031xf32>
  func.return %y : tensor<61x1031xf32>
}
func.func @all_floor(%x: tensor<61x1031xf32> {check.bits}) -> (tensor<61x1031xf32> {check.units = 0.1}) {
  %y = nn.floor %x : tensor<61x1031xf32>
  func.return %y : tensor<61x1031xf32>
}
func.func @all_exp(%x: tensor<61x1031xf32> {check.bits}) -> (tensor<61x1031xf32> {check.units = 2.0}) {
  %y = nn.exp %x : tensor<61x1031xf32>
  func.return %y : tensor<61x1031xf32>
}
func.func @all_expm1(%x: tensor<61x1031xf32> {check.bits}) -> (tensor<61x1031xf32> {check.units = 2.0}) {
  %y = nn.expm1 %x : tensor<61x1031xf32>
  func.return %y : tensor<61x1031xf32>
}
func.func @all_log(%x: tensor<61x1031xf32> {check.bits}) -> (tensor<61x1031xf32> {check.units = 2.0}) {
  %y = nn.log %x : tensor<61x1031xf32>
  func.return %y : tensor<61x1031xf32>
}
func.func @all_log1p(%x: tensor<61x1031xf32> {check.bits}) -> (tensor<61x1031xf32> {check.units = 3.0}) {
  %y = nn.log1p %x : tensor<61x1031xf32>
  func.return %y : tensor<61x1031xf32>
}
func.func @all_sqrt(%x: tensor<61x1031xf32> {check.bits}) -> (tensor<61x1031xf32> {check.units = 0.51}) {
  %y = nn.sqrt %x : tensor<61x1031xf32>
  func.return %y : tensor<61x1031xf32>
}
func.func @all_rsqrt(%x: tensor<61x1031xf32> {check.bits}) -> (tensor<61x1031xf32> {check.units = 2.0}) {
  %y = nn.rsqrt %x : tensor<61x1031xf32>
  func.return %y : tensor<61x1031xf32>
}
func.func @all_tanh(%x: tensor<61x1031xf32> {check.bits}) -> (tensor<61x1031xf32> {check.units = 2.0}) {
  %y = nn.tanh %x : tensor<61x1031xf32>
  func.return %y : tensor<61x1031xf32>
}
func.func @all_log2(%x: tensor<61x1031xf32> {check.bits}) -> (tensor<61x1031xf32> {check.units = 0.6}) {
  %y = nn.log2 %x : tensor<61x1031xf32>
  func.return %y : tensor<61x1031xf32>
}
func.func @all_sinh(%x: tensor<61x1031xf32> {check.bits}) -> (tensor<61x1031xf32> {check.units = 4.0}) {
  %y = nn.sinh %x : tensor<61x1031xf32>
  func.return %y : tensor<61x1031xf32>
}
func.func @all_cosh(%x: tensor<61x1031xf32> {check.bits}) -> (tensor<61x1031xf32> {check.units = 4.0}) {
  %y = nn.cosh %x : tensor<61x1031xf32>
  func.return %y : tensor<61x1031xf32>
}
func.func @all_atan(%x: tensor<61x1031xf32> {check.bits}) -> (tensor<61x1031xf32> {check.units = 2.0}) {
  %y = nn.atan %x : tensor<61x1031xf32>
  func.return %y : tensor<61x1031xf32>
}
func.func @all_round(%x: tensor<61x1031xf32> {check.bits}) -> (tensor<61x1031xf32> {check.units = 0.1}) {
  %y = nn.round %x : tensor<61x1031xf32>
  func.return %y : tensor<61x1031xf32>
}
func.func @all_sin(%x: tensor<61x1031xf32> {check.bits}) -> (tensor<61x1031xf32> {check.units = 0.6}) {
  %y = nn.sin %x : tensor<61x1031xf32>
  func.return %y : tensor<61x1031xf32>
}
func.func @all_cos(%x: tensor<61x1031xf32> {check.bits}) -> (tensor<61x1031xf32> {check.units = 0.6}) {
  %y = nn.cos %x : tensor<61x1031xf32>
  func.return %y : tensor<61x1031xf32>
}
func.func @all_erf(%x: tensor<61x1031xf32> {check.bits}) -> (tensor<61x1031xf32> {check.units = 3.0}) {
  %y = nn.erf %x : tensor<61x1031xf32>
  func.return %y : tensor<61x1031xf32>
}
func.func @all_sigmoid(%x: tensor<61x1031xf32> {check.bits}) -> (tensor<61x1031xf32> {check.units = 4.0}) {
  %y = nn.sigmoid %x : tensor<61x1031xf32>
  func.return %y : tensor<61x1031xf32>
}
func.func @all_softplus(%x: tensor<61x1031xf32> {check.bits}) -> (tensor<61x1031xf32> {check.units = 4.0}) {
  %y = nn.softplus %x : tensor<61x1031xf32>
  func.return %y : tensor<61x1031xf32>
}
func.func @all_sin_small(%x: tensor<61x1031xf32> {check.low = -10.0, check.high = 10.0}) -> (tensor<61x1031xf32> {check.units = 0.6}) {
  %y = nn.sin %x : tensor<61x1031xf32>
  func.return %y : tensor<61x1031xf32>
}
func.func @all_sin_turns(%x: tensor<61x1031xf32> {check.low = -2000000.0, check.high = 2000000.0}) -> (tensor<61x1031xf32> {check.units = 0.6}) {
  %y = nn.sin %x : tensor<61x1031xf32>
  func.return %y : tensor<61x1031xf32>
}
func.func @all_cos_small(%x: tensor<61x1031xf32> {check.low = -10.0, check.high = 10.0}) -> (tensor<61x1031xf32> {check.units = 0.6}) {
  %y = nn.cos %x : tensor<61x1031xf32>
  func.return %y : tensor<61x1031xf32>
}
func.func @all_cos_turns(%x: tensor<61x1031xf32> {check.low = -2000000.0, check.high = 2000000.0}) -> (tensor<61x1031xf32> {check.units = 0.6}) {
  %y = nn.cos %x : tensor<61x1031xf32>
  func.return %y : tensor<61x1031xf32>
}
func.func @all_tanh_small(%x: tensor<61x1031xf32> {check.low = -0.01, check.high = 0.01}) -> (tensor<61x1031xf32> {check.units = 2.0}) {
  %y = nn.tanh %x : tensor<61x1031xf32>
  func.return %y : tensor<61x1031xf32>
}
func.func @all_sinh_wide(%x: tensor<61x1031xf32> {check.low = -90.0, check.high = 90.0}) -> (tensor<61x1031xf32> {check.units = 4.0}) {
  %y = nn.sinh %x : tensor<61x1031xf32>
  func.return %y : tensor<61x1031xf32>
}
func.func @all_sinh_near(%x: tensor<61x1031xf32> {check.low = -1.2, check.high = 1.2}) -> (tensor<61x1031xf32> {check.units = 4.0}) {
  %y = nn.sinh %x : tensor<61x1031xf32>
  func.return %y : tensor<61x1031xf32>
}
func.func @all_cosh_wide(%x: tensor<61x1031xf32> {check.low = -90.0, check.high = 90.0}) -> (tensor<61x1031xf32> {check.units = 4.0}) {
  %y = nn.cosh %x : tensor<61x1031xf32>
  func.return %y : tensor<61x1031xf32>
}
func.func @all_cosh_near(%x: tensor<61x1031xf32> {check.low = -1.2, check.high = 1.2}) -> (tensor<61x1031xf32> {check.units = 4.0}) {
  %y = nn.cosh %x : tensor<61x1031xf32>
  func.return %y : tensor<61x1031xf32>
}
func.func @all_atan_wide(%x: tensor<61x1031xf32> {check.low = -90.0, check.high = 90.0}) -> (tensor<61x1031xf32> {check.units = 2.0}) {
  %y = nn.atan %x : tensor<61x1031xf32>
  func.return %y : tensor<61x1031xf32>
}
func.func @all_atan_near(%x: tensor<61x1031xf32> {check.low = -1.2, check.high = 1.2}) -> (tensor<61x1031xf32> {check.units = 2.0}) {
  %y = nn.atan %x : tensor<61x1031xf32>
  func.return %y : tensor<61x1031xf32>
}
func.func @all_expm1_wide(%x: tensor<61x1031xf32> {check.low = -90.0, check.high = 90.0}) -> (tensor<61x1031xf32> {check.units = 2.0}) {
  %y = nn.expm1 %x : tensor<61x1031xf32>
  func.return %y : tensor<61x1031xf32>
}
func.func @all_exp_end(%x: tensor<61x1031xf32> {check.low = 85.0, check.high = 89.0}) -> (tensor<61x1031xf32> {check.units = 2.0}) {
  %y = nn.exp %x : tensor<61x1031xf32>
  func.return %y : tensor<61x1031xf32>
}
func.func @all_exp_start(%x: tensor<61x1031xf32> {check.low = -89.0, check.high = -85.0}) -> (tensor<61x1031xf32> {check.units = 2.0}) {
  %y = nn.exp %x : tensor<61x1031xf32>
  func.return %y : tensor<61x1031xf32>
}
func.func @all_log_near_one(%x: tensor<61x1031xf32> {check.low = 0.9, check.high = 1.1}) -> (tensor<61x1031xf32> {check.units = 2.0}) {
  %y = nn.log %x : tensor<61x1031xf32>
  func.return %y : tensor<61x1031xf32>
}
func.func @all_log1p_start(%x: tensor<61x1031xf32> {check.low = -1.0, check.high = -0.9}) -> (tensor<61x1031xf32> {check.units = 3.0}) {
  %y = nn.log1p %x : tensor<61x1031xf32>
  func.return %y : tensor<61x1031xf32>
}
func.func @all_sigmoid_wide(%x: tensor<61x1031xf32> {check.low = -90.0, check.high = 90.0}) -> (tensor<61x1031xf32> {check.units = 4.0}) {
  %y = nn.sigmoid %x : tensor<61x1031xf32>
  func.return %y : tensor<61x1031xf32>
}
func.func @all_softplus_wide(%x: tensor<61x1031xf32> {check.low = -90.0, check.high = 90.0}) -> (tensor<61x1031xf32> {check.units = 4.0}) {
  %y = nn.softplus %x : tensor<61x1031xf32>
  func.return %y : tensor<61x1031xf32>
}
func.func @all_add(%x: tensor<61x1031xf32> {check.bits}, %z: tensor<61x1031xf32> {check.bits}) -> (tensor<61x1031xf32> {check.units = 0.51}) {
  %y = nn.add %x, %z : tensor<61x1031xf32>
  func.return %y : tensor<61x1031xf32>
}
func.func @all_sub(%x: tensor<61x1031xf32> {check.bits}, %z: tensor<61x1031xf32> {check.bits}) -> (tensor<61x1031xf32> {check.units = 0.51}) {
  %y = nn.sub %x, %z : tensor<61x1031xf32>
  func.return %y : tensor<61x1031xf32>
}
func.func @all_mul(%x: tensor<61x1031xf32> {check.bits}, %z: tensor<61x1031xf32> {check.bits}) -> (tensor<61x1031xf32> {check.units = 0.51}) {
  %y = nn.mul %x, %z : tensor<61x1031xf32>
  func.return %y : tensor<61x1031xf32>
}
func.func @all_div(%x: tensor<61x1031xf32> {check.bits}, %z: tensor<61x1031xf32> {check.bits}) -> (tensor<61x1031xf32> {check.units = 0.51}) {
  %y = nn.div %x, %z : tensor<61x1031xf32>
  func.return %y : tensor<61x1031xf32>
}
func.func @all_max(%x: tensor<61x1031xf32> {check.bits}, %z: tensor<61x1031xf32> {check.bits}) -> (tensor<61x1031xf32> {check.units = 0.1}) attributes {check.moves} {
  %y = nn.max %x, %z : tensor<61x1031xf32>
  func.return %y : tensor<61x1031xf32>
}
func.func @all_min(%x: tensor<61x1031xf32> {check.bits}, %z: tensor<61x1031xf32> {check.bits}) -> (tensor<61x1031xf32> {check.units = 0.1}) attributes {check.moves} {
  %y = nn.min %x, %z : tensor<61x1031xf32>
  func.return %y : tensor<61x1031xf32>
}
func.func @all_pow(%x: tensor<61x1031xf32> {check.bits}, %z: tensor<61x1031xf32> {check.bits}) -> (tensor<61x1031xf32> {check.units = 0.6}) {
  %y = nn.pow %x, %z : tensor<61x1031xf32>
  func.return %y : tensor<61x1031xf32>
}
func.func @all_pow_mixed(%x: tensor<61x1031xf32> {check.bits}, %z: tensor<61x1031xf32> {check.low = -3.0, check.high = 3.0}) -> (tensor<61x1031xf32> {check.units = 0.6}) {
  %y = nn.pow %x, %z : tensor<61x1031xf32>
  func.return %y : tensor<61x1031xf32>
}
func.func @all_pow_usual(%x: tensor<61x1031xf32> {check.low = 0.0, check.high = 4.0}, %z: tensor<61x1031xf32> {check.low = -60.0, check.high = 60.0}) -> (tensor<61x1031xf32> {check.units = 0.6}) {
  %y = nn.pow %x, %z : tensor<61x1031xf32>
  func.return %y : tensor<61x1031xf32>
}
func.func @all_pow_near_one(%x: tensor<61x1031xf32> {check.low = 0.99, check.high = 1.01}, %z: tensor<61x1031xf32> {check.low = -9000.0, check.high = 9000.0}) -> (tensor<61x1031xf32> {check.units = 0.6}) {
  %y = nn.pow %x, %z : tensor<61x1031xf32>
  func.return %y : tensor<61x1031xf32>
}
func.func @all_cast(%x: tensor<61x1031xf32> {check.bits}) -> tensor<61x1031xi32> {
  %y = nn.cast %x : tensor<61x1031xf32> to tensor<61x1031xi32>
  func.return %y : tensor<61x1031xi32>
}
func.func @all_cast_f64(%x: tensor<3x29xf64> {check.low = -5.0e9, check.high = 5.0e9}) -> tensor<3x29xi32> {
  %y = nn.cast %x : tensor<3x29xf64> to tensor<3x29xi32>
  func.return %y : tensor<3x29xi32>
}
// A whole power of a number of either sign.
func.func @all_pow_whole(%x: tensor<61x1031xf32> {check.low = -9.0, check.high = 9.0}, %n: tensor<61x1031xi32> {check.bound = 40}) -> (tensor<61x1031xf32> {check.units = 0.6}) {
  %z = nn.cast %n : tensor<61x1031xi32> to tensor<61x1031xf32>
  %y = nn.pow %x, %z : tensor<61x1031xf32>
  func.return %y : tensor<61x1031xf32>
}
