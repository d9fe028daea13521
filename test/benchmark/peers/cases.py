"""What the cases are: sizes, initial values, data. Only numbers made by u() below, so that any language can make the same ones.

u(stream, i) is splitmix64 at stream * 2^32 + i, its top 24 bits as a number in [0, 1) that f32 holds exactly. A weight is
(2u - 1) * bound, row-major, on stream 1000 * id + its place in the list of shapes() (constant tensors count too). Batch j has
its fields on the streams 1000 * id + 500 + 10j and following. Weights of linear layers are (out, in) here.
"""
import math

import numpy as np

BATCHES = 8  # Step i of a timing uses batch i mod 8.

MLP = dict(optimizer="adam", lr=1e-3)
RNN = dict(symbols=80, embedding=64, state=256, length=64, rows=32, optimizer="adam", lr=1e-3)
GPT = dict(symbols=65, optimizer="adamw", lr=1e-3, betas=(0.9, 0.99), decay=0.1, clip=1.0)
CASES = {
    "mlp": dict(MLP, id=1, sizes=(784, 256, 128, 10), rows=64, net="mlp"),
    "mlp_large": dict(id=2, sizes=(784, 2048, 2048, 10), rows=256, optimizer="sgd", lr=0.01, net="mlp"),
    "cnn": dict(MLP, id=3, rows=64, rate=0.3),
    "lstm": dict(RNN, id=5),
    "gru": dict(RNN, id=6),
    "vae": dict(MLP, id=7, rows=128),
    "gan": dict(id=8, rows=64, optimizer="adam", lr=2e-4, betas=(0.5, 0.999)),
    "gpt_small": dict(GPT, id=10, layers=4, width=128, heads=4, length=64, rows=12),
    "gpt_mid": dict(GPT, id=11, layers=6, width=384, heads=6, length=256, rows=8),
}
# The source of a case, and how nnc is called for it; `check` takes the randomness out.
SOURCES = {
    "cnn": dict(check=["rate=0"]),
    "vae": dict(check=["drawn=false"]),
    "gan": dict(check=["drawn=false"]),
    "gpt_small": dict(source="gpt"),
    "gpt_mid": dict(source="gpt", defines=["layers=6", "heads=6", "d=384", "T=256", "rows_a_step=8"]),
}


