// RUN: nn-check %s
// RUN: nn-check %s --no-pass nn-form-kernels
// RUN: nn-check %s --no-pass microkernels --no-pass nn-reuse-buffers
// RUN: nn-check %s --cpu x86-64-v3
// The step of a small classifier: contraction, bias, relu, dropout, cross entropy, gradients, Adam.
func.func @grad.0(%x: tensor<64x784xf32> {learn.kind=#learn.kind<input>, learn.name="image"}, %label: tensor<64xi32> {learn.kind=#learn.kind<input>, learn.name="label", check.bound = 10 : i64},
   %w1: tensor<784x128xf32> {learn.kind=#learn.kind<param>, learn.name="w1"}, %b1: tensor<128xf32> {learn.kind=#learn.kind<param>, learn.name="b1"},
   %w2: tensor<128x10xf32> {learn.kind=#learn.kind<param>, learn.name="w2"}, %b2: tensor<10xf32>{learn.kind=#learn.kind<param>, learn.name="b2"}, %seed: tensor<i64>{learn.kind=#learn.kind<seed>, learn.name=""}, %step: tensor<i64>{learn.kind=#learn.kind<step>, learn.name=""})
  -> (tensor<f32> {learn.kind=#learn.kind<loss>, learn.name="nll"}, tensor<784x128xf32> {learn.kind=#learn.kind<gradient>, learn.name="w1"}, tensor<128xf32>{learn.kind=#learn.kind<gradient>, learn.name="b1"}, tensor<128x10xf32>{learn.kind=#learn.kind<gradient>, learn.name="w2"}, tensor<10xf32>{learn.kind=#learn.kind<gradient>, learn.name="b2"}) {
  %zero = nn.constant dense<0.0> : tensor<64x128xf32>
  %turn = nn.constant dense<0> : tensor<i32>
  %p = nn.constant dense<0.9> : tensor<64x128xf32>
  %q = nn.constant dense<1.111111> : tensor<64x128xf32>
  %h0 = nn.contract %x [0, 2], %w1 [2, 1] -> [0, 1] : tensor<64x784xf32>, tensor<784x128xf32>
  %bb1 = nn.broadcast %b1 [1] : tensor<128xf32> to tensor<64x128xf32>
  %h1 = nn.add %h0, %bb1 : tensor<64x128xf32>
  %h2 = nn.max %h1, %zero : tensor<64x128xf32>
  %u = nn.random uniform site 42 (%seed, %step, %turn) : tensor<64x128xf32>
  %keep = nn.compare lt %u, %p : tensor<64x128xf32>
  %h2s = nn.mul %h2, %q : tensor<64x128xf32>
  %h3 = nn.select %keep, %h2s, %zero : tensor<64x128xi1>, tensor<64x128xf32>
  %l0 = nn.contract %h3 [0, 2], %w2 [2, 1] -> [0, 1] : tensor<64x128xf32>, tensor<128x10xf32>
  %bb2 = nn.broadcast %b2 [1] : tensor<10xf32> to tensor<64x10xf32>
  %l = nn.add %l0, %bb2 : tensor<64x10xf32>
  %ce = nn.cross_entropy %l, %label : tensor<64x10xf32>, tensor<64xi32>
  %sum = nn.reduce sum %ce [0] : tensor<64xf32>
  %n = nn.constant dense<0.015625> : tensor<f32>
  %loss = nn.mul %sum, %n : tensor<f32>
  // backward
  %sm = nn.softmax %l axis 1 : tensor<64x10xf32>
  %io = nn.iota 1 : tensor<64x10xi32>
  %lb = nn.broadcast %label [0] : tensor<64xi32> to tensor<64x10xi32>
  %hit = nn.compare eq %io, %lb : tensor<64x10xi32>
  %one = nn.cast %hit : tensor<64x10xi1> to tensor<64x10xf32>
  %d0 = nn.sub %sm, %one : tensor<64x10xf32>
  %nb = nn.broadcast %n [] : tensor<f32> to tensor<64x10xf32>
  %dl = nn.mul %d0, %nb : tensor<64x10xf32>
  %db2 = nn.reduce sum %dl [0] : tensor<64x10xf32>
  %dw2 = nn.contract %h3 [2, 0], %dl [2, 1] -> [0, 1] : tensor<64x128xf32>, tensor<64x10xf32>
  %dh3 = nn.contract %dl [0, 2], %w2 [1, 2] -> [0, 1] : tensor<64x10xf32>, tensor<128x10xf32>
  %dh2s = nn.select %keep, %dh3, %zero : tensor<64x128xi1>, tensor<64x128xf32>
  %dh2 = nn.mul %dh2s, %q : tensor<64x128xf32>
  %pos = nn.compare ge %h1, %zero : tensor<64x128xf32>
  %dh1 = nn.select %pos, %dh2, %zero : tensor<64x128xi1>, tensor<64x128xf32>
  %db1 = nn.reduce sum %dh1 [0] : tensor<64x128xf32>
  %dw1 = nn.contract %x [2, 0], %dh1 [2, 1] -> [0, 1] : tensor<64x784xf32>, tensor<64x128xf32>
  func.return %loss, %dw1, %db1, %dw2, %db2 : tensor<f32>, tensor<784x128xf32>, tensor<128xf32>, tensor<128x10xf32>, tensor<10xf32>
}
func.func @update.0(%g: tensor<784x128xf32> {learn.kind=#learn.kind<gradient>, learn.name="w1"}, %w: tensor<784x128xf32> {learn.kind=#learn.kind<param>, learn.name="w1"}, %m: tensor<784x128xf32> {learn.kind=#learn.kind<state>, learn.name="m"},
 %v: tensor<784x128xf32> {learn.kind=#learn.kind<state>, learn.name="v", check.low=0.0}, %step: tensor<i64>{learn.kind=#learn.kind<step>, learn.name=""}, %lr: tensor<f32> {learn.kind=#learn.kind<flag>, learn.name="lr"}) ->
 (tensor<784x128xf32> {learn.kind=#learn.kind<param>, learn.name="w1"}, tensor<784x128xf32> {learn.kind=#learn.kind<state>, learn.name="m"}, tensor<784x128xf32> {learn.kind=#learn.kind<state>, learn.name="v"}) {
  %b1 = nn.constant dense<0.9> : tensor<784x128xf32>
  %b1c = nn.constant dense<0.1> : tensor<784x128xf32>
  %b2 = nn.constant dense<0.99> : tensor<784x128xf32>
  %b2c = nn.constant dense<0.01> : tensor<784x128xf32>
  %eps = nn.constant dense<1.0e-8> : tensor<784x128xf32>
  %m0 = nn.mul %m, %b1 : tensor<784x128xf32>
  %m1 = nn.mul %g, %b1c : tensor<784x128xf32>
  %mn = nn.add %m0, %m1 : tensor<784x128xf32>
  %v0 = nn.mul %v, %b2 : tensor<784x128xf32>
  %gg = nn.mul %g, %g : tensor<784x128xf32>
  %v1 = nn.mul %gg, %b2c : tensor<784x128xf32>
  %vn = nn.add %v0, %v1 : tensor<784x128xf32>
  %sb1 = nn.constant dense<0.9> : tensor<f32>
  %one = nn.constant dense<1.0> : tensor<f32>
  %sf = nn.cast %step : tensor<i64> to tensor<f32>
  %sf1 = nn.add %sf, %one : tensor<f32>
  %pw = nn.pow %sb1, %sf1 : tensor<f32>
  %c1 = nn.sub %one, %pw : tensor<f32>
  %c1b = nn.broadcast %c1 [] : tensor<f32> to tensor<784x128xf32>
  %mh = nn.div %mn, %c1b : tensor<784x128xf32>
  %sq = nn.sqrt %vn : tensor<784x128xf32>
  %de = nn.add %sq, %eps : tensor<784x128xf32>
  %r = nn.div %mh, %de : tensor<784x128xf32>
  %lrb = nn.broadcast %lr [] : tensor<f32> to tensor<784x128xf32>
  %s = nn.mul %r, %lrb : tensor<784x128xf32>
  %wn = nn.sub %w, %s : tensor<784x128xf32>
  func.return %wn, %mn, %vn : tensor<784x128xf32>, tensor<784x128xf32>, tensor<784x128xf32>
}
