// RUN: nn-check %s
// RUN: nn-check %s --cpu x86-64-v3
// RUN: nn-check %s --no-pass nn-form-kernels
// Contractions as kernels of nets: blocks and tasks, epilogues, prologues, windows.

func.func @dense_layer(%x: tensor<70x150xf32>, %w: tensor<150x130xf32>, %b: tensor<130xf32>) -> tensor<70x130xf32> {
  %p = nn.contract %x [0, 2], %w [2, 1] -> [0, 1] : tensor<70x150xf32>, tensor<150x130xf32>
  %r = nn.broadcast %b [1] : tensor<130xf32> to tensor<70x130xf32>
  %s = nn.add %p, %r : tensor<70x130xf32>
  %z = nn.constant dense<0.0> : tensor<70x130xf32>
  %y = nn.max %s, %z : tensor<70x130xf32>
  func.return %y : tensor<70x130xf32>
}

// The sum is cut, and the epilogue runs once.
func.func @long_sum(%x: tensor<20x2500xf32>, %w: tensor<2500x60xf32>, %b: tensor<20xf32>) -> tensor<20x60xf32> {
  %p = nn.contract %x [0, 2], %w [2, 1] -> [0, 1] : tensor<20x2500xf32>, tensor<2500x60xf32>
  %r = nn.broadcast %b [0] : tensor<20xf32> to tensor<20x60xf32>
  %y = nn.add %p, %r : tensor<20x60xf32>
  func.return %y : tensor<20x60xf32>
}

// Rows run over two axes; the residual lies like the result.
func.func @sequence_layer(%x: tensor<3x21x40xf32>, %w: tensor<40x50xf32>, %b: tensor<50xf32>, %old: tensor<3x21x50xf32>) -> (tensor<3x21x50xf32>, tensor<3x21x50xf32>) {
  %p = nn.contract %x [0, 1, 2], %w [2, 3] -> [0, 1, 3] : tensor<3x21x40xf32>, tensor<40x50xf32>
  %r = nn.broadcast %b [2] : tensor<50xf32> to tensor<3x21x50xf32>
  %s = nn.add %p, %r : tensor<3x21x50xf32>
  %y = nn.add %s, %old : tensor<3x21x50xf32>
  %t = nn.tanh %s : tensor<3x21x50xf32>
  func.return %y, %t : tensor<3x21x50xf32>, tensor<3x21x50xf32>
}

func.func @weight_gradient(%x: tensor<3x21x40xf32>, %d: tensor<3x21x50xf32>) -> tensor<40x50xf32> {
  %p = nn.contract %x [0, 1, 2], %d [0, 1, 3] -> [2, 3] : tensor<3x21x40xf32>, tensor<3x21x50xf32>
  func.return %p : tensor<40x50xf32>
}

func.func @input_gradient(%d: tensor<3x21x50xf32>, %w: tensor<40x50xf32>, %x: tensor<3x21x40xf32>) -> tensor<3x21x40xf32> {
  %p = nn.contract %d [0, 1, 3], %w [2, 3] -> [0, 1, 2] : tensor<3x21x50xf32>, tensor<40x50xf32>
  %z = nn.constant dense<0.0> : tensor<3x21x40xf32>
  %m = nn.compare gt %x, %z : tensor<3x21x40xf32>
  %y = nn.select %m, %p, %z : tensor<3x21x40xi1>, tensor<3x21x40xf32>
  func.return %y : tensor<3x21x40xf32>
}

// Split into heads and back.
func.func @heads(%x: tensor<2x16x24xf32>, %w: tensor<24x24xf32>) -> tensor<2x3x16x8xf32> {
  %p = nn.contract %x [0, 1, 2], %w [2, 3] -> [0, 1, 3] : tensor<2x16x24xf32>, tensor<24x24xf32>
  %r = nn.reshape %p : tensor<2x16x24xf32> to tensor<2x16x3x8xf32>
  %y = nn.transpose %r [0, 2, 1, 3] : tensor<2x16x3x8xf32>
  func.return %y : tensor<2x3x16x8xf32>
}

func.func @scores(%q: tensor<2x3x16x8xf32>, %k: tensor<2x3x20x8xf32>) -> tensor<2x3x16x20xf32> {
  %p = nn.contract %q [0, 1, 2, 4], %k [0, 1, 3, 4] -> [0, 1, 2, 3] : tensor<2x3x16x8xf32>, tensor<2x3x20x8xf32>
  %c = nn.constant dense<0.125> : tensor<2x3x16x20xf32>
  %y = nn.mul %p, %c : tensor<2x3x16x20xf32>
  func.return %y : tensor<2x3x16x20xf32>
}

func.func @computed_factors(%x: tensor<30x40xf32>, %m: tensor<30x40xf32>, %w: tensor<50x40xf32>) -> tensor<30x50xf32> {
  %a = nn.mul %x, %m : tensor<30x40xf32>
  %b = nn.tanh %w : tensor<50x40xf32>
  %p = nn.contract %a [0, 2], %b [1, 2] -> [0, 1] : tensor<30x40xf32>, tensor<50x40xf32>
  func.return %p : tensor<30x50xf32>
}