def u(stream, shape):
    count = math.prod(shape)
    with np.errstate(over="ignore"):
        z = (np.uint64(stream << 32) + np.arange(count, dtype=np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    return ((z >> np.uint64(40)).astype(np.float32) * np.float32(2.0**-24)).reshape(shape)


def linear(name, inputs, outputs, bound=None, bias=True):
    bound = bound or 1 / math.sqrt(inputs)
    return [(name + ".w", (outputs, inputs), bound)] + ([(name + ".b", (outputs,), bound)] if bias else [])


def norm(name, width, bias=True):
    return [(name + ".g", (width,), "one")] + ([(name + ".b", (width,), "zero")] if bias else [])


def gpt_shapes(case):
    width, bound = case["width"], 0.02 * math.sqrt(3)
    residual = bound / math.sqrt(2 * case["layers"])
    shapes = [("wte", (case["symbols"], width), bound), ("wpe", (case["length"], width), bound)]
    for k in range(case["layers"]):
        shapes += norm(f"h{k}.ln1", width, False) + linear(f"h{k}.qkv", width, 3 * width, bound, False)
        shapes += linear(f"h{k}.proj", width, width, residual, False) + norm(f"h{k}.ln2", width, False)
        shapes += linear(f"h{k}.fc", width, 4 * width, bound, False)
        shapes += linear(f"h{k}.out", 4 * width, width, residual, False)
    return shapes + norm("lnf", width, False)


def rnn_shapes(name, case):
    n, d, V = case["state"], case["embedding"], case["symbols"]
    gates, bound = (4 if name == "lstm" else 3) * n, 1 / math.sqrt(n)
    cell = [("w_ih", (gates, d), bound), ("w_hh", (gates, n), bound), ("b_ih", (gates,), bound), ("b_hh", (gates,), bound)]
    return [("emb", (V, d), 1.0)] + cell + linear("l", n, V)


def shapes(name):
    """(name, shape, bound or "one" or "zero") of each parameter, in the order of the streams."""
    case = CASES[name]
    if name in ("mlp", "mlp_large"):
        sizes = case["sizes"]
        return [entry for k in range(3) for entry in linear(f"l{k}", sizes[k], sizes[k + 1])]
    if name == "cnn":
        first, second = ("c0.w", (32, 1, 3, 3), 1 / 3), ("c1.w", (64, 32, 3, 3), 1 / math.sqrt(32 * 9))
        return [first] + norm("n0", 32) + [second] + norm("n1", 64) + linear("l0", 3136, 128) + linear("l1", 128, 10)
    if name in ("lstm", "gru"):
        return rnn_shapes(name, case)
    if name == "vae":
        sizes = dict(e=(784, 400), mu=(400, 20), lv=(400, 20), d=(20, 400), o=(400, 784))
        return [entry for layer, size in sizes.items() for entry in linear(layer, *size)]
    if name == "gan":
        sizes = dict(g0=(64, 256), g1=(256, 784), d0=(784, 256), d1=(256, 1))
        return [entry for layer, size in sizes.items() for entry in linear(layer, *size)]
    return gpt_shapes(case)


def initial(name):
    """Parameters by name."""
    values = {}
    for place, (key, shape, bound) in enumerate(shapes(name)):
        if bound in ("one", "zero"):
            values[key] = np.full(shape, float(bound == "one"), np.float32)
        else:
            values[key] = (2 * u(1000 * CASES[name]["id"] + place, shape) - 1) * np.float32(bound)
    return values


def batch(name, j):
    """The fields of a batch. Noise (uniform, of variance 1) is for the check; timings draw it."""
    case = CASES[name]
    rows, stream = case["rows"], 1000 * case["id"] + 500 + 10 * j

    def integers(k, bound, *shape):
        return (u(stream + k, shape) * np.float32(bound)).astype(np.int32)

    def noise(k, *shape):
        return (2 * u(stream + k, shape) - 1) * np.float32(math.sqrt(3))

    if "symbols" in case:
        return dict(x=integers(0, case["symbols"], rows, case["length"] + 1))
    shape = (rows, 1, 28, 28) if name == "cnn" else (rows, 784)
    x = np.maximum(0, 2 * u(stream, shape) - 1)
    if name == "vae":
        return dict(x=x, eps=noise(1, rows, 20))
    if name == "gan":
        return dict(x=2 * x - 1, z1=noise(1, rows, 64), z2=noise(2, rows, 64))
    return dict(x=x, y=integers(1, 10, rows))


def ours(name):
    """The same parameters under the names and in the layout of the .nn source."""
    case, p, values = CASES[name], initial(name), {}

    def dense(path, layer, bias=True):
        values[path + ".w"] = p[layer + ".w"].T
        if bias:
            values[path + ".b"] = p[layer + ".b"]

    if name in ("lstm", "gru"):
        values["reader.embedding.table"] = p["emb"]
        dense("reader.dense", "l")
        our_cell(name, case["state"], p, values)
    elif "symbols" in case:
        our_gpt(case, p, values, dense)
    elif name == "gan":
        for layer in ("g0", "g1", "d0", "d1"):
            dense(f"{layer[0].upper()}.{layer}", layer)
    else:
        net = case.get("net", name)
        for key in p:
            part, leaf = key.split(".")
            if part[0] == "n":
                values[f"{net}.{part}." + dict(g="gain", b="bias")[leaf]] = p[key]
            else:
                values[f"{net}.{key}"] = p[key].T if p[key].ndim == 2 else p[key]
    return values


def our_cell(name, n, p, values):
    if name == "gru":
        for path, side in ("dense", "ih"), ("dense_2", "hh"):
            values[f"reader.cell.{path}.w"], values[f"reader.cell.{path}.b"] = p["w_" + side].T, p["b_" + side]
        return
    # One product of [x, h], one bias (what the forget gate adds to it is taken off), gates in the order i, f, o, g.
    order = np.concatenate([np.arange(n) + n * gate for gate in (0, 1, 3, 2)])
    values["reader.lstm.lstm_cell.w"] = np.concatenate([p["w_ih"], p["w_hh"]], axis=1).T[:, order]
    values["reader.lstm.lstm_cell.b"] = (p["b_ih"] + p["b_hh"])[order]
    values["reader.lstm.lstm_cell.b"][n : 2 * n] -= 1


def our_gpt(case, p, values, dense):
    width, heads = case["width"], case["heads"]
    values["gpt.wte"], values["gpt.wpe"], values["gpt.lnf.g"] = p["wte"], p["wpe"], p["lnf.g"]
    for k in range(case["layers"]):
        block, peer = f"gpt.h.{k}", f"h{k}"
        values[block + ".ln1.g"], values[block + ".ln2.g"] = p[peer + ".ln1.g"], p[peer + ".ln2.g"]
        for part, w in zip("qkv", np.split(p[peer + ".qkv.w"], 3)):
            values[f"{block}.attn.w_{part}"] = w.T.reshape(width, heads, -1)
        values[block + ".attn.w_o"] = p[peer + ".proj.w"].T.reshape(heads, -1, width)
        dense(block + ".fc", peer + ".fc", bias=False)
        dense(block + ".out", peer + ".out", bias=False)
