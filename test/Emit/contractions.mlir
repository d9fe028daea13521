// RUN: nn-check %s
// RUN: nn-check %s --no-pass nn-form-kernels
// RUN: nn-check %s --cpu x86-64-v3
// RUN: nn-check %s --no-pass nn-reuse-buffers
// Contractions of every form through the path that is selected, with epilogues.
func.func @contract_nn(%a: tensor<33x20xf32>, %b: tensor<20x47xf32>, %c: tensor<33x47xf32>) -> (tensor<33x47xf32>) {
  %p = nn.contract %a [0, 2], %b [2, 1] -> [0, 1] : tensor<33x20xf32>, tensor<20x47xf32>
  %s = nn.add %p, %c : tensor<33x47xf32>
  %y = nn.tanh %s : tensor<33x47xf32>
  func.return %y : tensor<33x47xf32>
}
func.func @contract_nt(%a: tensor<33x20xf32>, %b: tensor<47x20xf32>, %c: tensor<33x47xf32>) -> (tensor<33x47xf32>) {
  %p = nn.contract %a [0, 2], %b [1, 2] -> [0, 1] : tensor<33x20xf32>, tensor<47x20xf32>
  %s = nn.add %p, %c : tensor<33x47xf32>
  %y = nn.tanh %s : tensor<33x47xf32>
  func.return %y : tensor<33x47xf32>
}
func.func @contract_tn(%a: tensor<20x33xf32>, %b: tensor<20x47xf32>, %c: tensor<33x47xf32>) -> (tensor<33x47xf32>) {
  %p = nn.contract %a [2, 0], %b [2, 1] -> [0, 1] : tensor<20x33xf32>, tensor<20x47xf32>
  %s = nn.add %p, %c : tensor<33x47xf32>
  %y = nn.tanh %s : tensor<33x47xf32>
  func.return %y : tensor<33x47xf32>
}
func.func @contract_swapped(%a: tensor<33x20xf32>, %b: tensor<20x47xf32>, %c: tensor<47x33xf32>) -> (tensor<47x33xf32>) {
  %p = nn.contract %a [0, 2], %b [2, 1] -> [1, 0] : tensor<33x20xf32>, tensor<20x47xf32>
  %s = nn.add %p, %c : tensor<47x33xf32>
  %y = nn.tanh %s : tensor<47x33xf32>
  func.return %y : tensor<47x33xf32>
}
func.func @contract_batch(%a: tensor<3x9x20xf32>, %b: tensor<3x20x18xf32>, %c: tensor<3x9x18xf32>) -> (tensor<3x9x18xf32>) {
  %p = nn.contract %a [3, 0, 2], %b [3, 2, 1] -> [3, 0, 1] : tensor<3x9x20xf32>, tensor<3x20x18xf32>
  %s = nn.add %p, %c : tensor<3x9x18xf32>
  %y = nn.tanh %s : tensor<3x9x18xf32>
  func.return %y : tensor<3x9x18xf32>
}
func.func @contract_batch_order(%a: tensor<3x9x20xf32>, %b: tensor<3x20x18xf32>, %c: tensor<9x3x18xf32>) -> (tensor<9x3x18xf32>) {
  %p = nn.contract %a [3, 0, 2], %b [3, 2, 1] -> [0, 3, 1] : tensor<3x9x20xf32>, tensor<3x20x18xf32>
  %s = nn.add %p, %c : tensor<9x3x18xf32>
  %y = nn.tanh %s : tensor<9x3x18xf32>
  func.return %y : tensor<9x3x18xf32>
}
func.func @contract_vector(%a: tensor<33x20xf32>, %b: tensor<20xf32>, %c: tensor<33xf32>) -> (tensor<33xf32>) {
  %p = nn.contract %a [0, 2], %b [2] -> [0] : tensor<33x20xf32>, tensor<20xf32>
  %s = nn.add %p, %c : tensor<33xf32>
  %y = nn.tanh %s : tensor<33xf32>
  func.return %y : tensor<33xf32>
}
func.func @contract_outer(%a: tensor<33xf32>, %b: tensor<20xf32>, %c: tensor<33x20xf32>) -> (tensor<33x20xf32>) {
  %p = nn.contract %a [0], %b [1] -> [0, 1] : tensor<33xf32>, tensor<20xf32>
  %s = nn.add %p, %c : tensor<33x20xf32>
  %y = nn.tanh %s : tensor<33x20xf32>
  func.return %y : tensor<33x20xf32>
}
func.func @contract_dot(%a: tensor<33xf32>, %b: tensor<33xf32>, %c: tensor<f32>) -> (tensor<f32>) {
  %p = nn.contract %a [0], %b [0] -> [] : tensor<33xf32>, tensor<33xf32>
  %s = nn.add %p, %c : tensor<f32>
  %y = nn.tanh %s : tensor<f32>
  func.return %y : tensor<f32>
}
func.func @contract_heads(%a: tensor<4x6x40xf32>, %b: tensor<40x3x8xf32>, %c: tensor<4x3x6x8xf32>) -> (tensor<4x3x6x8xf32>) {
  %p = nn.contract %a [0, 1, 2], %b [2, 3, 4] -> [0, 3, 1, 4] : tensor<4x6x40xf32>, tensor<40x3x8xf32>
  %s = nn.add %p, %c : tensor<4x3x6x8xf32>
  %y = nn.tanh %s : tensor<4x3x6x8xf32>
  func.return %y : tensor<4x3x6x8xf32>
}
func.func @contract_lone(%a: tensor<4x6xf32>, %b: tensor<6x3x5xf32>, %c: tensor<4x3xf32>) -> (tensor<4x3xf32>) {
  %p = nn.contract %a [0, 1], %b [1, 2, 3] -> [0, 2] : tensor<4x6xf32>, tensor<6x3x5xf32>
  %s = nn.add %p, %c : tensor<4x3xf32>
  %y = nn.tanh %s : tensor<4x3xf32>
  func.return %y : tensor<4x3xf32>
}
