// RUN: %nn-opt %s | %nn-opt | FileCheck %s

// CHECK-LABEL: func.func @f
func.func @f(%mean: tensor<4xf32>, %scale: tensor<4xf32>, %logits: tensor<4x10xf32>, %label: tensor<4xi32>,
             %tau: tensor<f32>, %seed: tensor<i64>, %step: tensor<i64>, %turn: tensor<i32>) {
  // CHECK: prob.draw normal reparam site 7(%{{.*}}, %{{.*}}) at(%{{.*}}, %{{.*}}, %{{.*}}) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %z = prob.draw normal reparam site 7 (%mean, %scale) at (%seed, %step, %turn) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  // CHECK: prob.draw one_hot gumbel site 8(%{{.*}}) with(%{{.*}} : tensor<f32>) at(%{{.*}}, %{{.*}}, %{{.*}}) hard :
  %o = prob.draw one_hot gumbel site 8 (%logits) with (%tau : tensor<f32>) at (%seed, %step, %turn) hard : (tensor<4x10xf32>) -> tensor<4x10xf32>
  // CHECK: prob.draw discrete_uniform none site 9() at(%{{.*}}, %{{.*}}, %{{.*}}) bound 6 : () -> tensor<4xi32>
  %d = prob.draw discrete_uniform none site 9 () at (%seed, %step, %turn) bound 6 : () -> tensor<4xi32>
  // CHECK: prob.log_prob categorical(%{{.*}}) of %{{.*}} : (tensor<4x10xf32>), tensor<4xi32> -> tensor<4xf32>
  %l = prob.log_prob categorical (%logits) of %label : (tensor<4x10xf32>), tensor<4xi32> -> tensor<4xf32>
  // CHECK: prob.kl normal(%{{.*}}, %{{.*}}) to normal(%{{.*}}, %{{.*}}) :
  %k = prob.kl normal (%mean, %scale) to normal (%mean, %scale) : (tensor<4xf32>, tensor<4xf32>), (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  // CHECK: prob.kl uniform(%{{.*}}, %{{.*}}) to normal(%{{.*}}, %{{.*}}) :
  %k2 = prob.kl uniform (%mean, %scale) to normal (%mean, %scale) : (tensor<4xf32>, tensor<4xf32>), (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  // CHECK: prob.entropy one_hot(%{{.*}}) : (tensor<4x10xf32>) -> tensor<4xf32>
  %h = prob.entropy one_hot (%logits) : (tensor<4x10xf32>) -> tensor<4xf32>
  // CHECK: prob.entropy discrete_uniform() bound 6 : () -> tensor<f32>
  %h2 = prob.entropy discrete_uniform () bound 6 : () -> tensor<f32>
  return
}
