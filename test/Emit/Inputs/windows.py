"""Functions for nn-check: windows put back where they came from, and axes that run downwards through a reshape.

usage: windows.py > FILE.mlir. Sizes and strides of each axis are what a vector, its tail and a division by the stride fall on differently.
"""


def unwindow(name, element, sizes, strides, windows, rest):
    """windows[k] windows of sizes[k], strides[k] apart, along axis k + 1; `rest` elements behind the last one."""
    lengths = [(n - 1) * t + k + r for k, t, n, r in zip(sizes, strides, windows, rest)]
    x = "x".join(map(str, [2, *windows, *sizes, element]))
    y = "x".join(map(str, [2, *lengths, element]))
    axes = list(range(1, len(sizes) + 1))
    op = f"nn.unwindow %a axes {axes} sizes {list(sizes)} strides {list(strides)} : tensor<{x}> to tensor<{y}>"
    return (f"func.func @{name}(%x: tensor<{x}>) -> tensor<{y}> {{\n  %a = nn.mul %x, %x : tensor<{x}>\n"
            f"  %y = {op}\n  func.return %y : tensor<{y}>\n}}\n")


def running(name, element, first, second, reverse):
    """The products of all that come after (before) each element of two axes that are taken for one."""
    n = first * second
    y, flat, cut = (f"tensor<{s}x{element}>" for s in (f"3x{first}x{second}", f"3x{n}", f"3x{n - 1}"))
    a, b = f"tensor<3x{first}x{element}>", f"tensor<3x{second}x{element}>"
    offset, low, high = (1, 0, 1) if reverse else (0, 1, 0)
    return (f"func.func @{name}(%a: {a}, %b: {b}) -> {y} {{\n"
            f"  %p = nn.broadcast %a [0, 1] : {a} to {y}\n  %q = nn.broadcast %b [0, 2] : {b} to {y}\n"
            f"  %m = nn.mul %p, %q : {y}\n  %f = nn.reshape %m : {y} to {flat}\n"
            f"  %s = nn.slice %f [0, {offset}] [1, 1] : {flat} to {cut}\n"
            f"  %o = nn.pad %s [0, {low}] [0, {high}] [0, 0] value 1.0 : {cut}\n"
            f"  %c = nn.cumulative prod %o axis 1 {'reverse' if reverse else ''} : {flat}\n"
            f"  %y = nn.reshape %c : {flat} to {y}\n  func.return %y : {y}\n}}\n")


def main():
    for size in range(2, 8):
        for stride in range(1, 5):
            print(unwindow(f"square_{size}_{stride}", "f32", (size, size), (stride, stride), (2, 2), (0, 0)))
    print(unwindow("wide", "f32", (5, 5), (2, 2), (12, 12), (1, 1)))
    print(unwindow("large", "f32", (7, 7), (4, 4), (11, 11), (0, 3)))
    for element in ("f32", "f64"):
        for k, (sizes, strides, windows, rest) in enumerate([
                ((2, 5), (1, 2), (4, 5), (0, 1)), ((7, 3), (3, 2), (3, 9), (2, 0)), ((4, 4), (3, 3), (2, 2), (0, 0)),
                ((3, 6), (2, 4), (3, 3), (1, 2)), ((4, 1), (3, 1), (3, 17), (0, 0)), ((1, 7), (1, 2), (2, 8), (0, 1)),
                ((2, 3), (5, 4), (3, 4), (3, 2)), ((6,), (3,), (9,), (1,)), ((3, 2, 4), (2, 1, 3), (2, 3, 3), (1, 0, 1))]):
            print(unwindow(f"axes_{element}_{k}", element, sizes, strides, windows, rest))
        for first, second in ((3, 3), (2, 5), (5, 2), (4, 4), (3, 8), (1, 7)):
            for reverse in (False, True):
                print(running(f"running_{element}_{first}_{second}_{'down' if reverse else 'up'}", element, first, second, reverse))


if __name__ == "__main__":
    main()
