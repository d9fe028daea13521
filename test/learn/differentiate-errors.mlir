// RUN: %nn-opt --learn-differentiate %s --split-input-file --verify-diagnostics

func.func @until(%h0: tensor<f32>, %c: tensor<i1>) -> tensor<f32> {
  // expected-error @+1 {{that may stop early (until) has no derivative}}
  %h = nn.scan 8 carry(%h0) constants(%c) until : (tensor<f32>, tensor<i1>) -> tensor<f32> {
  ^bb0(%t: tensor<i32>, %s: tensor<f32>, %d: tensor<i1>):
    nn.yield %s, %d : tensor<f32>, tensor<i1>
  }
  %g = learn.gradient %h of %h0 : (tensor<f32>, tensor<f32>) -> tensor<f32>
  return %g : tensor<f32>
}

// -----
func.func @bounds(%h0: tensor<f32>, %a: tensor<i32>) -> tensor<f32> {
  // expected-error @+1 {{over a range known at run time has no derivative}}
  %h = nn.scan 8 bounds(%a, %a) carry(%h0) : (tensor<i32>, tensor<i32>, tensor<f32>) -> tensor<f32> {
  ^bb0(%t: tensor<i32>, %s: tensor<f32>):
    nn.yield %s : tensor<f32>
  }
  %g = learn.gradient %h of %h0 : (tensor<f32>, tensor<f32>) -> tensor<f32>
  return %g : tensor<f32>
}

// -----
func.func @undefined(%m: tensor<f32>, %s: tensor<f32>) -> tensor<f32> {
  // expected-error @+1 {{has no derivative}}
  %l = prob.log_prob normal (%m, %s) of %m : (tensor<f32>, tensor<f32>), tensor<f32> -> tensor<f32>
  %g = learn.gradient %l of %m : (tensor<f32>, tensor<f32>) -> tensor<f32>
  return %g : tensor<f32>
}
