// RUN: %nn-opt %s --split-input-file --verify-diagnostics

func.func @count(%m: tensor<4xf32>) {
  // expected-error @+1 {{normal has 2 parameters, but got 1}}
  %0 = prob.log_prob normal (%m) of %m : (tensor<4xf32>), tensor<4xf32> -> tensor<4xf32>
  return
}

// -----
func.func @shapes(%m: tensor<4xf32>, %s: tensor<3xf32>) {
  // expected-error @+1 {{parameters of normal do not fit: 'tensor<4xf32>' and 'tensor<3xf32>'}}
  %0 = prob.log_prob normal (%m, %s) of %m : (tensor<4xf32>, tensor<3xf32>), tensor<4xf32> -> tensor<4xf32>
  return
}

// -----
func.func @value(%m: tensor<4xf32>, %x: tensor<5xf32>) {
  // expected-error @+1 {{a value of normal with these parameters does not have type 'tensor<5xf32>'}}
  %0 = prob.log_prob normal (%m, %m) of %x : (tensor<4xf32>, tensor<4xf32>), tensor<5xf32> -> tensor<5xf32>
  return
}

// -----
func.func @whole(%l: tensor<4x3xf32>, %x: tensor<4xf32>) {
  // expected-error @+1 {{a value of categorical is an i32}}
  %0 = prob.log_prob categorical (%l) of %x : (tensor<4x3xf32>), tensor<4xf32> -> tensor<4xf32>
  return
}

// -----
func.func @event(%m: tensor<4x2xf32>) {
  // expected-error @+1 {{the result has one number per event, not 'tensor<4x2xf32>'}}
  %0 = prob.log_prob diag_normal (%m, %m) of %m : (tensor<4x2xf32>, tensor<4x2xf32>), tensor<4x2xf32> -> tensor<4x2xf32>
  return
}

// -----
func.func @reparam(%l: tensor<4xf32>, %s: tensor<i64>, %t: tensor<i32>) {
  // expected-error @+1 {{bernoulli is discrete: it has no reparameterisation}}
  %0 = prob.draw bernoulli reparam site 1 (%l) at (%s, %s, %t) : (tensor<4xf32>) -> tensor<4xf32>
  return
}

// -----
func.func @families(%m: tensor<4xf32>) {
  // expected-error @+1 {{no closed form of the divergence from normal to uniform}}
  %0 = prob.kl normal (%m, %m) to uniform (%m, %m) : (tensor<4xf32>, tensor<4xf32>), (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  return
}

// -----
func.func @support(%m: tensor<4xf32>) {
  // expected-error @+1 {{no closed form of the divergence from normal to bernoulli}}
  %0 = prob.kl normal (%m, %m) to bernoulli (%m) : (tensor<4xf32>, tensor<4xf32>), (tensor<4xf32>) -> tensor<4xf32>
  return
}

// -----
func.func @entropy(%m: tensor<4x2xf32>) {
  // expected-error @+1 {{the result has one number per event, not 'tensor<4x2xf32>'}}
  %0 = prob.entropy diag_normal (%m, %m) : (tensor<4x2xf32>, tensor<4x2xf32>) -> tensor<4x2xf32>
  return
}

// -----
func.func @bound() {
  // expected-error @+1 {{discrete_uniform needs a positive bound}}
  %0 = prob.entropy discrete_uniform () : () -> tensor<f32>
  return
}

// -----
func.func @family(%m: tensor<4xf32>) {
  // expected-error @+1 {{`nromal` is no family of distributions}}
  %0 = prob.entropy nromal (%m) : (tensor<4xf32>) -> tensor<4xf32>
  return
}

// -----
func.func @even() {
  // expected-error @+1 {{no closed form of the divergence from discrete_uniform to discrete_uniform}}
  %0 = "prob.kl"() <{operandSegmentSizes = array<i32: 0, 0>, q_family = 9 : i32, p_family = 9 : i32}> : () -> tensor<f32>
  return
}

// -----
func.func @number(%m: tensor<4xf32>) {
  // expected-error @+1 {{failed to satisfy constraint: family of distributions}}
  %0 = "prob.entropy"(%m) <{family = 99 : i32}> : (tensor<4xf32>) -> tensor<4xf32>
  return
}
