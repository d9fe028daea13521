"""Does what optimizers.nn does, from its initial values, and compares. usage: optimizers.py STEPS START.safetensors END.safetensors"""
import math
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import tensors


def parameters(path, net):
    """w, then b."""
    all_of_them = tensors.read(path)
    return [list(tensors.numbers(*all_of_them[f"param/{net}.{name}"][::2])) for name in ("w", "b")]


def gradient(values):
    w, b = values
    return [[x - 1 for x in w], [4 * (x - 2) for x in b]]


def sgd(lr, momentum=0.0, decay=0.0):
    def move(state, x, g, matrix):
        state["v"] = momentum * state.get("v", 0) + g
        return x - lr * (state["v"] + (decay * x if matrix else 0))
    return lambda k: move


def adam(rate, beta1=0.9, beta2=0.999, decay=0.0):
    def at(k):
        def move(state, x, g, matrix):
            state["m"] = beta1 * state.get("m", 0) + (1 - beta1) * g
            state["v"] = beta2 * state.get("v", 0) + (1 - beta2) * g * g
            m, v = state["m"] / (1 - beta1 ** (k + 1)), state["v"] / (1 - beta2 ** (k + 1))
            return x - rate(k) * (m / (math.sqrt(v) + 1e-8) + (decay * x if matrix else 0))
        return move
    return at


def rmsprop(lr, rho):
    def move(state, x, g, matrix):
        state["v"] = rho * state.get("v", 0) + (1 - rho) * g * g
        return x - lr * g / (math.sqrt(state["v"]) + 1e-8)
    return lambda k: move


def train(values, steps, optimizer, clip=math.inf, each=lambda values: None):
    states = [[{} for _ in row] for row in values]
    for k in range(steps):
        gradients = gradient(values)
        norm = math.sqrt(sum(g * g for row in gradients for g in row))
        factor = min(1.0, clip / (norm + 1e-6))
        move = optimizer(k)
        values = [[move(state, x, factor * g, matrix=not i) for state, x, g in zip(*rows)]
                  for i, rows in enumerate(zip(states, values, gradients))]
        each(values)
    return values


def main():
    steps, start, end = int(sys.argv[1]), sys.argv[2], sys.argv[3]
    cosine = lambda done: 0.1 + 0.9 * (1 + math.cos(math.pi * done)) / 2
    rate = lambda k: 0.1 * min(1, (k + 1) / 3) * cosine(k / steps)
    followed = parameters(start, "sgd")

    def follow(values):
        for row, now in zip(followed, values):
            row[:] = [0.9 * a + 0.1 * x for a, x in zip(row, now)]

    expected = {
        "scheduled": train(parameters(start, "scheduled"), steps, adam(rate, beta1=0.8)),
        "sgd": train(parameters(start, "sgd"), steps, sgd(0.1, 0.9, 0.2), each=follow),
        "adam": train(parameters(start, "adam"), steps, adam(lambda k: 0.1, beta2=0.99, decay=0.2)),
        "rmsprop": train(parameters(start, "rmsprop"), steps, rmsprop(0.1, 0.9)),
        "clipped": train(parameters(start, "clipped"), steps, sgd(0.5), clip=3.0),
        "slow": followed,
    }
    wrong = 0
    for net, values in expected.items():
        off = max(tensors.error(a, b) for a, b in zip(values, parameters(end, net)))
        print(f"{net}: {'ok' if off < 1e-12 else 'WRONG'}, off by {off:.1e}")
        wrong += not off < 1e-12
    sys.exit(wrong)


main()