func.func @piece(%x: tensor<5x30x40xf32>, %t: tensor<i32> {check.bound = 5}, %w: tensor<40x50xf32>) -> tensor<30x50xf32> {
  %a = nn.at %x, %t axis 0 : tensor<5x30x40xf32>
  %p = nn.contract %a [0, 2], %w [2, 1] -> [0, 1] : tensor<30x40xf32>, tensor<40x50xf32>
  func.return %p : tensor<30x50xf32>
}

func.func @convolution(%x: tensor<2x5x12x13xf32>, %w: tensor<7x5x3x3xf32>, %b: tensor<7xf32>) -> tensor<2x7x12x13xf32> {
  %q = nn.pad %x [0, 0, 1, 1] [0, 0, 1, 1] [0, 0, 0, 0] value 0.0 : tensor<2x5x12x13xf32>
  %v = nn.window %q axes [2, 3] sizes [3, 3] strides [1, 1] : tensor<2x5x14x15xf32>
  %p = nn.contract %v [0, 1, 2, 3, 4, 5], %w [6, 1, 4, 5] -> [0, 6, 2, 3] : tensor<2x5x12x13x3x3xf32>, tensor<7x5x3x3xf32>
  %r = nn.broadcast %b [1] : tensor<7xf32> to tensor<2x7x12x13xf32>
  %s = nn.add %p, %r : tensor<2x7x12x13xf32>
  %z = nn.constant dense<0.0> : tensor<2x7x12x13xf32>
  %y = nn.max %s, %z : tensor<2x7x12x13xf32>
  func.return %y : tensor<2x7x12x13xf32>
}

func.func @convolution_unpadded(%q: tensor<2x20x20x21xf32>, %w: tensor<33x20x3x3xf32>) -> tensor<2x33x18x19xf32> {
  %v = nn.window %q axes [2, 3] sizes [3, 3] strides [1, 1] : tensor<2x20x20x21xf32>
  %p = nn.contract %v [0, 1, 2, 3, 4, 5], %w [6, 1, 4, 5] -> [0, 6, 2, 3] : tensor<2x20x18x19x3x3xf32>, tensor<33x20x3x3xf32>
  func.return %p : tensor<2x33x18x19xf32>
}

func.func @convolution_strided(%q: tensor<2x5x15x17xf32>, %w: tensor<7x5x3x3xf32>) -> tensor<2x7x7x8xf32> {
  %v = nn.window %q axes [2, 3] sizes [3, 3] strides [2, 2] : tensor<2x5x15x17xf32>
  %p = nn.contract %v [0, 1, 2, 3, 4, 5], %w [6, 1, 4, 5] -> [0, 6, 2, 3] : tensor<2x5x7x8x3x3xf32>, tensor<7x5x3x3xf32>
  func.return %p : tensor<2x7x7x8xf32>
}

func.func @convolution_weight_gradient(%q: tensor<3x5x14x22xf32>, %d: tensor<3x7x12x20xf32>) -> tensor<7x5x3x3xf32> {
  %v = nn.window %q axes [2, 3] sizes [3, 3] strides [1, 1] : tensor<3x5x14x22xf32>
  %p = nn.contract %v [0, 1, 2, 3, 4, 5], %d [0, 6, 2, 3] -> [6, 1, 4, 5] : tensor<3x5x12x20x3x3xf32>, tensor<3x7x12x20xf32>
  func.return %p : tensor<7x5x3x3xf32>
}

func.func @convolution_input_gradient(%d: tensor<2x7x12x13xf32>, %w: tensor<7x5x3x3xf32>) -> tensor<2x5x12x13xf32> {
  %q = nn.pad %d [0, 0, 1, 1] [0, 0, 1, 1] [0, 0, 0, 0] value 0.0 : tensor<2x7x12x13xf32>
  %v = nn.window %q axes [2, 3] sizes [3, 3] strides [1, 1] : tensor<2x7x14x15xf32>
  %f = nn.reverse %w [2, 3] : tensor<7x5x3x3xf32>
  %p = nn.contract %v [0, 1, 2, 3, 4, 5], %f [1, 6, 4, 5] -> [0, 6, 2, 3] : tensor<2x7x12x13x3x3xf32>, tensor<7x5x3x3xf32>
  func.return %p : tensor<2x5x12x13xf32>
}

func.func @double_precision(%x: tensor<45x33xf64>, %w: tensor<70x33xf64>, %b: tensor<70xf64>) -> tensor<45x70xf64> {
  %p = nn.contract %x [0, 2], %w [1, 2] -> [0, 1] : tensor<45x33xf64>, tensor<70x33xf64>
  %r = nn.broadcast %b [1] : tensor<70xf64> to tensor<45x70xf64>
  %y = nn.add %p, %r : tensor<45x70xf64>
  func.return %y : tensor<45x70xf64>
}
