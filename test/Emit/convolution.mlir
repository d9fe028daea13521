// RUN: nn-check %s
// RUN: nn-check %s --no-pass nn-gather-windows
// RUN: nn-check %s --no-pass microkernels
// RUN: nn-check %s --cpu x86-64-v3
// Convolutions and both their gradients: strides, paddings, channels and sizes that fill no vector.
func.func @same(%x: tensor<3x4x14x14xf32>, %w: tensor<8x4x3x3xf32>) -> tensor<3x8x14x14xf32> {
  %q = nn.pad %x [0, 0, 1, 1] [0, 0, 1, 1] [0, 0, 0, 0] : tensor<3x4x14x14xf32>
  %v = nn.window %q axes [2, 3] sizes [3, 3] strides [1, 1] : tensor<3x4x16x16xf32>
  %y = nn.contract %v [0, 1, 2, 3, 4, 5], %w [6, 1, 4, 5] -> [0, 6, 2, 3] : tensor<3x4x14x14x3x3xf32>, tensor<8x4x3x3xf32>
  func.return %y : tensor<3x8x14x14xf32>
}
func.func @same_weights(%x: tensor<3x4x14x14xf32>, %dy: tensor<3x8x14x14xf32>) -> tensor<8x4x3x3xf32> {
  %q = nn.pad %x [0, 0, 1, 1] [0, 0, 1, 1] [0, 0, 0, 0] : tensor<3x4x14x14xf32>
  %v = nn.window %q axes [2, 3] sizes [3, 3] strides [1, 1] : tensor<3x4x16x16xf32>
  %y = nn.contract %dy [0, 6, 2, 3], %v [0, 1, 2, 3, 4, 5] -> [6, 1, 4, 5] : tensor<3x8x14x14xf32>, tensor<3x4x14x14x3x3xf32>
  func.return %y : tensor<8x4x3x3xf32>
}
func.func @same_input(%dy: tensor<3x8x14x14xf32>, %w: tensor<8x4x3x3xf32>) -> tensor<3x4x14x14xf32> {
  %v = nn.contract %dy [0, 6, 2, 3], %w [6, 1, 4, 5] -> [0, 1, 2, 3, 4, 5] : tensor<3x8x14x14xf32>, tensor<8x4x3x3xf32>
  %g = nn.unwindow %v axes [2, 3] sizes [3, 3] strides [1, 1] : tensor<3x4x14x14x3x3xf32> to tensor<3x4x16x16xf32>
  %s = nn.slice %g [0, 0, 1, 1] [1, 1, 1, 1] : tensor<3x4x16x16xf32> to tensor<3x4x14x14xf32>
  func.return %s : tensor<3x4x14x14xf32>
}
func.func @valid(%x: tensor<2x3x9x9xf32>, %w: tensor<5x3x3x3xf32>) -> tensor<2x5x7x7xf32> {
  %v = nn.window %x axes [2, 3] sizes [3, 3] strides [1, 1] : tensor<2x3x9x9xf32>
  %y = nn.contract %v [0, 1, 2, 3, 4, 5], %w [6, 1, 4, 5] -> [0, 6, 2, 3] : tensor<2x3x7x7x3x3xf32>, tensor<5x3x3x3xf32>
  func.return %y : tensor<2x5x7x7xf32>
}
func.func @valid_weights(%x: tensor<2x3x9x9xf32>, %dy: tensor<2x5x7x7xf32>) -> tensor<5x3x3x3xf32> {
  %v = nn.window %x axes [2, 3] sizes [3, 3] strides [1, 1] : tensor<2x3x9x9xf32>
  %y = nn.contract %dy [0, 6, 2, 3], %v [0, 1, 2, 3, 4, 5] -> [6, 1, 4, 5] : tensor<2x5x7x7xf32>, tensor<2x3x7x7x3x3xf32>
  func.return %y : tensor<5x3x3x3xf32>
}
func.func @valid_input(%dy: tensor<2x5x7x7xf32>, %w: tensor<5x3x3x3xf32>) -> tensor<2x3x9x9xf32> {
  %v = nn.contract %dy [0, 6, 2, 3], %w [6, 1, 4, 5] -> [0, 1, 2, 3, 4, 5] : tensor<2x5x7x7xf32>, tensor<5x3x3x3xf32>
  %g = nn.unwindow %v axes [2, 3] sizes [3, 3] strides [1, 1] : tensor<2x3x7x7x3x3xf32> to tensor<2x3x9x9xf32>
  func.return %g : tensor<2x3x9x9xf32>
}
func.func @wide(%x: tensor<2x5x7x33xf32>, %w: tensor<20x5x5x5xf32>) -> tensor<2x20x7x33xf32> {
  %q = nn.pad %x [0, 0, 2, 2] [0, 0, 2, 2] [0, 0, 0, 0] : tensor<2x5x7x33xf32>
  %v = nn.window %q axes [2, 3] sizes [5, 5] strides [1, 1] : tensor<2x5x11x37xf32>
  %y = nn.contract %v [0, 1, 2, 3, 4, 5], %w [6, 1, 4, 5] -> [0, 6, 2, 3] : tensor<2x5x7x33x5x5xf32>, tensor<20x5x5x5xf32>
  func.return %y : tensor<2x20x7x33xf32>
}
func.func @wide_weights(%x: tensor<2x5x7x33xf32>, %dy: tensor<2x20x7x33xf32>) -> tensor<20x5x5x5xf32> {
  %q = nn.pad %x [0, 0, 2, 2] [0, 0, 2, 2] [0, 0, 0, 0] : tensor<2x5x7x33xf32>
  %v = nn.window %q axes [2, 3] sizes [5, 5] strides [1, 1] : tensor<2x5x11x37xf32>
  %y = nn.contract %dy [0, 6, 2, 3], %v [0, 1, 2, 3, 4, 5] -> [6, 1, 4, 5] : tensor<2x20x7x33xf32>, tensor<2x5x7x33x5x5xf32>
  func.return %y : tensor<20x5x5x5xf32>
}
func.func @wide_input(%dy: tensor<2x20x7x33xf32>, %w: tensor<20x5x5x5xf32>) -> tensor<2x5x7x33xf32> {
  %v = nn.contract %dy [0, 6, 2, 3], %w [6, 1, 4, 5] -> [0, 1, 2, 3, 4, 5] : tensor<2x20x7x33xf32>, tensor<20x5x5x5xf32>
  %g = nn.unwindow %v axes [2, 3] sizes [5, 5] strides [1, 1] : tensor<2x5x7x33x5x5xf32> to tensor<2x5x11x37xf32>
  %s = nn.slice %g [0, 0, 2, 2] [1, 1, 1, 1] : tensor<2x5x11x37xf32> to tensor<2x5x7x33xf32>
  func.return %s : tensor<2x5x7x33xf32>
}
func.func @point(%x: tensor<2x6x5x5xf32>, %w: tensor<7x6x1x1xf32>) -> tensor<2x7x5x5xf32> {
  %v = nn.window %x axes [2, 3] sizes [1, 1] strides [1, 1] : tensor<2x6x5x5xf32>
  %y = nn.contract %v [0, 1, 2, 3, 4, 5], %w [6, 1, 4, 5] -> [0, 6, 2, 3] : tensor<2x6x5x5x1x1xf32>, tensor<7x6x1x1xf32>
  func.return %y : tensor<2x7x5x5xf32>
}
func.func @point_weights(%x: tensor<2x6x5x5xf32>, %dy: tensor<2x7x5x5xf32>) -> tensor<7x6x1x1xf32> {
  %v = nn.window %x axes [2, 3] sizes [1, 1] strides [1, 1] : tensor<2x6x5x5xf32>
  %y = nn.contract %dy [0, 6, 2, 3], %v [0, 1, 2, 3, 4, 5] -> [6, 1, 4, 5] : tensor<2x7x5x5xf32>, tensor<2x6x5x5x1x1xf32>
  func.return %y : tensor<7x6x1x1xf32>
}
func.func @point_input(%dy: tensor<2x7x5x5xf32>, %w: tensor<7x6x1x1xf32>) -> tensor<2x6x5x5xf32> {
  %v = nn.contract %dy [0, 6, 2, 3], %w [6, 1, 4, 5] -> [0, 1, 2, 3, 4, 5] : tensor<2x7x5x5xf32>, tensor<7x6x1x1xf32>
  %g = nn.unwindow %v axes [2, 3] sizes [1, 1] strides [1, 1] : tensor<2x6x5x5x1x1xf32> to tensor<2x6x5x5xf32>
  func.return %g : tensor<2x6x5x5xf32>
}
func.func @stride2(%x: tensor<2x3x15x15xf32>, %w: tensor<4x3x3x3xf32>) -> tensor<2x4x8x8xf32> {
  %q = nn.pad %x [0, 0, 1, 1] [0, 0, 1, 1] [0, 0, 0, 0] : tensor<2x3x15x15xf32>
  %v = nn.window %q axes [2, 3] sizes [3, 3] strides [2, 2] : tensor<2x3x17x17xf32>
  %y = nn.contract %v [0, 1, 2, 3, 4, 5], %w [6, 1, 4, 5] -> [0, 6, 2, 3] : tensor<2x3x8x8x3x3xf32>, tensor<4x3x3x3xf32>
  func.return %y : tensor<2x4x8x8xf32>
}
func.func @stride2_weights(%x: tensor<2x3x15x15xf32>, %dy: tensor<2x4x8x8xf32>) -> tensor<4x3x3x3xf32> {
  %q = nn.pad %x [0, 0, 1, 1] [0, 0, 1, 1] [0, 0, 0, 0] : tensor<2x3x15x15xf32>
  %v = nn.window %q axes [2, 3] sizes [3, 3] strides [2, 2] : tensor<2x3x17x17xf32>
  %y = nn.contract %dy [0, 6, 2, 3], %v [0, 1, 2, 3, 4, 5] -> [6, 1, 4, 5] : tensor<2x4x8x8xf32>, tensor<2x3x8x8x3x3xf32>
  func.return %y : tensor<4x3x3x3xf32>
}
func.func @stride2_input(%dy: tensor<2x4x8x8xf32>, %w: tensor<4x3x3x3xf32>) -> tensor<2x3x15x15xf32> {
  %v = nn.contract %dy [0, 6, 2, 3], %w [6, 1, 4, 5] -> [0, 1, 2, 3, 4, 5] : tensor<2x4x8x8xf32>, tensor<4x3x3x3xf32>
  %g = nn.unwindow %v axes [2, 3] sizes [3, 3] strides [2, 2] : tensor<2x3x8x8x3x3xf32> to tensor<2x3x17x17xf32>
  %s = nn.slice %g [0, 0, 1, 1] [1, 1, 1, 1] : tensor<2x3x17x17xf32> to tensor<2x3x15x15xf32>
  func.return %s : tensor<2x3x15x15xf32>
}
func.func @stride2_even(%x: tensor<2x4x12x12xf32>, %w: tensor<6x4x4x4xf32>) -> tensor<2x6x6x6xf32> {
  %q = nn.pad %x [0, 0, 1, 1] [0, 0, 1, 1] [0, 0, 0, 0] : tensor<2x4x12x12xf32>
  %v = nn.window %q axes [2, 3] sizes [4, 4] strides [2, 2] : tensor<2x4x14x14xf32>
  %y = nn.contract %v [0, 1, 2, 3, 4, 5], %w [6, 1, 4, 5] -> [0, 6, 2, 3] : tensor<2x4x6x6x4x4xf32>, tensor<6x4x4x4xf32>
  func.return %y : tensor<2x6x6x6xf32>
}
func.func @stride2_even_weights(%x: tensor<2x4x12x12xf32>, %dy: tensor<2x6x6x6xf32>) -> tensor<6x4x4x4xf32> {
  %q = nn.pad %x [0, 0, 1, 1] [0, 0, 1, 1] [0, 0, 0, 0] : tensor<2x4x12x12xf32>
  %v = nn.window %q axes [2, 3] sizes [4, 4] strides [2, 2] : tensor<2x4x14x14xf32>
  %y = nn.contract %dy [0, 6, 2, 3], %v [0, 1, 2, 3, 4, 5] -> [6, 1, 4, 5] : tensor<2x6x6x6xf32>, tensor<2x4x6x6x4x4xf32>
  func.return %y : tensor<6x4x4x4xf32>
}
func.func @stride2_even_input(%dy: tensor<2x6x6x6xf32>, %w: tensor<6x4x4x4xf32>) -> tensor<2x4x12x12xf32> {
  %v = nn.contract %dy [0, 6, 2, 3], %w [6, 1, 4, 5] -> [0, 1, 2, 3, 4, 5] : tensor<2x6x6x6xf32>, tensor<6x4x4x4xf32>
  %g = nn.unwindow %v axes [2, 3] sizes [4, 4] strides [2, 2] : tensor<2x4x6x6x4x4xf32> to tensor<2x4x14x14xf32>
  %s = nn.slice %g [0, 0, 1, 1] [1, 1, 1, 1] : tensor<2x4x14x14xf32> to tensor<2x4x12x12xf32>
  func.return %s : tensor<2x4x12x12xf32>
}
func.func @stride3(%x: tensor<1x2x17x17xf32>, %w: tensor<3x2x2x2xf32>) -> tensor<1x3x6x6xf32> {
  %v = nn.window %x axes [2, 3] sizes [2, 2] strides [3, 3] : tensor<1x2x17x17xf32>
  %y = nn.contract %v [0, 1, 2, 3, 4, 5], %w [6, 1, 4, 5] -> [0, 6, 2, 3] : tensor<1x2x6x6x2x2xf32>, tensor<3x2x2x2xf32>
  func.return %y : tensor<1x3x6x6xf32>
}
func.func @stride3_weights(%x: tensor<1x2x17x17xf32>, %dy: tensor<1x3x6x6xf32>) -> tensor<3x2x2x2xf32> {
  %v = nn.window %x axes [2, 3] sizes [2, 2] strides [3, 3] : tensor<1x2x17x17xf32>
  %y = nn.contract %dy [0, 6, 2, 3], %v [0, 1, 2, 3, 4, 5] -> [6, 1, 4, 5] : tensor<1x3x6x6xf32>, tensor<1x2x6x6x2x2xf32>
  func.return %y : tensor<3x2x2x2xf32>
}
func.func @stride3_input(%dy: tensor<1x3x6x6xf32>, %w: tensor<3x2x2x2xf32>) -> tensor<1x2x17x17xf32> {
  %v = nn.contract %dy [0, 6, 2, 3], %w [6, 1, 4, 5] -> [0, 1, 2, 3, 4, 5] : tensor<1x3x6x6xf32>, tensor<3x2x2x2xf32>
  %g = nn.unwindow %v axes [2, 3] sizes [2, 2] strides [3, 3] : tensor<1x2x6x6x2x2xf32> to tensor<1x2x17x17xf32>
  func.return %g : tensor<1x2x17x17xf32>
}
func.func @rest(%x: tensor<2x3x10x10xf32>, %w: tensor<4x3x3x3xf32>) -> tensor<2x4x4x4xf32> {
  %v = nn.window %x axes [2, 3] sizes [3, 3] strides [2, 2] : tensor<2x3x10x10xf32>
  %y = nn.contract %v [0, 1, 2, 3, 4, 5], %w [6, 1, 4, 5] -> [0, 6, 2, 3] : tensor<2x3x4x4x3x3xf32>, tensor<4x3x3x3xf32>
  func.return %y : tensor<2x4x4x4xf32>
}
func.func @rest_weights(%x: tensor<2x3x10x10xf32>, %dy: tensor<2x4x4x4xf32>) -> tensor<4x3x3x3xf32> {
  %v = nn.window %x axes [2, 3] sizes [3, 3] strides [2, 2] : tensor<2x3x10x10xf32>
  %y = nn.contract %dy [0, 6, 2, 3], %v [0, 1, 2, 3, 4, 5] -> [6, 1, 4, 5] : tensor<2x4x4x4xf32>, tensor<2x3x4x4x3x3xf32>
  func.return %y : tensor<4x3x3x3xf32>
}
func.func @rest_input(%dy: tensor<2x4x4x4xf32>, %w: tensor<4x3x3x3xf32>) -> tensor<2x3x10x10xf32> {
  %v = nn.contract %dy [0, 6, 2, 3], %w [6, 1, 4, 5] -> [0, 1, 2, 3, 4, 5] : tensor<2x4x4x4xf32>, tensor<4x3x3x3xf32>
  %g = nn.unwindow %v axes [2, 3] sizes [3, 3] strides [2, 2] : tensor<2x3x4x4x3x3xf32> to tensor<2x3x10x10xf32>
  func.return %g : tensor<2x3x10x10xf32>
}
func.func @channels9(%x: tensor<2x9x8x8xf32>, %w: tensor<5x9x3x3xf32>) -> tensor<2x5x8x8xf32> {
  %q = nn.pad %x [0, 0, 1, 1] [0, 0, 1, 1] [0, 0, 0, 0] : tensor<2x9x8x8xf32>
  %v = nn.window %q axes [2, 3] sizes [3, 3] strides [1, 1] : tensor<2x9x10x10xf32>
  %y = nn.contract %v [0, 1, 2, 3, 4, 5], %w [6, 1, 4, 5] -> [0, 6, 2, 3] : tensor<2x9x8x8x3x3xf32>, tensor<5x9x3x3xf32>
  func.return %y : tensor<2x5x8x8xf32>
}
func.func @channels9_weights(%x: tensor<2x9x8x8xf32>, %dy: tensor<2x5x8x8xf32>) -> tensor<5x9x3x3xf32> {
  %q = nn.pad %x [0, 0, 1, 1] [0, 0, 1, 1] [0, 0, 0, 0] : tensor<2x9x8x8xf32>
  %v = nn.window %q axes [2, 3] sizes [3, 3] strides [1, 1] : tensor<2x9x10x10xf32>
  %y = nn.contract %dy [0, 6, 2, 3], %v [0, 1, 2, 3, 4, 5] -> [6, 1, 4, 5] : tensor<2x5x8x8xf32>, tensor<2x9x8x8x3x3xf32>
  func.return %y : tensor<5x9x3x3xf32>
}
func.func @channels9_input(%dy: tensor<2x5x8x8xf32>, %w: tensor<5x9x3x3xf32>) -> tensor<2x9x8x8xf32> {
  %v = nn.contract %dy [0, 6, 2, 3], %w [6, 1, 4, 5] -> [0, 1, 2, 3, 4, 5] : tensor<2x5x8x8xf32>, tensor<5x9x3x3xf32>
  %g = nn.unwindow %v axes [2, 3] sizes [3, 3] strides [1, 1] : tensor<2x9x8x8x3x3xf32> to tensor<2x9x10x10xf32>
  %s = nn.slice %g [0, 0, 1, 1] [1, 1, 1, 1] : tensor<2x9x10x10xf32> to tensor<2x9x8x8xf32>
  func.return %s : tensor<2x9x8x8xf32>
}
func.func @channels16(%x: tensor<3x16x7x7xf32>, %w: tensor<8x16x3x3xf32>) -> tensor<3x8x4x4xf32> {
  %q = nn.pad %x [0, 0, 1, 1] [0, 0, 1, 1] [0, 0, 0, 0] : tensor<3x16x7x7xf32>
  %v = nn.window %q axes [2, 3] sizes [3, 3] strides [2, 2] : tensor<3x16x9x9xf32>
  %y = nn.contract %v [0, 1, 2, 3, 4, 5], %w [6, 1, 4, 5] -> [0, 6, 2, 3] : tensor<3x16x4x4x3x3xf32>, tensor<8x16x3x3xf32>
  func.return %y : tensor<3x8x4x4xf32>
}
func.func @channels16_weights(%x: tensor<3x16x7x7xf32>, %dy: tensor<3x8x4x4xf32>) -> tensor<8x16x3x3xf32> {
  %q = nn.pad %x [0, 0, 1, 1] [0, 0, 1, 1] [0, 0, 0, 0] : tensor<3x16x7x7xf32>
  %v = nn.window %q axes [2, 3] sizes [3, 3] strides [2, 2] : tensor<3x16x9x9xf32>
  %y = nn.contract %dy [0, 6, 2, 3], %v [0, 1, 2, 3, 4, 5] -> [6, 1, 4, 5] : tensor<3x8x4x4xf32>, tensor<3x16x4x4x3x3xf32>
  func.return %y : tensor<8x16x3x3xf32>
}
func.func @channels16_input(%dy: tensor<3x8x4x4xf32>, %w: tensor<8x16x3x3xf32>) -> tensor<3x16x7x7xf32> {
  %v = nn.contract %dy [0, 6, 2, 3], %w [6, 1, 4, 5] -> [0, 1, 2, 3, 4, 5] : tensor<3x8x4x4xf32>, tensor<8x16x3x3xf32>
  %g = nn.unwindow %v axes [2, 3] sizes [3, 3] strides [2, 2] : tensor<3x16x4x4x3x3xf32> to tensor<3x16x9x9xf32>
  %s = nn.slice %g [0, 0, 1, 1] [1, 1, 1, 1] : tensor<3x16x9x9xf32> to tensor<3x16x7x7xf32>
  func.return %s : tensor<3x16x7x7xf32>
}
// The gradient of pooling, with and without overlap, where lanes run along the windows.
func.func @unpool(%x: tensor<2x3x14x5x2x2xf32>) -> tensor<2x3x28x10xf32> {
  %y = nn.unwindow %x axes [2, 3] sizes [2, 2] strides [2, 2] : tensor<2x3x14x5x2x2xf32> to tensor<2x3x28x10xf32>
  func.return %y : tensor<2x3x28x10xf32>
}
func.func @unpool_long(%x: tensor<2x70x4xf32>) -> tensor<2x280xf32> {
  %y = nn.unwindow %x axes [1] sizes [4] strides [4] : tensor<2x70x4xf32> to tensor<2x280xf32>
  func.return %y : tensor<2x280xf32>
}
func.func @unpool_three(%x: tensor<2x7x3xf32>) -> tensor<2x21xf32> {
  %y = nn.unwindow %x axes [1] sizes [3] strides [3] : tensor<2x7x3xf32> to tensor<2x21xf32>
  func.return %y : tensor<2x21xf32>
}
func.func @unpool_rest(%x: tensor<2x7x2xf32>) -> tensor<2x15xf32> {
  %y = nn.unwindow %x axes [1] sizes [2] strides [2] : tensor<2x7x2xf32> to tensor<2x15xf32>
  func.return %y : tensor<2x15xf32>
}
func.func @unpool_overlap(%x: tensor<2x7x3xf32>) -> tensor<2x15xf32> {
  %y = nn.unwindow %x axes [1] sizes [3] strides [2] : tensor<2x7x3xf32> to tensor<2x15xf32>
  func.return %y : tensor<2x15xf32>
}
func.func @pool(%x: tensor<3x5x28x14xf32>) -> tensor<3x5x14x7xf32> {
  %w = nn.window %x axes [2, 3] sizes [2, 2] strides [2, 2] : tensor<3x5x28x14xf32>
  %y = nn.reduce max %w [4, 5] : tensor<3x5x14x7x2x2xf32>
  func.return %y : tensor<3x5x14x7xf32>
}
// Sums over a batch and positions, and what follows them, are passes over one channel.
func.func @channels(%x: tensor<5x16x6x14xf32>, %g: tensor<16xf32>) -> (tensor<5x16x6x14xf32>, tensor<16xf32>) {
  %e = nn.exp %x : tensor<5x16x6x14xf32>
  %s = nn.reduce sum %e [0, 2, 3] : tensor<5x16x6x14xf32>
  %m = nn.mul %s, %g : tensor<16xf32>
  %b = nn.broadcast %m [1] : tensor<16xf32> to tensor<5x16x6x14xf32>
  %d = nn.sub %x, %b : tensor<5x16x6x14xf32>
  %q = nn.mul %d, %d : tensor<5x16x6x14xf32>
  %t = nn.reduce sum %q [0, 2, 3] : tensor<5x16x6x14xf32>
  %c = nn.broadcast %t [1] : tensor<16xf32> to tensor<5x16x6x14xf32>
  %y = nn.div %d, %c : tensor<5x16x6x14xf32>
  func.return %y, %t : tensor<5x16x6x14xf32>, tensor<16xf32>
}
