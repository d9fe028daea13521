"""The random numbers of a draw (dialects/nn/IR/Random.td) and the order of the rows of an epoch (runtime/data), computed again, so that
a twin sees the noise of the executable.
"""
import math

MASK = 0xFFFFFFFF


def site_of(path):
    """FNV-1a of a draw's call path: `objective/variable`, with the calls between them."""
    value = 0xCBF29CE484222325
    for byte in path.encode():
        value = (value ^ byte) * 0x100000001B3 % 2**64
    return value


def key_of(seed, site):
    z = (seed + site) % 2**64
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 % 2**64
    z = (z ^ z >> 27) * 0x94D049BB133111EB % 2**64
    z ^= z >> 31
    return z & MASK, z >> 32


def philox(counter, key):
    """Philox4x32-10 (Salmon et al. 2011)."""
    (c0, c1, c2, c3), (k0, k1) = counter, key
    for _ in range(10):
        p, q = c0 * 0xD2511F53, c2 * 0xCD9E8D57
        c0, c1, c2, c3 = q >> 32 ^ c1 ^ k0, q & MASK, p >> 32 ^ c3 ^ k1, p & MASK
        k0, k1 = k0 + 0x9E3779B9 & MASK, k1 + 0xBB67AE85 & MASK
    return c0, c1, c2, c3


def words(count, seed, path, step, turn):
    key = key_of(seed, site_of(path))
    quads = (philox((i, turn, step & MASK, step >> 32), key) for i in range((count + 3) // 4))
    return [word for quad in quads for word in quad]


def uniform(count, seed, path, step, turn=0):
    """Numbers in (0, 1), in row-major order."""
    return [((word >> 9) + 0.5) / 2**23 for word in words(count, seed, path, step, turn)][:count]


def normal(count, seed, path, step, turn=0):
    """Standard normal numbers: Box and Muller's pairs."""
    u, result = uniform((count + 3) // 4 * 4, seed, path, step, turn), []
    for first, second in zip(u[::2], u[1::2]):
        radius, angle = math.sqrt(-2 * math.log(first)), 2 * math.pi * second
        result += [radius * math.cos(angle), radius * math.sin(angle)]
    return result[:count]


def mix(*parts):
    """splitmix64 over one or several numbers."""
    value = 0
    for part in parts:
        z = ((value ^ part) + 0x9E3779B97F4A7C15) % 2**64
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 % 2**64
        z = (z ^ z >> 27) * 0x94D049BB133111EB % 2**64
        value = z ^ z >> 31
    return value


def permutation(count, key):
    """Positions 0 .. count - 1 in the order of a Feistel network of six rounds that walks until it is below count."""
    half = max(1, ((count - 1).bit_length() + 1) // 2)
    mask, order = (1 << half) - 1, []
    for i in range(count):
        while True:
            left, right = i >> half, i & mask
            for turn in range(6):
                left, right = right, left ^ mix((key + turn * 0x632BE59BD9B4E019 + right) % 2**64) & mask
            i = left << half | right
            if i < count:
                break
        order.append(i)
    return order


def epoch_rows(count, seed, epoch):
    """The rows of an epoch, of a set from which nothing is held out."""
    split = permutation(count, mix(seed, 0x5B117, 0))
    return [split[i] for i in permutation(count, mix(seed, 0xE70C4, epoch))]
