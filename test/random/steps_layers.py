"""Layers of the prelude; they own parameters, so they stand in fragments that are trained."""
from tensors import Skip, number, plus, times


def only_trained(f):
    if f.mode != "objective":
        raise Skip
    f.layers = True


def dense(f):
    """A Dense layer, anonymous or a net that is called twice."""
    only_trained(f)
    x = f.tensor(fits=lambda t: t.rank >= 1)
    out = f.rng.choice(f.dims)
    axes = x.axes[:-1] + [out]
    if f.rng.random() < 0.3:
        name = f.fresh("n")
        f.inner.append(f"net {name} = Dense[{out.text}]")
        other = f.like(x.axes)
        return f.define(f"tanh({name}({x.name})) + {name}({other.name} * 0.5)", axes, bound=5, depends=x.depends | other.depends)
    form = f.rng.choice(["Dense[{}]({})", "tanh(Dense[{}]({}))", "relu(Dense[{}]({}))" if f.kinks else "gelu(Dense[{}]({}))"])
    return f.define(form.format(out.text, x.name), axes, bound=5, depends=x.depends)


def layer_norm(f):
    only_trained(f)
    x = f.tensor(fits=lambda t: t.rank >= 1 and t.shape[-1] >= 2)
    return f.define(f"LayerNorm({x.name})", x.axes, bound=4, depends=x.depends)


def batch_norm(f):
    """Statistics of the batch in training, running ones when judged."""
    only_trained(f)
    x = f.tensor(fits=lambda t: t.rank >= 2 and t.count // t.shape[1] >= 3 and len({a.text for a in t.axes}) == t.rank)
    return f.define(f"BatchNorm({x.name})", x.axes, bound=5, depends=x.depends)


def dropout(f):
    only_trained(f)
    x = f.tensor(fits=lambda t: t.rank >= 1)
    return f.settle(f.define(f"dropout[{f.rng.choice([0.1, 0.3, 0.5])}]({x.name})", x.axes, bound=2 * x.bound, depends=x.depends))


def feed_forward(f):
    only_trained(f)
    x = f.tensor(fits=lambda t: t.rank >= 1)
    return f.define(f"{x.name} + FeedForward[{f.rng.randrange(1, 9)}]({x.name})", x.axes, bound=x.bound + 3, depends=x.depends)


def pictures(f):
    """A tensor of four axes, batch and channels first."""
    return f.tensor(4, fits=lambda t: t.shape[2] >= 3 and t.shape[3] >= 3, new=0.6)


def convolution(f):
    only_trained(f)
    x = pictures(f)
    width, stride, padding = f.rng.randrange(1, 4), f.rng.randrange(1, 3), f.rng.randrange(0, 2)
    out = f.rng.randrange(1, 5)
    sides = [number((n + 2 * padding - width) // stride + 1) for n in x.shape[2:]]
    if stride == 1:
        sides = [plus(a, 2 * padding - width + 1) if 2 * padding != width - 1 else a for a in x.axes[2:]]
    text = f"Conv2d[{out}, K = {width}, stride = {stride}, padding = {padding}]({x.name})"
    return f.define(text, [x.axes[0], number(out)] + sides, bound=5, depends=x.depends)


def pooling(f):
    only_trained(f)
    x = pictures(f)
    name = f.rng.choice(["max_pool", "mean_pool"] if f.kinks else ["mean_pool"])
    width = f.rng.randrange(1, 4)
    axes = x.axes[:2] + [number(n // width) for n in x.shape[2:]]
    return f.define(f"{name}[{width}]({x.name})", axes, bound=x.bound, depends=x.depends)


def upsample(f):
    only_trained(f)
    x = pictures(f)
    return f.define(f"upsample[2]({x.name})", x.axes[:2] + [times(number(2), a) for a in x.axes[2:]], bound=x.bound, depends=x.depends)


def sequences(f):
    return f.tensor(3, fits=lambda t: all(a in f.dims for a in t.axes), new=0.5)


def heads_attention(f):
    """MultiHeadAttention on itself or a memory, or a whole block."""
    only_trained(f)
    x = sequences(f)
    heads = f.rng.choice([h for h in (1, 2, 3, 4) if x.shape[2] % h == 0])
    causal = f.rng.choice(["true", "false"])
    mask = ""
    if f.rng.random() < 0.3:
        mask = f", mask = {f.input(x.axes[:2], 'bool').name}"
    if f.rng.random() < 0.4:
        text = f"TransformerBlock[{heads}, causal = {causal}, rate = {f.rng.choice([0, 0.2])}]({x.name}{mask})"
        return f.define(text, x.axes, bound=x.bound + 5, depends=x.depends)
    return f.define(f"MultiHeadAttention[{heads}, causal = {causal}]({x.name}, {x.name}{mask})", x.axes, bound=5, depends=x.depends)


def recurrent(f):
    only_trained(f)
    x = sequences(f)
    if x.shape[1] > 9:
        raise Skip
    name = f.rng.choice(["RNN", "LSTM", "GRU", "BiGRU"])
    n = f.rng.randrange(1, 6)
    axes = x.axes[:2] + [number(2 * n if name == "BiGRU" else n)]
    return f.define(f"{name}[{n}]({x.name})", axes, bound=1, depends=x.depends)


def embedding(f):
    """A table read by integers, tied to logits now and then."""
    only_trained(f)
    u = f.input(f.axes(f.rng.choice([1, 2])), "i32", f.rng.choice(f.dims))
    width = f.axes(1)[0]
    name = f.fresh("n")
    f.inner.append(f"net {name} = Embedding[{width.text}]")
    y = f.define(f"{name}({u.name}) * 20", u.axes + [width], bound=2, depends=frozenset())
    x = f.like([width])
    return f.define(f"{y.name} * {x.name}", y.axes, bound=4, depends=x.depends) if width not in u.axes else y


STEPS = [(4, dense), (2, layer_norm), (1, batch_norm), (1, dropout), (1, feed_forward), (3, convolution), (2, pooling), (1, upsample),
         (3, heads_attention), (3, recurrent), (2, embedding)]
