// RUN: %nn-opt --prob-estimate --split-input-file --verify-diagnostics %s

func.func @too_many(%l: tensor<4x5x3xf32>, %v: tensor<3xf32>, %seed: tensor<i64>, %t: tensor<i32>) -> tensor<4x5x3xf32> {
  // expected-error @+1 {{at most 64 outcomes per row}}
  %z = prob.draw categorical enumerate site 3 (%l) at (%seed, %seed, %t) row 0 : (tensor<4x5x3xf32>) -> tensor<4x5xi32>
  %c = nn.gather %v, %z axis 0 : tensor<3xf32>, tensor<4x5xi32>
  %loss = nn.reduce sum %c [0, 1] : tensor<4x5xf32>
  %g = learn.gradient %loss of %l : (tensor<f32>, tensor<4x5x3xf32>) -> tensor<4x5x3xf32>
  return %g : tensor<4x5x3xf32>
}

// -----

func.func @rows_meet(%l: tensor<4x3xf32>, %v: tensor<3xf32>, %seed: tensor<i64>, %t: tensor<i32>) -> tensor<4x3xf32> {
  // expected-error @+1 {{rows that do not depend on each other's draws}}
  %z = prob.draw categorical enumerate site 3 (%l) at (%seed, %seed, %t) row 0 : (tensor<4x3xf32>) -> tensor<4xi32>
  %c = nn.gather %v, %z axis 0 : tensor<3xf32>, tensor<4xi32>
  %s = nn.reduce sum %c [0] : tensor<4xf32>
  // expected-note @+1 {{rows meet before this}}
  %loss = nn.exp %s : tensor<f32>
  %g = learn.gradient %loss of %l : (tensor<f32>, tensor<4x3xf32>) -> tensor<4x3xf32>
  return %g : tensor<4x3xf32>
}

// -----

func.func @later_turns(%l: tensor<3x3xf32>, %v: tensor<3xf32>, %first: tensor<4xi32>, %seed: tensor<i64>) -> tensor<3x3xf32> {
  %end, %costs = nn.scan 5 carry(%first) constants(%l, %v, %seed) : (tensor<4xi32>, tensor<3x3xf32>, tensor<3xf32>, tensor<i64>) -> (tensor<4xi32>, tensor<5x4xf32>) {
  ^bb0(%t: tensor<i32>, %last: tensor<4xi32>, %logits: tensor<3x3xf32>, %values: tensor<3xf32>, %s: tensor<i64>):
    %row = nn.gather %logits, %last axis 0 : tensor<3x3xf32>, tensor<4xi32>
    // expected-error @+1 {{no later iteration depends on}}
    %z = prob.draw categorical enumerate site 3 (%row) at (%s, %s, %t) row 0 : (tensor<4x3xf32>) -> tensor<4xi32>
    %c = nn.gather %values, %z axis 0 : tensor<3xf32>, tensor<4xi32>
    nn.yield %z, %c : tensor<4xi32>, tensor<4xf32>
  }
  %loss = nn.reduce sum %costs [0, 1] : tensor<5x4xf32>
  %g = learn.gradient %loss of %l : (tensor<f32>, tensor<3x3xf32>) -> tensor<3x3xf32>
  return %g : tensor<3x3xf32>
}

// -----

func.func @branch(%l: tensor<4x3xf32>, %v: tensor<3xf32>, %yes: tensor<i1>, %seed: tensor<i64>, %t: tensor<i32>) -> tensor<4x3xf32> {
  %c = nn.if %yes (%l, %v, %seed, %t) : (tensor<i1>, tensor<4x3xf32>, tensor<3xf32>, tensor<i64>, tensor<i32>) -> tensor<4xf32> {
  ^bb0(%a: tensor<4x3xf32>, %b: tensor<3xf32>, %s: tensor<i64>, %k: tensor<i32>):
    // expected-error @+1 {{run-time `if` has no score estimator}}
    %z = prob.draw categorical score site 3 (%a) at (%s, %s, %k) row 0 : (tensor<4x3xf32>) -> tensor<4xi32>
    %d = nn.gather %b, %z axis 0 : tensor<3xf32>, tensor<4xi32>
    nn.yield %d : tensor<4xf32>
  } else {
  ^bb0(%a: tensor<4x3xf32>, %b: tensor<3xf32>, %s: tensor<i64>, %k: tensor<i32>):
    %d = nn.constant dense<0.0> : tensor<4xf32>
    nn.yield %d : tensor<4xf32>
  }
  %loss = nn.reduce sum %c [0] : tensor<4xf32>
  %g = learn.gradient %loss of %l : (tensor<f32>, tensor<4x3xf32>) -> tensor<4x3xf32>
  return %g : tensor<4x3xf32>
}
