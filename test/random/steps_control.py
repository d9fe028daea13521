"""if, repeat, stop, gradients inside, running accuracy of where, and draws that are noise."""
from tensors import Skip, number


def whole_leaf(f, tensor):
    return lambda: f.whole(tensor)


def expression(f, x, depth=2):
    """Elementwise code of x's shape."""
    leaves = [whole_leaf(f, x)]
    try:
        leaves.append(whole_leaf(f, f.like(x.axes)))
    except Skip:
        pass
    drawn = f.expressions.draw(leaves, depth)
    return drawn if f.reads(drawn.text, x.name) else f.expressions.binary(f.whole(x), drawn)


def static_if(f):
    x = f.tensor()
    a, b = expression(f, x), expression(f, x)
    size, n = f.rng.choice(f.dims), f.rng.randrange(1, 9)
    chosen = a if size.value == n else b
    name = f.fresh()
    f.add(f"{name} = if {size.text} == {n} {{ {a.text} }} else {{ {b.text} }}")
    return f.settle(f.result(name, x.axes, bound=chosen.bound, depends=chosen.depends))


def runtime_if(f):
    x = f.tensor()
    if not f.kinks:
        raise Skip
    a, b = expression(f, x), expression(f, x)
    test = f.rng.choice([f"sum({x.name}) > 0.1", f"max({x.name}) < 0.7", f"mean({x.name}^2) > 0.3"]) if x.rank else f"{x.name} > 0.1"
    name = f.fresh()
    f.add(f"{name} = if {test} {{ {a.text} }} else {{ {b.text} }}")
    return f.settle(f.result(name, x.axes, bound=max(a.bound, b.bound), depends=a.depends | b.depends))


def repeat(f):
    x = f.tensor()
    y = f.like(x.axes)
    name, turns = f.fresh(), f.rng.randrange(1, 4)
    head, factor = f.rng.choice([(f"repeat {turns}", "0.7"), (f"repeat k < {turns}", "(k + 1) / 4"),
                                 (f"repeat k in 1:{turns + 1}", "k / 5"), ("repeat k in [3, 1, 2]", "1 / k")])
    line = f.rng.choice([f"{name} = sin({name} * {factor} + {y.name})", f"{name} = tanh({name} + {factor} * {y.name})",
                         f"{name} = {factor} * {name} + cos({y.name})"])
    f.add(f"{name} = {x.name} * 1.0\n{head} {{ {line} }}")
    return f.result(name, x.axes, bound=x.bound + 2, depends=x.depends | y.depends)


def inner_gradient(f):
    """grad of a scalar of an input, as a value; the loss differentiates it again."""
    inputs = [x for x in f.inputs if x.kind == "f32"]
    reals = [t for t in f.scope if t.kind == "f32" and t not in f.inputs and t.depends]
    if not inputs or not reals:
        raise Skip
    e = f.rng.choice(reals)
    x = f.rng.choice([x for x in inputs if x.name in e.depends])
    scalar = f.fresh()
    f.add(f"{scalar} = {f.rng.choice(['sum(sin({}))', 'mean({}^2)', 'sum({})', 'mean(cos({} + 0.5))']).format(e.name)}")
    f.result(scalar, [], bound=10, depends=e.depends)
    f.names += 1
    return f.settle(f.define(f"tanh(grad({scalar}, {x.name}))", x.axes, bound=1.0, depends=e.depends))


def stopped(f):
    x = f.tensor(fits=lambda t: t.depends)
    y = f.like(x.axes)
    return f.settle(f.define(f"stop({x.name}) * {y.name} + sin({y.name})", x.axes, bound=x.bound * y.bound + 1,
                             depends=y.depends | x.depends))


def noise(f):
    """Draws that depend on nothing: noise, masks, integers."""
    x = f.tensor(fits=lambda t: t.rank <= 3)
    z = f.fresh("z")
    kind = f"[{', '.join(a.text for a in x.axes)}]" if x.axes else ""
    form = f.rng.randrange(4)
    if form == 0:
        f.add(f"{z}: f32{kind} ~ Normal(0.2, 0.7)")
        return f.settle(f.define(f"{x.name} + 0.3 * {z} * {x.name}", x.axes, bound=3 * x.bound, depends=x.depends))
    if form == 1:
        f.add(f"{z}: f32{kind} ~ Uniform(-1, 2)")
        return f.settle(f.define(f"sin({x.name}) * {z}", x.axes, bound=2, depends=x.depends))
    if form == 2:
        f.add(f"{z}: bool{kind} ~ Bernoulli(0.6)")
        return f.define(f"where({z}, {x.name}, 0.25)", x.axes, bound=x.bound + 1, depends=x.depends)
    if not x.rank or x.axes[0] not in f.dims:
        raise Skip
    count = f.axes(1)[0]
    if count in x.axes:
        raise Skip
    f.add(f"{z}: i32[{count.text}] ~ DiscreteUniform({x.axes[0].text})")
    return f.define(f"{x.name}[{z}]", [count] + x.axes[1:], bound=x.bound, depends=x.depends)


def densities(f):
    """Log densities, entropies and divergences as values."""
    x = f.tensor(fits=lambda t: t.rank >= 1 and t.bound <= 3)
    m = f.like(x.axes)
    s = f"(softplus({f.like(x.axes).name}) + 0.3)"
    depends = x.depends | m.depends | frozenset(d for t in f.scope if t.name in s for d in t.depends)
    rows = x.axes[:-1]
    form = f.rng.randrange(8)
    texts = [
        (f"log_prob(Normal({m.name}, {s}), {x.name})", x.axes), (f"entropy(Normal({m.name}, {s}))", x.axes),
        (f"kl(Normal({m.name}, {s}), Normal(0, 1))", x.axes), (f"log_prob(DiagNormal({m.name}, {s}), {x.name})", rows),
        (f"entropy(Categorical(logits = {x.name}))", rows),
        (f"kl(Categorical(logits = {m.name}), Categorical(logits = {x.name}))", rows),
        (f"log_prob(Bernoulli(logits = {m.name}), sigmoid({x.name}))", x.axes), (f"entropy(Bernoulli(logits = {x.name}))", x.axes),
    ]
    text, axes = texts[form]
    if "softplus" not in text:
        depends = x.depends | m.depends if m.name in text else x.depends
    return f.settle(f.define(text, axes, bound=30.0, depends=depends))


def labels(f):
    """cross_entropy of integer labels."""
    x = f.tensor(fits=lambda t: t.rank >= 2 and all(a in f.dims for a in t.axes))
    u = f.input(x.axes[:-1], "i32", x.axes[-1])
    return f.settle(f.define(f"cross_entropy({x.name}, {u.name})", u.axes, bound=x.bound * 2 + 3, depends=x.depends))


STEPS = [(2, static_if), (2, runtime_if), (2, repeat), (2, inner_gradient), (1, stopped), (2, noise), (2, densities), (2, labels)]
